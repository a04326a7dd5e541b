"""Lines as Markdown that reads as they did: lists stay lists, and nothing else becomes markup."""

from __future__ import annotations

import re
from collections.abc import Iterable

from attrs import frozen

from eventkit_announcement.text import Line

SHORT = 60
"""A line below this many characters was broken on purpose, not by the width of a page."""

WIDEST = 120
"""A longer line was broken by nobody: what follows it is a new paragraph."""

_BLOCK = re.compile(r"(?=[#>+=|~]|[-*]\s|[-=*_ ]{3,}$|\[[^\]]{0,200}\]:)")
_INLINE = re.compile(
    r"\\(?=[!-/:-@\[-`{-~])|(?<!\s)\*|\*(?!\s)|`|(?<!\w)_(?=\S)|(?<=\S)_(?!\w)|~(?=~)"
    r"|\[(?=[^\]]{0,200}\]\()|&(?=#?\w+;)"
)
_NUMBERED = re.compile(r"\d{1,2}[.)]\s")


@frozen
class Piece:
    """A line as it is to stand: with `heading` it heads what follows."""

    line: Line
    heading: bool = False


def markdown(pieces: Iterable[Piece], *, ready: bool = False) -> str:
    """The Markdown of `pieces`, in their order; `ready` where their text is Markdown already."""
    out: list[str] = []
    before: Piece | None = None
    levels: list[int] = []
    for piece in pieces:
        line = piece.line
        text = line.text if ready else escaped(line.text)
        gap = before is None or _apart(before, piece)
        if line.bullet:
            while levels and levels[-1] > line.indent:
                levels.pop()
            if not levels or levels[-1] < line.indent:
                levels.append(line.indent)
            text = f"{'  ' * (len(levels) - 1)}- {text}"
        elif levels and not gap and before is not None and line.indent > levels[-1]:
            text = f"{'  ' * len(levels)}{text}"  # a bullet's second line
        else:
            if levels:
                gap = True
            levels = []
            if piece.heading or line.heading:
                text, gap = f"## {text}", True
        if before is not None:
            out.append("\n\n" if gap else _break(before, piece))
        out.append(text)
        before = piece
    return "".join(out)


def _apart(before: Piece, piece: Piece) -> bool:
    """Whether a blank line goes between: where one stood, and around lists and headings."""
    one, two = before.line, piece.line
    if one.bullet and two.bullet:
        return False  # a loose list is one list all the same
    return (
        two.after_blank
        or len(one.text) > WIDEST
        or two.number > one.number + 1
        or two.bullet
        or before.heading
        or one.heading
    )


def _break(before: Piece, piece: Piece) -> str:
    one, two = before.line, piece.line
    hard = len(one.text) < SHORT and not two.bullet and not _NUMBERED.match(two.text)
    return "  \n" if hard else "\n"


def escaped(text: str) -> str:
    """`text` with a backslash before what Markdown would take for markup."""
    text = _INLINE.sub(lambda found: "\\" + found[0], text)
    return "\\" + text if _BLOCK.match(text) else text
