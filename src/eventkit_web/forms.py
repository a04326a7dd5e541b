"""The sign-up form: what it asks, what somebody wrote in it, and what is wrong where.

A field is called by the path that reasons have: ``people[1].email`` is ``people-1-email``, and
``answers[0].diet`` is ``people-0-q_diet``. Whether what was written will do, the desk decides; here
is only refused what no text can be, a name that is missing, and a text that is too long.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, Form, HiddenField, SelectMultipleField, StringField
from wtforms.validators import StopValidation

from eventkit.formats.wording import Wording
from eventkit.model.decision import Reason
from eventkit.model.errors import ImpossibleError
from eventkit.model.event import Event
from eventkit.model.registration import Signup, Standing
from eventkit.model.values import (
    UNSEEN,
    Answer,
    Contact,
    Invoice,
    Json,
    Mode,
    Money,
    Person,
    Question,
    is_blank,
)
from eventkit_web.pages import upper_first

MOST_PEOPLE = 20
"""How many one form takes in."""

SHORT, EMAIL, LINE = 200, 254, 1_000
"""How many characters a name, an e-mail address (RFC 5321) and an answer may have."""

MOST_RADIOS = 5
"""A choice among more than these is a list to unfold."""

_KEY = re.compile(r"[A-Za-z0-9_-]{20,100}")
_OF_PERSON = re.compile(r"people-([0-9]{1,2})-")
_PATH = re.compile(r"(?P<part>people|answers)\[(?P<at>\d+)\]\.(?P<name>.+)")
_YES_NO = {"yes": True, "no": False}
_PRICE = "price:"


def new_key() -> str:
    """The key of a form that is shown for the first time."""
    return secrets.token_urlsafe(24)


@frozen
class Fault:
    """What is wrong, and the id of the element to mend it in."""

    text: str
    target: str


# --- fields ----------------------------------------------------------------------------------


class _Text:
    """A WTForms validator: a text that can be kept, and is not too long."""

    def __init__(self, w: Wording, most: int) -> None:
        self._w = w
        self._most = most

    def __call__(self, form: Form, field: Field) -> None:
        """Stop at what is wrong."""
        given = field.data or ""
        for text in given if isinstance(given, list) else [given]:
            if len(text) > self._most:
                said = self._w("page.too_long", most=self._most, length=len(text))
                raise StopValidation(said)
            try:
                Contact(name=text)  # the model says what a line of text is
            except ImpossibleError:
                raise StopValidation(self._w("page.not_a_line")) from None


def text_field(label: str, w: Wording, most: int = SHORT) -> Any:
    """A line of text that is labelled so and has at most so many characters."""
    return StringField(label, [_Text(w, most)])


class Guard(FlaskForm):  # type: ignore[misc]  # neither library has types
    """The token against forgery, which every form of ours carries."""

    @property
    def is_ours(self) -> bool:
        """Whether a form was sent from our own page."""
        self.validate()
        return not self.csrf_token.errors

    @property
    def token(self) -> str:
        """What the form that is shown carries; asking sets the cookie that goes with it."""
        return str(self.csrf_token.current_token)


class _Head(Guard):
    """What concerns everybody in the form; with the token against forgery."""

    key = HiddenField()
    promised = HiddenField()
    mode = StringField()


def person_form(event: Event, w: Wording) -> Any:
    """The fields for one person, the event's questions among them."""
    fields = {
        "name": text_field(w("page.name"), w),
        "email": text_field(w("page.email"), w, EMAIL),
        "phone": text_field(w("page.phone"), w),
        "organisation": text_field(w("page.organisation"), w),
    }
    for question in event.questions:
        kind = SelectMultipleField if question.answer is Answer.SEVERAL else StringField
        more = {"choices": (), "validate_choice": False} if kind is SelectMultipleField else {}
        fields[f"q_{question.key}"] = kind(question.text, [_Text(w, LINE)], **more)
        if question.sensitive:
            fields[f"c_{question.key}"] = BooleanField(w("page.consent"))
    return type("PersonForm", (Form,), fields)


def invoice_form(w: Wording) -> Any:
    """The fields for where to send the bill."""
    fields = {
        "name": text_field(w("page.invoice_name"), w),
        "cvr": text_field(w("page.invoice_cvr"), w),
        "ean": text_field(w("page.invoice_ean"), w),
        "reference": text_field(w("page.invoice_reference"), w),
        "email": text_field(w("page.invoice_email"), w, EMAIL),
    }
    return type("InvoiceForm", (Form,), fields)


# --- the form --------------------------------------------------------------------------------


