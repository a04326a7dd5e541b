"""The terminal: what every command shares – global options, words, and how errors are told.

An error is one line on stderr for each fault and exit code 1; a command line that nobody can
understand, or settings that cannot be, is 2. Nobody is shown a traceback who did not ask for it
with ``--debug``. Click's own messages and help are in the reader's language too.
"""

from __future__ import annotations

import errno
import io
import json
import os
import re
import select
import shlex
import stat
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout, suppress
from datetime import date, datetime
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from attrs import evolve

from eventkit.formats.wording import LANGUAGES, Wording, wording
from eventkit.model.decision import Refused
from eventkit.model.errors import EventkitError, ImpossibleError, PluginError, SettingsError
from eventkit.model.event import Event
from eventkit.model.values import clock_trouble, first_instant, instant, parse_time
from eventkit.office.settings import PREFIX, Settings
from eventkit.office.store import Store
from eventkit.office.usecases import Office
from eventkit.plugins import hands
from eventkit.plugins.guard import Trouble
from eventkit.plugins.manager import Plugins

DISTRIBUTION = "eventkit-core"

FINE, WRONG, USAGE = 0, 1, 2
INTERRUPTED = 130

HINT = re.compile(r"((?:: |»|“)eventkit [a-z][a-z-]*)(?![a-z-]| --db)")
"""A command that is proposed, as in ``Se dem med: eventkit notices``."""

PATIENCE = 3.0
"""Seconds in which somebody must begin to write to a pipe that is to be read."""


class Session:
    """One run of the command line: what was asked for, and what is opened to answer it."""

    def __init__(self, words: Wording | None = None) -> None:
        self.words = words or wording(LANGUAGES[0])
        self.given: dict[str, Any] = {}
        self.debug = False
        self.out = sys.stdout
        self.told: list[Trouble] = []  # what the answer says already
        self.is_kept = False  # where what is said goes into a log, which names nobody

    @cached_property
    def settings(self) -> Settings:
        """The settings in force; those of the command line come first."""
        settings = Settings.read(**self.given)
        self.words = wording(settings.language)
        return settings

    @cached_property
    def plugins(self) -> Plugins:
        """The plugins these settings name."""
        settings = self.settings
        return Plugins.load(
            settings.plugins_dir,
            settings.plugins_off,
            settings=settings.for_plugins,
            environment=os.environ,
            off_for=settings.plugins_off_for,
        )

    @cached_property
    def store(self) -> Store:
        """The database, which must be there."""
        return Store.open(self.settings.db, base_url=self.settings.base_url)

    @cached_property
    def office(self) -> Office:
        """The use cases of that database."""
        return Office(self.store, self.plugins, self.settings)

    # --- saying things ---

    def say(self, text: str = "") -> None:
        """A line on stdout."""
        click.echo(text.translate(_CONTROLS), file=self.out)

    def propose(self, text: str) -> None:
        """A line of ours on stdout that may propose a command: for the same database."""
        self.say(self._here(text))

    def say_json(self, shown: Mapping[str, Any] | Sequence[Any]) -> None:
        """A document on stdout."""
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2), file=self.out)

    def warn(self, text: str) -> None:
        """A line on stderr that changes no exit code."""
        self.advise(self.words("cli.warning", said=self._here(text)))

    def advise(self, text: str) -> None:
        """A line on stderr that says what one may do instead."""
        click.echo(text.translate(_CONTROLS), err=True)

    def fail(self, *texts: str) -> int:
        """A line on stderr for each of `texts`; the exit code for what is wrong."""
        for text in texts:
            said = self._here(" ".join(text.split()))
            self.advise(self.words("cli.error", said=said))
        return WRONG

    def refused(self, decision: Refused, event: Event | None = None) -> int:
        """Every reason of a refusal, in the words of `event` where it is given."""
        return self.fail(*(self.words.reason(reason, event) for reason in decision.reasons))

    def _here(self, text: str) -> str:
        """`text`, where the commands it proposes are about the database that this one is about."""
        db = self.given.get("db")
        if db is None:
            return text
        shown = "URL" if _has_password(db) else shlex.quote(db)
        return HINT.sub(lambda found: f"{found[1]} --db {shown}", text)

    def sure(self, question: str) -> bool:
        """Whether whoever is asked says yes, in either language; all else is no."""
        asked = f"{question} {self.words('cli.yes_or_no')}"
        said: str = click.prompt(asked, default="", show_default=False, err=True)
        return said.strip().casefold() in ("j", "ja", "y", "yes")

    def told_of(self, error: PluginError) -> None:
        """Remember that the trouble behind `error` is told as an error."""
        self.told += (
            trouble
            for trouble in (self.plugins.troubles if "plugins" in self.__dict__ else ())
            if (trouble.plugin, trouble.code) == (error.data["plugin"], error.code)
        )

    def close(self) -> None:
        """Name every plugin that did wrong, and close the database."""
        if "plugins" in self.__dict__:
            for trouble in dict.fromkeys(self.plugins.troubles):
                if trouble not in self.told:
                    kind = trouble.detail.partition(":")[0]  # the rest may be about a person
                    shown = evolve(trouble, detail=kind) if self.is_kept else trouble
                    for line in trouble_lines(shown, self.words):
                        self.warn(line)
                if self.debug and trouble.traceback:
                    click.echo(trouble.traceback, err=True)
        if "store" in self.__dict__:
            self.store.close()


