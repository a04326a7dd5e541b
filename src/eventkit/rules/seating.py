"""Seats, and the queue for them: how a registration moves, who is next, and what that owes.

A `Turn` is one command at work. Whatever it changes it counts, enters in the journal, and owes
notices for, so that no command can forget to. `TRANSITIONS` is the whole life of a registration:
the code asks it, tests walk it, and the documentation draws it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Any

from attrs import evolve, field, frozen

from eventkit.model.decision import Reason, Refused
from eventkit.model.errors import NotFoundError
from eventkit.model.event import Event, Revision, Status
from eventkit.model.registration import (
    Entry,
    Notice,
    NoticeKind,
    Outcome,
    Places,
    Registration,
    Seats,
    Standing,
)
from eventkit.model.values import Actor, Mode, Person, Role, Side, instant, of, several
from eventkit.rules import forms
from eventkit.rules.deadlines import closing, opening

_S = Standing

TRANSITIONS: Mapping[Standing | None, frozenset[Standing]] = {
    None: frozenset((_S.CONFIRMED, _S.WAITING, _S.PENDING)),
    _S.PENDING: frozenset((_S.CONFIRMED, _S.WAITING, _S.REJECTED, _S.CANCELLED)),
    _S.WAITING: frozenset((_S.OFFERED, _S.CONFIRMED, _S.CANCELLED, _S.EXPIRED)),
    _S.OFFERED: frozenset((_S.CONFIRMED, _S.DECLINED, _S.EXPIRED, _S.CANCELLED)),
    _S.CONFIRMED: frozenset((_S.CANCELLED, _S.SUBSTITUTED, _S.ATTENDED, _S.NO_SHOW)),
    _S.ATTENDED: frozenset((_S.CONFIRMED,)),
    _S.NO_SHOW: frozenset((_S.CONFIRMED,)),
    _S.REJECTED: frozenset(),
    _S.DECLINED: frozenset(),
    _S.EXPIRED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.SUBSTITUTED: frozenset(),
}
"""Where a registration may go from where it stands (None: it is new)."""

OVERRIDABLE = frozenset(
    (
        "answer_missing",
        "cancel_closed",
        "cancel_on_its_way",
        "deadline_passed",
        "edit_closed",
        "event_over",
        "not_yet_open",
        "started",
        "substitute_closed",
        "too_early",
    )
)
"""What staff may go past with a reason; a plugin's veto too."""

_KINDS = {
    _S.PENDING: NoticeKind.RECEIVED,
    _S.CONFIRMED: NoticeKind.CONFIRMATION,
    _S.WAITING: NoticeKind.WAITING,
    _S.OFFERED: NoticeKind.OFFER,
    _S.CANCELLED: NoticeKind.SEAT_CANCELLED,
    _S.DECLINED: NoticeKind.SEAT_CANCELLED,
    _S.EXPIRED: NoticeKind.SEAT_CANCELLED,
    _S.REJECTED: NoticeKind.SEAT_CANCELLED,
    _S.SUBSTITUTED: NoticeKind.SUBSTITUTION,
}
"""What a person is told on coming to a status; of having come or stayed away, nothing."""

_IN_CALENDARS = frozenset(
    (
        NoticeKind.CONFIRMATION,
        NoticeKind.CHANGE,
        NoticeKind.SUBSTITUTION,
        NoticeKind.SEAT_CANCELLED,
        NoticeKind.EVENT_CANCELLED,
    )
)
"""The notices that put an entry into a calendar, or take one out."""

NO_NEWS = frozenset((NoticeKind.REMINDER, NoticeKind.LINK))
"""Notices that do not say what has changed: whoever gets one is still owed that."""

SECOND_THOUGHTS = timedelta(minutes=5)
"""How long what staff send to everybody can still be taken back."""

LEAST_NOTICE = timedelta(hours=24)
"""The time one has at least to answer an offer, unless the event is too near."""

NOON = clock_time(12)


def _days(days: Iterable[date]) -> frozenset[date]:
    return frozenset(days)  # mypy loses the type of a bare `frozenset` here


@frozen(kw_only=True)
class Book:
    """What the desk looks into: an event, its seats, and those of its registrations that matter.

    `registrations` are at least these: those the command names, with their parties; those that came
    by the sign-up's key, and where it takes a name or address away those that came by none; every
    one its people ever had here; every offered one whose offer has ended; and of the others who
    wait, in order, as many as could be seated and one more. More do no harm. `last` is the number
    given last; on `holidays` nobody works.
    """

    revision: Revision = of(Revision)
    seats: Seats = of(Seats)
    last: int = 0
    registrations: tuple[Registration, ...] = several(Registration)
    holidays: frozenset[date] = field(default=frozenset(), converter=_days)

    @property
    def event(self) -> Event:
        """The event as it is."""
        return self.revision.event


