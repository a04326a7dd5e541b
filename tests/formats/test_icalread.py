"""What is read: events with findings, or one clear error, whatever the file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eventkit.formats import ical, icalfile, icalread
from eventkit.formats.wording import wording
from eventkit.model.decision import Finding
from eventkit.model.errors import FormatError
from eventkit.model.event import Event, Imported, Revision, Status
from eventkit.model.values import SYSTEM, instant, zone
from eventkit.testing import sample_revision

CPH = zone("Europe/Copenhagen")
START = "DTSTART;TZID=Europe/Copenhagen:20220421T093000"


def vevent(*lines: str, start: str = START, title: str = "Møde") -> str:
    return "\r\n".join(("BEGIN:VEVENT", f"SUMMARY:{title}", start, *lines, "END:VEVENT", ""))


def calendar(*components: str, head: str = "") -> bytes:
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{head}{''.join(components)}END:VCALENDAR\r\n".encode()
    )


def read(data: bytes, zone: str = "Europe/Copenhagen") -> Imported:
    """Read, and see to it that both languages have words for all that was found."""
    found = icalread.read(data, zone=zone)
    for language in ("da", "en"):
        for finding in found.findings:
            assert wording(language).finding(finding)
    return found


def one(*lines: str, **how: Any) -> tuple[Event, list[Finding]]:
    found = read(calendar(vevent(*lines, **how)))
    (event,) = found.events
    return event, list(found.findings)


def refusal(data: bytes, zone: str = "Europe/Copenhagen") -> FormatError:
    with pytest.raises(FormatError) as caught:
        icalread.read(data, zone=zone)
    for language in ("da", "en"):
        (sentence,) = wording(language).error(caught.value)
        assert sentence != str(caught.value), "the catalogue has no words for it"
        assert "\n" not in sentence
    return caught.value


def local(*when: int) -> datetime:
    return datetime(*when, tzinfo=CPH)  # type: ignore[misc,arg-type]


# --- an event --------------------------------------------------------------------------------


def test_a_plain_event() -> None:
    """What a calendar program saves, word for word; the office gives the id."""
    event, findings = one(
        "UID:abc@x",
        "DTEND;TZID=Europe/Copenhagen:20220421T150000",
        "LOCATION:Kulturhuset\\, Bygaden 1",
        "CATEGORIES:Netværksmøde",
        "DESCRIPTION:Linje 1\\nLinje 2\\n\\nAfsnit\\; C:\\\\new",
        'ORGANIZER;CN="BL: Almene":mailto:m%2Ba@x.dk',
        "CONTACT:Mette Hansen\\, +45 12 34 56 78",
        "CONFERENCE;VALUE=URI;LABEL=Teams:https://t.example/x",
        "STATUS:CONFIRMED",
        "X-ALT-DESC:hemmelig",
        title="Møde\\, nr. 1",
    )
    assert [finding.code for finding in findings] == ["EK509"]
    assert (event.id, event.uid, event.title) == (None, "abc@x", "Møde, nr. 1")
    assert (event.starts, event.ends) == (local(2022, 4, 21, 9, 30), local(2022, 4, 21, 15))
    assert event.venue is not None
    assert event.venue.name == "Kulturhuset, Bygaden 1"
    assert event.kind == "Netværksmøde"
    assert event.description == "Linje 1  \nLinje 2\n\nAfsnit; C:\\new"
    assert event.organiser is not None
    assert event.organiser.name == "BL: Almene"
    assert event.contact is not None
    assert (event.contact.name, event.contact.email) == ("Mette Hansen", "m+a@x.dk")
    assert event.contact.phone == "+45 12 34 56 78"
    assert event.online is not None
    assert (event.online.provider, event.online.url) == ("Teams", "https://t.example/x")
    assert not event.online.public
    assert event.status is Status.PUBLISHED


def test_the_address_of_a_page_is_kept_in_the_description() -> None:
    """URL has no field of its own; nothing is lost, and nothing is said twice."""
    assert one("URL:https://x.dk/a")[0].description == "https://x.dk/a"
    said = one("DESCRIPTION:Se https://x.dk/a", "URL:https://x.dk/a")[0]
    assert said.description == "Se https://x.dk/a"


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("STATUS:CANCELLED", Status.CANCELLED),
        ("STATUS:TENTATIVE", Status.DRAFT),
        ("STATUS:confirmed", Status.PUBLISHED),
        ("STATUS:X-ANDET", Status.PUBLISHED),
    ],
)
def test_the_status(line: str, status: Status) -> None:
    """A cancelled event stays cancelled; perhaps is a draft."""
    assert one(line)[0].status is status


def test_a_cancellation_cancels() -> None:
    """METHOD:CANCEL says it of every event of that calendar, and of no other."""
    cancelled = calendar(vevent("UID:1"), head="METHOD:CANCEL\r\n")
    found = read(cancelled + calendar(vevent("UID:2")))
    assert [event.status for event in found.events] == [Status.CANCELLED, Status.PUBLISHED]


def test_old_line_ends_case_folds_and_blank_lines() -> None:
    """Programs differ; what they mean is clear."""
    text = (
        "begin:vcalendar\nversion:2.0\n\nBegin:Vevent\nsummary;language=en:A\n  B\n"
        "dtstart:20220421T093000Z\nend:vevent\nend:vcalendar\n"
    )
    for ending in ("\n", "\r\n", "\r", "\r\r\n"):
        (event,) = read(text.replace("\n", ending).encode()).events
        assert (event.title, event.language) == ("A B", "en")
        assert event.starts == local(2022, 4, 21, 11, 30)


def test_a_letter_that_a_fold_splits() -> None:
    """Old programs fold between the octets of one letter."""
    data = calendar(vevent(title="Årsmøde")).replace("ø".encode(), b"\xc3\r\n \xb8")
    assert read(data).events[0].title == "Årsmøde"


@pytest.mark.parametrize(
    ("encoding", "codes"), [("utf-8-sig", []), ("utf-16", []), ("cp1252", ["EK507"])]
)
def test_encodings(encoding: str, codes: list[str]) -> None:
    """With a byte order mark, or as old Windows programs write: the letters are right."""
    data = calendar(vevent(title="Ærø – Årsmøde")).decode().encode(encoding)
    found = read(data)
    assert found.events[0].title == "Ærø – Årsmøde"
    assert [finding.code for finding in found.findings] == codes


# --- time ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "when", "codes"),
    [
        ("DTSTART:20220421T073000Z", local(2022, 4, 21, 9, 30), []),
        ("DTSTART;TZID=UTC:20220421T073000", local(2022, 4, 21, 9, 30), []),
        ("DTSTART:20220421T093000", local(2022, 4, 21, 9, 30), ["EK501"]),
        ("DTSTART;TZID=Europe/Copenhagen:20220421T0930", local(2022, 4, 21, 9, 30), []),
        ("DTSTART;TZID=Romance Standard Time:20220421T093000", local(2022, 4, 21, 9, 30), []),
        ('DTSTART;TZID="europe/copenhagen":20220421T093000', local(2022, 4, 21, 9, 30), []),
        (
            "DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Copenhagen:20220421T093000",
            local(2022, 4, 21, 9, 30),
            [],
        ),
        ("DTSTART;TZID=/etc/passwd:20220421T093000", local(2022, 4, 21, 9, 30), ["EK504"]),
        ("DTSTART;TZID=../../x:20220421T093000", local(2022, 4, 21, 9, 30), ["EK504"]),
        ("DTSTART;TZID=Eastern Standard Time:20220421T093000", local(2022, 4, 21, 15, 30), []),
        ("DTSTART;TZID=America/New_York:20220421T093000", local(2022, 4, 21, 15, 30), []),
        (
            "DTSTART;TZID=(UTC+01:00) Brussels\\, Copenhagen\\, Madrid\\, Paris:20220421T093000",
            local(2022, 4, 21, 9, 30),
            [],
        ),
        (
            'DTSTART;TZID="(UTC+01:00) Brussels, Copenhagen, Madrid, Paris":20220421T093000',
            local(2022, 4, 21, 9, 30),
            [],
        ),
        (
            "DTSTART;TZID=(UTC+01:00) Amsterdam\\, Berlin;VALUE=DATE-TIME:20220421T093000",
            local(2022, 4, 21, 9, 30),
            [],
        ),
        ("DTSTART;TZID=(UTC+02:00) Madrid:20220421T093000", local(2022, 4, 21, 9, 30), ["EK504"]),
        ("DTSTART;TZID=(UTC+01:00) Lagos:20220421T093000", local(2022, 4, 21, 9, 30), ["EK504"]),
        ("DTSTART:20220421T235960Z", local(2022, 4, 22, 1, 59, 59), []),
    ],
)
def test_the_ways_to_say_a_time(start: str, when: datetime, codes: list[str]) -> None:
    """Each is the instant it means; where we had to assume, a finding says so."""
    event, findings = one(start=start)
    assert instant(event.starts) == instant(when)
    assert [finding.code for finding in findings] == codes
    assert all(finding.path == "events[0].starts" for finding in findings)


def test_the_zone_of_a_windows_name_is_ours_where_the_clocks_agree() -> None:
    """“Romance Standard Time” is Paris in the tables, and Copenhagen in Denmark."""
    start = "DTSTART;TZID=Romance Standard Time:20220421T093000"
    assert one(start=start)[0].zone.key == "Europe/Copenhagen"
    (event,) = read(calendar(vevent(start=start)), zone="America/New_York").events
    assert event.zone.key == "Europe/Paris"


OUTLOOK = """BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:{summer}
TZOFFSETTO:{winter}
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:{winter}
TZOFFSETTO:{summer}
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


