"""The desk against a model, move by move, on both stores.

The model is written apart from the desk, the long way round: a list of everybody, looked through
each time. After each step the store says what the model says, everything adds up, nobody waits who
could sit, nobody sits beyond capacity, and what changed is in the journal and owed as notices.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from attrs import define, evolve
from databases import tamper
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from eventkit.model.decision import Allowed, Refused
from eventkit.model.event import Event, Imported
from eventkit.model.registration import Signup
from eventkit.model.values import Actor, Before, Mode, OnlineAccess, Person, Side, Venue, zone
from eventkit.office import tables
from eventkit.office.settings import Settings
from eventkit.office.store import Store
from eventkit.office.usecases import Office
from eventkit.plugins.manager import Plugins

COPENHAGEN = zone("Europe/Copenhagen")
PUBLIC = Actor(Side.PUBLIC)
STAFF = Actor(Side.STAFF, "staff@example.dk")
ROOM, ONLINE = Mode.ROOM, Mode.ONLINE
NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZÆØÅ"
_IDS = itertools.count(1)

# --- the model -------------------------------------------------------------------------------


@define
class Row:
    number: int
    name: str
    mode: Mode
    status: str
    group: int
    ends: datetime | None = None
    sequence: int = 0
    change: int = 1
    told: int = 0
    knew: int = 0


@define
class Rules:
    """What the event says, as plain times."""

    room: int | None
    online: int | None
    starts: datetime
    deadline: date | None
    offers_from: timedelta | None
    offers_until: datetime | None
    waiting_list: bool
    approval: bool

    def capacity(self, mode: Mode) -> int | None:
        return self.room if mode is ROOM else self.online

    @property
    def joining_closes(self) -> datetime:
        if self.deadline is None:
            return self.starts.astimezone(UTC)
        after = self.deadline + timedelta(days=1)
        return datetime(after.year, after.month, after.day, tzinfo=COPENHAGEN).astimezone(UTC)

    @property
    def reminds(self) -> datetime:
        day = self.starts.date() - timedelta(days=3)
        return datetime(day.year, day.month, day.day, 9, tzinfo=COPENHAGEN).astimezone(UTC)

    @property
    def offers_close(self) -> datetime:
        return (self.offers_until or self.starts).astimezone(UTC)


ACTIVE = ("pending", "waiting", "offered", "confirmed", "attended", "no_show")
SEATED = ("confirmed", "attended", "no_show")
TOLD = {
    "pending": "received",
    "confirmed": "confirmation",
    "waiting": "waiting",
    "offered": "offer",
    "cancelled": "seat_cancelled",
    "declined": "seat_cancelled",
    "expired": "seat_cancelled",
    "rejected": "seat_cancelled",
    "substituted": "substitution",
}


SEEN: set[tuple[str, str]] = set()
"""Every step that any meeting took, so that a machine that never moves is found out."""


class Model:
    """Who is where. Every method gives whether it is allowed, and does it if it is."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.rows: list[Row] = []
        self.forms: dict[str, tuple[Any, list[int]]] = {}
        self.told: list[tuple[int, str]] = []
        self.entries = 0
        self.facts: list[tuple[datetime, bool]] = []  # of each revision that is announced
        self.off_at: datetime | None = None
        self.remind_at: datetime | None = None
        self.tell_at: datetime | None = None

    def row(self, number: int) -> Row:
        return self.rows[number - 1]

    def taken(self, mode: Mode) -> int:
        return sum(one.mode is mode and one.status in (*SEATED, "offered") for one in self.rows)

    def line(self, mode: Mode) -> list[list[Row]]:
        waiting = [one for one in self.rows if one.mode is mode and one.status == "waiting"]
        groups = sorted({one.group for one in waiting})
        return [[one for one in waiting if one.group == group] for group in groups]

    def room_for(self, people: int, mode: Mode) -> bool:
        capacity = self.rules.capacity(mode)
        return capacity is None or self.taken(mode) + people <= capacity

    def active(self, name: str) -> Row | None:
        found = [one for one in self.rows if one.name == name and one.status in ACTIVE]
        return found[0] if found else None

    def to(self, one: Row, status: str, kind: str | None = None) -> None:
        before, one.status = one.status, status
        SEEN.add((before, status))
        if before == "confirmed" and status not in SEATED:
            one.sequence += 1
        if before not in ("attended", "no_show") and (kind or status in TOLD):
            self.tell(one, kind or TOLD[status])
        self.changed(one)

    def tell(self, one: Row, kind: str) -> None:
        self.told.append((one.number, kind))
        if kind != "reminder":
            one.told, one.knew = self.revision, one.told

    def changed(self, one: Row) -> None:
        one.change += 1
        self.entries += 1

    def add(self, name: str, mode: Mode, status: str, group: int, kind: str | None = None) -> Row:
        earlier = [one.sequence for one in self.rows if one.name == name]
        sequence = earlier[-1] + 1 if earlier else 0
        row = Row(len(self.rows) + 1, name, mode, status, group, sequence=sequence)
        self.rows.append(row)
        self.entries += 1
        self.tell(row, kind or TOLD[status])
        return row

    # --- everybody ---

    @property
    def revision(self) -> int:
        return len(self.facts) + 1  # the draft before them

    def revised(self, now: datetime) -> None:
        """The event is another from now on; what that makes due is done."""
        self.facts.append((self.rules.starts, self.off_at is not None))
        if self.off_at is not None:
            self.off_at = now
        elif self.rules.reminds > now or self.rules.reminds == self.remind_at:
            self.remind_at = self.rules.reminds
        else:
            self.remind_at = None

    def call_off(self, now: datetime) -> None:
        self.off_at, self.tell_at = now, None
        self.revised(now)
        for one in self.rows:
            if one.status in ACTIVE:
                one.sequence += one.status in SEATED
                self.tell(one, "event_cancelled")
                self.changed(one)

    def take_back(self, now: datetime, withdrawn: set[int]) -> None:
        self.off_at = None
        self.revised(now)
        for one in self.rows:
            if one.number in withdrawn and one.status in ACTIVE:
                one.told = one.knew
                self.changed(one)
        self.settle(now)

    def untold(self) -> list[Row]:
        now = self.facts[-1]
        if self.off_at is not None:
            return []
        return [o for o in self.rows if o.status in ACTIVE and self.facts[o.told - 2] != now]

    def tick(self, now: datetime) -> None:
        self.settle(now)
        if self.off_at is None and self.remind_at is not None and self.remind_at <= now:
            self.remind_at = None
            for one in self.rows:
                if one.status == "confirmed":
                    self.tell(one, "reminder")
                    self.changed(one)
        if self.tell_at is not None and self.tell_at <= now:
            self.tell_at = None
            for one in self.untold():
                self.tell(one, "change")
                self.changed(one)

    # --- time ---

    def offer_ends(self, now: datetime) -> datetime:
        """Noon of a weekday, at least a day away: looked for minute by minute would do as well."""
        for day in range(10):
            local = now.astimezone(COPENHAGEN).date() + timedelta(days=day)
            noon = datetime(local.year, local.month, local.day, 12, tzinfo=COPENHAGEN)
            utc = noon.astimezone(UTC)
            if local.isoweekday() <= 5 and utc - now >= timedelta(hours=24):
                return min(utc, self.rules.offers_close)
        raise AssertionError("no working day in ten")

    def settle(self, now: datetime) -> None:
        if self.off_at is not None:
            for one in self.rows:
                if one.status == "offered" and now >= self.off_at + timedelta(minutes=5):
                    one.status = "expired"  # who was told that it is called off
                    self.changed(one)
            return
        ended = now >= self.rules.offers_close
        for one in self.rows:
            if one.status == "offered" and (ended or (one.ends and now >= one.ends)):
                self.to(one, "expired")
        for mode in (ROOM, ONLINE):
            for group in self.line(mode):
                if ended:
                    for one in group:
                        self.to(one, "expired")
                elif self.room_for(len(group), mode):
                    self.promote(group, now)
                else:
                    break

    def promote(self, group: list[Row], now: datetime) -> None:
        rules = self.rules
        near = rules.offers_from is not None and now >= (
            datetime.combine(
                (rules.starts - rules.offers_from).date(), datetime.min.time(), COPENHAGEN
            ).astimezone(UTC)
        )
        for one in group:
            if near:
                one.ends = self.offer_ends(now)
            self.to(one, "offered" if near else "confirmed")

    # --- moves ---

    def register(
        self, names: list[str], mode: Mode, key: str, now: datetime, *, staff: bool
    ) -> bool:
        said = (tuple(names), mode)
        self.settle(now)
        if key in self.forms:
            return self.forms[key][0] == said
        rules = self.rules
        capacity = rules.capacity(mode)
        late = now >= rules.joining_closes
        twice = len(set(names)) < len(names) or any(self.active(name) for name in names)
        if self.off_at or late or twice or (capacity is not None and len(names) > capacity):
            return False
        if not self.line(mode) and self.room_for(len(names), mode):
            status = "confirmed"
        elif rules.waiting_list and now < rules.offers_close:
            status = "waiting"
        else:
            return False  # nobody is asked to approve what there is no room for
        if rules.approval and not staff:
            status = "pending"
        group = len(self.rows) + 1
        made = [self.add(name, mode, status, group) for name in names]
        self.forms[key] = (said, [one.number for one in made])
        return True

    def cancel(self, numbers: list[int], now: datetime) -> bool:
        self.settle(now)
        chosen = [self.row(number) for number in sorted(set(numbers))]
        leaving = ("pending", "waiting", "offered", "confirmed")
        if self.off_at or now >= self.rules.starts.astimezone(UTC):
            return False
        if any(one.status not in leaving for one in chosen):
            return False
        for one in chosen:
            self.to(one, "cancelled")
        self.settle(now)
        return True

    def accept(self, number: int, now: datetime) -> bool:
        self.settle(now)
        one = self.row(number)
        if self.off_at or one.status != "offered":
            return False
        for other in self.rows:
            if other.group == one.group and other.status == "offered":
                self.to(other, "confirmed")
                other.ends = None
        return True

    def decline(self, number: int, now: datetime) -> bool:
        self.settle(now)
        if self.off_at or self.row(number).status != "offered":
            return False
        self.to(self.row(number), "declined")
        self.settle(now)
        return True

    def substitute(self, number: int, name: str, now: datetime) -> bool:
        self.settle(now)
        one, own = self.row(number), self.active(name)
        late = now >= self.rules.starts.astimezone(UTC)
        if self.off_at or late or one.status != "confirmed":
            return False
        if own is not None and own.status in SEATED:
            return False
        if own is not None:
            self.to(own, "cancelled")
        self.to(one, "substituted")
        self.add(name, one.mode, "confirmed", one.group, "substitution")
        # Who came alone is a group of one; the substitute too.
        if not any(o.group == one.group for o in self.rows[:-1] if o.number != one.number):
            self.rows[-1].group = self.rows[-1].number
        self.settle(now)
        return True

    def switch(self, number: int, mode: Mode, now: datetime) -> bool:
        self.settle(now)
        one = self.row(number)
        party = [o for o in self.rows if o.group == one.group and o.status in ACTIVE] or [one]
        fits = not self.line(mode) and self.room_for(len(party), mode)
        movable = all(o.status in ("confirmed", "waiting", "offered") for o in party)
        if self.off_at or now >= self.rules.starts.astimezone(UTC) or one.mode is mode:
            return False
        if not fits or not movable or one.status not in ACTIVE:
            return False
        for o in party:
            was = o.status
            o.mode, o.ends = mode, None
            self.to(o, "confirmed", "change" if was == "confirmed" else None)
            o.sequence += was == "confirmed"
        self.settle(now)
        return True

    def split(self, number: int, now: datetime) -> bool:
        self.settle(now)
        group = self.row(number).group
        members = [one for one in self.rows if one.group == group]
        if not self.in_party(number):
            return False
        for one in members:
            one.group = one.number
            self.changed(one)
        self.parties.discard(group)
        self.settle(now)
        return True

    @property
    def parties(self) -> set[int]:
        return self.__dict__.setdefault("_parties", set())

    def in_party(self, number: int) -> bool:
        return self.row(number).group in self.parties

    def approve(self, number: int, now: datetime) -> bool:
        self.settle(now)
        one = self.row(number)
        if self.off_at or one.status != "pending":
            return False
        party = [o for o in self.rows if o.group == one.group and o.status == "pending"]
        first = all(other.number > number for group in self.line(one.mode) for other in group)
        seat = first and self.room_for(len(party), one.mode)
        if not seat and not (self.rules.waiting_list and now < self.rules.offers_close):
            return False
        for o in party:
            self.to(o, "confirmed" if seat else "waiting")
        self.settle(now)
        return True

    def reject(self, number: int, now: datetime) -> bool:
        self.settle(now)
        if self.row(number).status != "pending":
            return False
        self.to(self.row(number), "rejected")
        return True

    def mark(self, number: int, status: str, now: datetime, *, said: bool) -> bool:
        self.settle(now)
        one, starts = self.row(number), self.rules.starts
        morning = datetime(starts.year, starts.month, starts.day, tzinfo=COPENHAGEN)
        since = {"attended": morning, "no_show": starts}.get(status)
        if since is not None and now < since.astimezone(UTC) and not said:
            return False
        came = ("attended", "no_show") if status == "confirmed" else ("confirmed",)
        if self.off_at or one.status not in came:
            return False
        self.to(one, status)
        return True


