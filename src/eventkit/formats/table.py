"""Which people a table names: the lines of a CSV file, as spreadsheets save it, as sign-ups.

Read are UTF-8, UTF-16 with a byte order mark (Excel's "Unicode text") and Windows-1252; ``;``,
``,`` or a tab between cells, whichever makes sense of the first line; and cells in quotes that hold
line breaks. The first line is headings, Danish or English, in any order: a name (or first and last
name), e-mail, telephone, organisation, online, role, and the key or text of any question of the
event, with ``… samtykke`` (``… consent``) beside a sensitive one. A heading nobody knows is a
fault, not a column to pass over. A cell is text and nothing else, also where a spreadsheet would
compute.

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
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import zip_longest

from attrs import evolve, field, frozen

from eventkit.formats import participants
from eventkit.formats.wording import LANGUAGES, wording
from eventkit.model.decision import Reason
from eventkit.model.errors import DocumentError, Fault, FormatError, ImpossibleError
from eventkit.model.event import Event
from eventkit.model.registration import Signup, Standing
from eventkit.model.values import Answer, Json, Mode, Person, Question, Role
from eventkit.rules import forms

LARGEST = 8_000_000
"""Bytes of a table."""

MOST = 20_000
"""Lines of a table."""

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

    People come to the room, unless their line says online or the event is nowhere else. A sign-up
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
        said = str(error)
        raise FormatError(
            f"line {began}: not a row of a table: {said}",
            code="table_broken",
            line=began,
            said=said,
        ) from None


def _delimiter(text: str) -> tuple[str, int]:
    """What stands between cells, and how many lines come before the headings.

    Excel may say it on a line of its own, ``sep=;``. Else it is what makes most headings of the
    first line that is not blank: only there is it known what cells say.
    """
    lines = text.splitlines(keepends=True)
    skipped = next(at for at, line in enumerate(lines) if line.strip())
    if said := re.fullmatch(r"sep=(.)\s*", lines[skipped], re.IGNORECASE):
        return said[1], skipped + 1
    first = lines[skipped][:100_000]

    def sense(delimiter: str) -> tuple[int, int]:
        cells = next(csv.reader([first], delimiter=delimiter))
        return sum(_plain(cell) in _FIELDS for cell in cells), len(cells)

    return max(";,\t", key=sense), skipped


# --- headings --------------------------------------------------------------------------------

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
_FIELDS = {name: key for key, names in _NAMES.items() for name in names.split(", ")}
"""Which column a heading names."""

_AGREED = "!"  # after a question's key: a column of answers that may all be kept
_CONSENT = (" samtykke", " consent", forms.CONSENT)
_ROLES = {
    Role.PARTICIPANT: "deltager, participant",
    Role.SPEAKER: "oplægsholder, taler, underviser, speaker",
    Role.HOST: "vært, host",
    Role.HELPER: "hjælper, helper",
}
_ROLE = {word: role for role, words in _ROLES.items() for word in words.split(", ")}
_YES = {"ja", "j", "yes", "y", "x", "sand", "sandt", "true", "1"}
_NO = {"nej", "n", "no", "falsk", "false", "0"}


def _plain(text: str) -> str:
    """A heading or a word as it is compared: case, width, spaces and a colon do not count."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(folded.split()).rstrip(":.* ")


@cache
def _notes() -> Mapping[str, str]:
    """Which columns of our own list are passed over."""
    words = map(wording, LANGUAGES)
    return {_plain(w(key)): f"#{key}" for w in words for key in participants.NOTES}


@cache
def _gone() -> frozenset[str]:
    """How our own list says that somebody no longer comes."""
    gone = [standing for standing in Standing if not standing.is_active]
    words = map(wording, LANGUAGES)
    return frozenset(_plain(w(f"standing.{standing}")) for w in words for standing in gone)


def _columns(headings: Sequence[str], event: Event) -> tuple[str | None, ...]:
    """What each column holds: a field, a question's key, or None where it has no heading."""
    known = _known(event)
    columns = [known.get(_plain(heading)) if heading.strip() else None for heading in headings]
    if not any(columns):
        raise FormatError(
            "the first line has no headings, such as Name;E-mail;Phone", code="table_no_headings"
        )
    faults = [
        _unknown(heading, known)
        for heading, column in zip(headings, columns, strict=True)
        if column is None and heading.strip()
    ][:_TOLD]
    for column, times in Counter(filter(None, columns)).items():
        if times > 1:
            same = [_shown(h) for h, one in zip(headings, columns, strict=True) if one == column]
            data = {"headings": ", ".join(same[:_TOLD])}
            said = f"these columns say the same: {data['headings']}"
            faults.append(Fault("", "table_heading_twice", said, data))
    if "name" not in columns and "first" not in columns:
        said = "a column with names is missing: Name, or First name and Last name"
        faults.append(Fault("", "table_no_name", said))
    if faults:
        raise DocumentError(faults, code="bad_table")
    return tuple(columns)


