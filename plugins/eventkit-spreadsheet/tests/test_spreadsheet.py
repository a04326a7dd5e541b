"""The workbook: text that is text, days that are days, and headings that stay in sight."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import eventkit_spreadsheet as spreadsheet
import openpyxl
import pytest
import xlsxwriter
from attrs import evolve
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from eventkit import Exporter, ExportRequest, testing
from eventkit.formats.participants import Table
from eventkit.model.event import Event, Revision
from eventkit.model.registration import Registration
from eventkit.model.values import SYSTEM, Invoice, Money, Person, Question, zone

PHONE = "+45 33 76 20 00"
EVENT = Event(
    id="98-1",
    title="Kursus",
    starts=datetime(2198, 4, 21, 9, 30, tzinfo=zone("Europe/Copenhagen")),
    price=Money("1250.50"),
    questions=[Question(key="mad", text="Hvad spiser du ikke?", sensitive=True)],
)
ANNE = Registration(
    event="98-1",
    number=1,
    person=Person(name="Anne Ø. Æble", email="anne@example.dk", phone=PHONE),
    status="confirmed",
    at=datetime(2198, 3, 31, 22, 30, tzinfo=UTC),  # the day after in Copenhagen
    invoice=Invoice(ean="5798000416291"),
)


def request(
    *people: Registration, events: Sequence[Event] = (EVENT,), **more: Any
) -> ExportRequest:
    revisions = [
        Revision(event=event, number=1, sequence=0, at=ANNE.at, actor=SYSTEM) for event in events
    ]
    return ExportRequest(revisions=tuple(revisions), registrations=people, **more)


def sheet(data: bytes) -> Any:
    """The sheet by a second reader."""
    return openpyxl.load_workbook(io.BytesIO(data)).active


def cells(data: bytes) -> list[dict[str, Any]]:
    """Each row's cells by their headings."""
    head, *rows = sheet(data).iter_rows()
    return [dict(zip((cell.value for cell in head), row, strict=True)) for row in rows]


def test_a_day_is_a_day_and_an_amount_an_amount() -> None:
    """They sort and add up; numbers that are names keep their digits."""
    [row] = cells(spreadsheet.write(request(ANNE)))
    assert row["Tilmeldt den"].value.isoformat() == "2198-04-01T00:00:00"
    assert (row["Tilmeldt den"].is_date, row["Tilmeldt den"].number_format) == (True, "dd.mm.yyyy")
    assert (row["Skal betale"].value, row["Skal betale"].data_type) == (1250.5, "n")
    assert row["Nr."].value == 1
    assert (row["EAN-nummer"].value, row["EAN-nummer"].data_type) == ("5798000416291", "s")
    assert (row["Navn"].value, row["Status"].value) == ("Anne Ø. Æble", "har en plads")


def test_a_telephone_number_is_the_same_again() -> None:
    """With its plus and spaces, as text also when it is edited."""
    [row] = cells(spreadsheet.write(request(ANNE)))
    phone = row["Telefon"]
    assert (phone.value, phone.data_type, phone.number_format) == (PHONE, "s", "@")


def test_headings_stay_in_sight_with_a_filter() -> None:
    """The first row is frozen, the filter covers everybody, and columns fit what they hold."""
    people = [ANNE, evolve(ANNE, number=2, person=Person(name="B" * 200))]
    found = sheet(spreadsheet.write(request(*people)))
    assert found.freeze_panes == "A2"
    assert found.auto_filter.ref == f"A1:{found.cell(3, found.max_column).coordinate}"
    assert found.column_dimensions["A"].width < found.column_dimensions["D"].width
    assert found.column_dimensions["B"].width < 70
    assert found.print_title_rows == "$1:$1"
    assert found["A1"].font.bold


def test_it_speaks_english_too() -> None:
    """Headings, the sheet's name and the form of a day."""
    data = spreadsheet.write(request(ANNE, language="en"))
    assert sheet(data).title == "Participants"
    [row] = cells(data)
    assert row["Registered on"].number_format == "yyyy-mm-dd"
    assert row["Status"].value == "has a seat"
    assert "Hvad spiser du ikke? (sensitive, with consent)" in row


def test_nobody_is_headings_alone() -> None:
    """An event that nobody has joined; and several events are told apart."""
    assert cells(spreadsheet.write(request())) == []
    other = evolve(EVENT, id="98-2", title="=Møde")
    [row] = cells(spreadsheet.write(request(evolve(ANNE, event="98-2"), events=[EVENT, other])))
    assert (row["Arrangement"].value, row["Titel"].value) == ("98-2", "=Møde")
    assert row["Titel"].data_type == "s"


NAUGHTY = ["=1+1", "+1+1", "-2+3", "@SUM(1)", " =1", "＝1", "'=1", "=HYPERLINK(\"http://x\",\"y\")",
           "{=1}", "http://example.dk", "mailto:x@example.dk", "internal:A1", "1234", "1e5",
           "22-1", "00123", "TRUE", "#N/A", "<b>&amp;", "_x0041_", "x" * 1000]  # fmt: skip


