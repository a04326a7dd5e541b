"""A notice as a mail: subject, text, HTML, calendar, and the whole message (RFC 6047).

A letter is a template of paragraphs with places such as ``{name}`` in it. The places are a fixed
list: no attribute is looked up, and what is put in is never read as a template, as Markdown or as
HTML. A paragraph whose places all have nothing to say is left out. The catalogues hold the
templates; an organisation may write its own (`Templates`).

The same notice gives the same bytes. Nothing here reads a clock.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from email.headerregistry import Address
from functools import lru_cache
from html import escape
from itertools import islice
from pathlib import Path
from typing import Final

from attrs import evolve, field, fields, frozen

from eventkit.formats import ical, mime
from eventkit.formats.ical import ByIdentity, Method
from eventkit.formats.links import Links
from eventkit.formats.mime import Head
from eventkit.formats.wording import KEPT, LANGUAGES, Wording, following, kept_wording, wording
from eventkit.model.errors import FormatError, ImpossibleError
from eventkit.model.event import AgendaItem, Event, Revision, Status
from eventkit.model.registration import Message, Notice, NoticeKind, Registration, Standing
from eventkit.model.values import Mode, Role, Venue, check_prose
from eventkit.rules import access, changes, charges
from eventkit.rules.changes import Change

PLACES: Final = (
    "about",
    "booked",
    "booker",
    "cancel",
    "changes",
    "counts",
    "decline",
    "facts",
    "fee",
    "mode",
    "name",
    "organiser",
    "page",
    "place",
    "reason",
    "signature",
    "title",
    "until",
    "when",
    "where",
    "who",
    "whom",
    "you",
)
"""What may stand in braces in a template."""

SUBJECT_LENGTH = 150


@frozen(kw_only=True)
class Letter:
    """What a mail is about: a notice, the revision it speaks of, and who it concerns.

    `before` is the event as they were last told, where the notice is of a change; `place` is that
    on the waiting list.
    """

    notice: Notice
    revision: Revision
    registration: Registration
    before: Event | None = None
    place: int | None = None


# --- templates -------------------------------------------------------------------------------


@frozen
class Template:
    """A subject, and a text of paragraphs with places in them."""

    subject: str
    text: str

    def __attrs_post_init__(self) -> None:
        for part in (self.subject, self.text):
            for name in _places(part):
                if name not in PLACES:
                    raise FormatError(
                        f"there is no place {{{name}}}; use one of: {', '.join(PLACES)}",
                        code="unknown_place",
                        place=name[:80],
                        places=", ".join(PLACES),
                    )


def _places(text: str) -> Iterator[str]:
    try:
        for _, name, spec, conversion in string.Formatter().parse(text):
            if name is not None:
                yield name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
    except ValueError as error:
        raise FormatError(
            f"braces do not match: {error}", code="bad_braces", said=str(error)
        ) from None


def variant(letter: Letter, *, has_news: bool) -> str:
    """The template of a letter: the kind of its notice, or more narrowly what has happened.

    A change tells how somebody attends where that is what was corrected, or where the event itself
    no longer `has_news` for them.
    """
    notice = letter.notice
    status = str(notice.data.get("status", ""))
    match notice.kind:
        case NoticeKind.SEAT_CANCELLED if status in _GONE:
            offered = letter.registration.offer_ends is not None
            return "lapsed" if status == Standing.EXPIRED and offered else status
        case NoticeKind.SUBSTITUTION if status == Standing.SUBSTITUTED:
            return "substituted"
        case NoticeKind.CONFIRMATION if _is_colleague(letter):
            return "colleague"
        case NoticeKind.CHANGE if "mode" in notice.data or not has_news:
            return "corrected"
    return notice.kind.value


_GONE = frozenset((Standing.DECLINED, Standing.EXPIRED, Standing.REJECTED))
VARIANTS = (
    *(kind.value for kind in NoticeKind),
    *sorted(_GONE),
    "colleague",
    "corrected",
    "lapsed",
    "substituted",
)
"""Every template there is."""


def _check_whole(own: Template, file: str) -> None:
    """Refuse the template of a file that makes no decent mail."""
    if not own.subject or not own.text:
        raise FormatError(
            f"{file} has no subject or no text; write the subject, a blank line, and the text",
            code="half_a_template",
            file=file,
        )
    try:
        for part in fields(Template):
            check_prose(own, part, getattr(own, part.name))
    except ImpossibleError as error:  # every mail that is made of it would be impossible
        raise FormatError(
            f"{file}: {error}",
            code="long_template" if error.code == "too_long" else "unsayable_template",
            file=file,
            **error.data,
        ) from None


@frozen
class Templates:
    """An organisation's own templates, by variant and language."""

    own: Mapping[tuple[str, str], Template] = field(factory=dict)

    @classmethod
    def read(cls, folder: Path | None) -> Templates:
        """The files ``confirmation.da.txt`` and so on: the subject, a blank line, and the text.

        Raises `FormatError` for a file that is no template or makes no mail, and `OSError`.
        """
        own = {}
        for path in sorted(folder.glob("*.txt")) if folder is not None else ():
            name, _, language = path.stem.rpartition(".")
            if name not in VARIANTS or language not in LANGUAGES:
                raise FormatError(
                    f"{path.name} is called after no mail; write for example confirmation.da.txt",
                    code="unknown_template",
                    file=path.name,
                    names=", ".join(VARIANTS),
                )
            try:
                subject, _, text = path.read_text("utf-8-sig").partition("\n")
                own[name, language] = Template(subject.strip(), text.strip())
            except UnicodeDecodeError:
                raise FormatError(
                    f"{path.name} is not UTF-8 text", code="not_utf8_file", file=path.name
                ) from None
            except FormatError as error:
                raise FormatError(
                    f"{path.name}: {error}", code=f"{error.code}_file", file=path.name, **error.data
                ) from None
            _check_whole(own[name, language], path.name)
        return cls(own)

    def of(self, name: str, language: str) -> Template:
        """The organisation's own template of this name, or ours.

        Each says how to stay away: where theirs does not place ``{cancel}``, ours ends it.
        """
        own = self.own.get((name, language))
        return _ours(name, language) if own is None else _ended(own, _away(language))


