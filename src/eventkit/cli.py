"""The command line: ``eventkit init``, ``import``, ``check``, ``show`` and the rest.

A command asks the office and says what it answers, in Danish or English, or as JSON for machines.
It decides nothing itself. Nothing but ``init`` makes a database, and ``--at`` never writes.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from attrs import evolve

from eventkit.extending import look_at_plugins, plugins
from eventkit.formats import codec
from eventkit.formats.wording import Wording
from eventkit.keeping import backup, restore
from eventkit.model.decision import Finding, Reason, Refused, Severity
from eventkit.model.errors import (
    EventkitError,
    FormatError,
    NotFoundError,
    StoreError,
)
from eventkit.model.event import Event, Imported, Revision, Status
from eventkit.model.values import Actor, Side, instant, rfc9557
from eventkit.office import drafts, usecases
from eventkit.office import settings as office_settings
from eventkit.office.settings import Settings
from eventkit.office.store import Store
from eventkit.plugins.hooks import Scope
from eventkit.registering import cancel, participants, register
from eventkit.rules.changes import differences
from eventkit.rules.deadlines import state, timeline
from eventkit.saying import (
    event_lines,
    finding_document,
    finding_line,
    reason_document,
    state_document,
)
from eventkit.sending import call_off, changes, look_at_mail, notices, say_how_it_goes, tick, work
from eventkit.terminal import (
    FINE,
    WRONG,
    CommandGroup,
    Session,
    as_json,
    file_error,
    moment,
    pass_session,
    read_bytes,
    run,
)

LARGEST_FILE = 64_000_000
"""Bytes of a file to read at most; an importer may take fewer."""

AUDITED = 300
"""Events that `doctor` recounts unasked, in a second or two; ten thousand take most of a minute."""

SMALL_DISK = 200_000_000
WIDTH = 80


@click.group(cls=CommandGroup, help="cli.help.eventkit")
def cli() -> None:
    """The group that every command is added to."""


cli.add_command(register)
cli.add_command(participants)
cli.add_command(cancel)
cli.add_command(backup)
cli.add_command(restore)
cli.add_command(tick)
cli.add_command(work)
cli.add_command(call_off)
cli.add_command(changes)
cli.add_command(notices)
cli.add_command(plugins)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    return run(cli, arguments)


# --- the database ----------------------------------------------------------------------------


@cli.command(help="cli.help.init")
@pass_session
def init(session: Session) -> int:
    """Make the database, or bring it up to date; write what is missing beside it."""
    settings, w = session.settings, session.words
    stale = _stale(settings)
    store = Store.create(settings.db, base_url=settings.base_url)
    try:
        if store.backup is not None:
            session.say(w("cli.init.upgraded", file=store.name, copy=store.backup))
        elif store.upgraded:
            session.say(w("cli.init.upgraded_there", file=store.name))
        elif store.was is not None:
            session.say(w("cli.init.current", file=store.name))
        else:
            session.say(w("cli.init.created", file=store.name))
        if stale:
            session.say(w.count("cli.init.mended", stale))
        folder = store.folder
    finally:
        store.close()
    if folder is not None and not os.environ.get("EVENTKIT_SECRET"):
        secret = folder / office_settings.SECRET_FILE
        if office_settings.write_secret(secret):
            session.say(w("cli.init.secret", file=secret))
    elif folder is None and not settings.secret:
        session.say(w("cli.init.secret_there"))
    if office_settings.write_file(Path(), _commented(w)):
        session.say(w("cli.init.settings", file=office_settings.FILE))
    session.propose(w("cli.init.next"))
    return FINE


def _stale(settings: Settings) -> int:
    """How many calendar entries refer to another address; none where there is no database yet."""
    try:
        store = Store.open(settings.db, base_url=settings.base_url)
    except StoreError:
        return 0
    try:
        return store.stale()
    finally:
        store.close()


def _commented(w: Wording) -> str:
    """``eventkit.toml`` with every setting as a comment that says what it does."""
    usual = Settings()
    examples: dict[str, tuple[str, str]] = {
        "db": (w("cli.toml.db"), f'db = "{usual.db}"'),
        "base_url": (w("cli.toml.base_url"), 'base_url = "https://arrangementer.example.dk"'),
        "language": (w("cli.toml.language"), f'language = "{usual.language}"'),
        "zone": (w("cli.toml.zone"), f'zone = "{usual.zone}"'),
        "color": (w("cli.toml.color"), f'color = "{usual.color}"'),
        "plugins_dir": (w("cli.toml.plugins_dir"), 'plugins_dir = "plugins"'),
        "plugins_off": (w("cli.toml.plugins_off"), 'plugins_off = ["announcement"]'),
        "notifier": (w("cli.toml.notifier"), f'notifier = "{usual.notifier}"'),
        "sender": (w("cli.toml.sender"), 'sender = "Min forening <post@example.dk>"'),
        "mail_templates": (w("cli.toml.mail_templates"), 'mail_templates = "templates"'),
        "organiser": (w("cli.toml.organiser"), '[organiser.min-forening]\n# color = "#7a2e2e"'),
        "plugins": (w("cli.toml.plugins"), "[plugins.danish]"),
    }
    parts = [
        "\n".join((*(f"# {line}" for line in textwrap.wrap(said, WIDTH - 2)), f"# {example}"))
        for said, example in ((w("cli.toml.head"), ""), *examples.values())
    ]
    return "\n\n".join(part.removesuffix("\n# ") for part in parts) + "\n"


# --- from files ------------------------------------------------------------------------------


@cli.command("import", help="cli.help.import")
@click.argument("file", metavar="FILE")
@click.option("--format", "format_", metavar="F", help="cli.option.format")
@click.option("--update", is_flag=True, help="cli.option.update")
@as_json
@pass_session
def import_(session: Session, file: str, format_: str | None, update: bool, as_json: bool) -> int:
    """Make draft events of a file."""
    office, w = session.office, session.words
    imported = _read(session, file, format_)
    began = office.now()
    decision = office.import_events(imported, actor=Actor(Side.SYSTEM, "import"), update=update)
    if isinstance(decision, Refused):
        return session.refused(decision)
    told = []
    for revision in decision.value:
        event = revision.event
        known = instant(revision.at) < began  # the very revision that was there before
        outcome = "unchanged" if known else "created" if revision.number == 1 else "updated"
        findings = (*revision.findings, *office.check(event))
        changed = _changed(office, revision) if outcome == "updated" else ()
        if as_json:
            told.append(
                {
                    "id": event.id,
                    "uid": event.uid,
                    "revision": revision.number,
                    "outcome": outcome,
                    "changed": list(changed),
                    "findings": [finding_document(finding, w, event) for finding in findings],
                }
            )
            continue
        session.say(f"{event.id}  {event.title}")
        session.say(textwrap.indent(w.when(event), "  "))
        for finding in findings:
            session.say(f"  {finding_line(finding, w, event)}")
        if changed:
            session.say(f"  {w('cli.import.changed', fields=', '.join(map(w.field, changed)))}")
        said = {
            "unchanged": w("cli.import.unchanged"),
            "updated": w("cli.import.updated", number=revision.number),
            "created": w("cli.import.created", id=event.id),
        }
        session.propose(f"  {said[outcome]}")
        if outcome == "updated" and (people := office.untold(str(event.id))):
            session.propose(f"  {w.count('cli.import.untold', len(people), id=event.id)}")
    if as_json:
        session.say_json(told)
    return FINE


def _changed(office: usecases.Office, revision: Revision) -> tuple[str, ...]:
    """The fields of the document that differ from the revision before."""
    before = office.revision(str(revision.event.id), revision.number - 1).event
    paths = (change.path for change in differences(before, revision.event))
    return tuple(dict.fromkeys(path.partition("[")[0] for path in paths))


def _read(session: Session, file: str, format_: str | None) -> Imported:
    """What an importer makes of `file`; ``-`` is standard input."""
    return usecases.read(
        session.plugins,
        session.settings,
        _bytes(file),
        filename="" if file == "-" else Path(file).name,
        name=format_,
    )


def _bytes(file: str) -> bytes:
    data = read_bytes(file, LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise FormatError(
            f"{file} is larger than {LARGEST_FILE:,} bytes",
            code="file_too_large",
            limit=LARGEST_FILE // 1_000_000,
        )
    return data


@cli.command(help="cli.help.check")
@click.argument("what", metavar="FILE|ID")
@click.option("--format", "format_", metavar="F", help="cli.option.format")
@as_json
@pass_session
def check(session: Session, what: str, format_: str | None, as_json: bool) -> int:
    """Say what is doubtful, like a linter."""
    w = session.words
    found: list[tuple[Event | None, Finding]] = []
    refused: tuple[Reason, ...] = ()
    if what == "-" or _is_there(what):
        imported = _read(session, what, format_)
        events = imported.events
        refused = tuple(drafts.twice(events))
        many = len(events) > 1
        for index, event in enumerate(events):
            place = f"events[{index}]" if many else ""
            own = (*imported.findings_of(index), *session.plugins.check(event))
            found += ((event, _within(place, finding)) for finding in own)
    else:
        known = _event_or_file(session, what)
        found += ((known, finding) for finding in session.plugins.check(known))
    if as_json:
        shown = [finding_document(finding, w, owner) for owner, finding in found]
        session.say_json([*(_refusal_document(reason, w) for reason in refused), *shown])
    else:
        session.fail(*(w.reason(reason) for reason in refused))
        for owner, finding in found:
            session.say(finding_line(finding, w, owner))
        if not found and not refused:
            session.say(w("cli.check.nothing"))
    wrong = any(finding.severity is Severity.ERROR for _, finding in found)
    return WRONG if wrong or refused else FINE


def _refusal_document(reason: Reason, w: Wording) -> dict[str, Any]:
    """Why `import` would refuse the whole file, in the form of a finding."""
    told = reason_document(reason, w)
    return {"code": told.pop("code"), "severity": Severity.ERROR.value, "path": "", **told}


def _is_there(name: str) -> bool:
    """Whether `name` is a file; a folder is one only where it cannot be an event's id."""
    try:
        path = Path(name)
        return path.exists() and (not path.is_dir() or _file_like(name)) and bool(name)
    except (OSError, ValueError):  # a name too long for a file, or impossible
        return False


