"""A person's page at ``/r/TOKEN``: the receipt, as things stand now, and what one can do about it.

Its address cannot be guessed and tells nothing by itself: it is signed, derived and never stored.
Reading it changes nothing; what is posted there is `eventkit_web.acting`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from http import HTTPStatus

from attrs import frozen
from flask import Response, request, url_for

from eventkit.formats.wording import Wording, state_name
from eventkit.model.event import Event
from eventkit.model.registration import Registration, Standing
from eventkit.model.values import Fee, Mode, Money, OnlineAccess, Role, Venue, instant
from eventkit.office.personal import Act, Member, Personal, personal
from eventkit.rules import deadlines
from eventkit.rules.deadlines import Cancelled, Open, Over, Postponed, State, WaitingOnly
from eventkit_web.forms import Guard
from eventkit_web.pages import (
    Join,
    Line,
    contact,
    own_words,
    places_in_line,
    sends_link,
    when,
    where,
)
from eventkit_web.public import addresses, render, site, words

_S = Standing


def opened(token: str) -> Personal:
    """What a link opens; raises `NotFoundError` for one that leads nowhere any more."""
    return personal(site().office, token, site().links)


def address_of(one: Registration, *, booker: bool = False) -> str:
    """The address of a person's own page, in the language that is spoken; or with `booker` as who
    signed them up opens it.
    """
    return url_for(".place", token=site().links.token(one, booker=booker))


def as_sent(money: Money) -> str:
    """What something costs, as a page sends it along: ``500 DKK``."""
    return f"{money.amount} {money.currency}"


# --- what it shows ---------------------------------------------------------------------------


@frozen(kw_only=True)
class Deed:
    """One thing to do: where a `url` leads, or a button that posts `name`, for a `number`, and what
    was `agreed` that it costs.
    """

    text: str
    url: str = ""
    name: str = ""
    number: int = 0
    hint: str = ""
    agreed: str = ""


@frozen(kw_only=True)
class PlacePage:
    """What the page shows: complete, so that a picture of it is enough; below it the deeds."""

    heading: str
    state: str
    said: tuple[str, ...]
    own_words: str
    answers: tuple[Deed, ...]
    again: Join | None
    when: tuple[str, ...]
    where: tuple[tuple[str, ...], ...]
    online: tuple[Line, ...]
    people: tuple[tuple[str, str], ...]
    email: str
    mend: str
    mailed: str
    price: str
    cancelling: tuple[str, ...]
    contact: tuple[Line, ...]
    calendar: str
    numbers: tuple[Line, ...]
    manage: str
    groups: tuple[tuple[str, tuple[Deed, ...]], ...]
    deeds: tuple[Deed, ...]
    private: tuple[Deed, ...]


def show(
    shown: Personal, token: str, *, said: Iterable[str] = (), status: int = HTTPStatus.OK
) -> Response:
    """The page, with what was `said` to what somebody tried."""
    w = words()
    return shown_to_one(
        "place.html",
        w,
        addresses("place", token=token),
        status,
        event=shown.event,
        page=_page(shown, token, w),
        guard=Guard(formdata=None),
        here_again=url_for(".place", token=token),
        done=_done(shown, w) if status == HTTPStatus.OK else "",
        refused=tuple(said),
    )


def _done(shown: Personal, w: Wording) -> str:
    """What was done, as the address says; nothing where the page shows that it is not so.

    For an address is kept and sent on, and what it tells of may have been undone since.
    """
    done = DONE.get(request.args.get("done", ""))
    return w(done.words) if done is not None and done.holds(shown) else ""


@frozen
class _Done:
    """The words for something that can have been done, and whether it is so on a page."""

    words: str
    holds: Callable[[Personal], bool]


def _stands(status: Standing) -> Callable[[Personal], bool]:
    return lambda shown: any(one.registration.status is status for one in shown.members)


def _sits(mode: Mode) -> Callable[[Personal], bool]:
    def holds(shown: Personal) -> bool:
        is_on = not isinstance(shown.state, Cancelled | Over)
        each = (one.registration for one in shown.members)
        return is_on and {one.mode for one in each if one.status is _S.CONFIRMED} == {mode}

    return holds


DONE = {
    "saved": _Done("page.done_saved", lambda shown: bool(shown.who_may(Act.EDIT))),
    "cancelled": _Done("page.done_cancelled", _stands(_S.CANCELLED)),
    "substituted": _Done("page.done_substituted", _stands(_S.SUBSTITUTED)),
    "declined": _Done("page.done_declined", _stands(_S.DECLINED)),
    "online": _Done("page.done_online", _sits(Mode.ONLINE)),
    "room": _Done("page.done_room", _sits(Mode.ROOM)),
}
"""What can have been done, by what the address calls it."""


def shown_to_one(
    template: str,
    w: Wording,
    found: tuple[tuple[str, str], ...],
    status: int = HTTPStatus.OK,
    **values: object,
) -> Response:
    """A page for one person alone; how it is kept from others is `eventkit_web.public`'s."""
    return Response(render(template, w, found, **values), status, mimetype="text/html")


