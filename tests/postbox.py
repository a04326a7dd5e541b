"""A mail server on this machine that does to each recipient what the test wants.

What it does is said by address: ``box.does["bo@example.dk"] = "rcpt 450"``. It is a real server
(aiosmtpd) in a thread of its own; what it took is in `taken`, also where it then said nothing.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

REFUSALS = ("mail", "rcpt", "data", "message")
"""Where a recipient can be refused: ``rcpt 550``."""

HANGS = 30.0


class Postbox:
    """What the server does, and what it took.

    ``mail 451``, ``rcpt 550``, ``data 450``, ``message 554``: an answer there. ``drop at mail``,
    ``drop at rcpt``, ``drop at data``, ``drop in message``: it hangs up there, before the final
    dot; ``drop after message``: after it, having taken it. ``lose after message``: the same, not
    having taken it. ``hang at …`` and ``hang after message`` likewise.
    """

    def __init__(self) -> None:
        self.does: dict[str, str] = {}
        self.taken: list[tuple[str, str, bytes]] = []
        self.connections = 0
        self.commands: list[str] = []
        self.port = 0
        self.servers: list[_Server] = []
        self._lock = threading.Lock()

    # --- what came ---

    @property
    def recipients(self) -> list[str]:
        """To whom messages were taken, in order."""
        return [to for _, to, _ in self.taken]

    def mails(self, to: str | None = None) -> list[EmailMessage]:
        """The messages, parsed."""
        return [
            cast(EmailMessage, message_from_bytes(data, policy=default))
            for _, recipient, data in self.taken
            if to in (None, recipient)
        ]

    # --- aiosmtpd's hooks ---

    def _behaviour(self, envelope: Envelope, address: str | None = None) -> str:
        to = address or (envelope.rcpt_tos or [""])[0]
        return self.does.get(to) or self.does.get("*") or ""

    async def handle_MAIL(  # noqa: N802
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        # Who is to get it is not known yet: what happens here happens to everybody.
        if answer := await self._happens("mail", self.does.get("*", ""), server):
            return answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := await self._happens("rcpt", self._behaviour(envelope, address), server):
            return answer.replace("OK", f"<{address}>: nobody called {address.split('@')[0]}")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        does = self._behaviour(envelope)
        if does == "lose after message":
            server.transport.abort()
            return "250 OK"
        if does.startswith("message "):
            return f"{does.removeprefix('message ')} OK"
        content = envelope.original_content or b""
        with self._lock:
            for to in envelope.rcpt_tos:
                self.taken.append((str(envelope.mail_from), to, content))
        if does == "drop after message":
            server.transport.abort()
        elif does == "hang after message":
            await asyncio.sleep(HANGS)
        elif does == "babble after message":
            return "399 hm"
        elif does == "close after message":
            return "250 OK\r\n421 closing"
        return "250 OK"

    async def _happens(self, where: str, does: str, server: Any) -> str:
        """What goes wrong at one command: an answer, or the end; "" where nothing does."""
        if does == f"drop at {where}":
            server.transport.abort()
            return "250 OK"
        if does == f"hang at {where}":
            await asyncio.sleep(HANGS)
        if does.startswith(f"{where} "):
            return f"{does.removeprefix(f'{where} ')} OK"
        return ""


class _Server(SMTP):
    """aiosmtpd's server, which can also misbehave in the middle of a message."""

    box: Postbox

    async def _handle_client(self) -> None:
        self.box.connections += 1
        self.box.servers.append(self)
        if self.box.does.get("*") == "drop at once":
            self.transport.abort()
        elif self.box.does.get("*") == "hang at once":
            await asyncio.sleep(HANGS)
        elif self.box.does.get("*") == "421 at once":
            await self.push("421 4.3.2 Too busy")
            self.transport.close()
        else:
            await super()._handle_client()

    async def push(self, status: str | bytes) -> None:
        if self.transport is not None and not self.transport.is_closing():
            await super().push(status)

    async def smtp_RSET(self, arg: str) -> None:  # noqa: N802
        self.box.commands.append("RSET")
        await super().smtp_RSET(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        does = self.box._behaviour(self.envelope)
        if answer := await self.box._happens("data", does, self):
            await self.push(answer)
        elif does == "drop in message":
            await self.push("354 go on")
            await self._reader.read(1000)
            self.transport.abort()
        elif does == "hang in message":
            await self.push("354 go on")
            self.transport.pause_reading()
            await asyncio.sleep(HANGS)
        elif does.startswith("early "):
            await self.push("354 go on")
            await self._reader.read(10)
            await self.push(f"{does.removeprefix('early ')} no more of this")
            await asyncio.sleep(0.3)
            self.transport.abort()
        else:
            await super().smtp_DATA(arg)


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@contextmanager
def open_postbox(
    *,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    password: str | None = None,
    unicode: bool = True,
    port: int | None = None,
    box: Postbox | None = None,
) -> Iterator[Postbox]:
    """A server that runs meanwhile; with a `password`, only for who knows it."""
    box = box or Postbox()

    def authenticated(
        server: Any, session: Session, envelope: Envelope, how: str, given: Any
    ) -> AuthResult:
        right = password is not None and given.password == password.encode()
        return AuthResult(success=right, handled=False)

    class Open(Controller):
        def factory(self) -> _Server:
            with warnings.catch_warnings():  # that it takes passwords unencrypted, with `tls`
                warnings.simplefilter("ignore", UserWarning)
                server = self.made()
            server.box = box
            return server

        def made(self) -> _Server:
            return _Server(
                box,
                hostname="postbox.example",
                enable_SMTPUTF8=unicode,
                tls_context=starttls,
                require_starttls=starttls is not None,
                auth_required=password is not None,
                auth_require_tls=tls is None,
                authenticator=authenticated if password is not None else None,
                data_size_limit=100_000_000,
                timeout=600,
            )

    box.port = port or free_port()
    controller = Open(box, hostname="127.0.0.1", port=box.port, ssl_context=tls)
    controller.start()
    box.connections = 0  # it tries itself
    try:
        yield box
    finally:
        asyncio.run_coroutine_threadsafe(_ended(box), controller.loop).result(10)
        controller.stop(no_assert=True)


async def _ended(box: Postbox) -> None:
    """End every connection, and what still serves it."""
    tasks = [one._handler_coroutine for one in box.servers if one._handler_coroutine is not None]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for one in box.servers:
        for transport in filter(None, (one.transport, getattr(one, "_over_ssl_transport", None))):
            transport.abort()
    box.servers.clear()
    await asyncio.sleep(0.01)
