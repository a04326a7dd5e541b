"""What is due and owed, at a prompt: what is said, what is asked, and what becomes of it."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from eventkit import cli
from eventkit.model.decision import Allowed
from eventkit.model.event import Event, Imported
from eventkit.model.registration import Signup
from eventkit.model.values import SYSTEM, Contact, Person
from eventkit.office.delivery import Delivery, Report
from eventkit.office.store import Store
from eventkit.office.usecases import Office
from eventkit.plugins.manager import Plugins

EVENT = Event(
    id="98-1",
    title="Kursus",
    starts=datetime(2198, 4, 21, 9, 30, tzinfo=UTC),
    contact=Contact(email="kursus@example.dk"),
)
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An event that two have joined, in a database in the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EVENTKIT_DB", raising=False)
    monkeypatch.setenv("EVENTKIT_BASE_URL", "https://moeder.example")
    monkeypatch.setenv("EVENTKIT_SECRET", "s" * 40)
    store = Store.create("sqlite:///eventkit.db")
    office = Office(store, Plugins.load(), cli.Settings())
    assert isinstance(office.import_events(Imported(events=[EVENT]), actor=SYSTEM), Allowed)
    assert isinstance(office.publish("98-1", actor=SYSTEM), Allowed)
    for name in ("Anne", "Bo"):
        people = [Person(name=name, email=f"{name.lower()}@example.dk")]
        assert isinstance(
            office.register("98-1", Signup(people=people, key=name), actor=SYSTEM), Allowed
        )
    yield store
    assert store.audit() == ()
    store.close()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command, whose questions are answered `answer`; its code, and what it said."""

    def run(*arguments: str, answer: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("click.termui.visible_prompt_func", lambda text: answer)
        capsys.readouterr()
        code = cli.main(arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_what_is_kept_in_a_log_names_nobody(run: Run) -> None:
    """What a plugin says may hold a name: at a prompt it is told, and a service only says where."""
    Path("own").mkdir()
    Path("own/bad.py").write_text("raise ValueError('Hanne <hanne@example.dk>')\n")
    Path("eventkit.toml").write_text('plugins_dir = "own"\n')
    assert "ValueError: Hanne <hanne@example.dk>" in run("notices")[2]
    for command in (["tick"], ["tick", "--now", "2198-04-01"]):
        err = run(*command)[2]
        assert "Pluginet bad" in err
        assert "ValueError" in err
        assert "Hanne" not in err


def test_a_tick_says_what_it_did(run: Run) -> None:
    """And then that there is no more to do."""
    assert run("tick") == (0, "sendt: 2.\n", "")
    assert run("tick") == (0, "Der er ikke noget at gøre.\n", "")


def test_a_tick_at_another_time_only_says_what_it_would_do(run: Run, store: Store) -> None:
    """What is to be sent, and where something will be due by then."""
    code, out, _ = run("tick", "--now", "2198-04-18T12:00")
    assert code == 0
    assert out.splitlines()[0] == "98-1: der er noget at gøre"
    assert [line.partition(",")[0] for line in out.splitlines()[1:]] == [
        "98-1-1: bekræftelse",
        "98-1-2: bekræftelse",
    ]
    assert store.outbox.counts() == {"owed": 2}


def test_what_ails_is_told_by_who_sends(run: Run, tmp_path: Path) -> None:
    """A folder that is none, as a sentence with what to do; nobody speaks of a mail server."""
    (tmp_path / "mails").write_text("")
    code, out, err = run("tick")
    assert (code, out) == (0, "prøves igen: 2.\n")
    assert err == (
        "Advarsel: Mails kan ikke lægges i mails: det skal være en mappe, I kan skrive i.\n"
    )


def test_what_a_notifier_said_last_is_quoted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its name, where it lacks nothing that it knows of; also where it is off by now."""

    report = Report(notices={"owed": 1}, said="No space left on device")

    def off(self: Delivery) -> Report:
        del self.office.plugins._notifiers["eml"]
        return report

    for tick in (lambda self: report, off):
        monkeypatch.setattr(Delivery, "tick", tick)
        said = "Advarsel: Sidste svar fra eml: No space left on device\n"
        assert run("tick") == (0, "prøves igen: 1.\n", said)


# --- what staff decide -----------------------------------------------------------------------


def settle(store: Store, **states: str) -> None:
    """Let each notice be in the state said for whom it is to."""
    with store.filling() as connection:
        for name, state in states.items():
            connection.exec_driver_sql(
                f"UPDATE notices SET state = '{state}' WHERE recipient = '{name}@example.dk'"
            )


def test_nothing_waits_for_staff(run: Run) -> None:
    """What is only on its way is nobody's to decide."""
    assert run("notices") == (0, "Der er ingen beskeder at tage stilling til.\n", "")
    code, out, _ = run("notices", "--state", "owed")
    assert code == 0
    assert out.splitlines() == [
        "98-1-1.1: bekræftelse til anne@example.dk, skal sendes",
        "98-1-2.1: bekræftelse til bo@example.dk, skal sendes",
    ]


@pytest.mark.parametrize("state", ["held", "failed", "unknown"])
def test_what_waits_is_told_of_and_goes_when_staff_say_so(
    run: Run, store: Store, state: str
) -> None:
    """It is asked first, because somebody may get it twice; the journal has who let it go."""
    settle(store, anne=state)
    code, out, err = run("tick")
    assert (code, out) == (0, "sendt: 1.\n")
    assert err.splitlines()[-1].endswith("Se dem med: eventkit notices")
    code, out, _ = run("notices", "98-1")
    assert (code, len(out.splitlines())) == (0, 1)
    assert out.startswith("98-1-1.1: bekræftelse til anne@example.dk, ")
    assert run("notices", "--send")[0] == 1, "nobody said yes"
    assert store.outbox.counts() == {state: 1, "sent": 1}
    code, out, _ = run("notices", "--send", answer="j")
    assert (code, out.splitlines()[-1]) == (
        0,
        "1 besked sendes, næste gang »eventkit tick« kører.",
    )
    assert store.outbox.counts() == {"owed": 1, "sent": 1}
    entry = store.journal("98-1")[-1]
    assert (entry.action, entry.actor.id) == ("send_notice", "notices")
    assert (entry.registration, entry.data) == (1, {"notice": "98-1-1.1"})
    assert run("tick") == (0, "sendt: 1.\n", "")


def test_one_of_them_is_dropped(run: Run, store: Store) -> None:
    """By its key; the other waits on."""
    settle(store, anne="held", bo="held")
    code, out, _ = run("notices", "--key", "98-1-2.1", "--drop", "--yes")
    assert (code, out.splitlines()[-1]) == (0, "1 besked sendes ikke.")
    assert store.outbox.counts() == {"held": 1, "withdrawn": 1}
    assert store.journal("98-1")[-1].action == "drop_notice"


def test_what_went_is_not_sent_again(run: Run, store: Store) -> None:
    """Whatever is asked for."""
    run("tick")
    assert run("notices", "--state", "sent", "--send", "--yes")[0] == 0
    assert store.outbox.counts() == {"sent": 2}


def test_notices_as_json(run: Run, store: Store) -> None:
    """The notice's document, and where it stands."""
    settle(store, anne="failed")
    [one] = json.loads(run("notices", "--json")[1])
    assert (one["key"], one["kind"], one["state"], one["attempts"]) == (
        "98-1-1.1",
        "confirmation",
        "failed",
        0,
    )


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--send", "--drop"), 2),
        (("--key", "98-1-9.1"), 1),
        (("--state", "lost"), 2),
        (("98-2",), 1),
    ],
)
def test_what_cannot_be_asked_of_notices(run: Run, arguments: tuple[str, ...], code: int) -> None:
    """One sentence says what to do."""
    got, out, err = run("notices", *arguments)
    assert (got, out, len(err.splitlines())) == (code, "", 1)


