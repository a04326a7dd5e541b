"""Hypothesis strategies for every type of the model.

They look where software about meetings breaks: nights on which clocks change, times that exist
twice or not at all, zones that skip midnight, Danish letters, empty and very long programmes,
deadlines of every sort. What they give is always possible, often unwise.

One long file, because it is one list: a strategy for each type, in the model's order.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from decimal import Decimal
from typing import Any, ParamSpec, TypeVar, cast
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from eventkit.model.decision import Finding, Reason, Severity
from eventkit.model.event import (
    Acknowledgement,
    AgendaItem,
    Event,
    Imported,
    Revision,
    Status,
)
from eventkit.model.registration import (
    Entry,
    Message,
    Notice,
    NoticeKind,
    Outcome,
    Places,
    Registration,
    Seats,
    Signup,
    Standing,
)
from eventkit.model.values import (
    Actor,
    Answer,
    Before,
    Contact,
    Deadline,
    Fee,
    Invoice,
    Mode,
    Money,
    OnlineAccess,
    Organiser,
    Person,
    Question,
    Role,
    Side,
    Venue,
    instant,
    zone,
)

T = TypeVar("T")
P = ParamSpec("P")


def _once(make: Callable[P, SearchStrategy[T]]) -> Callable[P, SearchStrategy[T]]:
    """Make each strategy once: Hypothesis looks through every new one, which costs more than
    drawing from it."""
    return cast("Callable[P, SearchStrategy[T]]", functools.cache(make))


CLOCK_CHANGES = {
    "Europe/Copenhagen": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/Sao_Paulo": (date(2018, 11, 4), date(2018, 2, 17)),  # skips, and repeats, midnight
    "America/St_Johns": (date(2010, 3, 14), date(2010, 11, 6)),  # went back over midnight
    "Asia/Beirut": (date(2022, 3, 27), date(2022, 10, 29)),
    "Atlantic/Azores": (date(2026, 3, 29), date(2026, 10, 25)),  # midnight comes twice
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),  # half an hour
    "Pacific/Apia": (date(2011, 12, 29), date(2011, 12, 30)),  # a day that never was
    "Asia/Kathmandu": (),
    "UTC": (),
}
"""Zones, each with days on which its clocks change: where time goes wrong if it does."""

# --- text and JSON ---------------------------------------------------------------------------

_LETTERS = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))
_DANISH = st.sampled_from("abcdeghimnorstvæøåÆØÅéü 0123456789.,–&<>\"'")
_WORDS = st.sampled_from(
    ["Netværksmøde", "Frokost", "Kaffe og the", "Åbning", "Ærlig snak", "Øvelse", "v. CFBU", "😀 "]
)


@_once
def _text(more: str = "") -> SearchStrategy[str]:
    characters = st.one_of(_DANISH, _LETTERS, st.sampled_from(more)) if more else _LETTERS
    return st.one_of(_WORDS, st.text(_DANISH, max_size=12), st.text(characters, max_size=30))


@_once
def lines(*, required: bool = False) -> SearchStrategy[str]:
    """One line of text; `required` ones say something."""
    return _text().filter(str.strip) if required else _text()


@_once
def prose() -> SearchStrategy[str]:
    """Many lines of text, Markdown or what looks like it."""
    return st.one_of(_text("\n\t*_#[]()`-"), st.just("# Hej\n\n- **et**\n- [to](https://x.dk)\n"))


@_once
def keys() -> SearchStrategy[str]:
    """What may name an event, an item or a question."""
    return st.from_regex(r"\A[A-Za-z0-9ÆØÅæøå_][A-Za-z0-9ÆØÅæøå_.-]{0,11}\Z")


@_once
def json_values() -> SearchStrategy[Any]:
    """Whatever JSON can say, as plugins keep it in `extra`."""
    plain = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**53), 2**53),
        st.floats(allow_nan=False, allow_infinity=False),
        prose(),
    )
    return st.recursive(
        plain,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(lines(), inner, max_size=3)
        ),
        max_leaves=6,
    )


@_once
def json_objects() -> SearchStrategy[dict[str, Any]]:
    """A JSON object."""
    return st.dictionaries(lines(), json_values(), max_size=3)


@_once
def extras() -> SearchStrategy[dict[str, Any]]:
    """Plugin data, under keys ``<plugin>.<key>``."""
    names = st.tuples(keys(), keys()).map(".".join)
    return st.dictionaries(names, json_values(), max_size=2)


# --- time ------------------------------------------------------------------------------------


@_once
def zones() -> SearchStrategy[ZoneInfo]:
    """A zone, most with clocks that change."""
    return st.sampled_from(sorted(CLOCK_CHANGES)).map(zone)


@_once
@st.composite
def times(draw: DrawFn, place: ZoneInfo | None = None) -> datetime:
    """A local time, in `place` where given: half of them within a night when clocks change there.

    Some exist twice (either `fold`), some not at all.
    """
    place = place or draw(zones())
    fold = draw(st.sampled_from([0, 1]))
    nights = CLOCK_CHANGES.get(place.key, ())
    on_a_change = draw(st.booleans())
    if nights and on_a_change:
        night = draw(st.sampled_from(nights))
        midnight = datetime(night.year, night.month, night.day, tzinfo=place)
        return (midnight + timedelta(minutes=draw(_MINUTES_OF_A_NIGHT))).replace(fold=fold)
    day = draw(st.one_of(st.dates(date(2020, 1, 1), date(2031, 12, 31)), _ANY_DAYS))
    hour = draw(st.one_of(_WHOLE_HOURS, st.times()))
    return datetime.combine(day, hour, place).replace(fold=fold)


_ANY_DAYS = st.dates(date(1902, 1, 1), date(2197, 12, 31))
_WHOLE_HOURS = st.integers(0, 23).map(clock_time)
_MINUTES_OF_A_NIGHT = st.one_of(
    st.integers(-4, 8).map(lambda halves: 30 * halves), st.integers(-60, 30 * 60)
)


@_once
def moments() -> SearchStrategy[datetime]:
    """An instant, in UTC, as records keep it."""
    return times().map(instant)


@_once
def befores() -> SearchStrategy[Before]:
    """A deadline counted back from the start, in days or in hours."""
    return st.one_of(
        st.builds(Before, days=st.integers(0, 40)),
        st.builds(Before, hours=st.integers(0, 24 * 40)),
    )


@st.composite
def deadlines(draw: DrawFn, starts: datetime | None = None) -> Deadline:
    """A deadline of any sort: a day, an instant, days or hours before the start.

    Where `starts` is given they lie around it, and are told in its zone.
    """
    return _deadline(draw, draw(times()) if starts is None else starts)


_DAYS_OFF = st.integers(-40, 4).map(lambda days: timedelta(days=days))
_MINUTES_OFF = st.integers(-60 * 24 * 40, 60 * 24 * 4)
_DEADLINES = st.one_of(befores(), _DAYS_OFF, _MINUTES_OFF)


def _deadline(draw: DrawFn, starts: datetime) -> Deadline:
    drawn = draw(_DEADLINES)
    if isinstance(drawn, timedelta):
        return starts.date() + drawn
    return drawn if isinstance(drawn, Before) else _later(starts, drawn)


def _later(starts: datetime, minutes: int) -> datetime:
    return (instant(starts) + timedelta(minutes=minutes)).astimezone(starts.tzinfo)


# --- people, places, money -------------------------------------------------------------------


@_once
def _maybe(strategy: SearchStrategy[T]) -> SearchStrategy[T | None]:
    return st.one_of(st.none(), strategy)


@_once
def _tuples(strategy: SearchStrategy[T], most: int = 3) -> SearchStrategy[tuple[T, ...]]:
    return st.lists(strategy, max_size=most).map(tuple)


@_once
def emails() -> SearchStrategy[str]:
    """An address, or none."""
    return st.sampled_from(["", "anne@example.dk", "Søren.Ærø@bolig.example", "fælles@example.dk"])


@_once
def links() -> SearchStrategy[str]:
    """A web address."""
    return st.sampled_from(
        ["https://example.dk", "http://example.dk/møde?a=1&b=2", "HTTPS://teams.example/l/1#x"]
    )


@_once
def people() -> SearchStrategy[Person]:
    """Somebody."""
    names = st.one_of(st.sampled_from(["Anne Ærø", "anne  ærø", "Søren Åby"]), lines(required=True))
    return st.builds(Person, name=names, email=emails(), phone=lines(), organisation=lines())


@_once
def contacts() -> SearchStrategy[Contact]:
    """Whom to write to or call."""
    url = st.one_of(st.just(""), links())
    return st.builds(Contact, name=lines(), phone=lines(), email=emails(), url=url)


@_once
def organisers() -> SearchStrategy[Organiser]:
    """Who owns an event."""
    return st.builds(Organiser, name=lines(required=True), url=st.one_of(st.just(""), links()))


@_once
def venues() -> SearchStrategy[Venue]:
    """A place one can go to."""
    return st.builds(
        Venue,
        name=lines(required=True),
        room=lines(),
        street=lines(),
        postcode=lines(),
        locality=lines(),
        country=lines(),
        directions=prose(),
    )


@_once
def online_accesses() -> SearchStrategy[OnlineAccess]:
    """Where a meeting or a talk is online; often nobody said the link."""
    return st.builds(OnlineAccess, provider=lines(), url=_maybe(links()), public=st.booleans())


@_once
def monies() -> SearchStrategy[Money]:
    """An amount, free of charge included."""
    amounts = st.one_of(st.just(Decimal(0)), st.decimals(0, 999_999_999, places=2, allow_nan=False))
    return st.builds(Money, amounts, st.sampled_from(["DKK", "DKK", "EUR"]))


@st.composite
def fees(draw: DrawFn, starts: datetime | None = None) -> Fee:
    """What it costs to cancel from some time on."""
    return _fee(draw, draw(times()) if starts is None else starts)


def _fee(draw: DrawFn, starts: datetime) -> Fee:
    return Fee(since=_deadline(draw, starts), money=draw(monies()))


@_once
def invoices() -> SearchStrategy[Invoice]:
    """Where to send the bill."""
    return st.builds(
        Invoice, name=lines(), cvr=lines(), ean=lines(), reference=lines(), email=emails()
    )


@_once
@st.composite
def questions(draw: DrawFn) -> Question:
    """Something an organiser asks each person."""
    answer = draw(st.sampled_from(Answer))
    choosing = answer in (Answer.CHOICE, Answer.SEVERAL)
    options = draw(st.lists(lines(required=True), min_size=1, max_size=3, unique=True))
    return Question(
        key=draw(keys()),
        text=draw(lines(required=True)),
        answer=answer,
        options=tuple(options) if choosing else (),
        required=draw(st.booleans()),
        sensitive=draw(st.booleans()),
    )


@_once
def actors() -> SearchStrategy[Actor]:
    """Who did something."""
    return st.builds(Actor, st.sampled_from(Side), lines())


# --- decisions -------------------------------------------------------------------------------


@_once
def _words_of_plugins() -> SearchStrategy[dict[str, str] | None]:
    sentences = lines(required=True)
    return _maybe(st.fixed_dictionaries({"da": sentences, "en": sentences}))


@_once
def reasons() -> SearchStrategy[Reason]:
    """Why something is not allowed."""
    return st.builds(Reason, keys(), json_objects(), _words_of_plugins())


@_once
def findings() -> SearchStrategy[Finding]:
    """Something a check saw."""
    return st.builds(
        Finding,
        code=st.sampled_from(["EK101", "EK104", "EK501", "DK201"]),
        severity=st.sampled_from(Severity),
        path=st.sampled_from(["", "deadline", "programme[3].ends", "events[0].title"]),
        data=json_objects(),
        fix=json_values(),
        text=_words_of_plugins(),
    )


@_once
def acknowledgements() -> SearchStrategy[Acknowledgement]:
    """A finding that staff saw."""
    return st.builds(Acknowledgement, code=keys(), data=json_objects(), reason=lines(required=True))


# --- events ----------------------------------------------------------------------------------


@st.composite
def agenda_items(draw: DrawFn, starts: datetime | None = None) -> AgendaItem:
    """One timed line of a programme, near `starts` where given.

    Some have no end, no length, or end before they start.
    """
    return _agenda_item(draw, draw(times()) if starts is None else _near(draw, starts))


def _near(draw: DrawFn, starts: datetime) -> datetime:
    return _later(starts, draw(_OFFSETS))


def _agenda_item(draw: DrawFn, begins: datetime) -> AgendaItem:
    minutes = draw(_maybe(_LENGTHS))
    return AgendaItem(
        title=draw(lines(required=True)),
        starts=begins,
        ends=None if minutes is None else _later(begins, minutes),
        description=draw(prose()),
        speakers=draw(_tuples(people(), 2)),
        track=draw(_TRACKS),
        room=draw(lines()),
        online=draw(_maybe(online_accesses())),
        is_break=draw(_EITHER),
    )


_TRACKS = st.sampled_from(["", "", "Spor A", "Spor Å"])
_EITHER = st.booleans()
_OFFSETS = st.one_of(
    st.integers(-2, 16).map(lambda halves: 30 * halves), st.integers(-120, 3 * 24 * 60)
)
_LENGTHS = st.one_of(st.sampled_from([30, 30, 45, 60, 0]), st.integers(-90, 600))


@st.composite
def programmes(draw: DrawFn, starts: datetime) -> tuple[AgendaItem, ...]:
    """A programme around `starts`: empty, of a few items, or (rarely) of hundreds."""
    return _programme(draw, starts)


_SIZES = st.sampled_from([0, 1, 2, 3, 4, 5, 6, 100])
_HUNDREDS, _STEPS = st.integers(100, 400), st.integers(1, 40)


def _programme(draw: DrawFn, starts: datetime) -> tuple[AgendaItem, ...]:
    size = draw(_SIZES)
    if size < 100:
        return tuple(_agenda_item(draw, _near(draw, starts)) for _ in range(size))
    count, step = draw(_HUNDREDS), draw(_STEPS)
    return tuple(
        AgendaItem(
            title=f"Punkt {n}",
            starts=_later(starts, n * step),
            ends=None if n % 7 == 6 else _later(starts, n * step + 20),
            track=("", "Spor A", "Spor B")[n % 3],
        )
        for n in range(count)
    )


_DURATIONS = _maybe(st.sampled_from([0, 60, 330, 8 * 60, 30 * 60, 10 * 24 * 60]))
_CAPACITIES = st.one_of(st.none(), st.integers(0, 40), st.just(1_000_000))
_ASKED = st.lists(questions(), max_size=3, unique_by=lambda question: question.key).map(tuple)
_STATUSES, _LANGUAGES = st.sampled_from(Status), st.sampled_from(["da", "da", "en"])
_UIDS = _maybe(st.uuids().map(str))
_FEW = st.integers(0, 2)


@_once
@st.composite
def events(draw: DrawFn, *, id: SearchStrategy[str | None] | None = None) -> Event:  # noqa: A002
    """An event with anything in it, in any zone, around any clock change.

    :param id: a strategy for its id; one of `keys()` by default.
    """
    starts = draw(times())
    minutes = draw(_DURATIONS)

    def deadline() -> Deadline | None:
        return _deadline(draw, starts) if draw(_EITHER) else None

    return Event(
        id=draw(keys() if id is None else id),
        title=draw(lines(required=True)),
        starts=starts,
        ends=None if minutes is None else _later(starts, minutes),
        uid=draw(_UIDS),
        status=draw(_STATUSES),
        status_reason=draw(lines()),
        kind=draw(lines()),
        language=draw(_LANGUAGES),
        series=draw(lines()),
        listed=draw(_EITHER),
        summary=draw(prose()),
        description=draw(prose()),
        audience=draw(prose()),
        programme=_programme(draw, starts),
        venue=draw(_maybe(venues())),
        online=draw(_maybe(online_accesses())),
        organiser=draw(_maybe(organisers())),
        contact=draw(_maybe(contacts())),
        price=draw(_maybe(monies())),
        fees=tuple(_fee(draw, starts) for _ in range(draw(_FEW))),
        no_show_fee=draw(_maybe(monies())),
        opens=deadline(),
        deadline=deadline(),
        edit_deadline=deadline(),
        substitute_deadline=deadline(),
        cancel_deadline=deadline(),
        offers_until=deadline(),
        offers_from=draw(_maybe(befores())),
        capacity=draw(_CAPACITIES),
        online_capacity=draw(_CAPACITIES),
        waiting_list=draw(_EITHER),
        approval=draw(_EITHER),
        questions=draw(_ASKED),
        acknowledged=draw(_tuples(acknowledgements(), 2)),
        extra=draw(extras()),
    )


@_once
def revisions() -> SearchStrategy[Revision]:
    """One state of an event."""
    return st.builds(
        Revision,
        event=events(),
        number=st.integers(1, 1000),
        sequence=st.integers(0, 1000),
        at=moments(),
        actor=actors(),
        reason=lines(),
        findings=_tuples(findings()),
    )


@_once
def imported() -> SearchStrategy[Imported]:
    """What an importer made of a file; events may lack an id."""
    return st.builds(
        Imported, events=_tuples(events(id=_maybe(keys())), 2), findings=_tuples(findings())
    )


# --- registrations ---------------------------------------------------------------------------


@_once
def registrations() -> SearchStrategy[Registration]:
    """One person at one event."""
    return st.builds(
        Registration,
        event=keys(),
        number=st.integers(1, 10_000),
        person=people(),
        status=st.sampled_from(Standing),
        at=moments(),
        mode=st.sampled_from(Mode),
        role=st.sampled_from(Role),
        item=_maybe(keys()),
        party=_maybe(st.integers(1, 10_000)),
        booker=_maybe(people()),
        key=lines(),
        place=st.integers(0, 20),
        digest=lines(),
        change=st.integers(1, 1000),
        answers=json_objects(),
        invoice=_maybe(invoices()),
        fee=_maybe(monies()),
        offer_ends=_maybe(moments()),
        language=st.sampled_from(["da", "en"]),
        told=_maybe(st.integers(1, 1000)),
        linked=_maybe(moments()),
        uid=_maybe(st.uuids().map(str)),
        sequence=st.integers(0, 1000),
        extra=extras(),
    )


@_once
@st.composite
def signups(draw: DrawFn) -> Signup:
    """What a sign-up form says, of one person or a party."""
    party = draw(st.lists(people(), min_size=1, max_size=4))
    return Signup(
        people=tuple(party),
        key=draw(lines(required=True)),
        mode=draw(st.sampled_from(Mode)),
        answers=tuple(draw(json_objects()) for _ in party) if draw(st.booleans()) else (),
        booker=draw(_maybe(people())),
        invoice=draw(_maybe(invoices())),
        language=draw(st.sampled_from(["da", "en"])),
    )


@_once
def places() -> SearchStrategy[Places]:
    """The seats of one mode, also when there are more people than seats."""
    few = st.integers(0, 4)
    return st.builds(Places, capacity=_maybe(few), confirmed=few, offered=few, waiting=few)


@_once
def seats() -> SearchStrategy[Seats]:
    """The seats of an event."""
    return st.builds(Seats, room=places(), online=places())


@_once
def notices() -> SearchStrategy[Notice]:
    """One message owed to one recipient."""
    return st.builds(
        Notice,
        key=lines(required=True),
        kind=st.sampled_from(NoticeKind),
        event=keys(),
        revision=st.integers(1, 1000),
        registration=_maybe(st.integers(1, 10_000)),
        recipient=emails().filter(bool),
        due=moments(),
        language=st.sampled_from(["da", "en"]),
        sequence=_maybe(st.integers(0, 1000)),
        data=json_objects(),
    )


@_once
def messages() -> SearchStrategy[Message]:
    """A rendered notice."""
    return st.builds(
        Message,
        key=lines(required=True),
        recipient=emails().filter(bool),
        subject=lines(),
        text=prose(),
        html=prose(),
        calendar=_maybe(st.binary(max_size=40)),
        mime=st.binary(max_size=40),
    )


@_once
def entries() -> SearchStrategy[Entry]:
    """One line of the journal."""
    return st.builds(
        Entry,
        at=moments(),
        actor=actors(),
        action=lines(required=True),
        event=_maybe(keys()),
        registration=_maybe(st.integers(1, 10_000)),
        reason=lines(),
        data=json_objects(),
    )


@_once
def outcomes() -> SearchStrategy[Outcome]:
    """All that one command saves."""
    return st.builds(
        Outcome,
        revision=_maybe(revisions()),
        registrations=_tuples(registrations(), 2),
        seats=_maybe(seats()),
        notices=_tuples(notices(), 2),
        entries=_tuples(entries(), 2),
    )


STRATEGIES: dict[type, Callable[[], SearchStrategy[Any]]] = {
    Acknowledgement: acknowledgements,
    Actor: actors,
    AgendaItem: agenda_items,
    Contact: contacts,
    Entry: entries,
    Event: events,
    Fee: fees,
    Finding: findings,
    Imported: imported,
    Invoice: invoices,
    Message: messages,
    Money: monies,
    Notice: notices,
    OnlineAccess: online_accesses,
    Organiser: organisers,
    Outcome: outcomes,
    Person: people,
    Places: places,
    Question: questions,
    Reason: reasons,
    Registration: registrations,
    Revision: revisions,
    Seats: seats,
    Signup: signups,
    Venue: venues,
}
"""The strategy of each type that has a document, for tests that go through all of them."""
