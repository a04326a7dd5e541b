"""The small things an event is made of, and the one way to compare two times.

All are frozen; change is `attrs.evolve`. Whatever cannot be raises `ImpossibleError` here, so that
no rule, page or format has to ask again. Text is one *line* (at most 1,000 characters) or *prose*
(at most 100,000, Markdown, newlines allowed); neither holds control characters or half a
surrogate pair, which no database, calendar or mail could carry.

**Time.** A stored time is wall time + zone + fold. Python's arithmetic within one zone is
wall-clock arithmetic, and two times that differ only in fold compare equal, so whoever compares or
subtracts asks `instant()` first.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from datetime import time as clock_time
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NoReturn, TypeAlias
from zoneinfo import ZoneInfo

from attrs import NOTHING, Attribute, Converter, field, frozen
from attrs.validators import deep_iterable, optional

from eventkit.model.errors import ImpossibleError

DEFAULT_ZONE = "Europe/Copenhagen"
"""The zone of a time that names none."""

FIRST_YEAR, LAST_YEAR = 1900, 2199
LINE_LENGTH = 1_000
PROSE_LENGTH = 100_000

# --- time ------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    """The IANA zone called `name`; raises `ImpossibleError` for one that is not there."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise ImpossibleError(
            f"there is no time zone called {name!r}", code="unknown_zone", zone=name
        ) from None


def instant(when: datetime) -> datetime:
    """The moment itself, in UTC: what to compare, subtract and order by.

    A time that a change to summer time skips is read with the offset from before the change; one
    that exists twice is the first unless its `fold` is 1 (PEP 495).
    """
    if when.tzinfo is UTC:  # as records have it, and most often asked
        return when
    if when.utcoffset() is None:
        raise ImpossibleError(f"{when} has no time zone", code="naive_time", value=str(when))
    try:
        return when.astimezone(UTC)
    except OverflowError:  # the first or last hours of Python's calendar
        raise _out_of_range(when) from None


def in_calendar(day: date) -> None:
    """Refuse a day (or time) outside the years 1900 to 2199, where no meeting is held.

    Inside them no rule can count past the ends of Python's calendar.
    """
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise _out_of_range(day)


def _out_of_range(day: date) -> ImpossibleError:
    return ImpossibleError(
        f"{day} is outside the years {FIRST_YEAR} to {LAST_YEAR}",
        code="time_out_of_range",
        value=str(day),
        first=FIRST_YEAR,
        last=LAST_YEAR,
    )


def _check_time(when: datetime) -> None:
    if not isinstance(when, datetime):
        raise ImpossibleError(
            f"a time is a datetime with a zone, not {type(when).__name__}",
            code="not_a_time",
            value=str(when)[:80],
        )
    in_calendar(when)


def zoned(when: datetime, default: str = DEFAULT_ZONE) -> datetime:
    """`when` with an IANA zone: unchanged if it has one.

    A bare offset such as ``+02:00`` names an instant but no place, so the same instant is given in
    `default`. A naive time raises `ImpossibleError`.
    """
    _check_time(when)
    if isinstance(when.tzinfo, ZoneInfo) and when.tzinfo.key is not None:
        place = zone(when.tzinfo.key)  # one object for each zone, so that `is` tells them apart
        if when.tzinfo is not place:
            when = when.replace(tzinfo=place)
        # A fold that makes no difference is dropped, so that one time is said in one way.
        plain = when.replace(fold=0)
        return plain if plain.utcoffset() == when.utcoffset() else when
    return told_in(when, zone(default))


def told_in(when: datetime, place: ZoneInfo) -> datetime:
    """The instant of `when` as the clocks of `place` tell it."""
    told = instant(when).astimezone(place)
    in_calendar(told)
    return told


def recorded(when: datetime) -> datetime:
    """The instant of `when` as records keep it: UTC, inside the calendar."""
    _check_time(when)
    moment = instant(when)
    in_calendar(moment)
    return moment


