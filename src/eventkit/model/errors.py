"""Everything eventkit raises, in one tree.

::

    EventkitError
    ├── ImpossibleError    a value that cannot be: a naive time, an unknown zone, an empty id
    ├── DocumentError      a document with faults, each with its path
    ├── FormatError        a file that no reader understands
    ├── NotFoundError      an event, format or plugin that is not there
    ├── SettingsError      settings with faults, each with its name
    ├── StoreError         a database that is missing, locked, too old or too new
    └── PluginError        a plugin that was switched off, with why

An expected "no" is not here: it is a `Refused` with its reasons (`eventkit.model.decision`).

Every error says the same thing twice. ``str(error)`` is one English sentence for the developer;
``code`` and ``data`` let `eventkit.formats.wording` say it in the reader's language.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import Factory, frozen


class EventkitError(Exception):
    """The root: an English sentence, a stable `code` and the `data` it speaks of."""

    def __init__(self, text: str, *, code: str, **data: Any) -> None:
        super().__init__(text)
        self.code = code
        self.data = data


class ImpossibleError(EventkitError, ValueError):
    """A value that cannot be. `data["path"]`, where given, is the field that must change."""


class NotFoundError(EventkitError, LookupError):
    """Something was asked for by a name that nobody has."""


class FormatError(EventkitError, ValueError):
    """A file that cannot be read as what it claims, or was claimed, to be."""


class StoreError(EventkitError):
    """The database is missing, not writable, of another version or unsafely configured."""


class PluginError(EventkitError):
    """A plugin cannot be used; `data["plugin"]` names it."""


@frozen
class Fault:
    """One thing wrong at one place: `path` such as ``programme[3].ends``, then code and data."""

    path: str
    code: str
    text: str
    data: dict[str, Any] = Factory(dict)

    def __str__(self) -> str:
        return f"{self.path}: {self.text}" if self.path else self.text


class _FaultyError(EventkitError, ValueError):
    """An error that has found everything wrong before it is raised."""

    def __init__(self, faults: Iterable[Fault], *, code: str, **data: Any) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)), code=code, **data)


class DocumentError(_FaultyError):
    """A document that is not one of ours; `faults` holds every one of them, with its path."""


class SettingsError(_FaultyError):
    """Settings that cannot be used; `faults` holds every one of them, with its name as path."""
