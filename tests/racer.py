"""A process of its own that registers people when told to, for races and faults.

It says ``ready`` when its database is open, begins at a line on stdin, and then says each person
that it was told is registered, after it was told so: ``Anne 7 confirmed``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eventkit.model.decision import Allowed
from eventkit.model.event import Event, Imported
from eventkit.model.registration import Signup
from eventkit.model.values import SYSTEM, Actor, OnlineAccess, Person, Side, Venue, parse_time
from eventkit.office.ledger import LOOK, Ledger
from eventkit.office.settings import Settings
from eventkit.office.store import Store
from eventkit.office.usecases import Office
from eventkit.plugins.manager import Plugins

HERE = Path(__file__)
STARTS = parse_time("2199-04-19T09:30:00+02:00[Europe/Copenhagen]")
PUBLIC = Actor(Side.PUBLIC)


def office_at(url: str) -> Office:
    """The office of the database at `url`, with no plugin but the built-in ones."""
    off = [info.name for info in Plugins.load().infos if info.name != "builtin"]
    return Office(Store.open(url), Plugins.load(off=off), Settings())


def announce(office: Office, event_id: str, capacity: int | None) -> None:
    """A meeting that anybody may join, in the far future."""
    event = Event(
        id=event_id,
        uid=f"{event_id}@example.dk",
        title="Netværksmøde",
        starts=STARTS,
        venue=Venue(name="Fælleshuset"),
        online=OnlineAccess(provider="Teams"),
        capacity=capacity,
    )
    assert isinstance(office.import_events(Imported(events=[event]), actor=SYSTEM), Allowed)
    assert isinstance(office.publish(event_id, actor=SYSTEM), Allowed)


def signup(name: str) -> Signup:
    """What the form of one person says."""
    return Signup(people=[Person(name=name, email=f"{name}@example.dk")], key=f"form of {name}")


# --- the process -----------------------------------------------------------------------------


@contextmanager
def started(
    count: int, *arguments: Any, tell: Sequence[Any] = ()
) -> Iterator[list[subprocess.Popen[str]]]:
    """`count` of these processes, ready to begin; killed at the end if they have not ended."""
    processes = [
        subprocess.Popen(
            [sys.executable, str(HERE), str(number), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=tell[number] if tell else subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(count)
    ]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def begin(processes: Sequence[subprocess.Popen[str]]) -> None:
    """Let them all go at once, when the last one is ready."""
    for process in processes:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line == "ready\n", (line, process.stderr and process.stderr.read())
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


def without_a_lock(number: int) -> None:
    """Take the lock away, and what else keeps a seat from being sold twice: for a control.

    The counts are read and written as if nobody else were there, and each process numbers its
    people by itself, because the database would not take one number twice.
    """

    @contextmanager
    def unheld(store: Store, event_id: str) -> Iterator[Ledger]:
        with store._database.reading() as connection:
            ledger = store._ledger(connection, LOOK, event_id)
            assert ledger is not None
            ledger.last = without_a_lock.last  # type: ignore[attr-defined]
            time.sleep(0.002)
            yield ledger
            without_a_lock.last = ledger.last  # type: ignore[attr-defined]

    without_a_lock.last = 1000 * (number + 1)  # type: ignore[attr-defined]
    Store.holding = unheld  # type: ignore[assignment, method-assign]


def main(number: int, url: str, event_ids: str, people: int, seconds: float, how: str) -> None:
    """Register `people`, or as many as `seconds` allow where that is not 0."""
    office = office_at(url)
    if how == "unlocked":
        without_a_lock(number)
    events = event_ids.split(",")
    office.revision(events[0])
    print("ready", flush=True)
    sys.stdin.readline()
    until = time.monotonic() + seconds if seconds else None
    for n in range(people):
        if until is not None and time.monotonic() > until:
            break
        name = f"p{number}-{n}-{os.getpid()}"
        decision = office.register(events[n % len(events)], signup(name), actor=PUBLIC)
        assert isinstance(decision, Allowed), decision
        [one] = decision.value.registrations
        print(name, one.number, one.status, flush=True)
    office.store.close()


if __name__ == "__main__":
    number, url, event_ids, people, seconds, how = sys.argv[1:]
    main(int(number), url, event_ids, int(people), float(seconds), how)
