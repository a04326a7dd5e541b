"""Which people a table names: the lines of a CSV file, as spreadsheets save it, as sign-ups.

Read are UTF-8, UTF-16 with a byte order mark (Excel's "Unicode text") and Windows-1252; ``;``,
``,`` or a tab between cells, whichever makes sense of the first line; and cells in quotes that hold
line breaks. The first line is headings, Danish or English, in any order: a name (or first and last
name), e-mail, telephone, organisation, online, role, and the key or text of any question of the
event, with ``… samtykke`` (``… consent``) beside a sensitive one. A heading nobody knows, or
that may mean several questions, is a fault, not a column to pass over. A cell is text and nothing
else, also where a spreadsheet would compute.

The list that eventkit writes itself (`eventkit.formats.participants`) is read too: its columns of
notes are passed over, and somebody who no longer comes is a fault.
"""

from __future__ import annotations

import codecs
import csv
import difflib
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain, zip_longest

from attrs import evolve, field, frozen

from eventkit.formats import participants
from eventkit.formats.participants import AGREED, FIELDS, folded
from eventkit.formats.wording import LANGUAGES, wording
from eventkit.model.decision import Reason
from eventkit.model.errors import DocumentError, Fault, FormatError, ImpossibleError
from eventkit.model.event import Event
from eventkit.model.registration import Signup, Standing
from eventkit.model.values import CONSENT, Answer, Json, Mode, Person, Question, Role
from eventkit.rules import forms

LARGEST = 8_000_000
"""Bytes of a table."""

MOST = 20_000
"""Lines of a table."""

_NOTE = "#"  # before what a column of notes holds
_SHOWN = 60  # characters of a cell that a message quotes
_TOLD = 10  # headings that are complained of at once


@frozen(kw_only=True)
class Line:
    """One line: its `number` in the file, the `name` on it, and who signs up, or what is wrong.

    `faults` are those of cells; `reasons` what else would be wrong with it, once they are mended.
    """

    number: int
    name: str
    signup: Signup | None = None
    role: Role = Role.PARTICIPANT
    faults: tuple[Fault, ...] = field(default=(), converter=tuple[Fault, ...])
    reasons: tuple[Reason, ...] = field(default=(), converter=tuple[Reason, ...])


def read(data: bytes, event: Event, *, language: str = "da") -> tuple[Line, ...]:
    """The people that a table signs up for `event`, a line each; blank lines are none.

    People come as their line says, else to the room, or online where the event is nowhere else.
    What the event does not offer is left for the desk to refuse. A sign-up
    has a key made of what it says, so that the same table again is the same sign-ups; two lines
    that say the same are two, for some come as "N.N.".

    Raises `FormatError` for what is no table, and `DocumentError` for headings that will not do.
    """
    rows = _rows(_text(data))
    _, headings = next(rows, (0, [""]))
    while headings and not headings[-1].strip():
        headings.pop()  # as many columns as a spreadsheet ever had
    columns = _columns([participants.plain(heading) for heading in headings], event)
    lines = [
        _line(number, cells, headings, columns, event, language)
        for number, cells in rows
        if any(cell.strip() for cell in cells)
    ]
    if not lines:
        raise FormatError("the table has headings, but no people", code="table_no_people")
    return tuple(_with_keys(lines))


# --- text ------------------------------------------------------------------------------------


def _text(data: bytes) -> str:
    """The text of a file; raises `FormatError` for what is none."""
    if len(data) > LARGEST:
        raise FormatError(
            f"the table is larger than {LARGEST:,} bytes",
            code="file_too_large",
            limit=LARGEST // 1_000_000,
        )
    text = _decoded(data)
    if not text.strip():
        raise FormatError("the file is empty", code="empty_file")
    if any(unicodedata.category(c) == "Cc" and c not in "\t\r\n" for c in set(text)):
        raise _no_text()
    return text


def _decoded(data: bytes) -> str:
    try:
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    # Windows-1252 makes sense of nearly anything: what has even one letter of UTF-8 is UTF-8 that
    # is damaged, and would give everybody else a wrong name.
    if any(
        ord(c) > 127 and c != "\N{REPLACEMENT CHARACTER}" for c in data.decode("utf-8", "replace")
    ):
        raise _no_text()
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        raise _no_text() from None


