"""Registering and cancelling at a prompt: the words, the documents, and what is not saved."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from attrs import evolve

from eventkit import cli
from eventkit.formats import codec
from eventkit.model.decision import Allowed
from eventkit.model.event import AgendaItem, Event, Imported
from eventkit.model.registration import Registration, Signup
from eventkit.model.values import (
    SYSTEM,
    Before,
    Fee,
    Money,
    OnlineAccess,
    Person,
    Question,
    Role,
    Venue,
    zone,
)
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


# --- answers, and what a reason goes past ----------------------------------------------------

QUESTIONS = [
    Question(key="kost", text="Hvad spiser du?", answer="choice", options=("Kød", "Vegetar")),
    Question(key="emner", text="Emner?", answer="several", options=("A, B", "C|D", "E")),
    Question(key="frokost", text="Frokost?", answer="yes_no", required=True),
    Question(key="note", text="Andet?"),
    Question(key="allergi", text="Allergi?", sensitive=True),
]


@pytest.fixture
def asks(capsys: Any) -> None:
    """The event asks a question of each kind."""
    Path("event.json").write_text(codec.dumps(evolve(EVENT, questions=QUESTIONS)), "utf-8")
    assert run(capsys, "import", "event.json", "--update")[0] == 0


def answer(capsys: Any, *said: str, more: tuple[str, ...] = ()) -> tuple[int, str, str]:
    answers = [part for one in said for part in ("--answer", one)]
    return run(capsys, "register", "98-1", "--name", "Anne", *answers, *more)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (("frokost=ja",), {"frokost": True}),
        (("frokost=No",), {"frokost": False}),
        (("frokost=YES", "kost=vegetar"), {"frokost": True, "kost": "Vegetar"}),
        (
            ("frokost=nej", "emner=C|D", "emner=a, b", "emner=C|D"),
            {"frokost": False, "emner": ("C|D", "A, B")},
        ),
        (("frokost=j", "emner=E"), {"frokost": True, "emner": ("E",)}),
        (("frokost=ja", "note= a=b \n c "), {"frokost": True, "note": "a=b c"}),
        (("frokost=ja", "note=", "kost= "), {"frokost": True}),
        (
            ("frokost=ja", "allergi=Nødder", "allergi.consent=ja"),
            {"frokost": True, "allergi": "Nødder", "allergi.consent": True},
        ),
    ],
)
@pytest.mark.usefixtures("asks")
def test_an_answer_is_kept_as_its_question_asks(
    capsys: Any, database: Store, said: tuple[str, ...], kept: dict[str, Any]
) -> None:
    """Yes and no in either language, an option as it is written there, several as a list."""
    assert answer(capsys, *said) == (0, "98-1-1  Anne har en plads\n", "")
    [one] = database.registrations("98-1")
    assert dict(one.answers) == kept


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (("frokost=måske",), "Svar ja eller nej på »Frokost?«."),
        (("frokost=ja", "frokost=nej"), "Svar ja eller nej på »Frokost?«."),
        (("kost=Fisk",), "Vælg ét af svarene på »Hvad spiser du?«: Kød, Vegetar."),
        (("kost=Kød", "kost=Vegetar"), "Vælg ét af svarene på »Hvad spiser du?«: Kød, Vegetar."),
        (("emner=E", "emner=F"), "Vælg blandt svarene på »Emner?«: A, B, C|D, E."),
        (("note=a", "note=b"), "Giv ét svar på »Andet?«."),
        (("mad=x",), "Arrangementet spørger ikke om »mad«. Det spørger om: kost, emner,"),
        (("mad=",), "Arrangementet spørger ikke om »mad«."),
        (("kost.consent=ja",), "Arrangementet spørger ikke om »kost.consent«."),
        (("allergi=Nødder",), "tilføj --answer allergi.consent=ja"),
        (("allergi=Nødder", "allergi.consent=nej"), "tilføj --answer allergi.consent=ja"),
        (("note=" + "x" * 1001,), "Teksten er på 1001 tegn."),
        (("note=a\x1bb",), "Teksten indeholder et usynligt styretegn."),
    ],
)
@pytest.mark.usefixtures("asks")
def test_an_answer_that_fits_no_question_is_one_clear_sentence(
    capsys: Any, database: Store, said: tuple[str, ...], told: str
) -> None:
    """No reason goes past it, so none is asked for; nothing is saved."""
    wanted = () if said[0].startswith("frokost") else ("frokost=ja",)
    for more in ((), ("--reason", "Aftalt")):
        code, out, err = answer(capsys, *wanted, *said, more=more)
        assert (code, out) == (1, "")
        [line] = err.splitlines()
        assert told in line
        assert "--reason" not in line
    assert database.registrations("98-1") == ()


def test_an_event_that_asks_nothing_says_so(capsys: Any) -> None:
    """Rather than naming what it asks about."""
    told = answer(capsys, "kost=Kød")
    assert told == (1, "", "Fejl: Arrangementet stiller ingen spørgsmål. Slet --answer.\n")


def test_an_answer_without_its_key_is_not_understood(capsys: Any) -> None:
    """That is a command line nobody can read."""
    code, out, err = answer(capsys, "Kød")
    assert (code, out, err) == (2, "", "Fejl: --answer passer ikke: Skriv det som KEY=VALUE.\n")


@pytest.mark.usefixtures("asks")
def test_a_missing_answer_says_how_to_give_it_and_how_to_do_without(capsys: Any) -> None:
    """With a reason one need not answer; machines get the reason and its sentence alone."""
    code, out, err = answer(capsys)
    assert (code, out) == (1, "")
    assert err.splitlines() == [
        "Fejl: Svar på »Frokost?« med --answer frokost=SVAR.",
        "Skal det ske alligevel, så skriv hvorfor med --reason.",
    ]
    code, out, err = answer(capsys, more=("--json",))
    [refused] = json.loads(out)["refused"]
    assert (code, err, refused["code"]) == (1, "", "answer_missing")
    assert refused["message"] == "Svar på »Frokost?« med --answer frokost=SVAR."
    assert answer(capsys, more=("--reason", "Spørges på dagen"))[0] == 0


VETO = """
from eventkit import Reason, hookimpl