# --- the machine -----------------------------------------------------------------------------

SEATS = st.sampled_from([2, 1, 3, 4, 0, None])
FEW = st.sampled_from([2, 3, 1, 4])
CROWD = st.lists(
    st.tuples(st.sampled_from([1, 1, 1, 2, 3]), st.sampled_from([ROOM, ROOM, ONLINE])),
    min_size=6,
    max_size=9,
)
"""Who comes first: else most meetings would be over before there is a queue."""


class Desk(RuleBasedStateMachine):
    """Runs a meeting on the store at `url`, and the model beside it."""

    url: str
    plugins: Plugins

    def __init__(self) -> None:
        super().__init__()
        self.keys = itertools.count(1)
        self.used: dict[str, tuple[list[str], Mode, Actor]] = {}
        self.store: Store | None = None

    @initialize(
        room=FEW,
        online=FEW,
        month=st.sampled_from([3, 6, 10]),
        ahead=st.sampled_from([1, 1, 2, 2, 3, 6]),
        offers=st.sampled_from([3, None]),
        waiting_list=st.sampled_from([True, True, True, False]),
        approval=st.sampled_from([False, True, False]),
        crowd=CROWD,
    )
    def announce(
        self,
        room: int | None,
        online: int | None,
        month: int,
        ahead: int,
        offers: int | None,
        waiting_list: bool,
        approval: bool,
        crowd: list[tuple[int, Mode]],
    ) -> None:
        """A meeting in a week or so; in March and October the clocks change before it."""
        starts = {
            3: datetime(2026, 3, 31, 9, 30, tzinfo=COPENHAGEN),
            6: datetime(2026, 6, 10, 9, 30, tzinfo=COPENHAGEN),
            10: datetime(2026, 10, 27, 9, 30, tzinfo=COPENHAGEN),
        }[month]
        self.rules = Rules(
            room=room,
            online=online,
            starts=starts,
            deadline=None,
            offers_from=None if offers is None else timedelta(days=offers),
            offers_until=None,
            waiting_list=waiting_list,
            approval=approval,
        )
        self.now = starts.astimezone(UTC) - timedelta(days=ahead, hours=3)
        self.id = f"26-{next(_IDS)}"
        self.model = Model(self.rules)
        filled = "notices journal vevents registrations seats revisions events"
        tamper(self.url, *(f"DELETE FROM {table}" for table in filled.split()))
        self.open()
        event = Event(
            id=self.id,
            uid=f"{self.id}@example.dk",
            title="Netværksmøde",
            starts=starts,
            ends=starts + timedelta(hours=5),
            venue=Venue(name="Fælleshuset"),
            online=OnlineAccess(provider="Teams"),
            capacity=room,
            online_capacity=online,
            offers_from=None if offers is None else Before(days=offers),
            waiting_list=waiting_list,
            approval=approval,
        )
        assert isinstance(self.office.import_events(Imported(events=[event]), actor=STAFF), Allowed)
        assert isinstance(self.office.publish(self.id, actor=STAFF), Allowed)
        self.model.revised(self.now)
        names = iter(NAMES)
        for size, mode in crowd:
            self.register_(list(itertools.islice(names, size)), mode, PUBLIC)

    def open(self) -> None:
        self.store = Store.open(self.url)
        self.office = Office(self.store, self.plugins, Settings(), clock=lambda: self.now)

    def teardown(self) -> None:
        if self.store is not None:
            self.store.close()

    def agree(self, allowed: bool, decision: Any) -> None:
        """Both say yes, or both say no."""
        assert isinstance(decision, Allowed) is allowed, decision

    def person(self, name: str) -> Person:
        return Person(name=name, email="faelles@example.dk")  # caretakers share mailboxes

    def one_of(self, pick: int) -> int:
        return pick % len(self.model.rows) + 1

    @property
    def is_time_to_call_off(self) -> bool:
        """Now and then, and more often while somebody is offered a seat."""
        offered = any(one.status == "offered" for one in self.model.rows)
        return len(self.model.facts) % 3 == 2 or (offered and len(self.model.rows) % 2 == 1)

    # --- moves ---

    @rule(
        names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=3),
        mode=st.sampled_from(Mode),
        staff=st.booleans(),
    )
    def register(self, names: list[str], mode: Mode, staff: bool) -> None:
        self.register_(names, mode, STAFF if staff else PUBLIC)

    def register_(self, names: list[str], mode: Mode, actor: Actor) -> None:
        key = f"{self.id}-{next(self.keys)}"
        self.used[key] = (names, mode, actor)
        self.send(key, names, mode, actor)

    def send(self, key: str, names: list[str], mode: Mode, actor: Actor) -> None:
        before = len(self.model.rows)
        known = self.model.forms.get(key)
        allowed = self.model.register(names, mode, key, self.now, staff=actor is STAFF)
        if allowed and known is None and len(names) > 1:
            self.model.parties.add(before + 1)
        signup = Signup(people=[self.person(name) for name in names], key=key, mode=mode)
        decision = self.office.register(self.id, signup, actor=actor)
        self.agree(allowed, decision)
        if isinstance(decision, Allowed):
            numbers = [one.number for one in decision.value.registrations]
            assert set(self.model.forms[key][1]) <= set(numbers)

    @precondition(lambda self: self.used)
    @rule(pick=st.integers(0, 99), other=st.booleans())
    def send_again(self, pick: int, other: bool) -> None:
        """The same form twice; or its key with another name in it."""
        key, (names, mode, actor) = list(self.used.items())[pick % len(self.used)]
        if other and key in self.model.forms:
            self.model.settle(self.now)
            signup = Signup(people=[self.person("@")], key=key, mode=mode)
            decision = self.office.register(self.id, signup, actor=actor)
            assert isinstance(decision, Refused)
            assert [reason.code for reason in decision.reasons] == ["key_reused"]
        else:
            self.send(key, names, mode, actor)

    @precondition(lambda self: self.model.rows)
    @rule(
        picks=st.lists(st.integers(0, 99), min_size=1, max_size=3),
        of=st.sampled_from(["confirmed", "confirmed", "offered", "waiting", ""]),
    )
    def cancel(self, picks: list[int], of: str) -> None:
        some = [one.number for one in self.model.rows if one.status == of]
        numbers = [some[pick % len(some)] if some else self.one_of(pick) for pick in picks]
        allowed = self.model.cancel(numbers, self.now)
        self.agree(allowed, self.office.cancel(self.id, numbers, actor=PUBLIC))

    @precondition(lambda self: any(one.status == "offered" for one in self.model.rows))
    @rule(
        pick=st.integers(0, 99),
        what=st.sampled_from(["accept", "decline"]),
        days=st.sampled_from([0, 0, 1, 2]),
    )
    def answer(self, pick: int, what: str, days: int) -> None:
        """In time, or so many days later, when the time may be out."""
        self.now += timedelta(days=days)
        offered = [one.number for one in self.model.rows if one.status == "offered"]
        number = offered[pick % len(offered)] if offered else self.one_of(pick)
        if what == "accept":
            allowed = self.model.accept(number, self.now)
            self.agree(allowed, self.office.accept(self.id, number, actor=PUBLIC))
        else:
            allowed = self.model.decline(number, self.now)
            self.agree(allowed, self.office.decline(self.id, [number], actor=PUBLIC))

    @precondition(lambda self: self.model.rows)
    @rule(pick=st.integers(0, 99), name=st.sampled_from(NAMES))
    def substitute(self, pick: int, name: str) -> None:
        number = self.one_of(pick)
        party = self.model.in_party(number)
        allowed = self.model.substitute(number, name, self.now)
        if allowed and party:
            self.model.rows[-1].group = self.model.row(number).group
        decision = self.office.substitute(self.id, number, self.person(name), actor=PUBLIC)
        self.agree(allowed, decision)

    @precondition(lambda self: self.model.rows)
    @rule(pick=st.integers(0, 99), mode=st.sampled_from(Mode))
    def switch(self, pick: int, mode: Mode) -> None:
        number = self.one_of(pick)
        allowed = self.model.switch(number, mode, self.now)
        self.agree(allowed, self.office.switch(self.id, number, mode, actor=PUBLIC))

    @precondition(lambda self: self.model.rows)
    @rule(
        pick=st.integers(0, 99),
        what=st.sampled_from(["split", "approve", "reject", "check_in", "no_show", "undo"]),
        reason=st.sampled_from(["Står her allerede", ""]),
    )
    def staff(self, pick: int, what: str, reason: str) -> None:
        said = bool(reason)
        wanted = {"approve": "pending", "reject": "pending", "undo": "attended"}.get(what)
        some = [one.number for one in self.model.rows if one.status == wanted]
        number = some[pick % len(some)] if some else self.one_of(pick)
        moves: dict[str, Callable[[], bool]] = {
            "split": lambda: self.model.split(number, self.now),
            "approve": lambda: self.model.approve(number, self.now),
            "reject": lambda: self.model.reject(number, self.now),
            "check_in": lambda: self.model.mark(number, "attended", self.now, said=said),
            "no_show": lambda: self.model.mark(number, "no_show", self.now, said=said),
            "undo": lambda: self.model.mark(number, "confirmed", self.now, said=said),
        }
        allowed = moves[what]()
        ask = getattr(self.office, what)
        one = what in ("split", "approve")
        decision = ask(self.id, number if one else [number], actor=STAFF, reason=reason)
        self.agree(allowed, decision)

    @rule(room=SEATS, online=SEATS)
    def change_seats(self, room: int | None, online: int | None) -> None:
        """Other capacities, as often lower as higher than what is taken."""
        self.rules.room, self.rules.online = room, online
        self.change()

    @rule(moved=st.sampled_from([1, -1, 3]))
    def move(self, moved: int) -> None:
        """Another day, with all that is counted from it."""
        self.rules.starts += timedelta(days=moved)
        if self.rules.deadline is not None:
            self.rules.deadline += timedelta(days=moved)
        self.change()

    @rule(days=st.sampled_from([1, 2, None]))
    def change_deadline(self, days: int | None) -> None:
        """Another last day to join, or none."""
        before = None if days is None else self.rules.starts.date() - timedelta(days=days)
        self.rules.deadline = before
        self.change()

    @rule(days=st.sampled_from([0, None, 1]))
    def change_offers(self, days: int | None) -> None:
        """Another end of offers: so many days before the start, or at once."""
        until = None if days is None else self.rules.starts - timedelta(days=days)
        self.rules.offers_until = self.now.astimezone(COPENHAGEN) if days == 0 else until
        self.change()

    def change(self) -> None:
        """Tell the office what the rules say now, and the model what that makes due."""
        rules, current = self.rules, self.office.revision(self.id)
        event = evolve(
            current.event,
            capacity=rules.room,
            online_capacity=rules.online,
            starts=rules.starts,
            ends=rules.starts + timedelta(hours=5),
            deadline=rules.deadline,
            offers_until=rules.offers_until,
        )
        decision = self.office.change(event, base=current.number, actor=STAFF)
        assert isinstance(decision, Allowed), decision
        if decision.value.number > current.number:
            self.model.revised(self.now)
            self.model.settle(self.now)

    @precondition(lambda self: self.model.off_at is None and self.is_time_to_call_off)
    @rule(back=st.sampled_from([False, True, None]))
    def call_off(self, back: bool | None) -> None:
        """Mostly it is held after all, before anybody is told (True: or after)."""
        self.model.call_off(self.now)
        base = self.office.revision(self.id).number
        decision = self.office.call_off(self.id, base=base, actor=STAFF, reason="Sne")
        self.agree(True, decision)
        if back is None:
            again = self.office.call_off(self.id, base=base + 1, actor=STAFF, reason="Sne")
            self.agree(False, again)
        else:
            self.take_back_(late=back)

    @precondition(lambda self: self.model.off_at is not None)
    @rule(late=st.booleans())
    def take_back(self, late: bool) -> None:
        self.take_back_(late=late)

    def take_back_(self, *, late: bool) -> None:
        assert self.store is not None
        if late:
            self.now += timedelta(minutes=6)
            self.tick()
            self.deliver()
        owed = self.store.outbox.parcels(self.id, ("owed",))
        off = {one.notice.registration for one in owed if one.notice.kind == "event_cancelled"}
        self.model.take_back(self.now, {number for number in off if number is not None})
        base = self.office.revision(self.id).number
        self.agree(True, self.office.take_back(self.id, base=base, actor=STAFF))

    def deliver(self) -> None:
        """What is due goes out, as far as the database knows."""
        with self.store.filling() as connection:  # type: ignore[union-attr]
            due = sa.update(tables.notices).where(tables.notices.c.next_at <= self.now)
            connection.execute(due.values(state="sent"))

    @precondition(lambda self: len(self.model.facts) % 3 == 0)
    @rule(thought_better=st.sampled_from([False, False, True]))
    def send_changes(self, thought_better: bool) -> None:
        """Everybody whom it concerns is told what is new, in five minutes."""
        untold = self.model.untold()
        assert [one.number for one in self.office.untold(self.id)] == [o.number for o in untold]
        self.model.tell_at = self.now + timedelta(minutes=5) if untold else None
        assert self.office.send_changes(self.id, actor=STAFF) == self.model.tell_at
        if thought_better:
            self.model.tell_at = None
            self.office.keep_changes(self.id, actor=STAFF)

    @rule(
        step=st.sampled_from(
            [timedelta(hours=1), timedelta(minutes=1), timedelta(hours=13), timedelta(days=1)]
        )
    )
    def wait(self, step: timedelta) -> None:
        self.now += step

    @rule()
    def tick(self) -> None:
        self.model.tick(self.now)
        self.office.settle()
        assert self.office.settle() == (), "what was due is done"

    @rule()
    def restart(self) -> None:
        """What is not in the database is nowhere."""
        self.teardown()
        self.open()

    # --- what always holds ---

    @invariant()
    def the_store_is_the_model(self) -> None:
        if self.store is None:
            return
        found = self.office.registrations(self.id)
        assert [
            (o.number, o.person.name, o.mode, o.status.value, o.sequence, o.change, o.told)
            for o in found
        ] == [
            (o.number, o.name, o.mode, o.status, o.sequence, o.change, o.told)
            for o in self.model.rows
        ]
        offers = {one.number: one.offer_ends for one in found if one.status == "offered"}
        assert offers == {o.number: o.ends for o in self.model.rows if o.status == "offered"}

    @invariant()
    def each_change_is_told_and_written_down_once(self) -> None:
        if self.store is None:
            return
        notices = [(one.registration, one.kind.value) for one in self.store.notices(self.id)]
        assert sorted(notices) == sorted(self.model.told)
        entries = [one for one in self.store.journal(self.id) if one.registration is not None]
        assert len(entries) == self.model.entries

    @invariant()
    def everything_adds_up(self) -> None:
        if self.store is not None:
            assert self.store.audit() == ()

    @invariant()
    def nobody_sits_beyond_capacity(self) -> None:
        """Looked at entry by entry, with the capacity there was at that moment."""
        if self.store is None:
            return
        seats: dict[Mode, int] = {ROOM: 0, ONLINE: 0}
        modes: dict[int, Mode] = {}
        held: set[int] = set()
        capacity: dict[Mode, int | None] = {}
        history = {one.number: one.event for one in self.store.history(self.id)}
        for entry in self.store.journal(self.id):
            if entry.registration is None:
                if "revision" not in entry.data:
                    continue
                event = history[entry.data["revision"]]
                capacity = {ROOM: event.capacity, ONLINE: event.online_capacity}
                continue
            number, data = entry.registration, entry.data
            before = modes.get(number)
            modes[number] = Mode(data["mode"]) if "mode" in data else modes[number]
            if number in held and before is not None:
                seats[before] -= 1
                held.discard(number)
            if data["to"] in (*SEATED, "offered"):
                seats[modes[number]] += 1
                held.add(number)
                most = capacity[modes[number]]
                new = data["from"] not in (*SEATED, "offered") or before is not modes[number]
                if new and entry.action != "substitute":
                    assert most is None or seats[modes[number]] <= most, entry