@lru_cache(maxsize=256)
def first_instant(day: date, place: ZoneInfo) -> datetime:
    """The first moment of `day` in `place`, as local time.

    Where clocks skip midnight that is the moment they skip to; where midnight comes twice, the
    first one. (No zone skips from before midnight to after it, but Toronto's once, in 1919.)
    """
    midnight = datetime.combine(day, clock_time(), place)
    return instant(midnight).astimezone(place)


def clock_trouble(when: datetime) -> str | None:
    """What clocks do to the local time `when`: it is ``skipped``, exists ``twice``, or None."""
    if instant(when).astimezone(when.tzinfo).replace(tzinfo=None) != when.replace(tzinfo=None):
        return "skipped"
    if when.replace(fold=0).utcoffset() != when.replace(fold=1).utcoffset():
        return "twice"
    return None


_RFC9557 = re.compile(r"(?P<time>[^\[\]]+)(?:\[!?(?P<zone>[A-Za-z0-9_+./-]+)\])?")


def rfc9557(when: datetime) -> str:
    """`when` as ``2022-04-21T09:30:00+02:00[Europe/Copenhagen]`` (RFC 9557)."""
    key = getattr(when.tzinfo, "key", None)
    return when.isoformat() + (f"[{key}]" if key else "")


def parse_time(text: str, naive_in: ZoneInfo | None = None) -> datetime:
    """The time that `text` says in RFC 9557 (or plain ISO 8601 with an offset).

    The offset picks between the two times when clocks go back, and must be one the zone uses at
    that time. A text without offset and zone is read in `naive_in`, or is an error where that is
    None. Raises `ImpossibleError`.
    """
    match = _RFC9557.fullmatch(text.strip())
    try:
        if match is None or not re.search(r"\d[T ]\d", match["time"]):
            raise ValueError(text)
        when = datetime.fromisoformat(match["time"])
    except ValueError:
        raise ImpossibleError(
            f"{text!r} is not a time such as 2022-04-21T09:30:00+02:00[Europe/Copenhagen]",
            code="not_a_time",
            value=text[:80],
        ) from None
    in_calendar(when)
    place = zone(match["zone"]) if match["zone"] else None
    if when.tzinfo is None:
        if place is None and naive_in is None:
            raise ImpossibleError(f"{text!r} has no time zone", code="naive_time", value=text[:80])
        return when.replace(tzinfo=place or naive_in)
    if place is None:
        return zoned(when)
    if match["time"][-1] in "Zz":  # RFC 9557: the instant is known, the zone only tells it
        return when.astimezone(place)
    for fold in (0, 1):
        candidate = when.replace(tzinfo=place, fold=fold)
        if candidate.utcoffset() == when.utcoffset():
            return candidate
    raise ImpossibleError(
        f"the offset in {text!r} is not one that {match['zone']} uses at that time",
        code="offset_not_in_zone",
        value=text[:80],
        zone=match["zone"],
    )


# --- text ------------------------------------------------------------------------------------


_NOT_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Controls, U+2028 and U+2029, half a surrogate pair: Unicode's Cc, Zl, Zp and Cs."""


def _unsayable(text: str, allowed: str) -> str | None:
    found = (match[0] for match in _NOT_TEXT.finditer(text))
    return next((character for character in found if character not in allowed), None)


def _check_text(attribute: Attribute[Any], value: Any, allowed: str, limit: int) -> None:
    name = attribute.name
    if not isinstance(value, str):
        raise ImpossibleError(
            f"{name} must be text, not {type(value).__name__}", code="not_text", path=name
        )
    if len(value) > limit:
        raise ImpossibleError(
            f"{name} has {len(value):,} characters; {limit:,} is the most",
            code="too_long",
            path=name,
            length=len(value),
            limit=limit,
        )
    if not value.isprintable() and (bad := _unsayable(value, allowed)):
        raise ImpossibleError(
            f"{name} holds the control character U+{ord(bad):04X}",
            code="control_character",
            path=name,
            character=f"U+{ord(bad):04X}",
        )