@lru_cache(maxsize=64)
def _ours(name: str, language: str) -> Template:
    words = _words(language)
    layout = "mail.layout_reminder" if name == NoticeKind.REMINDER else "mail.layout"
    text = words.template(layout).replace("{away}", _away(language))
    intro = words.template(f"mail.{name}.text")
    return Template(words.template(f"mail.{name}.subject"), text.replace("{intro}", intro))


def _away(language: str) -> str:
    """How to stay away."""
    return wording(language).template("mail.away")


@lru_cache(maxsize=64)
def _ended(own: Template, away: str) -> Template:
    if "cancel" in _places(own.text):
        return own
    return Template(own.subject, f"{own.text}\n\n{away}")


# --- what stands in the places ---------------------------------------------------------------


@frozen
class Link:
    """A link in a letter: its address, and what it is called."""

    url: str
    label: str


Value = str | Link


def _is_colleague(letter: Letter) -> bool:
    """Whether somebody else signed the recipient up."""
    return letter.registration.booker is not None and not _is_for_another(letter)


def _is_for_another(letter: Letter) -> bool:
    """Whether the mail goes to who signed somebody up, and not to them."""
    one, to = letter.registration, letter.notice.recipient
    return one.booker is not None and to.casefold() != one.person.email.casefold()


def _is_theirs(letter: Letter) -> bool:
    """Whether the mail goes to who it concerns, or signed them up: not to an address since mended.

    A link acts for whoever holds it.
    """
    one = letter.registration
    known = (one.recipient, "" if one.booker is None else one.booker.email)
    return letter.notice.recipient.casefold() in {address.casefold() for address in known}


