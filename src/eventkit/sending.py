"""What can be done at a prompt about what is due and owed: ``tick``, ``work``, ``call-off`` …"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import click

from eventkit.formats import codec, mail, mime
from eventkit.formats.mail import Templates
from eventkit.formats.wording import Wording
from eventkit.model.decision import Refused
from eventkit.model.errors import EventkitError
from eventkit.model.registration import Notice, Registration
from eventkit.model.values import Actor, Side, rfc9557, zone
from eventkit.office.delivery import Delivery, Report
from eventkit.office.outbox import STUCK, Parcel
from eventkit.office.tables import (
    CLAIMED,
    FAILED,
    HELD,
    OWED,
    SENDING,
    SENT,
    UNKNOWN,
    WITHDRAWN,
)
from eventkit.office.usecases import LATE, TICK
from eventkit.plugins.hooks import Result
from eventkit.terminal import FINE, WRONG, Command, Session, file_error, moment, pass_session

STATES = (OWED, CLAIMED, SENDING, SENT, FAILED, UNKNOWN, HELD, WITHDRAWN)

EVERY = 30
"""Seconds between two looks, unless said otherwise."""


@click.command(cls=Command, help="cli.help.tick")
@click.option("--now", "at", metavar="TIME", help="cli.option.now")
@pass_session
def tick(session: Session, at: str | None) -> int:
    """Do everything that is due, once; with a time, only say what would be."""
    session.is_kept = True
    delivery = Delivery(session.office)
    if at is not None:
        return _would(session, delivery, at)
    report = delivery.tick()
    session.say(_told(report, session.words))
    if report.said:
        session.warn(_ails(session, report.said))
    return _look_at(session, delivery)


@click.command(cls=Command, help="cli.help.work")
@click.option(
    "--every", type=click.IntRange(1, 3600), default=EVERY, metavar="N", help="cli.option.every"
)
@pass_session
def work(session: Session, every: int) -> int:
    """Do what is due again and again, until told to stop."""
    session.is_kept = True
    delivery, w = Delivery(session.office), session.words
    told: list[str] = []
    session.say(w("cli.work.begun", every=every))
    with _until_told(delivery) as stop:
        while not stop.is_set():
            try:
                report = delivery.tick()
                if report.events or report.notices:
                    session.say(_told(report, w))
                told = []
            except EventkitError as error:  # what ails may pass; until then it is said once
                if (said := w.error(error)) != told:
                    session.fail(*said)
                told = said
            stop.wait(every)
    return FINE


@contextmanager
def _until_told(delivery: Delivery) -> Iterator[threading.Event]:
    """Within, Ctrl+C and SIGTERM are a wish to end what is begun and stop."""
    stop = threading.Event()

    def told(number: int, frame: FrameType | None) -> Any:
        stop.set()
        delivery.stop()

    before = {number: signal.signal(number, told) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _told(report: Report, w: Wording) -> str:
    """``1 arrangement passet. 3 sendt, 1 prøves igen.``"""
    notices = ", ".join(w(f"cli.tick.{state}", n=n) for state, n in sorted(report.notices.items()))
    said = [w.count("cli.tick.events", len(report.events))] if report.events else []
    said += [notices + "."] if notices else []
    return " ".join(said) or w("cli.tick.nothing")


def _ails(session: Session, said: str) -> str:
    """Why mail does not go: what its notifier lacks, else what that `said` last."""
    name, plugins, w = session.settings.notifier, session.plugins, session.words
    lacking = plugins.lacks(name) if name in plugins.notifiers else None
    return w("cli.tick.said", notifier=name, said=said) if lacking is None else w.reason(lacking)


def _look_at(session: Session, delivery: Delivery) -> int:
    """What staff must see to, once a tick is done."""
    w, counts = session.words, delivery.outbox.counts()
    left = {state: n for state in (UNKNOWN, FAILED, HELD) if (n := counts.get(state, 0))}
    for state, n in left.items():
        session.warn(w.count(f"cli.tick.left_{state}", n))
    if left:
        session.warn(w("cli.tick.left"))
    return FINE


def _would(session: Session, delivery: Delivery, at: str) -> int:
    """What a tick at that time would do, as far as it can be known now."""
    office, w = session.office, session.words
    place = zone(session.settings.zone)
    now = moment(at, place)
    events, parcels = office.store.due(now), delivery.outbox.due(now)
    for event_id in events:
        session.say(w("cli.tick.would_look", event=event_id))
    for parcel in parcels:
        notice = parcel.notice
        session.say(
            w(
                "cli.tick.would_send",
                kind=w(f"notice.{notice.kind}"),
                registration=_about(notice),
                due=notice.due.astimezone(place),
            )
        )
    if not events and not parcels:
        session.say(w("cli.tick.nothing"))
    return FINE


# --- what staff decide -----------------------------------------------------------------------


@click.command("notices", cls=Command, help="cli.help.notices")
@click.argument("event_id", metavar="[ID]", default="")
@click.option("--state", type=click.Choice(STATES), metavar="STATE", help="cli.option.state")
@click.option("--key", "keys", multiple=True, metavar="KEY", help="cli.option.key")
@click.option("--send", is_flag=True, help="cli.option.send_notices")
@click.option("--drop", is_flag=True, help="cli.option.drop_notices")
@click.option("--yes", is_flag=True, help="cli.option.yes")
@click.option("--json", "as_json", is_flag=True, help="cli.option.json")
@pass_session
def notices(
    session: Session,
    event_id: str,
    state: str | None,
    keys: tuple[str, ...],
    send: bool,
    drop: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """The notices that wait for staff to decide, or those in one state; send them, or drop them."""
    office, w, outbox = session.office, session.words, session.office.store.outbox
    if send and drop:
        raise click.UsageError(w("cli.notices.both"))
    if event_id:
        office.revision(event_id)
    found = outbox.parcels(event_id or None, (state,) if state else STUCK)
    found = tuple(one for one in found if not keys or one.notice.key in keys)
    if missing := sorted(set(keys) - {one.notice.key for one in found}):
        return session.fail(*(w("cli.notices.unknown", key=key) for key in missing))
    if as_json:
        session.say_json([_document(one) for one in found])
    else:
        for one in found:
            session.say(_line(one, session))
    if not (send or drop):
        if not found and not as_json:
            session.say(w("cli.notices.none"))
        return FINE
    stuck = [one.notice.key for one in found if one.state in STUCK]
    sure = w.count("cli.notices.sure_send" if send else "cli.notices.sure_drop", len(stuck))
    if stuck and not yes and not session.sure(sure):
        return WRONG
    done = outbox.release(stuck, send=send, now=office.now(), actor=Actor(Side.SYSTEM, "notices"))
    session.propose(w.count("cli.notices.sent" if send else "cli.notices.dropped", done))
    return FINE


def _about(notice: Notice) -> str:
    """The registration that a notice is about, or its event."""
    if notice.registration is None:
        return notice.event
    return f"{notice.event}-{notice.registration}"


def _line(one: Parcel, session: Session) -> str:
    """``21-374-7.1: bekræftelse til anne@example.dk, afvist (550 …)``."""
    notice, w = one.notice, session.words
    return w(
        "cli.notices.line",
        key=notice.key,
        kind=w(f"notice.{notice.kind}"),
        recipient=notice.recipient,
        state=w(f"cli.state.{one.state}"),
        detail=f" ({one.detail})" if one.detail else "",
    )


def _document(one: Parcel) -> dict[str, Any]:
    """A notice on its way as JSON."""
    return {
        **codec.to_data(one.notice),
        "state": one.state,
        "attempts": one.attempts,
        "next_at": None if one.next_at is None else rfc9557(one.next_at),
        "detail": one.detail,
    }


# --- whether it goes out ---------------------------------------------------------------------


def say_how_it_goes(session: Session) -> None:
    """When everything due was done last, and how many notices wait or have not gone."""
    office, w = session.office, session.words
    outbox, moment = office.store.outbox, office.now()
    ticked = outbox.last_beat(TICK)
    if ticked is None:
        session.propose(w("cli.doctor.no_tick"))
    else:
        minutes = max(0, int((moment - ticked).total_seconds()) // 60)
        session.say(w.count("cli.doctor.tick", minutes))
        if moment - ticked > LATE:
            session.warn(w("cli.doctor.tick_late"))
    counts = outbox.counts()
    waiting = sum(counts.get(state, 0) for state in (OWED, CLAIMED, SENDING))
    stuck = {state: counts.get(state, 0) for state in STUCK}
    session.say(w("cli.doctor.notices", waiting=waiting, **stuck))
    if any(stuck.values()):
        session.propose(w("cli.tick.left"))


def look_at_mail(session: Session, address: str | None) -> int:
    """Whether mail can go out as it is set up; to `address`, where there is one, a trial."""
    settings, w = session.settings, session.words
    wrong = FINE
    try:
        Templates.read(settings.mail_templates)
    except EventkitError as error:
        wrong = session.fail(*w.error(error))
    except OSError as error:
        wrong = session.fail(*w.error(file_error(error)))
    lacking = session.plugins.lacks(settings.notifier)
    if lacking is not None:
        return session.fail(w.reason(lacking))
    return wrong if address is None else try_mail(session, address) or wrong


def try_mail(session: Session, address: str) -> int:
    """Send one message as notices go, and say in a line what became of it."""
    office, w, settings = session.office, session.words, session.settings
    for one in (address, settings.sender_of(None)):
        if not mime.is_address(one):
            return session.fail(w("cli.doctor.no_address", address=one))
    moment = office.now()
    message = mail.trial(
        f"trial-{moment:%Y%m%d%H%M%S}",
        address,
        sender=settings.sender_of(None),
        base_url=settings.base_url,
        language=w.language,
        at=moment,
    )
    try:
        became = office.plugins.notify(settings.notifier, message)
    finally:
        office.plugins.hang_up(settings.notifier)
    ending = f": {became.detail}" if became.detail else "."
    name = settings.notifier
    match became.result:
        case Result.SENT:
            session.say(w("cli.doctor.mail_sent", notifier=name) + ending)
            return FINE
        case Result.RETRY:
            return session.fail(w("cli.doctor.mail_retry", notifier=name) + ending)
        case Result.FAILED:
            return session.fail(w("cli.doctor.mail_failed", notifier=name) + ending)
    return session.fail(w("cli.doctor.mail_unknown", notifier=name) + ending)


# --- everybody at an event -------------------------------------------------------------------

STAFF = Actor(Side.SYSTEM, "call-off")


@click.command("call-off", cls=Command, help="cli.help.call_off")
@click.argument("event_id", metavar="ID")
@click.option("--reason", default="", metavar="TEXT", help="cli.option.reason_told")
@click.option("--yes", is_flag=True, help="cli.option.yes")
@click.option("--undo", is_flag=True, help="cli.option.undo")
@pass_session
def call_off(session: Session, event_id: str, reason: str, yes: bool, undo: bool) -> int:
    """Cancel an event, and tell everybody; or take that back."""
    office, w = session.office, session.words
    current = office.revision(event_id)
    if undo:
        decision = office.take_back(event_id, base=current.number, actor=STAFF, reason=reason)
    else:
        people = [one for one in office.registrations(event_id) if one.status.is_active]
        session.say(w.count("cli.call_off.people", sum(1 for one in people if one.recipient)))
        for one in people:
            if not one.recipient:
                session.say(_named(one, w))
        if reason.strip():
            session.say(w("cli.call_off.reason", reason=reason))
        if not yes and not session.sure(w("cli.call_off.sure")):
            return WRONG
        decision = office.call_off(event_id, base=current.number, actor=STAFF, reason=reason)
    if isinstance(decision, Refused):
        return session.refused(decision, current.event)
    session.propose(w("cli.call_off.undone" if undo else "cli.call_off.done", event=event_id))
    return FINE


def _named(one: Registration, w: Wording) -> str:
    """``  98-1-3 Gæst: ingen e-mail – ring``: who it is, and whether one must call them."""
    named = f"  {one.id} {one.person.name}"
    return named if one.recipient else f"{named}: {w('cli.changes.call')}"


@click.command("changes", cls=Command, help="cli.help.changes")
@click.argument("event_id", metavar="ID")
@click.option("--send", is_flag=True, help="cli.option.send")
@click.option("--keep", is_flag=True, help="cli.option.keep")
@pass_session
def changes(session: Session, event_id: str, send: bool, keep: bool) -> int:
    """Whom the changes of an event concern that they were not told of; and tell them."""
    office, w = session.office, session.words
    actor = Actor(Side.SYSTEM, "changes")
    if keep:
        office.keep_changes(event_id, actor=actor)
    people = office.untold(event_id)
    session.say(w.count("cli.changes.people", len(people)))
    for one in people:
        session.say(_named(one, w))
    if send and (at := office.send_changes(event_id, actor=actor)) is not None:
        session.say(w("cli.changes.sent", at=at.astimezone(zone(session.settings.zone))))
    return FINE
