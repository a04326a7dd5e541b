"""What can be and what cannot: times, text, money, JSON; and that nothing can be changed."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from datetime import time as clock_time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve, exceptions, fields
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from eventkit import testing
from eventkit.formats.wording import wording
from eventkit.model import values
from eventkit.model.decision import Allowed, Finding, Reason, Refused, Severity
from eventkit.model.errors import EventkitError, ImpossibleError
from eventkit.model.event import AgendaItem, Event, Imported
from eventkit.model.registration import Entry, Places, Registration, Seats, Signup
from eventkit.model.values import (
    SYSTEM,
    Actor,
    Answer,
    Before,
    Contact,
    Fee,
    Mode,
    Money,
    OnlineAccess,
    Organiser,
    Person,
    Question,
    Role,
    Venue,
    clock_trouble,
    first_instant,
    frozen_json,
    instant,
    parse_deadline,
    parse_time,
    rfc9557,
    slugify,
    zone,
    zoned,
)

COPENHAGEN = zone("Europe/Copenhagen")
WHEN = datetime(2022, 4, 21, 9, 30, tzinfo=COPENHAGEN)
NAIVE = datetime(2022, 4, 21, 9, 30)  # noqa: DTZ001
ANNE = Person(name="Anne")


def event(**more: Any) -> Event:
    return Event(**{"id": "1", "title": "Møde", "starts": WHEN, **more})


def item(**more: Any) -> AgendaItem:
    return AgendaItem(**{"title": "Punkt", "starts": WHEN, **more})


def question(**more: Any) -> Question:
    return Question(**{"key": "k", "text": "Hvad?", **more})


def registration(**more: Any) -> Registration:
    made = {"event": "1", "number": 1, "person": ANNE, "status": "confirmed", "at": WHEN}
    return Registration(**{**made, **more})


IMPOSSIBLE: list[tuple[str, Callable[[], Any]]] = [
    # times
    ("naive_time", lambda: event(starts=NAIVE)),
    ("naive_time", lambda: event(ends=NAIVE)),
    ("naive_time", lambda: event(deadline=NAIVE)),
    ("naive_time", lambda: item(starts=NAIVE)),
    ("naive_time", lambda: item(ends=NAIVE)),
    ("naive_time", lambda: Fee(since=NAIVE, money=Money(1))),
    ("naive_time", lambda: registration(at=NAIVE)),
    ("naive_time", lambda: registration(offer_ends=NAIVE)),
    ("naive_time", lambda: Entry(at=NAIVE, actor=SYSTEM, action="x")),
    ("naive_time", lambda: instant(NAIVE)),
    ("not_a_time", lambda: event(starts=date(2022, 4, 21))),
    ("not_a_time", lambda: event(starts="2022-04-21T09:30:00+02:00")),
    ("not_a_time", lambda: event(starts=None)),
    ("not_a_time", lambda: item(starts=1650526200)),
    ("not_a_time", lambda: registration(at=date(2022, 4, 21))),
    ("time_out_of_range", lambda: event(starts=WHEN.replace(year=1899))),
    ("time_out_of_range", lambda: event(starts=WHEN.replace(year=2200))),
    ("time_out_of_range", lambda: event(starts=datetime(2199, 12, 31, 23, 30, tzinfo=UTC))),
    ("time_out_of_range", lambda: event(starts=datetime(1, 1, 1, tzinfo=COPENHAGEN))),
    ("time_out_of_range", lambda: event(deadline=date(1899, 12, 31))),
    ("time_out_of_range", lambda: event(ends=datetime(9999, 12, 31, 23, tzinfo=zone("UTC")))),
    ("time_out_of_range", lambda: registration(at=datetime(1, 1, 1, tzinfo=COPENHAGEN))),
    ("time_out_of_range", lambda: instant(datetime(1, 1, 1, tzinfo=COPENHAGEN))),
    ("unknown_zone", lambda: zone("Europe/Copenhague")),
    ("unknown_zone", lambda: zone("")),
    ("unknown_zone", lambda: zone("../../etc/passwd")),
    ("unknown_zone", lambda: zone("Europe")),
    ("unknown_zone", lambda: zone("\0")),
    ("unknown_zone", lambda: zone("\ud800")),
    ("ends_before_start", lambda: event(ends=WHEN - timedelta(microseconds=1))),
    (
        "ends_before_start",  # half an hour later on the wall, half an hour earlier in truth
        lambda: event(
            starts=datetime(2026, 10, 25, 2, 0, tzinfo=COPENHAGEN, fold=1),
            ends=datetime(2026, 10, 25, 2, 30, tzinfo=COPENHAGEN),
        ),
    ),
    # numbers
    ("not_a_capacity", lambda: event(capacity=-1)),
    ("not_a_capacity", lambda: event(online_capacity=-1)),
    ("not_a_capacity", lambda: event(capacity=1.5)),
    ("not_a_capacity", lambda: event(capacity=True)),
    ("not_a_capacity", lambda: event(capacity="10")),
    ("not_a_capacity", lambda: event(capacity=1_000_001)),
    ("not_an_amount", lambda: Money(-1)),
    ("not_an_amount", lambda: Money(Decimal("NaN"))),
    ("not_an_amount", lambda: Money(Decimal("sNaN"))),
    ("not_an_amount", lambda: Money(Decimal("Infinity"))),
    ("not_an_amount", lambda: Money(0.1)),  # type: ignore[arg-type]
    ("not_an_amount", lambda: Money("0.001")),
    ("not_an_amount", lambda: Money("1e9")),
    ("not_an_amount", lambda: Money("gratis")),
    ("not_an_amount", lambda: Money(None)),  # type: ignore[arg-type]
    ("not_a_currency", lambda: Money(1, "kr")),
    ("not_a_currency", lambda: Money(1, "dkk")),
    ("not_a_currency", lambda: Money(1, "DKK\n")),
    ("not_a_deadline", lambda: Before()),
    ("not_a_deadline", lambda: Before(days=1, hours=1)),
    ("not_a_deadline", lambda: Before(days=-1)),
    ("not_a_deadline", lambda: Before(days=100_001)),
    ("not_a_deadline", lambda: Before(days=True)),
    ("not_a_deadline", lambda: Before(hours=1.5)),  # type: ignore[arg-type]
    ("not_a_deadline", lambda: event(deadline="2022-04-18")),
    # values in values
    ("wrong_type", lambda: event(price=5)),
    ("wrong_type", lambda: event(no_show_fee="5")),
    ("wrong_type", lambda: event(venue="x")),
    ("wrong_type", lambda: event(online="https://x.dk")),
    ("wrong_type", lambda: event(organiser="BL")),
    ("wrong_type", lambda: event(contact="a@b")),
    ("wrong_type", lambda: event(offers_from=3)),
    ("wrong_type", lambda: event(acknowledged=("x",))),
    ("wrong_type", lambda: event(questions="x")),
    ("wrong_type", lambda: event(programme=("x",))),
    ("wrong_type", lambda: event(programme=None)),
    ("wrong_type", lambda: event(fees=[Money(5)])),
    ("wrong_type", lambda: event(fees=5)),
    ("wrong_type", lambda: item(speakers="Asta Holm")),
    ("wrong_type", lambda: item(online=True)),
    ("wrong_type", lambda: Fee(since=Before(days=1), money=5)),  # type: ignore[arg-type]
    ("wrong_type", lambda: registration(person="Anne")),
    ("wrong_type", lambda: Signup(people=["Anne"], key="k")),
    ("wrong_type", lambda: Entry(at=WHEN, actor="x", action="x")),  # type: ignore[arg-type]
    ("not_bool", lambda: event(listed=None)),
    ("not_bool", lambda: event(waiting_list="no")),
    ("not_bool", lambda: item(is_break=1)),
    ("not_bool", lambda: question(required="yes")),
    ("not_bool", lambda: OnlineAccess(public="false")),  # type: ignore[arg-type]
    ("not_one_of", lambda: event(status="x")),
    ("not_one_of", lambda: event(status=None)),
    ("not_one_of", lambda: registration(status="x")),
    ("not_one_of", lambda: registration(mode="x")),
    ("not_one_of", lambda: question(answer="x")),
    ("not_one_of", lambda: Actor("x")),
    # text and names
    ("empty", lambda: event(title="")),
    ("empty", lambda: event(title=" \t".replace("\t", " "))),
    ("empty", lambda: item(title=" ")),
    ("empty", lambda: Person(name="")),
    ("empty", lambda: event(language="")),
    ("empty", lambda: event(uid="")),
    ("empty", lambda: Signup(people=(), key="k")),
    ("not_text", lambda: event(title=5)),
    ("not_text", lambda: event(title=None)),
    ("not_text", lambda: event(description=b"x")),
    ("too_long", lambda: event(title="x" * 1_001)),
    ("too_long", lambda: event(description="x" * 100_001)),
    ("control_character", lambda: event(title="Møde\nBcc: alle@example.dk")),
    ("control_character", lambda: event(title="Møde\0")),
    ("control_character", lambda: event(title="Møde\x85")),
    ("control_character", lambda: event(title="Møde\u2028")),
    ("control_character", lambda: event(title="Møde\u2029")),
    ("control_character", lambda: event(title="Møde \ud83d")),
    ("control_character", lambda: event(description="Linje\r\n")),
    ("control_character", lambda: event(description="Klokke\a")),
    ("control_character", lambda: event(description="\udc00")),
    ("control_character", lambda: Venue(name="Sal\tA")),
    ("control_character", lambda: question(answer="choice", options=["Ja\n", "Nej"])),
    ("control_character", lambda: OnlineAccess(url="https://x.dk/\r\nSet-Cookie: a")),
    ("not_a_key", lambda: event(id="")),
    ("not_a_key", lambda: event(id="a/b")),
    ("not_a_key", lambda: event(id=" 1")),
    ("not_a_key", lambda: event(id="1\n")),
    ("not_a_key", lambda: event(id="-1")),
    ("not_a_key", lambda: event(id="x" * 81)),
    ("not_a_key", lambda: event(id=1)),
    ("not_a_key", lambda: item(key="a b")),
    ("not_a_key", lambda: registration(event="")),
    ("key_twice", lambda: event(programme=[item(key="a"), item(key="a")])),
    ("key_twice", lambda: event(questions=[question(), question()])),
    (
        "key_twice",
        lambda: event(
            questions=[question(key="a", sensitive=True), question(key="a.consent", text="?")]
        ),
    ),
    ("not_a_slug", lambda: Organiser(name="x", slug="Bolig Net")),
    ("not_a_slug", lambda: Organiser(name="x", slug="")),
    ("empty_venue", lambda: Venue()),
    ("empty_venue", lambda: Venue(country="DK", directions="Til højre")),
    ("not_a_link", lambda: OnlineAccess(url="javascript:alert(1)")),
    ("not_a_link", lambda: OnlineAccess(url="")),
    ("not_a_link", lambda: OnlineAccess(url="https://")),
    ("not_a_link", lambda: Contact(url="javascript:alert(1)")),
    ("not_a_link", lambda: Organiser(name="x", url="data:text/html,x")),
    ("options_do_not_fit", lambda: question(answer=Answer.CHOICE)),
    ("options_do_not_fit", lambda: question(options=("a",))),
    ("options_do_not_fit", lambda: question(answer="several", options=["a", "a"])),
    ("empty", lambda: question(answer="choice", options=["a", " "])),
    ("answers_do_not_fit", lambda: Signup(people=[ANNE, ANNE], key="k", answers=[{}])),
    # JSON and decisions
    ("not_json", lambda: event(extra={"a.b": object()})),
    ("not_json", lambda: event(extra={"a.b": float("nan")})),
    ("not_json", lambda: event(extra={"a.b": [float("inf")]})),
    ("not_json", lambda: event(extra={"a.b": b"bytes"})),
    ("not_json", lambda: event(extra={"a.b": {1, 2}})),
    ("not_json_object", lambda: event(extra=[])),
    ("not_json_object", lambda: event(extra={1: 2})),
    ("control_character", lambda: event(extra={"a.b": "\ud800"})),
    ("control_character", lambda: event(extra={"a.\ud800": 1})),
    ("control_character", lambda: event(extra={"a.b": ["null \0"]})),
    ("naive_time", lambda: parse_time("2022-04-21T09:30")),
    ("no_reason", lambda: Refused(())),
    ("not_texts", lambda: Reason("X1", text={})),
    ("not_texts", lambda: Reason("X1", text={"da": ""})),
    ("not_texts", lambda: Reason("X1", text={"da": None})),  # type: ignore[dict-item]
    ("not_texts", lambda: Reason("X1", text="Nej")),  # type: ignore[arg-type]
    ("control_character", lambda: Reason("X1", text={"da": "\x1b[2J"})),
    ("too_long", lambda: Reason("X1", text={"da": "x" * 100_001})),
    ("not_text", lambda: Reason(101)),  # type: ignore[arg-type]
    ("not_text", lambda: Reason(None)),  # type: ignore[arg-type]
    ("empty", lambda: Reason("")),
    ("not_text", lambda: Finding(code=7, severity=Severity.INFO)),  # type: ignore[arg-type]
    ("not_text", lambda: Finding(code="X1", severity="info", path=None)),  # type: ignore[arg-type]
    ("control_character", lambda: Finding(code="X1", severity="info", path="\n")),
    ("control_character", lambda: Finding(code="X1", severity="info", text={"da": "\x1b[2J"})),
    ("not_one_of", lambda: Finding(code="X1", severity="eror")),
    ("not_one_of", lambda: Finding(code="X1", severity=None)),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(
    ("code", "make"), IMPOSSIBLE, ids=[f"{n}-{code}" for n, (code, _) in enumerate(IMPOSSIBLE)]
)
def test_what_cannot_be_raises(code: str, make: Callable[[], Any]) -> None:
    """Each impossible value raises `ImpossibleError`, with a code and words for what is wrong."""
    with pytest.raises(ImpossibleError) as raised:
        make()
    assert raised.value.code == code
    assert str(raised.value)
    assert str(raised.value) not in " ".join(wording("da").error(raised.value))
    assert isinstance(raised.value, EventkitError)
    assert isinstance(raised.value, ValueError)


@pytest.mark.parametrize(
    ("path", "make"),
    [
        ("price", lambda: event(price=5)),
        ("listed", lambda: event(listed=None)),
        ("status", lambda: event(status="x")),
        ("status", lambda: registration(status="x")),
        ("mode", lambda: registration(mode="x")),
        ("programme", lambda: event(programme=None)),
        ("programme[1]", lambda: event(programme=[item(), "x"])),
        ("fees[0]", lambda: event(fees=["x"])),
        ("acknowledged[0]", lambda: event(acknowledged=("x",))),
        ("speakers[0]", lambda: item(speakers="Asta Holm")),
    ],
)
def test_a_value_of_the_wrong_type_is_told_with_its_path(
    path: str, make: Callable[[], Any]
) -> None:
    """Whoever makes an event in code learns which field it was."""
    with pytest.raises(ImpossibleError) as raised:
        make()
    assert raised.value.data["path"] == path
    assert str(raised.value).startswith(path)


def test_a_private_link_is_not_shown_by_repr() -> None:
    """A log that shows an event does not give its meeting away."""
    link = OnlineAccess(provider="Teams", url="https://teams.example/secret")
    assert "secret" not in repr(event(online=link, programme=[item(online=link)]))
    assert link != OnlineAccess(provider="Teams", url="https://teams.example/other")


def test_json_nested_without_end_is_refused() -> None:
    """Nesting that would exhaust the stack is refused, not run into."""
    nested: Any = 1
    for _ in range(100_000):
        nested = [nested]
    with pytest.raises(ImpossibleError) as raised:
        frozen_json(nested)
    assert raised.value.code == "json_too_deep"


@pytest.mark.parametrize(
    "make",
    [
        lambda: event(capacity=0),
        lambda: event(capacity=1_000_000),
        lambda: event(ends=WHEN),
        lambda: event(id=None),
        lambda: event(id="Årsmøde_2026.1-b"),
        lambda: event(title="x" * 1_000),
        lambda: event(description="Linje 1\n\tLinje 2\u2028Linje 3"),
        lambda: event(title="Møde 😀 – ”citat” & <b>"),
        lambda: Money(0),
        lambda: Money("999999999.99"),
        lambda: Venue(locality="Viby J"),
        lambda: OnlineAccess(),
        lambda: Contact(),
        lambda: Before(days=0),
    ],
)
def test_what_can_be(make: Callable[[], Any]) -> None:
    """The edges that are inside."""
    make()


# --- nobody can change anything --------------------------------------------------------------


@pytest.mark.parametrize("kind", testing.STRATEGIES, ids=lambda kind: kind.__name__)
def test_nothing_can_be_changed(kind: type) -> None:
    """No field of any type can be set or deleted, no list is left in one, and all have a hash."""

    @settings(max_examples=3, deadline=None, database=None)
    @given(testing.STRATEGIES[kind]())
    def check(value: Any) -> None:
        for attribute in fields(kind):
            with pytest.raises(exceptions.FrozenInstanceError):
                setattr(value, attribute.name, getattr(value, attribute.name))
            with pytest.raises(exceptions.FrozenInstanceError):
                delattr(value, attribute.name)
            assert_frozen(getattr(value, attribute.name))
        assert hash(value) == hash(evolve(value))
        assert evolve(value) == value

    check()


def assert_frozen(value: Any) -> None:
    assert not isinstance(value, list | dict | set | bytearray)
    if isinstance(value, tuple):
        for inner in value:
            assert_frozen(inner)
    if hasattr(value, "items") and not hasattr(type(value), "__attrs_attrs__"):
        with pytest.raises(TypeError):
            value["new"] = 1
        for inner in value.values():
            assert_frozen(inner)


def test_lists_become_tuples() -> None:
    """What the caller hands over and later changes, changes nothing here."""
    people, options, reasons = [ANNE], ["a", "b"], [Reason("x")]
    answers: list[dict[str, Any]] = [{"mad": ["fisk"]}]
    programme = [item(speakers=people)]
    extra: dict[str, Any] = {"a.b": [1]}
    made = event(programme=programme, extra=extra, questions=[question()], fees=[])
    signup = Signup(people=people, key="k", answers=answers)
    asked = question(answer="choice", options=options)
    refused = Refused(reasons)
    imported = Imported(events=[made], findings=[])
    hashes = [hash(value) for value in (made, signup, asked, refused, imported)]
    programme.append(item())
    people.append(ANNE)
    options.append("c")
    reasons.append(Reason("y"))
    answers[0]["mad"].append("kød")
    extra["a.b"].append(2)
    assert len(made.programme) == len(made.programme[0].speakers) == len(signup.people) == 1
    assert asked.options == ("a", "b")
    assert len(refused.reasons) == 1
    assert signup.answers == ({"mad": ("fisk",)},)
    assert made.extra == {"a.b": (1,)}
    assert hashes == [hash(value) for value in (made, signup, asked, refused, imported)]


def test_names_of_choices_are_taken_as_text() -> None:
    """Where a word is one of a few, its text is as good as the member."""
    assert question(answer="yes_no").answer is Answer.YES_NO
    assert registration(mode="online", role="host").role is Role.HOST
    assert Signup(people=[ANNE], key="k", mode="online").mode is Mode.ONLINE
    assert Actor("system") == SYSTEM  # type: ignore[arg-type]


# --- time ------------------------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(testing.times())
def test_rfc9557_text_keeps_every_time(when: datetime) -> None:
    """A time read back from its text is the same instant on the same clock, skipped or repeated."""
    again = parse_time(rfc9557(when))
    assert instant(again) == instant(when)
    assert again.replace(tzinfo=None) == when.replace(tzinfo=None)
    assert again.tzinfo is when.tzinfo


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2022-04-21T09:30:00+02:00[Europe/Copenhagen]", "2022-04-21T07:30:00"),
        ("2022-04-21T09:30[Europe/Copenhagen]", "2022-04-21T07:30:00"),
        ("2022-04-21T09:30:00+02:00", "2022-04-21T07:30:00"),
        ("2022-04-21T07:30:00Z", "2022-04-21T07:30:00"),
        ("2022-04-21T07:30:00Z[Europe/Copenhagen]", "2022-04-21T07:30:00"),
        ("2022-04-21 09:30+02:00", "2022-04-21T07:30:00"),
        ("2026-10-25T02:30:00+02:00[Europe/Copenhagen]", "2026-10-25T00:30:00"),
        ("2026-10-25T02:30:00+01:00[Europe/Copenhagen]", "2026-10-25T01:30:00"),
        ("2026-03-29T02:30:00+01:00[Europe/Copenhagen]", "2026-03-29T01:30:00"),
        ("2022-04-21T09:30:00.000001+02:00", "2022-04-21T07:30:00.000001"),
    ],
)
def test_times_are_read(text: str, expected: str) -> None:
    """RFC 9557 and ISO 8601 with an offset; a Z tells the instant and the zone only its clock."""
    when = parse_time(text)
    assert instant(when).replace(tzinfo=None).isoformat() == expected
    assert rfc9557(when).endswith("[Europe/Copenhagen]")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("not_a_time", ""),
        ("not_a_time", "i morgen"),
        ("not_a_time", "2022-04-21"),
        ("not_a_time", "2022-13-01T00:00+01:00"),
        ("not_a_time", "2022-04-21T25:00+02:00"),
        ("not_a_time", "2022-04-21T09:30+02:00[Europe/Copenhagen"),
        ("not_a_time", "2022-04-21T09:30+02:00[u-ca=hebrew]"),
        ("naive_time", "2022-04-21T09:30:00"),
        ("unknown_zone", "2022-04-21T09:30+02:00[Mars/Olympus]"),
        ("offset_not_in_zone", "2022-04-21T09:30+03:00[Europe/Copenhagen]"),
        ("offset_not_in_zone", "2022-12-21T09:30+02:00[Europe/Copenhagen]"),
        ("time_out_of_range", "0001-01-01T00:00+23:59"),
        ("time_out_of_range", "9999-12-31T23:59Z"),
    ],
)
def test_times_that_cannot_be_read(code: str, text: str) -> None:
    """What is no time, or contradicts itself, is refused with its own code."""
    with pytest.raises(ImpossibleError) as raised:
        parse_time(text)
    assert raised.value.code == code


def test_a_time_without_offset_is_read_where_one_says() -> None:
    """On the command line and in announcements a naive time is the event's zone's."""
    assert parse_time("2022-04-21T09:30", COPENHAGEN) == WHEN


@settings(max_examples=200, deadline=None)
@given(testing.deadlines())
def test_deadlines_are_read_back(deadline: Any) -> None:
    """Each sort of deadline has one text, and reading it gives the deadline."""
    if isinstance(deadline, Before):
        text = str(deadline)
    else:
        text = rfc9557(deadline) if isinstance(deadline, datetime) else deadline.isoformat()
    again = parse_deadline(text)
    assert type(again) is type(deadline)
    if isinstance(again, datetime):
        assert instant(again) == instant(deadline)
    else:
        assert again == deadline


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("no_such_date", "2022-02-30"),
        ("not_a_deadline", "18.04.2022"),
        ("not_a_deadline", "P3D"),
        ("not_a_deadline", "-P3W"),
        ("not_a_deadline", "-P1DT2H"),
        ("not_a_deadline", "-P999999D"),
        ("not_a_deadline", ""),
        ("naive_time", "2022-04-18T12:00"),
    ],
)
def test_deadlines_that_cannot_be_read(code: str, text: str) -> None:
    """A deadline is a date, a time with its zone, -P3D or -PT36H, and nothing else."""
    with pytest.raises(ImpossibleError) as raised:
        parse_deadline(text)
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("wall", "place", "trouble"),
    [
        ("2026-03-29T02:30", "Europe/Copenhagen", "skipped"),
        ("2026-03-29T01:59", "Europe/Copenhagen", None),
        ("2026-03-29T02:00", "Europe/Copenhagen", "skipped"),
        ("2026-03-29T03:00", "Europe/Copenhagen", None),
        ("2026-10-25T02:30", "Europe/Copenhagen", "twice"),
        ("2026-10-25T02:00", "Europe/Copenhagen", "twice"),
        ("2026-10-25T03:00", "Europe/Copenhagen", None),
        ("2018-11-04T00:00", "America/Sao_Paulo", "skipped"),
        ("2018-02-17T23:30", "America/Sao_Paulo", "twice"),
        ("2011-12-30T12:00", "Pacific/Apia", "skipped"),
        ("2026-04-05T01:45", "Australia/Lord_Howe", "twice"),
        ("2026-03-29T02:30", "UTC", None),
    ],
)
@pytest.mark.parametrize("fold", [0, 1])
def test_what_clocks_do_to_a_time(wall: str, place: str, trouble: str | None, fold: int) -> None:
    """A time is skipped, exists twice, or neither, whichever fold it has."""
    when = datetime.fromisoformat(wall).replace(tzinfo=zone(place), fold=fold)
    assert clock_trouble(when) == trouble


@settings(max_examples=200, deadline=None)
@given(testing.zones(), st.dates(date(2000, 1, 1), date(2030, 1, 1)))
def test_the_first_instant_of_a_day(place: ZoneInfo, day: date) -> None:
    """Nothing before it is that day, where the day exists and midnight comes once."""
    first = first_instant(day, place)
    assume(first.date() == day)
    before = (instant(first) - timedelta(microseconds=1)).astimezone(place)
    assert before.date() < day
    assert clock_trouble(first) in (None, "twice")


def test_an_offset_is_no_zone() -> None:
    """A bare offset names an instant; it is told in Copenhagen unless somebody says better."""
    plus_two = WHEN.replace(tzinfo=timezone(timedelta(hours=2)))
    assert zoned(plus_two).tzinfo is COPENHAGEN
    assert zoned(plus_two, "America/New_York").hour == 3
    assert rfc9557(zoned(WHEN)) == rfc9557(WHEN)
    assert zoned(WHEN.replace(fold=1)).fold == 0  # a fold that says nothing is not kept


def test_zones_are_the_same_object() -> None:
    """A zone loaded twice is still one zone, so that no time moves for it."""
    twin = WHEN.replace(tzinfo=ZoneInfo.no_cache("Europe/Copenhagen"))
    assert zoned(twin).tzinfo is COPENHAGEN
    assert event(starts=twin) == event()


def test_all_of_an_events_times_are_told_on_its_clocks() -> None:
    """The end, items, deadlines and fees of an event keep their instant and take its zone."""
    there = datetime(2022, 4, 21, 5, 0, tzinfo=zone("America/New_York"))
    made = event(
        ends=there,
        deadline=there,
        fees=[Fee(since=there, money=Money(1))],
        programme=[item(starts=there, ends=there)],
    )
    since = made.fees[0].since
    assert isinstance(since, datetime)
    for when in (made.ends, made.deadline, since, made.programme[0].starts, made.programme[0].ends):
        assert isinstance(when, datetime)
        assert when.tzinfo is made.zone is COPENHAGEN
        assert instant(when) == instant(there)
    moved = evolve(made, starts=WHEN.astimezone(zone("Asia/Kathmandu")))
    assert moved.programme[0].starts.tzinfo is moved.zone


@settings(max_examples=30, deadline=None)
@given(testing.events(), testing.zones())
def test_an_event_can_be_retold_in_any_zone(made: Event, place: ZoneInfo) -> None:
    """In another zone every instant of the event stays where it was."""
    moved = evolve(made, starts=instant(made.starts).astimezone(place))
    assert [instant(i.starts) for i in moved.programme] == [
        instant(i.starts) for i in made.programme
    ]
    assert all(i.starts.tzinfo is moved.zone for i in moved.programme)
    assert (moved.ends is None) == (made.ends is None)


# --- small rules -----------------------------------------------------------------------------


def test_items_without_a_key_get_the_next_free_number() -> None:
    """A key once given stays; the others are numbered around it, and survive reordering."""
    made = event(programme=[item(), item(key="2"), item(), item(key="frokost"), item()])
    assert [i.key for i in made.programme] == ["1", "2", "3", "frokost", "4"]
    turned = evolve(made, programme=made.programme[::-1])
    assert [i.key for i in turned.programme] == ["4", "frokost", "3", "2", "1"]
    more = evolve(made, programme=(*made.programme, item()))
    assert more.programme[-1].key == "5"


@pytest.mark.parametrize(
    ("venue", "online", "expected"),
    [
        (None, None, (Mode.ROOM,)),
        (Venue(name="Salen"), None, (Mode.ROOM,)),
        (None, OnlineAccess(), (Mode.ONLINE,)),
        (Venue(name="Salen"), OnlineAccess(), (Mode.ROOM, Mode.ONLINE)),
    ],
)
def test_how_one_attends(venue: Any, online: Any, expected: tuple[Mode, ...]) -> None:
    """In the room where there is a venue or nothing is said; online where there is online."""
    assert event(venue=venue, online=online).modes == expected


def test_free_seats_are_never_fewer_than_none() -> None:
    """Lowering a capacity leaves no negative seats; no capacity is no limit."""
    assert Places(capacity=1, confirmed=3).free == 0
    assert Places(capacity=5, confirmed=3, offered=1, waiting=9).free == 1
    assert Places(confirmed=3).free is None
    seats = Seats.of(event(capacity=3, online_capacity=0))
    assert (seats.in_mode(Mode.ROOM).free, seats.in_mode(Mode.ONLINE).free) == (3, 0)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Møde & Læring", "moede-laering"),
        ("  Århus  ", "aarhus"),
        ("Café Ölü", "cafe-olu"),
        ("漢字", ""),
    ],
)
def test_slugs(name: str, slug: str) -> None:
    """A name in any letters becomes plain words, and an organiser always gets a slug."""
    assert slugify(name) == slug
    assert Organiser(name=name).slug == (slug or "x")


def test_money_is_exact_and_plain() -> None:
    """Two decimals whatever was written; nothing is never negative."""
    assert str(Money("12.5").amount) == "12.50"
    assert str(Money(Decimal("-0")).amount) == "0.00"
    assert Money("1e2") == Money(100)


def test_findings_of_one_event() -> None:
    """An import's finding goes to its event with the path inside it; one without to each."""

    def found(path: str) -> Finding:
        return Finding(code="EK501", severity=Severity.INFO, path=path)

    imported = Imported(
        events=[event(), event(id="2")],
        findings=[found("events[0].deadline"), found("events[1]"), found(""), found("events[10]")],
    )
    assert [f.path for f in imported.findings_of(0)] == ["deadline", ""]
    assert [f.path for f in imported.findings_of(1)] == ["", ""]


