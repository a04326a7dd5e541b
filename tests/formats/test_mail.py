"""A notice as a mail: what people read, in both parts the same, and headers that hold."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast

import pytest
from attrs import evolve

from eventkit.formats import ical, mail, mime
from eventkit.formats import wording as wordings
from eventkit.formats.links import Links
from eventkit.formats.mail import VARIANTS, Letter, Template, Templates
from eventkit.formats.wording import KEPT, wording
from eventkit.model.errors import FormatError, ImpossibleError
from eventkit.model.event import AgendaItem, Event, Revision, Status
from eventkit.model.registration import Message, Notice, NoticeKind, Registration, Standing
from eventkit.model.values import (
    Contact,
    Fee,
    Mode,
    Money,
    OnlineAccess,
    Organiser,
    Person,
    Role,
    Venue,
    told_in,
    zone,
)
from eventkit.rules import changes
from eventkit.testing import sample_registration, sample_revision

SITE = "https://moeder.example"
LINKS = Links("s" * 40, SITE)
SENDER = "Boligsocialnet <post@example.dk>"
AT = datetime(2022, 3, 1, 12, tzinfo=UTC)
SECRET = "https://teams.example/hemmelig"

EVENT = evolve(
    sample_revision().event,
    price=Money(500),
    contact=Contact(name="Anne Holm", email="anne@example.dk", phone="33 76 20 00"),
    online=OnlineAccess(provider="Teams", url=SECRET),
)
ONE = evolve(sample_registration(), uid="uid-1")
BOOKER = Person(name="Bodil Juhl", email="bodil@example.dk")


def revision(event: Event = EVENT) -> Revision:
    return evolve(sample_revision(), event=event, number=3, sequence=1)


def letter(
    kind: str = "confirmation",
    *,
    language: str = "da",
    event: Event = EVENT,
    one: Registration = ONE,
    to: str = "",
    before: Event | None = None,
    place: int | None = None,
    sequence: int | None = None,
    **data: Any,
) -> Letter:
    return Letter(
        notice=Notice(
            key=f"{one.id}.1",
            kind=NoticeKind(kind),
            event=one.event,
            revision=3,
            registration=1,
            recipient=to or one.recipient,
            due=AT,
            language=language,
            sequence=sequence,
            data={"status": one.status, **data},
        ),
        revision=revision(event),
        registration=one,
        before=before,
        place=place,
    )


def written(letter: Letter, *, sender: str = SENDER, templates: Templates | None = None) -> Message:
    return mail.message(
        letter, sender=sender, links=LINKS, templates=templates or Templates(), at=AT
    )


def parsed(message: Message) -> EmailMessage:
    return cast(EmailMessage, message_from_bytes(message.mime, policy=default))


def any_space(text: str) -> str:
    """`text` without what the HTML keeps on a line, which is all that sets the parts apart."""
    return text.replace(KEPT, " ")


class _Reader(HTMLParser):
    """What somebody reads of an HTML mail, as the text part says it; and its tags and links.

    Spaces at which no line ends are told as any others: see `any_space`.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.paragraphs: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.title = ""
        self._within: list[str] = []
        self.feed(html)
        self.close()

    @property
    def text(self) -> str:
        return any_space("\n\n".join(one.strip() for one in self.paragraphs) + "\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "p":
            self.paragraphs.append("")
        if tag == "a":
            self.links.append(dict(attrs)["href"] or "")
        if tag not in ("meta", "br"):
            self._within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self.paragraphs[-1] += f": {self.links[-1]}"
        assert self._within.pop() == tag

    def handle_data(self, data: str) -> None:
        if "p" in self._within:
            # The text's own line ends; those after <br> are the same ones.
            self.paragraphs[-1] += data
        elif "title" in self._within:
            self.title += data


# --- each kind -------------------------------------------------------------------------------

AFTER = evolve(
    EVENT,
    title="Netværksdag",
    starts=EVENT.starts + timedelta(days=7),
    ends=cast(datetime, EVENT.ends) + timedelta(days=7),
    venue=Venue(name="Kulturhuset", locality="Aarhus"),
    programme=EVENT.programme[1:],
    price=Money(600),
)


def at(status: str, **more: Any) -> Registration:
    return evolve(ONE, status=Standing(status), **more)


OFFERED = at("offered", offer_ends=datetime(2022, 4, 19, 10, tzinfo=UTC))
OFF = evolve(EVENT, status=Status.CANCELLED, status_reason="Oplægsholderen er syg.")
LATER = evolve(EVENT, status=Status.POSTPONED)
KINDS: dict[str, dict[str, Any]] = {
    "received": {"one": at("pending")},
    "confirmation": {},
    "colleague": {"kind": "confirmation", "one": evolve(ONE, booker=BOOKER)},
    "waiting": {"one": at("waiting"), "place": 3},
    "offer": {"one": OFFERED},
    "reminder": {},
    "change": {"event": AFTER, "before": EVENT},
    "postponed": {"kind": "change", "event": LATER, "before": EVENT},
    "corrected": {"kind": "change", "one": evolve(ONE, mode=Mode.ONLINE), "mode": "online"},
    "seat_cancelled": {"one": at("cancelled", fee=Money(200))},
    "declined": {"kind": "seat_cancelled", "one": at("declined")},
    "expired": {"kind": "seat_cancelled", "one": at("expired")},
    "lapsed": {"kind": "seat_cancelled", "one": evolve(OFFERED, status=Standing.EXPIRED)},
    "rejected": {"kind": "seat_cancelled", "one": at("rejected")},
    "event_cancelled": {"event": OFF},
    "substitution": {},
    "substituted": {"kind": "substitution", "one": at("substituted")},
    "link": {},
    "staff": {},
}


def test_every_mail_there_is_is_looked_at() -> None:
    """A new kind of notice must come in here."""
    assert {*VARIANTS, "postponed"} == set(KINDS)


def of(name: str, language: str = "da", *, booked: bool = False) -> Message:
    told = {"kind": name, **KINDS[name]}
    if booked:  # they have no address, so it goes to who signed them up
        one = told.get("one", ONE)
        told["one"] = evolve(one, booker=BOOKER, person=evolve(one.person, email=""))
    return written(letter(**told, language=language))


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("booked", [False, True], ids=["themselves", "their booker"])
@pytest.mark.parametrize("name", KINDS)
def test_each_kind_says_the_same_in_both_parts(name: str, booked: bool, language: str) -> None:
    """Subject, text and HTML; nothing is left to fill in, and nothing is said twice."""
    message = of(name, language, booked=booked)
    seen = _Reader(message.html)
    assert seen.text == message.text
    assert seen.title == message.subject
    assert not re.search(r"[{}]", message.subject + message.text)
    assert "  " not in message.text
    assert "\n\n\n" not in message.text
    assert message.subject == message.subject.strip()
    root = SITE if language == "da" else f"{SITE}/en"
    one = KINDS[name].get("one", ONE)
    assert set(seen.links) <= {f"{root}/r/{LINKS.token(one, booker=booked)}"}
    greeted = BOOKER.name if booked else ONE.person.name
    assert message.text.startswith(f"{'Hej' if language == 'da' else 'Hello'} {greeted}\n")
    if booked and name not in ("staff", "link", "event_cancelled", "declined", "received"):
        said = message.subject + message.text.partition("\n")[2]
        assert ONE.person.name in said or name in ("change", "corrected", "postponed")


@pytest.mark.parametrize("name", ["confirmation", "offer", "change", "staff"])
def test_a_day_and_its_hours_stay_on_a_line_of_the_html(name: str) -> None:
    """In what we say ourselves; subject, text and calendar have the spaces they always had."""
    title = "Mød kl. 9 den 21. maj,\u00a0og den 22. maj"
    told = {"kind": name, **KINDS[name]}
    event = evolve(told.get("event", EVENT), title=title)
    message = written(letter(**{**told, "event": event}, sequence=2))
    times = re.findall(r"\bden (\d+\. \w+ \d{4} kl\. [\d.]+)", message.text)
    assert times
    for one in times:
        day, month, rest = one.replace("kl. ", f"kl.{KEPT}").split(" ", 2)
        assert f"den{KEPT}{day}{KEPT}{month} {rest}" in message.html
        assert f"den {one}" not in message.html
    assert any_space(title) in message.subject  # where a space is a space
    for part in (message.text, message.html):
        assert title in part
        assert not re.search(r"[\x00-\x09\x0b-\x1f]", part)
    calendar = (message.calendar or b"").decode().replace("\r\n ", "")
    for part in (message.subject, message.text.replace(title, ""), calendar):
        assert KEPT not in part.replace("maj\\,\u00a0og", "")


def test_the_html_to_the_organiser_keeps_a_day_together() -> None:
    """Also the one mail that is about no registration."""
    notice = evolve(letter("staff").notice, registration=None, data={"room": 3})
    message = mail.headcount(
        notice, revision(), sender=SENDER, links=LINKS, templates=Templates(), at=AT
    )
    assert f"den{KEPT}21.{KEPT}april 2022 kl.{KEPT}9.30" in message.html
    assert "den 21. april 2022 kl. 9.30" in message.text


SAID = {
    "received": "Vi behandler tilmeldingen",
    "confirmation": "Du har en plads",
    "colleague": "Bodil Juhl har tilmeldt dig",
    "waiting": "Du er på ventelisten",
    "offer": "Du kan få en plads",
    "reminder": "Husk",
    "change": "Nyt om Netværksdag",
    "postponed": "Nyt om",
    "corrected": "Tilmeldingen er rettet",
    "seat_cancelled": "Afbud modtaget",
    "declined": "Pladsen er givet videre",
    "expired": "Der blev ikke en plads",
    "lapsed": "Fristen for at sige ja er gået",
    "rejected": "Der blev ikke en plads",
    "event_cancelled": "Aflyst",
    "substitution": "Du har en plads",
    "substituted": "En stedfortræder har pladsen",
    "link": "Link til tilmeldingen",
    "staff": "Så mange kommer",
}


@pytest.mark.parametrize("name", KINDS)
def test_each_subject_says_what_has_happened(name: str) -> None:
    """Before anything else, for that is what a phone shows."""
    assert of(name).subject.startswith(SAID[name])


UNSEATED = ("received", "waiting", "offer")
"""Who has no entry in their calendar to decline."""

GONE = (
    *("seat_cancelled", "declined", "expired", "lapsed", "rejected"),
    *("event_cancelled", "substituted"),
)


@pytest.mark.parametrize("name", KINDS)
def test_who_comes_is_told_how_to_stay_away(name: str) -> None:
    """In each mail of theirs, on top where they are reminded; who is out has no link to press."""
    text = of(name).text
    told = "Kan du ikke komme? Meld afbud her: https://"
    assert (told in text) is (name not in GONE)
    assert ("Det er ikke nok at afslå i kalenderen." in text) is (name not in (*GONE, *UNSEATED))
    if name == "reminder":
        assert text.index(told) < text.index("Snart er det tid")


UNNAMED = ("received", "change", "postponed", "event_cancelled", "declined", "lapsed", "link")
"""What says the same to everybody, so that who signed several up is told whom it is about."""


@pytest.mark.parametrize("name", [name for name in KINDS if name not in ("colleague", "staff")])
def test_a_mail_about_somebody_else_names_them(name: str) -> None:
    """Who signed several up gets one about each; and it is not they who cannot come."""
    message = of(name, booked=True)
    assert ONE.person.name in message.text.partition("Hvornår")[0]
    told = message.text.splitlines()[2] == f"Mailen handler om {ONE.person.name}."
    assert told is (name in UNNAMED)
    assert "Kan du" not in message.text
    asked = f"Kan {ONE.person.name} ikke komme? Meld afbud her: https://"
    assert (asked in message.text) is (name not in GONE)
    assert "i kalenderen" not in message.text
    assert "Mailen handler om" not in of(name).text


@pytest.mark.parametrize("name", ["received", "waiting"])
def test_a_colleague_without_a_seat_is_told_who_signed_them_up(name: str) -> None:
    """It is the first that they hear of it."""
    one = evolve(KINDS[name]["one"], booker=BOOKER)
    text = written(letter(**{"kind": name, **KINDS[name], "one": one})).text
    assert text.splitlines()[2] == "Bodil Juhl har tilmeldt dig."
    assert "har tilmeldt dig" not in of(name).text
    assert "har tilmeldt dig" not in of(name, booked=True).text


def test_letters_of_another_case_are_the_same_address() -> None:
    """What was owed before somebody wrote it in small letters is still theirs."""
    about = letter("confirmation", one=evolve(ONE, booker=BOOKER), sequence=1)
    to = evolve(about.notice, recipient=ONE.person.email.upper())
    message = written(evolve(about, notice=to))
    assert message.text.startswith(f"Hej {ONE.person.name}\n")
    assert message.calendar is not None


def test_of_several_days_an_item_has_its_own() -> None:
    """Also where the event has one day and the item another, or moves from one to the other."""
    day = timedelta(days=1)
    talk = AgendaItem(
        key="t", title="Tag", starts=EVENT.starts + day, ends=EVENT.starts + 1.1 * day
    )
    speaker = evolve(ONE, role=Role.SPEAKER, item="t")
    two = evolve(EVENT, ends=cast(datetime, EVENT.ends) + day, programme=[talk])
    said = "fredag den 22. april 2022 kl. 9.30–11.54 Tag"
    for event in (two, evolve(EVENT, programme=[talk])):
        text = written(letter("confirmation", event=event, one=speaker)).text
        assert f"Dit punkt: {said}" in text
    same = evolve(talk, starts=EVENT.starts, ends=EVENT.starts + 0.1 * day)
    first = evolve(EVENT, programme=[same])
    assert (
        "Dit punkt: 9.30–11.54 Tag"
        in written(letter("confirmation", event=first, one=speaker)).text
    )
    moved = written(letter("change", event=two, before=evolve(two, programme=[same]), one=speaker))
    assert f"– Ændret i programmet: {said}" in moved.text
    back = written(
        letter("change", event=first, before=evolve(first, programme=[talk]), one=speaker)
    )
    assert "programmet: torsdag den 21. april 2022 kl. 9.30–11.54 Tag" in back.text


def test_facts_that_no_longer_hold_are_not_told() -> None:
    """A price for what is called off, a day for what has none, a link to nowhere."""
    online = evolve(ONE, mode=Mode.ONLINE)
    off = written(letter("event_cancelled", event=OFF, one=online)).text
    assert "Oplægsholderen er syg." in off
    assert "Pris" not in off
    assert "teams" not in off
    assert "Hvornår" not in of("postponed").text
    assert "Arrangementet er udsat" in of("postponed").text
    assert "Afbuddet koster 200 kr." in of("seat_cancelled").text
    assert "koster" not in written(letter("seat_cancelled", one=at("cancelled"))).text


def test_an_offer_says_until_when_and_where_to_answer() -> None:
    """In the event's own time."""
    text = of("offer").text
    assert "senest tirsdag den 19. april 2022 kl. 12.00" in text
    assert f"Sig ja eller nej her: {LINKS.page(OFFERED)}" in text


def test_a_change_tells_this_person_s_own_difference() -> None:
    """What is only for those online is not told in the room."""
    moved = evolve(EVENT, online=OnlineAccess(provider="Zoom", url="https://zoom.example/x"))
    online = evolve(ONE, mode=Mode.ONLINE)
    told = written(letter("change", event=moved, before=EVENT, one=online)).text
    assert "Der er nyt om, hvordan man deltager online." in told
    assert "https://zoom.example/x" in told
    change = of("change").text
    assert "– Ny tid: torsdag den 28. april 2022 kl. 9.30–15.00. Før: torsdag den 21." in change
    assert "– Udgår af programmet: Ankomst og kaffe" in change
    assert "– Nyt sted: Kulturhuset, Aarhus" in change
    assert change.count("Ny tid") == 1, "though start and end both moved"


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("status", ["confirmed", "waiting"])
def test_a_link_that_did_not_change_is_no_news(status: str, mode: Mode, role: Role) -> None:
    """Nor is a talk that has one: what they knew is seen with the same eyes as what is now."""
    talk = evolve(EVENT.programme[2], online=OnlineAccess(provider="Teams", url=SECRET))
    before = evolve(EVENT, programme=(talk, EVENT.programme[3]))
    one = at(status, mode=mode, role=role)
    after = evolve(before, title="Netværksdag")
    text = written(letter("change", event=after, before=before, one=one)).text
    assert told(text) == ["– Ny titel: Netværksdag"]
    seen = cast(Event, mail._as_seen(letter("change", event=after, before=before, one=one)).before)
    online = mode is Mode.ONLINE or role is not Role.PARTICIPANT
    links = {cast(OnlineAccess, one.online).url for one in (seen, seen.programme[0])}
    assert links == ({SECRET} if online and status == "confirmed" else {None})


def told(text: str) -> list[str]:
    """What a mail says is new."""
    return [line for line in text.splitlines() if line.startswith("–")]


# One value and another of each field that a change can concern somebody by; None is a third.
VALUES: dict[str, tuple[Any, Any]] = {
    "title": ("Møde", "Dag"),
    "status": (Status.PUBLISHED, Status.POSTPONED),
    "status_reason": ("Sne", "Storm"),
    "starts": (EVENT.starts, EVENT.starts - timedelta(hours=1)),
    "ends": (EVENT.ends, cast(datetime, EVENT.ends) + timedelta(hours=1)),
    "programme": (EVENT.programme[:1], (evolve(EVENT.programme[0], title="Kaffe"),)),
    "venue": (Venue(name="Salen"), Venue(name="Hallen")),
    "online": (OnlineAccess(url=SECRET), OnlineAccess(url=f"{SECRET}2")),
    "contact": (Contact(name="Anne"), Contact(name="Bo")),
    "price": (Money(100), Money(200)),
    "fees": ((Fee(since=date(2022, 4, 1), money=Money(1)),), ()),
    "no_show_fee": (Money(100), Money(200)),
    "edit_deadline": (date(2022, 4, 1), date(2022, 4, 2)),
    "substitute_deadline": (date(2022, 4, 1), date(2022, 4, 2)),
    "cancel_deadline": (date(2022, 4, 1), date(2022, 4, 2)),
}
NOTHING = {"title": "Netværk", "status": Status.PUBLISHED, "status_reason": "", "programme": ()}


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("name", changes._CONCERN)
def test_whatever_concerns_somebody_has_its_sentence(name: str, language: str) -> None:
    """Else they would get a mail that says that there is news, and none."""
    fewer = NOTHING.get(name, () if name == "fees" else None)
    values = [*VALUES[name], *([] if name == "starts" else [fewer])]
    one = evolve(ONE, role=Role.SPEAKER)
    event = LATER if name == "status_reason" else EVENT
    for before in values:
        for after in values:
            if before == after:
                continue
            events = [evolve(event, **{name: value}) for value in (before, after)]
            about = letter("change", before=events[0], event=events[1], one=one, language=language)
            lines = told(written(about).text)
            assert lines, (before, after)
            assert not [line for line in lines if re.search(r"None|[{}]|^–\s*$", line)]


def test_why_an_event_is_postponed_is_told_with_it() -> None:
    """And later, where the reason alone becomes another one, or none."""
    snow = evolve(LATER, status_reason="Sne")
    words = wording("da")
    reason, later = "– Årsag: Sne", f"– {words('mail.change.postponed')}"
    for before, after, wanted in (
        (EVENT, snow, [later, reason]),
        (LATER, snow, [reason]),
        (snow, LATER, [later]),
        (snow, EVENT, [f"– {words('mail.change.published')}"]),
    ):
        assert told(written(letter("change", before=before, event=after)).text) == wanted


def test_who_switches_while_there_is_news_is_told_both() -> None:
    """First how they take part now, then what else is new since they were last told."""
    online = evolve(ONE, mode=Mode.ONLINE)
    both = letter("change", one=online, before=EVENT, event=AFTER, mode="online")
    message = written(both)
    assert message.subject == "Tilmeldingen er rettet: Netværksdag"
    assert "»Netværksdag« er rettet. Du deltager online.\n\nDer er også nyt" in message.text
    assert "– Ny titel: Netværksdag" in told(message.text)
    assert _Reader(message.html).text == message.text
    english = written(evolve(both, notice=evolve(both.notice, language="en"))).text
    assert "It is now for taking part online.\n\nThere is also news about the event:\n–" in english
    alone = written(letter("change", one=online, before=EVENT, mode="online")).text
    assert "Du deltager online." in alone
    assert "nyt" not in alone


def test_news_that_is_none_any_more_is_how_they_take_part() -> None:
    """They were to be told of another link, and have switched to the room meanwhile."""
    moved = evolve(EVENT, online=OnlineAccess(provider="Zoom", url="https://zoom.example/x"))
    text = written(letter("change", before=EVENT, event=moved)).text
    assert "Du deltager på stedet." in text
    assert "nyt" not in text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("da", "– Ny tid: {0} kl. 9.30 (tid i London). Før: {0} kl. 9.30 (tid i København)."),
        ("en", "– New time: {0} at 9:30 (London time). Before: {0} at 9:30 (Copenhagen time)."),
    ],
)
def test_a_time_on_other_clocks_says_on_which(language: str, said: str) -> None:
    """Where the words would else be the same."""
    before = evolve(EVENT, ends=None, programme=())
    after = evolve(before, starts=EVENT.starts.replace(tzinfo=zone("Europe/London")))
    day = "torsdag den 21. april 2022" if language == "da" else "Thursday, 21 April 2022"
    message = written(letter("change", before=before, event=after, language=language))
    assert told(message.text) == [said.format(day)]
    earlier = evolve(EVENT, ends=None, programme=())
    moved = evolve(earlier, starts=told_in(EVENT.starts, zone("Europe/London")))
    [line] = told(written(letter("change", before=earlier, event=moved)).text)
    assert "(" not in line, "8.30 and 9.30 are apart as they are"