def test_a_zone_of_the_file_itself() -> None:
    """Its offsets say which instant is meant; where they are not ours, a finding says so."""
    name = "(UTC+02:00) Helsinki\\, Kyiv"
    place = OUTLOOK.format(name=name, winter="+0200", summer="+0300")
    for day, hour, offset in (("20220421", 8, 3), ("20221221", 8, 2)):
        start = f'DTSTART;TZID="(UTC+02:00) Helsinki, Kyiv":{day}T090000'
        found = read(calendar(place.replace("\\,", ","), vevent(start=start)))
        assert found.events[0].starts.hour == hour
        assert instant(found.events[0].starts).hour == 9 - offset
        assert [(f.code, f.data["trouble"]) for f in found.findings] == [("EK504", "converted")]


def test_a_zone_of_the_file_that_goes_like_ours_needs_no_word() -> None:
    """Outlook's “Customized Time Zone” of a Danish machine."""
    place = OUTLOOK.format(name="Customized Time Zone", winter="+0100", summer="+0200")
    start = "DTSTART;TZID=Customized Time Zone:20220421T093000"
    found = read(calendar(vevent(start=start), place))
    assert found.events[0].starts == local(2022, 4, 21, 9, 30)
    assert found.findings == ()


def test_a_zone_with_its_place_in_a_line_of_its_own() -> None:
    """X-LIC-LOCATION, as libical writes it."""
    place = "BEGIN:VTIMEZONE\nTZID:Mit\nX-LIC-LOCATION:Europe/Helsinki\nEND:VTIMEZONE\n"
    found = read(calendar(place, vevent(start="DTSTART;TZID=Mit:20220421T093000")))
    assert found.events[0].zone.key == "Europe/Helsinki"


