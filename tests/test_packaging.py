"""What people install: the wheels, in a fresh environment."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PLUGINS = sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))

pytestmark = pytest.mark.deep


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheels of the project and its plugins."""
    folder = tmp_path_factory.mktemp("wheels")
    for source in (ROOT, *PLUGINS):
        done = run(
            sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, source, cwd=ROOT
        )
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def bare(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment with the core alone: no extra, no plugin."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder / "venv", with_pip=True)
    programs = folder / "venv" / "bin"
    core = next(wheels.glob("eventkit_core-*.whl"))
    done = run(programs / "python", "-m", "pip", "install", "-q", core, cwd=folder)
    assert done.returncode == 0, done.stderr
    return programs


def test_the_wheel_has_what_is_needed_at_run_time(wheels: Path) -> None:
    """Words, tables, pages and types are inside; tests and sources of words do no harm outside."""
    with zipfile.ZipFile(next(wheels.glob("eventkit_core-*.whl"))) as wheel:
        names = set(wheel.namelist())
    for needed in (
        "eventkit/locales/da/LC_MESSAGES/eventkit.mo",
        "eventkit/locales/en/LC_MESSAGES/eventkit.mo",
        "eventkit/py.typed",
        "eventkit/sample.txt",
        "eventkit/office/migrations/env.py",
        "eventkit_web/py.typed",
        "eventkit_web/static/eventkit.css",
        "eventkit_web/templates/event.html",
    ):
        assert needed in names
    assert not [name for name in names if name.startswith(("tests/", "docs/", "plugins/"))]


def test_the_core_alone_runs(bare: Path, tmp_path: Path) -> None:
    """Without extras the command line works; what needs more says so in one line."""
    assert run(bare / "eventkit", "init", cwd=tmp_path).returncode == 0
    listed = run(bare / "eventkit", "list", "--json", cwd=tmp_path)
    assert json.loads(listed.stdout) == []
    for command in (["serve"], ["demo"]):
        refused = run(bare / "eventkit", *command, cwd=tmp_path)
        assert refused.returncode in (1, 2)
        assert "eventkit-core[web]" in refused.stderr
        assert len(refused.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda path: path.name)
def test_a_plugin_is_found_when_it_is_installed(
    bare: Path, wheels: Path, tmp_path: Path, plugin: Path
) -> None:
    """`pip install` is all it takes, and `pip uninstall` undoes it."""
    pattern = plugin.name.replace("-", "_") + "-*.whl"
    python = bare / "python"
    wheel = next(wheels.glob(pattern))
    links = ("--find-links", wheels)
    installed = run(python, "-m", "pip", "install", "-q", *links, wheel, cwd=tmp_path)
    assert installed.returncode == 0, installed.stderr
    name = plugin.name.removeprefix("eventkit-")
    assert name in {info["name"] for info in plugins(bare, tmp_path)}
    run(python, "-m", "pip", "uninstall", "-q", "-y", plugin.name, cwd=tmp_path)
    assert name not in {info["name"] for info in plugins(bare, tmp_path)}


def plugins(programs: Path, folder: Path) -> list[dict[str, object]]:
    listed = run(programs / "eventkit", "plugins", "--json", cwd=folder)
    assert listed.returncode == 0, listed.stderr
    found: list[dict[str, object]] = json.loads(listed.stdout)
    return found
