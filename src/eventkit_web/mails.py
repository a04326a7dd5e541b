"""The mails of the demo, as pages: what would have been sent, newest first.

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
from typing import Any

import nh3
from attrs import frozen
from flask import Blueprint, Response, abort
from markupsafe import Markup

from eventkit_web.pages import Line
from eventkit_web.public import PRIVATE, addresses, render, words

MOST = 200
"""Mails that are listed."""


@frozen(kw_only=True)
class Mail:
    """One mail: the name of its file, and what a mail program shows of it."""

    name: str
    subject: str
    line: tuple[Line, ...]
    body: Markup


def add_mails(public: Blueprint, folder: Path) -> None:
    """Put the mails in `folder` beside the public pages of one language."""

    def mails() -> Response:
        paths = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        found = [_read(path) for path in paths[::-1][:MOST]]
        return _shown("mails", words()("page.mails"), found)

    def mail(name: str) -> Response:
        path = folder / f"{name}.eml"
        if not re.fullmatch(r"[\w.~-]+", name) or not path.is_file():
            abort(HTTPStatus.NOT_FOUND)
        one = _read(path)
        return _shown("mail", one.subject, [one], body=one.body, name=name)

    public.add_url_rule("/mails/", "mails", mails)
    public.add_url_rule("/mails/<name>", "mail", mail)


def _shown(
    endpoint: str, heading: str, found: list[Mail], body: Markup | None = None, **where: Any
) -> Response:
    w, here = words(), addresses(endpoint, **where)
    html = render("mails.html", w, here, heading=heading, mails=found, body=body)
    return Response(html, mimetype="text/html", headers=PRIVATE)


def _read(path: Path) -> Mail:
    mail: EmailMessage = message_from_bytes(path.read_bytes(), policy=default)
    html = mail.get_body(("html",))
    text = str(html.get_content()) if html is not None else ""
    _, _, body = text.partition("<body")
    files = (part.get_filename() for part in mail.walk())
    line = (words()("page.mail_to", recipient=str(mail["To"])), *filter(None, files))
    return Mail(
        name=path.stem,
        subject=str(mail["Subject"]),
        line=tuple(Line(text) for text in line),
        body=Markup(nh3.clean(body.partition(">")[2], tags={"p", "br", "a"})),  # noqa: S704
    )
