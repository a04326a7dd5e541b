"""Exporting participants at a prompt: a file for its owner alone, and an entry in the journal."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from eventkit import cli
from eventkit.model.decision import Allowed
from eventkit.model.event import Event, Imported
from eventkit.model.values import SYSTEM, Actor, Side, Venue, zone
from eventkit.office.store import Store
from eventkit.office.usecases import Office
from eventkit.plugins.manager import Plugins

EVENT = Event(
    id="98-1",
    title="Kursus",
    starts=datetime(2198, 4, 21, 9, 30, tzinfo=zone("Europe/Copenhagen")),
    venue=Venue(name="Fælleshuset"),
)


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An announced event with one participant, in a database in the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EVENTKIT_DB", raising=False)
    store = Store.create("sqlite:///eventkit.db")
    office = Office(store, Plugins.load(), cli.Settings())
    assert isinstance(office.import_events(Imported(events=[EVENT]), actor=SYSTEM), Allowed)
    assert isinstance(office.publish("98-1", actor=SYSTEM), Allowed)
    who = ("--name", "=1+1", "--phone", "+45 33 76 20 00", "--reason", "Ringede")
    assert cli.main(("register", "98-1", *who)) == 0
    yield store
    assert store.audit() == ()
    store.close()


def run(capsys: Any, *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = cli.main(arguments)
    said = capsys.readouterr()
    return code, said.out, said.err


def mode(name: str) -> int:
    return stat.S_IMODE(Path(name).stat().st_mode)


@pytest.mark.parametrize("form", ["csv", "csv-plain"])
def test_only_its_owner_reads_the_file(capsys: Any, database: Store, form: str) -> None:
    """Also where a file that all could read was there before; the journal has it once."""
    Path("out.csv").write_text("gammelt")
    Path("out.csv").chmod(0o644)
    assert run(capsys, "export", "98-1", "--as", form, "-o", "out.csv") == (0, "", "")
    assert mode("out.csv") == 0o600
    assert "'=1+1" in Path("out.csv").read_text("utf-8-sig")
    entry = database.journal("98-1")[-1]
    assert (entry.action, entry.actor) == ("export", Actor(Side.SYSTEM, "export"))
    assert dict(entry.data) == {"format": form, "people": 1}


def test_a_file_of_events_is_readable_as_any_other(capsys: Any, database: Store) -> None:
    """And nothing of it is noted."""
    before = database.journal()
    assert run(capsys, "export", "98-1", "--as", "events-csv", "-o", "out.csv")[0] == 0
    Path("any").touch()
    assert mode("out.csv") == mode("any")
    assert database.journal() == before


@pytest.mark.parametrize(
    "arguments",
    [("98-2", "--as", "csv"), ("98-1", "--as", "xml"), ("98-1", "--as", "csv", "-o", "no/out.csv")],
)
def test_nothing_is_written_when_it_fails(capsys: Any, arguments: tuple[str, ...]) -> None:
    """One line on stderr, and no part of a file."""
    before = set(Path().iterdir())
    where = () if "-o" in arguments else ("-o", "out.csv")
    code, out, err = run(capsys, "export", *arguments, *where)
    assert (code, out, len(err.splitlines())) == (1, "", 1)
    assert {
        path for path in set(Path().iterdir()) - before if "eventkit.db" not in path.name
    } == set()


def test_the_list_goes_back_in_at_the_prompt(capsys: Any, database: Store) -> None:
    """`export` and `participants` agree: the same person, who is there already or comes again."""
    assert run(capsys, "export", "98-1", "--as", "csv", "-o", "out.csv")[0] == 0
    assert run(capsys, "participants", "98-1", "out.csv")[0] == 0
    first, second = database.registrations("98-1")
    assert first.person == second.person
    assert second.person.phone == "+45 33 76 20 00"
