"""Whether what a form says will do: who people are, their answers, and what nobody may write.

Every fault is a `Reason` whose data has a `path` into the sign-up, ``people[1].email`` or
``answers[0].diet``, so that a page shows it beside its field. `who` is the person it concerns.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache

from attrs import astuple

from eventkit.model.decision import Reason
from eventkit.model.event import Event
from eventkit.model.registration import Registration, Signup
from eventkit.model.values import (
    CONSENT,
    INVISIBLE,
    LINE_LENGTH,
    Answer,
    Invoice,
    Json,
    Mode,
    Person,
    Question,
    Role,
    is_blank,
)

_PLAIN = r'[^\s@<>,;:()"\\\[\].]'  # what means only itself in an address (RFC 5322 3.2.3)
_EMAIL = re.compile(rf"(?:{_PLAIN}|\.)+@(?:{_PLAIN}+\.)+{_PLAIN}+")


# --- who it is -------------------------------------------------------------------------------


def identity(person: Person, booker: Person | None = None) -> str:
    """Who `person` is in an event: case-folded e-mail and normalised name, as a digest.

    Caretakers share mailboxes, so an address alone is nobody. A colleague without one is matched
    under that of the `booker`; a person without either is matched with nobody ("").
    """
    return _identity(person.email or (booker.email if booker is not None else ""), person.name)


@lru_cache(maxsize=1024)
def _identity(email: str, name: str) -> str:
    """The identity of an address and a name; one command asks for it several times."""
    if not email.strip():
        return ""
    said = "\n".join((_folded(email), _folded(name)))
    return hashlib.sha256(said.encode()).hexdigest()


def identity_of(registration: Registration) -> str:
    """The `identity` of who is registered."""
    return identity(registration.person, registration.booker)


def mentions(text: str, person: Person) -> bool:
    """Whether `text` names `person`, or an address or number of theirs."""
    said = map(_folded, (person.name, person.email, person.phone))
    return any(one in _folded(text) for one in said if one)


def _folded(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", INVISIBLE.sub("", text))
    return " ".join(text.casefold().split())


def bookers(signup: Signup) -> tuple[Person | None, ...]:
    """Who signed each of the people up: None for the one who did it."""
    booker, people = signup.booker, signup.people
    if booker is None or booker == people[0]:
        return (None, *(people[0] for _ in people[1:]))
    known = people.index(booker) if booker in people else None
    return tuple(None if place == known else booker for place in range(len(people)))


def digest(signup: Signup, role: Role, item: str | None) -> str:
    """What a form said, in 64 characters: two that say the same have the same."""
    said = (
        [astuple(person, recurse=False) for person in signup.people],
        signup.mode,
        signup.answers,
        signup.booker and astuple(signup.booker, recurse=False),
        signup.invoice and astuple(signup.invoice, recurse=False),
        role,
        item,
    )
    return hashlib.sha256(_json(said).encode()).hexdigest()


_json = json.JSONEncoder(default=dict, sort_keys=True).encode


# --- what is wrong with it -------------------------------------------------------------------


def faults(signup: Signup, event: Event, *, reachable: bool) -> Iterator[Reason]:
    """All that is wrong with a sign-up; with `reachable` its booker must have an e-mail."""
    booker = signup.booker or signup.people[0]
    if reachable and not booker.email.strip():
        path = "booker.email" if signup.booker is not None else "people[0].email"
        yield Reason("email_missing", {"path": path, "who": booker.name})
    for index, person in enumerate(signup.people):
        answers: Mapping[str, Json] = signup.answers[index] if signup.answers else {}
        yield from person_faults(person, f"people[{index}]")
        yield from answer_faults(answers, event.questions, f"answers[{index}]", person.name)
    if signup.booker is not None and signup.booker not in signup.people:
        yield from person_faults(signup.booker, "booker")
    if signup.invoice is not None:
        yield from invoice_faults(signup.invoice, "invoice")


def mode_faults(mode: Mode, event: Event) -> Iterator[Reason]:
    """That an event cannot be attended so."""
    if mode not in event.modes:
        yield Reason("mode_not_offered", {"mode": mode})


def person_faults(person: Person, path: str) -> Iterator[Reason]:
    """What is wrong with a person: a name nobody can see, or an address nobody can write to, or a
    CPR number.
    """
    if is_blank(person.name):
        yield Reason("name_missing", {"path": f"{path}.name"})
    if person.email and not _is_email(person.email):
        yield Reason("email_wrong", {"path": f"{path}.email", "who": person.name})
    for name in ("name", "email", "organisation"):
        yield from cpr_faults(getattr(person, name), f"{path}.{name}")
    yield from cpr_faults(person.phone, f"{path}.phone", bare=False)


def _is_email(text: str) -> bool:
    """Whether mail can be sent to it: what nobody sees would be part of the address."""
    return _EMAIL.fullmatch(text.strip()) is not None and INVISIBLE.search(text) is None


def invoice_faults(invoice: Invoice, path: str) -> Iterator[Reason]:
    """What is wrong with where to send the bill."""
    for name in ("name", "reference", "email", "cvr", "ean"):
        yield from cpr_faults(getattr(invoice, name), f"{path}.{name}", bare=False)
    if invoice.email and not _is_email(invoice.email):
        yield Reason("email_wrong", {"path": f"{path}.email", "who": invoice.name})


def answer_faults(
    answers: Mapping[str, Json], questions: Sequence[Question], path: str, who: str
) -> Iterator[Reason]:
    """What is wrong with one person's answers to `questions`.

    A text answer is text, a choice one of the options, several a list of them, yes or no a bool.
    The answer to a sensitive question is kept only with a true ``<key>.consent`` beside it.
    """
    known = {question.key for question in questions}
    known |= {question.key + CONSENT for question in questions if question.sensitive}
    for key in answers:
        if key not in known:
            yield Reason("unknown_question", {"path": f"{path}.{key}", "who": who})
    for question in questions:
        given = answers.get(question.key)
        about = {"path": f"{path}.{question.key}", "who": who, "question": question.text}
        if _is_silent(given):
            if question.required:
                yield Reason("answer_missing", about)
        elif not _fits(given, question):
            yield Reason("answer_wrong", {**about, "options": question.options})
        else:
            yield from cpr_faults(given if isinstance(given, str) else "", about["path"])
            if question.sensitive and answers.get(question.key + CONSENT) is not True:
                consent = {**about, "path": about["path"] + CONSENT}
                yield Reason("consent_missing", consent)


def _is_silent(given: Json) -> bool:
    return given is None or given == () or (isinstance(given, str) and not given.strip())


def _fits(given: Json, question: Question) -> bool:
    match question.answer:
        case Answer.TEXT:
            return isinstance(given, str) and len(given) <= LINE_LENGTH
        case Answer.CHOICE:
            return given in question.options
        case Answer.SEVERAL:
            return (
                isinstance(given, tuple)
                and all(one in question.options for one in given)
                and len(set(given)) == len(given)
            )
        case Answer.YES_NO:
            return isinstance(given, bool)


def twice(people: Iterable[Person], signed_up_by: Iterable[Person | None]) -> Iterator[Reason]:
    """Everybody who stands more than once in one sign-up."""
    seen: dict[str, int] = {}
    for index, (person, booker) in enumerate(zip(people, signed_up_by, strict=True)):
        who = identity(person, booker)
        if who and who in seen:
            yield Reason("twice_in_party", {"path": f"people[{index}].name", "who": person.name})
        seen.setdefault(who, index)


# --- CPR numbers -----------------------------------------------------------------------------

_DASHED = re.compile(
    r"(?<!\d)(\d\d)[.\-/ ]?(\d\d)[.\-/ ]?(\d\d)\s?[-‐‑‒–—−./_]\s?\d{4}(?!\d)"
    r"|(?<!\d)(\d\d)(\d\d)(\d\d)\s\d{4}(?!\d)"
)
_DIGIT = re.compile(r"\d")
_BARE = re.compile(r"(?<![\d+])(\d\d)(\d\d)(\d\d)\d{4}(?!\d)")


def has_cpr(text: str, *, bare: bool = True) -> bool:
    """Whether a CPR-shaped number stands in `text`: DDMMYY-NNNN, or with `bare` ten digits.

    The first six are a date; 60 is added to the day in replacement numbers.
    """
    if _DIGIT.search(text) is None:  # as in nearly all that is ever written
        return False
    text = INVISIBLE.sub("", text)
    patterns = (_DASHED, _BARE) if bare else (_DASHED,)
    return any(
        _is_date(*filter(None, match.groups()))
        for pattern in patterns
        for match in pattern.finditer(text)
    )


def _is_date(day: str, month: str, year: str) -> bool:
    number = int(day)
    try:
        date(2000 + int(year), int(month), number - 60 if number > 60 else number)
    except ValueError:
        # 29 February may be that of another century.
        return (day, month) in (("29", "02"), ("89", "02"))
    return True


def cpr_faults(text: str, path: str, *, bare: bool = True) -> Iterator[Reason]:
    """That there is a CPR number in what stands at `path`."""
    if has_cpr(text, bare=bare):
        yield Reason("cpr", {"path": path})
