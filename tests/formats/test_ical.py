"""What is written: bytes that any reader takes, with the instants we mean, and no secrets."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from eventkit import testing
from eventkit.formats import ical, icalread
from eventkit.formats.wording import is_whole_days
from eventkit.model.event import AgendaItem, Event, Revision, Status
from eventkit.model.values import (
    SYSTEM,
    Contact,
    Mode,
    Money,
    OnlineAccess,
    Organiser,
    Person,
    Venue,
    instant,
    zone,
)

Reader = Callable[[bytes], list[dict[str, Any]]]
CPH = zone("Europe/Copenhagen")


def at(hour: int, minute: int = 0, *, day: int = 21) -> datetime:
    return datetime(2022, 4, day, hour, minute, tzinfo=CPH)


def revised(event: Event, sequence: int = 0) -> Revision:
    made = datetime(2022, 3, 1, 12, tzinfo=UTC)
    return Revision(event=event, number=1, sequence=sequence, at=made, actor=SYSTEM)


def meeting(**changes: Any) -> Event:
    event = Event(id="22-001", title="Netværksmøde", starts=at(9, 30), ends=at(15))
    return evolve(event, **changes)


def written(event: Event, **how: Any) -> bytes:
    return ical.calendar([ical.vevent(revised(event), **how)], [event.zone.key])


@st.composite
def happenings(draw: st.DrawFn) -> Event:
    """What a calendar must carry unharmed: a title, a time, a place, a status; often at night."""
    starts = draw(testing.times())
    minutes = draw(st.none() | st.integers(0, 3 * 24 * 60) | st.sampled_from([30, 60, 1440, 2880]))
    ends = None
    if minutes is not None:
        ends = (instant(starts) + timedelta(minutes=minutes)).astimezone(starts.tzinfo)
    return Event(
        id="22-001",
        uid=draw(st.none() | testing.lines(required=True)),
        title=draw(testing.lines(required=True)),
        kind=draw(testing.lines()),
        status=draw(st.sampled_from(Status)),
        venue=draw(st.none() | testing.venues()),
        starts=starts,
        ends=ends,
    )


def unfolded(data: bytes) -> list[str]:
    return data.replace(b"\r\n ", b"").decode().removesuffix("\r\n").split("\r\n")


def lines_of(data: bytes, name: str) -> list[str]:
    """The lines of a property after the time zones, without its parameters."""
    text = "\r\n".join(unfolded(data)).rpartition("END:VTIMEZONE")[2]
    return re.findall(rf"^{name}(?:;[^:\r]*)?:([^\r]*)", text, re.MULTILINE)


def meant(when: datetime | None) -> datetime | None:
    return None if when is None else instant(when)


# --- the form --------------------------------------------------------------------------------


def is_well_formed(data: bytes) -> None:
    assert data.endswith(b"END:VCALENDAR\r\n")
    for line in data.removesuffix(b"\r\n").split(b"\r\n"):
        assert len(line) <= 75, line
        text = line.decode()  # no letter is split
        assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029]", text), line
    zones = set(re.findall(r"^TZID:(.*)$", "\n".join(unfolded(data)), re.MULTILINE))
    used = set(re.findall(r";TZID=([^:;]+):", "\n".join(unfolded(data))))
    assert used <= zones


@settings(max_examples=40)
@given(testing.revisions(), st.sampled_from(["da", "en"]))
def test_every_calendar_is_well_formed(revision: Revision, language: str) -> None:
    """Whatever the event: lines of at most 75 octets, whole letters, no control characters."""
    entries = [
        ical.vevent(revision, language=language, base_url="https://møde.dk"),
        *ical.item_vevents(revision, language=language),
    ]
    is_well_formed(
        ical.calendar(
            entries, [revision.event.zone.key], name="Møder; alle", url="https://x.dk/å b"
        )
    )


def test_what_the_model_does_not_see_is_cleaned_too() -> None:
    """A name of a feed comes from elsewhere, and may hold anything."""
    data = ical.calendar(
        [], ["Europe/Copenhagen"], name="a\x07b\tc\u2028d\r\ne" * 9, url="https://x/\x00\n"
    )
    is_well_formed(data)


def test_a_tab_becomes_a_space() -> None:
    """A control character too, though the words on its sides must not meet."""
    assert lines_of(written(meeting(summary="Kom\tog hør.")), "DESCRIPTION") == ["Kom og hør."]


LETTERS = ("a", "æ", "😀", "\\\\", "^", "a\\\\", "^a")


@pytest.mark.parametrize("letter", LETTERS)
def test_a_line_is_folded_as_if_written_at_once(letter: str) -> None:
    """Where the link to somebody's own page is put at the end of what is ready.

    Line ends fall between all kinds of letters, some of which icalendar keeps together.
    """
    for length in range(24, 100):
        for more in (*(one * 90 for one in LETTERS), "b", ""):
            text = (letter * 100)[:length]
            whole = ical.content_line("X", text + more)
            assert ical._with_more(ical.content_line("X", text), more) == whole
            assert ical._quick_line("X", text + more) == whole
        attendee = ical.content_line("ATTENDEE", f"mailto:{text}", {"CN": text})
        assert ical._quick_line("ATTENDEE", f"mailto:{text}", {"CN": text}) == attendee


def test_a_long_text_is_folded_between_letters() -> None:
    """Letters of two, three and four octets, at every offset from the fold."""
    for shift in range(8):
        text = "x" * shift + "æ€😀" * 60
        data = written(meeting(title=text))
        is_well_formed(data)
        assert lines_of(data, "SUMMARY") == [text]


def test_the_same_event_gives_the_same_bytes_in_every_process() -> None:
    """Neither a clock nor the order of a set shows."""
    code = (
        "import sys; from eventkit import testing; from eventkit.formats import ical;"
        "r = testing.sample_revision();"
        "zones = {'Europe/Copenhagen', 'Africa/Cairo', 'America/New_York', r.event.zone.key};"
        "v = [ical.vevent(r), *ical.item_vevents(r)];"
        "sys.stdout.buffer.write(ical.calendar(v, zones, name='a', url='https://x.dk'))"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": place},
            capture_output=True,
            check=True,
        ).stdout
        for seed, place in (("1", "Asia/Tokyo"), ("2", "America/New_York"))
    ]
    assert outputs[0] == outputs[1]
    assert outputs[0].count(b"BEGIN:VTIMEZONE") >= 3


def test_a_feed_is_a_concatenation() -> None:
    """The entries stand in the calendar as they were kept."""
    entries = [ical.vevent(revised(meeting(id=f"22-{n}"))) for n in range(3)]
    assert "".join(entries).encode() in ical.calendar(entries, ["Europe/Copenhagen"])


def test_an_entry_says_which_zones_and_years_it_needs() -> None:
    """What the store keeps beside it, so that a feed need not look for them."""
    event = meeting(ends=datetime(2023, 1, 1, 1, tzinfo=CPH))
    entry = ical.vevent(revised(event))
    assert ical.years_of(entry) == {"Europe/Copenhagen": (2022, 2023)}
    head, tail = ical.frame(ical.years_of(entry))
    assert (head + entry + tail).encode() == ical.calendar([entry], [])


def test_an_empty_feed_is_still_a_calendar() -> None:
    """A calendar needs a component (RFC 5545 3.6); the zone is one."""
    data = ical.calendar([], ["Europe/Copenhagen"])
    is_well_formed(data)
    assert b"BEGIN:VTIMEZONE" in data


# --- the same instants -----------------------------------------------------------------------


def agrees(found: dict[str, Any], event: Event) -> None:
    if is_whole_days(event):
        assert event.ends is not None
        assert (found["starts"], found["ends"]) == (event.starts.date(), event.ends.date())
        return
    later = meant(event.ends) != meant(event.starts)
    assert found["starts"] == meant(event.starts).replace(microsecond=0)  # type: ignore[union-attr]
    if later and event.ends is not None:
        assert found["ends"] == instant(event.ends).replace(microsecond=0)
    else:
        assert found["ends"] is None


@given(event=happenings())
def test_vobject_sees_the_same_instants(by_vobject: Reader, event: Event) -> None:
    """On nights of clock changes, in either fold, in all zones."""
    (found,) = by_vobject(written(event))
    agrees(found, event)
    assert found["summary"].strip() == event.title.strip()


@given(event=happenings())
def test_ical_js_sees_the_same_instants(ical_js: Reader, event: Event) -> None:
    """A second reader with another calendar arithmetic. It counts zones up to 2035 only."""
    if event.starts.year > 2034:
        event = evolve(event, programme=(), starts=event.starts.replace(year=2030), ends=None)
    if event.ends is not None and event.ends.year > 2034:
        event = evolve(event, ends=None)
    (found,) = ical_js(written(event))
    agrees(found, event)
    assert found["summary"].strip() == event.title.strip()


NIGHTS = [
    datetime(2026, 10, 25, 2, 30, tzinfo=CPH),
    datetime(2026, 10, 25, 2, 30, tzinfo=CPH, fold=1),
    datetime(2026, 3, 29, 2, 30, tzinfo=CPH),
    datetime(2026, 3, 29, 2, 30, tzinfo=CPH, fold=1),
    datetime(2026, 10, 25, 3, 0, tzinfo=CPH),
    datetime(2026, 3, 29, 3, 0, tzinfo=CPH),
]


@pytest.mark.parametrize("starts", NIGHTS, ids=lambda when: f"{when} fold={when.fold}")
def test_a_night_of_clock_changes(starts: datetime, by_vobject: Reader, ical_js: Reader) -> None:
    """The second 2.30 of October and the 2.30 that March skips are the instants they were."""
    event = meeting(starts=starts, ends=(instant(starts) + timedelta(hours=2)).astimezone(CPH))
    data = written(event)
    for reader in (by_vobject, ical_js):
        (found,) = reader(data)
        agrees(found, event)
    assert instant(icalread.read(data, zone=CPH.key).events[0].starts) == instant(starts)


def test_a_time_that_exists_twice_is_written_in_utc() -> None:
    """iCalendar cannot say which of the two it is; every other time is on the zone's clocks."""
    data = written(meeting(starts=NIGHTS[1], ends=NIGHTS[4]))
    assert lines_of(data, "DTSTART") == ["20261025T013000Z"]
    assert lines_of(data, "DTEND") == ["20261025T030000"]


