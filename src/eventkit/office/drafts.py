"""Drafts: what a file, or an edit, makes of an event, and why it may not.

Pure: whoever asks has read the events, and saves what comes of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from attrs import evolve, fields

from eventkit.formats import codec
from eventkit.model.decision import Finding, Reason, Refused, Severity
from eventkit.model.event import Event, Revision, Status
from eventkit.model.registration import Entry, Outcome
from eventkit.model.values import Actor, instant
from eventkit.rules.changes import raises_sequence

T = TypeVar("T")

# --- what is decided -------------------------------------------------------------------------

Plan = Refused | tuple[Sequence[Outcome], T]
"""No, or what to save and what to answer then."""


def outcome_of(revision: Revision, action: str) -> Outcome:
    """A revision and the line of the journal that says what made it."""
    entry = Entry(
        at=revision.at,
        actor=revision.actor,
        action=action,
        event=revision.event.id,
        reason=revision.reason,
        data={"revision": revision.number},
    )
    return Outcome(revision=revision, entries=(entry,))


def planned(revision: Revision, action: str) -> tuple[Sequence[Outcome], Revision]:
    """The one revision that a command makes, and answers."""
    return (outcome_of(revision, action),), revision


def next_revision(
    current: Revision, event: Event, now: datetime, actor: Actor, reason: str = ""
) -> Revision:
    """The revision that follows `current`."""
    return Revision(
        event=event,
        number=current.number + 1,
        sequence=current.sequence + raises_sequence(current.event, event),
        at=now,
        actor=actor,
        reason=reason,
        findings=current.findings,
    )


def is_same(before: Event, after: Event) -> bool:
    """Whether the documents are one: what Python calls equal may differ in zone or fold."""
    return codec.dumps(before) == codec.dumps(after)


def updated(before: Event, imported: Event, *, complete: bool) -> Event:
    """What a file says, on an event that staff and other plugins have worked on."""
    if not complete:
        imported = evolve(imported, **_unsaid(before, imported))
    seen = [
        one
        for one in before.acknowledged
        if (one.code, one.data) not in [(a.code, a.data) for a in imported.acknowledged]
    ]
    return evolve(
        imported,
        id=before.id,
        uid=before.uid,
        status=before.status,
        status_reason=before.status_reason,
        acknowledged=(*seen, *imported.acknowledged),
        extra={**before.extra, **imported.extra},
    )


def _unsaid(before: Event, imported: Event) -> dict[str, Any]:
    """What `before` has in every field that the file left as it is when nobody says anything."""
    nothing = Event(id=None, title=imported.title, starts=imported.starts)
    kept = {
        one.name: getattr(before, one.name)
        for one in fields(Event)
        if one.name not in ("id", "title", "starts")
        and getattr(imported, one.name) == getattr(nothing, one.name)
    }
    # An end that is over before the new start is no longer anybody's word.
    if (ends := kept.get("ends")) is not None and instant(ends) < instant(imported.starts):
        del kept["ends"]
    return kept


def dropped_status(
    imported: Event, current: Revision | None, *, complete: bool
) -> tuple[Finding, ...]:
    """That a file says another status than the event gets: an import neither announces nor calls
    off. What a file leaves unsaid reads as published.
    """
    kept = Status.DRAFT if current is None else current.event.status
    unsaid = imported.status is Status.PUBLISHED and not (complete and current is not None)
    if unsaid or imported.status is kept:
        return ()
    data = {"trouble": imported.status, "kept": kept}
    return (Finding(code="EK520", severity=Severity.WARNING, path="status", data=data),)


# --- reasons ---------------------------------------------------------------------------------


def twice(events: Sequence[Event]) -> Iterable[Reason]:
    """Every id and UID that two of the events of one file have."""
    for event_id, times in Counter(event.id for event in events).items():
        if event_id is not None and times > 1:
            yield Reason("id_twice", {"event": event_id})
    for uid, times in Counter(event.uid for event in events).items():
        if uid is not None and times > 1:
            yield Reason("uid_twice", {"uid": uid})


def known_id(current: Revision) -> Reason:
    """That an event of this ID is there already."""
    return Reason("known_id", {"event": current.event.id, "title": current.event.title})


def wrong_uid(current: Revision, event: Event) -> tuple[Reason, ...]:
    """A UID is for life: with another one every calendar would hold the meeting twice."""
    if event.uid in (None, current.event.uid):
        return ()
    data = {"event": current.event.id, "uid": current.event.uid, "other": event.uid}
    return (Reason("uid_differs", data),)


def wrong_status(current: Revision, event: Event) -> tuple[Reason, ...]:
    """That an edit neither publishes nor takes back, nor calls off without a reason."""
    before, after = current.event.status, event.status
    if before is Status.DRAFT and after is not Status.DRAFT:
        return (Reason("not_published", {"event": event.id}),)
    if before is not Status.DRAFT and after is Status.DRAFT:
        return (Reason("cannot_unpublish", {"event": event.id}),)
    if after is Status.CANCELLED and before is not after and not event.status_reason.strip():
        return (Reason("call_off_reason_missing", {"path": "status_reason"}),)
    return ()


def reasons_of(findings: Iterable[Finding], event_id: str | None = None) -> tuple[Reason, ...]:
    """Why findings hold an event back."""
    return tuple(
        Reason(
            "unacknowledged_finding",
            {"finding": one.code, "path": one.path, "data": one.data, "event": event_id},
        )
        for one in findings
    )


def changed_meanwhile(event: Event, base: int, current: Revision) -> Reason:
    """That an edit was made from an older revision, with both versions."""
    return Reason(
        "changed_meanwhile",
        {
            "event": event.id,
            "base": base,
            "number": current.number,
            "at": current.at,
            "yours": codec.to_data(event),
            "theirs": codec.to_data(current.event),
        },
    )
