"""The agenda's findings: a table for each code, and a brute-force oracle written apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from eventkit import testing
from eventkit.model.decision import Finding, Severity
from eventkit.model.event import AgendaItem, Event
from eventkit.model.values import Person, instant, zone
from eventkit.rules import programme

COPENHAGEN = zone("Europe/Copenhagen")

# --- the oracle ------------------------------------------------------------------------------


def oracle(event: Event) -> Counter[tuple[Any, ...]]:
    """Every finding as (code, key of the item, what it says), each by asking every pair."""
    return Counter(_oracle(event))


def _oracle(event: Event) -> Iterator[tuple[Any, ...]]:
    items = event.programme
    begin = {i.key: i.starts.timestamp() for i in items}
    end = {i.key: i.ends.timestamp() for i in items if i.ends is not None}
    reversed_ends = {key for key in end if end[key] < begin[key]}
    closed = {key: end[key] for key in end if key not in reversed_ends}

    def rank(item: AgendaItem) -> tuple[Any, ...]:
        length = closed.get(item.key, begin[item.key]) - begin[item.key]
        return (begin[item.key], item.key not in closed, -length, item.key)

    ordered = sorted(items, key=rank)
    for place, item in enumerate(ordered):
        key, start = item.key, begin[item.key]
        before = ordered[:place]

        def running(other: AgendaItem, key: str = key, start: float = start) -> bool:
            if key not in closed or other.key not in closed:
                return False
            return min(closed[other.key], closed[key]) > start

        def minutes(other: AgendaItem, key: str = key, start: float = start) -> float:
            return round((min(closed[other.key], closed[key]) - start) / 60, 2)

        same_track = [b for b in before if b.track == item.track and running(b)]
        if same_track:
            latest = max(closed[b.key] for b in same_track)
            first = next(b for b in same_track if closed[b.key] == latest)
            yield ("EK101", key, first.key, minutes(first))

        opens = event.starts.timestamp()
        closes = None if event.ends is None else event.ends.timestamp()
        if start < opens or (closes is not None and start > closes):
            yield ("EK102", key, "starts")
        elif closes is not None and key in closed and closed[key] > closes:
            yield ("EK102", key, "ends")

        if key in reversed_ends:
            yield ("EK103", key)

        if item.ends is None:
            after = [o for o in ordered if o.track == item.track and begin[o.key] > start]
            later = after[0].starts if after else None
            same_day = later is not None and later.date() == item.starts.date()
            yield ("EK104", key, instant(later) if later is not None and same_day else None)

        ended = [b for b in before if b.key in closed]
        if ended:
            latest = max(closed[b.key] for b in ended)
            last = [b for b in ended if closed[b.key] == latest][-1]
            unknown = any(b.key not in closed and begin[b.key] >= latest for b in before)
            assert last.ends is not None
            one_day = item.starts.date() == last.ends.date()
            if start - latest > 3600 and one_day and not unknown:
                yield ("EK105", key, last.key, round((start - latest) / 60, 2))

        for name in {" ".join(p.name.casefold().split()) for p in item.speakers}:
            elsewhere = [
                b
                for b in before
                if b.track != item.track
                and running(b)
                and name in {" ".join(p.name.casefold().split()) for p in b.speakers}
            ]
            if elsewhere:
                latest = max(closed[b.key] for b in elsewhere)
                first = next(b for b in elsewhere if closed[b.key] == latest)
                yield ("EK106", key, first.key, name, minutes(first))


def told(event: Event) -> Counter[tuple[Any, ...]]:
    """What `programme.check` finds, in the oracle's words."""
    return Counter(_told(event, finding) for finding in programme.check(event))


