"""Tables of people: how they are written, what their headings mean, and what is none."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve

from eventkit.formats import table
from eventkit.formats.participants import meant
from eventkit.formats.wording import wording
from eventkit.model.decision import Allowed, Refused
from eventkit.model.errors import DocumentError, FormatError
from eventkit.model.event import Event, Revision
from eventkit.model.registration import Seats
from eventkit.model.values import (
    SYSTEM,
    Mode,
    OnlineAccess,
    Person,
    Question,
    Role,
    Venue,
)
from eventkit.rules import desk
from eventkit.rules.seating import Book

EVENT = Event(
    id="98-1",
    title="Kursus",
    starts=datetime(2198, 4, 21, 9, 30, tzinfo=UTC),
    venue=Venue(name="Fælleshuset"),
    online=OnlineAccess(provider="Teams"),
    questions=[
        Question(
            key="mad",
            text="Hvad spiser du?",
            answer="choice",
            options=["Kød", "Fisk, ikke skaldyr"],
            sensitive=True,
        ),
        Question(
            key="dage",
            text="Hvilke dage?",
            answer="several",
            options=["Man", "Tirs", "Ons, kun fm"],
        ),
        Question(key="bus", text="Kører du med bussen", answer="yes_no"),
        Question(key="ord", text="Bemærkning"),
    ],
)


def read(text: str | bytes, event: Event = EVENT) -> tuple[table.Line, ...]:
    return table.read(text.encode() if isinstance(text, str) else text, event)


def people(text: str | bytes) -> list[Person]:
    found = []
    for line in read(text):
        assert line.signup is not None, line
        found += line.signup.people
    return found


def answers(text: str) -> dict[str, Any]:
    [line] = read(text)
    assert line.signup is not None, line
    return dict(line.signup.answers[0]) if line.signup.answers else {}


def faults(text: str) -> list[str]:
    [line] = read(text)
    assert line.signup is None
    return [fault.code for fault in line.faults]


ANNE = Person(name="Anne Ø. Æble", email="anne@example.dk", phone="+45 12 34 56 78")
BO = Person(name="Bo", email="bo@example.dk")
TABLE = (
    "Navn;E-mail;Telefon\r\nAnne Ø. Æble;anne@example.dk;+45 12 34 56 78\r\nBo;bo@example.dk;\r\n"
)

# --- how it is written -----------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_it_is_read_however_a_spreadsheet_saves_it(encoding: str, delimiter: str, end: str) -> None:
    """Delimiter, encoding and line ends are found out."""
    text = TABLE.replace(";", delimiter).replace("\r\n", end)
    assert people(text.encode(encoding)) == [ANNE, BO]


def test_the_delimiter_is_what_makes_headings() -> None:
    """Not what happens to stand oftenest in the cells."""
    assert people('Navn;Organisation\nAnne;"a,b,c,d"\n')[0].organisation == "a,b,c,d"
    assert people("Name,Phone\nAnne;Bo,1\n")[0].name == "Anne;Bo"
    assert people("Navn\nAnne, Bo og Carl\n")[0].name == "Anne, Bo og Carl"
    long = evolve(EVENT, questions=[Question(key="a", text="Kost, logi, transport og andet")])
    [line] = read("Navn;Kost, logi, transport og andet\nAnne;nej, tak\n", long)
    assert line.signup is not None
    assert line.signup.answers == ({"a": "nej, tak"},)


def test_excel_may_say_the_delimiter() -> None:
    """On a line of its own, which counts as a line."""
    [line] = read("sep=,\nNavn,Mail\nAnne,anne@example.dk\n")
    assert (line.number, line.name) == (3, "Anne")


def test_quotes_may_hold_anything() -> None:
    """Line breaks, delimiters and quotes; lines are counted as an editor counts them."""
    lines = read('Navn;Organisation\n"Anne\nHolm";"Hus; ""Æ"""\n\n;;\nBo;x\n')
    assert [line.number for line in lines] == [2, 6]
    assert lines[0].signup is not None
    [anne] = lines[0].signup.people
    assert (anne.name, anne.organisation) == ("Anne Holm", 'Hus; "Æ"')


