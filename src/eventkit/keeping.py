"""What can be done at a prompt about the whole database: ``backup`` and ``restore``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

from eventkit.formats.wording import Wording
from eventkit.office import backup as backups
from eventkit.office.store import Store
from eventkit.office.usecases import Office
from eventkit.terminal import FINE, Command, Session, file_error, pass_session


@click.command(cls=Command, help="cli.help.backup")
@click.argument("file", metavar="FILE")
@pass_session
def backup(session: Session, file: str) -> int:
    """Save everything in a new file."""
    store, w = session.store, session.words
    try:
        with _shown(w("cli.backup.doing")) as progress:
            rows = backups.back_up(store, Path(file), progress=progress)
    except OSError as error:
        raise file_error(error, file) from None
    session.say(w("cli.backup.done", file=file, rows=_rows(rows, w)))
    return FINE


@click.command(cls=Command, help="cli.help.restore")
@click.argument("file", metavar="FILE")
@pass_session
def restore(session: Session, file: str) -> int:
    """Fill an empty database from a backup, and recount it."""
    store, w = session.store, session.words
    office = session.office
    now = office.now()

    def settle(copy: Store) -> None:
        Office(copy, office.plugins, office.settings, clock=lambda: now).settle()

    try:
        with _shown(w("cli.restore.doing")) as progress:
            done = backups.restore(Path(file), store, now=now, settle=settle, progress=progress)
    except OSError as error:
        raise file_error(error, file) from None
    session.say(w("cli.restore.done", file=store.name, rows=_rows(done.rows, w)))
    if done.held:
        session.propose(w.count("cli.restore.held", done.held))
    if done.erased:
        session.say(w.count("cli.restore.erased", done.erased))
    faults = store.audit()
    if not faults:
        session.say(w("cli.doctor.sound"))
        return FINE
    return session.fail(*(w("cli.doctor.fault", place=one.path, said=one.text) for one in faults))


def _rows(rows: Mapping[str, int], w: Wording) -> str:
    """``2 arrangementer og 31 tilmeldinger``."""
    return w(
        "cli.backup.rows",
        events=w.count("cli.backup.events", rows["events"]),
        registrations=w.count("cli.backup.registrations", rows["registrations"]),
    )


@contextmanager
def _shown(label: str) -> Iterator[Callable[[int, int], object]]:
    """Shows how far it is on a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield progress
