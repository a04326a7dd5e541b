"""Which date a day is whose year is not written, and whether its weekday fits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attrs import frozen

from eventkit_announcement.danish import Day, dates_in
from eventkit_announcement.reading import Reading
from eventkit_announcement.text import Line

DA_DAYS = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")
EN_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@frozen
class Calendar:
    """The full dates of an announcement, by which one without its year is understood."""

    full: tuple[date, ...]
    sent: tuple[date, ...] = ()
    """When it was mailed, which tells no more than that it is later."""

    @classmethod
    def of(cls, lines: Iterable[Line], mail: Iterable[Line]) -> Calendar:
        """The calendar of the announcement in `lines`, with `mail` round it."""
        full, sent = (
            [day for line in some for day in dates_in(line.text)] for some in (lines, mail)
        )
        return cls(tuple(full), tuple(sent))

    def resolve(self, day: Day, near: date | None = None) -> tuple[date | None, bool]:
        """The date `day` is, the nearest to `near`, and whether its year had to be guessed."""
        if day.year is not None:
            return day.date, False
        if near is not None:
            years = [day.on(near.year + step) for step in (0, -1, 1)]
            found = min(
                (one for one in years if one), key=lambda one: abs(one - near), default=None
            )
            return found, found is not None and found.year != near.year and found not in self.full
        same = [one for one in self.full if (one.month, one.day) == (day.month, day.day)]
        if same:
            return same[0], False
        for known in (self.full or self.sent)[:1]:
            near_years = [day.on(known.year + step) for step in (0, 1, -1)]
            possible = [one for one in near_years if one]
            fitting = [one for one in possible if one.weekday() == day.weekday] or possible
            later = [one for one in fitting if one >= known] or fitting
            return (later[0], True) if later else (None, False)
        return None, False


def check_weekday(day: Day, found: date, line: Line, path: str, reading: Reading) -> None:
    """Name a weekday that is not that of the date beside it."""
    if day.weekday is not None and day.weekday != found.weekday():
        names = {"is_da": DA_DAYS[found.weekday()], "is_en": EN_DAYS[found.weekday()]}
        reading.note("weekday", path, line, date=found, **names)