def test_whole_days_are_dates(by_vobject: Reader, ical_js: Reader) -> None:
    """From midnight to midnight calendars show a day, not 24 hours; the end is not included."""
    event = meeting(starts=at(0, day=21), ends=at(0, day=23))
    data = written(event)
    assert b"DTSTART;VALUE=DATE:20220421\r\nDTEND;VALUE=DATE:20220423\r\n" in data
    for reader in (by_vobject, ical_js):
        assert reader(data)[0]["ends"] == date(2022, 4, 23)
    assert icalread.read(data, zone=CPH.key).events[0].ends == event.ends


def test_an_unknown_end_is_left_out() -> None:
    """Nobody said when it ends, and nobody guesses; so too where it is the start."""
    assert lines_of(written(meeting(ends=None)), "DTEND") == []
    assert lines_of(written(meeting(ends=at(9, 30))), "DTEND") == []


# --- what it says ----------------------------------------------------------------------------


def test_the_description_holds_the_programme() -> None:
    """Teaser, text, programme, audience, price, deadline and the address, in plain text."""
    event = meeting(
        summary="Kom og hør.",
        description="Vi taler om **drift**.",
        audience="Driftschefer",
        price=Money(Decimal(0)),
        deadline=date(2022, 4, 18),
        programme=(
            AgendaItem(
                title="Velkomst", starts=at(9, 30), ends=at(10), speakers=(Person(name="Bo"),)
            ),
            AgendaItem(title="Oplæg", starts=at(10), online=OnlineAccess(provider="Teams")),
            AgendaItem(title="Næste dag", starts=at(9, day=22), ends=at(10, day=22)),
        ),
    )
    (text,) = lines_of(written(event, base_url="https://x.dk"), "DESCRIPTION")
    assert text.replace("\\n", "\n").replace("\\,", ",").split("\n") == [
        "Kom og hør.",
        "",
        "Vi taler om drift.",
        "",
        "Program:",
        "9.30–10.00 Velkomst (Bo)",
        "10.00 Oplæg (Teams)",
        "",
        "fredag den 22. april 2022",
        "9.00–10.00 Næste dag",
        "",
        "Målgruppe: Driftschefer",
        "",
        "Pris: Gratis",
        "",
        "Tilmelding: til og med mandag den 18. april 2022",
        "",
        "Læs mere: https://x.dk/events/22-001",
    ]


