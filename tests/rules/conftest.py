"""What the tests of rules share."""

from __future__ import annotations

import pytest

from eventkit.rules import forms


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """Each test asks anew who somebody is: a remembered answer would hide a broken question."""
    forms._identity.cache_clear()
