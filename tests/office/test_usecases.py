"""The office: import, publish, change, acknowledge, and what the public gets to see."""

from __future__ import annotations

import json
import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from eventkit.formats import codec
from eventkit.model.decision import Allowed, Finding, Refused, Severity
from eventkit.model.errors import NotFoundError, StoreError
from eventkit.model.event import Event, Imported, Status
from eventkit.model.registration import Signup
from eventkit.model.values import Actor, OnlineAccess, Organiser, Person, Side, Venue
from eventkit.office import usecases
from eventkit.office.usecases import Office
from eventkit.plugins.hooks import Exporter, Scope

ANNE, BO = Actor(Side.STAFF, "anne@example.dk"), Actor(Side.STAFF, "bo@example.dk")


def allowed(decision: Any) -> Any:
    assert isinstance(decision, Allowed), decision
    return decision.value


def codes(decision: Any) -> list[str]:
    """Why a decision is no."""
    assert isinstance(decision, Refused), decision
    return [reason.code for reason in decision.reasons]


def import_(office: Office, *events: Event, update: bool = False, findings: Any = ()) -> Any:
    imported = Imported(events=events, findings=findings)
    return office.import_events(imported, actor=ANNE, update=update)


# --- importing -------------------------------------------------------------------------------


def test_an_import_is_a_draft_with_its_findings(office: Office, event: Any, clock: Any) -> None:
    """Whatever status the file claims; what the importer saw stays with the revision."""
    seen = Finding(code="EK501", severity=Severity.WARNING, path="events[0].deadline")
    [made] = allowed(import_(office, event(status="published"), findings=[seen]))
    assert made.event.status is Status.DRAFT
    assert (made.number, made.sequence, made.at, made.actor) == (1, 0, clock.now, ANNE)
    assert made.findings == (evolve(seen, path="deadline"),)
    assert office.revision("22-1") == made
    assert seen.code not in [finding.code for finding in office.check(made.event)]
    [entry] = office.store.journal("22-1")
    assert (entry.action, entry.actor, entry.at) == ("import", ANNE, clock.now)


def test_no_id_gets_the_next_free_number_of_its_year(office: Office, event: Any, add: Any) -> None:
    """After the highest there is, in the store or the file; the first is 1; years are apart."""
    add(event("22-374"), event("22-9"), event("x-22-900"), event("22-500-extra"))
    later = event().starts + timedelta(days=400)
    made = add(
        event(None),
        event("22-380"),
        event(None),
        event(None, starts=later, ends=None, deadline=None),
    )
    assert [one.event.id for one in made] == ["22-381", "22-380", "22-382", "23-1"]


def test_the_year_is_that_of_the_start_on_its_own_clocks(event: Any, add: Any) -> None:
    """New Year's Eve in UTC is already January in Copenhagen."""
    starts = datetime(2023, 12, 31, 23, 30, tzinfo=UTC)
    made = add(event(None, starts=starts, ends=None, deadline=None, programme=()))
    assert made.event.id == "24-1"


def test_a_uid_is_kept_or_made(event: Any, add: Any) -> None:
    """Each event has one, for life, and no two the same."""
    one, two, three = add(event("a"), event("b"), event("c", uid="egen@example.dk"))
    assert three.event.uid == "egen@example.dk"
    assert one.event.uid != two.event.uid
    assert len(one.event.uid) == 36


def test_a_known_id_is_refused_without_update(office: Office, event: Any, add: Any) -> None:
    """With all reasons at once, and nothing of the file is saved."""
    add(event("22-1"), event("22-2"))
    decision = import_(office, event("22-1"), event("22-3"), event("22-2"))
    assert codes(decision) == ["known_id", "known_id"]
    assert [reason.data["event"] for reason in decision.reasons] == ["22-1", "22-2"]
    assert len(office.all_events()) == 2


def test_with_update_a_known_id_is_a_new_revision(office: Office, event: Any, add: Any) -> None:
    """It keeps UID, status, acknowledgements and what others keep in it; SEQUENCE rises by rule."""
    first = add(event(extra={"other.key": 1, "announcement.status": "a"}), publish=True)
    moved = event(venue=Venue(name="Andetsteds"), extra={"announcement.status": "b"})
    [second] = allowed(import_(office, moved, update=True))
    assert (second.number, second.sequence) == (first.number + 1, first.sequence + 1)
    assert second.event.status is Status.PUBLISHED
    assert second.event.uid == first.event.uid
    assert dict(second.event.extra) == {"other.key": 1, "announcement.status": "b"}
    [third] = allowed(import_(office, evolve(moved, title="Ny titel"), update=True))
    assert (third.number, third.sequence) == (second.number + 1, second.sequence)