def test_one_file_says_nothing_of_the_next() -> None:
    """The same name may mean something else there."""
    start = "DTSTART;TZID=Mit:20220421T093000"
    place = OUTLOOK.format(name="Mit", winter="-0500", summer="-0400")
    first = read(calendar(place, vevent(start=start)))
    assert instant(first.events[0].starts).hour == 13
    second = read(calendar(vevent(start=start)))
    assert second.events[0].starts == local(2022, 4, 21, 9, 30)
    assert second.findings[0].data["trouble"] == "assumed"


@pytest.mark.parametrize(
    "line",
    [
        "RRULE:FREQ=SECONDLY",
        "RRULE:FREQ=YEARLY;BYMONTH=13",
        "RRULE:FREQ=YEARLY;BYDAY=9XX",
        "RRULE:FREQ=YEARLY;BYSETPOS=1",
        "RRULE",
        "RRULE:;;;=",
        "RDATE:x",
        "TZOFFSETTO:+99",
        "DTSTART:x",
    ],
)
def test_a_zone_that_makes_no_sense_is_an_unknown_one(line: str) -> None:
    """It spoils no event."""
    place = OUTLOOK.format(name="Mit", winter="+0100", summer="+0200")
    place = place.replace("RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10", line)
    if line[0] in "TD":
        place = place.replace(line + "\n", "").replace("BEGIN:STANDARD", f"BEGIN:STANDARD\n{line}")
    found = read(calendar(place, vevent(start="DTSTART;TZID=Mit:20220421T093000")))
    assert found.events[0].starts == local(2022, 4, 21, 9, 30)
    assert [f.code for f in found.findings] == ["EK504"] or line == "RRULE"


