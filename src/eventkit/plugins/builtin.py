"""The formats eventkit brings itself, through the hooks any plugin uses."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from attrs import frozen

from eventkit.formats import codec, ical, icalread, participants
from eventkit.formats.participants import Cell
from eventkit.formats.wording import Wording, wording
from eventkit.model.decision import Reason
from eventkit.model.errors import DocumentError, Fault, FormatError
from eventkit.model.event import Event, Imported
from eventkit.model.registration import Message
from eventkit.plugins.hooks import (
    Delivery,
    Exporter,
    ExportRequest,
    Importer,
    ImportRequest,
    Notifier,
    Result,
    Scope,
    hookimpl,
)

eventkit_api = 1


@frozen(kw_only=True)
class BuiltinSettings:
    """``[plugins.builtin]``: the folder that mail is laid in, where nothing else sends it."""

    mails: Path = Path("mails")


eventkit_settings = BuiltinSettings

JSON_LIMIT = 32_000_000
"""The most bytes of JSON that are read; ten thousand ordinary events are some 20 MB."""


@hookimpl
def eventkit_exporters() -> Iterable[Exporter]:
    """iCalendar, JSON and tables, of events and of people."""
    return (
        Exporter(
            name="ics",
            title={"da": "Kalender (iCalendar)", "en": "Calendar (iCalendar)"},
            media_type="text/calendar; charset=utf-8",
            suffix=".ics",
            write=_write_ics,
        ),
        Exporter(
            name="ics-items",
            title={"da": "Kalender, et punkt ad gangen", "en": "Calendar, item by item"},
            media_type="text/calendar; charset=utf-8",
            suffix=".ics",
            write=_write_ics_items,
        ),
        Exporter(
            name="json",
            title={"da": "JSON", "en": "JSON"},
            media_type="application/json",
            suffix=".json",
            write=_write_json,
        ),
        Exporter(
            name="events-csv",
            title={"da": "Arrangementer (CSV)", "en": "Events (CSV)"},
            media_type="text/csv; charset=utf-8",
            suffix=".csv",
            write=_write_events,
        ),
        Exporter(
            name="csv",
            title={"da": "Deltagerliste til Excel (CSV)", "en": "Participants for Excel (CSV)"},
            media_type="text/csv; charset=utf-8",
            suffix=".csv",
            scope=Scope.PARTICIPANTS,
            write=_write_people,
        ),
        Exporter(
            name="csv-plain",
            title={
                "da": "Deltagerliste til programmer (CSV)",
                "en": "Participants for programs (CSV)",
            },
            media_type="text/csv; charset=utf-8",
            suffix=".csv",
            scope=Scope.PARTICIPANTS,
            write=_write_people_plainly,
        ),
    )


@hookimpl
def eventkit_notifiers(settings: BuiltinSettings | None) -> Iterable[Notifier]:
    """Files that a mail program opens."""
    folder = (settings or BuiltinSettings()).mails
    return (
        Notifier(
            name="eml",
            title={"da": "Filer (.eml)", "en": "Files (.eml)"},
            send=partial(_lay_down, folder),
            lacks=partial(_closed, folder),
        ),
    )


def _lay_down(folder: Path, message: Message) -> Delivery:
    """Write one message into `folder`, whole or not at all; the same message again is one file."""
    name = _file_name(message.key)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f".{name}.{os.getpid()}"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(message.mime)
            file.flush()
            os.fsync(file.fileno())
        path = folder / f"{name}.eml"
        draft.replace(path)
    except OSError as error:  # a full disk may be emptied
        said = error.strerror or type(error).__name__
        return Delivery(result=Result.RETRY, detail=f"{folder}: {said}")
    return Delivery(result=Result.SENT, detail=str(path))


def _closed(folder: Path) -> Reason | None:
    """Why nothing can be laid in `folder`: it takes no file, nor does what it would be made in."""
    there = next(filter(os.path.lexists, (folder, *folder.parents)), folder)
    try:
        with TemporaryFile(dir=there):
            return None
    except OSError:
        return Reason("mails_closed", {"folder": str(folder)})


def _file_name(key: str) -> str:
    """What the file of a notice is called: by its key, and no two alike on any file system.

    Some do not tell `A` from `a`, and none takes a name of any length. So a key that is not plain
    gets its hash as well, behind a sign that no plain key holds.
    """
    if re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,99}", key):
        return key
    readable = re.sub(r"[^A-Za-z0-9._-]", "_", key)[:100]
    return f"{readable}~{hashlib.sha256(key.encode()).hexdigest()[:16]}"


@hookimpl
def eventkit_importers() -> Iterable[Importer]:
    """iCalendar and JSON."""
    return (
        Importer(
            name="ics",
            title={"da": "Kalender (iCalendar)", "en": "Calendar (iCalendar)"},
            suffixes=(".ics", ".ical", ".ifb"),
            recognises=_looks_like_ics,
            read=_read_ics,
        ),
        Importer(
            name="json",
            title={"da": "JSON", "en": "JSON"},
            suffixes=(".json",),
            recognises=_looks_like_json,
            read=_read_json,
        ),
    )


def _zones(request: ExportRequest) -> set[str]:
    return {event.zone.key for event in request.events}


def _write_ics(request: ExportRequest) -> bytes:
    entries = (
        ical.vevent(revision, language=request.language, base_url=request.base_url)
        for revision in request.revisions
    )
    return ical.calendar(entries, _zones(request), language=request.language)


def _write_ics_items(request: ExportRequest) -> bytes:
    entries = (
        entry
        for revision in request.revisions
        for entry in ical.item_vevents(
            revision, language=request.language, base_url=request.base_url
        )
    )
    return ical.calendar(entries, _zones(request), language=request.language)


def _looks_like_ics(request: ImportRequest) -> bool:
    return b"BEGIN:VCALENDAR" in request.data[:10_000].upper()


def _read_ics(request: ImportRequest) -> Imported:
    return icalread.read(request.data, zone=request.zone, language=request.language)


def _write_json(request: ExportRequest) -> bytes:
    documents = [codec.to_data(event) for event in request.events]
    shown: Any = documents[0] if len(documents) == 1 else documents
    return (json.dumps(shown, ensure_ascii=False, indent=2) + "\n").encode()


def _looks_like_json(request: ImportRequest) -> bool:
    return request.data[:100].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def _read_json(request: ImportRequest) -> Imported:
    """One event's document, a list of them, or what ``show --json`` prints."""
    if not request.data.strip():
        raise FormatError("the file is empty", code="empty_file")
    if len(request.data) > JSON_LIMIT:
        raise FormatError(
            f"the file is larger than {JSON_LIMIT:,} bytes",
            code="file_too_large",
            limit=JSON_LIMIT // 1_000_000,
        )
    data = codec.parse(request.data)
    if isinstance(data, Mapping) and isinstance(data.get("event"), Mapping):
        data = data["event"]
    if not isinstance(data, list):
        return Imported(events=(_event(data),), complete=True)
    if not data:
        raise FormatError("the file holds no events", code="no_events")
    return Imported(events=_each(data), complete=True)


