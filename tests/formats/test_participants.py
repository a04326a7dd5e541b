"""The list of participants: what stands in it, what is never computed, and reading it back."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from attrs import asdict, evolve
from hypothesis import example, given
from hypothesis import strategies as st

from eventkit import testing
from eventkit.formats import participants, table
from eventkit.formats.participants import inert, listed, plain
from eventkit.formats.wording import wording
from eventkit.model.errors import DocumentError
from eventkit.model.event import Event, Revision
from eventkit.model.registration import Registration, Standing
from eventkit.model.values import (
    CONSENT,
    SYSTEM,
    Answer,
    Fee,
    Invoice,
    Mode,
    Money,
    OnlineAccess,
    Person,
    Question,
    Role,
    Venue,
    zone,
)
from eventkit.plugins import builtin
from eventkit.plugins.hooks import Exporter, ExportRequest, Scope

COPENHAGEN = zone("Europe/Copenhagen")
FOOD = Question(key="mad", text="Hvad spiser du ikke?", sensitive=True)
DAYS = Question(key="dage", text="Hvilke dage?", answer="several", options=["Man", "Tirs", "a, b"])
BUS = Question(key="bus", text="Kører du med bussen?", answer="yes_no")
WHEN = Question(key="tid", text="Hvornår?", answer="choice", options=["Formiddag", "Aften"])
EVENT = Event(
    id="98-1",
    title="Kursus",
    starts=datetime(2198, 4, 21, 9, 30, tzinfo=COPENHAGEN),
    venue=Venue(name="Fælleshuset"),
    online=OnlineAccess(provider="Teams"),
    questions=[FOOD, DAYS, BUS, WHEN],
)
PHONE = "+45 33 76 20 00"
ANNE = Registration(
    event="98-1",
    number=1,
    person=Person(name="Anne Ø. Æble", email="anne@example.dk", phone=PHONE, organisation="Hus"),
    status="confirmed",
    at=datetime(2198, 3, 31, 22, 30, tzinfo=UTC),  # the day after in Copenhagen
    answers={"mad": "Nødder", "mad.consent": True, "dage": ["Man", "Tirs"], "bus": False},
)


def person(name: str = "Bo", **more: Any) -> Registration:
    return evolve(ANNE, person=Person(name=name), answers={}, **more)


def said(
    *people: Registration, events: Sequence[Event] = (EVENT,), language: str = "da"
) -> list[dict[str, Any]]:
    """Each row by its headings."""
    found = listed(events, people, language)
    assert len(set(found.headings)) == len(found.headings)
    return [dict(zip(found.headings, row, strict=True)) for row in found.rows]


# --- what stands in it -----------------------------------------------------------------------


def test_a_row_is_a_person() -> None:
    """Everything staff ask for, in words; the day is that of the event's own clocks."""
    [row] = said(ANNE)
    assert row == {
        "Nr.": 1,
        "Navn": "Anne Ø. Æble",
        "E-mail": "anne@example.dk",
        "Telefon": PHONE,
        "Organisation": "Hus",
        "Status": "har en plads",
        "Online": "nej",
        "Rolle": "deltager",
        "Tilmeldt af": "",
        "Tilmeldt den": date(2198, 4, 1),
        "Hvad spiser du ikke? (følsomt, med samtykke)": "Nødder",
        "Hvilke dage?": "Man, Tirs",
        "Kører du med bussen?": "nej",
        "Hvornår?": "",
    }


def test_it_speaks_english_too() -> None:
    """Headings and words; what the organiser asked stays as it was asked."""
    colleague = evolve(ANNE, booker=Person(name="Bo", email="bo@example.dk"), role="speaker")
    [row] = said(evolve(colleague, mode=Mode.ONLINE, status="waiting"), language="en")
    assert list(row)[:5] == ["No.", "Name", "E-mail", "Phone", "Organisation"]
    assert (row["Status"], row["Online"], row["Role"]) == (
        "is on the waiting list",
        "yes",
        "speaker",
    )
    assert row["Registered by"] == "Bo, bo@example.dk"
    assert row["Hvad spiser du ikke? (sensitive, with consent)"] == "Nødder"


