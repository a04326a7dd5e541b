"""A person's own place: what their link opens, whom they act for there, and what they may do now.

What may be done is asked of the desk itself, which decides and saves nothing; so a page never shows
a button that the desk would refuse, nor a fee that it would not charge. Whoever signed others up
acts for all of them, whether they come along or not; a colleague acts for themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from email.utils import parseaddr
from functools import partial

from attrs import evolve, frozen

from eventkit.formats import ical
from eventkit.formats.ical import Method
from eventkit.formats.links import Links
from eventkit.model.decision import Allowed, Decision, Reason, Refused
from eventkit.model.errors import NotFoundError
from eventkit.model.event import Event, Revision, Status
from eventkit.model.registration import Outcome, Registration, Standing
from eventkit.model.values import Actor, Choice, Mode, Money, Person, Side
from eventkit.office import erasures
from eventkit.office.reception import Reception
from eventkit.rules import access, deadlines, desk
from eventkit.rules.deadlines import State
from eventkit.rules.seating import Book, is_booked, together


class Act(Choice, field="act"):
    """What somebody can do with their place."""

    ACCEPT = "accept"
    DECLINE = "decline"
    EDIT = "edit"
    ROOM = "room"
    ONLINE = "online"
    SUBSTITUTE = "substitute"
    CANCEL = "cancel"
    LINK = "link"
    ERASE = "erase"


SWITCHES = {Act.ROOM: Mode.ROOM, Act.ONLINE: Mode.ONLINE}
"""The acts that move somebody, and their party, to another mode."""


@frozen(kw_only=True)
class Member:
    """One of those a link acts for: where they stand, why they cannot do what they cannot.

    `fee` is what cancelling costs now.
    """

    registration: Registration
    refused: Mapping[Act, tuple[Reason, ...]]
    fee: Money | None = None

    def may(self, act: Act) -> bool:
        """Whether the desk would let them."""
        return act not in self.refused


@frozen(kw_only=True)
class Holder:
    """Who holds a link: whose it is, or with `is_booker` who signed them up and does not come.

    The latter has no registration, and so a link that names one of those they signed up.
    """

    own: Registration
    is_booker: bool = False

    @property
    def is_colleague(self) -> bool:
        """Whether somebody else signed them up, and acts for them too."""
        return self.own.booker is not None and not self.is_booker

    def acts_for(self, one: Registration) -> bool:
        """Whether `one` is theirs: themselves, whom they signed up, or who came in their stead."""
        if one.number == self.own.number:
            return True
        person = self.own.booker if self.is_booker else self.own.person
        return not self.is_colleague and person is not None and is_booked(one, person, self.own)

    def reads_mail_of(self, one: Registration) -> bool:
        """Whether what is written to `one`, for whom they act, comes to them."""
        return not one.person.email or (one.number == self.own.number and not self.is_booker)


@frozen(kw_only=True)
class Personal:
    """What a link opens: its `holder`, `members` all it acts for, in order of arrival.

    `revision` holds the event as they may see it, with the way into a meeting where it is theirs.
    `place` is that on the waiting list of the first of them who waits.
    """

    holder: Holder
    revision: Revision
    state: State
    members: tuple[Member, ...]
    place: int | None = None

    @property
    def own(self) -> Registration:
        """The registration that the link names."""
        return self.holder.own

    @property
    def event(self) -> Event:
        """The event, as they may see it."""
        return self.revision.event

    @property
    def actor(self) -> Actor:
        """In whose name the desk is asked."""
        return _actor(self.own)

    @property
    def is_theirs(self) -> bool:
        """Whether the registration is the holder's own, or that of somebody without an address."""
        return self.holder.reads_mail_of(self.own)

    def member(self, number: int) -> Member:
        """One of those this link acts for; raises `NotFoundError` for anybody else."""
        for one in self.members:
            if one.registration.number == number:
                return one
        raise NotFoundError("this link does not act for them", code="unknown_link")

    def who_may(self, act: Act) -> tuple[Member, ...]:
        """Those of them whom the desk would let."""
        return tuple(one for one in self.members if one.may(act))


def personal(office: Reception, token: str, links: Links | None = None) -> Personal:
    """What the link of `token` opens at this moment; raises `NotFoundError`. Nothing is saved.

    `links` are those of a site that has its own.
    """
    (own, by_booker), now = office.by_link(token, links), office.now()
    revision = office.revision(own.event)
    with office.store.looking(own.event) as ledger:
        book = ledger.book(revision, now=now, numbers=(own.number,), key=own.key, formless=True)
        untold = erasures.is_untold(ledger, own.number, now)
    book = _expired(book, now)
    rows = {one.number: one for one in book.registrations}
    own = rows[own.number]
    # Who comes along has a link of their own, and acts for all by that.
    comes = any(one.person == own.booker and together(one, own) for one in rows.values())
    holder = Holder(own=own, is_booker=by_booker and not comes)
    theirs = [rows[number] for number in sorted(rows) if holder.acts_for(rows[number])]
    members = tuple(_member(one, holder, book, now, untold) for one in theirs)
    hands_on = (one for one in theirs if holder.reads_mail_of(one))
    online = next((one for one in hands_on if access.attends_online(one)), None)
    waits = next((one for one in theirs if one.status is Standing.WAITING), None)
    return Personal(
        holder=holder,
        revision=evolve(
            revision,
            event=access.for_public(revision.event)
            if online is None
            else access.for_attendee(revision.event, online),
        ),
        state=deadlines.state(revision.event, book.seats, now=now),
        members=members,
        place=None if waits is None else office.place(waits),
    )


