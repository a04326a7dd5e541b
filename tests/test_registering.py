"""Registering and cancelling at a prompt: the words, the documents, and what is not saved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from eventkit import cli
from eventkit.formats import codec
from eventkit.model.decision import Allowed
from eventkit.model.event import AgendaItem, Event, Imported
from eventkit.model.registration import Registration
from eventkit.model.values import SYSTEM, Fee, Money, OnlineAccess, Venue, zone
from eventkit.office.store import Store
from eventkit.office.usecases import Office
from eventkit.plugins.manager import Plugins

STARTS = datetime(2198, 4, 21, 9, 30, tzinfo=zone("Europe/Copenhagen"))
EVENT = Event(
    id="98-1",
    title="Netværksmøde",
    starts=STARTS,
    deadline=date(2198, 4, 18),
    venue=Venue(name="Fælleshuset"),
    online=OnlineAccess(provider="Teams"),
    capacity=1,
    programme=[AgendaItem(title="Oplæg", starts=STARTS, key="a")],
    price=Money(500),
    fees=[Fee(since=date(2000, 1, 1), money=Money(200))],
)


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The event, announced, in a database in the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EVENTKIT_DB", raising=False)
    store = Store.create("sqlite:///eventkit.db")
    office = Office(store, Plugins.load(), cli.Settings())
    assert isinstance(office.import_events(Imported(events=[EVENT]), actor=SYSTEM), Allowed)
    for finding in office.unacknowledged(office.revision("98-1").event):
        office.acknowledge("98-1", finding.code, reason="Prøve", actor=SYSTEM)
    assert isinstance(office.publish("98-1", actor=SYSTEM), Allowed)
    yield store
    assert store.audit() == ()
    store.close()


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = cli.main(arguments)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_who_comes_gets_a_seat_and_who_comes_next_waits(capsys: Any) -> None:
    """With the id to cancel by, and the place in the queue."""
    told = run(capsys, "register", "98-1", "--name", "Anne", "--email", "anne@example.dk")
    assert told == (0, "98-1-1  Anne har en plads\n", "")
    told = run(capsys, "register", "98-1", "--name", "Bo", "--email", "bo@example.dk")
    assert told == (0, "98-1-2  Bo er på ventelisten (nr. 1)\n", "")
    code, out, _ = run(capsys, "cancel", "98-1-1")
    assert code == 0
    assert out.splitlines() == [
        "98-1-1  Anne er afmeldt",
        "98-1-2  Bo har en plads",
        "Afbuddet koster 200 kr.",
    ]


def test_machines_get_documents(capsys: Any) -> None:
    """The registration as the codec says it, with its id; or every reason, with its sentence."""
    _, out, _ = run(capsys, "register", "98-1", "--name", "Anne", "--online", "--json")
    told = json.loads(out)["registration"]
    assert told.pop("id") == "98-1-1"
    assert codec.from_data(told, Registration).person.name == "Anne"
    assert (told["status"], told["mode"]) == ("confirmed", "online")
    code, out, err = run(
        capsys, "register", "98-1", "--name", "010190-1234", "--email", "x", "--json"
    )
    assert (code, err) == (1, "")
    refused = json.loads(out)["refused"]
    assert [one["code"] for one in refused] == ["email_wrong", "cpr"]
    assert "CPR-nummer" in refused[1]["message"]


@pytest.mark.parametrize(
    ("at", "code", "words"),
    [
        ("2198-04-18T23:59:59", 0, "har en plads"),
        ("2198-04-19T00:00:00", 1, "til og med onsdag den 18. april 2198"),
    ],
)
def test_at_says_what_would_be_and_saves_nothing(
    capsys: Any, database: Store, at: str, code: int, words: str
) -> None:
    """Neither a registration nor what would have been due; the deadline in its own words."""
    before = database.journal()
    told = run(capsys, "register", "98-1", "--name", "Anne", "--at", at)
    assert told[0] == code
    assert words in told[1] + told[2]
    assert database.journal() == before
    assert database.registrations("98-1") == ()


def test_staff_go_past_a_deadline_with_a_reason(capsys: Any, database: Store) -> None:
    """Which the journal keeps."""
    late = ["--at", "2198-04-20T12:00"]
    assert run(capsys, "register", "98-1", "--name", "Anne", *late)[0] == 1
    assert run(capsys, "register", "98-1", "--name", "Anne", *late, "--reason", "Aftalt")[0] == 0
    run(capsys, "register", "98-1", "--name", "Anne", "--reason", "Aftalt på telefon")
    assert database.journal("98-1")[-1].reason == "Aftalt på telefon"


def test_a_speaker_takes_no_seat(capsys: Any, database: Store) -> None:
    """And is there for an item of the programme."""
    run(capsys, "register", "98-1", "--name", "Anne")
    told = run(capsys, "register", "98-1", "--name", "Trine", "--role", "speaker", "--item", "a")
    assert told[1] == "98-1-2  Trine har en plads\n"
    wrong = run(capsys, "register", "98-1", "--name", "T", "--role", "speaker", "--item", "b")
    assert wrong[0] == 1
    assert run(capsys, "register", "98-1", "--name", "T", "--role", "guest")[0] == 2
    seats = database.seats("98-1")
    assert seats is not None
    assert seats.room.confirmed == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("register", "98-2", "--name", "Anne"),
        ("register", "98-1", "--name", " "),
        ("register", "98-1", "--name", "x\x00y"),
        ("register", "98-1", "--name", "x" * 1001),
        ("register", "98-1", "--name", "Anne", "--at", "i går"),
        ("cancel", "98-1-1"),
        ("cancel", "98-1"),
        ("cancel", "x"),
        ("cancel", ""),
        ("cancel", "98-1-" + "9" * 30),
        ("cancel", "98-1-1\n2"),
    ],
)
def test_bad_input_is_one_line_and_changes_nothing(
    capsys: Any, database: Store, arguments: tuple[str, ...]
) -> None:
    """Exit 1, and no traceback."""
    before = database.journal()
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (1, "")
    assert len(err.splitlines()) == 1
    assert "Traceback" not in err
    assert database.journal() == before


def test_the_moment_of_a_registration_is_that_of_the_clock(database: Store, capsys: Any) -> None:
    """In UTC, as every record."""
    before = datetime.now(UTC)
    run(capsys, "register", "98-1", "--name", "Anne")
    [one] = database.registrations("98-1")
    assert before <= one.at <= datetime.now(UTC)
