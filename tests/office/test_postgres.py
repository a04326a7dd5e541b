"""PostgreSQL: what would break a promise is refused, and what is lost is made anew."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from databases import asked, tamper

from eventkit.formats.wording import LANGUAGES, wording
from eventkit.model.errors import StoreError
from eventkit.office import tables
from eventkit.office.postgres import PostgreSQL
from eventkit.office.store import Store


@pytest.fixture
def url(postgres_url: str) -> str:
    return postgres_url


def refusal(url: str, how: Callable[[str], object] = Store.open) -> StoreError:
    with pytest.raises(StoreError) as caught:
        how(url)
    error = caught.value
    assert "\n" not in str(error)
    for language in LANGUAGES:
        [line] = wording(language).error(error)
        assert "{" not in line
    return error


HANG_UP = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def named(url: str) -> str:
    return str(sa.make_url(url).database)


# --- what is refused -------------------------------------------------------------------------


def test_an_empty_database_says_init(url: str) -> None:
    """`open` makes no tables."""
    error = refusal(url)
    assert error.code == "database_empty"
    assert "eventkit init" in str(error)


@pytest.mark.parametrize("how", [Store.open, Store.create])
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("default_transaction_isolation", "repeatable read"),
        ("default_transaction_isolation", "serializable"),
        ("synchronous_commit", "off"),
    ],
)
def test_a_server_that_breaks_a_promise_is_refused(
    url: str, how: Callable[[str], object], setting: str, value: str
) -> None:
    """By name and value, in one sentence, and with nothing set behind its owner's back."""
    tamper(url, f"ALTER DATABASE {named(url)} SET {setting} = '{value}'")
    error = refusal(url, how)
    assert error.code == "database_setting"
    assert (error.data["setting"], error.data["value"]) == (setting, value)


def test_a_database_that_is_not_utf8_is_refused(url: str) -> None:
    """Danish letters must be those that were written."""
    other = f"{named(url)}_ascii"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {other} TEMPLATE template0 ENCODING 'SQL_ASCII'")
    error = refusal(url.replace(named(url), other), Store.create)
    assert (error.data["setting"], error.data["value"]) == ("server_encoding", "SQL_ASCII")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {other} WITH (FORCE)")


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ((140_000, "UTF8", "read committed", "on", "on"), None),
        ((180_004, "UTF8", "read committed", "remote_apply", "on"), None),
        ((130_022, "UTF8", "read committed", "on", "on"), "postgres_too_old"),
        ((180_004, "UTF8", "read committed", "on", "off"), "database_setting"),
    ],
)
def test_what_a_server_may_answer(store: Store, told: tuple[Any, ...], code: str | None) -> None:
    """Too old, or without fsync: that no test can set on a server that others use."""
    database = store._database
    assert isinstance(database, PostgreSQL)
    if code is None:
        database._check(*told)
        return
    with pytest.raises(StoreError) as caught:
        database._check(*told)
    assert caught.value.code == code


def test_each_connection_is_looked_at(store: Store, url: str) -> None:
    """A setting that is changed while the store is open is refused on the next connection."""
    tamper(url, f"ALTER DATABASE {named(url)} SET synchronous_commit = 'off'")
    with store._database.reading(), pytest.raises(StoreError) as caught:
        store.count()
    assert caught.value.code == "database_setting"
    tamper(url, f"ALTER DATABASE {named(url)} RESET synchronous_commit")


def test_no_password_is_shown(url: str) -> None:
    """Neither in the name nor in any error, wherever in the URL it stands."""
    secret = sa.make_url(url).set(username="eventkit", password="hemmelig")
    for one in (
        secret.render_as_string(hide_password=False),
        f"{url}&password=hemmelig",
        url.replace("postgresql://", "postgres://"),
        url.replace("postgresql://", "postgresql+psycopg://"),
    ):
        store = Store.create(one)
        assert store.name.startswith("postgresql://eventkit@")
        assert "hemmelig" not in store.name
        store.close()
    wrong = secret.set(database="nowhere").render_as_string(hide_password=False)
    error = refusal(wrong)
    assert error.code == "database_unreachable"
    assert "nowhere" in str(error)
    assert "hemmelig" not in str(error) + str(error.data)


