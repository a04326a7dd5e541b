"""What the command line says of plugins: what each adds, why one is off, and where one fell."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen

from eventkit import cli
from eventkit.plugins.manager import Plugins
from eventkit.terminal import Session

PLUGIN = """
import attrs
from eventkit import (
    Check, Delivery, Exporter, FormatError, Importer, Notifier, Panel, Result, hookimpl
)
eventkit_api = 1
eventkit_prefix = "X"
TITLE = {"da": "Post", "en": "Mail"}

@attrs.frozen
class Mine:
    server: str
    port: int = 25

eventkit_settings = Mine

@hookimpl
def eventkit_notifiers(settings):
    def send(message):
        return Delivery(result=Result.SENT)
    return [Notifier(name="pigeon", title=TITLE, send=send)]

@hookimpl
def eventkit_exporters():
    def write(request):
        raise RuntimeError("i stykker")
    return [Exporter(name="bad", title=TITLE, media_type="a/b", suffix=".x", write=write)]

@hookimpl
def eventkit_importers():
    def read(request):
        raise RuntimeError("i stykker")
    return [Importer(name="bad", title=TITLE, suffixes=[".x"], read=read,
                     recognises=lambda request: request.data.startswith(b"x"))]

@hookimpl
def eventkit_checks():
    def check(event):
        raise RuntimeError("i stykker")
    return [Check(name="bad", title=TITLE, check=check)]
"""

WRONG = """
from eventkit import Check, Exporter, Finding, hookimpl
eventkit_api = 1
eventkit_prefix = "W"
TITLE = {"da": "Forkert", "en": "Wrong"}
"""


def check_of(answer: str) -> str:
    """The hook of a check that answers so."""
    return (
        "def eventkit_checks():\n"
        f"    def look(event): return {answer}\n"
        "    return Check(name='own', title=TITLE, check=look)"
    )


EVENT = '{"id": "22-1", "title": "x", "starts": "2022-04-21T09:30+02:00[Europe/Copenhagen]"}'


@frozen
class Said:
    code: int
    out: str
    err: str

    @property
    def mail(self) -> Any:
        [found] = [one for one in json.loads(self.out) if one["name"] == "pigeons"]
        return found


Run = Callable[..., Said]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """The command line in a folder with one plugin, and with what is given as eventkit.toml."""
    for name in list(os.environ):
        if name.startswith("EVENTKIT_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    Path("own").mkdir()
    Path("own/pigeons.py").write_text(PLUGIN)
    Path("event.json").write_text(EVENT)
    Path("event.x").write_text("x")

    def run(*arguments: str, toml: str = '[plugins.pigeons]\nserver = "smtp"\n') -> Said:
        Path("eventkit.toml").write_text('plugins_dir = "own"\n' + toml)
        capfd.readouterr()
        code = cli.main(arguments)
        out, err = capfd.readouterr()
        return Said(code, out, err)

    return run


def test_it_says_what_a_plugin_adds_and_takes(run: Run) -> None:
    """Names by what they do, keys, and the organisers that do without."""
    toml = '[plugins.pigeons]\nserver = "smtp"\n[organiser.net]\nplugins_off = ["pigeons"]\n'
    lines = run("plugins", toml=toml).out.splitlines()
    assert lines[lines.index("pigeons") + 1 :] == [
        "  skriver: bad",
        "  læser: bad",
        "  sender med: pigeon",
        "  tjekker: bad",
        "  indstillinger: server, port",
        "  slået fra for: net",
    ]
    mail = run("plugins", "--json", toml=toml).mail
    assert (mail["on"], mail["why"]) == (True, None)
    assert (mail["settings"], mail["off_for"]) == (["server", "port"], ["net"])
    assert mail["provides"]["notifiers"] == ["pigeon"]


def test_a_missing_setting_is_one_sentence_with_key_and_file(run: Run) -> None:
    """Told once, and everything else works."""
    said = run("plugins", toml="")
    sentence = (
        "Pluginet pigeons er slået fra, indtil server er sat under [plugins.pigeons]"
        " i eventkit.toml."
    )
    assert said.code == 0
    assert said.out.splitlines()[-3:] == [
        "pigeons (slået fra)",
        "  indstillinger: server, port",
        f"  {sentence}",
    ]
    assert said.err == ""
    assert run("plugins", "--json", toml="").mail["why"] == sentence
    checked = run("check", "event.json", toml="")
    assert checked.code == 0
    assert sentence in checked.err


def test_what_was_too_slow_is_marked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name, among all that the plugin provides; the rest of the plugin is on."""
    plugins = Plugins.load(Path("own"), settings={"pigeons": {"server": "smtp"}})
    [info] = [one for one in plugins.infos if one.name == "pigeons"]
    plugins._infos["pigeons"] = evolve(info, overran={"notifiers": ("pigeon",)})
    monkeypatch.setattr(Session, "plugins", plugins)
    lines = run("plugins").out.splitlines()
    assert "  sender med: pigeon (for langsom, slået fra)" in lines
    assert "  skriver: bad" in lines
    assert "pigeons" in lines
    mail = run("plugins", "--json").mail
    assert (mail["on"], mail["overran"]) == (True, {"notifiers": ["pigeon"]})


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def eventkit_checks(): return 5", "gav int ved eventkit_checks, hvor der skal komme Che"),
        (
            "def eventkit_checks():\n"
            "    one = Check(name='a', title=TITLE, check=id)\n"
            "    while True: yield one",
            "gav mere end 100.000 svar ved eventkit_checks.",
        ),
        (
            "def eventkit_exporters():\n"
            "    return Exporter(name='ics', title=TITLE, media_type='a/b', suffix='.x', write=id)",
            "kan ikke bruge navnet ics. Det har builtin allerede.",
        ),
        ("eventkit_prefix = 'x'", "skal have en eventkit_prefix på et til otte store bogstaver"),
        ("eventkit_settings = 5", "gav int ved load, hvor der skal komme attrs.frozen."),
        (
            check_of("[Finding(code='Z1', severity='info')]"),
            "skal begynde med W uden flere store bogstaver",
        ),
        (check_of("[Finding(code='W1', severity='info', text={'en': 'x'})]"), "uden tekst på da."),
        ("eventkit_prefix = 'X'", "kan ikke bruge navnet X. Det har pigeons allerede."),
        (
            check_of("object.__setattr__(event, 'title', 'y')"),
            "ændrede Event ved own, så dets svar",
        ),
    ],
)
def test_what_a_plugin_did_wrong_is_told_in_danish(run: Run, code: str, said: str) -> None:
    """No English in a Danish line, but for names and what Python itself says."""
    hook = "" if code.startswith("eventkit_") else "@hookimpl\n"
    Path("own/wrong.py").write_text(f"{WRONG}\n{hook}{code}\n")
    told = run("check", "event.json").err
    [line] = [one for one in told.splitlines() if "wrong" in one]
    assert said in line, line
    assert line.startswith("Advarsel: Pluginet wrong ")