def check_line(_: Any, attribute: Attribute[Any], value: Any) -> None:
    """An attrs validator: `value` is one line of text."""
    if not (type(value) is str and len(value) <= LINE_LENGTH and value.isprintable()):
        _check_text(attribute, value, "", LINE_LENGTH)


_RUNS = ((0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0xFE00, 0xFE0F))
UNSEEN = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u3164\ufeff\uffa0" + "".join(
    chr(code) for first, last in _RUNS for code in range(first, last + 1)
)
INVISIBLE = re.compile(f"[{UNSEEN}]")
"""What nobody sees of a text (Unicode: default ignorable). It makes no name, tells no two people
apart, and hides no number.
"""


def is_blank(text: str) -> bool:
    """Whether `text` shows nothing at all."""
    return not text.strip() or (not text.isascii() and not INVISIBLE.sub("", text).strip())


def check_filled(_: Any, attribute: Attribute[Any], value: Any) -> None:
    """An attrs validator: `value` is one line of text that says something."""
    check_line(_, attribute, value)
    if not value.strip():
        raise ImpossibleError(f"{attribute.name} is empty", code="empty", path=attribute.name)


def check_prose(_: Any, attribute: Attribute[Any], value: Any) -> None:
    """An attrs validator: `value` is text of many lines."""
    _check_text(attribute, value, "\n\t\u2028\u2029", PROSE_LENGTH)


def line(*, required: bool = False, default: Any = NOTHING) -> Any:
    """An attrs field of one line of text: empty by default, or `required` to say something."""
    if required:
        return field(default=default, validator=check_filled)
    return field(default="", validator=check_line)


def optional_line() -> Any:
    """An attrs field of one line of text that says something, or None (the default)."""
    return field(default=None, validator=optional(check_filled))


def prose() -> Any:
    """An attrs field of many lines of text; empty by default."""
    return field(default="", validator=check_prose)


# --- values in values ------------------------------------------------------------------------


def _wrong_type(path: str, wanted: str, value: Any) -> ImpossibleError:
    given = type(value).__name__
    return ImpossibleError(
        f"{path} is {wanted}, not {given}", code="wrong_type", path=path, wanted=wanted, given=given
    )


def _check_type(kind: type) -> Callable[[Any, Attribute[Any], Any], None]:
    def check(_: Any, attribute: Attribute[Any], value: Any) -> None:
        if not isinstance(value, kind):
            raise _wrong_type(attribute.name, kind.__name__, value)

    return check


def of(kind: type) -> Any:
    """An attrs field of one value of the type `kind`, which must be given."""
    return field(validator=_check_type(kind))


def optional_of(kind: type, default: Any = None) -> Any:
    """An attrs field of one value of the type `kind`, or None."""
    return field(default=default, validator=optional(_check_type(kind)))


def yes_no(*, default: bool = False) -> Any:
    """An attrs field that is True or False."""

    def check(_: Any, attribute: Attribute[Any], value: Any) -> None:
        if not isinstance(value, bool):
            raise ImpossibleError(
                f"{attribute.name} is True or False, not {type(value).__name__}",
                code="not_bool",
                path=attribute.name,
            )

    return field(default=default, validator=check)


def all_of(values: Any, kind: type, path: str) -> tuple[Any, ...]:
    """`values` as a tuple; raises `ImpossibleError` unless each is of the type `kind`."""
    if not isinstance(values, Iterable):
        raise _wrong_type(path, f"any number of {kind.__name__}", values)
    found = tuple(values)
    for index, value in enumerate(found):
        if not isinstance(value, kind):
            raise _wrong_type(f"{path}[{index}]", kind.__name__, value)
    return found


def several(kind: type) -> Any:
    """An attrs field of any number of values of the type `kind`, a tuple; none by default."""

    def convert(values: Any, attribute: Attribute[Any]) -> tuple[Any, ...]:
        return all_of(values, kind, attribute.name)

    return field(default=(), converter=Converter(convert, takes_field=True))


