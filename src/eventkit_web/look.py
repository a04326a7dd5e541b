"""The site's one style sheet, made when it starts: Pico, our own, and each organiser's accent.

Pico is put in a cascade layer, so that our rules win whatever their specificity and the vendored
file stays as it came. An accent is checked against the light page where settings are read; the one
for dark mode is made from it here, as light as it must be.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from importlib.resources import files

from attrs import field, frozen

from eventkit.office.settings import Settings, contrast

NIGHT = "#24221d"
"""The lightest surface in dark mode: what reads well on it reads well on all."""

NIGHT_CONTRAST = 6.0
"""More than the least there is (WCAG 2.2): light text on dark is read in the evening."""

_CHARSET = '@charset "UTF-8";'


@frozen
class Look:
    """The style sheet: its bytes, the same packed with gzip, and a version made from them."""

    css: bytes = field(repr=False)
    packed: bytes = field(repr=False)
    version: str


def look(settings: Settings) -> Look:
    """The style sheet of a site with these settings."""
    pico = _read("pico.classless.min.css").removeprefix(_CHARSET)
    parts = [_CHARSET, "@layer pico{", pico, "}\n", _read("eventkit.css"), *_accents(settings)]
    css = "".join(parts).encode()
    return Look(css, gzip.compress(css, mtime=0), hashlib.sha256(css).hexdigest()[:12])


def on_dark(color: str) -> str:
    """`color` (``#rrggbb``) mixed with as little white as makes it readable in dark mode."""
    parts = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
    for percent in range(0, 101, 5):
        mixed = "#" + "".join(f"{part + (255 - part) * percent // 100:02x}" for part in parts)
        if contrast(mixed, NIGHT) >= NIGHT_CONTRAST:
            break
    return mixed


def _accents(settings: Settings) -> Iterator[str]:
    yield _accent(":root", settings.color)
    for slug in settings.organiser:
        color = settings.of(slug).color
        if color is not None and color != settings.color:
            yield _accent(f'body[data-by="{slug}"]', color)


def _accent(selector: str, color: str) -> str:
    dark = on_dark(color)
    return (
        f"@media screen{{{selector}{{--accent:{color}}}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{{selector}{{--accent:{dark}}}}}\n"
    )


def _read(name: str) -> str:
    return (files("eventkit_web") / "static" / name).read_text("utf-8")