@pytest.mark.parametrize("standing", Standing)
@pytest.mark.parametrize("language", ["da", "en"])
def test_every_standing_and_role_has_words(standing: Standing, language: str) -> None:
    """None is told by its code."""
    for role in Role:
        row = list(said(person(status=standing, role=role), language=language)[0].values())
        assert wording(language)(f"standing.{standing}") in row
        assert wording(language)(f"role.{role}") in row


def test_money_has_columns_where_money_is_asked_for() -> None:
    """What is owed now, and in which currency; a free event has neither column."""
    assert "Skal betale" not in said(ANNE)[0]
    free = evolve(EVENT, price=Money(0))
    assert "Skal betale" not in said(ANNE, events=[free])[0]
    dear = evolve(EVENT, price=Money("1250.50"), fees=[Fee(since=date(2000, 1, 1), money=Money(9))])
    gone = person(status="cancelled", fee=Money(200, "EUR"))
    waits = person(status="waiting")
    rows = said(ANNE, gone, waits, events=[dear])
    assert [row["Skal betale"] for row in rows] == [Decimal("1250.50"), Decimal(200), None]
    assert [row["Valuta"] for row in rows] == ["DKK", "EUR", ""]
    assert "Skal betale" in said(gone)[0]


def test_invoices_have_columns_where_somebody_has_one() -> None:
    """With whom, reference and numbers."""
    assert "EAN-nummer" not in said(ANNE)[0]
    billed = person(invoice=Invoice(name="Hus A/S", cvr="1", ean="5798000416291", reference="=R"))
    anne, other = said(ANNE, billed)
    assert (anne["Navn på fakturaen"], anne["EAN-nummer"]) == ("", "")
    assert (other["Navn på fakturaen"], other["EAN-nummer"]) == ("Hus A/S", "5798000416291")
    assert (other["CVR-nummer"], other["Reference"]) == ("1", "=R")


def test_several_events_are_told_apart() -> None:
    """By id and title; a question they share has one column, and one of another is left empty."""
    other = evolve(EVENT, id="98-2", title="Møde", questions=[BUS, evolve(FOOD, text="Andet?")])
    there = evolve(ANNE, event="98-2", answers={"mad": "Fisk", "bus": True})
    anne, bo = said(ANNE, there, events=[EVENT, other])
    assert (anne["Arrangement"], anne["Titel"]) == ("98-1", "Kursus")
    assert (bo["Arrangement"], bo["Titel"], bo["Kører du med bussen?"]) == ("98-2", "Møde", "ja")
    assert anne["Andet? (følsomt, med samtykke)"] == ""
    assert bo["Hvad spiser du ikke? (følsomt, med samtykke)"] == ""
    assert bo["Andet? (følsomt, med samtykke)"] == "Fisk"


def test_nobody_is_headings_alone() -> None:
    """An event that nobody has joined."""
    assert listed([EVENT], (), "da").rows == ()


@given(st.lists(testing.registrations(), max_size=3), testing.events())
def test_anybody_at_any_event_has_a_row(people: list[Registration], event: Event) -> None:
    """As many cells as headings, whoever it is."""
    event = evolve(event, id="e", uid=event.uid or "u")
    found = listed([event], [evolve(one, event="e") for one in people], "da")
    assert len(found.rows) == len(people)
    assert {len(row) for row in found.rows} <= {len(found.headings)}


# --- what no spreadsheet computes ------------------------------------------------------------


INVISIBLE = {
    chr(n)
    for first, last in ((0xAD, 0xAD), (0x61C, 0x61C), (0x180E, 0x180E), (0x200B, 0x206F))
    for n in range(first, last + 1)
    if unicodedata.category(chr(n)) == "Cf"
} | {"\ufeff"}