class Choice(StrEnum):
    """Some words to choose from; a word that is none of them raises `ImpossibleError`.

    `field` is what such a choice is called in the types that hold it.
    """

    def __init_subclass__(cls, field: str) -> None:
        super().__init_subclass__()
        cls._field = field  # type: ignore[attr-defined]

    @classmethod
    def _missing_(cls, value: object) -> NoReturn:
        options = ", ".join(member.value for member in cls)
        path: str = cls._field  # type: ignore[attr-defined]
        raise ImpossibleError(
            f"{path} is one of {options}", code="not_one_of", path=path, options=options
        )


# --- JSON as a value -------------------------------------------------------------------------

Json: TypeAlias = Any
"""What `frozen_json` gives: None, bool, int, float, str, or a tuple or a mapping of these."""

JSON_DEPTH = 32


def frozen_json(value: Any, depth: int = 0) -> Json:
    """`value` as JSON that nobody can change: tuples for lists, read-only mappings for objects.

    Times become RFC 9557 text, dates ISO 8601, enums and numbers their text, money its document.
    Anything else, a number that JSON has no word for, and nesting beyond 32 levels raise
    `ImpossibleError`.
    """
    if isinstance(value, str):
        if "\0" in value or (not value.isascii() and any(map(_is_half, value))):
            raise ImpossibleError("text holds a null or half a character", code="control_character")
        return str(value)
    if value is None or isinstance(value, int):
        return value
    if depth > JSON_DEPTH:
        raise ImpossibleError(
            f"JSON nested deeper than {JSON_DEPTH} levels", code="json_too_deep", limit=JSON_DEPTH
        )
    match value:
        case float() if math.isfinite(value):
            return value
        case datetime():
            return rfc9557(value)
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case Money():
            return frozen_object({"amount": value.amount, "currency": value.currency})
        case Mapping():
            return frozen_object(value, depth + 1)
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            return tuple(frozen_json(item, depth + 1) for item in value)
    raise ImpossibleError(
        f"{type(value).__name__} cannot be kept as JSON", code="not_json", type=type(value).__name__
    )


def _is_half(character: str) -> bool:
    return "\ud800" <= character <= "\udfff"


_NOTHING: Mapping[str, Json] = MappingProxyType({})


def frozen_object(value: Mapping[str, Any], depth: int = 0) -> Mapping[str, Json]:
    """A JSON object that nobody can change; keys must be text."""
    if not isinstance(value, Mapping):
        raise _not_an_object()
    items = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise _not_an_object()
        items[frozen_json(key)] = frozen_json(item, depth)
    return MappingProxyType(items) if items else _NOTHING


def _not_an_object() -> ImpossibleError:
    return ImpossibleError("a JSON object needs keys that are text", code="not_json_object")


def json_object() -> Any:
    """An attrs field that holds a frozen JSON object; empty by default."""
    return field(factory=dict, converter=frozen_object, hash=False)


# --- deadlines -------------------------------------------------------------------------------


@frozen
class Before:
    """A deadline counted back from the start; it moves with the event.

    Exactly one is given: `days` (nominal: "3 days before" is that date) or `hours` (exact:
    "36 hours before" is an instant). Written as RFC 5545 durations: ``-P3D``, ``-PT36H``.
    """

    days: int | None = None
    hours: int | None = None

    def __attrs_post_init__(self) -> None:
        given = [n for n in (self.days, self.hours) if n is not None]
        if len(given) != 1 or not isinstance(given[0], int) or isinstance(given[0], bool):
            raise ImpossibleError(
                "a relative deadline has a whole number of days or of hours, not both",
                code="not_a_deadline",
            )
        if not 0 <= given[0] <= 100_000:
            raise ImpossibleError(
                "a relative deadline lies 0 to 100,000 days or hours before the start",
                code="not_a_deadline",
            )

    def __str__(self) -> str:
        return f"-P{self.days}D" if self.days is not None else f"-PT{self.hours}H"


Deadline: TypeAlias = date | datetime | Before
"""A `date` (inclusive, in the event's zone), a `datetime` (that instant) or `Before` the start."""

