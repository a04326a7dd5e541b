"""Personal links: read only as they were made, and saying nothing of anybody."""

from __future__ import annotations

import string
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from eventkit.formats.links import Claim, Links
from eventkit.testing import registrations, sample_registration

LINKS = Links("s" * 40, "https://moeder.example")
ONE = sample_registration()


@given(registrations())
def test_a_link_is_read_as_it_was_made(registration: object) -> None:
    """For every registration there can be."""
    claim = LINKS.read(LINKS.token(registration))  # type: ignore[arg-type]
    assert claim is not None
    assert claim.fits(registration)  # type: ignore[arg-type]


def test_a_link_is_derived_and_says_no_name() -> None:
    """The same registration has the same link, which is made of nothing but ASCII."""
    token = LINKS.token(ONE)
    assert token == Links("s" * 40).token(evolve(ONE, person=evolve(ONE.person, name="Bo")))
    assert set(token) <= set(string.ascii_letters + string.digits + "-_.")
    assert "trine" not in token.lower()
    assert LINKS.secret not in repr(LINKS)


def test_a_raised_epoch_revokes() -> None:
    """A link of before leads nowhere; one of now does."""
    before = LINKS.read(LINKS.token(ONE))
    revoked = evolve(ONE, epoch=ONE.epoch + 1)
    assert before is not None
    assert not before.fits(revoked)
    now = LINKS.read(LINKS.token(revoked))
    assert now is not None
    assert now.fits(revoked)
    assert not now.fits(ONE)


@pytest.mark.parametrize(
    "other",
    [
        evolve(ONE, number=2),
        evolve(ONE, event="21-375"),
        evolve(ONE, event="21-37", number=41),
        evolve(ONE, at=ONE.at + timedelta(seconds=1)),  # after a restore
    ],
)
def test_a_link_is_of_one_registration(other: object) -> None:
    """Nobody opens their neighbour's."""
    claim = LINKS.read(LINKS.token(ONE))
    assert claim == Claim.of(ONE)
    assert not claim.fits(other)  # type: ignore[arg-type]


def test_another_secret_makes_other_links() -> None:
    """So a secret that was changed revokes every link."""
    other = Links("t" * 40, LINKS.base_url)
    assert other.token(ONE) != LINKS.token(ONE)
    assert other.read(LINKS.token(ONE)) is None


def test_a_letter_changed_anywhere_is_seen() -> None:
    """Every letter of a link, changed to another, makes it nobody's, or spells the same link."""
    token = LINKS.token(ONE)
    for place, letter in enumerate(token):
        for other in "AzB0-_.":
            if other != letter:
                changed = LINKS.read(token[:place] + other + token[place + 1 :])
                assert changed is None or changed.fits(ONE)
    for cut in range(len(token)):
        assert LINKS.read(token[:cut]) is None


@given(st.text())
def test_whatever_is_asked_for_is_answered(token: str) -> None:
    """With no, where it is none of ours."""
    assert LINKS.read(token) is None


@pytest.mark.parametrize("token", ["", ".", "." * 5_000, "a" * 100_000, "æ.ø", "\0", "WzEsMl0.x"])
def test_odd_links_lead_nowhere(token: str) -> None:
    """Long, empty, or with letters that no link has."""
    assert LINKS.read(token) is None


def test_addresses_are_in_the_reader_s_language() -> None:
    """Danish at the root, English below ``/en``."""
    token = LINKS.token(ONE)
    assert LINKS.page(ONE) == f"https://moeder.example/r/{token}"
    assert LINKS.page(ONE, "en") == f"https://moeder.example/en/r/{token}"
    assert LINKS.page(ONE, "fr") == LINKS.page(ONE)
    assert LINKS.event("21-374", "en") == "https://moeder.example/en/events/21-374"
    assert urlsplit(LINKS.page(ONE)).query == ""
