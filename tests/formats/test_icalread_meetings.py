"""The way into an online meeting: kept for those who attend, and published nowhere."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventkit.formats import codec, ical, icalread
from eventkit.model.event import Event, Imported, Revision
from eventkit.model.values import SYSTEM
from eventkit.office.tables import public
from eventkit.rules.deadlines import Open
from eventkit_web import jsonld

OPEN = Open(closes=datetime(2027, 5, 20, tzinfo=UTC), modes=())
CANARY = "k4n4r1e"
TEAMS = (
    f"https://teams.microsoft.com/l/meetup-join/19%3ameeting_{CANARY}%40thread.v2/0"
    f"?context=%7b%22Tid%22%3a%22{CANARY}%22%7d"
)
ZOOM = f"https://us02web.zoom.us/j/{CANARY}?pwd={CANARY}.1"
MEET = f"https://meet.google.com/{CANARY}"


def read(*lines: str) -> Imported:
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "SUMMARY:Møde")
    body = ("DTSTART:20270520T080000Z", *lines, "END:VEVENT", "END:VCALENDAR", "")
    kept = [line for line in head if not (line[:7] == "SUMMARY" and "SUMMARY" in str(lines))]
    return icalread.read("\r\n".join((*kept, *body)).encode(), zone="Europe/Copenhagen")


def one(*lines: str) -> Event:
    (event,) = read(*lines).events
    return event


def published(event: Event) -> str:
    """All that the public may see of the event: as document, calendar entry and JSON-LD."""
    at = datetime(2027, 1, 1, tzinfo=UTC)
    seen = public(Revision(event=event, number=1, sequence=0, at=at, actor=SYSTEM))
    said: list[Any] = [
        codec.dumps(seen),
        ical.vevent(seen).replace("\r\n ", ""),
        json.dumps(jsonld.document(seen.event, OPEN, address="https://x.dk/1")),
    ]
    return "\n".join(said)


def test_an_invitation_from_outlook() -> None:
    """The link in the text goes; that of the property is kept, and the room stays."""
    found = read(
        f"DESCRIPTION:Velkommen\\n\\nDeltag her: <{TEAMS}>\\n{TEAMS}\\nKaffe fra kl. 9",
        "LOCATION:Microsoft Teams Meeting\\; Lokale 2",
        f"X-MICROSOFT-SKYPETEAMSMEETINGURL:{TEAMS}",
        "X-MICROSOFT-ONLINEMEETINGEXTERNALLINK:",
    )
    (event,) = found.events
    assert event.online is not None
    assert (event.online.provider, event.online.url) == ("Teams", TEAMS)
    assert not event.online.public
    assert event.description == "Velkommen\n\nDeltag her: …  \nKaffe fra kl. 9"
    assert event.venue is not None
    assert event.venue.name == "Microsoft Teams Meeting; Lokale 2"
    assert [(f.code, f.path) for f in found.findings] == [("EK509", "events[0].online.url")]


def test_an_invitation_from_google() -> None:
    """HTML and all."""
    event = one(
        f"X-GOOGLE-CONFERENCE:{MEET}",
        f'DESCRIPTION:<b>Hej</b><br><a href="{MEET}">{MEET}</a> og https://x.dk/dagsorden',
        "LOCATION:Rådhuspladsen 1\\, 1550 København",
    )
    assert event.online is not None
    assert (event.online.provider, event.online.url) == ("Google Meet", MEET)
    assert event.description == '<b>Hej</b><br><a href="…">…</a> og https://x.dk/dagsorden'
    assert event.venue is not None


def test_an_invitation_from_zoom() -> None:
    """A place that is only a link is no place."""
    event = one(f"LOCATION:{ZOOM}", f"URL:{ZOOM}", f"DESCRIPTION:Join Zoom Meeting\\n{ZOOM}\\n")
    assert event.online is not None
    assert (event.online.provider, event.online.url) == ("Zoom", ZOOM)
    assert (event.venue, event.description) == (None, "Join Zoom Meeting")


@pytest.mark.parametrize(
    ("lines", "url"),
    [
        ((f"URL:{ZOOM}", f"X-GOOGLE-CONFERENCE:{MEET}", "CONFERENCE:http://x.dk"), "http://x.dk"),
        ((f"X-MICROSOFT-SKYPETEAMSMEETINGURL:{TEAMS}", f"X-GOOGLE-CONFERENCE:{MEET}"), MEET),
        ((f"URL:{ZOOM}", f"X-MICROSOFT-ONLINEMEETINGEXTERNALLINK:{TEAMS}"), TEAMS),
        ((f"DESCRIPTION:{MEET}", f"URL:{TEAMS}", f"LOCATION:{ZOOM}"), ZOOM),
        ((f"DESCRIPTION:{MEET}", f"URL:{TEAMS}"), TEAMS),
        ((f"DESCRIPTION:Vi ses på {MEET}.",), MEET),
        (("DESCRIPTION:(whereby.com/bestyrelsen)",), "https://whereby.com/bestyrelsen"),
        ((f"CONTACT:Bo\\, {MEET}",), MEET),
        ((f"CONFERENCE:tel:+4512345678,,{CANARY}", f"URL:{MEET}"), MEET),
    ],
)  # fmt: skip
def test_which_link_is_taken(lines: tuple[str, ...], url: str) -> None:
    """The most exact one; none is lost because it stands in an odd place."""
    event = one(*lines)
    assert event.online is not None
    assert event.online.url == url
    assert CANARY not in published(event)


def test_a_meeting_on_a_host_of_ones_own() -> None:
    """What CONFERENCE says is cut out too, whoever holds the meeting."""
    link = f"https://video.kommune.dk/{CANARY}?pin=1"
    event = one(f"CONFERENCE;LABEL=Video:{link}", f"DESCRIPTION:Her: {link.upper()}", f"URL:{link}")
    assert event.online is not None
    assert (event.online.provider, event.online.url) == ("Video", link)
    assert event.description == "Her: …"


@pytest.mark.parametrize(
    "text",
    [
        "https://x.dk/zoom",
        "https://notzoom.us/j/1",
        "https://my-zoom.us/j/1",
        "https://zoom.us.example.dk/j/1",
        "https://zoom.us",
        "Vi bruger zoom.us.",
        "bo@zoom.us",
    ],
)
def test_other_links_stay(text: str) -> None:
    """A link to elsewhere, and the mere name of a service, are no way into a meeting."""
    found = read(f"DESCRIPTION:{text}")
    assert (found.events[0].description, found.events[0].online) == (text, None)
    assert found.findings == ()


def test_a_link_beside_it_stays() -> None:
    """Only the way in is cut out."""
    event = one(f"DESCRIPTION:https://x.dk/a,{ZOOM} https://x.dk/b [Deltag]({ZOOM}) nu")
    assert event.description == "https://x.dk/a,… https://x.dk/b Deltag nu"


def test_a_uid_that_is_the_link_gives_way_to_one_that_stays_the_same() -> None:
    """So that the next import finds the event again."""
    first, again, other = (one(f"UID:{MEET}{end}") for end in ("", "", "x"))
    assert first.uid == again.uid != other.uid
    assert CANARY not in published(first)


LINKS = (
    TEAMS,
    ZOOM,
    MEET,
    f"https://teams.live.com/meet/{CANARY}",
    f"https://acme.webex.com/m/{CANARY}",
    f"https://whereby.com/{CANARY}",
    f"https://meet.jit.si/{CANARY}",
    f"https://global.gotomeeting.com/join/{CANARY}",
    f"https://meet.goto.com/{CANARY}",
    f"https://join.skype.com/{CANARY}",
    f"zoommtg://zoom.us/join?confno={CANARY}",
    f'https://teams.microsoft.com/l/x/0?context={{"Tid":"{CANARY}","Oid":"{CANARY}"}}',
    f"https://zoom.us:443/j/{CANARY}",
    f"https://bo:x@zoom.us/j/{CANARY}",
    f"https://zoom.us./j/{CANARY}",
    f"https://zo\u00adom.us/j/{CANARY}",
    f"https://ｚｏｏｍ.us/j/{CANARY}",
    f"zoom.us/my/{CANARY}",
)
WRAPS = (
    lambda link: link,
    lambda link: link.upper().replace(CANARY.upper(), CANARY),
    lambda link: f"https://eur01.safelinks.example/?url={quote(link, safe='')}&data={CANARY}",
    lambda link: f"https://www.google.com/url?q={quote(quote(link, safe=''), safe='')}&sa=D",
    lambda link: link.replace("&", "&amp;").replace("/", "&#x2F;"),
    lambda link: link.partition("://")[2] or link,
)
AROUND = (
    "{}",
    "<{}>",
    "({})",
    '"{}"',
    "[Deltag]({})",
    '<a href="{}">Deltag</a>',
    "_{}_",
    "Link:{}",
    "{}.",
    "a,{};b",
    "{0} {0}",
)
PLACES = (
    "DESCRIPTION:{}",
    "LOCATION:{}",
    "URL:{}",
    "SUMMARY:{}",
    "CONTACT:{}",
    "CATEGORIES:{}",
    "UID:{}",
    "ORGANIZER;CN='{}':mailto:a@x.dk",
    "ORGANIZER:mailto:{}@x.dk",
    "CONFERENCE;LABEL='{}':https://x.dk/c",
    "CONFERENCE:{}",
    "X-GOOGLE-CONFERENCE:{}",
    "X-MICROSOFT-SKYPETEAMSMEETINGURL:{}",
    "STATUS:{}",
    "DESCRIPTION:Hej\\n{}\\nVi ses",
)


@settings(max_examples=400)
@given(
    st.lists(
        st.tuples(*map(st.sampled_from, (PLACES, AROUND, WRAPS, LINKS))),
        min_size=1,
        max_size=4,
    )
)
def test_the_way_in_is_published_nowhere(said: list[tuple[str, str, Any, str]]) -> None:
    """Wherever it stands, and however it is wrapped."""
    lines = []
    for place, around, wrap, link in said:
        text = around.format(wrap(link))
        if "'{}'" in place:
            place, text = place.replace("'", '"'), text.replace('"', "^'")
        elif "URL" not in place and "CONF" not in place:
            text = text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
        lines.append(place.format(text))
    for event in read(*lines).events:
        assert CANARY not in published(event).casefold()


def test_a_passcode_apart_from_its_link_is_kept_out() -> None:
    """The link in a property or the place, the passcode alone in the text."""
    for line in (f"LOCATION:{ZOOM}", f"X-GOOGLE-CONFERENCE:{MEET}"):
        found = read(line, f"DESCRIPTION:Vi ses\\nPasscode: {CANARY}")
        assert found.events[0].description == "Vi ses"


def test_the_codes_of_an_invitation_are_kept_out_and_told() -> None:
    """There is no field for them, so a finding holds each line; only staff see findings."""
    found = read(
        f"DESCRIPTION:Deltag nu: {ZOOM}\\nMøde-id: 123 456 789\\nAdgangskode: {CANARY}\\nVi ses",
        "UID:meeting-id-123456789@x.dk",
    )
    (event,) = found.events
    assert event.description == "Deltag nu: …  \nVi ses"
    assert "456" not in published(event)
    assert CANARY not in published(event)
    told = [f.data["line"] for f in found.findings if f.path == "events[0].description"]
    assert told == ["Møde-id: 123 456 789", f"Adgangskode: {CANARY}"]


def test_a_passcode_on_the_line_below_its_label_is_kept_out() -> None:
    """Where only the name of the service says that there is a meeting, too."""
    for line in (f"LOCATION:{ZOOM}", "LOCATION:Microsoft Teams-møde"):
        found = read(line, f"DESCRIPTION:Vi ses\\nPassword:\\n{CANARY}\\nBrug koden {CANARY}")
        assert CANARY not in published(found.events[0])
        assert f"Brug koden {CANARY}" in [f.data.get("line") for f in found.findings]
