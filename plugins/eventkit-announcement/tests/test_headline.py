"""A headline that stands on two lines is one title, or has a finding that asks."""

from __future__ import annotations

import pytest
from eventkit_announcement import read

from eventkit import Event, Finding, ImportRequest

TAILS = {
    "a blank line": "\n\nTorsdag den 21. april 2022 kl. 9-12\n",
    "a date": "\nTorsdag den 21. april 2022 kl. 9-12\n",
    "a fact": "\nDato: 21.04.2022\nTid: 9-12\n",
    "the teaser": "\n\nKom og hør om haver i hele landet.\n\n21.04.2022\n\nTid: 9-12\n",
}


def imported(text: str) -> tuple[Event, tuple[Finding, ...]]:
    found = read(ImportRequest(data=text.encode()))
    return found.events[0], found.findings


@pytest.mark.parametrize("tail", TAILS.values(), ids=TAILS)
@pytest.mark.parametrize(
    "lines",
    [
        ("Netværksmøde for sociale viceværter:", "Når beboere har det svært"),
        ("Netværksmøde –", "Når beboere har det svært"),
        ("Haver, træer,", "Buske og bede"),
        ("Temadag om beboere og", "Frivillige i haven"),
        ("KURSUS FOR", "SOCIALE VICEVÆRTER"),
        ("Temadag om sociale viceværter", "i almene boliger"),
        ("Sådan får du styr på drifts-", "og vedligeholdelsesplanen"),
        ("Netværksmøde for", "sociale viceværter:", "Når beboere har det svært"),
        ("Titel: Temadag om beboere og", "Frivillige i haven"),
        ("Webinar:", "Sådan læser du et regnskab"),
        ("Webinar: Sådan læser du", "et regnskab"),
    ],
)
def test_a_headline_that_goes_on_is_one_title(lines: tuple[str, ...], tail: str) -> None:
    event, findings = imported("\n".join(lines) + tail)
    assert event.title == " ".join(lines).removeprefix("Titel: ")
    assert event.summary == ("Kom og hør om haver i hele landet." if "hele" in tail else "")
    assert findings == ()


@pytest.mark.parametrize("tail", TAILS.values(), ids=TAILS)
@pytest.mark.parametrize(
    "lines",
    [
        ("Boligsocial årskonference", "Nye veje og nye fællesskaber"),
        ("Kursus for nye", "AFDELINGSBESTYRELSER"),
        ("Netværksmøde:", "Når beboere har det svært", "Fælles løsninger"),
        ("Temadag om bolig-", "sociale indsatser"),
    ],
)
def test_a_line_that_may_be_of_the_headline_is_asked_about(
    lines: tuple[str, ...], tail: str
) -> None:
    event, findings = imported("\n".join(lines) + tail)
    assert event.title == lines[0]
    assert [(f.code, f.data["about"], f.data["line"]) for f in findings] == [
        ("EK515", "headline", 2)
    ]
    assert event.summary.startswith("\n".join(lines[1:]))


def test_a_dash_under_the_title_goes_on_with_it() -> None:
    """Where it begins no list."""
    event, findings = imported("Dialogmøde\n- om fremtidens haver\n\n21.04.2022\n\nTid: 9-12\n")
    assert event.title == "Dialogmøde – om fremtidens haver"
    assert findings == ()


@pytest.mark.parametrize("line", ["LEDELSE I DRIFTEN", "Excel for begyndere", "Møde nr. 7"])
def test_a_summary_that_is_no_sentence_is_asked_about(line: str) -> None:
    """Though a blank line is between: the first line may be what it is, and this its title."""
    event, findings = imported(f"KURSUS\n\n{line}\n\n21.04.2022\n\nTid: 9-12\n")
    assert (event.title, event.summary) == ("KURSUS", line)
    assert [finding.data["about"] for finding in findings] == ["headline"]


@pytest.mark.parametrize(
    "below",
    [
        "Kom og hør om haver i hele landet.",
        "Vi ser på haver og træer og buske og bede og alt det, der ellers gror derude",
        "Lindevej 4, 8000 Aarhus C",
        "i fælleshuset, Lindevej 4, 8000 Aarhus C",
        "21.04.2022",
        "- om haver\n- om træer",
        "======",
        "Kom og hør om haver i hele landet.\n------",
    ],
)
def test_what_is_plainly_no_headline_is_not_asked_about(below: str) -> None:
    event, findings = imported(f"Temadag om haver\n{below}\n\n21.04.2022\n\nTid: 9-12\n")
    assert event.title == "Temadag om haver"
    assert "headline" not in [finding.data["about"] for finding in findings]
    assert "---" not in event.summary


def test_a_place_under_the_title_is_no_part_of_it() -> None:
    event, findings = imported("Fællesspisning\ni salen, Lindevej 4\n\n21.04.2022\n\nTid: 9-12\n")
    assert event.title == "Fællesspisning"
    assert findings != ()


def test_a_headline_ends_where_a_title_is_too_long() -> None:
    lines = ["Temadag om " + "haver og træer, " * 10, "buske og bede, " * 10]
    event, _ = imported("\n".join(lines) + "\n\n21.04.2022\n\nTid: 9-12\n")
    assert len(event.title) <= 250
    assert lines[1].strip() in f"{event.summary} {event.description}"
