"""What every plugin promises, eventkit-danish does."""

from __future__ import annotations

import eventkit_danish as plugin
import pytest

from eventkit import Check, testing


@pytest.mark.parametrize("check", plugin.eventkit_checks(), ids=lambda check: check.name)
def test_each_check_keeps_its_promises(check: Check) -> None:
    """For every event: own codes, words in Danish and English, and a fix that fits."""
    testing.check_check(check, prefix=plugin.eventkit_prefix)
