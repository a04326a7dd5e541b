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


@pytest.mark.parametrize(
    "label", ["Fysisk deltagelse", "Fysisk fremmøde", "Fremmøde", "Deltag fysisk", "Fysisk"]
)
def test_where_one_attends_in_the_room_is_the_place(label: str) -> None:
    event, findings = imported(
        f"{HEAD}{label}: Lokale 3.12, Vesterbrogade 1, 1620 København V\nOnline deltagelse: Teams\n"
    )
    venue = event.venue
    assert venue is not None
    assert (venue.name, venue.room) == ("", "Lokale 3.12")
    assert (venue.street, venue.postcode) == ("Vesterbrogade 1", "1620")
    assert venue.locality == "København V"
    assert event.online is not None
    assert event.online.provider == "Teams"
    assert findings == ()


@pytest.mark.parametrize("value", ["300 kr.", "15 pladser", "Max 40 deltagere", "12. juni 2024"])
@pytest.mark.parametrize("label", ["Fysisk deltagelse", "Fysisk", "Online deltagelse", "Online"])
def test_how_one_attends_may_have_its_own_price_and_seats(label: str, value: str) -> None:
    event, findings = imported(f"{HEAD}{label}: {value}\n")
    assert (event.venue, event.price, event.capacity) == (None, None, None)
    assert f"{label}: {value}" in event.description
    assert set(about(findings)) <= {"unplaced", "like_price", "like_capacity", "unread"}
    assert findings


@pytest.mark.parametrize("online", ["Online (Zoom) –", "Zoom,", "Online via Zoom"])
def test_online_or_at_an_address(online: str) -> None:
    event, _ = imported(f"{HEAD}Sted: {online} eller på kontoret, Lindevej 4, 8800 Viborg\n")
    assert event.online is not None
    assert event.online.provider == "Zoom"
    assert event.venue is not None
    assert (event.venue.name, event.venue.locality) == ("Kontoret", "Viborg")


@pytest.mark.parametrize(
    "above", ["", "Festsalen, Vesterbro Kulturhus\n", "Kulturhuset\nFestsalen\n"]
)
def test_the_lines_of_an_address_under_the_date_are_one_place(above: str) -> None:
    event, findings = imported(
        f"Temadag\nFredag d. 4. marts 2022\nkl. 9.30 til 15.00\n\n{above}Lyrskovgade 4\n"
        "1758 København V\n\nPris: Gratis\n\nOm dagen\nVi taler om haver hele dagen.\n"
    )
    assert event.venue is not None
    assert (event.venue.street, event.venue.postcode) == ("Lyrskovgade 4", "1758")
    said = f"{event.venue.name}, {event.venue.room}"
    assert all(part in said for part in above.replace(", ", "\n").split("\n"))
    assert set(about(findings)) <= {"town"}


@pytest.mark.parametrize("name", ["Hotel Svendborg Søfront", "Rude Strand Højskole", "Beboerhuset"])
def test_the_name_of_a_house_is_no_town(name: str) -> None:
    event, findings = imported(
        f"Seminar\n\n10. november 2023 kl. 12-14\n\n{name}\n\nPris: Gratis\n"
    )
    assert event.venue is not None
    assert (event.venue.name, event.venue.locality) == (name, "")
    assert set(about(findings)) <= {"town"}


def test_words_in_brackets_after_the_town_stay_whole() -> None:
    event, findings = imported(f"{HEAD}Sted: Salen, Lindevej 4, 8900 Randers C (max 12 pers.)\n")
    assert event.venue is not None
    assert (event.venue.name, event.venue.street) == ("Salen", "Lindevej 4")
    assert event.venue.directions == "(max 12 pers.)"
    assert about(findings) == ["like_capacity"]


@pytest.mark.parametrize(
    "line",
    [
        "Online deltagelse: via Google Meet – link udsendes dagen før",
        "Online: Zoom (max 50 personer)",
    ],
)
def test_what_is_said_beside_online_stays(line: str) -> None:
    event, findings = imported(HEAD + line)
    assert event.online is not None
    assert event.online.provider in ("Google Meet", "Zoom")
    assert line in event.description
    assert {"partly", "like_capacity"} & set(about(findings))


