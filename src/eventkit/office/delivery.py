"""Delivery: everything that is due is done, and what is owed goes out.

`Delivery.tick` may run twice at once, on any number of machines, and be killed at any moment
(`eventkit.office.outbox` says why). A notice is rendered from the revision it speaks of, when it is
sent. What a server refuses for good has failed; what it cannot do now is tried again, less and less
often, for three days; what nobody can tell is unknown, which staff see and nothing sends again.

A notice that cannot be read, or written, keeps no other waiting. One that has been overtaken is
withdrawn: nobody who has cancelled reads a day later that they have a seat. So is one to an address
that has been corrected since.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from attrs import define, evolve, field, frozen

from eventkit.formats import mail
from eventkit.formats.mail import Letter, Templates
from eventkit.model.errors import FormatError, NotFoundError, StoreError
from eventkit.model.event import Revision, Status
from eventkit.model.registration import Message, Notice, NoticeKind, Registration, Standing
from eventkit.model.values import instant
from eventkit.office.outbox import Outbox, Parcel, Settled
from eventkit.office.tables import FAILED, OWED, SENT, UNKNOWN, WITHDRAWN
from eventkit.office.usecases import TICK, Office
from eventkit.plugins.hooks import Result
from eventkit.rules.deadlines import over
from eventkit.rules.seating import void_from

BATCH = 50
"""Notices that a worker claims at once."""

LEASE = timedelta(minutes=5)
"""How long a worker may be silent; many times what a notifier has to send one message."""

ENOUGH = 5
"""After so many in a row that could not go, or may have, the others at that domain wait; and where
they are of more than one domain, all: then it is our own server that is down.
"""

GIVE_UP, LEAST_TRIES = timedelta(days=3), 6
"""A notice has failed when it has been due for so long and was tried so often."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)

FRESH = timedelta(seconds=10)
"""How old what a letter is written from may be."""

_STATES: Mapping[Result, str] = {
    Result.SENT: SENT,
    Result.FAILED: FAILED,
    Result.UNKNOWN: UNKNOWN,
}


@frozen(kw_only=True)
class Report:
    """What a tick did: the events at whose desk something was due, and notices by what became of
    them. What the other side `said` last of one that it did not take.
    """

    events: tuple[str, ...] = ()
    notices: Mapping[str, int] = field(factory=dict)
    said: str = ""


@define(kw_only=True)
class _Run:
    """A tick at the outbox: whose claims it makes, how many ended how, and what went wrong.

    `in_vain` are the domains of the last that could not go, one after the other; `shut` those that
    take nothing now, and what was said of the last one there.
    """

    worker: str
    ended: Counter[str] = field(factory=Counter)
    failed: list[StoreError] = field(factory=list)
    said: str = ""
    in_vain: list[str] = field(factory=list)
    shut: dict[str, str] = field(factory=dict)

    @property
    def is_down(self) -> bool:
        """Whether nothing goes at all: not one domain alone is in the way."""
        return len(self.in_vain) >= ENOUGH and len(set(self.in_vain)) > 1

    def went(self, notice: Notice, result: Result, said: str) -> None:
        """Note how it went with the server of one recipient."""
        if result not in (Result.RETRY, Result.UNKNOWN):
            self.in_vain.clear()
            return
        self.in_vain.append(_domain(notice))
        if self.in_vain[-ENOUGH:] == [_domain(notice)] * ENOUGH:
            self.shut[_domain(notice)] = said


@frozen(kw_only=True)
class _Known:
    """What notices are about, when it was `looked` at: people by event and number, and events."""

    looked: datetime
    people: Mapping[tuple[str, int], Registration] = field(factory=dict)
    events: Mapping[str, Revision] = field(factory=dict)