def test_an_hour_that_clocks_show_twice_is_told_apart() -> None:
    """In one zone it is only the distance from Greenwich that differs."""
    late = datetime(2026, 10, 25, 2, 30, tzinfo=EVENT.zone)
    before = evolve(EVENT, starts=late - timedelta(hours=3), ends=late, programme=())
    after = evolve(before, ends=late.replace(fold=1))
    [line] = told(written(letter("change", before=before, event=after)).text)
    assert "kl. 2.30 (GMT+02:00–GMT+01:00). Før:" in line
    assert line.endswith("kl. 2.30 (GMT+02:00).")


def test_a_sentence_ends_once() -> None:
    """Also where what stands in it has a full stop of its own."""
    one = at("substituted", booker=BOOKER, person=Person(name="Ib Jr.", email=""))
    text = written(letter("substitution", one=one)).text
    assert "i stedet for Ib Jr. Du skal" in text
    own = Template("x", "Gebyr: {fee}. Siden: {page}. {name}.")
    gone = at("cancelled", fee=Money(250))
    text = written(
        letter("seat_cancelled", one=gone), templates=Templates({("seat_cancelled", "da"): own})
    ).text
    assert text.startswith("Gebyr: Afbuddet koster 250 kr. Siden: . Trine Ågård.\n")