def test_an_update_takes_nothing_the_file_cannot_say(office: Office, event: Any, add: Any) -> None:
    """A text without seats or programme leaves them; one that is complete removes them."""
    first = add(event(summary="Kort"))
    bare = evolve(event(), ends=None, capacity=None, programme=(), online=None, deadline=None)
    text = evolve(bare, title="Ny titel", extra={})
    [second] = allowed(import_(office, text, update=True))
    assert second.event == evolve(first.event, title="Ny titel")
    whole = Imported(events=[text], complete=True)
    [third] = allowed(office.import_events(whole, actor=ANNE, update=True))
    assert (third.event.capacity, third.event.programme, third.event.summary) == (None, (), "")


def test_the_same_content_makes_no_revision(office: Office, event: Any, add: Any) -> None:
    """Importing a file twice with --update leaves one revision and one journal entry."""
    add(event())
    [again] = allowed(import_(office, event(), update=True))
    assert again.number == 1
    assert len(office.store.journal()) == 1


def test_an_update_that_names_no_event_is_refused(office: Office, event: Any, add: Any) -> None:
    """Without ID and UID nobody knows which event is meant: a second one would be made."""
    add(event())
    assert codes(import_(office, event(None), update=True)) == ["nameless_update"]
    assert len(office.all_events()) == 1
    assert len(allowed(import_(office, event(None)))) == 1, "without --update it is a new one"


@pytest.mark.parametrize(
    ("stored", "said", "complete", "told"),
    [
        (None, Status.PUBLISHED, False, None),
        (None, Status.PUBLISHED, True, None),
        (None, Status.DRAFT, True, None),
        (None, Status.CANCELLED, False, "cancelled"),
        (None, Status.POSTPONED, True, "postponed"),
        (Status.DRAFT, Status.PUBLISHED, False, None),
        (Status.DRAFT, Status.PUBLISHED, True, "published"),
        (Status.PUBLISHED, Status.PUBLISHED, True, None),
        (Status.PUBLISHED, Status.CANCELLED, False, "cancelled"),
        (Status.PUBLISHED, Status.DRAFT, False, "draft"),
    ],
)
def test_a_status_that_an_import_drops_is_told(
    office: Office,
    event: Any,
    add: Any,
    stored: Status | None,
    said: Status,
    complete: bool,
    told: str | None,
) -> None:
    """An import neither announces nor calls off; it says so, every time it is asked to."""
    if stored is not None:
        add(event(), publish=stored is Status.PUBLISHED)
    file = Imported(events=[event(status=said)], complete=complete)
    for time in range(2):
        [revision] = allowed(office.import_events(file, actor=ANNE, update=True))
        assert revision.event.status is (stored or Status.DRAFT)
        found = [one.data["trouble"] for one in revision.findings if one.code == "EK520"]
        if stored is not None or time == 0:  # afterwards it is an update of a draft
            assert found == ([told] if told else [])


def test_a_known_uid_is_the_same_event(office: Office, event: Any, add: Any) -> None:
    """A calendar imported twice: refused, or with update a revision of the event it was."""
    first = add(event(None, uid="u@x"))
    assert codes(import_(office, event(None, uid="u@x"))) == ["known_uid"]
    [second] = allowed(import_(office, event(None, uid="u@x", title="Ny"), update=True))
    assert (second.event.id, second.number) == (first.event.id, 2)


@pytest.mark.parametrize("update", [False, True])
def test_a_uid_belongs_to_one_id(office: Office, event: Any, add: Any, update: bool) -> None:
    """Neither another event's UID nor another UID for a known event is taken."""
    add(event("22-1", uid="u@x"))
    other = import_(office, event("22-2", uid="u@x"), update=update)
    assert codes(other) == ["uid_of_another"]
    changed = import_(office, event("22-1", uid="v@x"), update=update)
    assert "uid_differs" in codes(changed)
    assert len(office.all_events()) == 1


