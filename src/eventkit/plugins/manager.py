"""Find plugins, switch them on and off, and keep what they do wrong from hurting anybody.

Every call into a plugin runs in a thread of its own with a budget. One that raises, exits, answers
nonsense or overruns is a `Trouble` with the plugin's name; the others go on. A plugin that
overruns three times is switched off until the next start. What cannot be survived in one process,
``os._exit`` and a crash in C, is outside the promise.
"""

from __future__ import annotations

import importlib.util
import queue
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, TypeVar

import pluggy
from attrs import field, frozen

from eventkit.model.decision import Finding, Reason
from eventkit.model.errors import EventkitError, FormatError, NotFoundError, PluginError
from eventkit.model.event import Event, Imported
from eventkit.model.registration import Signup
from eventkit.plugins import builtin, hooks
from eventkit.plugins.hooks import (
    Check,
    Exporter,
    ExportRequest,
    Importer,
    ImportRequest,
    Panel,
)
from eventkit.rules import checks

T = TypeVar("T")

GROUP = "eventkit"
BUILTIN = "builtin"
IMPORT_PREFIX = "EK5"
"""What an import saw has the core's codes, whoever read the file."""

OVERRUNS = 3

BUDGET: Mapping[str, float] = MappingProxyType(
    {"load": 10, "gather": 2, "veto": 1, "check": 5, "panel": 1, "export": 60, "import": 60}
)
"""Seconds that one call of each sort may take."""


@frozen(kw_only=True)
class Trouble:
    """What a plugin did wrong.

    `code` is ``plugin_raised``, ``plugin_overran``, ``plugin_rubbish``, ``plugin_unloadable``,
    ``plugin_other_api`` or ``plugin_taken`` (a name another plugin has). `doing` says at what;
    `detail` is one line and `traceback` the whole story, both for developers.
    """

    plugin: str
    code: str
    doing: str
    detail: str = ""
    traceback: str = ""


@frozen(kw_only=True)
class PluginInfo:
    """A plugin that was found, whether it is on, and what it provides (names by sort)."""

    name: str
    version: str
    on: bool
    provides: Mapping[str, tuple[str, ...]] = field(factory=dict, hash=False)


