"""Figures, each beside its limit measured in the same run; run by `make bench`.

A figure is a ratio, so that it says the same on a fast machine and a slow one. Times are CPU
time, which a busy neighbour does not change, and both sides of a ratio are measured in turns.
Exits 1 where a target is missed, or where a control that must miss it does not.
"""

from __future__ import annotations

import gc
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from attrs import evolve
from desk import registering
from figures import Figure
from hooking import hooking
from posting import posting

from eventkit.model.event import AgendaItem, Event, Revision
from eventkit.model.registration import Outcome
from eventkit.model.values import SYSTEM, Person
from eventkit.office.settings import Settings
from eventkit.office.store import Store
from eventkit.office.usecases import Office
from eventkit.plugins.manager import Plugins
from eventkit.rules import programme
from eventkit.testing import sample

ROOT = Path(__file__).parents[2]


def in_turns(count: int, *ways: Callable[[], object]) -> list[float]:
    """The median CPU time of each way, of `count` runs in turns."""
    times: list[list[float]] = [[] for _ in ways]
    for _ in range(count):
        for way, own in zip(ways, times, strict=True):
            gc.collect()
            began = time.process_time()
            way()
            own.append(time.process_time() - began)
    return [statistics.median(own) for own in times]


# --- import ----------------------------------------------------------------------------------


def interpreter(code: str) -> float:
    """The CPU time of a fresh interpreter that runs `code`."""
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT / "src") as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"python -c {code!r} failed")
    return used.ru_utime + used.ru_stime


def importing() -> Iterable[Figure]:
    """`import eventkit` against the two libraries it cannot do without."""
    codes = ("pass", "import eventkit", "import attrs, pluggy")
    for code in codes:
        interpreter(code)  # so that all is compiled
    turns = [[interpreter(code) for code in codes] for _ in range(21)]
    empty, ours, theirs = (statistics.median(own) for own in zip(*turns, strict=True))
    yield Figure("import eventkit / import attrs, pluggy", ours - empty, theirs - empty, 4)


# --- programme.check -------------------------------------------------------------------------


def agenda(count: int) -> Event:
    """A conference of `count` shuffled items, in three tracks and over many days."""
    dice = random.Random(1)
    base = datetime(2026, 3, 1, 8, tzinfo=UTC)
    items = []
    for number in range(count):
        starts = base + timedelta(days=number // 30, minutes=dice.randrange(0, 600, 5))
        length = timedelta(minutes=dice.choice((15, 30, 45, 60, 90)))
        items.append(
            AgendaItem(
                title="Oplæg",
                starts=starts,
                ends=None if number % 10 == 0 else starts + length,
                track=("", "Spor A", "Spor B")[number % 3],
                speakers=(Person(name=f"Oplægsholder {dice.randrange(count // 10)}"),),
            )
        )
    dice.shuffle(items)
    return Event(id="1", title="Konference", starts=base, programme=items)


def every_pair(event: Event) -> int:
    """The control: the same question asked of every pair."""
    begins = [item.starts.timestamp() for item in event.programme]
    found = 0
    for place, one in enumerate(begins):
        for other in begins[place:]:
            if one < other:
                found += 1
    return found


def checking() -> Iterable[Figure]:
    """A sweep takes hardly more than ten times as long for ten times as many items."""
    few, many = agenda(1_000), agenda(10_000)
    short, long = in_turns(15, lambda: programme.check(few), lambda: programme.check(many))
    yield Figure("programme.check, 10,000 shuffled items / 1,000", long, short, 30)
    short, long = in_turns(1, lambda: every_pair(few), lambda: every_pair(many))
    yield Figure("  control: every pair of them", long, short, 30, control=True)


# --- the feed --------------------------------------------------------------------------------


def fill(store: Store, count: int) -> None:
    """Put `count` published events into an empty store."""
    event = evolve(sample(), programme=sample().programme[:4])
    for start in range(0, count, 1_000):
        revisions = [
            Revision(
                event=evolve(
                    event,
                    id=f"{event.id}-{number}",
                    uid=f"{number}@example.dk",
                    starts=event.starts + timedelta(days=number % 1_000),
                    ends=None,
                ),
                number=1,
                sequence=0,
                at=datetime(2022, 1, 1, tzinfo=UTC),
                actor=SYSTEM,
            )
            for number in range(start, min(count, start + 1_000))
        ]
        if not store.save(Outcome(revision=revision) for revision in revisions):
            raise SystemExit("the events could not be saved")


def feeding() -> Iterable[Figure]:
    """A feed is a SELECT and a join of text that stood ready."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.db"
        store = Store.create(url)
        fill(store, 10_000)
        office = Office(store, Plugins.load(), Settings.read(folder=Path(folder), db=url))
        engine = sa.create_engine(url)
        query = sa.text("SELECT text FROM vevents WHERE language = 'da' ORDER BY event_id")

        def select_and_join() -> bytes:
            with engine.connect() as connection:
                return b"".join(row.text for row in connection.execute(query))

        feed = office.feed(language="da")
        if feed.count(b"BEGIN:VEVENT") != 10_000 or select_and_join() not in feed:
            raise SystemExit("the feed is not what it is held against")
        ours, theirs = in_turns(15, lambda: office.feed(language="da"), select_and_join)
        yield Figure("feed of 10,000 events / SELECT and join their text", ours, theirs, 1.5)
        yield Figure("  the same feed / 0.2 s", ours, 0.2, 1)
        engine.dispose()
        store.close()


def main() -> int:
    """Print the table; 1 where something is not ok."""
    print(f"{'figure':<58} {'measured':>12} {'limit':>12} {'ratio':>7}  target")
    fine = True
    for part in (importing, checking, hooking, feeding, registering, posting):
        for figure in part():
            print(figure, flush=True)
            fine = fine and figure.ok
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
