"""An event as ``schema.org/Event`` in JSON-LD, for search engines: what the page says, no more.

Private links are left out: who attends online is told that the event has a virtual location, whose
address is the page. `text(data)` is safe inside a ``<script>`` element.
"""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from eventkit.model.event import AgendaItem, Event, Status
from eventkit.model.values import Mode, Money, Venue
from eventkit.rules.deadlines import Closed, NotYetOpen, Open, Over, State, WaitingOnly, windows

_STATUS = {
    Status.DRAFT: "EventScheduled",
    Status.PUBLISHED: "EventScheduled",
    Status.POSTPONED: "EventPostponed",
    Status.CANCELLED: "EventCancelled",
}
_UNSAFE = {ord(character): f"\\u{ord(character):04x}" for character in "<>&'"}


def text(data: dict[str, Any]) -> Markup:
    """`data` as ASCII JSON in which nothing can end a script element or begin a tag."""
    said = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return Markup(said.translate(_UNSAFE))  # noqa: S704 - nothing unsafe is left


def document(event: Event, state: State, *, address: str) -> dict[str, Any]:
    """`event` as schema.org/Event; `address` is that of its page."""
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": address,
        "url": address,
        "identifier": event.id,
        "name": event.title,
        "inLanguage": event.language,
        "startDate": event.starts.isoformat(),
        "eventStatus": f"https://schema.org/{_STATUS[event.status]}",
        "eventAttendanceMode": f"https://schema.org/{_attendance(event)}",
    }
    if event.ends is not None:
        data["endDate"] = event.ends.isoformat()
    if event.summary:
        data["description"] = event.summary
    if places := _places(event, address):
        data["location"] = places[0] if len(places) == 1 else places
    if event.organiser is not None:
        data["organizer"] = {"@type": "Organization", "name": event.organiser.name}
        if event.organiser.url:
            data["organizer"]["url"] = event.organiser.url
    if event.capacity is not None and Mode.ROOM in event.modes:
        data["maximumPhysicalAttendeeCapacity"] = event.capacity
    if event.online_capacity is not None and Mode.ONLINE in event.modes:
        data["maximumVirtualAttendeeCapacity"] = event.online_capacity
    if event.price is not None:
        data["isAccessibleForFree"] = event.price.amount == 0
        data["offers"] = _offer(event, event.price, state, address)
    if items := [_part(item) for item in event.programme if not item.is_break]:
        data["subEvent"] = items
    return data


def _attendance(event: Event) -> str:
    modes = event.modes
    if len(modes) == 2:
        return "MixedEventAttendanceMode"
    if modes == (Mode.ONLINE,):
        return "OnlineEventAttendanceMode"
    return "OfflineEventAttendanceMode"


def _places(event: Event, address: str) -> list[dict[str, Any]]:
    places = []
    if event.venue is not None:
        places.append(_place(event.venue))
    if event.online is not None:
        url = event.online.url if event.online.public and event.online.url else address
        places.append({"@type": "VirtualLocation", "url": url})
    return places


def _place(venue: Venue) -> dict[str, Any]:
    address = {
        "streetAddress": venue.street,
        "postalCode": venue.postcode,
        "addressLocality": venue.locality,
        "addressCountry": venue.country,
    }
    address = {name: value for name, value in address.items() if value}
    place: dict[str, Any] = {
        "@type": "Place",
        "name": venue.name or venue.room or venue.street or venue.locality or venue.postcode,
    }
    if address:
        place["address"] = {"@type": "PostalAddress", **address}
    return place


def _offer(event: Event, price: Money, state: State, address: str) -> dict[str, Any]:
    joining = windows(event).joining
    offer: dict[str, Any] = {
        "@type": "Offer",
        "url": address,
        "price": str(price.amount),
        "priceCurrency": price.currency,
        "validThrough": joining.closes.isoformat(),
    }
    if joining.opens is not None:
        offer["validFrom"] = joining.opens.isoformat()
    if (availability := _availability(state)) is not None:
        offer["availability"] = f"https://schema.org/{availability}"
    return offer


def _availability(state: State) -> str | None:
    """Whether a seat can be had; of an event that is cancelled or postponed nothing is said."""
    match state:
        case Open():
            return "InStock"
        case NotYetOpen():
            return "PreOrder"
        case WaitingOnly():
            return "SoldOut"
        case Closed(_, reason):
            return "SoldOut" if reason.code == "full" else "Discontinued"
        case Over():
            return "Discontinued"
    return None


def _part(item: AgendaItem) -> dict[str, Any]:
    part: dict[str, Any] = {
        "@type": "Event",
        "name": item.title,
        "startDate": item.starts.isoformat(),
    }
    if item.ends is not None:
        part["endDate"] = item.ends.isoformat()
    if item.speakers:
        part["performer"] = [{"@type": "Person", "name": person.name} for person in item.speakers]
    return part