def _told(event: Event, finding: Finding) -> tuple[Any, ...]:
    data = finding.data
    match finding.code:
        case "EK101":
            return ("EK101", data["other"], data["item"], float(data["minutes"]))
        case "EK102":
            return ("EK102", data["item"], finding.path.rpartition(".")[2])
        case "EK103":
            return ("EK103", data["item"])
        case "EK104":
            fix = None if finding.fix is None else instant(_parsed(finding.fix))
            return ("EK104", data["item"], fix)
        case "EK105":
            return ("EK105", data["other"], data["item"], float(data["minutes"]))
        case "EK106":
            name = " ".join(data["speaker"].casefold().split())
            return ("EK106", data["other"], data["item"], name, float(data["minutes"]))
    raise AssertionError(finding.code)


def _parsed(text: str) -> datetime:
    return datetime.fromisoformat(text.partition("[")[0])


@st.composite
def crowded(draw: st.DrawFn) -> Event:
    """Small programmes in which much collides, around a day or a night when clocks change."""
    place = draw(testing.zones())
    nights = testing.CLOCK_CHANGES[place.key] or (date(2026, 5, 1),)
    day = draw(st.sampled_from(nights))
    hour = draw(st.sampled_from([0, 9, 20]))
    base = datetime(day.year, day.month, day.day, hour, tzinfo=place)
    step = draw(st.sampled_from([15, 30, 61]))

    def later(steps: int) -> datetime:
        return (instant(base) + timedelta(minutes=step * steps)).astimezone(place)

    items = []
    for number in range(draw(st.integers(0, 9))):
        begins = draw(st.integers(0, 10))
        length = draw(st.sampled_from([None, 0, 1, 1, 2, 3, 6, -1]))
        items.append(
            AgendaItem(
                key=f"k{number}",
                title="Punkt",
                starts=later(begins),
                ends=None if length is None else later(begins + length),
                track=draw(st.sampled_from(["", "A", "B"])),
                speakers=tuple(
                    Person(name=name)
                    for name in draw(st.sets(st.sampled_from(["Åse Bo", "åse  bo", "Ib"])))
                ),
            )
        )
    ends = draw(st.sampled_from([None, 4, 12]))
    return Event(
        id="x",
        title="Møde",
        starts=later(draw(st.sampled_from([0, 2]))),
        ends=None if ends is None else later(ends),
        programme=draw(st.permutations(items)),
    )


@settings(max_examples=400, deadline=None)
@given(crowded())
def test_the_sweep_finds_what_asking_every_pair_finds(event: Event) -> None:
    """EK101 to EK106 are what a brute-force reading of the specification gives, and no more."""
    assert told(event) == oracle(event)


@settings(max_examples=60, deadline=None)
@given(testing.events())
def test_the_sweep_agrees_with_every_pair_on_any_event(event: Event) -> None:
    """The same for events with anything in them, long programmes included."""
    assert told(event) == oracle(event)


@settings(max_examples=200, deadline=None)
@given(st.data(), crowded())
def test_the_order_of_the_items_does_not_matter(data: st.DataObject, event: Event) -> None:
    """A shuffled programme has the same findings with the same data; only places differ."""

    def by_key(event: Event) -> list[str]:
        found = []
        for finding in programme.check(event):
            path = finding.path
            for index, item in enumerate(event.programme):
                path = path.replace(f"[{index}]", f"<{item.key}>")
            found.append(str(evolve(finding, path=path)))
        return sorted(found)

    shuffled = evolve(event, programme=data.draw(st.permutations(event.programme)))
    assert by_key(shuffled) == by_key(event)


@settings(max_examples=100, deadline=None)
@given(crowded())
def test_findings_are_few_and_in_the_programmes_order(event: Event) -> None:
    """One finding of a code for each item (EK106: each speaker), so O(n) of them, each with a path
    that is there."""
    found = programme.check(event)
    most = {code: len(event.programme) for code in ("EK101", "EK102", "EK103", "EK104", "EK105")}
    for code, count in Counter(finding.code for finding in found).items():
        assert count <= most.get(code, 2 * len(event.programme))
    for finding in found:
        index = int(finding.path.partition("[")[2].partition("]")[0])
        assert 0 <= index < len(event.programme)
        assert finding.data["item"] in {item.key for item in event.programme}


# --- tables ----------------------------------------------------------------------------------


