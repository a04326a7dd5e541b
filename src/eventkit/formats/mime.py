"""A mail as the bytes that are sent (RFC 5322, RFC 2045, RFC 6532), and nothing ambient in them.

They are put together here, not by `email`. It takes a text that looks like an encoded word (RFC
2047) for one, and writes what that says: a new line and another header, where somebody calls an
event so. Of a long text it loses spaces. And it takes longer than all the rest of sending a mail.

No line is longer than a server must take, and none ends a message early.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import urlsplit

import idna
from attrs import frozen

from eventkit.model.values import instant

ONE_LINE, LONGEST = 60, 900
"""The longest text that stands in a header as it is, and the longest address."""

_NAMED = re.compile(r"\s*(.*?)\s*<([^<>]+)>\s*")
_ADDRESS = re.compile(r'[^\s@<>,;]+@(?:[^\s@<>,;:()"\\\[\]]+|\[[0-9A-Za-z.:]+\])')
_DOMAIN = re.compile(r"(?:[a-z0-9_-]+\.)*[a-z0-9_-]+\.?")
_DOT_ATOM = re.compile(r"[A-Za-z0-9+_-]+(?:\.[A-Za-z0-9+_-]+)*")
_HASH = re.compile(r"[0-9a-f]{32}")


@lru_cache(maxsize=256)
def address(text: str) -> Address:
    """``Name <address>``, or an address alone, with the domain in ASCII.

    Raises `ValueError` for what is no address that mail can be sent to.
    """
    match = _NAMED.fullmatch(text)
    name, alone = (match[1].strip('"'), match[2].strip()) if match else ("", text.strip())
    fits = _ADDRESS.fullmatch(alone) and len(alone) <= LONGEST
    if not fits or not alone.isprintable() or "=?" in alone:
        raise ValueError("this is no address that mail can be sent to")
    local, _, domain = alone.rpartition("@")
    return Address(display_name=name, username=local, domain=ascii_domain(domain))


def is_address(text: str) -> bool:
    """Whether mail can be sent there."""
    try:
        address(text)
    except ValueError:
        return False
    return True


def ascii_domain(domain: str) -> str:
    """A domain as it stands in the DNS (IDNA 2008, with the mapping of UTS 46, as in browsers).

    Python's own codec is of 2003: it takes `ß` for `ss`, and that may be somebody else's domain.
    What is ASCII already stays as it is. Raises `ValueError` for what can be no domain.
    """
    if domain.isascii():
        return domain
    try:
        labels = idna.uts46_remap(domain, std3_rules=False).split(".")
        # One in ASCII goes as it is here too, or `_` could not stand beside `ø`.
        written = ".".join(one if one.isascii() else idna.alabel(one).decode() for one in labels)
    except UnicodeError:
        written = ""
    if not _DOMAIN.fullmatch(written):  # some letters are mapped to `@` or `/`
        raise ValueError("the address names a domain that cannot exist (IDNA 2008)")
    return written


@lru_cache(maxsize=16)
def host(site: str) -> str:
    """What stands for a site behind the `@` of an address: its domain in ASCII, or its number.

    A number of IPv6 stands in brackets (RFC 5321 4.1.3). "localhost" where there is no site; raises
    `ValueError` for what can be no domain.
    """
    name = urlsplit(site).hostname or "localhost"
    if ":" in name:
        return f"[IPv6:{name.partition('%')[0]}]"  # the rest names a network card of this machine
    domain = ascii_domain(name).rstrip(".")
    if not _DOMAIN.fullmatch(domain):
        raise ValueError("the address of the site names a domain that cannot exist")
    return domain


@frozen(kw_only=True)
class Head:
    """Who writes to whom about what: what stands above every mail.

    `key` makes the Message-ID, at `host`, with the moment it was `due`: after a restore a key is
    given anew, the moment is not, and a mailbox would take the later mail for one that it has.
    """

    key: str
    due: datetime
    host: str
    sender: Address
    recipient: Address
    reply_to: Address | None = None
    language: str
    at: datetime

    def lines(self, subject: str) -> bytes:
        """The headers."""
        said = {
            "From": _named(self.sender),
            "To": self.recipient.addr_spec,
            "Reply-To": self._answered_at(),
            "Subject": _text("Subject", subject),
            "Date": format_datetime(self.at),
            "Message-ID": f"<{_safe(self.key)}.{int(instant(self.due).timestamp())}@{self.host}>",
            "Auto-Submitted": "auto-generated",  # RFC 3834
            "X-Auto-Response-Suppress": "All",  # what Exchange reads for it
            "Content-Language": self.language,
            "MIME-Version": "1.0",
        }
        lines = (f"{name}: {value}\r\n" for name, value in said.items() if value)
        return "".join(lines).encode()

    def _answered_at(self) -> str:
        """Where answers go; "" where that is the sender.

        Letters that not every server takes (RFC 6531) may keep a mail from who has them in their
        own address, and from nobody else.
        """
        if self.reply_to is None:
            return ""
        plain = (self.sender.username + self.recipient.username).isascii()
        return "" if plain and not self.reply_to.username.isascii() else self.reply_to.addr_spec


@lru_cache(maxsize=256)
def _text(name: str, text: str) -> str:
    """The value of a header that reads as `text`, whatever that looks like.

    It is kept, for most mails have a subject that many have, and to encode one takes its time.
    """
    plain = text.isascii() and text.isprintable() and "=?" not in text and len(text) <= ONE_LINE
    return text if plain else Header(text, "utf-8", header_name=name).encode(linesep="\r\n")


def _named(one: Address) -> str:
    said = _text("From", one.display_name)
    if said == one.display_name:
        return str(one)
    return f"{said}\r\n <{one.addr_spec}>"


def _safe(key: str) -> str:
    """A notice's key as the left half of a Message-ID: always the same, and no two alike.

    It stands as it is where that is a dot-atom (RFC 5322 3.6.4), and does not look like a hash.
    """
    if _DOT_ATOM.fullmatch(key) and not _HASH.fullmatch(key):
        return key
    return hashlib.sha256(key.encode()).hexdigest()[:32]


# --- parts -----------------------------------------------------------------------------------


def text(kind: str, said: str) -> bytes:
    """A part of text: ``plain`` or ``html``."""
    lines = said.replace("\n", "\r\n").encode()
    return (
        f'Content-Type: text/{kind}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode() + binascii.b2a_qp(lines if lines.endswith(b"\r\n") else lines + b"\r\n")


def packed(held: bytes) -> bytes:
    """Any bytes, as `data` takes them."""
    return base64.encodebytes(held).replace(b"\n", b"\r\n")


def data(kind: str, held: bytes, *more: str) -> bytes:
    """A part of any bytes, `packed`, with `more` headers."""
    head = (f"Content-Type: {kind}", "Content-Transfer-Encoding: base64", *more, "", "")
    return "\r\n".join(head).encode() + held


def several(kind: str, parts: Sequence[bytes], seal: str) -> bytes:
    """These parts as one: ``alternative`` or ``mixed``. No part may hold a line of the `seal`.

    One that begins with ``=_`` stands in no quoted-printable and no base64 text.
    """
    boundary = f"=_{seal}"
    return b"".join(
        (
            f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'.encode(),
            *(b"--%s\r\n%s\r\n" % (boundary.encode(), part) for part in parts),
            b"--%s--\r\n" % boundary.encode(),
        )
    )


def seals(key: str) -> Iterable[str]:
    """What sets the parts of a message apart, always the same for one `key`."""
    seal = hashlib.sha256(key.encode()).hexdigest()[:24]
    number = 0
    while True:
        yield f"{seal}_{number}"
        number += 1
