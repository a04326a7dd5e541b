"""Readers of calendars that are not ours: what we write is judged by what they understand."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import vobject

SOURCES = Path(__file__).parent / "second_readers"
INSTALLED = Path(sys.prefix) / "second_readers"

Reader = Callable[[bytes], list[dict[str, Any]]]
"""Calendar bytes to its events: uid, summary, location, starts and ends (UTC, a date, or None)."""


def _install() -> str:
    """Put ical.js beside the virtual environment, once; why that cannot be, or ""."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "node or npm is not installed"
    INSTALLED.mkdir(exist_ok=True)
    with (INSTALLED / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes begin at once
        for source in SOURCES.iterdir():
            there = INSTALLED / source.name
            if not there.exists() or there.read_bytes() != source.read_bytes():
                shutil.rmtree(INSTALLED / "node_modules", ignore_errors=True)
                shutil.copy(source, there)
        if (INSTALLED / "node_modules" / "ical.js").is_dir():
            return ""
        command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"]
        done = subprocess.run(command, cwd=INSTALLED, capture_output=True, text=True, check=False)
        return "" if done.returncode == 0 else f"npm install failed: {done.stderr.strip()[-200:]}"


@pytest.fixture(scope="session")
def ical_js() -> Iterator[Reader]:
    """ical.js, in one node process for all tests; says why where it cannot be had."""
    if reason := _install():
        pytest.skip(f"SECOND READER MISSING, vobject alone judged: {reason}")
    with subprocess.Popen(
        ["node", "read.mjs"],
        cwd=INSTALLED,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as node:

        def read(data: bytes) -> list[dict[str, Any]]:
            assert node.stdin is not None
            assert node.stdout is not None
            node.stdin.write(json.dumps(data.decode()) + "\n")
            node.stdin.flush()
            events = json.loads(node.stdout.readline())
            assert isinstance(events, list), events
            return [
                event | {"starts": _of_js(event["starts"]), "ends": _of_js(event["ends"])}
                for event in events
            ]

        yield read
        assert node.stdin is not None
        node.stdin.close()


def _of_js(value: int | str | None) -> datetime | date | None:
    if isinstance(value, str):
        return date.fromisoformat(value)
    return None if value is None else datetime.fromtimestamp(value, UTC)


@pytest.fixture(scope="session")
def by_vobject() -> Reader:
    """vobject, which keeps its time zones by dateutil."""

    known = vobject.icalendar.__dict__["__tzidMap"]

    def read(data: bytes) -> list[dict[str, Any]]:
        known.clear()  # or the zones of the last calendar would count, not those of this one
        found = []
        for event in vobject.readOne(data.decode()).contents.get("vevent", []):
            ends = getattr(event, "dtend", None)
            found.append(
                {
                    "uid": event.uid.value,
                    "summary": event.summary.value,
                    "description": event.description.value
                    if "description" in event.contents
                    else None,
                    "location": event.location.value if "location" in event.contents else None,
                    "starts": _utc(event.dtstart.value),
                    "ends": None if ends is None else _utc(ends.value),
                }
            )
        return found

    return read


def _utc(value: datetime | date) -> datetime | date:
    return value.astimezone(UTC) if isinstance(value, datetime) else value