def test_a_formula_is_text() -> None:
    """Nothing is computed, and nothing is taken off."""
    assert people('Navn;Organisation\n"=1+1";+45\n') == [Person(name="=1+1", organisation="+45")]


def test_the_last_line_needs_no_end_and_blank_columns_are_none() -> None:
    """A spreadsheet saves as many columns as it ever had."""
    assert people("Navn;Mail;;;\nAnne;;;;\nBo;;") == [Person(name="Anne"), Person(name="Bo")]


# --- headings --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headings",
    [
        "NAVN;E-Mail;Tlf.;Boligorganisation",
        "name;email;phone;company",
        " Fulde  navn : ;mail;Mobil;Arbejdsplads",
        "Full name;E-mail address;Telephone;Organization",
    ],
)
def test_headings_are_danish_or_english(headings: str) -> None:
    """In any case, with any space."""
    [one] = people(f"{headings}\nAnne;anne@example.dk;12345678;Hus\n")
    assert one == Person(name="Anne", email="anne@example.dk", phone="12345678", organisation="Hus")


def test_a_name_may_stand_in_two_columns() -> None:
    """In any order; one of them may be empty."""
    text = "Efternavn;Fornavn\nHolm;Anne\n;Bo\nDam;\n"
    assert [one.name for one in people(text)] == ["Anne Holm", "Bo", "Dam"]


def test_who_attends_how_and_as_what() -> None:
    """Online only who says so; a role by its Danish or English name."""
    text = "Navn;Online;Rolle\nA;ja;\nB;Nej;Oplægsholder\nC;X;HELPER\nD;;vært\nE;no;participant\n"
    told = [(line.signup.mode, line.role) for line in read(text) if line.signup]
    assert told == [
        (Mode.ONLINE, Role.PARTICIPANT),
        (Mode.ROOM, Role.SPEAKER),
        (Mode.ONLINE, Role.HELPER),
        (Mode.ROOM, Role.HOST),
        (Mode.ROOM, Role.PARTICIPANT),
    ]
    [line] = read("Navn\nA\n", evolve(EVENT, venue=None))
    assert line.signup is not None
    assert line.signup.mode is Mode.ONLINE


@pytest.mark.parametrize(
    ("missing", "cell", "mode"), [("venue", "nej", Mode.ROOM), ("online", "ja", Mode.ONLINE)]
)
def test_nobody_attends_in_another_way_than_their_line_says(
    missing: str, cell: str, mode: Mode
) -> None:
    """Where the event cannot be attended so, the line is wrong, and told with all else."""
    event = evolve(EVENT, status="published", uid="98-1@example.dk", **{missing: None})
    [said, silent, more] = read(f"Navn;Online;Rolle\nA;{cell};\nB;;\nC;{cell};konge\n", event)
    assert said.signup is not None
    assert said.signup.mode is mode
    now = datetime(2198, 3, 1, tzinfo=UTC)
    revision = Revision(event=event, number=1, sequence=0, at=now, actor=SYSTEM)
    book = Book(revision=revision, seats=Seats())
    refused = desk.register(said.signup, book, now=now, actor=SYSTEM)
    assert isinstance(refused, Refused)
    told = [wording("da").reason(reason, event) for reason in refused.reasons]
    assert told == [f"Man kan kun deltage {'online' if missing == 'venue' else 'på stedet'}."]
    assert silent.signup is not None
    assert isinstance(desk.register(silent.signup, book, now=now, actor=SYSTEM), Allowed)
    assert [reason.code for reason in more.reasons] == ["mode_not_offered"]


