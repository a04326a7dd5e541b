"""What holds for every kind of database: made, opened, brought up to date, or refused."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from databases import FIRST, asked, inspected, tamper
from databases import tables as tables_at

from eventkit.model.decision import Allowed
from eventkit.model.errors import ImpossibleError, StoreError
from eventkit.model.event import Imported
from eventkit.model.registration import Signup
from eventkit.model.values import SYSTEM, Person
from eventkit.office import database, tables
from eventkit.office.settings import Settings
from eventkit.office.store import Store
from eventkit.office.usecases import Office
from eventkit.plugins.manager import Plugins

SRC = Path(__file__).parents[2] / "src"


def refusal(url: str, how: Callable[[str], object] = Store.open) -> StoreError:
    with pytest.raises(StoreError) as caught:
        how(url)
    assert "\n" not in str(caught.value)
    return caught.value


# --- what cannot be opened -------------------------------------------------------------------


@pytest.mark.parametrize("how", [Store.open, Store.create])
def test_another_programs_database_is_left_alone(url: str, how: Callable[[str], object]) -> None:
    """A database without our tables is somebody else's."""
    tamper(url, "CREATE TABLE recipes (name TEXT)")
    assert refusal(url, how).code == "not_our_database"
    assert tables_at(url) == {"recipes"}


def test_another_programs_versions_are_not_ours(url: str) -> None:
    """Many programs have a table of Alembic's."""
    tamper(
        url,
        "CREATE TABLE alembic_version (version_num TEXT)",
        "INSERT INTO alembic_version VALUES ('0001')",
    )
    assert refusal(url).code == "not_our_database"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("sqlite://", "not_a_database_url"),
        ("sqlite:///:memory:", "not_a_database_url"),
        ("sqlite:///a.db?timeout=1", "not_a_database_url"),
        ("eventkit.db", "not_a_database_url"),
        ("", "not_a_database_url"),
        ("sqlite:///a\0b", "not_a_database_url"),
        ("oracle://u:hemmelig@host/x", "unsupported_database"),
        ("postgresql+asyncpg://u:hemmelig@host/x", "unsupported_database"),
        ("postgresql://u:hemmelig@host", "not_a_database_url"),
        ("postgresql://u:hemmelig@host?password=hemmelig", "not_a_database_url"),
        ("postgresql://u:hem@me/hemmelig@localhost:x/y", "not_a_database_url"),
        ("postgresql://u:hemmelig@localhost:1/x?connect_timeout=1", "database_unreachable"),
        ("postgresql://u:hemmelig@localhost:1/x?nonsense=1", "database_failed"),
        ("sqlite:////no/such/folder/a.db", "no_database"),
        (f"sqlite:////{'x' * 300}.db", "database_not_writable"),
    ],
)
def test_a_url_that_names_nothing(url: str, code: str) -> None:
    """Each is one sentence, without a password."""
    error = refusal(url)
    assert error.code == code
    assert "hemmelig" not in str(error) + str(error.data)
    assert refusal(url, Store.create).code in (code, "no_folder", "not_a_database_url")


def test_a_newer_database_is_refused(url: str) -> None:
    """Both by `open` and by `create`, which must not take it back."""
    Store.create(url).close()
    tamper(url, "UPDATE alembic_version SET version_num = '0999'")
    assert refusal(url).code == "schema_newer"
    assert refusal(url, Store.create).code == "schema_newer"


# --- made and brought up to date -------------------------------------------------------------


def test_the_migrations_make_the_tables_the_code_has(
    url: str, request: pytest.FixtureRequest
) -> None:
    """Tables, columns, types, keys and indexes of the scripts are those of `tables`."""
    Store.create(url).close()
    made = inspected(url, shape)
    kind = url.partition(":")[0]
    other = request.getfixturevalue("another_url")
    assert inspected(other, shape, tables.metadata.create_all) == made
    assert set(made) == {table.name for table in tables.metadata.sorted_tables}, kind


