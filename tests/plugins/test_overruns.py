"""What takes too long three times in a row is asked no more, and nothing else of its plugin."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from eventkit import testing
from eventkit.model.errors import FormatError, NotFoundError, PluginError
from eventkit.model.registration import Signup
from eventkit.model.values import Person
from eventkit.plugins.guard import BUDGET, OVERRUNS
from eventkit.plugins.hooks import ExportRequest, ImportRequest, Result
from eventkit.plugins.manager import BUILTIN, Plugins

NOW = datetime(2022, 3, 1, 12, tzinfo=UTC)
EVENT = testing.sample()
REQUEST = ExportRequest(revisions=(testing.sample_revision(),))
SIGNUP = Signup(people=(Person(name="Ida"),), key="k")
SHORT = dict.fromkeys(BUDGET, 0.15) | {"load": 10}

SOURCE = """
import time
from datetime import date
from eventkit import (
    Check, Delivery, Exporter, Finding, Imported, Importer, Notifier, Panel, Reason, Result,
    Severity, hookimpl
)
eventkit_api = 1
eventkit_prefix = "X"
TEXT = {"da": "Nej.", "en": "No."}
SLOW = set()

def begin(name):
    if name in SLOW:
        time.sleep(30)

def exporter(name):
    def write(request):
        begin(name)
        return b"x"
    return Exporter(name=name, title=TEXT, media_type="a/b", suffix=".x", write=write)

@hookimpl
def eventkit_exporters():
    return [exporter("one"), exporter("two")]

@hookimpl
def eventkit_importers():
    def recognises(request):
        begin("recognise")
        return request.data == b"x"
    def read(request):
        begin("read")
        return Imported(events=())
    return [Importer(name="one", title=TEXT, recognises=recognises, read=read)]

@hookimpl
def eventkit_notifiers():
    def send(message):
        begin("pigeon")
        return Delivery(result=Result.SENT)
    return [Notifier(name="pigeon", title=TEXT, send=send, close=lambda: begin("close"))]

def check(name):
    def look(event):
        begin(name)
        return [Finding(code=name, severity=Severity.INFO, text=TEXT)]
    return Check(name=name, title=TEXT, check=look)

@hookimpl
def eventkit_checks():
    return [check("X1"), check("X2")]

@hookimpl
def eventkit_may_register():
    begin("veto")
    return Reason("X3", text=TEXT)

@hookimpl
def eventkit_event_panels():
    begin("panel")
    return Panel(title="Mit", text="Mit.")

@hookimpl
def eventkit_holidays(year):
    begin("holidays")
    return {date(year, 6, 5): TEXT}
"""


@pytest.fixture
def plugins(tmp_path: Path) -> Plugins:
    (tmp_path / "mine.py").write_text(SOURCE)
    installed = {info.name for info in Plugins.load().infos} - {BUILTIN}
    return Plugins.load(tmp_path, installed, budget=SHORT)


def slow(plugins: Plugins) -> set[str]:
    names: set[str] = plugins._manager.get_plugin("mine").SLOW
    return names


def export(plugins: Plugins, name: str) -> bool:
    try:
        return plugins.export(name, REQUEST) == b"x"
    except (PluginError, NotFoundError):
        return False


def read(plugins: Plugins) -> bool:
    try:
        plugins.read(ImportRequest(data=b"x"))
    except (PluginError, FormatError):
        return False
    return True


def send(plugins: Plugins) -> bool:
    sent = plugins.notify("pigeon", testing.sample_message()).result is Result.SENT
    plugins.hang_up("pigeon")
    return sent


WAYS: Mapping[str, Callable[[Plugins], bool]] = {
    "one": lambda p: export(p, "one"),
    "two": lambda p: export(p, "two"),
    "read": read,
    "pigeon": send,
    "X1": lambda p: "X1" in [one.code for one in p.check(EVENT)],
    "X2": lambda p: "X2" in [one.code for one in p.check(EVENT)],
    "veto": lambda p: bool(p.vetoes(EVENT, SIGNUP, NOW)),
    "panel": lambda p: bool(p.panels(EVENT, "da")),
    "holidays": lambda p: bool(p.holidays(2022)),
}

OFF = {
    "one": ("exporters", "one", "one"),
    "read": ("importers", "one", "read"),
    "recognise": ("importers", "one", "read"),
    "pigeon": ("notifiers", "pigeon", "pigeon"),
    "close": ("notifiers", "pigeon", "pigeon"),
    "X1": ("checks", "X1", "X1"),
    "veto": ("hooks", "eventkit_may_register", "veto"),
    "panel": ("hooks", "eventkit_event_panels", "panel"),
    "holidays": ("hooks", "eventkit_holidays", "holidays"),
}


@pytest.mark.parametrize("name", OFF)
def test_only_what_is_too_slow_is_switched_off(plugins: Plugins, name: str) -> None:
    """It is not asked a fourth time; all else of the plugin works, and one can see which is off."""
    sort, shown, way = OFF[name]
    slow(plugins).add(name)
    for _ in range(OVERRUNS):
        WAYS[way](plugins)
    assert [one.code for one in plugins.troubles] == ["plugin_overran"] * OVERRUNS
    slow(plugins).clear()
    works = {other: ask(plugins) for other, ask in WAYS.items()}
    assert works == {other: other != way for other in WAYS}
    [info] = [one for one in plugins.infos if one.name == "mine"]
    assert (info.on, info.why, info.overran) == (True, None, {sort: (shown,)})
    assert shown in info.provides[sort]
    assert len(plugins.troubles) == OVERRUNS


@pytest.mark.parametrize("name", ["one", "read", "pigeon", "X1", "veto"])
def test_a_call_that_is_in_time_starts_the_count_anew(plugins: Plugins, name: str) -> None:
    """A server that is slow now and then is no reason to go without."""
    way = WAYS[name]
    for _ in range(2):
        slow(plugins).add(name)
        for _ in range(OVERRUNS - 1):
            assert not way(plugins)
        slow(plugins).clear()
        assert way(plugins)
    [info] = [one for one in plugins.infos if one.name == "mine"]
    assert info.overran == {}


def test_a_failure_that_is_in_time_starts_the_count_anew(plugins: Plugins) -> None:
    """Raising costs nobody's time."""

    def fail(name: str) -> None:
        raise OSError(name)

    module: Any = plugins._manager.get_plugin("mine")
    begin = module.begin
    for _ in range(OVERRUNS):
        slow(plugins).add("veto")
        WAYS["veto"](plugins)
        module.begin = fail
        WAYS["veto"](plugins)
        module.begin = begin
    assert [one.overran for one in plugins.infos if one.name == "mine"] == [{}]


def test_a_slow_folder_for_mail_takes_no_format_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own plugin is no other: where its mail cannot be laid down, its calendars are written."""
    installed = {info.name for info in Plugins.load().infos} - {BUILTIN}
    plugins = Plugins.load(
        off=installed,
        budget={**BUDGET, "notify": 0.05},
        settings={BUILTIN: {"mails": str(tmp_path / "mails")}},
    )
    monkeypatch.setattr(os, "fsync", lambda handle: time.sleep(1))
    results = [plugins.notify("eml", testing.sample_message()).result for _ in range(OVERRUNS + 1)]
    assert results == [Result.UNKNOWN] * OVERRUNS + [Result.RETRY]
    assert plugins.export("ics", REQUEST).startswith(b"BEGIN:VCALENDAR")
    assert "json" in plugins.importers
