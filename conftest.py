"""What every test of the repository shares, and how the examples of the pages are run.

Each page (README, CONTRIBUTING, docs/, a plugin's README) is one test, in an empty folder:

- a ``python`` block is run; one that begins with ``>>>`` is compared with the answers it shows;
- a ``console`` block runs each line after ``$`` as the reader would, with the installed `eventkit`,
  and compares what is printed. ``...`` stands for anything. A command that fails ends its answer
  with the exit status, ``[1]``; one that goes on until it is stopped, with ``^C``;
- ``<!-- file: NAME -->`` above any block saves the block under that name first.
"""

from __future__ import annotations

import contextlib
import doctest
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from sybil import Document, Example, Region
from sybil.example import SybilFailure
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

ROOT = Path(__file__).parent
REFERENCE = ROOT.parent / "shared" / "announcements" / "21-374.txt"
SAMPLE = ROOT / "src" / "eventkit" / "sample.txt"

collect_ignore = ["docs/how-to/plugin-template"]  # a project of its own, tested as one

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
PATIENCE = 120.0
"""Seconds after which a command that says nothing more is killed, and so fails."""


class ConsoleParser(CodeBlockParser):
    """Runs the commands of a ``console`` block and compares what they print."""

    language = "console"

    def evaluate(self, example: Example) -> str | None:
        """What differs, or None."""
        blocks = re.split(r"^\$ ", example.parsed, flags=re.MULTILINE)
        assert not blocks[0].strip(), f"a console block begins with $, not {blocks[0]!r}"
        checker = doctest.OutputChecker()
        for block in blocks[1:]:
            command, _, wanted = block.partition("\n")
            stopped = wanted.endswith(f"{STOP}\n")
            wanted, status = _status(wanted.removesuffix(f"{STOP}\n"))
            got, code = answer(
                command, len(wanted.splitlines()) if stopped else None, folder(example)
            )
            if code != status and not stopped:
                return f"$ {command}\nended with status {code}, not {status}:\n{got}"
            if not checker.check_output(wanted, got, doctest.ELLIPSIS):
                shown = doctest.Example(command, wanted)
                return f"$ {command}\n{checker.output_difference(shown, got, doctest.ELLIPSIS)}"
        return None


def folder(example: Example) -> Path:
    """Where the reader of a page sits."""
    return Path(example.namespace["folder"])


def _status(wanted: str) -> tuple[str, int]:
    """An answer without the exit status it ends with, and that status."""
    match = re.search(r"^\[(\d+)\]\n\Z", wanted, re.MULTILINE)
    return (wanted, 0) if match is None else (wanted[: match.start()], int(match[1]))


def answer(command: str, lines: int | None, folder: Path) -> tuple[str, int]:
    """What `command` prints on both streams, and its exit status.

    With `lines`, it is stopped after so many.
    """
    ours = {key: value for key, value in os.environ.items() if not key.startswith("EVENTKIT_")}
    binaries = Path(sys.executable).parent
    plain = {"PATH": f"{binaries}:{os.environ['PATH']}", "COLUMNS": "80", "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(
        ["bash", "-c", f"exec 2>&1; {command}"],
        cwd=folder,
        env={**ours, **plain},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        too_long = threading.Timer(PATIENCE, os.killpg, (process.pid, signal.SIGKILL))
        too_long.start()
        try:
            said = "".join(process.stdout.readline() for _ in range(lines or 0))
            if lines is not None:
                os.killpg(process.pid, signal.SIGINT)
            return said + process.communicate()[0], process.returncode
        finally:
            too_long.cancel()


_FILE = re.compile(r"^<!-- file: (?P<name>\S+) -->\n+```[^\n]*\n(?P<text>.*?)^```$", re.M | re.S)


def files(document: Document) -> Iterator[Region]:
    """The blocks that are saved as files; a block is still run as what it is."""
    for match in _FILE.finditer(document.text):
        yield Region(match.start(), match.end("name"), (match["name"], match["text"]), save)


def save(example: Example) -> None:
    """Save a block under its name."""
    name, text = example.parsed
    path = folder(example) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


PARSERS = (PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS), ConsoleParser(), files)
PAGES = {
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *ROOT.glob("docs/[!_]*/*.md"),
    *ROOT.glob("plugins/*/README.md"),
}


def run_page(path: Path, folder: Path) -> None:
    """Run the examples of the page at `path` by somebody who sits in `folder`."""
    document = Document.parse(str(path), *PARSERS)
    document.namespace["folder"] = folder
    with contextlib.chdir(folder):
        for example in document.examples():
            example.evaluate()


class Page(pytest.File):
    """A page of the documentation, tested as a whole: its examples build on each other."""

    def collect(self) -> Iterator[pytest.Item]:
        """One test."""
        yield PageItem.from_parent(self, name="examples")


class PageItem(pytest.Item):
    """The examples of one page."""

    def runtest(self) -> None:
        """Run them in an empty folder."""
        with tempfile.TemporaryDirectory(prefix="eventkit-docs-") as folder:
            run_page(self.path, Path(folder))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What differs, without the way there."""
        if isinstance(excinfo.value, SybilFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Page | None:
    """Make a test of each page."""
    return Page.from_parent(parent, path=file_path) if file_path in PAGES else None


@pytest.fixture
def try_page(tmp_path: Path) -> Callable[[str], None]:
    """Runs the examples of a page given as text, as those of the documentation are run."""

    def run(text: str) -> None:
        page = tmp_path / "page.md"
        page.write_text(text, "utf-8")
        run_page(page, tmp_path)

    return run
