"""What a plugin can add, and the types it hands over.

A plugin is a module with ``eventkit_api = 1``, a code prefix of its own such as
``eventkit_prefix = "DK"`` (wherever it gives findings or reasons), and any of the hooks below::

    from eventkit import hookimpl

    eventkit_api = 1

    @hookimpl
    def eventkit_exporters():
        return [Exporter(name="…", …)]

It is found by an entry point in the group ``eventkit``, or as a ``.py`` file in ``--plugins-dir``.
A hook hands over values; the core runs them, each within a budget, and goes on without a plugin
that raises, exits, answers nonsense or takes too long. A plugin never gets the office, the site or
a connection: what it is given are copies, and frozen.

A plugin with settings names an attrs class, ``eventkit_settings``. It is filled from
``[plugins.NAME]`` in ``eventkit.toml``, and every hook may take it as `settings`::

    @attrs.frozen
    class LineSettings:
        separator: str = ";"

    eventkit_settings = LineSettings

    @hookimpl
    def eventkit_exporters(settings): ...

Within one number of ``eventkit_api`` hooks only gain arguments; take those you need.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import pluggy
from attrs import Attribute, field, frozen
from attrs.validators import deep_iterable

from eventkit.model.decision import Finding, Reason
from eventkit.model.errors import ImpossibleError
from eventkit.model.event import Event, Imported, Revision
from eventkit.model.registration import Message, Registration, Signup
from eventkit.model.values import check_key, check_line, frozen_object, line, prose

API = 1
"""The number a plugin names in ``eventkit_api``."""

hookspec = pluggy.HookspecMarker("eventkit")
hookimpl = pluggy.HookimplMarker("eventkit")


class Scope(StrEnum):
    """Who may have what an exporter writes."""

    EVENTS = "events"
    PARTICIPANTS = "participants"


@frozen(kw_only=True)
class ExportRequest:
    """What an exporter writes: published revisions, and registrations where its scope allows.

    `language` is ``da`` or ``en``; `base_url` has no slash at its end, and is "" where none is set.
    """

    revisions: tuple[Revision, ...]
    registrations: tuple[Registration, ...] = ()
    language: str = "da"
    base_url: str = ""

    @property
    def events(self) -> tuple[Event, ...]:
        """The events, in the order asked for."""
        return tuple(revision.event for revision in self.revisions)


def _title() -> Any:
    """An attrs field of a short text by language; at least one."""

    def check(_: Any, attribute: Attribute[Any], value: Mapping[str, Any]) -> None:
        for text in value.values():
            check_line(_, attribute, text)
        if not value or not all(isinstance(text, str) and text.strip() for text in value.values()):
            raise ImpossibleError(
                f"{attribute.name} gives a text for each language",
                code="not_texts",
                path=attribute.name,
            )

    return field(converter=frozen_object, validator=check)


def _shaped(pattern: str, example: str) -> Any:
    """An attrs validator: text of a shape, because it goes into headers and file names."""

    def check(_: Any, attribute: Attribute[Any], value: Any) -> None:
        if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
            raise ImpossibleError(
                f"{attribute.name} is written like {example}",
                code="not_shaped",
                path=attribute.name,
                example=example,
            )

    return check


_suffix = _shaped(r"\.\w[\w-]{0,19}", ".ics")
_media_type = _shaped(r"[\w.+-]+/[\w.+-]+(; ?[\w-]+=[\w.+-]+)*", "text/calendar; charset=utf-8")


def _suffixes() -> Any:
    """An attrs field of any number of file suffixes."""
    return field(default=(), converter=tuple, validator=deep_iterable(_suffix))


@frozen(kw_only=True)
class Exporter:
    """A format events can be written in.

    `name` is what ``eventkit export --as`` takes and the route's suffix; `title` is shown, by
    language; `suffix` names files (``.ics``); `write(request)` gives the bytes.
    """

    name: str = field(validator=check_key)
    title: Mapping[str, str] = _title()
    media_type: str = field(validator=_media_type)
    suffix: str = field(validator=_suffix)
    scope: Scope = field(default=Scope.EVENTS, converter=Scope)
    write: Callable[[ExportRequest], bytes]


@frozen(kw_only=True)
class ImportRequest:
    """What an importer reads: the bytes as they came, and how to understand them.

    A time without a zone is read in `zone`, the organiser's. `filename` may be "".
    """

    data: bytes
    filename: str = ""
    zone: str = "Europe/Copenhagen"
    language: str = "da"


@frozen(kw_only=True)
class Importer:
    """A format events can be read from.

    `recognises(request)` says whether this is the format, from the look of the bytes alone;
    `read(request)` gives events with findings, or raises `FormatError`. Reading is all or nothing.
    """

    name: str = field(validator=check_key)
    title: Mapping[str, str] = _title()
    suffixes: tuple[str, ...] = _suffixes()
    recognises: Callable[[ImportRequest], bool]
    read: Callable[[ImportRequest], Imported]


@frozen(kw_only=True)
class Check:
    """A check of one event: `check(event)` gives findings, each with `text` in da and en."""

    name: str = field(validator=check_key)
    title: Mapping[str, str] = _title()
    check: Callable[[Event], Iterable[Finding]]


@frozen(kw_only=True)
class Panel:
    """A piece of text for an event's page: `title`, and `text` in Markdown."""

    title: str = line(required=True)
    text: str = prose()

    @text.validator
    def _says_something(self, attribute: Attribute[str], value: str) -> None:
        if not value.strip():
            raise ImpossibleError("a panel says something", code="empty", path="text")