def _file_like(name: str) -> bool:
    return os.sep in name or "/" in name or bool(Path(name).suffix)


def _within(place: str, finding: Finding) -> Finding:
    if not place:
        return finding
    path = f"{place}.{finding.path}" if finding.path else place
    return evolve(finding, path=path)


def _event_or_file(session: Session, what: str) -> Event:
    try:
        return session.office.revision(what).event
    except (NotFoundError, StoreError) as error:
        if isinstance(error, StoreError) and not (_file_like(what) and error.code == "no_database"):
            raise
        raise NotFoundError(
            f"there is neither a file nor an event {what!r}",
            code="neither_file_nor_event",
            name=what[:80] or '""',
        ) from None


# --- one event -------------------------------------------------------------------------------


@cli.command(help="cli.help.show")
@click.argument("event_id", metavar="ID")
@click.option("--at", metavar="TIME", help="cli.option.at")
@as_json
@pass_session
def show(session: Session, event_id: str, at: str | None, as_json: bool) -> int:
    """The event and the state of registration, now or at another time."""
    office, w = session.office, session.words
    revision, seats = office.revision(event_id), office.seats(event_id)
    event = revision.event
    now = office.now() if at is None else moment(at, event.zone)
    current = state(event, seats, now=now)
    if as_json:
        shown = {
            "event": codec.to_data(event),
            "state": state_document(event, current, now, seats, w),
        }
        session.say_json(shown)
        return FINE
    if at is not None:
        session.say(w("cli.show.at", moment=w.moment(now.astimezone(event.zone))))
        session.say()
    for line in event_lines(event, current, seats, w):
        session.say(line)
    return FINE