@pytest.mark.parametrize("status", [one.value for one in Standing])
@pytest.mark.parametrize("mode", ["room", "online"])
@pytest.mark.parametrize("role", ["participant", "speaker"])
def test_the_link_is_for_who_takes_part_online(status: str, mode: str, role: str) -> None:
    """And for speakers; in no other mail does it stand, in no part of it."""
    one = evolve(ONE, status=Standing(status), mode=Mode(mode), role=Role(role))
    message = written(letter("link", one=one, sequence=4))
    theirs = one.status.is_seated and (mode == "online" or role == "speaker")
    assert (SECRET in message.text) is theirs
    assert (SECRET in message.html) is theirs
    entry = (message.calendar or b"").replace(b"\r\n ", b"").decode()
    assert (SECRET in entry) is theirs
    assert ("Online via" in message.text) is theirs


def test_a_speaker_is_told_of_their_item() -> None:
    """When they speak, and what about."""
    item = EVENT.programme[2]
    one = evolve(ONE, role=Role.SPEAKER, item=item.key)
    assert f"Dit punkt: 10.30–11.15 {item.title}" in written(letter(one=one)).text


def test_public_danish_is_short() -> None:
    """At most fifteen words a sentence in the mails too; places count as one word each."""
    words = wording("da")
    for name in VARIANTS:
        text = re.sub(r"\{\w+\}", "navn", words.template(f"mail.{name}.text"))
        for sentence in re.findall(r"[^.!?\n]+", text.replace("nr. ", "nr ")):
            assert len(sentence.split()) <= 15, sentence


