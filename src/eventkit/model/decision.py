"""How a rule answers: a decision with its reasons, or findings about an event.

An expected "no" is a value, not an exception: `Refused` holds *all* its reasons, each a stable
code with data. `eventkit.formats.wording` makes one sentence of each, and every surface shows that
sentence. `data` is frozen JSON (times as RFC 9557 text), so a reason can be stored and sent as is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Generic, TypeAlias, TypeVar

from attrs import Attribute, field, frozen

from eventkit.model.errors import ImpossibleError
from eventkit.model.values import (
    Choice,
    Json,
    check_prose,
    frozen_json,
    frozen_object,
    json_object,
    line,
)

T = TypeVar("T")


def _texts(value: Mapping[str, str] | None) -> Mapping[str, str] | None:
    """A plugin's own words, by language."""
    if value is None:
        return None
    words = value.values() if isinstance(value, Mapping) else ()
    if not words or not all(isinstance(word, str) and word for word in words):
        raise ImpossibleError("text gives a sentence for each language", code="not_texts")
    return frozen_object(value)


def _check_texts(_: Any, attribute: Attribute[Any], value: Mapping[str, str] | None) -> None:
    for word in (value or {}).values():
        check_prose(_, attribute, word)


def _words() -> Any:
    """An attrs field of a plugin's own words; None by default."""
    return field(default=None, converter=_texts, validator=_check_texts, hash=False)


@frozen
class Reason:
    """Why something is not allowed, or is as it is.

    The core's codes are worded by the catalogues; a plugin brings its own words in `text`, such as
    ``{"da": "…", "en": "…"}``.
    """

    code: str = line(required=True)
    data: Mapping[str, Json] = json_object()
    text: Mapping[str, str] | None = _words()


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


class Severity(Choice, field="severity"):
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

    code: str = line(required=True)
    severity: Severity = field(converter=Severity)
    path: str = line()
    data: Mapping[str, Json] = json_object()
    fix: Json = field(default=None, converter=frozen_json, hash=False)
    text: Mapping[str, str] | None = _words()
