"""The receipt: what somebody who signed up got, as it stands now.

Its address cannot be guessed and tells nothing by itself: it is signed, derived and never stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from http import HTTPStatus

from attrs import frozen
from flask import Blueprint, Response, abort, current_app, request, url_for
from itsdangerous import BadData, URLSafeSerializer

from eventkit.formats.wording import Wording, state_name, wording
from eventkit.model.event import Event
from eventkit.model.registration import Registration, Standing
from eventkit.model.values import Mode, Venue, instant
from eventkit.rules import deadlines
from eventkit.rules.deadlines import Cancelled, Postponed, State
from eventkit_web.pages import Line, contact, own_words, sends_link, when, where
from eventkit_web.public import addresses, render, site

_S = Standing


def add_receipt(public: Blueprint) -> None:
    """Put receipts beside the public pages of one language."""
    public.add_url_rule("/receipt/<token>", "receipt", receipt)


def _tokens() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="eventkit.receipt")


def address_of(first: Registration) -> str:
    """The address of the receipt for a form, by the `first` who came by it."""
    token = _tokens().dumps([first.event, first.number])
    return url_for(".receipt", token=token)


@frozen(kw_only=True)
class Receipt:
    """What a receipt shows: complete, so that a picture of it is enough."""

    heading: str
    state: str
    said: tuple[str, ...]
    own_words: str
    when: tuple[str, ...]
    where: tuple[str, ...]
    online: tuple[str, ...]
    people: tuple[tuple[str, str], ...]
    price: str
    cancelling: tuple[str, ...]
    contact: tuple[Line, ...]
    has_calendar: bool
    numbers: tuple[str, ...]


def receipt(token: str) -> Response:
    """What somebody got, as it stands now."""
    try:
        event_id, number = _tokens().loads(token)
    except (BadData, TypeError, ValueError):
        abort(HTTPStatus.NOT_FOUND)
    office, w = site().office, wording(str(request.blueprint))
    revision, seats = office.posting(str(event_id))
    event, state = revision.event, deadlines.state(revision.event, seats, now=office.now())
    people = office.signed_up(str(event_id), int(number))
    page = _receipt(event, state, people, w)
    shown = render("receipt.html", w, addresses("receipt", token=token), event=event, page=page)
    response = Response(shown, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _receipt(event: Event, state: State, people: Sequence[Registration], w: Wording) -> Receipt:
    first = next((one for one in people if one.status.is_active), people[0])
    gone = isinstance(state, Cancelled | Postponed)
    heading, said = _heading(first, people, w)
    in_room = first.mode is Mode.ROOM
    price = "" if event.price is None else w.money(event.price)
    if event.price is not None and event.price.amount and len(people) > 1:
        price = w("page.per_person", price=price)
    return Receipt(
        heading=w.state(state) if gone else heading,
        state=state_name(state) if gone else _SHAPES.get(first.status, "closed"),
        said=(w.state_sentence(event, state),) if gone else said,
        own_words=own_words(state),
        when=when(event, w),
        where=_address(event.venue) if in_room and event.venue is not None else (),
        online=() if in_room else tuple(_online(event, state, w)),
        people=tuple((one.person.name, w(f"standing.{one.status}")) for one in people),
        price=price,
        cancelling=tuple(cancelling(event, w)) if first.status.is_active and not gone else (),
        contact=() if event.contact is None else tuple(contact(event.contact)),
        has_calendar=first.status is _S.CONFIRMED and not gone,
        numbers=(w("page.number", id=event.id), w("page.registration", id=people[0].id)),
    )


_SHAPES = {
    _S.CONFIRMED: "open",
    _S.ATTENDED: "open",
    _S.WAITING: "waiting_only",
    _S.OFFERED: "open",
    _S.PENDING: "not_yet_open",
}


def _heading(
    first: Registration, people: Sequence[Registration], w: Wording
) -> tuple[str, tuple[str, ...]]:
    """Where somebody and those with them stand, and what that means."""
    together = sum(1 for one in people if one.status is first.status)
    if first.status.is_seated:
        return w.count("page.has_seat", together), ()
    match first.status:
        case Standing.WAITING:
            place = site().office.place(first) or 1
            heading = w.count("page.is_waiting", together, place=place, last=place + together - 1)
            return heading, (w("page.is_waiting_why"),)
        case Standing.PENDING:
            return w.count("page.is_pending", together), (w("page.is_pending_why"),)
        case Standing.OFFERED:
            return w.count("page.is_offered", together), (w("page.is_offered_why"),)
    return w("page.is_gone"), ()


def _address(venue: Venue) -> tuple[str, ...]:
    """Where it is, in two lines: the house, and the street and town."""
    lines = where(venue)
    indoors = [line for line in lines if line in (venue.name, venue.room)]
    outside = [line for line in lines if line not in indoors]
    return tuple(", ".join(part) for part in (indoors, outside) if part)


def _online(event: Event, state: State, w: Wording) -> Iterator[str]:
    if event.online is None:
        return
    provider = event.online.provider
    yield w("page.online_via", provider=provider) if provider else w("page.is_online")
    if event.online.public and event.online.url:
        yield event.online.url
    elif sends_link(state):
        yield w("page.link_is_sent")


def cancelling(event: Event, w: Wording) -> Iterator[str]:
    """Until when one may cancel, what that costs, and what staying away does: a sentence each."""
    yield w("page.may_cancel", until=w.deadline(event.cancel_deadline, event))
    charged = [fee for fee in event.fees if fee.money.amount]
    for fee in sorted(charged, key=lambda fee: instant(deadlines.opening(fee.since, event))):
        since = deadlines.last_day(fee.since, event) or deadlines.opening(fee.since, event)
        yield w("page.cancel_fee", since=since, fee=w.money(fee.money))
    if event.no_show_fee is not None and event.no_show_fee.amount:
        yield w("page.no_show_fee", fee=w.money(event.no_show_fee))
