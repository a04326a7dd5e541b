"""What one can do: each command reads, asks plugins, decides and saves, in that order.

`Office` has the use cases of events, and by `Reception` those of the desk. A command on events
decides on what it has read, and saves on condition that it still stands; where an event has moved
meanwhile it decides again. Nothing of a plugin runs while the database is held.

`published`, `posting`, `upcoming`, `past` and `feed` are for the public: they show no draft, no
link that is not public and nothing that staff wrote for themselves.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar
from urllib.parse import urlencode
from uuid import uuid4

from attrs import evolve

from eventkit.formats import ical
from eventkit.formats.wording import LANGUAGES, wording
from eventkit.model.decision import Allowed, Decision, Finding, Reason, Refused, Severity
from eventkit.model.errors import NotFoundError, StoreError
from eventkit.model.event import Acknowledgement, Event, Imported, Revision, Status
from eventkit.model.registration import Entry, Outcome, Seats
from eventkit.model.values import Actor
from eventkit.office import drafts
from eventkit.office.ledger import DaysOff, Ledger
from eventkit.office.reception import TRIES, Reception, is_id, unknown
from eventkit.office.settings import Settings
from eventkit.office.store import Then, due
from eventkit.plugins.hooks import ExportRequest, ImportRequest, Panel, Scope
from eventkit.plugins.manager import Plugins
from eventkit.rules import forms, telling
from eventkit.rules.seating import SECOND_THOUGHTS

T = TypeVar("T")

TICK = "tick"
"""The name of the beat that `eventkit.office.delivery` leaves behind."""

LATE, OVERDUE = timedelta(minutes=15), timedelta(hours=1)
"""How old the last tick, and the oldest notice that waits, may be where all is well."""


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


class Office(Reception):
    """The use cases of one database. Safe to share between threads."""

    # --- what the public sees ---

    def posting(self, event_id: str) -> tuple[Revision, Seats]:
        """An announced event and its seats; raises `NotFoundError`, for a draft as for none."""
        found = self.store.posted(event_id) if is_id(event_id) else None
        if found is None:
            raise unknown(event_id)
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
        self,
        name: str,
        event_ids: Sequence[str],
        *,
        language: str = "da",
        public: bool = True,
        actor: Actor | None = None,
    ) -> bytes:
        """Events in the format called `name`; drafts and private links only if not `public`.

        A format of participants is written for an `actor` of the staff, and the journal of each
        event says so: in which format, and how many people. Raises `NotFoundError` for an event or
        a format that is not there, and for the public for one that is not the public's.
        """
        formats = self.plugins.exporters
        of_people = name in formats and formats[name].scope is Scope.PARTICIPANTS
        if public and of_people:
            open_formats = [key for key, one in formats.items() if one.scope is Scope.EVENTS]
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
        if of_people:
            return self._export_people(name, request, actor)
        return self.plugins.export(name, request)

    def _export_people(self, name: str, request: ExportRequest, actor: Actor | None) -> bytes:
        """The people at events in a format; nobody gets them unless the journal has it."""
        if actor is None:
            raise TypeError(f"{name} tells who takes part: say which actor asks")
        now = self.now()
        ids = [str(event.id) for event in request.events]
        people = {event_id: self.store.registrations(event_id) for event_id in ids}
        everybody = tuple(one for each in people.values() for one in each)
        data = self.plugins.export(name, evolve(request, registrations=everybody))
        entries = tuple(
            Entry(
                at=now,
                actor=actor,
                action="export",
                event=event_id,
                data={"format": name, "people": len(each)},
            )
            for event_id, each in people.items()
        )
        if not self.store.save((Outcome(entries=entries),)):
            raise self._never_rests()
        return data

    def panels(self, event: Event, language: str) -> tuple[Panel, ...]:
        """What plugins add to the page of `event`."""
        return self.plugins.panels(event, language)

    # --- what staff see ---

    def seats(self, event_id: str) -> Seats:
        """The seats of an event of any status; raises `NotFoundError`."""
        found = self.store.seats(event_id) if is_id(event_id) else None
        if found is None:
            raise unknown(event_id)
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
        """Whether all is well, for machines: `ok`, and what is known without any name.

        Ages are in seconds: since everything due was done last (None: it never was), and since the
        notice was due that has waited longest (None: none waits).
        """
        moment, outbox = self.now(), self.store.outbox
        try:
            count, ticked, oldest = self.store.count(), outbox.last_beat(TICK), outbox.oldest()
        except StoreError as error:
            return {"ok": False, "database": error.code}
        late = ticked is not None and moment - ticked > LATE
        overdue = oldest is not None and moment - oldest > OVERDUE
        return {
            "ok": not (late or overdue),
            "database": "ok",
            "events": count,
            "tick_age": None if ticked is None else int((moment - ticked).total_seconds()),
            "notice_age": None
            if oldest is None
            else max(0, int((moment - oldest).total_seconds())),
        }

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

        def plan() -> drafts.Plan[Revision]:
            current = self.revision(event_id)
            if current.event.status is Status.PUBLISHED:
                return Refused((Reason("already_published", {"event": event_id}),))
            if current.event.status is Status.CANCELLED:
                return Refused((Reason("event_cancelled", {"event": event_id}),))
            event = evolve(current.event, status=Status.PUBLISHED, status_reason="")
            if reasons := drafts.reasons_of(self._errors(event)):
                return Refused(reasons)
            return drafts.planned(drafts.next_revision(current, event, now, actor), "publish")

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

        def plan() -> drafts.Plan[Revision]:
            current = self.revision(event_id)
            if current.number != base:
                return Refused((drafts.changed_meanwhile(event, base, current),))
            after = evolve(event, uid=current.event.uid) if event.uid is None else event
            reasons = (
                *drafts.wrong_uid(current, after),
                *drafts.wrong_status(current, after),
                *forms.cpr_faults(after.status_reason, "status_reason"),
                *drafts.reasons_of(self._new_errors(current.event, after)),
            )
            if reasons:
                return Refused(reasons)
            if drafts.is_same(current.event, after):
                return (), current
            return drafts.planned(
                drafts.next_revision(current, after, now, actor, reason), "change"
            )

        before = self.store.revision(event_id, base) if is_id(event_id) else None
        off = [one.status is Status.CANCELLED for one in (before and before.event, event) if one]
        then: Then | None = None
        if off == [False, True]:
            then = partial(_called_off, actor=actor, reason=reason)
        elif off == [True, False]:
            then = partial(_taken_back, actor=actor, reason=reason, holidays=self._holidays(now))
        return self._decide(plan, now, then, reason=reason)

    def acknowledge(
        self, event_id: str, code: str, *, reason: str, actor: Actor, path: str | None = None
    ) -> Decision[Revision]:
        """Publish in spite of the findings with this code (at `path`, where given), for `reason`.

        It holds for those findings with exactly those facts. Refused without a reason, and where
        there is nothing of the kind to acknowledge.
        """
        now = self.now()

        def plan() -> drafts.Plan[Revision]:
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
            return drafts.planned(
                drafts.next_revision(current, after, now, actor, reason), "acknowledge"
            )

        return self._decide(plan, now, reason=reason)

    def call_off(
        self, event_id: str, *, base: int, actor: Actor, reason: str
    ) -> Decision[Revision]:
        """Cancel an announced event for `reason`: everybody is owed that, in the same commit.

        It goes out in five minutes; until then `take_back` undoes it without anybody's knowing.
        `change` does the same where it makes an event cancelled, or held after all.
        """
        now = self.now()

        def plan() -> drafts.Plan[Revision]:
            current = self.revision(event_id)
            off = evolve(current.event, status=Status.CANCELLED, status_reason=reason)
            if current.number != base:
                return Refused((drafts.changed_meanwhile(off, base, current),))
            if not reason.strip():
                return Refused((Reason("call_off_reason_missing"),))
            if current.event.status is Status.DRAFT:
                return Refused((Reason("event_draft"),))
            if current.event.status is Status.CANCELLED:
                return Refused((Reason("event_cancelled", {"event": event_id}),))
            return drafts.planned(
                drafts.next_revision(current, off, now, actor, reason), "call_off"
            )

        then = partial(_called_off, actor=actor, reason=reason)
        return self._decide(plan, now, then, reason=reason)

    def take_back(
        self, event_id: str, *, base: int, actor: Actor, reason: str = ""
    ) -> Decision[Revision]:
        """Undo that an event was called off: it is again as it was before.

        What was not sent is withdrawn, and who was not told is told nothing. SEQUENCE stays risen.
        """
        now = self.now()

        def plan() -> drafts.Plan[Revision]:
            current = self.revision(event_id)
            if current.number != base:
                return Refused((drafts.changed_meanwhile(current.event, base, current),))
            if current.event.status is not Status.CANCELLED:
                return Refused((Reason("not_called_off", {"event": event_id}),))
            before = next(
                one
                for one in reversed(self.history(event_id))
                if one.event.status is not Status.CANCELLED
            )
            event = evolve(
                current.event,
                status=before.event.status,
                status_reason=before.event.status_reason,
            )
            return drafts.planned(
                drafts.next_revision(current, event, now, actor, reason), "take_back"
            )

        then = partial(_taken_back, actor=actor, reason=reason, holidays=self._holidays(now))
        return self._decide(plan, now, then, reason=reason)

    def send_changes(self, event_id: str, *, actor: Actor, reason: str = "") -> datetime | None:
        """Send the drafted notice of what has changed: when it goes out, five minutes from now.

        Until then it is still the draft: what changes meanwhile is in it, and `keep_changes` takes
        it back. None where it concerns nobody.
        """
        moment = self.now()
        until = moment + SECOND_THOUGHTS if self.untold(event_id) else None
        return self._tell_at(event_id, until, actor, reason, "send_changes")

    def keep_changes(self, event_id: str, *, actor: Actor, reason: str = "") -> None:
        """Do not send the drafted notice after all; it stays a draft."""
        self._tell_at(event_id, None, actor, reason, "keep_changes")

    def _tell_at(
        self, event_id: str, until: datetime | None, actor: Actor, reason: str, action: str
    ) -> datetime | None:
        now = self.now()
        told = {} if until is None else {"at": until}
        entry = Entry(at=now, actor=actor, action=action, event=event_id, reason=reason, data=told)

        def decide(ledger: Ledger, revision: Revision, _: None) -> None:
            if ledger.tell_at != until:
                ledger.tell_at = until
                ledger.save(Outcome(entries=(entry,)), revision, now=now)

        self._with_ledger(event_id, decide)
        return until

    def restore(
        self, event_id: str, number: int, *, base: int, actor: Actor, reason: str = ""
    ) -> Decision[Revision]:
        """Make what revision `number` said the next one after `base`; its status stays as it is."""
        old, current = self.revision(event_id, number).event, self.revision(event_id).event
        event = evolve(old, status=current.status, status_reason=current.status_reason)
        return self.change(event, base=base, actor=actor, reason=reason)

    # --- deciding ---

    def _decide(
        self,
        plan: Callable[[], drafts.Plan[T]],
        now: datetime,
        then: Then | None = None,
        *,
        reason: str = "",
    ) -> Decision[T]:
        """Decide and save, again and again until no event moved in between.

        `then` is what it leads to at the desk; what is due, where nothing else is said. A `reason`
        is kept, and may be shown to everybody.
        """
        if wrong := tuple(forms.cpr_faults(reason, "reason")):
            return Refused(wrong)
        then = then or partial(due, holidays=self._holidays(now))
        for _ in range(TRIES):
            planned = plan()
            if isinstance(planned, Refused):
                return planned
            outcomes, value = planned
            if not outcomes or self.store.save(outcomes, then):
                return Allowed(value)
        raise self._never_rests()

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
    ) -> drafts.Plan[tuple[Revision, ...]]:
        events = imported.events
        owners = self.store.of_uids(event.uid for event in events if event.uid is not None)
        ids = {event.id for event in events if event.id is not None}
        known = self.store.known(ids | set(owners.values()))
        reasons = list(drafts.twice(events))
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
                reasons += drafts.wrong_uid(current, event)
                if not update and event.id is not None:
                    reasons.append(drafts.known_id(current))
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
                *drafts.dropped_status(event, current, complete=imported.complete),
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
                after = drafts.updated(current.event, event, complete=imported.complete)
                reasons += drafts.reasons_of(self._new_errors(current.event, after), after.id)
                if drafts.is_same(current.event, after):
                    revisions.append(evolve(current, findings=findings))
                    continue
                revision = evolve(
                    drafts.next_revision(current, after, now, actor), findings=findings
                )
            revisions.append(revision)
            outcomes.append(drafts.outcome_of(revision, "import"))
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


def _called_off(ledger: Ledger, revision: Revision, *, actor: Actor, reason: str) -> Outcome:
    """Everybody is owed that an event is called off; a drafted notice of changes goes."""
    ledger.tell_at = None
    book = ledger.book(revision, now=revision.at, active=True)
    return telling.call_off(book, now=revision.at, actor=actor, reason=reason)


def _taken_back(
    ledger: Ledger, revision: Revision, *, actor: Actor, reason: str, holidays: DaysOff
) -> Outcome:
    """What was not sent of it is withdrawn, and then what is due is done."""
    known = ledger.withdraw_called_off()
    told = {number: told for number, told in known.items() if told is not None}
    book = ledger.book(
        revision, now=revision.at, numbers=tuple(told), holidays=holidays, active=True
    )
    return telling.take_back(told, book, now=revision.at, actor=actor, reason=reason)