MARKED = """\
## Ressourcer, tid og kræfter

Vi taler om **fed** skrift. Se [referatet](https://x.dk/2).

- punkt
- flere
"""
PLAIN = """\
Ressourcer, tid og kræfter

Vi taler om fed skrift. Se referatet: https://x.dk/2.

- punkt
- flere"""


def test_markdown_is_said_in_plain_text(by_vobject: Reader) -> None:
    """Calendars show signs as signs: headings, points, bold words and links are said without."""
    item = AgendaItem(title="Oplæg", starts=at(10), description=MARKED)
    event = meeting(
        summary="2 * 3 * 4 er ikke **fed**.",
        description=MARKED,
        audience="- *Alle*",
        venue=Venue(name="Huset", directions="Bag **huset**."),
        programme=[item],
    )
    (found,) = by_vobject(written(event))
    indented = "\n".join(f"  {line}" for line in PLAIN.splitlines() if line)
    assert found["description"].split("\n\n") == [
        "2 * 3 * 4 er ikke **fed**.",
        *PLAIN.split("\n\n"),
        f"Program:\n10.00 Oplæg\n{indented}",
        "Målgruppe: - Alle",
        "Bag huset.",
    ]
    (of_item,) = by_vobject(ical.calendar(ical.item_vevents(revised(event)), [CPH.key]))
    assert of_item["description"] == f"Del af: Netværksmøde\n\n{PLAIN}"


