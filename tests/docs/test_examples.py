"""The examples of the pages are run for real: a wrong answer in a page fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sybil.example import SybilFailure

Run = Callable[[str], None]


def test_a_right_answer_passes(try_page: Run) -> None:
    """Blocks build on each other, and the answers they show are theirs."""
    try_page("```python\nn = 40\n```\n\n```python\n>>> n + 2\n42\n```\n")


def test_a_wrong_answer_fails(try_page: Run) -> None:
    """The negative control: a page that shows another answer than Python gives."""
    with pytest.raises(SybilFailure, match="42"):
        try_page("```python\n>>> 40 + 2\n41\n```\n")


def test_code_that_raises_fails(try_page: Run) -> None:
    """A block without an answer must run."""
    with pytest.raises(ZeroDivisionError):
        try_page("```python\n1 / 0\n```\n")


def test_a_right_console_answer_passes(try_page: Run) -> None:
    """Commands share the folder, and ``...`` stands for anything."""
    share = "$ echo one > a\n$ cat a a\none\n...\n"
    try_page(f"```console\n{share}$ echo three; echo four >&2\nt...\nfour\n```\n")


@pytest.mark.parametrize("wanted", ["", "one\n", "one\ntwo\nthree\n", "two\none\n", "...\none\n"])
def test_a_wrong_console_answer_fails(try_page: Run, wanted: str) -> None:
    """The negative control: missing, extra and other lines are all seen."""
    with pytest.raises(SybilFailure, match="printf"):
        try_page(f"```console\n$ printf 'one\\ntwo\\n'\n{wanted}```\n")


@pytest.mark.parametrize("wanted", ["...\n", "...\n[1]\n"])
def test_a_command_that_fails_unannounced_fails(try_page: Run, wanted: str) -> None:
    """An ellipsis hides no failure: the exit status must be the one that is shown."""
    with pytest.raises(SybilFailure, match="status 127"):
        try_page(f"```console\n$ eventkitt init\n{wanted}```\n")


def test_a_command_that_fails_as_shown_passes(try_page: Run) -> None:
    """The exit status stands on a line of its own, below what is printed."""
    try_page("```console\n$ echo no; exit 3\nno\n[3]\n```\n")


def test_a_command_that_runs_until_stopped(try_page: Run) -> None:
    """``^C`` ends a command that would not end by itself; what it said before is compared."""
    try_page("```console\n$ echo ready; sleep 60\nready\n^C\n```\n")
    with pytest.raises(SybilFailure, match="sleep"):
        try_page("```console\n$ echo busy; sleep 60\nready\n^C\n```\n")


def test_a_command_that_hangs_is_killed(
    try_page: Run, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that shows more than a command says does not wait for ever."""
    plugins = request.config.pluginmanager.get_plugins()
    [shared] = (plugin for plugin in plugins if hasattr(plugin, "PATIENCE"))
    monkeypatch.setattr(shared, "PATIENCE", 0.5)
    with pytest.raises(SybilFailure, match="more"):
        try_page("```console\n$ echo one; sleep 60\none\nmore\n^C\n```\n")


def test_a_block_is_saved_as_a_file(try_page: Run, tmp_path: Path) -> None:
    """The block under a file comment is there for the commands that follow."""
    try_page(
        "<!-- file: a/b.txt -->\n```text\nhello\n```\n\n```console\n$ cat a/b.txt\nhello\n```\n"
    )
    assert (tmp_path / "a" / "b.txt").read_text() == "hello\n"
