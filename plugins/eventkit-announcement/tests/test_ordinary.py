"""Ordinary lines that are easily read wrong: each gives its fact, or has a finding."""

from __future__ import annotations

from datetime import date

import pytest
from eventkit_announcement import read

from eventkit import Event, Finding, FormatError, ImportRequest, Money

HEAD = "Temaaften\nDato: 12. juni 2024\nTid: 19-21\n"


def imported(text: str) -> tuple[Event, tuple[Finding, ...]]:
    found = read(ImportRequest(data=text.encode()))
    return found.events[0], found.findings


def about(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.data["about"] for finding in findings]


# --- where -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    ["Parkering ved Netto", "Medbring madpakke", "Vi ses i haven", "Husk tilmelding", "Kaffe: Ja"],
)
@pytest.mark.parametrize("place", ["Sted: Kontoret", "Sted:\nKontoret", "Sted: Kontoret\nLokale 2"])
def test_a_line_under_the_place_is_read_for_itself(place: str, line: str) -> None:
    event, findings = imported(f"{HEAD}{place}\n{line}\n")
    assert event.venue is not None
    assert (event.venue.name, event.venue.directions) == ("Kontoret", "")
    assert line in event.description
    assert "unplaced" in about(findings)


@pytest.mark.parametrize("label", ["Entré", "Entre", "entre"])
def test_entrance_is_a_price(label: str) -> None:
    event, findings = imported(f"{HEAD}Sted: Kontoret\n{label}: 100 kr.\n")
    assert event.price == Money(100)
    assert event.venue is not None
    assert event.venue.name == "Kontoret"
    assert findings == ()


@pytest.mark.parametrize(
    ("place", "venue"),
    [
        ("Salen\nLindevej 4\n8000 Aarhus C", ("Salen", "Lindevej 4", "Aarhus C")),
        (
            "Kontoret, Lindevej 4, 3700 Rønne. Indgang fra gården",
            ("Kontoret", "Lindevej 4", "Rønne"),
        ),
        ("Lindevej 4, 2800 Kgs. Lyngby", ("", "Lindevej 4", "Kgs. Lyngby")),
        ("i fælleshuset, Lindevej 4, 8000 Aarhus C", ("Fælleshuset", "Lindevej 4", "Aarhus C")),
    ],
)
def test_the_parts_of_an_address(place: str, venue: tuple[str, str, str]) -> None:
    event, findings = imported(f"{HEAD}Sted: {place}\n")
    assert event.venue is not None
    assert (event.venue.name, event.venue.street, event.venue.locality) == venue
    assert findings == ()


@pytest.mark.parametrize("online", ["Online (Zoom) –", "Zoom,", "Online via Zoom"])
def test_online_or_at_an_address(online: str) -> None:
    event, _ = imported(f"{HEAD}Sted: {online} eller på kontoret, Lindevej 4, 8800 Viborg\n")
    assert event.online is not None
    assert event.online.provider == "Zoom"
    assert event.venue is not None
    assert (event.venue.name, event.venue.locality) == ("Kontoret", "Viborg")


# --- when ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "Tilmelding: Senest 1.6.",
        "Tilmelding senest 1.6.",
        "Tilmeldingsfrist: 1.6",
        "RSVP by 1 June",
    ],
)
def test_a_last_day_without_its_year(line: str) -> None:
    event, findings = imported(HEAD + line)
    assert event.deadline == date(2024, 6, 1)
    assert about(findings) == ([] if "June" in line else ["year"])


@pytest.mark.parametrize("line", ["Senest 1.6.", "Tilmelding: senest fredagen før"])
def test_a_last_day_that_cannot_be_read_is_named(line: str) -> None:
    event, findings = imported(f"{HEAD}\nOm mødet\nVi taler om haver hele dagen.\n{line}\n")
    assert event.deadline is None
    assert set(about(findings)) & {"like_deadline", "unread", "unplaced"}


def test_hours_in_english() -> None:
    event, findings = imported(
        "Conference\nDate: 12 June 2023\nTime: 1:00 pm - 4:30 pm\nPrice: Free\n\n"
        "1:30 pm Keynote\n2.30 PM Coffee break\n3-4 pm Panel\n12 pm Lunch\n"
    )
    assert f"{event.starts:%H:%M}" == "13:00"
    assert event.ends is not None
    assert f"{event.ends:%H:%M}" == "16:30"
    assert [f"{item.starts:%H:%M} {item.title}" for item in event.programme] == [
        "13:30 Keynote",
        "14:30 Coffee break",
        "15:00 Panel",
        "12:00 Lunch",
    ]
    assert event.price == Money(0)
    assert findings == ()


def test_hours_with_a_remark_are_those_of_the_event() -> None:
    event, findings = imported(
        "Temaaften\n\nOnsdag den 12. juni 2024\nKl. 19:00 - 21:00 (dørene åbner 18:30)\n"
        "Salen, Lindevej 4, 8800 Viborg\n"
    )
    assert (f"{event.starts:%H:%M}", event.programme) == ("19:00", ())
    assert event.venue is not None
    assert event.venue.locality == "Viborg"
    assert "dørene åbner 18:30" in event.description
    assert set(about(findings)) == {"partly", "town"}


