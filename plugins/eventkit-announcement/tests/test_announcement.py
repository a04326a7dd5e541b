"""What the importer makes of whole announcements: the reference, the sample and many others.

Beside each variant in ``announcements/`` stands a JSON file with the facts a reader would take
from it, and the findings (code and line number) that it is owed.
"""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest
from eventkit_announcement import read

from eventkit import Event, Finding, Imported, ImportRequest, Money, OnlineAccess, Severity, check
from eventkit.formats import codec
from eventkit.formats.wording import wording

HERE = Path(__file__).parent
SAMPLE = HERE.parents[2] / "src" / "eventkit" / "sample.txt"
SHARED = HERE.parents[3] / "shared" / "announcements" / "21-374.txt"
REFERENCE = SHARED if SHARED.exists() else SAMPLE
VARIANTS = sorted(path for path in (HERE / "announcements").iterdir() if path.suffix != ".json")
TEXT = REFERENCE.read_text(encoding="utf-8")


def imported(data: str | bytes, filename: str = "a.txt") -> Imported:
    data = data.encode() if isinstance(data, str) else data
    return read(ImportRequest(data=data, filename=filename))


def event_of(data: str | bytes) -> Event:
    (event,) = imported(data).events
    return event


def codes(result: Imported) -> list[str]:
    return [finding.code for finding in result.findings]


# --- the reference and the sample ------------------------------------------------------------

both = pytest.mark.parametrize("path", [REFERENCE, SAMPLE], ids=["reference", "sample"])


@both
def test_the_reference_gives_its_findings_and_no_false_one(path: Path) -> None:
    """Overlap of five minutes, open end at 15:00, Teams without a link; nothing about reading."""
    result = imported(path.read_bytes(), path.name)
    (event,) = result.events
    assert result.findings == ()
    found = {finding.code: finding for finding in check(event)}
    assert sorted(found) == ["EK101", "EK104", "EK302"]
    assert found["EK101"].data["minutes"] == 5
    titles = {item.key: item.title for item in event.programme}
    assert titles[found["EK101"].data["item"]].startswith("Deltagelse")
    assert titles[found["EK101"].data["other"]] == "Næste møde"
    assert titles[found["EK104"].data["item"]] == "Tak for i dag"
    assert found["EK104"].data["starts"].startswith("2022-04-21T15:00:00+02:00")
    assert found["EK302"].data["provider"] == "Teams"


@both
def test_the_facts_of_the_reference(path: Path) -> None:
    event = event_of(path.read_bytes())
    assert event.id == "21-374"
    assert event.title == "Netværksmøde: Sociale viceværter"
    assert event.kind == "Netværksmøde"
    assert (event.starts.isoformat(), event.ends and event.ends.isoformat()) == (
        "2022-04-21T09:30:00+02:00",
        "2022-04-21T15:00:00+02:00",
    )
    assert event.deadline == date(2022, 4, 18)
    assert event.price == Money(0)
    assert event.contact is not None
    assert event.contact.name == "sekretariatet"
    assert event.venue is not None
    assert (event.venue.name, event.venue.street) == ("Rosenhøj", "Rosenhøj")
    assert (event.venue.postcode, event.venue.locality) == ("8260", "Viby J")
    assert event.organiser is not None
    assert event.summary.startswith("Hv")
    assert event.description.startswith("## ")
    assert event.audience.startswith("Sociale viceværter")
    assert event.extra == {"announcement.status": "Tilmelding lukket"}
    assert len(event.programme) == 11
    assert [item.title for item in event.programme if item.is_break] == [
        event.programme[0].title,
        "Frokost",
    ]
    remote = [item for item in event.programme if item.online]
    assert [item.online for item in remote] == [OnlineAccess(provider="Teams", url=None)]
    assert event.programme[8].description.startswith("- Torsdag d. 13. oktober")


# --- variants --------------------------------------------------------------------------------


def facts(result: Imported) -> dict[str, Any]:
    """The facts of one event, as the JSON files beside the variants say them."""
    (event,) = result.events
    document = codec.to_data(event)
    told: dict[str, Any] = {"title": event.title}
    for name in (
        "id",
        "kind",
        "starts",
        "ends",
        "deadline",
        "opens",
        "cancel_deadline",
        "capacity",
    ):
        if document[name] not in (None, ""):
            told[name] = document[name]
    for name in ("price", "venue", "contact", "online", "organiser"):
        if document[name] is not None:
            kept = {k: v for k, v in document[name].items() if v not in ("", None, False)}
            told[name] = {k: v for k, v in kept.items() if k != "slug"}
    told["programme"] = [
        f"{item.starts:%d.%m %H:%M}"
        + (f"-{item.ends:%H:%M}" if item.ends else "")
        + f" {item.title}"
        + (" (pause)" if item.is_break else "")
        + (f" {{{item.track}}}" if item.track else "")
        + (f" [{item.online.provider or 'online'}]" if item.online else "")
        for item in event.programme
    ]
    if "announcement.status" in event.extra:
        told["status"] = event.extra["announcement.status"]
    told["findings"] = [f"{f.code} {f.data.get('line', '')}".strip() for f in result.findings]
    return told