def _values(letter: Letter, page: str, words: Wording) -> dict[str, Value]:
    """What stands in each place; `page` is the person's own, "" where the mail is not theirs."""
    event, one = letter.revision.event, letter.registration
    another = _is_for_another(letter)
    name = one.booker.name if another and one.booker is not None else one.person.name
    asked = words("mail.answer") if one.status is Standing.OFFERED else words("mail.page")
    here = page and one.status.is_active and event.status is not Status.CANCELLED
    fee = one.fee if one.status is Standing.CANCELLED else None
    booker = one.booker.name if one.booker is not None else ""
    return {
        "about": words("mail.about", who=one.person.name) if another else "",
        "booked": words("mail.booked", booker=booker) if booker and not another else "",
        "booker": booker,
        "cancel": Link(page, words("mail.cancel")) if here else "",
        "changes": "\n".join(_changes(letter, words)),
        "counts": "",
        "decline": words("mail.decline") if here and not another and one.status.is_seated else "",
        "facts": "\n".join(_facts(letter, words)),
        "fee": "" if fee is None else words("mail.fee", fee=words.money(fee)),
        "mode": words(f"mail.mode_{one.mode}"),
        "name": name,
        "organiser": event.organiser.name if event.organiser is not None else "",
        "page": Link(page, asked) if here else "",
        "place": "" if letter.place is None else words("mail.place", place=letter.place),
        "reason": event.status_reason,
        "signature": "\n".join(_signature(event, words)),
        "title": event.title,
        "until": ""
        if one.offer_ends is None
        else words.last(one.offer_ends.astimezone(event.zone)),
        "when": words.when(event),
        "where": ", ".join(_where(event.venue)),
        "who": one.person.name if another else words("mail.you"),
        "whom": one.person.name if another else words("mail.you_object"),
        "you": (one.person.name if another else words("mail.you_lower")) if here else "",
    }


def _facts(letter: Letter, words: Wording) -> Iterator[str]:
    """When, where, and what it costs, a line each."""
    event, one = letter.revision.event, letter.registration
    item = next((item for item in event.programme if item.key == one.item), None)
    if item is not None:
        yield words("mail.your_item", hours=_hours(item, event, words), title=item.title)
    if event.status is not Status.POSTPONED:  # until when nobody knows
        yield words("mail.when", when=words.when(event))
    if (one.mode is Mode.ROOM or one.role is not Role.PARTICIPANT) and event.venue is not None:
        yield words("mail.where", where=", ".join(_where(event.venue)))
    if event.status is Status.CANCELLED:
        return
    online = event.online if item is None or item.online is None else item.online
    if online is not None and access.attends_online(one):
        provider = online.provider or words("ical.online")
        if online.url is not None:
            yield words("mail.online", provider=provider, url=online.url)
        else:
            yield words("mail.online_later", provider=provider)
    if (owed := charges.charge(event, one)) is not None and one.fee is None:
        yield words("mail.price", price=words.money(owed))


def _hours(item: AgendaItem, event: Event, words: Wording, before: AgendaItem | None = None) -> str:
    """When an item is, with its day where that is not the event's one day, or is a new one."""
    hours, day = words.hours(item.starts, item.ends), item.starts.date()
    days = {event.starts.date(), (event.ends or event.starts).date(), day}
    if before is not None:
        days.add(before.starts.date())
    return hours if len(days) == 1 else words("when.hours", day=words.date(day), hours=hours)


def _where(venue: Venue | None) -> Iterator[str]:
    if venue is not None:
        town = f"{venue.postcode} {venue.locality}".strip()
        yield from filter(None, (venue.name, venue.room, venue.street, town))


def _signature(event: Event, words: Wording) -> Iterator[str]:
    if event.organiser is not None or event.contact is not None:
        yield words("mail.regards")
    if event.organiser is not None:
        yield event.organiser.name
    if event.contact is not None:
        contact = event.contact
        told = [contact.name, contact.phone, contact.email]
        known = event.organiser.name if event.organiser is not None else ""
        yield ", ".join(part for part in told if part and part != known)