def counted(status: Standing) -> str | None:
    """The count of `Places` that a registration of this status is in; None for none."""
    if status.is_seated:
        return "confirmed"
    return status.value if status in (_S.OFFERED, _S.WAITING) else None


def fits(people: int, places: Places) -> bool:
    """Whether there are free seats for so many together."""
    return places.free is None or people <= places.free


def together(one: Registration, other: Registration) -> bool:
    """Whether these came by one form, or sit or wait as one."""
    return one.group == other.group or bool(one.key and one.key == other.key)


def is_booked(one: Registration, booker: Person, through: Registration) -> bool:
    """Whether `booker`, who came or signed up with `through`, signed `one` up: with it, or to stand
    in for somebody who did.

    Who stands in came by no form, and may have been split from the party since.
    """
    stands_in = not one.key and bool(booker.email)
    return one.booker == booker and (together(one, through) or stands_in)


def in_groups(queue: Iterable[Registration]) -> list[list[Registration]]:
    """Those in line, together with whom they came with."""
    groups: dict[int, list[Registration]] = {}
    for one in queue:
        groups.setdefault(one.group, []).append(one)
    return list(groups.values())


def offer_ends(event: Event, *, now: datetime, holidays: Collection[date]) -> datetime:
    """When an offer made at `now` ends: noon of the first working day at least 24 hours ahead.

    Never later than offers are made at all. Working days are Monday to Friday less `holidays`.
    """
    earliest = instant(now) + LEAST_NOTICE
    day = earliest.astimezone(event.zone).date()
    closes = closing(event.offers_until, event)
    while day <= closes.date():
        noon = datetime.combine(day, NOON, event.zone)
        if day.weekday() < 5 and day not in holidays and instant(noon) >= earliest:
            return min(noon, closes, key=instant)
        day += timedelta(days=1)
    return closes


