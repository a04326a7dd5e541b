"""Backups: whole or not at all, from either kind of database into either, while others write."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import databases
import pytest
import sqlalchemy as sa
from attrs import evolve

from eventkit.model.decision import Allowed, Refused
from eventkit.model.errors import NotFoundError, StoreError
from eventkit.model.event import Event, Imported
from eventkit.model.registration import Signup
from eventkit.model.values import SYSTEM, Actor, Invoice, Person, Question, Side
from eventkit.office import backup, tables, usecases
from eventkit.office.backup import back_up, restore
from eventkit.office.erasures import PATIENCE, Record
from eventkit.office.ledger import Ledger
from eventkit.office.settings import Settings
from eventkit.office.store import Store
from eventkit.office.usecases import Office
from eventkit.plugins.manager import Plugins
from eventkit.rules.forms import identity_of

SRC = Path(__file__).parents[2] / "src"
NOW = datetime(2022, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kopi.backup"


@pytest.fixture(params=["sqlite", "postgres"])
def into_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of another database, of each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/into.db"
    else:
        with databases.fresh(request.getfixturevalue("postgres_server")) as url:
            yield url


@pytest.fixture
def into(into_url: str) -> Iterator[Store]:
    """The other database as `init` makes it; it adds up whatever is done to it."""
    store = Store.create(into_url, base_url="https://moeder.example")
    yield store
    assert store.audit() == ()
    store.close()


Join = Callable[..., Any]


@pytest.fixture
def join(office: Office) -> Join:
    """Registers one person by name."""

    def join(name: str, office: Office = office) -> Any:
        people = [Person(name=name, email=f"{name.lower()}@example.dk")]
        decision = office.register("22-1", Signup(people=people, key=name), actor=SYSTEM)
        assert isinstance(decision, Allowed), decision
        return decision.value.registrations[-1]

    return join


@pytest.fixture
def filled(store: Store, office: Office, event: Any, add: Any, join: Join) -> Store:
    """Two events, one a draft; three who came to two seats, and one who left again."""
    add(event(capacity=2, online_capacity=1), publish=True)
    add(event("22-2"))
    for name in ("Anne", "Bo", "Carl"):
        join(name)
    assert isinstance(office.cancel("22-1", (1,), actor=SYSTEM, reason="Syg"), Allowed)
    return store


def refusal(do: Callable[..., object], *arguments: Any, **more: Any) -> str:
    with pytest.raises(StoreError) as caught:
        do(*arguments, **more)
    assert "\n" not in str(caught.value)
    return caught.value.code


def rows(store: Store, *, mended: bool = False) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in a database, journal numbers apart; `mended` as a restore leaves it."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    with store.snapshot() as connection:
        for table in tables.metadata.sorted_tables:
            columns = [column for column in table.c if column is not tables.journal.c.id]
            query = sa.select(*columns).order_by(*table.primary_key)
            found[table.name] = [tuple(row) for row in connection.execute(query)]
    if mended:
        found["notices"] = [
            tuple("held" if value == "owed" else value for value in row) for row in found["notices"]
        ]
        current = {row[0]: row[3] for row in found["events"]}  # None for a draft
        for name in ("revisions", "vevents"):
            found[name] = [
                tuple(map(_gone_on, tables.metadata.tables[name].c.keys(), row))
                if current[row[0]] == row[1]
                else row
                for row in found[name]
            ]
    return found


def _gone_on(name: str, value: Any) -> Any:
    """A value of a revision, or of its calendar entry, with the SEQUENCE of after a restore."""
    if name == "sequence":
        return value + backup.LEAP
    if name == "text":
        before = re.search(rb"SEQUENCE:(\d+)", value)
        assert before is not None
        return value.replace(before[0], b"SEQUENCE:%d" % (int(before[1]) + backup.LEAP))
    return value


def office_of(store: Store, plugins: Plugins) -> Office:
    return Office(store, plugins, Settings(), clock=lambda: NOW)


# --- there and back --------------------------------------------------------------------------


def test_what_was_done_since_the_backup_is_done_again_in_silence(
    office: Office, store: Store, event: Any, add: Any, join: Join, path: Path, into: Store
) -> None:
    """Everybody was reminded after the backup, and so is nobody now."""
    add(event(), publish=True)
    join("Anne")
    back_up(store, path)
    later = datetime(2022, 4, 18, 12, tzinfo=UTC)

    def settle(copy: Store) -> None:
        Office(copy, office.plugins, Settings(), clock=lambda: later).settle()

    restore(path, into, now=later, settle=settle)
    held = [one.notice.kind.value for one in into.outbox.parcels(states=("held",))]
    assert held == ["confirmation", "reminder"]
    again = Office(into, office.plugins, Settings(), clock=lambda: later)
    assert again.settle() == ()
    assert not into.outbox.is_due(later)
    assert into.audit() == ()


def test_everything_comes_back(filled: Store, path: Path, into: Store) -> None:
    """Row by row, from each kind of database into each; what is more is one line of journal."""
    told = back_up(filled, path)
    before = rows(filled, mended=True)
    assert told == {name: len(found) for name, found in before.items()}
    done = restore(path, into, now=NOW)
    after = rows(into)
    line = after["journal"].pop()
    assert after == before
    assert into.journal()[-1].action == "restore"
    assert into.journal()[-1].at == NOW
    assert line[-1] == f'{{"held": {done.held}, "erased": 0}}'
    assert into.audit() == ()


def test_one_registers_on_after_a_restore(
    filled: Store,
    path: Path,
    into: Store,
    join: Join,
    plugins: Plugins,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The next number, the next place in line, and the next entry of the journal, at once."""
    back_up(filled, path)
    restore(path, into, now=NOW)
    monkeypatch.setattr(usecases, "TRIES", 1)
    assert join("Dorte", office_of(into, plugins)).number == 4
    assert [entry.registration for entry in into.journal()][-2:] == [None, 4]
    assert into.audit() == ()