def test_a_description_that_came_from_us_stays_as_it_is() -> None:
    """Read from our own file and written again, the text says the same, word for word."""
    first = lines_of(written(meeting(description=MARKED)), "DESCRIPTION")
    [found] = icalread.read(written(meeting(description=MARKED)), zone=CPH.key).events
    again = evolve(meeting(), description=found.description)
    assert lines_of(written(again), "DESCRIPTION") == first


def test_no_link_is_promised_for_what_is_called_off() -> None:
    """The link is sent to nobody any more."""
    off = meeting(status=Status.CANCELLED, online=OnlineAccess(provider="Teams"))
    (text,) = lines_of(written(off), "DESCRIPTION")
    assert text == "Arrangementet er aflyst.\\n\\nTeams"


def test_the_words_round_it_follow_the_reader() -> None:
    """The event's own words keep their language, which is named; ours are the reader's."""
    event = meeting(deadline=date(2022, 4, 18), language="da")
    data = written(event, language="en", base_url="https://x.dk")
    assert "Registration:" in lines_of(data, "DESCRIPTION")[0]
    assert lines_of(data, "URL") == ["https://x.dk/en/events/22-001"]
    assert b"SUMMARY;LANGUAGE=da:" in data
    assert b"DESCRIPTION:" in data, "words of two languages have no one language"
    assert b"DESCRIPTION;LANGUAGE=da:" in written(event, language="da")