def computes(cell: str) -> bool:
    """Whether a spreadsheet would take this cell of a text file for more than text.

    A careful one: it forgives whatever stands before the sign, and knows full-width signs. Only
    where groups of digits follow the plus is there no formula, and no number either.
    """
    if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\0"):
        return not is_telephone(cell)
    if cell.startswith("\n"):
        return False
    first = next((c for c in cell if not (is_blank(c) or c in INVISIBLE)), "")
    return unicodedata.normalize("NFKC", first)[:1] in tuple("=+-@")


def is_blank(c: str) -> bool:
    return c.isspace() or unicodedata.category(c) == "Cc"


def is_telephone(cell: str) -> bool:
    groups = cell[1:].split(" ")
    return cell[0] == "+" and len(groups) > 1 and all(g.isascii() and g.isdigit() for g in groups)


NAUGHTY = [
    "=1+1",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\0=1",
    "\0",
    " =1",
    "\N{NO-BREAK SPACE}=1",
    "\N{IDEOGRAPHIC SPACE}＝1",
    "＋1",
    "－1",
    "＠x",
    "\N{ZERO WIDTH NO-BREAK SPACE}=1",
    '=HYPERLINK("http://x";"y")',
    "+4533762000",
    "+45-33",
    "+45 33+1",
    "+45 33 76 20 00=1",
    "+45 ",
    "-",
]


@pytest.mark.parametrize("text", NAUGHTY)
def test_a_dangerous_beginning_is_made_inert(text: str) -> None:
    """The negative control first: left alone, it would be computed."""
    assert computes(text)
    assert not computes(inert(text))
    assert inert(text).startswith("'")


@pytest.mark.parametrize(
    "text",
    ["", "Anne", PHONE, "+1 555 0100", "33 76 20 00", "0,-", "Ja, -x", "'", "O'Neill", "a=b"],
)
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    """A telephone number in groups keeps its plus, for whatever reads it."""
    assert inert(text) == plain(text) == text


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_spreadsheet_of_another_country_finds_no_formula_either(delimiter: str) -> None:
    """Where it ends cells at other signs, what begins there is inert too."""
    for text in ("Bo;=1+1;x", "Bo,=1+1,x", "Bo\t=1\tx", "Bo\n=1+1\nx", "Bo,-1", "Bo;＝1"):
        assert any(
            computes(part) for line in text.split("\n") for part in line.split(delimiter)
        ) or (delimiter not in text and "\n" not in text)
        parts = [part for line in inert(text).split("\n") for part in line.split(delimiter)]
        assert not any(map(computes, parts))
        assert plain(inert(text)) == text


TEXTS = st.text(
    st.one_of(
        st.sampled_from("'=+-@＝＋\t\r\n\0;,\" \u3000\u200b0123æøå"),
        st.characters(exclude_categories=("Cs",)),
    ),
    max_size=20,
)


@given(TEXTS)
@example("'=1")
@example("''=1")
@example(" \n=1")
@example("\t'=1")
def test_an_inert_text_is_itself_again(text: str) -> None:
    """Whatever it is, also where it has apostrophes of its own."""
    assert plain(inert(text)) == text
    assert not computes(inert(text))


# --- as files --------------------------------------------------------------------------------

FORMATS = {one.name: one for one in builtin.eventkit_exporters()}


def written(name: str, *people: Registration, event: Event = EVENT) -> bytes:
    revision = Revision(event=event, number=1, sequence=0, at=ANNE.at, actor=SYSTEM)
    request = ExportRequest(revisions=(revision,), registrations=people)
    return FORMATS[name].write(request)


def rows(name: str, data: bytes) -> list[list[str]]:
    """The file by a second reader."""
    text = data.decode("utf-8-sig" if name == "csv" else "utf-8")
    source = io.StringIO(text, newline="")
    return list(csv.reader(source, delimiter=";" if name == "csv" else ",", strict=True))


