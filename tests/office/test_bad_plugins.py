"""Many plugins that do their worst at once: a registration is committed, and each is named."""

from __future__ import annotations

import textwrap
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eventkit.model.decision import Allowed, Refused
from eventkit.model.event import Event
from eventkit.model.registration import Signup, Standing
from eventkit.model.values import Actor, Person, Side
from eventkit.office.settings import Settings
from eventkit.office.store import Store
from eventkit.office.usecases import Office
from eventkit.plugins.guard import BUDGET, OVERRUNS
from eventkit.plugins.manager import BUILTIN, Plugins

PUBLIC = Actor(Side.PUBLIC)
BUDGET_OF_A_VETO = 0.3

HEAD = """
import enum, sys, time
from eventkit import Reason, hookimpl
eventkit_api = 1
eventkit_prefix = "GX"
TEXT = {"da": "Nej.", "en": "No."}

class Code(enum.Enum):
    FULL = "GX1"

class Mine(Reason):
    @property
    def code(self):
        raise SystemExit("bitten")

class Endless(Exception):
    def __str__(self):
        time.sleep(60)

@hookimpl
def eventkit_may_register(event, signup, now):
"""

BAD = {
    "raises": 'raise RuntimeError("i stykker")',
    "exits": "sys.exit(3)",
    "sleeps": "time.sleep(60)",
    "rubbish": 'return ["nej"]',
    "numbers": "return Reason(101, text=TEXT)",
    "enumerates": "return Reason(Code.FULL, text=TEXT)",
    "derives": "return object.__new__(Mine)",
    "forces": """
        reason = Reason("GX2", text=TEXT)
        object.__setattr__(reason, "code", None)
        return reason
    """,
    "drawls": "raise Endless",
    "mutates": 'event.title = signup.people[0].name = "mit"',
    "tampers": """
        object.__setattr__(event, "title", "mit")
        object.__setattr__(event.programme[0], "title", "mit")
        object.__setattr__(signup, "people", ())
        return Reason("GX2", text=TEXT)
    """,
}
CODES = {
    "raises": "plugin_raised",
    "exits": "plugin_raised",
    "sleeps": "plugin_overran",
    "rubbish": "plugin_rubbish",
    "numbers": "plugin_raised",
    "enumerates": "plugin_raised",
    "derives": "plugin_rubbish",
    "forces": "plugin_raised",
    "drawls": "plugin_overran",
    "mutates": "plugin_raised",
    "tampers": "plugin_mutates",
}

GOOD = """
if signup.people[0].name == "Bo":
    return Reason("GX1", text={"da": "Kun for medlemmer.", "en": "Members only."})
"""


@pytest.fixture
def beset(office: Office, event: Any, add: Any, tmp_path: Path) -> Office:
    """An office with one event, one good plugin among the bad ones."""
    add(event(capacity=10), publish=True)
    folder = tmp_path / "plugins"
    folder.mkdir()
    for name, body in {**BAD, "good": GOOD}.items():
        head = HEAD if name == "good" else HEAD.replace('"GX"', f'"{name[:8].upper()}"')
        source = head + textwrap.indent(textwrap.dedent(body), "    ")
        (folder / f"{name}.py").write_text(source)
    installed = {info.name for info in Plugins.load().infos} - {BUILTIN}
    plugins = Plugins.load(folder, installed, budget={**BUDGET, "veto": BUDGET_OF_A_VETO})
    return Office(office.store, plugins, Settings(), clock=office._clock)


def register(office: Office, name: str) -> Any:
    person = Person(name=name, email=f"{name.lower()}@example.dk")
    return office.register("22-1", Signup(people=[person], key=name), actor=PUBLIC)


def stored(office: Office) -> Event:
    return office.revision("22-1").event


def test_a_registration_survives_bad_plugins(beset: Office) -> None:
    """It commits, the good one is still asked, every culprit is named, nothing was changed."""
    before, began = stored(beset), time.monotonic()
    decision = register(beset, "Anne")
    assert isinstance(decision, Allowed), decision
    assert time.monotonic() - began < 20 * BUDGET_OF_A_VETO  # nobody waits for the minute
    [one] = beset.registrations("22-1")
    assert (one.person.name, one.status) == ("Anne", Standing.CONFIRMED)
    assert {trouble.plugin: trouble.code for trouble in beset.plugins.troubles} == CODES
    assert stored(beset) == before

    refused = register(beset, "Bo")
    assert isinstance(refused, Refused)
    assert [reason.code for reason in refused.reasons] == ["GX1"]
    assert len(beset.registrations("22-1")) == 1
    assert beset.store.audit() == ()


def test_one_that_sleeps_is_soon_not_asked_at_all(beset: Office) -> None:
    """After three its veto is off; the others, and those who sign up, go on."""
    for number in range(OVERRUNS + 1):
        assert isinstance(register(beset, f"Anne{number}"), Allowed)
    infos = {info.name: info for info in beset.plugins.infos}
    for name in ("sleeps", "drawls"):
        assert infos[name].overran == {"hooks": ("eventkit_may_register",)}
    assert infos["good"].overran == {}
    assert isinstance(register(beset, "Bo"), Refused)
    overran = [one for one in beset.plugins.troubles if one.code == "plugin_overran"]
    assert len(overran) == 2 * OVERRUNS


def test_holidays_that_came_late_once_are_asked_for_again(
    store: Store, event: Any, clock: Any, tmp_path: Path
) -> None:
    """A plugin that was slow at the first look is not without holidays until the next start."""
    (tmp_path / "late.py").write_text(
        "import datetime, time\nfrom eventkit import hookimpl\neventkit_api = 1\nasked = []\n"
        "@hookimpl\ndef eventkit_holidays(year):\n"
        "    asked.append(year)\n"
        "    if len(asked) < 3:\n"
        "        time.sleep(0.5)\n"
        "    return {datetime.date(year, 5, 1): {'da': 'Fridag', 'en': 'Day off'}}\n"
    )
    off = [one.name for one in Plugins.load().infos if one.name != "builtin"]
    plugins = Plugins.load(tmp_path, off, budget={**BUDGET, "gather": 0.1})
    office = Office(store, plugins, Settings(), clock=clock)
    assert office._holidays(office.now())(event()) == frozenset()
    for _ in range(2):
        assert office._holidays(office.now())(event()) == {date(2022, 5, 1), date(2023, 5, 1)}
    asked = office.plugins._manager.get_plugin("late").asked
    assert asked == [2022, 2023, 2022, 2023]
