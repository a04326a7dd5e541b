"""What every test of the repository shares: Hypothesis' profile and the reference announcement."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parent
REFERENCE = ROOT.parent / "shared" / "announcements" / "21-374.txt"
SAMPLE = ROOT / "src" / "eventkit" / "sample.txt"

# No test is timed: these run on shared machines, and a slow one is not a wrong one.
settings.register_profile(
    "eventkit", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("eventkit")


@pytest.fixture(scope="session")
def announcement() -> Path:
    """A real announcement where it is at hand, else the shipped one with the same findings."""
    return REFERENCE if REFERENCE.exists() else SAMPLE