eventkit_api = 1
eventkit_prefix = "XX"

@hookimpl
def eventkit_may_register(event, signup, now):
    return Reason("XX1", text={"da": "Nej tak.", "en": "No, thanks."})
"""


@pytest.mark.parametrize(
    ("arguments", "hinted"),
    [
        (("register", "98-1", "--name", "Bo", "--at", "2198-04-20T12:00"), True),
        (("register", "98-1", "--name", "Bo", "--at", "2198-04-22T12:00", "--online"), True),
        (("register", "98-1", "--name", "Bo", "--at", "2198-04-22T12:00"), False),
        (("register", "98-1", "--name", "Bo", "--plugins-dir", "plugins"), True),
        (("register", "98-1", "--name", "Bo", "--email", "x", "--at", "2198-04-20T12:00"), False),
        (("register", "98-1", "--name", "Bo", "--email", "x", "--plugins-dir", "plugins"), False),
        (("cancel", "98-1-1", "--at", "2198-04-22T12:00"), True),
    ],
)
def test_a_reason_is_asked_for_where_it_goes_past_every_refusal(
    capsys: Any, arguments: tuple[str, ...], hinted: bool
) -> None:
    """And only there: then the same command with one is taken."""
    Path("plugins").mkdir()
    Path("plugins/never.py").write_text(VETO)
    run(capsys, "register", "98-1", "--name", "Anne")
    code, _, err = run(capsys, "--lang", "en", *arguments)
    assert code == 1
    assert ("To do it all the same, say why with --reason.\n" in err) is hinted
    code, _, err = run(capsys, "--lang", "en", *arguments, "--reason", "Agreed")
    assert (code == 0) is hinted
    assert "--reason" not in err


@pytest.mark.parametrize("language", ["da", "en"])
def test_to_cancel_an_event_is_another_command(capsys: Any, language: str) -> None:
    """Where a registration is meant, an event is no number that is unknown."""
    code, out, err = run(capsys, "--lang", language, "cancel", "98-1")
    assert (code, out) == (1, "")
    assert len(err.splitlines()) == 1
    assert "98-1-3" in err
    assert "eventkit call-off 98-1" in err
    for name in ("98-1-7", "98-2"):
        err = run(capsys, "--lang", language, "cancel", name)[2]
        assert "call-off" not in err


# --- a whole table ---------------------------------------------------------------------------


def write(text: str, name: str = "deltagere.csv") -> str:
    Path(name).write_bytes(text.encode("cp1252"))
    return name


PEOPLE = "Navn;E-mail;Online\nAnne Ø;anne@example.dk;\nBo;bo@example.dk;ja\nCarl;carl@example.dk;\n"


def test_a_table_is_registered_in_its_order(capsys: Any, database: Store) -> None:
    """A report for each line, with the id or the place in line; everybody is told by mail."""
    assert run(capsys, "participants", "98-1", write(PEOPLE)) == (
        0,
        "Linje 2: Anne Ø har en plads (98-1-1)\n"
        "Linje 3: Bo har en plads (98-1-2)\n"
        "Linje 4: Carl er på ventelisten (98-1-3, nr. 1)\n"
        "Får en plads: 2. Venter: 1. Var tilmeldt i forvejen: 0. Afvist: 0.\n",
        "",
    )
    assert [one.recipient for one in database.notices("98-1")] == [
        "anne@example.dk",
        "bo@example.dk",
        "carl@example.dk",
    ]
    assert {entry.actor.id for entry in database.journal("98-1")[-3:]} == {"participants"}


def test_the_same_table_again_registers_nobody(capsys: Any, database: Store) -> None:
    """With and without --partial, and also those without an e-mail; whoever left stays away."""
    file = write(PEOPLE + "N.N.;;\nN.N.;;\n")
    assert run(capsys, "participants", "98-1", file)[0] == 0
    run(capsys, "cancel", "98-1-4")
    before = database.journal()
    for partial in ([], ["--partial"]):
        code, out, _ = run(capsys, "participants", "98-1", file, *partial)
        assert code == 0
        assert "Linje 2: Anne Ø var tilmeldt i forvejen og har en plads (98-1-1)" in out
        assert "Linje 5: N.N. var tilmeldt i forvejen og er afmeldt (98-1-4)" in out
        assert "Var tilmeldt i forvejen: 5" in out
    assert database.journal() == before


def test_who_came_another_way_is_not_registered_again(capsys: Any, database: Store) -> None:
    """And holds nobody else back."""
    run(capsys, "register", "98-1", "--name", "anne ø", "--email", "Anne@example.dk")
    code, out, _ = run(capsys, "participants", "98-1", write(PEOPLE))
    assert code == 0
    assert out.splitlines()[0] == "Linje 2: Anne Ø var tilmeldt i forvejen og har en plads (98-1-1)"
    assert len(database.registrations("98-1")) == 3


WRONG = PEOPLE + "Dorte;dorte;måske\nBo;bo@example.dk;ja\n\nEva;dorte;\n"


def test_nothing_is_saved_unless_everybody_can_be(capsys: Any, database: Store) -> None:
    """Every reason of every line is told, and how it would go for the others."""
    before = database.journal()
    code, out, err = run(capsys, "participants", "98-1", write(WRONG))
    assert code == 1
    assert out.splitlines()[:2] == [
        "Intet er gemt, fordi ikke alle kan tilmeldes. Sådan ville det gå:",
        "Linje 2: Anne Ø har en plads",
    ]
    assert out.splitlines()[-1] == (
        "Får en plads: 2. Venter: 1. Var tilmeldt i forvejen: 0. Afvist: 3."
    )
    assert [line.partition(": ")[2].split(":")[0] for line in err.splitlines()] == [
        "Linje 5", "Linje 5", "Linje 6", "Linje 8",
    ]  # fmt: skip
    assert "Skriv ja eller nej, ikke »måske«" in err
    assert "Bo står to gange" in err
    assert database.journal() == before
    assert database.registrations("98-1") == ()


def test_one_cell_that_cannot_be_read_is_enough(capsys: Any, database: Store) -> None:
    """Also where the desk has nothing against the others."""
    told = run(capsys, "participants", "98-1", write(PEOPLE + "Dorte;d@example.dk;måske\n"))
    assert told[0] == 1
    assert "Intet er gemt" in told[1]
    assert database.registrations("98-1") == ()


def test_partial_saves_what_can_be(capsys: Any, database: Store) -> None:
    """The exit status still says that not all is well."""
    for _ in range(2):
        assert run(capsys, "participants", "98-1", write(WRONG), "--partial")[0] == 1
        names = [one.person.name for one in database.registrations("98-1")]
        assert names == ["Anne Ø", "Bo", "Carl"]


def test_a_table_for_machines(capsys: Any, database: Store) -> None:
    """A line each; what is not saved has no id."""
    code, out, err = run(capsys, "participants", "98-1", write(WRONG), "--json")
    told = json.loads(out)
    assert (code, err, told["saved"]) == (1, "", False)
    assert [line["outcome"] for line in told["lines"]] == [
        "registered", "registered", "waiting", "refused", "refused", "refused",
    ]  # fmt: skip
    assert told["lines"][2] == {
        "line": 4,
        "name": "Carl",
        "outcome": "waiting",
        "registration": None,
        "place": 1,
        "reasons": [],
    }
    assert [one["code"] for one in told["lines"][3]["reasons"]] == ["table_yes_no", "email_wrong"]
    told = json.loads(run(capsys, "participants", "98-1", write(WRONG), "--partial", "--json")[1])
    assert told["saved"] is True
    assert told["lines"][2]["registration"] == "98-1-3"
    again = json.loads(run(capsys, "participants", "98-1", write(PEOPLE), "--json")[1])
    assert {line["outcome"] for line in again["lines"]} == {"already"}


def test_a_table_at_another_time_saves_nothing(capsys: Any, database: Store) -> None:
    """It only says how it would be, and a reason goes past the deadline."""
    before = database.journal()
    late = ("participants", "98-1", write(PEOPLE), "--at", "2198-04-20T12:00")
    code, _, err = run(capsys, *late)
    assert code == 1
    assert "til og med onsdag den 18. april 2198" in err
    assert err.splitlines()[-1] == "Skal det ske alligevel, så skriv hvorfor med --reason."
    code, out, _ = run(capsys, *late, "--reason", "Aftalt")
    assert (code, out.splitlines()[:2]) == (
        0,
        ["Kun en prøve. Intet er gemt.", "Linje 2: Anne Ø har en plads"],
    )
    assert run(capsys, *late, "--reason", "Aftalt", "--partial")[0] == 0
    assert database.journal() == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Filen er tom."),
        (os.urandom(5000) + b"\0", "Gem regnearket som CSV"),
        (b"Navn\n" + b"x" * 5_000_000, "Linje 2 er ikke en linje i en tabel"),
        (b"Navn;Mail\nAnne\n", "Linjen har 1 felter, men der er 2 overskrifter."),
        (b"Navn;Emial\nAnne;\n", "Mener du »e"),
        (b"Navn;Mail\n", "ingen personer"),
        (None, "findes ikke"),
    ],
    ids=["empty", "binary", "long", "ragged", "heading", "nobody", "missing"],
)
def test_a_file_that_is_no_table_is_one_line(
    capsys: Any, database: Store, content: bytes | None, words: str
) -> None:
    """Exit 1, and nothing is saved."""
    if content is not None:
        Path("deltagere.csv").write_bytes(content)
    code, _, err = run(capsys, "participants", "98-1", "deltagere.csv")
    assert code == 1
    assert len(err.splitlines()) == 1
    assert words in err
    assert database.registrations("98-1") == ()


# --- many at once, on both kinds of database -------------------------------------------------


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Apart from the database in the working folder."""
    (tmp_path / "many").mkdir()
    return f"sqlite:///{tmp_path}/many/eventkit.db"