@cli.command("timeline", help="cli.help.timeline")
@click.argument("event_id", metavar="ID")
@as_json
@pass_session
def timeline_(session: Session, event_id: str, as_json: bool) -> int:
    """Every moment at which something changes."""
    w = session.words
    moments = timeline(session.office.revision(event_id).event)
    if as_json:
        shown = [
            {
                "at": rfc9557(moment.at),
                "changes": [
                    {"code": change.code, "message": said, "data": dict(change.data)}
                    for change, said in zip(moment.changes, w.changes(moment), strict=True)
                ],
            }
            for moment in moments
        ]
        session.say_json(shown)
        return FINE
    for one in moments:
        session.say(w.moment(one.at))
        for said in w.changes(one):
            session.say(f"  {said}")
    return FINE


@cli.command("list", help="cli.help.list")
@as_json
@pass_session
def list_(session: Session, as_json: bool) -> int:
    """Every event, by start."""
    office, w = session.office, session.words
    revisions = office.all_events()
    if as_json:
        session.say_json([codec.to_data(revision.event) for revision in revisions])
        return FINE
    if not revisions:
        session.propose(w("cli.list.none"))
    width = max((len(str(revision.event.id)) for revision in revisions), default=0)
    for revision in revisions:
        event = revision.event
        status = _status(event, w)
        session.say(
            f"{event.id:<{width}}  {event.starts:%d.%m.%Y}  {event.title}"
            + (f" ({status})" if status else "")
        )
    return FINE