# --- naughty strings -------------------------------------------------------------------------

HAND_MADE = (
    "=?utf-8?q?=0D=0A?=",
    "=?utf-8?q?=0D=0ABcc:_ond@example.org?=",
    "=?utf-8?b?DQpCY2M6IG9uZEBleGFtcGxlLm9yZw==?=",
    "hej =?iso-8859-1?q?=E6?= du",
    "=?utf-8?q?aldrig slut",
    "a\r\nBcc: ond@example.org",
    "a\nb",
    "a\rb",
    "a\0b",
    "a\x1b[31mb",
    "a\x85b",
    "a\u2028b",
    "a\u2029b",
    "\ud800",
    "\u202egro.elpmaxe\u202c",
    "\u200f\u061c\u2066x\u2069",
    "a\u200bb\u200db\ufeffc",
    "é\u0301" * 40,
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L",
    "Ærø Åse Øllgaard Æblegrød",
    "æøå " * 40,
    "æ" * 300,
    "x" * 900,
    "x" * 60 + " " + "y" * 60 + " " + "ø" * 60,
    "😀👩‍👩‍👧‍👦🇩🇰" * 12,
    "  foran og bag  ",
    "to  blanke   imellem",
    '"anført" \\ omvendt \\\\ skråstreg',
    "Anne, Bo; Carl: <ond@example.org>",
    "ond@example.org, anden@example.org",
    "<script>alert(1)</script>",
    "</title></p></div><a href='https://ond.example'>tryk</a>",
    "<img src=x onerror=alert(1)>&lt;&amp;&#x41;&nbsp;",
    "[tryk](https://ond.example) **fed** `kode` # overskrift",
    "https://ond.example/tryk?x=1&y=2",
    "www.ond.example",
    "javascript:alert(1)",
    "{name}",
    "{title} {cancel} {page}",
    "{0} {} {{name}} {{ }} { }",
    "{name.__class__} {name!r} {name:>99}",
    "%s %(name)s $name ${name}",
    "--=_boundary--",
    ".",
    "..",
    ".\n.",
    "From ond",
    "=",
    "=20=3D=",
    "=?=?=?",
    "?=",
    "Content-Type: text/html",
    "BEGIN:VCALENDAR",
    "\\n\\,\\;",
    "㍿漢字かな한글العربيةעברית",
    "ﬀ①Ⅷ½",
    "\u00a0\u2003\u3000",
    "",
    " ",
)