def _known(event: Event) -> dict[str, str]:
    """Every heading that has a meaning for `event`."""
    known: dict[str, str] = {}
    for question in event.questions:
        for name in (question.text, question.key):
            known[_plain(name)] = f"?{question.key}"
            if question.sensitive:
                for consent in _CONSENT:
                    known[_plain(name.rstrip(":?.* ") + consent)] = (
                        f"?{question.key}{forms.CONSENT}"
                    )
                    known[_plain(name + consent)] = f"?{question.key}{forms.CONSENT}"
                for language in LANGUAGES:
                    marked = participants.marked(name, wording(language))
                    known[_plain(marked)] = f"?{question.key}{_AGREED}"
    return {**_notes(), **known, **_FIELDS}


def _unknown(heading: str, known: Iterable[str]) -> Fault:
    shown = _shown(heading)
    near = difflib.get_close_matches(_plain(heading)[:_SHOWN], known, n=1, cutoff=0.5)
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
        (column, " ".join(participants.plain(cell).split()))
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
        column.removesuffix(_AGREED): _shown(heading)
        for column, heading in zip(columns, headings, strict=True)
        if column is not None
    }
    if not name:
        said = "the name is missing"
        return evolve(line, faults=(Fault("", "table_nameless", said),))
    if _plain(given.get("status", "")) in _gone():
        data = {"value": _shown(given["status"])}
        return evolve(line, faults=(Fault("", "table_gone", "the person is not coming", data),))
    faults: list[Fault] = []
    wrong: Iterable[Reason] = ()
    online = _yes_no(given, "online", called, faults)
    here = Mode.ROOM if Mode.ROOM in event.modes else Mode.ONLINE
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
            mode=Mode.ONLINE if online else here,
            answers=(answers,) if answers else (),
            language=language,
        )
        wrong = forms.faults(signup, event, reachable=False)
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
        name = column.removesuffix(_AGREED)
        found[name] = cell
        if name != column and cell:
            found[name + forms.CONSENT] = "ja"
    return found


def _yes_no(
    given: Mapping[str, str], column: str, called: Mapping[str, str], faults: list[Fault]
) -> bool | None:
    """Whether a cell says yes; None where it says nothing."""
    said = given.get(column, "")
    is_yes = yes_or_no(said)
    if _plain(said) and is_yes is None:
        data = {"value": _shown(said)}
        faults.append(Fault(called[column], "table_yes_no", "must be yes or no", data))
    return is_yes


def yes_or_no(text: str) -> bool | None:
    """Whether `text` says yes; None where it says neither yes nor no."""
    said = _plain(text)
    return said in _YES if said in _YES | _NO else None


def _role(given: Mapping[str, str], called: Mapping[str, str], faults: list[Fault]) -> Role:
    said = _plain(given.get("role", ""))
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
        if cell := given.get(column, ""):
            match question.answer:
                case Answer.TEXT:
                    answers[question.key] = cell
                case Answer.CHOICE:
                    answers[question.key] = meant(cell, question.options)
                case Answer.SEVERAL:
                    answers[question.key] = tuple(_several(cell, question.options))
                case Answer.YES_NO:
                    answers[question.key] = _yes_no(given, column, called, faults)
        consent = _yes_no(given, column + forms.CONSENT, called, faults)
        if consent is not None and cell:
            answers[question.key + forms.CONSENT] = consent
    return answers


def meant(text: str, options: Collection[str]) -> str:
    """The option that `text` means, however it is written; `text` itself where it means none."""
    if text in options:
        return text
    return next((option for option in options if _plain(option) == _plain(text)), text)


def _several(cell: str, options: Collection[str]) -> Iterator[str]:
    """The options in a cell: between ``|``, else commas; an option may hold a comma itself."""
    whole = "|" in cell or meant(cell, options) not in options
    parts = re.split(r"\|" if "|" in cell else ",", cell) if whole else [cell]
    for part in parts:
        if part.strip():
            yield meant(part.strip(), options)


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