def test_without_a_driver_the_extra_is_named(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite needs none, so not everybody has it."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    error = refusal(url)
    assert error.code == "driver_missing"
    assert "eventkit-core[postgres]" in str(error)


# --- how a connection is used ----------------------------------------------------------------


def test_how_each_connection_is_begun(store: Store) -> None:
    """A SELECT alone saves the round trips of BEGIN and COMMIT; a snapshot can write nothing."""
    database = store._database
    for how, alone, level in (
        (database.reading, True, "READ COMMITTED"),
        (database.snapshot, False, "REPEATABLE READ"),
        (database.writing, False, "READ COMMITTED"),
        (database.reading, True, "READ COMMITTED"),
    ):
        with how() as connection:
            assert connection.connection.driver_connection.autocommit is alone
            assert connection.get_isolation_level() == level
    with pytest.raises(StoreError) as caught, database.snapshot() as connection:
        connection.execute(sa.delete(tables.journal))
    assert caught.value.code == "database_not_writable"


def test_times_come_back_in_utc_whatever_the_server_says(store: Store, url: str) -> None:
    """The last hours of the calendar too, which another zone would carry out of it."""
    tamper(url, f"ALTER DATABASE {named(url)} SET TimeZone = 'Pacific/Kiritimati'")
    other = Store.open(url)
    with other._database.reading() as connection:
        read = connection.scalar(sa.text("SELECT timestamptz '9999-12-31 23:00+00'"))
    assert read.isoformat() == "9999-12-31T23:00:00+00:00"
    other.close()


def test_a_connection_the_server_hung_up_on_is_made_anew(store: Store, url: str) -> None:
    """After a restart of the server nobody sees an error, whatever is asked for first."""
    for ask in (store.count, store.audit, lambda: store.save([])):
        with store._database.reading(), store._database.reading():
            pass  # two at rest
        tamper(url, HANG_UP)
        ask()


def test_a_server_that_goes_away_is_one_sentence(store: Store, url: str) -> None:
    """In the middle of a transaction, which is then not done."""

    def write() -> None:
        with store._database.writing() as connection:
            connection.execute(sa.delete(tables.journal))
            tamper(url, HANG_UP)
            connection.execute(sa.delete(tables.journal))

    with pytest.raises(StoreError) as caught:
        write()
    assert caught.value.code == "database_unreachable"
    assert store.count() == 0


def test_a_writer_that_hangs_is_not_waited_for_for_ever(
    store: Store, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever needs its rows, or wants to change the tables, is told that the database is busy."""
    monkeypatch.setattr(PostgreSQL, "busy", 0.1)
    impatient = Store.open(url)
    with psycopg.connect(url) as hung:
        hung.execute("LOCK TABLE journal")
        with pytest.raises(StoreError) as caught, impatient._database.writing() as connection:
            connection.execute(sa.delete(tables.journal))
        assert caught.value.code == "database_busy"
    with store._database.writing() as connection:
        store._database._hold_tables(connection)
        assert refusal(url, Store.create).code == "database_busy"
    impatient.close()


def test_an_error_quotes_no_row(store: Store) -> None:
    """The server says in a second line which row it was; whose it is stays with the server."""
    told = "DO $$ BEGIN RAISE 'no' USING DETAIL = 'Failing row contains (Anne).'; END $$"
    with pytest.raises(StoreError) as caught, store._database.writing() as connection:
        connection.exec_driver_sql(told)
    assert caught.value.code == "database_failed"
    assert "Anne" not in str(caught.value) + str(caught.value.data)


def test_the_order_of_ids_is_the_columns(store: Store, url: str) -> None:
    """Every column of an id has a collation of its own: the database's may be any language's."""
    query = """
        SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = 'public' AND collation_name IS DISTINCT FROM 'C'
        AND (column_name = 'event_id' OR (table_name, column_name) = ('events', 'id'))
    """
    assert asked(url, query) == []
