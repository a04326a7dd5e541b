"""An importer for announcements of meetings and courses, saved or pasted as Danish text.

It reads the layout of Danish social-housing networks and what is like it: title, teaser, facts
with and without labels, prose, a dated programme, target group and address. A line goes one way:
bytes → lines (`text`), less what mail wrote (`mailed`), lists of `people` and ways into a meeting
(`lifted`) → what each looks like (`labels`) → parts (`outline`) → event (`event`). What has no
place stays in the description and is named in a finding (`notes`, EK510 to EK518).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from eventkit import FormatError, Imported, Importer, ImportRequest, hookimpl
from eventkit.model.errors import ImpossibleError
from eventkit.model.values import zone
from eventkit_announcement.danish import dates_in
from eventkit_announcement.event import read_event
from eventkit_announcement.labels import Look, look, split
from eventkit_announcement.mailed import unpack
from eventkit_announcement.text import decode, lines, lines_of

eventkit_api = 1

LOOKED_AT = 8_000
"""Bytes that tell whether a file is an announcement."""


_JSON = re.compile(r"\{|\[\s*(?:[{\[\"\]\d-]|true|false|null)")


@hookimpl
def eventkit_importers() -> Iterable[Importer]:
    """Announcements as text."""
    return (
        Importer(
            name="announcement",
            title={"da": "Opslag som tekst", "en": "Announcement as text"},
            suffixes=(".txt", ".md"),
            recognises=recognises,
            read=read,
        ),
    )


def recognises(request: ImportRequest) -> bool:
    """Whether the bytes look like an announcement: text with a date or a known label in it."""
    start = request.data[:LOOKED_AT]
    try:
        text = decode(start)
        found = lines_of(text)
    except FormatError:
        return False
    bare = text.lstrip("\ufeff \t\r\n")
    if _JSON.match(bare) or "BEGIN:V" in bare.upper():
        return False
    return any(
        look(line).look in (Look.LABEL, Look.WHEN, Look.DAY) or any(dates_in(line.text[:1000]))
        for line in found[:200]
    )


def read(request: ImportRequest) -> Imported:
    """The event that an announcement announces, or `FormatError` with what to add to it."""
    unpacked = unpack(lines(request.data))
    found = tuple(split(unpacked.lines))
    ready = request.filename.casefold().endswith(".md")
    try:
        return read_event(found, zone(request.zone), mail=unpacked.gone, ready=ready)
    except ImpossibleError as error:  # a field's limit, such as prose of 100,000 characters
        raise FormatError(
            f"the announcement does not fit: {error}", code=error.code, **error.data
        ) from None
