"""Two times are compared, ordered and subtracted as instants: the one rule about time in code.

Python compares and subtracts times of one zone by the clock on the wall: over a night when clocks
change that is wrong by an hour, and 2.30 equals the second 2.30. So code asks
`eventkit.model.values.instant` first. What is read here is the name: `starts`, `ends`, `closes`,
`now` and their like are times as people say them, and may stand next to no operator. An instant
kept in a variable is called something else (`since`, `until`, `moment`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).parent.parent / "src"

TIMES = {
    "at",
    "cancel_deadline",
    "closes",
    "deadline",
    "due",
    "edit_deadline",
    "ends",
    "event_ends",
    "event_starts",
    "now",
    "offer_ends",
    "offers_until",
    "opens",
    "starts",
    "substitute_deadline",
    "when",
}
"""What times are called in this project."""

MEANT = {
    ("eventkit/formats/vtimezone.py", ""): "turns a zone into onsets: all its times are UTC",
    ("eventkit/formats/icalread.py", "(when - offset)"): "a time without a zone, less its offset",
    (
        "eventkit/formats/icalread.py",
        "starts + sign * timedelta(",
    ): "days are nominal: RFC 5545 3.3.6",
    ("eventkit_web/pages.py", "(event.ends - timedelta(microseconds=1)).date()"): "asks for a date",
}
"""Where clocks on the wall are meant: in which file, in a line that holds what, and why."""

ORDERING = {"max", "min", "sort", "sorted"}


def name_of(node: ast.AST) -> str | None:
    """The name by which `node` is a time, or None."""
    if isinstance(node, ast.Attribute) and node.attr in TIMES:
        column = isinstance(node.value, ast.Attribute) and node.value.attr == "c"
        return None if column else node.attr  # a column holds UTC
    if isinstance(node, ast.Name) and node.id in TIMES:
        return node.id
    return None


def wall_clock_arithmetic(source: str) -> Iterator[tuple[int, str]]:
    """Each line of `source` that compares, orders, adds to or subtracts a time, with its name."""
    tree = ast.parse(source)
    slices = [node.slice for node in ast.walk(tree) if isinstance(node, ast.Subscript)]
    places = {id(inner) for index in slices for inner in ast.walk(index)}  # text[at : at + 2]
    for node in ast.walk(tree):
        if id(node) in places:
            continue
        match node:
            case ast.Compare(left=left, ops=ops, comparators=others):
                sides = [left, *others]
                if all(isinstance(op, ast.Is | ast.IsNot) for op in ops):
                    continue
                if any(isinstance(side, ast.Constant) for side in sides):
                    continue  # `at == ""`: not yet a time
                suspects = sides
            case ast.BinOp(left=left, right=right, op=ast.Add() | ast.Sub()):
                suspects = [left, right]
            case ast.AugAssign(target=left, value=right, op=ast.Add() | ast.Sub()):
                suspects = [left, right]
            case ast.Call(func=func, args=args, keywords=keywords):
                called = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
                if called not in ORDERING:
                    continue
                key = [word.value for word in keywords if word.arg == "key"]
                suspects = list(args) if not key else []
                for function in key:
                    if isinstance(function, ast.Lambda):
                        body = function.body
                        suspects += body.elts if isinstance(body, ast.Tuple) else [body]
                    elif isinstance(function, ast.Call):  # attrgetter("starts")
                        suspects += [
                            ast.Name(arg.value.rpartition(".")[2])
                            for arg in function.args
                            if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
                        ]
            case _:
                continue
        for suspect in suspects:
            if (name := name_of(suspect)) is not None:
                yield getattr(node, "lineno", 0), name


@pytest.mark.parametrize(
    "path", sorted(SRC.rglob("*.py")), ids=lambda path: str(path.relative_to(SRC))
)
def test_times_meet_only_as_instants(path: Path) -> None:
    """No module compares or subtracts two times except through `instant`."""
    source = path.read_text(encoding="utf-8")
    meant = [part for file, part in MEANT if file == str(path.relative_to(SRC))]
    assert all(part in source for part in meant), "MEANT holds what is no longer there"
    lines = source.splitlines()
    found = [
        f"{path}:{line}: {name} in {lines[line - 1].strip()}"
        for line, name in wall_clock_arithmetic(source)
        if not any(part in lines[line - 1] for part in meant)
    ]
    assert found == [], "ask values.instant() first"


@pytest.mark.parametrize(
    "code",
    [
        "event.starts < now",
        "now >= window.closes",
        "instant(now) < window.closes",
        "event.starts == other.starts",
        "a.ends - a.starts",
        "event.starts + timedelta(hours=1)",
        "starts -= timedelta(days=1)",
        "when in (a, b)",
        "opens <= x < closes",
        "max(a.ends, b.ends)",
        "sorted(items, key=lambda item: item.starts)",
        "items.sort(key=lambda item: (item.starts, item.key))",
        "sorted(items, key=attrgetter('starts'))",
        "min(items, key=operator.attrgetter('event.starts'))",
    ],
)
def test_wall_clock_arithmetic_is_seen(code: str) -> None:
    """The rule itself sees what it forbids (negative control)."""
    assert list(wall_clock_arithmetic(code))


@pytest.mark.parametrize(
    "code",
    [
        "instant(event.starts) < instant(now)",
        "instant(a.ends) - instant(a.starts)",
        "ends is not None",
        "event.starts.date() - timedelta(days=3)",
        "since - until > LONGEST_GAP",
        "max(a, b, key=instant)",
        "sorted(items, key=lambda item: instant(item.starts))",
        "table.c.due <= moment",
        "at == ''",
        "color[at : at + 2]",
    ],
)
def test_instants_are_let_through(code: str) -> None:
    """The rule lets through what goes by instants, dates or names."""
    assert not list(wall_clock_arithmetic(code))
