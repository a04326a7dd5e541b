"""The desk's use cases: plugins are asked while nothing is held; a command is saved, or nothing."""

from __future__ import annotations

import textwrap
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from databases import asked, tamper
from sqlalchemy.dialects import sqlite
from sqlalchemy.event import listens_for

from eventkit.model.decision import Allowed, Refused
from eventkit.model.errors import NotFoundError, StoreError
from eventkit.model.event import Event
from eventkit.model.registration import Outcome, Signup, Standing
from eventkit.model.values import Actor, Mode, Organiser, Person, Side
from eventkit.office import ledger
from eventkit.office.ledger import Ledger
from eventkit.office.settings import Settings
from eventkit.office.store import Store
from eventkit.office.usecases import Office
from eventkit.plugins.guard import BUDGET
from eventkit.plugins.manager import Plugins

PUBLIC = Actor(Side.PUBLIC)
STAFF = Actor(Side.STAFF, "anne@example.dk")


@pytest.fixture
def announced(office: Office, event: Any, add: Any) -> Office:
    """A meeting with one seat in the room."""
    add(event(capacity=1), publish=True)
    return office


def signup(name: str, key: str = "") -> Signup:
    person = Person(name=name, email=f"{name.lower()}@example.dk")
    return Signup(people=[person], key=key or f"form of {name}")


def join(office: Office, name: str, **more: Any) -> Any:
    decision = office.register("22-1", signup(name), actor=PUBLIC, **more)
    assert isinstance(decision, Allowed), decision
    return decision.value.registrations[-1]


def codes(decision: Any) -> list[str]:
    assert isinstance(decision, Refused), decision
    return [reason.code for reason in decision.reasons]


def standing(office: Office) -> dict[str, str]:
    return {one.person.name: one.status.value for one in office.registrations("22-1")}


def with_plugin(office: Office, folder: Path, veto: str, seconds: float = 1) -> Office:
    """The same office, with a plugin that is asked for vetoes."""
    (folder / "guest.py").write_text(
        textwrap.dedent("""
        import time
        from eventkit import Reason, hookimpl
        eventkit_api = 1
        eventkit_prefix = "GX"
        TEXT = {"da": "Kun for medlemmer.", "en": "Members only."}

        @hookimpl
        def eventkit_may_register(event, signup, now):
        """)
        + textwrap.indent(veto, "    ")
    )
    off = [info.name for info in Plugins.load().infos if info.name != "builtin"]
    plugins = Plugins.load(folder, off=off, budget={**BUDGET, "veto": seconds})
    return Office(office.store, plugins, Settings(), clock=office._clock)


# --- plugins ---------------------------------------------------------------------------------


def test_a_veto_refuses_with_its_own_words(announced: Office, tmp_path: Path) -> None:
    """And staff go past it with a reason."""
    veto = 'return Reason("GX1", text=TEXT) if signup.people[0].name == "Bo" else None'
    office = with_plugin(announced, tmp_path, veto)
    assert codes(office.register("22-1", signup("Bo"), actor=PUBLIC)) == ["GX1"]
    assert join(office, "Anne").status is Standing.CONFIRMED
    allowed = office.register("22-1", signup("Bo"), actor=STAFF, reason="Æresmedlem")
    assert isinstance(allowed, Allowed)


@pytest.mark.parametrize(
    ("veto", "trouble"),
    [
        ("time.sleep(5)", "plugin_overran"),
        ('raise RuntimeError("i stykker")', "plugin_raised"),
        ("raise SystemExit(3)", "plugin_raised"),
        ('return "nej"', "plugin_rubbish"),
    ],
)
def test_a_veto_that_fails_counts_as_none(
    announced: Office, tmp_path: Path, veto: str, trouble: str
) -> None:
    """It hangs, raises or answers rubbish: the person is registered, and the culprit is named."""
    office = with_plugin(announced, tmp_path, veto, 0.2)
    assert join(office, "Anne").status is Standing.CONFIRMED
    assert [(one.plugin, one.code) for one in office.plugins.troubles] == [("guest", trouble)]


