"""The reference is complete: whatever the code offers has its place on a page."""

from __future__ import annotations

import inspect
import re
from importlib.metadata import entry_points
from pathlib import Path

import attrs
import click
import pytest

import eventkit
from eventkit.office.settings import OrganiserSettings, Settings
from eventkit.plugins import hooks

ROOT = Path(__file__).parent.parent.parent
REFERENCE = ROOT / "docs" / "reference"

# --- types -----------------------------------------------------------------------------------


def documented(page: str) -> set[str]:
    """What autodoc is told to show on a page, without the modules."""
    text = (REFERENCE / page).read_text("utf-8")
    names = re.findall(r"^\.\. auto\w+:: (\S+)$", text, re.MULTILINE)
    members = re.findall(r"^   :members: (.+)$", text, re.MULTILINE)
    return {name.rpartition(".")[2] for name in names} | set(", ".join(members).split(", "))


@pytest.mark.parametrize("name", eventkit.__all__)
def test_every_public_name_is_in_the_reference(name: str) -> None:
    """`eventkit.__all__` and the page of types agree."""
    assert name in documented("types.md")


# --- findings --------------------------------------------------------------------------------


def codes_in_code() -> set[str]:
    """Every code of a finding that the project or one of its plugins can give."""
    sources = [*(ROOT / "src").rglob("*.py"), *(ROOT / "plugins").glob("*/src/**/*.py")]
    found = (re.findall(r"\b[A-Z]{2}[1-9]\d\d\b", path.read_text("utf-8")) for path in sources)
    return {code for codes in found for code in codes}


def sections() -> dict[str, str]:
    """The text of each code's section."""
    text = (REFERENCE / "findings.md").read_text("utf-8")
    parts = re.split(r"^#+ ([A-Z]{2}\d{3})$", text, flags=re.MULTILINE)
    return {code: re.split(r"^## ", body, flags=re.MULTILINE)[0] for code, body in pairs(parts)}


def pairs(parts: list[str]) -> list[tuple[str, str]]:
    return list(zip(parts[1::2], parts[2::2], strict=True))


def test_every_code_has_a_section() -> None:
    """A code nobody documented, and a section about no code, both fail."""
    assert set(sections()) == codes_in_code()


def test_every_section_shows_the_finding_and_says_how_much_it_matters() -> None:
    """A section has an example that prints its code, and one that prints nothing."""
    for code, text in sections().items():
        assert re.search(rf"^[^>\n]*: (error|warning|info|refusal) {code} ", text, re.MULTILINE), (
            code
        )
        assert re.search(r"^>>> tell\w*\(.*\)\n(?=>>>|```)|^\.\.\. \)\n```", text, re.M), code


# --- settings --------------------------------------------------------------------------------


def table(page: str, heading: str = "") -> dict[str, list[str]]:
    """The first table below a heading: the cells of each row by the name in its first one."""
    text = (REFERENCE / page).read_text("utf-8")
    text = text[text.index(heading) :]
    rows = re.search(r"(^\|.*\n)+", text, re.MULTILINE)
    assert rows is not None
    cells = [[cell.strip(" `") for cell in row.split("|")[1:-1]] for row in rows[0].splitlines()]
    return {row[0]: row[1:] for row in cells[2:]}


def test_every_setting_is_in_the_reference() -> None:
    """The page and the class agree about names, environment and defaults."""
    told = table("settings.md")
    fields = attrs.fields(Settings)
    assert list(told) == [field.name for field in fields]
    for field in fields:
        variable, default, meaning = told[field.name]
        tables = field.name in ("organiser", "plugins")
        assert variable == ("" if tables else f"EVENTKIT_{field.name.upper()}")
        plain = "" if tables or not field.default else str(field.default)
        assert default == plain, field.name
        assert meaning


def test_every_setting_of_an_organiser_is_in_the_reference() -> None:
    """The page and the class agree about what one organiser may override."""
    told = table("settings.md", "## For one organiser")
    assert list(told) == [field.name for field in attrs.fields(OrganiserSettings)]