def test_questions_are_columns_by_key_or_text() -> None:
    """With the options as the event has them, and consent beside what is sensitive."""
    told = answers(
        "Navn;Mad;mad samtykke;hvilke dage?;BUS;bemærkning\nA;kød;Ja;man|TIRS;nej;=hej\n"
    )
    assert told == {
        "mad": "Kød",
        "mad.consent": True,
        "dage": ("Man", "Tirs"),
        "bus": False,
        "ord": "=hej",
    }
    assert answers("Navn;Hvad spiser du?;Hvad spiser du? consent\nA;Kød;no\n") == {
        "mad": "Kød",
        "mad.consent": False,
    }


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("Man, tirs", ("Man", "Tirs")),
        ("ons, KUN fm", ("Ons, kun fm",)),
        ("Man|Ons, kun fm", ("Man", "Ons, kun fm")),
        ("Man||", ("Man",)),
        ("Man, fre", ("Man", "fre")),
        ('"""Man"" | ""Ons, kun fm"""', ("Man", "Ons, kun fm")),
        ('"""Man"", ""Tirs"""', ('"Man"', '"Tirs"')),
        ("Man|fre  dag ", ("Man", "fre dag")),
    ],
)
def test_several_stand_between_bars_or_commas(cell: str, found: tuple[str, ...]) -> None:
    """An option may hold a comma; what is none of them is left for the desk to refuse."""
    assert answers(f"Navn;Dage\nA;{cell}\n")["dage"] == found


def test_an_empty_cell_is_no_answer() -> None:
    """Not even the consent to one."""
    assert answers("Navn;Mad;Mad samtykke;Dage;Bus;Ord\nA;;ja;;;\n") == {}


def test_an_option_is_meant_as_it_is_written_before_any_other_way() -> None:
    """Two options may differ in a capital alone."""
    options = ("it", "IT", "Fisk")
    said = [meant(text, options) for text in ("it", "IT", "It", " fisk", "Fugl")]
    assert said == ["it", "IT", "it", "Fisk", "Fugl"]


# --- keys ------------------------------------------------------------------------------------


def keys(text: str) -> list[str]:
    return [line.signup.key for line in read(text) if line.signup is not None]


def test_the_same_table_has_the_same_keys() -> None:
    """Whatever its encoding, its columns' order and the lines around; another line has another."""
    once = keys("Navn;Mail\nAnne;a@example.dk\nBo;b@example.dk\n")
    assert keys("mail,name\nb@example.dk,Bo\na@example.dk,Anne\n") == once[::-1]
    assert len(set(once)) == 2
    assert keys("Navn;Mail;Rolle\nAnne;a@example.dk;vært\n")[0] not in once


def test_two_lines_that_say_the_same_are_two() -> None:
    """Some come as "N.N."."""
    assert len(set(keys("Navn\nN.N.\nN.N.\nN.N.\n"))) == 3


# --- what is wrong with a line ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Navn;Mail;Telefon\nAnne;a@example.dk\n", ["table_ragged"]),
        ("Navn;Mail\nAnne;a@example.dk;12\n", ["table_stray"]),
        ("Navn;;Mail\nAnne;12;a@example.dk\n", ["table_stray"]),
        ("Navn;Mail\n;a@example.dk\n", ["table_nameless"]),
        ("Navn;Online;Rolle\nAnne;måske;konge\n", ["table_yes_no", "table_role"]),
        ("Navn;Bus\nAnne;bus\n", ["table_yes_no"]),
        (f"Navn\n{'x' * 1001}\n", ["too_long"]),
    ],
)
def test_a_line_that_cannot_be_read_says_why(text: str, codes: list[str]) -> None:
    """Everything at once, and under the heading of its cell."""
    assert faults(text) == codes


def test_what_else_is_wrong_with_such_a_line_is_told_too() -> None:
    """So that nobody mends a table twice."""
    [line] = read("Navn;Rolle;Mail\n010190-1234;konge;x\n")
    assert [fault.code for fault in line.faults] == ["table_role"]
    assert [reason.code for reason in line.reasons] == ["email_wrong", "cpr"]


