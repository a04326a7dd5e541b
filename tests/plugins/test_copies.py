"""What a plugin is handed is its own: whatever it does to it, nobody else sees."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given

from eventkit import testing
from eventkit.model.decision import Finding, Reason
from eventkit.model.errors import PluginError
from eventkit.model.event import Event, Imported
from eventkit.model.registration import Signup
from eventkit.model.values import Money, Person
from eventkit.plugins.guard import anew, copied
from eventkit.plugins.hooks import ExportRequest, ImportRequest, Result
from eventkit.plugins.manager import BUILTIN, Plugins

NOW = datetime(2022, 3, 1, 12, tzinfo=UTC)

HEAD = """
import threading, time
from eventkit import (
    Check, Delivery, Exporter, Finding, FormatError, Imported, Importer, Notifier, Panel, Reason,
    Result, Severity, hookimpl
)
eventkit_api = 1
eventkit_prefix = "X"
TEXT = {"da": "Nej.", "en": "No."}
put = object.__setattr__
"""

VETO = """
@hookimpl
def eventkit_may_register(event, signup, now):
    BODY
    return Reason("X1", text=TEXT)
"""
CHECK = """
def check(event):
    BODY
    return [Finding(code="X1", severity=Severity.INFO, text=TEXT)]

@hookimpl
def eventkit_checks():
    return [Check(name="mine", title=TEXT, check=check)]
"""
PANEL = """
@hookimpl
def eventkit_event_panels(event, language):
    BODY
    return Panel(title="Mit", text="Mit.")
"""
EXPORTER = """
def write(request):
    BODY
    return b"mit"

@hookimpl
def eventkit_exporters():
    return [Exporter(name="mine", title=TEXT, media_type="a/b", suffix=".x", write=write)]
"""
NOTIFIER = """
def send(message):
    BODY
    return Delivery(result=Result.SENT)

@hookimpl
def eventkit_notifiers():
    return [Notifier(name="mine", title=TEXT, send=send)]
"""
IMPORTER = """
def read(request):
    BODY
    return Imported(events=())

@hookimpl
def eventkit_importers():
    return [Importer(name="mine", title=TEXT, recognises=lambda r: b"mine" in r.data, read=read)]
"""

Make = Callable[..., Plugins]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Plugins with one called ``tampers``, whose code does what is given; after it ``good``."""

    def make(code: str, body: str, good: str = "") -> Plugins:
        indented = textwrap.dedent(body).strip().replace("\n", "\n    ")
        (tmp_path / "a_tampers.py").write_text(HEAD + code.replace("BODY", indented))
        (tmp_path / "b_good.py").write_text(HEAD.replace('"X"', '"G"') + good)
        installed = {info.name for info in Plugins.load().infos} - {BUILTIN}
        return Plugins.load(tmp_path, installed)

    return make


def asked(plugins: Plugins, given: dict[str, Any]) -> list[Any]:
    """What every sort of hook answers; an error's code where there is one."""
    event, request = given["event"], given["request"]
    answers: list[Any] = [
        *plugins.vetoes(event, given["signup"], NOW),
        *(one for one in plugins.check(event) if one.code.startswith("X")),
        *plugins.panels(event, "da"),
    ]
    if "mine" in plugins.notifiers:
        answers.append(plugins.notify("mine", given["message"]).result)
    for ask in (
        lambda: plugins.export("mine", request) if "mine" in plugins.exporters else None,
        lambda: plugins.read(given["file"]) if "mine" in plugins.importers else None,
    ):
        try:
            answers.append(ask())
        except PluginError as error:
            answers.append(error.code)
    return [one for one in answers if one is not None]


def fresh() -> dict[str, Any]:
    revision = testing.sample_revision()
    return {
        "event": revision.event,
        "signup": Signup(
            people=(Person(name="Ida"),), key="k", answers=({"mad": ("Nødder", "Æg")},)
        ),
        "request": ExportRequest(
            revisions=(revision,), registrations=(testing.sample_registration(),)
        ),
        "message": testing.sample_message(),
        "file": ImportRequest(data=b"mine"),
    }


@pytest.mark.parametrize(
    ("code", "body", "what", "answers"),
    [
        (VETO, 'put(event, "title", "mit")', "Event", []),
        (VETO, 'put(event.venue, "name", "")', "Event", []),
        (VETO, 'put(event, "extra", {"mit": 1})', "Event", []),
        (VETO, 'put(signup, "people", ())', "Signup", []),
        (VETO, 'put(signup.people[0], "name", "mit")', "Signup", []),
        (VETO, 'put(signup, "key", 5); raise ValueError', "Signup", []),
        (VETO, 'put(signup, "key", 5); put(event, "id", 5)', "Event, Signup", []),
        (CHECK, 'put(event.programme[3], "title", "mit")', "Event", []),
        (PANEL, 'put(event.organiser, "name", "mit")', "Event", []),
        (EXPORTER, 'put(request.revisions[0].event, "title", "x")', "ExportRequest",
         ["plugin_mutates"]),
        (EXPORTER, 'put(request.registrations[0].person, "name", "x")', "ExportRequest",
         ["plugin_mutates"]),
        (NOTIFIER, 'put(message, "recipient", "mig@example.dk")', "Message", [Result.UNKNOWN]),
        (IMPORTER, 'put(request, "zone", "mit")', "ImportRequest", ["plugin_mutates"]),
        (IMPORTER, 'put(request, "zone", "mit"); raise FormatError("x", code="x")',
         "ImportRequest", ["plugin_mutates"]),
    ],
)  # fmt: skip
def test_tampering_changes_nothing_and_is_blamed(
    make: Make, code: str, body: str, what: str, answers: list[Any]
) -> None:
    """Every hook that hands over values: the plugin is named, and its answer does not count."""
    given = fresh()
    plugins = make(code, body)
    assert asked(plugins, given) == answers
    assert given == fresh()
    assert [(one.plugin, one.code) for one in plugins.troubles] == [("a_tampers", "plugin_mutates")]
    assert plugins.troubles[0].data["what"] == what