@pytest.mark.parametrize("path", VARIANTS, ids=lambda path: path.stem)
def test_an_announcement_of_another_style_gives_its_facts(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert facts(imported(path.read_bytes(), path.name)) == expected


def test_there_are_at_least_a_dozen_styles() -> None:
    assert len(VARIANTS) >= 12


ITEM = re.compile(r"(?m)^(\d\d:\d\d(?:-\d\d:\d\d)?)\n")
LABEL = re.compile(r"(?m)^(ID|Type|Varighed|Tilmeldingsfrist|Målgruppe):$")
STYLES = {
    "crlf": TEXT.replace("\n", "\r\n"),
    "blanks at the ends": TEXT.replace("\n", "  \t\n"),
    "twice the blank lines": TEXT.replace("\n", "\n\n"),
    "dashes for bullets": TEXT.replace(" •", " -"),
    "asterisks, not set in": TEXT.replace(" • ", "* "),
    "Word's bullets": TEXT.replace(" • ", "\uf0b7\t"),
    "o and a tab": TEXT.replace(" • ", "o\t"),
    "not set in": re.sub(r"(?m)^ +", "", TEXT),
    "points in times": re.sub(r"(\d\d):(\d\d)", r"\1.\2", TEXT),
    "dashes in ranges": re.sub(r"(\d\d[.:]\d\d)-(\d\d)", r"\1 – \2", TEXT),
    "til": re.sub(r"(\d\d[.:]\d\d)-(\d\d)", r"\1 til \2", TEXT),
    "kl.": re.sub(r"(?m)^(\d\d):(\d\d)", r"Kl. \1.\2", TEXT),
    "title beside the time": ITEM.sub(r"\1 ", TEXT),
    "title after a colon": ITEM.sub(r"\1: ", TEXT),
    "title after a dash": ITEM.sub(r"\1 – ", TEXT),
    "title after a tab": ITEM.sub("\\1\t", TEXT),
    "value beside the label": re.sub(LABEL.pattern + r"\n+", r"\1: ", TEXT),
    "labels without colon": LABEL.sub(r"\1", TEXT),
    "capital labels": LABEL.sub(lambda found: found[0].upper(), TEXT),
    "a heading over the programme": re.sub(r"(?m)^(Torsdag d\. 21)", r"Program\n\n\1", TEXT),
    "the day without its year": TEXT.replace(
        "Torsdag d. 21. april 2022\n", "Torsdag den 21. april\n"
    ),
    "the day in short": TEXT.replace("Torsdag d. 21. april 2022\n", "Tors. 21/4\n"),
    "programme without its day": TEXT.replace("Torsdag d. 21. april 2022\n", ""),
    "place on one line": TEXT.replace(
        "Sted\n\nRosenhøj\n\nRosenhøj\n\n8260", "Sted: Rosenhøj, Rosenhøj, 8260"
    ),
}


@pytest.mark.parametrize("style", STYLES)
def test_the_same_facts_however_it_is_typed(style: str) -> None:
    """The style changes, the event does not, and nothing is said about the reading."""
    assert style in STYLES
    assert STYLES[style] != TEXT
    result = imported(STYLES[style])
    assert result.events == imported(TEXT).events
    assert result.findings == ()


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_the_same_event_in_every_encoding(encoding: str) -> None:
    assert imported(TEXT.encode(encoding)) == imported(TEXT)


MISSING = {
    "21.04.2022": (),
    "Viby J": (),
    "Tilmelding lukket": ("extra",),
    "DKK 0,-": ("price",),
    "ID:\n\n21-374": ("id",),
    "Type:\n\nNetværksmøde": ("kind",),
    "Tilmeldingsfrist:\n\n18.04.2022": ("deadline",),
    "Kontakt sekretariatet": ("contact",),
    "Målgruppe:": ("audience",),
}


@pytest.mark.parametrize("part", MISSING)
def test_a_part_that_is_missing_changes_that_part_only(part: str) -> None:
    less = re.sub(
        rf"(?m)^{re.escape(part)}\n" + (r".*\n" if part == "Målgruppe:" else ""), "", TEXT, count=1
    )
    assert less != TEXT
    event, whole = event_of(less), event_of(TEXT)
    differs = {
        field.name
        for field in attrs.fields(Event)
        if getattr(event, field.name) != getattr(whole, field.name)
    }
    assert differs == set(MISSING[part])


# --- facts, one at a time --------------------------------------------------------------------

HEAD = "Møde om haver\n\n21.04.2022\n\n"


@pytest.mark.parametrize(
    ("lines", "starts", "ends"),
    [
        ("Varighed: 09.30-15.00", "21T09:30", "21T15:00"),
        ("Tid: kl. 13 – 16", "21T13:00", "21T16:00"),
        ("Varighed: kl. 17.30", "21T17:30", None),
        ("Kl. 9:30 til 15", "21T09:30", "21T15:00"),
        ("Tid: 22.00-01.00", "21T22:00", "22T01:00"),
        ("Start: kl. 9\nSlut: kl. 12", "21T09:00", "21T12:00"),
        ("Tid: kl. 13\nVarighed: 2 timer", "21T13:00", "21T15:00"),
        ("Dato: 21.-22. april 2022\nTid: 10-15", "21T10:00", "22T15:00"),
        ("Varighed: 2 dage", "21T00:00", "23T00:00"),
        ("Tid: torsdag den 21. april kl. 9-12", "21T09:00", "21T12:00"),
    ],
)
def test_hours_of_the_event(lines: str, starts: str, ends: str | None) -> None:
    event = event_of(HEAD + lines)
    assert event.starts.isoformat()[8:16] == starts
    assert (event.ends and event.ends.isoformat()[8:16]) == ends


def test_a_day_without_hours_is_a_whole_day_and_says_so() -> None:
    result = imported(HEAD)
    assert codes(result) == ["EK513"]
    assert wording("da").when(result.events[0]) == "torsdag den 21. april 2022, hele dagen"


def test_hours_taken_from_the_programme_are_named() -> None:
    result = imported(f"{HEAD}10.00-10.30 Kaffe\n10.30-12.00 Oplæg\n")
    (event,) = result.events
    assert (event.starts.hour, event.ends and event.ends.hour) == (10, 12)
    assert codes(result) == ["EK515"]


def test_hours_that_end_first_lose_their_end_and_say_so() -> None:
    result = imported(f"{HEAD}Varighed: 12.00-09.00")
    assert result.events[0].ends is None
    assert codes(result) == ["EK514"]
    assert "12.00-09.00" in result.events[0].description


def test_an_item_that_ends_before_it_starts_stays_as_written() -> None:
    """The core finds it (EK103); the importer mends nothing."""
    event = event_of(f"{HEAD}Varighed: 9-15\n\n10.00-09.30 Oplæg\n11.00-12.00 Pause\n")
    assert "EK103" in [finding.code for finding in check(event)]


@pytest.mark.parametrize(
    ("line", "deadline"),
    [
        ("Tilmeldingsfrist: 18.04.2022", "2022-04-18"),
        ("Tilmelding senest den 18. april", "2022-04-18"),
        (
            "Tilmelding senest mandag d. 18. april 2022 kl. 12.00",
            "2022-04-18T12:00:00+02:00[Europe/Copenhagen]",
        ),
        ("Sidste frist for tilmelding er den 18. april 2022.", "2022-04-18"),
        ("Tilmelding skal ske senest 18/4 2022", "2022-04-18"),
        ("Tilmelding: Senest den 18. april 2022", "2022-04-18"),
        ("S.U.: 18/4-2022", "2022-04-18"),
        ("Frist: 3 dage før mødet", "-P3D"),
        ("Deadline: 20. december", "2021-12-20"),
    ],
)
def test_deadlines(line: str, deadline: str) -> None:
    assert codec.to_data(event_of(HEAD + line))["deadline"] == deadline


def test_a_year_that_is_guessed_is_named() -> None:
    assert "EK515" in codes(imported(f"{HEAD}Frist: 20. december\n"))
    assert "EK515" not in codes(imported(f"{HEAD}Frist: 18. april\n"))


@pytest.mark.parametrize(
    ("line", "amount", "finding"),
    [
        ("DKK 0,-", "0.00", None),
        ("Pris: 500 kr.", "500.00", None),
        ("Pris: DKK 1.250,-", "1250.00", None),
        ("Kr. 500,00", "500.00", None),
        ("Gratis", "0.00", None),
        ("Det er gratis at deltage.", "0.00", None),
        ("Pris: 500 kr. (højst)", None, "EK511"),
        ("Pris: 200 kr. for medlemmer, 300 kr. for andre", None, "EK511"),
        ("Pris: oplyses senere", None, "EK511"),
        ("Gratis parkering", None, "EK510"),
        ("Webinaret er gratis", "0.00", None),
    ],
)
def test_prices(line: str, amount: str | None, finding: str | None) -> None:
    """What an amount cannot hold in full stays in the description, with a finding."""
    result = imported(f"{HEAD}Tid: 9-12\n{line}")
    price = result.events[0].price
    assert (str(price.amount) if price else None) == amount
    assert codes(result) == ([finding] if finding else [])
    assert (line in result.events[0].description) == (finding is not None)


@pytest.mark.parametrize(
    ("line", "venue", "provider"),
    [
        (
            "Sted: Rosenhøj, Rosenhøj 1, 8260 Viby J",
            ("Rosenhøj", "", "Rosenhøj 1", "8260", "Viby J"),
            None,
        ),
        (
            "Adresse: Lindevej 4, 2. sal, 8000 Aarhus C",
            ("", "", "Lindevej 4, 2. sal", "8000", "Aarhus C"),
            None,
        ),
        (
            "Sted: Lokale 3, Beboerhuset, Lindevej 4 8000 Aarhus C",
            ("Beboerhuset", "Lokale 3", "Lindevej 4", "8000", "Aarhus C"),
            None,
        ),
        (
            "Sted:\nSalen\nLindevej 4\n8000 Aarhus C",
            ("Salen", "", "Lindevej 4", "8000", "Aarhus C"),
            None,
        ),
        ("Sted: Online", None, ""),
        ("Sted: Online via Teams", None, "Teams"),
        ("Sted: Zoom", None, "Zoom"),
        ("Sted: Webinaret foregår på Teams", None, "Teams"),
        (
            "Sted: Salen, Lindevej 4, 8000 Aarhus C eller online på Zoom",
            ("Salen", "", "Lindevej 4", "8000", "Aarhus C"),
            "Zoom",
        ),
    ],
)
def test_places(line: str, venue: tuple[str, ...] | None, provider: str | None) -> None:
    event = event_of(HEAD + line)
    found = event.venue
    assert venue == (
        found and (found.name, found.room, found.street, found.postcode, found.locality)
    )
    assert provider == (event.online and event.online.provider)


@pytest.mark.parametrize(
    "line", ["Link: {}", "Sted: Online {}", "Sted: Teams\n{}", "{}"], ids=lambda line: line[:8]
)
def test_a_link_to_a_meeting_is_for_those_who_attend_and_says_so(line: str) -> None:
    url = "https://teams.microsoft.com/l/meetup/1"
    result = imported(f"{HEAD}Tid: 9-12\n{line.format(url)}")
    assert result.events[0].online == OnlineAccess(provider="Teams", url=url)
    assert codes(result) == ["EK518"]


def test_an_old_status_is_shown_nowhere() -> None:
    """It goes to `extra`; one that registration does not say itself has a finding."""
    result = imported(f"{HEAD}Tid: 9-12\nFå pladser\n")
    (event,) = result.events
    assert event.extra == {"announcement.status": "Få pladser"}
    assert codes(result) == ["EK516"]
    shown = json.dumps(codec.to_data(attrs.evolve(event, extra={})), ensure_ascii=False)
    assert "Få pladser" not in shown


def test_closed_is_said_by_a_deadline_and_named_without_one() -> None:
    closed = f"{HEAD}Tid: 9-12\nTilmelding lukket\n"
    assert codes(imported(closed)) == ["EK516"]
    assert codes(imported(f"{closed}Frist: 18.04.2022\n")) == []


def test_called_off_is_a_warning_to_do_it_oneself() -> None:
    (finding,) = imported(f"{HEAD}Tid: 9-12\nAflyst\n").findings
    assert (finding.code, finding.severity) == ("EK516", Severity.WARNING)


def test_a_weekday_that_contradicts_its_date_is_named() -> None:
    result = imported("Møde om haver\n\nMandag den 21. april 2022\n\nTid: 9-12\n")
    (finding,) = result.findings
    assert finding.code == "EK512"
    assert finding.text is not None
    assert "torsdag" in finding.text["da"]


def test_two_dates_that_contradict_are_named() -> None:
    result = imported(f"{HEAD}Tid: 9-12\nDato: 28.04.2022\n")
    assert codes(result) == ["EK514"]
    assert result.findings[0].data["other"] == 3
    assert "28.04.2022" in result.events[0].description


def test_without_an_id_there_is_none() -> None:
    assert event_of(HEAD).id is None


def test_an_id_that_cannot_be_one_stays_in_the_description() -> None:
    result = imported(f"{HEAD}Tid: 9-12\nID: 21/374 A\n")
    assert (result.events[0].id, codes(result)) == (None, ["EK511"])


@pytest.mark.parametrize(
    ("title", "is_break"),
    [
        ("Frokost", True),
        ("Kaffepause", True),
        ("Drop-in med morgenbrød, kaffe og the", True),
        ("Ankomst og kaffe", True),
        ("Velkomst og kaffe", False),
        ("Kaffe og velkomst", False),
        ("Frokostoplæg om energi", False),
        ("Pausegymnastik – workshop", False),
    ],
)
def test_breaks(title: str, is_break: bool) -> None:
    (item,) = event_of(f"{HEAD}Program\n10.00-11.00 {title}\n").programme
    assert item.is_break is is_break


@pytest.mark.parametrize(
    ("words", "provider"),
    [
        ("Oplæg via Teams", "Teams"),
        ("Oplæg på Zoom", "Zoom"),
        ("Oplæg (online)", ""),
        ("Online oplæg", ""),
        ("Forskeren deltager online", ""),
        ("Arbejde i teams", None),
        ("Sådan er unge på nettet", None),
    ],
)
def test_remote_items(words: str, provider: str | None) -> None:
    (item,) = event_of(f"{HEAD}Program\n10.00-11.00 Oplæg\n- {words}\n").programme
    assert provider == (item.online and item.online.provider)


def test_markdown_in_the_source_stays_the_words_it_was() -> None:
    """In plain text an asterisk is an asterisk; a list stays a list."""
    text = (
        f"{HEAD}Tid: 9-12\n\nOm haven\nVi taler om *træer*, [huse](x) og 2*3 blomster i år, alle.\n"
    )
    text += "- et\n- to\n   - to en half\n"
    event = event_of(text)
    assert r"\*træer\*, \[huse](x) og 2\*3" in event.description
    assert "- et\n- to\n  - to en half" in event.description
    ready = read(ImportRequest(data=text.encode(), filename="a.md")).events[0]
    assert "*træer*, [huse](x) og 2*3" in ready.description


# --- findings --------------------------------------------------------------------------------


def all_findings() -> list[Finding]:
    texts = [path.read_bytes() for path in VARIANTS]
    texts += [
        f"{HEAD}{line}\n".encode()
        for line in (
            "Tid: 9-12\x07",
            "Sagsnr.: 1",
            "Dato: 31.02.2022",
            "Frist: inden 1/4",
            "Aflyst",
            "10.00\n11.00 Slut",
            "Varighed: 12.00-09.00",
            "Link: https://zoom.us/j/1",
            "Dagsorden\n1. Valg",
            "Tid: ca. kl. 10",
            "Kontakt: a, b@c.dk\nE: d@e.dk",
            "Nyt sted: Salen",
        )
    ]
    texts += [f"Hej\n\nSe her\n\nVideresendt mail\nFra: A\nEmne: Haver\n\n{HEAD}".encode()]
    return [finding for text in texts for finding in imported(text).findings]


def test_each_finding_says_in_short_sentences_which_line_and_what_to_do() -> None:
    """Danish of at most 15 words a sentence, its line quoted; both languages; a path."""
    seen = all_findings()
    assert {finding.code for finding in seen} == {f"EK51{n}" for n in range(9)}
    assert {"cover", "changed", "headline"} <= {finding.data["about"] for finding in seen}
    for finding in seen:
        assert finding.path.startswith("events[0]")
        assert finding.text is not None
        assert set(finding.text) == {"da", "en"}
        danish = finding.text["da"]
        plain = re.sub("»[^«]*«", "", danish)
        for sentence in re.split(r"(?<=[.!?])\s+(?=[A-ZÆØÅ])", plain):
            assert len(sentence.split()) <= 15, danish
        assert not re.search(r"\b(?:ift|mhp|evt)\.", plain)
        if "line" in finding.data:
            assert str(finding.data["line"]) in danish
            assert "»" in danish


def test_a_control_character_is_replaced_and_named() -> None:
    result = imported(f"{HEAD}Tid: 9-12\n\nHaver\x07 og træer er godt for alle, der bor her.\n")
    assert "Haver\N{REPLACEMENT CHARACTER} og" in result.events[0].description
    assert codes(result) == ["EK517"]