class SignupForm:
    """One sign-up form of `event`: empty, or with what was `sent`.

    `people` are the parts for each person: the first is who fills it in. `invoice` is None where
    there is nothing to pay. A part belongs to WTForms, which has no types.
    """

    def __init__(self, event: Event, w: Wording, sent: MultiDict[str, str] | None = None) -> None:
        self.event = event
        self.sent = sent is not None
        self._w = w
        self._person_form = person_form(event, w)
        self.head = _Head(formdata=sent)
        if not _KEY.fullmatch(self.head.key.data or ""):
            self.head.key.data = new_key()
        matches = (_OF_PERSON.match(name) for name in sent or ())
        places = sorted({int(match[1]) for match in matches if match is not None})
        self.is_too_long = len(places) > MOST_PEOPLE
        self.people = [self._person(place, sent) for place in places] or [self._person(0)]
        self.invoice = None
        if event.price is not None and event.price.amount:
            self.invoice = invoice_form(w)(formdata=sent, prefix="invoice-")

    def _person(self, place: int, sent: MultiDict[str, str] | None = None) -> Any:
        return self._person_form(formdata=sent, prefix=f"people-{place}-")

    # --- changing it ---

    def add(self) -> bool:
        """One person more; False where there are as many as there may be."""
        if len(self.people) >= MOST_PEOPLE:
            return False
        taken = {str(one.name.name) for one in self.people}
        last = int(self.people[-1].name.name.split("-")[1])
        places = (*range(last + 1, 100), *range(100))
        self.people.append(self._person(next(n for n in places if f"people-{n}-name" not in taken)))
        return True

    def remove(self, name: str) -> None:
        """Without the person whose name stands in the field `name`; the first one stays."""
        self.people[1:] = [one for one in self.people[1:] if one.name.name != name]

    @property
    def has_invoice(self) -> bool:
        """Whether anything is written about the bill, or wrong with it."""
        return self.invoice is not None and (
            _is_filled(self.invoice) or any(field.errors for field in self.invoice)
        )

    def promise(self, standings: Mapping[Mode, Standing]) -> None:
        """Note what the form says that one will get in each mode, and what it costs."""
        said = [f"{mode}:{one}" for mode, one in standings.items()]
        price = self.event.price or Money(0)
        said.append(f"{_PRICE}{price.amount}{price.currency}")
        self.head.promised.data = " ".join(said)

    def promised(self, mode: Mode) -> Standing:
        """What the form said that one would get in `mode`: a seat, where that cannot be read."""
        for standing in (Standing.WAITING, Standing.PENDING):
            if f"{mode}:{standing}" in self._promises:
                return standing
        return Standing.CONFIRMED

    @property
    def agreed(self) -> Money | None:
        """The price that the form said; None where that cannot be read."""
        said = next((one for one in self._promises if one.startswith(_PRICE)), "")
        _, _, amount = said.partition(":")
        try:
            return Money(amount[:-3], amount[-3:])
        except ImpossibleError:
            return None

    @property
    def _promises(self) -> list[str]:
        return (self.head.promised.data or "").split()

    def renew(self) -> None:
        """Make it another form that says the same."""
        self.head.key.data = new_key()

    # --- reading it ---

    @property
    def mode(self) -> Mode | None:
        """The way to attend that was chosen, or that there is no choice about; None so far.

        One that is not offered any more is still what was chosen: nobody gets another unasked.
        """
        only = self.event.modes[0] if len(self.event.modes) == 1 else None
        return next((one for one in Mode if one == self.head.mode.data), only)

    def validate(self) -> bool:
        """Whether it can be read; what cannot is told at its field."""
        for part in (self.head, *self.people, *filter(None, [self.invoice])):
            part.validate()
        if self.mode is None:
            tell(self.head.mode, self._w("page.mode_missing"))
        for number, one in enumerate(self._filled()):
            if not one.name.errors and is_blank(one.name.data or ""):
                key = "page.colleague_missing" if number else "page.name_missing"
                tell(one.name, self._w(key))
        return not self.is_too_long and not self.faults()

    @property
    def is_ours(self) -> bool:
        """Whether it was sent from our own page: known, and to be asked, after `validate`."""
        return not self.head.csrf_token.errors

    def signup(self) -> Signup:
        """What it says. What cannot be read is left out, and a missing name is told otherwise."""
        filled = self._filled()
        return Signup(
            people=tuple(self._person_of(number, one) for number, one in enumerate(filled)),
            key=self.head.key.data,
            mode=self.mode or self.event.modes[0],
            answers=tuple(dict(answers_of(self.event, one)) for one in filled),
            invoice=invoice_of(self.invoice),
            language=self._w.language,
        )

    def _filled(self) -> list[Any]:
        """The first person, and those of the others about whom anything is said."""
        return [one for at, one in enumerate(self.people) if at == 0 or _is_filled(one)]

    def called(self, number: int) -> str:
        """What to call somebody by their place in the form: ``dig`` or ``kollega 1``."""
        return self._w("page.colleague", number=number) if number else self._w("page.you")

    def _person_of(self, number: int, one: Any) -> Person:
        return Person(
            name=plain(one.name) or self.called(number),
            email=plain(one.email),
            phone=plain(one.phone),
            organisation=plain(one.organisation),
        )

    # --- what is wrong with it ---

    def tell(self, reasons: Iterable[Reason]) -> list[str]:
        """Put each reason beside the field it is about; the sentences of those about none.

        A field that cannot be read is told so, and not what would follow from that.
        """
        told = [(reason, self._field(str(reason.data.get("path", "")))) for reason in reasons]
        unread = [field for _, field in told if field is not None and field.errors]
        rest = []
        for reason, field in told:
            said = self._w.reason(reason, self.event)
            if field is None:
                rest.append(said)
            elif field not in unread:
                tell(field, said)
        return rest

    def _field(self, path: str) -> Any:
        """The field that a reason's path means; None for one that is not in the form."""
        if self.invoice is not None and path.startswith("invoice."):
            return self.invoice._fields.get(path.removeprefix("invoice."))
        match, filled = _PATH.fullmatch(path), self._filled()
        if match is None or int(match["at"]) >= len(filled):
            return None
        fields, name = filled[int(match["at"])]._fields, match["name"]
        if match["part"] == "people":
            return fields.get(name)
        return fields.get(f"q_{name}") or fields.get(f"c_{name.removesuffix('.consent')}")

    def faults(self) -> tuple[Fault, ...]:
        """What is wrong at the fields, from the top down; in a party with whom it concerns."""
        found = list(self._faults([self.head.mode]))
        for number, one in enumerate(self.people):
            found += self._faults(one, self.called(number) if len(self.people) > 1 else "")
        return (*found, *self._faults(self.invoice or ()))

    def _faults(self, fields: Iterable[Any], who: str = "") -> Iterator[Fault]:
        for field in fields:
            for said in field.errors:
                if who:
                    said = self._w("page.about_whom", who=upper_first(who), said=said)
                yield Fault(said, self.target(field))

    def target(self, field: Any) -> str:
        """The id of the element in which `field` is mended: of a group the first."""
        return f"{field.id}-1" if field is self.head.mode else target(self.event, field)


