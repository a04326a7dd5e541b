"""What plugin authors get: strategies that find the hard cases, and a filled event."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import attrs
import pytest
from hypothesis import Phase, find, given, settings

from eventkit import testing
from eventkit.formats import codec
from eventkit.model import decision, registration, values
from eventkit.model import event as events
from eventkit.model.event import Event
from eventkit.model.values import Before, clock_trouble, instant

FEW = settings(max_examples=2_000, deadline=None, phases=[Phase.generate], database=None)


@pytest.mark.parametrize(
    "hard",
    [
        lambda when: clock_trouble(when) == "skipped",
        lambda when: clock_trouble(when) == "twice" and when.fold == 0,
        lambda when: clock_trouble(when) == "twice" and when.fold == 1,
        lambda when: when.tzinfo.key == "Pacific/Apia" and when.date() == date(2011, 12, 30),
        lambda when: when.microsecond > 0,
        lambda when: when.year < 1930,
    ],
)
def test_times_find_the_hard_nights(hard: Callable[[datetime], bool]) -> None:
    """Skipped times, both times that exist twice and the day that never was all turn up."""
    find(testing.times(), hard, settings=FEW)


@pytest.mark.parametrize(
    "hard",
    [
        lambda event: not event.programme,
        lambda event: len(event.programme) > 99,
        lambda event: any(item.ends is None for item in event.programme),
        lambda event: any(
            item.ends is not None and instant(item.ends) < instant(item.starts)
            for item in event.programme
        ),
        lambda event: len({item.track for item in event.programme}) > 1,
        lambda event: isinstance(event.deadline, datetime),
        lambda event: type(event.deadline) is date,
        lambda event: isinstance(event.deadline, Before) and event.deadline.days is not None,
        lambda event: isinstance(event.deadline, Before) and event.deadline.hours is not None,
        lambda event: any(letter in event.title for letter in "æøåÆØÅ"),
        lambda event: event.online is not None and event.online.url is None,
        lambda event: event.extra,
    ],
)
def test_events_find_the_hard_cases(hard: Callable[[Event], bool]) -> None:
    """Empty and long programmes, every sort of deadline, Danish letters and missing links."""
    find(testing.events(), hard, settings=FEW)


@pytest.mark.parametrize("module", [values, decision, events, registration])
def test_every_type_has_a_strategy(module: Any) -> None:
    """A new type of the model gets a strategy, unless it is no document of its own."""
    types = {
        kind
        for kind in vars(module).values()
        if attrs.has(kind) and kind.__module__ == module.__name__
    }
    without = {Before, decision.Allowed, decision.Refused}
    assert types - without <= set(testing.STRATEGIES)


@pytest.mark.parametrize("kind", testing.STRATEGIES, ids=lambda kind: kind.__name__)
def test_every_strategy_gives_what_can_be_written_down(kind: type) -> None:
    """What a strategy gives is of its type and survives its document."""

    @settings(max_examples=5, deadline=None, database=None)
    @given(testing.STRATEGIES[kind]())
    def check(value: Any) -> None:
        assert type(value) is kind
        assert codec.loads(codec.dumps(value), kind) == value

    check()


def test_the_sample_is_filled() -> None:
    """The sample says something in most fields, and is the same each time."""
    sample = testing.sample()
    assert sample == testing.sample()
    assert testing.sample_revision().event == sample
    for name in ("title", "summary", "description", "audience", "venue", "contact", "organiser"):
        assert getattr(sample, name), name
    assert len(sample.programme) == 11
    assert sample.deadline == date(2022, 4, 18)
