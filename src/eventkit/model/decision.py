"""How a rule answers: a decision with its reasons, or findings about an event.

An expected "no" is a value, not an exception: `Refused` holds *all* its reasons, each a stable
code with data. `eventkit.formats.wording` makes one sentence of each, and every surface shows that
sentence. `data` is frozen JSON (times as RFC 9557 text), so a reason can be stored and sent as is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Generic, TypeAlias, TypeVar

from attrs import field, frozen

from eventkit.model.errors import ImpossibleError
from eventkit.model.values import Json, frozen_json, frozen_object, json_object

T = TypeVar("T")


def _texts(value: Mapping[str, str] | None) -> Mapping[str, str] | None:
    """A plugin's own words, by language."""
    if value is None:
        return None
    words = value.values() if isinstance(value, Mapping) else ()
    if not words or not all(isinstance(word, str) and word for word in words):
        raise ImpossibleError("text gives a sentence for each language", code="not_texts")
    return frozen_object(value)


@frozen
class Reason:
    """Why something is not allowed, or is as it is.

    The core's codes are worded by the catalogues; a plugin brings its own words in `text`, such as
    ``{"da": "…", "en": "…"}``.
    """

    code: str
    data: Mapping[str, Json] = json_object()
    text: Mapping[str, str] | None = field(default=None, converter=_texts, hash=False)


@frozen
class Allowed(Generic[T]):
    """Yes, and this is what follows."""

    value: T


def _as_tuple(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple(reasons)  # mypy loses the type of a bare `tuple` here


@frozen
class Refused:
    """No, for all these reasons."""

    reasons: tuple[Reason, ...] = field(converter=_as_tuple)

    def __attrs_post_init__(self) -> None:
        if not self.reasons:
            raise ImpossibleError("a refusal needs a reason", code="no_reason")


Decision: TypeAlias = Allowed[T] | Refused


class Severity(StrEnum):
    """How much a finding matters. Only an unacknowledged error holds back publishing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@frozen(kw_only=True)
class Finding:
    """Something a check saw in an event.

    `path` is the place in the event's document, such as ``programme[3].ends``; "" is the whole
    event. `data` binds an acknowledgement: it holds the item keys and facts the finding rests on,
    never a position, so that reordering nags nobody and a changed fact nags again. `fix`, where
    given, is the proposed value for `path`, as the document would say it.
    """

    code: str
    severity: Severity
    path: str = ""
    data: Mapping[str, Json] = json_object()
    fix: Json = field(default=None, converter=frozen_json, hash=False)
    text: Mapping[str, str] | None = field(default=None, converter=_texts, hash=False)