@pytest.mark.parametrize(
    ("status", "word", "busy"),
    [
        (Status.PUBLISHED, "CONFIRMED", True),
        (Status.CANCELLED, "CANCELLED", False),
        (Status.POSTPONED, "TENTATIVE", False),
        (Status.DRAFT, "TENTATIVE", True),
    ],
)
def test_the_status(status: Status, word: str, busy: bool) -> None:
    """Postponed is not cancelled: it stays in calendars, but keeps nobody's time."""
    data = written(meeting(status=status))
    assert lines_of(data, "STATUS") == [word]
    assert lines_of(data, "TRANSP") == ([] if busy else ["TRANSPARENT"])


def test_why_it_is_cancelled_comes_first() -> None:
    """Many calendars show no status, but all show the description."""
    event = meeting(status=Status.CANCELLED, status_reason="Oplægsholderen er syg.", summary="Kom!")
    (text,) = lines_of(written(event), "DESCRIPTION")
    assert text == "Arrangementet er aflyst: Oplægsholderen er syg.\\n\\nKom!"


def test_the_stamps_come_from_the_revision() -> None:
    """Nothing is filled in from outside; when it was first made nobody knows here."""
    data = ical.calendar([ical.vevent(revised(meeting(), sequence=3))], [])
    assert lines_of(data, "DTSTAMP") == lines_of(data, "LAST-MODIFIED") == ["20220301T120000Z"]
    assert lines_of(data, "SEQUENCE") == ["3"]
    assert lines_of(data, "CREATED") == []


def test_the_uid() -> None:
    """The event's own; else one made from its id, whatever else changes."""
    assert lines_of(written(meeting(uid="a;b@x")), "UID") == ["a\\;b@x"]
    (made,) = lines_of(written(meeting()), "UID")
    assert lines_of(written(meeting(title="Andet"), base_url="https://y.dk"), "UID") == [made]
    assert lines_of(written(meeting(id="22-002")), "UID") != [made]


SECRET = "https://teams.example/hemmelig"


@pytest.mark.parametrize("mode", list(Mode))
def test_who_sits_in_the_room_is_promised_no_link(mode: Mode) -> None:
    """It is sent to those who attend online; a public one is for all to see."""
    one = evolve(testing.sample_registration(), mode=mode, status="waiting")
    for public, said in ((False, "Linket sendes"), (True, SECRET)):
        access = OnlineAccess(provider="Teams", url=SECRET, public=public)
        entry = ical.invitation(
            revised(meeting(online=access)),
            one,
            ical.Method.REQUEST,
            sequence=1,
            organiser="post@example.dk",
        )
        text = "".join(lines_of(entry, "DESCRIPTION"))
        assert (said in text) is (public or mode is Mode.ONLINE)


def test_a_private_link_is_nowhere() -> None:
    """Neither the event's nor an item's: that it is sent is all the public reads."""
    access = OnlineAccess(provider="Teams", url=SECRET)
    item = AgendaItem(title="Oplæg", starts=at(10), online=access)
    revision = revised(meeting(online=access, programme=(item,)))
    data = ical.calendar([ical.vevent(revision), *ical.item_vevents(revision)], [])
    assert b"hemmelig" not in b"".join(data.split(b"\r\n "))
    assert "Teams. Linket sendes til tilmeldte." in lines_of(data, "DESCRIPTION")[0]
    assert lines_of(data, "CONFERENCE") == []


def test_a_public_link_is_a_conference() -> None:
    """RFC 7986 5.11, for everybody's links only."""
    access = OnlineAccess(provider="Teams", url=SECRET, public=True)
    data = written(meeting(online=access))
    assert "CONFERENCE;FEATURE=VIDEO;LABEL=Teams;VALUE=URI:" + SECRET in unfolded(data)
    assert SECRET in lines_of(data, "DESCRIPTION")[0]


