"""The way into an online meeting: kept for those who attend, and in no text that others read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from eventkit_announcement import read
from hypothesis import given, settings
from hypothesis import strategies as st

from eventkit import Event, FormatError, Imported, ImportRequest, OnlineAccess, Severity
from eventkit.formats import codec

HERE = Path(__file__).parent
VARIANTS = sorted(path for path in (HERE / "announcements").iterdir() if path.suffix != ".json")
HEAD = "Møde om haver\n\n21.04.2022\n\nTid: 9-12\n"
CANARY = "k4n4r1e"
ZOOM = f"https://us02web.zoom.us/j/{CANARY}?pwd=1"
TEAMS = (
    f"https://teams.microsoft.com/l/meetup-join/19%3ameeting_{CANARY}%40thread.v2/0"
    f"?context=%7b%22Tid%22%3a%22{CANARY}%22%7d"
)
MEET = f"https://meet.google.com/{CANARY}"


def imported(text: str, filename: str = "a.txt") -> Imported:
    return read(ImportRequest(data=text.encode(), filename=filename))


def published(event: Event) -> str:
    """The whole event but for the private links; even `extra`, which is shown nowhere."""
    document: dict[str, Any] = codec.to_data(event)
    for place in (document, *document["programme"]):
        if place["online"] is not None:
            assert not place["online"]["public"]
            del place["online"]["url"]
    return json.dumps(document, ensure_ascii=False)


def links(event: Event) -> list[str]:
    places = [event.online, *(item.online for item in event.programme)]
    return [place.url for place in places if place is not None and place.url]


ANYWHERE = [
    "Vi taler om haver. Du kan også deltage på {} hele dagen.",
    "[Deltag her]({})",
    "<{}>",
    "Hvor: Online på nettet ({})",
    "Sted: Salen, Lindevej 4, 8000 Aarhus C, og online {}",
    "Sted: {}",
    "Kontakt: Anne Hansen, tlf. 00 00 00 01, {}",
    "Web: {}",
    "Tilmelding: {}",
    "Tilmelding senest den 18. april på {}",
    "Målgruppe: Alle på {}",
    "Målgruppe:\nAlle\n{}",
    "Arrangør: Foreningen {}",
    "Type: {}",
    "ID: {}",
    "Teaser: Kom og vær med på {}",
    "Status: Åben, se {}",
    "Pris: 100 kr., betal på {}",
    "Program\n10.00 Oplæg {}\n11.00 Slut",
    "Program\n10.00 Oplæg\n{}\n11.00 Slut",
    "Program\n10.00 Oplæg\n- Slides og snak på {}\n11.00 Slut",
    "Næste møde: 1. maj på {}",
    "T: {}",
    "E: {}",
]


@pytest.mark.parametrize("line", ANYWHERE)
def test_a_link_is_lifted_wherever_it_stands(line: str) -> None:
    """It is kept, in private, and said to be."""
    result = imported(HEAD + line.format(ZOOM))
    (event,) = result.events
    assert links(event) == [ZOOM]
    assert CANARY not in published(event)
    assert [f.severity for f in result.findings if f.code == "EK518"] == [Severity.INFO]


@pytest.mark.parametrize(
    "text", [f"Møde om haver {ZOOM}\n\n21.04.2022", f"21.04.2022\n{ZOOM}\nMøde"]
)
def test_a_link_beside_the_title_leaves_the_title(text: str) -> None:
    (event,) = imported(text).events
    assert event.title in ("Møde om haver", "Møde")
    assert links(event) == [ZOOM]
    assert CANARY not in published(event)


def test_a_link_in_an_item_is_that_of_the_item() -> None:
    text = f"{HEAD}Program\n10.00 Oplæg via Zoom\n{ZOOM}\n11.00 Slut\n"
    (event,) = imported(text).events
    assert event.online is None
    assert event.programme[0].online == OnlineAccess(provider="Zoom", url=ZOOM)
    assert event.programme[0].description == ""


def test_the_link_of_the_place_goes_before_one_in_the_prose() -> None:
    """And the second is kept out, quoted whole, with a warning, for it has no field."""
    result = imported(
        f"{HEAD}Om haver\nVi taler om haver hele dagen her på {MEET}\nSted: Online {ZOOM}"
    )
    assert links(result.events[0]) == [ZOOM]
    other, own = result.findings
    assert (other.severity, own.severity) == (Severity.WARNING, Severity.INFO)
    assert other.text is not None
    assert MEET in other.text["da"]


def test_a_link_that_stands_twice_is_one_link() -> None:
    result = imported(f"{HEAD}Link: {ZOOM}\n\nVi taler om haver, og du kan deltage på <{ZOOM}>.")
    assert links(result.events[0]) == [ZOOM]
    assert [(f.code, f.severity) for f in result.findings] == [("EK518", Severity.INFO)] * 2


def test_a_meeting_on_a_host_of_ones_own() -> None:
    """What a label calls the link to the meeting is one, and is cut out everywhere else too."""
    link = f"https://video.example.dk/{CANARY}"
    (event,) = imported(f"{HEAD}Mødelink: {link}\n\nVi taler om haver på {link} hele dagen.").events
    assert links(event) == [link]
    assert CANARY not in published(event)


@pytest.mark.parametrize(
    "line",
    [
        "Læs om Zoom på https://example.dk/zoom",
        "Vi bruger zoom.us.",
        "Vi mødes på Teams.",
        "Link: https://example.dk/om-mødet",
    ],
)
def test_other_links_stay(line: str) -> None:
    result = imported(f"{HEAD}\n{line}")
    assert links(result.events[0]) == []
    assert line in result.events[0].description
    assert "EK518" not in [finding.code for finding in result.findings]


CODES = [
    "Møde-id: 123 456 789 012",
    "Meeting ID: 123 4567 8901",
    "Mødekode: k4n4r1e",
    "Adgangskode: k4n4r1e",
    "Passcode: k4n4r1e",
    "Kode: k4n4r1e",
    "PIN: 123 456 789#",
    "Telefonkonference-id: 123 456 789#",
    "+45 00 00 00 01,,123456789# Danmark",
    "Ring på 00 00 00 01, og tast 123456789#",
    "Adgangskoden er k4n4r1e, og mødet har id 123 456 789.",
    'Brug koden "k4n4r1e"',
    "Log ind med kodeord k4n4r1e",
    "Mødenummer (adgangskode): 2374 000 456",
    "Mødeadgangskode: k4n4r1e (73000456 ved opkald fra telefoner)",
    "Møde-ID (kode): 321 654 789 (1456)",
    "Konference-id: 123 789#",
    "Teamsmøde-ID: 388 456 1",
]


@pytest.mark.parametrize("line", CODES)
def test_a_code_beside_the_link_is_kept_out_and_quoted(line: str) -> None:
    """There is no field for it, so its finding quotes it whole and asks staff to send it."""
    result = imported(f"{HEAD}\nOm mødet\nVi taler om haver hele dagen.\n{ZOOM}\n{line}\n")
    (event,) = result.events
    public = published(event)
    assert not any(part in public for part in (CANARY, "456", "789"))
    (finding,) = (one for one in result.findings if one.data["about"] == "code")
    assert finding.severity is Severity.WARNING
    assert finding.text is not None
    assert line in finding.text["da"]


@pytest.mark.parametrize("label", ["Password:", "Adgangskode", "Møde-ID", "Kode:", "PIN"])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_code_on_the_line_below_its_label_is_kept_out(label: str, gap: str) -> None:
    """The layout of the announcement itself: a label, and its value below."""
    result = imported(f"{HEAD}Link: {ZOOM}\n\n{label}{gap}{CANARY}\n\nSted: Salen\n")
    assert CANARY not in published(result.events[0])
    quoting = [f for f in result.findings if f.data["about"] == "code"]
    assert [CANARY in str(one.text) for one in quoting] == [False, True]


@pytest.mark.parametrize(
    "line", ["ID: 22-118", "Kode: KURSUS-1", "Kontakt: Anne, tlf. 12 34 56 78"]
)
def test_a_number_far_from_any_link_is_no_code(line: str) -> None:
    result = imported(HEAD + line)
    assert "EK518" not in [finding.code for finding in result.findings]


def test_the_id_of_the_event_beside_a_link_is_its_id() -> None:
    (event,) = imported(f"{HEAD}Link: {ZOOM}\nID: 22-118").events
    assert event.id == "22-118"


def test_a_link_that_a_mail_broke_over_lines_is_one_link() -> None:
    broken = TEAMS[:90] + "\n" + TEAMS[90:]
    for text in (f"Deltag her <{broken}>", f"{broken}\n\nVi ses"):
        result = imported(f"{HEAD}\n{text}")
        assert links(result.events[0]) == [TEAMS]
        assert CANARY not in published(result.events[0])
        assert {f.data["line"] for f in result.findings if f.code == "EK518"} >= {7, 8}


def test_no_other_finding_quotes_a_link() -> None:
    """A finding may be told by mail or in a log; only EK518, which is about the link, holds it."""
    result = imported(f"{HEAD}{HEAD}Sagsnr. {ZOOM}\nPris: ukendt {ZOOM}\nKode: {CANARY}")
    quoting = {f.code for f in result.findings if CANARY in f"{f.data} {f.text}"}
    assert quoting == {"EK518"}


# --- the property ----------------------------------------------------------------------------

LINKS = (
    TEAMS,
    ZOOM,
    MEET,
    f"https://teams.live.com/meet/{CANARY}",
    f"https://acme.webex.com/m/{CANARY}",
    f"https://whereby.com/{CANARY}",
    f"https://zoom.us/webinar/register/{CANARY}",
    f"https://zo\u00adom.us/j/{CANARY}",
    f"www.zoom.us/j/{CANARY}",
    f"zoom.us/my/{CANARY}",
)
WRAPS: tuple[Callable[[str], str], ...] = (
    lambda link: link,
    lambda link: link.upper().replace(CANARY.upper(), CANARY),
    lambda link: (
        f"https://eur01.safelinks.protection.outlook.com/?url={quote(link, safe='')}&data={CANARY}"
    ),
    lambda link: link.replace("&", "&amp;"),
    lambda link: "\u00ad".join((link[:12], link[12:])),
)
CALLED = (
    "Adgangskode:\n{}",
    "Password\n\n{}",
    "Møde-ID:\nKode:\n123 456\n{}",
    'Brug koden "{}"',
    "Log ind med kodeord {}",
    "Mødenummer (adgangskode): 2374 {}",
    "Mødeadgangskode: x (7300 {})",
    "Koden til mødet er {}",
    "Konference-id: 123 {}#",
    "Teamsmøde-ID: 388 {}",
    "> Kode: {}",
    "Pinkode {} skal bruges.",
)
"""How words call a code, wherever it stands in a text that has a meeting."""
AROUND = (
    "{}",
    "<{}>",
    "({})",
    "[Deltag her]({})",
    "{}.",
    "Link: {}",
    "Deltag på {} i dag",
    "{0} {0}",
)
INTO = ("{line}\n{link}", "{line} {link}", "{link} {line}", "{link}\n\n{line}", "- {link}\n{line}")
PLANTED = st.tuples(
    st.integers(0, 200),
    st.sampled_from(INTO),
    st.sampled_from(AROUND),
    st.sampled_from(WRAPS),
    st.sampled_from(LINKS),
)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    st.sampled_from(VARIANTS),
    st.lists(PLANTED, min_size=1, max_size=3),
    st.lists(st.tuples(st.integers(0, 200), st.sampled_from(CALLED)), max_size=2),
)
def test_a_link_planted_anywhere_is_published_nowhere(
    path: Path,
    planted: list[tuple[int, str, str, Callable[[str], str], str]],
    called: list[tuple[int, str]],
) -> None:
    """Nor is a code that stands on lines of its own in the same text."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for at, code in called:
        lines[at % len(lines)] += f"\n{code.format(CANARY)}"
    for at, into, around, wrap, link in planted:
        line = lines[at % len(lines)]
        lines[at % len(lines)] = into.format(line=line, link=around.format(wrap(link)))
    try:
        result = imported("\n".join(lines), path.name)
    except FormatError:  # a link on the first line may leave no title, and then nothing comes out
        return
    (event,) = result.events
    assert CANARY not in published(event).casefold()
    assert any(finding.code == "EK518" for finding in result.findings)