def test_one_event_stands_once_in_a_file(office: Office, event: Any, add: Any) -> None:
    """By id, by UID, or one by id and the other by UID."""
    assert codes(import_(office, event("a"), event("a"))) == ["id_twice"]
    twice = import_(office, event("a", uid="u"), event("b", uid="u"))
    assert codes(twice) == ["uid_twice"]
    add(event("a", uid="u"))
    mixed = import_(office, event("a"), event(None, uid="u"), update=True)
    assert codes(mixed) == ["id_twice"]


def test_an_update_may_not_break_what_is_announced(office: Office, event: Any, add: Any) -> None:
    """A new error on a published event is refused, on a draft it is only a finding."""
    add(event("a"))
    add(event("b"), publish=True)
    late = date(2022, 5, 1)
    assert isinstance(import_(office, event("a", deadline=late), update=True), Allowed)
    decision = import_(office, event("b", deadline=late), update=True)
    assert codes(decision) == ["unacknowledged_finding"]
    assert decision.reasons[0].data["event"] == "b"


# --- publishing ------------------------------------------------------------------------------


def test_publishing_is_a_revision_that_the_public_sees(
    office: Office, event: Any, add: Any, clock: Any
) -> None:
    """Before it nothing shows the event; after it everything does; SEQUENCE stands."""
    add(event())
    with pytest.raises(NotFoundError):
        office.published("22-1")
    clock.now += timedelta(hours=1)
    made = allowed(office.publish("22-1", actor=BO))
    assert (made.number, made.sequence, made.at, made.actor) == (2, 0, clock.now, BO)
    assert office.published("22-1").event.status is Status.PUBLISHED
    assert [entry.action for entry in office.store.journal("22-1")] == ["import", "publish"]


def test_publishing_waits_for_errors_to_be_mended_or_acknowledged(
    office: Office, event: Any, add: Any
) -> None:
    """Every error that stands is named; a warning holds nobody back."""
    skipped = datetime(2022, 3, 27, 2, 30, tzinfo=event().starts.tzinfo)
    add(event(starts=skipped, ends=None, deadline=date(2022, 5, 1), programme=()))
    refused = office.publish("22-1", actor=BO)
    assert set(codes(refused)) == {"unacknowledged_finding"}
    named = {(r.data["finding"], r.data["path"]) for r in refused.reasons}
    assert named == {("EK201", "deadline"), ("EK205", "starts")}
    for code in ("EK201", "EK205"):
        allowed(office.acknowledge("22-1", code, reason="Det er aftalt", actor=ANNE))
    assert allowed(office.publish("22-1", actor=BO)).event.status is Status.PUBLISHED
    assert office.store.journal("22-1")[1].reason == "Det er aftalt"


def test_a_changed_fact_nags_again(office: Office, event: Any, add: Any) -> None:
    """An acknowledgement holds for what was seen, not for the code."""
    made = add(event(deadline=date(2022, 5, 1)))
    made = allowed(office.acknowledge("22-1", "EK201", reason="Aftalt", actor=ANNE))
    later = evolve(made.event, deadline=date(2022, 5, 2))
    allowed(office.change(later, base=made.number, actor=ANNE))
    assert codes(office.publish("22-1", actor=ANNE)) == ["unacknowledged_finding"]


def test_an_acknowledgement_needs_a_reason_and_something_to_acknowledge(
    office: Office, event: Any, add: Any
) -> None:
    """Both are refused without a trace."""
    add(event(deadline=date(2022, 5, 1)))
    assert codes(office.acknowledge("22-1", "EK201", reason=" ", actor=ANNE)) == ["reason_missing"]
    assert codes(office.acknowledge("22-1", "EK999", reason="x", actor=ANNE)) == ["no_such_finding"]
    elsewhere = office.acknowledge("22-1", "EK201", reason="x", actor=ANNE, path="starts")
    assert codes(elsewhere) == ["no_such_finding"]
    assert office.revision("22-1").number == 1