# --- what is no table ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b" \r\n\t\r\n", "empty_file"),
        (b"\xef\xbb\xbf", "empty_file"),
        (b"sep=;\n", "table_no_headings"),
        (b"sep=\r\nNavn\r\nAnne\r\n", "table_no_headings"),
        (b'sep="\nNavn\nAnne\n', "table_no_headings"),
        (os.urandom(5000) + b"\0", "table_not_text"),
        (b"PK\x03\x04" + os.urandom(500), "table_not_text"),
        ("Navn\nAnne\n".encode("utf-16-le"), "table_not_text"),
        ("Navn\nAnne\n".encode("utf-32"), "table_not_text"),
        (b"Navn\n\x81\n", "table_not_text"),
        ("Navn\nÅse\n".encode() + b"\xe6\n", "table_not_text"),
        (b"Navn\n" + b"x" * 5_000_000, "table_cell_long"),
        (b"x" * 5_000_000, "table_cell_long"),
        (b"Navn" + b";" * 5_000_000, "table_no_people"),
        (b"Navn\n" + b"x" * 8_000_000, "file_too_large"),
        (b'Navn\n"Anne\nBo\nCarl\n', "table_quote"),
        (b'Navn\n"Anne"x\n', "table_after_quote"),
        (b"Navn\n" + b"\n" * 20_000 + b"Anne\n", "table_too_long"),
        (b"Anne;anne@example.dk\n", "table_no_headings"),
        (b"Navn;Mail\n", "table_no_people"),
        (b"Navn;Mail\n;;;\n", "table_no_people"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_table_is_one_sentence(data: bytes, code: str) -> None:
    """In both languages, and never a traceback."""
    with pytest.raises(FormatError) as caught:
        read(data)
    assert caught.value.code == code
    for language in ("da", "en"):
        [said] = wording(language).error(caught.value)
        assert len(said) < 200
        assert "\n" not in said


@pytest.mark.parametrize(
    ("row", "danish", "english"),
    [
        (
            'Carl;"x',
            "Linje 4: Et anførselstegn mangler sin afslutning.",
            "Line 4: A quotation mark is never closed.",
        ),
        (
            '"Carl" den store;x',
            "Linje 4: Der står noget efter et anførselstegn, som slutter et felt. "
            "Skriv et anførselstegn i teksten to gange.",
            "Line 4: Something stands after a quotation mark that ends a cell. "
            "Write a quotation mark in the text twice.",
        ),
        (
            f"Carl;{'x' * 131_073}",
            "Linje 4 er ikke en linje i en tabel: Et felt har over 131.072 tegn. "
            "Måske mangler et anførselstegn sin afslutning.",
            "Line 4 is not a line of a table: A cell has more than 131,072 characters. "
            "Perhaps a quotation mark is never closed.",
        ),
    ],
    ids=["open", "after", "long"],
)
def test_a_line_that_is_none_is_told_in_words(row: str, danish: str, english: str) -> None:
    """Never in those of the csv module."""
    with pytest.raises(FormatError) as caught:
        read(f"Navn;Firma\nAnne;\nBo;\n{row}\n")
    assert wording("da").error(caught.value) == [danish]
    assert wording("en").error(caught.value) == [english]


def test_what_csv_may_say_one_day_is_told_in_words_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its own."""

    def reader(*_: Any, **more: Any) -> Iterator[list[str]]:
        if "strict" in more:
            raise csv.Error("line contains NUL")
        yield ["Navn"]

    monkeypatch.setattr(csv, "reader", reader)
    with pytest.raises(FormatError) as caught:
        read("Navn\nAnne\n")
    assert wording("da").error(caught.value) == ["Linje 1 er ikke en linje i en tabel."]
    assert wording("en").error(caught.value) == ["Line 1 is not a line of a table."]


def heading_faults(headings: str, event: Event = EVENT) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        read(f"{headings}\nAnne\n", event)
    return wording("da").error(caught.value)


def test_an_unknown_heading_is_named_with_the_nearest() -> None:
    """All of them at once: a column that is passed over is an answer that is lost."""
    assert heading_faults("Navn;Telefn;Skostørrelse;Hvad spiser") == [
        "Overskriften »Telefn« er ukendt. Mener du »telefon«? Ret den, eller slet kolonnen.",
        "Overskriften »Skostørrelse« er ukendt. Ret den, eller slet kolonnen.",
        "Overskriften »Hvad spiser« er ukendt. Mener du »hvad spiser du?«? "
        "Ret den, eller slet kolonnen.",
    ]


def test_columns_that_say_the_same_are_named() -> None:
    """Nobody guesses which one counts."""
    assert heading_faults("Navn;Telefon;Mobil") == [
        "Disse kolonner rummer det samme: Telefon, Mobil. Behold den ene."
    ]


def test_an_answer_with_and_without_consent_in_its_heading_is_one_answer() -> None:
    """Nobody guesses which one counts."""
    assert heading_faults("Navn;Mad;Mad (følsomt, med samtykke)") == [
        "Disse kolonner rummer det samme: Mad, Mad (følsomt, med samtykke). Behold den ene."
    ]


TWICE = evolve(
    EVENT,
    questions=[
        Question(key="a", text="Telefon"),
        Question(key="b", text="Andet?"),
        Question(key="c", text="andet?"),
        Question(key="d", text="ANDET ?"),
        Question(key="B", text="Nr."),
        Question(key="e", text="Telefon (a)"),
        Question(key="f", text="..."),
    ],
)


def test_a_question_is_named_by_its_text_and_key() -> None:
    """Also where its text alone is something else; a known heading is never a question."""
    [line] = read("Navn;Telefon;Telefon (a);andet? (B);Andet? (c);D\nAnne;1;2;3;4;5\n", TWICE)
    assert line.signup is not None
    assert line.signup.people == (Person(name="Anne", phone="1"),)
    assert line.signup.answers == ({"a": "2", "b": "3", "c": "4", "d": "5"},)


def test_a_heading_as_it_is_written_comes_first() -> None:
    """Two questions may differ in a capital alone."""
    [line] = read("Navn;andet?;Andet?;Nr.\nAnne;1;2;3\n", TWICE)
    assert line.signup is not None
    assert line.signup.answers == ({"b": "2", "c": "1", "B": "3"},)


def test_a_column_without_a_heading_is_no_question() -> None:
    """Not even one that asks with nothing but full stops."""
    [line] = read("Navn;;...\nAnne;;1\n", TWICE)
    assert line.signup is not None
    assert line.signup.answers == ({"f": "1"},)
    [line] = read("Navn; ;Mail\nAnne;1;\n", TWICE)
    assert [fault.code for fault in line.faults] == ["table_stray"]


def test_a_heading_of_several_questions_says_how_each_is_meant() -> None:
    """Nobody guesses whose answer it is; one with a long text goes by its key."""
    assert heading_faults("Navn;ANDET?", TWICE) == [
        "Overskriften »ANDET?« kan betyde flere ting. "
        "Skriv, hvilken du mener: Andet? (b), andet? (c). Ellers slet kolonnen."
    ]
    long = [Question(key=key, text="x" * 90) for key in ("e", "f")]
    [said] = heading_faults(f"Navn;{'x' * 90}", evolve(EVENT, questions=long))
    assert "hvilken du mener: e, f." in said


def test_a_note_of_our_own_list_is_no_answer() -> None:
    """A question of the same name has its key beside it there; else nobody can tell."""
    ours = "Nr.;Navn;Tilmeldt den"
    assert heading_faults(ours, TWICE) == [
        "Overskriften »Nr.« kan betyde flere ting. "
        "Skriv, hvilken du mener: Nr. (B). Ellers slet kolonnen."
    ]
    [line] = read(f"{ours};Nr. (B)\n7;Anne;01.04.2198;fire\n", TWICE)
    assert line.signup is not None
    assert line.signup.answers == ({"B": "fire"},)


def test_a_table_needs_names() -> None:
    """It says how the column may be called."""
    assert heading_faults("Mail;Efternavn") == [
        "Der mangler en kolonne med navne: Navn, eller Fornavn og Efternavn."
    ]


def test_a_consent_is_asked_for_only_where_it_is_needed() -> None:
    """A heading for another one is unknown."""
    assert "er ukendt" in heading_faults("Navn;Bus samtykke")[0]
