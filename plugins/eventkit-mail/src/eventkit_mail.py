"""Mail by SMTP (RFC 5321) for eventkit: the notifier ``smtp``.

What it answers is what it knows. Until the dot that ends a message has been sent, the server cannot
have taken it, so whatever goes wrong before is tried again, and a refusal for good is one. From the
dot on, only the server's answer tells; where there is none, nobody knows.

A connection is kept for the next message. Each message has `timeout` seconds in all, the connecting
included. What the server says is handed on without addresses.
"""

from __future__ import annotations

import io
import queue
import re
import smtplib
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable
from email.headerregistry import Address
from email.utils import parseaddr
from enum import StrEnum
from functools import lru_cache
from typing import Any

from attrs import Attribute, evolve, field, frozen

from eventkit import Delivery, ImpossibleError, Message, Notifier, Reason, Result, hookimpl
from eventkit.formats.mime import ascii_domain

eventkit_api = 1
eventkit_prefix = "MAIL"

TIMEOUT, MOST = 20.0, 25.0
"""Seconds one message may take: as a rule, and at most; eventkit itself gives up after 30."""

GOODBYE = 1.0
"""Seconds that hanging up may take."""


class Security(StrEnum):
    """How a connection is encrypted: from a command on, from the start, or not at all."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


def _between(least: float, most: float) -> Any:
    """An attrs validator: a number within these."""

    def check(_: Any, attribute: Attribute[Any], value: float) -> None:
        if not least <= value <= most:
            raise ImpossibleError(
                f"must be from {least:g} to {most:g}",
                code="out_of_range",
                path=attribute.name,
                least=f"{least:g}",
                most=f"{most:g}",
            )

    return check


@frozen(kw_only=True)
class MailSettings:
    """The server that takes mail, and how to log in there; without a `user` nobody does.

    The certificate of an encrypted connection must be one that this machine trusts.
    """

    host: str = ""
    port: int = field(default=587, validator=_between(1, 65_535))
    security: Security = Security.STARTTLS
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = field(default=TIMEOUT, validator=_between(0.1, MOST))

    def __attrs_post_init__(self) -> None:
        if self.user and self.security is Security.NONE:
            raise ImpossibleError(
                "a password is not sent unencrypted: set security to starttls or tls",
                code="password_in_the_clear",
                path="security",
            )


eventkit_settings = MailSettings


@hookimpl
def eventkit_notifiers(settings: MailSettings) -> list[Notifier]:
    """Mail by SMTP."""
    post = Post(settings)
    title = {"da": "Mail (SMTP)", "en": "Mail (SMTP)"}
    return [Notifier(name="smtp", title=title, send=post.send, close=post.close, lacks=post.lacks)]


# --- a message -------------------------------------------------------------------------------


@frozen
class _Letter:
    """A message as SMTP takes it: from whom, to whom, and its bytes with dots doubled.

    `unicode` says that the server must take more than ASCII in addresses and headers (RFC 6531).
    """

    sender: str
    recipient: str
    body: bytes
    unicode: bool

    @classmethod
    def of(cls, message: Message) -> _Letter:
        """Raises `ValueError` for one that cannot be sent."""
        sender, recipient = _written(message.sender), _written(message.recipient)
        # A lone CR or LF would end lines for some servers.
        body = message.mime.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
        body = (b"\r\n" + body).replace(b"\r\n.", b"\r\n..")[2:]
        head, _, _ = body.partition(b"\r\n\r\n")
        return cls(
            sender=sender,
            recipient=recipient,
            body=body if body.endswith(b"\r\n") else body + b"\r\n",
            unicode=not (sender.isascii() and recipient.isascii() and head.isascii()),
        )


@lru_cache(maxsize=256)
def _written(address: str) -> str:
    """An address as a command of SMTP holds it, with the domain in ASCII."""
    local, at, domain = address.strip().rpartition("@")
    if not (local and at and domain and address.isprintable()):
        raise ValueError("this is no address that mail can be sent to")
    domain = ascii_domain(domain)
    try:
        written = Address(username=local.strip('"'), domain=domain).addr_spec
    except Exception:  # whatever email's parser thinks of it
        written = ""
    if parseaddr(written)[1] != written or not written:  # smtplib would send it to somebody else
        raise ValueError("this is no address that mail can be sent to")
    return written


# --- a connection ----------------------------------------------------------------------------


class _Deadline:
    """The time that is left for one message."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._ends = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds; hardly any where it is over, since 0 would mean not to wait at all."""
        return max(self._ends - time.monotonic(), 0.001)

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._ends