@pytest.mark.parametrize(
    ("lines", "ends"),
    [
        (["DURATION:PT1H30M"], local(2026, 10, 24, 13, 30)),
        (["DURATION:P1D"], local(2026, 10, 25, 12)),
        (["DURATION:PT24H"], local(2026, 10, 25, 11)),
        (["DURATION:P1W"], local(2026, 10, 31, 12)),
        (["DTEND;TZID=Europe/Helsinki:20261024T140000"], local(2026, 10, 24, 13)),
        (["DTEND;TZID=Europe/Copenhagen:20261024T120000"], None),
        ([], None),
    ],
)
def test_the_ways_to_say_an_end(lines: list[str], ends: datetime | None) -> None:
    """Days are days on the clock and hours are hours; none, or the start again, is unknown."""
    event, _ = one(*lines, start="DTSTART;TZID=Europe/Copenhagen:20261024T120000")
    assert event.ends == ends


@pytest.mark.parametrize(
    ("lines", "days"),
    [
        ([], 1),
        (["DTEND;VALUE=DATE:20220422"], 1),
        (["DTEND;VALUE=DATE:20220421"], 1),
        (["DTEND;VALUE=DATE:20220424"], 3),
        (["DURATION:P2D"], 2),
    ],
)
def test_whole_days(lines: list[str], days: int) -> None:
    """From midnight to midnight in the zone given; a finding asks for hours."""
    event, findings = one(*lines, start="DTSTART;VALUE=DATE:20220421")
    assert event.starts == local(2022, 4, 21)
    assert event.ends == local(2022, 4, 21 + days)
    assert [finding.code for finding in findings] == ["EK502"]


def test_a_time_that_clocks_skip_is_kept_as_it_stands() -> None:
    """So that EK205 can say it; the instant is RFC 5545's."""
    event, _ = one(start="DTSTART;TZID=Europe/Copenhagen:20260329T023000")
    assert (event.starts.hour, instant(event.starts)) == (
        2,
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    )


def test_a_zone_of_the_file_whose_name_has_a_colon() -> None:
    """Exchange writes the name without quotes, and explains it under the same name."""
    name = "(UTC+02:00) Helsinki\\, Kyiv"
    place = OUTLOOK.format(name=name, winter="+0200", summer="+0300")
    found = read(calendar(place, vevent(start=f"DTSTART;TZID={name}:20220421T090000")))
    assert found.events[0].starts == local(2022, 4, 21, 8)
    assert [(f.code, f.data["trouble"]) for f in found.findings] == [("EK504", "converted")]


# --- recurrences -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line", ["RRULE:FREQ=WEEKLY", "RRULE:FREQ=SECONDLY;COUNT=999999999", "RDATE:20220422T093000"]
)
def test_of_a_recurring_event_the_first_is_read(line: str) -> None:
    """Nothing is expanded."""
    event, findings = one(line)
    assert event.starts == local(2022, 4, 21, 9, 30)
    assert [(f.code, f.path) for f in findings] == [("EK503", "events[0].starts")]