@pytest.fixture
def office(url: str) -> Iterator[Office]:
    """An office on a database of its own."""
    with opened(url) as office:
        yield office


@contextmanager
def opened(url: str) -> Iterator[Office]:
    store = Store.create(url)
    office = Office(store, Plugins.load(), cli.Settings(), clock=lambda: NOW)
    event = evolve(EVENT, capacity=4, online_capacity=1, deadline=None)
    assert isinstance(office.import_events(Imported(events=[event]), actor=SYSTEM), Allowed)
    for finding in office.unacknowledged(office.revision("98-1").event):
        office.acknowledge("98-1", finding.code, reason="Prøve", actor=SYSTEM)
    assert isinstance(office.publish("98-1", actor=SYSTEM), Allowed)
    yield office
    assert store.audit() == ()
    store.close()


NOW = datetime(2198, 3, 1, 12, 0, tzinfo=UTC)


def signup(name: str, mode: str = "room", *, email: bool = True, party: int = 1) -> Signup:
    people = [
        Person(
            name=name if not n else f"{name} {n}", email=f"{name}{n}@example.dk" if email else ""
        )
        for n in range(party)
    ]
    return Signup(people=people, key=f"{name}.{mode}", mode=mode)


MANY = [
    (signup("A"), Role.PARTICIPANT),
    (signup("B", "online"), Role.PARTICIPANT),
    (signup("C", "online"), Role.PARTICIPANT),
    (signup("A"), Role.PARTICIPANT),
    (signup("A", "online"), Role.PARTICIPANT),
    (signup("D", email=False), Role.SPEAKER),
    (signup("E", party=2), Role.PARTICIPANT),
    (signup("F", party=2), Role.PARTICIPANT),
    (signup("G"), Role.PARTICIPANT),
    (signup("H", party=5), Role.PARTICIPANT),
    (signup("X"), Role.PARTICIPANT),
    (signup("010190-1234"), Role.PARTICIPANT),
]
"""Some come, wait, come twice, are too many, are there already, or may not be called so."""