def at(text: str, day: int = 21) -> datetime:
    return datetime.strptime(f"2022-04-{day} {text}", "%Y-%m-%d %H.%M").replace(tzinfo=COPENHAGEN)


def item(hours: str, track: str = "", *speakers: str, day: int = 21) -> AgendaItem:
    """An item from ``9.00-10.00`` or ``9.00``; its key is its hours."""
    begins, _, until = hours.partition("-")
    return AgendaItem(
        key=f"{track}{day}.{hours}",
        title="Punkt",
        starts=at(begins, day),
        ends=at(until, day) if until else None,
        track=track,
        speakers=tuple(Person(name=name) for name in speakers),
    )


def meeting(*items: AgendaItem, hours: str = "9.00-17.00") -> Event:
    begins, _, until = hours.partition("-")
    ends = at(until) if until else None
    return Event(id="1", title="Møde", starts=at(begins), ends=ends, programme=items)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(meeting(), [], id="an empty programme"),
        pytest.param(meeting(item("9.00-10.00"), item("10.00-11.00")), [], id="touching"),
        pytest.param(
            meeting(item("9.00-10.00"), item("9.55-11.00")),
            [("EK101", "programme[0].ends", "09:55")],
            id="five minutes on top of each other",
        ),
        pytest.param(
            meeting(item("9.00-12.00"), item("9.30-10.00"), item("10.00-11.00")),
            [("EK101", "programme[0].ends", "09:30"), ("EK101", "programme[0].ends", "10:00")],
            id="against the one that ends last, not the one before",
        ),
        pytest.param(
            meeting(item("9.00-10.00", "A"), item("9.00-10.00", "B")), [], id="two tracks"
        ),
        pytest.param(
            meeting(item("9.00-10.00"), evolve(item("9.00-10.00"), key="again")),
            [("EK101", "programme[0].ends", None)],
            id="the same hours twice: no end would mend it",
        ),
        pytest.param(
            meeting(item("9.00-10.00"), item("9.30-9.30")),
            [],
            id="an item of no length overlaps nothing",
        ),
        pytest.param(
            meeting(item("9.00"), item("9.30-10.00")),
            [("EK104", "programme[0].ends", "09:30")],
            id="an open end overlaps nothing and could end where the next begins",
        ),
        pytest.param(
            meeting(item("9.00"), evolve(item("9.00"), key="again"), item("10.00-11.00")),
            [
                ("EK104", "programme[0].ends", "10:00"),
                ("EK104", "programme[1].ends", "10:00"),
            ],
            id="of two open ends at one time each could end where the next begins",
        ),
        pytest.param(
            meeting(item("16.00"), item("9.00-10.00", day=22), hours="9.00"),
            [("EK104", "programme[0].ends", None)],
            id="an open end is not proposed to last until the next morning",
        ),
        pytest.param(
            meeting(item("10.00-9.30")),
            [("EK103", "programme[0].ends", None)],
            id="an end before the start, and nothing else about it",
        ),
        pytest.param(
            meeting(item("9.00-17.00")), [], id="exactly the event's hours: touching is inside"
        ),
        pytest.param(
            meeting(item("17.00")), [("EK104", "programme[0].ends", None)], id="at the end"
        ),
        pytest.param(
            meeting(item("8.59-9.30"), item("16.30-17.01")),
            [
                ("EK102", "programme[0].starts", None),
                ("EK102", "programme[1].ends", None),
                ("EK105", "programme[1].starts", None),
            ],
            id="a minute outside at either end",
        ),
        pytest.param(
            meeting(item("8.00-8.30")), [("EK102", "programme[0].starts", None)], id="all before"
        ),
        pytest.param(
            meeting(item("9.00-10.00"), item("11.00-12.00")), [], id="60 minutes are no gap"
        ),
        pytest.param(
            meeting(item("9.00-10.00"), item("11.01-12.00")),
            [("EK105", "programme[1].starts", None)],
            id="61 minutes are",
        ),
        pytest.param(
            meeting(item("9.00-10.00", "A"), item("11.30-12.00", "A"), item("10.00-11.00", "B")),
            [],
            id="something in another track is no gap",
        ),
        pytest.param(
            meeting(item("9.00-10.00"), item("10.00"), item("13.00-14.00")),
            [("EK104", "programme[1].ends", "13:00")],
            id="an open end begins no gap",
        ),
        pytest.param(
            meeting(item("10.00-10.00"), item("10.00"), item("13.00-14.00")),
            [("EK104", "programme[1].ends", "13:00")],
            id="an open end begins no gap, also beside an item of no length",
        ),
        pytest.param(
            meeting(item("9.00-17.00"), item("9.00-17.00", day=22), hours="9.00"),
            [],
            id="a night is no gap",
        ),
        pytest.param(
            meeting(item("9.00-10.00", "A", "Åse Bo"), item("9.30-10.30", "B", "ÅSE  bo")),
            [("EK106", "programme[1].speakers", None)],
            id="one speaker in two tracks, however the name is written",
        ),
        pytest.param(
            meeting(item("9.00-10.00", "A", "Åse"), item("10.00-11.00", "B", "Åse")),
            [],
            id="one speaker in two tracks, one after the other",
        ),
        pytest.param(
            meeting(item("9.00-10.00", "A", "Åse"), item("9.30", "B", "Åse")),
            [("EK104", "programme[1].ends", None)],
            id="an open end keeps no speaker",
        ),
        pytest.param(
            meeting(
                item("9.00-12.00", "A", "Åse"),
                item("9.30-11.00", "B", "Åse"),
                item("10.00-10.30", "A", "Ib"),
                item("10.45-11.30", "A", "Åse"),
            ),
            [
                ("EK106", "programme[1].speakers", None),
                ("EK101", "programme[0].ends", "10:00"),
                ("EK101", "programme[0].ends", "10:45"),
                ("EK106", "programme[3].speakers", None),
            ],
            id="held against the other track, though the own track's item ends last",
        ),
    ],
)
def test_what_is_found(event: Event, expected: list[tuple[str, str, str | None]]) -> None:
    """Each code, its path and the time it proposes, if any."""
    found = [
        (f.code, f.path, None if f.fix is None else f"{_parsed(f.fix):%H:%M}")
        for f in programme.check(event)
    ]
    assert found == expected