def _domain(notice: Notice) -> str:
    return notice.recipient.rpartition("@")[2].casefold()


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: twice as long each time, an hour at most."""
    doublings: int = 2 ** min(max(attempts, 1) - 1, 20)
    return min(FIRST_PAUSE * doublings, LONGEST_PAUSE)


class Delivery:
    """Sends the notices of an office by the notifier that its settings name."""

    def __init__(self, office: Office, *, batch: int = BATCH) -> None:
        self.office = office
        self._batch = batch
        self._templates = Templates.read(office.settings.mail_templates)
        self._links = office.links
        self._stopped = threading.Event()

    @property
    def outbox(self) -> Outbox:
        """The notices there are."""
        return self.office.store.outbox

    def stop(self) -> None:
        """Let a tick that is under way end after the message at hand; for other threads to call."""
        self._stopped.set()

    def tick(self) -> Report:
        """Do all that is due: at every desk, and in the outbox.

        An event that cannot be read keeps nothing else waiting: its error is raised at the end.
        """
        run = _Run(worker=uuid4().hex)
        events: tuple[str, ...] = ()
        try:
            events = self.office.settle()
        except StoreError as error:
            run.failed.append(error)
        self._send_all(run)
        self.outbox.beat(TICK, self.office.now())
        if run.failed:
            raise run.failed[0]
        return Report(events=events, notices=run.ended, said=run.said)

    # --- sending ---

    def _send_all(self, run: _Run) -> None:
        """Send what is due until nothing is."""
        name = self.office.settings.notifier
        if unknown := self.outbox.free(self.office.now()):
            run.ended[UNKNOWN] += unknown
        if not self.outbox.is_due(self.office.now()):
            return
        self.office.check_mailing()
        try:
            while (parcels := self._claim(run)) and self._send(parcels, name, run):
                pass
        finally:
            self.outbox.put_back(run.worker)
            self.office.plugins.hang_up(name)

    def _claim(self, run: _Run) -> tuple[Parcel, ...]:
        moment = self.office.now()
        return self.outbox.claim(run.worker, now=moment, lease=moment + LEASE, most=self._batch)

    def _send(self, parcels: Sequence[Parcel], name: str, run: _Run) -> bool:
        """Hand these over one by one; settling one and beginning the next is one commit.

        False where one after the other could not go, and where it should stop: then the rest is for
        later.
        """
        done: Settled | None = None
        reached: list[tuple[Notice, bool]] = []
        for parcel, prepared in self._prepared(parcels, run):
            key, moment = parcel.notice.key, self.office.now()
            lease = moment + LEASE
            if self._stopped.is_set():
                break
            if isinstance(prepared, Settled):
                self.outbox.step(run.worker, done, None, now=moment, lease=lease)
                done = prepared
            elif self.outbox.step(run.worker, done, key, now=moment, lease=lease):
                try:
                    said = self.office.plugins.notify(name, prepared)
                except NotFoundError as error:  # nobody has it: the setting must be mended
                    back = Settled(key=key, state=OWED, detail=str(error), next_at=moment)
                    self.outbox.step(run.worker, back, None, now=moment, lease=lease)
                    raise
                done = self._settled(parcel, said.result, said.detail)
                run.went(parcel.notice, said.result, said.detail)
                if done.state in (SENT, FAILED):
                    reached.append((parcel.notice, done.state == SENT))
                if said.result is not Result.SENT:
                    run.said = said.detail
                if said.result is Result.UNKNOWN:  # whatever is open may be in the middle of it
                    self.office.plugins.hang_up(name)
            else:  # withdrawn meanwhile, or another worker has it
                done = None
                continue
            run.ended[done.state] += 1
            if run.is_down:
                break
        moment = self.office.now()
        self.outbox.step(run.worker, done, None, now=moment, lease=moment + LEASE)
        for notice, was_reached in reached:
            try:
                self.office.note_reached(notice, reached=was_reached)
            except StoreError as error:  # of this event; what is sent is sent
                run.failed.append(error)
        return not run.is_down and not self._stopped.is_set()

    # --- writing ---

    def _prepared(
        self, parcels: Sequence[Parcel], run: _Run
    ) -> Iterator[tuple[Parcel, Message | Settled]]:
        """Each with its message, or with what becomes of one that is not sent."""
        left = deque(parcels)
        known = self._known(left, self.office.now())
        while left:
            moment = self.office.now()
            if moment - known.looked > FRESH:
                known = self._known(left, moment)
            yield left[0], self._written(left.popleft(), known, moment, run)

    def _written(
        self, parcel: Parcel, known: _Known, moment: datetime, run: _Run
    ) -> Message | Settled:
        """The message of a notice; or what becomes of one that is not sent."""
        notice = parcel.notice
        if (said := run.shut.get(_domain(notice))) is not None:
            later = moment + FIRST_PAUSE
            return Settled(key=notice.key, state=OWED, detail=said, next_at=later)
        if parcel.overtaken:
            return Settled(key=notice.key, state=WITHDRAWN, detail="a later notice has gone")
        try:
            return self._message(notice, known, moment)
        except StoreError as error:  # of this event, or of the database: then all else fails too
            run.failed.append(error)
            again = moment + FIRST_PAUSE
            return Settled(key=notice.key, state=OWED, detail=error.code, next_at=again)
        except (FormatError, NotFoundError) as error:
            return Settled(key=notice.key, state=FAILED, detail=str(error))
        except Exception as error:  # a fault of ours, whose text may hold a name
            said = f"it cannot be written: {type(error).__name__}"
            return Settled(key=notice.key, state=FAILED, detail=said)

    def _known(self, parcels: Iterable[Parcel], moment: datetime) -> _Known:
        """What these notices are about, as it is now, in as few looks as it takes."""
        store = self.office.store
        to = [(one.notice.event, one.notice.registration) for one in parcels]
        try:
            people = store.those([(event, number) for event, number in to if number is not None])
            events = store.known(event for event, _ in to)
        except StoreError:  # of one of them: each is looked at by itself, and tells
            return _Known(looked=moment)
        return _Known(looked=moment, people=people, events=events)

    def _message(self, notice: Notice, known: _Known, moment: datetime) -> Message | Settled:
        office, event_id = self.office, notice.event
        current = known.events.get(event_id) or office.revision(event_id)
        revision = current
        if notice.revision != current.number:
            revision = office.revision(event_id, notice.revision)
        sender = office.inviter(current)
        if notice.registration is None:
            return mail.headcount(
                notice,
                revision,
                sender=sender,
                links=self._links,
                templates=self._templates,
                at=moment,
            )
        one = known.people.get((event_id, notice.registration))
        one = one or office.registration(event_id, notice.registration)
        notice = _readdressed(notice, one)
        if kept := _kept_back(notice, one, current, moment):
            return kept
        if not one.status.is_active and office.store.is_back(one):
            # Their entry has one UID: what takes it out would take out the new one.
            return Settled(key=notice.key, state=WITHDRAWN, detail="they have a seat again")
        since = notice.data.get("since")
        before = None
        if since is not None and notice.kind is NoticeKind.CHANGE:
            before = office.revision(event_id, since).event
        return mail.message(
            Letter(
                notice=notice,
                revision=revision,
                registration=one,
                before=before,
                place=office.place(one) if notice.kind is NoticeKind.WAITING else None,
            ),
            sender=sender,
            links=self._links,
            templates=self._templates,
            at=moment,
        )

    def _settled(self, parcel: Parcel, result: Result, detail: str) -> Settled:
        """What a result means for a notice that was handed over once more."""
        key, moment = parcel.notice.key, self.office.now()
        if result is not Result.RETRY:
            return Settled(key=key, state=_STATES[result], detail=detail)
        old = moment - instant(parcel.notice.due) >= GIVE_UP
        if old and parcel.attempts + 1 >= LEAST_TRIES:
            return Settled(key=key, state=FAILED, detail=detail)
        again = moment + pause(parcel.attempts + 1)
        return Settled(key=key, state=OWED, detail=detail, next_at=again)


_HOLDS: Mapping[NoticeKind, Callable[[Standing], bool]] = {
    NoticeKind.RECEIVED: lambda now: now is Standing.PENDING,
    NoticeKind.WAITING: lambda now: now is Standing.WAITING,
    NoticeKind.OFFER: lambda now: now is Standing.OFFERED,
    NoticeKind.CONFIRMATION: lambda now: now.is_seated,
    NoticeKind.REMINDER: lambda now: now is Standing.CONFIRMED,
    NoticeKind.CHANGE: lambda now: now.is_active,
    NoticeKind.SUBSTITUTION: lambda now: now.is_seated,
    NoticeKind.LINK: lambda now: now.is_active,
}
"""Where a registration must stand for what a notice says to be so still."""


def _holds(notice: Notice) -> Callable[[Standing], bool] | None:
    """Where a registration must stand for what `notice` says to be so; None for anywhere."""
    if notice.data.get("status") == Standing.SUBSTITUTED:  # that somebody else has their seat
        return None
    return _HOLDS.get(notice.kind)


def _readdressed(notice: Notice, one: Registration) -> Notice:
    """A notice of what has changed, to where they are written to by now: it is news there too."""
    if notice.kind is not NoticeKind.CHANGE or "since" not in notice.data:
        return notice
    return notice if _is_theirs(notice, one) else evolve(notice, recipient=one.recipient or "-")


def _is_theirs(notice: Notice, one: Registration) -> bool:
    """Whether it goes to them, or to who signed them up."""
    booker = "" if one.booker is None else one.booker.email
    return notice.recipient.casefold() in (one.recipient.casefold(), booker.casefold())


def _kept_back(
    notice: Notice, one: Registration, current: Revision, moment: datetime
) -> Settled | None:
    """What becomes of a notice that comes too late, or too soon to tell; None where it goes."""
    if reason := _is_stale(notice, one, current, moment):
        return Settled(key=notice.key, state=WITHDRAWN, detail=reason)
    if _holds(notice) is None or current.event.status is not Status.CANCELLED:
        return None
    if moment < (final := void_from(current)):
        return Settled(
            key=notice.key, state=OWED, detail="the event may be called off", next_at=final
        )
    reason = "the event is called off, and a later notice says so"
    return Settled(key=notice.key, state=WITHDRAWN, detail=reason)


def _is_stale(notice: Notice, one: Registration, current: Revision, moment: datetime) -> str:
    """Why a notice is overtaken; "" where it is in time."""
    kind, to = notice.kind, notice.recipient.casefold()
    if not _is_theirs(notice, one):
        return "the address has been corrected since"
    if kind is NoticeKind.REMINDER and moment >= instant(over(current.event)):
        return "there is nothing to remind of"
    if kind is NoticeKind.REMINDER and notice.revision < (one.told or 0):
        return "what it says is no longer so, and a later notice says so"
    so_still = _holds(notice)
    # Who signed somebody up and does not come along hears only this of it.
    if so_still is None or to != one.recipient.casefold():
        return ""
    return "" if so_still(one.status) else "it is no longer so, and a later notice says so"
