"""Which plugins there are, which are on, and what each handed over when it was loaded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from pathlib import Path
from threading import Lock
from types import MappingProxyType, ModuleType
from typing import Any, Self, TypeVar

import pluggy
from attrs import evolve, field, frozen

from eventkit.model.errors import Fault, PluginError, SettingsError
from eventkit.plugins import builtin, guard, hooks, options
from eventkit.plugins.guard import BUDGET, BUILTIN, Guard, RubbishError, Trouble
from eventkit.plugins.hooks import Check, Exporter, Importer, Notifier, one_line
from eventkit.plugins.options import UnsetError
from eventkit.plugins.sources import GROUP, Source, installed, loose

T = TypeVar("T")

HANDED_OVER = ("eventkit_exporters", "eventkit_importers", "eventkit_notifiers", "eventkit_checks")
"""The hooks that are asked once, when a plugin is loaded."""

SORTS: Mapping[str, str] = MappingProxyType(
    {
        "ready": "notifiers",
        "notify": "notifiers",
        "close": "notifiers",
        "export": "exporters",
        "recognise": "importers",
        "import": "importers",
        "check": "checks",
    }
)
"""Of what sort it is that a call of each sort asks; any other call asks a hook itself."""

_NONE: Mapping[str, Any] = MappingProxyType({})


@frozen(kw_only=True)
class PluginInfo:
    """A plugin that was found, and whether it is on.

    `provides` are names by sort, and `overran` those among them that took too long three times in a
    row and are not asked until the next start. `settings` are the keys of its table, `off_for` the
    slugs of the organisers who do without it. One that is off has the trouble that switched it off
    as its `why`, or None where it was asked to be off.
    """

    name: str
    version: str
    on: bool
    provides: Mapping[str, tuple[str, ...]] = field(factory=dict, hash=False)
    overran: Mapping[str, tuple[str, ...]] = field(factory=dict, hash=False)
    settings: tuple[str, ...] = ()
    off_for: tuple[str, ...] = ()
    why: Trouble | None = None


class Registry:
    """What was found and what is on; `Plugins` asks it."""

    def __init__(
        self,
        *,
        budget: Mapping[str, float] = BUDGET,
        settings: Mapping[str, Mapping[str, Any]] = _NONE,
        environment: Mapping[str, str] = _NONE,
        off_for: Mapping[str, Collection[str]] = _NONE,
    ) -> None:
        self._manager = pluggy.PluginManager(GROUP)
        self._manager.add_hookspecs(hooks)
        self._guard = Guard(budget, self._switch_off)
        self._switching = Lock()
        self._tables, self._environment = settings, environment
        self._off_for = {slug: frozenset(names) for slug, names in off_for.items()}
        self._faults: list[Fault] = []
        self._infos: dict[str, PluginInfo] = {}
        self._whose: dict[str, str] = {}
        self._prefixes: dict[str, tuple[str, ...]] = {}
        self._kinds: dict[str, type[Any] | None] = {}
        self._settings: dict[str, Any] = {}
        self._exporters: dict[str, tuple[str, Exporter]] = {}
        self._importers: dict[str, tuple[str, Importer]] = {}
        self._notifiers: dict[str, tuple[str, Notifier]] = {}
        self._gone: frozenset[str] = frozenset()  # notifiers that were switched off since
        self._checks: list[tuple[str, Check]] = []

    @classmethod
    def load(
        cls,
        folder: Path | None = None,
        off: Collection[str] = (),
        *,
        budget: Mapping[str, float] = BUDGET,
        settings: Mapping[str, Mapping[str, Any]] = _NONE,
        environment: Mapping[str, str] = _NONE,
        off_for: Mapping[str, Collection[str]] = _NONE,
    ) -> Self:
        """The built-in plugin, those installed, and each ``.py`` file in `folder`, by name.

        A plugin in `off` is listed but not loaded. `settings` has a table for each plugin, and
        `environment` may say more of them; `off_for` names the plugins that are not asked about
        the events of an organiser, by slug. Raises `PluginError` for a folder that is not there
        and for a name in `off` that nobody has, `SettingsError` with everything wrong in the
        settings; a broken plugin is a trouble, not an error.
        """
        plugins = cls(budget=budget, settings=settings, environment=environment, off_for=off_for)
        plugins._add(Source(BUILTIN, "", GROUP, lambda: builtin), off)
        for source in installed():
            plugins._add(source, off)
        for source in loose(folder) if folder is not None else ():
            plugins._add(source, off)
        if unknown := sorted(set(off) - set(plugins._infos)):
            raise PluginError(
                f"there is no plugin called {unknown[0]}", code="unknown_plugin", plugin=unknown[0]
            )
        plugins._look_for_strangers()
        if plugins._faults:
            raise SettingsError(plugins._faults, code="bad_settings")
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

    @property
    def notifiers(self) -> Mapping[str, Notifier]:
        """The ways messages go out, by name."""
        return MappingProxyType({name: pair[1] for name, pair in self._notifiers.items()})

    # --- loading ---

    def _add(self, source: Source, off: Collection[str]) -> None:
        name = source.name
        if name in self._infos:
            self._taken(source.whose, "load", name, self._whose[name])
            return
        self._whose[name] = source.whose
        without = tuple(slug for slug, names in self._off_for.items() if name in names)
        self._infos[name] = PluginInfo(name=name, version=source.version, on=False, off_for=without)
        if name in off:
            return
        trouble = self._load(source)
        if trouble is not None:
            self._drop(trouble)

    def _load(self, source: Source) -> Trouble | None:
        """Switch a plugin on; the trouble that keeps it off, if there is any."""
        name = source.name
        declared = self._ask_to_load(name, lambda: _declared(self._new(source.load())))
        if isinstance(declared, Trouble):
            return declared
        module, api, prefix, kind = declared
        if type(api) is not int or api != hooks.API:
            said = f"it is made for another eventkit_api than {hooks.API}"
            return self._guard.blame(name, "plugin_other_api", "load", said)
        self._prefixes[name] = self._own_prefix(name, prefix)
        self._kinds[name] = kind
        self._infos[name] = evolve(self._infos[name], settings=options.keys(kind))
        trouble = self._set(name, kind)
        if trouble is not None:
            return trouble
        registered = self._ask_to_load(name, lambda: self._register(module, name))
        if isinstance(registered, Trouble):
            return registered
        self._take_over(name)
        return None

    def _ask_to_load(
        self, name: str, call: Callable[[], T], *, expected: tuple[type[Exception], ...] = ()
    ) -> T | Trouble:
        return self._guard.ask(
            name, "load", "load", call, expected=expected, failing="plugin_unloadable"
        )

    def _own_prefix(self, name: str, prefix: Any) -> tuple[str, ...]:
        """What the codes of a plugin begin with; nothing where its prefix is none, or another's."""
        if prefix is None:
            return ()
        if not guard.is_prefix(prefix):
            said = "eventkit_prefix is one to eight capital letters, not beginning with EK"
            self._guard.blame(name, "plugin_bad_prefix", "load", said)
            return ()
        for owner, own in self._prefixes.items():
            if prefix in own:
                self._taken(name, "load", prefix, owner)
                return ()
        return (prefix,)

    def _set(self, name: str, kind: type[Any] | None) -> Trouble | None:
        """Fill the settings of a plugin; the trouble where one that it needs is missing."""

        def filled() -> Any:
            said = options.from_environment(kind, name, self._environment)
            return options.fill(kind, {**self._tables.get(name, {}), **said}, f"plugins.{name}")

        try:
            answer = self._ask_to_load(name, filled, expected=(SettingsError, UnsetError))
        except SettingsError as error:  # told with all the others, when everything is loaded
            self._faults += error.faults
            answer = None
        except UnsetError as error:
            keys = ", ".join(error.keys)
            said = f"needs {keys} under [plugins.{name}] in eventkit.toml"
            return self._guard.blame(name, "plugin_unset", keys, said)
        if isinstance(answer, Trouble):
            return answer
        self._settings[name] = answer
        return None

    def _new(self, module: ModuleType) -> ModuleType:
        """A module that is no other plugin already."""
        if (owner := self._manager.get_name(module)) is not None:
            raise _has_already(owner, one_line(module.__name__))
        return module

    def _register(self, module: ModuleType, name: str) -> None:
        self._manager.register(module, name)
        self._manager.check_pending()

    def _take_over(self, name: str) -> None:
        """Ask what a plugin hands over, and remember whose it is."""
        provides = {
            "exporters": self._keep(name, "eventkit_exporters", Exporter, self._exporters),
            "importers": self._keep(name, "eventkit_importers", Importer, self._importers),
            "notifiers": self._keep(name, "eventkit_notifiers", Notifier, self._notifiers),
            "checks": self._keep_checks(name),
            "hooks": self._other_hooks(name),
        }
        told = {sort: names for sort, names in provides.items() if names}
        self._infos[name] = evolve(self._infos[name], on=True, provides=told)

    def _keep(
        self, name: str, hook: str, kind: type[Any], kept: dict[str, tuple[str, Any]]
    ) -> tuple[str, ...]:
        names = []
        for item in self._handed_over(name, hook, kind):
            if item.name in kept:
                self._taken(name, hook, item.name, kept[item.name][0])
            else:
                kept[item.name] = (name, item)
                names.append(item.name)
        return tuple(names)

    def _taken(self, plugin: str, doing: str, name: str, owner: str) -> None:
        why = _has_already(owner, name)
        self._guard.blame(plugin, why.code, doing, str(why), data=why.data)

    def _keep_checks(self, name: str) -> tuple[str, ...]:
        found = self._handed_over(name, "eventkit_checks", Check)
        self._checks += ((name, check) for check in found)
        return tuple(check.name for check in found)

    def _handed_over(self, name: str, hook: str, kind: type[T]) -> tuple[T, ...]:
        asked = self._gather(hook, "gather", lambda answer: guard.several(answer, kind), only=name)
        return tuple(item for _, items in asked for item in items)

    def _other_hooks(self, name: str) -> tuple[str, ...]:
        plugin = self._manager.get_plugin(name)
        callers = (self._manager.get_hookcallers(plugin) if plugin is not None else None) or ()
        return tuple(caller.name for caller in callers if caller.name not in HANDED_OVER)

    def _look_for_strangers(self) -> None:
        """A fault for each setting that names a plugin, or a setting, that nobody knows."""
        known = list(self._infos)
        self._faults += (
            _no_plugin(f"plugins.{name}", name) for name in self._tables if name not in known
        )
        self._faults += (
            _no_plugin(f"organiser.{slug}.plugins_off", name)
            for slug, names in self._off_for.items()
            for name in sorted(names)
            if name not in known
        )
        silent = [name for name in known if name not in self._kinds]
        self._faults += options.strangers(self._environment, self._kinds, silent)

    # --- switching off ---

    def _drop(self, why: Trouble) -> None:
        """Leave out the plugin that cannot be loaded."""
        owner = why.plugin
        if self._manager.get_plugin(owner) is not None:
            self._manager.unregister(name=owner)
        self._infos[owner] = evolve(self._infos[owner], on=False, why=why)

    def _switch_off(self, sort: str, why: Trouble) -> None:
        """Ask what overran no more until the next start; threads may find so at once."""
        owner, name, sort = why.plugin, why.doing, SORTS.get(sort, "hooks")
        with self._switching:
            info = self._infos[owner]
            names = dict.fromkeys((*info.overran.get(sort, ()), name))
            self._infos[owner] = evolve(info, overran={**info.overran, sort: tuple(names)})
            match sort:
                case "exporters":
                    self._exporters = _without(self._exporters, name)
                case "importers":
                    self._importers = _without(self._importers, name)
                case "notifiers":
                    self._notifiers = _without(self._notifiers, name)
                    self._gone |= {name}
                case "checks":
                    self._checks = [
                        (other, one)
                        for other, one in self._checks
                        if (other, one.name) != (owner, name)
                    ]

    # --- asking ---

    def _each(
        self,
        hook: str,
        sort: str,
        look: Callable[[Any], T],
        *,
        only: str | None = None,
        without: Collection[str] = (),
        **arguments: Any,
    ) -> Iterator[tuple[str, T | Trouble]]:
        """Each plugin's own answer to `hook`, as `look` passed it, or the trouble it is in."""
        for implementation in getattr(self._manager.hook, hook).get_hookimpls():
            owner = implementation.plugin_name
            if owner in without or (only is not None and owner != only):
                continue
            if hook in self._infos[owner].overran.get("hooks", ()):
                continue
            function, names = implementation.function, list(implementation.argnames)
            if "settings" in names:  # the plugin's own, of which it needs no copy
                names.remove("settings")
                function = partial(function, settings=self._settings.get(owner))
            call = partial(_looked_at, look, function, names)
            yield owner, self._guard.ask(owner, sort, hook, call, *map(arguments.get, names))

    def _gather(
        self, hook: str, sort: str, look: Callable[[Any], T], **more: Any
    ) -> list[tuple[str, T]]:
        """Each plugin's own answer to `hook`, less those in trouble."""
        asked = self._each(hook, sort, look, **more)
        return [(owner, answer) for owner, answer in asked if not isinstance(answer, Trouble)]


def _looked_at(
    look: Callable[[Any], T], function: Callable[..., Any], names: list[str], *values: Any
) -> T:
    """What a hook answers, as `look` passed it."""
    return look(function(**dict(zip(names, values, strict=True))))


def _declared(module: ModuleType) -> tuple[ModuleType, Any, Any, type[Any] | None]:
    """A module with the number, the prefix and the class of settings that it names."""
    api, prefix, kind = (
        getattr(module, f"eventkit_{name}", None) for name in ("api", "prefix", "settings")
    )
    if kind is not None and not options.is_settings(kind):
        raise guard.wrong_kind(kind, "attrs.frozen")
    return module, api, prefix, kind


def _has_already(owner: str, name: str) -> RubbishError:
    said = f"{owner} has the name {name} already"
    return RubbishError(said, code="plugin_taken", name=name, owner=owner)


def _no_plugin(path: str, name: str) -> Fault:
    said = f"there is no plugin called {name}"
    return Fault(path, "unknown_plugin", said, {"plugin": name})


def _without(kept: Mapping[str, T], name: str) -> dict[str, T]:
    """`kept` less `name`: a new one, because others may be reading the old."""
    return {other: one for other, one in kept.items() if other != name}