# --- everybody at an event -------------------------------------------------------------------


@pytest.mark.parametrize(("answer", "done"), [("j", True), ("Ja", True), ("n", False), ("", False)])
def test_calling_off_asks_first(run: Run, store: Store, answer: str, done: bool) -> None:
    """It says how many are told, and why; a Dane answers in Danish."""
    run("tick")
    code, out, _ = run("call-off", "98-1", "--reason", "Sne", answer=answer)
    assert out.splitlines()[:2] == ["2 tilmeldte får en mail.", "De får at vide, hvorfor: Sne"]
    assert (code == 0) is done
    assert store.outbox.counts() == ({"owed": 2, "sent": 2} if done else {"sent": 2})


def test_calling_off_says_whom_to_call(run: Run, store: Store) -> None:
    """Who has no address gets no mail, and is not counted among those who do."""
    office = Office(store, Plugins.load(), cli.Settings())
    for name in ("Gæst", "Gået"):
        guest = Signup(people=[Person(name=name)], key=name)
        assert isinstance(office.register("98-1", guest, actor=SYSTEM), Allowed)
    assert isinstance(office.cancel("98-1", (4,), actor=SYSTEM), Allowed)
    code, out, _ = run("call-off", "98-1", "--reason", "Sne", "--yes")
    assert (code, out.splitlines()[:2]) == (
        0,
        ["2 tilmeldte får en mail.", "  98-1-3 Gæst: ingen e-mail – ring"],
    )