def _no_text() -> FormatError:
    return FormatError("the file is not a table saved as text (CSV)", code="table_not_text")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Every row with the number of its first line; the first one is headings."""
    delimiter, skipped = _delimiter(text)
    source = io.StringIO(text, newline="")
    for _ in range(skipped):
        source.readline()
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    began = skipped + 1
    try:
        for row in reader:
            if began > MOST:
                raise FormatError(
                    f"the table has more than {MOST:,} lines", code="table_too_long", most=MOST
                )
            yield began, row
            began = skipped + reader.line_num + 1
    except csv.Error as error:
        raise _broken(began, str(error)) from None


def _broken(line: int, said: str) -> FormatError:
    """Why the row that begins on `line` is none; `said` are the words of the csv module."""
    if "end of data" in said:
        return FormatError(f"line {line}: a quote is not closed", code="table_quote", line=line)
    if "expected after" in said:
        told = f"line {line}: something stands after a quote that is closed"
        return FormatError(told, code="table_after_quote", line=line)
    if "limit" in said:
        limit = csv.field_size_limit()
        told = f"line {line}: a cell has more than {limit:,} characters"
        return FormatError(told, code="table_cell_long", line=line, limit=limit)
    return FormatError(f"line {line} is not a row of a table", code="table_broken", line=line)


def _delimiter(text: str) -> tuple[str, int]:
    """What stands between cells, and how many lines come before the headings.

    Excel may say it on a line of its own, ``sep=;``. Else it is what makes most headings of the
    first line that is not blank: only there is it known what cells say.
    """
    lines = text.splitlines(keepends=True)
    skipped = next(at for at, line in enumerate(lines) if line.strip())
    if said := re.fullmatch(r"sep=([^\"\r\n])\s*", lines[skipped], re.IGNORECASE):
        return said[1], skipped + 1
    first = lines[skipped][:100_000]

    def sense(delimiter: str) -> tuple[int, int]:
        cells = next(csv.reader([first], delimiter=delimiter))
        return sum(folded(cell) in FIELDS for cell in cells), len(cells)

    return max(";,\t", key=sense), skipped


# --- headings --------------------------------------------------------------------------------

_ROLES = {
    Role.PARTICIPANT: "deltager, participant",
    Role.SPEAKER: "oplægsholder, taler, underviser, speaker",
    Role.HOST: "vært, host",
    Role.HELPER: "hjælper, helper",
}
_ROLE = {word: role for role, words in _ROLES.items() for word in words.split(", ")}
_YES = {"ja", "j", "yes", "y", "x", "sand", "sandt", "true", "1"}
_NO = {"nej", "n", "no", "falsk", "false", "0"}


@cache
def _gone() -> frozenset[str]:
    """How our own list says that somebody no longer comes, and how others do."""
    gone = [standing for standing in Standing if not standing.is_active]
    own = (wording(language)(f"standing.{one}") for language in LANGUAGES for one in gone)
    return frozenset(map(folded, (*own, *(one.value for one in gone), *_NOT_COMING)))


_NOT_COMING = (
    *("afbud", "afmeldt", "annulleret", "frameldt", "meldt afbud", "meldt fra"),
    *("canceled", "withdrawn"),
)


def _columns(headings: Sequence[str], event: Event) -> tuple[str | None, ...]:
    """What each column holds: a field, a question's key, or None where it has no heading."""
    known = _Known.of(event)
    meanings = [known.meanings(heading) for heading in headings]
    if not any(meanings):
        raise FormatError(
            "the first line has no headings, such as Name;E-mail;Phone", code="table_no_headings"
        )
    columns = tuple(_settled(meanings))
    faults = [
        _vague(heading, found, event) if found else _unknown(heading, known.like)
        for heading, found, column in zip(headings, meanings, columns, strict=True)
        if column is None and heading.strip()
    ][:_TOLD]
    held = [column and _asked(column) for column in columns]
    for column, times in Counter(filter(None, held)).items():
        if times > 1:
            same = [_shown(h) for h, one in zip(headings, held, strict=True) if one == column]
            data = {"headings": ", ".join(same[:_TOLD])}
            said = f"these columns say the same: {data['headings']}"
            faults.append(Fault("", "table_heading_twice", said, data))
    if "name" not in columns and "first" not in columns:
        said = "a column with names is missing: Name, or First name and Last name"
        faults.append(Fault("", "table_no_name", said))
    if faults:
        raise DocumentError(faults, code="bad_table")
    return columns


