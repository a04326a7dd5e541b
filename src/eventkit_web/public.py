"""What everybody may read: the lists, an event's page and its files, and the calendar.

The same pages stand under ``/`` in Danish and under ``/en/`` in English; `blueprint(language)`
makes one of the two. A page is rendered once for each state an event can be in, and each number of
seats it tells, and kept for a minute at most, so a view costs little more than reading the event.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from attrs import field, frozen
from flask import Blueprint, Response, abort, current_app, render_template, request, url_for
from werkzeug.http import dump_options_header, http_date, quote_etag

from eventkit.formats.links import PATH, Links
from eventkit.formats.wording import LANGUAGES, Wording, kept_wording, wording
from eventkit.model.errors import NotFoundError
from eventkit.model.event import Revision
from eventkit.model.registration import Seats
from eventkit.office.usecases import Office
from eventkit.plugins.hooks import Scope
from eventkit.rules import deadlines
from eventkit_web.jsonld import document, text
from eventkit_web.look import Look
from eventkit_web.pages import event_page, few_left, months

KEPT_BYTES = 16_000_000
"""How much of rendered pages is kept; the oldest goes first."""

REVALIDATE = "no-cache"
"""A page may be kept, but is asked for again each time: its state can change any second."""

FEED_AGE = "public, max-age=300"


@frozen
class Page:
    """A rendered page, ready to send."""

    body: bytes
    headers: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, html: str) -> Page:
        """The page that says `html`."""
        body = html.encode()
        return cls(
            body,
            (
                ("Content-Type", "text/html; charset=utf-8"),
                ("Cache-Control", REVALIDATE),
                ("ETag", quote_etag(etag(body))),
            ),
        )


class Kept:
    """The pages rendered last, by what they depend on. Safe to share between threads."""

    def __init__(self, most: int = KEPT_BYTES) -> None:
        self._most = most
        self._bytes = 0
        self._pages: dict[Hashable, Page] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._pages)

    def page(self, key: Hashable, render: Callable[[], str]) -> Page:
        """The page kept under `key`; rendered, and the oldest forgotten, where there is none."""
        page = self._pages.get(key)
        if page is not None:
            return page
        page = Page.of(render())
        with self._lock:
            if key not in self._pages:
                self._pages[key] = page
                self._bytes += len(page.body)
            while self._bytes > self._most:
                self._bytes -= len(self._pages.pop(next(iter(self._pages))).body)
        return page


@frozen
class Site:
    """What the views need: the office, the style sheet, the links, and the pages rendered last.

    `links` lead to personal pages. They are made here and nowhere else, for where nobody set a
    secret the site has one of its own.
    """

    office: Office
    look: Look
    links: Links
    kept: Kept = field(factory=Kept, init=False)


def site() -> Site:
    """The site of the running application."""
    found: Site = current_app.extensions["eventkit"]
    return found


def blueprint(language: str) -> Blueprint:
    """The public pages in one language; its views know which by the blueprint's name."""
    public = Blueprint(language, __name__)
    public.add_url_rule("/", "upcoming", upcoming)
    public.add_url_rule("/past", "past", past)
    public.add_url_rule("/events/<name>", "event", event)
    public.add_url_rule("/calendar.ics", "feed", feed)
    return public


def root() -> str:
    """Where the site is seen from outside, without a slash at the end."""
    return site().office.settings.base_url or request.host_url.rstrip("/")


def where() -> Hashable:
    """All that addresses depend on, at no cost; what a visitor calls us only where it counts."""
    environ = request.environ
    if site().office.settings.base_url:
        return environ.get("SCRIPT_NAME")
    return environ["wsgi.url_scheme"], environ.get("HTTP_HOST"), environ.get("SCRIPT_NAME")


def etag(body: bytes) -> str:
    """The validator of an answer (RFC 9110, 8.8.3): the same for the same bytes."""
    return hashlib.sha256(body).hexdigest()[:20]


def spoken() -> str:
    """The language of the address asked for, whether or not there is anything there."""
    first = request.path.split("/", 2)[1]
    return first if first in LANGUAGES[1:] else LANGUAGES[0]


def words(language: str = "") -> Wording:
    """The words for a page in `language`: that of the page asked for, where none is given."""
    return kept_wording(language or str(request.blueprint))


def addresses(endpoint: str, **values: Any) -> tuple[tuple[str, str], ...]:
    """The address of one page in each language."""
    return tuple(
        (language, root() + url_for(f"{language}.{endpoint}", **values)) for language in LANGUAGES
    )


def render(template: str, w: Wording, found: tuple[tuple[str, str], ...], **values: Any) -> str:
    """A page in the words `w`; `found` says where it is in each language."""
    other = next(
        (
            {"language": language, "name": wording(language)("page.language"), "url": url}
            for language, url in found
            if language != w.language
        ),
        None,
    )
    return render_template(
        template,
        w=w,
        here=w.language,
        other=other,
        site=w("page.site"),
        address=dict(found).get(w.language, ""),
        addresses=found,
        look=url_for("look", version=site().look.version),
        **values,
    )


def answer(page: Page) -> Response:
    """A page, or that the reader has it already."""
    return conditional(Response(page.body, headers=page.headers))


def conditional(response: Response) -> Response:
    """`response`, or that the reader has it already, where they ask."""
    environ = request.environ
    if "HTTP_IF_NONE_MATCH" in environ or "HTTP_IF_MODIFIED_SINCE" in environ:
        response.make_conditional(request)
    return response


