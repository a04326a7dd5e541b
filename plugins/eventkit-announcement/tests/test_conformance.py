"""What every plugin promises, eventkit-announcement does."""

from __future__ import annotations

from pathlib import Path

import eventkit_announcement as plugin
import pytest

from eventkit import Importer, testing

ANNOUNCEMENT = Path(__file__).parent / "announcements" / "evening.txt"


@pytest.mark.parametrize("importer", plugin.eventkit_importers(), ids=lambda one: one.name)
def test_each_importer_keeps_its_promises(importer: Importer) -> None:
    """It reads its own, the same each time, and refuses what is none."""
    testing.check_importer(importer, ANNOUNCEMENT.read_bytes(), filename=ANNOUNCEMENT.name)
