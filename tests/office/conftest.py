"""An office on a database of its own, with a clock that goes only when it is set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from readers import by_vobject, ical_js

from eventkit.model.decision import Allowed
from eventkit.model.event import AgendaItem, Event, Imported
from eventkit.model.values import Actor, OnlineAccess, Side, Venue
from eventkit.office.settings import Settings
from eventkit.office.store import Store
from eventkit.office.usecases import Office
from eventkit.plugins.manager import Plugins

__all__ = ["by_vobject", "ical_js"]

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
STARTS = datetime(2022, 4, 21, 9, 30, tzinfo=COPENHAGEN)
NOW = datetime(2022, 3, 1, 12, 0, tzinfo=UTC)
STAFF = Actor(Side.STAFF, "anne@example.dk")

CORE = ("danish", "announcement")
"""Plugins that may or may not be installed where the tests run, and are not wanted here."""


class Clock:
    """A clock that goes only when it is set, and counts how often it is read."""

    def __init__(self) -> None:
        self.now = NOW
        self.reads = 0

    def __call__(self) -> datetime:
        self.reads += 1
        return self.now


@pytest.fixture(scope="session")
def plugins() -> Plugins:
    found = {info.name for info in Plugins.load().infos}
    return Plugins.load(off=[name for name in CORE if name in found])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store.create(url, base_url="https://moeder.example")
    yield store
    assert store.audit() == ()
    store.close()


@pytest.fixture
def office(store: Store, plugins: Plugins, clock: Clock) -> Office:
    return Office(store, plugins, Settings(base_url="https://moeder.example"), clock=clock)


MakeEvent = Callable[..., Event]


@pytest.fixture
def event() -> MakeEvent:
    """Makes a meeting with a private link, in Viby J in April 2022."""

    def make(key: str | None = "22-1", **changes: Any) -> Event:
        told: dict[str, Any] = {
            "id": key,
            "title": "Netværksmøde",
            "starts": STARTS,
            "ends": STARTS + timedelta(hours=5),
            "deadline": date(2022, 4, 19),
            "venue": Venue(name="Rosenhøj", locality="Viby J"),
            "online": OnlineAccess(provider="Teams", url="https://teams.example/hemmelig"),
            "capacity": 40,
            "programme": [AgendaItem(title="Velkommen", starts=STARTS)],
            "extra": {"announcement.status": "Tilmelding lukket"},
        }
        return Event(**{**told, **changes})

    return make


Add = Callable[..., Any]


@pytest.fixture
def add(office: Office) -> Add:
    """Imports events as drafts; published too, where asked."""

    def add(*events: Event, publish: bool = False) -> Any:
        decision = office.import_events(Imported(events=events), actor=STAFF)
        assert isinstance(decision, Allowed), decision
        revisions = decision.value
        for revision in revisions if publish else ():
            published = office.publish(str(revision.event.id), actor=STAFF)
            assert isinstance(published, Allowed), published
        if publish:
            revisions = tuple(office.revision(str(one.event.id)) for one in revisions)
        return revisions[0] if len(revisions) == 1 else revisions

    return add
