"""Backing up and restoring at a prompt: what is said, and what is refused."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from eventkit import cli
from eventkit.model.decision import Allowed
from eventkit.model.event import Event, Imported
from eventkit.model.registration import Signup
from eventkit.model.values import SYSTEM, Person
from eventkit.office.store import Store
from eventkit.office.usecases import Office
from eventkit.plugins.manager import Plugins

EVENT = Event(id="98-1", title="Kursus", starts=datetime(2198, 4, 21, 9, 30, tzinfo=UTC))
NEW = "sqlite:///new.db"


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An event that two have joined, in a database in the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EVENTKIT_DB", raising=False)
    store = Store.create("sqlite:///eventkit.db")
    office = Office(store, Plugins.load(), cli.Settings())
    assert isinstance(office.import_events(Imported(events=[EVENT]), actor=SYSTEM), Allowed)
    assert isinstance(office.publish("98-1", actor=SYSTEM), Allowed)
    for name in ("Anne", "Bo"):
        people = [Person(name=name, email=f"{name}@example.dk")]
        signup = Signup(people=people, key=name)
        assert isinstance(office.register("98-1", signup, actor=SYSTEM), Allowed)
    yield store
    store.close()


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = cli.main(arguments)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_there_and_back(capsys: Any, tmp_path: Path) -> None:
    """What is in it, whom it concerns, what waits, and that it all adds up."""
    told = run(capsys, "backup", "kopi.backup")
    assert told == (
        0,
        "1 arrangement og 2 tilmeldinger er gemt i kopi.backup. "
        "Filen rummer persondata: kun du kan læse den.\n",
        "",
    )
    assert run(capsys, "init", "--db", NEW)[0] == 0
    assert run(capsys, "restore", "kopi.backup", "--db", NEW) == (
        0,
        f"1 arrangement og 2 tilmeldinger er genskabt i {tmp_path}/new.db.\n"
        "2 beskeder venter på en medarbejder. De er måske sendt før. "
        f"Se dem med: eventkit notices --db {NEW}\n"
        "Databasen er efterregnet, og alt stemmer.\n",
        "",
    )
    assert run(capsys, "list", "--db", NEW)[1] == "98-1  21.04.2198  Kursus\n"
    _, out, _ = run(capsys, "doctor", "--db", NEW)
    assert "Beskeder: 0 skal sendes, 2 venter på jer, 0 er afvist, 0 er måske sendt\n" in out
    assert f"Se dem med: eventkit notices --db {NEW}\n" in out


def test_who_was_erased_since_is_erased_again(capsys: Any, database: Store) -> None:
    """And it is told, by number only."""
    office = Office(database, Plugins.load(), cli.Settings())
    assert isinstance(office.cancel("98-1", (1,), actor=SYSTEM), Allowed)
    run(capsys, "backup", "kopi.backup")
    assert isinstance(office.erase("98-1", 1, actor=SYSTEM, reason="Bedt om det"), Allowed)
    run(capsys, "init", "--db", NEW)
    code, out, _ = run(capsys, "restore", "kopi.backup", "--db", NEW)
    assert code == 0
    assert "1 person var slettet siden, og er slettet igen." in out
    assert "Anne" not in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("restore", "kopi.backup"), "eventkit init --db URL"),
        (("backup", "kopi.backup"), "findes allerede"),
        (("backup", "no/such/folder/x"), "no/such/folder/x findes ikke"),
        (("backup", ""), "findes"),
        (("backup", "a\0b"), "ikke"),
        (("restore", "missing", "--db", NEW), "missing findes ikke"),
        (("restore", ".", "--db", NEW), "er en mappe"),
        (("restore", "a\0b", "--db", NEW), "ikke"),
        (("restore", "eventkit.toml", "--db", NEW), "ikke en sikkerhedskopi"),
        (("backup", "x" * 300), "x"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    capsys: Any, arguments: tuple[str, ...], words: str
) -> None:
    """Exit 1, and it says what to do."""
    run(capsys, "init", "--db", NEW)
    run(capsys, "backup", "kopi.backup")
    before = sorted(path.name for path in Path().iterdir())
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (1, "")
    assert len(err.splitlines()) == 1
    assert words in err
    assert "Traceback" not in err
    assert sorted(path.name for path in Path().iterdir()) == before


def test_a_database_that_does_not_add_up_is_restored_and_told(capsys: Any, database: Store) -> None:
    """A poor copy is better than none; the exit status says that it is poor."""
    with database.filling() as connection:
        connection.exec_driver_sql("UPDATE seats SET room_confirmed = 7")
    run(capsys, "backup", "kopi.backup")
    run(capsys, "init", "--db", NEW)
    code, out, err = run(capsys, "restore", "kopi.backup", "--db", NEW)
    assert code == 1
    assert "2 tilmeldinger er genskabt" in out
    assert "98-1.seats" in err


@pytest.mark.parametrize("terminal", [True, False])
def test_a_terminal_shows_how_far_it_is(terminal: bool) -> None:
    """A bar on stderr; a log gets none."""
    ours, theirs = pty.openpty()
    code = "import sys; from eventkit.cli import main; sys.exit(main(['backup', 'kopi.backup']))"
    command = [sys.executable, "-c", code]
    errors = theirs if terminal else subprocess.PIPE
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=errors, check=True)
    os.close(theirs)
    said = os.read(ours, 10_000).decode() if terminal else done.stderr.decode()
    os.close(ours)
    assert ("100%" in said) == terminal
    assert (said == "") != terminal
    assert done.stdout.decode().startswith("1 arrangement")