def naughty() -> Iterator[str]:
    """Five hundred strings that upset mail: those above, and mixtures of their pieces."""
    yield from HAND_MADE
    dice = random.Random(47)
    pieces = [*HAND_MADE, *"<>&\"'{}=?@,;:\\/.%$#*_~|^`\t", "æ", "=?utf-8?q?", "?=", "=0D=0A"]
    for _ in range(500 - len(HAND_MADE)):
        mixture = "".join(dice.choice(pieces) for _ in range(dice.randint(1, 5)))
        yield mixture[: dice.choice((40, 300))]


def possible(make: Any, usual: Any) -> Any:
    """What `make` makes, or what is usual where the model does not allow it."""
    try:
        return make()
    except ImpossibleError:
        return usual


HEADERS = [
    "Auto-Submitted",
    "Content-Language",
    "Content-Type",
    "Date",
    "From",
    "MIME-Version",
    "Message-ID",
    "Reply-To",
    "Subject",
    "To",
    "X-Auto-Response-Suppress",
]
TAGS = {"html", "head", "meta", "title", "body", "div", "p", "br", "a"}


def with_everywhere(text: str) -> tuple[Letter, list[str]]:
    """A letter in which `text` is every text that the model lets it be; and the fields it is."""
    told: dict[str, Any] = {
        "title": possible(lambda: evolve(EVENT, title=text).title, "Møde"),
        "contact": possible(
            lambda: Contact(name=text, phone=text, email="anne@example.dk"), EVENT.contact
        ),
        "venue": possible(lambda: Venue(name=text, room=text, street=text), EVENT.venue),
        "organiser": possible(lambda: Organiser(name=text), EVENT.organiser),
        "status_reason": possible(lambda: evolve(EVENT, status_reason=text).status_reason, ""),
    }
    event = evolve(EVENT, **told)
    person = possible(lambda: Person(name=text, email=ONE.person.email), ONE.person)
    booker = possible(lambda: Person(name=text, email="bodil@example.dk"), BOOKER)
    one = evolve(ONE, person=person, booker=booker)
    fields = [name for name, value in told.items() if text in repr(value) or text == value]
    return letter("confirmation", event=event, one=one, sequence=7), fields


def test_five_hundred_naughty_strings() -> None:
    """Whatever stands in whatever field: headers and recipients are those meant, and no others.

    Both parts hold it as text: it is no link, no tag, and no template that is filled in.
    """
    strings = list(naughty())
    assert len(strings) == 500
    held = 0
    for text in strings:
        about, _ = with_everywhere(text)
        message = written(about)
        back = parsed(message)
        assert sorted(back.keys()) == HEADERS, text
        assert back["Subject"] == message.subject, text
        assert [one.addr_spec for one in back["To"].addresses] == [ONE.person.email]
        assert [one.addr_spec for one in back["From"].addresses] == ["post@example.dk"]
        assert [one.addr_spec for one in back["Reply-To"].addresses] == ["anne@example.dk"]
        assert not any(back[name].defects for name in HEADERS if hasattr(back[name], "defects"))
        plain, rich = (back.get_body((kind,)) for kind in ("plain", "html"))
        assert plain is not None
        assert rich is not None
        assert not [part.defects for part in back.walk() if part.defects]
        assert plain.get_content().replace("\r\n", "\n") == message.text, text
        assert rich.get_content().replace("\r\n", "\n") == message.html, text
        seen = _Reader(message.html)
        assert seen.text == any_space(message.text), text
        assert set(seen.tags) <= TAGS, text
        assert seen.links == [LINKS.page(about.registration)] * 2, text
        name = about.registration.person.name
        assert message.text.startswith(f"Hej {name}".strip()), text
        held += name == text
        assert max(map(len, message.mime.split(b"\r\n"))) <= 998, text
        assert b"\n" not in message.mime.replace(b"\r\n", b"")
        assert b"\0" not in message.mime
        title = " ".join(about.revision.event.title.split())
        booker = " ".join(cast(Person, about.registration.booker).name.split())
        whole = " ".join(f"{booker} har tilmeldt dig: {title}".split())
        assert message.subject == whole[:150], text
    assert held > 250, "or the model refuses all that this is about"


@pytest.mark.parametrize("text", HAND_MADE)
def test_a_naughty_sender(text: str) -> None:
    """Who mail is from may be called as they like, too."""
    if not text.strip() or not text.isprintable() or set('<>"\\@') & set(text):
        return  # the setting refuses it, or takes it for something else
    mime = written(letter(), sender=f"{text} <post@example.dk>").mime
    back = message_from_bytes(mime, policy=default)
    [sender] = back["From"].addresses
    assert sender.addr_spec == "post@example.dk"
    assert sorted(back.keys()) == HEADERS
    # Of a name in several encoded words the newer reader of Python makes several words.
    name, _ = parseaddr(" ".join(message_from_bytes(mime)["From"].split("\r\n")))
    assert str(make_header(decode_header(name))).split() == text.split()