def test_place_and_people() -> None:
    """The room comes first; an organiser needs an address that is one."""
    venue = Venue(
        name="Kulturhuset", room="Lokale 2", street="Bygaden 1", postcode="8000", locality="Aarhus"
    )
    event = meeting(
        venue=venue,
        kind="Kursus, to dage",
        organiser=Organiser(name='BL "Almene"; alle'),
        contact=Contact(name="Mette", phone="12 34 56 78", email="m+a@x.dk"),
    )
    data = written(event)
    assert lines_of(data, "LOCATION") == ["Lokale 2\\, Kulturhuset\\, Bygaden 1\\, 8000 Aarhus"]
    assert lines_of(data, "CATEGORIES") == ["Kursus\\, to dage"]
    assert lines_of(data, "CONTACT") == ["Mette\\, 12 34 56 78\\, m+a@x.dk"]
    assert lines_of(data, "ORGANIZER") == ["mailto:m+a@x.dk"]
    wrong = evolve(event, contact=Contact(name="Mette", email='ring"; X:mailto:y@z.dk'))
    assert lines_of(written(wrong), "ORGANIZER") == []


def test_a_backslash_before_n_stays() -> None:
    """A path is no new line (icalendar's own escaping makes it one)."""
    event = meeting(title="C:\\Notater\\nyt, a;b")
    assert icalread.read(written(event), zone=CPH.key).events[0].title == event.title


def test_a_feed_says_when_to_come_again() -> None:
    """RFC 7986, and what Outlook, Google and Apple read for it; a single event does not."""
    data = ical.calendar([], [], name="Møder", url="https://x.dk/calendar.ics")
    text = unfolded(data)
    for line in (
        "METHOD:PUBLISH",
        "NAME;LANGUAGE=da:Møder",
        "X-WR-CALNAME:Møder",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "SOURCE;VALUE=URI:https://x.dk/calendar.ics",
        "URL:https://x.dk/calendar.ics",
    ):
        assert line in text
    assert b"REFRESH" not in written(meeting())


def test_one_entry_for_each_item(by_vobject: Reader) -> None:
    """By choice: each with its own time, place, UID, and the event it is part of."""
    items = (
        AgendaItem(title="Velkomst", starts=at(9, 30), ends=at(10), room="Salen"),
        AgendaItem(
            title="Oplæg", starts=at(10), description="Om ting", speakers=(Person(name="Bo"),)
        ),
    )
    revision = revised(meeting(programme=items, venue=Venue(name="Huset", room="Lokale 2")))
    entries = ical.item_vevents(revision)
    found = by_vobject(ical.calendar(entries, ["Europe/Copenhagen"]))
    assert [one["summary"] for one in found] == ["Velkomst", "Oplæg"]
    assert [one["starts"] for one in found] == [instant(at(9, 30)), instant(at(10))]
    assert [one["location"] for one in found] == ["Salen, Huset", "Lokale 2, Huset"]
    assert found[1]["description"] == "Del af: Netværksmøde\n\nBo\n\nOm ting"
    assert len({one["uid"] for one in found} | {ical.uid(revision.event)}) == 3
    moved = evolve(revision, event=evolve(revision.event, programme=revision.event.programme[::-1]))
    assert {*ical.item_vevents(moved)} == {*entries}


# --- there and back --------------------------------------------------------------------------

READ_BACK = {
    Status.PUBLISHED: Status.PUBLISHED,
    Status.CANCELLED: Status.CANCELLED,
    Status.POSTPONED: Status.DRAFT,
    Status.DRAFT: Status.DRAFT,
}


@settings(max_examples=200)
@given(happenings())
def test_what_is_written_is_read_back(event: Event) -> None:
    """Title, instants, UID, status, kind and place, on any night and in any zone."""
    data = written(event)
    (found,) = icalread.read(data, zone=event.zone.key).events
    assert found.title == event.title.strip()
    assert found.uid == ical.uid(event).strip()
    assert found.kind == event.kind.strip()
    assert found.status is READ_BACK[event.status]
    assert meant(found.starts) == instant(event.starts).replace(microsecond=0)
    if event.ends is not None and instant(event.ends) != instant(event.starts):
        assert meant(found.ends) == instant(event.ends).replace(microsecond=0)
    else:
        assert found.ends is None
    again = revised(evolve(found, id="x"))
    assert lines_of(ical.calendar([ical.vevent(again)], []), "LOCATION") == lines_of(
        data, "LOCATION"
    )
