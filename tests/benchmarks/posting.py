"""How fast notices go out: `Delivery.tick` beside bare smtplib, on both databases.

The limit is `smtplib.SMTP.send_message` of messages that lie ready, on one connection, with one
durable commit each in the same database, as whoever wants to know after a crash what went must.
Beside it stands what it takes to make the messages with `email` too, and what it takes when even
the bytes lie ready, which nobody's do. A server in a process of its own takes everything at once.
All by wall clock, in turns: what sending waits for is the disk, and the server.
"""

from __future__ import annotations

import itertools
import smtplib
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from desk import _urls
from figures import Figure

sys.path.insert(0, str(Path(__file__).parents[1]))

import poster
import racer

from eventkit.model.registration import Message
from eventkit.office.delivery import Delivery
from eventkit.office.store import Store
from eventkit.office.usecases import Office

ROUNDS = 5
EACH = 200
"""Notices of one measurement."""

_EVENTS = itertools.count(1)

# --- the server ------------------------------------------------------------------------------


def serve() -> None:
    """Take every message, and say so; one connection after the other."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(server.getsockname()[1], flush=True)
        while True:
            line, _ = server.accept()
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with line, line.makefile("rb") as heard:
                _take(line, heard)


def _take(line: socket.socket, heard: Any) -> None:
    line.sendall(b"220 ready\r\n")
    for said in heard:
        match said[:4].upper():
            case b"EHLO":
                line.sendall(b"250-here\r\n250-8BITMIME\r\n250 SIZE\r\n")
            case b"DATA":
                line.sendall(b"354 go on\r\n")
                for text in heard:
                    if text == b".\r\n":
                        break
                line.sendall(b"250 taken\r\n")
            case b"QUIT":
                line.sendall(b"221 bye\r\n")
                return
            case _:
                line.sendall(b"250 yes\r\n")


@contextmanager
def _sink() -> Iterator[int]:
    command = [sys.executable, str(Path(__file__)), "serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.kill()


# --- two ways --------------------------------------------------------------------------------


def by_office(office: Office) -> Callable[[], float]:
    """Seconds that a tick takes, which sends `EACH` notices."""

    def measure() -> float:
        event_id = f"99-{next(_EVENTS)}"
        racer.announce(office, event_id, None)
        poster.crowd(office, event_id, EACH)
        began = time.perf_counter()
        report = Delivery(office).tick()
        took = time.perf_counter() - began
        if report.notices != {"sent": EACH}:
            raise SystemExit(f"the notices did not go: {report.notices}")
        return took

    return measure


Sending = Callable[[smtplib.SMTP, str, Any], object]


def sent_whole(line: smtplib.SMTP, to: str, mail: EmailMessage) -> None:
    """As smtplib sends a message."""
    line.send_message(mail, "post@example.dk", [to])


def sent_made(line: smtplib.SMTP, to: str, message: Message) -> None:
    """Made with `email` first."""
    line.sendmail("post@example.dk", [to], made(message).as_bytes())


def sent_ready(line: smtplib.SMTP, to: str, written: bytes) -> None:
    """Bytes as they are."""
    line.sendmail("post@example.dk", [to], written)


def made(message: Message) -> EmailMessage:
    """The same mail, made with `email`."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = "post@example.dk", message.recipient
    mail["Subject"], mail["Message-ID"] = message.subject, f"<{message.key}@example.dk>"
    mail["Date"] = "Tue, 01 Mar 2022 13:00:00 +0100"
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    assert message.calendar is not None
    said = {"method": "REQUEST", "charset": "utf-8"}
    mail.add_alternative(message.calendar, "text", "calendar", cte="base64", params=said)
    mail.make_mixed()
    mail.add_attachment(message.calendar, "application", "ics", filename="invite.ics")
    return mail


def by_smtplib(
    url: str, port: int, messages: list[tuple[str, Any]], send: Sending
) -> Callable[[], float]:
    """Seconds that it takes to send as many, each to somebody, and to commit each."""
    commit = _committing(url)

    def measure() -> float:
        began = time.perf_counter()
        with smtplib.SMTP("127.0.0.1", port, "localhost") as line:
            for number, (to, message) in enumerate(messages):
                send(line, to, message)
                commit(number)
        return time.perf_counter() - began

    return measure


def _committing(url: str) -> Callable[[int], None]:
    """One durable commit, of one small row."""
    if url.startswith("sqlite"):
        path = str(sa.make_url(url).database)
        file = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
        file.execute("PRAGMA synchronous = FULL")
        file.execute("CREATE TABLE IF NOT EXISTS went (number INTEGER PRIMARY KEY, at TEXT)")

        def commit(number: int) -> None:
            file.execute("BEGIN IMMEDIATE")
            file.execute("INSERT OR REPLACE INTO went VALUES (?, ?)", (number, f"{number}"))
            file.execute("COMMIT")

        return commit
    connection = psycopg.connect(url)
    connection.execute("CREATE TABLE IF NOT EXISTS went (number INTEGER PRIMARY KEY, at TEXT)")
    connection.commit()
    upsert = "INSERT INTO went VALUES (%s, %s) ON CONFLICT (number) DO UPDATE SET at = excluded.at"

    def commit_there(number: int) -> None:
        connection.execute(upsert, (number, f"{number}"))
        connection.commit()

    return commit_there


# --- measuring -------------------------------------------------------------------------------


def posting() -> Iterator[Figure]:
    """On SQLite and PostgreSQL, with one worker."""
    with _sink() as port, _urls() as urls:
        for kind, url in urls:
            Store.create(url).close()
            office = poster.office_at(url, f"smtp:{port}")
            messages = _messages(office)
            to = [message.recipient for message in messages]
            whole = [made(message) for message in messages]
            ready = [message.mime for message in messages]
            ways = (
                by_office(office),
                by_smtplib(url, port, list(zip(to, whole, strict=True)), sent_whole),
                by_smtplib(url, port, list(zip(to, messages, strict=True)), sent_made),
                by_smtplib(url, port, list(zip(to, ready, strict=True)), sent_ready),
            )
            for way in ways:
                way()
            rounds = [[way() / EACH for way in ways] for _ in range(ROUNDS)]
            ours, *limits = (statistics.median(one) for one in zip(*rounds, strict=True))
            # 0.7 of its rate is 1 / 0.7 of its time.
            yield Figure(f"notices: {kind} / smtplib and a commit", ours, limits[0], 1 / 0.7)
            yield Figure("  the same / made with email first", ours, limits[1], float("inf"))
            yield Figure("  the same / of ready bytes (no target)", ours, limits[2], float("inf"))
            office.store.close()


def _messages(office: Office) -> list[Message]:
    """What a tick would send, caught on its way."""
    caught: list[Message] = []
    notify = office.plugins.notify

    def catch(name: str, message: Message) -> Any:
        caught.append(message)
        return notify(name, message)

    office.plugins.notify = catch  # type: ignore[method-assign]
    by_office(office)()
    office.plugins.notify = notify  # type: ignore[method-assign]
    return caught


if __name__ == "__main__" and sys.argv[1:] == ["serve"]:
    serve()
elif __name__ == "__main__":
    for figure in posting():
        print(figure, flush=True)
