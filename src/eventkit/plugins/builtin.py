"""The formats eventkit brings itself, through the hooks any plugin uses."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

from eventkit.formats import codec, ical, icalread
from eventkit.formats.wording import wording
from eventkit.model.errors import DocumentError, Fault, FormatError
from eventkit.model.event import Event, Imported
from eventkit.plugins.hooks import Exporter, ExportRequest, Importer, ImportRequest, hookimpl

eventkit_api = 1

JSON_LIMIT = 32_000_000
"""The most bytes of JSON that are read; ten thousand ordinary events are some 20 MB."""


@hookimpl
def eventkit_exporters() -> Iterable[Exporter]:
    """iCalendar, JSON and a table."""
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
            name="csv",
            title={"da": "Regneark (CSV)", "en": "Spreadsheet (CSV)"},
            media_type="text/csv; charset=utf-8",
            suffix=".csv",
            write=_write_csv,
        ),
    )


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


def _write_csv(request: ExportRequest) -> bytes:
    """A line for each event, as Danish Excel opens it: UTF-8 with BOM, semicolons, CRLF."""
    words = wording(request.language)
    table = io.StringIO(newline="")
    writer = csv.writer(table, delimiter=";", lineterminator="\r\n")
    columns = (
        "id",
        "title",
        "kind",
        "date",
        "from",
        "to",
        "place",
        "deadline",
        "price",
        "organiser",
    )
    writer.writerow([words(f"csv.{column}") for column in columns])
    for event in request.events:
        place = event.venue
        writer.writerow(
            [
                _inert(cell)
                for cell in (
                    event.id or "",
                    event.title,
                    event.kind,
                    f"{event.starts:%d.%m.%Y}",
                    words.clock(event.starts),
                    words.clock(event.ends) if event.ends else "",
                    ", ".join(filter(None, (place.name, place.locality))) if place else "",
                    words.deadline(event.deadline, event) if event.deadline else "",
                    words.money(event.price) if event.price else "",
                    event.organiser.name if event.organiser else "",
                )
            ]
        )
    return table.getvalue().encode("utf-8-sig")


def _inert(cell: str) -> str:
    """`cell` so that no spreadsheet takes it for a formula."""
    return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\0") else cell