class Plugins:
    """The plugins of one process; ask `Plugins.load`."""

    def __init__(self, *, budget: Mapping[str, float] = BUDGET) -> None:
        self._manager = pluggy.PluginManager(GROUP)
        self._manager.add_hookspecs(hooks)
        self._budget = budget
        self._infos: dict[str, PluginInfo] = {}
        self._troubles: list[Trouble] = []
        self._overruns: Counter[str] = Counter()
        self._exporters: dict[str, tuple[str, Exporter]] = {}
        self._importers: dict[str, tuple[str, Importer]] = {}
        self._checks: list[tuple[str, Check]] = []

    @classmethod
    def load(
        cls,
        folder: Path | None = None,
        off: Collection[str] = (),
        *,
        budget: Mapping[str, float] = BUDGET,
    ) -> Plugins:
        """The built-in plugin, those installed, and each ``.py`` file in `folder`, by name.

        A plugin in `off` is listed but not loaded. Raises `PluginError` for a folder that is not
        there and for a name in `off` that nobody has; a broken plugin is a trouble, not an error.
        """
        plugins = cls(budget=budget)
        plugins._add(BUILTIN, "", lambda: builtin, BUILTIN in off)
        for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
            version = point.dist.version if point.dist else ""
            plugins._add(point.name, version, _loader(point), point.name in off)
        if folder is not None:
            for path in _files(folder):
                plugins._add(path.stem, "", _file_loader(path), path.stem in off)
        if unknown := sorted(set(off) - set(plugins._infos)):
            raise PluginError(
                f"there is no plugin called {unknown[0]}", code="unknown_plugin", plugin=unknown[0]
            )
        return plugins

    # --- what there is ---

    @property
    def infos(self) -> tuple[PluginInfo, ...]:
        """Every plugin found, on or off."""
        return tuple(self._infos.values())

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """Everything that went wrong since the start, the latest last."""
        return tuple(self._troubles)

    @property
    def exporters(self) -> Mapping[str, Exporter]:
        """The formats one can write, by name."""
        return MappingProxyType({name: pair[1] for name, pair in self._exporters.items()})

    @property
    def importers(self) -> Mapping[str, Importer]:
        """The formats one can read, by name."""
        return MappingProxyType({name: pair[1] for name, pair in self._importers.items()})

    # --- what they do ---

    def export(self, name: str, request: ExportRequest) -> bytes:
        """What exporter `name` makes of `request`.

        Raises `NotFoundError` for a format nobody writes, `PluginError` where the plugin fails.
        """
        owner, exporter = _named(self._exporters, name)
        return self._answer(owner, "export", exporter.name, lambda: exporter.write(request), bytes)

    def read(self, request: ImportRequest, name: str | None = None) -> tuple[Importer, Imported]:
        """What an importer makes of `request`, and which: the one called `name`, or the best fit.

        The best fit is the first that recognises the bytes: those with the file's suffix before
        others, the built-in ones last. Raises `FormatError` (`DocumentError` for JSON) where it
        cannot be read, `NotFoundError` for a format nobody reads, `PluginError` where the plugin
        fails.
        """
        if not request.data.strip():
            raise FormatError("the file is empty", code="empty_file")
        owner, importer = (
            _named(self._importers, name) if name is not None else self._recognised(request)
        )
        imported = self._answer(
            owner, "import", importer.name, lambda: importer.read(request), Imported
        )
        self._check_codes(owner, imported.findings, importer.name)
        return importer, imported

    def check(self, event: Event) -> tuple[Finding, ...]:
        """What the core's rules and every plugin's checks find in `event`."""
        found = list(checks.check(event))
        for owner, one in self._checks:
            answer = self._ask(owner, "check", one.name, partial(_findings, one, event))
            if answer is not None and self._check_codes(owner, answer, one.name):
                found += answer
        return tuple(found)

    def holidays(self, year: int) -> Mapping[date, Mapping[str, str]]:
        """The days of `year` on which nobody works, each with its name by language."""
        days: dict[date, Mapping[str, str]] = {}
        for _, answer in self._gather("eventkit_holidays", "gather", Mapping, year=year):
            days |= answer
        return MappingProxyType(dict(sorted(days.items())))

    def vetoes(self, event: Event, signup: Signup, now: datetime) -> tuple[Reason, ...]:
        """Every reason a plugin has against `signup`; one that fails has none."""
        asked = self._gather(
            "eventkit_may_register", "veto", Reason, event=event, signup=signup, now=now
        )
        return tuple(
            reason
            for owner, reason in asked
            if self._check_codes(owner, (reason,), "eventkit_may_register")
        )

    def panels(self, event: Event, language: str) -> tuple[Panel, ...]:
        """What plugins add to the page of `event`."""
        hook = "eventkit_event_panels"
        found: list[Panel] = []
        for owner, answer in self._gather(hook, "panel", object, event=event, language=language):
            panels = (answer,) if isinstance(answer, Panel) else answer
            if isinstance(panels, list | tuple) and all(isinstance(p, Panel) for p in panels):
                found += panels
            else:
                self._trouble(owner, "plugin_rubbish", hook, f"not a panel: {answer!r:.80}")
        return tuple(found)

    # --- finding and switching on ---

    def _add(self, name: str, version: str, load: Callable[[], ModuleType], off: bool) -> None:
        if name in self._infos:
            self._trouble(name, "plugin_taken", "load", "a plugin of this name is loaded already")
            return
        self._infos[name] = PluginInfo(name=name, version=version, on=False)
        if off:
            return
        module = self._ask(name, "load", "load", load, unloadable=True)
        if module is None:
            return
        api = getattr(module, "eventkit_api", None)
        if api != hooks.API:
            said = f"it is made for eventkit_api {api!r}; this eventkit has {hooks.API}"
            self._trouble(name, "plugin_other_api", "load", said)
            return
        try:
            self._manager.register(module, name)
            self._manager.check_pending()
        except (pluggy.PluginValidationError, ValueError) as error:
            self._drop(name)
            self._trouble(name, "plugin_unloadable", "load", _one_line(error), error)
            return
        provides = {
            "exporters": self._keep(name, "eventkit_exporters", Exporter, self._exporters),
            "importers": self._keep(name, "eventkit_importers", Importer, self._importers),
            "checks": self._keep_checks(name),
            "hooks": self._other_hooks(name),
        }
        told = {sort: names for sort, names in provides.items() if names}
        on = self._manager.get_plugin(name) is not None
        self._infos[name] = PluginInfo(name=name, version=version, on=on, provides=told)

    def _keep(
        self, name: str, hook: str, kind: type[Any], kept: dict[str, tuple[str, Any]]
    ) -> tuple[str, ...]:
        names = []
        for item in self._handed_over(name, hook, kind):
            if item.name in kept:
                said = f"{kept[item.name][0]} has a format called {item.name} already"
                self._trouble(name, "plugin_taken", hook, said)
            else:
                kept[item.name] = (name, item)
                names.append(item.name)
        return tuple(names)

    def _keep_checks(self, name: str) -> tuple[str, ...]:
        found = self._handed_over(name, "eventkit_checks", Check)
        self._checks += ((name, check) for check in found)
        return tuple(check.name for check in found)

    def _handed_over(self, name: str, hook: str, kind: type[T]) -> tuple[T, ...]:
        items: list[T] = []
        for _, answer in self._gather(hook, "gather", Iterable, only=name):
            for item in answer:
                if isinstance(item, kind):
                    items.append(item)
                else:
                    self._trouble(name, "plugin_rubbish", hook, f"not a {kind.__name__}")
        return tuple(items)

    def _other_hooks(self, name: str) -> tuple[str, ...]:
        handing = ("eventkit_exporters", "eventkit_importers", "eventkit_checks")
        callers = self._manager.get_hookcallers(self._manager.get_plugin(name)) or ()
        return tuple(caller.name for caller in callers if caller.name not in handing)

    def _recognised(self, request: ImportRequest) -> tuple[str, Importer]:
        suffix = Path(request.filename).suffix.lower()

        def order(pair: tuple[str, Importer]) -> tuple[bool, bool]:
            return suffix not in pair[1].suffixes, pair[0] == BUILTIN

        for owner, importer in sorted(self._importers.values(), key=order):
            said = self._ask(owner, "gather", importer.name, partial(importer.recognises, request))
            if said is True:
                return owner, importer
        by_suffix = [pair for pair in self._importers.values() if suffix in pair[1].suffixes]
        if suffix and by_suffix:
            return by_suffix[0]
        raise FormatError(
            "no importer recognises this file; name one with --format",
            code="unrecognised_file",
            formats=", ".join(sorted(self._importers)),
        )

    # --- asking, guarded ---

    def _gather(
        self, hook: str, sort: str, kind: Any, *, only: str | None = None, **arguments: Any
    ) -> list[tuple[str, Any]]:
        """Each plugin's own answer to `hook`, less None, trouble and what is not a `kind`."""
        answers: list[tuple[str, Any]] = []
        for implementation in getattr(self._manager.hook, hook).get_hookimpls():
            owner = implementation.plugin_name
            if only is not None and owner != only:
                continue
            taken = {name: arguments[name] for name in implementation.argnames}

            def call(function: Any = implementation.function, taken: Any = taken) -> Any:
                answer = function(**taken)
                return tuple(answer) if kind is Iterable and answer is not None else answer

            answer = self._ask(owner, sort, hook, call)
            if isinstance(answer, kind):
                answers.append((owner, answer))
            elif answer is not None:
                self._trouble(owner, "plugin_rubbish", hook, f"not a {kind.__name__}")
        return answers

    def _answer(self, owner: str, sort: str, doing: str, call: Callable[[], T], kind: type[T]) -> T:
        """What one plugin was asked for and nobody else can give: its trouble is the caller's."""
        before = len(self._troubles)
        answer = self._ask(owner, sort, doing, call, expected=EventkitError)
        if not isinstance(answer, kind):
            if len(self._troubles) == before:
                self._trouble(owner, "plugin_rubbish", doing, f"not {kind.__name__}")
            trouble = self._troubles[-1]
            raise PluginError(
                f"plugin {owner} failed at {doing}: {trouble.detail}",
                code=trouble.code,
                plugin=owner,
                doing=doing,
                detail=trouble.detail,
            )
        return answer

    def _ask(
        self,
        owner: str,
        sort: str,
        doing: str,
        call: Callable[[], T],
        *,
        expected: type[Exception] | tuple[()] = (),
        unloadable: bool = False,
    ) -> T | None:
        """What `call` answers within its budget; None, and a trouble, where it does not.

        An error of the type `expected` is the plugin's answer and is raised.
        """
        outcome: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

        def run() -> None:
            try:
                outcome.put((call(), None))
            except BaseException as error:  # a plugin may raise anything, SystemExit included
                outcome.put((None, error))

        threading.Thread(target=run, name=f"plugin-{owner}", daemon=True).start()
        try:
            answer, error = outcome.get(timeout=self._budget[sort])
        except queue.Empty:
            said = f"took more than {self._budget[sort]:g} s"
            self._trouble(owner, "plugin_overran", doing, said)
            self._overruns[owner] += 1
            if self._overruns[owner] >= OVERRUNS:
                self._drop(owner)
            return None
        if error is None:
            return answer
        if isinstance(error, expected):
            raise error
        self._trouble(
            owner,
            "plugin_unloadable" if unloadable else "plugin_raised",
            doing,
            _one_line(error),
            error,
        )
        return None

    def _drop(self, owner: str) -> None:
        """Switch `owner` off until the next start."""
        if self._manager.get_plugin(owner) is not None:
            self._manager.unregister(name=owner)
        info = self._infos[owner]
        self._infos[owner] = PluginInfo(name=owner, version=info.version, on=False)
        self._checks = [pair for pair in self._checks if pair[0] != owner]
        for kept in (self._exporters, self._importers):
            for name in [name for name, pair in kept.items() if pair[0] == owner]:
                del kept[name]

    def _check_codes(self, owner: str, said: Iterable[Finding | Reason], doing: str) -> bool:
        """Whether all that `owner` said is worded and has a code of its own."""
        prefix = getattr(self._manager.get_plugin(owner), "eventkit_prefix", None)
        for one in said:
            if not isinstance(one, Finding | Reason):
                self._trouble(owner, "plugin_rubbish", doing, f"not a finding: {one!r:.80}")
                return False
            own = prefix is not None and one.code.startswith(prefix) and one.text is not None
            if not own and not one.code.startswith(IMPORT_PREFIX) and owner != BUILTIN:
                said_wrong = f"{one.code} lacks the prefix {prefix!r} or its text in da and en"
                self._trouble(owner, "plugin_rubbish", doing, said_wrong)
                return False
        return True

    def _trouble(
        self, plugin: str, code: str, doing: str, detail: str, error: BaseException | None = None
    ) -> None:
        told = "".join(traceback.format_exception(error)) if error is not None else ""
        trouble = Trouble(plugin=plugin, code=code, doing=doing, detail=detail, traceback=told)
        self._troubles.append(trouble)