def trouble_lines(trouble: Trouble, words: Wording) -> list[str]:
    """What a plugin did wrong, in the reader's language."""
    return words.error(trouble.error)


_CONTROLS = {
    code: " " for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"
}  # a terminal obeys them, and a plugin may say anything


def _has_password(db: str) -> bool:
    """Whether a database's URL may hold a password, which is never shown."""
    return re.search(r"//[^/?]*:[^/?]*@|[?&]password=", db) is not None


pass_session = click.make_pass_decorator(Session, ensure=True)
as_json = click.option("--json", "as_json", is_flag=True, help="cli.option.json")


def moment(text: str, place: ZoneInfo) -> datetime:
    """The time that `text` says on the clocks of `place`; a date is the moment it begins."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text.strip()):
            return first_instant(date.fromisoformat(text.strip()), place)
        when = parse_time(text, naive_in=place)
    except ValueError as error:  # also every ImpossibleError
        if getattr(error, "code", "not_a_time") != "not_a_time":
            raise
        raise ImpossibleError(
            f"{text!r} is no time: write 2022-04-18T23:59 or 2022-04-18",
            code="not_a_moment",
            value=text[:80],
        ) from None
    if clock_trouble(when) == "skipped":
        # Read with the offset from after the change it is a time before, and the other way round.
        before, after = (
            f"{instant(when.replace(fold=fold)).astimezone(when.tzinfo):%Y-%m-%dT%H:%M}"
            for fold in (1, 0)
        )
        raise ImpossibleError(
            f"clocks skip {text!r}: write {before} or {after}",
            code="skipped_moment",
            value=text[:80],
            before=before,
            after=after,
        )
    return when


# --- files -----------------------------------------------------------------------------------


def read_bytes(file: str, most: int) -> bytes:
    """At most so many bytes of `file`; ``-`` is standard input.

    A pipe that nobody writes to is refused, because it would be waited for without a word.
    """
    try:
        if file == "-":
            return sys.stdin.buffer.read(most)
        with open(file, "rb", opener=_open_at_once) as opened:
            begun = _begun(opened.fileno()) if _is_pipe(opened.fileno()) else b""
            if begun is None:
                raise EventkitError(
                    f"{file} is a pipe that nobody writes to, and no file",
                    code="pipe_is_silent",
                    file=file,
                )
            os.set_blocking(opened.fileno(), True)
            return begun + opened.read(most - len(begun))
    except OSError as error:
        raise file_error(error, file) from None
    except ValueError:  # a name that no file can have
        raise file_error(FileNotFoundError(errno.ENOENT, "no such file"), "?") from None


def _open_at_once(name: str, flags: int) -> int:
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))


def _is_pipe(handle: int) -> bool:
    return stat.S_ISFIFO(os.fstat(handle).st_mode)


def _begun(pipe: int) -> bytes | None:
    """What came first through a pipe, perhaps nothing so far; None where nobody writes to it."""
    look = select.poll()
    look.register(pipe, select.POLLIN)
    is_heard = bool(look.poll(PATIENCE * 1_000))  # or it was written and closed, with nothing in it
    try:
        first = os.read(pipe, 1)
    except BlockingIOError:  # somebody has it open, and takes their time
        return b""
    return first if first or is_heard else None


# --- help and options ------------------------------------------------------------------------


def _words(ctx: click.Context) -> Wording:
    session = ctx.find_object(Session)
    return session.words if session is not None else wording(LANGUAGES[0])


def _said(ctx: click.Context, key: str | None) -> str:
    """The words of a help key; other text, as Click's own, stands."""
    words = _words(ctx)
    return words(key) if key is not None and key in words else key or ""