def test_the_next_plugin_gets_what_the_first_one_got(make: Make) -> None:
    """And so does the first one, the next time."""
    seen = """
SEEN = []

@hookimpl
def eventkit_may_register(event, signup):
    SEEN.append((event, signup))
    return Reason("G2", text=TEXT)
"""
    tampering = """
    SEEN.append(event.title)
    put(event, "title", "mit")
    """
    given = fresh()
    plugins = make("SEEN = []\n" + VETO, tampering, good=seen)
    for _ in range(3):
        assert [one.code for one in asked(plugins, given)] == ["G2"]
    title = given["event"].title
    first, second = (plugins._manager.get_plugin(name) for name in ("a_tampers", "b_good"))
    assert set(first.SEEN) == {event.title for event, _ in second.SEEN} == {title}


def test_each_event_is_shown_as_it_is(make: Make) -> None:
    """A copy is kept for the next who signs up, and not shown for another event."""
    given = fresh()
    other = attrs.evolve(given["event"], title="Et andet møde")
    plugins = make("SEEN = []\n" + VETO, "SEEN.append(event.title)")
    turns = (given["event"], given["event"], other, given["event"], attrs.evolve(other))
    for event in turns:
        assert len(plugins.vetoes(event, given["signup"], NOW)) == 1
    seen = plugins._manager.get_plugin("a_tampers").SEEN
    assert seen == [event.title for event in turns]
    assert plugins.troubles == ()


def test_what_is_changed_later_is_the_plugins_own(make: Make) -> None:
    """One that keeps what it was given and changes it when nobody looks is found out next time."""
    given = fresh()
    plugins = make("KEPT = []\n" + VETO, "KEPT.append(event)")
    kept = plugins._manager.get_plugin("a_tampers").KEPT
    for value, code in (("mit", "plugin_mutates"), (Bites(), "plugin_raised")):
        assert [one.code for one in asked(plugins, given)] == ["X1"]
        object.__setattr__(kept[-1], "title", value)
        assert given == fresh()
        assert asked(plugins, given) == []
        assert plugins.troubles[-1].code == code
    assert [one.code for one in asked(plugins, given)] == ["X1"]
    assert len(plugins.troubles) == 2


class Bites:
    """What ends whoever compares it."""

    def __eq__(self, other: object) -> bool:
        raise SystemExit("bitten")

    __hash__ = None  # type: ignore[assignment]


def test_what_does_not_tamper_is_heard(make: Make) -> None:
    """A copy is as good as what it was made of: equal, and as deep."""
    looks = """
    assert event.programme[0].starts.tzinfo is event.zone
    assert signup.answers[0]["mad"] == ("Nødder", "Æg")
    assert hash(event.programme) and repr(signup)
    """
    plugins = make(VETO, looks)
    assert [one.code for one in asked(plugins, fresh())] == ["X1"]
    assert plugins.troubles == ()


@pytest.mark.parametrize("kind", sorted(testing.STRATEGIES, key=lambda one: one.__name__))
def test_a_copy_is_equal_and_shares_nothing_that_can_be_changed(kind: type) -> None:
    """Whatever the model holds, down to text, numbers and times."""

    @given(testing.STRATEGIES[kind]())
    def look(value: Any) -> None:
        twin = copied(value)
        assert twin == value
        assert type(twin) is type(value)
        assert not set(changeable(twin)) & set(changeable(value))

    look()


@pytest.mark.parametrize("kind", [Event, Finding, Imported, Reason, Money])
def test_a_good_answer_made_anew_is_the_same(kind: type) -> None:
    """Also with every field's rule asked once more."""

    @given(testing.STRATEGIES[kind]())
    def look(value: Any) -> None:
        twin = anew(value)
        assert twin == value
        assert type(twin) is type(value)
        assert twin is not value

    look()


def changeable(value: Any) -> list[int]:
    """The identity of every attrs value and every mapping within."""
    if attrs.has(type(value)):
        inside = [getattr(value, one.name) for one in attrs.fields(type(value))]
        return [id(value), *(name for one in inside for name in changeable(one))]
    if isinstance(value, tuple):
        return [name for one in value for name in changeable(one)]
    if hasattr(value, "items"):
        return [id(value), *(name for one in value.values() for name in changeable(one))]
    return []
