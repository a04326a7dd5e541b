"""The house: a module imports only from modules above it, nowhere else, not even in a function."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SRC = ROOT / "src"

ORDER = """
eventkit.model.errors
eventkit.model.values
eventkit.model.decision
eventkit.model.event
eventkit.model.registration
eventkit.rules.programme
eventkit.rules.deadlines
eventkit.rules.access
eventkit.rules.changes
eventkit.rules.checks
eventkit.rules.charges
eventkit.rules.forms
eventkit.rules.seating
eventkit.rules.telling
eventkit.rules.desk
eventkit.formats.codec
eventkit.formats.wording
eventkit.formats.markdown
eventkit.formats.icalfile
eventkit.formats.vtimezone
eventkit.formats.ical
eventkit.formats.links
eventkit.formats.mime
eventkit.formats.mail
eventkit.formats.meetings
eventkit.formats.icalread
eventkit.formats.participants
eventkit.formats.table
eventkit.plugins.hooks
eventkit.plugins.builtin
eventkit.plugins.hands
eventkit.plugins.guard
eventkit.plugins.options
eventkit.plugins.sources
eventkit.plugins.registry
eventkit.plugins.manager
eventkit.office.settings
eventkit.office.tables
eventkit.office.turns
eventkit.office.prepared
eventkit.office.database
eventkit.office.sqlite
eventkit.office.postgres
eventkit.office.audit
eventkit.office.ledger
eventkit.office.outbox
eventkit.office.store
eventkit.office.erasures
eventkit.office.backup
eventkit.office.reception
eventkit.office.personal
eventkit.office.drafts
eventkit.office.usecases
eventkit.office.delivery
eventkit.saying
eventkit.terminal
eventkit.registering
eventkit.keeping
eventkit.sending
eventkit.extending
eventkit.cli
eventkit.testing.strategies
eventkit.testing.samples
eventkit.testing.promises
eventkit.testing.conformance
eventkit_web.prose
eventkit_web.look
eventkit_web.jsonld
eventkit_web.pages
eventkit_web.forms
eventkit_web.limits
eventkit_web.working
eventkit_web.public
eventkit_web.mails
eventkit_web.corrections
eventkit_web.place
eventkit_web.acting
eventkit_web.owndata
eventkit_web.lookup
eventkit_web.signup
eventkit_web.app
eventkit_web.demo
eventkit_web.commands
""".split()
"""Every module, from the ground up; `docs/explanation/architecture.md` prints the same list."""

PURE = ("eventkit.model", "eventkit.rules")
IO = {"io", "os", "pathlib", "random", "secrets", "socket", "sqlite3", "subprocess", "time", "uuid"}
CLOCK_CALLS = {"now", "utcnow", "today"}


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(SRC.rglob("*.py")):
        if "migrations" in path.parts:
            continue  # each is a script of its own, run by the store
        parts = path.relative_to(SRC).with_suffix("").parts
        yield ".".join(parts), path


def imported(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every module a tree imports from, inside functions too, as a full name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: write imports in full"
            base = node.module or ""
            yield base, node.lineno
            for alias in node.names:
                yield f"{base}.{alias.name}", node.lineno


def arrows(name: str, source: str) -> Iterator[str]:
    """What is wrong with the imports of module `name`."""
    place = ORDER.index(name)
    for target, lineno in imported(ast.parse(source)):
        if target in ORDER and ORDER.index(target) >= place:
            yield f"{name}:{lineno} imports {target}, which is not above it"
        if target in ("eventkit", "eventkit_web"):
            yield f"{name}:{lineno} imports the whole of {target}; say which module"


PACKAGES = [name for name, path in modules() if path.name == "__init__.py"]
PLAIN = [(name, path) for name, path in modules() if path.name != "__init__.py"]


def test_every_module_has_its_place() -> None:
    """A new module is given a place in the order, and a deleted one leaves it."""
    assert {name for name, _ in PLAIN} == set(ORDER)


@pytest.mark.parametrize(("name", "path"), PLAIN, ids=[name for name, _ in PLAIN])
def test_imports_go_upwards(name: str, path: Path) -> None:
    """A module imports only from modules above it."""
    assert list(arrows(name, path.read_text())) == []


def test_an_arrow_inside_a_function_is_seen() -> None:
    """The check itself sees an import that hides in a function or under TYPE_CHECKING."""
    hidden = "def f():\n    from eventkit.office.store import Store\n"
    typed = "if TYPE_CHECKING:\n    import eventkit.cli\n"
    assert len(list(arrows("eventkit.rules.checks", hidden))) == 1
    assert len(list(arrows("eventkit.rules.checks", typed))) == 1


def test_model_and_rules_do_nothing_but_think() -> None:
    """No file, network, clock or chance in the model and the rules."""
    wrong = []
    for name, path in PLAIN:
        if not name.startswith(PURE):
            continue
        tree = ast.parse(path.read_text())
        wrong += [f"{name}:{line} imports {m}" for m, line in imported(tree) if m in IO]
        wrong += [f"{name}:{line} reads the clock" for line in clock_reads(tree)]
    assert wrong == []


def clock_reads(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            dated = isinstance(owner, ast.Name) and owner.id in ("datetime", "date", "time")
            if node.func.attr in CLOCK_CALLS and dated:
                yield node.lineno


def test_only_the_office_has_a_clock() -> None:
    """`datetime.now` stands once in the whole project: in the office."""
    readers = [name for name, path in PLAIN if any(clock_reads(ast.parse(path.read_text())))]
    assert readers == ["eventkit.office.reception"]


def test_the_site_knows_no_rules_and_no_sql() -> None:
    """No view imports a rule that decides, or anything of the database."""
    allowed = {"eventkit.rules.deadlines"}  # the names of the states, to show them
    wrong = []
    for name, path in PLAIN:
        if not name.startswith("eventkit_web"):
            continue
        for target, line in imported(ast.parse(path.read_text())):
            rule = target.startswith("eventkit.rules.") and not any(
                target == one or target.startswith(one + ".") for one in allowed
            )
            if rule or target.split(".")[0] in ("sqlalchemy", "sqlite3", "psycopg", "alembic"):
                wrong.append(f"{name}:{line} imports {target}")
    assert wrong == []


@pytest.mark.parametrize(
    "heavy", ["flask", "sqlalchemy", "icalendar", "babel", "cattrs", "click", "markdown_it"]
)
def test_import_eventkit_is_light(heavy: str) -> None:
    """`import eventkit` loads none of the heavy libraries."""
    code = f"import sys, eventkit; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_the_package_has_no_module_getattr() -> None:
    """Names are there when they are imported, not made up on demand."""
    for name in PACKAGES:
        path = SRC / Path(*name.split("."))
        tree = ast.parse(path.with_suffix(".py").read_text())
        names = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        assert "__getattr__" not in names, name


def test_the_architecture_page_prints_the_order() -> None:
    """The page a newcomer reads shows the list that is enforced."""
    page = (ROOT / "docs" / "explanation" / "architecture.md").read_text()
    block = re.search(r"```text\n(.*?)```", page, re.DOTALL)
    assert block is not None
    printed = [line.split()[0] for line in block[1].splitlines() if line.strip()]
    assert printed == ORDER
