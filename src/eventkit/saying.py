"""What commands say of an event, its state and its findings: lines for people, or documents."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from eventkit.formats import codec
from eventkit.formats.wording import Wording, state_name
from eventkit.model.decision import Finding, Reason
from eventkit.model.event import Event
from eventkit.model.registration import Registration, Seats
from eventkit.model.values import Mode, rfc9557
from eventkit.rules.deadlines import State


def event_lines(event: Event, current: State, seats: Seats, w: Wording) -> Iterable[str]:
    """The event in plain lines: facts, whether one may join, programme."""
    yield event.title
    owner = event.organiser.name if event.organiser else ""
    yield " · ".join(filter(None, (event.id, event.kind, owner)))
    yield ""
    facts = [
        (w("page.when"), w.when(event)),
        (w("page.where"), _place(event, w)),
        (w("page.deadline"), w.deadline(event.deadline, event)),
        (w("page.price"), w.money(event.price) if event.price else ""),
        (w("page.seats"), _seats(event, seats, w)),
        (w("page.contact"), _contact(event)),
    ]
    width = max(len(name) for name, _ in facts) + 2
    for name, value in facts:
        if value:
            yield f"{name:<{width}}{value}"
    yield ""
    sentence = w.state_sentence(event, current)
    headline = w.state(current)
    yield sentence if sentence.startswith(headline) else f"{headline}. {sentence}"
    if event.programme:
        yield ""
        yield w("page.programme")
        day = None
        for item in event.programme:
            if item.starts.date() != day and event.ends and _days(event) > 1:
                yield f"  {w.date(item.starts.date())}"
            day = item.starts.date()
            yield f"  {w.hours(item.starts, item.ends):<14}{item.title}"


def _days(event: Event) -> int:
    return len({item.starts.date() for item in event.programme})


def _place(event: Event, w: Wording) -> str:
    said = []
    if event.venue is not None:
        v = event.venue
        town = " ".join(filter(None, (v.postcode, v.locality)))
        said.append(", ".join(filter(None, (v.name, v.room, v.street, town))))
    if event.online is not None:
        said.append(w("page.online_via", provider=event.online.provider or w("word.meeting")))
    return " · ".join(said)


def _contact(event: Event) -> str:
    contact = event.contact
    if contact is None:
        return ""
    return ", ".join(filter(None, (contact.name, contact.phone, contact.email, contact.url)))


def _seats(event: Event, seats: Seats, w: Wording) -> str:
    said = []
    for mode in event.modes:
        places = seats.in_mode(mode)
        if places.capacity is not None:
            key = "cli.show.seats_room" if mode is Mode.ROOM else "cli.show.seats_online"
            taken = places.confirmed + places.offered
            said.append(w(key, taken=taken, capacity=places.capacity, waiting=places.waiting))
    return ", ".join(said)


def state_document(
    event: Event, current: State, now: datetime, seats: Seats, w: Wording
) -> dict[str, Any]:
    """The state as a document: its name, words, and whatever it holds."""
    data: dict[str, Any] = {"state": state_name(current), "at": rfc9557(now.astimezone(event.zone))}
    for name in ("since", "opens", "closes"):
        if isinstance(value := getattr(current, name, None), datetime):
            data[name] = rfc9557(value)
    if isinstance(modes := getattr(current, "modes", None), tuple):
        data["modes"] = list(modes)
    reason = getattr(current, "reason", None)
    if isinstance(reason, Reason):
        data["reason"] = {"code": reason.code, "message": w.reason(reason, event)}
    elif reason:
        data["reason"] = {"code": state_name(current), "message": reason}
    data["deadline"] = w.deadline(event.deadline, event)
    data["headline"] = w.state(current)
    data["message"] = w.state_sentence(event, current)
    data["seats"] = codec.to_data(seats)
    return data


def finding_line(
    finding: Finding, w: Wording, event: Event | None, *, severity: bool = True
) -> str:
    """A finding as a linter says it: ``advarsel EK101 programpunkt 8, slut: …``, on one line.

    Without `severity` where the line says already that it is an error.
    """
    place = f" {w.place(finding.path)}" if finding.path else ""
    said = f"{finding.code}{place}: {w.finding(finding, event)}"
    return _one_line(f"{w.severity(finding.severity)} {said}" if severity else said)


def _one_line(text: str) -> str:
    """`text` without breaks and control characters: a plugin's words must not steer a terminal."""
    return "".join(c for c in " ".join(text.split()) if unicodedata.category(c)[0] != "C")


def finding_document(finding: Finding, w: Wording, event: Event | None) -> dict[str, Any]:
    """A finding for machines, with its sentence as `message`."""
    data = codec.to_data(finding)
    shown = {
        "code": finding.code,
        "severity": finding.severity.value,
        "path": finding.path,
        "message": w.finding(finding, event),
        "data": data["data"],
    }
    return shown if finding.fix is None else {**shown, "fix": data["fix"]}


def reason_document(reason: Reason, w: Wording, event: Event | None = None) -> dict[str, Any]:
    """A reason for machines, with its sentence as `message`."""
    data = codec.to_data(reason)["data"]
    return {"code": reason.code, "message": w.reason(reason, event), "data": data}


def registration_document(one: Registration) -> dict[str, Any]:
    """A registration for machines, with its id."""
    return {"id": one.id, **codec.to_data(one)}