def test_the_sample_announcement() -> None:
    """On the sample: five minutes' overlap, and a last item with no end; exactly as said."""
    minutes, opened = programme.check(testing.sample())
    assert minutes == Finding(
        code="EK101",
        severity=Severity.WARNING,
        path="programme[7].ends",
        data={
            "item": "8",
            "other": "9",
            "minutes": 5,
            "ends": at("14.45"),
            "starts": at("14.40"),
        },
        fix=at("14.40"),
    )
    assert minutes.fix == "2022-04-21T14:40:00+02:00[Europe/Copenhagen]"
    assert opened == Finding(
        code="EK104",
        severity=Severity.INFO,
        path="programme[10].ends",
        data={"item": "11", "starts": at("15.00")},
    )


def test_severities() -> None:
    """An end before its start is an error, an open end is information, the rest are warnings."""
    event = meeting(
        item("8.00-12.00", "A", "Åse"),
        item("9.00-10.00", "A"),
        item("9.00-10.00", "B", "Åse"),
        item("13.30-13.00"),
        item("14.00"),
    )
    severities = {finding.code: finding.severity for finding in programme.check(event)}
    assert severities == {
        "EK101": Severity.WARNING,
        "EK102": Severity.WARNING,
        "EK103": Severity.ERROR,
        "EK104": Severity.INFO,
        "EK105": Severity.WARNING,
        "EK106": Severity.WARNING,
    }


