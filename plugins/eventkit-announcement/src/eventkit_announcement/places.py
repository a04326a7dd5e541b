"""Where a meeting is: the lines of an address as a venue, and words that mean "online"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import frozen

from eventkit.formats.meetings import CUT
from eventkit_announcement.danish import squeezed

_POSTCODE = re.compile(
    r"(?:DK[- ]?)?(?P<postcode>\d{4})\s+"
    r"(?P<locality>(?:[A-ZÆØÅ]\w{1,3}\.\s)?(?:[^\W\d][^\d,;:?!.]{0,38}?[^\W\d]|[^\W\d]))"
    r"(?:\s*(?P<rest>\([^()]*\))|\.\s+(?P<more>[A-ZÆØÅ][^\d,;:]*))?\.?"
)
_INSIDE = re.compile(
    r"(?<=[\w.])\s+(?=\d{4}\s+[A-ZÆØÅ])|(?<=\w{4})\.\s+(?=(?:Indgang|Parkering|Adgang|Find)\b)"
)
_STREET = re.compile(
    r"(?=[^,]*[a-zæøå])(?![^,]*\sved\s)[^\W\d][^\d,]{1,60}\s\d{1,4}\s?[A-Za-z]?(?:\s?[-–]\s?\d{1,4}\s?[A-Za-z]?)?"
)
_ROOM = re.compile(
    r"(?:(?:møde)?lokale|sal(?:en)?\b|rum\b|auditorium|\w*salen\b|\d{1,2}\.\s?sal|stuen\b|kld\b)",
    re.IGNORECASE,
)
_SMALL_ROOM = re.compile(r"(?:møde)?lokale|rum\b|sal\s?\d|\d", re.IGNORECASE)
_FLOOR = re.compile(
    r"(?:\d{1,2}\.?|st|stuen|kl|kld)\.?\s?(?:sal)?\.?\s?(?:tv|th|mf)?\.?", re.IGNORECASE
)
_COUNTRIES = ("danmark", "denmark")

_PROVIDER = re.compile(
    r"\b(?P<name>(?:(?:microsoft|ms) )?teams|zoom|skype|webex|google meet)\b", re.IGNORECASE
)
_ONLINE = re.compile(
    r"(?:(?:\w+et|det) (?:foregår|holdes|afholdes|er)\s+)?(?:kun\s+)?"
    r"(?:(?:online|virtuelt|digitalt|webinar|onlinemøde|online-?møde|fjernmøde|møde)\b[\s,:–-]*)?"
    r"\(?(?:(?:via|på|over|i|gennem|med|ved hjælp af)\s+)?"
    r"(?:(?:microsoft |ms )?(?:teams|zoom|skype|webex|google meet)\b(?:-?(?:møde|webinar))?)?"
    r"\)?\.?",
    re.IGNORECASE,
)
_REMOTE = re.compile(
    r"(?:\b(?:via|på|over|gennem|per)\s+|\()"
    r"(?P<name>(?:(?:microsoft|ms) )?teams|zoom|skype|webex|google meet)\b"
    r"|(?P<online>\(online\b|^online\b|[,–-]\s+online\b"
    r"|\b(?:er|med|deltager|foregår|afholdes|holdes|sker|live|oplæg|på|taler|møde|vises|ser|følger"
    r"|kobler sig på|kobles på|giver|deltage) online\b"
    r"|\bonline[- ]?(?:oplæg|møde|indlæg|session|workshop|præsentation|deltage(?:lse|r)|foredrag)"
    r"|\b(?:virtuelt|digitalt) (?:oplæg|indlæg|møde)\b)",
    re.IGNORECASE | re.MULTILINE,
)
_LINK = re.compile(r"https?://[^\s<>()\[\]\"“”]+", re.IGNORECASE)


@frozen
class Address:
    """The parts of a place as written; "" where unsaid. `rest` are parts after the town."""

    name: str = ""
    room: str = ""
    street: str = ""
    postcode: str = ""
    locality: str = ""
    country: str = ""
    rest: tuple[str, ...] = ()


def is_postcode(text: str) -> bool:
    """Whether `text` is a line such as ``8260 Viby J``."""
    return len(text) <= 80 and _POSTCODE.fullmatch(squeezed(text)) is not None


def is_place_like(text: str) -> bool:
    """Whether `text` may be a line of an address: short, and no sentence."""
    words = text.split()
    sentence = text.endswith(("!", "?", ":")) or (text.endswith(".") and len(words) > 4)
    return len(text) <= 80 and len(words) <= 8 and not sentence


_NOT_NAMED = re.compile(
    r"(?:parkering|parker|medbring|husk|tilmeld|entr[ée]|gratis|pris|kaffe|forplejning|transport"
    r"|kom|mød|tag|bring|ring|skriv|se|læs|bemærk|find|følg|kør|brug|deltag|vi|du|der|man|vis|bus"
    r"|indgang|adgang|wi-?fi|max|maks|antal|alle|mødet|arrangementet|kurset|nb|obs|dato|tid)\b"
    r"|.*\b(?:er|har|kan|skal|bliver|holdes|afholdes|foregår|serveres|findes|starter|begynder"
    r"|koster|mødes|ses|kommer|åbner|kr|dkk|senest|inden|kl)\b"
    r"|.*(?:[:@?!…]|\d{1,2}[.:]\d\d\b)",
    re.IGNORECASE,
)
"""How a line begins, or what it has, that names no place."""

_DIRECTS = re.compile(
    r"(?:indgang|parkering|opgang|etage|\w*sal(?:en)?|ved siden|over ?for|bag|p-plads|p-hus|nær"
    r"|tæt på|nærmeste|bus|tog|station|adgang|lokale|gården|i gården"
    r"|(?:vis|se) kort|find vej|kort)\b|\d{1,2}\.|\(",
    re.IGNORECASE,
)
_IN_HOUSE = re.compile(
    r"(?:\w*(?:lokale[tr]?|lokalerne|sal(?:en)?|rum(?:met)?|stuen?|kantinen?"
    r"|auditori(?:um|et)|fløj(?:en)?)"
    r"|bygning|opgang|etage|\d{1,2}\. (?:sal|etage))(?:\s\w{1,12}){0,3}(?:, .{1,30})?",
    re.IGNORECASE,
)


def names_place(text: str) -> bool:
    """Whether `text` may be the name of a house: short, and neither a sentence nor a request."""
    return is_place_like(text) and _NOT_NAMED.match(text) is None and text[:1].isalnum()


_HOUSE = re.compile(
    r"\b(?!a+rhus|århus)(?:\w*hotel\w*|\w*kro(?:en)?|\w+huse?(?:et)?|\w*cent(?:er|ret)|\w*skolen?|\w*sal(?:en)?"
    r"|\w*kirken?|\w*kontor(?:et)?|\w*bibliotek(?:et)?|\w{3,}gård(?:en)?|\w*lokalet?|\w*museet|\w*teat(?:er|ret)"
    r"|\w*hal(?:len)?|\w*institut(?:tet)?|\w*kantinen?)\b",
    re.IGNORECASE,
)


def names_house(text: str) -> bool:
    """Whether `text` is seen to be the name of a house and not of a town."""
    return _HOUSE.search(text) is not None


def is_address_line(text: str) -> bool:
    """Whether `text` alone is seen to be of an address: a street, a room, a postcode, a country."""
    text = squeezed(text)
    if not is_place_like(text) and not has_town(text):
        return False
    return (
        has_town(text)
        or text.casefold() in _COUNTRIES
        or _IN_HOUSE.fullmatch(text) is not None
        or (_NOT_NAMED.match(text) is None and any(map(_STREET.fullmatch, parts(text))))
    )


def directs(text: str) -> bool:
    """Whether a line below a town tells the way: "Indgang fra gården"."""
    return is_place_like(text) and (
        is_address_line(text) or (_DIRECTS.match(text) is not None and ":" not in text)
    )


def has_town(text: str) -> bool:
    """Whether the one line `text` ends its own address with a postcode and a town."""
    return any(is_postcode(part) for part in parts(text))


def parts(text: str) -> list[str]:
    """The lines of an address that was written on one line."""
    found = []
    for part in re.split(r"\s*(?:[;|]|,(?=\s|[^\W\d]|\d{4}\s))\s*", squeezed(text[:500])):
        found += [part] if is_postcode(part) else _INSIDE.split(part)
    return [part.strip() for part in found if part.strip(" .")]


def read_address(lines: Sequence[str]) -> Address:
    """The address in `lines`: name, room, street, postcode and town, in the order Danes write.

    What follows the town (a floor, an entrance) is `rest`; a lone line is a name, or a street where
    it has a number.
    """
    texts = [part for line in lines for part in parts(line)]
    at = next((n for n, text in enumerate(texts) if is_postcode(text)), None)
    before = texts if at is None else texts[:at]
    rest = [] if at is None else texts[at + 1 :]
    town = _POSTCODE.fullmatch(texts[at]) if at is not None else None
    country = next((text for text in rest if text.casefold() in _COUNTRIES), "")
    rest = [text for text in rest if text.casefold() not in _COUNTRIES]
    if town and (more := town["rest"] or town["more"]):
        rest.insert(0, more)
    name, room, street, locality = _building(before, has_town=town is not None)
    if town is None and not (room or street):
        name = squeezed(", ".join(lines))
    return Address(
        name=name,
        room=room,
        street=street,
        postcode=town["postcode"] if town else "",
        locality=town["locality"].strip() if town else locality,
        country=country,
        rest=tuple(rest),
    )


def _building(texts: Sequence[str], *, has_town: bool) -> tuple[str, str, str, str]:
    """Name, room, street and (where no postcode follows) town, from the lines above it."""
    streets = [
        n for n, text in enumerate(texts) if _STREET.fullmatch(text) and not _ROOM.match(text)
    ]
    at = streets[-1] if streets else None
    locality = ""
    left = list(texts)
    street = ""
    if at is not None:
        street = left[at]
        while at + 1 < len(left) and _FLOOR.fullmatch(left[at + 1]):
            street = f"{street}, {left.pop(at + 1)}"
        if not has_town and at == len(left) - 2 and not _ROOM.match(left[-1]):
            locality = left.pop()  # "Rosenhøj 1, Viby J"
        left = left[:at] + left[at + 1 :]
    elif has_town and len(left) > 1 and not _ROOM.match(left[-1]):
        street = left.pop()  # a street may be named without a number, as on a small estate
    rooms = [text for text in left if _ROOM.match(text)]
    names = [text for text in left if text not in rooms]
    if rooms and not names and not _SMALL_ROOM.match(rooms[0]):
        names = [rooms.pop(0)]  # "Salen" is what a house without another name is called
    return ", ".join(names), ", ".join(rooms), street, locality


# --- online ----------------------------------------------------------------------------------


def provider(text: str) -> str:
    """The meeting service that `text` names, or ""."""
    found = _PROVIDER.search(text)
    return _called(found["name"]) if found else ""


def _called(name: str) -> str:
    """A provider's name with capitals, as it is written otherwise."""
    return " ".join(word if word.isupper() else word.capitalize() for word in name.split())


def link(text: str) -> str | None:
    """The first web address in `text`."""
    found = _LINK.search(text)
    return found[0].rstrip(".,;:!?") if found else None


def without(link: str, text: str) -> str:
    """`text` without `link`, or the gap a link left, and without what led up to it."""
    return re.sub(r"[(<\[]\s*[)>\]]", "", text.replace(link, "")).strip(" :–-,.()<>[]")


def read_online(text: str) -> str | None:
    """How `text`, wholly a place, is online: ``Online``, ``Teams``, ``Online via Zoom``.

    The service that is named, "" where none is; None where the text is no such place.
    """
    text = squeezed(text)
    bare = without(CUT, text) if CUT in text else text
    if len(bare) > 80 or not text:
        return None
    if not _ONLINE.fullmatch(bare):
        return None
    if bare == text and bare.casefold().strip(" .") in ("møde", "i", "på", "med", "via"):
        return None
    return provider(text)


def remote(text: str) -> str | None:
    """The service by which an item is online, "" unnamed; None where no words say that it is."""
    found = _REMOTE.search(text)
    if found is None:
        return None
    return _called(found["name"]) if found["name"] else provider(text)