def see_other(address: str) -> Response:
    """Lead on to `address`, so that to load the page again sends nothing again."""
    response = Response(status=HTTPStatus.SEE_OTHER, mimetype="text/plain")
    response.headers["Location"] = address
    response.headers["Cache-Control"] = "no-store"
    return response


# --- pages of one person ---------------------------------------------------------------------

_OWN = re.compile(rf"(?P<before>(?:/[a-z]{{2}})?{PATH})(?P<token>[^/]*)")
_FIND = re.compile(r"(?:/[a-z]{2})?/find(?:/sent)?/?")
PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
"""Sent with every answer below a personal link, errors too: its address is a key."""


def is_own(path: str) -> bool:
    """Whether an address is that of one person's page, or leads there."""
    return _OWN.match(path) is not None or _FIND.fullmatch(path) is not None


def kept_close(response: Response) -> Response:
    """`response`, kept from caches, other sites and search engines where it is one person's."""
    if is_own(request.path):
        response.headers.update(PRIVATE)
    return response


def logged_path() -> str:
    """The address asked for as a log may hold it: without what opens somebody's page."""
    return _OWN.sub(r"\g<before>…", request.path, count=1)


# --- lists -----------------------------------------------------------------------------------


def upcoming() -> Response:
    """What is to come, the next first."""
    office = site().office
    now = office.now()
    return _list("upcoming", office.upcoming_postings(now), now)


def past() -> Response:
    """What has been, the latest first."""
    office = site().office
    now = office.now()
    return _list("past", office.past_postings(now), now)


_LISTS = {
    "upcoming": ("page.upcoming", "page.none_upcoming"),
    "past": ("page.past", "page.none_past"),
}


def _list(endpoint: str, found: Iterable[tuple[Revision, Seats]], now: datetime) -> Response:
    w = words()
    rows = []
    for one, seats in found:
        state = deadlines.state(one.event, seats, now=now)
        rows.append((one, state, few_left(one.event, seats, state)))
    shown = tuple((_identity(one), state, left) for one, state, left in rows)
    key = (endpoint, w.language, where(), shown)
    heading, empty = _LISTS[endpoint]

    def draw() -> str:
        return render(
            "events.html",
            w,
            addresses(endpoint),
            heading=w(heading),
            empty=w(empty),
            months=months(((one.event, state, left) for one, state, left in rows), w),
        )

    return answer(site().kept.page(key, draw))


# --- one event -------------------------------------------------------------------------------


def event(name: str) -> Response:
    """An event's page under its id; with ``.ics``, ``.json`` or another format, that file."""
    stem, _, suffix = name.rpartition(".")
    if stem and suffix in _public_formats():
        try:
            return _file(site().office.published(stem), suffix)
        except NotFoundError:
            pass  # the id of an event may end so too
    return _page(*site().office.posting(name))


def _page(revision: Revision, seats: Seats) -> Response:
    own = site()
    office, w = own.office, words()
    shown, now = revision.event, office.now()
    state = deadlines.state(shown, seats, now=now)
    running = deadlines.running(shown, now=now)
    left = few_left(shown, seats, state)
    minute = int(now.timestamp()) // 60
    key = ("event", w.language, where(), _identity(revision), state, left, running, minute)

    def draw() -> str:
        found = addresses("event", name=shown.id)
        address = dict(found)[w.language]
        page = event_page(
            shown,
            state,
            w,
            running=running,
            panels=office.panels(shown, w.language),
            address=address,
            addresses=found,
            linked_data=text(document(shown, state, address=address)),
            register=url_for(".signup", name=shown.id),
            left=left,
        )
        return render("event.html", w, found, event=shown, state=state, page=page)

    return answer(own.kept.page(key, draw))


def _file(revision: Revision, name: str) -> Response:
    exporter = site().office.plugins.exporters[name]
    body = site().office.export(
        name, (str(revision.event.id),), language=str(request.blueprint), public=True
    )
    media_type = exporter.media_type
    if media_type.startswith("text/") and "charset=" not in media_type:
        media_type += "; charset=utf-8"  # else a browser guesses
    response = Response(body, content_type=media_type)
    filename = f"{revision.event.id}{exporter.suffix}"
    response.headers["Content-Disposition"] = dump_options_header("inline", {"filename": filename})
    response.headers["Cache-Control"] = REVALIDATE
    response.headers["Last-Modified"] = http_date(revision.at)
    response.set_etag(etag(body))
    return conditional(response)


def _public_formats() -> frozenset[str]:
    exporters = site().office.plugins.exporters
    return frozenset(name for name, one in exporters.items() if one.scope is Scope.EVENTS)


def _identity(revision: Revision) -> Hashable:
    return revision.event.id, revision.number, revision.at


# --- the calendar ----------------------------------------------------------------------------


def feed() -> Response:
    """Every listed event as a calendar to subscribe to, or those of a series, organiser or kind."""
    if unknown := set(request.args) - {"series", "organiser", "kind"}:
        current_app.logger.info("feed asked for with %s", ", ".join(sorted(unknown)))
        abort(400)
    body = site().office.feed(language=str(request.blueprint), **request.args.to_dict())
    response = Response(body, content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = FEED_AGE
    response.set_etag(etag(body))
    return conditional(response)