def column(name: str, heading: str, *people: Registration, event: Event = EVENT) -> list[str]:
    head, *lines = rows(name, written(name, *people, event=event))
    return [line[head.index(heading)] for line in lines]


def test_csv_opens_by_double_click_in_danish_excel() -> None:
    """UTF-8 with BOM, semicolons, CRLF, days and amounts as Danes write them."""
    event = evolve(EVENT, questions=(), price=Money("1250.50"))
    assert written("csv", ANNE, event=event) == (
        b"\xef\xbb\xbf"
        + (
            "Nr.;Navn;E-mail;Telefon;Organisation;Status;Online;Rolle;Tilmeldt af;Tilmeldt den;"
            "Skal betale;Valuta\r\n"
            "1;Anne Ø. Æble;anne@example.dk;+45 33 76 20 00;Hus;har en plads;nej;deltager;;"
            "01.04.2198;1250,50;DKK\r\n"
        ).encode()
    )


def test_csv_plain_is_what_programs_expect() -> None:
    """RFC 4180: commas and CRLF; UTF-8 without BOM, ISO dates, a decimal point."""
    event = evolve(EVENT, questions=(), price=Money("1250.50"))
    quoted = evolve(ANNE, person=Person(name='Bo "B", x'))
    assert written("csv-plain", quoted, event=event) == (
        b"Nr.,Navn,E-mail,Telefon,Organisation,Status,Online,Rolle,Tilmeldt af,Tilmeldt den,"
        b"Skal betale,Valuta\r\n"
        b'1,"Bo ""B"", x",,,,har en plads,nej,deltager,,2198-04-01,1250.50,DKK\r\n'
    )


@pytest.mark.parametrize("name", ["csv", "csv-plain"])
def test_both_are_for_staff(name: str) -> None:
    """And titled in both languages."""
    one: Exporter = FORMATS[name]
    assert (one.scope, one.suffix) == (Scope.PARTICIPANTS, ".csv")
    assert set(one.title) == {"da", "en"}


@pytest.mark.parametrize("name", ["csv", "csv-plain"])
@given(TEXTS.filter(bool))
@example('Æøå; "x",\r\n=1+1\0')
def test_a_cell_comes_back_from_a_second_reader(name: str, text: str) -> None:
    """Letters, quotes, separators, line breaks, NUL: one cell in, the same cell out, inert."""
    [cell] = column(name, "Hvad spiser du ikke? (følsomt, med samtykke)", answered(text))
    assert cell == inert(text)
    assert plain(cell) == text
    assert not computes(cell)


def answered(text: str) -> Registration:
    """Somebody with an answer that no form and no database would let through."""
    made = person()
    object.__setattr__(made, "answers", {"mad": text})
    return made


@pytest.mark.parametrize("name", ["csv", "csv-plain", "events-csv"])
def test_headings_and_titles_are_inert_too(name: str) -> None:
    """An organiser may ask "=1+1", or call a meeting so."""
    event = evolve(EVENT, title="=1+1", questions=[evolve(BUS, text="=1+1")])
    cells = [
        cell
        for row in rows(name, written(name, ANNE, event=event)[3 * (name != "csv-plain") :])
        for cell in row
    ]
    found = [part for cell in cells for part in cell.split(";")]
    assert "'=1+1" in found
    assert not any(map(computes, found))


@pytest.mark.parametrize("name", ["csv", "csv-plain"])
def test_a_telephone_number_is_the_same_for_every_reader(name: str) -> None:
    """With its plus and spaces, and no sign more."""
    assert column(name, "Telefon", ANNE) == [PHONE]