def _status(event: Event, w: Wording) -> str:
    match event.status:
        case Status.DRAFT:
            return w("state.draft").lower()
        case Status.POSTPONED:
            return w("state.postponed").lower()
        case Status.CANCELLED:
            return w("state.cancelled").lower()
    return ""


@cli.command(help="cli.help.publish")
@click.argument("event_id", metavar="ID")
@pass_session
def publish(session: Session, event_id: str) -> int:
    """Announce an event."""
    office, w = session.office, session.words
    decision = office.publish(event_id, actor=Actor(Side.SYSTEM, "publish"))
    if isinstance(decision, Refused):
        session.refused(decision)
        named = [
            (reason.data.get("finding"), reason.data.get("path")) for reason in decision.reasons
        ]
        event = office.revision(event_id).event
        found = (one for one in office.check(event) if (one.code, one.path) in named)
        return (
            session.fail(*(finding_line(one, w, event, severity=False) for one in found)) or WRONG
        )
    event = decision.value.event
    session.say(w("cli.publish.done", id=event.id, title=event.title))
    for finding in office.unacknowledged(event):
        if finding.severity is Severity.WARNING:
            session.say(f"  {finding_line(finding, w, event)}")
    if session.settings.base_url:
        session.say(f"{session.settings.base_url}/events/{event.id}")
    return FINE


@cli.command(help="cli.help.acknowledge")
@click.argument("event_id", metavar="ID")
@click.argument("code", metavar="CODE")
@click.option("--reason", metavar="TEXT", required=True, help="cli.option.reason")
@pass_session
def acknowledge(session: Session, event_id: str, code: str, reason: str) -> int:
    """Publish in spite of a finding, for a reason."""
    decision = session.office.acknowledge(
        event_id, code, reason=reason, actor=Actor(Side.SYSTEM, "acknowledge")
    )
    if isinstance(decision, Refused):
        return session.refused(decision)
    session.say(session.words("cli.acknowledge.done", code=code, id=event_id))
    return FINE


