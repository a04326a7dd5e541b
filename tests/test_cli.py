"""The command line: what it answers, how it refuses, and that bad input is one clear line."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import pytest
from attrs import evolve, frozen

from eventkit import cli, terminal
from eventkit.formats import codec
from eventkit.formats.wording import wording
from eventkit.model.decision import Allowed
from eventkit.model.event import AgendaItem, Event, Imported
from eventkit.model.values import SYSTEM, Contact, Money, OnlineAccess, Question, Venue
from eventkit.office.store import Store
from eventkit.office.usecases import Office
from eventkit.plugins.manager import Plugins
from eventkit.terminal import Session

SRC = Path(__file__).parents[1] / "src"
STARTS = datetime(2022, 4, 21, 9, 30, tzinfo=ZoneInfo("Europe/Copenhagen"))
EVENT = Event(
    id="22-1",
    title="Netværksmøde",
    starts=STARTS,
    ends=STARTS + timedelta(hours=5, minutes=30),
    deadline=date(2022, 4, 19),
    venue=Venue(name="Rosenhøj", locality="Viby J"),
    price=Money("0"),
    programme=[
        AgendaItem(title="Velkommen", starts=STARTS, ends=STARTS + timedelta(minutes=45)),
        AgendaItem(title="Oplæg", starts=STARTS + timedelta(minutes=30)),
    ],
)


@frozen
class Said:
    """What one command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Said]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder of its own, and no settings of the machine."""
    for name in list(os.environ):
        if name.startswith("EVENTKIT_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    def run(*arguments: str) -> Said:
        capfdbinary.readouterr()
        code = cli.main(arguments)
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return Said(code, out.decode(), err.decode())

    return run


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without events, made once."""
    path = tmp_path_factory.mktemp("empty") / "eventkit.db"
    Store.create(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def database(folder: Path, empty: Path) -> Iterator[Path]:
    """An empty database in the working folder; afterwards everything in it must add up."""
    path = folder / "eventkit.db"
    shutil.copy(empty, path)
    yield path
    store = Store.open(f"sqlite:///{path}")
    assert store.audit() == ()
    store.close()


def write(event: Event = EVENT, name: str = "event.json", **changes: Any) -> str:
    Path(name).write_text(codec.dumps(evolve(event, **changes)), "utf-8")
    return name


@pytest.fixture(scope="session")
def filled(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the event announced, made once."""
    path = shutil.copy(empty, tmp_path_factory.mktemp("filled") / "eventkit.db")
    store = Store.open(f"sqlite:///{path}")
    office = Office(store, Plugins.load(), cli.Settings())
    assert isinstance(office.import_events(Imported(events=[EVENT]), actor=SYSTEM), Allowed)
    assert isinstance(office.publish("22-1", actor=SYSTEM), Allowed)
    store.close()
    return path


@pytest.fixture
def published(database: Path, filled: Path) -> Path:
    """The database in the working folder with the event announced; ``event.json`` beside it."""
    shutil.copy(filled, database)
    write()
    return database


# --- init ------------------------------------------------------------------------------------


def test_init_words_calendar_entries_anew(run: Run, published: Path) -> None:
    """What an older version worded otherwise is read as it is now, and everything adds up."""
    with contextlib.closing(sqlite3.connect(published)) as raw, raw:
        raw.execute("UPDATE vevents SET text = CAST('## Program' AS BLOB)")
    assert run("doctor").code == 1
    assert run("init").code == 0
    assert run("doctor").code == 0
    with contextlib.closing(sqlite3.connect(published)) as raw:
        [(text,)] = raw.execute("SELECT text FROM vevents WHERE language = 'da'").fetchall()
    assert b"Program:" in text


def test_init_makes_all_that_is_missing_and_nothing_twice(run: Run, folder: Path) -> None:
    """A database, a secret for its owner alone, and settings that are all comments."""
    first = run("init")
    assert (first.code, first.err) == (0, "")
    assert "eventkit import" in first.out
    made = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert {"eventkit.db", "eventkit.secret", "eventkit.toml"} <= set(made)
    lines = made["eventkit.toml"].decode().splitlines()
    assert all(line.startswith("#") for line in lines if line)
    (folder / "eventkit.toml").write_text('language = "en"\n')
    second = run("init")
    assert "up to date" in second.out
    assert (folder / "eventkit.toml").read_text() == 'language = "en"\n'
    assert (folder / "eventkit.secret").read_bytes() == made["eventkit.secret"]


@pytest.mark.parametrize("language", ["da", "en"])
def test_every_line_of_the_settings_file_can_be_used(run: Run, folder: Path, language: str) -> None:
    """With the comment sign taken away each is a setting that is understood."""
    (folder / "plugins").mkdir()
    (folder / "templates").mkdir()
    run("--lang", language, "init")
    text = (folder / "eventkit.toml").read_text("utf-8")
    settings = re.findall(r"^# (\w+ = .+|\[.+\])$", text, re.MULTILINE)
    assert len(settings) >= 9
    names = {line.split(" = ")[0].strip("[]").split(".")[0] for line in settings}
    known = {one.name for one in cli.Settings.__attrs_attrs__} - {"secret"}
    assert names == known
    used = "\n".join(line for line in settings if not line.startswith("plugins_off"))
    (folder / "eventkit.toml").write_text(used + "\n", "utf-8")
    assert run("list").code == 0


def test_the_secret_lies_beside_the_database_unless_it_is_set(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `EVENTKIT_SECRET` there is no file to lose."""
    (folder / "a").mkdir()
    (folder / "b").mkdir()
    run("--db", "sqlite:///a/x.db", "init")
    assert (folder / "a" / "eventkit.secret").exists()
    monkeypatch.setenv("EVENTKIT_SECRET", "0123456789" * 4)
    run("--db", "sqlite:///b/x.db", "init")
    assert not (folder / "b" / "eventkit.secret").exists()


def test_init_writes_calendars_for_a_site_that_moved(
    run: Run, published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`doctor` says so, and `init` mends it."""
    monkeypatch.setenv("EVENTKIT_BASE_URL", "https://ny.example")
    assert "2 kalenderaftaler henviser" in run("doctor").err
    assert "eventkit init" in run("doctor").err
    assert "2 kalenderaftaler henviser nu til den nye adresse." in run("init").out
    assert "kalender" not in run("doctor").err
    assert "kalender" not in run("init").out


# --- import and check ------------------------------------------------------------------------


def test_import_says_what_it_made_and_what_to_do_next(run: Run, database: Path) -> None:
    """The id, the time, each finding on a line, and the command that publishes."""
    said = run("import", write())
    assert (said.code, said.err) == (0, "")
    assert "22-1  Netværksmøde" in said.out
    assert "torsdag den 21. april 2022 kl. 9.30–15.00" in said.out
    assert "  bemærkning EK104 programpunkt 2, slut: »Oplæg« kl. " in said.out
    assert "eventkit publish 22-1" in said.out


def test_import_answers_machines(run: Run, database: Path) -> None:
    """What became of each event: created, unchanged, updated."""
    file = write()
    created = run("import", file, "--json").json
    [unchanged] = run("import", file, "--update", "--json").json
    [updated] = run("import", write(title="Andet møde"), "--update", "--json").json
    assert [created[0]["id"], created[0]["outcome"], created[0]["revision"]] == [
        "22-1",
        "created",
        1,
    ]
    assert (unchanged["outcome"], unchanged["revision"]) == ("unchanged", 1)
    assert (updated["outcome"], updated["revision"]) == ("updated", 2)
    assert unchanged["uid"] == updated["uid"] == created[0]["uid"]
    assert {"code", "severity", "path", "message", "data"} <= set(created[0]["findings"][0])


FULL = evolve(
    EVENT,
    uid="22-1@example.dk",
    capacity=40,
    waiting_list=False,
    questions=[Question(key="mad", text="Spiser du kød?")],
    contact=Contact(name="Anne", email="anne@example.dk"),
    language="en",
)

SHORT_ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//x//DA
BEGIN:VEVENT
UID:22-1@example.dk
DTSTAMP:20220101T000000Z
DTSTART;TZID=Europe/Copenhagen:20220421T100000
SUMMARY:Netværksmøde i Viby
END:VEVENT
END:VCALENDAR
"""


def test_a_calendar_takes_nothing_from_a_full_event(run: Run, database: Path) -> None:
    """What the format cannot express stays; what it does say is told by name before it counts."""
    run("import", write(FULL))
    before = run("show", "22-1", "--json").json["event"]
    Path("short.ics").write_text(SHORT_ICS, "utf-8", newline="\r\n")
    said = run("import", "short.ics", "--update")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[-2:] == ["  Ændret: titel, start.", "  Rettet. Det er nu version 2."]
    after = run("show", "22-1", "--json").json["event"]
    changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
    assert changed == {"title", "starts"}


def test_an_end_before_the_new_start_is_not_kept(run: Run, database: Path) -> None:
    """A calendar that moves the start past the old end, and has none, leaves it open."""
    run("import", write(FULL))
    later = SHORT_ICS.replace("0421T100000", "0422T100000")
    Path("short.ics").write_text(later, "utf-8", newline="\r\n")
    [told] = run("import", "short.ics", "--update", "--json").json
    assert told["changed"] == ["title", "starts", "ends"]
    assert run("show", "22-1", "--json").json["event"].get("ends") is None


def test_a_document_that_leaves_something_out_removes_it(run: Run, database: Path) -> None:
    """JSON says all there is to say."""
    run("import", write(FULL))
    [told] = run("import", write(FULL, capacity=None), "--update", "--json").json
    assert (told["outcome"], told["changed"]) == ("updated", ["capacity"])
    assert run("show", "22-1", "--json").json["event"].get("capacity") is None


def test_a_document_without_id_is_numbered(run: Run, database: Path) -> None:
    """By the office, as an event of any other file; alone, in a list, and to `check`."""
    document = codec.to_data(EVENT)
    del document["id"]
    Path("one.json").write_text(json.dumps(document))
    Path("two.json").write_text(json.dumps([document, document]))
    assert run("check", "one.json").code == 0
    assert [one["id"] for one in run("import", "one.json", "--json").json] == ["22-1"]
    assert [one["id"] for one in run("import", "two.json", "--json").json] == ["22-2", "22-3"]


def test_a_known_id_is_refused_with_what_to_do(run: Run, database: Path) -> None:
    """Exit 1, one line, and the first import stands."""
    file = write()
    run("import", file)
    said = run("import", file)
    assert (said.code, said.out) == (1, "")
    assert len(said.err.splitlines()) == 1
    assert "--update" in said.err


def test_a_file_goes_in_all_or_not_at_all(run: Run, database: Path) -> None:
    """Every reason is a line; the good events of the file wait for the bad."""
    run("import", write())
    documents = [codec.to_data(evolve(EVENT, id=one)) for one in ("22-7", "22-1", "22-8", "22-8")]
    Path("many.json").write_text(json.dumps(documents))
    said = run("import", "many.json")
    assert (said.code, len(said.err.splitlines())) == (1, 2)
    assert [one["id"] for one in run("list", "--json").json] == ["22-1"]


def test_import_and_check_read_standard_input(
    run: Run, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `-`."""
    for command, expected in (("check", "EK104"), ("import", "22-1")):
        data = io.BytesIO(codec.dumps(EVENT).encode())
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(data))
        assert expected in run(command, "-").out


def test_what_show_prints_can_be_imported(run: Run, published: Path, folder: Path) -> None:
    """Exported, shown and listed documents are the same, and go in elsewhere as a draft."""
    shown, listed = run("show", "22-1", "--json"), run("list", "--json")
    exported = run("export", "22-1", "--as", "json")
    assert shown.json["event"] == listed.json[0] == exported.json
    Path("shown.json").write_text(shown.out)
    other = ("--db", "sqlite:///other.db")
    run(*other, "init")
    assert run(*other, "import", "shown.json").code == 0
    again = run(*other, "show", "22-1", "--json").json["event"]
    assert again == {**shown.json["event"], "status": "draft"}


def test_check_finds_the_same_in_a_file_and_in_its_event(run: Run, published: Path) -> None:
    """Text for people, a list for machines; a fix where there is one; exit 0 without errors."""
    from_file, from_id = run("check", "event.json", "--json"), run("check", "22-1", "--json")
    assert from_file.json == from_id.json
    assert from_id.code == 0
    found = {one["code"]: one for one in from_id.json if one["code"].startswith("EK")}
    assert set(found) == {"EK104"}
    assert found["EK104"]["severity"] == "info"
    assert found["EK104"]["path"] == "programme[1].ends"
    assert "fix" not in found["EK104"]
    assert len(run("check", "22-1").out.splitlines()) == len(from_id.json)


def test_check_of_an_error_is_exit_1_and_shows_its_fix(run: Run) -> None:
    """Of a file, without any database."""
    said = run("check", write(deadline=date(2022, 4, 28)), "--json")
    [error] = [one for one in said.json if one["severity"] == "error"]
    assert (said.code, error["code"], error["fix"]) == (1, "EK201", "2022-04-20")
    assert said.err == ""
    assert list(Path().glob("*.db")) == []


def test_import_findings_are_shown_for_the_file_and_not_for_the_event(
    run: Run, database: Path
) -> None:
    """A calendar's times without zone are a finding of its reading only."""
    Path("x.ics").write_text(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:u@x\r\n"
        "SUMMARY:Møde\r\nDTSTART:20220421T093000\r\nDTEND:20220421T150000\r\n"
        "DTSTAMP:20220101T000000Z\r\nLOCATION:Her\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        "utf-8",
    )
    of_file = [one["code"] for one in run("check", "x.ics", "--json").json]
    imported = run("import", "x.ics", "--json").json
    assert any(code.startswith("EK5") for code in of_file)
    assert [one["code"] for one in imported[0]["findings"]] == of_file
    assert imported[0]["id"] == "22-1"
    of_event = [one["code"] for one in run("check", "22-1", "--json").json]
    assert of_event == [code for code in of_file if not code.startswith("EK5")]


def test_check_refuses_what_import_refuses(run: Run, database: Path) -> None:
    """Two events of one file with one id or UID; for people and for machines."""
    document = codec.to_data(evolve(EVENT, uid="u@x"))
    Path("twice.json").write_text(json.dumps([document, document]))
    refused = run("import", "twice.json")
    said = run("check", "twice.json")
    assert (refused.code, said.code) == (1, 1)
    assert said.err == refused.err
    found = run("check", "twice.json", "--json")
    assert found.code == 1
    assert [one["code"] for one in found.json[:2]] == ["id_twice", "uid_twice"]


def test_a_folder_does_not_hide_the_event_it_is_named_like(run: Run, published: Path) -> None:
    """Nobody means a folder, unless it is written as a path."""
    before = run("check", "22-1").out
    Path("22-1").mkdir()
    assert run("check", "22-1").out == before
    assert "mappe" in run("check", "./22-1").err


def test_a_finding_is_one_line_whatever_a_plugin_says(run: Run, folder: Path) -> None:
    """Its words do not break the line, nor turn it around; the model refuses what is worse."""
    Path("plugins").mkdir()
    Path("plugins/loud.py").write_text(
        textwrap.dedent("""
            from eventkit.model.decision import Finding, Severity
            from eventkit.plugins.hooks import Check, hookimpl

            eventkit_api = 1
            eventkit_prefix = "XX"

            def look(event):
                said = {"da": "en\\nto\\u202etre"}
                return [Finding(code="XX900", severity=Severity.WARNING, path="a b", text=said)]

            @hookimpl
            def eventkit_checks():
                return [Check(name="loud", title={"da": "x", "en": "x"}, check=look)]
        """)
    )
    said = run("check", write(), "--plugins-dir", "plugins")
    lines = [line for line in said.out.splitlines() if "XX900" in line]
    assert lines == ["advarsel XX900 a b: en totre"], said


def test_what_a_plugin_prints_is_no_part_of_the_answer(run: Run, folder: Path) -> None:
    """Stdout is what machines read; a forgotten print goes to stderr."""
    (folder / "own").mkdir()
    (folder / "own" / "chatty.py").write_text(
        BROKEN.replace('raise RuntimeError("i stykker")', 'print("snak"); return ()')
    )
    said = run("check", write(), "--json", "--plugins-dir", "own")
    assert {one["code"] for one in said.json} >= {"EK104"}
    assert "snak" in said.err


def test_findings_of_several_events_say_which(run: Run) -> None:
    """A path begins with its event's place in the file."""
    Path("two.json").write_text(json.dumps([codec.to_data(EVENT)] * 2))
    paths = [one["path"] for one in run("check", "two.json", "--json").json]
    assert "events[1].programme[1].ends" in paths
    assert "EK104 arrangement 2, programpunkt 2, slut: " in run("check", "two.json").out


# --- show, timeline, list --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "headline"),
    [
        ("2022-04-19", "Åben for tilmelding"),
        ("2022-04-19T23:59:59", "Åben for tilmelding"),
        ("2022-04-20T00:00:00", "Tilmelding lukket"),
        ("2022-04-19T21:59:59Z", "Åben for tilmelding"),
        ("2022-04-19T22:00:00+00:00", "Tilmelding lukket"),
        ("2022-04-21T15:00:00", "Afholdt"),
    ],
)
def test_show_at_a_time(run: Run, published: Path, at: str, headline: str) -> None:
    """A time without offset is read on the event's clocks; the deadline in the same words."""
    said = run("show", "22-1", "--at", at)
    assert said.code == 0
    assert headline in said.out
    assert "til og med tirsdag den 19. april 2022" in said.out
    assert run("show", "22-1", "--at", at, "--json").json["state"]["headline"] == headline


def test_show_tells_people_what_they_ask(run: Run, published: Path) -> None:
    """Title, when, where, price and programme, in plain lines."""
    said = run("show", "22-1").out
    assert said.splitlines()[0] == "Netværksmøde"
    for part in ("9.30–15.00", "Rosenhøj, Viby J", "Gratis", "9.30–10.15", "Oplæg"):
        assert part in said
    assert max(map(len, said.splitlines())) <= 100
    assert "Registration" in run("--lang", "en", "show", "22-1", "--at", "2022-04-20T00:00").out


def test_show_tells_machines_the_state(run: Run, published: Path) -> None:
    """Its name, its times, and the reason with a code and a sentence."""
    state = run("show", "22-1", "--at", "2022-04-20T00:00:00", "--json").json["state"]
    assert state["state"] == "closed"
    assert state["since"] == "2022-04-20T00:00:00+02:00[Europe/Copenhagen]"
    assert state["at"] == "2022-04-20T00:00:00+02:00[Europe/Copenhagen]"
    assert state["reason"]["code"] == "deadline_passed"
    assert state["message"] == state["reason"]["message"]
    is_open = run("show", "22-1", "--at", "2022-04-01T00:00:00", "--json").json["state"]
    assert (is_open["state"], is_open["modes"]) == ("open", ["room"])


def test_a_draft_is_shown_as_one(run: Run, database: Path) -> None:
    """Also at a time when it would be open."""
    run("import", write())
    said = run("show", "22-1", "--at", "2022-04-01T00:00:00", "--json").json
    assert (said["state"]["state"], said["event"]["status"]) == ("draft", "draft")


def test_asking_writes_nothing(run: Run, published: Path) -> None:
    """`show --at`, `check`, `timeline`, `list`, `export` and `doctor` leave the database alone."""
    before = dump(published)
    for arguments in (
        ("show", "22-1", "--at", "2030-01-01T00:00"),
        ("check", "22-1"),
        ("check", "event.json"),
        ("timeline", "22-1"),
        ("list",),
        ("export", "22-1", "--as", "events-csv"),
        ("doctor",),
        ("plugins",),
    ):
        assert run(*arguments).code == 0, arguments
    assert dump(published) == before


def dump(path: Path) -> dict[str, list[Any]]:
    """Every row of a database."""
    store = Store.open(f"sqlite:///{path}")
    with store._database.snapshot() as connection:
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
        rows = {
            name: [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {name}")]
            for name in names.scalars().all()
        }
    store.close()
    return rows


def test_the_timeline_is_in_order(run: Run, published: Path) -> None:
    """Each moment once, with what changes then."""
    moments = run("timeline", "22-1", "--json").json
    assert [one["at"] for one in moments] == sorted(one["at"] for one in moments)
    changes = {change["code"]: one["at"] for one in moments for change in one["changes"]}
    assert changes["joining_closes"] == "2022-04-20T00:00:00+02:00[Europe/Copenhagen]"
    assert all(change["message"] for one in moments for change in one["changes"])
    assert "Tilmeldingen lukker." in run("timeline", "22-1").out


def test_list_shows_drafts_as_drafts(run: Run, published: Path) -> None:
    """By start, with the status of what is not simply announced."""
    run("import", write(id="22-0", starts=STARTS - timedelta(days=1), programme=()))
    assert run("list").out.splitlines() == [
        "22-0  20.04.2022  Netværksmøde (kladde)",
        "22-1  21.04.2022  Netværksmøde",
    ]


def test_an_empty_list_says_what_to_do(run: Run, database: Path) -> None:
    """To people; machines get an empty list."""
    assert "eventkit import" in run("list").out
    assert run("list", "--json").json == []


# --- publish and export ----------------------------------------------------------------------


def test_publish_says_where_it_can_be_seen(
    run: Run, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the site's address is known."""
    monkeypatch.setenv("EVENTKIT_BASE_URL", "https://moeder.example/")
    run("import", write())
    said = run("publish", "22-1")
    assert (said.code, said.err) == (0, "")
    assert "https://moeder.example/events/22-1" in said.out


def test_publish_is_refused_with_every_error(run: Run, database: Path) -> None:
    """Which, and in the words `check` uses; the event stays a draft."""
    run("import", write(deadline=date(2022, 4, 28)))
    said = run("publish", "22-1")
    assert (said.code, said.out) == (1, "")
    assert "EK201" in said.err.splitlines()[0]
    assert "Fejl: EK201 tilmeldingsfrist: " in said.err
    [message] = [
        one["message"] for one in run("check", "22-1", "--json").json if one["code"] == "EK201"
    ]
    assert message in said.err
    assert run("show", "22-1", "--json").json["event"]["status"] == "draft"


def test_an_acknowledged_error_holds_nothing_back(run: Run, database: Path) -> None:
    """Staff publish in spite of a finding, for a reason; there must be one of the kind."""
    twice = datetime(2026, 10, 25, 2, 30, tzinfo=STARTS.tzinfo)
    run("import", write(starts=twice, ends=None, deadline=None, programme=()))
    assert run("publish", "22-1").code == 1
    assert run("acknowledge", "22-1", "EK205", "--reason", " ").code == 1
    assert run("acknowledge", "22-1", "EK103", "--reason", "nej").code == 1
    assert run("acknowledge", "22-1", "EK205", "--reason", "Vi mødes om natten").code == 0
    assert run("publish", "22-1").code == 0


def test_publishing_says_what_is_still_doubtful(run: Run, database: Path) -> None:
    """A warning holds nothing back, but nobody overlooks it; one that is answered for is silent."""
    run("import", write(venue=None, online=None))
    run("import", write(name="two.json", id="22-2", uid="2@x", venue=None, online=None))
    said = run("publish", "22-1")
    assert said.code == 0
    assert "advarsel EK301" in said.out
    assert run("acknowledge", "22-2", "EK301", "--reason", "Stedet kommer").code == 0
    assert "EK301" not in run("publish", "22-2").out


def test_publishing_twice_is_refused(run: Run, published: Path) -> None:
    """In one line."""
    said = run("publish", "22-1")
    assert (said.code, len(said.err.splitlines())) == (1, 1)


@pytest.mark.parametrize("form", ["ics", "json", "events-csv"])
def test_export_gives_the_same_bytes_to_a_file(
    run: Run, published: Path, form: str, folder: Path
) -> None:
    """As to the terminal; the file is readable as any other, and nothing else is left behind."""
    before = set(folder.iterdir())
    printed = run("export", "22-1", "--as", form)
    assert printed.code == 0
    assert run("export", "22-1", "--as", form, "-o", "out").code == 0
    assert (folder / "out").read_bytes() == printed.out.encode()
    assert (folder / "out").stat().st_mode == (folder / "event.json").stat().st_mode
    assert {path for path in set(folder.iterdir()) - before if "eventkit.db" not in path.name} == {
        folder / "out"
    }


def test_an_export_that_fails_leaves_what_was_there(
    run: Run, published: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old file, whole, and no part of a new one."""
    (folder / "out").write_text("gammelt")

    def fail(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    said = run("export", "22-1", "--as", "ics", "-o", "out")
    assert (said.code, len(said.err.splitlines())) == (1, 1)
    assert (folder / "out").read_text() == "gammelt"
    assert not list(folder.glob(".out*"))


# --- plugins and doctor ----------------------------------------------------------------------


def test_plugins_need_no_database_and_say_what_each_provides(run: Run) -> None:
    """The built-in ones are plugins like any other."""
    [builtin] = [one for one in run("plugins", "--json").json if one["name"] == "builtin"]
    assert builtin["on"]
    assert {"ics", "json", "csv"} <= set(builtin["provides"]["exporters"])
    assert "builtin" in run("plugins").out
    assert list(Path().iterdir()) == []


BROKEN = """
from eventkit.plugins.hooks import Check, hookimpl
eventkit_api = 1
eventkit_prefix = "XX"

def look(event):
    raise RuntimeError("i stykker")

@hookimpl
def eventkit_checks():
    return [Check(name="xx", title={"da": "x", "en": "x"}, check=look)]
"""


def test_a_broken_plugin_is_named_and_the_command_goes_on(
    run: Run, database: Path, folder: Path
) -> None:
    """A warning with its name; its traceback only where asked for."""
    (folder / "own").mkdir()
    (folder / "own" / "broken.py").write_text(BROKEN)
    file = write()
    said = run("check", file, "--plugins-dir", "own")
    assert said.code == 0
    assert "EK104" in said.out
    [line] = said.err.splitlines()
    assert "broken" in line
    assert "i stykker" in line
    debugged = run("check", file, "--plugins-dir", "own", "--debug")
    assert "Traceback" in debugged.err
    assert 'RuntimeError("i stykker")' in debugged.err


def test_doctor_is_content_with_what_init_made(run: Run, folder: Path) -> None:
    """Exit 0; what is merely unset is a warning."""
    run("init")
    said = run("doctor")
    assert said.code == 0
    assert "base_url" in said.err
    (folder / "eventkit.secret").unlink()
    assert "eventkit init" in run("doctor").err


def test_doctor_says_what_is_wrong_and_goes_on(run: Run) -> None:
    """Without a database it still tells of the rest."""
    said = run("doctor")
    assert said.code == 1
    assert "eventkit init" in said.err
    assert "SQLite" in said.out


def damage(path: Path, statement: str) -> None:
    """Do to the database what no command does."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(statement)


DAMAGES = {
    "a document that is none": "UPDATE revisions SET document = '{\"version\": 1'",
    "a document of another kind": "UPDATE revisions SET document = '{\"version\": 1}'",
    "no document": "UPDATE revisions SET document = 7",
    "an unknown side": "UPDATE revisions SET actor_side = 'nobody'",
    "a broken finding": "UPDATE revisions SET findings = '[{}]'",
    "a time that is none": "UPDATE revisions SET at = 'i går'",
    "a revision that is gone": "DELETE FROM revisions",
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_damaged_data_is_one_line_that_names_the_file(
    run: Run, folder: Path, filled: Path, kind: str
) -> None:
    """And the event, wherever one can tell; `doctor` says so too, and goes on."""
    path = shutil.copy(filled, folder / "eventkit.db")
    damage(path, DAMAGES[kind])
    for command in (("show", "22-1"), ("list",), ("check", "22-1"), ("timeline", "22-1")):
        said = run(*command)
        one_clear_line(said)
        assert str(path) in said.err
        assert "22-1" in said.err or kind == "a time that is none"
    assert "Traceback" not in run("init").err
    doctor = run("doctor")
    assert (doctor.code, "SQLite" in doctor.out) == (1, True)
    assert "22-1" in doctor.err or kind == "a time that is none"


def test_init_of_damaged_data_is_one_line(run: Run, folder: Path, filled: Path) -> None:
    """It reads every announced event to word its calendar entries."""
    path = shutil.copy(filled, folder / "eventkit.db")
    damage(path, DAMAGES["a document that is none"])
    one_clear_line(run("init"))


def test_doctor_looks_through_the_file_itself(run: Run, folder: Path, filled: Path) -> None:
    """Pages that were overwritten are a trouble, though nobody asked for what is on them."""
    path = shutil.copy(filled, folder / "eventkit.db")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        [[page]] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'journal'")
        [[size]] = connection.execute("PRAGMA page_size")
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    said = run("doctor")
    assert said.code == 1
    assert "beskadiget" in said.err
    assert "Traceback" not in said.err


def test_doctor_recounts_what_is_not_too_much(
    run: Run, folder: Path, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few events always, more of them when asked; a line for each trouble."""
    path = shutil.copy(filled, folder / "eventkit.db")
    assert "alt stemmer" in run("doctor").out
    damage(path, "UPDATE seats SET room_capacity = 3")
    assert run("doctor").code == 1
    monkeypatch.setattr(cli, "AUDITED", 0)
    assert "--audit" in run("doctor").out
    assert run("doctor").code == 0
    said = run("doctor", "--audit")
    assert said.code == 1
    assert "22-1.seats" in said.err


# --- words -----------------------------------------------------------------------------------


def test_global_options_stand_before_or_after_the_command(run: Run, published: Path) -> None:
    """The database, the language and the rest."""
    shutil.copy(published, "copy.db")
    os.rename("eventkit.db", "moved.db")
    try:
        for arguments in (
            ("--db", "sqlite:///copy.db", "--lang", "en", "show", "22-1"),
            ("show", "22-1", "--db", "sqlite:///copy.db", "--lang", "en"),
            ("show", "--lang=en", "22-1", "--db=sqlite:///copy.db"),
        ):
            assert "Thursday, 21 April 2022" in run(*arguments).out
    finally:
        os.rename("moved.db", "eventkit.db")


@pytest.mark.parametrize(
    ("arguments", "environment", "file", "word"),
    [
        ((), "", "", "Fejl"),
        (("--lang", "en"), "", 'language = "da"', "Error"),
        (("--lang=en",), "da", "", "Error"),
        ((), "en", 'language = "da"', "Error"),
        ((), "", 'language = "en"', "Error"),
    ],
)
def test_errors_are_told_in_the_readers_language(
    run: Run,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    environment: str,
    file: str,
    word: str,
) -> None:
    """The command line's, else the environment's, else the file's, else Danish."""
    if environment:
        monkeypatch.setenv("EVENTKIT_LANGUAGE", environment)
    (folder / "eventkit.toml").write_text(file)
    assert run("list", *arguments).err.startswith(f"{word}: ")
    assert run("lits", *arguments).err.startswith(f"{word}: ")


def every_command() -> list[tuple[str, ...]]:
    return [(), *((name,) for name in cli.cli.commands)]


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("command", every_command())
def test_help_is_in_the_readers_language(run: Run, command: tuple[str, ...], language: str) -> None:
    """Of every command, with a line for each option and no catalogue key left."""
    said = run("--lang", language, *command, "--help")
    assert (said.code, said.err) == (0, "")
    assert wording(language)("cli.usage") in said.out
    assert wording(language)("cli.option.help") in said.out
    assert (
        wording(language)(f"cli.help.{''.join(command).replace('-', '_') or 'eventkit'}")
        in said.out
    )
    assert "cli." not in said.out


# --- what cannot be understood ---------------------------------------------------------------


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("chekc",), "check"),
        (("list", "--jsn"), "--json"),
        (("nonsense",), "nonsense"),
        (("list", "--nonsense"), "--nonsense"),
        (("show",), "ID"),
        (("export", "22-1"), "--as"),
        (("check",), "|ID"),
        (("list", "too", "much"), "too much"),
        (("list", "--db"), "--db"),
        (("list", "--lang", "sv"), "da, en"),
        (("show", "22-1", "--at"), "--at"),
    ],
)
def test_a_command_line_nobody_understands(
    run: Run, language: str, arguments: tuple[str, ...], part: str
) -> None:
    """One line that names what, in the reader's language, and exit 2."""
    said = run("--lang", language, *arguments)
    assert (said.code, said.out) == (2, "")
    [line] = said.err.splitlines()
    assert line.startswith(wording(language)("cli.error", said="").strip())
    assert part in line


@pytest.mark.parametrize(
    ("language", "usage", "option", "required"),
    [
        ("da", "cancel [TILVALG] TILMELDING", "-o FIL", "(skal angives)"),
        ("en", "cancel [OPTIONS] REGISTRATION", "-o FILE", "(required)"),
    ],
)
def test_help_is_in_one_language(
    run: Run, language: str, usage: str, option: str, required: str
) -> None:
    """What is to be filled in is called so in that language; what must be given is marked."""
    assert usage in run("--lang", language, "cancel", "--help").out
    told = run("--lang", language, "export", "--help").out
    assert f"{option} " in told
    assert required in told
    assert required not in run("--lang", language, "list", "--help").out


def test_options_are_explained_alike() -> None:
    """No capital, no full stop: a phrase, not a sentence."""
    for language in ("da", "en"):
        words = wording(language)
        commands = [cli.cli, *cli.cli.commands.values()]
        keys = {
            param.help
            for command in commands
            for param in command.get_params(click.Context(command))
            if isinstance(param, click.Option) and param.help in words
        }
        assert len(keys) > 30
        assert [key for key in keys if words(key)[0].isupper() or words(key)[-1] == "."] == []


def test_the_version(run: Run) -> None:
    """Of the distribution, without a database."""
    said = run("--version")
    assert (said.code, said.out) == (0, f"eventkit {metadata.version('eventkit-core')}\n")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:///x.db", "sqlite:///x.db"),
        ("sqlite:///x y.db", "'sqlite:///x y.db'"),
        ("sqlite:///x.db?password=hemmelig", "URL"),
        ("sqlite://anne:hemmelig@x/x.db", "URL"),
    ],
)
def test_what_is_proposed_is_about_the_same_database(url: str, shown: str) -> None:
    """As it was given with ``--db``; a password is not repeated."""
    session = Session(wording("en"))
    session.given["db"] = url
    for text in ("Run: eventkit init", "when “eventkit tick” runs", "Run: eventkit doctor --audit"):
        told = session._here(text)
        assert f" --db {shown}" in told
        assert "hemmelig" not in told
    for text in ("A talk on eventkit init", "Run: eventkit init --db URL", "See: eventkit --help"):
        assert session._here(text) == text
    session.given.clear()
    assert session._here("Run: eventkit init") == "Run: eventkit init"


def test_a_missing_database_is_made_with_the_same_url(run: Run) -> None:
    """What the answer proposes makes that one, and not another."""
    assert run("list", "--db", "sqlite:///ny.db").err.endswith("init --db sqlite:///ny.db\n")
    assert "--db" not in run("list").err


def test_without_a_file_the_secret_is_set_in_the_environment(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`init` makes none for a server, says so, and nobody is sent back to it."""
    monkeypatch.setattr("eventkit.office.settings.secret_path", lambda db: None)
    monkeypatch.setattr("eventkit.office.store.Store.folder", None)
    assert "EVENTKIT_SECRET" in run("init").out
    assert not Path("eventkit.secret").exists()
    told = run("doctor").err
    assert "EVENTKIT_SECRET" in told
    assert "eventkit init" not in told
    monkeypatch.setenv("EVENTKIT_SECRET", "s" * 40)
    assert "EVENTKIT_SECRET" not in run("init").out


def test_nothing_asked_for_is_help(run: Run) -> None:
    """And exit 2, as nothing was done."""
    said = run()
    assert (said.code, said.out) == (2, "")
    assert "import" in said.err


def test_every_fault_of_the_settings_is_a_line(run: Run, folder: Path) -> None:
    """And exit 2."""
    (folder / "eventkit.toml").write_text('bse_url = "x"\nzone = "Mars"\nlanguage = "sv"')
    said = run("list")
    assert said.code == 2
    assert len(said.err.splitlines()) == 3
    assert "base_url" in said.err


# --- bad input, to every command and importer ------------------------------------------------


def one_clear_line(said: Said, language: str = "da") -> None:
    """Exit 1 or 2, nothing on stdout, one line that is a sentence and no traceback."""
    assert said.code in (1, 2), said
    assert said.out == ""
    [line] = said.err.splitlines()
    assert line.startswith(("Fejl: ", "Error: "))
    assert "Traceback" not in line
    assert 10 < len(line) < 400, line
    assert "Error(" not in line


NAIVE = codec.dumps(EVENT).replace("T09:30:00+02:00[Europe/Copenhagen]", "T09:30:00", 1)
BACKWARDS = codec.dumps(EVENT).replace("T15:00:00", "T08:00:00", 1)

BAD_FILES: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \n\t\n",
    "binary": bytes(range(256)) * 64,
    "image": b"\x89PNG\r\n\x1a\n" + os.urandom(2000),
    "nul": b"\0" * 5000,
    "one line": b"x" * 5_000_000,
    "one line of braces": b"[" * 5_000_000,
    "one line of JSON": codec.dumps(EVENT).replace("Netværksmøde", "x" * 5_000_000).encode(),
    "one line of calendar": b"BEGIN:VCALENDAR\r\nSUMMARY:" + b"x" * 5_000_000,
    "naive": NAIVE.encode(),
    "backwards": BACKWARDS.encode(),
    "not an object": b"[1]",
    "no events": b"[]",
    "half": codec.dumps(EVENT).encode()[:300],
    "not UTF-8": codec.dumps(EVENT).encode("latin-1", "replace"),
    "twice": codec.dumps(EVENT).replace('"title"', '"id"', 1).encode(),
    "newer": codec.dumps(EVENT).replace('"version": 1', '"version": 99', 1).encode(),
    "calendar without events": b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n",
    "calendar backwards": b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:u\r\nSUMMARY:M\r\n"
    b"DTSTART:20220421T093000Z\r\nDTEND:20220421T083000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    "half a calendar": b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:2022",
}


@pytest.mark.parametrize("form", [None, "json", "ics"])
@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file(run: Run, published: Path, kind: str, form: str | None) -> None:
    """To `import` and `check`, whatever its name and format: one line, and nothing saved."""
    before = dump(published)
    as_format = () if form is None else ("--format", form)
    for name in ("bad.json", "bad.ics", "bad.txt", "bad")[: 4 if form is None else 1]:
        Path(name).write_bytes(BAD_FILES[kind])
        for command in ("import", "check"):
            said = run(command, name, *as_format)
            if form is None and said.code == 0:
                # Not every importer that is installed is ours; what it takes, it takes whole.
                assert command == "check" or dump(published) != before
                pytest.skip("an installed importer reads this")
            one_clear_line(said)
    assert dump(published) == before


def test_every_fault_of_a_document_is_a_line_with_its_place(run: Run, published: Path) -> None:
    """Several wrong things in one file are all told at once, and where in words."""
    document = codec.to_data(EVENT)
    document["starts"] = "2022-04-21T09:30:00"
    document["programme"][1]["titel"] = document["programme"][1].pop("title")
    Path("bad.json").write_text(json.dumps(document))
    said = run("import", "bad.json")
    assert said.code == 1
    told = {line.split(": ")[1] for line in said.err.splitlines()}
    assert {"Start (starts)", "Programpunkt 2, titel (programme[1].titel)"} <= told
    assert (
        "Fejl: Programpunkt 2, titel (programme[1].titel): Feltet kendes ikke. Mener du title?"
        in said.err
    )
    english = run("--lang", "en", "check", "bad.json").err
    assert "Error: Programme item 2, titel (programme[1].titel): " in english


WITH_ID = ("show", "timeline", "publish", "check", "export")


@pytest.mark.parametrize("command", WITH_ID)
@pytest.mark.parametrize(
    "name", ["22-9", "", "a b", "x" * 100_000, "\udcff", "../../etc", "Æ", "%s"]
)
def test_an_unknown_id(run: Run, published: Path, command: str, name: str) -> None:
    """To every command that takes one."""
    more = ("--as", "ics") if command == "export" else ()
    before = dump(published)
    said = run(command, *more, "--", name)
    assert said.code == 1 or (command == "check" and name in ("", "../../etc"))
    if name not in ("", "../../etc"):
        one_clear_line(said)
    assert dump(published) == before


def test_an_unknown_format(run: Run, published: Path) -> None:
    """To `import`, `check` and `export`; the line names those there are."""
    for arguments in (
        ("import", "event.json", "--format", "xml"),
        ("check", "event.json", "--format", "xml"),
        ("export", "22-1", "--as", "xml"),
    ):
        said = run(*arguments)
        one_clear_line(said)
        assert "ics" in said.err
        assert "xml" in said.err


@pytest.mark.parametrize("at", ["", "i går", "2022-13-01T00:00", "2022-04-31", "9999-01-01T00:00"])
def test_a_time_that_is_none(run: Run, published: Path, at: str) -> None:
    """One line that shows how to write it."""
    one_clear_line(run("show", "22-1", "--at", at))


def test_a_time_that_clocks_skip(run: Run, published: Path) -> None:
    """One sentence that names the times round it; one that exists twice is the first."""
    skipped = ("--at", "2022-03-27T02:30")
    for command in (("show", "22-1"), ("register", "22-1", "--name", "Anne"), ("cancel", "22-1-1")):
        said = run(*command, *skipped)
        one_clear_line(said)
        assert "2022-03-27T01:30" in said.err
        assert "2022-03-27T03:30" in said.err
    one_clear_line(run("show", "22-1", "--at", "2022-03-27T02:30[Europe/Copenhagen]"))
    assert run("show", "22-1", "--at", "2022-03-27T03:00").code == 0
    twice = run("show", "22-1", "--at", "2022-10-30T02:30", "--json").json["state"]["at"]
    assert twice == "2022-10-30T02:30:00+02:00[Europe/Copenhagen]"


NEEDS_DATABASE = [
    ("import", "event.json"),
    ("show", "22-1"),
    ("timeline", "22-1"),
    ("list",),
    ("publish", "22-1"),
    ("acknowledge", "22-1", "EK205", "--reason", "fordi"),
    ("export", "22-1", "--as", "ics"),
    ("check", "22-1"),
    ("register", "22-1", "--name", "Anne"),
    ("participants", "22-1", "event.json"),
    ("cancel", "22-1-1"),
    ("backup", "copy"),
    ("restore", "event.json"),
    ("serve",),
    ("tick",),
    ("work",),
    ("changes", "22-1"),
    ("call-off", "22-1"),
    ("notices",),
]


def commands_of_the_database() -> list[tuple[str, ...]]:
    known = set(cli.cli.commands)
    return [arguments for arguments in NEEDS_DATABASE if arguments[0] in known]


def test_every_command_is_tried_without_a_database() -> None:
    """A new command takes its place in these tests."""
    free = {"init", "plugins", "doctor", "demo"}
    assert {arguments[0] for arguments in NEEDS_DATABASE} | free >= set(cli.cli.commands)


@pytest.mark.parametrize("arguments", commands_of_the_database(), ids=lambda a: a[0])
def test_a_missing_database(run: Run, folder: Path, arguments: tuple[str, ...]) -> None:
    """It is named, with what to do; nobody but `init` makes one."""
    write()
    said = run(*arguments)
    one_clear_line(said)
    assert str(folder / "eventkit.db") in said.err
    assert "eventkit init" in said.err
    assert not list(folder.glob("*.db"))


@pytest.mark.parametrize("arguments", commands_of_the_database(), ids=lambda a: a[0])
@pytest.mark.parametrize("kind", ["empty", "binary", "folder", "url", "postgres"])
def test_a_database_that_is_none(
    run: Run, folder: Path, kind: str, arguments: tuple[str, ...]
) -> None:
    """An empty or foreign file, a folder, a wrong URL."""
    write()
    path = folder / "x.db"
    url = f"sqlite:///{path}"
    match kind:
        case "empty":
            path.touch()
        case "binary":
            path.write_bytes(os.urandom(5000))
        case "folder":
            path.mkdir()
        case "url":
            url = "eventkit.db"
        case "postgres":
            url = "postgresql://anne:hemmelig@host/eventkit"
    said = run(*arguments, "--db", url)
    one_clear_line(said)
    assert "hemmelig" not in said.err


@pytest.mark.parametrize("kind", ["binary", "folder", "url", "nowhere", "other"])
def test_init_where_no_database_can_be(run: Run, folder: Path, kind: str) -> None:
    """One line, and neither database, secret nor settings."""
    path = folder / "x.db"
    url = f"sqlite:///{path}"
    match kind:
        case "binary":
            path.write_bytes(b"noget andet" * 100)
        case "folder":
            path.mkdir()
        case "url":
            url = "nonsense"
        case "nowhere":
            url = f"sqlite:///{folder}/no/such/x.db"
        case "other":
            url = "mysql://x"
    before = sorted(folder.iterdir())
    one_clear_line(run("init", "--db", url))
    assert sorted(folder.iterdir()) == before


def test_files_that_cannot_be_read(run: Run, database: Path, folder: Path) -> None:
    """Missing, a folder, or of a name no file can have."""
    for name in ("nowhere.json", ".", "a/b/c.ics", "x" * 300, "a\0b"):
        one_clear_line(run("import", name))
    one_clear_line(run("check", "."))
    said = run("check", "nowhere.txt")
    one_clear_line(said)
    assert "nowhere.txt" in said.err


def test_an_empty_database_address_is_told_what_to_write(
    run: Run, published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given, set or in the settings: the sentence says how one looks."""
    monkeypatch.delenv("EVENTKIT_DB", raising=False)
    said = [run("--db", "", "list"), run("list", "--db", " ")]
    monkeypatch.setenv("EVENTKIT_DB", "")
    said.append(run("list"))
    for one in said:
        assert (one.code, one.out) == (2, "")
        assert one.err == "Fejl: db: Skriv databasens adresse, fx sqlite:///eventkit.db.\n"
    assert "sqlite:///eventkit.db" in run("--db", "", "--lang", "en", "list").err


@pytest.mark.parametrize("command", ["import", "check", "show"])
def test_an_empty_name_is_shown_as_one(run: Run, published: Path, command: str) -> None:
    """As two quotes: a sentence with a hole in it says nothing."""
    said = run(command, "")
    one_clear_line(said)
    assert '""' in said.err


def test_a_file_that_never_ends_is_given_up(
    run: Run, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it fills the memory."""
    monkeypatch.setattr(cli, "LARGEST_FILE", 1_000_000)
    one_clear_line(run("import", "/dev/zero"))


@pytest.mark.parametrize("command", ["import", "check", "participants"])
def test_a_pipe_that_nobody_writes_to_is_refused(
    run: Run, published: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """It would be waited for without a word, for ever; whoever is a moment late is waited for."""
    monkeypatch.setattr(terminal, "PATIENCE", 0.2)
    os.mkfifo("pipe")
    id_too = ("22-1",) if command == "participants" else ()
    said = run(command, *id_too, "pipe")
    one_clear_line(said)
    assert "pipe" in said.err
    assert "ikke en fil" in said.err


@pytest.mark.parametrize("late", [0.0, 0.3])
@pytest.mark.parametrize("pieces", [1, 2])
def test_a_pipe_that_somebody_writes_to_is_read(
    run: Run, database: Path, late: float, pieces: int
) -> None:
    """Whether the writer was there before, comes a moment later, or takes its time in between."""
    os.mkfifo("pipe")
    data = codec.dumps(EVENT).encode()
    middle = len(data) // pieces

    def write_to_it() -> None:
        time.sleep(late)
        with open("pipe", "wb", buffering=0) as pipe:
            pipe.write(data[:middle])
            time.sleep(late)
            pipe.write(data[middle:])

    writer = threading.Thread(target=write_to_it)
    writer.start()
    said = run("import", "pipe")
    writer.join()
    assert (said.code, said.err) == (0, "")
    assert "22-1" in said.out


@pytest.mark.parametrize(
    "command",
    [
        "{eventkit} check - < event.json",
        "{eventkit} check /dev/stdin < event.json",
        "cat event.json | {eventkit} check -",
        "cat event.json | {eventkit} check /dev/stdin",
        "(sleep 0.5; cat event.json) | {eventkit} check /dev/stdin",
        "{eventkit} check <(cat event.json)",
        "{eventkit} check <(sleep 0.5; cat event.json)",
    ],
)
def test_what_a_shell_hands_over_is_read(folder: Path, command: str) -> None:
    """Standard input under each of its names, and what another command prints."""
    write()
    eventkit = f"{sys.executable} -c 'import sys; from eventkit.cli import main; sys.exit(main())'"
    done = subprocess.run(
        ["bash", "-c", command.format(eventkit=eventkit)],
        env={**os.environ, "PYTHONPATH": str(SRC)},
        capture_output=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"EK104" in done.stdout


def test_an_output_that_cannot_be_written(run: Run, published: Path, folder: Path) -> None:
    """A folder that is missing, or a folder itself: one line with the name that was given."""
    (folder / "there").mkdir()
    for name in ("no/such/out.ics", "there", "event.json/out"):
        said = run("export", "22-1", "--as", "ics", "-o", name)
        one_clear_line(said)
        assert name in said.err


def test_a_fault_of_ours_is_one_line_too(
    run: Run, published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the way to the whole story."""

    def fail(*_: Any) -> Any:
        raise RuntimeError("noget\nskete")

    monkeypatch.setattr(cli, "timeline", fail)
    said = run("timeline", "22-1")
    one_clear_line(said)
    assert "--debug" in said.err
    assert "Traceback" in run("timeline", "22-1", "--debug").err


# --- as a process ----------------------------------------------------------------------------


def process(*arguments: str, **more: Any) -> subprocess.CompletedProcess[bytes]:
    code = "import sys; from eventkit.cli import main; sys.exit(main())"
    environment = {**os.environ, "PYTHONPATH": str(SRC), **more.pop("env", {})}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        capture_output=True,
        **more,
    )


def test_a_terminal_that_knows_no_danish_gets_something(published: Path) -> None:
    """A letter it has no room for stops nobody."""
    for encoding in ("ascii", "latin-1"):
        done = process("show", "22-1", env={"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"})
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout.startswith(b"Netv")


def test_a_reader_that_stops_reading_is_no_error(published: Path) -> None:
    """As `head` does."""
    command = (
        f"{sys.executable} -c 'import sys; from eventkit.cli import main; sys.exit(main())'"
        " list --json | true; exit ${PIPESTATUS[0]}"
    )
    done = subprocess.run(
        ["bash", "-c", command],
        env={**os.environ, "PYTHONPATH": str(SRC)},
        capture_output=True,
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
def test_a_full_disk_behind_stdout_is_one_line(published: Path) -> None:
    """What was printed did not get anywhere, and the exit code says so."""
    for arguments in (("list",), ("export", "22-1", "--as", "ics")):
        with open("/dev/full", "wb") as full:
            code = "import sys; from eventkit.cli import main; sys.exit(main())"
            done = subprocess.run(
                [sys.executable, "-c", code, *arguments],
                env={**os.environ, "PYTHONPATH": str(SRC)},
                stdout=full,
                stderr=subprocess.PIPE,
            )
        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 1, done.stderr
        assert "det, der skal skrives ud" in done.stderr.decode()


@pytest.mark.skipif(os.name == "nt", reason="a shell closes the streams")
@pytest.mark.parametrize(
    ("arguments", "closed", "code"),
    [
        ("show 22-1", ">&-", 0),
        ("show 22-1 --json", ">&-", 0),
        ("export 22-1 --as ics", ">&-", 0),
        ("show 22-9", "2>&-", 1),
        ("show 22-9", ">&- 2>&-", 1),
        ("import -", "<&-", 1),
        ("check -", "<&-", 1),
        ("list", "<&- >&- 2>&-", 0),
    ],
)
def test_a_closed_stream_is_no_traceback(
    published: Path, arguments: str, closed: str, code: int
) -> None:
    """Nobody is told, or nothing is read; and the database stays whole."""
    command = (
        f"{sys.executable} -c 'import sys; from eventkit.cli import main; sys.exit(main())'"
        f" {arguments} {closed}"
    )
    done = subprocess.run(
        ["bash", "-c", command],
        env={**os.environ, "PYTHONPATH": str(SRC)},
        capture_output=True,
    )
    lines = done.stderr.decode().splitlines()
    assert done.returncode == code, done
    assert len(lines) == (1 if "<" in closed and code else 0), done
    assert all(line.startswith("Fejl: ") for line in lines)


def test_an_import_that_is_killed_leaves_nothing_half(database: Path, folder: Path) -> None:
    """All events of the file or none, whenever the process died."""
    documents = [codec.to_data(evolve(EVENT, id=f"22-{n}")) for n in range(60)]
    (folder / "many.json").write_text(json.dumps(documents))
    code = textwrap.dedent("""
        import sys
        from eventkit.office import store
        real = store.tables.revision_row
        def slow(revision):
            print("saving", flush=True)
            return real(revision)
        store.tables.revision_row = slow
        from eventkit.cli import main
        sys.exit(main())
    """)
    for lines in (1, 60):
        running = subprocess.Popen(
            [sys.executable, "-c", code, "import", "many.json"],
            env={**os.environ, "PYTHONPATH": str(SRC)},
            stdout=subprocess.PIPE,
        )
        assert running.stdout is not None
        for _ in range(lines):
            running.stdout.readline()
        running.send_signal(signal.SIGKILL)
        running.stdout.close()
        running.wait()
        store = Store.open(f"sqlite:///{database}")
        count = store.count()
        assert count in (0, 60)
        assert store.audit() == ()
        store.close()
        if count:
            break


def test_a_private_link_is_in_no_public_format(run: Run, database: Path) -> None:
    """The calendar that `export` writes may be passed on; the document is for staff."""
    link = OnlineAccess(provider="Teams", url="https://teams.example/hemmelig")
    run("import", write(online=link))
    assert "hemmelig" not in run("export", "22-1", "--as", "ics").out.replace("\r\n ", "")
    assert "hemmelig" in run("export", "22-1", "--as", "json").out


def test_what_an_event_says_is_shown_as_it_is(run: Run, database: Path) -> None:
    """A database is named in what we propose, never in what an organiser wrote."""
    run("import", write(title="Kursus: eventkit init"))
    shown = run("show", "22-1", "--db", "sqlite:///eventkit.db")
    assert shown.code == 0
    assert "Kursus: eventkit init\n" in shown.out