def test_what_was_given_since_the_backup_is_nobody_else_s(
    filled: Store, path: Path, into: Store, join: Join, office: Office, plugins: Plugins
) -> None:
    """A number is given anew; the link, calendar entry and Message-ID that had it are not."""
    back_up(filled, path)
    before = join("Dorte", office)
    restore(path, into, now=NOW)
    settings = Settings(secret="s" * 40, base_url="https://moeder.example")
    later = NOW + timedelta(minutes=5)
    again = Office(into, plugins, settings, clock=lambda: later)
    after = join("Else", again)
    assert (after.event, after.number) == (before.event, before.number)
    assert after.uid != before.uid
    with pytest.raises(NotFoundError):
        again.by_link(again.links.token(before))
    assert again.by_link(again.links.token(after)) == (after, False)


def test_calendars_take_in_what_comes_after_a_restore(
    office: Office, store: Store, event: Any, add: Any, join: Join, path: Path, into: Store
) -> None:
    """Though they were sent a higher SEQUENCE since the backup; what is over stays as it was."""
    current = add(event(), publish=True)
    join("Anne")
    back_up(store, path)
    sent = current
    for hour in (10, 11):
        moved = evolve(sent.event, starts=sent.event.starts.replace(hour=hour))
        decision = office.change(moved, base=sent.number, actor=STAFF)
        assert isinstance(decision, Allowed)
        sent = decision.value
    restore(path, into, now=NOW)
    again = Office(into, office.plugins, Settings(), clock=lambda: NOW)
    event_id = str(sent.event.id)
    assert again.revision(event_id).sequence > sent.sequence > current.sequence
    assert f"SEQUENCE:{again.revision(event_id).sequence}".encode() in again.feed(language="da")
    gone = again.cancel(event_id, [1], actor=STAFF)
    assert isinstance(gone, Allowed)
    [notice] = gone.value.notices
    assert notice.sequence is not None
    assert notice.sequence > sent.sequence + 1
    assert into.audit() == ()


def test_what_is_over_keeps_its_sequence(filled: Store, path: Path, into: Store) -> None:
    """No calendar has to take anything in any more."""
    back_up(filled, path)
    restore(path, into, now=NOW + timedelta(days=1_000))
    with into.snapshot() as connection:
        sequences = connection.scalars(sa.select(tables.revisions.c.sequence)).all()
    assert sequences
    assert max(sequences) < backup.LEAP


def test_a_restored_database_is_backed_up_again(filled: Store, path: Path, into: Store) -> None:
    """As often as one likes: what was held stays held."""
    back_up(filled, path)
    restore(path, into, now=NOW)
    again = path.with_name("igen.backup")
    assert back_up(into, again)["journal"] == len(filled.journal()) + 1
    with opened(again) as copy:
        assert rows(copy) == rows(into)


def test_what_was_owed_waits_for_staff(filled: Store, path: Path, into: Store) -> None:
    """Nobody gets a second mail because of a restore; what is settled stays as it is."""
    owed = len(filled.notices("22-1"))
    assert owed >= 5
    with filled.filling() as connection:
        first = sa.select(sa.func.min(tables.notices.c.key)).scalar_subquery()
        connection.execute(
            sa.update(tables.notices).where(tables.notices.c.key == first).values(state="sent")
        )
    back_up(filled, path)
    assert restore(path, into, now=NOW).held == owed - 1
    with into.snapshot() as connection:
        states = connection.scalars(sa.select(tables.notices.c.state)).all()
    assert sorted(states) == ["held"] * (owed - 1) + ["sent"]


