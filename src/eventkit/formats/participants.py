"""Who takes part: the list of participants as a table, and text that no spreadsheet computes.

`listed` makes one table of the people at one event or several; an exporter writes it down. Cells
are values and not yet text: a date is a date and an amount a number, so that each file says them in
its own way.

**Inert text.** Somebody may sign up as ``=HYPERLINK(…)``, and a spreadsheet that opens a text file
would compute it. `inert` puts an apostrophe before such a beginning, and `plain` takes it off
again; ``plain(inert(text)) == text`` for every text. A telephone number in groups,
``+45 33 76 20 00``, stays as it is: no spreadsheet finds a formula or a number in it. One without
spaces it would make a number of, and lose the plus.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from attrs import frozen

from eventkit.formats.wording import Wording, wording
from eventkit.model.event import Event
from eventkit.model.registration import Registration
from eventkit.model.values import Json, Mode, Question
from eventkit.rules.charges import charge

Cell: TypeAlias = str | int | Decimal | date | None
"""What stands in a cell: text, a number, an amount, a day, or nothing."""

INVOICE = {
    "name": "page.invoice_name",
    "reference": "page.invoice_reference",
    "cvr": "page.invoice_cvr",
    "ean": "page.invoice_ean",
    "email": "page.invoice_email",
}
"""What each part of an invoice is called."""

NOTES = (
    *("csv.event", "csv.title", "csv.number", "csv.booker", "csv.registered"),
    *("csv.owed", "csv.currency", *INVOICE.values()),
)
"""Columns that say nothing of who signs up: whoever reads the list as sign-ups passes them over."""


@frozen(kw_only=True)
class Table:
    """Headings, and as many cells in each row."""

    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@frozen
class _Column:
    """One column: its heading, and what it says of a registration."""

    heading: str
    say: Callable[[Registration], Cell]


def listed(events: Sequence[Event], registrations: Iterable[Registration], language: str) -> Table:
    """Everybody among `registrations` of `events`, a row each, in the order given.

    Those who no longer come are there too; the column of standings tells. Money has columns where
    one of the events asks for any, invoices where somebody has one, and the events where there are
    several. Raises `KeyError` for a registration of another event.
    """
    people = tuple(registrations)
    at = {str(event.id): event for event in events}
    w = wording(language)
    columns = (
        *(_of_event(at, w) if len(at) > 1 else ()),
        *_of_person(at, w),
        *_of_questions(at, w),
        *(_of_money(at, w) if _costs(at.values(), people) else ()),
        *(_of_invoice(w) if any(one.invoice for one in people) else ()),
    )
    return Table(
        headings=tuple(column.heading for column in columns),
        rows=tuple(tuple(column.say(one) for column in columns) for one in people),
    )


def marked(question: str, w: Wording) -> str:
    """What the column of a sensitive question is called, so that staff see that it is one."""
    return w("csv.sensitive", question=question)


# --- columns ---------------------------------------------------------------------------------


def _of_event(at: dict[str, Event], w: Wording) -> tuple[_Column, ...]:
    return (
        _Column(w("csv.event"), lambda one: one.event),
        _Column(w("csv.title"), lambda one: at[one.event].title),
    )


def _of_person(at: dict[str, Event], w: Wording) -> tuple[_Column, ...]:
    return (
        _Column(w("csv.number"), lambda one: one.number),
        _Column(w("csv.name"), lambda one: one.person.name),
        _Column(w("csv.email"), lambda one: one.person.email),
        _Column(w("csv.phone"), lambda one: one.person.phone),
        _Column(w("csv.organisation"), lambda one: one.person.organisation),
        _Column(w("csv.status"), lambda one: w(f"standing.{one.status}")),
        _Column(w("page.online"), lambda one: _yes_no(one.mode is Mode.ONLINE, w)),
        _Column(w("csv.role"), lambda one: w(f"role.{one.role}")),
        _Column(w("csv.booker"), _booker),
        _Column(w("csv.registered"), lambda one: one.at.astimezone(at[one.event].zone).date()),
    )


def _booker(one: Registration) -> str:
    """Who signed a colleague up, and where to reach them."""
    by = one.booker
    return "" if by is None else ", ".join(filter(None, (by.name, by.email)))


def _of_questions(at: dict[str, Event], w: Wording) -> Iterable[_Column]:
    """A column for each question; one that several events ask in the same words has one."""
    asked: dict[Question, list[str]] = {}
    for event_id, event in at.items():
        for question in event.questions:
            asked.setdefault(question, []).append(event_id)
    for question, events in asked.items():
        heading = marked(question.text, w) if question.sensitive else question.text
        yield _Column(heading, _answering(question, frozenset(events), w))


def _answering(
    question: Question, events: frozenset[str], w: Wording
) -> Callable[[Registration], Cell]:
    def say(one: Registration) -> Cell:
        return answer(one.answers.get(question.key), w) if one.event in events else ""

    return say


def answer(given: Json, w: Wording) -> str:
    """An answer in words; several are joined by commas, or by ``|`` where one holds a comma."""
    if given is None:
        return ""
    if isinstance(given, bool):
        return _yes_no(given, w)
    if isinstance(given, tuple):
        return (" | " if any("," in str(one) for one in given) else ", ").join(map(str, given))
    return str(given)


def _yes_no(said: bool, w: Wording) -> str:
    return w("page.yes" if said else "page.no").lower()


def _costs(events: Iterable[Event], people: Iterable[Registration]) -> bool:
    """Whether anybody may owe anything."""
    asked = (
        money
        for event in events
        for money in (event.price, event.no_show_fee, *(fee.money for fee in event.fees))
    )
    return any(money is not None and money.amount for money in asked) or any(
        one.fee is not None for one in people
    )


def _of_money(at: dict[str, Event], w: Wording) -> tuple[_Column, ...]:
    def amount(one: Registration) -> Decimal | None:
        owed = charge(at[one.event], one)
        return None if owed is None else owed.amount

    def currency(one: Registration) -> str:
        owed = charge(at[one.event], one)
        return "" if owed is None else owed.currency

    return _Column(w("csv.owed"), amount), _Column(w("csv.currency"), currency)


def _of_invoice(w: Wording) -> Iterable[_Column]:
    def saying(name: str) -> Callable[[Registration], Cell]:
        return lambda one: "" if one.invoice is None else str(getattr(one.invoice, name))

    return (_Column(w(key), saying(name)) for name, key in INVOICE.items())


# --- inert text ------------------------------------------------------------------------------

# What a formula begins with, and every character that is a kind of it (Unicode's NFKC).
_SIGN = "[=+\\-@＝＋－＠﹦﹢﹣﹫⁼⁺₌₊﬩⩵⩶]"
# What a spreadsheet may pass over before it; a tab and a return are seen by themselves.
_BLANK = (
    "(?:[^\\S\\t\\r\\n]|[\\x01-\\x08\\x0e-\\x1f\\x7f-\\x9f"
    "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff])"
)
_START = f"'*{_BLANK}*(?:{_SIGN}|[\\t\\r\\0])"
# A spreadsheet of another country ends a cell elsewhere; a sign by itself ("500,-") is no formula.
_END = "[;,\\t\\r\\n]"
_INSIDE = f"'*{_SIGN}(?!\\s*(?:{_END}|\\Z))"
_TELEPHONE = f"\\+[0-9]{{1,4}}(?: [0-9]{{1,8}})+(?={_END}|\\Z)"

_DANGER = re.compile(f"\\A(?!{_TELEPHONE})(?={_START})|(?<={_END})(?!{_TELEPHONE})(?={_INSIDE})")
_GUARD = re.compile(f"\\A'(?={_START})|(?<={_END})'(?={_INSIDE})")


def inert(text: str) -> str:
    """`text` so that no spreadsheet that opens a text file takes any of it for a formula."""
    return _DANGER.sub("'", text)


def plain(text: str) -> str:
    """The text that `inert` was given."""
    return _GUARD.sub("", text)