ADDRESSES = {
    "anne@example.dk": "anne@example.dk",
    "o'brien+tag@example.dk": "o'brien+tag@example.dk",
    "anne@bolig-ærø.dk": "anne@xn--bolig-r-rxa7n.dk",
    "anne@BØL.dk": "anne@xn--bl-lka.dk",
    "anne@xn--bl-lka.dk": "anne@xn--bl-lka.dk",
    "anne@Example.DK": "anne@Example.DK",
    "anne@straße.de": "anne@xn--strae-oqa.de",
    "anne@post_1.example": "anne@post_1.example",
    "anne@post_1.bøl.dk": "anne@post_1.xn--bl-lka.dk",
    "anne@bøl。dk": "anne@xn--bl-lka.dk",
    "a(b)@example.dk": '"a(b)"@example.dk',
    "a:b@example.dk": '"a:b"@example.dk',
    "x" * 200 + "@example.dk": "x" * 200 + "@example.dk",
    "=?utf-8?q?a?=@example.dk": None,
    "-": None,
    "anne": None,
    "@example.dk": None,
    "anne@": None,
    "a b@example.dk": None,
    "a@example.dk, b@example.dk": None,
    "a@@example.dk": None,
    "a@" + "æ" * 80 + ".dk": None,
    "a@bøl..dk": None,
    "a@-bøl.dk": None,
    "a@i❤.example": None,
    "a@b＠bøl.dk": None,
    "a@b℀.dk": None,
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_one_address_or_refused(address: str) -> None:
    """Whatever it looks like, a mail goes to that one, or nowhere."""
    wanted = ADDRESSES[address]
    if wanted is None:
        with pytest.raises(FormatError):
            written(letter(to=address))
        return
    back = parsed(written(letter(to=address)))
    [one] = back["To"].addresses
    assert one.addr_spec == wanted


def test_mail_for_a_domain_with_eszett_goes_to_no_other() -> None:
    """Python's own codec is of 2003 and writes it with `ss`, which somebody else may own."""
    assert mime.ascii_domain("straße.de") != mime.ascii_domain("strasse.de")
    with pytest.raises(FormatError, match=r"no mail can be made .* domain that cannot exist"):
        written(letter(to="anne@i❤.example"))


def test_an_address_in_danish_letters() -> None:
    """It stands as it is (RFC 6532), which only then every header may; the subject stays ASCII."""
    mime = written(letter(to="søren@example.dk")).mime
    head = mime.partition(b"\r\n\r\n")[0]
    assert "To: søren@example.dk\r\n".encode() in head + b"\r\n"
    assert head.replace("søren".encode(), b"").isascii()
    assert written(letter(to="anne@bolig-ærø.dk")).mime.partition(b"\r\n\r\n")[0].isascii()


def test_a_contact_without_an_address_keeps_nobody_from_their_mail() -> None:
    """Somebody wrote a sentence where an address belongs: there is no Reply-To, and a mail."""
    for email in ("se hjemmesiden", "anne", "@", "anne@" + "ø" * 80):
        event = evolve(EVENT, contact=Contact(name="Anne", email=email))
        assert parsed(written(letter(event=event)))["Reply-To"] is None
        written(letter(event=event, sequence=1))


def test_a_sender_that_no_mail_can_have_is_an_error_of_ours() -> None:
    """One that is told as such, also where a calendar needs it."""
    nobody = evolve(EVENT, contact=None)
    for sequence in (None, 3):
        with pytest.raises(FormatError, match="no mail can be made"):
            written(letter(event=nobody, sequence=sequence), sender="anne@" + "ø" * 80 + ".dk")


# --- the message -----------------------------------------------------------------------------


def test_the_same_notice_is_the_same_bytes() -> None:
    """So that a copy is seen to be one."""
    for name in KINDS:
        assert of(name).mime == of(name).mime
    assert written(letter(sequence=2)).mime == written(letter(sequence=2)).mime


def test_what_a_mail_is_made_of() -> None:
    """Text, HTML and calendar as alternatives, and the same calendar as a file."""
    message = written(letter(sequence=2))
    back = parsed(message)
    shape = [part.get_content_type() for part in back.walk()]
    assert shape == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    shown, attached = list(back.walk())[-2:]
    assert dict(shown["Content-Type"].params) == {"method": "REQUEST", "charset": "utf-8"}
    assert attached.get_filename() == "invite.ics"
    assert shown.get_payload(decode=True) == attached.get_payload(decode=True) == message.calendar
    assert b"METHOD:REQUEST" in (message.calendar or b"")
    without = [part.get_content_type() for part in parsed(written(letter())).walk()]
    assert without == ["multipart/alternative", "text/plain", "text/html"]


def test_the_headers_that_robots_read() -> None:
    """No robot answers, and no answer goes astray."""
    back = parsed(written(letter(language="en")))
    assert back["Auto-Submitted"] == "auto-generated"
    assert back["X-Auto-Response-Suppress"] == "All"
    assert back["Reply-To"] == "anne@example.dk"
    due = int(letter().notice.due.timestamp())
    assert back["Message-ID"] == f"<{ONE.id}.1.{due}@moeder.example>"
    assert back["Content-Language"] == "en"
    assert back["Date"].datetime == AT
    assert back["From"] == SENDER


def test_message_ids_are_apart() -> None:
    """Two keys that look alike once made safe are still two messages."""
    ids = set()
    for event in ("møde-1", "mode-1", "m de-1".replace(" ", "_"), "måde-1"):
        one = evolve(ONE, event=event)
        ids.add(parsed(written(letter(one=one)))["Message-ID"])
    assert len(ids) == 4
    assert all(str(one).isascii() for one in ids)


def test_a_key_that_is_given_anew_makes_another_message_id() -> None:
    """After a restore: else a mailbox takes the later mail for one that it has."""
    before = letter()
    later = evolve(before, notice=evolve(before.notice, due=before.notice.due + timedelta(hours=1)))
    ids = {parsed(written(one))["Message-ID"] for one in (before, later, before)}
    assert len(ids) == 2


def invited(message: Message) -> dict[str, str]:
    """The lines of the invitation, by name."""
    lines = (message.calendar or b"").replace(b"\r\n ", b"").decode().split("\r\n")
    return {re.split("[;:]", line)[0]: line for line in lines}


def test_an_invitation_is_as_old_as_its_notice() -> None:
    """DTSTAMP beside a METHOD is when this was written, not the event (RFC 5545 3.8.7.2)."""
    before = letter(sequence=0)
    due = before.notice.due + timedelta(hours=1)
    later = evolve(before, notice=evolve(before.notice, due=due))
    stamps = [invited(written(one))["DTSTAMP"] for one in (before, later)]
    assert stamps[0] < stamps[1] == f"DTSTAMP:{due:%Y%m%dT%H%M%SZ}"


def test_whoever_sends_it_invites() -> None:
    """A CANCEL is from whom the REQUEST was from, though the contact has changed meanwhile.

    RFC 5546 3.2.5, RFC 6047 2.2.1; an answer goes to the contact all the same.
    """
    off = at("cancelled")
    other = evolve(EVENT, contact=Contact(name="Bo Lind", email="bo@example.dk"))
    nobody = evolve(EVENT, contact=None)
    for event, reply in ((EVENT, "anne@example.dk"), (other, "bo@example.dk"), (nobody, None)):
        for kind, one in (("confirmation", ONE), ("seat_cancelled", off)):
            message = written(letter(kind, event=event, one=one, sequence=1))
            assert invited(message)["METHOD"] == f"METHOD:{'CANCEL' if one is off else 'REQUEST'}"
            organiser = "ORGANIZER;CN=Boligsocialnet:mailto:post@example.dk"
            assert invited(message)["ORGANIZER"] == organiser
            assert parsed(message)["Reply-To"] == reply


def test_who_invites_is_called_by_the_name_people_know() -> None:
    """The organiser's; where there is none the contact's, and else the sender's."""
    alone = evolve(EVENT, organiser=None)
    for event, sender, called in (
        (EVENT, "Post <post@example.dk>", ";CN=Boligsocialnet"),
        (alone, "Post <post@example.dk>", ';CN="Anne Holm"'),
        (evolve(alone, contact=None), "Post <post@example.dk>", ";CN=Post"),
        (evolve(alone, contact=None), "post@example.dk", ""),
    ):
        message = written(letter(event=event, sequence=1), sender=sender)
        assert invited(message)["ORGANIZER"] == f"ORGANIZER{called}:mailto:post@example.dk"


def test_the_entry_says_where_one_takes_part() -> None:
    """In the room, or by the link; who speaks comes to the room, at the time of their item."""
    item = EVENT.programme[2]
    speaks = evolve(ONE, role=Role.SPEAKER, mode=Mode.ONLINE, item=item.key)
    for one, place, time in (
        (ONE, "Beboerhuset Rosenhøj", "T093000"),
        (evolve(ONE, mode=Mode.ONLINE), "teams.example", "T093000"),
        (speaks, "Beboerhuset Rosenhøj", "T103000"),
    ):
        entry = invited(written(letter(one=one, sequence=1)))
        assert place in entry["LOCATION"]
        assert entry["DTSTART"].endswith(time)


def forget() -> None:
    """Let nothing be known of mails before."""
    for module in (mail, mime, ical, wordings):
        for value in list(vars(module).values()):
            if hasattr(value, "cache_clear") and value is not wording:
                value.cache_clear()


def test_what_is_kept_for_the_next_mail_changes_none() -> None:
    """Whoever comes after whom: each mail is the one they would get alone."""
    item = EVENT.programme[2]
    people = [
        letter("confirmation", one=one, language=language, event=event, sequence=sequence)
        for event in (EVENT, evolve(EVENT), AFTER, OFF)
        for language in ("da", "en")
        for sequence, one in enumerate(
            (
                ONE,
                evolve(ONE, number=2, uid="uid-2", person=Person(name="Bø ^\\", email="b@x.dk")),
                evolve(ONE, number=3, uid=None, mode=Mode.ONLINE),
                at("cancelled", number=4, uid="uid-4" * 20),
                at("waiting", number=5, mode=Mode.ONLINE),
                evolve(ONE, number=6, role=Role.SPEAKER, item=item.key),
                evolve(ONE, number=7, role=Role.HOST, booker=BOOKER),
            )
        )
    ]
    alone = []
    for one in people:
        forget()
        alone.append(written(one))
    forget()
    random.Random(1).shuffle(order := list(range(len(people))))
    for number in (*order, *order):
        assert written(people[number]) == alone[number]
    assert len({one.mime for one in alone}) == len(people) - 14, "two events are the same"


def test_a_long_title_is_cut_in_the_subject_alone() -> None:
    """A phone shows forty letters of it anyway."""
    event = evolve(EVENT, title="Møde " * 60)
    message = written(letter(event=event))
    assert len(message.subject) <= 150
    assert event.title.strip() in message.text


# --- an organisation's own templates ---------------------------------------------------------


def own(folder: Path, name: str, text: str | bytes) -> Templates:
    folder.mkdir(exist_ok=True)
    data = text if isinstance(text, bytes) else text.encode()
    (folder / name).write_bytes(data)
    return Templates.read(folder)


def test_a_template_of_one_s_own(tmp_path: Path) -> None:
    """It is used for its kind and language alone; paragraphs with nothing to say are left out."""
    templates = own(
        tmp_path,
        "confirmation.da.txt",
        "\ufeffVelkommen til {title}\r\n\r\nKære {name}\r\n\r\n{until}\r\n\r\nPladsen: {cancel}",
    )
    message = written(letter(), templates=templates)
    assert message.subject == f"Velkommen til {EVENT.title}"
    page = LINKS.page(ONE)
    assert message.text == f"Kære {ONE.person.name}\n\nPladsen: Meld afbud her: {page}\n"
    assert _Reader(message.html).text == message.text
    assert written(letter(language="en"), templates=templates) == written(letter(language="en"))
    assert written(letter("reminder"), templates=templates) == written(letter("reminder"))


def test_every_place_can_be_used(tmp_path: Path) -> None:
    """In a template of one's own, whatever the notice is about."""
    text = "x\n\n" + "\n\n".join(f"{place}: {{{place}}}" for place in mail.PLACES)
    for name in VARIANTS:
        (tmp_path / f"{name}.da.txt").write_text(text, "utf-8")
    templates = Templates.read(tmp_path)
    for name, told in KINDS.items():
        message = written(letter(**{"kind": name, **told}), templates=templates)
        assert message.subject == "x"
        assert "name: Trine Ågård" in message.text
        assert _Reader(message.html).text == message.text


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("confirmation.da.txt", "x\n\nHej {navn}", "unknown_place_file"),
        ("confirmation.da.txt", "{navn}\n\nHej", "unknown_place_file"),
        ("confirmation.da.txt", "x\n\n{name.__class__}", "unknown_place_file"),
        ("confirmation.da.txt", "x\n\n{name!r}", "unknown_place_file"),
        ("confirmation.da.txt", "x\n\n{name:>9}", "unknown_place_file"),
        ("confirmation.da.txt", "x\n\n{0} {}", "unknown_place_file"),
        ("confirmation.da.txt", "x\n\nHej {name", "bad_braces_file"),
        ("confirmation.da.txt", "x\n\nHej name}", "bad_braces_file"),
        ("confirmation.da.txt", b"x\n\n\xe6\xf8\xe5", "not_utf8_file"),
        ("bekraeftelse.da.txt", "x\n\ny", "unknown_template"),
        ("confirmation.fr.txt", "x\n\ny", "unknown_template"),
        ("confirmation.txt", "x\n\ny", "unknown_template"),
    ],
)
def test_a_template_that_cannot_be_is_told_with_its_file(
    tmp_path: Path, name: str, text: str | bytes, code: str
) -> None:
    """Before the first mail, in words, in both languages."""
    with pytest.raises(FormatError) as caught:
        own(tmp_path, name, text)
    assert caught.value.code == code
    assert name in str(caught.value)
    for language in ("da", "en"):
        [said] = wording(language).error(caught.value)
        assert name in said
        assert "{" not in said.replace("{navn}", "").replace("{name", "").replace("{0}", "")