def test_many_at_once_is_as_one_by_one(office: Office, another_url: str) -> None:
    """The same registrations, counts, notices and journal, whatever was there before."""
    with opened(another_url) as other:
        for one in (office, other):
            for known in (signup("X"), signup("Y", "online"), signup("Z", party=2)):
                assert isinstance(one.register("98-1", known, actor=SYSTEM), Allowed)
            one.cancel("98-1", (1,), actor=SYSTEM)
        singly = [office.register("98-1", who, role=role, actor=SYSTEM) for who, role in MANY]
        together, saved = other.register_all("98-1", MANY, some=True, actor=SYSTEM)
        assert saved
        assert [type(one) for one in together] == [type(one) for one in singly]
        for read in (Store.registrations, Store.seats, Store.notices, Store.journal):
            mine, theirs = read(office.store, "98-1"), read(other.store, "98-1")
            assert _without_uids(mine) == _without_uids(theirs)


def _without_uids(found: Any) -> Any:
    """Each event has a UID of its own, and so have its registrations."""
    if isinstance(found, tuple) and found and isinstance(found[0], Registration):
        return [evolve(one, uid=None) for one in found]
    return found


def test_what_was_due_is_done_first(office: Office) -> None:
    """An offer that has ended goes to who waits, not to who comes; also where nothing is saved."""
    event = evolve(office.revision("98-1").event, capacity=1, offers_from=Before(days=200))
    assert isinstance(
        office.change(event, base=office.revision("98-1").number, actor=SYSTEM), Allowed
    )
    for name in "ABC":
        office.register("98-1", signup(name), actor=SYSTEM)
    office.cancel("98-1", (1,), actor=SYSTEM)
    later = Office(
        office.store, office.plugins, office.settings, clock=lambda: NOW + timedelta(days=10)
    )
    wrong = [(signup("D"), Role.PARTICIPANT), (signup("010190-1234"), Role.PARTICIPANT)]
    decisions, saved = later.register_all("98-1", wrong, actor=SYSTEM)
    assert not saved
    assert isinstance(decisions[0], Allowed)
    statuses = [one.status for one in office.store.registrations("98-1")]
    assert statuses == ["cancelled", "expired", "offered"]


