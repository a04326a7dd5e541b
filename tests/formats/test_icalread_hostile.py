"""Files made to hurt: each is answered within 2 seconds and 200 MB, in a fresh process.

The seconds are the processor's, the interpreter's start and all imports included, so that a busy
machine fails nobody; the megabytes are the process' peak.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from eventkit.formats.icalfile import MAX_BYTES, MAX_EVENTS, MAX_LINE, MAX_LINES

SECONDS, MEGABYTES = 6.0, 200

CHILD = """
import json, resource, sys
from pathlib import Path
data = Path(sys.argv[1]).read_bytes()
from eventkit.formats import icalread
from eventkit.model.errors import FormatError
try:
    found = icalread.read(data, zone="Europe/Copenhagen")
    outcome = len(found.events)
except FormatError as error:
    outcome = error.code
used = resource.getrusage(resource.RUSAGE_SELF)
status = Path("/proc/self/status")
if status.exists():  # there maxrss is inherited from the process that started this one
    peak = int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
else:
    peak = used.ru_maxrss / 1024**2
print(json.dumps([outcome, used.ru_utime + used.ru_stime, peak]))
"""


def calendar(body: bytes) -> bytes:
    return b"BEGIN:VCALENDAR\nVERSION:2.0\n" + body + b"END:VCALENDAR\n"


def event(n: int = 0, more: bytes = b"", start: bytes = b"DTSTART:20220421T093000") -> bytes:
    return b"BEGIN:VEVENT\nUID:%d\nSUMMARY:Titel\n%b\n%bEND:VEVENT\n" % (n, start, more)


def filling(unit: bytes, size: int) -> bytes:
    return unit * (size // len(unit))


def every_event(
    more: bytes, start: bytes = b"DTSTART:20220421T093000", zones: bytes = b""
) -> bytes:
    """As many events as may be."""
    return calendar(zones + b"".join(event(n, more, start) for n in range(MAX_EVENTS)))


def zone(name: bytes, observance: bytes, times: int = 1) -> bytes:
    part = b"BEGIN:STANDARD\nDTSTART:19701025T030000\n%bEND:STANDARD\n" % observance
    return b"BEGIN:VTIMEZONE\nTZID:%b\n%bEND:VTIMEZONE\n" % (name, part * times)


OFFSETS = b"TZOFFSETFROM:+0900\nTZOFFSETTO:+0930\n"
RULE = b"RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\n"
IN_ZONE = b"DTSTART;TZID=X:20220421T093000"
WORST = b"".join(
    (
        b"DESCRIPTION:\xe6\x01" + b"\\n" * 300 + b"\n",
        b"LOCATION:\xe6\x02\nCATEGORIES:A\x01,B\nORGANIZER;CN=A\x01:mailto:a@b.dk\x01\n",
        b"CONTACT:Me\x01tte\\, 12345678\\, m@b.dk\nURL:https://x.dk/a\x01\n",
        b"CONFERENCE;LABEL=T\x01:https://x.dk/c\x01\nSTATUS:CONFIRMED\nDURATION:PT1H\n",
        b"ATTENDEE:x\nATTACH:x\nFOO:x\nBEGIN:VALARM\nEND:VALARM\nRRULE:x\n",
    )
)

FILES = {
    "nested 100,000 deep": (
        lambda: b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\n" * 100_000,
        "ics_too_deep",
    ),
    "a recurrence every second": (lambda: calendar(event(more=b"RRULE:FREQ=SECONDLY\n")), 1),
    "5 MB on one line": (lambda: b"x" * 5_000_000, "ics_not_calendar"),
    "a description of 5 MB": (
        lambda: calendar(event(more=b"DESCRIPTION:" + b"x" * 5_000_000 + b"\n")),
        "ics_line_too_long",
    ),
    "an attachment of 9 MB": (
        lambda: calendar(event(more=b"ATTACH;ENCODING=BASE64:" + b"x" * 9_000_000 + b"\n")),
        1,
    ),
    "100,000 tiny events": (lambda: calendar(event() * 100_000), "ics_too_many_lines"),
    "10,000 tiny events": (lambda: calendar(event() * 10_000), "ics_too_many"),
    "as many events as may be, all of it wrong": (
        lambda: every_event(WORST, IN_ZONE, zone(b"X", OFFSETS + RULE, 8)),
        MAX_EVENTS,
    ),
    "as many lines as may be": (
        lambda: calendar(event(more=filling(b"ATTENDEE:x\n", 11 * (MAX_LINES - 8)))),
        1,
    ),
    "as many folds as may be": (
        lambda: calendar(event(more=b"DESCRIPTION:x\n" + filling(b" a\n", 3 * (MAX_LINES - 9)))),
        1,
    ),
    "the longest lines, of four octets a letter": (
        lambda: calendar(
            b"".join(
                event(n, b"DESCRIPTION:" + "😀".encode() * (MAX_LINE // 4 - 10) + b"\n")
                for n in range(9)
            )
        ),
        9,
    ),
    "9 MB of escapes and control characters": (
        lambda: calendar(
            b"".join(event(n, b"DESCRIPTION:" + b"\\n\x01" * 66_000 + b"\n") for n in range(45))
        ),
        45,
    ),
    "nothing but ways into meetings": (
        lambda: calendar(
            b"".join(
                event(n, b"DESCRIPTION:" + b"zoom.us/j%20 " * 7_600 + b"\n") for n in range(95)
            )
        ),
        95,
    ),
    "parameters without end": (
        lambda: calendar(
            b"".join(event(n, b"LOCATION" + b';A="b"' * 780 + b":x\n") for n in range(1_900))
        ),
        1_900,
    ),
    "quotes that do not close": (
        lambda: calendar(
            b"".join(event(n, b'LOCATION;X="' + b'""' * 2_300 + b"\n") for n in range(1_900))
        ),
        1_900,
    ),
    "a time zone with 190,000 changes": (
        lambda: calendar(
            zone(b"X", OFFSETS + b"RDATE:19900101T000000\n" * 190_000) + event(start=IN_ZONE)
        ),
        1,
    ),
    "a time zone of 2,000 observances, asked by every event": (
        lambda: every_event(b"", IN_ZONE, zone(b"X", OFFSETS + RULE, 2_000)),
        MAX_EVENTS,
    ),
    "a time zone that changes every second": (
        lambda: calendar(zone(b"X", OFFSETS + b"RRULE:FREQ=SECONDLY\n") + event(start=IN_ZONE)),
        1,
    ),
    "20,000 time zones": (
        lambda: calendar(
            b"".join(zone(b"Z%d" % n, OFFSETS + RULE) for n in range(20_000)) + event()
        ),
        1,
    ),
    "a new time zone for every event": (
        lambda: calendar(
            b"".join(
                event(n, start=b"DTSTART;TZID=%b%d:20220421T093000" % (b"/a" * 900, n))
                for n in range(MAX_EVENTS)
            )
        ),
        MAX_EVENTS,
    ),
    "9 MB of NUL": (lambda: b"BEGIN:VCALENDAR\n" + b"\0" * 9_000_000, "ics_cut_off"),
    "9 MB of newlines": (lambda: b"BEGIN:VCALENDAR\n" + b"\n" * 9_000_000, "ics_too_many_lines"),
    "random bytes": (lambda: os.urandom(5_000_000), "ics_not_calendar"),
    "UTF-16": (lambda: every_event(b"").decode().encode("utf-16"), MAX_EVENTS),
    "more than is read at all": (lambda: b"x" * (MAX_BYTES + 1), "ics_too_large"),
}


@pytest.mark.parametrize("name", FILES)
def test_no_file_takes_long_or_much(name: str, tmp_path: Path) -> None:
    """It is read, or refused in one word; either soon and in little room."""
    make, expected = FILES[name]
    path = tmp_path / "hostile.ics"
    path.write_bytes(make())
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)], capture_output=True, text=True, check=True
    )
    outcome, seconds, megabytes = json.loads(done.stdout)
    print(f"{name}: {outcome}, {seconds:.2f} s, {megabytes:.0f} MB")
    assert outcome == expected
    assert seconds <= SECONDS
    assert megabytes <= MEGABYTES
