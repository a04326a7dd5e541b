"""Find plugins, switch them on and off, and ask them through the guard.

A plugin that does wrong is named in `Plugins.troubles` and in the log; the others go on.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, TypeVar

import pluggy
from attrs import evolve, field, frozen

from eventkit.model.decision import Finding, Reason
from eventkit.model.errors import DocumentError, FormatError, NotFoundError, PluginError
from eventkit.model.event import Event, Imported
from eventkit.model.registration import Signup
from eventkit.plugins import builtin, guard, hooks
from eventkit.plugins.guard import BUDGET, Guard, Trouble
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
W = TypeVar("W", Finding, Reason)

GROUP = "eventkit"
BUILTIN = "builtin"
CORE_PREFIX = "EK"
IMPORT_PREFIX = "EK5"
"""What an import saw has the core's codes, whoever read the file."""


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
        self._guard = Guard(budget, self._drop)
        self._infos: dict[str, PluginInfo] = {}
        self._prefixes: dict[str, tuple[str, ...]] = {}
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
        """What went wrong since the start, the latest last."""
        return self._guard.troubles

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
        return self._only(owner, "export", name, lambda: guard.one(exporter.write(request), bytes))

    def read(self, request: ImportRequest, name: str | None = None) -> tuple[Importer, Imported]:
        """What an importer makes of `request`, and which: the one called `name`, or the best fit.

        The best fit is the first that recognises the bytes: those with the file's suffix before
        others, the built-in ones last. A finding without a code or words of its own is left out,
        and the plugin named. Raises `FormatError` (`DocumentError` for JSON) where the file cannot
        be read, `NotFoundError` for a format nobody reads, `PluginError` where the plugin fails.
        """
        if not request.data.strip():
            raise FormatError("the file is empty", code="empty_file")
        owner, importer = (
            _named(self._importers, name) if name is not None else self._recognised(request)
        )
        found = self._only(
            owner, "import", importer.name, lambda: guard.imported(importer.read(request))
        )
        own = (*self._prefixes[owner], IMPORT_PREFIX)
        kept = self._worded(owner, found.findings, importer.name, own)
        return importer, evolve(found, findings=kept)

    def check(self, event: Event) -> tuple[Finding, ...]:
        """What the core's rules and every plugin's checks find in `event`."""
        found = list(checks.check(event))
        for owner, check in self._checks:

            def call(check: Check = check) -> tuple[Finding, ...]:
                return guard.several(check.check(event), Finding)

            answer = self._guard.ask(owner, "check", check.name, call)
            if not isinstance(answer, Trouble):
                found += self._worded(owner, answer, check.name, self._prefixes[owner])
        return tuple(found)

    def holidays(self, year: int) -> Mapping[date, Mapping[str, str]]:
        """The days of `year` on which nobody works, each with its name by language."""
        days: dict[date, Mapping[str, str]] = {}
        for _, answer in self._gather("eventkit_holidays", "gather", guard.holidays, year=year):
            days |= answer
        return MappingProxyType(dict(sorted(days.items())))

    def vetoes(self, event: Event, signup: Signup, now: datetime) -> tuple[Reason, ...]:
        """Every reason a plugin has against `signup`; one that fails has none."""
        hook = "eventkit_may_register"
        asked = self._gather(
            hook,
            "veto",
            lambda answer: guard.one_or_none(answer, Reason),
            event=event,
            signup=signup,
            now=now,
        )
        return tuple(
            reason
            for owner, answer in asked
            if answer is not None
            for reason in self._worded(owner, (answer,), hook, self._prefixes[owner])
        )

    def panels(self, event: Event, language: str) -> tuple[Panel, ...]:
        """What plugins add to the page of `event`."""
        asked = self._gather(
            "eventkit_event_panels",
            "panel",
            lambda answer: guard.several(answer, Panel),
            event=event,
            language=language,
        )
        return tuple(panel for _, panels in asked for panel in panels)

    # --- finding and switching on ---

    def _add(self, name: str, version: str, load: Callable[[], ModuleType], off: bool) -> None:
        if name in self._infos:
            said = "a plugin of this name is loaded already"
            self._guard.blame(name, "plugin_taken", "load", said)
            return
        self._infos[name] = PluginInfo(name=name, version=version, on=False)
        if off:
            return

        def loaded() -> tuple[ModuleType, Any, Any]:
            module = load()
            api, prefix = (
                getattr(module, attribute, None)
                for attribute in ("eventkit_api", "eventkit_prefix")
            )
            return module, api, prefix

        answer = self._guard.ask(name, "load", "load", loaded, failing="plugin_unloadable")
        if isinstance(answer, Trouble):
            return
        module, api, prefix = answer
        if type(api) is not int or api != hooks.API:
            said = f"it is made for another eventkit_api than {hooks.API}"
            self._guard.blame(name, "plugin_other_api", "load", said)
            return
        if prefix is not None and not _is_prefix(prefix):
            said = "eventkit_prefix is one to eight capital letters, not beginning with EK"
            self._guard.blame(name, "plugin_rubbish", "load", said)
            prefix = None
        self._prefixes[name] = () if prefix is None else (prefix,)
        registered = self._guard.ask(
            name, "load", "load", lambda: self._register(module, name), failing="plugin_unloadable"
        )
        if isinstance(registered, Trouble):
            self._drop(name)
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

    def _register(self, module: ModuleType, name: str) -> None:
        self._manager.register(module, name)
        self._manager.check_pending()

    def _keep(
        self, name: str, hook: str, kind: type[Any], kept: dict[str, tuple[str, Any]]
    ) -> tuple[str, ...]:
        names = []
        for item in self._handed_over(name, hook, kind):
            if item.name in kept:
                said = f"{kept[item.name][0]} has a format called {item.name} already"
                self._guard.blame(name, "plugin_taken", hook, said)
            else:
                kept[item.name] = (name, item)
                names.append(item.name)
        return tuple(names)

    def _keep_checks(self, name: str) -> tuple[str, ...]:
        found = self._handed_over(name, "eventkit_checks", Check)
        self._checks += ((name, check) for check in found)
        return tuple(check.name for check in found)

    def _handed_over(self, name: str, hook: str, kind: type[T]) -> tuple[T, ...]:
        asked = self._gather(hook, "gather", lambda answer: guard.several(answer, kind), only=name)
        return tuple(item for _, items in asked for item in items)

    def _other_hooks(self, name: str) -> tuple[str, ...]:
        handing = ("eventkit_exporters", "eventkit_importers", "eventkit_checks")
        plugin = self._manager.get_plugin(name)
        callers = (self._manager.get_hookcallers(plugin) if plugin is not None else None) or ()
        return tuple(caller.name for caller in callers if caller.name not in handing)

    def _recognised(self, request: ImportRequest) -> tuple[str, Importer]:
        suffix = Path(request.filename).suffix.lower()

        def order(pair: tuple[str, Importer]) -> tuple[bool, bool]:
            return suffix not in pair[1].suffixes, pair[0] == BUILTIN

        for owner, importer in sorted(self._importers.values(), key=order):

            def call(importer: Importer = importer) -> bool:
                return guard.one(importer.recognises(request), bool)

            if self._guard.ask(owner, "gather", importer.name, call) is True:
                return owner, importer
        by_suffix = [pair for pair in self._importers.values() if suffix in pair[1].suffixes]
        if suffix and by_suffix:
            return by_suffix[0]
        raise FormatError(
            "no importer recognises this file; name one with --format",
            code="unrecognised_file",
            formats=", ".join(sorted(self._importers)),
        )

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

    # --- asking ---

    def _gather(
        self,
        hook: str,
        sort: str,
        look: Callable[[Any], T],
        *,
        only: str | None = None,
        **arguments: Any,
    ) -> list[tuple[str, T]]:
        """Each plugin's own answer to `hook`, as `look` passed it, less those in trouble."""
        answers: list[tuple[str, T]] = []
        for implementation in getattr(self._manager.hook, hook).get_hookimpls():
            owner = implementation.plugin_name
            if only is not None and owner != only:
                continue
            taken = {name: arguments[name] for name in implementation.argnames}

            def call(function: Any = implementation.function, taken: Any = taken) -> T:
                return look(function(**taken))

            answer = self._guard.ask(owner, sort, hook, call)
            if not isinstance(answer, Trouble):
                answers.append((owner, answer))
        return answers

    def _only(self, owner: str, sort: str, doing: str, call: Callable[[], T]) -> T:
        """What one plugin was asked for and nobody else can give: its trouble is the caller's."""
        answer = self._guard.ask(owner, sort, doing, call, expected=(FormatError, DocumentError))
        if isinstance(answer, Trouble):
            raise PluginError(
                f"plugin {owner} failed at {doing}: {answer.detail}",
                code=answer.code,
                plugin=owner,
                doing=doing,
                detail=answer.detail,
            )
        return answer

    def _worded(
        self, owner: str, said: tuple[W, ...], doing: str, prefixes: tuple[str, ...]
    ) -> tuple[W, ...]:
        """What `owner` said in words and under codes of its own; the rest is its trouble."""
        if owner == BUILTIN:  # whose words stand in the catalogues
            return said
        good = tuple(one for one in said if guard.worded(one, prefixes))
        if len(good) < len(said):
            bad = next(one for one in said if not guard.worded(one, prefixes))
            wanted = " or ".join(prefixes) or "an eventkit_prefix of its own"
            detail = (
                f"{bad.code[:20]} needs text in da and en, and a code that begins with {wanted}"
            )
            self._guard.blame(owner, "plugin_rubbish", doing, detail)
        return good


def _is_prefix(prefix: Any) -> bool:
    return (
        type(prefix) is str
        and re.fullmatch(r"[A-Z]{1,8}", prefix) is not None
        and not prefix.startswith(CORE_PREFIX)
    )


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