def test_a_folder_without_templates_has_ours(tmp_path: Path) -> None:
    """So has no folder at all; other files in it are let be."""
    (tmp_path / "læs mig.md").write_text("{x}", "utf-8")
    assert Templates.read(tmp_path) == Templates.read(None) == Templates()


def test_each_template_of_one_s_own_is_for_one_mail(tmp_path: Path) -> None:
    """Who was signed up by somebody else, or has switched, gets another than the plain one."""
    told = {name: KINDS[name] for name in ("confirmation", "colleague", "change", "corrected")}
    for name in told:
        templates = own(folder := tmp_path / name, f"{name}.da.txt", "Vores\n\n{cancel}")
        for other, how in told.items():
            message = written(letter(**{"kind": other, **how}), templates=templates)
            assert (message.subject == "Vores") is (other == name)
            assert message.subject == "Vores" or message == of(other)
        assert list(folder.iterdir())


@pytest.mark.parametrize("name", KINDS)
def test_a_mail_of_one_s_own_still_says_how_to_stay_away(name: str) -> None:
    """At its end, unless it has the link itself; never where ours says nothing of it."""
    page = LINKS.page(KINDS[name].get("one", ONE))
    away = f"Kan du ikke komme? Meld afbud her: {page}\n"
    away += "" if name in UNSEATED else "Det er ikke nok at afslå i kalenderen.\n"
    about = letter(**{"kind": name, **KINDS[name]})
    for text, wanted in (
        ("Hej\n\n{signature}", away),
        ("Hej {{cancel}}", away),
        ("Hej\n\n{cancel}", f"Meld afbud her: {page}\n"),
    ):
        template = Template("{cancel}", text)
        templates = Templates({(variant, "da"): template for variant in VARIANTS})
        message = written(about, templates=templates)
        said = message.text
        assert said.endswith(f"\n\n{wanted}") is (name not in GONE)
        assert said.count("afbud her") == (name not in GONE)
        assert _Reader(message.html).text == said


