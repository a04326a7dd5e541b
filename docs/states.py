"""Draws the life of a registration from the desk's own table, as `docs/explanation/states.svg`.

Run it after a change of `TRANSITIONS`: ``python docs/states.py``. A test holds the picture and the
table together.
"""

from __future__ import annotations

from math import hypot
from pathlib import Path

from eventkit.model.registration import Standing
from eventkit.rules.seating import TRANSITIONS

PICTURE = Path(__file__).parent / "explanation" / "states.svg"

WIDE, HIGH = 104, 34
PLACES: dict[Standing | None, tuple[int, int]] = {
    None: (70, 215),
    Standing.PENDING: (230, 70),
    Standing.WAITING: (230, 310),
    Standing.OFFERED: (430, 310),
    Standing.CONFIRMED: (430, 215),
    Standing.ATTENDED: (660, 70),
    Standing.NO_SHOW: (660, 130),
    Standing.SUBSTITUTED: (660, 195),
    Standing.CANCELLED: (660, 255),
    Standing.DECLINED: (660, 310),
    Standing.EXPIRED: (430, 400),
    Standing.REJECTED: (430, 20),
}
"""The middle of each box; a status that is not here has no place in the picture."""


def picture() -> str:
    """The states and every way between them, as SVG."""
    ways = [
        _way(before, after, both=before in TRANSITIONS[after])
        for before, allowed in TRANSITIONS.items()
        for after in sorted(allowed)
        if not (before in TRANSITIONS[after] and before is not None and after < before)
    ]
    boxes = [_box(status) for status in PLACES]
    return "\n".join(
        (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 740 430" font-size="14"',
            '  font-family="system-ui, sans-serif" role="img"',
            '  aria-label="The life of a registration">',
            '<defs><marker id="to" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7"',
            '  markerHeight="7" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="#555"/>',
            "</marker></defs>",
            '<rect width="740" height="430" fill="#fdfcf9"/>',
            *ways,
            *boxes,
            "</svg>",
            "",
        )
    )


def _box(status: Standing | None) -> str:
    x, y = PLACES[status]
    final = not TRANSITIONS[status]
    name = "new" if status is None else status.value
    look = 'fill="#efece4"' if final else 'fill="#fff"'
    corner = HIGH // 2 if status is None else 5
    return (
        f'<rect x="{x - WIDE // 2}" y="{y - HIGH // 2}" width="{WIDE}" height="{HIGH}" '
        f'rx="{corner}" {look} stroke="#222"/>'
        f'<text x="{x}" y="{y + 5}" text-anchor="middle" fill="#222">{name}</text>'
    )


def _way(before: Standing | None, after: Standing, *, both: bool) -> str:
    (x1, y1), (x2, y2) = _edges(PLACES[before], PLACES[after])
    back = ' marker-start="url(#to)"' if both else ""
    return f'<path d="M{x1} {y1} {x2} {y2}" stroke="#555" fill="none"{back} marker-end="url(#to)"/>'


def _edges(one: tuple[int, int], other: tuple[int, int]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where the line between two middles leaves the one box and meets the other."""
    dx, dy = other[0] - one[0], other[1] - one[1]
    reach = min(
        (WIDE / 2) / abs(dx) if dx else 9.0,
        (HIGH / 2) / abs(dy) if dy else 9.0,
    )
    gap = 3 / hypot(dx, dy)
    start, end = reach + gap, 1 - reach - gap
    return (
        (round(one[0] + dx * start), round(one[1] + dy * start)),
        (round(one[0] + dx * end), round(one[1] + dy * end)),
    )


if __name__ == "__main__":
    PICTURE.write_text(picture(), "utf-8")