def _named(kept: Mapping[str, tuple[str, T]], name: str) -> tuple[str, T]:
    try:
        return kept[name]
    except KeyError:
        raise NotFoundError(
            f"there is no format called {name!r}",
            code="unknown_format",
            format=name,
            formats=", ".join(sorted(kept)),
        ) from None


def _findings(check: Check, event: Event) -> tuple[Finding, ...]:
    return tuple(check.check(event))


def _one_line(error: BaseException) -> str:
    said = f"{type(error).__name__}: {error}"
    return " ".join(said.split())[:200]


def _loader(point: EntryPoint) -> Callable[[], ModuleType]:
    def load() -> ModuleType:
        module = point.load()
        if not isinstance(module, ModuleType):
            raise TypeError(f"the entry point {point.value} is not a module")
        return module

    return load


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".py")
    except OSError as error:
        raise PluginError(
            f"cannot read the plugin folder {folder}: {error.strerror}",
            code="no_plugin_folder",
            plugin="",
            folder=str(folder),
        ) from None


def _file_loader(path: Path) -> Callable[[], ModuleType]:
    def load() -> ModuleType:
        spec = importlib.util.spec_from_file_location(f"eventkit_plugin_{path.stem}", path)
        if spec is None or spec.loader is None:
            raise ImportError(f"{path.name} is not a module")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load
