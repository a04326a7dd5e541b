"""What letters and web pages say round an announcement: greetings, signatures, menus."""

from __future__ import annotations

import re

from eventkit_announcement.danish import squeezed

_GREETING = re.compile(
    r"(?:kære|hej(?:sa)?|goddag|god (?:dag|morgen|eftermiddag|aften)|dear|hi|hello)"
    r"(?:\s+[^\s:–—.!?]+){0,6}\s?[,.!]*(?:\s?[:;]-?\))?"
    r"|(?:her|hermed|nedenfor)\b[^:]{0,60}:",  # what leads up to an announcement
    re.IGNORECASE,
)
_SIGNED = re.compile(
    r"(?i:(?:(?:med|de)\s+)?(?:\w+\s)?(?:venlig|bedste|mange|kærlig|glad|god|varm|sommer|jule)\w*"
    r"\s+hils(?:en|ner)|hils(?:en|ner)|m\.?\s?v\.?\s?h|[vk]\.?h|d\.?b\.?h"
    r"|(?:(?:kind|best|warm)\s+)?regards)\b\.?[\s,!:–-]*"
    r"(?P<who>(?:(?:fra|på vegne af)\s.{1,60}|[A-ZÆØÅ].{0,60})?)"
)


def greets(text: str) -> bool:
    """Whether `text` is "Kære alle", "Hej med jer," or the like, and nothing else."""
    return len(text) <= 80 and _GREETING.fullmatch(squeezed(text)) is not None


def signed_by(text: str) -> str | None:
    """Who signs in ``Mvh Anne``, "" where the name is on another line; None where nobody does."""
    found = _SIGNED.fullmatch(text) if len(text) <= 100 else None
    return None if found is None or re.search(r"[.!?]\s", found["who"]) else found["who"]


_NAVIGATES = re.compile(
    r"(?:spring|gå|hop) (?:over )?til (?:hoved)?(?:indhold|navigation)(?:et|en)?|skip to .{4,20}"
    r"|menu|forside|søg|log ind|luk|tilbage(?: til .{3,40})?"
    r"|print(?: siden| side)?|udskriv(?: siden)?"
    r"|del (?:på|via|siden|arrangementet)\b.{0,30}|tip en ven|læs op|.{0,60}cookies\b.{0,80}",
    re.IGNORECASE,
)


def navigates(text: str) -> bool:
    """Whether `text` is a line of a web page's own: its menu, its breadcrumbs, "Print siden"."""
    crumbs = " > " in text or " » " in text or text.count("\t") > 1
    return crumbs or _NAVIGATES.fullmatch(squeezed(text[:200].replace("**", ""))) is not None
