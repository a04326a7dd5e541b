"""Finding one's registration again: an e-mail address is asked for, and its links are mailed.

The answer is the same whoever asks about whom, and as fast: what there is to send is found out once
the answer has gone, by a thread of its own.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from http import HTTPStatus

from attrs import field, frozen
from flask import Blueprint, Response, current_app, request, url_for
from werkzeug.datastructures import MultiDict
from wtforms import Form, StringField

from eventkit.formats.wording import Wording
from eventkit.model.errors import EventkitError
from eventkit.office.usecases import Office
from eventkit_web.forms import EMAIL, Fault, Guard, plain, tell, text_field
from eventkit_web.limits import Limit
from eventkit_web.place import shown_to_one
from eventkit_web.public import addresses, see_other, site, words

logger = logging.getLogger("eventkit.site")

LARGEST_FORM = 8_000


def _one_thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="eventkit-find")


@frozen
class Lookups:
    """How often one may ask, from one address and about one e-mail; and who looks it up."""

    by_address: Limit = field(factory=lambda: Limit(30, timedelta(minutes=1)))
    by_email: Limit = field(factory=lambda: Limit(3, timedelta(minutes=10)))
    later: ThreadPoolExecutor = field(factory=_one_thread)


def add_lookup(public: Blueprint) -> None:
    """Put finding one's registration beside the public pages of one language."""
    public.add_url_rule("/find", "find", find, methods=["GET", "POST"])
    public.add_url_rule("/find/sent", "find_sent", find_sent)
    public.add_url_rule("/r/sent", "told", told)


class FindForm:
    """One field: an e-mail address."""

    def __init__(self, w: Wording, sent: MultiDict[str, str] | None = None) -> None:
        self._w = w
        self.guard = Guard(formdata=sent)
        self._part = type("Part", (Form,), {"email": text_field(w("page.email"), w, EMAIL)})(sent)
        self.email: StringField = self._part.email

    def validate(self) -> bool:
        """Whether it can be read; what cannot is told at the field."""
        if self._part.validate() and "@" not in plain(self.email).strip("@"):
            tell(self.email, self._w("page.email_asked"))
        return not self.email.errors

    def faults(self) -> tuple[Fault, ...]:
        """What is wrong at the field."""
        return tuple(Fault(said, str(self.email.id)) for said in self.email.errors)


def find() -> Response:
    """The field; sent, it leads to an answer that tells nothing."""
    w = words()
    if request.method != "POST":
        return _form(FindForm(w), w)
    request.max_content_length = LARGEST_FORM
    form, now = FindForm(w, request.form), site().office.now()
    lookups: Lookups = current_app.extensions["eventkit-lookup"]
    if not lookups.by_address.allows(request.remote_addr or "", now):
        said = (w("page.too_many_tries"),)
        return _form(form, w, said=said, status=HTTPStatus.TOO_MANY_REQUESTS)
    if not form.guard.is_ours:
        old = (w("page.too_old"), w("page.too_old_again"))
        return _form(form, w, said=old, status=HTTPStatus.BAD_REQUEST)
    if not form.validate():
        return _form(form, w, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    email = plain(form.email)
    answer = see_other(url_for(".find_sent"))
    if lookups.by_email.allows(email.casefold(), now):
        look_up = partial(_look_up, site().office, email)
        # At once it would take turns with whoever writes the answer, which can be measured.
        answer.call_on_close(partial(lookups.later.submit, look_up))
    return answer


def _look_up(office: Office, email: str) -> None:
    try:
        office.find(email)
    except EventkitError as error:  # nobody waits for an answer any more
        logger.error("%s while links were looked up: %s", error.code, error)
    except Exception:
        logger.exception("links could not be looked up")


def _form(
    form: FindForm, w: Wording, *, said: tuple[str, ...] = (), status: int = HTTPStatus.OK
) -> Response:
    found = addresses("find")
    return shown_to_one("find.html", w, found, status, form=form, said=said, faults=form.faults())


def find_sent() -> Response:
    """The one answer there is."""
    return _message("find_sent", "page.find_sent", "page.find_sent_why")


def told() -> Response:
    """That a new link is on its way."""
    return _message("told", "page.sent", "page.new_link_why")


def _message(endpoint: str, heading: str, sentence: str) -> Response:
    w = words()
    found = addresses(endpoint)
    return shown_to_one("message.html", w, found, heading=w(heading), sentence=w(sentence))
