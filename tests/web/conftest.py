"""A site for tests: a real office on a database of its own, with a clock that stands still."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from flask import Flask
from playwright.sync_api import Browser, Error, sync_playwright
from werkzeug.serving import make_server

from eventkit.model.decision import Allowed
from eventkit.model.event import Event, Imported, Status
from eventkit.model.values import SYSTEM
from eventkit.office.settings import Settings
from eventkit.office.store import Store
from eventkit.office.usecases import Office
from eventkit.plugins.manager import Plugins
from eventkit_web.app import create_app

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
CHROMIUM = "/usr/bin/chromium"
NO_BROWSER = pytest.StashKey[str]()


class Clock:
    """A clock that goes only when it is set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


MakeOffice = Callable[..., Office]


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without events, made once."""
    path = tmp_path_factory.mktemp("empty") / "site.db"
    Store.create(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def make_office(tmp_path: Path, empty: Path, clock: Clock) -> Iterator[MakeOffice]:
    """Makes an office that holds the events given, each with the status it says."""
    stores = []

    def make(*events: Event, plugins: Path | None = None, **settings: Any) -> Office:
        store = Store.open(f"sqlite:///{shutil.copy(empty, tmp_path)}")
        stores.append(store)
        office = Office(store, Plugins.load(plugins), Settings(**settings), clock=clock)
        enter(office, *events)
        return office

    yield make
    for store in stores:
        store.close()


def enter(office: Office, *events: Event) -> None:
    """Put events into an office, through the commands that anybody uses."""
    taken = office.import_events(Imported(events=events), actor=SYSTEM)
    assert isinstance(taken, Allowed), taken
    for event, draft in zip(events, taken.value, strict=True):
        if event.status is Status.DRAFT:
            continue
        published = office.publish(str(draft.event.id), actor=SYSTEM)
        assert isinstance(published, Allowed), published
        if event.status is not Status.PUBLISHED:
            after = evolve(
                published.value.event, status=event.status, status_reason=event.status_reason
            )
            changed = office.change(after, base=published.value.number, actor=SYSTEM)
            assert isinstance(changed, Allowed), changed


MakeApp = Callable[..., Flask]


@pytest.fixture
def make_app(make_office: MakeOffice) -> MakeApp:
    """Makes the site of an office that holds the events given."""

    def make(*events: Event, **more: Any) -> Flask:
        app = create_app(make_office(*events, **more))
        app.testing = True
        return app

    return make


# --- in a browser ----------------------------------------------------------------------------

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """Debian's chromium; without it the test is skipped, loudly, and fails where CI is true."""
    with sync_playwright() as playwright:
        try:
            found = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        except Error as error:
            said = f"no browser at {CHROMIUM}: {str(error).splitlines()[0]}"
            request.config.stash[NO_BROWSER] = said
            if os.environ.get("CI") == "true":
                pytest.fail(said)
            pytest.skip(said)
        yield found
        found.close()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say in red that the pages were not looked at."""
    if said := config.stash.get(NO_BROWSER, ""):
        terminalreporter.write_line(f"NOT TESTED IN A BROWSER: {said}", red=True, bold=True)


@pytest.fixture
def served(make_app: MakeApp) -> Iterator[Callable[..., str]]:
    """Serves the events given and says at which address."""
    servers = []

    def serve(*events: Event, **more: Any) -> str:
        server = make_server("127.0.0.1", 0, make_app(*events, **more), threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.port}"

    yield serve
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()