def shape(inspector: Any) -> dict[str, Any]:
    return {
        name: {
            "columns": [
                (c["name"], repr(c["type"]), c["nullable"], c.get("default") is None)
                for c in inspector.get_columns(name)
            ],
            "primary": inspector.get_pk_constraint(name)["constrained_columns"],
            "keys": sorted(
                (k["constrained_columns"], k["referred_table"], k["referred_columns"])
                for k in inspector.get_foreign_keys(name)
            ),
            "indexes": sorted((i["name"], i["column_names"]) for i in inspector.get_indexes(name)),
            "unique": [u["column_names"] for u in inspector.get_unique_constraints(name)],
        }
        for name in inspector.get_table_names()
        if name != "alembic_version"
    }


def test_the_scripts_are_the_versions() -> None:
    """`VERSIONS` names each migration script, in order."""
    scripts = sorted((database.MIGRATIONS / "versions").glob("v*.py"))
    assert tuple(path.stem[1:5] for path in scripts) == database.VERSIONS


def test_init_again_changes_nothing(store: Store, url: str, add: Any, event: Any) -> None:
    """It may be run as often as one likes."""
    add(event())
    again = Store.create(url, base_url=store.base_url)
    assert (again.was, again.upgraded, again.backup) == (database.VERSIONS[-1], False, None)
    assert again.count() == 1
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


def test_an_older_database_is_brought_up_to_date(
    url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """`open` refuses it and says `init`; `init` keeps a sound copy of a file, then migrates."""
    Store.create(url).close()
    tamper(
        url,
        "INSERT INTO journal VALUES (1,'2022-01-01','staff','','a',NULL,NULL,'','{}')",
    )
    request.getfixturevalue("next_version")
    assert refusal(url).code == "schema_older"
    store = Store.create(url)
    assert (store.was, store.upgraded) == (database.VERSIONS[-2], True)
    assert "more" in tables_at(url)
    store.close()
    if url.startswith("sqlite"):
        assert store.backup == tmp_path / "eventkit.db.before-0999"
        copy = f"sqlite:///{store.backup}"
        assert "more" not in tables_at(copy)
        assert asked(copy, "SELECT count(*) FROM journal") == [(1,)]


def test_a_database_from_before_the_desk_gets_one(url: str, event: Any, plugins: Plugins) -> None:
    """Its events stand as they did, and people can sign up for them."""
    store = Store.create(url)
    office = Office(store, plugins, Settings())
    one = event(deadline=None, starts=datetime(2199, 1, 1, tzinfo=UTC), ends=None, programme=())
    assert isinstance(office.import_events(Imported(events=[one]), actor=SYSTEM), Allowed)
    assert isinstance(office.publish("22-1", actor=SYSTEM), Allowed)
    store.close()
    tamper(url, *FIRST)
    assert refusal(url).code == "schema_older"
    store = Store.create(url)
    office = Office(store, plugins, Settings())
    assert (store.was, store.audit()) == ("0001", ())
    signup = Signup(people=[Person(name="Anne", email="anne@example.dk")], key="k")
    assert isinstance(office.register("22-1", signup, actor=SYSTEM), Allowed)
    assert store.audit() == ()
    store.close()


def test_a_migration_that_fails_leaves_the_tables_as_they_were(
    url: str, request: pytest.FixtureRequest
) -> None:
    """All of it is one transaction; the next `init` begins from the same place."""
    Store.create(url).close()
    script: Path = request.getfixturevalue("next_version")
    sound = script.read_text()
    script.write_text(sound + "    op.execute('nonsense')\n")
    assert refusal(url, Store.create).code == "database_failed"
    assert "more" not in tables_at(url)
    script.write_text(sound)
    store = Store.create(url)
    assert store.upgraded
    if store.backup is not None:
        assert store.backup.name == "eventkit.db.before-0999.2"
    store.close()


def started(url: str, code: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), url],
        env={**os.environ, "PYTHONPATH": str(SRC)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_many_inits_at_once_are_one(url: str) -> None:
    """Several processes make one database; each ends well and finds the same tables."""
    code = (
        "import sys; from eventkit.office.store import Store; print(Store.create(sys.argv[1]).was)"
    )
    running = [started(url, code) for _ in range(4)]
    said = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0] * 4, said
    assert sorted(out.strip() for out, _ in said) == [database.VERSIONS[-1]] * 3 + ["None"]
    Store.open(url).close()