class _Reader(io.RawIOBase):
    """What a line says, read within its deadline however slowly it comes."""

    def __init__(self, line: _Line) -> None:
        self._line = line
        self.patient = True
        self.ended = False

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """As `io.RawIOBase`: None where nothing is there, and the reader is not patient."""
        if (sock := self._line.sock) is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        if self.patient and self._line.deadline.is_over:
            raise TimeoutError("timed out")
        sock.settimeout(self._line.deadline.left() if self.patient else 0)
        try:
            count = sock.recv_into(buffer)
        except (BlockingIOError, ssl.SSLWantReadError):
            if self.patient:
                raise
            return None
        self.ended = count == 0
        return count


class _Line(smtplib.SMTP):
    """A connection to the server: as smtplib's, with one deadline for all it does."""

    def __init__(self, settings: MailSettings, deadline: _Deadline) -> None:
        super().__init__(local_hostname="localhost", timeout=deadline.seconds)
        self.deadline = deadline
        self.refused = False  # a message, which the server may still be in the middle of
        self._settings = settings
        self._reader: _Reader | None = None

    def open(self) -> None:
        """Connect and log in; raises `OSError`, `smtplib.SMTPException` or `ValueError`."""
        settings = self._settings
        self._host = settings.host  # whose certificate `starttls` wants to see
        code, said = self.connect(settings.host, settings.port)
        if code // 100 != 2:
            raise smtplib.SMTPConnectError(code, said)
        # Our address, which is always right; to find our name may take longer than to send.
        here = str(self.sock.getsockname()[0]).partition("%")[0] if self.sock else ""
        self.local_hostname = f"[IPv6:{here}]" if ":" in here else f"[{here}]"
        self.ehlo_or_helo_if_needed()
        if settings.security is Security.STARTTLS:
            self.starttls(context=ssl.create_default_context())
            self.ehlo_or_helo_if_needed()
        if settings.user:
            self.login(settings.user, settings.password)

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        """Connect to the first address that answers, as `smtplib.SMTP_SSL` overrides it."""
        error: OSError = OSError("the server's name leads nowhere")
        for family, kind, protocol, _, where in _looked_up(host, port, self.deadline):
            sock = socket.socket(family, kind, protocol)
            try:
                sock.settimeout(self.deadline.left())
                sock.connect(where)
                # The dot is sent by itself, and must not wait for the message to be acknowledged.
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self._settings.security is Security.TLS:
                    context = ssl.create_default_context()
                    return context.wrap_socket(sock, server_hostname=host)
                return sock
            except OSError as failed:
                sock.close()
                error = failed
        raise error

    def getreply(self) -> tuple[int, bytes]:
        """The server's next answer; raises `smtplib.SMTPServerDisconnected` where none comes."""
        if self.file is None:
            if self.sock is None:
                raise smtplib.SMTPServerDisconnected("not connected")
            self._reader = _Reader(self)
            self.file = io.BufferedReader(self._reader)
        return super().getreply()

    def send(self, s: Any) -> None:
        """Send bytes, all of them within the deadline."""
        if self.sock is not None:
            self.sock.settimeout(self.deadline.left())
        super().send(s)

    def early_reply(self) -> tuple[int, bytes] | None:
        """What the server said although it is not its turn; None where it waits as it should.

        Raises `smtplib.SMTPServerDisconnected` where it has hung up.
        """
        if self._reader is None or self.sock is None or self.file is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        self._reader.patient = False
        try:
            said = self.file.peek(1)
        except OSError as error:
            raise smtplib.SMTPServerDisconnected(str(error)) from None
        finally:
            self._reader.patient = True
        if said:
            return self.getreply()
        if self._reader.ended:
            raise smtplib.SMTPServerDisconnected("the server hung up")
        return None

    def is_ready(self) -> bool:
        """Whether the server is still there, and waits for a message."""
        try:
            if self.early_reply() is not None:
                return False
            return not self.refused or self.rset()[0] // 100 == 2
        except (OSError, smtplib.SMTPException):
            return False


