"""A process that is killed while it registers: what was acknowledged stands, all of it or none.

Ten kills on each store, and as many as `EVENTKIT_FAULTS` says where it is set (``make faults``).
"""

from __future__ import annotations

import os
import random
import subprocess
import time
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
        heard = tmp_path / f"heard-{kills}"
        with (
            heard.open("w+", encoding="utf-8") as said,
            racer.started(2, url, "99-1", 100_000, 0, "locked", tell=said) as writers,
        ):
            _begin(writers, heard)
            for writer in writers:
                time.sleep(chance.uniform(0, 0.15))
                assert writer.poll() is None, "it ended by itself"
                writer.kill()
                kills += 1
        for line in heard.read_text("utf-8").splitlines():
            if line.count(" ") == 2 and line.rsplit(" ", 1)[1] in ("confirmed", "waiting"):
                name, number, status = line.split()
                told[name] = int(number), status
        assert office.store.audit() == (), "nobody is half there"
    people = {one.person.name: one for one in office.registrations("99-1")}
    for name, (number, status) in told.items():
        assert (people[name].number, people[name].status.value) == (number, status)
    assert len(told) > KILLS, "or nothing was tried"
    # The last of each writer may have been saved and not yet told.
    assert len(people) <= len(told) + kills
    office.store.close()


def _begin(writers: list[subprocess.Popen[str]], heard: Path) -> None:
    """As `racer.begin`, where they write to a file: what they said outlives them there."""
    until = time.monotonic() + 60
    while heard.read_text("utf-8").count("ready") < len(writers):
        assert time.monotonic() < until, "they never began"
        time.sleep(0.01)
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
