"""A process that is killed while it registers: what was acknowledged stands, all of it or none.

Ten kills on each store, and as many as `EVENTKIT_FAULTS` says where it is set (``make faults``).
"""

from __future__ import annotations

import os
import random
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

import racer

from eventkit.office.store import Store

KILLS = int(os.environ.get("EVENTKIT_FAULTS", "10"))


def test_what_was_acknowledged_survives_sigkill(url: str, tmp_path: Path) -> None:
    """Two writers at a time, both killed at random; the ledger goes on from where it stood."""
    Store.create(url).close()
    office = racer.office_at(url)
    racer.announce(office, "99-1", 5)
    chance = random.Random(2199)
    told: dict[str, tuple[int, str]] = {}
    kills = 0
    while kills < KILLS:
        files = [tmp_path / f"heard-{kills}-{number}" for number in range(2)]
        with ExitStack() as stack:
            tell = [stack.enter_context(file.open("w")) for file in files]
            how = (url, "99-1", 100_000, 0, "locked")
            writers = stack.enter_context(racer.started(2, *how, tell=tell))
            _begin(writers, files)
            for writer in writers:
                time.sleep(chance.uniform(0, 0.15))
                assert writer.poll() is None, "it ended by itself"
                writer.kill()
                kills += 1
        for file in files:
            # What follows the last newline was cut off by the kill, and so told to nobody.
            lines = file.read_text("utf-8").rpartition("\n")[0].splitlines()
            for name, number, status in map(str.split, lines[1:]):
                told[name] = int(number), status
        assert office.store.audit() == (), "nobody is half there"
    people = {one.person.name: one for one in office.registrations("99-1")}
    for name, (number, status) in told.items():
        assert (people[name].number, people[name].status.value) == (number, status)
    assert len(told) > KILLS, "or nothing was tried"
    # The last of each writer may have been saved and not yet told.
    assert len(people) <= len(told) + kills
    office.store.close()


def _begin(writers: list[subprocess.Popen[str]], files: list[Path]) -> None:
    """As `racer.begin`, where each writes to a file: what it said outlives it there."""
    until = time.monotonic() + 60
    while not all(file.read_text("utf-8") for file in files):
        assert time.monotonic() < until, "they never began"
        time.sleep(0.01)
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
