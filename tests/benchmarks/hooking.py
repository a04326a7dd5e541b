"""What asking plugins costs: vetoes on a sign-up, with 0, 1 and 10 plugins, beside pluggy alone.

The limit is pluggy calling the same functions with nothing around them. What a guarded call takes
more is a thread of its own, which is what lets a plugin hang, exit or raise; it is some tens of
microseconds of CPU a plugin, and goes as plugins do.
"""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pluggy
from figures import Figure

from eventkit.model.registration import Signup
from eventkit.model.values import Person
from eventkit.plugins import hooks
from eventkit.plugins.manager import BUILTIN, Plugins
from eventkit.testing import sample

CALLS = 500
ROUNDS = 15
SOURCE = """
from eventkit import hookimpl
eventkit_api = 1

@hookimpl
def eventkit_may_register(event, signup, now):
    return None
"""
TARGETS = {0: 3, 1: 150, 10: 400}
"""How many times the bare call; a plugin's thread is what most of it is."""


def hooking() -> Iterable[Figure]:
    """`Plugins.vetoes` against a bare pluggy call of as many implementations."""
    event, now = sample(), datetime(2022, 3, 1, 12, tzinfo=UTC)
    signup = Signup(people=(Person(name="Ida"),), key="k")
    for count, target in TARGETS.items():
        plugins = _plugins(count)
        call = _bare(count).hook.eventkit_may_register

        def ours(plugins: Plugins = plugins) -> object:
            return plugins.vetoes(event, signup, now)

        def bare(call: Callable[..., object] = call) -> object:
            return call(event=event, signup=signup, now=now, settings=None)

        measured, limit = _in_turns(ours, bare)
        if plugins.troubles or ours() != () or bare() != []:
            raise SystemExit("the plugins do not answer")
        name = f"vetoes of {count} plugins / pluggy alone, {CALLS} times"
        yield Figure(name, measured, limit, target)


def _in_turns(*ways: Callable[[], object]) -> list[float]:
    """The median CPU time of so many calls of each way."""
    times: list[list[float]] = [[] for _ in ways]
    for _ in range(ROUNDS):
        for way, own in zip(ways, times, strict=True):
            gc.collect()
            began = time.process_time()
            for _ in range(CALLS):
                way()
            own.append(time.process_time() - began)
    return [statistics.median(own) for own in times]


def _plugins(count: int) -> Plugins:
    installed = [info.name for info in Plugins.load().infos if info.name != BUILTIN]
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            (Path(folder) / f"p{number}.py").write_text(SOURCE)
        return Plugins.load(Path(folder), installed)


def _bare(count: int) -> pluggy.PluginManager:
    manager = pluggy.PluginManager("eventkit")
    manager.add_hookspecs(hooks)
    for number in range(count):
        manager.register(_Plain(), f"p{number}")
    return manager


class _Plain:
    @hooks.hookimpl
    def eventkit_may_register(self, event: object, signup: object, now: object) -> None:
        return None
