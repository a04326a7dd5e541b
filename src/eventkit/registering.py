"""What can be done at a prompt about registrations: ``register`` and ``cancel``.

Whoever sits at the prompt is staff. ``--at`` only says how it would be decided then.
"""

from __future__ import annotations

import secrets

import click

from eventkit.model.decision import Decision, Refused
from eventkit.model.errors import NotFoundError
from eventkit.model.event import Event
from eventkit.model.registration import Outcome, Registration, Signup, Standing
from eventkit.model.values import Actor, Mode, Person, Role, Side
from eventkit.saying import reason_document, registration_document
from eventkit.terminal import FINE, WRONG, Command, Session, as_json, moment, pass_session

why = click.option("--reason", metavar="TEXT", default="", help="cli.option.why")
at_time = click.option("--at", metavar="TIME", help="cli.option.decide_at")


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
    reason: str,
    at: str | None,
    as_json: bool,
) -> int:
    """Register one person."""
    event = session.office.revision(event_id).event
    person = Person(name=name, email=email, phone=phone, organisation=organisation)
    here = Mode.ROOM if Mode.ROOM in event.modes else Mode.ONLINE
    signup = Signup(
        people=(person,),
        key=secrets.token_urlsafe(16),
        mode=Mode.ONLINE if online else here,
        language=session.words.language,
    )
    decision = session.office.register(
        event_id,
        signup,
        role=Role(role),
        item=item,
        actor=Actor(Side.SYSTEM, "register"),
        reason=reason,
        at=None if at is None else moment(at, event),
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
    event_id, number = _named(registration)
    event = session.office.revision(event_id).event
    decision = session.office.cancel(
        event_id,
        (number,),
        actor=Actor(Side.SYSTEM, "cancel"),
        reason=reason,
        at=None if at is None else moment(at, event),
    )
    return _tell(session, decision, event, as_json=as_json, saved=at is None, number=number)


def _named(registration: str) -> tuple[str, int]:
    """The event and the number in ``22-1-7``."""
    event_id, _, number = registration.rpartition("-")
    if not event_id or not (number.isascii() and number.isdigit()) or len(number) > 9:
        shown = " ".join(registration.split())[:80] or '""'
        raise NotFoundError(
            f"there is no registration {shown}", code="unknown_registration", registration=shown
        )
    return event_id, int(number)


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
        if as_json:
            told = [reason_document(reason, w, event) for reason in decision.reasons]
            session.say_json({"refused": told})
            return WRONG
        return session.refused(decision, event)
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


def _line(session: Session, one: Registration, outcome: Outcome) -> str:
    """Where somebody stands, and in which place: whoever came last is last in line."""
    w = session.words
    said = f"{one.id}  {one.person.name} {w(f'standing.{one.status}')}"
    if one.status is not Standing.WAITING or one.change > 1 or outcome.seats is None:
        return said
    place = outcome.seats.in_mode(one.mode).waiting
    return f"{said} ({w('cli.register.place', place=place)})"
