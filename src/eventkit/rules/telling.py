"""What everybody at an event is told: reminded, told what is new, told that it is called off.

Nothing here moves anybody. Who is told what, and what they knew until then, stays with their
registration, so that the next difference is told from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import evolve

from eventkit.model.event import Event
from eventkit.model.registration import NoticeKind, Outcome, Registration, Standing
from eventkit.model.values import SYSTEM, Actor
from eventkit.rules import changes
from eventkit.rules.seating import SECOND_THOUGHTS, Book, Turn, begin


def remind(book: Book, *, now: datetime) -> Outcome:
    """Remind everybody who comes, by the event as it is; `book` holds everybody who has a seat."""
    turn = begin(book, now=now, actor=SYSTEM)
    for one in turn.everybody():
        if one.status is Standing.CONFIRMED and one.recipient:
            turn.change(one, "remind", kind=NoticeKind.REMINDER)
    return turn.outcome()


def untold(book: Book, before: Mapping[int, Event]) -> tuple[Registration, ...]:
    """Those whom it concerns what differs between the event and what they were last told of it.

    `book` holds everybody active; `before` the event as it was in each revision anybody was told.
    """
    return tuple(
        one
        for one in Turn(book, now=book.revision.at, actor=SYSTEM).everybody()
        if one.status.is_active
        and one.told is not None
        and one.told != book.revision.number
        and changes.concerning(before[one.told], book.event, one)
    )


def tell(book: Book, before: Mapping[int, Event], *, now: datetime) -> Outcome:
    """Tell those of `untold` what is new, each since they were last told."""
    turn = begin(book, now=now, actor=SYSTEM)
    for one in untold(evolve(book, registrations=turn.everybody()), before):
        if one.recipient:
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
    """Note that these were never told that the event was called off: `told` is what they know."""
    turn = Turn(book, now=now, actor=actor, reason=reason)
    for one in turn.named(tuple(told)):
        turn.change(one, "take_back", told=told[one.number])
    return turn.outcome()