_BEFORE = re.compile(r"-P(?:(?P<days>\d{1,6})D|T(?P<hours>\d{1,6})H)")


def parse_deadline(text: str) -> Deadline:
    """The deadline that `text` says: ``2022-04-18``, an RFC 9557 time, ``-P3D`` or ``-PT36H``."""
    text = text.strip()
    if match := _BEFORE.fullmatch(text):
        days, hours = match["days"], match["hours"]
        return Before(days=int(days)) if days else Before(hours=int(hours))
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ImpossibleError(
                f"there is no {text} in the calendar", code="no_such_date", value=text
            ) from None
    if re.search(r"\d[T ]\d", text):
        return parse_time(text)
    raise ImpossibleError(
        f"{text!r} is not a deadline: write 2022-04-18, a time with its zone, -P3D or -PT36H",
        code="not_a_deadline",
        value=text[:80],
    )


def zoned_deadline(value: Deadline | None) -> Deadline | None:
    """`value` with an IANA zone where it is a time; refuses what is no deadline."""
    if value is None or isinstance(value, Before):
        return value
    if isinstance(value, datetime):
        return zoned(value)
    if isinstance(value, date):
        in_calendar(value)
        return value
    raise ImpossibleError(
        f"a deadline is a date, a time or Before, not {type(value).__name__}",
        code="not_a_deadline",
    )


# --- people and places -----------------------------------------------------------------------


class Mode(Choice, field="mode"):
    """How one attends; seats are counted apart."""

    ROOM = "room"
    ONLINE = "online"


class Role(Choice, field="role"):
    """What a person is at an event. Only participants take seats."""

    PARTICIPANT = "participant"
    SPEAKER = "speaker"
    HOST = "host"
    HELPER = "helper"


@frozen(kw_only=True)
class Person:
    """Somebody: a participant, a speaker, a booker."""

    name: str = line(required=True)
    email: str = line()
    phone: str = line()
    organisation: str = line()


def check_link(_: Any, attribute: Attribute[Any], value: Any) -> None:
    """An attrs validator: `value` is a web address that a page may link to."""
    check_line(_, attribute, value)
    if not re.match(r"https?://[^\s/]", value, re.IGNORECASE):
        raise ImpossibleError(
            "a link begins with https:// or http://", code="not_a_link", path=attribute.name
        )


def _check_link_if_any(_: Any, attribute: Attribute[Any], value: Any) -> None:
    if value != "":
        check_link(_, attribute, value)


@frozen(kw_only=True)
class Contact:
    """Whom to write to or call about an event."""

    name: str = line()
    phone: str = line()
    email: str = line()
    url: str = field(default="", validator=_check_link_if_any)


def slugify(name: str) -> str:
    """`name` as lower-case ASCII words joined by hyphens: ``Møde & Læring`` → ``moede-laering``."""
    text = name.casefold().replace("æ", "ae").replace("ø", "oe").replace("å", "aa")
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")


@frozen(kw_only=True)
class Organiser:
    """Who owns an event. Settings, rights and feeds go by `slug` (default: made from the name)."""

    name: str = line(required=True)
    slug: str = field()
    url: str = field(default="", validator=_check_link_if_any)

    @slug.default
    def _slug_from_name(self) -> str:
        return slugify(self.name) or "x"

    @slug.validator
    def _slug_is_plain(self, attribute: Attribute[str], value: str) -> None:
        if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
            raise ImpossibleError(
                "a slug is lower-case letters a-z and digits, joined by hyphens",
                code="not_a_slug",
                path="slug",
            )


@frozen(kw_only=True)
class Venue:
    """A place one can go to; at least its name or its locality is known (schema.org/Place)."""

    name: str = line()
    room: str = line()
    street: str = line()
    postcode: str = line()
    locality: str = line()
    country: str = line()
    directions: str = prose()

    def __attrs_post_init__(self) -> None:
        if not any((self.name, self.room, self.street, self.postcode, self.locality)):
            raise ImpossibleError("a venue needs a name or an address", code="empty_venue")


