"""What is stored about somebody, in words and as a file, and the button that takes it out."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

from attrs import evolve, frozen
from flask import Blueprint, Response, request, url_for

from eventkit.formats import codec
from eventkit.formats.wording import LANGUAGES, Wording, wording
from eventkit.model.decision import Refused
from eventkit.model.errors import NotFoundError
from eventkit.model.event import Event
from eventkit.model.registration import Registration
from eventkit.model.values import Json, Mode, Person, Side
from eventkit.office.personal import Act, Personal
from eventkit_web.acting import barred
from eventkit_web.forms import Guard
from eventkit_web.place import opened, shown_to_one
from eventkit_web.public import addresses, see_other, site, words


def add_owndata(public: Blueprint) -> None:
    """Put what is stored about one person beside their page."""
    public.add_url_rule("/r/<token>/data", "data", data, methods=["GET", "POST"])
    public.add_url_rule("/r/<token>/data.json", "data_file", data_file)
    public.add_url_rule("/r/erased", "erased", erased)


@frozen
class Fact:
    """One thing that is stored; `is_own` where it is in the event's language."""

    name: str
    said: str
    is_own: bool = False


def data(token: str) -> Response:
    """Everything that is stored, in words; posted to, it is erased."""
    shown = _opened(token)
    if request.method != "POST":
        return _page(shown, token)
    if no := barred(shown, Guard(formdata=request.form)):
        return _page(shown, token, said=no[0], status=no[1])
    w, own = words(), shown.own
    decision = site().office.erase(own.event, own.number, actor=shown.actor)
    if isinstance(decision, Refused):
        said = tuple(w.reason(one, shown.event) for one in decision.reasons)
        return _page(_opened(token), token, said=said, status=HTTPStatus.CONFLICT)
    return see_other(url_for(".erased"))


def _opened(token: str) -> Personal:
    """What a link opens, where what is stored is for its holder to see."""
    shown = opened(token)
    if not shown.is_theirs:
        raise NotFoundError("what is stored of them is theirs", code="unknown_link")
    return shown


def _page(
    shown: Personal, token: str, *, said: tuple[str, ...] = (), status: int = HTTPStatus.OK
) -> Response:
    w = words()
    return shown_to_one(
        "data.html",
        w,
        addresses("data", token=token),
        status,
        event=shown.event,
        guard=Guard(formdata=None),
        facts=tuple(_facts(shown.own, shown.event, w)),
        history=tuple(_history(shown, w)),
        said=said,
        keeps=_keeps(shown, w),
        back=url_for(".place", token=token),
        file=url_for(".data_file", token=token),
    )


def _keeps(shown: Personal, w: Wording) -> str:
    """Why they cannot be erased now; "" where they can."""
    reasons = shown.member(shown.own.number).refused.get(Act.ERASE, ())
    if any(one.code == "registration_active" for one in reasons):
        return w("page.erase_later")
    return " ".join(w.reason(one, shown.event) for one in reasons)


def data_file(token: str) -> Response:
    """The registration as a document; of who signed them up their name alone."""
    own = _opened(token).own
    if own.booker is not None:
        own = evolve(own, booker=Person(name=own.booker.name))
    response = Response(codec.dumps(own, indent=2) + "\n", mimetype="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{own.number}.json"'
    return response


def erased() -> Response:
    """That nothing is left."""
    w = words()
    found = addresses("erased")
    heading, sentence = w("page.erased"), w("page.erased_why")
    return shown_to_one("message.html", w, found, heading=heading, sentence=sentence)


# --- in words --------------------------------------------------------------------------------


def _facts(own: Registration, event: Event, w: Wording) -> Iterator[Fact]:
    """Every field of a registration that holds anything."""
    yield Fact(w("page.name"), own.person.name)
    for name, said in (
        ("page.email", own.person.email),
        ("page.phone", own.person.phone),
        ("page.organisation", own.person.organisation),
    ):
        if said:
            yield Fact(w(name), said)
    yield from _answers(own, event, w)
    if own.invoice is not None:
        for name, said in (
            ("page.invoice_name", own.invoice.name),
            ("page.invoice_cvr", own.invoice.cvr),
            ("page.invoice_ean", own.invoice.ean),
            ("page.invoice_reference", own.invoice.reference),
            ("page.invoice_email", own.invoice.email),
        ):
            if said:
                yield Fact(w(name), said)
    yield Fact(w("page.mode"), w("page.in_room" if own.mode is Mode.ROOM else "page.online"))
    yield Fact(w("page.stored_role"), w(f"role.{own.role}"))
    yield Fact(w("page.stored_status"), w(f"standing.{own.status}"))
    if own.booker is not None:
        yield Fact(w("page.stored_booker"), own.booker.name)
    if own.fee is not None:
        yield Fact(w("page.stored_fee"), w.money(own.fee))
    if own.offer_ends is not None:
        yield Fact(w("page.stored_offer"), w.last(own.offer_ends.astimezone(event.zone)))
    if own.linked is not None:
        yield Fact(w("page.stored_linked"), w.moment(own.linked.astimezone(event.zone)))
    known = own.language if own.language in LANGUAGES else LANGUAGES[0]
    yield Fact(w("page.stored_language"), wording(known)("page.language"))
    yield Fact(w("page.stored_number"), own.id)
    for key, value in own.extra.items():  # what plugins keep
        yield Fact(key, _plain(value, w))


def _answers(own: Registration, event: Event, w: Wording) -> Iterator[Fact]:
    """The answers, to what the event asks and to what it asked once."""
    asked = {question.key: question.text for question in event.questions}
    for key, value in own.answers.items():
        if not key.endswith(".consent"):
            yield Fact(asked.get(key, key), _plain(value, w), is_own=True)
        elif value is True:
            question = asked.get(key.removesuffix(".consent"), key)
            yield Fact(w("page.stored_consent"), question)


def _plain(value: Json, w: Wording) -> str:
    if isinstance(value, bool):
        return w("page.yes") if value else w("page.no")
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _history(shown: Personal, w: Wording) -> Iterator[Fact]:
    """What happened to it, when, and who did it: the person, the organiser, or the site itself."""
    own = shown.own
    for entry in site().office.journal(own.event, own.number):
        at = w.moment(entry.at.astimezone(shown.event.zone))
        what, side = w(_ACTIONS.get(entry.action, "page.act_edit")), w(_SIDES[entry.actor.side])
        yield Fact(at, w("page.act_by", what=what, side=side))


_SIDES = {
    Side.PUBLIC: "page.by_public",
    Side.STAFF: "page.by_staff",
    Side.SYSTEM: "page.by_system",
}
_ACTIONS = {
    "register": "page.act_register",
    "cancel": "page.act_cancel",
    "substitute": "page.act_substitute",
    "accept": "page.act_accept",
    "decline": "page.act_decline",
    "switch": "page.act_switch",
    "edit": "page.act_edit",
    "link": "page.act_link",
    "renew": "page.act_link",
    "approve": "page.act_approve",
    "reject": "page.act_reject",
    "split": "page.act_split",
    "check_in": "page.act_check_in",
    "no_show": "page.act_no_show",
    "undo": "page.act_undo",
    "expire": "page.act_expire",
    "offer": "page.act_offer",
    "promote": "page.act_promote",
    "remind": "page.act_remind",
    "tell": "page.act_tell",
    "call_off": "page.act_call_off",
    "take_back": "page.act_take_back",
}
"""What the journal calls what was done, and what people call it."""
