"""How Sphinx builds the pages; nothing here asks the network."""

import enum
import inspect
import types
from importlib import metadata
from typing import Any

import attrs

project = "eventkit"
copyright = "the eventkit contributors"  # noqa: A001 - Sphinx wants this name
release = version = metadata.version("eventkit-core")

extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "how-to/plugin-template"]

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"

html_theme = "furo"
html_title = "eventkit"
html_copy_source = False
html_show_sphinx = False


TOLD = {
    "eventkit.Deadline": """
        A `date` (inclusive, in the event's zone), a `datetime` (that instant) or `Before` the
        start.
    """,
    "eventkit.hookimpl": """
        Marks a function of a plugin as a hook: eventkit calls it by its name.

        :rtype: the function, as it was
    """,
}
"""Of what has a class of somebody else's, whose docstring tells nothing of it."""


def _default(attribute: Any) -> str | None:
    match attribute.default:
        case attrs.NOTHING:
            return None
        case attrs.Factory(factory=factory, takes_self=takes_self):
            return "made from the others" if takes_self else f"``{factory()!r}``"
        case enum.Enum() as member:
            return f"``{type(member).__name__}.{member.name}``"
        case types.FunctionType(__doc__=str(said)):
            return said.partition("\n")[0]
        case value:
            return f"``{value!r}``"


def _signature(app: Any, what: str, name: str, obj: Any, *_: Any) -> tuple[str, None] | None:
    """An attrs class as it is called: what must be given, and an ellipsis for what may be."""
    if what != "class" or not attrs.has(obj):
        return None
    fields = attrs.fields(obj)
    needed = [one.name for one in fields if _default(one) is None]
    keywords = ["*"] if any(one.kw_only for one in fields) else []
    more = ["…"] if len(needed) < len(fields) else []
    return f"({', '.join([*keywords, *needed, *more])})", None


def _fields(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """A list of the fields of an attrs class, to which autodoc adds their types."""
    if what == "class" and attrs.has(obj):
        told = {one.name: _default(one) for one in attrs.fields(obj)}
        lines += [""]
        lines += [f":param {name}: {value or '*required*'}" for name, value in told.items()]
    elif name in TOLD:
        lines[:] = inspect.cleandoc(TOLD[name]).splitlines()


def setup(app: Any) -> None:
    """Tell autodoc about attrs."""
    app.connect("autodoc-process-signature", _signature)
    app.connect("autodoc-process-docstring", _fields)