def test_a_room_beside_a_link_is_the_place() -> None:
    event, _ = imported(
        f"{HEAD}\nDeltag via https://example.webex.com/meet/anne eller i lokale 4, "
        "Rådhusstræde 3, 7000 Fredericia\n"
    )
    assert event.venue is not None
    assert (event.venue.name, event.venue.room) == ("", "lokale 4")
    assert event.venue.street == "Rådhusstræde 3"
    assert event.online is not None


@pytest.mark.parametrize(
    ("where", "venue"),
    [
        ("i selskabslokalet, Birkevej 30", ("Selskabslokalet", "Birkevej 30")),
        ("i Multisalen", ("Multisalen", "")),
        ("i fællesrummet ved blok 7", ("Fællesrummet ved blok 7", "")),
    ],
)
def test_the_place_beside_the_hours(where: str, venue: tuple[str, str]) -> None:
    event, findings = imported(
        f"Afdelingsmøde\n\nTirsdag den 17. september 2024 kl. 19.00 {where}.\n"
    )
    assert event.venue is not None
    assert (event.venue.name, event.venue.street) == venue
    assert findings == ()


def test_questions_are_labels() -> None:
    event, findings = imported(
        "Åbent hus\n\nHvornår?\nLørdag den 17. juni 2023 kl. 11-14\n\nHvor?\n"
        "Grønnevang 22, 3400 Hillerød\n\nHvem?\nAlle beboere\n\nHvad koster det?\n50 kr.\n\n"
        "TILMELDING\nSENEST DEN 2. JUNI 2023\n"
    )
    assert (event.starts.hour, event.audience, event.price) == (11, "Alle beboere", Money(50))
    assert event.venue is not None
    assert event.venue.street == "Grønnevang 22"
    assert event.deadline == date(2023, 6, 2)
    assert findings == ()


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


def test_dates_in_english_with_the_month_first() -> None:
    event, findings = imported(
        "Workshop\nDate: Friday, February 2, 2024\nTime: 9-11\n"
        "Registration deadline: January 30, 2024\n"
    )
    assert (event.starts.date(), event.deadline) == (date(2024, 2, 2), date(2024, 1, 30))
    assert findings == ()


def test_little_pictures_are_no_words() -> None:
    event, findings = imported(
        "Årskonference\n\n🗓 Torsdag den 5. oktober 2023\n⏰ 9.00–16.00\n"
        "📍 Musikhuset, Den Meget Lange Alle 1, 8000 Aarhus C\n💰 1.450 kr. ekskl. moms\n"
        "✍ Tilmelding senest 14. september 2023\n☎ 00 00 00 01 (Huset)\n✉ konference@example.dk\n"
    )
    assert event.organiser is None
    assert f"{event.starts:%d %H}" == "05 09"
    assert event.ends is not None
    assert event.venue is not None
    assert event.venue.name == "Musikhuset"
    assert event.price == Money(1450)
    assert event.deadline == date(2023, 9, 14)
    assert event.contact is not None
    assert event.contact.email == "konference@example.dk"
    assert set(about(findings)) <= {"town", "unplaced"}


def test_the_first_of_many_days_in_a_sentence_is_the_first() -> None:
    event, findings = imported(
        "Kursus\n\nHoldet mødes tre torsdage: 7., 14. og 21. november 2024 hver gang i salen.\n"
    )
    assert event.starts.date() == date(2024, 11, 7)
    assert event.ends is not None
    assert event.ends.date() == date(2024, 11, 22)  # at midnight: the last day is whole
    assert "date" in about(findings)


def test_hours_between_two_are_no_list_of_days() -> None:
    event, findings = imported("Åbent hus\nLørdag den 17. juni 2023 mellem kl. 11 og 14\n")
    assert event.ends is not None
    assert (event.starts.hour, event.ends.hour) == (11, 14)
    assert findings == ()