class Turn:
    """One command at work: what it has changed so far, and what that owes.

    Registrations and seats change only in `enter`, `move` and `change`.
    """

    def __init__(self, book: Book, *, now: datetime, actor: Actor, reason: str = "") -> None:
        self.book = book
        self.moment = instant(now)
        self.actor = actor
        self.reason = reason
        self.seats = book.seats
        self.last = book.last
        self._rows = {one.number: one for one in book.registrations}
        self._changed: dict[int, Registration] = {}
        self._entries: list[Entry] = []
        self._notices: list[Notice] = []

    # --- looking ---

    def named(self, numbers: Collection[int]) -> list[Registration]:
        """The registrations a command names, in order of arrival; raises `NotFoundError`."""
        for number in numbers:
            if number not in self._rows:
                name = f"{self.book.event.id}-{number}"
                raise NotFoundError(
                    f"there is no registration {name}",
                    code="unknown_registration",
                    registration=name,
                )
        return [self._rows[number] for number in sorted(set(numbers))]

    def group(self, one: Registration) -> list[Registration]:
        """Those who sit or wait with `one`, itself among them."""
        found = (other for other in self._rows.values() if other.group == one.group)
        return sorted(found, key=lambda other: other.number)

    def everybody(self) -> tuple[Registration, ...]:
        """All that the book holds, as they stand now, in order of arrival."""
        return tuple(self._rows[number] for number in sorted(self._rows))

    def booked_by(self, one: Registration) -> list[Registration]:
        """Those whom `one` signed up, in order of arrival."""
        if one.booker is not None:
            return []
        found = (other for other in self._rows.values() if is_booked(other, one.person, one))
        return sorted(found, key=lambda other: other.number)

    def active(self, who: str) -> Registration | None:
        """The active registration of a person, by `forms.identity`."""
        return next((one for one in self._all_of(who) if one.status.is_active), None)

    def _all_of(self, who: str) -> list[Registration]:
        return [one for one in self._rows.values() if who and forms.identity_of(one) == who]

    def queue(self, mode: Mode) -> list[Registration]:
        """Who waits in one mode, in order of arrival."""
        waiting = (
            one
            for one in self._rows.values()
            if one.status is _S.WAITING and one.mode is mode and one.role is Role.PARTICIPANT
        )
        return sorted(waiting, key=lambda one: (one.group, one.number))

    def refusal(self, reasons: Iterable[Reason], vetoes: Sequence[Reason] = ()) -> Refused | None:
        """No, for the reasons that stand: staff with a reason of their own go past some."""
        reasons = (*reasons, *forms.cpr_faults(self.reason, "reason"))
        if self.actor.side is Side.PUBLIC or not self.reason.strip():
            left = (*reasons, *vetoes)
        else:
            left = tuple(one for one in reasons if one.code not in OVERRIDABLE)
        return Refused(left) if left else None

    # --- changing ---

    def enter(
        self,
        person: Person,
        status: Standing,
        action: str,
        *,
        kind: NoticeKind | None = None,
        also: str = "",
        **said: Any,
    ) -> None:
        """Write a new registration, under the next number; `also` is told as well.

        The UID of a person's calendar entry is that of their last registration here, one SEQUENCE
        further on.
        """
        self.last += 1
        event = self.book.event
        known = self._all_of(forms.identity(person, said.get("booker")))
        latest = max(known, key=lambda one: one.number, default=None)
        uid = None if latest is None else latest.uid
        new = Registration(
            event=str(event.id),
            number=self.last,
            person=person,
            status=status,
            at=self.moment,
            told=self.book.revision.number,
            uid=uid or _uid(event, self.last, self.moment),
            sequence=0 if latest is None else latest.sequence + 1,
            **said,
        )
        self._save(None, new, action, kind, also)

    def move(
        self,
        one: Registration,
        status: Standing,
        action: str,
        *,
        by: int | None = None,
        silently: bool = False,
        **changes: Any,
    ) -> None:
        """Bring a registration to another status or mode, and count its seat.

        It is told, unless `silently`, where something else tells it already.
        """
        if status is not one.status and status not in TRANSITIONS[one.status]:
            raise AssertionError(f"{one.id} cannot go from {one.status} to {status}")
        after = evolve(one, status=status, change=one.change + 1, **changes)
        if one.status is _S.CONFIRMED and (not status.is_seated or after.mode is not one.mode):
            after = evolve(after, sequence=one.sequence + 1)  # a CANCEL, or another entry
        self._save(one, after, action, by=by, silently=silently)

    def change(
        self,
        one: Registration,
        action: str,
        *,
        kind: NoticeKind | None = None,
        due: datetime | None = None,
        **changes: Any,
    ) -> None:
        """Change what a registration says, its status apart; a notice of it may be `due` later.

        Where one becomes somebody else, the calendar entry stays with whichever registration of who
        they were had it last, and is no other's.
        """
        after = evolve(one, change=one.change + 1, **changes)
        if (who := forms.identity_of(one)) != forms.identity_of(after):
            others = [other for other in self._all_of(who) if other.uid == one.uid]
            last = max(other.number for other in (one, *others))
            if one.number != last:
                after = evolve(after, uid=None)
            for other in others:
                if other.number not in (one.number, last):
                    self._rows[other.number] = evolve(other, uid=None)
                    self._changed[other.number] = self._rows[other.number]
        self._save(one, after, action, kind, due=due)

    def _save(
        self,
        before: Registration | None,
        after: Registration,
        action: str,
        kind: NoticeKind | None = None,
        also: str = "",
        by: int | None = None,
        due: datetime | None = None,
        silently: bool = False,
    ) -> None:
        owed: list[Notice] = []
        number = self.book.revision.number
        kind = None if silently else kind or _told_as(before, after, number)
        if kind is not None:
            seated = after.status.is_seated or (before is not None and before.status.is_seated)
            calendar = seated and kind in _IN_CALENDARS
            told: dict[str, Any] = {"status": after.status}
            if before is not None and before.told != number:
                told["since"] = before.told  # what they knew until now
            if kind is NoticeKind.CHANGE and before is not None and not _is_same(before, after):
                told["mode"] = after.mode
            if kind not in NO_NEWS and after.told != number:
                after = evolve(after, told=number)
            if after.recipient:
                owed.append(self._notice(after, kind, after.recipient, told, calendar, due=due))
            if also:
                owed.append(self._notice(after, kind, also, told, False, more=".booker"))
        self._count(before, -1)
        self._count(after, +1)
        self._rows[after.number] = self._changed[after.number] = after
        self._notices += owed
        data: dict[str, Any] = {
            "change": after.change,
            "from": None if before is None else before.status,
            "to": after.status,
            "notices": [one.key for one in owed],
        }
        if by is not None:
            data["by"] = by
        if before is None or before.mode is not after.mode:
            data["mode"] = after.mode
        if after.fee is not None:
            data["fee"] = after.fee
        self._entries.append(
            Entry(
                at=self.moment,
                actor=self.actor,
                action=action,
                event=after.event,
                registration=after.number,
                reason=self.reason,
                data=data,
            )
        )

    def _notice(
        self,
        one: Registration,
        kind: NoticeKind,
        to: str,
        told: Mapping[str, Any],
        calendar: bool,
        *,
        due: datetime | None = None,
        more: str = "",
    ) -> Notice:
        revision = self.book.revision
        return Notice(
            key=f"{one.id}.{one.change}{more}",
            kind=kind,
            event=one.event,
            revision=revision.number,
            registration=one.number,
            recipient=to,
            due=due or self.moment,
            language=one.language,
            sequence=revision.sequence + one.sequence if calendar else None,
            data=told,
        )

    def _count(self, one: Registration | None, by: int) -> None:
        if one is None or one.role is not Role.PARTICIPANT:
            return
        name = counted(one.status)
        if name is not None:
            places = self.seats.in_mode(one.mode)
            places = evolve(places, **{name: getattr(places, name) + by})
            self.seats = self.seats.with_mode(one.mode, places)

    # --- what is due ---

    def settle(self) -> None:
        """Expire what has ended, then promote whoever is next, in order, while there is room.

        An event that is not announced, or called off, gives nothing away. What it offered is void
        once it is called off and nobody has taken that back.
        """
        event = self.book.event
        if not self._rows:
            return
        if event.status is Status.CANCELLED and self.moment >= void_from(self.book.revision):
            for one in sorted(self._rows.values(), key=lambda one: one.number):
                if one.status is _S.OFFERED:  # who was told that the event is called off
                    self.move(one, _S.EXPIRED, "expire", silently=True)
        if event.status is not Status.PUBLISHED:
            return
        ended = self.moment >= instant(closing(event.offers_until, event))
        for one in sorted(self._rows.values(), key=lambda one: one.number):
            lapsed = one.offer_ends is not None and self.moment >= instant(one.offer_ends)
            if one.status is _S.OFFERED and (ended or lapsed):
                self.move(one, _S.EXPIRED, "expire")
        for mode in Mode:
            if ended:
                for one in self.queue(mode):
                    self.move(one, _S.EXPIRED, "expire")
            else:
                self._promote(mode)

    def _promote(self, mode: Mode) -> None:
        queue = self.queue(mode)
        if not queue:
            return
        event = self.book.event
        offered = event.offers_from is not None and self.moment >= instant(
            opening(event.offers_from, event)
        )
        for group in in_groups(queue):
            if not fits(len(group), self.seats.in_mode(mode)):
                return  # nobody passes who came before them
            for one in group:
                if offered:
                    ends = offer_ends(event, now=self.moment, holidays=self.book.holidays)
                    self.move(one, _S.OFFERED, "offer", offer_ends=ends)
                else:
                    self.move(one, _S.CONFIRMED, "promote")

    # --- done ---

    def outcome(self) -> Outcome:
        """All that must be saved, in one commit."""
        return Outcome(
            registrations=tuple(self._changed[number] for number in sorted(self._changed)),
            seats=self.seats,
            notices=tuple(self._notices),
            entries=tuple(self._entries),
        )