def test_changed_occurrences_stay_with_their_event() -> None:
    """They are the same event (RFC 5545 3.8.4.4), wherever they stand in the file."""
    changed = vevent("UID:1", "RECURRENCE-ID:20220428T073000Z", title="Flyttet")
    found = read(calendar(changed, vevent("UID:1", "RRULE:FREQ=WEEKLY"), changed))
    assert [event.title for event in found.events] == ["Møde"]
    assert [(f.code, f.data["changed"]) for f in found.findings] == [("EK503", 2)]


def test_an_occurrence_alone_is_an_event() -> None:
    """Somebody was invited to one meeting of a series."""
    found = read(calendar(vevent("UID:1", "RECURRENCE-ID:20220428T073000Z", title="Flyttet")))
    assert [event.title for event in found.events] == ["Flyttet"]
    assert [finding.code for finding in found.findings] == ["EK503"]


def test_two_events_of_one_uid() -> None:
    """The second gets one of its own."""
    found = read(calendar(vevent("UID:1"), vevent("UID:1", title="Andet")))
    assert [event.uid for event in found.events] == ["1", None]
    assert [(f.code, f.path) for f in found.findings] == [("EK505", "events[1].uid")]


# --- what is left out or mended --------------------------------------------------------------


def test_what_is_left_out_is_counted() -> None:
    """Attendees, alarms, attachments and tasks, and the rest by name; X- is nobody's business."""
    lines = ["ATTENDEE:mailto:a@x.dk", "ATTENDEE:mailto:b@x.dk", "ATTACH:https://x.dk", "GEO:1;2"]
    alarm = ["BEGIN:VALARM", "TRIGGER:-PT5M", "DESCRIPTION:x", "END:VALARM"]
    task = "BEGIN:VTODO\r\nSUMMARY:Opgave\r\nEND:VTODO\r\n"
    more = ["X-FOO:1", "CATEGORIES:Møde,Drift", "not a line"]
    found = read(calendar(vevent(*lines, *alarm, *more), task))
    told = {
        (f.path, str(f.data["trouble"])): f.data.get("names", f.data["count"])
        for f in found.findings
    }
    assert told == {
        ("events[0]", "attendees"): 2,
        ("events[0]", "attachments"): 1,
        ("events[0]", "alarms"): 1,
        ("events[0]", "other"): "? (1), CATEGORIES (1), GEO (1)",
        ("", "other"): "VTODO (1)",
    }
    assert found.events[0].description == ""


def test_text_that_does_not_fit_is_shortened_and_cleaned() -> None:
    """What the model cannot hold is said, field by field; control characters once."""
    event, findings = one("LOCATION:a\x00b\x07c", "DESCRIPTION:" + "d" * 100_001, title="t" * 2000)
    assert event.venue is not None
    assert (len(event.title), event.venue.name, len(event.description)) == (1000, "abc", 100_000)
    assert [(f.path, f.data["trouble"]) for f in findings] == [
        ("events[0].title", "shortened"),
        ("events[0].description", "shortened"),
        ("events[0]", "cleaned"),
    ]
    assert findings[2].data["count"] == 2


def test_an_event_without_title_is_called_so() -> None:
    """In the reader's language, with a finding."""
    event, findings = one(title=" ")
    assert event.title == "Uden titel"
    assert [(f.code, f.path) for f in findings] == [("EK508", "events[0].title")]
    data = calendar(vevent(title=""))
    assert icalread.read(data, zone="UTC", language="en").events[0].title == "Untitled"