# --- read back -------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("name", ["csv", "csv-plain"])
def test_the_list_is_read_again_as_sign_ups(name: str, language: str) -> None:
    """The same people, with answers, consent, mode and role; notes are passed over."""
    event = evolve(EVENT, price=Money(500))
    people = [
        evolve(ANNE, invoice=Invoice(name="Hus", ean="1")),
        evolve(ANNE, number=2, person=Person(name="=1+1", phone="+4533762000"), mode="online",
               answers={"dage": ["Man", "a, b"], "tid": "Aften", "bus": True}, role="speaker",
               booker=ANNE.person, status="waiting"),
    ]  # fmt: skip
    revision = Revision(event=event, number=1, sequence=0, at=ANNE.at, actor=SYSTEM)
    request = ExportRequest(revisions=(revision,), registrations=people, language=language)
    lines = table.read(FORMATS[name].write(request), event)
    for one, line in zip(people, lines, strict=True):
        assert line.signup is not None, line.faults
        assert (line.reasons, line.role, line.signup.mode) == ((), one.role, one.mode)
        assert line.signup.people == (one.person,)
        assert line.signup.answers[0] == one.answers


def read_back(
    name: str, people: Sequence[Registration], event: Event, language: str = "da"
) -> tuple[table.Line, ...]:
    """The list of `people` as sign-ups."""
    revision = Revision(event=event, number=1, sequence=0, at=ANNE.at, actor=SYSTEM)
    request = ExportRequest(revisions=(revision,), registrations=people, language=language)
    return table.read(FORMATS[name].write(request), event, language=language)


def answers_again(event: Event, answers: dict[str, Any]) -> dict[str, Any]:
    [line] = read_back("csv", [evolve(ANNE, answers=answers)], event)
    assert line.signup is not None, line.faults
    assert line.signup.people == (ANNE.person,)
    return dict(line.signup.answers[0])


@pytest.mark.parametrize("text", ["Telefon", "Navn", "e-mail:", "Mobil", "Name", "Status", "Nr.",
                                  "Reference", "Owes", "Hvilke dage?", "dage", "=1+1"])  # fmt: skip
@pytest.mark.parametrize("language", ["da", "en"])
def test_a_question_that_is_called_as_another_column_is_read_again(
    text: str, language: str
) -> None:
    """A known heading, a note or another question: it has its key beside it."""
    one = Question(key="spm", text=text)
    event = evolve(EVENT, questions=[DAYS, one, evolve(one, key="spm2")], price=Money(500))
    answers = {"dage": ("Man",), "spm": "et", "spm2": "to"}
    billed = evolve(ANNE, answers=answers, invoice=Invoice(name="Hus", reference="R"))
    [line] = read_back("csv", [billed], event, language)
    assert line.signup is not None
    assert line.signup.people == (ANNE.person,)
    assert line.signup.answers == (answers,)


def test_a_question_keeps_its_text_alone_where_it_can() -> None:
    """Its key is for staff to see only where two columns would be called the same."""
    asked = [evolve(BUS, text="Telefon"), evolve(FOOD, text="Navn"), WHEN, evolve(BUS, key="b")]
    headings = listed([evolve(EVENT, questions=asked)], (), "da").headings
    assert headings[-4:] == (
        "Telefon (bus)",
        "Navn (følsomt, med samtykke)",
        "Hvornår?",
        "Kører du med bussen?",
    )
    same = [FOOD, evolve(FOOD, key="m")]
    assert listed([evolve(EVENT, questions=same)], (), "da").headings[-2:] == (
        "Hvad spiser du ikke? (mad) (følsomt, med samtykke)",
        "Hvad spiser du ikke? (m) (følsomt, med samtykke)",
    )


def test_several_events_have_one_column_for_a_question_they_share() -> None:
    """With its key, if one of them asks something else in the same words."""
    other = evolve(EVENT, id="98-2", questions=[BUS, evolve(BUS, key="b")])
    headings = listed([EVENT, other], (), "da").headings
    assert [one for one in headings if "bus" in one] == [
        "Kører du med bussen? (bus)",
        "Kører du med bussen? (b)",
    ]


