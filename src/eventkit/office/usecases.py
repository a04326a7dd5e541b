"""What one can do: each command reads, asks plugins, decides and saves, in that order.

`Office` holds the only clock and reads it once for each command. Nothing of a plugin runs while the
database is held. A command on events decides on what it has read, and saves on condition that it
still stands; where an event has moved meanwhile it decides again. A command at the desk of an event
holds its ledger while it decides.

It is long because it is one list: what one can do, a method each.

`published`, `posting`, `upcoming`, `past` and `feed` are for the public: they show no draft, no
link that is not public and nothing that staff wrote for themselves.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, NotRequired, TypedDict, TypeVar, Unpack
from urllib.parse import urlencode
from uuid import uuid4

from attrs import evolve, fields

from eventkit.formats import codec, ical
from eventkit.formats.wording import LANGUAGES, wording
from eventkit.model.decision import Allowed, Decision, Finding, Reason, Refused, Severity
from eventkit.model.errors import NotFoundError, StoreError
from eventkit.model.event import Acknowledgement, Event, Imported, Revision, Status
from eventkit.model.registration import (
    Entry,
    Outcome,
    Registration,
    Seats,
    Signup,
    Standing,
)
from eventkit.model.values import SYSTEM, Actor, Invoice, Mode, Person, Role, instant
from eventkit.office import erasures
from eventkit.office.settings import Settings
from eventkit.office.store import OvertakenError, Store
from eventkit.plugins.hooks import ExportRequest, ImportRequest, Panel, Scope
from eventkit.plugins.manager import Plugins
from eventkit.rules import desk, forms
from eventkit.rules.changes import raises_sequence
from eventkit.rules.seating import Book

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


def read(
    plugins: Plugins,
    settings: Settings,
    data: bytes,
    *,
    filename: str = "",
    name: str | None = None,
) -> Imported:
    """What an importer (the one called `name`, or the one that fits) makes of a file.

    It needs no database. A time without a zone is read in the zone of the events' organiser; whose
    they are the first reading tells, so another zone than everybody's takes a second one.
    Raises as `Plugins.read` does.
    """
    request = ImportRequest(
        data=data, filename=filename, zone=settings.zone, language=settings.language
    )
    importer, imported = plugins.read(request, name)
    owners = {event.organiser.slug if event.organiser else None for event in imported.events}
    if len(owners) == 1:
        own = settings.of(*owners)
        theirs = evolve(
            request, zone=own.zone or request.zone, language=own.language or request.language
        )
        if theirs != request:
            return plugins.read(theirs, importer.name)[1]
    return imported


class Office:
    """The use cases of one database. Safe to share between threads."""

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
        self._days_off: dict[int, frozenset[date]] = {}

    def now(self) -> datetime:
        """This moment, UTC."""
        return instant(self._clock())

    # --- what the public sees ---

    def posting(self, event_id: str) -> tuple[Revision, Seats]:
        """An announced event and its seats; raises `NotFoundError`, for a draft as for none."""
        found = self.store.posted(event_id) if _is_id(event_id) else None
        if found is None:
            raise _unknown(event_id)
        return found

    def published(self, event_id: str) -> Revision:
        """An announced event; raises `NotFoundError`, for a draft as for none."""
        return self.posting(event_id)[0]

    def upcoming(self, now: datetime) -> tuple[Revision, ...]:
        """What is listed and not over at `now`, the next first."""
        return tuple(revision for revision, _ in self.upcoming_postings(now))

    def past(self, now: datetime) -> tuple[Revision, ...]:
        """What is listed and over at `now`, the latest first."""
        return tuple(revision for revision, _ in self.past_postings(now))

    def upcoming_postings(self, now: datetime) -> tuple[tuple[Revision, Seats], ...]:
        """What is listed and not over at `now` with its seats, the next first."""
        return self.store.listed(after=now)

    def past_postings(self, now: datetime) -> tuple[tuple[Revision, Seats], ...]:
        """What is listed and over at `now` with its seats, the latest first."""
        return self.store.listed(before=now)[::-1]

    def feed(
        self,
        *,
        language: str,
        series: str | None = None,
        organiser: str | None = None,
        kind: str | None = None,
    ) -> bytes:
        """Every listed event, or those of a series, organiser or kind, as a calendar to follow."""
        asked = {"series": series, "organiser": organiser, "kind": kind}
        given = {name: value for name, value in asked.items() if value is not None}
        if any(not value.isprintable() for value in given.values()):
            given = {"series": ""}  # nothing can be called so, and not every database takes it
            vevents, years = self.store.feed(language, series="\N{REPLACEMENT CHARACTER}")
        else:
            vevents, years = self.store.feed(language, **given)
        path = "/calendar.ics" if language == LANGUAGES[0] else f"/{language}/calendar.ics"
        base = self.settings.base_url
        head, tail = ical.frame(
            years,
            name=" – ".join((wording(language)("page.site"), *given.values())),
            url=base + path + (f"?{urlencode(given)}" if given else "") if base else "",
            language=language,
        )
        return b"".join((head.encode(), *vevents, tail.encode()))

    def export(
        self, name: str, event_ids: Sequence[str], *, language: str = "da", public: bool = True
    ) -> bytes:
        """Events in the format called `name`; drafts and private links only if not `public`.

        Raises `NotFoundError` for an event or a format that is not there, and for the public for
        one that is not the public's.
        """
        formats = self.plugins.exporters
        open_formats = [key for key, one in formats.items() if one.scope is Scope.EVENTS]
        if public and name in formats and name not in open_formats:
            raise NotFoundError(
                f"there is no public format called {name!r}",
                code="unknown_format",
                format=name,
                formats=", ".join(sorted(open_formats)),
            )
        get = self.published if public else self.revision
        request = ExportRequest(
            revisions=tuple(get(event_id) for event_id in event_ids),
            language=language,
            base_url=self.settings.base_url,
        )
        return self.plugins.export(name, request)

    def panels(self, event: Event, language: str) -> tuple[Panel, ...]:
        """What plugins add to the page of `event`."""
        return self.plugins.panels(event, language)

    # --- what staff see ---

    def revision(self, event_id: str, number: int | None = None) -> Revision:
        """An event of any status, as it is or as it was; raises `NotFoundError`."""
        found = self.store.revision(event_id, number) if _is_id(event_id) else None
        if found is None:
            raise _unknown(event_id)
        return found

    def seats(self, event_id: str) -> Seats:
        """The seats of an event of any status; raises `NotFoundError`."""
        found = self.store.seats(event_id) if _is_id(event_id) else None
        if found is None:
            raise _unknown(event_id)
        return found

    def all_events(self) -> tuple[Revision, ...]:
        """Every event, drafts included, by start."""
        return tuple(revision for revision, _ in self.store.all_revisions())

    def check(self, event: Event) -> tuple[Finding, ...]:
        """What the built-in rules and every plugin find in `event`."""
        return self.plugins.check(event)

    def unacknowledged(self, event: Event) -> tuple[Finding, ...]:
        """The findings in `event` that nobody has answered for."""
        return tuple(
            finding
            for finding in self.check(event)
            if not any(seen.covers(finding) for seen in event.acknowledged)
        )

    def health(self) -> Mapping[str, object]:
        """Whether all is well, for machines: `ok`, and what is known without any name."""
        try:
            return {"ok": True, "database": "ok", "events": self.store.count()}
        except StoreError as error:
            return {"ok": False, "database": error.code}

    # --- commands ---

    def import_events(
        self, imported: Imported, *, actor: Actor, update: bool = False
    ) -> Decision[tuple[Revision, ...]]:
        """Make a draft of each imported event: all of them, or none.

        An event without id gets the next free number of its year, one without UID a new one. A
        known id, or a known UID on an event without id, is refused unless `update`: then that event
        gets a new revision, if its content differs. It keeps its status, its acknowledgements and
        what other plugins keep in it; and whatever the file leaves out, unless it is `complete`.
        The answer's findings are those of this reading, also where nothing is new.
        """
        now = self.now()
        return self._decide(lambda: self._import(imported, actor, update, now), now)

    def publish(self, event_id: str, *, actor: Actor) -> Decision[Revision]:
        """Announce a draft, or a postponed event anew; refused while an error stands."""
        now = self.now()

        def plan() -> _Plan[Revision]:
            current = self.revision(event_id)
            if current.event.status is Status.PUBLISHED:
                return Refused((Reason("already_published", {"event": event_id}),))
            if current.event.status is Status.CANCELLED:
                return Refused((Reason("event_cancelled", {"event": event_id}),))
            event = evolve(current.event, status=Status.PUBLISHED, status_reason="")
            if reasons := _reasons(self._errors(event)):
                return Refused(reasons)
            return _one(_next(current, event, now, actor), "publish")

        return self._decide(plan, now)

    def change(
        self, event: Event, *, base: int, actor: Actor, reason: str = ""
    ) -> Decision[Revision]:
        """Make `event` the next revision after number `base`; the same content makes none.

        Refused where another revision came first, with both versions, and where it brings a new
        error to an event that is announced.
        """
        now = self.now()
        event_id = event.id or ""

        def plan() -> _Plan[Revision]:
            current = self.revision(event_id)
            if current.number != base:
                return Refused((_changed_meanwhile(event, base, current),))
            after = evolve(event, uid=current.event.uid) if event.uid is None else event
            reasons = (
                *_wrong_uid(current, after),
                *_wrong_status(current, after),
                *_reasons(self._new_errors(current.event, after)),
            )
            if reasons:
                return Refused(reasons)
            if _same(current.event, after):
                return (), current
            return _one(_next(current, after, now, actor, reason), "change")

        return self._decide(plan, now)

    def acknowledge(
        self, event_id: str, code: str, *, reason: str, actor: Actor, path: str | None = None
    ) -> Decision[Revision]:
        """Publish in spite of the findings with this code (at `path`, where given), for `reason`.

        It holds for those findings with exactly those facts. Refused without a reason, and where
        there is nothing of the kind to acknowledge.
        """
        now = self.now()

        def plan() -> _Plan[Revision]:
            current = self.revision(event_id)
            event = current.event
            found = [
                finding
                for finding in self.unacknowledged(event)
                if finding.code == code and path in (None, finding.path)
            ]
            if not reason.strip():
                return Refused((Reason("reason_missing"),))
            if not found:
                return Refused((Reason("no_such_finding", {"finding": code}),))
            seen = [Acknowledgement(code=code, data=one.data, reason=reason) for one in found]
            after = evolve(event, acknowledged=(*event.acknowledged, *seen))
            return _one(_next(current, after, now, actor, reason), "acknowledge")

        return self._decide(plan, now)

    def restore(
        self, event_id: str, number: int, *, base: int, actor: Actor, reason: str = ""
    ) -> Decision[Revision]:
        """Make what revision `number` said the next one after `base`; its status stays as it is."""
        old, current = self.revision(event_id, number).event, self.revision(event_id).event
        event = evolve(old, status=current.status, status_reason=current.status_reason)
        return self.change(event, base=base, actor=actor, reason=reason)

    # --- the desk ---
    #
    # Each is `eventkit.rules.desk`'s of the same name: what is decided stands there.

    def register(
        self,
        event_id: str,
        signup: Signup,
        *,
        role: Role = Role.PARTICIPANT,
        item: str | None = None,
        **said: Unpack[Said],
    ) -> Decision[Outcome]:
        """Take in everybody of `signup`, or nobody. Plugins are asked while nothing is held."""
        return self._at_desk(
            event_id,
            partial(desk.register, signup, role=role, item=item),
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
        holding = self.store.holding if at is None else self.store.looking
        holidays = self._holidays(now)
        people = {who for signup, _ in signups for who in _people_of(signup) if who}
        keys = {signup.key for signup, _ in signups}
        for _ in range(TRIES):
            revision = self.revision(event_id)
            asked = [
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
            with suppress(OvertakenError), holding(event_id) as ledger:
                if ledger.number != revision.number:
                    continue
                book = ledger.book(revision, now=now, holidays=holidays)
                due = desk.settle(book, now=now)
                known = _Known((*ledger.came(people, keys), *due.registrations))
                decisions, outcome = _in_order(signups, asked, book, due, known)
                possible = whole and not any(map(_holds_back, decisions))
                saved = at is None and (some or possible)
                if not saved:
                    outcome = due
                if at is None and (outcome.entries or ledger.is_due(now)):
                    ledger.save(outcome, revision, now=now)
                return decisions, saved
        raise self._never_rests()

    def cancel(
        self, event_id: str, numbers: Collection[int], **said: Unpack[Said]
    ) -> Decision[Outcome]:
        """Take these out."""
        return self._at_desk(event_id, partial(desk.cancel, numbers), numbers=numbers, **said)

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

    def accept(self, event_id: str, number: int, **said: Unpack[Said]) -> Decision[Outcome]:
        """Take the seat that was offered."""
        return self._at_desk(event_id, partial(desk.accept, number), numbers=(number,), **said)

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
        booker = self.registration(event_id, number).booker
        return self._at_desk(
            event_id,
            partial(desk.edit, number, person=person, answers=answers, invoice=invoice),
            numbers=(number,),
            people=() if person is None else (forms.identity(person, booker),),
            **said,
        )

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

    def erase(
        self, event_id: str, number: int, *, actor: Actor, reason: str = ""
    ) -> Decision[Outcome]:
        """Take out who a registration was, once they no longer come or the event is over.

        It cannot be undone, and a backup does not bring them back: `eventkit.office.erasures`.
        """
        now = self.now()
        self.registration(event_id, number)
        for _ in range(TRIES):
            revision = self.revision(event_id)
            with suppress(OvertakenError), self.store.holding(event_id) as ledger:
                if ledger.number == revision.number:
                    return erasures.erase(
                        ledger,
                        revision,
                        number,
                        now=now,
                        actor=actor,
                        reason=reason,
                        holidays=self._holidays(now),
                        record=erasures.Record.of(self.store),
                    )
        raise self._never_rests()

    def settle(self) -> tuple[str, ...]:
        """Do what is due at every desk: offers expire, the next move up; where it was so."""
        now = self.now()
        due = self.store.due(now)
        done = (self._at_desk(event_id, _nothing, actor=SYSTEM, now=now) for event_id in due)
        return tuple(
            event_id
            for event_id, decision in zip(due, done, strict=True)
            if isinstance(decision, Allowed) and decision.value.entries
        )

    def queue(self, event_id: str, mode: Mode) -> tuple[desk.Next, ...]:
        """Who waits in one mode, in order: who is next, and why."""
        now, revision = self.now(), self.revision(event_id)
        with self.store.looking(event_id) as ledger:
            book = ledger.book(revision, now=now, holidays=self._holidays(now), whole_queue=True)
        return desk.preview(book, mode, now=now)

    def registration(self, event_id: str, number: int) -> Registration:
        """One registration; raises `NotFoundError`."""
        found = self.store.registration(event_id, number) if _is_id(event_id) else None
        if found is None:
            raise _unknown_registration(f"{event_id}-{number}")
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
        """Ask plugins, then hold the ledger, decide and save; again if the event moved meanwhile.

        Where a command is refused, what was due before it is saved all the same.
        """
        now = instant(at or now or self.now())
        holding = self.store.holding if at is None else self.store.looking
        holidays = self._holidays(now)
        revision = self.store.remembered(event_id)
        for _ in range(TRIES):
            revision = revision or self.revision(event_id)
            if asking is not None:
                vetoes = self.plugins.vetoes(revision.event, asking, now)
                command = partial(command, vetoes=vetoes)
            with suppress(OvertakenError), holding(event_id) as ledger:
                if ledger.number != revision.number:
                    revision = None
                    continue
                book = ledger.book(revision, now=now, holidays=holidays, **looked_up)
                decision = command(book, now=now, actor=actor, reason=reason)
                if isinstance(decision, Allowed):
                    outcome = decision.value
                else:
                    outcome = desk.settle(book, now=now)
                if at is None and (outcome.entries or ledger.is_due(now)):
                    ledger.save(outcome, revision, now=now)
                return decision
        raise self._never_rests()

    def _holidays(self, now: datetime) -> frozenset[date]:
        """The days on which nobody works, of this year and the next; plugins are asked once."""
        for year in (now.year, now.year + 1):
            if year not in self._days_off:
                self._days_off[year] = frozenset(self.plugins.holidays(year))
        return self._days_off[now.year] | self._days_off[now.year + 1]

    # --- deciding ---

    def _decide(self, plan: Callable[[], _Plan[T]], now: datetime) -> Decision[T]:
        """Decide and save, again and again until no event moved in between."""
        holidays = self._holidays(now)
        for _ in range(TRIES):
            planned = plan()
            if isinstance(planned, Refused):
                return planned
            outcomes, value = planned
            if not outcomes or self.store.save(outcomes, holidays=holidays):
                return Allowed(value)
        raise self._never_rests()

    def _never_rests(self) -> StoreError:
        return StoreError(
            "the events changed again and again; try once more",
            code="database_busy",
            file=self.store.name,
        )

    def _errors(self, event: Event) -> tuple[Finding, ...]:
        """The errors that hold `event` back from being announced."""
        found = self.unacknowledged(event)
        return tuple(finding for finding in found if finding.severity is Severity.ERROR)

    def _new_errors(self, before: Event, after: Event) -> tuple[Finding, ...]:
        """The errors `after` brings to an announced event; an old one keeps nobody from mending."""
        if before.status is Status.DRAFT:
            return ()
        found = self._errors(after)
        old = [(finding.code, finding.data) for finding in self._errors(before)] if found else []
        return tuple(finding for finding in found if (finding.code, finding.data) not in old)

    # --- importing ---

    def _import(
        self, imported: Imported, actor: Actor, update: bool, now: datetime
    ) -> _Plan[tuple[Revision, ...]]:
        events = imported.events
        owners = self.store.of_uids(event.uid for event in events if event.uid is not None)
        ids = {event.id for event in events if event.id is not None}
        known = self.store.known(ids | set(owners.values()))
        reasons = list(twice(events))
        currents: list[Revision | None] = []
        for event in events:
            owner = owners.get(event.uid or "")
            current = known.get(event.id if event.id is not None else owner or "")
            currents.append(current)
            said = {"event": owner, "title": event.title}
            if current is None and owner is not None:
                reasons.append(Reason("uid_of_another", said))
            elif update and event.id is None and event.uid is None:
                reasons.append(Reason("nameless_update", said))
            elif current is not None:
                reasons += _wrong_uid(current, event)
                if not update and event.id is not None:
                    reasons.append(_known_id(current))
                elif not update:
                    reasons.append(Reason("known_uid", said))
        targets = Counter(current.event.id for current in currents if current is not None)
        reasons += (
            Reason("id_twice", {"event": event_id})
            for event_id, times in targets.items()
            if times > 1 and event_id not in {reason.data.get("event") for reason in reasons}
        )
        if reasons:
            return Refused(tuple(reasons))
        numbers = self._numbers(events)
        outcomes: list[Outcome] = []
        revisions: list[Revision] = []
        for index, (event, current) in enumerate(zip(events, currents, strict=True)):
            findings = (
                *imported.findings_of(index),
                *_dropped_status(event, current, complete=imported.complete),
            )
            if current is None:
                revision = Revision(
                    event=evolve(
                        event,
                        id=event.id if event.id is not None else numbers(event),
                        uid=event.uid if event.uid is not None else str(uuid4()),
                        status=Status.DRAFT,
                        status_reason="",
                    ),
                    number=1,
                    sequence=0,
                    at=now,
                    actor=actor,
                    findings=findings,
                )
            else:
                after = _updated(current.event, event, complete=imported.complete)
                reasons += _reasons(self._new_errors(current.event, after), after.id)
                if _same(current.event, after):
                    revisions.append(evolve(current, findings=findings))
                    continue
                revision = evolve(_next(current, after, now, actor), findings=findings)
            revisions.append(revision)
            outcomes.append(_outcome(revision, "import"))
        return Refused(tuple(reasons)) if reasons else (outcomes, tuple(revisions))

    def _numbers(self, events: Iterable[Event]) -> Callable[[Event], str]:
        """Gives each event the next free number of the year it starts in, as ``22-375``."""
        last: dict[str, int] = {}
        own = [event.id for event in events if event.id is not None]

        def give(event: Event) -> str:
            year = f"{event.starts.year % 100:02d}"
            if year not in last:
                taken = (*own, *self.store.ids_beginning(f"{year}-"))
                found = (re.fullmatch(rf"{year}-([0-9]{{1,9}})", one) for one in taken)
                last[year] = max((int(match[1]) for match in found if match), default=0)
            last[year] += 1
            return f"{year}-{last[year]}"

        return give


def _nothing(book: Book, *, now: datetime, actor: Actor, reason: str) -> Decision[Outcome]:
    """The command that does what is due and no more."""
    return Allowed(desk.settle(book, now=now, actor=actor))


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


# --- what is decided -------------------------------------------------------------------------

_Plan = Refused | tuple[Sequence[Outcome], T]
"""No, or what to save and what to answer then."""


def _outcome(revision: Revision, action: str) -> Outcome:
    entry = Entry(
        at=revision.at,
        actor=revision.actor,
        action=action,
        event=revision.event.id,
        reason=revision.reason,
        data={"revision": revision.number},
    )
    return Outcome(revision=revision, entries=(entry,))


def _one(revision: Revision, action: str) -> tuple[Sequence[Outcome], Revision]:
    return (_outcome(revision, action),), revision


def _next(
    current: Revision, event: Event, now: datetime, actor: Actor, reason: str = ""
) -> Revision:
    return Revision(
        event=event,
        number=current.number + 1,
        sequence=current.sequence + raises_sequence(current.event, event),
        at=now,
        actor=actor,
        reason=reason,
        findings=current.findings,
    )


def _same(before: Event, after: Event) -> bool:
    """Whether the documents are one: what Python calls equal may differ in zone or fold."""
    return codec.dumps(before) == codec.dumps(after)


def _updated(before: Event, imported: Event, *, complete: bool) -> Event:
    """What a file says, on an event that staff and other plugins have worked on."""
    if not complete:
        imported = evolve(imported, **_unsaid(before, imported))
    seen = [
        one
        for one in before.acknowledged
        if (one.code, one.data) not in [(a.code, a.data) for a in imported.acknowledged]
    ]
    return evolve(
        imported,
        id=before.id,
        uid=before.uid,
        status=before.status,
        status_reason=before.status_reason,
        acknowledged=(*seen, *imported.acknowledged),
        extra={**before.extra, **imported.extra},
    )


def _unsaid(before: Event, imported: Event) -> dict[str, Any]:
    """What `before` has in every field that the file left as it is when nobody says anything."""
    nothing = Event(id=None, title=imported.title, starts=imported.starts)
    kept = {
        one.name: getattr(before, one.name)
        for one in fields(Event)
        if one.name not in ("id", "title", "starts")
        and getattr(imported, one.name) == getattr(nothing, one.name)
    }
    # An end that is over before the new start is no longer anybody's word.
    if (ends := kept.get("ends")) is not None and instant(ends) < instant(imported.starts):
        del kept["ends"]
    return kept


def _dropped_status(
    imported: Event, current: Revision | None, *, complete: bool
) -> tuple[Finding, ...]:
    """That a file says another status than the event gets: an import neither announces nor calls
    off. What a file leaves unsaid reads as published.
    """
    kept = Status.DRAFT if current is None else current.event.status
    unsaid = imported.status is Status.PUBLISHED and not (complete and current is not None)
    if unsaid or imported.status is kept:
        return ()
    data = {"trouble": imported.status, "kept": kept}
    return (Finding(code="EK520", severity=Severity.WARNING, path="status", data=data),)


# --- reasons ---------------------------------------------------------------------------------


def _is_id(event_id: str) -> bool:
    """Whether anything could be called so: the rest need not trouble the database."""
    return re.fullmatch(r"\w[\w.-]{0,79}", event_id) is not None


def _unknown(event_id: str) -> NotFoundError:
    shown = " ".join("".join(c if c.isprintable() else "?" for c in event_id[:80]).split())
    shown = shown or '""'
    return NotFoundError(f"there is no event {shown!r}", code="unknown_event", event=shown)


def _unknown_registration(name: str) -> NotFoundError:
    shown = name[:100]
    return NotFoundError(
        f"there is no registration {shown}", code="unknown_registration", registration=shown
    )


def twice(events: Sequence[Event]) -> Iterable[Reason]:
    """Every id and UID that two of the events of one file have."""
    for event_id, times in Counter(event.id for event in events).items():
        if event_id is not None and times > 1:
            yield Reason("id_twice", {"event": event_id})
    for uid, times in Counter(event.uid for event in events).items():
        if uid is not None and times > 1:
            yield Reason("uid_twice", {"uid": uid})


def _known_id(current: Revision) -> Reason:
    return Reason("known_id", {"event": current.event.id, "title": current.event.title})


def _wrong_uid(current: Revision, event: Event) -> tuple[Reason, ...]:
    """A UID is for life: with another one every calendar would hold the meeting twice."""
    if event.uid in (None, current.event.uid):
        return ()
    data = {"event": current.event.id, "uid": current.event.uid, "other": event.uid}
    return (Reason("uid_differs", data),)


def _wrong_status(current: Revision, event: Event) -> tuple[Reason, ...]:
    before, after = current.event.status, event.status
    if before is Status.DRAFT and after is not Status.DRAFT:
        return (Reason("not_published", {"event": event.id}),)
    if before is not Status.DRAFT and after is Status.DRAFT:
        return (Reason("cannot_unpublish", {"event": event.id}),)
    return ()


def _reasons(findings: Iterable[Finding], event_id: str | None = None) -> tuple[Reason, ...]:
    return tuple(
        Reason(
            "unacknowledged_finding",
            {"finding": one.code, "path": one.path, "data": one.data, "event": event_id},
        )
        for one in findings
    )


def _changed_meanwhile(event: Event, base: int, current: Revision) -> Reason:
    return Reason(
        "changed_meanwhile",
        {
            "event": event.id,
            "base": base,
            "number": current.number,
            "at": current.at,
            "yours": codec.to_data(event),
            "theirs": codec.to_data(current.event),
        },
    )