def _page(shown: Personal, token: str, w: Wording) -> PlacePage:
    event, state = shown.event, shown.state
    first = _first(shown)
    gone = isinstance(state, Cancelled | Postponed)
    name, heading, said = _heading(shown, first, w)
    in_room = first.mode is Mode.ROOM
    speaks = first.role is not Role.PARTICIPANT
    cancels = any(one.may(Act.CANCEL) for one in shown.members) and not gone
    email = shown.own.person.email if shown.is_theirs else ""
    own = shown.member(shown.own.number)
    return PlacePage(
        heading=heading,
        state=name,
        said=tuple(said),
        own_words=own_words(state),
        answers=tuple(_answers(shown, w)),
        again=_again(first, event, state, w),
        when=when(event, w),
        where=_address(event.venue) if (in_room or speaks) and event.venue is not None else (),
        online=() if in_room and not speaks else tuple(_online(first, event, state, w)),
        people=tuple(_people(shown, w)),
        email=email,
        mend=url_for(".email", token=token) if own.may(Act.EDIT) else "",
        mailed=email
        if shown.own.status in _COMING and not isinstance(state, Cancelled | Over)
        else "",
        price=_price(shown, w),
        cancelling=tuple(_cancelling(shown, w)) if cancels else (),
        contact=() if event.contact is None else tuple(contact(event.contact)),
        calendar=url_for(".place_calendar", token=token)
        if shown.own.status is _S.CONFIRMED
        and shown.is_theirs
        and not gone
        and not isinstance(state, Over)
        else "",
        numbers=(
            Line(w("page.number", id=event.id)),
            Line(w("page.registration", id=shown.own.id)),
        ),
        manage=w.count("page.manage", len(shown.members)),
        groups=tuple(_groups(shown, token, w)),
        deeds=tuple(_deeds(shown, token, w)),
        private=tuple(_private(own, token, w)) if shown.is_theirs else (),
    )


def _first(shown: Personal) -> Registration:
    """Of whom the heading speaks: whose page it is, or where they no longer come who does."""
    if shown.own.status.is_active:
        return shown.own
    others = (one.registration for one in shown.members)
    return next((one for one in others if one.status.is_active), shown.own)


# --- the receipt -----------------------------------------------------------------------------

_COMING = (_S.CONFIRMED, _S.WAITING, _S.OFFERED, _S.PENDING)
_SHAPES = {
    _S.CONFIRMED: "open",
    _S.ATTENDED: "over",
    _S.WAITING: "waiting_only",
    _S.OFFERED: "not_yet_open",
    _S.PENDING: "not_yet_open",
    _S.CANCELLED: "cancelled",
}
_HEADINGS = {
    _S.CONFIRMED: "page.has_seat",
    _S.WAITING: "page.is_waiting",
    _S.OFFERED: "page.is_offered",
    _S.PENDING: "page.is_pending",
    _S.REJECTED: "page.is_rejected",
    _S.DECLINED: "page.is_declined",
    _S.EXPIRED: "page.is_expired",
    _S.CANCELLED: "page.is_cancelled",
    _S.SUBSTITUTED: "page.is_substituted",
    _S.ATTENDED: "page.is_attended",
    _S.NO_SHOW: "page.is_no_show",
}


