"""Markdown that people wrote, as HTML that cannot hurt: `html(text)`.

Two locks: the parser reads no HTML, and nh3 lets through only the tags below, without classes,
styles or pictures, with links to ``http``, ``https``, ``mailto`` and ``tel``. The highest heading
of a text becomes one of the third level, below those of the page.

A text that is not read as Markdown, because it would keep the parser busy, is set as it was
written, in paragraphs, with every word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import nh3
from markdown_it.token import Token
from markupsafe import Markup, escape

from eventkit.formats import markdown

_LETTERS = {"a", "br", "code", "em", "s", "strong"}
_BLOCKS = {"blockquote", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "ul"}
_TABLES = {"table", "tbody", "td", "th", "thead", "tr"}
_TOP = 3

_BLANK = re.compile(r"(?:\r\n?|\n)[ \t]*(?:\r\n?|\n)")


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


def breakable(address: str) -> Markup:
    """`address` as a page shows it: where it is too long for a line, it goes on after its ``@``."""
    return escape(address).replace("@", Markup("@<wbr>"))


def _rendered(text: str) -> str:
    tokens = markdown.read(text)
    if tokens is None:
        return _as_written(text)
    _lower_headings(tokens)
    return markdown.html(tokens)


def _lower_headings(tokens: Iterable[Token]) -> None:
    headings = [t for t in tokens if t.type in ("heading_open", "heading_close")]
    highest = min((int(token.tag[1]) for token in headings), default=_TOP)
    for token in headings:
        token.tag = f"h{min(6, int(token.tag[1]) + _TOP - highest)}"


def _as_written(text: str) -> str:
    """`text` in paragraphs, none of its characters read as Markdown."""
    return "".join(f"<p>{escape(block)}</p>\n" for block in _BLANK.split(text) if block.strip())
