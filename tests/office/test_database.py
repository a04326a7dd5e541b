"""The database file: made, opened, brought up to date, or refused in one sentence."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from eventkit.model.errors import ImpossibleError, StoreError
from eventkit.office import database, tables
from eventkit.office.database import Database, FairLock
from eventkit.office.store import Store

SRC = Path(__file__).parents[2] / "src"


def refusal(url: str, how: Callable[[str], object] = Store.open) -> StoreError:
    with pytest.raises(StoreError) as caught:
        how(url)
    assert "\n" not in str(caught.value)
    return caught.value


# --- what cannot be opened -------------------------------------------------------------------


def test_a_missing_database_names_the_file_and_what_to_do(tmp_path: Path, url: str) -> None:
    """`open` makes nothing: it names the file and says `eventkit init`."""
    error = refusal(url)
    assert error.code == "no_database"
    assert error.data["file"] == str(tmp_path / "eventkit.db")
    assert "eventkit init" in str(error)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "database_empty"),
        (os.urandom(4096), "not_a_database"),
        (b"Kladde\n", "not_a_database"),
        (b"SQLite format 3\0" + b"\xff" * 4096, "not_a_database"),
    ],
    ids=["empty", "binary", "text", "broken header"],
)
def test_a_file_that_is_no_database(tmp_path: Path, url: str, content: bytes, code: str) -> None:
    """Another kind of file, an encrypted database among them, is refused and left as it is."""
    path = tmp_path / "eventkit.db"
    path.write_bytes(content)
    assert refusal(url).code == code
    assert path.read_bytes() == content


@pytest.mark.parametrize("content", [b"Kladde\n" * 100, b"SQLite format 3\0" + b"\xff" * 4096])
def test_init_does_not_write_on_another_kind_of_file(
    tmp_path: Path, url: str, content: bytes
) -> None:
    """`create` refuses what is no database and leaves it as it is."""
    path = tmp_path / "eventkit.db"
    path.write_bytes(content)
    assert refusal(url, Store.create).code == "not_a_database"
    assert path.read_bytes() == content


def test_init_fills_an_empty_file(tmp_path: Path, url: str) -> None:
    """A file of no bytes, as `touch` or a crash leaves it, is a database yet to be made."""
    (tmp_path / "eventkit.db").touch()
    Store.create(url).close()
    Store.open(url).close()


@pytest.mark.parametrize("how", [Store.open, Store.create])
def test_another_programs_database_is_left_alone(
    tmp_path: Path, url: str, how: Callable[[str], object]
) -> None:
    """A database without our tables is somebody else's."""
    path = tmp_path / "eventkit.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()
    before = path.read_bytes()
    assert refusal(url, how).code == "not_our_database"
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("sqlite://", "not_a_database_url"),
        ("sqlite:///:memory:", "not_a_database_url"),
        ("sqlite:///a.db?timeout=1", "not_a_database_url"),
        ("eventkit.db", "not_a_database_url"),
        ("", "not_a_database_url"),
        ("sqlite:///a\0b", "not_a_database_url"),
        ("oracle://x", "unsupported_database"),
        ("postgresql://u:hemmelig@host/db", "unsupported_database"),
        ("sqlite:////no/such/folder/a.db", "no_database"),
        (f"sqlite:////{'x' * 300}.db", "database_not_writable"),
    ],
)
def test_a_url_that_names_no_file(url: str, code: str) -> None:
    """Each is one sentence, without a password."""
    error = refusal(url)
    assert error.code == code
    assert "hemmelig" not in str(error) + str(error.data)


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    """Neither to open nor to make; and no folder is made on the way."""
    assert refusal(f"sqlite:///{tmp_path}").code == "not_a_database"
    assert refusal(f"sqlite:///{tmp_path}", Store.create).code == "not_a_database"
    assert refusal(f"sqlite:///{tmp_path}/x/a.db", Store.create).code == "no_folder"
    assert list(tmp_path.iterdir()) == []


def test_a_newer_database_is_refused(url: str) -> None:
    """Both by `open` and by `create`, which must not take it back."""
    store = Store.create(url)
    set_version(store.path, "0999")
    assert refusal(url).code == "schema_newer"
    assert refusal(url, Store.create).code == "schema_newer"