def test_what_is_announced_or_cancelled_is_not_published_again(
    office: Office, event: Any, add: Any
) -> None:
    """A postponed event is, when its new date is known, and calendars move."""
    made = add(event(), publish=True)
    assert codes(office.publish("22-1", actor=ANNE)) == ["already_published"]
    put_off = evolve(made.event, status="postponed", status_reason="Sygdom")
    made = allowed(office.change(put_off, base=made.number, actor=ANNE))
    again = allowed(office.publish("22-1", actor=ANNE))
    assert (again.event.status, again.event.status_reason) == (Status.PUBLISHED, "")
    assert again.sequence == made.sequence + 1
    gone = evolve(again.event, status="cancelled", status_reason="Sne")
    allowed(office.change(gone, base=again.number, actor=ANNE))
    assert codes(office.publish("22-1", actor=ANNE)) == ["event_cancelled"]


# --- changing --------------------------------------------------------------------------------


def test_a_change_names_the_revision_it_was_made_from(office: Office, event: Any, add: Any) -> None:
    """A stale one is refused with both versions, and nothing is overwritten."""
    made = add(event())
    allowed(office.change(evolve(made.event, title="Annes"), base=1, actor=ANNE, reason="Titel"))
    decision = office.change(evolve(made.event, title="Bos"), base=1, actor=BO)
    assert codes(decision) == ["changed_meanwhile"]
    told = decision.reasons[0].data  # type: ignore[union-attr]
    assert (told["yours"]["title"], told["theirs"]["title"]) == ("Bos", "Annes")  # type: ignore[index,call-overload]
    assert (told["base"], told["number"]) == (1, 2)
    assert office.revision("22-1").event.title == "Annes"
    assert office.revision("22-1").reason == "Titel"
    assert office.revision("22-1", 1).event.title == "Netværksmøde"


def test_sequence_rises_only_for_what_moves_a_published_event(
    office: Office, event: Any, add: Any
) -> None:
    """Not for a typo, and not in a draft that is in no calendar."""
    made = add(event())
    told = []
    for change in (
        {"venue": Venue(name="Et andet sted")},
        {"status": "published"},
        {"title": "Netværksmøder"},
        {"starts": made.event.starts + timedelta(minutes=30)},
        {"online": OnlineAccess(provider="Teams", url="https://teams.example/andet")},
        {"description": "Ret en slåfejl"},
    ):
        now = office.revision("22-1")
        if "status" in change:
            allowed(office.publish("22-1", actor=ANNE))
        else:
            allowed(office.change(evolve(now.event, **change), base=now.number, actor=ANNE))
        told.append(office.revision("22-1").sequence)
    assert told == [0, 0, 0, 1, 2, 2]


def test_a_change_that_changes_nothing_is_none(office: Office, event: Any, add: Any) -> None:
    """The same document, no revision and no entry; without a UID it keeps the one it has."""
    made = add(event())
    same = allowed(office.change(evolve(made.event, uid=None), base=1, actor=ANNE))
    assert same == made
    assert len(office.store.journal()) == 1


def test_a_change_neither_publishes_nor_takes_back(office: Office, event: Any, add: Any) -> None:
    """Those are commands of their own; nor does it give an event another UID."""
    draft = add(event("a"))
    out = add(event("b"), publish=True)
    published = office.change(evolve(draft.event, status="published"), base=1, actor=ANNE)
    assert codes(published) == ["not_published"]
    taken_back = office.change(evolve(out.event, status="draft"), base=2, actor=ANNE)
    assert codes(taken_back) == ["cannot_unpublish"]
    assert codes(office.change(evolve(draft.event, uid="ny"), base=1, actor=ANNE)) == [
        "uid_differs"
    ]


