"""Who takes part: the list of participants as a table, and text that no spreadsheet computes.

`listed` makes one table of the people at one event or several; an exporter writes it down. Cells
are values and not yet text: a date is a date and an amount a number, so that each file says them in
its own way.

**Read back.** `eventkit.formats.table` reads the list as sign-ups. So a question whose text means
something else too, as "Telefon" does, has its key in the heading: "Telefon (tlf)"; and several
options are written as they are found again. What columns are called stands here, for both of them.

**Inert text.** Somebody may sign up as ``=HYPERLINK(…)``, and a spreadsheet that opens a text file
would compute it. `inert` puts an apostrophe before such a beginning, and `plain` takes it off
again; ``plain(inert(text)) == text`` for every text. A telephone number in groups,
``+45 33 76 20 00``, stays as it is: no spreadsheet finds a formula or a number in it. One without
spaces it would make a number of, and lose the plus.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import TypeAlias

from attrs import frozen

from eventkit.formats.wording import LANGUAGES, Wording, wording
from eventkit.model.event import Event
from eventkit.model.registration import Registration
from eventkit.model.values import CONSENT, Answer, Json, Mode, Question
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


# --- what columns are called -----------------------------------------------------------------

_NAMES: Mapping[str, str] = {
    "name": "navn, fulde navn, name, full name",
    "first": "fornavn, fornavne, first name, given name",
    "last": "efternavn, last name, surname, family name",
    "email": "e-mail, email, mail, e-mailadresse, emailadresse, mailadresse, e-mail address, "
    "email address",
    "phone": "telefon, tlf, telefonnummer, tlf.nr, mobil, mobilnummer, phone, telephone, mobile, "
    "phone number",
    "organisation": "organisation, organization, boligorganisation, arbejdsplads, virksomhed, "
    "firma, company, workplace, employer",
    "online": "online, deltager online, deltag online, attends online, takes part online",
    "role": "rolle, role",
    "status": "status",
}
FIELDS = {name: key for key, names in _NAMES.items() for name in names.split(", ")}
"""Which column a `folded` heading names, whatever an event asks."""

AGREED = "!"
"""After a question's key: a column of answers that may all be kept."""

_CONSENT = (" samtykke", " consent", CONSENT)


def folded(text: str) -> str:
    """A heading or a word as it is compared: case, width, spaces and a colon do not count."""
    same = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(same.split()).rstrip(":.* ")


@cache
def notes() -> Mapping[str, str]:
    """The `folded` headings of `NOTES` in every language, each with what it is a note of."""
    words = map(wording, LANGUAGES)
    return {folded(w(key)): f"#{key}" for w in words for key in NOTES}


def own(question: Question) -> str:
    """A heading that no other question has: the text, and the key beside it."""
    return f"{question.text} ({question.key})"


def headings(question: Question, name: str) -> Iterator[tuple[str, str]]:
    """Every heading that calls `question` by `name`, with what its column holds.

    That is the answer (``""``), whether it may be kept (`CONSENT`), or both (`AGREED`).
    """
    yield name, ""
    if question.sensitive:
        for consent in _CONSENT:
            yield name.rstrip(":?.* ") + consent, CONSENT
            yield name + consent, CONSENT
        for language in LANGUAGES:
            yield _marked(name, wording(language)), AGREED


def names(question: Question) -> tuple[str, ...]:
    """By what a heading may call `question`."""
    return question.text, question.key, own(question)


def _heading(question: Question, questions: Iterable[Question], w: Wording) -> str:
    """What the column of a question among `questions` is called, so that it means nothing else."""
    others = (other for other in questions if other != question)
    taken = {
        folded(heading)
        for other in others
        for name in names(other)
        for heading, _ in headings(other, name)
    }
    heading = _marked(question.text, w) if question.sensitive else question.text
    if folded(heading) not in {*FIELDS, *notes(), *taken}:
        return heading
    return _marked(own(question), w) if question.sensitive else own(question)


def _marked(question: str, w: Wording) -> str:
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
    asked: dict[Question, dict[str, str]] = {}
    for event_id, event in at.items():
        for question in event.questions:
            heading = _heading(question, event.questions, w)
            asked.setdefault(question, {})[event_id] = heading
    for question, events in asked.items():
        heading = max(events.values(), key=len)  # with its key, if one event needs it
        yield _Column(heading, _answering(question, frozenset(events), w))


def _answering(
    question: Question, events: frozenset[str], w: Wording
) -> Callable[[Registration], Cell]:
    def say(one: Registration) -> Cell:
        return _answer(one.answers.get(question.key), question, w) if one.event in events else ""

    return say


def _answer(given: Json, question: Question, w: Wording) -> str:
    """An answer in words."""
    if given is None:
        return ""
    if isinstance(given, bool):
        return _yes_no(given, w)
    if isinstance(given, tuple):
        options = question.options if question.answer is Answer.SEVERAL else ()
        return joined(tuple(map(str, given)), options)
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


# --- several options in a cell ---------------------------------------------------------------

_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
_ALL_QUOTED = re.compile(rf"\s*{_QUOTED.pattern}(?:\s*\|\s*{_QUOTED.pattern})*\s*")


@lru_cache(maxsize=1024)
def joined(chosen: tuple[str, ...], options: tuple[str, ...]) -> str:
    """Those `chosen` of the `options` as one text, of which `parted` makes the same again.

    They are joined by commas, by ``|`` where commas would say something else, and each in quotes
    where both would: ``"a|b" | "c"``.
    """
    for plainly in (", ".join(chosen), " | ".join(chosen)):
        if parted(plainly, options) == chosen:
            return plainly
    return " | ".join('"{}"'.format(one.replace('"', '""')) for one in chosen)


def parted(cell: str, options: Collection[str]) -> tuple[str, ...]:
    """The options that `cell` names, and what in it names none.

    They stand in quotes between ``|``, or without them, else between commas. A whole cell that is
    an option is that one, whatever it holds.
    """
    if _ALL_QUOTED.fullmatch(cell):
        quoted = tuple(one.replace('""', '"') for one in _QUOTED.findall(cell))
        if all(one in options for one in quoted):
            return quoted
    if (whole := meant(cell, options)) in options:
        return (whole,)
    parts = (part.strip() for part in cell.split("|" if "|" in cell else ","))
    return tuple(meant(part, options) for part in parts if part)


def meant(text: str, options: Collection[str]) -> str:
    """The option that `text` means, however it is written; where it means none, `text` itself.

    With each run of spaces as one then, as tables are read.
    """
    if text in options:
        return text
    same = (option for option in options if folded(option) == folded(text))
    return next(same, " ".join(text.split()))


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