def test_a_severity_may_be_given_as_text() -> None:
    """As every other word to choose from; what holds back publishing asks for the very member."""
    assert Finding(code="X1", severity="error").severity is Severity.ERROR


def test_a_decision_says_which_it_is() -> None:
    """Yes carries its value, no carries every reason."""
    assert Allowed(5).value == 5
    assert [reason.code for reason in Refused((Reason("a"), Reason("b"))).reasons] == ["a", "b"]


def test_json_is_kept_as_text_where_it_has_no_word() -> None:
    """Times, dates, amounts and enums become text that says all of them."""
    assert frozen_json(
        {"t": WHEN, "d": date(2022, 4, 18), "a": Decimal("1.50"), "m": Mode.ROOM}
    ) == {
        "t": "2022-04-21T09:30:00+02:00[Europe/Copenhagen]",
        "d": "2022-04-18",
        "a": "1.50",
        "m": "room",
    }
    assert type(frozen_json(Mode.ROOM)) is str


def test_a_clock_time_is_no_json() -> None:
    """A time of day without a day says too little to keep."""
    with pytest.raises(ImpossibleError):
        frozen_json(clock_time(9, 30))


def test_what_is_no_text_is_what_unicode_says() -> None:
    """Controls, the two separators, and half a surrogate pair; a line holds none of them."""
    for number in range(0x110000):
        character = chr(number)
        wanted = unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        assert (values._NOT_TEXT.fullmatch(character) is not None) is wanted, hex(number)