def test_an_init_that_is_killed_leaves_the_tables_as_they_were(url: str) -> None:
    """SIGKILL when every table is made and nothing is committed: there is none."""
    code = """
        import os, signal, sys
        from alembic import command
        from eventkit.office.store import Store
        upgrade = command.upgrade
        def killed(*given):
            upgrade(*given)
            os.kill(os.getpid(), signal.SIGKILL)
        command.upgrade = killed
        Store.create(sys.argv[1])
    """
    process = started(url, code)
    process.communicate()
    assert process.returncode == -9
    assert tables_at(url) == set()
    store = Store.create(url)
    assert store.was is None
    store.close()


# --- how a connection is used ----------------------------------------------------------------


def test_a_snapshot_sees_one_moment(store: Store, url: str) -> None:
    """What is committed meanwhile is not in it; what is read next sees it."""
    count = sa.select(sa.func.count()).select_from(tables.journal)
    with store._database.snapshot() as connection:
        assert connection.scalar(count) == 0
        with store._database.writing() as other:
            other.execute(sa.insert(tables.journal), [ENTRY])
        assert connection.scalar(count) == 0
    with store._database.reading() as connection:
        assert connection.scalar(count) == 1


ENTRY = {
    "at": datetime.fromisoformat("2022-03-01T12:00:00+00:00"),
    "actor_side": "system",
    "actor_id": "",
    "action": "init",
    "event_id": None,
    "registration": None,
    "reason": "",
    "data": "{}",
}


def test_a_writer_that_fails_leaves_nothing(store: Store) -> None:
    """And the next one finds the database free."""

    def stumble() -> None:
        with store._database.writing() as connection:
            connection.execute(sa.insert(tables.journal), [ENTRY])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        stumble()
    with store._database.writing():
        pass
    assert store.journal() == ()


def test_a_locked_row_is_read_as_the_last_one_left_it(store: Store, add: Any, event: Any) -> None:
    """Whoever locks a seats row waits for whoever has it, and then sees what that one wrote."""
    add(event("a"))
    locked = sa.select(tables.seats.c.room_confirmed).with_for_update(of=tables.seats)
    more = sa.update(tables.seats).values(room_confirmed=tables.seats.c.room_confirmed + 1)
    seen: list[int] = []

    def sit() -> None:
        for _ in range(10):
            with store._database.writing() as connection:
                seen.append(connection.scalars(locked).one())
                time.sleep(0.001)
                connection.execute(more)

    threads = [threading.Thread(target=sit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == list(range(40))
    with store._database.writing() as connection:
        connection.execute(sa.update(tables.seats).values(room_confirmed=0))


def test_ids_are_in_one_order_everywhere(store: Store, add: Any, event: Any) -> None:
    """By code point, whatever the language of the server."""
    ids = ["B", "a", "Å", "_", "b", "A", "22-1", "22.1", "2"]
    add(*(event(one) for one in ids))
    assert [revision.event.id for revision, _ in store.all_revisions()] == sorted(ids)


def test_a_time_without_zone_gets_nowhere_near_a_column(store: Store) -> None:
    """The column refuses it, and gives UTC back."""
    naive = sa.select(tables.events).where(tables.events.c.over > datetime(2022, 1, 1))  # noqa: DTZ001
    with pytest.raises(ImpossibleError) as caught, store._database.reading() as connection:
        connection.execute(naive)
    assert caught.value.code == "naive_time"