@pytest.mark.parametrize("days", ["Mandag-tirsdag d. 5.-6.", "Mandag og tirsdag den 5. og 6."])
def test_two_weekdays_are_those_of_the_first_and_last_day(days: str) -> None:
    event, findings = imported(f"Konference\nDato: {days} juni 2023\nTid: 10-15\n")
    assert event.starts.isoformat() == "2023-06-05T10:00:00+02:00"
    assert event.ends is not None
    assert event.ends.isoformat() == "2023-06-06T15:00:00+02:00"
    assert findings == ()
    wrong = imported(
        f"Konference\nDato: {days.replace('tirsdag', 'onsdag')} juni 2023\nTid: 10-15\n"
    )
    assert about(wrong[1]) == ["weekday"]


@pytest.mark.parametrize("gap", ["\t", "\t\t", "     "])
def test_the_columns_of_a_programme_are_title_and_text(gap: str) -> None:
    rows = f"09.00{gap}Velkomst{gap}Anne Jensen\n9.15-10.00{gap}Nye krav{gap}Bo Bech{gap}Salen\n"
    event, findings = imported(f"{HEAD}\nProgram\n{rows}")
    assert [item.title for item in event.programme] == ["Velkomst", "Nye krav"]
    assert [item.description for item in event.programme] == ["Anne Jensen", "Bo Bech · Salen"]
    assert findings == ()
    event, findings = imported(f"{HEAD}\nTid{gap}Emne{gap}Hvem\n{rows}")
    assert [item.title for item in event.programme] == ["Velkomst", "Nye krav"]
    assert event.audience == ""
    assert {finding.data["line"] for finding in findings} == {5}


def test_a_day_in_brackets_is_that_of_its_number() -> None:
    event, _ = imported(
        "Studietur\n\nDag 1 (søndag 15. oktober 2023)\n10.05 Afgang\nDag 2\n9.00-12.00 Besøg\n"
    )
    assert [item.starts.day for item in event.programme] == [15, 16]
    assert event.summary == ""


def test_hours_in_two_parts_are_no_teaser() -> None:
    event, findings = imported("Kursus\n\n2023-06-05, 09:00-12:00 & 13:00-15:30\nSted: Salen\n")
    assert event.summary == ""
    assert "09:00-12:00 & 13:00-15:30" in event.description
    assert "partly" in about(findings)


@pytest.mark.parametrize("label", ["Framelding", "Afmelding", "Afbud"])
def test_the_last_day_to_cancel(label: str) -> None:
    event, findings = imported(f"{HEAD}{label}: Senest 7. juni 2024\n")
    assert event.cancel_deadline == date(2024, 6, 7)
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


def test_doors_may_open_before_the_hours_of_the_event() -> None:
    event, findings = imported(
        "Temadag\n\nLørdag den 5. oktober 2024\nKl. 10.00-15.00\n\nKl. 9.30: Dørene åbner\n"
        "Kl. 10.00: Velkomst\nKl. 15.00: Farvel\n"
    )
    assert f"{event.starts:%H:%M}" == "10:00"
    assert [item.title for item in event.programme] == ["Dørene åbner", "Velkomst", "Farvel"]
    assert findings == ()


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
    assert event.ends.hour == 15  # its hours are other than the first day's
    assert about(findings) == ["partly", "partly"]


DAYS = ("Dag 1: 9. maj 2023 kl. 10-16", "Dag 2: 10. maj 2023 kl. 9-14")
PROGRAMME = "\nProgram\n\n{}\n10.00 Velkomst\n16.00 Slut\n\n{}\n9.00 Opsamling\n14.00 Slut\n"


@pytest.mark.parametrize(
    "text",
    [
        "{}\n{}\n",
        "{} / {}\n",
        "Dato: 9.-10. maj 2023\n{}\n{}\n",
        "Dato: 9.-10. maj 2023\nTid: 10-16\n{}\n{}\n",
        "Dato: 9.-10. maj 2023\nDag 1: kl. 10-16\nDag 2: kl. 9-14\n",
        "9.-10. maj 2023\n\nDag 1 kl. 10.00-16.00\nDag 2 kl. 9.00-14.00\n",
        "Dato: 9.-10. maj 2023\n\nDag 1: kl. 10-16\n10.00 Velkomst\nDag 2: kl. 9-14\n9.00 Kaffe\n",
        PROGRAMME,
        f"Dato: 9.-10. maj 2023\nTid: 10-16\n{PROGRAMME}",
    ],
)
def test_the_event_ends_when_its_last_day_does(text: str) -> None:
    """Each day has hours of its own, and their lines stay."""
    event, findings = imported("Kursus i haver\n" + text.format(*DAYS))
    assert event.starts.isoformat() == "2023-05-09T10:00:00+02:00"
    assert event.ends is not None
    assert event.ends.isoformat() == "2023-05-10T14:00:00+02:00"
    assert not {"contradicts", "unread", "hours"} & set(about(findings))


