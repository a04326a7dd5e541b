"""Any bytes are read or refused with `FormatError`, at once; nothing else ever comes out."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import eventkit_announcement
import pytest
from eventkit_announcement import read, recognises
from hypothesis import given, settings
from hypothesis import strategies as st

from eventkit import FormatError, Imported, Importer, ImportRequest
from eventkit.formats.wording import wording

SAMPLE = Path(__file__).parents[3] / "src" / "eventkit" / "sample.txt"
SOURCE = SAMPLE.read_bytes()

REFUSED = {
    "nothing": (b"", "announcement_empty"),
    "blanks": (b" \r\n\t\n", "announcement_empty"),
    "only marks": ("•\n – \n***\n".encode(), "announcement_empty"),
    "nulls": (b"\0" * 1000, "announcement_not_text"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "announcement_not_text"),
    "a Word document": (b"PK\x03\x04 [Content_Types].xml", "announcement_not_text"),
    "a PDF": (b"%PDF-1.7\n1 0 obj", "announcement_not_text"),
    "a web page": (b"<!DOCTYPE html><title>21.04.2022</title>", "announcement_not_text"),
    "one line of 5 MB": (b"a" * 5_000_000, "announcement_too_long"),
    "one line of numbers": (b"1 " * 200_000, "announcement_too_long"),
    "lines without end": (b"x\n" * 100_000, "announcement_too_long"),
    "facts without a title": (b"21.04.2022\nGratis\nType: Kursus\n", "announcement_no_title"),
    "prose without a title": ("Vi mødes i haven. ".encode() * 30, "announcement_no_title"),
    "no date": ("Møde om haver\nKom og vær med.\n".encode(), "announcement_no_date"),
    "no year": ("Møde om haver\nDen 21. april\n".encode(), "announcement_no_date"),
    "no such day": ("Møde om haver\n31.04.2022\n".encode(), "announcement_no_date"),
    "more than a page holds": (
        "Møde om haver\n21.04.2022\n".encode() + b"ord " * 30_000,
        "too_long",
    ),
}


def outcome(data: bytes, filename: str = "a.txt") -> Imported | FormatError:
    try:
        return read(ImportRequest(data=data, filename=filename))
    except FormatError as error:
        return error


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_announcement_is_refused_in_one_sentence_and_at_once(case: str) -> None:
    """The code is stable, and both catalogues have its sentence."""
    data, code = REFUSED[case]
    begun = time.process_time()
    error = outcome(data)
    assert time.process_time() - begun < 2
    assert isinstance(error, FormatError)
    assert error.code == code
    for language in ("da", "en"):
        (said,) = wording(language).error(error)
        assert said
        assert "\n" not in said
    assert wording("da").error(error) != wording("en").error(error)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    assert isinstance(outcome(data), Imported | FormatError)
    assert isinstance(recognises(ImportRequest(data=data)), bool)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(SOURCE)),
            st.integers(0, 40),
            st.one_of(
                st.binary(max_size=4),
                st.sampled_from(
                    [b"\n", b"\0", b"\xff", b"99.99-88.77", b"31.02.2022", b"Sted:", b"\x1b[0m"]
                ),
            ),
        ),
        max_size=12,
    ),
    st.sampled_from(["a.txt", "a.md", ""]),
)
def test_a_damaged_announcement_is_read_or_refused(
    cuts: list[tuple[int, int, bytes]], filename: str
) -> None:
    data = SOURCE
    for at, length, put in cuts:
        data = data[:at] + put + data[at + length :]
    assert isinstance(outcome(data, filename), Imported | FormatError)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text(max_size=200))
def test_any_text_below_a_title_and_a_date_is_read(text: str) -> None:
    assert isinstance(outcome(f"Møde\n21.04.2022\n{text}".encode()), Imported | FormatError)


# --- linear time -----------------------------------------------------------------------------

PATTERNS: dict[str, Callable[[int], str]] = {
    "items": lambda n: "10.00-11.00 Oplæg\n- om haver\n" * n,
    "times alone": lambda n: "10.00\n" * n,
    "dates": lambda n: "21.04.2022\n" * n,
    "labels": lambda n: "Sted\nPris: 1 kr.\n" * n,
    "short lines": lambda n: "Viby J\n\n" * n,
    "towns": lambda n: "Viby J\n8260 Viby J\n" * n,
    "names": lambda n: "Anne Hansen\nT: 00 00 00 00\n" * n,
    "prose": lambda n: ("Vi mødes i haven og taler om den. " * 3 + "\n\n") * n,
    "a long line of digits": lambda n: "1" * 40 * n,
    "a long line of lists": lambda n: "1. og " * 7 * n,
    "a long line of brackets": lambda n: "[" * 30 * n,
    "a long line of stars": lambda n: "*_`" * 10 * n,
    "a long line of spaces": lambda n: "a" + " " * 40 * n + "b",
    "a long line of hours": lambda n: "kl. " * 10 * n,
    "a long line of words": lambda n: "Tilmelding senest " * 20 * n,
    "greetings": lambda n: "Kære alle\n\n" * n,
    "signatures": lambda n: "Mvh Anne\nT: 00 00 00 01\n" * n,
    "tracks": lambda n: "10.00 Valg\nSpor A: Eg\nSpor B: Bøg\n" * n,
    "mails": lambda n: "\n-----Original Message-----\nFra: a\nTil: b@c.dk;\nd@c.dk\n" * n,
    "links": lambda n: "Se https://zoom.us/j/1?a=b og mere\nKode: 4711\n" * n,
    "a long line of addresses": lambda n: "a@" * 20 * n,
    "prices that go on": lambda n: ("Pris: 5 kr. " + "person" * 19 + "!\n") * (n // 10),
    "days": lambda n: "Dag 1\n10.00 Oplæg\n" * n,
}


def seconds(text: str) -> float:
    data = f"Møde om haver\n21.04.2022\n\n{text}".encode()

    def once() -> float:
        begun = time.process_time()
        outcome(data)
        return time.process_time() - begun

    return min(once() for _ in range(3))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_eight_times_the_text_takes_eight_times_as_long(pattern: str) -> None:
    """Quadratic work would take 64 times as long; 24 leaves room for a busy machine."""
    make = PATTERNS[pattern]
    assert seconds(make(800)) < 24 * seconds(make(100)) + 0.05


def test_the_ratio_would_show_quadratic_work() -> None:
    """The negative control: the same measure on work that is quadratic."""

    def quadratic(n: int) -> float:
        begun = time.process_time()
        for _ in range(n * n):
            pass
        return time.process_time() - begun

    small = min(quadratic(600) for _ in range(3))
    assert quadratic(4800) > 24 * small + 0.05


# --- recognising -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "yes"),
    [
        (SOURCE, True),
        (SOURCE.decode().encode("utf-16"), True),
        (SOURCE.decode().encode("cp1252"), True),
        ("[Aflyst] Møde om haver\n21.04.2022\n".encode(), True),
        (b"Sted: Viby J\n", True),
        (b'{"version": 1, "starts": "2022-04-21"}', False),
        (b'[{"starts": "2022-04-21"}]', False),
        (b"BEGIN:VCALENDAR\r\nDTSTART:20220421T093000\r\n", False),
        ("\ufeffBEGIN:VCALENDAR\r\nX-A:2022-04-21\r\n".encode(), False),
        (b"", False),
        (b"\x89PNG\r\n\x1a\n\0\0\0\x0d 21.04.2022", False),
        (b"PK\x03\x04 21.04.2022", False),
        (b"Hello, world\n", False),
    ],
)
def test_it_claims_announcements_only(data: bytes, yes: bool) -> None:
    assert recognises(ImportRequest(data=data)) is yes


def test_recognising_reads_the_beginning_only() -> None:
    data = SOURCE + b"a" * 5_000_000
    begun = time.process_time()
    assert recognises(ImportRequest(data=data))
    assert time.process_time() - begun < 0.5


def test_the_hook_hands_over_the_importer() -> None:
    (importer,) = eventkit_announcement.eventkit_importers()
    assert isinstance(importer, Importer)
    assert (importer.name, importer.suffixes) == ("announcement", (".txt", ".md"))
    assert eventkit_announcement.eventkit_api == 1
