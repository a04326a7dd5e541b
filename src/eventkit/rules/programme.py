"""EK1xx: whether an agenda holds together.

One sort, then one pass for each question: O(n log n) for n items, and at most one finding of a
code for each item (for EK106: for each speaker of each item). Two items overlap when they share
more than a moment; touching is not overlapping.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from attrs import frozen

from eventkit.model.decision import Finding, Severity
from eventkit.model.event import AgendaItem, Event
from eventkit.model.values import instant

LONGEST_GAP = timedelta(minutes=60)


@frozen
class _Slot:
    """An item, its place in the programme and its instants (UTC); `until` None if unknown."""

    index: int
    item: AgendaItem
    since: datetime
    until: datetime | None

    def order(self) -> tuple[datetime, bool, timedelta, str]:
        """By start, then the longest first and open ends last; never by place in the programme."""
        length = timedelta(0) if self.until is None else self.until - self.since
        return (self.since, self.until is None, -length, self.item.key)


def check(event: Event) -> tuple[Finding, ...]:
    """What is doubtful in the programme of `event`, in the programme's order.

    EK101 overlap within a track: each item once, against the running item that ends last.
    EK102 outside the event's hours. EK103 ends before it starts. EK104 open end. EK105 more than
    60 minutes with nothing in any track, within one day. EK106 a speaker in two tracks at once.
    """
    found: list[tuple[int, Finding]] = []
    slots: list[_Slot] = []
    for index, item in enumerate(event.programme):
        since = instant(item.starts)
        until = None if item.ends is None else instant(item.ends)
        if until is not None and until < since:
            found.append((index, _ends_first(index, item)))
            until = None
        slots.append(_Slot(index, item, since, until))
    slots.sort(key=_Slot.order)
    found += _overlaps(slots)
    found += _outside(event, slots)
    found += _open_ends(slots)
    found += _gaps(slots)
    found += _double_booked(slots)
    found.sort(key=lambda pair: (pair[0], pair[1].code))
    return tuple(finding for _, finding in found)


def _ends_first(index: int, item: AgendaItem) -> Finding:
    return Finding(
        code="EK103",
        severity=Severity.ERROR,
        path=f"programme[{index}].ends",
        data={"item": item.key, "starts": item.starts, "ends": item.ends},
    )


def _overlap(running: _Slot, slot: _Slot) -> timedelta:
    """For how long `slot` lies on top of `running`, which began no later."""
    if running.until is None or slot.until is None:
        return timedelta(0)
    return min(running.until, slot.until) - slot.since


def _overlaps(slots: Iterable[_Slot]) -> Iterator[tuple[int, Finding]]:
    running: dict[str, _Slot] = {}
    for slot in slots:
        if slot.until is None:
            continue
        longest = running.get(slot.item.track)
        if longest is not None and (shared := _overlap(longest, slot)) > timedelta(0):
            yield (
                slot.index,
                Finding(
                    code="EK101",
                    severity=Severity.WARNING,
                    path=f"programme[{longest.index}].ends",
                    data={
                        "item": longest.item.key,
                        "other": slot.item.key,
                        "minutes": _minutes(shared),
                        "ends": longest.item.ends,
                        "starts": slot.item.starts,
                    },
                    fix=slot.item.starts if slot.since > longest.since else None,
                ),
            )
        if longest is None or longest.until is None or slot.until > longest.until:
            running[slot.item.track] = slot


def _minutes(length: timedelta) -> int | float:
    minutes = length / timedelta(minutes=1)
    return int(minutes) if minutes.is_integer() else round(minutes, 2)


def _outside(event: Event, slots: Iterable[_Slot]) -> Iterator[tuple[int, Finding]]:
    first = instant(event.starts)
    last = None if event.ends is None else instant(event.ends)
    for slot in slots:
        astray = slot.since < first or (last is not None and slot.since > last)
        late = last is not None and slot.until is not None and slot.until > last
        if astray or late:
            yield (
                slot.index,
                Finding(
                    code="EK102",
                    severity=Severity.WARNING,
                    path=f"programme[{slot.index}].{'starts' if astray else 'ends'}",
                    data={
                        "item": slot.item.key,
                        "starts": slot.item.starts,
                        "ends": slot.item.ends,
                        "event_starts": event.starts,
                        "event_ends": event.ends,
                    },
                ),
            )


def _open_ends(slots: list[_Slot]) -> Iterator[tuple[int, Finding]]:
    upcoming: dict[str, list[_Slot]] = defaultdict(list)  # by track, the next start on top
    for slot in reversed(slots):
        upcoming[slot.item.track].append(slot)
    for slot in slots:
        track = upcoming[slot.item.track]
        while track and track[-1].since <= slot.since:
            track.pop()
        if slot.item.ends is not None:
            continue
        after = track[-1].item.starts if track else None
        same_day = after is not None and after.date() == slot.item.starts.date()
        yield (
            slot.index,
            Finding(
                code="EK104",
                severity=Severity.INFO,
                path=f"programme[{slot.index}].ends",
                data={"item": slot.item.key, "starts": slot.item.starts},
                fix=after if same_day else None,
            ),
        )


def _gaps(slots: Iterable[_Slot]) -> Iterator[tuple[int, Finding]]:
    last: AgendaItem | None = None  # the item that ends last so far
    until: datetime | None = None  # when it ends; None while nobody knows
    for slot in slots:
        if (
            last is not None
            and last.ends is not None
            and until is not None
            and slot.since - until > LONGEST_GAP
            and slot.item.starts.date() == last.ends.date()
        ):
            yield (
                slot.index,
                Finding(
                    code="EK105",
                    severity=Severity.WARNING,
                    path=f"programme[{slot.index}].starts",
                    data={
                        "item": last.key,
                        "other": slot.item.key,
                        "minutes": _minutes(slot.since - until),
                        "ends": last.ends,
                        "starts": slot.item.starts,
                    },
                ),
            )
        if slot.until is not None and (until is None or slot.until >= until):
            last, until = slot.item, slot.until
        elif slot.until is None and (until is None or slot.since >= until):
            last, until = slot.item, None


def _double_booked(slots: Iterable[_Slot]) -> Iterator[tuple[int, Finding]]:
    # For each speaker the running item that ends last, and the one that ends last in any other
    # track: whichever track the next item is in, one of the two is what it must be held against.
    running: defaultdict[str, list[_Slot]] = defaultdict(list)
    for slot in slots:
        for name, said in {_same_name(p.name): p.name for p in slot.item.speakers}.items():
            for other in running[name]:
                shared = _overlap(other, slot)
                if other.item.track != slot.item.track and shared > timedelta(0):
                    yield slot.index, _two_tracks(said, other, slot, shared)
                    break
            running[name] = _latest_of_two_tracks([*running[name], slot])


def _same_name(name: str) -> str:
    return " ".join(name.casefold().split())


def _latest_of_two_tracks(slots: list[_Slot]) -> list[_Slot]:
    closed = [slot for slot in slots if slot.until is not None]
    closed.sort(key=lambda slot: slot.until or slot.since, reverse=True)
    first = closed[:1]
    return first + [s for s in closed if s.item.track != first[0].item.track][:1]


def _two_tracks(name: str, other: _Slot, slot: _Slot, shared: timedelta) -> Finding:
    return Finding(
        code="EK106",
        severity=Severity.WARNING,
        path=f"programme[{slot.index}].speakers",
        data={
            "speaker": name,
            "item": other.item.key,
            "other": slot.item.key,
            "minutes": _minutes(shared),
        },
    )
