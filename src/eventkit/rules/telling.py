"""What everybody is told: a reminder, what is new, that it is called off; and staff how many come.

Nothing here moves anybody. Who is told what, and what they knew until then, stays with their
registration, so that the next difference is told from there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from attrs import evolve

from eventkit.model.event import Event, Status
from eventkit.model.registration import (
    Entry,
    Notice,
    NoticeKind,
    Outcome,
    Registration,
    Standing,
)
from eventkit.model.values import SYSTEM, Actor, Mode, Role
from eventkit.rules import changes
from eventkit.rules.seating import SECOND_THOUGHTS, Book, Turn, begin


def remind(book: Book, *, now: datetime) -> Outcome:
    """Remind everybody who comes, by the event as it is; `book` holds everybody who has a seat."""
    turn = begin(book, now=now, actor=SYSTEM)
    for one in turn.everybody():
        if one.status is Standing.CONFIRMED and one.recipient:
            turn.change(one, "remind", kind=NoticeKind.REMINDER)
    return turn.outcome()


def count(book: Book, *, now: datetime) -> Outcome:
    """Tell the contact of the event how many come; `book` holds everybody active.

    Those in the `room` and `online`, of whom so many are `others` than participants and so many
    have no address (`unreached`); and those who are `offered` a seat, `waiting` and `pending`.
    """
    outcome = begin(book, now=now, actor=SYSTEM).outcome()
    contact, revision = book.event.contact, book.revision
    if contact is None or not contact.email:
        return outcome
    people = {one.number: one for one in (*book.registrations, *outcome.registrations)}
    coming = [one for one in people.values() if one.status.is_seated]
    standings = Counter(one.status.value for one in people.values())
    key = f"{book.event.id}.{revision.number}.count"
    notice = Notice(
        key=key,
        kind=NoticeKind.STAFF,
        event=str(book.event.id),
        revision=revision.number,
        recipient=contact.email,
        due=now,
        language=book.event.language,
        data={
            **{mode.value: sum(one.mode is mode for one in coming) for mode in Mode},
            "others": sum(one.role is not Role.PARTICIPANT for one in coming),
            "unreached": sum(not one.recipient for one in coming),
            **{status.value: standings[status.value] for status in _UNDECIDED},
        },
    )
    entry = Entry(at=now, actor=SYSTEM, action="count", event=notice.event, data={"notices": [key]})
    return evolve(outcome, notices=(*outcome.notices, notice), entries=(*outcome.entries, entry))


_UNDECIDED = (Standing.OFFERED, Standing.WAITING, Standing.PENDING)


def untold(book: Book, before: Mapping[int, Event]) -> tuple[Registration, ...]:
    """Those whom it concerns what differs between the event and what they were last told of it.

    `book` holds everybody active; `before` the event as it was in each revision anybody was told.
    What changes once it is called off concerns nobody until it is on again.
    """
    if book.event.status is Status.CANCELLED:
        return ()
    # Once for each revision: most were told of the same one.
    news = {number: changes.differences(event, book.event) for number, event in before.items()}
    return tuple(
        one
        for one in Turn(book, now=book.revision.at, actor=SYSTEM).everybody()
        if one.status.is_active
        and one.told is not None
        and one.told != book.revision.number
        and any(changes.concerns(change, one) for change in news[one.told])
    )


def tell(book: Book, before: Mapping[int, Event], *, now: datetime) -> Outcome:
    """Tell those of `untold` what is new, each since they were last told.

    Who has no address counts as told: whoever sends it is shown whom to call.
    """
    turn = begin(book, now=now, actor=SYSTEM)
    for one in untold(evolve(book, registrations=turn.everybody()), before):
        turn.change(one, "tell", kind=NoticeKind.CHANGE)
    return turn.outcome()


def call_off(book: Book, *, now: datetime, actor: Actor, reason: str) -> Outcome:
    """Owe everybody active that the event is called off; staff may take it back for a while."""
    turn = Turn(book, now=now, actor=actor, reason=reason)
    due = turn.moment + SECOND_THOUGHTS
    for one in turn.everybody():
        if one.status.is_active and one.recipient:
            after = one.sequence + 1 if one.status.is_seated else one.sequence
            kind = NoticeKind.EVENT_CANCELLED
            turn.change(one, "call_off", kind=kind, due=due, sequence=after)
    return turn.outcome()


def take_back(
    told: Mapping[int, int], book: Book, *, now: datetime, actor: Actor, reason: str
) -> Outcome:
    """Note that these were never told that the event was called off: `told` is what they know.

    Who has left meanwhile was told that instead. Seats that came free are given away again.
    """
    turn = Turn(book, now=now, actor=actor, reason=reason)
    for one in turn.named(tuple(told)):
        if one.status.is_active:
            turn.change(one, "take_back", told=told[one.number])
    turn.settle()
    return turn.outcome()
