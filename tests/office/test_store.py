"""The store: all or nothing, what is kept in memory, ready calendar entries, and the audit."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from attrs import evolve
from databases import tamper

from eventkit.model.decision import Finding, Severity
from eventkit.model.errors import StoreError
from eventkit.model.event import Event, Revision
from eventkit.model.registration import Entry, Outcome, Seats
from eventkit.model.values import SYSTEM, Actor, Side, Venue
from eventkit.office import store as store_module
from eventkit.office.store import Store

SRC = Path(__file__).parents[2] / "src"
AT = datetime(2022, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
STAFF = Actor(Side.STAFF, "anne@example.dk")


def outcome(event: Event, number: int = 1, **changes: Any) -> Outcome:
    told: dict[str, Any] = {"sequence": 0, "at": AT, "actor": STAFF, **changes}
    revision = Revision(event=event, number=number, **told)
    entry = Entry(at=AT, actor=STAFF, action="test", event=event.id, data={"revision": number})
    return Outcome(revision=revision, entries=(entry,))


@pytest.fixture
def statements(store: Store) -> Iterator[list[str]]:
    """Every statement the store sends."""
    sent: list[str] = []
    engine = store._database._engine

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        sent.append(" ".join(statement.split()))

    sa.event.listen(engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(engine, "before_cursor_execute", note)


# --- saving ----------------------------------------------------------------------------------


def test_what_is_saved_is_read_back(store: Store, url: str, event: Any) -> None:
    """By another store too: event, findings, actor, reason and the moment, to the microsecond."""
    seen = Finding(code="EK501", severity=Severity.INFO, path="venue", data={"a": [1, {"b": None}]})
    saved = outcome(event(uid="u", status="draft"), findings=(seen,), reason="Prøve")
    assert store.save([saved])
    other = Store.open(url)
    assert other.revision("22-1") == saved.revision
    assert other.seats("22-1") == Seats.of(event())
    assert other.journal("22-1") == saved.entries
    other.close()


def test_a_time_keeps_zone_and_fold(store: Store, url: str, event: Any) -> None:
    """The hour that comes twice in October is told apart after a restart."""
    place = event().starts.tzinfo
    second = datetime(2022, 10, 30, 2, 30, tzinfo=place, fold=1)
    made = event(uid="u", starts=second, ends=second + timedelta(hours=9), deadline=None)
    assert store.save([outcome(made)])
    other = Store.open(url)
    read = other.revision("22-1")
    assert read is not None
    assert (read.event.starts.fold, read.event.starts.tzinfo) == (1, place)
    other.close()


def test_a_taken_id_or_uid_saves_nothing(store: Store, event: Any) -> None:
    """Not even what else stood in the same outcome."""
    assert store.save([outcome(event("a", uid="u"))])
    for taken in (event("a", uid="v"), event("b", uid="u")):
        assert not store.save([outcome(event("c", uid="w")), outcome(taken)])
    assert [revision.event.id for revision, _ in store.all_revisions()] == ["a"]


def test_an_event_that_moved_saves_nothing(store: Store, event: Any) -> None:
    """A revision is the next one or none; the others of its outcomes are undone with it."""
    first = event("a", uid="u")
    assert store.save([outcome(first)])
    assert store.save([outcome(evolve(first, title="2"), 2)])
    late = outcome(evolve(first, title="Sen"), 2)
    assert not store.save([outcome(event("b", uid="v")), late])
    assert not store.save([outcome(evolve(first, title="4"), 4)])
    assert not store.save([outcome(event("nobody", uid="x"), 2)])
    assert [one.event.title for one in store.history("a")] == ["Netværksmøde", "2"]
    assert store.count() == 1


def test_capacity_follows_the_event_and_counts_stand(store: Store, event: Any) -> None:
    """The seats row has this revision's capacities; who sits there is none of its business."""
    first = event("a", uid="u", capacity=40)
    assert store.save([outcome(first)])
    with store._database.writing() as connection:
        connection.exec_driver_sql("UPDATE seats SET room_confirmed = 3")
    assert store.save([outcome(evolve(first, capacity=30, online_capacity=5), 2)])
    seats = store.seats("a")
    assert seats is not None
    assert (seats.room.capacity, seats.room.confirmed, seats.online.capacity) == (30, 3, 5)
    with store._database.writing() as connection:
        connection.exec_driver_sql("UPDATE seats SET room_confirmed = 0")


