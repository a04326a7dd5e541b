"""Where plugins come from: installed packages, and loose files in a folder.

Nothing of a plugin runs here; a `Source` only knows how to load it.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import Path
from types import ModuleType

from attrs import frozen

from eventkit.model.errors import PluginError

GROUP = "eventkit"
"""The group of entry points in which a package names its plugin."""


@frozen
class Source:
    """A plugin before it is loaded; `version` is "" where nobody said.

    `whose` tells it from another of the same name: its package or file.
    """

    name: str
    version: str
    whose: str
    load: Callable[[], ModuleType]


def installed() -> list[Source]:
    """The plugins of installed packages, by name.

    One that cannot be read stands last, as a plugin that cannot be loaded: it may well have one.
    """
    found: dict[str, list[Source]] = {}
    broken: dict[str, Source] = {}
    for dist in distributions():
        try:
            points = dist.entry_points.select(group=GROUP)
            if points and dist.name not in found:  # of two copies Python imports the first
                found[dist.name] = [_source(dist, point) for point in points]
        except Exception as error:
            source = _unreadable(dist, error)
            broken.setdefault(source.name, source)
    sources = [source for each in found.values() for source in each]
    return [*sorted(sources, key=lambda one: (one.name, one.whose)), *broken.values()]


def _source(dist: Distribution, point: EntryPoint) -> Source:
    return Source(point.name, dist.version or "", str(dist.name), _loader(point))


def _unreadable(dist: Distribution, error: Exception) -> Source:
    folder = str(getattr(dist, "_path", ""))  # which has no public name, and leads to the culprit
    name = Path(folder).stem
    with suppress(Exception):
        name = dist.name or name

    def load() -> ModuleType:
        raise ImportError(f"cannot read {folder}") from error

    return Source(name, "", name, load)


def loose(folder: Path) -> Iterator[Source]:
    """Each ``.py`` file in `folder`, by name; raises `PluginError` where there is no folder."""
    for path in _files(folder):
        yield Source(path.stem, "", path.name, _file_loader(path))


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
        sys.modules[spec.name] = module  # where annotations are looked up
        spec.loader.exec_module(module)
        return module

    return load
