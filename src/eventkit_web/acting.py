"""What somebody does with their place: posted to ``/r/TOKEN``, or in a form of its own below it.

Nothing is decided here. The desk is asked first, and what it refuses is said on the page, with all
that was typed. A link never acts on GET. It is long because it is one list: what one can do there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from attrs import field, frozen
from flask import Blueprint, Response, current_app, request, url_for

from eventkit.formats.wording import Wording
from eventkit.model.decision import Decision, Reason, Refused
from eventkit.model.errors import ImpossibleError
from eventkit.model.registration import Outcome, Registration, Standing
from eventkit.model.values import Money, Person
from eventkit.office.personal import (
    SWITCHES,
    Act,
    Member,
    Personal,
    calendar,
    is_done,
    stands_in,
)
from eventkit_web.corrections import PersonForm
from eventkit_web.forms import Guard, is_group
from eventkit_web.limits import Limit
from eventkit_web.pages import when
from eventkit_web.place import address_of, as_sent, opened, show, shown_to_one
from eventkit_web.public import addresses, root, see_other, site, words

LARGEST_FORM = 64_000
"""Bytes of a form; one person with an answer to each of ten questions needs a fifth of it."""


@frozen
class Changes:
    """How often one may change a place: each change can be a mail."""

    by_place: Limit = field(factory=lambda: Limit(20, timedelta(minutes=10)))


def add_place(public: Blueprint) -> None:
    """Put the pages of one person beside the public pages of one language."""
    both = ["GET", "POST"]
    public.before_request(_keep_small)
    public.add_url_rule("/r/<token>", "place", place, methods=both)
    public.add_url_rule("/r/<token>.ics", "place_calendar", place_calendar)
    public.add_url_rule("/r/<token>/cancel", "cancel", cancel, methods=both)
    public.add_url_rule("/r/<token>/email", "email", email, methods=both)
    public.add_url_rule("/r/<token>/edit/<int:number>", "edit", edit, methods=both)
    public.add_url_rule(
        "/r/<token>/substitute/<int:number>", "substitute", substitute, methods=both
    )


def _keep_small() -> None:
    """Limit what is sent to a person's page, before anything looks at it."""
    if "token" in (request.view_args or {}):
        request.max_content_length = LARGEST_FORM


def barred(shown: Personal, guard: Guard) -> tuple[tuple[str, ...], int] | None:
    """Why what was sent is not looked at, and with which status; None where it is."""
    w = words()
    if not guard.is_ours:
        return (w("page.too_old"), w("page.too_old_again")), HTTPStatus.BAD_REQUEST
    changes: Changes = current_app.extensions["eventkit-changes"]
    if not changes.by_place.allows(shown.own.id, site().office.now()):
        return (w("page.too_many_changes"),), HTTPStatus.TOO_MANY_REQUESTS
    return None


def place(token: str) -> Response:
    """A person's page; posted to, it does what was pressed."""
    shown = opened(token)
    if request.method != "POST":
        return show(shown, token)
    if no := barred(shown, Guard(formdata=request.form)):
        return show(shown, token, said=no[0], status=no[1])
    act = next((one for one in Act if one == request.form.get("do")), None)
    does = None if act is None else _DEEDS.get(act)
    if act is None or does is None:
        w = words()
        return show(shown, token, said=(w("page.not_known"),), status=HTTPStatus.BAD_REQUEST)
    number = request.form.get("who", type=int) or shown.own.number
    member = shown.member(number)
    chosen = shown.who_may(act) if act in (Act.ACCEPT, Act.DECLINE) else (member,)
    if not chosen or not chosen[0].may(act):
        return _refused(shown, token, member, act, member.refused[act])
    decision = does(shown, chosen)
    if isinstance(decision, Refused):
        shown = opened(token)
        return _refused(shown, token, shown.member(number), act, decision.reasons)
    return _done(shown, act)


def _refused(
    shown: Personal, token: str, member: Member, act: Act, reasons: Sequence[Reason]
) -> Response:
    """Why not; unless it is so already, as for who pressed twice."""
    if is_done(act, member.registration):
        return _done(shown, act)
    return refused(shown, token, reasons)


def refused(shown: Personal, token: str, reasons: Sequence[Reason]) -> Response:
    """The page, with every reason why what was asked cannot be done."""
    w = words()
    said = dict.fromkeys(w.reason(reason, shown.event) for reason in reasons)
    status = HTTPStatus.CONFLICT if request.method == "POST" else HTTPStatus.OK
    return show(shown, token, said=said, status=status)


def home(shown: Personal, done: str = "") -> Response:
    """Lead back to the page, whose address is another where earlier links were revoked."""
    own = site().office.registration(shown.own.event, shown.own.number)
    here = address_of(own, booker=shown.holder.is_booker)
    return see_other(here + (f"?done={done}" if done else ""))


# --- what is done at once --------------------------------------------------------------------


def _accept(shown: Personal, chosen: Sequence[Member]) -> Decision[Outcome]:
    number = chosen[0].registration.number
    return site().office.accept(
        shown.own.event,
        number,
        alone=shown.holder.is_colleague,
        agreed=_money(request.form.get("agreed", "")),
        actor=shown.actor,
    )


