"""Delivery: everything that is due is done, and what is owed goes out.

`Delivery.tick` may run twice at once, on any number of machines, and be killed at any moment
(`eventkit.office.outbox` says why). A notice is rendered from the revision it speaks of, when it is
sent. What a server refuses for good has failed; what it cannot do now is tried again, less and less
often, for three days; what nobody can tell is unknown, which staff see and nothing sends again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import uuid4

from attrs import field, frozen

from eventkit.formats import mail
from eventkit.formats.mail import Letter, Templates
from eventkit.model.errors import FormatError, NotFoundError, StoreError
from eventkit.model.registration import Message, NoticeKind, Registration, Standing
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

GIVE_UP = timedelta(days=3)
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

    @property
    def outbox(self) -> Outbox:
        """The notices there are."""
        return self.office.store.outbox

    def tick(self) -> Report:
        """Do all that is due: at every desk, and in the outbox.

        An event that cannot be read keeps nothing else waiting: its error is raised at the end.
        """
        failed: StoreError | None = None
        try:
            events = self.office.settle()
        except StoreError as error:
            events, failed = (), error
        sent = self._send_all()
        self.outbox.beat(TICK, self.office.now())
        if failed is not None:
            raise failed
        return Report(events=events, notices=sent)

    # --- sending ---

    def _send_all(self) -> Counter[str]:
        """Send what is due until nothing is; how many ended how."""
        ended: Counter[str] = Counter()
        worker, name = uuid4().hex, self.office.settings.notifier
        if unknown := self.outbox.free(self.office.now()):
            ended[UNKNOWN] += unknown
        if not self.outbox.is_due(self.office.now()):
            return ended
        self.office.check_mailing()
        try:
            while (parcels := self._claim(worker)) and self._send(parcels, worker, name, ended):
                pass
        finally:
            self.outbox.put_back(worker)
            self.office.plugins.hang_up(name)
        return ended

    def _claim(self, worker: str) -> tuple[Parcel, ...]:
        now = self.office.now()
        return self.outbox.claim(worker, now=now, lease=now + LEASE, most=self._batch)

    def _send(
        self, parcels: tuple[Parcel, ...], worker: str, name: str, ended: Counter[str]
    ) -> bool:
        """Hand these over one by one; settling one and beginning the next is one commit.

        False where one after the other could not go now: then it is better to come back later.
        """
        done: Settled | None = None
        in_vain = 0
        for parcel in parcels:
            now = self.office.now()
            lease = now + LEASE
            prepared = self._prepared(parcel, now)
            if isinstance(prepared, Settled):
                self.outbox.step(worker, done, None, now=now, lease=lease)
                done = prepared
            elif self.outbox.step(worker, done, parcel.notice.key, now=now, lease=lease):
                said = self.office.plugins.notify(name, prepared)
                done = self._settled(parcel, said.result, said.detail)
                in_vain = in_vain + 1 if said.result is Result.RETRY else 0
            else:  # withdrawn meanwhile, or another worker has it
                done = None
                continue
            ended[done.state] += 1
            if in_vain == ENOUGH:
                break
        now = self.office.now()
        self.outbox.step(worker, done, None, now=now, lease=now + LEASE)
        return in_vain < ENOUGH

    def _prepared(self, parcel: Parcel, now: datetime) -> Message | Settled:
        """The message of a notice; or what becomes of one that is not sent."""
        notice, office = parcel.notice, self.office
        try:
            revision = office.revision(notice.event, notice.revision)
            one = office.registration(notice.event, notice.registration or 0)
            if reason := _is_stale(notice.kind, one, now >= instant(over(revision.event))):
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
                at=now,
            )
        except (FormatError, NotFoundError) as error:
            return Settled(key=notice.key, state=FAILED, detail=str(error))

    def _settled(self, parcel: Parcel, result: Result, detail: str) -> Settled:
        """What a result means for a notice that was handed over once more."""
        key, now = parcel.notice.key, self.office.now()
        if result is not Result.RETRY:
            return Settled(key=key, state=_STATES[result], detail=detail)
        if now - instant(parcel.notice.due) >= GIVE_UP:
            return Settled(key=key, state=FAILED, detail=detail)
        again = now + pause(parcel.attempts + 1)
        return Settled(key=key, state=OWED, detail=detail, next_at=again)


def _is_stale(kind: NoticeKind, one: Registration, is_over: bool) -> str:
    """Why a notice that comes too late is better not sent; "" where it is in time."""
    if kind is NoticeKind.OFFER and one.status is not Standing.OFFERED:
        return "the offer has ended"
    if kind is NoticeKind.REMINDER and (is_over or one.status is not Standing.CONFIRMED):
        return "there is nothing to remind of"
    return ""