def test_a_too_old_sqlite_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is opened."""
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 30, 0))
    assert refusal(url).code == "sqlite_too_old"
    assert refusal(url, Store.create).code == "sqlite_too_old"


def set_version(path: Path, version: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
    connection.close()


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="needs another user")
def test_what_may_not_be_written_is_refused_as_nobody() -> None:
    """A folder or file of somebody else's: one sentence, and for root's eyes nothing changed."""
    folder = Path("/tmp") / f"eventkit-{os.getpid()}"  # pytest's own is root's alone
    folder.mkdir(mode=0o755)
    try:
        Store.create(f"sqlite:///{folder}/a.db").close()
        # What another user may not even read is loaded before stepping down.
        code = textwrap.dedent(f"""
            import os, sys
            from eventkit.office.store import Store
            from eventkit.model.errors import StoreError
            os.setgroups([]); os.setgid(65534); os.setuid(65534)
            for how, name in ((Store.open, "a.db"), (Store.create, "a.db"), (Store.create, "b.db")):
                try:
                    how("sqlite:///{folder}/" + name)
                except StoreError as error:
                    print(error.code)
        """)
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": str(SRC)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.split() == ["database_not_writable"] * 3, done.stderr
        assert sorted(path.name for path in folder.iterdir()) == ["a.db"]
    finally:
        shutil.rmtree(folder)


# --- made and brought up to date -------------------------------------------------------------


def test_the_migrations_make_the_tables_the_code_has(url: str) -> None:
    """Tables, columns, types, keys and indexes of the scripts are those of `tables`."""
    Database.create(url).close()
    made, wanted = shape(url), sa.create_engine("sqlite://")
    tables.metadata.create_all(wanted)
    assert made == shape_of(sa.inspect(wanted))


def shape(url: str) -> dict[str, Any]:
    inspector = sa.inspect(sa.create_engine(url))
    return {k: v for k, v in shape_of(inspector).items() if k != "alembic_version"}


def shape_of(inspector: Any) -> dict[str, Any]:
    return {
        name: {
            "columns": [
                (c["name"], str(c["type"]), c["nullable"], c["primary_key"])
                for c in inspector.get_columns(name)
            ],
            "keys": sorted(
                (k["constrained_columns"], k["referred_table"], k["referred_columns"])
                for k in inspector.get_foreign_keys(name)
            ),
            "indexes": sorted((i["name"], i["column_names"]) for i in inspector.get_indexes(name)),
            "unique": inspector.get_unique_constraints(name),
        }
        for name in inspector.get_table_names()
    }


def test_the_scripts_are_the_versions() -> None:
    """`VERSIONS` names each migration script, in order."""
    scripts = sorted((database.MIGRATIONS / "versions").glob("v*.py"))
    assert tuple(path.stem[1:5] for path in scripts) == database.VERSIONS


def test_init_again_changes_nothing(store: Store, url: str, add: Any, event: Any) -> None:
    """It may be run as often as one likes."""
    add(event())
    again = Store.create(url, base_url=store.base_url)
    assert (again.was, again.backup, again.count()) == (database.VERSIONS[-1], None, 1)
    again.close()


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A version of the tables to come, as a script on top of the real ones."""
    folder = tmp_path / "migrations"
    shutil.copytree(database.MIGRATIONS, folder)
    script = folder / "versions" / "v0999_more.py"
    script.write_text(
        textwrap.dedent(f"""
            import sqlalchemy as sa
            from alembic import op
            revision, down_revision = "0999", "{database.VERSIONS[-1]}"
            def upgrade():
                op.create_table("more", sa.Column("id", sa.Integer, primary_key=True))
        """)
    )
    monkeypatch.setattr(database, "MIGRATIONS", folder)
    monkeypatch.setattr(database, "VERSIONS", (*database.VERSIONS, "0999"))
    return script


def names(path: Path) -> set[str]:
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT name FROM sqlite_master").fetchall()
    connection.close()
    return {name for (name,) in rows}