def test_work_says_once_what_goes_wrong(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads its log is not told each half minute; once it was fine, it is news again."""
    looks = iter([True, True, False, True])

    def tick(self: Delivery) -> Report:
        wrong = next(looks, None)
        if wrong is None:
            os.kill(os.getpid(), signal.SIGTERM)
            return Report()
        if wrong:
            self.office.check_mailing()
        return Report()

    monkeypatch.delenv("EVENTKIT_BASE_URL")
    monkeypatch.setattr(Delivery, "tick", tick)
    monkeypatch.setattr("threading.Event.wait", lambda self, timeout=None: self.is_set())
    code, _, err = run("work")
    assert code == 0
    assert [line.partition(": Sæt")[0] for line in err.splitlines()] == ["Fejl: base_url"] * 2


def test_a_calling_off_is_taken_back(run: Run, store: Store) -> None:
    """Nobody is told anything."""
    run("tick")
    run("call-off", "98-1", "--reason", "Sne", "--yes")
    assert run("call-off", "98-1", "--undo")[:2] == (0, "Aflysningen af 98-1 er fortrudt.\n")
    assert store.outbox.counts() == {"sent": 2, "withdrawn": 2}


def test_what_has_changed_is_told_of(run: Run, store: Store) -> None:
    """Whom it concerns, by name, and whom nobody can write to; then it is on its way."""
    office = Office(store, Plugins.load(), cli.Settings())
    guest = Signup(people=[Person(name="Gæst")], key="Gæst")
    assert isinstance(office.register("98-1", guest, actor=SYSTEM), Allowed)
    moved = json.loads(run("show", "98-1", "--json")[1])["event"]
    moved["starts"] = "2198-04-21T12:30:00+00:00"
    Path("moved.json").write_text(json.dumps(moved))
    said = run("import", "moved.json", "--update")[1]
    assert said.splitlines()[-1] == (
        "  3 tilmeldte mangler besked. Send den med: eventkit changes 98-1 --send"
    )
    code, out, _ = run("changes", "98-1")
    assert (code, out.splitlines()) == (
        0,
        [
            "3 tilmeldte mangler at få besked.",
            "  98-1-1 Anne",
            "  98-1-2 Bo",
            "  98-1-3 Gæst: ingen e-mail – ring",
        ],
    )
    assert run("changes", "98-1", "--send")[1].splitlines()[-1].startswith("Beskeden sendes ")