def _decline(shown: Personal, chosen: Sequence[Member]) -> Decision[Outcome]:
    return site().office.decline(shown.own.event, _numbers(chosen), actor=shown.actor)


def _online(shown: Personal, chosen: Sequence[Member]) -> Decision[Outcome]:
    return _switch(shown, chosen, Act.ONLINE)


def _room(shown: Personal, chosen: Sequence[Member]) -> Decision[Outcome]:
    return _switch(shown, chosen, Act.ROOM)


def _switch(shown: Personal, chosen: Sequence[Member], act: Act) -> Decision[Outcome]:
    number = chosen[0].registration.number
    return site().office.switch(shown.own.event, number, SWITCHES[act], actor=shown.actor)


def _renew(shown: Personal, chosen: Sequence[Member]) -> Decision[Outcome]:
    return site().office.renew_link(shown.own.event, shown.own.number, actor=shown.actor)


_DEEDS = {
    Act.ACCEPT: _accept,
    Act.DECLINE: _decline,
    Act.ONLINE: _online,
    Act.ROOM: _room,
    Act.LINK: _renew,
}
"""What a button on the page does."""
_DONE = {
    Act.ONLINE: "online",
    Act.ROOM: "room",
    Act.DECLINE: "declined",
}


def _done(shown: Personal, act: Act) -> Response:
    if act is Act.LINK:  # the page that was open is nobody's any more
        return see_other(url_for(".told"))
    return home(shown, _DONE.get(act, ""))


def _numbers(chosen: Sequence[Member]) -> tuple[int, ...]:
    return tuple(one.registration.number for one in chosen)


# --- cancelling ------------------------------------------------------------------------------


@frozen(kw_only=True)
class Leaving:
    """One who can be taken out: what that costs, in words and as it is sent back."""

    number: int
    name: str
    cost: str
    agreed: str
    chosen: bool


