"""The benchmarks measure what is there: each way of registering still does it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import racer

from eventkit.office.store import Store

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))

import desk


@pytest.mark.parametrize("number", range(3), ids=["office", "core", "driver"])
def test_each_way_of_registering_registers(url: str, number: int) -> None:
    """Through the office, through Core alone, and through the bare driver."""
    Store.create(url).close()
    office = racer.office_at(url)
    racer.announce(office, "99-1", None)
    template = desk.Template(office, "99-1")
    opened: list[Any] = []
    ways = (
        desk.by_office(office),
        desk.by_core(office, template),
        desk.by_driver(url, office, template, opened),
    )
    for expected in (2, 3):
        ways[number]("99-1")
        assert office.seats("99-1").room.confirmed == expected
    for connection in opened:
        connection.close()
    office.store.close()
