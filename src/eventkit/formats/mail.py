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
from datetime import datetime
from html import escape
from itertools import islice
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from attrs import evolve, field, frozen

from eventkit.formats import ical, mime
from eventkit.formats.ical import Method
from eventkit.formats.links import Links
from eventkit.formats.mime import Head
from eventkit.formats.wording import LANGUAGES, Wording, wording
from eventkit.model.errors import FormatError
from eventkit.model.event import Event, Revision, Status
from eventkit.model.registration import Message, Notice, NoticeKind, Registration, Standing
from eventkit.model.values import Mode, Role, Venue
from eventkit.rules import access, changes, charges
from eventkit.rules.changes import Change

PLACES: Final = (
    "booker",
    "cancel",
    "changes",
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


def variant(notice: Notice) -> str:
    """The template of a notice: its kind, or for a seat that went what became of it."""
    status = str(notice.data.get("status", ""))
    if notice.kind is NoticeKind.SEAT_CANCELLED and status in _GONE:
        return status
    if notice.kind is NoticeKind.SUBSTITUTION:
        return "substituted" if status == Standing.SUBSTITUTED else "substitution"
    return notice.kind.value


_GONE = frozenset((Standing.DECLINED, Standing.EXPIRED, Standing.REJECTED))
VARIANTS = (*(kind.value for kind in NoticeKind), *sorted(_GONE), "substituted")
"""Every template there is."""


@frozen
class Templates:
    """An organisation's own templates, by variant and language."""

    own: Mapping[tuple[str, str], Template] = field(factory=dict)

    @classmethod
    def read(cls, folder: Path | None) -> Templates:
        """The files ``confirmation.da.txt`` and so on: the subject, a blank line, and the text.

        Raises `FormatError` for a file that is no template, and `OSError`.
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
                subject, _, text = path.read_text("utf-8-sig").strip().partition("\n")
                own[name, language] = Template(subject.strip(), text.strip())
            except UnicodeDecodeError:
                raise FormatError(
                    f"{path.name} is not UTF-8 text", code="not_utf8_file", file=path.name
                ) from None
            except FormatError as error:
                raise FormatError(
                    f"{path.name}: {error}", code=f"{error.code}_file", file=path.name, **error.data
                ) from None
        return cls(own)

    def of(self, letter: Letter, words: Wording) -> Template:
        """The organisation's own template for a letter, or ours."""
        name = variant(letter.notice)
        if (own := self.own.get((name, words.language))) is not None:
            return own
        if name == NoticeKind.CONFIRMATION and _is_colleague(letter):
            name = "colleague"
        elif name == NoticeKind.CHANGE and letter.before is None:
            name = "corrected"
        layout = "mail.layout_reminder" if name == NoticeKind.REMINDER else "mail.layout"
        intro = words.template(f"mail.{name}.text")
        text = words.template(layout).replace("{intro}", intro)
        return Template(words.template(f"mail.{name}.subject"), text)


# --- what stands in the places ---------------------------------------------------------------


@frozen
class Link:
    """A link in a letter: its address, and what it is called."""

    url: str
    label: str


Value = str | Link


def _is_colleague(letter: Letter) -> bool:
    """Whether somebody else signed the recipient up."""
    one = letter.registration
    return one.booker is not None and letter.notice.recipient == one.person.email


def _is_for_another(letter: Letter) -> bool:
    """Whether the mail goes to who signed somebody up, and not to them."""
    one = letter.registration
    return one.booker is not None and letter.notice.recipient != one.person.email


def _is_theirs(letter: Letter) -> bool:
    """Whether the mail goes to who it concerns, or signed them up: not to an address since mended.

    A link acts for whoever holds it.
    """
    one = letter.registration
    known = (one.recipient, "" if one.booker is None else one.booker.email)
    return letter.notice.recipient.casefold() in {address.casefold() for address in known}


def _values(letter: Letter, links: Links, words: Wording) -> dict[str, Value]:
    event, one = letter.revision.event, letter.registration
    another = _is_for_another(letter)
    name = one.booker.name if another and one.booker is not None else one.person.name
    page = links.page(one, words.language)
    asked = words("mail.answer") if one.status is Standing.OFFERED else words("mail.page")
    here = one.status.is_active and event.status is not Status.CANCELLED and _is_theirs(letter)
    fee = one.fee if one.status is Standing.CANCELLED else None
    return {
        "booker": one.booker.name if one.booker is not None else "",
        "cancel": Link(page, words("mail.cancel")) if here else "",
        "changes": "\n".join(_changes(letter, words)),
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
        else words.moment(one.offer_ends.astimezone(event.zone)),
        "when": words.when(event),
        "where": ", ".join(_where(event.venue)),
        "who": one.person.name if another else words("mail.you"),
        "whom": one.person.name if another else words("mail.you_object"),
    }


def _facts(letter: Letter, words: Wording) -> Iterator[str]:
    """When, where, and what it costs, a line each."""
    event, one = letter.revision.event, letter.registration
    item = next((item for item in event.programme if item.key == one.item), None)
    if item is not None:
        yield words("mail.your_item", hours=words.hours(item.starts, item.ends), title=item.title)
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
        yield words("mail.change.time", before=words.when(before), after=words.when(after))
    elif name == "status":
        yield words(f"mail.change.{after.status}")
    elif name == "venue":
        yield words("mail.change.venue", after=", ".join(_where(after.venue)) or "–")
    elif name == "title":
        yield words("mail.change.title", after=after.title)
    elif name == "programme" and change.after is None:
        yield words("mail.change.item_gone", title=change.before.title)
    elif name == "programme":
        item = change.after
        key = "mail.change.item_new" if change.before is None else "mail.change.item"
        yield words(key, hours=words.hours(item.starts, item.ends), title=item.title)
    elif name == "price" and after.price is not None:
        yield words("mail.change.price", after=words.money(after.price))
    elif name == "cancel_deadline":
        until = words.deadline(after.cancel_deadline, after)
        yield words("mail.change.cancel_deadline", after=until)
    elif name in ("online", "contact", "fees", "no_show_fee"):
        yield words(f"mail.change.{'fees' if 'fee' in name else name}")


# --- text and HTML ---------------------------------------------------------------------------


def _filled(template: str, values: Mapping[str, Value]) -> Iterator[list[Value]]:
    """Each paragraph that has something to say, as its pieces."""
    for paragraph in re.split(r"\n\s*\n", template.strip()):
        pieces: list[Value] = []
        asked, told = False, False
        for literal, name, _, _ in string.Formatter().parse(paragraph):
            pieces.append(literal)
            if name is not None:
                asked, told = True, told or bool(values[name])
                pieces.append(values[name])
        if told or not asked:
            yield [piece for piece in pieces if piece]


def _as_text(paragraphs: Iterable[list[Value]]) -> str:
    shown = (
        "".join(f"{one.label}: {one.url}" if isinstance(one, Link) else one for one in pieces)
        for pieces in paragraphs
    )
    return "\n\n".join(text.strip() for text in shown) + "\n"


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
    return _PAGE.format(lang=language, title=escape(title), body=body)


# --- the message -----------------------------------------------------------------------------


def message(
    letter: Letter, *, sender: str, links: Links, templates: Templates, at: datetime
) -> Message:
    """The mail of a notice, sent at `at` from `sender` (``Name <address>``).

    Raises `FormatError` for an address or header that no mail can have.
    """
    words = wording(letter.notice.language)
    seen = access.for_attendee(letter.revision.event, letter.registration)
    letter = evolve(letter, revision=evolve(letter.revision, event=seen))
    template = templates.of(letter, words)
    values = _values(letter, links, words)
    subject = " ".join(_as_text(_filled(template.subject, values)).split())[:SUBJECT_LENGTH]
    paragraphs = list(_filled(template.text, values))
    text = _as_text(paragraphs)
    html = _as_html(paragraphs, subject, words.language)
    try:
        calendar = _calendar(letter, sender, links, words)
        key, to = letter.notice.key, letter.notice.recipient
        head = _head(key, to, subject, sender, links.base_url, words, at)
    except (ValueError, UnicodeError, LookupError) as error:
        raise _unmailable(error) from None
    if mime.is_address(contact := _contact(letter.revision.event)):
        head = evolve(head, reply_to=mime.address(contact))
    return Message(
        key=key,
        recipient=to,
        subject=subject,
        text=text,
        html=html,
        calendar=None if calendar is None else calendar[1],
        mime=_written(head, text, html, calendar),
    )


def _unmailable(error: Exception) -> FormatError:
    said = str(error)[:200]
    return FormatError(f"no mail can be made of this: {said}", code="unmailable", said=said)


def _contact(event: Event) -> str:
    return event.contact.email if event.contact is not None else ""


def _calendar(
    letter: Letter, sender: str, links: Links, words: Wording
) -> tuple[Method, bytes] | None:
    """The person's entry, to be put in or taken out; None where the notice moves none."""
    notice, event = letter.notice, letter.revision.event
    if notice.sequence is None or _is_for_another(letter):
        return None  # an invitation is for who it names
    seated = Standing(notice.data.get("status", letter.registration.status)).is_seated
    off = not seated or notice.kind is NoticeKind.EVENT_CANCELLED
    method = Method.CANCEL if off else Method.REQUEST
    contact = _contact(event)
    entry = ical.invitation(
        letter.revision,
        letter.registration,
        method,
        sequence=notice.sequence,
        organiser=contact if mime.is_address(contact) else mime.address(sender).addr_spec,
        page=links.page(letter.registration, words.language) if _is_theirs(letter) else "",
        language=words.language,
    )
    return method, entry


def trial(key: str, to: str, *, sender: str, base_url: str, language: str, at: datetime) -> Message:
    """A mail that says only that mail goes out; raises `FormatError` as `message` does."""
    words = wording(language)
    subject, text = words("mail.trial.subject"), words("mail.trial.text") + "\n"
    try:
        head = _head(key, to, subject, sender, base_url, words, at)
    except (ValueError, LookupError) as error:
        raise _unmailable(error) from None
    written = head.lines() + mime.text("plain", text)
    return Message(key=key, recipient=to, subject=subject, text=text, mime=written)


def _head(
    key: str, to: str, subject: str, sender: str, base_url: str, words: Wording, at: datetime
) -> Head:
    return Head(
        key=key,
        host=urlsplit(base_url).hostname or "localhost",
        sender=mime.address(sender),
        recipient=mime.address(to),
        subject=subject,
        language=words.language,
        at=at,
    )


def _written(head: Head, text: str, html: str, calendar: tuple[Method, bytes] | None) -> bytes:
    """The whole message; a calendar stands in it twice, as some look for it here, others there."""
    outer, inner = islice(mime.seals(head.key), 2)
    shown = [mime.text("plain", text), mime.text("html", html)]
    if calendar is None:
        return head.lines() + mime.several("alternative", shown, outer)
    method, entry = calendar
    kind = f'text/calendar; charset="utf-8"; method={method.value}'
    shown.append(mime.data(kind, entry))
    attached = 'Content-Disposition: attachment; filename="invite.ics"'
    parts = [
        mime.several("alternative", shown, inner),
        mime.data('application/ics; name="invite.ics"', entry, attached),
    ]
    return head.lines() + mime.several("mixed", parts, outer)