def test_braces_can_be_written() -> None:
    """Doubled, as everywhere in Python."""
    template = Template("{{x}}", "Hej {{{name}}}")
    assert template.subject == "{{x}}"
    templates = Templates({("seat_cancelled", "da"): template})
    message = written(letter("seat_cancelled", one=at("cancelled")), templates=templates)
    assert (message.subject, message.text) == ("{x}", f"Hej {{{ONE.person.name}}}\n")


def test_what_is_put_in_is_normal_text() -> None:
    """No letter is changed on its way through: what came decomposed stays so."""
    name = unicodedata.normalize("NFD", "Åse Ærø")
    one = evolve(ONE, person=evolve(ONE.person, name=name))
    assert name in written(letter(one=one)).text


HALVES = {
    "nothing": "",
    "only space": " \n\n \n",
    "a subject alone": "Velkommen til {title}\n",
    "a subject above nothing": "Velkommen\n\n  \n",
    "no subject": "\n\nKære {name}\n\nVi ses.\n",
    "a mark of its order and nothing": "\ufeff",
}


@pytest.mark.parametrize("half", HALVES)
def test_a_template_without_subject_or_text_is_none(tmp_path: Path, half: str) -> None:
    """It would make a mail without text, or with the greeting for a subject."""
    with pytest.raises(FormatError) as caught:
        own(tmp_path, "confirmation.da.txt", HALVES[half])
    assert caught.value.code == "half_a_template"
    [said] = wording("da").error(caught.value)
    assert said.startswith("confirmation.da.txt mangler emne eller tekst. Skriv først emnet")
    [said] = wording("en").error(caught.value)
    assert said.startswith("confirmation.da.txt has no subject or no text. Write first")


@pytest.mark.parametrize("bad", ["\f", "\0", "\x85", "\x0b", "\x1a", "\x1c", "\x1f", "\x7f"])
@pytest.mark.parametrize("text", ["Vel{}kommen\n\nHej {{name}}", "x\n\nHej{}\n\nVi ses"])
def test_a_template_that_no_mail_can_hold_is_none(tmp_path: Path, text: str, bad: str) -> None:
    """Each mail made of it would be refused, one after the other; the file is told once."""
    with pytest.raises(FormatError) as caught:
        own(tmp_path, "confirmation.da.txt", text.format(bad))
    assert caught.value.code == "unsayable_template"
    for language in ("da", "en"):
        [said] = wording(language).error(caught.value)
        assert said.startswith("confirmation.da.txt ")
        assert f"U+{ord(bad):04X}" in said


def test_a_template_is_no_longer_than_a_mail(tmp_path: Path) -> None:
    """What stands at its ends, and line ends of any kind, are in nobody's way."""
    with pytest.raises(FormatError) as caught:
        own(tmp_path, "confirmation.da.txt", "x\n\n" + "y" * 100_001)
    assert caught.value.code == "long_template"
    [said] = wording("da").error(caught.value)
    assert said.startswith("confirmation.da.txt er på 100.001 tegn. Der er plads til 100.000.")
    templates = own(tmp_path, "confirmation.da.txt", "x \r\n\r\n\tHej\u2028{name}\r\f\r\n\f")
    message = written(letter(), templates=templates)
    assert message.text.startswith(f"Hej\u2028{ONE.person.name}")


def test_no_letter_of_others_is_in_the_headers_of_a_plain_address() -> None:
    """Neither the contact's nor the site's: some servers take none (RFC 6531)."""
    event = evolve(EVENT, contact=Contact(name="Søren", email="søren@bøl.dk"))
    links = Links("s" * 40, "https://møder.dk")

    def to(email: str) -> Message:
        one = evolve(ONE, person=evolve(ONE.person, email=email))
        about = letter(event=event, one=one, sequence=1)
        return mail.message(about, sender=SENDER, links=links, templates=Templates(), at=AT)

    message = to("trine@example.dk")
    assert message.mime.isascii()
    assert parsed(message)["Message-ID"].endswith("@xn--mder-gra.dk>")
    assert parsed(message)["Reply-To"] is None
    assert "søren@bøl.dk" in message.text
    assert parsed(to("bødil@example.dk"))["Reply-To"] == "søren@xn--bl-lka.dk"


def test_a_trial_from_a_site_without_a_name() -> None:
    """A number of IPv6 is in brackets in both places (RFC 5321 4.1.3)."""
    sender, site = "eventkit@[IPv6:::1]", "http://[::1]:8000"
    message = mail.trial("t", "bo@x.dk", sender=sender, base_url=site, language="da", at=AT)
    back = parsed(message)
    assert message.sender == back["From"] == sender
    assert back["Message-ID"] == f"<t.{int(AT.timestamp())}@[IPv6:::1]>"
    assert not back["From"].defects
    assert not back["Message-ID"].defects


def test_a_subject_of_places_that_are_silent_is_the_title() -> None:
    """No mail goes out without one."""
    templates = Templates({("seat_cancelled", "da"): Template("{fee}", "Hej {name}")})
    for fee, said in ((None, EVENT.title), (Money(200), "Afbuddet koster 200 kr.")):
        about = letter("seat_cancelled", one=at("cancelled", fee=fee))
        assert written(about, templates=templates).subject == said
