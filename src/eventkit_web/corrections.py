"""The form about one person: to correct who they are and what they answered, or who comes instead.

A field is called by the path that reasons have: ``person.email`` is ``person-email``, and
``answers.diet`` is ``person-q_diet``. Whether what was written will do, the desk decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import asdict, evolve
from werkzeug.datastructures import MultiDict

from eventkit.formats.wording import Wording
from eventkit.model.decision import Reason
from eventkit.model.event import Event
from eventkit.model.registration import Registration
from eventkit.model.values import Answer, Invoice, Json, Person, is_blank
from eventkit_web.forms import (
    Fault,
    Guard,
    answers_of,
    invoice_form,
    invoice_of,
    person_form,
    plain,
    target,
    tell,
)

NAMES = ("name", "email", "phone", "organisation")
"""What is asked about a person."""


class PersonForm:
    """A form about one person of `event`: with what is `known`, or with what was `sent`.

    It asks for `names`, for answers where it `asks`, and for the bill where it `bills`. A part
    belongs to WTForms, which has no types.
    """

    def __init__(
        self,
        event: Event,
        w: Wording,
        sent: MultiDict[str, str] | None = None,
        *,
        known: Registration | None = None,
        names: tuple[str, ...] = NAMES,
        asks: bool = True,
        bills: bool = False,
    ) -> None:
        self.event = event
        self.sent = sent is not None
        self.names = names
        self.asks = asks
        self._w = w
        self.guard = Guard(formdata=sent)
        written = {} if known is None else dict(_written(known, event))
        self.person = person_form(event, w)(formdata=sent, prefix="person-", data=written)
        self.invoice = None
        if bills:
            bill = None if known is None else known.invoice
            data = {} if bill is None else asdict(bill)
            self.invoice = invoice_form(w)(formdata=sent, prefix="invoice-", data=data)

    @property
    def questions(self) -> tuple[Any, ...]:
        """What the event asks, where this form does."""
        return self.event.questions if self.asks else ()

    @property
    def has_invoice(self) -> bool:
        """Whether anything is written about the bill, or wrong with it."""
        return self.invoice is not None and any(one.data or one.errors for one in self.invoice)

    # --- reading it ---

    def validate(self) -> bool:
        """Whether it can be read; what cannot is told at its field."""
        for part in filter(None, (self.person, self.invoice)):
            part.validate()
        name = self.person.name
        if "name" in self.names and not name.errors and is_blank(name.data or ""):
            tell(name, self._w("page.whose_name_missing"))
        return not self.faults()

    def written(self, person: Person) -> Person:
        """`person` as the form has them; what cannot be read is as it was."""
        said = {name: plain(self.person[name]) for name in self.names}
        return evolve(person, **{**said, "name": said.get("name") or person.name})

    def answers(self) -> Mapping[str, Json] | None:
        """The answers in it; None where it does not ask."""
        return dict(answers_of(self.event, self.person)) if self.asks else None

    def bill(self) -> Invoice | None:
        """Where to send the bill, empty where that was taken out; None where it is not asked."""
        return None if self.invoice is None else invoice_of(self.invoice) or Invoice()

    # --- what is wrong with it ---

    def tell(self, reasons: Iterable[Reason]) -> tuple[str, ...]:
        """Put each reason beside the field it is about; the sentences of those about none."""
        rest = []
        for reason in reasons:
            said = self._w.reason(reason, self.event)
            field = self._field(str(reason.data.get("path", "")))
            if field is None:
                rest.append(said)
            else:
                tell(field, said)
        return tuple(rest)

    def _field(self, path: str) -> Any:
        """The field that a reason's path means; None for one that is not in the form."""
        part, _, name = path.partition(".")
        if part == "invoice" and self.invoice is not None:
            return self.invoice._fields.get(name)
        if part == "person" and name in self.names:
            return self.person[name]
        if part == "answers" and self.asks:
            fields = self.person._fields
            return fields.get(f"q_{name}") or fields.get(f"c_{name.removesuffix('.consent')}")
        return None

    def faults(self) -> tuple[Fault, ...]:
        """What is wrong at the fields, from the top down."""
        fields = [field for part in filter(None, (self.person, self.invoice)) for field in part]
        return tuple(
            Fault(said, target(self.event, field)) for field in fields for said in field.errors
        )


def _written(one: Registration, event: Event) -> Iterator[tuple[str, Any]]:
    """What a registration says, as its fields hold it."""
    for name in NAMES:
        yield name, getattr(one.person, name)
    for question in event.questions:
        answer = one.answers.get(question.key)
        if question.answer is Answer.YES_NO and isinstance(answer, bool):
            answer = "yes" if answer else "no"
        elif question.answer is Answer.SEVERAL:
            answer = list(answer or ())
        yield f"q_{question.key}", answer
        yield f"c_{question.key}", one.answers.get(f"{question.key}.consent") is True