# --- what is new -----------------------------------------------------------------------------


def _changes(letter: Letter, words: Wording) -> Iterator[str]:
    """What differs for this person since they were last told, a line each."""
    if letter.before is None:
        return
    before, after = letter.before, letter.revision.event
    said = set()
    for change in changes.concerning(before, after, letter.registration):
        for line in _change(change, before, after, words):
            if line not in said:
                said.add(line)
                yield f"– {line}"


def _change(change: Change, before: Event, after: Event, words: Wording) -> Iterator[str]:
    name = change.path.partition("[")[0]
    if name in ("starts", "ends"):
        was, now = words.apart(before, after)
        yield words("mail.change.time", before=was, after=now)
    elif name == "status":
        yield words(f"mail.change.{after.status}")
    elif name == "status_reason":
        if after.status_reason:
            yield words("mail.change.reason", after=after.status_reason)
        else:
            yield words(f"mail.change.{after.status}")
    elif name == "venue" and after.venue is not None:
        yield words("mail.change.venue", after=", ".join(_where(after.venue)))
    elif name == "venue":
        yield words("mail.change.venue_gone")
    elif name == "title":
        yield words("mail.change.title", after=after.title)
    elif name == "programme" and change.after is None:
        yield words("mail.change.item_gone", title=change.before.title)
    elif name == "programme":
        item = change.after
        key = "mail.change.item_new" if change.before is None else "mail.change.item"
        yield words(key, hours=_hours(item, after, words, change.before), title=item.title)
    elif name == "price" and (price := after.price) is not None:
        yield words("mail.change.price", after=words.money(price))
    elif name == "price":
        yield words("mail.change.price_gone")
    elif name in ("edit_deadline", "substitute_deadline", "cancel_deadline"):
        yield words(f"mail.change.{name}", after=words.deadline(change.after, after))
    else:
        yield words(f"mail.change.{name}")


# --- text and HTML ---------------------------------------------------------------------------


def _filled(template: str, values: Mapping[str, Value]) -> Iterator[list[Value]]:
    """Each paragraph that has something to say, as its pieces."""
    for paragraph in _paragraphs(template):
        pieces: list[Value] = []
        asked, told, said = False, False, ""
        for literal, name in paragraph:
            pieces.append(following(said, literal))
            said = ""
            if name is not None:
                value = values[name]
                asked, told = True, told or bool(value)
                pieces.append(value)
                said = value if isinstance(value, str) else ""
        if told or not asked:
            yield [piece for piece in pieces if piece]


@lru_cache(maxsize=256)
def _paragraphs(template: str) -> tuple[tuple[tuple[str, str | None], ...], ...]:
    """The paragraphs of a template as text, and the place after it."""
    return tuple(
        tuple((literal, name) for literal, name, _, _ in string.Formatter().parse(paragraph))
        for paragraph in re.split(r"\n\s*\n", template.strip())
    )


_HELD = "\x1f"
"""A space at which no line of the HTML ends: in the text it is any other.

No text of the model holds a control character, so this is in nothing that people wrote.
"""


def _words(language: str) -> Wording:
    """The words of `language` with what is to be kept together in the HTML marked."""
    return kept_wording(language, _HELD)


def _as_text(paragraphs: Iterable[list[Value]]) -> str:
    shown = (
        "".join(f"{one.label}: {one.url}" if isinstance(one, Link) else one for one in pieces)
        for pieces in paragraphs
    )
    return "\n\n".join(text.strip() for text in shown).replace(_HELD, " ") + "\n"


_PAGE = (
    '<!doctype html>\n<html lang="{lang}">\n<head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>{title}</title></head>\n'
    '<body style="margin:0;padding:24px 16px;background:#fbf9f3;color:#1d1b18;'
    'font:18px/1.5 system-ui,-apple-system,Segoe UI,sans-serif">\n'
    '<div style="max-width:36em;margin:0 auto">\n{body}\n</div>\n</body>\n</html>\n'
)
_LINK = '<a href="{url}" style="color:#1f5f5b;font-weight:600">{label}</a>'


