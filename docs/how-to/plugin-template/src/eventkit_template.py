"""A plugin to begin with: a format, a check, and settings for both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import field, frozen
from attrs.validators import gt

from eventkit import Check, Event, Exporter, ExportRequest, Finding, Severity, hookimpl

eventkit_api = 1
eventkit_prefix = "TPL"


@frozen(kw_only=True)
class TemplateSettings:
    """What may stand under ``[plugins.template]`` in ``eventkit.toml``."""

    separator: str = " – "
    longest: int = field(default=80, validator=gt(0))


eventkit_settings = TemplateSettings


@hookimpl
def eventkit_exporters(settings: TemplateSettings) -> Iterable[Exporter]:
    """A line for each event: the date and the title."""

    def write(request: ExportRequest) -> bytes:
        lines = (
            f"{event.starts:%d.%m.%Y}{settings.separator}{event.title}\n"
            for event in request.events
        )
        return "".join(lines).encode()

    return [
        Exporter(
            name="template-lines",
            title={"da": "En linje for hvert arrangement", "en": "A line for each event"},
            media_type="text/plain; charset=utf-8",
            suffix=".txt",
            write=write,
        )
    ]


@hookimpl
def eventkit_checks(settings: TemplateSettings) -> Iterable[Check]:
    """A look at the title."""

    def check(event: Event) -> Iterator[Finding]:
        length = len(event.title)
        if length > settings.longest:
            yield Finding(
                code="TPL101",
                severity=Severity.INFO,
                path="title",
                data={"length": length, "longest": settings.longest},
                text={
                    "da": f"Titlen fylder {length} tegn. Den bør højst fylde {settings.longest}.",
                    "en": f"{length} letters of title; at most {settings.longest} are better.",
                },
            )

    title = {"da": "Titlens længde", "en": "Length of the title"}
    return [Check(name="template-title", title=title, check=check)]