@frozen(kw_only=True)
class OnlineAccess:
    """Where a meeting or a talk is online. The `url` is for those who attend unless `public`.

    So that no log tells it, its `repr` does not show it.
    """

    provider: str = line()
    url: str | None = field(default=None, validator=optional(check_link), repr=False)
    public: bool = yes_no()


# --- money -----------------------------------------------------------------------------------


def _amount(value: Decimal | int | str) -> Decimal:
    try:
        if isinstance(value, float):
            raise InvalidOperation
        amount = Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        amount = Decimal("nan")
    if not amount.is_finite() or not 0 <= amount < Decimal("1e9"):
        raise ImpossibleError(
            "an amount is a decimal number from 0 to 999,999,999.99",
            code="not_an_amount",
            path="amount",
        )
    rounded = amount.quantize(Decimal("0.01"))
    if rounded != amount:
        raise ImpossibleError(
            "an amount has at most two decimals", code="not_an_amount", path="amount"
        )
    return abs(rounded)  # a negative zero would be said with its sign


@frozen
class Money:
    """An exact amount, two decimals, never negative, in a currency of ISO 4217."""

    amount: Decimal = field(converter=_amount)
    currency: str = field(default="DKK")

    @currency.validator
    def _is_a_code(self, attribute: Attribute[str], value: str) -> None:
        if not isinstance(value, str) or not re.fullmatch(r"[A-Z]{3}", value):
            raise ImpossibleError(
                "a currency is three capital letters, such as DKK",
                code="not_a_currency",
                path="currency",
            )


@frozen(kw_only=True)
class Fee:
    """What it costs to cancel from `since` on (the last that applies counts)."""

    since: Deadline = field(converter=zoned_deadline)
    money: Money = of(Money)


@frozen(kw_only=True)
class Invoice:
    """Where to send the bill for one party."""

    name: str = line()
    cvr: str = line()
    ean: str = line()
    reference: str = line()
    email: str = line()


# --- questions and actors --------------------------------------------------------------------


def check_key(_: Any, attribute: Attribute[Any], value: Any) -> None:
    """An attrs validator: `value` may name an event, an item or a question."""
    if not isinstance(value, str) or not re.fullmatch(r"\w[\w.-]{0,79}", value):
        raise ImpossibleError(
            f"{attribute.name} must be 1 to 80 letters, digits, '.', '_' or '-'",
            code="not_a_key",
            path=attribute.name,
        )


CONSENT = ".consent"
"""After a sensitive question's key: where a form says that the answer may be kept."""


class Answer(Choice, field="answer"):
    """The form an answer takes."""

    TEXT = "text"
    CHOICE = "choice"
    SEVERAL = "several"
    YES_NO = "yes_no"


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


@frozen(kw_only=True)
class Question:
    """Something an organiser asks each person.

    A `sensitive` one (diet, access needs) is asked with consent and erased first; the consent is an
    answer too, under the key and `CONSENT`.
    """

    key: str = field(validator=check_key)
    text: str = line(required=True)
    answer: Answer = field(default=Answer.TEXT, converter=Answer)
    options: tuple[str, ...] = field(
        default=(), converter=_texts, validator=deep_iterable(check_filled)
    )
    required: bool = yes_no()
    sensitive: bool = yes_no()

    def __attrs_post_init__(self) -> None:
        choosing = self.answer in (Answer.CHOICE, Answer.SEVERAL)
        if choosing != bool(self.options) or len(set(self.options)) != len(self.options):
            raise ImpossibleError(
                "a choice needs options, each different; another question has none",
                code="options_do_not_fit",
                path="options",
            )


class Side(Choice, field="side"):
    """From which side of the desk somebody acts."""

    PUBLIC = "public"
    STAFF = "staff"
    SYSTEM = "system"


@frozen
class Actor:
    """Who did something: a side, and there an id (a staff e-mail, a registration, a command)."""

    side: Side = field(converter=Side)
    id: str = line()


SYSTEM = Actor(Side.SYSTEM)
