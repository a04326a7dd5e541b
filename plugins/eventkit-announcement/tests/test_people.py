"""Lists of people are private: who comes, who does not, and their addresses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from eventkit_announcement import read
from hypothesis import given, settings
from hypothesis import strategies as st

from eventkit import Event, Finding, FormatError, ImportRequest, Severity
from eventkit.formats import codec

HEAD = "Årsmøde om haver\nDato: 21.04.2022\nTid: 9-12\n"


def imported(text: str) -> tuple[Event, tuple[Finding, ...]]:
    found = read(ImportRequest(data=text.encode()))
    return found.events[0], found.findings


def everything(event: Event) -> str:
    return json.dumps(codec.to_data(event), ensure_ascii=False)


LISTS = [
    "Sted: Kontoret\nDeltagerliste (kun til internt brug):\n{}",
    "Deltagerliste\n\n{}",
    "Kun til internt brug:\n{}",
    "Deltagere:\n{}",
    "Sted: Kontoret\n{}",
    "Om mødet\nVi taler om haver hele dagen her i salen.\n\n{}",
    "Målgruppe: Alle\n{}",
]
PEOPLE = [
    "Anne Hansen, anne@example.dk\nBo Bech, bo@example.dk",
    "Anne Hansen <anne@example.dk>\nBo Bech <bo@example.dk>\nIb Holm <ib@example.dk>",
    "- Anne Hansen (anne@example.dk)\n- Bo Bech (bo@example.dk)",
    "anne@example.dk\nbo@example.dk",
]


@pytest.mark.parametrize("people", PEOPLE)
@pytest.mark.parametrize("text", LISTS)
def test_a_list_of_people_is_named_and_published_nowhere(text: str, people: str) -> None:
    event, findings = imported(HEAD + text.format(people))
    public = everything(event)
    assert not any(part in public for part in ("@", "Anne", "Bech", "Holm"))
    quoted = [f for f in findings if f.data["about"] == "people"]
    assert all(f.severity is Severity.WARNING for f in quoted)
    told = " ".join(str(f.text) for f in quoted)
    assert all(line.removeprefix("- ") in told for line in people.splitlines())
    assert event.venue is None or event.venue.name == "Kontoret"


@pytest.mark.parametrize(
    "line",
    [
        "Deltagere: Anne Hansen, Bo Bech, Ib Holm",
        "Afbud: Bo Bech",
        "Fraværende: Bo Bech og Anne Hansen",
        "Deltagere:\nAnne Hansen\nBo Bech\nIb Holm",
    ],
)
def test_who_comes_is_no_target_group(line: str) -> None:
    event, findings = imported(f"{HEAD}{line}\n")
    assert "Bech" not in everything(event)
    assert event.audience == ""
    assert {f.data["line"] for f in findings if f.data["about"] == "people"} == set(
        range(4, 5 + line.count("\n"))
    )


@pytest.mark.parametrize(
    "line",
    [
        "Kontakt: Anne Hansen, anne@example.dk",
        "Kontakt\nAnne Hansen, anne@example.dk\nBo Bech, bo@example.dk",
        "Tilmelding på mail til anne@example.dk\nAfbud til bo@example.dk",
        "Tilmelding sker til:\nAnne Hansen, anne@example.dk\nBo Bech, bo@example.dk",
        "Venlig hilsen\n\nAnne Hansen\nanne@example.dk",
        "E: anne@example.dk",
        "Anne Hansen, anne@example.dk",
    ],
)
def test_an_address_to_write_to_stays(line: str) -> None:
    event, findings = imported(f"{HEAD}{line}\n")
    assert "anne@example.dk" in everything(event)
    assert "people" not in [f.data["about"] for f in findings]


@pytest.mark.parametrize(
    "line", ["Deltagere: Sociale viceværter, frivillige", "Afbud: Senest 1. april 2022"]
)
def test_words_for_a_group_are_no_people(line: str) -> None:
    _, findings = imported(f"{HEAD}{line}\n")
    assert "people" not in [f.data["about"] for f in findings]


# --- the property ----------------------------------------------------------------------------

HERE = Path(__file__).parent
VARIANTS = sorted(path for path in (HERE / "announcements").iterdir() if path.suffix != ".json")
CANARY = "k4n4r1e@example.dk"
MAIL = f"Fra: Anne <{CANARY}>\nSendt: 2. februar 2022 09:14\nTil: Bo <{CANARY}>\nEmne: Haver"
RAW = f"Return-Path: <{CANARY}>\nReceived: by mx\n  for <{CANARY}>\nX-Mailer: Post\nTo: {CANARY}"
PLANTED = (
    f"Deltagerliste:\nAnne Hansen, {CANARY}\nBo Bech, {CANARY}",
    f"Tilmeldte\n- Anne Hansen ({CANARY})\n- Bo Bech ({CANARY})",
    f"Kun til internt brug\n{CANARY}\n{CANARY}",
    MAIL,
    f"-----Oprindelig meddelelse-----\n{MAIL}",
    f"Den 2. februar 2022 kl. 9.14 skrev Anne <{CANARY}>:",
    f"Start på videresendt besked:\n{RAW}",
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.sampled_from(VARIANTS),
    st.integers(0, 200),
    st.sampled_from(PLANTED),
    st.sampled_from(["", "> ", ">> ", "| "]),
)
def test_an_address_planted_anywhere_is_published_nowhere(
    path: Path, at: int, planted: str, quote: str
) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    quoted = "\n".join(f"{quote}{line}" for line in planted.splitlines())
    lines[at % len(lines)] += f"\n\n{quoted}\n"
    try:
        event, findings = imported("\n".join(lines))
    except FormatError:
        return
    assert CANARY not in everything(event)
    assert {f.data["about"] for f in findings} & {"people", "header"}