# --- reading ---------------------------------------------------------------------------------


def test_a_page_costs_one_small_select(store: Store, event: Any, statements: list[str]) -> None:
    """Once a revision has been read, only its number and the seats are asked for."""
    assert store.save([outcome(event(uid="u"))])
    assert store.posted("22-1") == store.posted("22-1")
    statements.clear()
    assert store.posted("22-1") is not None
    [statement] = statements
    assert statement.startswith("SELECT events.published, seats.room_capacity")
    assert "document" not in statement


def test_a_list_costs_one_small_select(store: Store, event: Any, statements: list[str]) -> None:
    """However many events it shows, with their seats."""
    assert store.save([outcome(event(f"e{n}", uid=f"u{n}")) for n in range(50)])
    assert len(store.listed(after=AT)) == 50
    statements.clear()
    assert len(store.listed(after=AT)) == 50
    assert len(statements) == 1


def test_a_feed_is_one_select(store: Store, event: Any, statements: list[str]) -> None:
    """And a join of what it gives."""
    assert store.save([outcome(event(f"e{n}", uid=f"u{n}")) for n in range(50)])
    statements.clear()
    texts, years = store.feed("da")
    assert (len(texts), years) == (50, {"Europe/Copenhagen": (2022, 2022)})
    assert len(statements) == 1


