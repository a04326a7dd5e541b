"""Delivery: everything that is due is done, and what is owed goes out.

`Delivery.tick` may run twice at once, on any number of machines, and be killed at any moment
(`eventkit.office.outbox` says why). A notice is rendered from the revision it speaks of, when it is
sent. What a server refuses for good has failed; what it cannot do now is tried again, less and less
often, for three days; what nobody can tell is unknown, which staff see and nothing sends again.

A notice that cannot be read, or written, keeps no other waiting. One that has been overtaken is
withdrawn: nobody who has cancelled reads a day later that they have a seat.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import uuid4

from attrs import field, frozen

from eventkit.formats import mail
from eventkit.formats.mail import Letter, Templates
from eventkit.model.errors import FormatError, NotFoundError, StoreError
from eventkit.model.registration import Message, Notice, NoticeKind, Registration, Standing
from eventkit.model.values import instant
from eventkit.office.outbox import Outbox, Parcel, Settled
from eventkit.office.tables import FAILED, OWED, SENT, UNKNOWN, WITHDRAWN
from eventkit.office.usecases import TICK, Office
from eventkit.plugins.hooks import Result
from eventkit.rules.deadlines import over

BATCH = 50
"""Notices that a worker claims at once."""

LEASE = timedelta(minutes=5)
"""How long a worker may be silent; many times what a notifier has to send one message."""

ENOUGH = 5
"""After so many in a row that could not go now, a tick ends: the server is down."""

GIVE_UP, LEAST_TRIES = timedelta(days=3), 6
"""A notice has failed when it has been due for so long and was tried so often."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)

_STATES: Mapping[Result, str] = {
    Result.SENT: SENT,
    Result.FAILED: FAILED,
    Result.UNKNOWN: UNKNOWN,
}


