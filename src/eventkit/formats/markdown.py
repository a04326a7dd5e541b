"""Markdown that people wrote: read in one way for pages and calendars, and said as plain text.

A text made to keep the parser busy – thousands of brackets or lines, quotes in quotes in quotes –
is not read as Markdown at all. The limits are far above what anybody writes for people, and below
them the time grows no faster than the text. For the same reason links cannot be defined apart from
where they stand: one long address could be asked for thousands of times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

LONGEST = 100_000
"""Characters of a text that is read as Markdown."""

MOST_BRACKETS = 1_000
"""Each ``[`` may begin a link, so the parser looks from each for an end."""

MOST_LINES = 5_000
"""Each line may end every block it stands in, so the parser asks them all."""

DEEPEST = 12
"""How deep blocks may lie in each other; a list counts twice, for itself and its item."""

_LINE_END = re.compile(r"\r\n?|\n")


class _TooDeepError(Exception):
    """Blocks lie so deep in each other that the parser would drop what is inside."""


def _is_shallow(state: StateCore) -> None:
    if any(
        token.level >= DEEPEST - 1 and token.type in ("blockquote_open", "list_item_open")
        for token in state.tokens
    ):
        raise _TooDeepError


_reader = MarkdownIt("js-default", {"maxNesting": DEEPEST}).disable("reference")
_reader.core.ruler.after("block", "is_shallow", _is_shallow)


def read(text: str) -> Sequence[Token] | None:
    """The tokens of `text`, which holds no HTML; None where it is to stand as it was written."""
    if (
        len(text) > LONGEST
        or text.count("[") > MOST_BRACKETS
        or sum(1 for _ in _LINE_END.finditer(text)) > MOST_LINES
    ):
        return None
    try:
        return _reader.parse(text)
    except _TooDeepError:
        return None


def html(tokens: Sequence[Token]) -> str:
    """The HTML of tokens that `read` gave; whoever shows it cleans it first."""
    return str(_reader.renderer.render(tokens, _reader.options, {}))


# --- plain text ------------------------------------------------------------------------------


def plain(text: str) -> str:
    """What `text` says, without its signs: headings are lines, points begin with ``-``.

    The address of a link follows its words: ``referatet: https://example.dk``.
    """
    tokens = read(text)
    if tokens is None:
        return text
    return "\n\n".join(_blocks(SyntaxTreeNode(tokens)))


def _blocks(parent: SyntaxTreeNode) -> Iterator[str]:
    for block in parent.children:
        if said := _block(block):
            yield said


def _block(block: SyntaxTreeNode) -> str:
    match block.type:
        case "bullet_list":
            return "\n".join(_point("- ", item) for item in block.children)
        case "ordered_list":
            first = int(block.attrs.get("start", 1))
            points = enumerate(block.children, first)
            return "\n".join(_point(f"{n}{block.markup} ", item) for n, item in points)
        case "blockquote":
            said = "\n\n".join(_blocks(block))
            return "\n".join(f"> {line}".rstrip() for line in said.split("\n"))
        case "table":
            rows = (row for part in block.children for row in part.children)
            return "\n".join(" | ".join(map(_inside, row.children)) for row in rows)
        case "fence" | "code_block":
            return block.content.rstrip("\n")
        case "hr":
            return "---"
    return _inside(block)


def _point(mark: str, item: SyntaxTreeNode) -> str:
    """One point of a list; what goes on in it stands under its first word."""
    said = "\n".join(_blocks(item))
    return mark + said.replace("\n", "\n" + " " * len(mark))


def _inside(node: SyntaxTreeNode) -> str:
    """The words in a paragraph, a heading, a cell or a link."""
    return "".join(map(_words, node.children))


def _words(node: SyntaxTreeNode) -> str:
    match node.type:
        case "text" | "code_inline" | "image":
            return node.content
        case "softbreak" | "hardbreak":
            return "\n"
        case "link":
            said, url = _inside(node).strip(), str(node.attrs["href"])
            if said in ("", url):
                return url
            return said if url == f"mailto:{said}" else f"{said}: {url}"
    return _inside(node)