def test_an_old_error_keeps_nobody_from_mending_a_typo(
    office: Office, event: Any, add: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only an error that the change brings is refused, as when a new check learns to see."""
    made = add(event(), publish=True)
    seen = Finding(code="EK201", severity=Severity.ERROR, path="deadline", data={"n": 1})
    monkeypatch.setattr(office, "check", lambda event: (seen,))
    allowed(office.change(evolve(made.event, title="Rettet"), base=made.number, actor=ANNE))
    monkeypatch.setattr(
        office, "check", lambda event: (evolve(seen, data={"n": int(event.title == "Ny")}),)
    )
    refused = office.change(evolve(made.event, title="Ny"), base=made.number + 1, actor=ANNE)
    assert codes(refused) == ["unacknowledged_finding"]


@pytest.mark.parametrize("name", ["22-9", "", "a/b", "x" * 5_000_000, "\udcff", "a\0", "Æ", "\n"])
def test_an_unknown_event_is_not_found(office: Office, name: str) -> None:
    """Whatever it is called, and in one short line that can be printed."""
    for ask in (office.revision, office.published, office.seats, office.posting):
        with pytest.raises(NotFoundError) as caught:
            ask(name)
        assert caught.value.code == "unknown_event"
        assert len(str(caught.value)) < 200
        assert str(caught.value).isprintable()
    with pytest.raises(NotFoundError):
        office.publish(name, actor=ANNE)


# --- the public ------------------------------------------------------------------------------


def test_the_public_sees_no_private_link_and_nothing_of_the_staff(
    office: Office, event: Any, add: Any
) -> None:
    """On no surface: page, list, calendar or any export; staff see it all."""
    made = add(event(), publish=True)
    allowed(office.change(evolve(made.event, kind="Møde"), base=2, actor=ANNE, reason="Hemmelig"))
    seen = office.published("22-1")
    surfaces = [
        codec.dumps(seen),
        *(codec.dumps(one) for one in office.upcoming(office.now())),
        *(office.feed(language=language).decode() for language in ("da", "en")),
        *(
            office.export(name, ["22-1"], language="da", public=True).decode()
            for name, one in office.plugins.exporters.items()
            if one.scope is Scope.EVENTS
        ),
    ]
    for text in surfaces:
        flat = text.replace("\r\n ", "")
        for secret in ("hemmelig", "Hemmelig", "anne@example.dk", "announcement.status"):
            assert secret not in flat
    assert seen.event.online == OnlineAccess(provider="Teams")
    staff = json.loads(office.export("json", ["22-1"], public=False))
    assert staff["online"]["url"] == "https://teams.example/hemmelig"
    assert staff["extra"] == {"announcement.status": "Tilmelding lukket"}


def test_a_public_link_is_public(office: Office, event: Any, add: Any) -> None:
    """Where the organiser said so."""
    link = OnlineAccess(provider="Zoom", url="https://zoom.example/1", public=True)
    add(event(online=link), publish=True)
    assert office.published("22-1").event.online == link


def test_drafts_and_unlisted_events_are_in_no_list_and_no_feed(
    office: Office, event: Any, add: Any
) -> None:
    """An unlisted one is there for whoever knows its address; a draft for nobody."""
    add(event("draft", uid="u-draft"))
    add(event("unlisted", uid="u-unlisted", listed=False), publish=True)
    add(event("listed", uid="u-listed"), publish=True)
    now = office.now()
    assert [one.event.id for one in office.upcoming(now)] == ["listed"]
    assert [one.event.id for one in office.past(now + timedelta(days=90))] == ["listed"]
    feed = office.feed(language="da").decode()
    assert "u-listed" in feed
    assert "u-draft" not in feed
    assert "u-unlisted" not in feed
    assert office.published("unlisted").event.id == "unlisted"
    with pytest.raises(NotFoundError):
        office.export("ics", ["draft"], public=True)
    assert len(office.all_events()) == 3


def test_lists_divide_at_the_end_of_the_event(office: Office, event: Any, add: Any) -> None:
    """Upcoming until it is over, the next first; past from then on, the latest first."""
    day = timedelta(days=1)
    add(
        *(
            event(f"e{n}", starts=event().starts + n * day, ends=event().ends + n * day)
            for n in range(3)
        ),
        publish=True,
    )
    over = event().ends + day
    before = over - timedelta(microseconds=1)
    assert [one.event.id for one in office.upcoming(before)] == ["e1", "e2"]
    assert [one.event.id for one in office.upcoming(over)] == ["e2"]
    assert [one.event.id for one in office.past(over)] == ["e1", "e0"]


def test_cancelled_and_postponed_events_stay_in_lists_and_calendars(
    office: Office, event: Any, add: Any
) -> None:
    """Those who had it in mind must see what became of it."""
    made = add(event(), publish=True)
    allowed(
        office.change(
            evolve(made.event, status="cancelled", status_reason="Sne"), base=2, actor=ANNE
        )
    )
    assert [one.event.status for one in office.upcoming(office.now())] == [Status.CANCELLED]
    assert b"STATUS:CANCELLED" in office.feed(language="da")


def test_a_feed_may_be_narrowed(office: Office, event: Any, add: Any) -> None:
    """To a series, an organiser or a kind, all of which must fit; a strange one is empty."""
    net = Organiser(name="Net", slug="net")
    add(
        event("a", uid="u-a", series="Viceværter", organiser=net),
        event("b", uid="u-b", series="Viceværter", kind="Kursus"),
        event("c", uid="u-c", organiser=net, kind="Kursus"),
        publish=True,
    )

    def uids(**narrow: str) -> list[str]:
        text = office.feed(language="da", **narrow).decode()
        return sorted(part[:3] for part in text.split("UID:")[1:])

    assert uids() == ["u-a", "u-b", "u-c"]
    assert uids(series="Viceværter") == ["u-a", "u-b"]
    assert uids(organiser="net") == ["u-a", "u-c"]
    assert uids(organiser="net", kind="Kursus") == ["u-c"]
    assert uids(series="\udcff") == uids(kind="\0") == uids(kind="x" * 5000) == []


def test_a_feed_is_a_whole_calendar_with_its_address(office: Office, event: Any, add: Any) -> None:
    """One VTIMEZONE for each zone, the site's name and where to ask again."""
    add(event("a"), publish=True)
    text = office.feed(language="en", series=None).decode()
    assert text.startswith("BEGIN:VCALENDAR\r\n")
    assert text.endswith("END:VEVENT\r\nEND:VCALENDAR\r\n")
    assert text.count("BEGIN:VTIMEZONE") == 1
    assert "https://moeder.example/en/calendar.ics" in text.replace("\r\n ", "")


def test_a_feed_holds_what_an_export_writes(office: Office, event: Any, add: Any) -> None:
    """The stored entry is the one that is rendered now, letter for letter."""
    add(event(), publish=True)
    exported = office.export("ics", ["22-1"], language="da", public=True)
    entry = exported[exported.index(b"BEGIN:VEVENT") :]
    assert office.feed(language="da").endswith(entry)


def test_a_format_for_staff_is_no_public_one(
    office: Office, event: Any, add: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list of participants is unknown to the public, and so is a format nobody writes."""
    add(event(), publish=True)
    people = Exporter(
        name="people",
        title={"da": "Deltagere"},
        media_type="text/csv",
        suffix=".csv",
        scope=Scope.PARTICIPANTS,
        write=lambda request: b"names",
    )
    monkeypatch.setitem(office.plugins._exporters, "people", ("builtin", people))
    with pytest.raises(NotFoundError) as caught:
        office.export("people", ["22-1"], public=True)
    assert caught.value.code == "unknown_format"
    assert "people" not in caught.value.data["formats"]
    assert office.export("people", ["22-1"], public=False, actor=ANNE) == b"names"
    with pytest.raises(NotFoundError):
        office.export("xml", ["22-1"])


# --- health, clock and haste -----------------------------------------------------------------


def test_health_says_what_machines_ask(
    office: Office, event: Any, add: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Well with the number of events; unwell with a code, and never raising."""
    add(event())
    assert office.health() == {
        "ok": True,
        "database": "ok",
        "events": 1,
        "tick_age": None,
        "notice_age": None,
    }

    def fail() -> int:
        raise StoreError("gone", code="database_failed")

    monkeypatch.setattr(office.store, "count", fail)
    assert office.health() == {"ok": False, "database": "database_failed"}


def test_it_is_unwell_that_nobody_does_what_is_due(
    office: Office, event: Any, add: Any, clock: Any
) -> None:
    """A tick 15 minutes late, or a notice an hour overdue; ages are told, and no name."""
    office.store.outbox.beat("tick", clock.now)
    clock.now += timedelta(minutes=15)
    assert (office.health()["ok"], office.health()["tick_age"]) == (True, 900)
    clock.now += timedelta(seconds=1)
    assert office.health()["ok"] is False
    office.store.outbox.beat("tick", clock.now)
    assert office.health()["ok"] is True
    add(event(), publish=True)
    signup = Signup(people=[Person(name="Anne", email="anne@example.dk")], key="k")
    allowed(office.register("22-1", signup, actor=ANNE))
    clock.now += timedelta(hours=1, seconds=1)
    office.store.outbox.beat("tick", clock.now)
    health = office.health()
    assert (health["ok"], health["notice_age"]) == (False, 3601)
    assert "Anne" not in str(health)


def test_each_command_reads_the_clock_once(office: Office, event: Any, clock: Any) -> None:
    """However often it has to decide; revision and journal have that one moment."""
    made = allowed(import_(office, event()))[0]
    commands: list[Any] = [
        lambda: import_(office, event("b"), event(None)),
        lambda: office.change(evolve(made.event, deadline=date(2022, 5, 1)), base=1, actor=ANNE),
        lambda: office.acknowledge("22-1", "EK201", reason="x", actor=ANNE),
        lambda: office.publish("22-1", actor=ANNE),
    ]
    for command in commands:
        before = clock.reads
        allowed(command())
        assert clock.reads == before + 1


def test_a_command_that_was_overtaken_decides_again(
    office: Office, event: Any, add: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On what holds then: a second publisher is told, and no revision is lost."""
    add(event())
    real, overtaken = office.store.save, []

    def save(outcomes: Any, *more: Any) -> bool:
        if not overtaken:
            overtaken.append(True)
            now = office.revision("22-1")
            allowed(office.change(evolve(now.event, title="Bos"), base=now.number, actor=BO))
        return real(outcomes, *more)

    monkeypatch.setattr(office.store, "save", save)
    made = allowed(office.publish("22-1", actor=ANNE))
    assert (made.number, made.event.title, made.event.status) == (3, "Bos", Status.PUBLISHED)


def test_a_database_that_never_rests_is_given_up(
    office: Office, event: Any, add: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After many tries, with an error instead of a loop."""
    add(event())
    tried = []
    monkeypatch.setattr(office.store, "save", lambda outcomes, *more: bool(tried.append(1)))
    with pytest.raises(StoreError) as caught:
        office.publish("22-1", actor=ANNE)
    assert caught.value.code == "database_busy"
    assert len(tried) == usecases.TRIES


def test_twenty_imports_at_once_get_twenty_numbers(office: Office, event: Any) -> None:
    """No number is given twice and none is skipped, however many ask at once."""
    found: list[str] = []

    def one() -> None:
        [made] = allowed(import_(office, event(None)))
        found.append(made.event.id)

    threads = [threading.Thread(target=one) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(f"22-{n}" for n in range(1, 21))


def test_of_many_changes_from_one_revision_one_is_made(
    office: Office, event: Any, add: Any
) -> None:
    """The others are refused, each seeing the one that won."""
    made = add(event())
    answers: list[Any] = []

    def one(number: int) -> None:
        after = evolve(made.event, title=f"Nr. {number}")
        answers.append(office.change(after, base=1, actor=ANNE))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(answer, Allowed) for answer in answers) == 1
    assert office.revision("22-1").number == 2


@pytest.mark.parametrize("by", ["call_off", "change"])
def test_nobody_calls_off_without_a_reason(office: Office, event: Any, add: Any, by: str) -> None:
    """Everybody is told it, whichever way it is done."""
    made = add(event(), publish=True)
    if by == "call_off":
        decision = office.call_off("22-1", base=made.number, actor=ANNE, reason=" ")
    else:
        off = evolve(made.event, status="cancelled")
        decision = office.change(off, base=made.number, actor=ANNE, reason="Sne")
    assert codes(decision) == ["call_off_reason_missing"]
    assert office.revision("22-1").event.status is Status.PUBLISHED


def test_no_reason_holds_a_cpr_number(office: Office, event: Any, add: Any) -> None:
    """It would be kept in the journal, and shown to everybody."""
    made = add(event(), publish=True)
    said = "Ring til 010190-1234"
    base = made.number

    def off(reason: str) -> Any:
        return office.call_off("22-1", base=base, actor=ANNE, reason=reason)

    renamed = evolve(made.event, title="Nyt navn")
    postponed = evolve(made.event, status=Status.POSTPONED, status_reason=said)
    assert codes(off(said)) == ["cpr"]
    assert codes(office.change(renamed, base=base, actor=ANNE, reason=said)) == ["cpr"]
    assert codes(office.change(postponed, base=base, actor=ANNE)) == ["cpr"]
    assert isinstance(off("Ring til 33 76 20 00"), Allowed)
    base = office.revision("22-1").number
    assert codes(office.take_back("22-1", base=base, actor=ANNE, reason=said)) == ["cpr"]