def _as_html(paragraphs: Iterable[list[Value]], title: str, language: str) -> str:
    def shown(one: Value) -> str:
        if isinstance(one, Link):
            return _LINK.format(url=escape(one.url), label=escape(one.label))
        return escape(one).replace("\n", "<br>\n")

    body = "\n".join(
        f'<p style="margin:0 0 1em">{"".join(map(shown, pieces)).strip()}</p>'
        for pieces in paragraphs
    )
    return _PAGE.format(lang=language, title=escape(title), body=body.replace(_HELD, KEPT))


# --- the message -----------------------------------------------------------------------------


def message(
    letter: Letter, *, sender: str, links: Links, templates: Templates, at: datetime
) -> Message:
    """The mail of a notice, sent at `at` from `sender` (``Name <address>``).

    Raises `FormatError` for an address or header that no mail can have.
    """
    notice, words, letter = letter.notice, _words(letter.notice.language), _as_seen(letter)
    page = ""
    if _is_theirs(letter):
        one, booker = letter.registration, _is_for_another(letter)
        page = links.page(one, words.language, booker=booker)
    values = _values(letter, page, words)
    template = templates.of(variant(letter, has_news=bool(values["changes"])), words.language)
    contact = _contact(letter.revision.event)
    with _mailable():
        head = _head(
            notice.key, notice.recipient, sender, links.base_url, words, at, contact, notice.due
        )
        return _mail(head, template, values, _calendar(letter, head.sender, page, words))


def _mail(
    head: Head,
    template: Template,
    values: Mapping[str, Value],
    calendar: tuple[Method, bytes] | None = None,
) -> Message:
    said = _as_text(_filled(template.subject, values))
    # An own one may be of places that have nothing to say today.
    subject = " ".join((said.strip() or _as_text([[values["title"]]])).split())[:SUBJECT_LENGTH]
    paragraphs = list(_filled(template.text, values))
    text, html = _as_text(paragraphs), _as_html(paragraphs, subject, head.language)
    return Message(
        key=head.key,
        sender=head.sender.addr_spec,
        recipient=head.recipient.addr_spec,
        subject=subject,
        text=text,
        html=html,
        calendar=None if calendar is None else calendar[1],
        mime=_written(head, subject, text, html, calendar),
    )


def _as_seen(letter: Letter) -> Letter:
    """The letter with its events as its reader may see them, the one before like the one now."""
    one, revision = letter.registration, letter.revision
    before = None if letter.before is None else _seen(letter.before, one)
    return evolve(
        letter, revision=evolve(revision, event=_seen(revision.event, one)), before=before
    )


def _seen(event: Event, one: Registration) -> Event:
    """`event` as who is registered may see it: the same object for all who see the same."""
    views, online = _views(ByIdentity(event)), access.attends_online(one)
    if online not in views:
        views[online] = access.for_attendee(event, one)
    return views[online]


@lru_cache(maxsize=32)
def _views(of: ByIdentity[Event]) -> dict[bool, Event]:
    """An event as those see it who attend online, and the others: filled in as it is asked for."""
    return {}


@contextmanager
def _mailable() -> Iterator[None]:
    """Says in an error of ours that there is no such address, or no mail of such letters."""
    try:
        yield
    except (ValueError, LookupError) as error:
        said = str(error)[:200]
        text = f"no mail can be made of this: {said}"
        raise FormatError(text, code="unmailable", said=said) from None


def _contact(event: Event) -> str:
    return event.contact.email if event.contact is not None else ""


