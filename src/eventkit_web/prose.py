"""Markdown that people wrote, as HTML that cannot hurt: `html(text)`.

Two locks: markdown-it's ``js-default`` reads no HTML, and nh3 lets through only the tags below,
without classes, styles or pictures, with links to ``http``, ``https``, ``mailto`` and ``tel``.
The highest heading of a text becomes one of the third level, below those
of the page.

A text made to keep the parser busy – thousands of brackets or lines, quotes in quotes in quotes –
is set as it was written, in paragraphs, with every word. The limits are far above what anybody
writes for people, and below them the time grows no faster than the text. For the same reason links
cannot be defined apart from where they stand: one long address could be asked for thousands of
times.
"""

from __future__ import annotations

import re

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markupsafe import Markup, escape

_LETTERS = {"a", "br", "code", "em", "s", "strong"}
_BLOCKS = {"blockquote", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "ul"}
_TABLES = {"table", "tbody", "td", "th", "thead", "tr"}
_TOP = 3

_LINE_END = re.compile(r"\r\n?|\n")
_BLANK = re.compile(r"(?:\r\n?|\n)[ \t]*(?:\r\n?|\n)")

LONGEST = 100_000
"""Characters of a text that is read as Markdown."""

MOST_BRACKETS = 1_000
"""Each ``[`` may begin a link, so the parser looks from each for an end."""

MOST_LINES = 5_000
"""Each line may end every block it stands in, so the parser asks them all."""

DEEPEST = 12
"""How deep blocks may lie in each other; a list counts twice, for itself and its item."""


class _TooDeepError(Exception):
    """Blocks lie so deep in each other that the parser would drop what is inside."""


def _is_shallow(state: StateCore) -> None:
    if any(
        token.level >= DEEPEST - 1 and token.type in ("blockquote_open", "list_item_open")
        for token in state.tokens
    ):
        raise _TooDeepError


def _lower_headings(state: StateCore) -> None:
    headings = [t for t in state.tokens if t.type in ("heading_open", "heading_close")]
    highest = min((int(token.tag[1]) for token in headings), default=_TOP)
    for token in headings:
        token.tag = f"h{min(6, int(token.tag[1]) + _TOP - highest)}"


_markdown = MarkdownIt("js-default", {"maxNesting": DEEPEST}).disable("reference")
_markdown.core.ruler.after("block", "is_shallow", _is_shallow)
_markdown.core.ruler.push("lower_headings", _lower_headings)


def html(text: str) -> Markup:
    """The HTML of `text`, safe to put into a page."""
    return Markup(  # noqa: S704 - nh3 has cleaned it
        nh3.clean(
            _rendered(text),
            tags=_LETTERS | _BLOCKS | _TABLES,
            attributes={"a": {"href"}, "ol": {"start"}},
            url_schemes={"http", "https", "mailto", "tel"},
            link_rel="noopener noreferrer nofollow",
        )
    )


def _rendered(text: str) -> str:
    if (
        len(text) > LONGEST
        or text.count("[") > MOST_BRACKETS
        or sum(1 for _ in _LINE_END.finditer(text)) > MOST_LINES
    ):
        return _as_written(text)
    try:
        return str(_markdown.render(text))
    except _TooDeepError:
        return _as_written(text)


def _as_written(text: str) -> str:
    """`text` in paragraphs, none of its characters read as Markdown."""
    return "".join(f"<p>{escape(block)}</p>\n" for block in _BLANK.split(text) if block.strip())
