"""Bytes of any kind as numbered lines of text, or a `FormatError` that says why not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from attrs import evolve, frozen

from eventkit import FormatError

MOST_BYTES = 400_000
MOST_LINES = 10_000
MOST_IN_LINE = 150_000
"""An announcement is two pages; what is larger is something else, and is refused at once."""

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_OTHER_FORMATS = (b"%pdf", b"pk\x03\x04", b"{\\rtf", b"<!doctype", b"<html", b"\xd0\xcf\x11\xe0")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
UNREADABLE = "\N{REPLACEMENT CHARACTER}"
_AROUND = " \t\xa0\u1680\u202f\u205f\u3000\u200b\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))

_BULLET = re.compile(r"(?:[•●○◦‣⁃▪▫■□·∙►▶➢➤✓✔→\uf0a7\uf0b7]\s*|[-–—*+o]\s+)(?=\S)")
_ONLY_BULLET = re.compile(r"[•●○◦‣⁃▪▫■□·∙►▶➢➤✓✔→\uf0a7\uf0b7]")
_HEADING = re.compile(r"#{1,6}\s+(?=\S)")
_QUOTED = re.compile(r"\s*(?:>\s?)+")
_BARRED = re.compile(r"\s*(?:\|\s)+(?=[^|]*$)|\s*\|$")


@frozen
class Line:
    """A line that says something: its number in the source and its text, without its marks.

    `indent` counts the columns before it, `bullet` and `heading` tell which mark it had, and
    `after_blank` whether it begins a block. `source` is what it said before ways into a meeting
    were lifted out of it: its `links`, and codes where it is `coded`. A line `covers` the
    announcement where a mail says it above or below and it is no part of it.
    """

    number: int
    text: str
    indent: int = 0
    bullet: bool = False
    heading: bool = False
    after_blank: bool = True
    source: str = ""
    links: tuple[str, ...] = ()
    coded: bool = False
    covers: bool = False


def lines(data: bytes) -> tuple[Line, ...]:
    """The lines of `data` that are not blank; raises `FormatError` where it is no text."""
    return lines_of(decode(data))


def lines_of(text: str) -> tuple[Line, ...]:
    """The lines of `text` that are not blank.

    Control characters become U+FFFD, so that they can be seen. Raises `FormatError` where there
    are no words or too many lines.
    """
    found: list[Line] = []
    blank = True
    hanging: Line | None = None  # a bullet alone: some programs put its text on the line below
    sources = text.splitlines()
    if any(len(source) > MOST_IN_LINE for source in sources):
        raise _too_long()
    for number, source in enumerate(_unquoted(sources), start=1):
        raw = _CONTROLS.sub(UNREADABLE, source.expandtabs(4) if source[:1] == "\t" else source)
        said = raw.strip(_AROUND)
        if not said:
            blank = True
            continue
        line = _marked(number, raw, said, blank)
        only_bullet = _ONLY_BULLET.fullmatch(said) is not None
        if hanging is not None and only_bullet:
            found.append(hanging)
        elif hanging is not None:
            line = evolve(line, bullet=True, after_blank=hanging.after_blank)
        hanging = line if only_bullet else None
        if not only_bullet:
            found.append(line)
        blank = False
        if len(found) > MOST_LINES:
            raise _too_long()
    if hanging is not None:
        found.append(hanging)
    if not any(character.isalnum() for line in found for character in line.text):
        raise _empty()
    return tuple(found)


def _unquoted(sources: Sequence[str]) -> Sequence[str]:
    """The lines without the marks by which mail quotes them.

    Two in a row are quoted, and then others are too; "> 50 deltagere" alone is no quotation, nor
    is the row of a table.
    """
    for mark in (_QUOTED, _BARRED):
        found = [mark.match(source) for source in sources]
        beside = [
            bool(one and (before or after))
            for before, one, after in zip([None, *found], found, [*found[1:], None], strict=False)
        ]
        if any(beside):
            sources = [
                source[one.end() :]
                if one and (sure or not source[one.end() :][:1].isdigit())
                else source
                for source, one, sure in zip(sources, found, beside, strict=True)
            ]
    return sources


def _marked(number: int, raw: str, text: str, blank: bool) -> Line:
    indent = len(raw) - len(raw.lstrip(_AROUND))
    bullet = _BULLET.match(text)
    heading = None if bullet else _HEADING.match(text)
    mark = bullet or heading
    return Line(
        number,
        text[mark.end() :] if mark else text,
        indent=indent,
        bullet=bullet is not None,
        heading=heading is not None,
        after_blank=blank,
    )


def decode(data: bytes) -> str:
    """The text of `data`: by its byte order mark, else UTF-8, UTF-16 or Windows-1252."""
    if len(data) > MOST_BYTES:
        raise _too_long()
    if not data.strip():
        raise _empty()
    if data.lstrip()[:9].lower().startswith(_OTHER_FORMATS):
        raise _not_text()
    text = unicodedata.normalize("NFC", _decoded(data))
    strange = sum(1 for match in _CONTROLS.finditer(text) if match[0] not in "\x0b\x0c\r\x85")
    if strange > 3 + len(text) // 100:
        raise _not_text()
    return text


def _decoded(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    if b"\0" in data[:4096]:
        return data.decode(_wide(data[:4096]), errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        broken = data.decode("utf-8", errors="replace")
    # Windows-1252 has hardly any pair of letters that reads as UTF-8: many right ones and a few
    # broken ones is UTF-8 that was cut.
    right = sum(1 for character in broken if character > "\x7f" and character != UNREADABLE)
    if right > 2 * broken.count(UNREADABLE):
        return broken
    return data.decode("cp1252", errors="replace")


def _wide(start: bytes) -> str:
    """UTF-16 without a mark has a null beside nearly every letter."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    half = len(start) / 2
    if odd > 0.6 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.6 * half and odd < 0.05 * half:
        return "utf-16-be"
    raise _not_text()


def _empty() -> FormatError:
    return FormatError("the announcement is empty", code="announcement_empty")


def _not_text() -> FormatError:
    return FormatError(
        "this is not plain text; save the announcement as a .txt file",
        code="announcement_not_text",
    )


def _too_long() -> FormatError:
    return FormatError(
        f"the announcement is longer than {MOST_BYTES:,} bytes or {MOST_LINES:,} lines, "
        f"or a line than {MOST_IN_LINE:,} characters",
        code="announcement_too_long",
    )