def test_memory_is_bounded(store: Store, event: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The revisions used last are kept; what was dropped is read again."""
    monkeypatch.setattr(store_module, "KEPT", 3)
    small = Store(store._database, store.base_url)
    assert store.save([outcome(event(f"e{n}", uid=f"u{n}")) for n in range(10)])
    assert [r.event.id for r, _ in small.all_revisions()] == [f"e{n}" for n in range(10)]
    assert len(small._kept._values) <= 3
    for n in (0, 9, 0, 5):
        revision = small.revision(f"e{n}")
        assert revision is not None
        assert revision.event.id == f"e{n}"


def test_many_ids_are_more_than_one_question(store: Store, event: Any) -> None:
    """More than a database takes in one IN (…)."""
    assert store.save([outcome(event(f"e{n}", uid=f"u{n}")) for n in range(1001)])
    ids = [f"e{n}" for n in range(2000)]
    assert len(store.known(ids)) == 1001
    assert len(store.of_uids(f"u{n}" for n in range(5000))) == 1001
    assert len(store.all_revisions()) == 1001


def test_the_beginning_of_an_id_is_no_pattern(store: Store, event: Any) -> None:
    """A wildcard of SQL in it stands for itself."""
    assert store.save([outcome(event("22-1", uid="u")), outcome(event("2_-1", uid="v"))])
    assert store.ids_beginning("2_-") == ("2_-1",)


# --- calendars -------------------------------------------------------------------------------


def test_a_moved_site_has_its_new_address_at_once(store: Store, url: str, event: Any) -> None:
    """A feed never gives the old one: entries are worded anew, and kept by the next `create`."""
    assert store.save([outcome(event(f"e{n}", uid=f"u{n}")) for n in range(3)])
    moved = Store.open(url, base_url="https://ny.example")
    assert moved.stale() == 6
    before, _ = moved.feed("da")
    assert all(b"https://ny.example/events/e" in text for text in before)
    moved.close()
    again = Store.create(url, base_url="https://ny.example")
    assert again.stale() == 0
    assert list(again.feed("da")[0]) == list(before)
    assert again.audit() == ()
    again.close()
    store.base_url = "https://ny.example"


def test_refreshing_what_is_right_writes_nothing(store: Store, url: str, event: Any) -> None:
    """Only entries that would read otherwise are written."""
    assert store.save([outcome(event("a", uid="u")), outcome(event("b", uid="v"))])
    assert store.refresh() == 0
    tamper(url, "UPDATE vevents SET text = 'x' WHERE event_id = 'a' AND language = 'en'")
    assert store.refresh() == 1


def test_each_revision_keeps_its_entry(store: Store, event: Any) -> None:
    """In both languages; a draft has none, and an older one still has its own."""
    made = event("a", uid="u", status="draft")
    assert store.save([outcome(made)])
    assert store.save([outcome(evolve(made, status="published"), 2)])
    assert store.save([outcome(evolve(made, status="published", title="Nyt navn"), 3)])
    with store._database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT number, language, text FROM vevents").all()
    assert sorted((number, language) for number, language, _ in rows) == [
        (2, "da"),
        (2, "en"),
        (3, "da"),
        (3, "en"),
    ]
    assert [b"Nyt navn" in text for number, _, text in sorted(rows)] == [False, False, True, True]


# --- the audit -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "path"),
    [
        ("DELETE FROM revisions WHERE number = 1", "a"),
        ("UPDATE events SET number = 1", "a"),
        ("UPDATE events SET published = NULL", "a.published"),
        ("UPDATE events SET listed = FALSE", "a.listed"),
        ("UPDATE events SET starts = '2022-04-21 07:31:00.000000'", "a.starts"),
        ("UPDATE events SET over = '2022-04-21 07:31:00.000000'", "a.over"),
        ("UPDATE events SET uid = 'other'", "a.uid"),
        ("UPDATE events SET series = 'x'", "a.series"),
        ("DELETE FROM seats", "a"),
        ("UPDATE seats SET room_capacity = 1", "a.seats"),
        ("UPDATE seats SET online_waiting = 1", "a.seats"),
        ("UPDATE revisions SET sequence = 5 WHERE number = 1", "a[2]"),
        ("DELETE FROM journal WHERE id = 2", "a[2]"),
        ("INSERT INTO journal SELECT id + 9, at, actor_side, actor_id, action, event_id,"
         " registration, reason, data FROM journal WHERE id = 1", "a[1]"),
        ("UPDATE journal SET actor_id = 'x' WHERE id = 1", "a[1]"),
        ("UPDATE journal SET data = '{\"revision\": 7}' WHERE id = 1", "a[7]"),
        ("DELETE FROM vevents WHERE number = 2 AND language = 'en'", "a[2]"),
        ("UPDATE vevents SET text = 'x' WHERE number = 2 AND language = 'da'", "a[2]"),
        ("INSERT INTO vevents VALUES ('a', 1, 'da', '', '', 'x')", "a[1]"),
        ("INSERT INTO seats SELECT 'ghost', room_capacity, 0, 0, 0, NULL, 0, 0, 0, 1, 0,"
         " NULL, NULL, NULL, NULL FROM seats", "ghost"),
    ],
)  # fmt: skip
def test_the_audit_sees(url: str, event: Any, statement: str, path: str) -> None:
    """Each thing that does not add up, and where."""
    store = Store.create(url)
    made = event("a", uid="u", status="draft", venue=Venue(name="Her"))
    assert store.save([outcome(made)])
    assert store.save([outcome(evolve(made, status="published"), 2)])
    assert store.audit() == ()
    tamper(url, statement)
    assert path in [fault.path for fault in store.audit()]
    store.close()


# --- killed ----------------------------------------------------------------------------------


def test_an_import_that_is_killed_leaves_nothing_half(url: str) -> None:
    """SIGKILL at any moment: each import that was acknowledged is there, and none in part."""
    code = textwrap.dedent("""
        import sys
        from datetime import datetime, UTC
        from eventkit.model.event import Event, Imported
        from eventkit.model.values import SYSTEM
        from eventkit.office.settings import Settings
        from eventkit.office.store import Store
        from eventkit.office.usecases import Office
        from eventkit.plugins.manager import Plugins
        office = Office(Store.open(sys.argv[1]), Plugins.load(), Settings())
        starts = datetime(2022, 4, 21, 9, 30, tzinfo=UTC)
        print("ready", flush=True)
        for _ in range(99):
            events = [Event(id=None, title="Møde", starts=starts) for _ in range(50)]
            made = office.import_events(Imported(events=events), actor=SYSTEM).value
            print(made[-1].event.id, flush=True)
    """)
    Store.create(url).close()
    acknowledged = 0
    for wait in (0.0, 0.013, 0.031, 0.07, 0.11):
        process = subprocess.Popen(
            [sys.executable, "-c", code, url],
            env={**os.environ, "PYTHONPATH": str(SRC)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(wait)
        process.send_signal(signal.SIGKILL)
        said = process.stdout.read().split()
        process.stdout.close()
        process.wait()
        acknowledged = max([acknowledged, *(int(one[3:]) for one in said)])
        store = Store.open(url)
        assert store.audit() == ()
        assert store.count() % 50 == 0
        assert store.count() >= acknowledged
        store.close()


STOP = {
    "sqlite": (
        "CREATE TRIGGER stop BEFORE INSERT ON {} BEGIN SELECT RAISE(FAIL, 'no'); END",
        "DROP TRIGGER stop",
    ),
    "postgresql": (
        "CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN RAISE integrity_constraint_violation; END';"
        " CREATE TRIGGER stop BEFORE INSERT ON {} EXECUTE FUNCTION stop()",
        "DROP FUNCTION stop CASCADE",
    ),
}
"""What refuses every row of a table, and what ends that."""


@pytest.mark.parametrize("table", ["events", "revisions", "vevents", "seats", "journal"])
def test_an_import_that_fails_midway_leaves_nothing(
    store: Store, url: str, event: Any, table: str
) -> None:
    """Whatever raises inside the transaction, at whichever statement."""
    begin, end = STOP[url.partition(":")[0]]
    tamper(url, begin.format(table))
    assert not store.save([outcome(event("a", uid="u"))])
    tamper(url, end)
    assert store.count() == 0
    assert store.journal() == ()
    assert store.save([outcome(event("a", uid="u"))])


def test_a_system_entry_without_an_event_is_nobodys_fault(store: Store) -> None:
    """What is done to no event in particular is in the journal and in no audit."""
    assert store.save([Outcome(entries=(Entry(at=AT, actor=SYSTEM, action="init"),))])
    assert [entry.action for entry in store.journal()] == ["init"]


def test_opening_twice_sees_the_same(store: Store, url: str, event: Any) -> None:
    """What one process commits, the next SELECT of another sees."""
    other = Store.open(url, base_url=store.base_url)
    assert other.revision("22-1") is None
    made = event(uid="u")
    assert store.save([outcome(made)])
    assert other.revision("22-1") is not None
    assert store.save([outcome(evolve(made, title="Nyt"), 2)])
    seen = other.posted("22-1")
    assert seen is not None
    assert seen[0].event.title == "Nyt"
    other.close()


def test_a_damaged_row_is_an_error_of_the_store(url: str, event: Any) -> None:
    """With the database and the event; the audit and the quick check go on to the end."""
    store = Store.create(url)
    assert store.save([outcome(event("22-1", uid="1")), outcome(event("22-2", uid="2"))])
    store.close()
    tamper(url, "UPDATE revisions SET document = '{}' WHERE event_id = '22-2'")
    store = Store.open(url)
    assert store.revision("22-1") is not None
    reads: tuple[Callable[[], object], ...] = (
        lambda: store.revision("22-2"),
        store.all_revisions,
        lambda: store.known(["22-2"]),
    )
    for read in reads:
        with pytest.raises(StoreError) as caught:
            read()
        assert caught.value.code == "database_damaged"
        assert caught.value.data["event"] == "22-2"
        assert caught.value.data["file"] == store.name
    assert store.quick_check() == ()
    assert [fault.path for fault in store.audit() if "read" in fault.text] == ["22-2"]
    store.close()