@pytest.mark.parametrize(
    ("first", "second", "minutes"),
    [
        # 01:30 to 03:30 is one hour in spring, when 02:00 becomes 03:00
        (("2026-03-29T01:30", 0), ("2026-03-29T03:15", 0), 15),
        # 02:30 comes twice in autumn: the second is an hour after the first
        (("2026-10-25T02:30", 0), ("2026-10-25T02:30", 1), None),
        (("2026-10-25T02:30", 1), ("2026-10-25T02:45", 1), 45),
        (("2026-10-25T02:30", 0), ("2026-10-25T02:45", 0), 45),
    ],
)
def test_overlaps_are_counted_in_instants(
    first: tuple[str, int], second: tuple[str, int], minutes: int | None
) -> None:
    """On nights when clocks change an overlap is what a stopwatch shows."""
    items = []
    for text, fold in (first, second):
        begins = datetime.fromisoformat(text).replace(tzinfo=COPENHAGEN, fold=fold)
        ends = (instant(begins) + timedelta(hours=1)).astimezone(COPENHAGEN)
        items.append(AgendaItem(title="Vagt", starts=begins, ends=ends))
    event = Event(id="1", title="Nat", starts=items[0].starts, programme=items)
    found = [f.data["minutes"] for f in programme.check(event) if f.code == "EK101"]
    assert found == ([] if minutes is None else [minutes])


@pytest.mark.parametrize(
    ("event", "code", "path", "data"),
    [
        (
            meeting(item("10.00-9.30")),
            "EK103",
            "programme[0].ends",
            {"item": "21.10.00-9.30", "starts": at("10.00"), "ends": at("9.30")},
        ),
        (
            meeting(item("16.30-17.30")),
            "EK102",
            "programme[0].ends",
            {
                "item": "21.16.30-17.30",
                "starts": at("16.30"),
                "ends": at("17.30"),
                "event_starts": at("9.00"),
                "event_ends": at("17.00"),
            },
        ),
        (
            meeting(item("8.30-9.30"), hours="9.00"),
            "EK102",
            "programme[0].starts",
            {
                "item": "21.8.30-9.30",
                "starts": at("8.30"),
                "ends": at("9.30"),
                "event_starts": at("9.00"),
                "event_ends": None,
            },
        ),
        (
            meeting(item("9.00-10.00"), item("11.30-12.00")),
            "EK105",
            "programme[1].starts",
            {
                "item": "21.9.00-10.00",
                "other": "21.11.30-12.00",
                "minutes": 90,
                "ends": at("10.00"),
                "starts": at("11.30"),
            },
        ),
        (
            meeting(item("9.00-10.00", "A", "Åse Bo"), item("9.45-11.00", "B", "ÅSE  BO")),
            "EK106",
            "programme[1].speakers",
            {
                "speaker": "ÅSE  BO",
                "item": "A21.9.00-10.00",
                "other": "B21.9.45-11.00",
                "minutes": 15,
            },
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_finding_is_said_whole(event: Event, code: str, path: str, data: dict[str, Any]) -> None:
    """All that it rests on: an acknowledgement is bound to exactly these facts."""
    severity = Severity.ERROR if code == "EK103" else Severity.WARNING
    assert programme.check(event) == (Finding(code=code, severity=severity, path=path, data=data),)


@pytest.mark.parametrize(
    ("seconds", "minutes"),
    [(300, "5"), (90, "1.5"), (20, "0.33"), (61, "1.02"), (3599, "59.98")],
)
def test_minutes_are_whole_where_they_can_be(seconds: int, minutes: str) -> None:
    """And else have two decimals at most; five is written 5, not 5.0."""
    length = timedelta(hours=1)
    first = AgendaItem(key="a", title="A", starts=at("9.00"), ends=at("9.00") + length)
    begins = at("10.00") - timedelta(seconds=seconds)
    second = AgendaItem(key="b", title="B", starts=begins, ends=begins + length)
    [finding] = programme.check(meeting(first, second))
    assert str(finding.data["minutes"]) == minutes


def test_each_of_two_speakers_is_told_of() -> None:
    """That one of them is in two places says nothing of the other."""
    found = programme.check(
        meeting(item("9.00-10.00", "A", "Åse", "Ib"), item("9.30-10.30", "B", "Åse", "Ib"))
    )
    assert [(one.code, one.data["speaker"]) for one in found] == [("EK106", "Åse"), ("EK106", "Ib")]
