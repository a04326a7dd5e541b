"""Markdown that people wrote, as HTML that cannot hurt: `html(text)`.

Two locks: markdown-it's ``js-default`` reads no HTML, and nh3 lets through only the tags below,
without classes, styles or pictures, with links to ``http``, ``https``, ``mailto`` and ``tel``.
The highest heading of a text becomes one of the third level, below those
of the page.
"""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markupsafe import Markup

_LETTERS = {"a", "br", "code", "em", "s", "strong"}
_BLOCKS = {"blockquote", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "ul"}
_TABLES = {"table", "tbody", "td", "th", "thead", "tr"}
_TOP = 3


def _lower_headings(state: StateCore) -> None:
    headings = [t for t in state.tokens if t.type in ("heading_open", "heading_close")]
    highest = min((int(token.tag[1]) for token in headings), default=_TOP)
    for token in headings:
        token.tag = f"h{min(6, int(token.tag[1]) + _TOP - highest)}"


_markdown = MarkdownIt("js-default")
_markdown.core.ruler.push("lower_headings", _lower_headings)


def html(text: str) -> Markup:
    """The HTML of `text`, safe to put into a page."""
    return Markup(  # noqa: S704 - nh3 has cleaned it
        nh3.clean(
            _markdown.render(text),
            tags=_LETTERS | _BLOCKS | _TABLES,
            attributes={"a": {"href"}, "ol": {"start"}},
            url_schemes={"http", "https", "mailto", "tel"},
            link_rel="noopener noreferrer nofollow",
        )
    )