@frozen(kw_only=True)
class Report:
    """What a tick did: the events at whose desk something was due, and notices by what became of
    them.
    """

    events: tuple[str, ...] = ()
    notices: Mapping[str, int] = field(factory=dict)


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
        events: tuple[str, ...] = ()
        failed: list[StoreError] = []
        try:
            events = self.office.settle()
        except StoreError as error:
            failed.append(error)
        sent = self._send_all(failed)
        self.outbox.beat(TICK, self.office.now())
        if failed:
            raise failed[0]
        return Report(events=events, notices=sent)

    # --- sending ---

    def _send_all(self, failed: list[StoreError]) -> Counter[str]:
        """Send what is due until nothing is; how many ended how. Adds to what `failed`."""
        ended: Counter[str] = Counter()
        worker, name = uuid4().hex, self.office.settings.notifier
        if unknown := self.outbox.free(self.office.now()):
            ended[UNKNOWN] += unknown
        if not self.outbox.is_due(self.office.now()):
            return ended
        self.office.check_mailing()
        try:
            while (parcels := self._claim(worker)) and self._send(
                parcels, worker, name, ended, failed
            ):
                pass
        finally:
            self.outbox.put_back(worker)
            self.office.plugins.hang_up(name)
        return ended

    def _claim(self, worker: str) -> tuple[Parcel, ...]:
        moment = self.office.now()
        return self.outbox.claim(worker, now=moment, lease=moment + LEASE, most=self._batch)

    def _send(
        self,
        parcels: tuple[Parcel, ...],
        worker: str,
        name: str,
        ended: Counter[str],
        failed: list[StoreError],
    ) -> bool:
        """Hand these over one by one; settling one and beginning the next is one commit.

        False where one after the other could not go now, and where it should stop: then the rest is
        for later.
        """
        done: Settled | None = None
        in_vain = 0
        for parcel in parcels:
            moment = self.office.now()
            lease = moment + LEASE
            if self._stopped.is_set():
                break
            prepared = self._prepared(parcel, moment, failed)
            if isinstance(prepared, Settled):
                self.outbox.step(worker, done, None, now=moment, lease=lease)
                done = prepared
            elif self.outbox.step(worker, done, parcel.notice.key, now=moment, lease=lease):
                try:
                    said = self.office.plugins.notify(name, prepared)
                except NotFoundError as error:  # nobody has it: the setting must be mended
                    key, why = parcel.notice.key, str(error)
                    back = Settled(key=key, state=OWED, detail=why, next_at=moment)
                    self.outbox.step(worker, back, None, now=moment, lease=lease)
                    raise
                done = self._settled(parcel, said.result, said.detail)
                in_vain = in_vain + 1 if said.result is Result.RETRY else 0
                if said.result is Result.UNKNOWN:  # whatever is open may be in the middle of it
                    self.office.plugins.hang_up(name)
            else:  # withdrawn meanwhile, or another worker has it
                done = None
                continue
            ended[done.state] += 1
            if in_vain == ENOUGH:
                break
        moment = self.office.now()
        self.outbox.step(worker, done, None, now=moment, lease=moment + LEASE)
        return in_vain < ENOUGH and not self._stopped.is_set()

    def _prepared(
        self, parcel: Parcel, moment: datetime, failed: list[StoreError]
    ) -> Message | Settled:
        """The message of a notice; or what becomes of one that is not sent."""
        key = parcel.notice.key
        try:
            return self._message(parcel.notice, moment)
        except StoreError as error:  # of this event, or of the database: then all else fails too
            failed.append(error)
            again = moment + FIRST_PAUSE
            return Settled(key=key, state=OWED, detail=error.code, next_at=again)
        except (FormatError, NotFoundError) as error:
            return Settled(key=key, state=FAILED, detail=str(error))
        except Exception as error:  # a fault of ours, whose text may hold a name
            said = f"it cannot be written: {type(error).__name__}"
            return Settled(key=key, state=FAILED, detail=said)

    def _message(self, notice: Notice, moment: datetime) -> Message | Settled:
        office = self.office
        revision = office.revision(notice.event, notice.revision)
        one = office.registration(notice.event, notice.registration or 0)
        if reason := _is_stale(notice, one, moment >= instant(over(revision.event))):
            return Settled(key=notice.key, state=WITHDRAWN, detail=reason)
        since = notice.data.get("since")
        before = None
        if since is not None and notice.kind is NoticeKind.CHANGE:
            before = office.revision(notice.event, since).event
        organiser = revision.event.organiser
        return mail.message(
            Letter(
                notice=notice,
                revision=revision,
                registration=one,
                before=before,
                place=office.place(one) if notice.kind is NoticeKind.WAITING else None,
            ),
            sender=office.settings.sender_of(None if organiser is None else organiser.slug),
            links=office.links,
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


_OVERTAKEN: Mapping[NoticeKind, Callable[[Standing], bool]] = {
    NoticeKind.RECEIVED: lambda now: now is Standing.PENDING,
    NoticeKind.WAITING: lambda now: now is Standing.WAITING,
    NoticeKind.OFFER: lambda now: now is Standing.OFFERED,
    NoticeKind.CONFIRMATION: lambda now: now.is_seated,
    NoticeKind.REMINDER: lambda now: now is Standing.CONFIRMED,
    NoticeKind.CHANGE: lambda now: now.is_active,
}
"""Where a registration must stand for what a notice says to be so still."""


def _is_stale(notice: Notice, one: Registration, is_over: bool) -> str:
    """Why a notice that comes too late is better not sent; "" where it is in time."""
    if notice.kind is NoticeKind.REMINDER and is_over:
        return "there is nothing to remind of"
    so_still = _OVERTAKEN.get(notice.kind)
    # Who signed somebody up and does not come along hears only this of it.
    if so_still is None or notice.recipient.casefold() != one.recipient.casefold():
        return ""
    return "" if so_still(one.status) else "it is no longer so, and a later notice says so"
