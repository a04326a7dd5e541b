"""What differs between two states of an event, whom it concerns, and whether calendars must move.

Source of the SEQUENCE rule: RFC 5546 2.1.4, narrowed to what moves an entry or its place.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from attrs import evolve, fields, frozen, has

from eventkit.model.event import AgendaItem, Event, Status
from eventkit.model.registration import Registration
from eventkit.model.values import Mode, OnlineAccess, instant
from eventkit.rules.access import attends_online, is_online


class Concern(StrEnum):
    """Whom a change concerns."""

    EVERYBODY = "everybody"
    ROOM = "room"
    ONLINE = "online"
    NOBODY = "nobody"


@frozen(kw_only=True)
class Change:
    """One thing that differs: its path (an item's by its key), both values and its `concern`."""

    path: str
    before: Any
    after: Any
    concern: Concern


_CONCERN = {
    "title": Concern.EVERYBODY,
    "status": Concern.EVERYBODY,
    "status_reason": Concern.EVERYBODY,
    "starts": Concern.EVERYBODY,
    "ends": Concern.EVERYBODY,
    "programme": Concern.EVERYBODY,
    "venue": Concern.ROOM,
    "online": Concern.ONLINE,
    "contact": Concern.EVERYBODY,
    "price": Concern.EVERYBODY,
    "fees": Concern.EVERYBODY,
    "no_show_fee": Concern.EVERYBODY,
    "edit_deadline": Concern.EVERYBODY,
    "substitute_deadline": Concern.EVERYBODY,
    "cancel_deadline": Concern.EVERYBODY,
}
"""A field that is not here concerns nobody who has already joined."""


def differences(before: Event, after: Event) -> tuple[Change, ...]:
    """What differs from `before` to `after`, in the order of the fields.

    Programme items are compared by key; one added or removed has None on the other side. Two times
    are the same when they are the same instant on the same clocks.
    """
    found: list[Change] = []
    for attribute in fields(Event):
        name = attribute.name
        old, new = getattr(before, name), getattr(after, name)
        if name == "programme":
            found += _items(before, after)
        elif not _same(old, new):
            found.append(Change(path=name, before=old, after=new, concern=_concern(name, after)))
    return tuple(found)


def _concern(name: str, after: Event) -> Concern:
    if name == "status_reason" and after.status is Status.PUBLISHED:
        return Concern.NOBODY  # why an event is not held is nothing to who comes to one that is
    return _CONCERN.get(name, Concern.NOBODY)


def concerning(before: Event, after: Event, registration: Registration) -> tuple[Change, ...]:
    """What differs for one person, by how they attend and as what, and by what they can see."""
    return tuple(one for one in differences(before, after) if concerns(one, registration))


def concerns(change: Change, registration: Registration) -> bool:
    """Whether a change is news for somebody: it is about them, and they can see it."""
    return _is_about(change, registration) and _shows(change, registration)


def _is_about(change: Change, registration: Registration) -> bool:
    match change.concern:
        case Concern.EVERYBODY:
            return True
        case Concern.ROOM:
            return registration.mode is Mode.ROOM
        case Concern.ONLINE:
            return is_online(registration)
        case Concern.NOBODY:
            return False


def _shows(change: Change, registration: Registration) -> bool:
    """Whether somebody can see a change: of a private link only those who are handed it do.

    Else a link that staff put on one talk would be news of nothing to everybody in the room.
    """
    handed = attends_online(registration)
    return not _same(_seen(change.before, handed), _seen(change.after, handed))


def _seen(value: Any, handed: bool) -> Any:
    if isinstance(value, AgendaItem):
        return evolve(value, online=_seen(value.online, handed))
    if isinstance(value, OnlineAccess):
        return evolve(value, url=value.url if handed or value.public else None, public=False)
    return value


def _same(old: Any, new: Any) -> bool:
    """Equality that looks at the instants of times, also of those inside a value."""
    if isinstance(old, datetime) and isinstance(new, datetime):
        return instant(old) == instant(new) and old.tzinfo is new.tzinfo
    if isinstance(old, tuple) and isinstance(new, tuple):
        return len(old) == len(new) and all(map(_same, old, new))
    if type(old) is type(new) and has(type(old)):
        return all(_same(getattr(old, a.name), getattr(new, a.name)) for a in fields(type(old)))
    return bool(old == new)


def _items(before: Event, after: Event) -> list[Change]:
    old = {item.key: item for item in before.programme}
    new = {item.key: item for item in after.programme}
    return [
        Change(
            path=f"programme[{key}]",
            before=old.get(key),
            after=new.get(key),
            concern=_CONCERN["programme"],
        )
        for key in dict.fromkeys([*old, *new])
        if not _same(old.get(key), new.get(key))
    ]


_MOVES = ("starts", "ends", "venue", "online", "status")
_ITEM_MOVES = ("starts", "ends", "room", "online")


def raises_sequence(before: Event, after: Event) -> bool:
    """Whether those who have the event in a calendar must change their entry.

    True when a published event gets another start, end, zone, place, link or status; a corrected
    typo is none of these. True also when one of its items gets another start, end, room or link, or
    goes: items may stand in calendars as entries of their own, which show the event's number. A new
    item is in no calendar yet, and neither is a draft.
    """
    if before.status is Status.DRAFT:
        return False
    if _moved(before, after, _MOVES):
        return True
    items = {item.key: item for item in after.programme}
    return any(
        item.key not in items or _moved(item, items[item.key], _ITEM_MOVES)
        for item in before.programme
    )


def _moved(before: Any, after: Any, names: tuple[str, ...]) -> bool:
    return any(not _same(getattr(before, name), getattr(after, name)) for name in names)