def _looked_up(host: str, port: int, deadline: _Deadline) -> list[Any]:
    """The addresses of `host`; a resolver that hangs is left behind in its thread."""
    answer: queue.SimpleQueue[list[Any] | OSError] = queue.SimpleQueue()

    def look() -> None:
        try:
            answer.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            answer.put(error)
        except UnicodeError:
            answer.put(OSError("the server's name cannot be one"))

    threading.Thread(target=look, name="eventkit-mail-lookup", daemon=True).start()
    try:
        found = answer.get(timeout=deadline.left())
    except queue.Empty:
        raise TimeoutError("timed out") from None
    if isinstance(found, OSError):
        raise found
    return found


# --- sending ---------------------------------------------------------------------------------

_CLOSING = 421
_LOGIN = (530, 534, 535, 538)
"""What a server says that wants a login, another one, or encryption first (RFC 4954, RFC 3207)."""


class Post:
    """Sends messages to one server. Safe to share between threads."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._idle: deque[_Line] = deque()

    def lacks(self) -> Reason | None:
        """Why nothing can be sent: no server is set."""
        if self._settings.host:
            return None
        return Reason(
            "MAIL101",
            text={
                "da": "Der mangler en mailserver: skriv host under [plugins.mail] i eventkit.toml.",
                "en": "A mail server is missing: write host under [plugins.mail] in eventkit.toml.",
            },
        )

    def send(self, message: Message) -> Delivery:
        """Send one message, and say what became of it."""
        settings = self._settings
        if not settings.host:
            return _retry("no server is set: write host under [plugins.mail] in eventkit.toml")
        try:
            letter = _Letter.of(message)
        except ValueError as error:
            return Delivery(result=Result.FAILED, detail=str(error))
        deadline = _Deadline(settings.timeout)
        try:
            line = self._line(deadline)
        except smtplib.SMTPAuthenticationError as error:
            said = _words(error.smtp_code, error.smtp_error, message)
            return _retry(f"login refused, see user and password: {said}")
        except smtplib.SMTPResponseException as error:
            return _retry(f"connecting: {_words(error.smtp_code, error.smtp_error, message)}")
        except (OSError, smtplib.SMTPException, ValueError) as error:
            return _retry(f"connecting: {_ails(error, deadline)}")
        answer = _handed_over(line, letter, message)
        if line.sock is None or not answer.healthy:
            line.close()
        else:
            line.refused = answer.delivery.result is not Result.SENT
            self._idle.append(line)
        return answer.delivery

    def close(self) -> None:
        """Hang up."""
        while self._idle:
            try:
                line = self._idle.pop()
            except IndexError:  # another thread was faster
                return
            line.deadline = _Deadline(GOODBYE)
            try:
                line.quit()
            except (OSError, smtplib.SMTPException):
                line.close()

    def _line(self, deadline: _Deadline) -> _Line:
        """A connection that is ready: one that was kept where it still works, else a new one."""
        while self._idle:
            try:
                line = self._idle.pop()
            except IndexError:
                break
            line.deadline = deadline
            if line.is_ready():
                return line
            line.close()
        line = _Line(self._settings, deadline)
        try:
            line.open()
        except BaseException:
            line.close()
            raise
        return line


@frozen
class _Answer:
    """What became of a message, and whether the connection can be used again."""

    delivery: Delivery
    healthy: bool


def _handed_over(line: _Line, letter: _Letter, message: Message) -> _Answer:
    """Hand a message over, step by step, so that it is known at which one something went wrong."""
    step = ""
    steps: list[tuple[str, int, Callable[[], tuple[int, bytes]]]] = [
        ("MAIL", 2, lambda: line.docmd("MAIL", f"FROM:<{letter.sender}>{_options(line, letter)}")),
        ("RCPT", 2, lambda: line.docmd("RCPT", f"TO:<{letter.recipient}>")),
        ("DATA", 3, lambda: line.docmd("DATA")),
    ]
    try:
        if letter.unicode and not line.has_extn("smtputf8"):
            return _Answer(_unsayable(letter), healthy=True)
        # smtplib's own `mail` and `rcpt` would read the addresses once more.
        line.command_encoding = "utf-8" if letter.unicode else "ascii"
        for step, wanted, ask in steps:
            code, words = ask()
            if code // 100 != wanted:
                return _refused(step, code, words, message)
        line.send(letter.body)
        early = line.early_reply()
        if early is not None:  # it will not have the rest
            return evolve(_refused(step, *early, message), healthy=False)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        return _Answer(_retry(f"{step}: {_ails(error, line.deadline)}"), healthy=False)
    try:
        line.send(b".\r\n")
        code, words = line.getreply()
    except (OSError, smtplib.SMTPException) as error:
        said = f"no answer to the message: {_ails(error, line.deadline)}"
        return _Answer(Delivery(result=Result.UNKNOWN, detail=said), healthy=False)
    if code // 100 == 2:
        taken = Delivery(result=Result.SENT, detail=_words(code, words, message))
        return _Answer(taken, healthy=True)
    if code // 100 in (4, 5):
        return _refused("message", code, words, message)
    said = f"a strange answer to the message: {_words(code, words, message)}"
    return _Answer(Delivery(result=Result.UNKNOWN, detail=said), healthy=False)


def _unsayable(letter: _Letter) -> Delivery:
    """What becomes of one in letters that the server does not have: a sender can be mended."""
    if letter.recipient.isascii():
        return _retry("the sender holds letters that this server cannot send from (no SMTPUTF8)")
    said = "the address holds letters that this server cannot send to (no SMTPUTF8)"
    return Delivery(result=Result.FAILED, detail=said)


def _options(line: _Line, letter: _Letter) -> str:
    """What ``MAIL`` says besides."""
    options = [f" SIZE={len(letter.body)}"] if line.has_extn("size") else []
    if letter.unicode:
        options.append(" SMTPUTF8")
    if not letter.body.isascii() and line.has_extn("8bitmime"):
        options.append(" BODY=8BITMIME")
    return "".join(options)


def _refused(step: str, code: int, said: bytes, message: Message) -> _Answer:
    """A refusal: for good with 5xx, and for now with anything else.

    That of a sender who is not logged in is for now, too: staff mend the setting.
    """
    detail = f"{step}: {_words(code, said, message)}"
    result = Result.FAILED if code // 100 == 5 else Result.RETRY
    if code in _LOGIN and step in ("MAIL", "RCPT"):
        result, detail = Result.RETRY, f"see user, password and security: {detail}"
    enough = code == _CLOSING or (step == "MAIL" and code // 100 == 4)  # of this connection
    healthy = code // 100 in (4, 5) and not enough
    return _Answer(Delivery(result=result, detail=detail), healthy=healthy)


def _retry(detail: str) -> Delivery:
    return Delivery(result=Result.RETRY, detail=detail)


def _ails(error: BaseException, deadline: _Deadline) -> str:
    """What is wrong with a connection, in a few words."""
    if isinstance(error, TimeoutError) or deadline.is_over:
        return f"no answer within {deadline.seconds:g} s"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not trusted: {error.verify_message}"
    if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
        return error.strerror or str(error) or type(error).__name__
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return str(error)
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "the connection ended"
    return type(error).__name__


def _words(code: int, said: Any, message: Message) -> str:
    """What the server said, less every address and the name in the recipient's."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    text = re.sub(r"\S*@\S*", "…", text)
    local = message.recipient.rpartition("@")[0]
    if local:
        text = re.sub(rf"(?<!\w){re.escape(local)}(?!\w)", "…", text, flags=re.IGNORECASE)
    return f"{code} {text}"
