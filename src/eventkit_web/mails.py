"""The mails of the demo, as a page: what would have been sent, newest first.

They are the files that the built-in notifier lays beside the database. Only ``eventkit demo`` shows
them, for they hold everybody's links.
"""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http import HTTPStatus
from pathlib import Path

import nh3
from attrs import frozen
from flask import Blueprint, Response, abort, render_template, url_for
from markupsafe import Markup

from eventkit_web.public import site

MOST = 200
"""Mails that are listed."""


@frozen(kw_only=True)
class Mail:
    """One mail: the name of its file, and what a mail program shows of it."""

    name: str
    to: str
    subject: str
    body: Markup
    calendar: str


def mails(folder: Path) -> Blueprint:
    """The pages of the mails in `folder`."""
    pages = Blueprint("mails", __name__, url_prefix="/mails")

    @pages.get("/")
    def listed() -> str:
        paths = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        return _shown([_read(path) for path in paths[::-1][:MOST]])

    @pages.get("/<name>")
    def one(name: str) -> str:
        path = folder / f"{name}.eml"
        if not re.fullmatch(r"[\w.-]+", name) or not path.is_file():
            abort(HTTPStatus.NOT_FOUND)
        return _shown([_read(path)], alone=True)

    @pages.after_request
    def never_kept(response: Response) -> Response:
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return pages


def _shown(found: list[Mail], *, alone: bool = False) -> str:
    style = url_for("look", version=site().look.version)
    return render_template("mails.html", mails=found, alone=alone, look=style)


def _read(path: Path) -> Mail:
    mail: EmailMessage = message_from_bytes(path.read_bytes(), policy=default)
    html = mail.get_body(("html",))
    calendar = next((part for part in mail.walk() if part.get_filename() == "invite.ics"), None)
    text = str(html.get_content()) if html is not None else ""
    _, _, body = text.partition("<body")
    return Mail(
        name=path.stem,
        to=str(mail["To"]),
        subject=str(mail["Subject"]),
        body=Markup(nh3.clean(body.partition(">")[2], tags={"p", "br", "a"})),  # noqa: S704
        calendar="" if calendar is None else str(calendar.get_content().decode()),
    )
