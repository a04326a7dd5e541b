"""The headers of a mail: what stands in them is what every server takes."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

import pytest

from eventkit.formats import mime
from eventkit.formats.mime import Head

AT = datetime(2022, 3, 1, 12, tzinfo=UTC)
DUE = int(AT.timestamp())


def lines(**more: Any) -> bytes:
    """The headers of a mail to Trine."""
    people = {"sender": "post@example.dk", "recipient": "trine@example.dk", **more}
    for name in ("sender", "recipient", "reply_to"):
        if name in people:
            people[name] = mime.address(people[name])
    told: dict[str, Any] = {"key": "1.1", "due": AT, "at": AT, "host": "x.dk", "language": "da"}
    return Head(**{**told, **people}).lines("Hej") + b"\r\n"


def parsed(**more: Any) -> EmailMessage:
    return cast(EmailMessage, message_from_bytes(lines(**more), policy=default))


# --- where a site is -------------------------------------------------------------------------

HOSTS = {
    "": "localhost",
    "https://moeder.example/x": "moeder.example",
    "https://MOEDER.example.:8000": "moeder.example",
    "https://møder.dk": "xn--mder-gra.dk",
    "https://straße.de": "xn--strae-oqa.de",
    "http://127.0.0.1:8000": "127.0.0.1",
    "http://[::1]:8000": "[IPv6:::1]",
    "http://[fe80::1%25eth0]": "[IPv6:fe80::1]",
    "https://i❤.example": None,
    "https://b℀.dk": None,
    "https://a..dk": None,
    "https://a(b).dk": None,
    "https://m%C3%B8der.dk": None,
    "https://[::1": None,
}


@pytest.mark.parametrize("site", HOSTS)
def test_a_site_stands_in_an_address_as_mail_writes_it(site: str) -> None:
    """A name in ASCII, a number of IPv6 in brackets; or it is none."""
    wanted = HOSTS[site]
    if wanted is None:
        with pytest.raises(ValueError, match=r"domain|Invalid|invalid"):
            mime.host(site)
        return
    assert mime.host(site) == wanted
    head = parsed(sender=f"eventkit@{wanted}", host=wanted)
    [sender] = head["From"].addresses
    assert sender.addr_spec == f"eventkit@{wanted}"
    assert head["Message-ID"] == f"<1.1.{DUE}@{wanted}>"
    assert not head["From"].defects
    assert not head["Message-ID"].defects


def test_an_address_ends_where_its_domain_does() -> None:
    """What is behind it would be read as a comment, and the mail as for somebody else."""
    for behind in ("(y)", "[1]", '"y"', ":25", "\\"):
        assert not mime.is_address(f"anne@x.dk{behind}")
    assert mime.is_address("anne@[IPv6:::1]")
    assert mime.is_address("anne@[127.0.0.1]")


# --- the Message-ID --------------------------------------------------------------------------

PLAIN = ["30-7-1.1", "26-1-12.3.booker", "a_b-1.1", "trial-20300425093000", "A+b", "-", "_.-"]
ODD = ["a..b-1.1", ".a-1.1", "a-1.1.", ".", "..", "møde-1.1", "a b", "a@b", "<a>", '"a"', "a\r\nb"]


def message_id(key: str) -> str:
    back = parsed(key=key)
    assert not back["Message-ID"].defects, key
    assert list(back) == list(parsed()), key
    return str(back["Message-ID"])


def test_a_message_id_is_valid_whatever_the_key() -> None:
    """A plain key stands in it; one that is no dot-atom (RFC 5322 3.6.4) as its hash."""
    for key in PLAIN:
        assert message_id(key) == f"<{key}.{DUE}@x.dk>"
    for key in ODD:
        assert len(message_id(key)) == len(f"<.{DUE}@x.dk>") + 32, key
    assert message_id("møde-1.1").startswith("<a17fae09"), "as it has always been"


def test_no_two_keys_have_one_message_id() -> None:
    """Nor where one looks like the hash of another."""
    hashes = [message_id(key)[1:33] for key in ODD]
    keys = [*PLAIN, *ODD, *hashes]
    assert len({message_id(key) for key in keys}) == len(keys)


# --- where answers go ------------------------------------------------------------------------


def test_a_contact_in_danish_letters_keeps_no_mail_from_a_plain_address() -> None:
    """Some servers take no such letters in any header (RFC 6531): the answer is for the sender."""
    head = lines(reply_to="søren@bøl.dk")
    assert head.isascii()
    assert b"Reply-To" not in head
    assert parsed(reply_to="anne@bøl.dk")["Reply-To"] == "anne@xn--bl-lka.dk"


@pytest.mark.parametrize("who", ["sender", "recipient"])
def test_it_is_there_where_the_mail_needs_such_a_server_anyway(who: str) -> None:
    """Then it costs nobody anything."""
    head = lines(**{who: "bodil.ærø@example.dk", "reply_to": "søren@bøl.dk"})
    assert "Reply-To: søren@xn--bl-lka.dk\r\n".encode() in head
