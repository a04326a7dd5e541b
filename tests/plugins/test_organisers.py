"""A plugin that one organiser does without is not asked about that organiser's events."""

from __future__ import annotations

import textwrap
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from eventkit.model.event import Event
from eventkit.model.registration import Signup
from eventkit.model.values import Organiser, Person, zone
from eventkit.plugins.hooks import ExportRequest
from eventkit.plugins.manager import BUILTIN, Plugins

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)
SIGNUP = Signup(people=(Person(name="Ida"),), key="k")
SOURCE = """
from datetime import date
from eventkit import Check, Exporter, Finding, Panel, Reason, Severity, hookimpl
eventkit_api = 1
eventkit_prefix = "X"
TEXT = {"da": "Nej.", "en": "No."}
ASKED = []

@hookimpl
def eventkit_checks():
    def check(event):
        ASKED.append("check")
        return [Finding(code="X101", severity=Severity.INFO, text=TEXT)]
    return [Check(name="x", title=TEXT, check=check)]

@hookimpl
def eventkit_may_register():
    ASKED.append("veto")
    return Reason("X1", text=TEXT)

@hookimpl
def eventkit_holidays(year):
    return {date(year, 5, 21): TEXT}

@hookimpl
def eventkit_event_panels():
    ASKED.append("panel")
    return Panel(title="Praktisk", text="Tag madpakke med.")

@hookimpl
def eventkit_exporters():
    return [Exporter(name="x", title=TEXT, media_type="a/b", suffix=".x", write=lambda r: b"x")]
"""


@pytest.fixture
def plugins(tmp_path: Path) -> Plugins:
    (tmp_path / "extra.py").write_text(textwrap.dedent(SOURCE))
    installed = {info.name for info in Plugins.load().infos} - {BUILTIN}
    return Plugins.load(tmp_path, installed, off_for={"boligsocialnet": ["extra"]})


def event(organiser: str | None) -> Event:
    return Event(
        id="26-1",
        title="Netværksmøde",
        starts=datetime(2026, 5, 21, 9, 30, tzinfo=zone("Europe/Copenhagen")),
        organiser=None if organiser is None else Organiser(name=organiser),
    )


def said(plugins: Plugins, about: Event) -> list[str]:
    findings = [one.code for one in plugins.check(about) if one.code.startswith("X")]
    reasons = [one.code for one in plugins.vetoes(about, SIGNUP, NOW)]
    return [*findings, *reasons, *(one.title for one in plugins.panels(about, "da"))]


def test_it_is_silent_for_that_organiser_alone(plugins: Plugins) -> None:
    """No check, no veto, no panel: its code is not even run."""
    assert said(plugins, event("Boligsocialnet")) == []
    assert plugins._manager.get_plugin("extra").ASKED == []
    for other in ("Boligskolen", None):
        assert said(plugins, event(other)) == ["X101", "X1", "Praktisk"]


def test_its_holidays_are_no_days_off_there(plugins: Plugins) -> None:
    """An organiser may work on days on which others do not."""
    days = plugins.holidays(2026)
    assert list(days) == [date(2026, 5, 21)]
    assert days.less(plugins.unasked(event("Boligsocialnet"))) == frozenset()
    for other in ("Boligskolen", None):
        assert days.less(plugins.unasked(event(other))) == {date(2026, 5, 21)}


def test_its_formats_stay(plugins: Plugins) -> None:
    """A file may hold the events of many."""
    assert plugins.export("x", ExportRequest(revisions=())) == b"x"


def test_it_is_told(plugins: Plugins) -> None:
    """It is on, except for whom it is off."""
    [info] = [one for one in plugins.infos if one.name == "extra"]
    assert (info.on, info.off_for) == (True, ("boligsocialnet",))
