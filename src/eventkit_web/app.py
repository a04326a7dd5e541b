"""The site: `create_app(office)` makes the Flask application. It holds no rule, clock or SQL."""

from __future__ import annotations

import hmac
import logging
import secrets
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Flask, Response, current_app, jsonify, request
from werkzeug.exceptions import HTTPException

from eventkit.formats.links import Links
from eventkit.formats.wording import LANGUAGES
from eventkit.model.errors import EventkitError, NotFoundError, PluginError, StoreError
from eventkit.office.settings import SECRET_LENGTH, Settings
from eventkit.office.usecases import Office
from eventkit_web.acting import Changes, add_place
from eventkit_web.look import look
from eventkit_web.lookup import Lookups, add_lookup
from eventkit_web.mails import add_mails
from eventkit_web.owndata import add_owndata
from eventkit_web.pages import upper_first
from eventkit_web.prose import breakable, html
from eventkit_web.public import (
    Site,
    blueprint,
    is_own,
    kept_close,
    logged_path,
    render,
    root,
    site,
    spoken,
    words,
)
from eventkit_web.signup import Desk, add_signup

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger("eventkit.site")

FOREVER = "public, max-age=31536000, immutable"
LARGEST_REQUEST = 1_000_000

HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "style-src 'self'",
            "img-src 'self' data:",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""Sent with every answer. JSON-LD is data, which no policy has to allow; nothing else is inline."""

_PAGES: Mapping[int, tuple[str, str]] = {
    HTTPStatus.NOT_FOUND: ("page.not_found", "page.not_found_why"),
    HTTPStatus.METHOD_NOT_ALLOWED: ("page.not_allowed", "page.not_allowed_why"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("page.too_large", "page.too_large_why"),
    HTTPStatus.SERVICE_UNAVAILABLE: ("page.unavailable", "page.unavailable_why"),
}
_LOST = ("page.unknown_link", "page.unknown_link_why")
_READERS = ("page.bad_request", "page.bad_request_why")
_OURS = ("page.failed", "page.failed_why")


def create_app(office: Office, *, mails: Path | None = None) -> Flask:
    """The site of `office`, as a WSGI application; with `mails` it shows those in that folder."""
    app = _App(__name__)
    secret = _secret(office.settings)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    app.config.update(_cookies(office.settings), WTF_CSRF_TIME_LIMIT=None, WTF_I18N_ENABLED=False)
    app.secret_key = hmac.digest(secret.encode(), b"eventkit.site", "sha256")
    links = Links(secret, office.settings.base_url)
    app.extensions["eventkit"] = Site(office, look(office.settings), links)
    app.extensions["eventkit-signup"] = Desk()
    app.extensions["eventkit-changes"] = Changes()
    app.extensions["eventkit-lookup"] = Lookups()
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["prose"] = html
    app.jinja_env.filters["upper_first"] = upper_first
    app.jinja_env.filters["breakable"] = breakable
    for language in LANGUAGES:
        prefix = "" if language == LANGUAGES[0] else f"/{language}"
        pages = blueprint(language)
        add_signup(pages)
        add_place(pages)
        add_owndata(pages)
        add_lookup(pages)
        if mails is not None:
            add_mails(pages, mails)
        app.register_blueprint(pages, url_prefix=prefix or None)
    app.add_url_rule("/look-<version>.css", "look", style_sheet)
    app.add_url_rule("/healthz", "healthz", healthz)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(EventkitError, _eventkit_error)
    app.after_request(kept_close)
    app.wsgi_app = locked_down(app.wsgi_app)  # type: ignore[assignment, method-assign]
    return app


class _App(Flask):
    """Flask, which tells no log whose page failed."""

    def log_exception(self, exc_info: Any) -> None:
        """As Flask does, without the token in the address."""
        self.logger.error(f"Exception on {logged_path()} [{request.method}]", exc_info=exc_info)


def _secret(settings: Settings) -> str:
    """What the site signs with: its cookies with a key made of it, and personal links.

    Where none is set one is made that ends with the process, and what it signed with it.
    """
    if settings.secret:
        return settings.secret
    logger.warning(
        "no secret: forms and links end with this process; "
        "run: eventkit init, or set EVENTKIT_SECRET"
    )
    return secrets.token_urlsafe(SECRET_LENGTH)


def _cookies(settings: Settings) -> Mapping[str, Any]:
    """How the one cookie is kept: the form's, against forgery; reading sets none."""
    return {
        "SESSION_COOKIE_NAME": "eventkit",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.base_url.lower().startswith("https:"),
    }


def locked_down(site: WSGIApplication) -> WSGIApplication:
    """`site`, sending `HEADERS` with each of its answers; one that has its own keeps it."""
    ours = [(name, name.lower(), value) for name, value in HEADERS.items()]

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *failure: Any) -> Any:
            own = {name.lower() for name, _ in headers}
            more = [(name, value) for name, low, value in ours if low not in own]
            return start_response(status, headers + more, *failure)

        return site(environ, start)

    return answer


def style_sheet(version: str) -> Response:
    """The style sheet; its address names its version, so it is fetched once."""
    own = site().look
    if request.accept_encodings["gzip"]:
        response = Response(own.packed, mimetype="text/css")
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = Response(own.css, mimetype="text/css")
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = FOREVER if version == own.version else "no-cache"
    return response


def healthz() -> tuple[Response, int]:
    """Whether the site works, for machines: 200, or 503 and what is wrong."""
    report = dict(site().office.health())
    return jsonify(report), 200 if report["ok"] else 503


def _http_error(error: HTTPException) -> Response:
    """The reader's language and one sentence, for whatever goes wrong on the way to a view."""
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return Response(error.get_response().data, error.code, error.get_headers())  # a redirect
    response = _message(error.code)
    if error.code == HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = dict(error.get_headers()).get("Allow", "GET, HEAD, OPTIONS")
    return response


def _eventkit_error(error: EventkitError) -> Response:
    if isinstance(error, NotFoundError):
        return _message(HTTPStatus.NOT_FOUND)
    if isinstance(error, PluginError):  # whose text may be somebody's words
        said = f"plugin {error.data.get('plugin', '')}"
    else:
        said = str(error)
    current_app.logger.error("%s at %s: %s", error.code, logged_path(), said)
    if isinstance(error, StoreError):
        return _message(HTTPStatus.SERVICE_UNAVAILABLE)
    return _message(HTTPStatus.INTERNAL_SERVER_ERROR)


def _message(code: int) -> Response:
    w = words(spoken())
    other = _READERS if code < HTTPStatus.INTERNAL_SERVER_ERROR else _OURS
    lost = code == HTTPStatus.NOT_FOUND and is_own(request.path)
    heading, sentence = _LOST if lost else _PAGES.get(code, other)
    shown = render(
        "message.html",
        w,
        tuple((language, _same_path(language)) for language in LANGUAGES),
        heading=w(heading),
        sentence=w(sentence),
        finds=lost,
    )
    response = Response(shown, code, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    return response


def _same_path(language: str) -> str:
    """The address asked for, in another language."""
    prefix = "" if spoken() == LANGUAGES[0] else f"/{spoken()}"
    path = request.path.removeprefix(prefix)
    other = "" if language == LANGUAGES[0] else f"/{language}"
    return root() + quote(f"{other}{path}" or "/")
