"""Who may see what of an event: the public, and somebody who is registered.

A link into a meeting is for those who attend online, and for those who speak, host or help. Nobody
else is ever handed a value that holds it.
"""

from __future__ import annotations

from attrs import evolve

from eventkit.model.event import AgendaItem, Event
from eventkit.model.registration import Registration
from eventkit.model.values import Mode, OnlineAccess, Role


def for_public(event: Event) -> Event:
    """`event` without what is for staff and those who attend.

    That is every link that is not public, what plugins keep in `extra`, and acknowledgements.
    """
    return evolve(
        event,
        online=_public(event.online),
        programme=tuple(_public_item(item) for item in event.programme),
        acknowledged=(),
        extra={},
    )


def for_attendee(event: Event, registration: Registration) -> Event:
    """`event` as who is registered may see it: with its links where they attend so."""
    if not attends_online(registration):
        return for_public(event)
    return evolve(
        event,
        online=_handed_over(event.online),
        programme=tuple(evolve(item, online=_handed_over(item.online)) for item in event.programme),
        acknowledged=(),
        extra={},
    )


def attends_online(registration: Registration) -> bool:
    """Whether the links of the event are for this person: who has a seat online, or speaks."""
    return is_online(registration) and registration.status.is_seated


def is_online(registration: Registration) -> bool:
    """Whether somebody takes part online, or speaks, hosts or helps, and so may."""
    return registration.mode is Mode.ONLINE or registration.role is not Role.PARTICIPANT


def _public(online: OnlineAccess | None) -> OnlineAccess | None:
    if online is None or online.public:
        return online
    return evolve(online, url=None)


def _public_item(item: AgendaItem) -> AgendaItem:
    return evolve(item, online=_public(item.online))


def _handed_over(online: OnlineAccess | None) -> OnlineAccess | None:
    """Access that its reader may use: nothing is left to promise."""
    return None if online is None else evolve(online, public=True)
