"""Plugins: found, switched off by name, and unable to hurt whatever they do."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import attrs
import pytest

from eventkit.model.decision import Finding, Severity
from eventkit.model.errors import (
    DocumentError,
    EventkitError,
    FormatError,
    NotFoundError,
    PluginError,
)
from eventkit.model.event import AgendaItem, Event, Revision, Status
from eventkit.model.registration import Signup
from eventkit.model.values import SYSTEM, Before, Person, zone
from eventkit.plugins.guard import BUDGET, REMEMBERED
from eventkit.plugins.hooks import ExportRequest, ImportRequest
from eventkit.plugins.manager import BUILTIN, Plugins

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)
EVENT = Event(
    id="26-1",
    title="Netværksmøde",
    starts=datetime(2026, 5, 21, 9, 30, tzinfo=zone("Europe/Copenhagen")),
    programme=(
        AgendaItem(title="Tak", starts=datetime(2026, 5, 21, 15, tzinfo=zone("Europe/Copenhagen"))),
    ),
)
SIGNUP = Signup(people=(Person(name="Ida"),), key="k")
TEXT = {"da": "Nej.", "en": "No."}
REVISION = Revision(event=EVENT, number=1, sequence=0, at=NOW, actor=SYSTEM)

HEAD = """
import asyncio, attrs, enum, itertools, os, sys, time
from datetime import date, datetime
from zoneinfo import ZoneInfo
from eventkit import (
    AgendaItem, Check, Event, Exporter, Fee, Finding, FormatError, Imported, Importer, Money, Panel,
    Reason, Severity, hookimpl
)
eventkit_api = 1
eventkit_prefix = "X"
TEXT = {"da": "Nej.", "en": "No."}
WHEN = datetime(2026, 5, 21, 9, 30, tzinfo=ZoneInfo("Europe/Copenhagen"))

def mine(kind):
    return attrs.frozen(kw_only=True)(type("My" + kind.__name__, (kind,), {}))

def forced(value, **fields):
    for name, one in fields.items():
        object.__setattr__(value, name, one)
    return value

class Endless(Exception):
    def __str__(self):
        time.sleep(30)

class Loud(Exception):
    def __str__(self):
        return "\\x1b[2J\\x9b loud \\udc80"

class Text(str):
    def bite(self, *given):
        raise SystemExit("bitten")
    __eq__ = __hash__ = __format__ = startswith = strip = bite

class Sly(Exception):
    def __str__(self):
        raise SystemExit("bitten")
    __repr__ = __str__
"""

GOOD = """
eventkit_prefix = "G"

@hookimpl
def eventkit_checks():
    finding = Finding(code="G101", severity=Severity.INFO, text=TEXT)
    return [Check(name="good", title=TEXT, check=lambda event: [finding])]

@hookimpl
def eventkit_may_register(signup):
    return Reason("G1", text=TEXT)

@hookimpl
def eventkit_holidays(year):
    return {date(year, 6, 5): {"da": "Grundlovsdag", "en": "Constitution Day"}}