def _calendar(
    letter: Letter, host: Address, page: str, words: Wording
) -> tuple[Method, bytes] | None:
    """The person's entry, to be put in or taken out; None where the notice moves none.

    Whoever sends the mail invites: calendars take nothing out for another (RFC 6047 2.2.1), and the
    event's contact may change between REQUEST and CANCEL.
    """
    notice, event = letter.notice, letter.revision.event
    if notice.sequence is None or _is_for_another(letter):
        return None  # an invitation is for who it names
    seated = Standing(notice.data.get("status", letter.registration.status)).is_seated
    off = not seated or notice.kind is NoticeKind.EVENT_CANCELLED
    method = Method.CANCEL if off else Method.REQUEST
    entry = ical.invitation(
        letter.revision,
        letter.registration,
        method,
        sequence=notice.sequence,
        organiser=host.addr_spec,
        at=notice.due,
        called=(event.contact.name if event.contact is not None else "") or host.display_name,
        page=page,
        language=words.language,
    )
    return method, entry


def headcount(
    notice: Notice,
    revision: Revision,
    *,
    sender: str,
    links: Links,
    templates: Templates,
    at: datetime,
) -> Message:
    """The mail that tells whoever holds an event how many come; it names none of them.

    Raises `FormatError` as `message` does.
    """
    words, event = _words(notice.language), revision.event
    counts = [
        words(f"mail.count.{name}", n=n)
        for name in _COUNTED
        if (n := notice.data.get(name)) or name == "room"
    ]
    values: dict[str, Value] = dict.fromkeys(PLACES, "")
    values |= {
        "counts": "\n".join(counts),
        "organiser": event.organiser.name if event.organiser is not None else "",
        "title": event.title,
        "when": words.when(event),
        "where": ", ".join(_where(event.venue)),
    }
    own = templates.own.get((notice.kind.value, words.language))
    template = own or Template(
        words.template("mail.staff.subject"), words.template("mail.staff.text")
    )
    with _mailable():
        head = _head(
            notice.key, notice.recipient, sender, links.base_url, words, at, due=notice.due
        )
        return _mail(head, template, values)


_COUNTED = ("room", "online", "others", "offered", "waiting", "pending", "unreached")
"""What `eventkit.rules.telling.count` counts, in the order in which it is told."""


def trial(key: str, to: str, *, sender: str, base_url: str, language: str, at: datetime) -> Message:
    """A mail that says only that mail goes out; raises `FormatError` as `message` does."""
    words = wording(language)
    subject, text = words("mail.trial.subject"), words("mail.trial.text") + "\n"
    with _mailable():
        head = _head(key, to, sender, base_url, words, at)
    written = head.lines(subject) + mime.text("plain", text)
    return Message(
        key=key,
        sender=head.sender.addr_spec,
        recipient=to,
        subject=subject,
        text=text,
        mime=written,
    )


def _head(
    key: str,
    to: str,
    sender: str,
    base_url: str,
    words: Wording,
    at: datetime,
    contact: str = "",
    due: datetime | None = None,
) -> Head:
    return Head(
        key=key,
        due=due or at,
        host=mime.host(base_url),
        sender=mime.address(sender),
        recipient=mime.address(to),
        reply_to=mime.address(contact) if mime.is_address(contact) else None,
        language=words.language,
        at=at,
    )


def _written(
    head: Head, subject: str, text: str, html: str, calendar: tuple[Method, bytes] | None
) -> bytes:
    """The whole message; a calendar stands in it twice, as some look for it here, others there."""
    outer, inner = islice(mime.seals(head.key), 2)
    shown = [mime.text("plain", text), mime.text("html", html)]
    if calendar is None:
        return head.lines(subject) + mime.several("alternative", shown, outer)
    method, entry = calendar
    held, kind = mime.packed(entry), f'text/calendar; charset="utf-8"; method={method.value}'
    shown.append(mime.data(kind, held))
    attached = 'Content-Disposition: attachment; filename="invite.ics"'
    parts = [
        mime.several("alternative", shown, inner),
        mime.data('application/ics; name="invite.ics"', held, attached),
    ]
    return head.lines(subject) + mime.several("mixed", parts, outer)