def cancel(token: str) -> Response:
    """What cancelling costs, and a button that does it for those who are ticked."""
    shown, w = opened(token), words()
    picked = request.form.getlist("who", type=int) if request.method == "POST" else []
    if picked and _have_left(shown, picked):  # who pressed twice
        return home(shown, "cancelled")
    leaving = shown.who_may(Act.CANCEL)
    if not leaving:
        reasons = shown.member(shown.own.number).refused[Act.CANCEL]
        return refused(shown, token, reasons)
    if request.method != "POST":
        chosen = _numbers(leaving) if len(leaving) == 1 else ()
        return _cancelling(shown, token, chosen)
    if no := barred(shown, Guard(formdata=request.form)):
        return _cancelling(shown, token, picked, said=no[0], status=no[1])
    for number in picked:
        shown.member(number)  # or there is nobody here of that number
    if not picked:
        nobody = (w("page.cancel_whom"),)
        return _cancelling(shown, token, (), said=nobody, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    decision = site().office.cancel(
        shown.own.event, picked, agreed=dict(_agreed(picked)), actor=shown.actor
    )
    if isinstance(decision, Refused):
        said = tuple(dict.fromkeys(w.reason(one, shown.event) for one in decision.reasons))
        shown = opened(token)
        if _have_left(shown, picked):
            return home(shown, "cancelled")
        if not shown.who_may(Act.CANCEL):
            return show(shown, token, said=said, status=HTTPStatus.CONFLICT)
        return _cancelling(shown, token, picked, said=said, status=HTTPStatus.CONFLICT)
    return home(shown, "cancelled")


def _have_left(shown: Personal, numbers: Sequence[int]) -> bool:
    """Whether all of these are out already."""
    return all(is_done(Act.CANCEL, shown.member(number).registration) for number in numbers)


def _agreed(numbers: Sequence[int]) -> Iterator[tuple[int, Money]]:
    """What the page said that it costs, for each: nothing where that cannot be read."""
    for number in numbers:
        if (fee := _money(request.form.get(f"agreed-{number}", ""))) is not None:
            yield number, fee


def _money(said: str) -> Money | None:
    """What a page said that something costs; None where that cannot be read."""
    amount, _, currency = said.partition(" ")
    try:
        return Money(amount, currency)
    except ImpossibleError:
        return None


def _cancelling(
    shown: Personal,
    token: str,
    chosen: Sequence[int],
    *,
    said: tuple[str, ...] = (),
    status: int = HTTPStatus.OK,
) -> Response:
    w, event = words(), shown.event
    leaving = shown.who_may(Act.CANCEL)
    holds = any(one.registration.status is Standing.CONFIRMED for one in leaving)
    return shown_to_one(
        "leave.html",
        w,
        addresses("cancel", token=token),
        status,
        event=event,
        guard=Guard(formdata=None),
        heading=w("page.do_cancel" if holds else "page.do_leave"),
        final=w("page.cancel_final" if holds else "page.leave_final"),
        button=w("page.button_cancel" if holds else "page.do_leave"),
        when=when(event, w),
        said=said,
        leaving=tuple(_leaving(one, chosen, w) for one in leaving),
        back=url_for(".place", token=token),
    )


def _leaving(one: Member, chosen: Sequence[int], w: Wording) -> Leaving:
    fee, number = one.fee, one.registration.number
    return Leaving(
        number=number,
        name=one.registration.person.name,
        cost=w("page.cancel_free") if fee is None else w("page.cancel_costs", fee=w.money(fee)),
        agreed="" if fee is None else as_sent(fee),
        chosen=number in chosen,
    )


# --- correcting ------------------------------------------------------------------------------


def edit(token: str, number: int) -> Response:
    """Who somebody is, what they answered, and where to send the bill."""
    shown = opened(token)
    one = shown.member(number)
    pays = shown.event.price is not None and shown.event.price.amount != 0
    bills = pays and not shown.holder.is_colleague
    return _correct(shown, token, one, "edit", bills=bills)


def email(token: str) -> Response:
    """The one field for who reads a wrong address on their receipt."""
    shown = opened(token)
    one = shown.member(shown.own.number)
    return _correct(shown, token, one, "email", names=("email",), asks=False)


def _correct(shown: Personal, token: str, one: Member, view: str, **asked: Any) -> Response:
    before = one.registration
    if not one.may(Act.EDIT):
        return refused(shown, token, one.refused[Act.EDIT])
    form = _asked(shown, known=before, **asked)

    def ask(**said: Any) -> Decision[Outcome]:
        return site().office.edit(
            before.event,
            before.number,
            person=form.written(before.person),
            answers=form.answers(),
            invoice=form.bill(),
            **said,
        )

    return _answered(shown, token, one, view, form, ask)


def substitute(token: str, number: int) -> Response:
    """Who comes instead."""
    shown = opened(token)
    one = shown.member(number)
    form = _asked(shown)
    person = form.written(Person(name=words()("page.the_substitute")))
    if form.sent and stands_in(site().office, person, one.registration):  # who pressed twice
        return home(shown, "substituted")
    if not one.may(Act.SUBSTITUTE):
        return refused(shown, token, one.refused[Act.SUBSTITUTE])

    def ask(**said: Any) -> Decision[Outcome]:
        return site().office.substitute(shown.own.event, number, person, form.answers(), **said)

    return _answered(shown, token, one, "substitute", form, ask)


def _asked(shown: Personal, **asked: Any) -> PersonForm:
    """The form as it is shown, or was sent."""
    sent = request.form if request.method == "POST" else None
    return PersonForm(shown.event, words(), sent, **asked)


def _answered(
    shown: Personal,
    token: str,
    one: Member,
    view: str,
    form: PersonForm,
    ask: Callable[..., Decision[Outcome]],
) -> Response:
    """The form; sent, it is done, or shown again with every reason beside its field."""
    if not form.sent:
        return _form(shown, token, one, view, form)
    if no := barred(shown, form.guard):
        return _form(shown, token, one, view, form, said=no[0], status=no[1])
    # What cannot be read is told together with all else that is wrong; nothing is saved then.
    is_read = form.validate()
    at = None if is_read else site().office.now()
    decision = ask(actor=shown.actor, at=at)
    said = form.tell(decision.reasons) if isinstance(decision, Refused) else ()
    if is_read and not isinstance(decision, Refused):
        return home(shown, "substituted" if view == "substitute" else "saved")
    status = HTTPStatus.CONFLICT if said else HTTPStatus.UNPROCESSABLE_ENTITY
    return _form(shown, token, one, view, form, said=said, status=status)


_TITLES = {
    "edit": ("page.do_edit", "page.button_save"),
    "email": ("page.mend_email", "page.button_save"),
    "substitute": ("page.do_substitute", "page.button_substitute"),
}


def _form(
    shown: Personal,
    token: str,
    one: Member,
    view: str,
    form: PersonForm,
    *,
    said: tuple[str, ...] = (),
    status: int = HTTPStatus.OK,
) -> Response:
    w = words()
    where = {} if view == "email" else {"number": one.registration.number}
    heading, button = _TITLES[view]
    return shown_to_one(
        "correct.html",
        w,
        addresses(view, token=token, **where),
        status,
        event=shown.event,
        form=form,
        heading=w(heading),
        button=w(button),
        hints=tuple(_hints(shown, one.registration, view, w)),
        said=said,
        is_group=is_group,
        back=url_for(".place", token=token),
        requires_email=one.registration.booker is None,
    )


def _hints(shown: Personal, one: Registration, view: str, w: Wording) -> Iterator[str]:
    """What happens when it is sent."""
    if view == "substitute":
        yield w("page.substitute_why", who=one.person.name)
    elif view == "email":
        yield w("page.mend_email_why")
    elif len(shown.members) > 1:
        yield one.person.name


# --- the calendar file -----------------------------------------------------------------------


def place_calendar(token: str) -> Response:
    """The person's own entry for their calendar, with the way into the meeting where it is theirs.

    Who has no seat has no entry.
    """
    language = str(request.blueprint)
    page = root() + url_for(".place", token=token)
    body = calendar(site().office, token, page, site().links, language)
    response = Response(body, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="eventkit.ics"'
    return response