@hookimpl
def eventkit_event_panels(event, language):
    return Panel(title="Praktisk", text="Tag **madpakke** med.")
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write plugins into a folder: `write(name=source, …)`."""

    def write(**sources: str) -> Path:
        for name, source in sources.items():
            (tmp_path / f"{name}.py").write_text(HEAD + textwrap.dedent(source))
        return tmp_path

    return write


def load(folder: Path | None = None, **options: object) -> Plugins:
    """The plugins in `folder` and the built-in one; what happens to be installed is off."""
    installed = {info.name for info in Plugins.load().infos} - {BUILTIN}
    off = installed | set(options.pop("off", ()))  # type: ignore[call-overload]
    return Plugins.load(folder, off=off, **options)  # type: ignore[arg-type]


def codes(plugins: Plugins) -> list[str]:
    return [finding.code for finding in plugins.check(EVENT)]


def blamed(plugins: Plugins) -> list[tuple[str, str]]:
    return [(trouble.plugin, trouble.code) for trouble in plugins.troubles]


def test_the_builtin_formats_come_through_the_hooks() -> None:
    """Nothing is built in that a plugin could not bring."""
    plugins = load()
    assert {"ics", "ics-items", "json", "events-csv", "csv", "csv-plain"} <= set(plugins.exporters)
    assert set(plugins.importers) == {"ics", "json"}
    assert set(load(off=[BUILTIN]).exporters) == set()


def test_a_good_plugin_is_heard(write: Write) -> None:
    """A loose file in the folder adds checks, vetoes, holidays and panels."""
    plugins = load(write(good=GOOD))
    assert "G101" in codes(plugins)
    assert [reason.code for reason in plugins.vetoes(EVENT, SIGNUP, NOW)] == ["G1"]
    assert plugins.holidays(2026)[date(2026, 6, 5)]["da"] == "Grundlovsdag"
    assert [panel.title for panel in plugins.panels(EVENT, "da")] == ["Praktisk"]
    info = next(info for info in plugins.infos if info.name == "good")
    assert info.on
    assert info.provides["checks"] == ("good",)
    assert "eventkit_may_register" in info.provides["hooks"]
    assert plugins.troubles == ()


def test_a_plugin_is_switched_off_by_name(write: Write) -> None:
    """One that is off is listed, and silent; its code is not even run."""
    folder = write(good=GOOD + "raise SystemExit('loaded')\n")
    plugins = load(folder, off=["good"])
    assert "G101" not in codes(plugins)
    assert [info.on for info in plugins.infos if info.name == "good"] == [False]
    assert plugins.troubles == ()


def test_an_unknown_name_to_switch_off_is_said() -> None:
    """A spelling mistake does not leave a plugin on in silence."""
    with pytest.raises(PluginError) as caught:
        Plugins.load(off=["no-such"])
    assert caught.value.code == "unknown_plugin"


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    """A wrong --plugins-dir is an error, not an empty one."""
    with pytest.raises(PluginError) as caught:
        Plugins.load(tmp_path / "none")
    assert caught.value.code == "no_plugin_folder"


IMPORTER = """
def event(**more):
    return Event(**{{"id": "26-9", "title": "T", "starts": WHEN, **more}})

@hookimpl
def eventkit_importers():
    return [Importer(name="bad", title=TEXT, suffixes={suffixes}, recognises=lambda r: True,
                     read=lambda request: {read})]
"""


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("raise ValueError('oops')", "plugin_unloadable"),
        ("def broken(:", "plugin_unloadable"),
        ("sys.exit(3)", "plugin_unloadable"),
        ("import no_such_module_at_all", "plugin_unloadable"),
        ("eventkit_api = 2", "plugin_other_api"),
        ("@hookimpl\ndef eventkit_no_such_hook(): ...", "plugin_unloadable"),
        ("@hookimpl\ndef eventkit_checks(event, nonsense): ...", "plugin_unloadable"),
        ("@hookimpl\ndef eventkit_checks(): raise KeyError('x')", "plugin_raised"),
        ("@hookimpl\ndef eventkit_checks(): return 5", "plugin_rubbish"),
        ("@hookimpl\ndef eventkit_checks(): return [5]", "plugin_rubbish"),
        ("@hookimpl\ndef eventkit_exporters(): sys.exit()", "plugin_raised"),
        ("@hookimpl\ndef eventkit_exporters(): return itertools.count()", "plugin_endless"),
        ("def __getattr__(name): raise SystemExit(name)\ndel eventkit_api", "plugin_unloadable"),
        ("eventkit_prefix = 5", "plugin_bad_prefix"),
        ("eventkit_prefix = ''", "plugin_bad_prefix"),
        ("eventkit_prefix = 'EKX'", "plugin_bad_prefix"),
        ("@hookimpl\nasync def eventkit_checks(): ...", "plugin_rubbish"),
        ("@hookimpl\ndef eventkit_exporters(): raise Endless", "plugin_overran"),
        (
            "@hookimpl\ndef eventkit_checks():\n"
            "    return type('Mine', (Check,), {'name': 5})(name='x', title=TEXT, check=print)",
            "plugin_rubbish",
        ),
        (
            "@hookimpl\ndef eventkit_checks():\n"
            "    return mine(Check)(name='x', title=TEXT, check=print)",
            "plugin_rubbish",
        ),
        (
            "@hookimpl\ndef eventkit_checks():\n"
            "    return Check(name='x', title={'da': '\\x1b'}, check=print)",
            "plugin_raised",
        ),
        (IMPORTER.format(suffixes="None", read="None"), "plugin_raised"),
        (IMPORTER.format(suffixes="'.txt'", read="None"), "plugin_raised"),
    ],
)
@pytest.mark.filterwarnings("error")  # Python would warn of each coroutine that nobody awaits
def test_a_plugin_that_cannot_be_loaded_is_named(write: Write, body: str, code: str) -> None:
    """The culprit is named, and the others go on."""
    plugins = load(write(bad=body, good=GOOD), budget={**BUDGET, "gather": 0.5})
    assert ("bad", code) in blamed(plugins)
    assert "G101" in codes(plugins)


CHECKED = """
@hookimpl
def eventkit_checks():
    return [Check(name="bad", title=TEXT, check=check)]

