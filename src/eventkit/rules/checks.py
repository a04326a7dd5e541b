"""EK2xx to EK4xx: doubtful times, places and prices; and `check`, which asks every built-in rule.

A check reads data, never prose, and speaks of contradictions: that something is merely absent is
not a finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from eventkit.model.decision import Finding, Severity
from eventkit.model.event import Event
from eventkit.model.values import Deadline, clock_trouble, instant
from eventkit.rules import programme
from eventkit.rules.deadlines import closing, day_of, last_day, moved, opening, windows

SATURDAY = 5


def check(event: Event) -> tuple[Finding, ...]:
    """Everything the built-in rules find in `event`: programme, time, place, money."""
    return (*programme.check(event), *_times(event), *_places(event), *_money(event))


def _times(event: Event) -> Iterator[Finding]:
    joining = windows(event).joining
    # As the organiser put it: the last day that counts, or the moment.
    day = None if event.deadline is None else last_day(event.deadline, event)
    until = joining.closes if day is None else day
    if event.deadline is not None and instant(joining.closes) > instant(event.starts):
        yield Finding(
            code="EK201",
            severity=Severity.ERROR,
            path="deadline",
            data={"until": until, "starts": event.starts},
            fix=event.starts.date() - timedelta(days=1),
        )
    if (
        event.opens is not None
        and joining.opens is not None
        and instant(joining.closes) <= instant(joining.opens)
    ):
        yield Finding(
            code="EK202",
            severity=Severity.ERROR,
            path="deadline" if event.deadline is not None else "opens",
            data={"opens": _since(event.opens, event), "until": until},
        )
    yield from _weekend(event)
    for path, whose, when in _clock_times(event):
        if trouble := clock_trouble(when):
            right = instant(when).astimezone(event.zone)
            yield Finding(
                code="EK205",
                severity=Severity.ERROR,
                path=path,
                data={**whose, "time": when, "trouble": trouble},
                fix=right if trouble == "skipped" else None,
            )


def _weekend(event: Event) -> Iterator[Finding]:
    if event.deadline is None:
        return
    day = day_of(event.deadline, event)
    if day.weekday() >= SATURDAY:
        friday = day - timedelta(days=day.weekday() - SATURDAY + 1)
        yield Finding(
            code="EK203",
            severity=Severity.INFO,
            path="deadline",
            data={"day": day, "friday": friday},
            fix=moved(event.deadline, event, friday),
        )


def _since(deadline: Deadline, event: Event) -> date:
    """From when, as the organiser put it: a day, or the moment."""
    return last_day(deadline, event) or opening(deadline, event)


def _clock_times(event: Event) -> Iterator[tuple[str, dict[str, str], datetime]]:
    """Every wall time somebody wrote: its path, what tells it from the others, and the time."""
    for name in (
        "starts",
        "ends",
        "opens",
        "deadline",
        "edit_deadline",
        "substitute_deadline",
        "cancel_deadline",
        "offers_until",
    ):
        value = getattr(event, name)
        if isinstance(value, datetime):
            yield name, {"field": name}, value
    for index, fee in enumerate(event.fees):
        if isinstance(fee.since, datetime):
            yield f"fees[{index}].since", {"field": "fees"}, fee.since
    for index, item in enumerate(event.programme):
        for name, when in (("starts", item.starts), ("ends", item.ends)):
            if when is not None:
                yield f"programme[{index}].{name}", {"item": item.key, "field": name}, when


def _places(event: Event) -> Iterator[Finding]:
    if event.venue is None and event.online is None:
        yield Finding(code="EK301", severity=Severity.WARNING, path="venue")
    linked = event.online is not None and event.online.url is not None
    if event.online is not None and not linked:
        yield Finding(
            code="EK302",
            severity=Severity.WARNING,
            path="online.url",
            data={"provider": event.online.provider},
        )
    for index, item in enumerate(event.programme):
        if item.online is not None and item.online.url is None and not linked:
            yield Finding(
                code="EK302",
                severity=Severity.WARNING,
                path=f"programme[{index}].online.url",
                data={"item": item.key, "provider": item.online.provider},
            )
    if event.online_capacity is not None and event.online is None:
        yield Finding(
            code="EK303",
            severity=Severity.WARNING,
            path="online_capacity",
            data={"capacity": event.online_capacity},
        )


def _money(event: Event) -> Iterator[Finding]:
    prices = [
        ("price", event.price),
        *((f"fees[{index}].money", fee.money) for index, fee in enumerate(event.fees)),
        ("no_show_fee", event.no_show_fee),
    ]
    said = [(path, money) for path, money in prices if money is not None]
    if said and any(money.currency != said[0][1].currency for _, money in said):
        yield Finding(
            code="EK402",
            severity=Severity.WARNING,
            path=said[0][0],
            data={"currencies": sorted({money.currency for _, money in said})},
        )
    elif event.price is not None:
        for path, money in said[1:]:
            if money.amount > event.price.amount and path.startswith("fees"):
                yield Finding(
                    code="EK401",
                    severity=Severity.WARNING,
                    path=path,
                    data={
                        "fee": money,
                        "price": event.price,
                    },
                )
    until = instant(closing(event.cancel_deadline, event))
    for index, fee in enumerate(event.fees):
        if instant(opening(fee.since, event)) >= until:
            yield Finding(
                code="EK403",
                severity=Severity.WARNING,
                path=f"fees[{index}].since",
                data={
                    "since": _since(fee.since, event),
                    "closes": closing(event.cancel_deadline, event),
                },
            )
