"""The list of participants as a spreadsheet: XLSX, with real dates and nothing that computes.

Every text is written as text, so that ``=1+1`` in a name is four characters, also when somebody
edits the cell, and a telephone number or an EAN keeps its digits. Rows are written one at a time
and lie on the disk meanwhile, in a folder that only this user can read and that goes in any case.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter

from eventkit import Exporter, ExportRequest, hookimpl
from eventkit.formats import participants
from eventkit.formats.participants import Cell, Table

eventkit_api = 1

LONGEST = 32_767
"""Characters in a cell; Excel takes no more."""

WIDEST, NARROWEST = 60, 6
FIRST_YEAR = 1900
"""Before it Excel knows no days."""

A4 = 9
SHEET = {"da": "Deltagere", "en": "Participants"}
DAY = {"da": "dd.mm.yyyy", "en": "yyyy-mm-dd"}
AMOUNT = "#,##0.00"
TEXT = "@"

_IMPOSSIBLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # in XML 1.0


@hookimpl
def eventkit_exporters() -> Iterable[Exporter]:
    """The list of participants in XLSX."""
    return (
        Exporter(
            name="xlsx",
            title={"da": "Deltagerliste (Excel)", "en": "List of participants (Excel)"},
            media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            suffix=".xlsx",
            scope="participants",
            write=write,
        ),
    )


def write(request: ExportRequest) -> bytes:
    """A workbook with one sheet; the same request gives the same bytes."""
    language = request.language if request.language in SHEET else "da"
    table = participants.listed(request.events, request.registrations, language)
    file = io.BytesIO()
    with (
        TemporaryDirectory(prefix="eventkit-") as folder,
        xlsxwriter.Workbook(file, {"constant_memory": True, "tmpdir": folder}) as book,
    ):
        book.set_properties(
            {
                "title": ", ".join(_written(event.title) for event in request.events)[:255],
                "created": max((one.at for one in request.revisions), default=_NEVER),
            }
        )
        sheet = book.add_worksheet(SHEET[language])
        _fill(book, sheet, table, DAY[language])
    return file.getvalue()


_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


def _fill(book: Any, sheet: Any, table: Table, day: str) -> None:
    """Headings that stay in sight, a filter on them, and the rows."""
    forms = {
        date: book.add_format({"num_format": day, "align": "left"}),
        Decimal: book.add_format({"num_format": AMOUNT}),
        str: book.add_format({"num_format": TEXT}),
        int: None,
    }
    bold = book.add_format({"bold": True, "bottom": 1, "num_format": TEXT})
    last = len(table.rows), len(table.headings) - 1
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, *last)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    # A telephone number is meant to be text.
    sheet.ignore_errors({"number_stored_as_text": xlsxwriter.utility.xl_range(0, 0, *last)})
    for column, width in enumerate(widths(table)):
        sheet.set_column(column, column, width)
    for column, heading in enumerate(table.headings):
        sheet.write_string(0, column, _written(heading), bold)
    for row, cells in enumerate(table.rows, start=1):
        for column, cell in enumerate(cells):
            _put(sheet, row, column, cell, forms)


def _put(sheet: Any, row: int, column: int, cell: Cell, forms: dict[type, Any]) -> None:
    """One cell, by a method that takes it for what it is."""
    match cell:
        case None | "":
            pass
        case date() if cell.year >= FIRST_YEAR:
            sheet.write_datetime(row, column, cell, forms[date])
        case int() | Decimal():
            sheet.write_number(row, column, cell, forms[type(cell)])
        case _:
            sheet.write_string(row, column, _written(str(cell)), forms[str])


def _written(text: str) -> str:
    """`text` as a cell can hold it: without what XML has no word for, and not longer."""
    text = _IMPOSSIBLE.sub("\N{REPLACEMENT CHARACTER}", re.sub("\r\n?", "\n", text))
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def widths(table: Table) -> Sequence[int]:
    """How wide each column is, in characters: as its longest line, within reason."""
    longest = [_length(heading) + 3 for heading in table.headings]  # the filter's arrow
    for cells in table.rows:
        longest = [max(n, _length(cell)) for n, cell in zip(longest, cells, strict=True)]
    return [min(max(n + 1, NARROWEST), WIDEST) for n in longest]


def _length(cell: Cell) -> int:
    return max(map(len, str(cell or "").split("\n")))