def test_an_older_database_is_copied_and_brought_up_to_date(
    url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """`open` refuses it and says `init`; `init` keeps a sound copy of what was, then migrates."""
    Store.create(url).close()
    with sqlite3.connect(tmp_path / "eventkit.db") as connection:
        connection.execute("INSERT INTO journal VALUES (1,'x','staff','',?,NULL,NULL,'','{}')", "a")
    connection.close()
    request.getfixturevalue("next_version")
    assert refusal(url).code == "schema_older"
    store = Store.create(url)
    assert (store.was, store.backup) == ("0001", tmp_path / "eventkit.db.before-0999")
    assert "more" in names(store.path)
    assert store.backup is not None
    assert "more" not in names(store.backup)
    with sqlite3.connect(store.backup) as copy:
        assert copy.execute("SELECT count(*) FROM journal").fetchone() == (1,)
    copy.close()
    store.close()


def test_a_migration_that_fails_leaves_the_tables_as_they_were(
    url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """All of it is one transaction; the next `init` begins from the same place."""
    Store.create(url).close()
    script: Path = request.getfixturevalue("next_version")
    sound = script.read_text()
    script.write_text(sound + "    op.execute('nonsense')\n")
    assert refusal(url, Store.create).code == "database_failed"
    assert "more" not in names(tmp_path / "eventkit.db")
    script.write_text(sound)
    store = Store.create(url)
    assert store.backup == tmp_path / "eventkit.db.before-0999.2"
    store.close()


def test_many_inits_at_once_are_one(url: str) -> None:
    """Several processes make one database; each ends well and finds the same tables."""
    code = f"from eventkit.office.store import Store; print(Store.create({url!r}).was)"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": str(SRC)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    said = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0] * 4, said
    assert sorted(out.strip() for out, _ in said) == ["0001"] * 3 + ["None"]
    Store.open(url).close()


# --- how a connection is opened --------------------------------------------------------------


def test_what_was_acknowledged_survives_a_power_cut(store: Store) -> None:
    """Each connection writes ahead, flushes in full, and holds foreign keys."""
    with store._database.reading() as connection:
        told = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert told == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
    }


def test_a_writer_has_the_lock_from_its_beginning(store: Store) -> None:
    """A second writer waits at BEGIN, and cannot first read what is about to change."""
    other = sqlite3.connect(store.path, timeout=0, isolation_level=None)
    with (
        store._database.writing(),
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("BEGIN IMMEDIATE")
    with store._database.reading(), store._database.snapshot():
        other.execute("BEGIN IMMEDIATE")  # readers are in nobody's way
    other.close()


def test_a_busy_database_is_one_sentence(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another process holds the lock for too long."""
    monkeypatch.setattr(database, "BUSY", 0.05)
    impatient = Database.open(f"sqlite:///{store.path}")
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError) as caught, impatient.writing():
        pass
    assert caught.value.code == "database_busy"
    other.close()
    with impatient.writing():
        pass
    impatient.close()


def test_a_time_without_zone_gets_nowhere_near_a_column(store: Store) -> None:
    """The column refuses it, and gives UTC back."""
    naive = sa.select(tables.events).where(tables.events.c.over > datetime(2022, 1, 1))  # noqa: DTZ001
    with pytest.raises(ImpossibleError) as caught, store._database.reading() as connection:
        connection.execute(naive)
    assert caught.value.code == "naive_time"


# --- the fair lock ---------------------------------------------------------------------------


def test_the_lock_is_given_in_the_order_it_was_asked_for() -> None:
    """Eight wait; each gets its turn, the first first."""
    lock, got = FairLock(), []
    assert lock.acquire(1)

    def wait(number: int) -> None:
        assert lock.acquire(10)
        got.append(number)
        lock.release()

    threads = []
    for number in range(8):
        threads.append(threading.Thread(target=wait, args=(number,)))
        threads[-1].start()
        until = time.monotonic() + 5
        while len(lock._queue) <= number and time.monotonic() < until:
            time.sleep(0.001)
    lock.release()
    for thread in threads:
        thread.join()
    assert got == list(range(8))


def test_who_gives_up_leaves_the_queue() -> None:
    """A waiter whose time is up does not get the lock later."""
    lock = FairLock()
    assert lock.acquire(1)
    assert not lock.acquire(0.01)
    lock.release()
    assert lock.acquire(0.01)
    lock.release()


def test_no_writer_starves(store: Store) -> None:
    """Of 8 threads that write without pause, none gets less than a quarter of its share."""
    counts, stop = [0] * 8, threading.Event()

    def write(number: int) -> None:
        while not stop.is_set():
            with store._database.writing() as connection:
                connection.execute(sa.select(tables.events.c.id))
            counts[number] += 1

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    stop.set()
    for thread in threads:
        thread.join()
    assert min(counts) >= sum(counts) / 8 / 4, counts
