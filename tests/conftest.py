"""Databases of both kinds, for every test that keeps something.

`url` is an empty database; a test that uses it runs on SQLite and on PostgreSQL. Without a server
those on PostgreSQL are skipped, loudly, and fail where ``CI=true``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import databases
import pytest
import sqlalchemy as sa

FOLDER = pytest.StashKey[Path]()
SKIPPED = "no PostgreSQL: "


def pytest_configure(config: pytest.Config) -> None:
    """Agree with the workers on where their one server is."""
    worker = getattr(config, "workerinput", None)
    config.stash[FOLDER] = Path(worker["postgres"]) if worker else databases.new_folder()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker."""
    node.workerinput["postgres"] = str(node.config.stash[FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server when every worker is done."""
    if not hasattr(config, "workerinput") and FOLDER in config.stash:
        databases.stop(config.stash[FOLDER])


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly what was not tested."""
    reports = terminalreporter.stats.get("skipped", ())
    skipped = [report for report in reports if SKIPPED in str(report.longrepr)]
    if skipped:
        terminalreporter.section("POSTGRESQL WAS NOT TESTED", red=True, bold=True)
        terminalreporter.line(f"{len(skipped)} tests: {skipped[0].longrepr[2]}", red=True)


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> sa.URL:
    """The URL of a server where databases may be made."""
    try:
        return databases.server(pytestconfig.stash[FOLDER])
    except databases.NoServerError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{SKIPPED}{error}")
        pytest.skip(f"{SKIPPED}{error}")


@pytest.fixture
def postgres_url(postgres_server: sa.URL) -> Iterator[str]:
    """The URL of an empty database in PostgreSQL."""
    with databases.fresh(postgres_server) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a database file that is not there yet."""
    return f"sqlite:///{tmp_path}/eventkit.db"


@pytest.fixture
def another_url(url: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A second database of the same kind."""
    if url.startswith("sqlite"):
        yield url.replace("eventkit.db", "another.db")
    else:
        with databases.fresh(request.getfixturevalue("postgres_server")) as another:
            yield another


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """The URL of a database with nothing in it, of each kind in turn."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found