class _Helped(click.Command):
    """A command whose help is a key of the catalogues."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """``Brug: eventkit check FILE|ID``."""
        pieces = _placeholders(" ".join(self.collect_usage_pieces(ctx)), _words(ctx))
        formatter.write_usage(ctx.command_path, pieces, prefix=_words(ctx)("cli.usage") + " ")

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What the command does."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(_said(ctx, self.help))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options, and what each does."""
        words = _words(ctx)
        records = [
            (_placeholders(record[0], words), _purpose(ctx, param))
            for param in self.get_params(ctx)
            if not isinstance(param, click.Argument)
            and (record := param.get_help_record(ctx)) is not None
        ]
        with formatter.section(words("cli.options")):
            formatter.write_dl(records)


def _purpose(ctx: click.Context, param: click.Parameter) -> str:
    """What an option is for, and whether it must be given."""
    key = getattr(param, "help", None) or ""
    said = _said(ctx, key if key.startswith("cli.") else "cli.option.help")
    return _words(ctx)("cli.required", said=said) if param.required else said


def _placeholders(text: str, words: Wording) -> str:
    """`text`, where what is to be filled in, such as ``FILE``, is called so in the language."""

    def called(found: re.Match[str]) -> str:
        key = f"cli.metavar.{found[0]}"
        return words(key) if key in words else found[0]

    return re.sub(r"\b[A-Z]{3,}\b", called, text)


class Command(_Helped):
    """One command, which takes the global options after its name too."""

    @cached_property
    def _everywhere(self) -> list[click.Option]:
        return _global_options()

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The command's own parameters, the global options, and ``--help``."""
        *own, asks_help = super().get_params(ctx)
        return [*own, *self._everywhere, asks_help]

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. What a plugin prints goes to stderr: stdout is for the answer."""
        with redirect_stdout(sys.stderr):
            return super().invoke(ctx)


class CommandGroup(_Helped, click.Group):
    """The commands; one that is added gets the same help and the same options."""

    command_class = Command

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += [*_global_options(), _version_option()]

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; that nobody reads on is not for Click to tell."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise _NobodyReadsError from None

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options, then the commands."""
        super().format_options(ctx, formatter)
        rows = [
            (name, _said(ctx, command.help).partition("\n")[0])
            for name, command in sorted(self.commands.items())
        ]
        with formatter.section(_words(ctx)("cli.commands")):
            formatter.write_dl(rows)


class _NobodyReadsError(Exception):
    """Whoever read our stdout has stopped."""