def _heading(shown: Personal, first: Registration, w: Wording) -> tuple[str, str, list[str]]:
    """Where somebody and those with them stand: a shape, a few words, and what that means."""
    event, state = shown.event, shown.state
    if isinstance(state, Cancelled | Postponed):
        said = [w.state_sentence(event, state)]
        if isinstance(state, Postponed) and first.status is _S.CONFIRMED:
            said.append(w("page.keeps_seat"))
        return state_name(state), w.state(state), said
    if isinstance(state, Over) and first.status is _S.CONFIRMED:
        return state_name(state), w.state(state), [w("page.had_seat")]
    if isinstance(state, Over) and first.status is _S.PENDING:
        return state_name(state), w.state(state), [w("page.not_answered")]
    together = sum(1 for one in shown.members if one.registration.status is first.status)
    shape = _SHAPES.get(first.status, "closed")
    if together == 1 and (first is not shown.own or shown.holder.is_booker):
        standing = w(f"standing.{first.status}")
        heading = w("page.other_stands", who=first.person.name, standing=standing)
    else:
        places = places_in_line(shown.place or 1, together, w)
        heading = w.count(_HEADINGS[first.status], together, places=places)
    return shape, heading, list(_meaning(shown, first, together, w))


def _meaning(shown: Personal, first: Registration, together: int, w: Wording) -> Iterator[str]:
    """What it means to stand so, a sentence each."""
    event, booker = shown.event, shown.own.booker
    if booker is not None and shown.holder.is_colleague and first.status.is_active:
        yield w("page.booked_by", who=booker.name)
    match first.status:
        case Standing.WAITING:
            yield w.count("page.is_waiting_why", together)
        case Standing.PENDING:
            yield w.count("page.is_pending_why", together)
        case Standing.OFFERED:
            yield w("page.is_offered_why", until=_offer_ends(first, event))
        case Standing.EXPIRED if first.offer_ends is not None:
            yield w("page.offer_ended", ended=_offer_ends(first, event))
        case Standing.REJECTED:
            yield w("page.is_rejected_why")
    if first.fee is not None:
        key = "page.owes_no_show" if first.status is _S.NO_SHOW else "page.owes_cancel"
        yield w(key, fee=w.money(first.fee))


def _offer_ends(one: Registration, event: Event) -> object:
    """Until when an offer stands, in the event's zone: also where none is made any more."""
    closes = deadlines.windows(event).offers.closes
    ends = closes if one.offer_ends is None else min(one.offer_ends, closes, key=instant)
    return ends.astimezone(event.zone)


def _people(shown: Personal, w: Wording) -> Iterator[tuple[str, str]]:
    """Everybody the page is about, and where they stand; nowhere where there is nothing left."""
    for one in shown.members:
        status = one.registration.status
        off = isinstance(shown.state, Cancelled | Over) and status in _COMING
        yield one.registration.person.name, "" if off else w(f"standing.{status}")


def _again(first: Registration, event: Event, state: State, w: Wording) -> Join | None:
    """The way back in for who is out, where one can still join."""
    if first.status.is_active or not isinstance(state, Open | WaitingOnly):
        return None
    return Join(url_for(".signup", name=event.id), w("page.again"))


def _price(shown: Personal, w: Wording) -> str:
    """What it costs those who come, or may yet."""
    price = shown.event.price
    if price is None or not any(_pays(one.registration) for one in shown.members):
        return ""
    if price.amount and len(shown.members) > 1:
        return w("page.per_person", price=w.money(price))
    return w.money(price)


def _address(venue: Venue) -> tuple[tuple[str, ...], ...]:
    """Where it is, in two lines: the house, and the street and town."""
    lines = where(venue)
    indoors = tuple(line for line in lines if line in (venue.name, venue.room))
    outside = tuple(line for line in lines if line not in indoors)
    return tuple(part for part in (indoors, outside) if part)


def _online(first: Registration, event: Event, state: State, w: Wording) -> Iterator[Line]:
    """How to attend from afar: the way in for who may have it, else that it will be sent."""
    item = next((one for one in event.programme if one.key == first.item), None)
    online: OnlineAccess | None = event.online
    if item is not None and item.online is not None:
        online = item.online
    if online is None:
        return
    provider = online.provider
    yield Line(w("page.online_via", provider=provider) if provider else w("page.is_online"))
    if not sends_link(state):
        return
    if online.public and online.url:
        yield Line(w("page.online_link"), online.url)
    elif first.status.is_active:
        yield Line(w("page.link_is_sent"))