def check(event):
    {body}
"""


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("raise RuntimeError('oops')", "plugin_raised"),
        ("sys.exit(1)", "plugin_raised"),
        ("raise KeyboardInterrupt", "plugin_raised"),
        ("return 7", "plugin_rubbish"),
        ("raise Sly", "plugin_raised"),
        ("return [Sly()]", "plugin_rubbish"),
        ("return itertools.count()", "plugin_endless"),
        ("raise Endless", "plugin_overran"),
        ("raise Loud", "plugin_raised"),
        ("return [Finding(code=7, severity='info', text=TEXT)]", "plugin_raised"),
        ("return [Finding(code='X1', severity='eror', text=TEXT)]", "plugin_raised"),
        ("return [mine(Finding)(code='X1', severity='info', text=TEXT)]", "plugin_rubbish"),
        (
            "return forced(Finding(code='X1', severity='info', text=TEXT), severity=5)",
            "plugin_raised",
        ),
        ("return object.__new__(Finding)", "plugin_raised"),
        ("return [Finding(code='EK599', severity=Severity.INFO)]", "plugin_unworded"),
        ("return ['rubbish']", "plugin_rubbish"),
        ("return [Finding(code='EK101', severity=Severity.INFO, text=TEXT)]", "plugin_unworded"),
        ("return [Finding(code='X1', severity=Severity.INFO)]", "plugin_unworded"),
        ("event.title = 'mine'", "plugin_raised"),
        ("event.extra['mine'] = 1", "plugin_raised"),
        ("time.sleep(30)", "plugin_overran"),
    ],
)
def test_a_check_that_misbehaves_is_named(write: Write, body: str, code: str) -> None:
    """Raising, exiting, rubbish, a borrowed code, mutation and sleep: the rest is still checked."""
    folder = write(bad=CHECKED.format(body=body), good=GOOD)
    plugins = load(folder, budget={**BUDGET, "check": 0.2})
    assert codes(plugins) == ["EK104", "EK301", "G101"]
    assert blamed(plugins) == [("bad", code)]
    assert EVENT.title == "Netværksmøde"


@pytest.mark.parametrize(
    "body",
    [
        "raise OSError",
        "raise Endless",
        "time.sleep(30)",
        "return 'no'",
        "return asyncio.sleep(0)",
        "return [asyncio.sleep(0)]",
        "return Reason('EK1', text=TEXT)",
        "return Reason(101, text=TEXT)",
        "return Reason(None, text=TEXT)",
        "return Reason(enum.Enum('Code', 'FULL').FULL, text=TEXT)",
        "return type('Mine', (Reason,), {'text': None})('X1')",
        "return forced(Reason('X1', text=TEXT), text=[5])",
    ],
)
def test_a_veto_that_fails_counts_as_none(write: Write, body: str) -> None:
    """No broken plugin keeps anybody out; one that works still may."""
    veto = f"@hookimpl\ndef eventkit_may_register(event, signup, now):\n    {body}\n"
    plugins = load(write(bad=veto, good=GOOD), budget={**BUDGET, "veto": 0.2})
    assert [reason.code for reason in plugins.vetoes(EVENT, SIGNUP, NOW)] == ["G1"]
    assert [plugin for plugin, _ in blamed(plugins)] == ["bad"]


@pytest.mark.parametrize(
    "read",
    [
        "Imported(events=('x', 5))",
        "Imported(events=(), findings=('x',))",
        "7",
        "None",
        "mine(Imported)()",
        "Imported(events=[mine(Event)(id='26-9', title='T', starts=WHEN)])",
        "Imported(events=[event(programme=[mine(AgendaItem)(title='T', starts=WHEN)])])",
        "Imported(events=[event(fees=[mine(Fee)(since=WHEN, money=Money(5))])])",
        "Imported(events=[event(fees=[Fee(since=WHEN, money=mine(Money)(amount=5))])])",
        "Imported(events=[event(price=mine(Money)(amount=5))])",
        "Imported(events=[forced(event(), title=5)])",
        "Imported(events=[forced(event(), starts=WHEN.replace(tzinfo=None))])",
        "Imported(findings=[mine(Finding)(code='X1', severity='info', text=TEXT)])",
    ],
)
def test_rubbish_read_from_a_file_is_an_error_that_names_the_plugin(
    write: Write, read: str
) -> None:
    """It goes no further than the guard."""
    plugins = load(write(bad=IMPORTER.format(suffixes="()", read=read)))
    with pytest.raises(PluginError) as caught:
        plugins.read(ImportRequest(data=b"x"))
    assert caught.value.data["plugin"] == "bad"
    assert caught.value.code == ("plugin_raised" if "forced" in read else "plugin_rubbish")


def test_what_is_derived_from_text_numbers_and_times_is_made_plain(write: Write) -> None:
    """Libraries have types of their own for these; whatever one adds to them does nothing here."""
    good = """
    class Time(datetime):
        pass

    class Word(str):
        pass

    Number = enum.IntEnum("Number", "ONE TWO")
    Code = enum.StrEnum("Code", {"ODD": "X1"})

    def read(request):
        starts = Time(2026, 10, 25, 2, 30, tzinfo=WHEN.tzinfo, fold=1)
        data = {"n": (Number.TWO, Word("b")), "f": type("Real", (float,), {})(2.5)}
        found = Imported(
            events=[event(title=Word("Møde"), starts=starts, capacity=Number.TWO,
                          extra={"x.y": Word("z")})],
            findings=[Finding(code=Code.ODD, severity="error", path=Word("deadline"), data=data,
                              text={"da": Word("Nej."), "en": Word("No.")})],
        )
        for name in ("__eq__", "__hash__", "__format__", "startswith", "strip", "split"):
            setattr(Word, name, Text.bite)
        return found
    """
    code = IMPORTER.format(suffixes="()", read="read(request)") + textwrap.dedent(good)
    plugins = load(write(good=code))
    _, imported = plugins.read(ImportRequest(data=b"x"))
    [event], [finding] = imported.events, imported.findings
    when = datetime(2026, 10, 25, 2, 30, tzinfo=zone("Europe/Copenhagen"), fold=1)
    assert event == Event(id="26-9", title="Møde", starts=when, capacity=2, extra={"x.y": "z"})
    assert (event.starts.fold, finding.severity) == (1, Severity.ERROR)
    assert (finding.code, finding.path, finding.text) == ("X1", "deadline", TEXT)
    assert finding.data == {"n": (2, "b"), "f": 2.5}
    assert {type(one) for one in leaves(imported)} <= {*PLAIN, *ENUMS}
    assert plugins.troubles == ()


PLAIN = (bool, int, float, str, datetime, type(None))
ENUMS = (Severity, Status)


def leaves(value: object) -> Iterator[object]:
    """Whatever is at the ends of a value."""
    if attrs.has(type(value)):
        for one in attrs.fields(type(value)):
            yield from leaves(getattr(value, one.name))
    elif isinstance(value, tuple):
        for one in value:
            yield from leaves(one)
    elif isinstance(value, Mapping):
        yield from leaves((*value.keys(), *value.values()))
    elif not isinstance(value, Before):
        yield value


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("class Mine(FormatError): pass\n    raise Mine('no', code='x', n=Text('5'))", ""),
        ("raise FormatError('\\x1b[2J no', code=Text('x'))", ""),
        ("raise type('Mine', (FormatError, Endless), {})('no', code='x')", "plugin_overran"),
        ("raise FormatError(Endless(), code='x')", "plugin_overran"),
        ("raise FormatError('no', code=None)", "plugin_rubbish"),
        ("raise FormatError('no', code='x', what=Endless())", "plugin_raised"),
    ],
)
def test_a_refusal_to_read_is_ours_as_well(write: Write, body: str, code: str) -> None:
    """It is an answer like any other: of our own type, with nothing in it that bites."""
    bad = (
        IMPORTER.format(suffixes="()", read="read(request)") + f"\ndef read(request):\n    {body}\n"
    )
    plugins = load(write(bad=bad), budget={**BUDGET, "import": 0.2})
    with pytest.raises(EventkitError) as caught:
        plugins.read(ImportRequest(data=b"x"))
    if code:
        assert blamed(plugins) == [("bad", code)]
        return
    assert type(caught.value) is FormatError
    assert str(caught.value).isprintable()
    assert type(caught.value.code) is str
    assert {type(one) for one in caught.value.data.values()} <= {str}
    assert plugins.troubles == ()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("return Panel(title='x', text=' ')", "plugin_raised"),
        ("return attrs.make_class('P', {'text': None}, bases=(Panel,))(None)", "plugin_raised"),
        ("return type('P', (Panel,), {'text': None})(title='x', text='y')", "plugin_rubbish"),
        ("return mine(Panel)(title='x', text='y')", "plugin_rubbish"),
        ("return forced(Panel(title='x', text='y'), text=None)", "plugin_raised"),
        ("raise Endless", "plugin_overran"),
    ],
)
def test_a_panel_that_is_none_is_left_out(write: Write, body: str, code: str) -> None:
    """The page shows those of the others."""
    bad = f"@hookimpl\ndef eventkit_event_panels(event, language):\n    {body}\n"
    plugins = load(write(bad=bad, good=GOOD), budget={**BUDGET, "panel": 0.2})
    assert [panel.title for panel in plugins.panels(EVENT, "da")] == ["Praktisk"]
    assert blamed(plugins) == [("bad", code)]


def test_nothing_that_is_said_of_a_plugin_moves_a_terminal(write: Write) -> None:
    """Neither what its error says nor the traceback nor the name of a type."""
    raises, answers = (
        CHECKED.format(body="raise Loud"),
        CHECKED.format(body="return type('\\x1b[2J', (), {})()"),
    )
    plugins = load(write(raises=raises, answers=answers, loads="raise Loud"))
    plugins.check(EVENT)
    assert {one.plugin for one in plugins.troubles} == {"raises", "answers", "loads"}
    for trouble in plugins.troubles:
        told = (trouble.detail, *trouble.data.values(), *trouble.traceback.splitlines())
        assert [one for one in told if not one.isprintable()] == []


def test_an_import_finding_nobody_can_word_is_left_out(write: Write) -> None:
    """What was read is kept, and the plugin is named."""
    finding = "Finding(code='{}', severity=Severity.INFO, text={})"
    findings = ", ".join(
        finding.format(*pair) for pair in (("QQ1", "None"), ("EK510", "TEXT"), ("X1", "TEXT"))
    )
    read = f"Imported(events=(), findings=({findings}))"
    plugins = load(write(bad=IMPORTER.format(suffixes="()", read=read)))
    _, imported = plugins.read(ImportRequest(data=b"x"))
    assert [finding.code for finding in imported.findings] == ["EK510", "X1"]
    assert blamed(plugins) == [("bad", "plugin_unworded")]


@pytest.mark.parametrize(
    ("prefix", "code"), [("E", "EK103"), ("E", "EKfull"), ("D", "DK201"), ("E", "E\u041a103")]
)
def test_no_code_is_borrowed_by_a_shorter_prefix(write: Write, prefix: str, code: str) -> None:
    """Neither the core's nor another plugin's: the prefix is all the capital letters there are."""
    borrows = f"""
    eventkit_prefix = "{prefix}"

    @hookimpl
    def eventkit_may_register():
        return Reason("{code}", text=TEXT)

    @hookimpl
    def eventkit_checks():
        def check(event):
            return [Finding(code=code, severity="error", text=TEXT)
                    for code in ("{code}", "{prefix}1", "{prefix}full")]
        return [Check(name="borrows", title=TEXT, check=check)]
    """
    plugins = load(write(bad=borrows, good=GOOD))
    assert [reason.code for reason in plugins.vetoes(EVENT, SIGNUP, NOW)] == ["G1"]
    assert codes(plugins) == ["EK104", "EK301", f"{prefix}1", f"{prefix}full", "G101"]
    assert blamed(plugins) == [("bad", "plugin_unworded")] * 2
    assert {trouble.data["said"] for trouble in plugins.troubles} == {code}


def test_a_prefix_is_one_plugins_own(write: Write) -> None:
    """Whoever comes second gives no codes, and is told whose it is; the rest of it is on."""
    plugins = load(write(a=GOOD, b=GOOD))
    assert codes(plugins) == ["EK104", "EK301", "G101"]
    [first, *_] = plugins.troubles
    assert (first.plugin, first.code) == ("b", "plugin_taken")
    assert first.data == {"name": "G", "owner": "a"}
    assert len(plugins.panels(EVENT, "da")) == 2


def test_what_is_said_in_one_language_is_told_and_blamed(write: Write) -> None:
    """Somebody cannot read it, which is the plugin's fault; the other half still helps."""
    half = """
    HALF = {"en": "Members only."}

    @hookimpl
    def eventkit_may_register(signup):
        return Reason("X1", text=HALF)

    @hookimpl
    def eventkit_checks():
        def check(event):
            return [Finding(code="X2", severity=Severity.INFO, text=TEXT),
                    Finding(code="X3", severity=Severity.INFO, text={"da": "Nej.", "en": " "})]
        return [Check(name="half", title=TEXT, check=check)]
    """
    plugins = load(write(half=half))
    [reason] = plugins.vetoes(EVENT, SIGNUP, NOW)
    assert reason.text == {"en": "Members only."}
    assert {"X2", "X3"} <= set(codes(plugins))
    assert blamed(plugins) == [("half", "plugin_untranslated")] * 2
    assert [trouble.data["lacking"] for trouble in plugins.troubles] == ["da", "en"]


