"""The picture of a registration's life is that of the table in force."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from eventkit.rules.seating import TRANSITIONS

DOCS = Path(__file__).parents[2] / "docs"


def test_the_picture_is_drawn_from_the_table() -> None:
    """And has a place for every status."""
    spec = importlib.util.spec_from_file_location("states", DOCS / "states.py")
    assert spec is not None
    assert spec.loader is not None
    states = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(states)
    assert set(states.PLACES) == set(TRANSITIONS)
    drawn = states.picture()
    assert states.PICTURE.read_text("utf-8") == drawn
    both = drawn.count("marker-start")
    assert drawn.count('<path d="M') - 1 + both == sum(map(len, TRANSITIONS.values()))
