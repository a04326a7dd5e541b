"""Markdown as plain text: what is said stays, the signs go, and nothing keeps it busy."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventkit import testing
from eventkit.formats import markdown


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("", ""),
        ("Kom.\nOg hør.", "Kom.\nOg hør."),
        ("Kom.  \nOg hør.", "Kom.\nOg hør."),
        ("# Top\nTekst\n\nUnder\n-----", "Top\n\nTekst\n\nUnder"),
        ("**fed**, *kursiv*, ~~væk~~ og `kode`", "fed, kursiv, væk og kode"),
        ("5 * 3 * 2 og a_b_c", "5 * 3 * 2 og a_b_c"),
        (r"\*ikke kursiv\* &amp; R&D", "*ikke kursiv* & R&D"),
        ("* et\n* to\n\n  mere\n  - under", "- et\n- to\n  mere\n  - under"),
        ("3) tre\n4) fire", "3) tre\n4) fire"),
        ("1. et\n1. to", "1. et\n2. to"),
        ("> citat\n>\n> - punkt", "> citat\n>\n> - punkt"),
        ("[tekst](https://x.dk/a)", "tekst: https://x.dk/a"),
        ("[**fed**](https://x.dk 'titel')", "fed: https://x.dk"),
        ("<https://x.dk/a>", "https://x.dk/a"),
        ("[](https://x.dk/a)", "https://x.dk/a"),
        ("<a@x.dk> og [a@x.dk](mailto:a@x.dk)", "a@x.dk og a@x.dk"),
        ("[skriv](mailto:a@x.dk)", "skriv: mailto:a@x.dk"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("![en hest](https://x.dk/hest.png)", "en hest"),
        ("<b>ikke HTML</b>", "<b>ikke HTML</b>"),
        ("```\n# kode\n```\n\n    mere", "# kode\n\nmere"),
        ("a\n\n***\n\nb", "a\n\n---\n\nb"),
        ("| a | b |\n|---|---|\n| 1 | *2* |", "a | b\n1 | 2"),
    ],
)
def test_the_signs_go_and_the_words_stay(text: str, plain: str) -> None:
    """Headings are lines, points begin with a dash, and the address follows the words."""
    assert markdown.plain(text) == plain


@settings(max_examples=300, deadline=None)
@given(st.one_of(testing.prose(), st.text("ab#*_-+>`~[](){}|!\\\n 1.:<&;")))
def test_no_word_is_lost(text: str) -> None:
    """Whatever was written, there is an answer that says it again, as often as one asks."""
    once = markdown.plain(text)
    assert markdown.plain(text) == once
    assert set(re.findall(r"[a-zæøå]{4,}", text)) <= set(re.findall(r"[a-zæøå]{4,}", once))


@pytest.mark.parametrize(
    "text", ["> " * 30 + "*a*", "[" * 1_001, "a\n" * 5_001, "x" * 100_001], ids=len
)
def test_what_would_keep_it_busy_stays_as_it_was_written(text: str) -> None:
    """As on a page: it is not read as Markdown at all."""
    assert markdown.plain(text) == text
