"""Where plugins come from: installed packages, and loose files in a folder.

Nothing of a plugin runs here; a `Source` only knows how to load it.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

from attrs import frozen

from eventkit.model.errors import PluginError

GROUP = "eventkit"
"""The group of entry points in which a package names its plugin."""


@frozen
class Source:
    """A plugin before it is loaded; `version` is "" where nobody said."""

    name: str
    version: str
    load: Callable[[], ModuleType]


def installed() -> Iterator[Source]:
    """The plugins of installed packages, by name."""
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        yield Source(point.name, point.dist.version if point.dist else "", _loader(point))


def loose(folder: Path) -> Iterator[Source]:
    """Each ``.py`` file in `folder`, by name; raises `PluginError` where there is no folder."""
    for path in _files(folder):
        yield Source(path.stem, "", _file_loader(path))


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
