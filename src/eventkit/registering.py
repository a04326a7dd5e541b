"""What can be done at a prompt about registrations: ``register``, ``participants`` and ``cancel``.

Whoever sits at the prompt is staff. ``--at`` only says how it would be decided then.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import click
from attrs import evolve, frozen

from eventkit.formats import table
from eventkit.formats.participants import meant
from eventkit.formats.wording import Wording
from eventkit.model.decision import Decision, Reason, Refused
from eventkit.model.errors import DocumentError, Fault, NotFoundError
from eventkit.model.event import Event
from eventkit.model.registration import Outcome, Registration, Signup, Standing
from eventkit.model.values import (
    CONSENT,
    Actor,
    Answer,
    Contact,
    Json,
    Mode,
    Person,
    Question,
    Role,
    Side,
)
from eventkit.office.reception import unknown_registration
from eventkit.rules.seating import OVERRIDABLE
from eventkit.saying import reason_document, registration_document
from eventkit.terminal import (
    FINE,
    WRONG,
    Command,
    Session,
    as_json,
    moment,
    pass_session,
    read_bytes,
)

why = click.option("--reason", metavar="TEXT", default="", help="cli.option.why")
at_time = click.option("--at", metavar="TIME", help="cli.option.decide_at")


def _pairs(
    ctx: click.Context, param: click.Parameter, given: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """Each ``KEY=VALUE`` as its two parts."""
    if not all("=" in one for one in given):
        words = ctx.ensure_object(Session).words
        raise click.BadParameter(words("error.not_shaped", example="KEY=VALUE"), ctx, param)
    return tuple((key, value) for key, _, value in (one.partition("=") for one in given))


@click.command(cls=Command, help="cli.help.register")
@click.argument("event_id", metavar="ID")
@click.option("--name", metavar="N", required=True, help="cli.option.name")
@click.option("--email", metavar="E", default="", help="cli.option.email")
@click.option("--phone", metavar="P", default="", help="cli.option.phone")
@click.option("--organisation", metavar="O", default="", help="cli.option.organisation")
@click.option("--online", is_flag=True, help="cli.option.online")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.PARTICIPANT.value,
    help="cli.option.role",
)
@click.option("--item", metavar="KEY", help="cli.option.item")
@click.option(
    "--answer",
    "said",
    metavar="KEY=VALUE",
    multiple=True,
    callback=_pairs,
    help="cli.option.answer",
)
@why
@at_time
@as_json
@pass_session
def register(
    session: Session,
    event_id: str,
    name: str,
    email: str,
    phone: str,
    organisation: str,
    online: bool,
    role: str,
    item: str | None,
    said: Sequence[tuple[str, str]],
    reason: str,
    at: str | None,
    as_json: bool,
) -> int:
    """Register one person."""
    event = session.office.revision(event_id).event
    person = Person(name=name, email=email, phone=phone, organisation=organisation)
    here = Mode.ROOM if Mode.ROOM in event.modes else Mode.ONLINE
    answers = dict(_answers(said, event))
    signup = Signup(
        people=(person,),
        key=secrets.token_urlsafe(16),
        mode=Mode.ONLINE if online else here,
        answers=(answers,) if answers else (),
        language=session.words.language,
    )
    decision = session.office.register(
        event_id,
        signup,
        role=Role(role),
        item=item,
        actor=Actor(Side.SYSTEM, "register"),
        reason=reason,
        at=None if at is None else moment(at, event.zone),
    )
    return _tell(session, decision, event, as_json=as_json, saved=at is None)


@click.command(cls=Command, help="cli.help.cancel")
@click.argument("registration", metavar="REGISTRATION")
@why
@at_time
@as_json
@pass_session
def cancel(session: Session, registration: str, reason: str, at: str | None, as_json: bool) -> int:
    """Take one person out."""
    try:
        event_id, number = _named(registration)
        event = session.office.revision(event_id).event
        decision = session.office.cancel(
            event_id,
            (number,),
            actor=Actor(Side.SYSTEM, "cancel"),
            reason=reason,
            at=None if at is None else moment(at, event.zone),
        )
    except NotFoundError as error:
        raise _if_event(session, registration) or error from None
    return _tell(session, decision, event, as_json=as_json, saved=at is None, number=number)


def _answers(said: Sequence[tuple[str, str]], event: Event) -> Iterator[tuple[str, Json]]:
    """What `said` answers, in the form that is asked for; what fits none the desk refuses."""
    asked = {question.key: question for question in event.questions}
    given: dict[str, list[str]] = {}
    for key, value in said:
        values = given.setdefault(key, [])
        if value := " ".join(value.split()):
            values.append(Contact(name=value).name)  # the model says what a line of text is
    for key, values in given.items():
        if values or key not in asked:
            yield key, _typed(values, asked.get(key))


def _typed(values: Sequence[str], question: Question | None) -> Json:
    """The answer of these `values` to `question`, or to whether one may keep it (None)."""
    options = () if question is None else question.options
    found = tuple(dict.fromkeys(meant(value, options) for value in values))
    if len(found) != 1 or (question is not None and question.answer is Answer.SEVERAL):
        return found
    if question is None or question.answer is Answer.YES_NO:
        is_yes = table.yes_or_no(found[0])
        return found[0] if is_yes is None else is_yes
    return found[0]


# --- a whole table ---------------------------------------------------------------------------


@click.command(cls=Command, help="cli.help.participants")
@click.argument("event_id", metavar="ID")
@click.argument("file", metavar="FILE")
@click.option("--partial", is_flag=True, help="cli.option.partial")
@why
@at_time
@as_json
@pass_session
def participants(
    session: Session,
    event_id: str,
    file: str,
    partial: bool,
    reason: str,
    at: str | None,
    as_json: bool,
) -> int:
    """Register everybody in a table, or say for each line why not."""
    w = session.words
    event = session.office.revision(event_id).event
    when = None if at is None else moment(at, event.zone)
    lines = table.read(read_bytes(file, table.LARGEST + 1), event, language=w.language)
    able = [line for line in lines if line.signup is not None]
    decisions, saved = session.office.register_all(
        event_id,
        [(line.signup, line.role) for line in able if line.signup is not None],
        some=partial,
        whole=len(able) == len(lines),
        actor=Actor(Side.SYSTEM, "participants"),
        reason=reason,
        at=when,
    )
    answers = dict(zip((line.number for line in able), decisions, strict=True))
    told = [_Told.of(line, answers.get(line.number), event, w) for line in lines]
    refused = [one for one in told if one.outcome == "refused"]
    if as_json:
        session.say_json({"saved": saved, "lines": [one.document(saved) for one in told]})
        return WRONG if refused else FINE
    if at is not None:
        session.say(w("cli.register.would"))
    elif not saved:
        session.say(w("cli.participants.nothing"))
    for one in told:
        said = one.sentences(w, saved)
        if one.outcome == "refused":
            session.fail(*said)
        else:
            session.say(*said)
    counts = Counter(one.outcome for one in told)
    session.say(
        w(
            "cli.participants.sum",
            **{name: counts[name] for name in ("registered", "waiting", "already", "refused")},
        )
    )
    if any(map(_gives_way, decisions)):
        session.advise(w("cli.register.override"))
    return WRONG if refused else FINE


@frozen(kw_only=True)
class _Told:
    """What is told of one line: its outcome, in which place one waits, or every reason why not."""

    line: table.Line
    outcome: str
    registration: str | None = None
    status: str | None = None
    place: int | None = None
    reasons: tuple[dict[str, Any], ...] = ()

    @classmethod
    def of(
        cls, line: table.Line, decision: Decision[Outcome] | None, event: Event, w: Wording
    ) -> _Told:
        """What is told of a line, by what the desk decided, if it was asked."""
        if decision is None:
            wrong = [_fault_document(fault, w) for fault in line.faults]
            reasons = (*wrong, *(reason_document(reason, w, event) for reason in line.reasons))
            return cls(line=line, outcome="refused", reasons=reasons)
        if isinstance(decision, Refused):
            reasons = tuple(reason_document(reason, w, event) for reason in decision.reasons)
            for known in decision.reasons:
                if known.code == "already_registered":
                    return cls(
                        line=line,
                        outcome="already",
                        registration=str(known.data["registration"]),
                        status=str(known.data["status"]),
                        reasons=reasons,
                    )
            return cls(line=line, outcome="refused", reasons=reasons)
        outcome = decision.value
        one = outcome.registrations[-1]
        told = cls(line=line, outcome="registered", registration=one.id, status=one.status)
        if not outcome.entries:
            return evolve(told, outcome="already")
        if one.status is not Standing.WAITING or outcome.seats is None:
            return told
        return evolve(told, outcome="waiting", place=outcome.seats.in_mode(one.mode).waiting)

    def known_as(self, saved: bool) -> str | None:
        """The id of the registration, where there is one."""
        return self.registration if saved or self.outcome == "already" else None

    def sentences(self, w: Wording, saved: bool) -> tuple[str, ...]:
        """It in words: one line, or one for each reason."""
        place, name = w("cli.participants.line", line=self.line.number), self.line.name
        if self.outcome == "refused":
            start = ": ".join(filter(None, (place, name)))
            return tuple(f"{start}: {reason['message']}" for reason in self.reasons)
        said = w(f"standing.{self.status}")
        if self.outcome == "already":
            said = w("cli.participants.already", standing=said)
        more = [self.known_as(saved)]
        if self.place is not None:
            more.append(w("cli.register.place", place=self.place))
        shown = ", ".join(filter(None, more))
        return (f"{place}: {name} {said}" + (f" ({shown})" if shown else ""),)

    def document(self, saved: bool) -> dict[str, Any]:
        """It for machines; what is not saved has no id."""
        return {
            "line": self.line.number,
            "name": self.line.name,
            "outcome": self.outcome,
            "registration": self.known_as(saved),
            "place": self.place,
            "reasons": list(self.reasons),
        }


def _fault_document(fault: Fault, w: Wording) -> dict[str, Any]:
    """What is wrong with a cell, as a reason for machines."""
    [said] = w.error(DocumentError([fault], code="bad_table"))
    return {"code": fault.code, "message": said, "data": dict(fault.data)}


# --- telling ---------------------------------------------------------------------------------


def _named(registration: str) -> tuple[str, int]:
    """The event and the number in ``22-1-7``."""
    event_id, _, number = registration.rpartition("-")
    if not event_id or not (number.isascii() and number.isdigit()) or len(number) > 9:
        raise unknown_registration(registration)
    return event_id, int(number)


def _if_event(session: Session, name: str) -> NotFoundError | None:
    """That `name` is an event's where it should be a registration's; None where it is not."""
    try:
        session.office.revision(name)
    except NotFoundError:
        return None
    return NotFoundError(
        f"{name} is an event, not a registration", code="event_not_registration", event=name
    )


def _tell(
    session: Session,
    decision: Decision[Outcome],
    event: Event,
    *,
    as_json: bool,
    saved: bool,
    number: int | None = None,
) -> int:
    """What was decided: about the registration `number`, or the last one; then who else moved."""
    w = session.words
    if isinstance(decision, Refused):
        return _refuse(session, decision, event, as_json=as_json)
    outcome = decision.value
    chosen = [one for one in outcome.registrations if number in (None, one.number)][-1]
    if as_json:
        session.say_json({"registration": registration_document(chosen)})
        return FINE
    if not saved:
        session.say(w("cli.register.would"))
    others = [one for one in outcome.registrations if one.number != chosen.number]
    for one in (chosen, *others):
        session.say(_line(session, one, outcome))
    if chosen.fee is not None:
        session.say(w("cli.cancel.fee", fee=w.money(chosen.fee)))
    return FINE


def _refuse(session: Session, decision: Refused, event: Event, *, as_json: bool) -> int:
    """Every reason why not; where a reason of one's own goes past them all, that it does."""
    w, reasons = session.words, decision.reasons
    said = [_sentence(reason, event, w) for reason in reasons]
    if as_json:
        told = [
            {**reason_document(reason, w, event), "message": sentence}
            for reason, sentence in zip(reasons, said, strict=True)
        ]
        session.say_json({"refused": told})
        return WRONG
    session.fail(*said)
    if _gives_way(decision):
        session.advise(w("cli.register.override"))
    return WRONG