def test_what_was_never_sent_stays_owed_where_it_was(filled: Store, path: Path) -> None:
    """A backup changes nothing in the database it is made of."""
    before = rows(filled)
    back_up(filled, path)
    assert rows(filled) == before


def test_progress_is_told(
    filled: Store, path: Path, into: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up to the last row, in both directions."""
    monkeypatch.setattr(backup, "CHUNK", 2)
    for do in (
        lambda progress: back_up(filled, path, progress=progress),
        lambda progress: restore(path, into, now=NOW, progress=progress),
    ):
        told: list[tuple[int, int]] = []
        do(lambda done, total, told=told: told.append((done, total)))
        assert told == sorted(told)
        assert told[-1][0] == told[-1][1]
        assert len(told) > 10


# --- the file --------------------------------------------------------------------------------


def test_only_its_owner_can_read_it(
    filled: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even while it is being written; and nothing is left beside it."""
    seen: list[int] = []

    def look(done: int, total: int) -> None:
        [folder] = path.parent.glob(".kopi.backup.*")
        seen.append(stat.S_IMODE(folder.stat().st_mode))

    before = set(path.parent.iterdir())
    umask = os.umask(0)
    try:
        back_up(filled, path, progress=look)
    finally:
        os.umask(umask)
    assert set(seen) == {0o700}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(path.parent.iterdir()) - before == {path}


def test_it_is_one_whole_file(filled: Store, path: Path) -> None:
    """No log beside it is needed to read it: one may copy it anywhere."""
    back_up(filled, path)
    assert path.read_bytes()[18:20] == b"\1\1"  # not one with a log beside it
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as f:
        assert f.execute("SELECT count(*) FROM registrations").fetchone() == (3,)
        assert f.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_nothing_is_overwritten(filled: Store, path: Path, kind: str) -> None:
    """Neither a file nor a link to nowhere; and no draft is left."""
    match kind:
        case "file":
            path.write_text("vigtigt")
        case "link":
            path.symlink_to(path.with_name("ingenting"))
        case "folder":
            path.mkdir()
    before = set(path.parent.iterdir())
    assert refusal(back_up, filled, path) == "backup_exists"
    assert set(path.parent.iterdir()) == before
    if kind == "file":
        assert path.read_text() == "vigtigt"


@pytest.mark.parametrize("links", [True, False])
def test_nothing_that_came_meanwhile_is_overwritten(
    filled: Store, path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    """Also where the file system knows no second name for a file."""

    def refuse(*_: object) -> None:
        raise PermissionError

    if not links:
        monkeypatch.setattr(os, "link", refuse)
    came = lambda done, total: path.write_text("vigtigt")  # noqa: E731
    assert refusal(back_up, filled, path, progress=came) == "backup_exists"
    assert path.read_text() == "vigtigt"
    path.unlink()
    back_up(filled, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_row_too_few_is_no_backup(
    filled: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The finished file is opened and counted before it gets its name."""
    fill = backup._fill

    def lose(source: Any, target: Any, *more: Any) -> None:
        fill(source, target, *more)
        target.execute(sa.delete(tables.journal).where(tables.journal.c.id == 1))

    monkeypatch.setattr(backup, "_fill", lose)
    assert refusal(back_up, filled, path) == "backup_damaged"
    assert not path.exists()


# --- while others write ----------------------------------------------------------------------

WRITER = """
    import sys
    from eventkit.model.registration import Signup
    from eventkit.model.values import SYSTEM, Person, Role
    from eventkit.office.settings import Settings
    from eventkit.office.store import Store
    from eventkit.office.usecases import Office
    from eventkit.plugins.manager import Plugins
    store = Store.open(sys.argv[1])
    office = Office(store, Plugins.load(off=sys.argv[2].split()), Settings())
    print("ready", flush=True)
    for number in range(100_000):
        people = [Person(name=f"Nr. {number}", email=f"n{number}@example.dk")]
        signup = Signup(people=people, key=f"w{number}")
        office.register("22-1", signup, role=Role.HELPER, actor=SYSTEM, reason="x")
"""


def test_it_is_one_moment_of_a_database_that_others_write(
    filled: Store, url: str, path: Path, plugins: Plugins, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process registers without pause, and does so between any two tables copied."""
    monkeypatch.setattr(backup, "CHUNK", 3)
    off = " ".join(info.name for info in plugins.infos if not info.on)
    process = started(WRITER, url, off)
    waits = 0

    def wait(done: int, total: int) -> None:
        nonlocal waits
        before, until = len(filled.journal()), time.monotonic() + 60
        while len(filled.journal()) == before:
            assert process.poll() is None, "the writer has given up"
            assert time.monotonic() < until
            time.sleep(0.001)
        waits += 1

    try:
        told = back_up(filled, path, progress=wait)
        during = len(filled.journal())
    finally:
        process.kill()
        process.communicate()
    assert waits >= 10
    assert told["journal"] < during
    with opened(path) as copy:
        assert copy.audit() == ()
        assert len(copy.registrations("22-1")) == told["registrations"]


def started(code: str, *arguments: str) -> subprocess.Popen[str]:
    """A process that has said that it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        env={**os.environ, "PYTHONPATH": str(SRC)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Store]:
    """A backup as the database it is, without touching it."""
    work = path.with_name("opened.db")
    shutil.copy(path, work)
    store = Store.open(f"sqlite:///{work}", base_url="https://moeder.example")
    yield store
    store.close()


# --- killed half-way -------------------------------------------------------------------------

STUCK = """
    import sys
    from datetime import UTC, datetime
    from pathlib import Path
    from eventkit.office import backup
    from eventkit.office.store import Store
    backup.CHUNK = 1
    def stick(done, total):
        if done * 2 > total:
            print("ready", flush=True)
            sys.stdin.readline()
    store, path = Store.open(sys.argv[1]), Path(sys.argv[2])
    if sys.argv[3] == "backup":
        backup.back_up(store, path, progress=stick)
    else:
        now = datetime(2022, 3, 2, tzinfo=UTC)
        backup.restore(path, store, now=now, progress=stick)
"""


def test_a_backup_that_is_killed_leaves_no_file(filled: Store, url: str, path: Path) -> None:
    """Half of one never has the name; the next one is made as if nothing had been."""
    process = started(STUCK, url, str(path), "backup")
    process.kill()
    process.communicate()
    assert not path.exists()
    back_up(filled, path)
    with opened(path) as copy:
        assert copy.audit() == ()


def test_a_restore_that_is_killed_leaves_an_empty_database(
    filled: Store, path: Path, into: Store, into_url: str
) -> None:
    """Nothing of it is there, and it can be done again."""
    back_up(filled, path)
    process = started(STUCK, into_url, str(path), "restore")
    process.kill()
    process.communicate()
    assert not any(rows(into).values())
    restore(path, into, now=NOW)
    assert into.audit() == ()
    assert len(into.registrations("22-1")) == 3


# --- what is refused -------------------------------------------------------------------------


def test_a_database_that_holds_anything_is_refused(
    filled: Store, path: Path, into: Store, plugins: Plugins, event: Any
) -> None:
    """A draft is enough; nothing of it is changed."""
    back_up(filled, path)
    office = office_of(into, plugins)
    assert isinstance(office.import_events(Imported(events=[event("x")]), actor=SYSTEM), Allowed)
    before = rows(into)
    assert refusal(restore, path, into, now=NOW) == "not_empty"
    assert rows(into) == before
    assert refusal(restore, path, filled, now=NOW) == "not_empty"


@pytest.mark.parametrize("key", ["22-1", "another"])
def test_a_database_that_somebody_begins_to_use_meanwhile(
    filled: Store,
    path: Path,
    into: Store,
    plugins: Plugins,
    event: Any,
    monkeypatch: pytest.MonkeyPatch,
    key: str,
) -> None:
    """Theirs stays, and nothing of the backup comes in."""
    back_up(filled, path)
    hold = backup._hold_owed
    office = office_of(into, plugins)

    def begin(copy: Store) -> int:
        office.import_events(Imported(events=[event(key)]), actor=SYSTEM)
        return hold(copy)

    monkeypatch.setattr(backup, "_hold_owed", begin)
    assert refusal(restore, path, into, now=NOW) == "not_empty"
    assert [str(one.event.id) for one in office.all_events()] == [key]


def test_two_restores_at_once_are_one(
    filled: Store, path: Path, into: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second finds what the first one restored."""
    back_up(filled, path)
    hold = backup._hold_owed

    def race(copy: Store) -> int:
        monkeypatch.setattr(backup, "_hold_owed", hold)
        restore(path, into, now=NOW)
        return hold(copy)

    monkeypatch.setattr(backup, "_hold_owed", race)
    assert refusal(restore, path, into, now=NOW) == "not_empty"
    assert len(into.registrations("22-1")) == 3


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Store]:
    store = Store.create(f"sqlite:///{tmp_path}/empty.db")
    yield store
    assert not any(rows(store).values())
    store.close()


@pytest.mark.parametrize(
    "content",
    [b"", b"navn;e-mail\n", os.urandom(4096), b"SQLite format 3\0" + b"\xff" * 4096],
    ids=["empty", "text", "binary", "broken header"],
)
def test_a_file_that_is_no_backup(path: Path, empty: Store, content: bytes) -> None:
    """It is told, and nothing is restored."""
    path.write_bytes(content)
    assert refusal(restore, path, empty, now=NOW) == "not_a_backup"
    assert path.read_bytes() == content


def test_another_program_s_database_is_no_backup(path: Path, empty: Store) -> None:
    """Whatever is in it."""
    databases.tamper(f"sqlite:///{path}", "CREATE TABLE kunder (id INTEGER)")
    assert refusal(restore, path, empty, now=NOW) == "not_a_backup"


@pytest.mark.parametrize("kind", ["missing", "folder"])
def test_a_file_that_cannot_be_read(path: Path, empty: Store, kind: str) -> None:
    """The system's own error: the command line says it."""
    if kind == "folder":
        path.mkdir()
    with pytest.raises(OSError, match=r"kopi\.backup"):
        restore(path, empty, now=NOW)


def test_a_newer_backup_is_refused(filled: Store, path: Path, empty: Store) -> None:
    """It is not guessed at."""
    back_up(filled, path)
    databases.tamper(f"sqlite:///{path}", "UPDATE alembic_version SET version_num = '9999'")
    assert refusal(restore, path, empty, now=NOW) == "backup_newer"


@pytest.mark.parametrize("damage", ["cut off", "overwritten"])
def test_a_damaged_backup_is_refused(filled: Store, path: Path, empty: Store, damage: str) -> None:
    """Before anything is written."""
    back_up(filled, path)
    whole = path.read_bytes()
    if damage == "cut off":
        path.write_bytes(whole[: len(whole) // 2])
    else:
        path.write_bytes(whole[:8192] + b"\xa5" * 8192 + whole[16384:])
    assert refusal(restore, path, empty, now=NOW) == "backup_damaged"


def test_an_older_backup_is_brought_up_to_date(filled: Store, path: Path, into: Store) -> None:
    """In a copy: the file itself stays as it was."""
    back_up(filled, path)
    databases.tamper(f"sqlite:///{path}", *databases.FIRST)
    before = path.read_bytes()
    restore(path, into, now=NOW)
    assert len(into.all_revisions()) == 2
    assert into.audit() == ()
    assert path.read_bytes() == before


def test_a_live_database_is_restored_with_its_log(
    filled: Store, url: str, path: Path, into: Store
) -> None:
    """A database file that somebody copied by hand is a backup too, log and all."""
    if not url.startswith("sqlite"):
        pytest.skip("a database on a server is no file")
    restore(Path(filled.name), into, now=NOW)
    assert len(into.registrations("22-1")) == 3


def test_a_big_backup_in_reasonable_time(filled: Store, path: Path, into: Store) -> None:
    """5,000 registrations there and back."""
    data = filled.registrations("22-1")[0]
    with filled.filling() as connection:
        more = [
            tables.registration_row(evolve(data, number=n, key=f"k{n}", status="cancelled"))
            for n in range(10, 5010)
        ]
        connection.execute(sa.insert(tables.registrations), more)
    began = time.monotonic()
    back_up(filled, path)
    between = time.monotonic()
    restore(path, into, now=NOW)
    print(f"backup {between - began:.2f} s, restore {time.monotonic() - between:.2f} s")
    assert time.monotonic() - began < 30
    with into.filling() as connection:
        connection.execute(
            sa.delete(tables.registrations).where(tables.registrations.c.number >= 10)
        )
    with filled.filling() as connection:
        connection.execute(
            sa.delete(tables.registrations).where(tables.registrations.c.number >= 10)
        )


# --- erasures --------------------------------------------------------------------------------

STAFF = Actor(Side.STAFF, "kontoret@example.dk")
SECRETS = ("sigrid", "12345678", "Byhuset", "peberfrugt", "Bogholderiet", "bodil")
"""What may stand nowhere once the person is erased."""


@pytest.fixture
def gone(store: Store, office: Office, event: Any, add: Any) -> Store:
    """Two who came together, of whom the second has left, with a reason that names them."""
    question = Question(key="allergi", text="Allergi?", sensitive=True)
    add(event(questions=[question], capacity=1), publish=True)
    people = [
        Person(name="Bo", email="bo@example.dk"),
        Person(
            name="Sigrid Holm", email="sigrid@example.dk", phone="12345678",
            organisation="Byhuset",
        ),
    ]  # fmt: skip
    signup = Signup(
        people=people[1:],
        booker=Person(name="Bodil", email="bodil@example.dk"),
        key="sigrid",
        answers=[{"allergi": "peberfrugt", "allergi.consent": True}],
        invoice=Invoice(name="Bogholderiet", email="sigrid@example.dk"),
    )
    office.register("22-1", Signup(people=people[:1], key="bo"), actor=SYSTEM)
    said = "Aftalt med sigrid holm i telefonen"
    assert isinstance(office.register("22-1", signup, actor=STAFF, reason=said), Allowed)
    assert isinstance(office.cancel("22-1", (2,), actor=STAFF, reason="Byhuset er lukket"), Allowed)
    office.edit("22-1", 1, person=evolve(people[0], phone="1"), actor=STAFF, reason=said)
    return store


def everything(store: Store) -> str:
    """All that a database holds, as one text."""
    return repr(rows(store))


@pytest.fixture(autouse=True)
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the record of a database on a server lies."""
    monkeypatch.chdir(tmp_path)


def test_who_is_erased_stands_nowhere(gone: Store, office: Office) -> None:
    """Neither in the registration, its notices nor a reason; others keep theirs."""
    for secret in SECRETS:
        assert secret.casefold() in everything(gone).casefold()
    person = identity_of(gone.registrations("22-1")[1])
    assert person in everything(gone)
    assert isinstance(office.erase("22-1", 2, actor=STAFF, reason="Bedt om det"), Allowed)
    left = everything(gone).casefold()
    assert [secret for secret in (*SECRETS, person) if secret.casefold() in left] == []
    one = office.registration("22-1", 2)
    assert (one.person, one.status) == (Person(name="Slettet"), "cancelled")
    assert (one.key, one.digest) == ("", "")  # a guess at a form could be tried on them
    assert office.registration("22-1", 1).person.email == "bo@example.dk"
    assert gone.journal("22-1")[-1].reason == "Bedt om det"
    assert {notice.recipient for notice in gone.notices("22-1")} == {"-", "bo@example.dk"}
    assert gone.audit() == ()


def test_who_is_erased_stands_in_no_file_of_ours(tmp_path: Path) -> None:
    """Nor in the log beside it, though the database stays open; a server cleans up after itself."""
    store = Store.create(f"sqlite:///{tmp_path}/files.db")
    office = Office(store, Plugins.load(), Settings())
    starts = datetime(2198, 4, 21, 9, 30, tzinfo=UTC)
    event = Event(id="22-1", title="Kursus", starts=starts)
    assert isinstance(office.import_events(Imported(events=[event]), actor=SYSTEM), Allowed)
    assert isinstance(office.publish("22-1", actor=SYSTEM), Allowed)
    for name in ("Quuxbert", "Bo"):
        person = Person(name=name, email=f"{name.lower()}@example.dk")
        assert isinstance(
            office.register("22-1", Signup(people=[person], key=name), actor=SYSTEM), Allowed
        )

    def found(name: bytes) -> bool:
        files = [path for path in tmp_path.iterdir() if path.name.startswith("files.db")]
        return any(name in path.read_bytes().lower() for path in files)

    assert isinstance(office.cancel("22-1", (1,), actor=SYSTEM), Allowed)
    assert found(b"quuxbert")
    said = office.erase("22-1", 1, actor=STAFF, reason="Bedt om det")
    assert isinstance(said, Allowed), said
    assert not found(b"quuxbert")
    assert found(b"bo@example.dk")
    store.close()


def test_what_was_unsent_to_them_is_withdrawn(gone: Store, office: Office) -> None:
    """What was sent stays so, and others' messages stay owed."""
    with gone.filling() as connection:
        connection.execute(
            sa.update(tables.notices).where(tables.notices.c.key == "22-1-2.1").values(state="sent")
        )
    office.erase("22-1", 2, actor=STAFF)
    with gone.snapshot() as connection:
        query = sa.select(tables.notices.c.key, tables.notices.c.state)
        states = {row.key: row.state for row in connection.execute(query)}
    assert states == {
        "22-1-1.1": "owed",
        "22-1-2.1": "sent",
        "22-1-2.1.booker": "withdrawn",
        "22-1-2.2": "withdrawn",
    }


def test_a_booker_is_erased_from_colleagues_too(
    store: Store, office: Office, event: Any, add: Any
) -> None:
    """Also where the party was split since; what colleagues were sent themselves stays theirs."""
    add(event(), publish=True)
    booker = Person(name="Sigrid Holm", email="sigrid@example.dk")
    people = [booker, Person(name="Carl"), Person(name="Dorte", email="dorte@example.dk")]
    office.register("22-1", Signup(people=people, key="three"), actor=STAFF)
    office.split("22-1", 2, actor=STAFF)
    office.cancel("22-1", (1,), actor=STAFF)
    assert isinstance(office.erase("22-1", 1, actor=STAFF, reason="Bedt om det"), Allowed)
    left = everything(store).casefold()
    assert "sigrid" not in left
    assert [notice.recipient for notice in store.notices("22-1")].count("dorte@example.dk") == 1
    assert [one.person.name for one in office.registrations("22-1")] == ["Slettet", "Carl", "Dorte"]
    assert store.audit() == ()


def test_a_booker_is_erased_from_who_stands_in_for_a_colleague_too(
    store: Store, office: Office, event: Any, add: Any
) -> None:
    """Though they came by no form, and were split from the party; others' bookers stay."""
    add(event(), publish=True)
    booker = Person(name="Sigrid Holm", email="sigrid@example.dk")
    office.register("22-1", Signup(people=[booker, Person(name="Carl")], key="two"), actor=STAFF)
    chef = Person(name="Dorte", email="dorte@example.dk")
    office.register("22-1", Signup(people=[chef, Person(name="Finn")], key="more"), actor=STAFF)
    for number, name in ((2, "Erik"), (4, "Gerda")):
        office.substitute("22-1", number, Person(name=name), actor=STAFF)
    for number in (5, 6):
        office.split("22-1", number, actor=STAFF)
    mended = Person(name="Sigrid Holm", email="holm@example.dk")
    assert isinstance(office.edit("22-1", 1, person=mended, actor=STAFF), Allowed)
    assert office.registration("22-1", 5).recipient == "holm@example.dk"
    office.cancel("22-1", (1,), actor=STAFF)
    assert isinstance(office.erase("22-1", 1, actor=STAFF, reason="Bedt om det"), Allowed)
    assert "sigrid" not in everything(store).casefold()
    assert "holm@" not in everything(store).casefold()
    assert office.registration("22-1", 6).booker == chef


@pytest.mark.parametrize("state", ["owed", "claimed", "sending", "sent", "failed", "unknown"])
def test_who_is_just_leaving_is_erased_once_their_calendar_knows(
    store: Store, office: Office, event: Any, add: Any, join: Join, state: str
) -> None:
    """The mail that takes it out needs the address, until it is settled what became of it."""
    add(event(), publish=True)
    join("Anne")
    office.cancel("22-1", (1,), actor=STAFF)
    with store.outbox._database.writing() as connection:
        connection.execute(sa.update(tables.notices).values(state=state))
    on_its_way = state in ("owed", "claimed", "sending")
    for actor in (STAFF, Actor(Side.PUBLIC, "22-1-1")):
        decision = office.erase("22-1", 1, actor=actor)
        assert isinstance(decision, Refused if on_its_way else Allowed)
        if isinstance(decision, Refused):
            assert [reason.code for reason in decision.reasons] == ["cancel_on_its_way"]
    assert isinstance(office.erase("22-1", 1, actor=STAFF, reason="Bedt om det"), Allowed)


def test_where_no_mail_goes_out_a_day_is_enough(
    office: Office, event: Any, add: Any, join: Join, clock: Any
) -> None:
    """Nobody waits for ever; and who was only waiting has nothing in their calendar."""
    add(event(capacity=1), publish=True)
    join("Anne")
    join("Bo")
    office.cancel("22-1", (2,), actor=STAFF)
    assert isinstance(office.erase("22-1", 2, actor=STAFF), Allowed)
    office.cancel("22-1", (1,), actor=STAFF)
    clock.now += PATIENCE
    assert isinstance(office.erase("22-1", 1, actor=STAFF), Refused)
    clock.now += timedelta(seconds=1)
    assert isinstance(office.erase("22-1", 1, actor=STAFF), Allowed)


def test_who_may_still_come_is_not_erased(gone: Store, office: Office, clock: Any) -> None:
    """They cancel first; once the event is over there is nothing to come to."""
    before = rows(gone)
    decision = office.erase("22-1", 1, actor=STAFF)
    assert isinstance(decision, Refused)
    assert [reason.code for reason in decision.reasons] == ["registration_active"]
    assert rows(gone) == before
    assert list(Record.of(gone)) == []
    clock.now = datetime(2022, 4, 22, tzinfo=UTC)
    assert isinstance(office.erase("22-1", 1, actor=STAFF), Allowed)
    assert office.registration("22-1", 1).status == "confirmed"
    assert "bo@example.dk" not in everything(gone)
    assert gone.audit() == ()


def test_only_staff_erase_others_and_never_with_the_name(gone: Store, office: Office) -> None:
    """The journal keeps the reason, and so the reason keeps no name."""
    public = Actor(Side.PUBLIC, "22-1-1")
    decision = office.erase("22-1", 2, actor=public, reason="SIGRID  holm vil ud")
    assert isinstance(decision, Refused)
    assert [reason.code for reason in decision.reasons] == ["staff_only", "reason_names"]
    with pytest.raises(NotFoundError):
        office.erase("22-1", 7, actor=STAFF)
    assert not Record.of(gone).path.exists()


def test_erased_twice_is_erased_once(gone: Store, office: Office) -> None:
    """One entry of the journal, and one line on record."""
    office.erase("22-1", 2, actor=STAFF)
    before = rows(gone)
    assert isinstance(office.erase("22-1", 2, actor=STAFF), Allowed)
    assert rows(gone) == before
    assert len(list(Record.of(gone))) == 1


def test_what_falls_due_with_it_is_not_sent_to_them(
    store: Store, office: Office, event: Any, add: Any, join: Join, clock: Any
) -> None:
    """Who still waits when an event is over expires, and is told nothing any more."""
    add(event(capacity=1), publish=True)
    join("Bo")
    join("Carl")
    clock.now = datetime(2022, 4, 22, tzinfo=UTC)
    office.erase("22-1", 2, actor=STAFF)
    assert office.registration("22-1", 2).status == "expired"
    assert "carl" not in everything(store).casefold()


def test_it_is_on_record_before_it_is_done(
    gone: Store, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the disk, with no name, for its owner alone; and not in the database."""
    saved, flushed = Ledger.save, os.fsync
    synced: list[int] = []
    seen: list[int] = []

    def sync(file: int) -> None:
        if stat.S_ISREG(os.fstat(file).st_mode):
            synced.append(file)
        flushed(file)

    def save(ledger: Ledger, *arguments: Any, **more: Any) -> None:
        seen.append(len(list(Record.of(gone))) if synced else 0)
        saved(ledger, *arguments, **more)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Ledger, "save", save)
    office.erase("22-1", 2, actor=STAFF)
    assert seen == [1]
    record = Record.of(gone)
    assert stat.S_IMODE(record.path.stat().st_mode) == 0o600
    text = record.path.read_text().casefold()
    assert [secret for secret in SECRETS if secret.casefold() in text] == []


def test_what_cannot_be_recorded_is_not_done(gone: Store, office: Office) -> None:
    """Else a restore would bring them back."""
    Record.of(gone).path.mkdir()
    before = rows(gone)
    with pytest.raises(OSError, match="erasures"):
        office.erase("22-1", 2, actor=STAFF)
    assert rows(gone) == before


def test_half_a_line_hides_no_other(gone: Store, office: Office) -> None:
    """What a power cut left of a line was never committed."""
    record = Record.of(gone)
    record.path.write_bytes(b'{"event": "x", "numb\xff')
    office.erase("22-1", 2, actor=STAFF)
    assert [one.number for one in record] == [2]


def test_a_backup_from_before_brings_nobody_back(
    gone: Store, office: Office, path: Path, into: Store
) -> None:
    """Who was erased since is erased again; what was owed to others waits for staff."""
    back_up(gone, path)
    office.erase("22-1", 2, actor=STAFF, reason="Bedt om det")
    done = restore(path, into, now=NOW)
    assert (done.erased, done.held) == (1, 1)
    left = everything(into).casefold()
    assert [secret for secret in SECRETS if secret.casefold() in left] == []
    assert into.registrations("22-1")[0].person.email == "bo@example.dk"
    assert into.audit() == ()


def test_who_was_still_coming_then_keeps_a_seat_without_a_name(
    store: Store, office: Office, event: Any, add: Any, join: Join, path: Path, into: Store
) -> None:
    """Nobody is moved up by a restore: staff see the seat, and cancel it."""
    add(event(capacity=1), publish=True)
    join("Anne")
    join("Bo")
    back_up(store, path)
    office.cancel("22-1", (1,), actor=SYSTEM)
    office.erase("22-1", 1, actor=STAFF, reason="Bedt om det")
    assert restore(path, into, now=NOW).erased == 1
    told = [(one.person.name, one.status.value) for one in into.registrations("22-1")]
    assert told == [("Slettet", "confirmed"), ("Bo", "waiting")]


def test_a_backup_from_after_is_erased_already(
    gone: Store, office: Office, path: Path, into: Store
) -> None:
    """Nothing is left to do."""
    office.erase("22-1", 2, actor=STAFF)
    back_up(gone, path)
    assert restore(path, into, now=NOW).erased == 0


def test_somebody_else_with_the_same_number_is_not_erased(
    gone: Store, office: Office, path: Path, into: Store, plugins: Plugins, join: Join
) -> None:
    """Numbers are given anew after a restore; the record says who it meant by the moment."""
    back_up(gone, path)
    dorte = join("Dorte")
    office.cancel("22-1", (dorte.number,), actor=SYSTEM)
    decision = office.erase("22-1", dorte.number, actor=STAFF, reason="Bedt om det")
    assert isinstance(decision, Allowed)
    assert restore(path, into, now=NOW).erased == 0
    later = office_of(into, plugins)
    assert join("Erik", later).number == dorte.number
    again = path.with_name("igen.backup")
    back_up(into, again)
    third = Store.create(f"sqlite:///{path.with_name('third.db')}")
    assert restore(again, third, now=NOW).erased == 0
    assert third.registrations("22-1")[-1].person.name == "Erik"
    third.close()