class Result(StrEnum):
    """What became of a message that was to be sent."""

    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    UNKNOWN = "unknown"


def printable(text: str, besides: str = "") -> str:
    """`text` with a space for each character that no terminal, log or page should be given."""
    return "".join(char if char.isprintable() or char in besides else " " for char in text)


def one_line(value: Any) -> str:
    """One printable line of what somebody said, which may be anything."""
    return " ".join(printable(str(value)).split())[:200]


@frozen(kw_only=True)
class Delivery:
    """What became of one message: `result`, and what the other side said (no names, one line)."""

    result: Result = field(converter=Result)
    detail: str = field(default="", converter=one_line)


def _nothing_to_close() -> None:
    """A notifier without a connection has nothing to end."""


def _lacks_nothing() -> None:
    """A notifier that needs no setting can always send."""


@frozen(kw_only=True)
class Notifier:
    """A way messages go out.

    `send(message)` gives a `Delivery` for this one recipient, within the budget; it may keep a
    connection between calls, and `close()` ends it. An exception counts as UNKNOWN, because nobody
    knows whether the message went. `lacks()` gives the reason why nothing can be sent as things are
    set up, with `text` in da and en; None where all is well.
    """

    name: str = field(validator=check_key)
    title: Mapping[str, str] = _title()
    send: Callable[[Message], Delivery]
    close: Callable[[], None] = _nothing_to_close
    lacks: Callable[[], Reason | None] = _lacks_nothing


@hookspec
def eventkit_exporters(settings: Any) -> Iterable[Exporter]:  # type: ignore[empty-body]
    """Once, when plugins are loaded: the formats this plugin writes.

    :param settings: the plugin's own settings; None where it names no class.
    """


@hookspec
def eventkit_importers(settings: Any) -> Iterable[Importer]:  # type: ignore[empty-body]
    """Once, when plugins are loaded: the formats this plugin reads.

    :param settings: the plugin's own settings; None where it names no class.
    """


@hookspec
def eventkit_notifiers(settings: Any) -> Iterable[Notifier]:  # type: ignore[empty-body]
    """Once, when plugins are loaded: the ways messages go out.

    :param settings: the plugin's own settings; None where it names no class.
    """


@hookspec
def eventkit_checks(settings: Any) -> Iterable[Check]:  # type: ignore[empty-body]
    """Once, when plugins are loaded: what this plugin looks for in an event.

    :param settings: the plugin's own settings; None where it names no class.
    """


@hookspec
def eventkit_holidays(  # type: ignore[empty-body]
    year: int, settings: Any
) -> Mapping[date, Mapping[str, str]]:
    """When working days are counted: the days of `year` on which nobody works.

    :param year: the calendar year.
    :param settings: the plugin's own settings; None where it names no class.
    :returns: each day with its name by language, ``{date(2022, 4, 18): {"da": "…", "en": "…"}}``.
    """


@hookspec
def eventkit_may_register(
    event: Event, signup: Signup, now: datetime, settings: Any
) -> Reason | Iterable[Reason] | None:
    """Before a sign-up is decided, holding no lock: reasons to refuse it, or None.

    :param event: the event as published.
    :param signup: what the form says.
    :param now: the moment of the sign-up, UTC.
    :param settings: the plugin's own settings; None where it names no class.
    :returns: every reason there is, each with `text` in da and en and the plugin's code prefix. A
        form shows it at the field that ``data["path"]`` names, such as ``invoice.cvr`` or
        ``people[0].email``. A veto that fails or takes more than a second counts as none.
    """


@hookspec
def eventkit_event_panels(
    event: Event, language: str, settings: Any
) -> Panel | Iterable[Panel] | None:
    """When an event's page is shown: a piece of text below the programme.

    :param event: the event as published.
    :param language: ``da`` or ``en``, the language of the page.
    :param settings: the plugin's own settings; None where it names no class.
    """
