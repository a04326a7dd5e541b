"""The registration desk: who gets a seat, who waits, who is next, and why not.

Each command takes a `Book`, what the desk may look into, and gives a `Decision`: `Refused` with all
its reasons, or an `Outcome`, all that must be saved together. Nothing here reads a clock, a
database or chance, so the same book at the same `now` gives the same answer.

Every command first does what is due: offers that have ended expire, and who is next in line moves
up. Expiry is decided by `now`, never by whether somebody came by to say so. Then comes the command,
and then what its doing made due. Each change of a registration is one journal entry and exactly the
notices it owes (`eventkit.rules.seating`).

Public actors are held to the windows of the event. Others may go past a deadline, an opening, a
missing answer or a plugin's veto with a `reason`, which the journal keeps; never past
capacity, the order of the queue, that one person registers once, or the ban on CPR numbers.

It is long because it is one list: what one can do at the desk, a function each.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from attrs import astuple, evolve, frozen

from eventkit.model.decision import Allowed, Decision, Reason, Refused
from eventkit.model.event import Event, Status
from eventkit.model.registration import (
    NoticeKind,
    Outcome,
    Places,
    Registration,
    Signup,
    Standing,
)
from eventkit.model.values import (
    SYSTEM,
    Actor,
    Invoice,
    Mode,
    Money,
    Person,
    Role,
    Side,
    frozen_object,
    instant,
)
from eventkit.rules import charges, forms
from eventkit.rules.deadlines import Window, joining, may_wait, opening, over, windows
from eventkit.rules.seating import TRANSITIONS, Book, Turn, begin, fits, in_groups, void_from

_S = Standing


# --- signing up ------------------------------------------------------------------------------


def register(
    signup: Signup,
    book: Book,
    *,
    now: datetime,
    actor: Actor,
    role: Role = Role.PARTICIPANT,
    item: str | None = None,
    vetoes: Sequence[Reason] = (),
    promised: Standing | None = None,
    agreed: Money | None = None,
    reason: str = "",
) -> Decision[Outcome]:
    """Take in everybody of `signup`, or nobody.

    All get seats together, or wait together; where the event wants approval and the public asks,
    they are pending. Where a form `promised` something, nobody gets less unasked, nor for a higher
    price than was `agreed`. The same form again is the same outcome, without entries, for nothing
    is left to save.
    """
    said = forms.digest(signup, role, item)
    before = sorted(
        (one for one in book.registrations if one.key == signup.key), key=lambda one: one.number
    )
    if before and all(one.digest == said for one in before):
        return Allowed(Outcome(registrations=tuple(before), seats=book.seats))
    if before:
        return Refused((Reason("key_reused"),))
    turn = begin(book, now=now, actor=actor, reason=reason)
    event, people = book.event, signup.people
    signed_up_by = forms.bookers(signup)
    status, trouble = _place(turn, signup, role)
    known = tuple(_registered_already(turn, people, signed_up_by))
    short = (*(trouble or _less(turn, signup, status, promised)), *_costlier(event, agreed))
    refused = turn.refusal(
        (
            *_not_on(event),
            *_outside(event, now),
            *forms.mode_faults(signup.mode, event),
            *_not_theirs(event, role, item, actor),
            *forms.faults(signup, event, reachable=actor.side is Side.PUBLIC),
            *forms.twice(people, signed_up_by),
            *known,
            *(short if len(known) < len(people) else ()),
        ),
        vetoes,
    )
    if refused:
        return refused
    party = turn.last + 1 if len(people) > 1 else None
    for place, (person, booker) in enumerate(zip(people, signed_up_by, strict=True)):
        turn.enter(
            person,
            status,
            "register",
            also=_elsewhere(signup) if place == 0 else "",
            mode=signup.mode,
            role=role,
            item=item,
            party=party,
            booker=booker,
            key=signup.key,
            place=place,
            digest=said,
            answers=signup.answers[place] if signup.answers else {},
            invoice=signup.invoice,
            language=signup.language,
        )
    return Allowed(turn.outcome())


def _place(turn: Turn, signup: Signup, role: Role) -> tuple[Standing, Sequence[Reason]]:
    """Where all of a sign-up would stand, and why they cannot."""
    event, size = turn.book.event, len(signup.people)
    places = turn.seats.in_mode(signup.mode)
    if role is not Role.PARTICIPANT:
        return _S.CONFIRMED, ()
    if places.capacity is not None and size > places.capacity:
        return _S.WAITING, (_too_large(size, places.capacity),)
    seated = places.waiting == 0 and fits(size, places)
    if not seated and not may_wait(event, now=turn.moment):
        return _S.WAITING, (Reason("full"),)
    if event.approval and turn.actor.side is Side.PUBLIC:
        return _S.PENDING, ()
    return _S.CONFIRMED if seated else _S.WAITING, ()


def _less(
    turn: Turn, signup: Signup, status: Standing, promised: Standing | None
) -> Iterator[Reason]:
    """That a sign-up would get neither a seat nor what the form `promised`."""
    if promised is None or status in (_S.CONFIRMED, promised):
        return
    people, places = len(signup.people), turn.seats.in_mode(signup.mode)
    told = {"promised": promised, "status": status, "people": people, "free": places.free}
    if status is _S.WAITING:
        told |= {"place": places.waiting + 1, "last": places.waiting + people}
    yield Reason("less_than_promised", told)


def _costlier(event: Event, agreed: Money | None) -> Iterator[Reason]:
    """That a seat costs more than was `agreed`."""
    if agreed is not None and _is_more(event.price, agreed):
        yield Reason("price_higher", {"price": event.price})


def _elsewhere(signup: Signup) -> str:
    """The address of a booker who does not come along, and so gets no notice as one of them."""
    booker = signup.booker
    if booker is None or booker in signup.people:
        return ""
    told = {(person.email or booker.email).casefold() for person in signup.people}
    return "" if booker.email.casefold() in told else booker.email


def _registered_already(
    turn: Turn, people: Sequence[Person], signed_up_by: Sequence[Person | None]
) -> Iterator[Reason]:
    for index, (person, booker) in enumerate(zip(people, signed_up_by, strict=True)):
        known = turn.active(forms.identity(person, booker))
        if known is not None:
            yield _already(known, f"people[{index}].name")


# --- what people do with their place ---------------------------------------------------------


def cancel(
    numbers: Collection[int],
    book: Book,
    *,
    now: datetime,
    actor: Actor,
    agreed: Mapping[int, Money] | None = None,
    reason: str = "",
) -> Decision[Outcome]:
    """Take these out; each that had a seat owes the fee that applies at `now`.

    With `agreed`, what each was told that it costs, nobody owes more than that unasked.
    """
    turn = begin(book, now=now, actor=actor, reason=reason)
    chosen = turn.named(numbers)
    held = book.event.status is Status.PUBLISHED  # nobody pays for a day that is not known
    fees = {
        one.number: charges.cancel_fee(book.event, one, now=now) if held else None for one in chosen
    }
    refused = turn.refusal(
        (
            *_called_off(book.event),
            *_closed("cancel_closed", windows(book.event).cancelling, now),
            *(_cannot(one) for one in chosen if _S.CANCELLED not in TRANSITIONS[one.status]),
            *(() if agreed is None else _dearer(chosen, fees, agreed)),
        )
    )
    if refused:
        return refused
    for one in chosen:
        turn.move(one, _S.CANCELLED, "cancel", fee=fees[one.number])
    turn.settle()
    return Allowed(turn.outcome())


def _dearer(
    chosen: Sequence[Registration], fees: Mapping[int, Money | None], agreed: Mapping[int, Money]
) -> Iterator[Reason]:
    """That it costs somebody more to cancel than they were told."""
    for one in chosen:
        fee = fees[one.number]
        if _is_more(fee, agreed.get(one.number, Money(0))):
            yield Reason("fee_higher", {"who": one.person.name, "fee": fee})


def _is_more(money: Money | None, agreed: Money) -> bool:
    """Whether it is more than was `agreed`; in another currency any amount is."""
    if money is None or not money.amount:
        return False
    return money.currency != agreed.currency or money.amount > agreed.amount


def substitute(
    number: int,
    person: Person,
    book: Book,
    *,
    now: datetime,
    actor: Actor,
    answers: Mapping[str, Any] | None = None,
    reason: str = "",
) -> Decision[Outcome]:
    """Let `person` take over the seat of `number`; a wait or an offer of theirs ends with it."""
    turn = begin(book, now=now, actor=actor, reason=reason)
    event, (seated,) = book.event, turn.named((number,))
    own = turn.active(forms.identity(person, seated.booker))
    said = frozen_object(answers or {})
    after = evolve(seated, person=person)
    refused = turn.refusal(
        (
            *_called_off(event),
            *_closed("substitute_closed", windows(event).substituting, now),
            *forms.person_faults(person, "person"),
            *forms.answer_faults(said, event.questions, "answers", person.name),
            *_unreachable(after, actor),
            *(() if seated.status is _S.CONFIRMED else (_cannot(seated),)),
            *(() if own is None or not own.status.is_seated else (_already(own, "person.name"),)),
        )
    )
    if refused:
        return refused
    if own is not None:
        turn.move(own, _S.CANCELLED, "cancel", offer_ends=None)
    turn.move(seated, _S.SUBSTITUTED, "substitute", by=turn.last + 1)
    turn.enter(
        person,
        _S.CONFIRMED,
        "substitute",
        kind=NoticeKind.SUBSTITUTION,
        mode=seated.mode,
        role=seated.role,
        item=seated.item,
        party=seated.party,
        booker=seated.booker,
        answers=said,
        invoice=seated.invoice,
        language=seated.language,
    )
    turn.settle()
    return Allowed(turn.outcome())


def accept(
    number: int,
    book: Book,
    *,
    now: datetime,
    actor: Actor,
    alone: bool = False,
    agreed: Money | None = None,
    reason: str = "",
) -> Decision[Outcome]:
    """Take the seat that was offered to `number`, and unless `alone` to those who wait with it; not
    for more each than was `agreed`.
    """
    turn = begin(book, now=now, actor=actor, reason=reason)
    event, (one,) = book.event, turn.named((number,))
    refused = turn.refusal((*_not_on(event), *_no_offer(one, event), *_costlier(event, agreed)))
    if refused:
        return refused
    for member in (one,) if alone else turn.group(one):
        if member.status is _S.OFFERED:
            turn.move(member, _S.CONFIRMED, "accept", offer_ends=None)
    return Allowed(turn.outcome())


def decline(
    numbers: Collection[int], book: Book, *, now: datetime, actor: Actor, reason: str = ""
) -> Decision[Outcome]:
    """Say no to the seats offered to these, who are then out of the queue."""
    turn = begin(book, now=now, actor=actor, reason=reason)
    chosen = turn.named(numbers)
    refused = turn.refusal(
        (
            *_called_off(book.event),
            *(reason for one in chosen for reason in _no_offer(one, book.event)),
        )
    )
    if refused:
        return refused
    for one in chosen:
        turn.move(one, _S.DECLINED, "decline", offer_ends=None)
    turn.settle()
    return Allowed(turn.outcome())


def switch(
    number: int, mode: Mode, book: Book, *, now: datetime, actor: Actor, reason: str = ""
) -> Decision[Outcome]:
    """Move `number` and its party to the room, or online, where there are seats and no queue.

    Else nothing changes. Who waits may take a seat in the other mode so.
    """
    turn = begin(book, now=now, actor=actor, reason=reason)
    event, (named,) = book.event, turn.named((number,))
    chosen = [one for one in turn.group(named) if one == named or one.status.is_active]
    places = turn.seats.in_mode(mode)
    seat = (places.waiting == 0 and fits(len(chosen), places)) or named.role is not Role.PARTICIPANT
    refused = turn.refusal(
        (
            *_not_on(event),
            *_closed("edit_closed", windows(event).editing, now),
            *forms.mode_faults(mode, event),
            *(_cannot(one) for one in chosen if one.status not in _SWITCHING),
            *((Reason("same_mode", {"mode": mode}),) if named.mode is mode else ()),
            *(() if seat else (_no_seats(chosen, mode, places),)),
        )
    )
    if refused:
        return refused
    for one in chosen:
        turn.move(one, _S.CONFIRMED, "switch", mode=mode, offer_ends=None)
    turn.settle()
    return Allowed(turn.outcome())


_SWITCHING = (_S.CONFIRMED, _S.WAITING, _S.OFFERED)


def edit(
    number: int,
    book: Book,
    *,
    now: datetime,
    actor: Actor,
    person: Person | None = None,
    answers: Mapping[str, Any] | None = None,
    invoice: Invoice | None = None,
    reason: str = "",
) -> Decision[Outcome]:
    """Correct who `number` is, its answers, or where to send the bill; None leaves it as it is.

    Another name with another e-mail is another person, who comes as a substitute. A party has one
    bill; an empty one takes it away. What went to an address that was wrong opens nothing any more.
    """
    turn = begin(book, now=now, actor=actor, reason=reason)
    event, (one,) = book.event, turn.named((number,))
    after = evolve(
        one,
        person=person or one.person,
        answers=one.answers if answers is None else answers,
        invoice=one.invoice if invoice is None else _bill(invoice),
    )
    booked = turn.booked_by(one) if after.person != one.person else []
    told = [evolve(other, booker=after.person) for other in booked]  # and known, through them
    another = actor.side is Side.PUBLIC and _another(one.person, after.person)
    refused = turn.refusal(
        (
            *_called_off(event),
            *_closed("edit_closed", windows(event).editing, now),
            *forms.person_faults(after.person, "person"),
            *(() if answers is None else _answered(after, event)),
            *(() if after.invoice is None else forms.invoice_faults(after.invoice, "invoice")),
            *(() if one.status.is_active else (_cannot(one),)),
            *((Reason("another_person", {"path": "person.name"}),) if another else ()),
            *_unreachable(after, actor),
            *_twice_now(turn, (after, *told)),
        )
    )
    if refused:
        return refused
    for other, new in zip(booked, told, strict=True):
        turn.change(other, "edit", booker=new.booker, epoch=_epoch(other, new))
    if after.invoice != one.invoice:
        for other in turn.group(one):
            if other.number != number and other.status.is_active:
                turn.change(other, "edit", invoice=after.invoice)
    if after != one:
        turn.change(
            one,
            "edit",
            person=after.person,
            answers=after.answers,
            invoice=after.invoice,
            epoch=_epoch(one, after),
        )
    return Allowed(turn.outcome())


def _answered(one: Registration, event: Event) -> Iterator[Reason]:
    """What is wrong with what is answered anew."""
    return forms.answer_faults(one.answers, event.questions, "answers", one.person.name)


def _bill(invoice: Invoice) -> Invoice | None:
    return invoice if any(astuple(invoice)) else None


def _twice_now(turn: Turn, changed: Sequence[Registration]) -> Iterator[Reason]:
    """That somebody would be registered twice, once these are as they say now."""
    numbers = {one.number for one in changed}
    seen: dict[str, Registration] = {}
    for one in changed:
        who = forms.identity_of(one)
        if not who or not one.status.is_active:
            continue
        known = turn.active(who)
        if who in seen or (known is not None and known.number not in numbers):
            yield _already(seen.get(who, known), "person.name")
        seen[who] = one


def _epoch(before: Registration, after: Registration) -> int:
    """The epoch of the links of `after`: those that went to another address are revoked."""
    moved = before.recipient.casefold() != after.recipient.casefold()
    return before.epoch + 1 if moved else before.epoch


def send_link(
    number: int, book: Book, *, now: datetime, actor: Actor, reason: str = ""
) -> Decision[Outcome]:
    """Owe `number` the link to their place again; the public gets it at most hourly."""
    turn = begin(book, now=now, actor=actor, reason=reason)
    (one,) = turn.named((number,))
    if refused := _linked_lately(turn, one):
        return refused
    turn.change(one, "link", kind=NoticeKind.LINK, linked=now)
    return Allowed(turn.outcome())


def renew_link(
    number: int, book: Book, *, now: datetime, actor: Actor, reason: str = ""
) -> Decision[Outcome]:
    """Owe `number` a new link to their place, as `send_link` does; every earlier one is revoked."""
    turn = begin(book, now=now, actor=actor, reason=reason)
    (one,) = turn.named((number,))
    if refused := _linked_lately(turn, one):
        return refused
    turn.change(one, "renew", kind=NoticeKind.LINK, linked=now, epoch=one.epoch + 1)
    return Allowed(turn.outcome())


def _linked_lately(turn: Turn, one: Registration) -> Refused | None:
    """No to a link for who is gone, has nothing to come to, or no address, or had one lately."""
    lately = one.linked is not None and turn.moment - one.linked < HOUR
    return turn.refusal(
        (
            *(() if one.status.is_active else (_cannot(one),)),
            *_called_off(turn.book.event),
            *(() if one.recipient else (_no_address(one),)),
            *((Reason("link_sent"),) if lately and turn.actor.side is Side.PUBLIC else ()),
        )
    )


HOUR = timedelta(hours=1)


def _another(before: Person, after: Person) -> bool:
    """Whether neither the name nor the address is still the same."""
    return (
        forms.identity(evolve(before, email="?")) != forms.identity(evolve(after, email="?"))
        and before.email.casefold() != after.email.casefold()
    )


# --- what staff do ---------------------------------------------------------------------------


def approve(
    number: int, book: Book, *, now: datetime, actor: Actor, reason: str = ""
) -> Decision[Outcome]:
    """Let in `number` and its party: to seats, or to their place in the queue by arrival."""
    turn = begin(book, now=now, actor=actor, reason=reason)
    event, (named,) = book.event, turn.named((number,))
    chosen = [one for one in turn.group(named) if one.status is _S.PENDING]
    ahead = any(one.number < named.number for one in turn.queue(named.mode))
    seat = not ahead and fits(len(chosen), turn.seats.in_mode(named.mode))
    refused = turn.refusal(
        (
            *_not_on(event),
            *_staff_only(actor),
            *_not_pending(named),
            *(() if seat or may_wait(event, now=now) else (Reason("full"),)),
        )
    )
    if refused:
        return refused
    for one in chosen:
        turn.move(one, _S.CONFIRMED if seat else _S.WAITING, "approve")
    turn.settle()
    return Allowed(turn.outcome())


def reject(
    numbers: Collection[int], book: Book, *, now: datetime, actor: Actor, reason: str = ""
) -> Decision[Outcome]:
    """Say no to these, who asked to come."""
    turn = begin(book, now=now, actor=actor, reason=reason)
    chosen = turn.named(numbers)
    pending = (reason for one in chosen for reason in _not_pending(one))
    if refused := turn.refusal((*_staff_only(actor), *pending)):
        return refused
    for one in chosen:
        turn.move(one, _S.REJECTED, "reject")
    return Allowed(turn.outcome())


def split(
    number: int, book: Book, *, now: datetime, actor: Actor, reason: str = ""
) -> Decision[Outcome]:
    """Let the party of `number` sit or wait one by one; each keeps its number, and so its turn."""
    turn = begin(book, now=now, actor=actor, reason=reason)
    (named,) = turn.named((number,))
    alone = () if named.party is not None else (Reason("no_party", {"who": named.person.name}),)
    if refused := turn.refusal((*_staff_only(actor), *alone)):
        return refused
    for one in turn.group(named):
        turn.change(one, "split", party=None)
    turn.settle()
    return Allowed(turn.outcome())


def check_in(
    numbers: Collection[int], book: Book, *, now: datetime, actor: Actor, reason: str = ""
) -> Decision[Outcome]:
    """Note that these have come, from the first moment of the day."""
    turn = begin(book, now=now, actor=actor, reason=reason)
    since = opening(book.event.starts.date(), book.event)
    return _note(numbers, _S.ATTENDED, turn, "check_in", since=since)


def no_show(
    numbers: Collection[int], book: Book, *, now: datetime, actor: Actor, reason: str = ""
) -> Decision[Outcome]:
    """Note that these stayed away, once it has begun; each owes the fee for it, if there is one."""
    turn = begin(book, now=now, actor=actor, reason=reason)
    since, fee = book.event.starts, charges.no_show_fee
    return _note(numbers, _S.NO_SHOW, turn, "no_show", since=since, fee=fee)


def undo(
    numbers: Collection[int], book: Book, *, now: datetime, actor: Actor, reason: str = ""
) -> Decision[Outcome]:
    """Take back that these came, or stayed away."""
    turn = begin(book, now=now, actor=actor, reason=reason)
    return _note(numbers, _S.CONFIRMED, turn, "undo")


def _free(event: Event, one: Registration) -> Money | None:
    return None


def _note(
    numbers: Collection[int],
    status: Standing,
    turn: Turn,
    action: str,
    *,
    since: datetime | None = None,
    fee: Callable[[Event, Registration], Money | None] = _free,
) -> Decision[Outcome]:
    event, chosen = turn.book.event, turn.named(numbers)
    came = (_S.ATTENDED, _S.NO_SHOW) if status is _S.CONFIRMED else (_S.CONFIRMED,)
    refused = turn.refusal(
        (
            *_called_off(event),
            *_staff_only(turn.actor),
            *(() if since is None else _too_early(since, turn.moment)),
            *(_cannot(one) for one in chosen if one.status not in came),
        )
    )
    if refused:
        return refused
    for one in chosen:
        turn.move(one, status, action, fee=fee(event, one))
    return Allowed(turn.outcome())


def erase(
    number: int,
    book: Book,
    *,
    now: datetime,
    actor: Actor,
    name: str,
    reason: str = "",
    untold: bool = False,
) -> Decision[Outcome]:
    """Take out who `number` was, once they no longer come or it is over; `name` stands instead.

    Staff may, and the person themselves, once they do not come: also to what is called off. It goes
    from those whom they signed up too, and no link leads there any more. Nothing is done where
    nothing of them is left.

    While they are `untold`, so that it still stands in their calendar, only staff with a reason
    may: the mail that takes it out needs their address.
    """
    turn = begin(book, now=now, actor=actor, reason=reason)
    (one,) = turn.named((number,))
    off = book.event.status is Status.CANCELLED and turn.moment >= void_from(book.revision)
    active = one.status.is_active and not off
    coming = active and turn.moment < instant(over(book.event))
    names = forms.mentions(reason, one.person)
    refused = turn.refusal(
        (
            *(() if actor == Actor(Side.PUBLIC, one.id) else _staff_only(actor)),
            *((_cannot(one),) if coming else ()),
            *((Reason("cancel_on_its_way"),) if untold and not active else ()),
            *((Reason("reason_names", {"path": "reason"}),) if names else ()),
        )
    )
    return refused or Allowed(_blank(turn, one, name))


def erase_again(number: int, book: Book, *, now: datetime, name: str) -> Outcome:
    """Take out who `number` was, as was done before in a database that this is a copy of.

    Nobody moves up for it: whoever had a seat keeps it, without a name.
    """
    turn = Turn(book, now=now, actor=SYSTEM)
    (one,) = turn.named((number,))
    return _blank(turn, one, name)


def _blank(turn: Turn, one: Registration, name: str) -> Outcome:
    """What a registration says when nobody can tell whose it was.

    The form's key goes too: one that was made of what a table said would tell.
    """
    nobody = Person(name=name)
    gone: dict[str, Any] = {
        "person": nobody,
        "booker": None,
        "key": "",
        "digest": "",
        "answers": {},
        "invoice": None,
        "extra": {},
    }
    if evolve(one, **gone) != one:
        for other in turn.booked_by(one):
            new = evolve(other, booker=nobody)
            turn.change(other, "erase", booker=nobody, epoch=_epoch(other, new))
        turn.change(one, "erase", **gone, epoch=one.epoch + 1)
    return turn.outcome()


# --- what is due -----------------------------------------------------------------------------


def settle(book: Book, *, now: datetime, actor: Actor = SYSTEM) -> Outcome:
    """What is due at `now`: ended offers expire, and who is next in line moves up."""
    return begin(book, now=now, actor=actor).outcome()


@frozen(kw_only=True)
class Next:
    """A group in line: its numbers, its place from 1, and what keeps it (None: nothing)."""

    numbers: tuple[int, ...]
    place: int
    kept_by: Reason | None


def preview(book: Book, mode: Mode, *, now: datetime) -> tuple[Next, ...]:
    """The queue of one mode in order, when all that is due at `now` is done: who is next, and why.

    `book` holds everybody who waits.
    """
    turn = begin(book, now=now, actor=SYSTEM)
    shown: list[Next] = []
    place = 1
    for group in in_groups(turn.queue(mode)):
        places = turn.seats.in_mode(mode)
        kept_by: Reason | None
        if places.capacity is not None and places.capacity < len(group):  # it was lowered
            kept_by = _too_large(len(group), places.capacity)
        elif shown:
            kept_by = Reason("others_first", {"ahead": place - 1})
        elif not fits(len(group), places):
            kept_by = _too_few(len(group), places)
        else:  # the event is not announced, or no longer
            kept_by = next(_not_on(book.event), None)
        numbers = tuple(one.number for one in group)
        shown.append(Next(numbers=numbers, place=place, kept_by=kept_by))
        place += len(group)
    return tuple(shown)


# --- reasons ---------------------------------------------------------------------------------


def _not_on(event: Event) -> Iterator[Reason]:
    """That an event is not, or no longer, announced."""
    match event.status:
        case Status.DRAFT:
            yield Reason("event_draft")
        case Status.CANCELLED:
            yield from _called_off(event)
        case Status.POSTPONED:
            yield Reason("event_postponed")


def _called_off(event: Event) -> Iterator[Reason]:
    """That there is nothing to come to any more, or to stay away from."""
    if event.status is Status.CANCELLED:
        yield Reason("event_cancelled", {"event": event.id})


def _outside(event: Event, now: datetime) -> Iterator[Reason]:
    """That it is too early or too late to join."""
    window = joining(event)
    if window.opens is not None and window.is_before(now):
        yield Reason("not_yet_open", {"opens": window.opens})
    elif not window.contains(now):
        closed = {"closed": window.closes}
        yield Reason("started" if event.deadline is None else "deadline_passed", closed)
    elif instant(now) >= instant(over(event)):
        yield Reason("event_over")


def _too_early(since: datetime, moment: datetime) -> Iterator[Reason]:
    if moment < instant(since):
        yield Reason("too_early", {"opens": since})


def _too_large(people: int, capacity: int) -> Reason:
    """That so many can never sit together."""
    told = {"people": people, "capacity": capacity}
    return Reason("party_too_large" if capacity else "full", told)


def _too_few(people: int, places: Places) -> Reason:
    """That so many cannot sit together now."""
    told = {"people": people, "free": places.free}
    return Reason("seats_needed" if people > 1 else "full", told)


def _closed(code: str, window: Window, now: datetime) -> Iterator[Reason]:
    if not window.contains(now):
        yield Reason(code, {"closed": window.closes})


def _not_theirs(event: Event, role: Role, item: str | None, actor: Actor) -> Iterator[Reason]:
    if role is not Role.PARTICIPANT:
        yield from _staff_only(actor)
    if item is not None and item not in {one.key for one in event.programme}:
        yield Reason("unknown_item", {"item": item})


def _staff_only(actor: Actor) -> Iterator[Reason]:
    if actor.side is Side.PUBLIC:
        yield Reason("staff_only")


def _already(known: Registration | None, path: str) -> Reason:
    assert known is not None
    data = {"path": path, "who": known.person.name, "registration": known.id}
    return Reason("already_registered", {**data, "status": known.status})


def _cannot(one: Registration) -> Reason:
    """That this cannot be done where a registration stands."""
    told = {"who": one.person.name, "status": one.status, "registration": one.id}
    return Reason("registration_active" if one.status.is_active else "registration_gone", told)


def _no_offer(one: Registration, event: Event) -> Iterator[Reason]:
    if one.status is _S.EXPIRED and one.offer_ends is not None:
        ended = min(one.offer_ends, windows(event).offers.closes, key=instant)
        yield Reason("offer_ended", {"ended": ended.astimezone(event.zone)})
    elif one.status is not _S.OFFERED:
        yield Reason("no_offer", {"who": one.person.name, "status": one.status})


def _not_pending(one: Registration) -> Iterator[Reason]:
    if one.status is not _S.PENDING:
        yield Reason("not_pending", {"who": one.person.name, "status": one.status})


def _no_seats(people: Sequence[Registration], mode: Mode, places: Places) -> Reason:
    """That these cannot all move to `mode`: there is nothing free, too little, or others wait."""
    told = {"mode": mode, "people": len(people), "free": places.free}
    if not places.free:
        return Reason("mode_full", told)
    return Reason("mode_awaited" if places.waiting else "mode_short", told)


def _no_address(one: Registration) -> Reason:
    return Reason("email_missing", {"path": "person.email", "who": one.person.name})


def _unreachable(one: Registration, actor: Actor) -> Iterator[Reason]:
    if actor.side is Side.PUBLIC and not one.recipient:
        yield _no_address(one)