def test_one_that_is_meant_to_be_off_says_so(run: Run) -> None:
    """It is told apart from one that broke."""
    toml = 'plugins_off = ["pigeons"]\n'
    assert "  Det står i plugins_off." in run("plugins", toml=toml).out.splitlines()
    assert run("plugins", "--json", toml=toml).mail["why"] == "Det står i plugins_off."


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("[plugins.pigeons]\nserver = 5\n", "plugins.pigeons.server"),
        ('[plugins.pigeons]\nserver = "x"\nprot = 5\n', "Mener du port?"),
        ("[plugins.mial]\n", "plugins.mial"),
        ('[organiser.net]\nplugins_off = ["mial"]\n', "organiser.net.plugins_off"),
        ('[organiser.net]\nplugins_off = "mail"\nplugin_off = []\n', "Mener du plugins_off?"),
    ],
)
def test_wrong_settings_are_told_as_any_others(run: Run, toml: str, said: str) -> None:
    """One line with the path, exit status 2."""
    refused = run("plugins", toml=toml)
    assert refused.code == 2
    assert said in refused.err
    assert refused.out == ""


def test_a_password_may_come_from_the_environment(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is not in the way of anything else."""
    monkeypatch.setenv("EVENTKIT_PLUGINS__PIGEONS__SERVER", "smtp")
    assert run("plugins", "--json", toml="").mail["on"]
    monkeypatch.setenv("EVENTKIT_PLUGINS__PIGEONS__SERVR", "smtp")
    assert "EVENTKIT_PLUGINS__PIGEONS__SERVER?" in run("plugins", toml="").err


@pytest.mark.parametrize(
    ("command", "fine"),
    [
        (("check", "event.json"), True),
        (("import", "event.json", "--update"), True),
        (("export", "22-1", "--as", "bad"), False),
        (("import", "event.x"), False),
        (("check", "event.x"), False),
    ],
)
def test_debug_shows_where_a_plugin_fell(run: Run, command: tuple[str, ...], fine: bool) -> None:
    """One line that names it, as a warning where the command goes on; then the whole story."""
    assert run("init").code == 0
    assert run("import", "event.json").code == 0
    said = run(*command)
    assert (said.code == 0) is fine
    [line] = [line for line in said.err.splitlines() if "pigeons" in line]
    assert line.startswith("Advarsel: " if fine else "Fejl: ")
    assert "Traceback" not in said.err
    debugged = run(*command, "--debug")
    assert 'raise RuntimeError("i stykker")' in debugged.err
    assert len([line for line in debugged.err.splitlines() if "Pluginet pigeons" in line]) == 1


LINGERS = """
import threading, time
from concurrent.futures import ThreadPoolExecutor
from eventkit import Check, Finding, hookimpl
eventkit_api = 1
eventkit_prefix = "LG"
TEXT = {"da": "Nej. " * 20, "en": "No."}

LEAVE

def look(event):
    return [Finding(code=f"LG{number}", severity="error", text=TEXT) for number in range(2_000)]

@hookimpl
def eventkit_checks():
    return Check(name="lingers", title=TEXT, check=look)
"""
LEFT = (
    "threading.Thread(target=time.sleep, args=(60,), daemon=False).start()",
    "ThreadPoolExecutor().submit(time.sleep, 60)",
)
SOON = 25.0
"""Seconds, on a machine with much else to do: well before such a thread has slept."""


def script(*arguments: str) -> subprocess.Popen[str]:
    """The program that people start, in the folder of `run`."""
    program = Path(sys.executable).with_name("eventkit")
    pipe = subprocess.PIPE
    return subprocess.Popen([program, *arguments], stdout=pipe, stderr=pipe, text=True)


@pytest.mark.parametrize("leave", LEFT)
def test_a_command_does_not_wait_for_what_a_plugin_left(run: Run, leave: str) -> None:
    """It ends with its own answer, whole although it is a pipe, and its own exit status."""
    Path("own/lingers.py").write_text(LINGERS.replace("LEAVE", ""))
    wanted = run("check", "event.json")
    assert (wanted.code, wanted.out.count("LG")) == (1, 2_000)
    Path("own/lingers.py").write_text(LINGERS.replace("LEAVE", leave))
    began = time.monotonic()
    with script("check", "event.json") as process:
        try:
            out, err = process.communicate(timeout=SOON)
        finally:
            process.kill()
    assert time.monotonic() - began < SOON
    assert (process.returncode, out, err) == (wanted.code, wanted.out, wanted.err)


def test_a_site_does_not_wait_for_what_a_plugin_left(run: Run) -> None:
    """It is told to stop, perhaps before it has quite begun, and stops."""
    assert run("init").code == 0
    Path("own/lingers.py").write_text(LINGERS.replace("LEAVE", "\n".join(LEFT)))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    with script("serve", "--port", port) as process:
        try:
            assert process.stdout is not None
            assert port in process.stdout.readline()
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=SOON)
        finally:
            process.kill()
    assert process.returncode in (0, 128 + signal.SIGTERM)


def test_a_wish_to_end_is_the_exit_status(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that comes when nothing is served yet: it ends as any other command does."""
    monkeypatch.setattr(Session, "plugins", property(lambda session: sys.exit(143)))
    assert run("plugins") == Said(143, "", "")


def test_a_terminal_obeys_nothing_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """What a plugin or a server says may hold anything; lines and their ends stay as they are."""
    session, said = Session(), "a\x1b[2Jb\x9bc\rd\u00a0é"
    session.say(f"{said}\n{said}")
    session.advise(said)
    session.warn(said)
    session.fail(said)
    out, err = capsys.readouterr()
    shown = "a [2Jb c d\u00a0é"
    assert out == f"{shown}\n{shown}\n"
    assert err == f"{shown}\nAdvarsel: {shown}\nFejl: a [2Jb c d é\n"