# --- refusals --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "ics_empty"),
        (b" \r\n\0\n", "ics_empty"),
        (b"Netvaerksmoede den 21. april", "ics_not_calendar"),
        (b"\xff\xfeB", "ics_not_calendar"),
        (b"\x89PNG\r\n\x1a\n\0\0", "ics_not_calendar"),
        (b"BEGIN:VCARD\r\nEND:VCARD\r\n", "ics_not_calendar"),
        (calendar(), "ics_no_events"),
        (calendar("BEGIN:VTODO\r\nEND:VTODO\r\n"), "ics_no_events"),
        (calendar(vevent())[:-15], "ics_cut_off"),
        (b"BEGIN:VCALENDAR", "ics_cut_off"),
        (calendar("END:VEVENT\r\n"), "ics_broken"),
        (calendar(vevent()) + b"<html>", "ics_broken"),
        (calendar(vevent(), head="VERSION:1.0\r\n"), "ics_old"),
        (calendar(vevent("BEGIN:A\r\n" * 20)), "ics_too_deep"),
        (calendar(vevent("LOCATION:" + "x" * 1_000_001)), "ics_line_too_long"),
        (calendar(*[vevent()] * 2_001), "ics_too_many"),
        (calendar("\n" * 200_001), "ics_too_many_lines"),
        (calendar(vevent("ATTACH:" + "x" * 10_000_000)), "ics_too_large"),
        (calendar(vevent(start="")), "ics_no_start"),
        (calendar(vevent(start="DTSTART:i morgen")), "ics_bad_time"),
        (calendar(vevent(start="DTSTART:20220230T100000")), "ics_bad_time"),
        (calendar(vevent(start="DTSTART:18990421T100000")), "ics_bad_time"),
        (calendar(vevent(start="DTSTART:22000101T100000")), "ics_bad_time"),
        (calendar(vevent(start="DTSTART:00010101T000000Z")), "ics_bad_time"),
        (calendar(vevent(start="DTSTART:21991231T233000Z")), "ics_bad_time"),
        (calendar(vevent("DTEND:nu")), "ics_bad_time"),
        (calendar(vevent("DURATION:PT")), "ics_bad_time"),
        (calendar(vevent("DURATION:P")), "ics_bad_time"),
        (calendar(vevent("DURATION:P999999W")), "ics_bad_time"),
        (calendar(vevent("DURATION:-PT1H")), "ics_ends_before_start"),
        (calendar(vevent("DTEND;TZID=Europe/Copenhagen:20220421T080000")), "ics_ends_before_start"),
    ],
)
def test_what_is_refused(data: bytes, code: str) -> None:
    """Each with its own code, and one sentence in both languages."""
    assert refusal(data).code == code


def test_an_attachment_may_be_large() -> None:
    """It is not read, so its size is no trouble."""
    event, findings = one("ATTACH;ENCODING=BASE64:" + "x" * 5_000_000)
    assert event.title == "Møde"
    assert [finding.data["trouble"] for finding in findings] == ["attachments"]


def test_all_or_nothing() -> None:
    """One event that cannot be refuses the file, by number and title."""
    error = refusal(calendar(vevent(), vevent(start="DTSTART:x", title="Kursus\\, del 2")))
    assert error.data["number"] == 2
    assert error.data["title"] == "Kursus, del 2"
    assert wording("da").error(error) == [
        "Arrangement nr. 2, »Kursus, del 2«: DTSTART kan ikke læses: x."
    ]


def test_an_error_says_the_line_as_an_editor_counts_it() -> None:
    """Folds and blank lines are lines too."""
    data = b"BEGIN:VCALENDAR\r\n\r\nX-A:b\r\n c\r\nEND:VEVENT\r\n"
    assert refusal(data).data["line"] == 5


# --- any file --------------------------------------------------------------------------------


def _seeds() -> list[bytes]:
    revision: Revision = sample_revision()
    ours = ical.calendar([ical.vevent(revision), ical.item_vevents(revision)[0]], [], name="x")
    place = OUTLOOK.format(name="Mit", winter="+0100", summer="+0200")
    rich = calendar(
        place,
        vevent(
            "UID:1",
            "RRULE:FREQ=WEEKLY",
            "ATTENDEE;CN=x:mailto:a@x.dk",
            "DURATION:PT1H",
            'ORGANIZER;CN="a:b":mailto:a@x.dk',
            "BEGIN:VALARM",
            "END:VALARM",
            start="DTSTART;TZID=Mit:20220421T093000",
        ),
        vevent("UID:1", "RECURRENCE-ID;VALUE=DATE:20220428", start="DTSTART;VALUE=DATE:20220421"),
    )
    return [ours, rich]


