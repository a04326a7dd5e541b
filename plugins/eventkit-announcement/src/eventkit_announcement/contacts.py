"""Whom to ask: names, telephone numbers, mail and web addresses in a line."""

from __future__ import annotations

import re

from attrs import frozen

from eventkit.formats.meetings import CUT, trimmed
from eventkit_announcement.danish import LONGEST, squeezed

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_PHONE = re.compile(
    r"(?<![\w.])(?:\+45\s?|\(\+45\)\s?|0045\s?)?\d{2}\s?\d{2}\s?\d{2}\s?\d{2}(?!\d|\s?\d)"
)
_WEB = re.compile(r"https?://[^\s,;()<>]+|www\.[^\s,;()<>]+", re.IGNORECASE)
_FOREIGN_PHONE = re.compile(r"\+?\d[\d ()/-]{4,20}\d")
_ASKING = re.compile(r"^kontakt\s+(?=\S)", re.IGNORECASE)
_MARK = "\0"
_CONNECTORS = re.compile(
    r"(?:[\s,;/|:–(-]|(?<!\w)(?:på|eller|og|via|tlf|telefon|tel|mobil|mob|t|m|e|mail|e-mail|email"
    r"|hos|web|hjemmeside|skriv til|ring til|nr)(?!\w)\.?)*\0[\s,;/|)–-]*",
    re.IGNORECASE,
)


@frozen
class Reached:
    """What a line says of whom to ask; `whole` where it says nothing else."""

    name: str = ""
    phone: str = ""
    email: str = ""
    url: str = ""
    whole: bool = True


def read_contact(text: str) -> Reached:
    """The name, number and addresses in `text`: ``Anne Hansen, tlf. 12 34 56 78, a@example.dk``."""
    text = squeezed(text)
    if CUT in text:
        text = trimmed(text)
    if len(text) > LONGEST:
        return Reached(whole=False)
    found: dict[str, str] = {}
    rest = text
    for name, pattern in (("email", _EMAIL), ("url", _WEB), ("phone", _PHONE)):
        if match := pattern.search(rest):
            found[name] = match[0].rstrip(".")
            rest = rest[: match.start()] + _MARK + rest[match.end() :]
    if found:
        rest = _CONNECTORS.sub(" ", rest)
    name = _ASKING.sub("", squeezed(rest).strip(" ,;:-–.)" if found else ""))
    words = name.count(" ") + 1
    named = words <= (6 if found else 10) and len(name) <= 80 and not re.search(r"[.!?]\s", name)
    if _PHONE.search(name) or _EMAIL.search(name):
        named = False  # a second number is not a part of the name
    if not named or (name.endswith((".", "?", "!")) and words > 3):
        name, whole = "", False
    else:
        whole = True
    url = found.get("url", "")
    if url.casefold().startswith("www."):
        url = f"https://{url}"
    return Reached(name, found.get("phone", ""), found.get("email", ""), url, whole)


def reaches(text: str) -> bool:
    """Whether `text` has a telephone number or a mail address in it."""
    return _PHONE.search(text) is not None or _EMAIL.search(text) is not None


def read_phone(text: str) -> tuple[str, str] | None:
    """The telephone number `text` begins with, and what follows."""
    match = _FOREIGN_PHONE.match(text)
    if match is None or not 6 <= len(re.findall(r"\d", match[0])) <= 15:
        return None
    return match[0], text[match.end() :].strip(" .")


def read_email(text: str) -> tuple[str, str] | None:
    """The mail address `text` begins with, and what follows."""
    text = re.sub(r"^(?:mailto:|<)", "", text)
    match = _EMAIL.match(text)
    return (match[0], text[match.end() :].strip(" .>")) if match else None


def read_web(text: str) -> tuple[str, str] | None:
    """The web address `text` begins with, and what follows."""
    match = _WEB.match(text) or re.match(r"[\w-]+(?:\.[\w-]+)+(?:/\S*)?(?=\s|$)", text)
    if match is None:
        return None
    said = match[0].rstrip(".")
    url = said if said.casefold().startswith("http") else f"https://{said}"
    return url, text[match.end() :].strip(" .")