@frozen
class _Known:
    """Every heading that has a meaning for an event, with all that it may mean.

    `own` are those with a question's key beside its text, which mean nothing else; `exact` are
    those of questions as they are written, and `like` all of them, folded.
    """

    own: Mapping[str, str]
    exact: Mapping[str, set[str]]
    like: Mapping[str, set[str]]

    @classmethod
    def of(cls, event: Event) -> _Known:
        """The headings of fields, of the questions of `event`, and of notes."""
        own: dict[str, str] = {}
        exact: dict[str, set[str]] = {}
        like: dict[str, set[str]] = {}
        for question in event.questions:
            for name in participants.names(question):
                for heading, holds in participants.headings(question, name):
                    column = f"?{question.key}{holds}"
                    exact.setdefault(heading, set()).add(column)
                    like.setdefault(folded(heading), set()).add(column)
                    if name == participants.own(question):
                        own[heading] = column
        for heading, column in participants.notes().items():
            like.setdefault(heading, set()).add(column)
        for heading, column in FIELDS.items():
            like[heading] = {column}
        return cls(own, exact, like)

    def meanings(self, heading: str) -> set[str]:
        """The columns that `heading` may name: as it is written, before any other way."""
        if heading in self.own:
            return {self.own[heading]}
        if not heading.strip():
            return set()
        found = self.like.get(folded(heading), set())
        exact = self.exact.get(heading, set()) & found
        return exact | {one for one in found if one[0] == _NOTE} if exact else found


def _settled(meanings: Sequence[set[str]]) -> Iterator[str | None]:
    """The one meaning of each heading, or None.

    A heading may be that of a question and of a note. In our own list it is the note's, for there
    the question has another one; in a list without notes it is the question's.
    """
    sure = {_asked(one) for found in meanings if len(found) == 1 for one in found}
    is_ours = any(one[0] == _NOTE for one in sure)
    for found in meanings:
        left, noted = found, {one for one in found if one[0] == _NOTE}
        if not is_ours:
            left = found - noted
        elif noted and all(_asked(one) in sure for one in found - noted):
            left = noted
        yield next(iter(left)) if len(left) == 1 else None


def _asked(column: str) -> str:
    """A column, whichever way consent is said in it."""
    return column.removesuffix(AGREED)


def _vague(heading: str, meanings: Iterable[str], event: Event) -> Fault:
    """A heading that may mean several things, and how each question is meant."""
    found = {_asked(one).removesuffix(CONSENT) for one in meanings}
    asked = [question for question in event.questions if f"?{question.key}" in found][:_TOLD]
    own = map(participants.own, asked)
    names = (
        name if len(name) <= _SHOWN else question.key
        for name, question in zip(own, asked, strict=True)
    )
    data = {"heading": _shown(heading), "names": ", ".join(names)}
    said = f"{data['heading']!r} may mean several things; write which: {data['names']}"
    return Fault("", "table_heading_vague", said, data)


def _unknown(heading: str, known: Iterable[str]) -> Fault:
    shown = _shown(heading)
    near = difflib.get_close_matches(folded(heading)[:_SHOWN], known, n=1, cutoff=0.5)
    if not near:
        return Fault("", "table_heading", f"unknown heading {shown!r}", {"heading": shown})
    data = {"heading": shown, "near": near[0]}
    said = f"unknown heading {shown!r}; did you mean {near[0]!r}?"
    return Fault("", "table_heading_near", said, data)


def _shown(cell: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in cell[:_SHOWN]).split())


# --- lines -----------------------------------------------------------------------------------


