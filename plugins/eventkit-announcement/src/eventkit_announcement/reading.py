"""What is read so far: values, the lines that said them, lines left over, and findings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from eventkit import Finding
from eventkit_announcement.markdown import Piece
from eventkit_announcement.notes import note
from eventkit_announcement.outline import Fact
from eventkit_announcement.text import Line


class Reading:
    """One reading of one announcement; everything in it is only ever added.

    A line ends in exactly one of two ways: its fact is settled, or it is kept for the description.
    """

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.notes: list[Finding] = []
        self._notes_by_line: dict[int, list[Finding]] = {}
        self._said_by: dict[str, Line] = {}
        self._kept: dict[tuple[int, str], Piece] = {}

    def note(self, key: str, path: str, line: Line | None = None, **data: Any) -> None:
        """Add the finding `key` about `line`."""
        found = note(key, path, line, **data)
        self.notes.append(found)
        if line is not None:
            self._notes_by_line.setdefault(line.number, []).append(found)

    def keep(self, fact: Fact, why: str, path: str = "description", **data: Any) -> None:
        """Leave the lines of `fact` in the description, and say `why` about its last."""
        self.keep_lines(fact.lines)
        if not self.is_told(fact.lines[-1], why):
            self.note(why, path, fact.lines[-1], **data)

    def is_told(self, line: Line, *about: str) -> bool:
        """Whether there is a finding about `line` that has one of these keys."""
        return any(said.data["about"] in about for said in self._notes_on(line))

    def _notes_on(self, line: Line) -> list[Finding]:
        return self._notes_by_line.get(line.number, [])

    def keep_lines(self, lines: Iterable[Line]) -> None:
        """Leave `lines` in the description."""
        self.keep_pieces(Piece(line) for line in lines)

    def keep_pieces(self, pieces: Iterable[Piece]) -> None:
        """Leave `pieces` in the description."""
        for piece in pieces:
            self._kept.setdefault((piece.line.number, piece.line.text), piece)

    @property
    def kept(self) -> list[Piece]:
        """Everything left for the description, as it stood in the source."""
        return sorted(self._kept.values(), key=lambda piece: piece.line.number)

    def settle(self, name: str, value: Any, fact: Fact, *, many: bool = False) -> bool:
        """Take `value` as what the event has as `name`, unless another line said otherwise.

        With `many` a second value is no contradiction; there is merely no field for it.
        """
        if name not in self.values:
            self.values[name] = value
            self._said_by[name] = fact.lines[-1]
            return True
        if self.values[name] == value:
            return True
        if many:
            self.keep(fact, "taken", name)
        else:
            self.keep(fact, "contradicts", name, other=self._said_by[name].number)
        return False

    def line_of(self, name: str) -> Line | None:
        """The line that said `name`."""
        return self._said_by.get(name)
