"""``eventkit serve`` and ``eventkit demo``: where they serve, how they stop, how they fail."""

from __future__ import annotations

import errno
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from eventkit.model.event import Event, Imported
from eventkit.model.registration import Signup
from eventkit.model.values import SYSTEM, Person
from eventkit.office.settings import Settings, write_secret
from eventkit.office.store import Store
from eventkit.office.usecases import Office
from eventkit.plugins.manager import Plugins
from eventkit_web import commands
from eventkit_web.commands import OneLine

EVENTKIT = [
    sys.executable,
    "-c",
    "import sys; from eventkit_web.commands import main; sys.exit(main())",
]
WITHOUT_FLASK = [
    sys.executable,
    "-c",
    "import sys; sys.modules['flask'] = None\n"
    "from eventkit_web.commands import main; sys.exit(main())",
]


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def ran(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


@contextmanager
def running(command: list[str], folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address a command says that it serves at, and its process."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command,
        cwd=folder,
        stdout=pipe,
        stderr=pipe,
        text=True,
        env={**os.environ, "TMPDIR": str(folder)},
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            yield next(word for word in line.split() if word.startswith("http")), process
        finally:
            process.terminate()
            process.communicate(timeout=20)


def get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=20) as answer:
        return str(answer.read().decode())


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_demo_is_filled_and_leaves_nothing(tmp_path: Path, taken: int, how: int) -> None:
    """It takes the next free port, shows the events, and stops at once and without a trace."""
    with running([*EVENTKIT, "demo", "--port", str(taken)], tmp_path) as (address, process):
        assert address.startswith("http://127.0.0.1:")
        assert f":{taken}/" not in address
        assert get(address).count('class="date"') > 8
        assert "Upcoming events" in get(f"{address}en/")
        assert list(tmp_path.iterdir()) != []
        process.send_signal(how)
        assert process.wait(timeout=20) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
    assert list(tmp_path.iterdir()) == []


def test_the_demo_shows_its_mails(tmp_path: Path) -> None:
    """Whoever signs up in the demo can read the mail, and follow its link."""
    with running([*EVENTKIT, "demo"], tmp_path) as (address, _):
        until = time.monotonic() + 30
        while not (found := re.search(r'href="(/mails/[^"]+)"', get(f"{address}mails/"))):
            assert time.monotonic() < until
            time.sleep(0.2)
        assert "Du har en plads: " in get(f"{address}mails/")
        page = get(f"{address.rstrip('/')}{found[1]}")
        assert "Meld afbud her" in page or "Se og ret tilmeldingen" in page
        assert f'href="{address}r/' in page
        with pytest.raises(urllib.error.HTTPError, match="404"):
            get(f"{address}mails/..%2Fdemo")


@pytest.mark.parametrize("works", [True, False])
def test_serve_does_what_is_due_unless_told_not_to(tmp_path: Path, works: bool) -> None:
    """The age of the last look is told to machines; without the thread there was none."""
    assert ran([*EVENTKIT, "init"], tmp_path).returncode == 0
    options = [] if works else ["--no-work"]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    with running([*EVENTKIT, "serve", "--port", port, *options], tmp_path) as (where, _):
        until = time.monotonic() + (20 if works else 2)
        age = None
        while age is None and time.monotonic() < until:
            age = json.loads(get(f"{where}healthz"))["tick_age"]
            time.sleep(0.1)
    assert (age is not None) is works


def _somebody_is_owed_a_mail(folder: Path) -> None:
    store = Store.create(f"sqlite:///{folder}/eventkit.db")
    write_secret(folder / "eventkit.secret")
    office = Office(store, Plugins.load(), Settings())
    event = Event(id="98-1", title="Kursus", starts=datetime(2198, 4, 21, 9, 30, tzinfo=UTC))
    office.import_events(Imported(events=[event]), actor=SYSTEM)
    office.publish("98-1", actor=SYSTEM)
    people = [Person(name="Anne", email="anne@example.dk")]
    office.register("98-1", Signup(people=people, key="Anne"), actor=SYSTEM)
    assert store.outbox.counts() == {"owed": 1}
    store.close()


@pytest.mark.parametrize("is_set", [True, False])
def test_serve_says_at_once_that_no_mail_goes_out(tmp_path: Path, is_set: bool) -> None:
    """In the language of the command, and only once."""
    _somebody_is_owed_a_mail(tmp_path)
    if is_set:
        (tmp_path / "eventkit.toml").write_text('base_url = "https://moeder.example"')
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    with running([*EVENTKIT, "serve", "--port", port], tmp_path) as (where, process):
        until = time.monotonic() + 10  # the thread's first look
        while not (tmp_path / "mails").exists() and time.monotonic() < (until if is_set else 0):
            time.sleep(0.1)
        get(where)
        process.terminate()
        _, said = process.communicate(timeout=20)
    told = [line.partition(" til ")[0] for line in said.splitlines()]
    assert told == ([] if is_set else ["Advarsel: base_url: Sæt base_url i eventkit.toml"])


def test_serve_shows_the_database(tmp_path: Path) -> None:
    """What is published is served; the address is said once it answers."""
    assert ran([*EVENTKIT, "init"], tmp_path).returncode == 0
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with running([*EVENTKIT, "--lang", "en", "serve", "--port", str(port)], tmp_path) as (where, _):
        assert where == f"http://127.0.0.1:{port}/"
        assert "ingen kommende" in get(where)


NOISY = """
from eventkit import Panel, hookimpl
eventkit_api = 1
@hookimpl
def eventkit_event_panels(event, language):
    raise KeyError("Anne Jensen")
"""


@pytest.mark.parametrize("debug", [False, True])
def test_a_failing_plugin_is_told_while_serving(tmp_path: Path, debug: bool) -> None:
    """Whoever looks after the site reads one line that names it, as it happens."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "noisy.py").write_text(NOISY)
    options = ["--plugins-dir", str(folder), *(["--debug"] if debug else [])]
    with running([*EVENTKIT, "demo", *options], tmp_path) as (address, process):
        page = re.search(r'href="([^"]*/events/[^"]+)"', get(address))
        assert page is not None
        get(urllib.parse.urljoin(address, page[1]))
        process.terminate()
        _, said = process.communicate(timeout=20)
    lines = [line for line in said.splitlines() if line.startswith("WARNING ")]
    assert lines[0].startswith("WARNING eventkit.plugins: noisy: plugin_raised at ")
    assert "Anne" not in lines[0]
    assert ("Traceback" in said) == debug


def test_a_log_line_is_one_line() -> None:
    """Without --debug no traceback, and nothing a visitor wrote moves the cursor."""
    try:
        raise KeyError("Anne")
    except KeyError:
        failure = sys.exc_info()
    record = logging.LogRecord("web", logging.ERROR, "", 1, "at /%s", ("\n\x1b[2J",), failure)
    assert OneLine(debug=False).format(record) == "ERROR web: at / [2J: KeyError"
    first, _, rest = OneLine(debug=True).format(record).partition("\n")
    assert first == "ERROR web: at / [2J: KeyError"
    assert rest.startswith("Traceback")


def test_a_taken_port_is_one_line(tmp_path: Path, taken: int) -> None:
    """It names a port that is free, and does not take it unasked."""
    ran([*EVENTKIT, "init"], tmp_path)
    result = ran([*EVENTKIT, "serve", "--port", str(taken)], tmp_path)
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith(f"Fejl: Port {taken} er optaget. Prøv --port ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--port", "0"], 2),
        (["--port", "x"], 2),
        (["--host", "nowhere.invalid"], 1),
        (["--host", "203.0.113.7"], 1),
        (["--host", ""], 1),
        (["--host", "x" * 300], 1),
        (["--db", "sqlite:///missing.db"], 1),
    ],
)
def test_what_cannot_be_served_is_one_line(tmp_path: Path, options: list[str], code: int) -> None:
    """A port or host that cannot be, or no database, is told in one line."""
    if "--db" not in options:
        ran([*EVENTKIT, "init"], tmp_path)
    result = ran([*EVENTKIT, "serve", *options], tmp_path)
    assert result.returncode == code
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
    if "--host" in options:
        assert "--host 127.0.0.1" in result.stderr
        assert options[1][:60] in result.stderr


def test_a_port_that_only_the_system_may_use_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As 80 is where one is not the administrator."""
    monkeypatch.chdir(tmp_path)
    Store.create("sqlite:///eventkit.db").close()

    def forbidden(*_: Any, **__: Any) -> Any:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("socket.create_server", forbidden)
    assert commands.main(["serve", "--port", "80"]) == 1
    said = capsys.readouterr().err
    assert said == "Fejl: Port 80 må kun systemet bruge. Vælg en anden med --port, fx 8000.\n"


def test_without_the_extra_the_rest_works(tmp_path: Path) -> None:
    """No Flask: ``demo`` names what to install in one line, and other commands do not notice."""
    result = ran([*WITHOUT_FLASK, "demo"], tmp_path)
    assert result.returncode == 1
    assert "flask mangler" in result.stderr
    assert f'{sys.executable} -m pip install "eventkit-core[web]"' in result.stderr
    assert ran([*WITHOUT_FLASK, "init"], tmp_path).returncode == 0


FORWARDED = """
import sys
from eventkit_web import signup
from eventkit_web.commands import main
kept = signup.Limit.allows
def told(self, who, now, **more):
    print("asked by", who, file=sys.stderr, flush=True)
    return kept(self, who, now, **more)
signup.Limit.allows = told
sys.exit(main())
"""


@pytest.mark.parametrize(
    ("options", "who"), [([], "127.0.0.1"), (["--proxy", "127.0.0.1"], "10.1.2.3")]
)
def test_a_proxy_is_believed_only_when_named(tmp_path: Path, options: list[str], who: str) -> None:
    """Who asks is the neighbour on the line, unless that is the proxy that was named."""
    ran([*EVENTKIT, "init"], tmp_path)
    event = '{"version": 1, "id": "26-1", "title": "M", "starts": "2199-01-01T09:00:00Z"}'
    (tmp_path / "event.json").write_text(event)
    ran([*EVENTKIT, "import", "event.json"], tmp_path)
    ran([*EVENTKIT, "publish", "26-1"], tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    command = [sys.executable, "-c", FORWARDED, "serve", "--port", port, *options]
    with running(command, tmp_path) as (address, process):
        asked = urllib.request.Request(
            f"{address}events/26-1/register",
            data=b"do=add",
            headers={"X-Forwarded-For": "10.1.2.3"},
        )
        with urllib.request.urlopen(asked, timeout=20) as answer:
            assert answer.status == 200
        process.terminate()
        _, told = process.communicate(timeout=20)
    assert f"asked by {who}\n" in told