def test_hours_of_each_day_are_not_lost() -> None:
    event, findings = imported("Kursus\nDato: 4. og 5. oktober 2023, begge dage kl. 9-16\n")
    assert f"{event.ends:%d %H}" == "05 16"
    assert "begge dage kl. 9-16" in event.description
    assert about(findings) == ["partly"]


def test_a_numbered_day_is_on_the_date_that_it_has() -> None:
    """Not on the day after the first."""
    event, findings = imported(
        "Kursus\n\nDag 1: Mandag d. 8. maj 2023 kl. 9-16\nDag 2: Mandag d. 22. maj kl. 9-15\n\n"
        "Program\nDag 1\n9.00 Velkomst\n16.00 Slut\nDag 2\n9.00 Opsamling\n15.00 Slut\n"
    )
    assert f"{event.starts:%d %H}" == "08 09"
    assert event.ends is not None
    assert event.ends.day == 22
    assert [item.starts.day for item in event.programme] == [8, 8, 22, 22]
    assert "Dag 2: Mandag d. 22. maj kl. 9-15" in event.description
    assert about(findings) == ["partly", "contradicts"]  # its hours are other than the first day's


def test_the_year_at_the_end_is_that_of_all() -> None:
    event, findings = imported("Kursus\nDatoer: 5/9, 3/10 og 7/11 2023\nTid: 9-15\n")
    assert (event.starts.date(), event.ends and event.ends.date()) == (
        date(2023, 9, 5),
        date(2023, 11, 7),
    )
    assert about(findings) == ["partly"]


def test_what_is_due_is_no_day_of_the_programme() -> None:
    event, _ = imported(
        "Møde\nDato: 14. november 2023\nDagsorden udsendes senest 2. maj\n\n9.00 Velkomst\n"
    )
    assert {item.starts.date() for item in event.programme} == {date(2023, 11, 14)}


def test_a_day_that_no_month_has_is_refused_with_what_to_mend() -> None:
    with pytest.raises(FormatError, match=r"29\. februar 2023"):
        imported("Møde\nDato: 29. februar 2023\nTid: 9-15\n")


@pytest.mark.parametrize(
    ("line", "item"),
    [
        ("Frokost kl. 12", "12:00 Frokost"),
        ("FROKOST kl. 12.00-13.00", "12:00 FROKOST"),
        ("15 Slut", "15:00 Slut"),
        ("14.30 (ca.) Kaffe", "14:30 Kaffe"),
        ("9.00 – 9.30 · Pause", "09:00 Pause"),
    ],
)
def test_hours_of_an_item(line: str, item: str) -> None:
    event, _ = imported(f"Møde\n12.06.2024\n\nProgram\n8.30 Velkomst\n{line}\n")
    last = event.programme[-1]
    assert f"{last.starts:%H:%M} {last.title}" == item


def test_an_arrival_somewhere_is_no_break() -> None:
    event, findings = imported("Tur\n12.06.2024\n\nProgram\n8.30 Ankomst\n9.00 Ankomst Aarhus\n")
    assert [item.is_break for item in event.programme] == [True, False]
    assert event.ends is None
    assert about(findings) == ["hours_open"]


# --- who, and how many -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "seats"),
    [
        ("Deltagere: Max. 30", 30),
        ("Max. deltagere: 35", 35),
        ("Antal pladser: 16 (minimum 8)", 16),
    ],
)
def test_seats(line: str, seats: int) -> None:
    event, findings = imported(HEAD + line)
    assert (event.capacity, event.audience, findings) == (seats, "", ())


@pytest.mark.parametrize(
    ("line", "amount"),
    [
        ("Pris: 895,- inkl. færge, bus og frokost", 895),
        ("Pris: DKK 1.100,- ex. moms", 1100),
        ("Pris: 2.100,00 kr. ex. moms pr. person", 2100),
    ],
)
def test_what_a_price_covers_is_no_doubt_about_it(line: str, amount: int) -> None:
    event, findings = imported(HEAD + line)
    assert event.price == Money(amount)
    assert line.replace("+", "\\+") in event.description
    assert about(findings) == ["partly"]


def test_two_contacts_are_not_mixed() -> None:
    """The first is whom to ask; the second is no organiser, and lends it no address."""
    event, findings = imported(
        f"{HEAD}Kontakt\nAnne Holm\nT: 00 00 00 01\nBo Bech\nT: 00 00 00 02\nE: bo@example.dk\n"
    )
    assert event.organiser is None
    assert event.contact is not None
    assert (event.contact.name, event.contact.phone, event.contact.email) == (
        "Anne Holm",
        "00 00 00 01",
        "",
    )
    assert about(findings) == ["taken"] * 3


def test_two_events_in_one_text_are_named() -> None:
    event, findings = imported(
        "Nyhedsbrev\n\nKommende arrangementer:\n\n"
        "Varmepumper\nTirsdag 8. november 2022 kl. 15-17\nSted: Salen, 5000 Odense C\n\n"
        "Forsikring\nTorsdag 24. november 2022 kl. 16-18\nSted: Biblioteket, 5000 Odense C\n"
    )
    assert event.starts.date() == date(2022, 11, 8)
    assert event.venue is not None
    assert event.venue.name == "Salen"
    assert "several" in about(findings)
