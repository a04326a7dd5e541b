"""The ways into a meeting, lifted out of the lines before anything else reads them.

So no field can hold one, whatever line it is read from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import evolve, frozen

from eventkit.formats.meetings import CUT, Ways, as_secret
from eventkit_announcement import places
from eventkit_announcement.labels import look
from eventkit_announcement.text import Line


@frozen
class Lifted:
    """The lines as everybody may read them, and those with nothing left that anybody may."""

    lines: tuple[Line, ...]
    gone: tuple[Line, ...] = ()


def lift(lines: Sequence[Line]) -> Lifted:
    """`lines` without ways in; each that held one keeps its links and its source."""
    spaced: list[Line | None] = []
    for line in lines:
        spaced += [None, line] if line.after_blank else [line]
    texts = ["" if line is None else line.text for line in spaced]
    kept: list[Line] = []
    gone: list[Line] = []
    blank = False  # whether a line that began a block is gone
    for one, cut in zip(spaced, Ways(tuple(_secrets(lines))).lines(texts), strict=True):
        if one is None:
            continue
        line = one
        if cut.text != line.text:
            text = cut.text or (CUT if cut.links else "")
            whole = all(link in line.text for link in cut.links)  # else it was broken in two
            source = line.text if whole else " ".join(cut.links)
            line = evolve(line, text=text, links=cut.links, coded=bool(cut.codes), source=source)
        if not line.text:
            gone.append(line)
            blank = blank or line.after_blank
            continue
        kept.append(evolve(line, after_blank=True) if blank else line)
        blank = False
    return Lifted(tuple(kept), tuple(gone))


def _secrets(lines: Sequence[Line]) -> Iterator[str]:
    """The addresses that a label or the words beside them call the way in, whatever their host."""
    for at, line in enumerate(lines):
        url = places.link(line.text)
        if url is None:
            continue
        mark, bare = look(line), places.without(url, line.text)
        above = look(lines[at - 1]) if at else None
        if bare:
            meant = mark.kind == "online" and not line.text.casefold().startswith("link:")
            value = places.without(url, mark.value)
            told = (meant and not value) or (
                mark.kind in ("place", "online", "when_where")
                and value != ""
                and places.read_online(value) is not None
            )
        else:
            told = above is not None and (
                (above.kind == "online" and not above.value)
                or (above.kind == "place" and places.read_online(above.value) is not None)
            )
        secret = as_secret(url)
        if told and len(secret) > 5:
            yield secret