@pytest.mark.parametrize(
    ("chosen", "cell"),
    [
        (("Man", "Tirs"), "Man, Tirs"),
        (("a, b",), "a, b"),
        (("Man", "a, b"), "Man | a, b"),
        (("a", "b"), "a | b"),
        (("a|b",), "a|b"),
        (("Man", "a|b"), '"Man" | "a|b"'),
        (("a|b", "a, b"), '"a|b" | "a, b"'),
        (('"Man"',), '"""Man"""'),
        (("'x",), "'x"),
        ((" it",), " it"),
        (("IT", "it"), "IT, it"),
        (("IT", " it"), '"IT" | " it"'),
        (("Ons",), "Ons"),
    ],
)
def test_several_options_are_written_as_they_are_found_again(
    chosen: tuple[str, ...], cell: str
) -> None:
    """As plainly as will do; in quotes where an option holds what stands between options."""
    options = ("Man", "Tirs", "a", "b", "a, b", "a|b", '"Man"', "'x", "it", "IT", " it")
    assert participants.joined(chosen, options) == cell
    assert participants.parted(cell, options) == chosen
    if chosen[0] in options:
        event = evolve(EVENT, questions=[evolve(DAYS, options=options)])
        assert answers_again(event, {"dage": chosen}) == {"dage": chosen}


def test_quotes_that_are_part_of_an_option_stay() -> None:
    """Where what stands in them is no option."""
    assert participants.parted('"Ja"', ('"Ja"', "Nej")) == ('"Ja"',)
    assert participants.parted('"Ja"', ('"Ja"', "Ja")) == ("Ja",)


OPTIONS = st.lists(
    st.one_of(
        st.text(st.sampled_from("|,\"'\\ aAb=;"), min_size=1, max_size=6), testing.lines()
    ).filter(str.strip),
    min_size=1,
    max_size=5,
    unique=True,
)


@given(OPTIONS, st.data())
def test_any_options_are_read_again(options: list[str], data: st.DataObject) -> None:
    """One of them, or several in any order."""
    chosen = data.draw(st.lists(st.sampled_from(options), min_size=1, unique=True))
    event = evolve(EVENT, questions=[evolve(DAYS, options=options), evolve(WHEN, options=options)])
    answers = {"dage": tuple(chosen), "tid": chosen[0]}
    assert answers_again(event, answers) == answers


NAMES = [
    *("Telefon", "TELEFON:", "Navn", "Fornavn", "Mobil", "Online", "Status", "Nr.", "Titel"),
    *("Reference", "Currency", "A", "a", "ord", "A (a)", "a (A)", "Telefon (a)", "..."),
    *("A samtykke", "a (ord) consent", "A (følsomt, med samtykke)", "Ａ", "=1+1", " a  b", "a b"),
]


@st.composite
def asked(draw: st.DrawFn) -> Question:
    """A question that may be called as anything else."""
    one = draw(testing.questions())
    text = draw(st.one_of(st.sampled_from(NAMES), testing.lines(required=True)))
    options = draw(OPTIONS) if one.options else ()
    return evolve(one, text=text, options=options)


KEYS = st.lists(
    st.one_of(
        st.sampled_from(["a", "A", "ord", "navn", "Telefon", "a."]), testing.strategies.keys()
    ),
    min_size=5,
    max_size=5,
    unique=True,
).filter(lambda keys: not any(key.endswith(CONSENT) for key in keys))


def answer_to(draw: st.DrawFn, question: Question) -> Any:
    match question.answer:
        case Answer.TEXT:
            return " ".join(draw(testing.lines(required=True)).split())
        case Answer.CHOICE:
            return draw(st.sampled_from(question.options))
        case Answer.SEVERAL:
            some = st.lists(st.sampled_from(question.options), min_size=1, unique=True)
            return tuple(draw(some))
        case Answer.YES_NO:
            return draw(st.booleans())