def _actor(one: Registration) -> Actor:
    return Actor(Side.PUBLIC, one.id)


def _expired(book: Book, now: datetime) -> Book:
    """`book` without offers that have ended: that is so by the clock, whoever has noted it."""
    settled = desk.settle(book, now=now).registrations
    ended = {one.number: one for one in settled if one.status is Standing.EXPIRED}
    return evolve(
        book, registrations=tuple(ended.get(one.number, one) for one in book.registrations)
    )


# --- what they may do ------------------------------------------------------------------------


def _member(one: Registration, holder: Holder, book: Book, now: datetime, untold: bool) -> Member:
    refused, fee = {}, None
    for act, ask in _commands(one, holder, untold):
        decision = ask(book, now=now, actor=_actor(holder.own))
        if isinstance(decision, Allowed):
            if act is Act.CANCEL:
                after = decision.value.registrations
                fee = next(each.fee for each in after if each.number == one.number)
        # What depends on what is typed is asked when it is typed.
        elif reasons := tuple(reason for reason in decision.reasons if "path" not in reason.data):
            refused[act] = reasons
    return Member(registration=one, refused=refused, fee=fee)


def _commands(
    one: Registration, holder: Holder, untold: bool
) -> Iterator[tuple[Act, Callable[..., Decision[Outcome]]]]:
    """Each act, and the desk's answer to it."""
    number = one.number
    yield Act.ACCEPT, partial(desk.accept, number, alone=holder.is_colleague)
    yield Act.DECLINE, partial(desk.decline, (number,))
    yield Act.EDIT, partial(desk.edit, number)
    yield Act.SUBSTITUTE, partial(desk.substitute, number, Person(name="?"))
    yield Act.CANCEL, partial(desk.cancel, (number,))
    if holder.reads_mail_of(one):
        yield Act.LINK, partial(desk.renew_link, number)
        yield Act.ERASE, partial(desk.erase, number, name="?", untold=untold)
    else:
        yield from ((act, partial(_not_theirs, one)) for act in (Act.LINK, Act.ERASE))
    for act, mode in SWITCHES.items():
        yield act, partial(_switch, one, holder, mode)


def _not_theirs(one: Registration, book: Book, *, now: datetime, actor: Actor) -> Refused:
    """What is for a person alone, who has a link of their own."""
    return Refused((Reason("own_only", {"who": one.person.name}),))


def _switch(
    one: Registration, holder: Holder, mode: Mode, book: Book, *, now: datetime, actor: Actor
) -> Decision[Outcome]:
    """A party has one mode, so who was signed up with others does not choose it for all."""
    booker = holder.own.booker
    if (
        booker is not None
        and holder.is_colleague
        and any(
            other.number != one.number and other.group == one.group and other.status.is_active
            for other in book.registrations
        )
    ):
        return Refused((Reason("booker_only", {"who": booker.name}),))
    return desk.switch(one.number, mode, book, now=now, actor=actor)


# --- what is done already --------------------------------------------------------------------


def is_done(act: Act, one: Registration) -> bool:
    """Whether what `act` asks for is so already, as for who presses twice."""
    match act:
        case Act.ACCEPT:
            return one.status is Standing.CONFIRMED
        case Act.DECLINE:
            return one.status is Standing.DECLINED
        case Act.CANCEL:
            return one.status is Standing.CANCELLED
        case Act.ROOM | Act.ONLINE:
            return one.status.is_active and one.mode is SWITCHES[act]
    return False


def stands_in(office: Reception, person: Person, one: Registration) -> bool:
    """Whether `person` comes instead of `one` already."""
    if one.status is not Standing.SUBSTITUTED:
        return False
    by = [entry.data["by"] for entry in office.journal(one.event, one.number) if "by" in entry.data]
    return bool(by) and office.registration(one.event, by[-1]).person == person


# --- the calendar file -----------------------------------------------------------------------


def calendar(office: Reception, token: str, page: str, links: Links | None, language: str) -> bytes:
    """The person's own entry, to put into a calendar; raises `NotFoundError` for who has no seat.

    `page` is the address of their own page. The entry is the one their mails speak of.
    """
    own, by_booker = office.by_link(token, links)
    revision = office.revision(own.event)
    event = revision.event
    if not Holder(own=own, is_booker=by_booker).reads_mail_of(own):
        raise NotFoundError("the entry is somebody else's", code="unknown_link")
    if own.status is not Standing.CONFIRMED or event.status is not Status.PUBLISHED:
        raise NotFoundError("there is no seat to put into a calendar", code="unknown_link")
    return ical.invitation(
        evolve(revision, event=access.for_attendee(event, own)),
        own,
        Method.PUBLISH,
        sequence=revision.sequence + own.sequence,
        organiser=parseaddr(office.inviter(revision))[1],
        page=page,
        language=language,
    )
