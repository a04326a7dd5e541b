"""The parts of an announcement, every line in one of them, and nothing interpreted yet."""

from __future__ import annotations

from attrs import define, field, frozen

from eventkit_announcement.danish import Span
from eventkit_announcement.labels import Mark
from eventkit_announcement.markdown import Piece
from eventkit_announcement.text import Line

LONGEST_TITLE = 250


@frozen
class Fact:
    """What a label, or a line that speaks for itself, says: its kind, words and lines."""

    kind: str
    value: str
    lines: tuple[Line, ...]
    parts: tuple[str, ...] = ()
    left: str = ""
    """Words of the line that stand before the value and say something too."""
    sure: bool = True


@frozen
class DayMark:
    """A line that begins a day of the programme."""

    line: Line
    mark: Mark


@frozen
class Entry:
    """A timed line of the programme, its title and the lines below; `day` indexes `days`."""

    line: Line
    span: Span
    day: int | None
    title: str
    title_line: Line | None
    body: tuple[Line, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """All its lines, in their order."""
        titled = (self.title_line,) if self.title_line not in (None, self.line) else ()
        return (self.line, *titled, *self.body)


@define
class Outline:
    """Every line of an announcement, in the one part it belongs to."""

    title: Fact | None = None
    title_first: bool = True
    headline: Line | None = None
    """A line under the title that may be the rest of it, and was not taken as that."""
    teaser: list[Line] = field(factory=list)
    facts: list[Fact] = field(factory=list)
    days: list[DayMark] = field(factory=list)
    entries: list[Entry] = field(factory=list)
    prose: list[Piece] = field(factory=list)
    signature: list[Line] = field(factory=list)
    """Lines of `prose` from "Venlig hilsen" on."""
    unplaced: list[tuple[str, Line]] = field(factory=list)
    """Lines of `prose` that nobody could place, with the note they get."""