@pytest.fixture(scope="module")
def plugins_off() -> Plugins:
    found = {info.name for info in Plugins.load().infos}
    return Plugins.load(off=[name for name in ("danish", "announcement") if name in found])


PHASES = [Phase.explicit, Phase.reuse, Phase.generate]


def run(url: str, plugins: Plugins, examples: int, steps: int) -> set[tuple[str, str]]:
    """Run so many meetings; the steps they took."""
    Store.create(url).close()
    SEEN.clear()
    machine = type("DeskOf", (Desk,), {"url": url, "plugins": plugins})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            phases=PHASES,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return set(SEEN)


def test_the_desk_is_the_model(url: str, plugins_off: Plugins) -> None:
    """Some dozens of meetings, on each store; in some of them people move up."""
    seen = run(url, plugins_off, examples=15, steps=30)
    assert {before for before, _ in seen} >= {"waiting", "confirmed"}


@pytest.mark.deep
def test_the_desk_is_the_model_for_long(url: str, plugins_off: Plugins) -> None:
    """A hundred and fifty longer ones, in which people move up, are offered seats, and answer."""
    seen = run(url, plugins_off, examples=150, steps=50)
    assert seen >= {("waiting", "confirmed"), ("waiting", "offered"), ("confirmed", "cancelled")}
    assert {before for before, _ in seen} >= {"waiting", "confirmed", "offered"}
