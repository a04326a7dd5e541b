"""The commands that need the site, ``serve`` and ``demo``, and the console script.

They are added to the group of `eventkit.cli`. The site itself is imported only inside them, so that
every other command works where the extra ``web`` is not installed.
"""

from __future__ import annotations

import errno
import logging
import os
import secrets
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.resources import files
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import click

from eventkit.cli import cli
from eventkit.model.errors import EventkitError, FormatError, SettingsError
from eventkit.office import usecases
from eventkit.office.delivery import Delivery
from eventkit.office.settings import SECRET_LENGTH, OrganiserSettings, Settings
from eventkit.office.store import Store
from eventkit.office.usecases import Office
from eventkit.plugins.manager import Plugins
from eventkit.terminal import FINE, Session, pass_session, run
from eventkit_web.demo import COLORS, announce, fill
from eventkit_web.working import working

HOST, PORT = "127.0.0.1", 8000
THREADS = 4
PORTS_TO_TRY = 100
DEMO_EVERY = 2.0
"""Seconds between two looks in a demo, where somebody waits for the mail."""

NO_HOST = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
BEHIND_A_PROXY = {
    "trusted_proxy_count": 1,
    "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
}
OWN = ("eventkit", "eventkit_web")

port_option = click.option(
    "--port", type=click.IntRange(1, 65535), default=PORT, metavar="N", help="cli.option.port"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """The console script ``eventkit``; the exit code."""
    return run(cli, arguments)


@cli.command(help="cli.help.serve")
@click.option("--host", default=HOST, metavar="H", help="cli.option.host")
@port_option
@click.option("--proxy", metavar="ADDRESS", help="cli.option.proxy")
@click.option("--no-work", is_flag=True, help="cli.option.no_work")
@pass_session
def serve(session: Session, host: str, port: int, proxy: str | None, no_work: bool) -> int:
    """Serve the site of the database, and do what is due meanwhile.

    Only what comes from the address `proxy` is believed when it says for whom it asks.
    """
    _log_to_stderr(session)
    session.is_kept = True
    office = session.office
    try:
        listening = _listen(host, port)
    except OSError as error:
        if error.errno in NO_HOST:
            return session.fail(session.words("serve.no_host", host=host[:80]))
        if error.errno == errno.EACCES:
            return session.fail(session.words("serve.port_not_allowed", port=port))
        if error.errno != errno.EADDRINUSE:
            raise
        said = session.words("serve.port_taken", port=port)
        if (free := _first_free(host, port + 1)) is not None:
            with free:
                next_port = free.getsockname()[1]
            said = session.words("serve.port_taken_try", port=port, free=next_port)
        return session.fail(said)
    with listening:
        work = nullcontext() if no_work else _at_work(session, office)
        return _serve(session, office, listening, "serve.served", work, proxy=proxy)


@contextmanager
def _at_work(session: Session, office: Office) -> Iterator[None]:
    """Within, what is due is done; first it says what must be set before mail goes out.

    The thread that sends it says no more of that.
    """
    try:
        office.check_mailing()
    except SettingsError as error:
        for line in session.words.error(error):
            session.warn(line)
    with working(Delivery(office)):
        yield


@cli.command(help="cli.help.demo")
@port_option
@pass_session
def demo(session: Session, port: int) -> int:
    """Serve a filled site from a temporary folder, on the next free port."""
    _log_to_stderr(session)
    _web()  # what is missing is said before anything is made
    given = session.given.get("plugins_dir")
    listening = _first_free(HOST, port)
    if listening is None:
        return session.fail(session.words("serve.port_taken", port=port))
    with tempfile.TemporaryDirectory(prefix="eventkit-demo-") as folder, _stopped_in_order():
        accents = {slug: OrganiserSettings(color=it) for slug, it in COLORS.items()}
        settings = Settings(
            db=f"sqlite:///{Path(folder) / 'demo.db'}",
            base_url=_address(listening).rstrip("/"),
            secret=secrets.token_urlsafe(SECRET_LENGTH),
            organiser=accents,  # type: ignore[arg-type]  # mypy loses the converter's type
        )
        plugins = session.plugins = Plugins.load(
            None if given is None else Path(given), settings=settings.for_plugins
        )
        store = Store.create(settings.db, base_url=settings.base_url)
        try:
            office = Office(store, plugins, settings)
            fill(office)
            _announce_sample(session, office)
            folder_of_mails = Path(folder) / "mails"
            work = working(Delivery(office), every=DEMO_EVERY)
            with listening:
                return _serve(
                    session, office, listening, "serve.demo_served", work, mails=folder_of_mails
                )
        finally:
            store.close()


def _announce_sample(session: Session, office: Office) -> None:
    """Put the sample announcement in, as it is, where a plugin is installed that reads such."""
    sample = files("eventkit") / "sample.txt"
    try:
        imported = usecases.read(
            office.plugins, office.settings, sample.read_bytes(), filename=sample.name
        )
    except FormatError:
        session.warn(session.words("serve.no_announcement"))
        return
    announce(office, imported)


# --- logging ---------------------------------------------------------------------------------


class OneLine(logging.Formatter):
    """A record in one line; with `debug` its traceback follows."""

    def __init__(self, *, debug: bool) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")
        self._debug = debug

    def format(self, record: logging.LogRecord) -> str:
        """The line; nothing in it moves a terminal's cursor, whatever a visitor asked for."""
        record.message = record.getMessage()
        said = self.formatMessage(record)
        if record.exc_info and record.exc_info[0] is not None:
            said += f": {record.exc_info[0].__name__}"
        said = " ".join("".join(c if c.isprintable() else " " for c in said).split())
        if self._debug and record.exc_info:
            said += "\n" + self.formatException(record.exc_info)
        return said


def _log_to_stderr(session: Session) -> None:
    """From now on warnings go to stderr, those about plugins too."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine(debug=session.debug))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


# --- listening and serving -------------------------------------------------------------------


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; raises `OSError` where nobody can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        if not host.strip():  # which the system takes for every address there is
            raise ValueError(host)
        socket.getaddrinfo(host, port, family)
    except (socket.gaierror, ValueError):  # no name, or a longer one than any host has
        raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL)) from None
    return socket.create_server((host, port), family=family)


def _first_free(host: str, port: int) -> socket.socket | None:
    """A socket on the first free port from `port` on; None where many are taken."""
    for candidate in range(port, min(port + PORTS_TO_TRY, 65536)):
        try:
            return _listen(host, candidate)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    return None


def _web() -> tuple[ModuleType, Callable[..., Any]]:
    """The server and the site; raises `EventkitError` where the extra ``web`` is missing."""
    try:
        import waitress

        from eventkit_web.app import create_app
    except ImportError as error:
        if error.name is None or error.name.split(".")[0] in OWN:
            raise
        raise EventkitError(
            f'{error.name} is missing; run: {sys.executable} -m pip install "eventkit-core[web]"',
            code="no_web",
            module=error.name,
            python=sys.executable,
        ) from None
    return waitress, create_app


def _serve(
    session: Session,
    office: Office,
    listening: socket.socket,
    said: str,
    work: AbstractContextManager[None],
    *,
    proxy: str | None = None,
    mails: Path | None = None,
) -> int:
    """Serve until told to stop; say where once the first request will be answered."""
    waitress, create_app = _web()
    address = _address(listening)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a short queue is no trouble
    with _stopped_in_order():
        app = create_app(office, mails=mails)
        server = waitress.create_server(
            app,
            sockets=[listening],
            threads=THREADS,
            ident=None,
            clear_untrusted_proxy_headers=True,
            **({} if proxy is None else {"trusted_proxy": proxy, **BEHIND_A_PROXY}),
        )
        with work:
            session.say(session.words(said, address=address))
            if mails is not None:
                session.say(session.words("serve.mails", address=address))
            server.run()  # until Ctrl+C or SIGTERM, which it takes as a wish to end
            server.close()
        app.extensions["eventkit-lookup"].later.shutdown()  # what was answered is still looked up
    return FINE


def _address(listening: socket.socket) -> str:
    """Where a socket that listens is found in a browser."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


@contextmanager
def _stopped_in_order() -> Iterator[None]:
    """Within, SIGTERM ends as Ctrl+C does: temporary folders go and the database is closed."""

    def stop(number: int, frame: FrameType | None) -> Any:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
