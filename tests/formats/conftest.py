"""Readers of calendars that are not ours, for every test of a format."""

from readers import by_vobject, ical_js

__all__ = ["by_vobject", "ical_js"]
