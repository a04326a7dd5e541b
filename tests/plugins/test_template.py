"""The template in the documentation: a plugin that works as it stands, for people to copy."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from eventkit.plugins.manager import Plugins

TEMPLATE = Path(__file__).parents[2] / "docs" / "how-to" / "plugin-template"
EVENTKIT = Path(sys.executable).with_name("eventkit")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy outside the repository, as somebody makes one."""
    unwanted = shutil.ignore_patterns("__pycache__", ".*", "*.egg-info")
    return shutil.copytree(TEMPLATE, tmp_path / "copy", ignore=unwanted)


def run(*command: str | Path, cwd: Path, path: Path) -> str:
    """What a command says where `path` is on Python's."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("EVENTKIT_")}
    done = subprocess.run(
        command, cwd=cwd, env={**ours, "PYTHONPATH": str(path)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_template_is_a_plugin(copy: Path) -> None:
    """It loads without a word, takes its settings, and gives what its README says."""
    plugins = Plugins.load(copy / "src", settings={"eventkit_template": {"longest": 60}})
    assert plugins.troubles == ()
    [info] = [one for one in plugins.infos if one.name == "eventkit_template"]
    assert info.provides == {"exporters": ("template-lines",), "checks": ("template-title",)}
    readme = (copy / "README.md").read_text("utf-8")
    assert all(f"| `{name}` |" in readme for name in info.settings)


def test_the_tests_of_the_template_pass(copy: Path) -> None:
    """They are the first thing somebody runs who copies it."""
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert "3 passed" in run(*command, cwd=copy, path=copy / "src")


@pytest.mark.deep
def test_the_template_can_be_installed(copy: Path, tmp_path: Path) -> None:
    """`pip install` is all it takes to be found, under the name of its entry point."""
    place = tmp_path / "installed"
    pip = (sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", place, copy)
    subprocess.run(pip, check=True, capture_output=True)
    shutil.rmtree(copy)
    said = json.loads(run(EVENTKIT, "plugins", "--json", cwd=tmp_path, path=place))
    [info] = [one for one in said if one["name"] == "template"]
    assert info["on"]
    assert info["version"] == "0.1.0"
    assert info["settings"] == ["separator", "longest"]
