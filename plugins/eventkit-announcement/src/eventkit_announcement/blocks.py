"""How far down a thing reaches: the lines under a label, an address, an item of the programme."""

from __future__ import annotations

import re
from collections.abc import Sequence

from eventkit_announcement.danish import squeezed
from eventkit_announcement.labels import Look, plain
from eventkit_announcement.limits import read_limit
from eventkit_announcement.outline import LONGEST_TITLE
from eventkit_announcement.places import (
    directs,
    has_town,
    is_address_line,
    is_postcode,
    names_place,
)
from eventkit_announcement.text import Line
from eventkit_announcement.view import PROSE, WRAPPED, View, goes_on

_LATEST = re.compile(r"senest\b|inden\b|sidste frist\b", re.IGNORECASE)
_INSIDE_ITEM = frozenset("prose room next id kind title when starts ends online".split())
"""Labels that an item's own text may hold, as long as more items follow."""


class Blocks(View):
    """A view that answers where the lines end that belong to the one at hand."""

    def __init__(self, lines: Sequence[Line]) -> None:
        super().__init__(lines)
        self._loose_text = False  # whether items have text apart from them and not set in

    def _title_end(self, at: int) -> int:
        """Where the title that begins at `at` ends: below it, where a headline plainly goes on."""
        end, length = at + 1, len(self._lines[at].text)
        while self._is_under_title(end) and end - at < 3:
            length += 1 + len(self._lines[end].text)
            whole = length <= LONGEST_TITLE and not self._lines[end].text.endswith(".")
            if not (whole and goes_on(self._lines[end - 1].text, self._lines[end].text)):
                return at + 1  # half of it is no better than its first line
            end += 1
        return at + 1 if self._is_under_title(end) else end

    def _is_under_title(self, at: int) -> bool:
        """Whether line `at` is text that hangs on to the title, and no rule, list or address."""
        if not (self._is(at, Look.TEXT) and self._joined(at)):
            return False
        line = self._lines[at]
        says = any(character.isalnum() for character in line.text)
        placed = has_town(line.text) or is_address_line(re.sub(r"^(?:i|på|hos) ", "", line.text))
        listed = line.bullet and (self._is_bullet(at + 1) or not line.text[:1].islower())
        return says and not (listed or line.heading or placed)

    def _is_bullet(self, at: int) -> bool:
        return at < len(self._lines) and self._lines[at].bullet

    def _is_value(self, at: int, kind: str) -> bool:
        """Whether line `at` can be what the label above it says."""
        if at >= len(self._lines) or len(self._lines[at].text) > 300:
            return False
        mark = self._marks[at]
        return (
            mark.look is not Look.LABEL
            or (mark.kind == kind and not mark.colon)
            or (
                kind in ("phone", "email", "online", "web")
                and mark.kind in ("phone", "email", "online")
                and not mark.colon
            )
            or (kind in ("kind", "organiser") and not mark.colon and not mark.value)
        )

    def _block_end(self, at: int, most: int) -> int:
        """Where the lines that hang on to the label at `at` end: its first block, `most` lines."""
        end = at + 1
        while end < len(self._lines) and end - at <= most and self._is(end, Look.TEXT):
            if end > at + 1 and not self._joined(end) and not self._lines[end].bullet:
                break
            if end == at + 1 and self._marks[at].value and not self._joined(end):
                break
            end += 1
        return end

    def _sets_limit(self, at: int) -> bool:
        """Whether line `at` is no more than a last day: "Senest den 2. maj"."""
        if not self._is(at, Look.TEXT) or not _LATEST.match(self._lines[at].text):
            return False
        found = read_limit(self._lines[at].text)
        return found is not None and not found[1]

    def _lines_hang(self, at: int) -> bool:
        return self._joined(at + 1) and self._is(at + 1, Look.TEXT) and self._lines[at + 1].bullet

    def _address_end(self, at: int) -> int:
        """Where the address under the label at `at` ends; any other line is read for itself.

        A name is one only at its beginning, or on the way to a street or a town.
        """
        named = bool(self._marks[at].value)
        end = sure = at + 1
        while self._is(end, Look.TEXT) and end - at <= 6:
            text = self._lines[end].text
            if has_town(text) and (is_address_line(text) or len(text) <= 2 * PROSE):
                end += 1
                while self._joined(end) and self._is(end, Look.TEXT) and end - at <= 8:
                    if not directs(self._lines[end].text) or self._lines[end].bullet:
                        break
                    end += 1
                return end
            joined = self._joined(end) or end == at + 1
            if is_address_line(text):
                sure = end + 1 if joined else sure
            elif not names_place(text) and (named or end > at + 1 or not self._leads_place(end)):
                break
            elif end == at + 1 and not named:
                sure = end + 1
            end += 1
        if named and not self._joined(at + 1):
            return at + 1
        return sure

    def _loose_address_end(self, at: int) -> int:
        """Where lines without a label end that are an address to its town; else `at`.

        One with a number below it is that of whoever has the number.
        """
        end, first = at, self._lines[at]
        hangs = self._joined(at) and self._is(at - 1, Look.TEXT)
        while not hangs and self._is(end, Look.TEXT) and end - at < 5:
            line = self._lines[end]
            text = squeezed(plain(line.text))
            if line.bullet or first.heading or (end > at and not self._joined(end)):
                return at
            if is_postcode(text):
                owned = self._kind(end + 1) in ("phone", "email", "web") and self._joined(end + 1)
                return at if owned or end == at else end + 1
            if not (names_place(text) or is_address_line(text)):
                return at
            end += 1
        return at

    def _leads_place(self, at: int) -> bool:
        """Whether the first line under "Sted" is what it says, though no name: "Vi mødes på …"."""
        return len(self._lines[at].text) <= 2 * PROSE and not self._is_heading(at)

    def _signature_end(self, at: int) -> int:
        """Where the names and numbers under "Venlig hilsen" end: its block, or the one below."""
        end = at + 1
        while end < len(self._lines) and end - at <= 12:
            contact = self._kind(end) in ("phone", "email", "web")
            below = self._is(end, Look.TEXT) or self._kind(end) in ("contact", "place", "organiser")
            joined = self._joined(end) or (end == at + 1 and not self._is_heading(end))
            if not (contact or (below and joined and not self._is_prose(end))):
                break
            end += 1
        return end

    # --- programme ---

    def _goes_on(self, title: str, at: int) -> bool:
        """Whether line `at` is the rest of a title that was broken by the width of a page."""
        return (
            WRAPPED <= len(title) <= LONGEST_TITLE - 100
            and self._is(at, Look.TEXT)
            and self._joined(at)
            and not self._lines[at].bullet
            and self._lines[at].text[:1].islower()
        )

    def _is_item_title(self, at: int) -> bool:
        """Whether the line under an item's hours is its title: any that is not plainly else."""
        mark = self._mark(at)
        if mark is None or len(self._lines[at].text) > LONGEST_TITLE:
            return False
        if mark.look is Look.LABEL:
            return (not mark.colon and mark.kind not in ("place", "audience")) or (
                mark.kind in ("prose", "next", "contact") and bool(mark.value)
            )
        if mark.look is Look.SIGNED and not mark.value:
            return False
        return mark.look not in (Look.TIME, Look.WHEN, Look.DAY, Look.UNREADABLE)

    def _item_end(self, at: int, *, elsewhere: bool) -> int:
        """Where the text below an item ends; a date below "Næste møde" is one `elsewhere`."""
        start = at
        while at < len(self._lines) and (
            self._in_item(at, start) or (elsewhere and at == start and self._is(at, Look.WHEN))
        ):
            loose = self._lines[at].after_blank and not self._lines[at].indent
            if loose and not self._lines[at].bullet and self._is(at, Look.TEXT):
                self._loose_text = True
            at += 1
        return at

    def _in_item(self, at: int, start: int) -> bool:
        mark, line = self._marks[at], self._lines[at]
        more = self._more_items(at)
        hangs = line.bullet or self._joined(at)
        match mark.look:
            case Look.TIME:
                return bool(mark.rest) and not mark.certain and not mark.value
            case Look.DAY:
                return not (self._is_day(at) if mark.kind == "led" else more)
            case Look.WHEN:
                return not self._is_day(at) and (hangs or (more and bool(mark.rest)))
            case Look.LABEL if line.bullet and more:
                return True
            case Look.LABEL:
                return mark.kind in _INSIDE_ITEM and hangs and (more or mark.kind == "prose")
            case Look.TEXT | Look.UNREADABLE:
                if more or hangs or line.indent:
                    return not (line.heading and not more)
                return self._loose_text and at == start and not self._is_heading(at)
        return more and hangs
