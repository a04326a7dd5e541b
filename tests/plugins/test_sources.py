"""Installed packages: which plugins they bring, whose each is, and those that cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from eventkit.plugins import sources
from eventkit.plugins.manager import BUILTIN, Plugins

MODULE = "eventkit_api = 1\nNAME = '{}'\n"
METADATA = "Metadata-Version: 2.1\nName: {}\nVersion: {}\n"

Install = Callable[..., Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a package where Python finds it, before those that were put there earlier."""

    def install(
        name: str, points: str | bytes, metadata: bytes | None = None, version: str = "1.0"
    ) -> Path:
        where, plain = tmp_path / f"{name} {version}", name.replace("-", "_")
        folder = where / f"{plain}-{version}.dist-info"
        folder.mkdir(parents=True)
        monkeypatch.syspath_prepend(where)
        (where / f"{plain}.py").write_text(MODULE.format(name))
        said = METADATA.format(name, version).encode() if metadata is None else metadata
        (folder / "METADATA").write_bytes(said)
        points = points.encode() if isinstance(points, str) else points
        (folder / "entry_points.txt").write_bytes(points)
        return folder

    return install


def load() -> Plugins:
    """All but what happens to be installed besides."""
    known = ("announcement", "danish", "mail", "spreadsheet")
    off = [one.name for one in sources.installed() if one.name in known]
    return Plugins.load(off=off)


def told(plugins: Plugins) -> list[tuple[str, str, str]]:
    return [(one.plugin, one.code, one.detail) for one in plugins.troubles]


@pytest.mark.parametrize(
    ("points", "metadata"),
    [
        ("[other]\ngarbage\n[eventkit]\nbroken = broken\n", None),
        (b"[eventkit]\nbroken = br\xf8ken\n", None),
        (b"[console_scripts]\nbr\xf8ken = broken:main\n", None),
        ("[eventkit]\nbroken = broken\n", b"Name: br\xf8ken\n"),
        ("[other]\ngarbage", b"\xff"),
    ],
)
def test_a_package_that_cannot_be_read_is_named(
    install: Install, points: str | bytes, metadata: bytes | None
) -> None:
    """It is one that cannot be loaded, and leads to where it lies; everything else loads."""
    folder = install("broken", points, metadata)
    install("good-one", "[eventkit]\ngood = good_one\n")
    plugins = load()
    [(plugin, code, detail)] = told(plugins)
    assert (plugin.partition("-")[0], code) == ("broken", "plugin_unloadable")
    assert detail == f"ImportError: cannot read {folder}"
    infos = {info.name: info for info in plugins.infos}
    assert (infos["good"].on, infos["good"].version, infos[BUILTIN].on) == (True, "1.0", True)
    assert infos[plugin].why in plugins.troubles
    assert {trouble.plugin for trouble in Plugins.load(off=[plugin]).troubles} == set()


def test_of_two_with_one_name_each_is_called_by_its_package(install: Install) -> None:
    """The first by its package's name is used, wherever it lies; and nobody is the built-in one."""
    install("original", "[eventkit]\nmine = original\n")
    install("stranger", "[eventkit]\nmine = stranger\nbuiltin = stranger\n")
    plugins = load()
    assert told(plugins) == [
        ("stranger", "plugin_taken", "eventkit has the name builtin already"),
        ("stranger", "plugin_taken", "original has the name mine already"),
    ]
    assert plugins._manager.get_plugin("mine").NAME == "original"
    assert "ics" in plugins.exporters


def test_one_module_is_one_plugin(install: Install) -> None:
    """A second name for it is refused in a sentence of ours."""
    install("twin", "[eventkit]\none = twin\ntwo = twin\nours = eventkit.plugins.builtin\n")
    plugins = load()
    assert told(plugins) == [
        ("ours", "plugin_taken", "builtin has the name eventkit.plugins.builtin already"),
        ("two", "plugin_taken", "one has the name twin already"),
    ]
    assert [info.on for info in plugins.infos if info.name in ("one", "two")] == [True, False]


def test_of_two_copies_of_a_package_there_is_one(install: Install) -> None:
    """That which Python imports: the first on its path."""
    for version in ("1.0", "3.0", "2.0"):
        install("twice", "[eventkit]\ntwice = twice\n", version=version)
        install("broken", "[eventkit]\ngarbage", version=version)
    plugins = load()
    assert [plugin for plugin, *_ in told(plugins)] == ["broken"]
    assert [info.version for info in plugins.infos if info.name == "twice"] == ["2.0"]