# --- hooks -----------------------------------------------------------------------------------


def specs() -> set[str]:
    """The hooks there are."""
    return {name for name in vars(hooks) if hasattr(getattr(hooks, name), "eventkit_spec")}


def test_every_hook_is_in_the_reference() -> None:
    """A hook a plugin may have is on the page, and says when it runs."""
    names = specs()
    assert len(names) >= 7
    assert names <= documented("hooks.md")
    for name in names:
        assert re.match(r"(Once|When|Before)\b", getattr(hooks, name).__doc__), name


def test_every_argument_of_a_hook_is_explained() -> None:
    """A hook's docstring says what each thing it may take is."""
    for name in specs():
        taken = inspect.signature(getattr(hooks, name)).parameters
        told = re.findall(r":param (\w+): \S", getattr(hooks, name).__doc__ or "")
        assert list(taken) == told, name


def test_every_hook_is_used_by_a_plugin_in_the_tests() -> None:
    """A hook that no test's plugin has is a promise nobody has tried."""
    sources = [*ROOT.glob("tests/**/*.py"), *ROOT.glob("plugins/*/src/**/*.py")]
    used = {
        name
        for path in sources
        for name in re.findall(r"@hookimpl(?:\n|\\n)def (eventkit_\w+)\(", path.read_text("utf-8"))
    }
    assert specs() - used == set()


# --- the command line ------------------------------------------------------------------------


def commands() -> dict[str, click.Command]:
    """The group and each of its commands, as they are called."""
    [script] = entry_points(group="console_scripts", name="eventkit")
    group = __import__(script.module, fromlist=["x"]).cli
    assert isinstance(group, click.Group)
    return {"eventkit": group, **{f"eventkit {n}": c for n, c in group.commands.items()}}


def test_every_command_and_option_is_in_the_reference() -> None:
    """The page and the click tree agree: commands, arguments, options and their short forms."""
    text = (REFERENCE / "cli.md").read_text("utf-8")
    parts = re.split(r"^## `(eventkit[^`]*)`$", text, flags=re.MULTILINE)
    told = {}
    for usage, body in pairs(parts):
        words = usage.split()
        name = " ".join(word for word in words[:2] if word.islower())
        options = re.findall(r"^\| `(-[^`]*)`", body, re.MULTILINE)
        told[name] = set(words[2:]) | {option.replace("\\|", "|") for option in options}
    assert told == {name: offered(command) for name, command in commands().items()}


def offered(command: click.Command) -> set[str]:
    """What may follow a command, as the page writes it."""
    found = set()
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            found.add(parameter.human_readable_name)
        elif isinstance(parameter, click.Option) and "--help" not in parameter.opts:
            names = ", ".join([*parameter.opts, *parameter.secondary_opts])
            found.add(names + ("" if parameter.is_flag else f" {metavar(command, parameter)}"))
    return found


def metavar(command: click.Command, option: click.Option) -> str:
    return option.make_metavar(click.Context(command))


# --- links -----------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_links_lead_somewhere(page: str) -> None:
    """The pages that Sphinx does not build link only to files that are there."""
    targets = re.findall(r"\]\(([^)#]+)", (ROOT / page).read_text("utf-8"))
    inside = [target for target in targets if "://" not in target]
    assert inside
    assert [target for target in inside if not (ROOT / target).exists()] == []


# --- the tutorial ----------------------------------------------------------------------------


def test_the_plugin_of_the_tutorial_is_short() -> None:
    """A plugin that adds a format takes fewer than twenty lines."""
    text = (ROOT / "docs" / "tutorial" / "write-a-plugin.md").read_text("utf-8")
    first = re.search(r"<!-- file: plugins/\S+ -->\n```python\n(.*?)```", text, re.DOTALL)
    assert first is not None
    assert len(first[1].splitlines()) < 20