def _gives_way(decision: Decision[Outcome]) -> bool:
    """Whether staff with a reason of their own go past all that stands in the way."""
    reasons = decision.reasons if isinstance(decision, Refused) else ()
    return bool(reasons) and all(one.code in OVERRIDABLE or one.text is not None for one in reasons)


def _sentence(reason: Reason, event: Event, w: Wording) -> str:
    """A reason in words that fit a prompt, where there is no form to mend or to open anew."""
    key = str(reason.data.get("path", "")).partition(".")[2]
    if reason.code == "unknown_question":
        keys = ", ".join(one.key for one in event.questions)
        return w("cli.answer.unknown", key=key, keys=keys) if keys else w("cli.answer.none")
    key = key.removesuffix(CONSENT)
    question = next((one for one in event.questions if one.key == key), None)
    if question is None or reason.code not in ("answer_missing", "answer_wrong", "consent_missing"):
        return w.reason(reason, event)
    wrong = question.answer if reason.code == "answer_wrong" else reason.code
    return w(f"cli.answer.{wrong}", key=key, question=question.text, options=question.options)


def _line(session: Session, one: Registration, outcome: Outcome) -> str:
    """Where somebody stands, and in which place: whoever came last is last in line."""
    w = session.words
    said = f"{one.id}  {one.person.name} {w(f'standing.{one.status}')}"
    if one.status is not Standing.WAITING or one.change > 1 or outcome.seats is None:
        return said
    place = outcome.seats.in_mode(one.mode).waiting
    return f"{said} ({w('cli.register.place', place=place)})"
