"""What it costs: to take part, to cancel, to stay away.

Amounts are those of the event, as they are at `now`; nothing here is owed before the desk says so.
"""

from __future__ import annotations

from datetime import datetime

from eventkit.model.event import Event
from eventkit.model.registration import Registration, Standing
from eventkit.model.values import Money, Role, instant
from eventkit.rules.deadlines import opening


def cancel_fee(event: Event, registration: Registration, *, now: datetime) -> Money | None:
    """What cancelling costs at `now`; None where it is free.

    The last fee that applies counts. Only who has a seat pays, and only participants do.
    """
    if registration.status is not Standing.CONFIRMED or registration.role is not Role.PARTICIPANT:
        return None
    due = [
        (instant(opening(fee.since, event)), index, fee.money)
        for index, fee in enumerate(event.fees)
        if instant(opening(fee.since, event)) <= instant(now)
    ]
    return _unless_free(max(due, key=lambda one: one[:2])[2] if due else None)


def charge(event: Event, registration: Registration) -> Money | None:
    """What `registration` owes as it stands: the price of a seat, or a fee; None where nothing."""
    if registration.fee is not None:
        return registration.fee
    seated = registration.status in (Standing.CONFIRMED, Standing.ATTENDED)
    if not seated or registration.role is not Role.PARTICIPANT:
        return None
    return _unless_free(event.price)


def no_show_fee(event: Event, registration: Registration) -> Money | None:
    """What staying away costs; None where the event asks nothing for it."""
    return _unless_free(event.no_show_fee) if registration.role is Role.PARTICIPANT else None


def _unless_free(money: Money | None) -> Money | None:
    return None if money is None or money.amount == 0 else money