def _remember(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    if value is not None and value is not False:
        session = ctx.ensure_object(Session)
        if param.name == "debug":
            session.debug = True
        elif param.name is not None:
            session.given[param.name] = value
        if param.name == "language":
            session.words = wording(value)


def _global_options() -> list[click.Option]:
    """The options that stand before a command or after it."""

    def option(*names: str, **more: Any) -> click.Option:
        return click.Option(list(names), expose_value=False, callback=_remember, **more)

    return [
        option("--db", "db", metavar="URL", help="cli.option.db"),
        option("--lang", "language", type=click.Choice(LANGUAGES), help="cli.option.lang"),
        option("--plugins-dir", "plugins_dir", metavar="DIR", help="cli.option.plugins_dir"),
        option("--debug", "debug", is_flag=True, help="cli.option.debug"),
    ]


def _version_option() -> click.Option:
    """``--version``, which stands before any command."""

    def told(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
        if wanted:
            ctx.ensure_object(Session).say(f"eventkit {metadata.version(DISTRIBUTION)}")
            ctx.exit()

    return click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=told,
        help="cli.option.version",
    )


# --- running ---------------------------------------------------------------------------------


def run(group: click.Group, arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code. Whatever goes wrong is said in one line a fault.

    Without `arguments` it is the process itself, and that ends here where Python would wait for
    threads that a plugin has left.
    """
    code = _run(group, list(sys.argv[1:] if arguments is None else arguments))
    if arguments is None and hands.strangers():
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):  # told already, or closed
                stream.flush()
        os._exit(code)
    return code


def _run(group: click.Group, arguments: list[str]) -> int:
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a name must not stop a terminal
    session = Session(wording(_language(arguments)))
    try:
        code = _invoke(group, arguments, session)
        sys.stdout.flush()
    except (BrokenPipeError, _NobodyReadsError):  # as with `eventkit list | head`: that is fine
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = FINE
    except OSError as error:  # the disk behind stdout is full
        code = _fail(session, error)
    return code


def _open_closed_streams() -> None:
    """Stand in for standard streams that the caller closed, as with ``>&-``: nothing to read, and
    nobody to read. It also keeps their numbers from the next file that is opened, the database.
    """
    if sys.stdin is None:
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115


def _invoke(group: click.Group, arguments: list[str], session: Session) -> int:
    try:
        try:
            answer = group.main(arguments, prog_name="eventkit", standalone_mode=False, obj=session)
            return answer if isinstance(answer, int) else FINE
        except PluginError as error:
            session.told_of(error)
            raise
        finally:
            session.close()
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.message, err=True)
        return USAGE
    except click.ClickException as error:
        session.fail(_usage(error, session.words))
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        session.fail(session.words("cli.interrupted"))
        return INTERRUPTED
    except SystemExit as error:  # SIGTERM, where a site is not served yet or no more
        return error.code if isinstance(error.code, int) else WRONG
    except EventkitError as error:
        if session.debug:
            traceback.print_exception(error)
        session.fail(*session.words.error(error))
        return USAGE if isinstance(error, SettingsError) else WRONG
    except (BrokenPipeError, _NobodyReadsError):
        raise
    except OSError as error:
        if session.debug:
            traceback.print_exception(error)
        return _fail(session, error)
    except Exception as error:  # a fault of ours: still one line, and the way to the whole story
        if session.debug:
            traceback.print_exception(error)
        said = f"{type(error).__name__}: {error}"
        return session.fail(session.words("cli.unexpected", said=said[:300]))


def _fail(session: Session, error: OSError) -> int:
    """What the system said of a file, or of what commands print where it names none."""
    name = error.filename or session.words("word.output")
    return session.fail(*session.words.error(file_error(error, name)))


def _language(arguments: Sequence[str]) -> str:
    """The language to complain in, before anything is understood: asked for, set, or Danish."""
    asked = [
        value
        for one, following in zip(arguments, [*arguments[1:], ""], strict=False)
        for value in ([following] if one == "--lang" else _after(one, "--lang="))
    ]
    known = [*asked, os.environ.get(f"{PREFIX}LANGUAGE", ""), *_language_in_file()]
    return next((one for one in known if one in LANGUAGES), LANGUAGES[0])


def _after(text: str, start: str) -> list[str]:
    return [text.removeprefix(start)] if text.startswith(start) else []


def _language_in_file() -> list[str]:
    try:
        text = Path("eventkit.toml").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return []
    return re.findall(r'^language *= *"(\w+)"', text, re.MULTILINE)[:1]


def file_error(error: OSError, name: object = None) -> EventkitError:
    """What the system said about a file, as an error of ours; `name` is what the user called it."""
    file = str(name if name is not None else error.filename or "") or '""'
    said = error.strerror or type(error).__name__
    text = f"{file}: {said}"
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR:
            return EventkitError(text, code="file_missing", file=file)
        case errno.EISDIR:
            return EventkitError(text, code="file_is_folder", file=file)
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return EventkitError(text, code="file_not_allowed", file=file)
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return EventkitError(text, code="file_no_space", file=file)
    return EventkitError(text, code="file_failed", file=file, said=said)


def _usage(error: click.ClickException, words: Wording) -> str:
    """What Click could not understand, in one sentence."""
    match error:
        case click.NoSuchOption():
            if error.possibilities:
                near = error.possibilities[0]
                return words("cli.no_option_near", name=error.option_name, near=near)
            return words("cli.no_option", name=error.option_name)
        case click.exceptions.NoSuchCommand():
            if error.possibilities:
                near = error.possibilities[0]
                return words("cli.no_command_near", name=error.command_name, near=near)
            return words("cli.no_command", name=error.command_name)
        case click.MissingParameter():
            return words("cli.missing", name=_name(error, words))
        case click.BadOptionUsage():
            return words("cli.needs_value", name=error.option_name)
        case click.BadParameter():
            kind = getattr(error.param, "type", None)
            if isinstance(kind, click.Choice):
                return words(
                    "cli.not_a_choice", name=_name(error, words), choices=", ".join(kind.choices)
                )
            return words("cli.bad_value", name=_name(error, words), said=error.message)
        case click.UsageError() if match := re.search(r"extra arguments? \((.*)\)", error.message):
            return words("cli.too_much", said=match[1][:80])
    return words("cli.bad_usage", said=error.format_message())


def _name(error: click.BadParameter, words: Wording) -> str:
    if isinstance(error.param, click.Option):
        return error.param.opts[0]
    if error.param is None or error.ctx is None:
        return ""
    return _placeholders(error.param.make_metavar(error.ctx), words)