def test_an_event_that_moves_meanwhile_is_decided_anew(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its new capacity, with plugins asked again."""
    asked, vetoes = [], office.plugins.vetoes

    def move(event: Event, who: Signup, now: datetime) -> Any:
        asked.append(who.key)
        if len(asked) == 1:
            after = evolve(event, capacity=1)
            office.change(after, base=office.revision("98-1").number, actor=SYSTEM)
        return vetoes(event, who, now)

    monkeypatch.setattr(office.plugins, "vetoes", move)
    two = [(signup("A"), Role.PARTICIPANT), (signup("B"), Role.PARTICIPANT)]
    decisions, _ = office.register_all("98-1", two, actor=SYSTEM)
    assert asked == ["A.room", "B.room"] * 2
    assert [one.value.registrations[0].status for one in decisions] == ["confirmed", "waiting"]


def test_nobody_comes_between_and_no_chair_is_sold_twice(office: Office) -> None:
    """While others register, those of a table get numbers in a row."""
    others = [
        Thread(target=office.register, args=("98-1", signup(f"T{n}")), kwargs={"actor": SYSTEM})
        for n in range(20)
    ]
    for thread in others[:10]:
        thread.start()
    crowd = [(signup(f"P{n}"), Role.PARTICIPANT) for n in range(50)]
    decisions, _ = office.register_all("98-1", crowd, actor=SYSTEM)
    for thread in others[10:]:
        thread.start()
    for thread in others:
        thread.join()
    numbers = [one.value.registrations[0].number for one in decisions]
    assert numbers == list(range(numbers[0], numbers[0] + 50))
    seats = office.seats("98-1").room
    assert (seats.confirmed, seats.waiting) == (4, 66)


def test_five_thousand_in_reasonable_time(office: Office) -> None:
    """Decided on and saved in one commit."""
    crowd = [(signup(f"P{n}"), Role.PARTICIPANT) for n in range(5000)]
    began = time.monotonic()
    office.register_all("98-1", crowd, actor=SYSTEM)
    print(f"5,000 registered in {time.monotonic() - began:.1f} s")
    assert time.monotonic() - began < 30
    assert office.seats("98-1").room.waiting == 4996
