"""A desk without a database: an event, everybody at it, and what each command changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from attrs import evolve

from eventkit.model.decision import Allowed, Decision, Refused
from eventkit.model.event import Event, Revision
from eventkit.model.registration import (
    Entry,
    Notice,
    Outcome,
    Places,
    Registration,
    Seats,
    Signup,
    Standing,
)
from eventkit.model.values import SYSTEM, Actor, Mode, Person, Role, Side
from eventkit.rules import desk
from eventkit.rules.seating import Book

PUBLIC = Actor(Side.PUBLIC)
STAFF = Actor(Side.STAFF, "anne@example.dk")


def recount(event: Event, registrations: list[Registration]) -> Seats:
    """The seats of these registrations, counted one by one."""

    def places(mode: Mode, capacity: int | None) -> Places:
        own = [
            one.status for one in registrations if one.mode is mode and one.role is Role.PARTICIPANT
        ]
        seated = (Standing.CONFIRMED, Standing.ATTENDED, Standing.NO_SHOW)
        return Places(
            capacity=capacity,
            confirmed=sum(status in seated for status in own),
            offered=own.count(Standing.OFFERED),
            waiting=own.count(Standing.WAITING),
        )

    return Seats(
        room=places(Mode.ROOM, event.capacity), online=places(Mode.ONLINE, event.online_capacity)
    )


class Counter:
    """Asks the desk, keeps what it answers, and recounts the seats each time."""

    def __init__(self, event: Event, now: datetime, holidays: frozenset[date] = frozenset()):
        self.revision = Revision(event=event, number=1, sequence=0, at=now, actor=SYSTEM)
        self.now = now
        self.holidays = holidays
        self.rows: dict[int, Registration] = {}
        self.entries: list[Entry] = []
        self.notices: list[Notice] = []
        self._forms = 0

    @property
    def event(self) -> Event:
        return self.revision.event

    @property
    def seats(self) -> Seats:
        return recount(self.event, list(self.rows.values()))

    @property
    def book(self) -> Book:
        return Book(
            revision=self.revision,
            seats=self.seats,
            last=max(self.rows, default=0),
            registrations=tuple(self.rows.values()),
            holidays=self.holidays,
        )

    def keep(self, outcome: Outcome) -> Outcome:
        if outcome.entries:
            self.rows |= {one.number: one for one in outcome.registrations}
            self.entries += outcome.entries
            self.notices += outcome.notices
            assert outcome.seats == self.seats, "the desk counted otherwise"
        return outcome

    def ask(self, command: Callable[..., Decision[Outcome]], *args: Any, **more: Any) -> Any:
        """The outcome, kept; or the codes of the refusal."""
        said = {"now": self.now, "actor": PUBLIC, **more}
        decision = command(*args, self.book, **said)
        if isinstance(decision, Refused):
            return [reason.code for reason in decision.reasons]
        assert isinstance(decision, Allowed)
        return self.keep(decision.value)

    def register(self, *names: str | Person, key: str = "", mode: Mode = Mode.ROOM, **more: Any):
        self._forms += 1
        people = [
            one if isinstance(one, Person) else Person(name=one, email=f"{one.lower()}@x.dk")
            for one in names
        ]
        known = {"answers", "booker", "invoice", "language"}
        form = {name: more.pop(name) for name in known & set(more)}
        signup = Signup(people=people, key=key or f"form-{self._forms}", mode=mode, **form)
        return self.ask(lambda book, **said: desk.register(signup, book, **said), **more)

    def change(self, **changes: Any) -> Outcome:
        """The event as it is from now on, and what that makes due."""
        self.revision = evolve(
            self.revision,
            event=evolve(self.event, **changes),
            number=self.revision.number + 1,
        )
        return self.tick()

    def tick(self) -> Outcome:
        return self.keep(desk.settle(self.book, now=self.now))

    def standing(self) -> dict[str, str]:
        """Where everybody stands, by name; the last registration of a name counts."""
        return {one.person.name: one.status.value for one in self.rows.values()}

    def number(self, name: str) -> int:
        """The number of who was last registered by this name."""
        return max(one.number for one in self.rows.values() if one.person.name == name)