def _pays(one: Registration) -> bool:
    """Whether `one` takes a seat that has its price, or waits for one."""
    return one.role is Role.PARTICIPANT and one.status in (*_COMING, _S.ATTENDED)


def _cancelling(shown: Personal, w: Wording) -> Iterator[str]:
    """Until when one may cancel, and what that and staying away cost once one has a seat."""
    event, leaving = shown.event, [one.registration for one in shown.who_may(Act.CANCEL)]
    seated = [one for one in leaving if one.status is _S.CONFIRMED]
    until = w.deadline(event.cancel_deadline, event)
    yield w("page.may_cancel" if seated else "page.may_leave", until=until)
    costs = tuple(fees(event, w, now=site().office.now()))
    if not costs or not any(map(_pays, seated or leaving)):
        return
    if not seated:
        yield from (w("page.leave_free"), w("page.once_seated"))
    yield from costs


def fees(event: Event, w: Wording, *, now: datetime) -> Iterator[str]:
    """What cancelling costs at `now` and later, and what staying away does: a sentence each."""

    def begins(fee: Fee) -> datetime:
        return instant(deadlines.opening(fee.since, event))

    in_order = sorted(event.fees, key=begins)
    begun = [fee for fee in in_order if begins(fee) <= instant(now)]
    if begun and begun[-1].money.amount:
        yield w("page.cancel_fee_now", fee=w.money(begun[-1].money))
    for fee in in_order[len(begun) :]:
        since = deadlines.last_day(fee.since, event) or deadlines.opening(fee.since, event)
        if fee.money.amount:
            yield w("page.cancel_fee", since=since, fee=w.money(fee.money))
    if event.no_show_fee is not None and event.no_show_fee.amount:
        yield w("page.no_show_fee", fee=w.money(event.no_show_fee))


# --- what one can do -------------------------------------------------------------------------


def _answers(shown: Personal, w: Wording) -> Iterator[Deed]:
    """Yes or no to an offer: what is most urgent."""
    if offered := len(shown.who_may(Act.ACCEPT)):
        agreed = as_sent(shown.event.price or Money(0))
        yield Deed(text=w.count("page.do_accept", offered), name=Act.ACCEPT, agreed=agreed)
        yield Deed(text=w("page.do_decline"), name=Act.DECLINE)


def _groups(shown: Personal, token: str, w: Wording) -> Iterator[tuple[str, tuple[Deed, ...]]]:
    """What can be done for each of several people, under their name."""
    if len(shown.members) > 1:
        for one in shown.members:
            if deeds := tuple(_for_one(one, token, w)):
                yield one.registration.person.name, deeds


def _for_one(one: Member, token: str, w: Wording) -> Iterator[Deed]:
    number = one.registration.number
    if one.may(Act.EDIT):
        yield Deed(text=w("page.do_edit"), url=url_for(".edit", token=token, number=number))
    if one.may(Act.SUBSTITUTE):
        url = url_for(".substitute", token=token, number=number)
        yield Deed(text=w("page.do_substitute"), url=url)


def _deeds(shown: Personal, token: str, w: Wording) -> Iterator[Deed]:
    """What can be done alone, or for all at once."""
    several = len(shown.members) > 1
    if not several:
        yield from _for_one(shown.members[0], token, w)
    for act, key in ((Act.ONLINE, "page.do_online"), (Act.ROOM, "page.do_room")):
        if moved := shown.who_may(act):
            number = moved[0].registration.number
            hint = w("page.moves_all") if several else ""
            yield Deed(text=w(key), name=act, number=number, hint=hint)
    if leaving := shown.who_may(Act.CANCEL):
        holds = any(one.registration.status is _S.CONFIRMED for one in leaving)
        key = "page.do_cancel" if holds else "page.do_leave"
        yield Deed(text=w(key), url=url_for(".cancel", token=token))


def _private(own: Member, token: str, w: Wording) -> Iterator[Deed]:
    """What concerns the link itself, and what is stored."""
    if own.may(Act.LINK):
        yield Deed(text=w("page.do_link"), name=Act.LINK, hint=w("page.do_link_why"))
    yield Deed(text=w("page.do_data"), url=url_for(".data", token=token))