def _line(
    number: int,
    cells: Sequence[str],
    headings: Sequence[str],
    columns: Sequence[str | None],
    event: Event,
    language: str,
) -> Line:
    given = _agreed(
        (column, participants.plain(cell) if column[0] == "?" else _spaced(cell))
        for column, cell in zip(columns, cells, strict=False)
        if column is not None
    )
    name = given.get("name") or " ".join(filter(None, (given.get("first"), given.get("last"))))
    line = Line(number=number, name=_shown(name))
    if len(cells) < len(columns):
        counts = {"cells": len(cells), "headings": len(columns)}
        said = f"the line has {len(cells)} cells for {len(columns)} headings"
        return evolve(line, faults=(Fault("", "table_ragged", said, counts),))
    for column, cell in zip_longest(columns, cells):
        if column is None and cell.strip():
            data = {"value": _shown(cell)}
            said = f"{data['value']!r} stands in a column without heading"
            return evolve(line, faults=(Fault("", "table_stray", said, data),))
    called = {
        _asked(column): _shown(heading)
        for column, heading in zip(columns, headings, strict=True)
        if column is not None
    }
    if not name:
        said = "the name is missing"
        return evolve(line, faults=(Fault("", "table_nameless", said),))
    if folded(given.get("status", "")) in _gone():
        data = {"value": _shown(given["status"])}
        return evolve(line, faults=(Fault("", "table_gone", "the person is not coming", data),))
    faults: list[Fault] = []
    wrong: Iterable[Reason] = ()
    mode = _mode(given, event, called, faults)
    role = _role(given, called, faults)
    answers = _answers(given, event.questions, called, faults)
    try:
        signup = Signup(
            people=(
                Person(
                    name=name,
                    email=given.get("email", ""),
                    phone=given.get("phone", ""),
                    organisation=given.get("organisation", ""),
                ),
            ),
            key="-",
            mode=mode,
            answers=(answers,) if answers else (),
            language=language,
        )
        wrong = chain(forms.mode_faults(mode, event), forms.faults(signup, event, reachable=False))
    except ImpossibleError as error:
        path = called.get(str(error.data.get("path", "")), "")
        data = {key: value for key, value in error.data.items() if key != "path"}
        faults.append(Fault(path, error.code, str(error), data))
    if faults:
        return evolve(line, faults=faults, reasons=wrong)
    return evolve(line, signup=signup, role=role)


def _agreed(given: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What a line says by column; an answer in a column of consent has it."""
    found: dict[str, str] = {}
    for column, cell in given:
        name = _asked(column)
        found[name] = cell
        if name != column and cell.strip():
            found[name + CONSENT] = "ja"
    return found


def _spaced(cell: str) -> str:
    """What stands in a cell, with each run of spaces as one."""
    return " ".join(participants.plain(cell).split())


def _yes_no(
    given: Mapping[str, str], column: str, called: Mapping[str, str], faults: list[Fault]
) -> bool | None:
    """Whether a cell says yes; None where it says nothing."""
    said = given.get(column, "")
    is_yes = yes_or_no(said)
    if folded(said) and is_yes is None:
        data = {"value": _shown(said)}
        faults.append(Fault(called[column], "table_yes_no", "must be yes or no", data))
    return is_yes


def yes_or_no(text: str) -> bool | None:
    """Whether `text` says yes; None where it says neither yes nor no."""
    said = folded(text)
    return said in _YES if said in _YES | _NO else None


def _mode(
    given: Mapping[str, str], event: Event, called: Mapping[str, str], faults: list[Fault]
) -> Mode:
    """How a line says that somebody comes, also where the event cannot be attended so."""
    online = _yes_no(given, "online", called, faults)
    if online is None:
        return event.modes[0]
    return Mode.ONLINE if online else Mode.ROOM


def _role(given: Mapping[str, str], called: Mapping[str, str], faults: list[Fault]) -> Role:
    said = folded(given.get("role", ""))
    if said and said not in _ROLE:
        data = {"value": _shown(given["role"])}
        faults.append(Fault(called["role"], "table_role", "no such role", data))
    return _ROLE.get(said, Role.PARTICIPANT)


def _answers(
    given: Mapping[str, str],
    questions: Iterable[Question],
    called: Mapping[str, str],
    faults: list[Fault],
) -> dict[str, Json]:
    """What the cells answer; what is none of the options is left for the desk to refuse."""
    answers: dict[str, Json] = {}
    for question in questions:
        column = f"?{question.key}"
        cell = given.get(column, "")
        if words := " ".join(cell.split()):
            match question.answer:
                case Answer.TEXT:
                    answers[question.key] = words
                case Answer.CHOICE:
                    answers[question.key] = participants.meant(cell, question.options)
                case Answer.SEVERAL:
                    answers[question.key] = participants.parted(cell, question.options)
                case Answer.YES_NO:
                    answers[question.key] = _yes_no(given, column, called, faults)
        consent = _yes_no(given, column + CONSENT, called, faults)
        if consent is not None and words:
            answers[question.key + CONSENT] = consent
    return answers


def _with_keys(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines with keys of what they say, and of how many said so before."""
    seen: Counter[str] = Counter()
    for line in lines:
        if line.signup is None:
            yield line
            continue
        said = forms.digest(line.signup, line.role, None)
        seen[said] += 1
        yield evolve(line, signup=evolve(line.signup, key=f"table.{said}.{seen[said]}"))
