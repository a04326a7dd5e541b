"""Reading a file: a time without a zone is the organiser's."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from eventkit.office.settings import OrganiserSettings, Settings
from eventkit.office.usecases import read
from eventkit.plugins.manager import Plugins

ICS = b"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//x//DA
BEGIN:VEVENT
UID:1@example.dk
DTSTAMP:20220101T000000Z
DTSTART:20220421T093000
SUMMARY:Atlantisk m\xc3\xb8de
ORGANIZER;CN=Nuna:mailto:nuna@example.dk
END:VEVENT
END:VCALENDAR
""".replace(b"\n", b"\r\n")


def test_a_time_without_a_zone_is_told_in_the_organisers(plugins: Plugins) -> None:
    """The organiser's own zone where it has one, else everybody's."""
    everybody = Settings(zone="Europe/Copenhagen")
    theirs = Settings(organiser={"nuna": OrganiserSettings(zone="America/Nuuk")})
    for settings, zone in ((everybody, "Europe/Copenhagen"), (theirs, "America/Nuuk")):
        event = read(plugins, settings, ICS, filename="x.ics").events[0]
        assert event.organiser is not None
        assert event.organiser.slug == "nuna"
        assert event.starts == datetime(2022, 4, 21, 9, 30, tzinfo=ZoneInfo(zone))
        assert event.zone.key == zone