def test_no_plugin_runs_while_the_ledger_is_held(
    announced: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Vetoes come first; holidays are asked for before, too."""
    office = with_plugin(announced, tmp_path, "return None")
    held: list[bool] = []
    asked: dict[str, bool] = {}
    holding, each = Store.holding, office.plugins._each

    def hold(store: Store, event_id: str) -> Any:
        held.append(True)
        return holding(store, event_id)

    def ask(hook: str, *given: Any, **more: Any) -> Any:
        asked[hook] = bool(held)
        return each(hook, *given, **more)

    monkeypatch.setattr(Store, "holding", hold)
    monkeypatch.setattr(office.plugins, "_each", ask)
    join(office, "Anne")
    assert held == [True]
    assert asked == {"eventkit_may_register": False, "eventkit_holidays": False}


def test_every_reason_of_a_veto_is_told(announced: Office, tmp_path: Path) -> None:
    """Not one after the other, as the form is sent again and again."""
    veto = 'return [Reason("GX1", text=TEXT), Reason("GX2", text=TEXT)]'
    office = with_plugin(announced, tmp_path, veto)
    assert codes(office.register("22-1", signup("Anne"), actor=PUBLIC)) == ["GX1", "GX2"]


@pytest.mark.parametrize(("off_for", "days"), [("boligskolen", 0), ("boligsocialnet", 1)])
def test_an_offer_ends_by_the_days_off_of_its_organiser(
    store: Store, event: Any, add: Any, tmp_path: Path, clock: Any, off_for: str, days: int
) -> None:
    """A plugin that the organiser does without knows no holidays for them."""
    (tmp_path / "rest.py").write_text(
        textwrap.dedent("""
        from datetime import date
        from eventkit import hookimpl
        eventkit_api = 1
        eventkit_prefix = "RX"

        @hookimpl
        def eventkit_holidays(year):
            return {date(2022, 4, 19): {"da": "Fri", "en": "Off"}}
        """)
    )
    off = [info.name for info in Plugins.load().infos if info.name != "builtin"]
    plugins = Plugins.load(tmp_path, off, off_for={off_for: ["rest"]})
    office = Office(store, plugins, Settings(), clock=clock)
    add(event(capacity=1, organiser=Organiser(name="Boligskolen")), publish=True)
    first, second = join(office, "Anne"), join(office, "Bo")
    clock.now = datetime(2022, 4, 18, 9, tzinfo=UTC)
    assert isinstance(office.cancel("22-1", [first.number], actor=STAFF), Allowed)
    offered = office.registration("22-1", second.number)
    assert offered.status is Standing.OFFERED
    assert offered.offer_ends == datetime(2022, 4, 19 + days, 10, tzinfo=UTC)


# --- all or nothing --------------------------------------------------------------------------


def closed(office: Office) -> None:
    """Bring the deadline forward, into the past."""
    current = office.revision("22-1")
    event = evolve(current.event, deadline=date(2022, 2, 1))
    assert isinstance(office.change(event, base=current.number, actor=STAFF), Allowed)


def test_an_event_that_moved_is_decided_on_as_it_is(
    announced: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its deadline was brought forward between the look and the lock."""
    vetoes, moved = announced.plugins.vetoes, []

    def meanwhile(event: Event, signup: Signup, now: datetime) -> Any:
        if not moved:
            moved.append(True)
            closed(announced)
        return vetoes(event, signup, now)

    monkeypatch.setattr(announced.plugins, "vetoes", meanwhile)
    decision = announced.register("22-1", signup("Bo"), actor=PUBLIC)
    assert codes(decision) == ["deadline_passed"]


def test_another_process_moved_the_event(announced: Office, url: str, plugins: Plugins) -> None:
    """What this process remembers of it is found to be old under the lock."""
    join(announced, "Anne")
    other = Office(Store.open(url), plugins, Settings(), clock=announced._clock)
    closed(other)
    other.store.close()
    decision = announced.register("22-1", signup("Bo"), actor=PUBLIC)
    assert codes(decision) == ["deadline_passed"]


def test_what_fails_half_way_leaves_nothing(
    announced: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last statement fails: no registration, no notice, no entry; and it works again."""
    save = Ledger.save

    def fail(ledger: Ledger, outcome: Outcome, *given: Any, **more: Any) -> None:
        save(ledger, outcome, *given, **more)
        raise RuntimeError("struck by lightning")

    before = announced.store.journal()
    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "save", fail)
        with pytest.raises(RuntimeError):
            join(announced, "Anne")
    assert announced.store.journal() == before
    assert announced.registrations("22-1") == ()
    assert announced.store.notices("22-1") == ()
    assert join(announced, "Anne").number == 1


def test_a_refused_command_still_does_what_was_due(announced: Office, clock: Any) -> None:
    """An offer that has ended goes to the next in line, though who came late is refused."""
    for name in ("Anne", "Bo", "Carl"):
        join(announced, name)
    clock.now = datetime(2022, 4, 18, 8, tzinfo=UTC)
    announced.cancel("22-1", [1], actor=PUBLIC)
    assert standing(announced) == {"Anne": "cancelled", "Bo": "offered", "Carl": "waiting"}
    clock.now = datetime(2022, 4, 19, 10, tzinfo=UTC)
    assert codes(announced.accept("22-1", 2, actor=PUBLIC)) == ["offer_ended"]
    assert standing(announced) == {"Anne": "cancelled", "Bo": "expired", "Carl": "offered"}
    assert announced.settle() == (), "it is done already"


def test_settling_does_what_is_due_and_then_nothing(announced: Office, clock: Any) -> None:
    """Only events where something is due are looked at."""
    for name in ("Anne", "Bo", "Carl"):
        join(announced, name)
    clock.now = datetime(2022, 4, 18, 8, tzinfo=UTC)
    announced.cancel("22-1", [1], actor=PUBLIC)
    assert announced.settle() == ()
    clock.now = datetime(2022, 4, 19, 10, tzinfo=UTC)
    assert announced.store.due(clock.now) == ("22-1",)
    assert announced.settle() == ("22-1",)
    assert announced.settle() == ()
    assert announced.store.due(clock.now) == ()


def test_more_seats_are_filled_in_the_commit_that_made_them(announced: Office) -> None:
    """By whoever changed the event, at that very moment."""
    join(announced, "Anne")
    join(announced, "Bo")
    current = announced.revision("22-1")
    changed = announced.change(evolve(current.event, capacity=2), base=current.number, actor=STAFF)
    assert isinstance(changed, Allowed)
    assert standing(announced)["Bo"] == "confirmed"
    entry = announced.store.journal("22-1")[-1]
    assert (entry.action, entry.actor, entry.at) == ("promote", STAFF, changed.value.at)


def test_who_leaves_the_queue_lets_those_behind_move_up(
    office: Office, event: Any, add: Any
) -> None:
    """A party holds the queue; when it gives up, as many behind it sit as there are seats."""
    add(event(capacity=3), publish=True)
    for name in ("A", "B", "C"):
        join(office, name)
    people = [Person(name=name, email=f"{name}@example.dk") for name in ("D", "E", "F")]
    office.register("22-1", Signup(people=people, key="party"), actor=PUBLIC)
    for name in ("G", "H", "I"):
        join(office, name)
    office.cancel("22-1", [1, 2], actor=PUBLIC)
    assert standing(office)["G"] == "waiting"
    office.cancel("22-1", [4, 5, 6], actor=PUBLIC)
    told = standing(office)
    assert [told[name] for name in "GHI"] == ["confirmed", "confirmed", "waiting"]


def test_what_ended_while_an_event_was_postponed_has_ended(announced: Office, clock: Any) -> None:
    """It is looked for when the event is announced again, and afterwards in time."""
    for name in ("Anne", "Bo", "Carl"):
        join(announced, name)
    clock.now = datetime(2022, 4, 18, 8, tzinfo=UTC)
    announced.settle()  # of which they are reminded this morning
    announced.cancel("22-1", [1], actor=PUBLIC)
    current = announced.revision("22-1")
    postponed = evolve(current.event, status="postponed")
    assert isinstance(announced.change(postponed, base=current.number, actor=STAFF), Allowed)
    assert announced.settle() == ()
    for hours, told in ((1, "offered"), (26, "expired")):
        clock.now = datetime(2022, 4, 18, 8, tzinfo=UTC) + timedelta(hours=hours)
        assert isinstance(announced.publish("22-1", actor=STAFF), Allowed)
        assert announced.store.audit() == ()
        assert standing(announced)["Bo"] == told
        now = announced.revision("22-1")
        announced.change(evolve(now.event, status="postponed"), base=now.number, actor=STAFF)


def test_a_damaged_event_keeps_no_other_waiting(
    office: Office, event: Any, add: Any, clock: Any, url: str, plugins: Plugins
) -> None:
    """What is due elsewhere is done, and then it is told."""
    for key in ("22-1", "22-2"):
        add(event(key, capacity=1), publish=True)
        for name in ("Anne", "Bo", "Carl"):
            assert isinstance(office.register(key, signup(name), actor=PUBLIC), Allowed)
    clock.now = datetime(2022, 4, 18, 8, tzinfo=UTC)
    for key in ("22-1", "22-2"):
        office.cancel(key, [1], actor=PUBLIC)
    clock.now = datetime(2022, 4, 19, 10, tzinfo=UTC)
    sound = "SELECT document FROM registrations WHERE event_id = '22-1' AND number = 2"
    [(document,)] = asked(url, sound)
    tamper(url, "UPDATE registrations SET document = '{}' WHERE event_id = '22-1' AND number = 2")
    with pytest.raises(StoreError):
        office.settle()
    assert [one.status.value for one in office.registrations("22-2")][1:] == ["expired", "offered"]
    mended = document.replace("'", "''")
    tamper(
        url,
        f"UPDATE registrations SET document = '{mended}' WHERE event_id = '22-1' AND number = 2",
    )


def test_a_registration_is_asked_for_by_its_indexes(sqlite_url: str) -> None:
    """SQLite reads no more of an event than there is to find, however many are there."""
    store = Store.create(sqlite_url)
    given = {
        "event": "a",
        "form": "b",
        "person": "c",
        "people": ["c"],
        "numbers": [1],
        "forms": "b",
    }
    plans: list[str] = []

    @listens_for(store._database._engine, "before_cursor_execute", retval=True)
    def explain(_: Any, __: Any, statement: str, parameters: Any, *more: Any) -> Any:
        return f"EXPLAIN QUERY PLAN {statement}", parameters

    for statement in (ledger._BY_FORM.statement, ledger._NAMED, ledger._CAME):
        with store._database.reading() as connection:
            rows = connection.exec_driver_sql(*compiled(statement, given)).all()
        plans.append(" ".join(str(row[-1]) for row in rows))
    store.close()
    for plan in plans:
        assert "MULTI-INDEX OR" in plan
        assert "ix_registrations_queue" not in plan


def compiled(statement: Any, given: dict[str, Any]) -> tuple[str, tuple[Any, ...]]:
    """A statement as SQLite is sent it."""
    ready = statement.compile(dialect=sqlite.dialect())
    told = ready.construct_expanded_state({name: given[name] for name in ready.params})
    return told.statement, told.positional_parameters


def test_offers_that_may_be_made_no_longer_end_in_the_commit_that_said_so(
    announced: Office, clock: Any
) -> None:
    """Though nothing was due by what was known before."""
    for name in ("Anne", "Bo", "Carl"):
        join(announced, name)
    clock.now = datetime(2022, 4, 18, 8, tzinfo=UTC)
    announced.settle()  # of which they are reminded this morning
    announced.cancel("22-1", [1], actor=PUBLIC)
    current = announced.revision("22-1")
    event = evolve(current.event, offers_until=datetime(2022, 4, 18, 7, tzinfo=UTC))
    assert isinstance(announced.change(event, base=current.number, actor=STAFF), Allowed)
    assert standing(announced) == {"Anne": "cancelled", "Bo": "expired", "Carl": "expired"}
    assert announced.store.due(clock.now) == ()


# --- looking ---------------------------------------------------------------------------------


def test_at_decides_and_never_writes(announced: Office, clock: Any) -> None:
    """Not what was asked, and not what was due either."""
    for name in ("Anne", "Bo"):
        join(announced, name)
    clock.now = datetime(2022, 4, 18, 8, tzinfo=UTC)
    announced.cancel("22-1", [1], actor=PUBLIC)
    before = announced.store.journal()
    then = clock.now + timedelta(days=1, hours=2)
    decision = announced.register("22-1", signup("Carl"), actor=PUBLIC, at=then)
    assert isinstance(decision, Allowed)
    assert [(one.person.name, one.status.value) for one in decision.value.registrations] == [
        ("Bo", "expired"),
        ("Carl", "confirmed"),
    ]
    assert codes(announced.accept("22-1", 2, actor=PUBLIC, at=then)) == ["offer_ended"]
    assert announced.store.journal() == before


def test_the_queue_says_who_is_next(announced: Office) -> None:
    """In order, with what each waits for: one alone for a seat, a party for as many as it needs."""
    for name in ("Anne", "Bo", "Carl"):
        join(announced, name)
    line = announced.queue("22-1", Mode.ROOM)
    assert [group.numbers for group in line] == [(2,), (3,)]
    assert [group.kept_by.code for group in line if group.kept_by] == [
        "full",
        "others_first",
    ]
    assert announced.queue("22-1", Mode.ONLINE) == ()


def test_an_earlier_revision_comes_back_as_a_new_one(announced: Office) -> None:
    """Its words and seats; not its status, and nobody loses a seat."""
    join(announced, "Anne")
    first = announced.revision("22-1")
    announced.change(
        evolve(first.event, title="Et andet møde", capacity=5), base=first.number, actor=STAFF
    )
    join(announced, "Bo")
    restored = announced.restore("22-1", 1, base=first.number + 1, actor=STAFF, reason="Fejl")
    assert isinstance(restored, Allowed)
    assert (restored.value.event.title, restored.value.event.capacity) == ("Netværksmøde", 1)
    assert restored.value.event.status is first.event.status
    assert restored.value.number == first.number + 2
    assert standing(announced) == {"Anne": "confirmed", "Bo": "confirmed"}
    stale = announced.restore("22-1", 1, base=first.number, actor=STAFF)
    assert codes(stale) == ["changed_meanwhile"]


def test_an_event_and_a_registration_have_a_history(announced: Office) -> None:
    """Every revision; and every line of the journal, of all at an event or of one of them."""
    for name in ("Anne", "Bo"):
        join(announced, name)
    announced.cancel("22-1", [1], actor=STAFF, reason="Syg")
    assert [one.number for one in announced.history("22-1")] == [1, 2]
    told = [(one.action, one.registration) for one in announced.journal("22-1")]
    assert told == [
        ("import", None),
        ("publish", None),
        ("register", 1),
        ("register", 2),
        ("cancel", 1),
        ("promote", 2),
    ]
    mine = announced.journal("22-1", 1)
    assert [(one.action, one.actor, one.reason) for one in mine] == [
        ("register", PUBLIC, ""),
        ("cancel", STAFF, "Syg"),
    ]
    for ask in (lambda: announced.history("x"), lambda: announced.journal("22-1", 9)):
        with pytest.raises(NotFoundError):
            ask()


@pytest.mark.parametrize("name", ["22-1-9", "22-9-1", "../x-1"])
def test_an_unknown_registration_is_not_found(announced: Office, name: str) -> None:
    """Whatever is asked of it."""
    event_id, _, number = name.rpartition("-")
    for ask in (
        lambda: announced.registration(event_id, int(number)),
        lambda: announced.cancel(event_id, [int(number)], actor=PUBLIC),
        lambda: announced.substitute(event_id, int(number), Person(name="x"), actor=PUBLIC),
    ):
        with pytest.raises(NotFoundError):
            ask()


def test_each_command_at_the_desk_reads_the_clock_once(announced: Office, clock: Any) -> None:
    """However often it has to decide."""
    for command in (
        lambda: join(announced, "Anne"),
        lambda: announced.cancel("22-1", [1], actor=PUBLIC),
        lambda: announced.settle(),
    ):
        before = clock.reads
        command()
        assert clock.reads == before + 1