def begin(book: Book, *, now: datetime, actor: Actor, reason: str = "") -> Turn:
    """A command at work, once what was due before it is done."""
    turn = Turn(book, now=now, actor=actor, reason=reason)
    turn.settle()
    return turn


def void_from(revision: Revision) -> datetime:
    """When the offers of an event that `revision` called off are void, UTC."""
    return instant(revision.at) + SECOND_THOUGHTS


def _is_same(before: Registration, after: Registration) -> bool:
    """Whether a person attends as before, and is written to at the same address."""
    return _reads_along(before, after) and before.mode is after.mode


def _reads_along(before: Registration, after: Registration) -> bool:
    """Whether they are written to where they were before."""
    return before.recipient.casefold() == after.recipient.casefold()


def _told_as(before: Registration | None, after: Registration, revision: int) -> NoticeKind | None:
    """What a change is told as, at this `revision` of the event; None where nobody need be told.

    Who has no seat does not attend in this way or that, and at another address nothing was read
    yet: there they are told how they stand, unless something is new besides.
    """
    if before is None or before.status is not after.status:
        undone = before is not None and before.status in (_S.ATTENDED, _S.NO_SHOW)
        return None if undone else _KINDS.get(after.status)
    if not after.status.is_active or _is_same(before, after):
        return None
    knows = _reads_along(before, after) or before.told != revision
    if after.status.is_seated and (knows or after.status is not _S.CONFIRMED):
        return NoticeKind.CHANGE
    return _KINDS[after.status]


def _uid(event: Event, number: int, moment: datetime) -> str:
    """The UID of a person's calendar entry, which tells neither the event's nor the number.

    After a restore a number is given anew; the `moment` is not.
    """
    said = f"{event.uid or event.id} {number} {moment.isoformat()}"
    return hashlib.sha256(said.encode()).hexdigest()[:32]