# --- its parts -------------------------------------------------------------------------------


def answers_of(event: Event, part: Any) -> Iterator[tuple[str, Json]]:
    """What is answered in the part of one person; what cannot be read is left out."""
    for question in event.questions:
        field = part[f"q_{question.key}"]
        answer: Json = field.data if question.answer is Answer.SEVERAL else plain(field)
        if not answer or field.errors:
            continue
        if question.answer is Answer.YES_NO:
            answer = _YES_NO.get(answer, answer)
        yield question.key, answer
        if question.sensitive and part[f"c_{question.key}"].data:
            yield f"{question.key}.consent", True


def invoice_of(part: Any) -> Invoice | None:
    """Where to send the bill; None where nothing is written, or nobody asked."""
    if part is None or not _is_filled(part):
        return None
    return Invoice(**{field.short_name: plain(field) for field in part})


def target(event: Event, field: Any) -> str:
    """The id of the element in which the `field` of a part is mended: of a group the first."""
    name = str(field.short_name)
    question = next((one for one in event.questions if name == f"q_{one.key}"), None)
    return f"{field.id}-1" if question is not None and is_group(question) else str(field.id)


def is_group(question: Question) -> bool:
    """Whether a question is answered by ticking one or more of what is shown."""
    match question.answer:
        case Answer.CHOICE:
            return len(question.options) <= MOST_RADIOS
        case Answer.SEVERAL | Answer.YES_NO:
            return True
    return False


def _is_filled(part: Any) -> bool:
    """Whether anything is written or chosen in a part of the form."""
    return any(field.data.strip() if isinstance(field.data, str) else field.data for field in part)


_EDGES = UNSEEN + "".join(char for char in map(chr, range(0x3001)) if char.isspace())
"""What is pasted along with an address, and nobody sees."""


def plain(field: Any) -> str:
    """The text in a field without what nobody sees around it; "" for what cannot be read."""
    return "" if field.errors else str(field.data or "").strip(_EDGES)


def tell(field: Any, said: str) -> None:
    """Put a sentence beside a field, once."""
    if said not in field.errors:
        field.errors = [*field.errors, said]