@pytest.mark.parametrize("text", NAUGHTY)
def test_no_text_is_anything_but_text(text: str) -> None:
    """No formula, link, number, day or truth value is made of what somebody wrote."""
    data = spreadsheet.write(request(evolve(ANNE, person=Person(name=text, organisation=text))))
    [row] = cells(data)
    for heading in ("Navn", "Organisation"):
        assert (unescape(row[heading].value), row[heading].data_type) == (text, "s")
        assert row[heading].hyperlink is None
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_the_same_text_written_carelessly_is_a_formula() -> None:
    """The negative control: the reader sees the difference."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet().write(0, 0, "=1+1")
    assert sheet(file.getvalue())["A1"].data_type == "f"


@settings(max_examples=50)
@given(st.text(st.characters(), max_size=40))
@example('æøå "x"; y\r\n=1+1\0')
@example("\ufffe\uffff\x1f")
def test_any_text_can_be_read_again(text: str) -> None:
    """A damaged character is seen as one, and spoils neither its cell nor the book."""
    made = evolve(ANNE)
    object.__setattr__(made, "answers", {"mad": text})
    [row] = cells(spreadsheet.write(request(made)))
    cell = row["Hvad spiser du ikke? (følsomt, med samtykke)"]
    wanted = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(
        c if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff") else "�" for c in wanted
    )
    kept = "".join("�" if "\ud800" <= c <= "\udfff" else c for c in kept)
    assert unescape(cell.value or "") == kept
    assert cell.data_type == ("s" if kept else "n")


def test_a_cell_holds_so_much_and_no_more() -> None:
    """Excel would call the file damaged, and XlsxWriter leaves out what is longer."""
    made = evolve(ANNE)
    object.__setattr__(made, "answers", {"mad": ("x" * 40_000, "y")})
    [row] = cells(spreadsheet.write(request(made)))
    cell = row["Hvad spiser du ikke? (følsomt, med samtykke)"]
    assert len(cell.value) == spreadsheet.LONGEST
    assert cell.value.endswith("x…")


def test_a_day_that_excel_does_not_know_is_said() -> None:
    """Before 1900, as it may be west of Greenwich."""
    west = evolve(EVENT, starts=datetime(1900, 1, 2, tzinfo=zone("America/New_York")))
    early = evolve(ANNE, at=datetime(1900, 1, 1, tzinfo=UTC))
    [row] = cells(spreadsheet.write(request(early, events=[west])))
    assert row["Tilmeldt den"].value == str(date(1899, 12, 31))


@settings(max_examples=15)
@given(st.lists(testing.registrations(), max_size=3), testing.events())
def test_anybody_at_any_event_has_a_row(people: list[Registration], event: Event) -> None:
    """Whoever it is, the book opens."""
    event = evolve(event, id="e", uid=event.uid or "u")
    data = spreadsheet.write(request(*(evolve(one, event="e") for one in people), events=[event]))
    assert sheet(data).max_row == 1 + len(people)


def test_the_same_request_gives_the_same_bytes() -> None:
    """Nothing in it depends on when or where it is made."""
    data = spreadsheet.write(request(ANNE))
    assert spreadsheet.write(request(ANNE)) == data
    created = openpyxl.load_workbook(io.BytesIO(data)).properties.created
    assert created == ANNE.at.replace(tzinfo=None)  # when its newest revision was made


def test_nothing_stays_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither when it is done nor when it fails; meanwhile only its owner sees it."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    spreadsheet.write(request(ANNE))
    assert list(tmp_path.iterdir()) == []

    def fail(*_: object) -> None:
        [folder] = tmp_path.iterdir()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert list(folder.iterdir()) != []
        raise OSError("full")

    monkeypatch.setattr(spreadsheet, "_put", fail)
    with pytest.raises(OSError, match="full"):
        spreadsheet.write(request(ANNE))
    assert list(tmp_path.iterdir()) == []


def test_five_thousand_people() -> None:
    """Each has a row."""
    people = [evolve(ANNE, number=n) for n in range(1, 5001)]
    assert sheet(spreadsheet.write(request(*people))).max_row == 5001


def test_widths_follow_the_longest_line() -> None:
    """Within reason, and of the lines of a cell the longest."""
    table = Table(headings=("A", "B", "C"), rows=(("x" * 20, "a\nbbbbbbbbbb", None), ("", "", 7)))
    assert list(spreadsheet.widths(table)) == [21, 11, 6]


def test_what_the_plugin_provides() -> None:
    """One format for staff, titled in both languages."""
    found: list[Exporter] = list(spreadsheet.eventkit_exporters())
    [one] = found
    assert (one.name, one.scope, one.suffix) == ("xlsx", "participants", ".xlsx")
    assert set(one.title) == {"da", "en"}


@pytest.mark.parametrize("one", spreadsheet.eventkit_exporters(), ids=lambda one: one.name)
def test_it_keeps_what_every_exporter_promises(one: Exporter) -> None:
    """eventkit's own conformance check."""
    testing.check_exporter(one)
