"""What plugin authors get: strategies that find the hard cases, and a filled event."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import attrs
import pytest
from hypothesis import Phase, given, settings
from hypothesis.strategies import SearchStrategy

from eventkit import testing
from eventkit.formats import codec
from eventkit.model import decision, registration, values
from eventkit.model import event as events
from eventkit.model.values import Before, clock_trouble, instant


def finds(strategy: SearchStrategy[Any], many: int, hard: dict[str, Callable[[Any], Any]]) -> None:
    """Every sort of `hard` is among so `many` examples, the same ones each time."""
    missing = dict(hard)

    @settings(max_examples=many, deadline=None, phases=[Phase.generate], derandomize=True)
    @given(strategy)
    def look(value: Any) -> None:
        for name in [name for name, is_it in missing.items() if is_it(value)]:
            del missing[name]

    look()
    assert not missing


def test_times_find_the_hard_nights() -> None:
    """Skipped times, both times that exist twice and the day that never was all turn up."""
    finds(
        testing.times(),
        2_000,
        {
            "skipped": lambda when: clock_trouble(when) == "skipped",
            "the first of two": lambda when: clock_trouble(when) == "twice" and when.fold == 0,
            "the second of two": lambda when: clock_trouble(when) == "twice" and when.fold == 1,
            "no such day": lambda when: when.date() == date(2011, 12, 30),
            "no whole second": lambda when: when.microsecond > 0,
            "long ago": lambda when: when.year < 1930,
        },
    )


def test_events_find_the_hard_cases() -> None:
    """Empty and long programmes, every sort of deadline, Danish letters and missing links."""
    finds(
        testing.events(),
        500,
        {
            "an empty programme": lambda event: not event.programme,
            "a long one": lambda event: len(event.programme) > 99,
            "an open end": lambda event: any(item.ends is None for item in event.programme),
            "an end before its start": lambda event: any(
                item.ends is not None and instant(item.ends) < instant(item.starts)
                for item in event.programme
            ),
            "two tracks": lambda event: len({item.track for item in event.programme}) > 1,
            "an instant": lambda event: isinstance(event.deadline, datetime),
            "a day": lambda event: type(event.deadline) is date,
            "days before": lambda event: str(event.deadline).endswith("D"),
            "hours before": lambda event: str(event.deadline).endswith("H"),
            "Danish": lambda event: any(letter in event.title for letter in "æøåÆØÅ"),
            "no link": lambda event: event.online is not None and event.online.url is None,
            "plugin data": lambda event: event.extra,
            # Hypothesis takes constants of whatever is loaded, so no seed holds for rare cases.
            "a second time": lambda event: any(
                one.starts.fold == 1 for one in (event, *event.programme)
            ),
        },
    )


@pytest.mark.parametrize("module", [values, decision, events, registration])
def test_every_type_has_a_strategy(module: Any) -> None:
    """A new type of the model gets a strategy, unless it is no document of its own."""
    types = {
        kind
        for kind in vars(module).values()
        if isinstance(kind, type) and attrs.has(kind) and kind.__module__ == module.__name__
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