@cli.command(help="cli.help.export")
@click.argument("event_id", metavar="ID")
@click.option("--as", "format_", metavar="FORMAT", required=True, help="cli.option.as")
@click.option("-o", "output", metavar="FILE", help="cli.option.output")
@pass_session
def export(session: Session, event_id: str, format_: str, output: str | None) -> int:
    """Write an event in a format."""
    data = session.office.export(
        format_,
        (event_id,),
        language=session.words.language,
        public=False,
        actor=Actor(Side.SYSTEM, "export"),
    )
    if output is None or output == "-":
        session.out.flush()
        session.out.buffer.write(data)
        session.out.buffer.flush()
        return FINE
    try:
        secret = session.plugins.exporters[format_].scope is Scope.PARTICIPANTS
        _write_whole(Path(output), data, secret=secret)
    except OSError as error:
        raise file_error(error, output) from None
    return FINE


def _write_whole(path: Path, data: bytes, *, secret: bool) -> None:
    """Write a file that is complete or not there at all, whatever happens meanwhile.

    A `secret` one only its owner can read.
    """
    if path.exists() and not path.is_file():  # /dev/stdout and the like
        path.write_bytes(data)
        return
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        if not secret:  # as any other new file
            umask = os.umask(0)
            os.umask(umask)
            Path(name).chmod(0o666 & ~umask)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


# --- the installation ------------------------------------------------------------------------


@cli.command(help="cli.help.doctor")
@click.option("--audit", is_flag=True, help="cli.option.audit")
@click.option("--mail", "address", metavar="ADDRESS", help="cli.option.mail")
@pass_session
def doctor(session: Session, audit: bool, address: str | None) -> int:
    """Whether everything is as it should be, a line each."""
    w = session.words
    settings = session.settings
    toml = Path(office_settings.FILE)
    session.say(
        w("cli.doctor.settings", file=toml) if toml.exists() else w("cli.doctor.no_settings")
    )
    wrong = 0
    try:
        store = session.store
        session.say(w.count("cli.doctor.database", store.count(), file=store.name))
        wrong = _look_into(session, store, audit=audit or store.count() <= AUDITED)
        if stale := store.stale():
            session.warn(w.count("cli.doctor.stale", stale))
        if store.folder is not None:
            free = shutil.disk_usage(store.folder).free
            session.say(w("cli.doctor.disk", free=free // 1_000_000))
            if free < SMALL_DISK:
                session.warn(w("cli.doctor.disk_small"))
        say_how_it_goes(session)
    except EventkitError as error:
        wrong = session.fail(*w.error(error))
    if settings.base_url:
        session.say(w("cli.doctor.base_url", url=settings.base_url))
    else:
        session.warn(w("cli.doctor.no_base_url"))
    if settings.secret:
        session.say(w("cli.doctor.secret"))
    elif office_settings.secret_path(settings.db) is not None:
        session.warn(w("cli.doctor.no_secret"))
    else:
        session.warn(w("cli.doctor.no_secret_there", least=office_settings.SECRET_LENGTH))
    try:
        on = [info.name for info in session.plugins.infos if info.on]
        session.say(w("cli.doctor.plugins", names=", ".join(on)))
        wrong = look_at_plugins(session) or wrong
        wrong = look_at_mail(session, address) or wrong
    except EventkitError as error:
        wrong = session.fail(*w.error(error))
    session.say(
        w("cli.doctor.versions", python=sys.version.split()[0], sqlite=sqlite3.sqlite_version)
    )
    return wrong or FINE


def _look_into(session: Session, store: Store, *, audit: bool) -> int:
    """Whether the file is sound, and everything in it adds up; a line for each trouble."""
    w = session.words
    damages = store.quick_check()
    if damages:
        return session.fail(*(w("cli.doctor.damage", said=said) for said in damages))
    if not audit:
        session.propose(w("cli.doctor.not_audited"))
        return FINE
    faults = store.audit()
    if not faults:
        session.say(w("cli.doctor.sound"))
        return FINE
    return session.fail(*(w("cli.doctor.fault", place=one.path, said=one.text) for one in faults))
