"""What every test of the repository shares, and how the examples of the pages are run.

Each page (README, CONTRIBUTING and docs/) is one session, in an empty folder of its own:

- a ``python`` block is run; one that begins with ``>>>`` is compared with the answers it shows;
- a ``console`` block runs each line after ``$`` as the reader would, with the installed `eventkit`,
  and compares what is printed; ``...`` stands for anything. ``^C`` as the last line of an answer
  means that the command goes on until it is stopped;
- ``<!-- file: NAME -->`` above any block saves the block under that name first.
"""

from __future__ import annotations

import doctest
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from sybil import Document, Example, Region, Sybil
from sybil.integration.pytest import SybilItem
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

ROOT = Path(__file__).parent
REFERENCE = ROOT.parent / "shared" / "announcements" / "21-374.txt"
SAMPLE = ROOT / "src" / "eventkit" / "sample.txt"

# No test is timed: these run on shared machines, and a slow one is not a wrong one.
settings.register_profile(
    "eventkit", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("eventkit")


@pytest.fixture(scope="session")
def announcement() -> Path:
    """A real announcement where it is at hand, else the shipped one with the same findings."""
    return REFERENCE if REFERENCE.exists() else SAMPLE


# --- the examples of the pages ---------------------------------------------------------------

STOP = "^C"


class ConsoleParser(CodeBlockParser):
    """Runs the commands of a ``console`` block and compares what they print."""

    language = "console"

    def evaluate(self, example: Example) -> str | None:
        """What differs, or None."""
        blocks = re.split(r"^\$ ", example.parsed, flags=re.MULTILINE)
        assert not blocks[0].strip(), f"a console block begins with $, not {blocks[0]!r}"
        for block in blocks[1:]:
            command, _, wanted = block.partition("\n")
            got = said(command, wanted, example.namespace["folder"])
            checked = doctest.Example(command, wanted, options={doctest.ELLIPSIS: True})
            checker = doctest.OutputChecker()
            if not checker.check_output(checked.want, got, doctest.ELLIPSIS):
                difference = checker.output_difference(checked, got, doctest.ELLIPSIS)
                return f"$ {command}\n{difference}"
        return None


def said(command: str, wanted: str, folder: Path) -> str:
    """What `command` prints, on both streams, to somebody who sits in `folder`."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith("EVENTKIT_")}
    binaries = Path(sys.executable).parent
    with subprocess.Popen(
        ["bash", "-c", f"exec 2>&1; {command}"],
        cwd=folder,
        env={**ours, "PATH": f"{binaries}:{os.environ['PATH']}", "COLUMNS": "80", "LC_ALL": "C.UTF-8"},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        if not wanted.endswith(f"{STOP}\n"):
            return process.communicate(timeout=120)[0]
        lines = [process.stdout.readline() for _ in wanted.splitlines()[:-1]]
        os.killpg(process.pid, signal.SIGINT)
        return "".join([*lines, STOP, process.communicate(timeout=30)[0].lstrip("\n"), "\n"])


_FILE = re.compile(r"^<!-- file: (?P<name>\S+) -->\n+```[^\n]*\n(?P<text>.*?)^```$", re.M | re.S)


def files(document: Document) -> Iterator[Region]:
    """The blocks that are saved as files; a block is still run as what it is."""
    for match in _FILE.finditer(document.text):
        yield Region(match.start(), match.end("name"), (match["name"], match["text"]), save)


def save(example: Example) -> None:
    """Save a block under its name."""
    name, text = example.parsed
    path = example.namespace["folder"] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _enter(namespace: dict[str, Any]) -> None:
    namespace["folder"] = Path(tempfile.mkdtemp(prefix="eventkit-docs-"))
    namespace["before"] = Path.cwd()
    os.chdir(namespace["folder"])


def _leave(namespace: dict[str, Any]) -> None:
    os.chdir(namespace["before"])
    shutil.rmtree(namespace["folder"])


PARSERS = (PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS), ConsoleParser(), files)

pytest_collect_file = Sybil(
    PARSERS, patterns=["docs/**/*.md", "docs/*.md", "README.md", "CONTRIBUTING.md"],
    excludes=["docs/_build/**"], setup=_enter, teardown=_leave,
).pytest()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a page together: its examples build on each other."""
    for item in items:
        if isinstance(item, SybilItem):
            item.add_marker(pytest.mark.xdist_group(str(item.path)))


@pytest.fixture
def run_page(tmp_path: Path) -> Callable[[str], None]:
    """Runs the examples of a page given as text, as those of the documentation are run."""

    def run(text: str) -> None:
        page = tmp_path / "page.md"
        page.write_text(text, "utf-8")
        document = Document.parse(str(page), *PARSERS)
        document.namespace["folder"] = tmp_path
        for example in document.examples():
            example.evaluate()

    return run