def _event(document: Any) -> Event:
    """The event of a document, which may leave it to the office to number it."""
    if isinstance(document, Mapping):
        document = {"id": None, **document}
    return codec.from_data(document, Event)


def _each(documents: list[Any]) -> tuple[Event, ...]:
    events: list[Event] = []
    faults: list[Fault] = []
    for index, document in enumerate(documents):
        try:
            events.append(_event(document))
        except DocumentError as error:
            faults += (
                Fault(f"[{index}].{fault.path}".rstrip("."), fault.code, fault.text, fault.data)
                for fault in error.faults
            )
    if faults:
        raise DocumentError(faults, code="bad_document")
    return tuple(events)


# --- tables ----------------------------------------------------------------------------------

EVENT_COLUMNS = (
    *("id", "title", "kind", "date", "from", "to"),
    *("place", "deadline", "price", "organiser"),
)


def _write_events(request: ExportRequest) -> bytes:
    """A line for each event, as Danish Excel opens it."""
    words = wording(request.language)
    return _for_excel(
        [words(f"csv.{column}") for column in EVENT_COLUMNS],
        (_event_row(event, words) for event in request.events),
    )


def _event_row(event: Event, words: Wording) -> tuple[Cell, ...]:
    place = event.venue
    return (
        event.id,
        event.title,
        event.kind,
        event.starts.date(),
        words.clock(event.starts),
        words.clock(event.ends) if event.ends else "",
        ", ".join(filter(None, (place.name, place.locality))) if place else "",
        words.deadline(event.deadline, event) if event.deadline else "",
        words.money(event.price) if event.price else "",
        event.organiser.name if event.organiser else "",
    )


def _write_people(request: ExportRequest) -> bytes:
    """A line for each participant, as Danish Excel opens it."""
    table = participants.listed(request.events, request.registrations, request.language)
    return _for_excel(table.headings, table.rows)


def _write_people_plainly(request: ExportRequest) -> bytes:
    """The same for programs: RFC 4180 in UTF-8, dates as in ISO 8601, amounts with a point."""
    table = participants.listed(request.events, request.registrations, request.language)
    return _csv(table.headings, table.rows, ",", str).encode()


def _for_excel(headings: Iterable[str], rows: Iterable[Iterable[Cell]]) -> bytes:
    """A table that opens by double-click: UTF-8 with BOM, semicolons, Danish days and amounts."""
    return _csv(headings, rows, ";", _in_danish).encode("utf-8-sig")


def _in_danish(cell: int | Decimal | date) -> str:
    return f"{cell:%d.%m.%Y}" if isinstance(cell, date) else str(cell).replace(".", ",")


def _csv(
    headings: Iterable[str],
    rows: Iterable[Iterable[Cell]],
    delimiter: str,
    say: Callable[[int | Decimal | date], str],
) -> str:
    """A table as text: lines that end in CRLF, and no cell that a spreadsheet would compute."""

    def said(cell: Cell) -> str:
        if cell is None:
            return ""
        return participants.inert(cell) if isinstance(cell, str) else say(cell)

    table = io.StringIO(newline="")
    writer = csv.writer(table, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(map(participants.inert, headings))
    writer.writerows(map(said, row) for row in rows)
    return table.getvalue()
