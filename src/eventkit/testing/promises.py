"""What every plugin promises, each as an `AssertionError` that says what to do.

What is looked at runs as the core runs it: in a thread, within the budget.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

from eventkit.model.decision import Finding
from eventkit.plugins import guard
from eventkit.plugins.guard import BUDGET, Guard, Trouble

T = TypeVar("T")

LANGUAGES = ("da", "en")


def called(item: Any, kind: type[Any], hook: str) -> str:
    """What to call `item` in a sentence."""
    wants(
        type(item) is kind,  # one derived from it would be refused
        f"{type(item).__name__} is no {kind.__name__}",
        f"give what {hook} hands over, one at a time",
    )
    return f"{kind.__name__} {item.name!r}"


def titled(title: Mapping[str, str], what: str) -> None:
    """A title in both languages."""
    lacking = [language for language in LANGUAGES if not title.get(language, "").strip()]
    wants(
        not lacking,
        f"{what} has no title in {' and '.join(lacking)}",
        'write title={"da": "…", "en": "…"}',
    )


def own_prefix(prefix: str) -> None:
    """A prefix that the core takes, by the same rule."""
    wants(
        guard.is_prefix(prefix),
        f"{prefix!r} is no eventkit_prefix",
        "choose one to eight capital letters from A to Z that do not begin with EK",
    )


def worded(findings: Iterable[Finding], prefixes: tuple[str, ...], what: str) -> None:
    """Findings under codes of the plugin's own, with words in both languages."""
    for finding in findings:
        wants(
            guard.begins(finding.code, prefixes),
            f"{what} gives the code {finding.code}",
            f"begin each code with {' or '.join(prefixes)} and no other capital letter",
        )
        text = finding.text or {}
        lacking = [language for language in LANGUAGES if not text.get(language, "").strip()]
        wants(
            not lacking,
            f"{what} has no words for {finding.code} in {' and '.join(lacking)}",
            'write text={"da": "…", "en": "…"}',
        )


def run(
    budget: str | float,
    what: str,
    call: Callable[..., T],
    advice: str,
    *given: Any,
    expected: tuple[type[Exception], ...] = (),
) -> T:
    """What `call` answers to copies of `given`, run as the core runs it."""
    seconds = BUDGET[budget] if isinstance(budget, str) else budget
    ours = Guard({"call": seconds}, lambda sort, trouble: None)
    answer = ours.ask("yours", "call", what, call, *given, expected=expected)
    if isinstance(answer, Trouble):
        if answer.code == "plugin_mutates":
            raise failure(f"{what} {answer.detail}", "make a new value: attrs.evolve")
        raise failure(f"{what} is in trouble: {answer.detail}", advice, answer.traceback)
    return answer


def for_each(strategy: SearchStrategy[T], look: Callable[[T], None], examples: int) -> None:
    """Look at so many examples, the same ones each time, and at the plainest that fails."""

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        report_multiple_bugs=False,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def check(value: T) -> None:
        look(value)

    check()


def wants(fine: object, said: str, advice: str) -> None:
    """`fine`, or a failure that says what to do."""
    if not fine:
        raise failure(said, advice)


def failure(said: str, advice: str, told: str = "") -> AssertionError:
    """The failure itself: what was seen, what to do, and perhaps a traceback."""
    return AssertionError(f"{said}.\nTo do: {advice}.{told and chr(10) + told}")
