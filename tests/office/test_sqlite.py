"""SQLite: a file that cannot be opened is refused in one sentence; a connection keeps promises."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from eventkit.model.errors import StoreError
from eventkit.model.registration import Entry, Outcome
from eventkit.model.values import SYSTEM
from eventkit.office import sqlite
from eventkit.office.store import Store

SRC = Path(__file__).parents[2] / "src"


@pytest.fixture
def url(sqlite_url: str) -> str:
    return sqlite_url


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


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    """Neither to open nor to make; and no folder is made on the way."""
    assert refusal(f"sqlite:///{tmp_path}").code == "not_a_database"
    assert refusal(f"sqlite:///{tmp_path}", Store.create).code == "not_a_database"
    assert refusal(f"sqlite:///{tmp_path}/x/a.db", Store.create).code == "no_folder"
    assert list(tmp_path.iterdir()) == []


def test_a_too_old_sqlite_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is opened."""
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 30, 0))
    assert refusal(url).code == "sqlite_too_old"
    assert refusal(url, Store.create).code == "sqlite_too_old"


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
        assert sorted(path.name for path in folder.iterdir()) == ["a.db", "a.db-gate", "a.db-turn"]
    finally:
        shutil.rmtree(folder)


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
    other = sqlite3.connect(store.name, timeout=0, isolation_level=None)
    with (
        store._database.writing(),
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("BEGIN IMMEDIATE")
    with store._database.reading(), store._database.snapshot():
        other.execute("BEGIN IMMEDIATE")  # readers are in nobody's way
    other.close()


def test_a_busy_database_is_one_sentence(
    store: Store, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where another process holds the lock for too long."""
    monkeypatch.setattr(sqlite.SQLite, "busy", 0.05)
    impatient = Store.open(url)._database
    other = sqlite3.connect(store.name, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError) as caught, impatient.writing():
        pass
    assert caught.value.code == "database_busy"
    other.close()
    with impatient.writing():
        pass
    impatient.close()


# --- a full disk -----------------------------------------------------------------------------


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """A disk of 700 kB, which only root can have made."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def entry(size: int) -> Outcome:
    at = datetime(2022, 3, 1, tzinfo=UTC)
    return Outcome(entries=(Entry(at=at, actor=SYSTEM, action="x", data={"a": "x" * size}),))


def fill(store: Store) -> tuple[int, StoreError]:
    """Save until nothing fits any more; how often that went well, and what was said then."""
    saved, told = 0, []
    for size in (20_000, 2_000, 10):
        try:
            while store.save([entry(size)]):
                saved += 1
        except StoreError as error:
            told.append(error)
    assert [one.code for one in told] == ["disk_full"] * 3
    return saved, told[0]


def test_a_full_disk_is_one_clear_error_and_passes(tiny: Path) -> None:
    """What was saved is there and can be read; when there is room the same store goes on."""
    store = Store.create(f"sqlite:///{tiny}/a.db")
    saved, error = fill(store)
    assert error.data["file"] == store.name
    assert "\n" not in str(error)
    assert len(store.journal()) == saved
    assert store.audit() == ()
    subprocess.run(["mount", "-o", "remount,size=4m", str(tiny)], check=True)
    assert store.save([entry(20_000)])
    assert len(store.journal()) == saved + 1
    store.close()


def test_opening_on_a_full_disk_says_so(tiny: Path) -> None:
    """Where SQLite only says that it cannot open the file."""
    url = f"sqlite:///{tiny}/a.db"
    Store.create(url).close()
    with contextlib.suppress(OSError), (tiny / "ballast").open("wb", buffering=0) as ballast:
        while True:
            ballast.write(b"x" * 4096)
    assert refusal(url).code == "disk_full"
    (tiny / "ballast").unlink()
    Store.open(url).close()


def test_a_quota_that_is_used_up_is_a_full_disk(url: str) -> None:
    """SQLite calls it an I/O error; and the store goes on when the limit is lifted."""
    code = """
        import resource, sys
        sys.path[:0] = [sys.argv[2]]
        from eventkit.office.store import Store
        from test_sqlite import entry, fill
        store = Store.create(sys.argv[1])
        unlimited = resource.RLIM_INFINITY
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, unlimited))
        saved, error = fill(store)
        assert len(store.journal()) == saved, saved
        resource.setrlimit(resource.RLIMIT_FSIZE, (unlimited, unlimited))
        assert store.save([entry(20_000)])
        assert store.audit() == ()
        print(error.code)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), url, str(Path(__file__).parent)],
        env={**os.environ, "PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "disk_full", done.stderr