@pytest.mark.parametrize("answer", ["5", "{1: TEXT}", "{date(year, 1, 1): 5}", "{'x': {}, 2: {}}"])
def test_rubbish_holidays_are_nobodys(write: Write, answer: str) -> None:
    """The days of the others stand."""
    bad = f"@hookimpl\ndef eventkit_holidays(year): return {answer}\n"
    plugins = load(write(bad=bad, good=GOOD))
    assert list(plugins.holidays(2026)) == [date(2026, 6, 5)]
    assert blamed(plugins) == [("bad", "plugin_rubbish")] or blamed(plugins) == [
        ("bad", "plugin_raised")
    ]


def test_holidays_are_whole_unless_a_plugin_failed(write: Write) -> None:
    """So that whoever keeps them does not keep what one moment of trouble left out."""
    bad = """
    TIMES = []

    @hookimpl
    def eventkit_holidays(year):
        TIMES.append(year)
        if len(TIMES) == 1:
            raise OSError("busy")
        return {date(year, 1, 1): TEXT}
    """
    plugins = load(write(bad=bad, good=GOOD))
    some, every = plugins.holidays(2026), plugins.holidays(2026)
    assert (list(some), some.whole) == ([date(2026, 6, 5)], False)
    assert (list(every), every.whole) == ([date(2026, 1, 1), date(2026, 6, 5)], True)
    assert load().holidays(2026).whole