@st.composite
def lists(draw: st.DrawFn) -> tuple[Event, list[Registration]]:
    """An event, and those who come to it with their answers, spaced as tables are read."""
    questions = [
        evolve(one, key=key)
        for one, key in zip(draw(st.lists(asked(), max_size=5)), draw(KEYS), strict=False)
    ]
    event = evolve(EVENT, questions=questions, price=draw(st.sampled_from([None, Money(500)])))
    people = []
    for one in draw(st.lists(testing.registrations(), min_size=1, max_size=3)):
        answers = {}
        for question in questions:
            if draw(st.booleans()):
                answers[question.key] = answer_to(draw, question)
                if question.sensitive:
                    answers[question.key + CONSENT] = True
        who = {name: " ".join(said.split()) for name, said in asdict(one.person).items()}
        status = one.status if one.status.is_active else Standing.CONFIRMED
        people.append(
            evolve(one, event=event.id, person=Person(**who), answers=answers, status=status)
        )
    return event, people


@pytest.mark.parametrize("name", ["csv", "csv-plain"])
@given(lists(), st.sampled_from(["da", "en"]))
def test_any_list_is_read_again_as_the_same_sign_ups(
    name: str, event_and_people: tuple[Event, list[Registration]], language: str
) -> None:
    """Whatever is asked in whatever words: people, mode, role, answers and consent."""
    event, people = event_and_people
    lines = read_back(name, people, event, language)
    for one, line in zip(people, lines, strict=True):
        assert line.signup is not None, line.faults
        assert line.signup.people == (one.person,)
        assert (line.signup.mode, line.role) == (one.mode, one.role)
        assert line.signup.answers == ((dict(one.answers),) if one.answers else ())


@pytest.mark.parametrize("standing", Standing)
@pytest.mark.parametrize("language", ["da", "en"])
def test_who_no_longer_comes_is_not_signed_up_by_the_list(
    standing: Standing, language: str
) -> None:
    """It is a fault, said in words; nobody who cancelled comes back unseen."""
    revision = Revision(event=EVENT, number=1, sequence=0, at=ANNE.at, actor=SYSTEM)
    request = ExportRequest(
        revisions=(revision,), registrations=(person(status=standing),), language=language
    )
    [line] = table.read(FORMATS["csv"].write(request), EVENT)
    assert (line.signup is not None) == standing.is_active
    if not standing.is_active:
        [fault] = line.faults
        [told] = wording(language).error(DocumentError([fault], code="bad_table"))
        assert wording(language)(f"standing.{standing}") in told


def test_a_heading_of_another_list_is_still_a_fault() -> None:
    """Only the columns of our own list are passed over."""
    with pytest.raises(DocumentError):
        table.read("Navn;Nr.;Skostørrelse\nAnne;1;42\n".encode(), EVENT)
    assert participants.NOTES


SAYABLE: Callable[[], st.SearchStrategy[str]] = testing.lines


@given(st.one_of(SAYABLE(), st.sampled_from([*NAUGHTY[8:], PHONE, "'=1", "a;=b"])))
def test_a_name_as_it_was_typed_is_read_again(name: str) -> None:
    """With each run of spaces as one, as tables are read."""
    if "\0" in name or not name.strip():
        return
    [line] = table.read(written("csv", evolve(ANNE, person=Person(name=name))), EVENT)
    assert line.signup is not None, line.faults
    assert line.signup.people[0].name == " ".join(name.split())


@pytest.mark.parametrize("said", ["Afmeldt", "afbud", "cancelled", "Meldt fra"])
def test_whoever_has_left_in_another_system_is_not_signed_up(said: str) -> None:
    """In a word of theirs; a seat in theirs is one that is asked for here."""
    for status, takes in ((said, False), ("Bekræftet", True), ("", True)):
        data = f"Navn;E-mail;Status\nIda;i@x.dk;{status}\n".encode()
        [line] = table.read(data, EVENT)
        assert (line.signup is not None) is takes