SEEDS = _seeds()
PIECES = [
    b"BEGIN:VCALENDAR\n", b"END:VCALENDAR\n", b"BEGIN:VEVENT\n", b"END:VEVENT\n",
    b"BEGIN:VTIMEZONE\n", b"END:VTIMEZONE\n", b"BEGIN:STANDARD\n", b"END:STANDARD\n",
    b"DTSTART:", b"DTEND;TZID=", b"TZID:Mit\n", b"20220421T093000", b"\n", b"\r", b"\0", b"\xff",
    b"\xc3", b";", b":", b'"', b"\\", b"=", b",", b" ", b"9" * 30,
    b"RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-31\n",
    b"RRULE:FREQ=YEARLY;COUNT=-99999999999999999999\n", b"DTSTART:99991231T235959\n",
    b"TZOFFSETFROM:-2359\n", b"TZOFFSETTO:+2359\n", b"DURATION:P9999999D\n",
    b"DTSTART;VALUE=DATE:21991231\n", b"DTSTART:19000101T000000Z\n",
    b"SUMMARY:\xe2\x80\xa8\xed\xa0\x80\n", b"CATEGORIES:\\,\\\\,\n", b"CONFERENCE:http://\n",
    b"CONFERENCE:https:// x\n", b"UID:\n", b"UID:\x01\n", b"ORGANIZER;CN=^n^^^':MAILTO:%00%ff\n",
    b"CONTACT:@,@@\\, https://x\n", b"STATUS:\xff\n", b"URL:https://\x7f\n",
]  # fmt: skip


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """A real file with pieces put in, taken out, doubled or turned."""
    data = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        to = min(len(data), at + draw(st.integers(0, 60)))
        piece = draw(st.sampled_from([*PIECES, data[at:to] * 2]) | st.binary(max_size=8))
        data = data[:at] + piece + data[to if draw(st.booleans()) else at :]
    return data


def grammar() -> st.SearchStrategy[bytes]:
    """Lines that nearly are a calendar."""
    body = st.lists(st.sampled_from(PIECES) | st.binary(max_size=4), max_size=30).map(b"".join)
    inside = body.map(
        lambda text: b"BEGIN:VEVENT\nDTSTART:20220421T093000\n" + text + b"\nEND:VEVENT\n"
    )
    return inside.map(lambda text: b"BEGIN:VCALENDAR\n" + text + b"END:VCALENDAR\n") | body


@settings(max_examples=600)
@given(
    mutations() | grammar() | st.binary(max_size=300),
    st.sampled_from(["Europe/Copenhagen", "Pacific/Apia"]),
)
@example(
    b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:21991231T235959\nDURATION:P1D\nEND:VEVENT\nEND:VCALENDAR",
    "UTC",
)
def test_any_bytes_give_events_or_one_error(data: bytes, zone: str) -> None:
    """Nothing but `FormatError` comes out, and what is read can be written and read again."""
    try:
        found = read(data, zone)
    except FormatError:
        refusal(data, zone)
        return
    assert found.events
    for index, event in enumerate(found.events):
        assert event.id is None
        found.findings_of(index)
        revision = Revision(
            event=event, number=1, sequence=0, at=datetime(2022, 1, 1, tzinfo=UTC), actor=SYSTEM
        )
        again = read(ical.calendar([ical.vevent(revision)], []), event.zone.key).events[0]
        assert instant(again.starts) == instant(event.starts)
        assert again.title == event.title


@settings(max_examples=200)
@given(st.text(st.sampled_from("A;:=\"\\ ,\t'^nå"), max_size=40))
def test_any_line_splits_into_a_value(line: str) -> None:
    """The head never eats more than its parameters."""
    params, value = icalfile.split(line)
    assert line.endswith(value)
    assert all(isinstance(text, str) for text in params.values())


def test_the_limits_are_those_that_were_measured() -> None:
    """Whoever raises one measures again (`test_icalread_hostile.py`)."""
    assert (icalfile.MAX_BYTES, icalfile.MAX_LINES) == (10_000_000, 200_000)
    assert (icalfile.MAX_EVENTS, icalfile.MAX_LINE) == (2_000, 1_000_000)