def test_trouble_is_logged_without_words_and_does_not_pile_up(
    write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    """A served site runs for months: the log has it all, memory the last few hundred."""
    plugins = load(write(bad=CHECKED.format(body="raise RuntimeError('Anne Jensen')")))
    for _ in range(REMEMBERED + 50):
        plugins.check(EVENT)
    assert len(plugins.troubles) == REMEMBERED
    assert len(caplog.records) == REMEMBERED + 50
    assert "Anne" not in caplog.text.split("Traceback")[0]
    assert "bad: plugin_raised at bad" in caplog.text


def test_a_taken_name_is_not_taken_over(write: Write) -> None:
    """A plugin cannot replace the format of another, nor load twice."""
    mine = """
    @hookimpl
    def eventkit_exporters():
        return [Exporter(name="ics", title=TEXT, media_type="x/y", suffix=".x",
                         write=lambda request: b"mine")]
    """
    plugins = load(write(mine=mine, builtin="pass"))
    assert plugins.export("ics", ExportRequest(revisions=(REVISION,))) != b"mine"
    assert blamed(plugins) == [("builtin.py", "plugin_taken"), ("mine", "plugin_taken")]


@pytest.mark.parametrize("body", ["1 / 0", "return 'text'", "sys.exit(0)", "time.sleep(30)"])
def test_a_failing_exporter_is_an_error_that_names_it(write: Write, body: str) -> None:
    """Nobody else can give what was asked for, so the caller is told who failed."""
    bad = f"""
    def write(request):
        {body}

    @hookimpl
    def eventkit_exporters():
        return [Exporter(name="bad", title=TEXT, media_type="x/y", suffix=".x", write=write)]
    """
    plugins = load(write(bad=bad), budget={**BUDGET, "export": 0.2})
    with pytest.raises(PluginError) as caught:
        plugins.export("bad", ExportRequest(revisions=(REVISION,)))
    assert caught.value.data["plugin"] == "bad"


def test_an_unknown_format_names_those_there_are() -> None:
    """The reader learns what to write instead."""
    with pytest.raises(NotFoundError) as caught:
        load().export("docx", ExportRequest(revisions=(REVISION,)))
    assert "ics" in caught.value.data["formats"]


def test_an_importer_is_found_by_the_look_of_the_bytes() -> None:
    """JSON is JSON, whatever the file is called."""
    plugins = load()
    data = plugins.export("json", ExportRequest(revisions=(REVISION,)))
    importer, imported = plugins.read(ImportRequest(data=data, filename="noget.txt"))
    assert importer.name == "json"
    assert imported.events == (EVENT,)


@pytest.mark.parametrize(
    ("data", "filename", "code"),
    [
        (b"", "x.json", "empty_file"),
        (b" \n ", "x.ics", "empty_file"),
        (b"hello", "x.bin", "unrecognised_file"),
        (b"\x00\x01\x02", "", "unrecognised_file"),
    ],
)
def test_a_file_nobody_reads_is_said(data: bytes, filename: str, code: str) -> None:
    """One clear error, no guess."""
    with pytest.raises(FormatError) as caught:
        load().read(ImportRequest(data=data, filename=filename))
    assert caught.value.code == code


def test_a_faulty_document_keeps_its_faults_through_the_guard() -> None:
    """An importer's own error is its answer, not a plugin's trouble."""
    plugins = load()
    with pytest.raises(DocumentError) as caught:
        plugins.read(ImportRequest(data=b'[{"title": 5}, {"id": ""}]', filename="x.json"))
    paths = {fault.path for fault in caught.value.faults}
    assert {"[0].title", "[0].starts", "[1].id", "[1].title"} <= paths
    assert plugins.troubles == ()


def test_a_finding_of_the_core_needs_no_plugin() -> None:
    """The core's own checks are asked first, by the same call."""
    assert codes(load()) == ["EK104", "EK301"]
    assert isinstance(load().check(EVENT)[0], Finding)
    assert load().check(EVENT)[0].severity is Severity.INFO