def test_hours_of_a_day_that_there_is_not_are_named() -> None:
    event, findings = imported("Kursus\nDato: 9. maj 2023\nTid: 10-16\nDag 2: kl. 9-14\n")
    assert event.ends is not None
    assert (event.ends.day, event.ends.hour) == (9, 16)
    assert "Dag 2: kl. 9-14" in event.description
    assert about(findings) == ["contradicts"]


def test_hours_of_the_last_day_alone_are_not_those_of_the_first() -> None:
    event, findings = imported(
        "Kursus\nDato: 9.-10. maj 2023\nDag 1: 9. maj 2023\nDag 2: 10. maj 2023 kl. 9-14\n"
    )
    assert event.starts.isoformat() == "2023-05-09T00:00:00+02:00"
    assert "Dag 2: 10. maj 2023 kl. 9-14" in event.description
    assert {"no_hours", "partly"} <= set(about(findings))


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
        ("Pris: 1.250 kr. inkl. moms", 1250),
        ("kr. 950,- ekskl. moms", 950),
        ("495 kr. pr. person inkl. frokost", 495),
        ("Deltagerpris: 7.900 kr. + moms (inkl. forplejning)", 7900),
    ],
)
def test_what_a_price_covers_is_no_doubt_about_it(line: str, amount: int) -> None:
    """The line is told whole in the description, so there is nothing to say about it."""
    event, findings = imported(HEAD + line)
    assert event.price == Money(amount)
    assert event.description == line
    assert findings == ()


def test_none_is_a_price_only_after_its_label() -> None:
    assert imported(f"{HEAD}Pris: Ingen\n")[0].price == Money(0)
    event, _ = imported(f"{HEAD}\nOm mødet\nVi taler om haver hele dagen.\n\nIngen\n")
    assert event.price is None
    assert "Ingen" in event.description


def test_a_sentence_after_a_price_is_named() -> None:
    line = "Pris: kr. 300,- pr. deltager. Betaling senest 1. juni."
    event, findings = imported(HEAD + line)
    assert event.price == Money(300)
    assert line in event.description
    assert about(findings) == ["partly"]


@pytest.mark.parametrize(
    "line",
    [
        "Pris: 500 kr. inkl. moms. Gratis for beboere.",
        "Pris: 500 kr. inkl. moms. Tillæg for værelse 200 kr.",
        "Pris: 500 kr. (gratis for frivillige)",
        "Pris: fra 500 kr.",
        "Pris: 500 kr. inkl. moms, 300 kr. for studerende",
        "Pris: 500 kr. i delt værelse",
        "Pris: 500 kr. inkl. moms og gratis for medlemmer",
        "Pris: 500 kr. pr. person for ikke-medlemmer",
        "Pris: 500 kr. for medlemmer",
    ],
)
def test_a_price_that_is_not_that_of_all_is_none(line: str) -> None:
    event, findings = imported(HEAD + line)
    assert event.price is None
    assert line in event.description
    assert about(findings)


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


def test_two_numbers_are_not_one_name() -> None:
    line = "Kontakt: Hans Hansen eller Jette Jensen på 00000001 / 00000002"
    event, findings = imported(HEAD + line)
    assert event.contact is not None
    assert (event.contact.name, event.contact.phone) == ("", "00000001")
    assert line in event.description
    assert about(findings) == ["unplaced"]


def test_a_contact_is_not_called_contact() -> None:
    event, findings = imported(f"{HEAD}Spørgsmål\nKontakt konsulent Anne Juul, tlf. 00 00 00 01\n")
    assert event.contact is not None
    assert event.contact.name == "konsulent Anne Juul"
    assert findings == ()


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
