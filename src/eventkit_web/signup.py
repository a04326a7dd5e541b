"""Signing up: the form at ``/events/ID/register``, which leads to one's own page.

What a form says one will get goes along with it. Where less is to be had when it is sent, nobody is
put on a waiting list unasked: it is shown again, says what one would get now, and asks. The same
form sent again leads to the same page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus

from attrs import field, frozen
from flask import Blueprint, Response, current_app, request, url_for

from eventkit.formats.wording import Wording, state_name
from eventkit.model.decision import Allowed, Reason, Refused
from eventkit.model.event import Event
from eventkit.model.registration import Outcome, Registration, Signup, Standing
from eventkit.model.values import Actor, Mode, Side
from eventkit.rules import deadlines
from eventkit.rules.deadlines import Open, State, WaitingOnly
from eventkit_web.forms import MOST_PEOPLE, Fault, SignupForm, is_group
from eventkit_web.limits import Limit
from eventkit_web.pages import Line, contact, few_left, own_words, places_in_line, when, where
from eventkit_web.place import address_of, fees
from eventkit_web.public import addresses, render, see_other, site, words

LARGEST_FORM = 500_000
"""Bytes of a form; twenty people with a long answer to each of ten questions need half of it."""

PUBLIC = Actor(Side.PUBLIC)
_S = Standing


@frozen
class Desk:
    """How often one may try to sign up: from one address, and with one e-mail for one event."""

    by_address: Limit = field(factory=lambda: Limit(120, timedelta(minutes=1)))
    by_email: Limit = field(factory=lambda: Limit(10, timedelta(minutes=10)))


def desk() -> Desk:
    """The desk of the running application."""
    found: Desk = current_app.extensions["eventkit-signup"]
    return found


def add_signup(public: Blueprint) -> None:
    """Put signing up beside the public pages of one language."""
    public.add_url_rule("/events/<name>/register", "signup", signup, methods=["GET", "POST"])
    public.add_url_rule("/events/<name>/register/sent", "sent", sent)


# --- the form --------------------------------------------------------------------------------


@frozen(kw_only=True)
class Choice:
    """One way to attend: what it is, and what is left of it."""

    mode: Mode
    text: str
    left: str


@frozen(kw_only=True)
class FormPage:
    """What the page of a form shows beside the form itself."""

    heading: str
    title: str
    when: tuple[str, ...]
    where: str
    state: str
    is_open: bool
    sentence: str
    own_words: str
    contact: tuple[Line, ...]
    asks: tuple[str, ...]
    faults: tuple[Fault, ...]
    said: tuple[str, ...]
    choices: tuple[Choice, ...]
    terms: tuple[str, ...]
    button: str
    focus: str


def signup(name: str) -> Response:
    """The form; sent, it takes in everybody in it or nobody, and leads to their page."""
    shown = _Shown(name, words())
    if request.method != "POST":
        return shown.page(SignupForm(shown.event, shown.w))
    request.max_content_length = LARGEST_FORM
    return _sent(shown, SignupForm(shown.event, shown.w, request.form))


def _sent(shown: _Shown, form: SignupForm) -> Response:
    w = shown.w
    if not desk().by_address.allows(request.remote_addr or "", shown.now):
        said = (w("page.too_many_tries"),)
        return shown.page(form, said=said, status=HTTPStatus.TOO_MANY_REQUESTS)
    if pressed := request.form.get("do"):
        return _unfolded(shown, form, pressed)
    is_read, asked = form.validate(), form.signup()
    if not form.is_ours:
        old = (w("page.too_old"), w("page.too_old_again"))
        return shown.page(form, said=old, status=HTTPStatus.BAD_REQUEST)
    office, event_id = site().office, str(shown.event.id)
    register = partial(
        office.register,
        event_id,
        asked,
        promised=form.promised(asked.mode),
        agreed=form.agreed,
        actor=PUBLIC,
    )
    decision = register(at=shown.now)
    if not is_read:
        reasons = decision.reasons if isinstance(decision, Refused) else ()
        return _refused(shown, form, reasons, asked, is_read=False)
    if isinstance(decision, Allowed) or _is_known(decision.reasons, asked):
        emails = {one.email.casefold() for one in asked.people if one.email}
        may = partial(desk().by_email.allows, now=shown.now, what=asked.key)
        if not all(may((event_id, email)) for email in emails):  # each of them is written to
            many = (w("page.too_many_of_email"),)
            return shown.page(form, said=many, status=HTTPStatus.TOO_MANY_REQUESTS)
    if isinstance(decision, Allowed):
        decision = register()
        shown = _Shown(event_id, w)
    if isinstance(decision, Refused):
        return _refused(shown, form, decision.reasons, asked, is_read=True)
    return _to_place(decision.value, asked)


def _unfolded(shown: _Shown, form: SignupForm, pressed: str) -> Response:
    """The form with a person more, or without one; nothing in it is looked at yet."""
    what, _, whom = pressed.partition(" ")
    if what == "remove":
        form.remove(whom)
        return shown.page(form, focus="add")
    if what == "add" and form.add():
        return shown.page(form, focus=str(form.people[-1].name.id))
    return shown.page(form, said=_no_more(shown.w), status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _no_more(w: Wording) -> tuple[str, ...]:
    return (w("page.most_people", most=MOST_PEOPLE),)


def _is_known(reasons: Sequence[Reason], asked: Signup) -> bool:
    """Whether nothing is wrong but that the one person who signs up is registered already."""
    return len(asked.people) == 1 and all(one.code == "already_registered" for one in reasons)


def _refused(
    shown: _Shown, form: SignupForm, reasons: Sequence[Reason], asked: Signup, *, is_read: bool
) -> Response:
    """The form with every reason beside its field; nothing in it is lost.

    Whether somebody is registered is told to those who sign up a party, of each by name. Who signs
    up alone is told nothing that is stored.
    """
    if is_read and _is_known(reasons, asked):
        _send_link(reasons[0])
        return see_other(url_for(".sent", name=shown.event.id))
    asking = [reason for reason in reasons if reason.code in _ASKED]
    if is_read and asking and len(asking) == len(reasons):
        gets = [Standing(one.data["status"]) for one in asking if "status" in one.data]
        now = dict.fromkeys([asked.mode], *gets) if gets else {}
        asks = tuple(line for one in asking for line in _asks(one, asked, shown.w))
        return shown.page(form, promised=now, asks=asks, status=HTTPStatus.CONFLICT)
    reasons = [reason for reason in reasons if reason not in asking]
    if len(asked.people) == 1:
        reasons = [reason for reason in reasons if reason.code != "already_registered"]
    if not is_read:  # a plugin judges by what is written, and some of it is not
        reasons = [one for one in reasons if one.text is None or "path" in one.data]
    if any(reason.code == "key_reused" for reason in reasons):
        form.renew()
    if not shown.is_open:  # which the page says already
        reasons = [reason for reason in reasons if reason.code not in _SAID_BY_STATE]
    said = tuple(form.tell(reasons))
    is_late = said or not shown.is_open
    status = HTTPStatus.CONFLICT if is_late else HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_too_long:
        said = (*said, *_no_more(shown.w))
    return shown.page(form, said=said, status=status)


_ASKED = ("less_than_promised", "price_higher")
"""What is no fault of who signs up: they are asked whether it will do."""

_SAID_BY_STATE = frozenset(
    (
        "deadline_passed",
        "event_cancelled",
        "event_over",
        "event_postponed",
        "full",
        "not_yet_open",
        "started",
    )
)


def _asks(reason: Reason, asked: Signup, w: Wording) -> tuple[str, ...]:
    """What to ask before somebody gets less than the form said, or pays more."""
    if reason.data.get("status") != _S.WAITING:
        return (w.reason(reason),)
    free, people = reason.data["free"], len(asked.people)
    if not free:
        why = w("page.asks_full")
    elif free < people:
        why = w.count("page.asks_left", free, people=people)
    else:
        why = w("page.asks_queue")
    places = places_in_line(reason.data["place"], people, w)
    return (why, w.count("page.asks_place", people, places=places))


def _send_link(known: Reason) -> None:
    """Send who is registered already their link again; what is shown is the same if that is no.

    The desk does it at most hourly.
    """
    event_id, _, number = str(known.data["registration"]).rpartition("-")
    site().office.send_link(event_id, int(number), actor=PUBLIC)


# --- showing it ------------------------------------------------------------------------------

_HEADING = {
    _S.CONFIRMED: "page.signup",
    _S.WAITING: "page.signup_wait",
    _S.PENDING: "page.signup_apply",
}
_BUTTON = {
    _S.CONFIRMED: "page.button_seat",
    _S.WAITING: "page.button_wait",
    _S.PENDING: "page.button_apply",
}
_MODES = {Mode.ROOM: "page.in_room", Mode.ONLINE: "page.online"}


class _Shown:
    """The event that a form is for, as it is now, in the words `w`."""

    def __init__(self, name: str, w: Wording) -> None:
        office = site().office
        self.w = w
        revision, self.seats = office.posting(name)
        self.event: Event = revision.event
        self.now = office.now()
        self.state: State = deadlines.state(self.event, self.seats, now=self.now)

    @property
    def is_open(self) -> bool:
        """Whether anybody can sign up at all."""
        return isinstance(self.state, Open | WaitingOnly)

    def page(
        self,
        form: SignupForm,
        *,
        promised: Mapping[Mode, Standing] | None = None,
        asks: tuple[str, ...] = (),
        said: tuple[str, ...] = (),
        focus: str = "",
        status: int = HTTPStatus.OK,
    ) -> Response:
        """The form, with what it says one will get now: more exactly where `promised` does."""
        event, w, state = self.event, self.w, self.state
        standings = {mode: self._standing(mode) for mode in event.modes} | dict(promised or {})
        form.promise(standings)
        found = addresses("signup", name=event.id)
        best = self._best(form, standings)
        sentence = w.state_sentence(event, state)
        page = FormPage(
            heading=w.count(_HEADING[best], len(form.people)),
            title=event.title,
            when=when(event, w),
            where="" if event.venue is None else where(event.venue)[0],
            state=state_name(state),
            is_open=self.is_open,
            sentence=sentence,
            own_words=own_words(state),
            contact=() if event.contact is None else tuple(contact(event.contact)),
            asks=asks,
            faults=form.faults(),
            said=tuple(one for one in said if one != sentence),
            choices=tuple(self._choices(standings, len(form.people))),
            terms=tuple(terms(event, best, w, now=self.now)),
            button=w.count(_BUTTON[best], len(form.people)),
            focus=focus,
        )
        shown = render(
            "signup.html",
            w,
            found,
            event=event,
            state=state,
            page=page,
            form=form,
            is_group=is_group,
        )
        response = Response(shown, status, mimetype="text/html")
        # A browser keeps it for who reads about the event and goes back, with what they wrote.
        response.headers["Cache-Control"] = "private, no-cache"
        return response

    def _standing(self, mode: Mode) -> Standing:
        """What the page says that one will get in `mode`."""
        if self.event.approval:
            return _S.PENDING
        seated = isinstance(self.state, Open) and mode in self.state.modes
        return _S.CONFIRMED if seated else _S.WAITING

    def _is_full(self, mode: Mode) -> bool:
        """Whether there is neither a seat nor a queue for one in `mode`."""
        seated = isinstance(self.state, Open) and mode in self.state.modes
        waits = deadlines.may_wait(self.event, now=self.now)
        return not self.event.approval and not seated and not waits

    def _best(self, form: SignupForm, standings: Mapping[Mode, Standing]) -> Standing:
        """What is promised in the mode that was chosen; before that the best there is.

        Where there is nothing at all in that mode, one may still choose another.
        """
        mode = form.mode
        if mode is not None and mode in standings and not self._is_full(mode):
            return standings[mode]
        return min(standings.values(), key=list(_HEADING).index)

    def _choices(self, standings: Mapping[Mode, Standing], people: int) -> Iterator[Choice]:
        """The ways to attend, and while it is open what so many people would get in each."""
        for mode in self.event.modes:
            left = self._left(mode, standings[mode], people) if self.is_open else ""
            yield Choice(mode=mode, text=self.w(_MODES[mode]), left=left)

    def _left(self, mode: Mode, standing: Standing, people: int) -> str:
        """What is left of one way to attend, where that matters to so many people."""
        event, w, places = self.event, self.w, self.seats.in_mode(mode)
        if places.capacity == 0 or self._is_full(mode):
            return w("reason.full")
        if standing is _S.WAITING:
            line = places_in_line(places.waiting + 1, people, w)
            return w.count("page.mode_waits", people, places=line)
        few = dict(few_left(event, self.seats, self.state))
        if places.free is not None and (mode in few or len(event.modes) > 1):
            return w.count("page.left", places.free)
        return ""


def terms(event: Event, standing: Standing, w: Wording, *, now: datetime) -> Iterator[str]:
    """What it costs to come, to cancel and to stay away, for who gets `standing`.

    Nobody pays for a seat before they have one.
    """
    costs = []
    if event.price is not None and event.price.amount:
        costs.append(w("page.costs", price=w.money(event.price)))
    until = w.deadline(event.cancel_deadline, event)
    costs += [w("page.may_cancel", until=until), *fees(event, w, now=now)]
    if standing is _S.CONFIRMED:
        yield from costs
    elif len(costs) > 1:
        yield from (w("page.leave_free"), w("page.once_seated"), *costs)
    else:
        yield w("page.may_leave", until=until)


# --- after it --------------------------------------------------------------------------------


def sent(name: str) -> Response:
    """What is said to who may be registered already: the same whoever it is."""
    w, event = words(), site().office.published(name).event
    shown = render(
        "message.html",
        w,
        addresses("sent", name=event.id),
        heading=w("page.sent"),
        sentence=w("page.sent_why"),
    )
    response = Response(shown, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    return response


def _to_place(outcome: Outcome, asked: Signup) -> Response:
    """Lead to the page of the first in the form, which is the receipt."""
    first = min((one for one in outcome.registrations if one.key == asked.key), key=_by_place)
    return see_other(address_of(first))


def _by_place(one: Registration) -> int:
    return one.place
