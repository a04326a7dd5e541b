"""The reception: what can be done at the desk of an event, and for whom.

Each command asks plugins while nothing is held, then holds the event's ledger while it decides, and
saves all of it in one commit. What is decided, and why not, is `eventkit.rules.desk`'s.

It is long because it is one list: what one can do, a method each.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, NotRequired, TypedDict, TypeVar, Unpack

from attrs import evolve

from eventkit.formats.links import Links
from eventkit.model.decision import Allowed, Decision, Reason, Refused
from eventkit.model.errors import Fault, NotFoundError, SettingsError, StoreError
from eventkit.model.event import Event, Revision, Status
from eventkit.model.registration import Entry, Notice, Outcome, Registration, Signup, Standing
from eventkit.model.values import SYSTEM, Actor, Invoice, Mode, Money, Person, Role, Side, instant
from eventkit.office import erasures, tables
from eventkit.office.ledger import DaysOff, Ledger
from eventkit.office.settings import Settings
from eventkit.office.store import OvertakenError, Store
from eventkit.plugins.manager import Holidays, Plugins
from eventkit.rules import desk, forms, telling
from eventkit.rules.deadlines import over
from eventkit.rules.seating import NO_NEWS, Book, Turn

A = TypeVar("A")
T = TypeVar("T")


class Said(TypedDict):
    """What every command at the desk is told besides.

    Who acts, and why, where staff go past a rule. With `at` it is only said how it would be decided
    then, and nothing is saved.
    """

    actor: Actor
    reason: NotRequired[str]
    at: NotRequired[datetime | None]


TRIES = 50
"""How often a command decides anew before it gives up on a database that never rests."""


def _clock() -> datetime:
    return datetime.now(UTC)


def _nobody(revision: Revision) -> Any:
    """What plugins say where none is asked."""


class Reception:
    """The use cases of the desk. `Office` adds those of events.

    It holds the only clock and reads it once for each command. Safe to share between threads.
    """

    def __init__(
        self,
        store: Store,
        plugins: Plugins,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = _clock,
    ) -> None:
        self.store = store
        self.plugins = plugins
        self.settings = settings
        self._clock = clock
        self._days_off: dict[int, Holidays] = {}
        self._inviters: dict[str, str] = {}

    def now(self) -> datetime:
        """This moment, UTC."""
        return instant(self._clock())

    # --- links ---

    @property
    def links(self) -> Links:
        """The personal links of the site."""
        return Links(self.settings.secret, self.settings.base_url)

    def by_link(self, token: str, links: Links | None = None) -> tuple[Registration, bool]:
        """Whose page a link leads to, and whether it was given to who signed them up.

        Raises `NotFoundError` where it leads nowhere any more.

        `links` are a site's, where it runs without a secret and made one for itself.
        """
        links = links or self.links
        claim = links.read(token) if links.secret else None
        one = None if claim is None else self.store.registration(claim.event, claim.number)
        if claim is None or one is None or not claim.fits(one):
            raise NotFoundError("this link leads nowhere any more", code="unknown_link")
        return one, claim.booker

    def check_mailing(self) -> None:
        """Raise `SettingsError` where a mail could hold no link: what must be set first."""
        faults = [
            Fault(name, f"{name}_missing", f"set {name} before mail can go out")
            for name in ("base_url", "secret")
            if not getattr(self.settings, name)
        ]
        if faults:
            raise SettingsError(faults, code="bad_settings")

    def inviter(self, revision: Revision) -> str:
        """Who writes about an event (``Name <address>``): for whom it was first announced.

        Calendars change and take out only what the same one put in, whoever holds the event by now.
        """
        event_id = str(revision.event.id)
        if event_id not in self._inviters:
            first = self.store.first_announced(event_id)
            event = revision.event if first is None else self.revision(event_id, first).event
            organiser = event.organiser
            sender = self.settings.sender_of(None if organiser is None else organiser.slug)
            if first is None:
                return sender
            self._inviters[event_id] = sender
        return self._inviters[event_id]

    def revision(self, event_id: str, number: int | None = None) -> Revision:
        """An event of any status, as it is or as it was; raises `NotFoundError`."""
        found = self.store.revision(event_id, number) if is_id(event_id) else None
        if found is None:
            raise unknown(event_id)
        return found

    # --- coming, going, moving up ---

    def register(
        self,
        event_id: str,
        signup: Signup,
        *,
        role: Role = Role.PARTICIPANT,
        item: str | None = None,
        promised: Standing | None = None,
        agreed: Money | None = None,
        **said: Unpack[Said],
    ) -> Decision[Outcome]:
        """Take in everybody of `signup`, or nobody; not for less than a form `promised`, nor for
        more a person than was `agreed`.

        Plugins are asked while nothing is held.
        """
        return self._at_desk(
            event_id,
            partial(desk.register, signup, role=role, item=item, promised=promised, agreed=agreed),
            asking=signup,
            key=signup.key,
            people=_people_of(signup),
            **said,
        )

    def register_all(
        self,
        event_id: str,
        signups: Sequence[tuple[Signup, Role]],
        *,
        some: bool = False,
        whole: bool = True,
        **said: Unpack[Said],
    ) -> tuple[tuple[Decision[Outcome], ...], bool]:
        """Take in these in order and in one commit: all of them, or with `some` those who can.

        The answer is that to each, and whether they are saved. Who is there already is taken in no
        second time and holds nobody back; who stands twice in `signups` does. So does somebody
        who is not among them although they should be: then they are not the `whole`.
        """
        at = said.get("at")
        now = instant(at or self.now())
        holidays = self._holidays(now)
        people = {who for signup, _ in signups for who in _people_of(signup) if who}
        keys = {signup.key for signup, _ in signups}

        def ask(revision: Revision) -> list[Callable[..., Decision[Outcome]]]:
            return [
                partial(
                    desk.register,
                    signup,
                    role=role,
                    vetoes=self.plugins.vetoes(revision.event, signup, now),
                    now=now,
                    actor=said["actor"],
                    reason=said.get("reason", ""),
                )
                for signup, role in signups
            ]

        def decide(
            ledger: Ledger, revision: Revision, asked: list[Callable[..., Decision[Outcome]]]
        ) -> tuple[tuple[Decision[Outcome], ...], bool]:
            book = ledger.book(revision, now=now, holidays=holidays)
            due = desk.settle(book, now=now)
            known = _Known((*ledger.came(people, keys), *due.registrations))
            decisions, outcome = _in_order(signups, asked, book, due, known)
            saved = some or (whole and not any(map(_holds_back, decisions)))
            if at is None:
                _save(ledger, outcome if saved else due, revision, now)
            return decisions, saved and at is None

        return self._with_ledger(event_id, decide, ask, at=at)

    def cancel(
        self,
        event_id: str,
        numbers: Collection[int],
        *,
        agreed: Mapping[int, Money] | None = None,
        **said: Unpack[Said],
    ) -> Decision[Outcome]:
        """Take these out, for no more than each was told that it costs."""
        command = partial(desk.cancel, numbers, agreed=agreed)
        return self._at_desk(event_id, command, numbers=numbers, **said)

    def substitute(
        self,
        event_id: str,
        number: int,
        person: Person,
        answers: Mapping[str, Any] | None = None,
        **said: Unpack[Said],
    ) -> Decision[Outcome]:
        """Let `person` take over a seat."""
        booker = self.registration(event_id, number).booker
        return self._at_desk(
            event_id,
            partial(desk.substitute, number, person, answers=answers),
            numbers=(number,),
            people=(forms.identity(person, booker),),
            **said,
        )

    def accept(
        self,
        event_id: str,
        number: int,
        *,
        alone: bool = False,
        agreed: Money | None = None,
        **said: Unpack[Said],
    ) -> Decision[Outcome]:
        """Take the seat that was offered, and unless `alone` those of who waits along; not for more
        each than was `agreed`.
        """
        command = partial(desk.accept, number, alone=alone, agreed=agreed)
        return self._at_desk(event_id, command, numbers=(number,), **said)

    def decline(
        self, event_id: str, numbers: Collection[int], **said: Unpack[Said]
    ) -> Decision[Outcome]:
        """Say no to the seats that were offered."""
        return self._at_desk(event_id, partial(desk.decline, numbers), numbers=numbers, **said)

    def switch(
        self, event_id: str, number: int, mode: Mode, **said: Unpack[Said]
    ) -> Decision[Outcome]:
        """Move somebody, and their party, to the room or online."""
        command = partial(desk.switch, number, mode)
        return self._at_desk(event_id, command, numbers=(number,), **said)

    def edit(
        self,
        event_id: str,
        number: int,
        *,
        person: Person | None = None,
        answers: Mapping[str, Any] | None = None,
        invoice: Invoice | None = None,
        **said: Unpack[Said],
    ) -> Decision[Outcome]:
        """Correct a registration; None leaves it as it is."""
        one = self.registration(event_id, number)
        return self._at_desk(
            event_id,
            partial(desk.edit, number, person=person, answers=answers, invoice=invoice),
            numbers=(number,),
            key=one.key,
            formless=person is not None,
            people=() if person is None else tuple(self._known_through(one, person)),
            **said,
        )

    def _known_through(self, one: Registration, person: Person) -> Iterator[str]:
        """Who `one` and those they signed up are, and once they are `person`."""
        yield from (forms.identity_of(one), forms.identity(person, one.booker))
        now, revision = self.now(), self.revision(one.event)
        with self.store.looking(one.event) as ledger:
            book = ledger.book(revision, now=now, numbers=(one.number,), key=one.key, formless=True)
        for other in Turn(book, now=now, actor=SYSTEM).booked_by(one):
            yield from (forms.identity_of(other), forms.identity(other.person, person))

    def approve(self, event_id: str, number: int, **said: Unpack[Said]) -> Decision[Outcome]:
        """Let in who asked to come."""
        command = partial(desk.approve, number)
        return self._at_desk(event_id, command, numbers=(number,), head=True, **said)

    def reject(
        self, event_id: str, numbers: Collection[int], **said: Unpack[Said]
    ) -> Decision[Outcome]:
        """Say no to who asked to come."""
        return self._at_desk(event_id, partial(desk.reject, numbers), numbers=numbers, **said)

    def split(self, event_id: str, number: int, **said: Unpack[Said]) -> Decision[Outcome]:
        """Let a party sit or wait one by one."""
        return self._at_desk(event_id, partial(desk.split, number), numbers=(number,), **said)

    def check_in(
        self, event_id: str, numbers: Collection[int], **said: Unpack[Said]
    ) -> Decision[Outcome]:
        """Note that these have come."""
        return self._at_desk(event_id, partial(desk.check_in, numbers), numbers=numbers, **said)

    def no_show(
        self, event_id: str, numbers: Collection[int], **said: Unpack[Said]
    ) -> Decision[Outcome]:
        """Note that these stayed away."""
        return self._at_desk(event_id, partial(desk.no_show, numbers), numbers=numbers, **said)

    def undo(
        self, event_id: str, numbers: Collection[int], **said: Unpack[Said]
    ) -> Decision[Outcome]:
        """Take back that these came, or stayed away."""
        return self._at_desk(event_id, partial(desk.undo, numbers), numbers=numbers, **said)

    def send_link(self, event_id: str, number: int, **said: Unpack[Said]) -> Decision[Outcome]:
        """Owe a person the link to their place again."""
        return self._at_desk(event_id, partial(desk.send_link, number), numbers=(number,), **said)

    def renew_link(self, event_id: str, number: int, **said: Unpack[Said]) -> Decision[Outcome]:
        """Owe a person a new link to their place; those they had lead nowhere any more."""
        return self._at_desk(event_id, partial(desk.renew_link, number), numbers=(number,), **said)

    def find(self, email: str) -> None:
        """Owe an address its links to what is still to come; whether there is any is not told.

        Who signed others up gets one for all of them.
        """
        moment = self.now()
        digest = tables.digest(email.strip().casefold()) or ""
        found = [one for one in self.store.of_address(digest) if one.status.is_active]
        booked = {(one.event, one.key) for one in found if one.booker is None}
        for one in found:
            event = self.revision(one.event).event
            is_on = event.status is not Status.CANCELLED and moment < instant(over(event))
            if is_on and (one.booker is None or (one.event, one.key) not in booked):
                # A refusal is that they have just had it, which is told to nobody here.
                self.send_link(one.event, one.number, actor=Actor(Side.PUBLIC, one.id))

    def erase(
        self, event_id: str, number: int, *, actor: Actor, reason: str = ""
    ) -> Decision[Outcome]:
        """Take out who a registration was, once they no longer come or the event is over.

        It cannot be undone, and a backup does not bring them back: `eventkit.office.erasures`.
        """
        now = self.now()
        holidays = self._holidays(now)
        one = self.registration(event_id, number)

        def decide(ledger: Ledger, revision: Revision, _: None) -> Decision[Outcome]:
            return erasures.erase(
                ledger,
                revision,
                one,
                now=now,
                actor=actor,
                reason=reason,
                holidays=holidays,
                record=erasures.Record.of(self.store),
            )

        decision = self._with_ledger(event_id, decide)
        if isinstance(decision, Allowed):
            with suppress(StoreError):  # it is done; what is left in a file goes the next time
                self.store.scrub()
        return decision

    def settle(self) -> tuple[str, ...]:
        """Do what is due at every desk: offers expire, the next move up, people are reminded and
        told what is new. Where it was so.

        An event that cannot be read keeps no other waiting: the first `StoreError` is raised at
        the end.
        """
        now = self.now()
        done: list[str] = []
        failed: list[StoreError] = []
        for event_id in self.store.due(now):
            try:
                if self._with_ledger(event_id, partial(self._due, now)):
                    done.append(event_id)
            except StoreError as error:
                failed.append(error)
        if failed:
            raise failed[0]
        return tuple(done)

    def _due(self, now: datetime, ledger: Ledger, revision: Revision, _: None) -> bool:
        """Do what is due at one desk; whether anything was."""
        book = ledger.book(revision, now=now, holidays=self._holidays(now))
        outcome = desk.settle(book, now=now)
        entries, moment = len(outcome.entries), instant(now)
        _save(ledger, outcome, revision, now)
        is_on = revision.event.status is Status.PUBLISHED

        def do(what: Callable[[Book], Outcome]) -> int:
            outcome = what(ledger.book(revision, now=now, active=True))
            ledger.save(outcome, revision, now=now)
            return len(outcome.entries)

        if is_on and _has_come(ledger.remind_at, moment):
            ledger.remind_at = None
            entries += do(partial(telling.remind, now=now))
        if is_on and _has_come(ledger.count_at, moment):
            ledger.count_at = None
            entries += do(partial(telling.count, now=now))
        if _has_come(ledger.tell_at, moment):
            ledger.tell_at = None
            entries += do(lambda book: telling.tell(book, self._told_before(book), now=now))
        return entries > 0

    def _told_before(self, book: Book) -> dict[int, Event]:
        """The event as it was in each revision that anybody in `book` was told."""
        event_id = str(book.event.id)
        numbers = {one.told for one in book.registrations if one.told is not None}
        return {number: self.revision(event_id, number).event for number in numbers}

    def untold(self, event_id: str) -> tuple[Registration, ...]:
        """Whom it concerns what has changed since they were last told: the drafted notice."""
        now, revision = self.now(), self.revision(event_id)
        with self.store.looking(event_id) as ledger:
            book = ledger.book(revision, now=now, active=True)
        return telling.untold(book, self._told_before(book))

    def queue(self, event_id: str, mode: Mode) -> tuple[desk.Next, ...]:
        """Who waits in one mode, in order: who is next, and why."""
        now, revision = self.now(), self.revision(event_id)
        holidays = self._holidays(now)
        with self.store.looking(event_id) as ledger:
            book = ledger.book(revision, now=now, holidays=holidays, whole_queue=True)
        return desk.preview(book, mode, now=now)

    def registration(self, event_id: str, number: int) -> Registration:
        """One registration; raises `NotFoundError`."""
        found = self.store.registration(event_id, number) if is_id(event_id) else None
        if found is None:
            raise unknown_registration(f"{event_id}-{number}")
        return found

    def signed_up(self, event_id: str, number: int) -> tuple[Registration, ...]:
        """Those who came by the form of `number`, in its order; raises `NotFoundError`."""
        one, now = self.registration(event_id, number), self.now()
        if not one.key:
            return (one,)
        with self.store.looking(event_id) as ledger:
            book = ledger.book(self.revision(event_id), now=now, key=one.key)
        found = (other for other in book.registrations if other.key == one.key)
        return tuple(sorted(found, key=lambda other: other.place))

    def place(self, one: Registration) -> int | None:
        """The place of `one` on the waiting list, from 1; None where it does not wait."""
        return self.store.ahead_of(one) + 1 if one.status is Standing.WAITING else None

    def registrations(self, event_id: str) -> tuple[Registration, ...]:
        """Everybody at an event, in order of arrival; raises `NotFoundError`."""
        self.revision(event_id)
        return self.store.registrations(event_id)

    def history(self, event_id: str) -> tuple[Revision, ...]:
        """Every revision of an event, the first first; raises `NotFoundError`."""
        self.revision(event_id)
        return self.store.history(event_id)

    def journal(self, event_id: str, number: int | None = None) -> tuple[Entry, ...]:
        """What was done to an event, or to one registration, in order; raises `NotFoundError`."""
        if number is None:
            self.revision(event_id)
        else:
            self.registration(event_id, number)
        return self.store.journal(event_id, number)

    def note_reached(self, notice: Notice, *, reached: bool) -> None:
        """Note whether somebody was told what a notice was to tell them; else they are owed it yet.

        They count as told from the moment it is owed, so mostly there is nothing to note.
        """
        since = notice.data.get("since")
        if since is None or notice.registration is None or notice.kind in NO_NEWS:
            return
        was, told = (since, notice.revision) if reached else (notice.revision, since)
        number, now = notice.registration, self.now()
        if self.registration(notice.event, number).told != was:
            return

        def decide(ledger: Ledger, revision: Revision, _: None) -> None:
            book = ledger.book(revision, now=now, numbers=(number,))
            one = next(one for one in book.registrations if one.number == number)
            if one.told == was:
                known = Outcome(registrations=(evolve(one, told=told),))
                ledger.save(known, revision, now=now)

        self._with_ledger(notice.event, decide)

    # --- deciding ---

    def _at_desk(
        self,
        event_id: str,
        command: Callable[..., Decision[Outcome]],
        *,
        actor: Actor,
        reason: str = "",
        at: datetime | None = None,
        now: datetime | None = None,
        asking: Signup | None = None,
        **looked_up: Any,
    ) -> Decision[Outcome]:
        """What the desk answers to one command; what was due before it is saved in any case."""
        now = instant(at or now or self.now())
        holidays = self._holidays(now)

        def ask(revision: Revision) -> Mapping[str, Any]:
            if asking is None:
                return {}
            return {"vetoes": self.plugins.vetoes(revision.event, asking, now)}

        def decide(
            ledger: Ledger, revision: Revision, asked: Mapping[str, Any]
        ) -> Decision[Outcome]:
            book = ledger.book(revision, now=now, holidays=holidays, **looked_up)
            decision = command(book, now=now, actor=actor, reason=reason, **asked)
            if at is None:
                if isinstance(decision, Allowed) and decision.value.entries:
                    outcome = decision.value
                else:  # refused, or nothing new
                    outcome = desk.settle(book, now=now)
                _save(ledger, outcome, revision, now)
            return decision

        return self._with_ledger(event_id, decide, ask, at=at)

    def _with_ledger(
        self,
        event_id: str,
        decide: Callable[[Ledger, Revision, A], T],
        ask: Callable[[Revision], A] = _nobody,
        *,
        at: datetime | None = None,
    ) -> T:
        """What `decide` makes of an event's ledger, which it may save, but not where `at` is given.

        Plugins are asked before, while nothing is held. If the event has moved meanwhile, or
        somebody else took a number first, all of it begins again.
        """
        holding = self.store.holding if at is None else self.store.looking
        revision = self.store.remembered(event_id)
        for _ in range(TRIES):
            revision = revision or self.revision(event_id)
            asked = ask(revision)
            with suppress(OvertakenError), holding(event_id) as ledger:
                if ledger.number == revision.number:
                    return decide(ledger, revision, asked)
                revision = None
        raise self._never_rests()

    def _never_rests(self) -> StoreError:
        return StoreError(
            "the events changed again and again; try once more",
            code="database_busy",
            file=self.store.name,
        )

    def _holidays(self, now: datetime) -> DaysOff:
        """The days of this year and the next on which nobody works for whoever holds an event.

        Plugins are asked now, while nothing is locked.
        """
        this, next_one = self._days_off_in(now.year), self._days_off_in(now.year + 1)

        def days_off(event: Event) -> frozenset[date]:
            without = self.plugins.unasked(event)
            return this.less(without) | next_one.less(without)

        return days_off

    def _days_off_in(self, year: int) -> Holidays:
        """Those of one year; plugins are asked once, unless one of them is in trouble."""
        if (kept := self._days_off.get(year)) is not None:
            return kept
        found = self.plugins.holidays(year)
        if found.whole:
            self._days_off[year] = found
        return found


def _has_come(at: datetime | None, moment: datetime) -> bool:
    return at is not None and instant(at) <= moment


def _save(ledger: Ledger, outcome: Outcome, revision: Revision, now: datetime) -> None:
    """Save what was decided, or at least when to look next; nothing where nothing happened."""
    if outcome.entries or ledger.is_due(now):
        ledger.save(outcome, revision, now=now)


# --- many at once ----------------------------------------------------------------------------


def _people_of(signup: Signup) -> list[str]:
    """Who stands in a sign-up, by `forms.identity`."""
    people = zip(signup.people, forms.bookers(signup), strict=True)
    return [forms.identity(person, booker) for person, booker in people]


class _Known:
    """Registrations by who they are and by the form they came by; the latest of each number."""

    def __init__(self, registrations: Iterable[Registration]) -> None:
        self._of: defaultdict[str, dict[int, Registration]] = defaultdict(dict)
        self.add(registrations)

    def add(self, registrations: Iterable[Registration]) -> None:
        for one in registrations:
            for name in (forms.identity_of(one), f"key {one.key}"):
                self._of[name][one.number] = one

    def of(self, signup: Signup) -> tuple[Registration, ...]:
        """Those whom the desk must see to decide on `signup`."""
        found: dict[int, Registration] = {}
        for name in (*filter(None, _people_of(signup)), f"key {signup.key}"):
            found |= self._of[name]
        return tuple(found.values())


def _in_order(
    signups: Sequence[tuple[Signup, Role]],
    asked: Sequence[Callable[[Book], Decision[Outcome]]],
    book: Book,
    due: Outcome,
    known: _Known,
) -> tuple[tuple[Decision[Outcome], ...], Outcome]:
    """What the desk says to each in turn, and all that must be saved for it.

    Once what was due is done, nobody in line moves while others come; so each decision needs to see
    no more than the counts and the registrations of who asks.
    """
    seats, last = due.seats or book.seats, book.last
    decisions: list[Decision[Outcome]] = []
    made = [due]
    for (signup, _), ask in zip(signups, asked, strict=True):
        decision = ask(evolve(book, seats=seats, last=last, registrations=known.of(signup)))
        if isinstance(decision, Refused):
            decision = _twice(decision, signup, book.last)
        elif decision.value.entries:
            made.append(decision.value)
            known.add(decision.value.registrations)
            seats = decision.value.seats or seats
            last = max(one.number for one in decision.value.registrations)
        decisions.append(decision)
    outcome = Outcome(
        registrations=tuple(one for each in made for one in each.registrations),
        seats=seats,
        notices=tuple(one for each in made for one in each.notices),
        entries=tuple(one for each in made for one in each.entries),
    )
    return tuple(decisions), outcome


def _twice(decision: Refused, signup: Signup, last: int) -> Refused:
    """A refusal that says where somebody is registered only because of a line before theirs."""
    return Refused(
        tuple(
            Reason("twice_in_party", {"path": one.data["path"], "who": one.data["who"]})
            if one.code == "already_registered"
            and int(str(one.data["registration"]).rpartition("-")[2]) > last
            else one
            for one in decision.reasons
        )
    )


def _holds_back(decision: Decision[Outcome]) -> bool:
    """Whether somebody cannot be taken in, who is not there already."""
    return isinstance(decision, Refused) and not any(
        reason.code == "already_registered" for reason in decision.reasons
    )


# --- what is not there ---


def is_id(event_id: str) -> bool:
    """Whether anything could be called so: the rest need not trouble the database."""
    return re.fullmatch(r"\w[\w.-]{0,79}", event_id) is not None


def unknown(event_id: str) -> NotFoundError:
    """That nothing is called so, as far as it can be shown."""
    shown = _shown(event_id, 80)
    return NotFoundError(f"there is no event {shown!r}", code="unknown_event", event=shown)


def unknown_registration(name: str) -> NotFoundError:
    """That nobody is registered under this, as far as it can be shown."""
    shown = _shown(name, 100)
    return NotFoundError(
        f"there is no registration {shown}", code="unknown_registration", registration=shown
    )


def _shown(name: str, length: int) -> str:
    """A name that somebody asked for, on one line."""
    said = "".join(c if c.isprintable() else "?" for c in name[:length])
    return " ".join(said.split()) or '""'
