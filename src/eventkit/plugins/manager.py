"""Ask plugins, through the guard.

A plugin that does wrong is named in `Plugins.troubles` and in the log; the others go on. What an
organiser does without is not asked about that organiser's events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from attrs import evolve

from eventkit.model.decision import Finding, Reason
from eventkit.model.errors import DocumentError, FormatError, NotFoundError, PluginError
from eventkit.model.event import Event, Imported
from eventkit.model.registration import Message, Signup
from eventkit.plugins import guard
from eventkit.plugins.guard import Trouble
from eventkit.plugins.hooks import (
    Check,
    Delivery,
    ExportRequest,
    Importer,
    ImportRequest,
    Panel,
    Result,
)
from eventkit.plugins.registry import BUILTIN, Registry
from eventkit.rules import checks

T = TypeVar("T")
W = TypeVar("W", Finding, Reason)

IMPORT_PREFIX = "EK5"
"""What an import saw has the core's codes, whoever read the file."""


class Plugins(Registry):
    """The plugins of one process; ask `Plugins.load`."""

    def export(self, name: str, request: ExportRequest) -> bytes:
        """What exporter `name` makes of `request`.

        Raises `NotFoundError` for a format nobody writes, `PluginError` where the plugin fails.
        """
        owner, exporter = _named(self._exporters, name)
        return self._only(owner, "export", name, lambda: guard.one(exporter.write(request), bytes))

    def read(self, request: ImportRequest, name: str | None = None) -> tuple[Importer, Imported]:
        """What an importer makes of `request`, and which: the one called `name`, or the best fit.

        The best fit is the first that recognises the bytes: those with the file's suffix before
        others, the built-in ones last. A finding without a code or words of its own is left out,
        and the plugin named. Raises `FormatError` (`DocumentError` for JSON) where the file cannot
        be read, `NotFoundError` for a format nobody reads, `PluginError` where the plugin fails.
        """
        if not request.data.strip():
            raise FormatError("the file is empty", code="empty_file")
        owner, importer = (
            _named(self._importers, name) if name is not None else self._recognised(request)
        )
        found = self._only(
            owner, "import", importer.name, lambda: guard.imported(importer.read(request))
        )
        own = (*self._prefixes[owner], IMPORT_PREFIX)
        kept = self._worded(owner, found.findings, importer.name, own)
        return importer, evolve(found, findings=kept)

    def check(self, event: Event) -> tuple[Finding, ...]:
        """What the core's rules and every plugin's checks find in `event`."""
        found = list(checks.check(event))
        unasked = self._unasked(event)
        for owner, check in self._checks:
            if owner in unasked:
                continue

            def call(check: Check = check) -> tuple[Finding, ...]:
                return guard.several(check.check(event), Finding)

            answer = self._guard.ask(owner, "check", check.name, call)
            if not isinstance(answer, Trouble):
                found += self._worded(owner, answer, check.name, self._prefixes[owner])
        return tuple(found)

    def holidays(self, year: int) -> Mapping[date, Mapping[str, str]]:
        """The days of `year` on which nobody works, each with its name by language."""
        days: dict[date, Mapping[str, str]] = {}
        for _, answer in self._gather("eventkit_holidays", "gather", guard.holidays, year=year):
            days |= answer
        return MappingProxyType(dict(sorted(days.items())))

    def vetoes(self, event: Event, signup: Signup, now: datetime) -> tuple[Reason, ...]:
        """Every reason a plugin has against `signup`; one that fails has none."""
        hook = "eventkit_may_register"
        asked = self._gather(
            hook,
            "veto",
            lambda answer: guard.one_or_none(answer, Reason),
            without=self._unasked(event),
            event=event,
            signup=signup,
            now=now,
        )
        return tuple(
            reason
            for owner, answer in asked
            if answer is not None
            for reason in self._worded(owner, (answer,), hook, self._prefixes[owner])
        )

    def panels(self, event: Event, language: str) -> tuple[Panel, ...]:
        """What plugins add to the page of `event`."""
        asked = self._gather(
            "eventkit_event_panels",
            "panel",
            lambda answer: guard.several(answer, Panel),
            without=self._unasked(event),
            event=event,
            language=language,
        )
        return tuple(panel for _, panels in asked for panel in panels)

    def notify(self, name: str, message: Message) -> Delivery:
        """What became of `message`, sent by notifier `name`.

        A notifier that raises, answers nonsense or takes too long leaves UNKNOWN; after it, hang
        up before the next message. One whose plugin was switched off meanwhile is RETRY. Raises
        `NotFoundError` for a name that never was a notifier's.
        """
        kept = self._notifiers.get(name)
        if kept is None:
            if name not in self._gone:
                raise _unknown_notifier(name, self._notifiers)
            return Delivery(result=Result.RETRY, detail="plugin_off")
        owner, notifier = kept
        answer = self._guard.ask(
            owner, "notify", name, lambda: guard.one(notifier.send(message), Delivery)
        )
        if not isinstance(answer, Trouble):
            return answer
        said = answer.detail.partition(":")[0]  # what an error says may name the recipient
        return Delivery(result=Result.UNKNOWN, detail=f"{answer.code}: {said}")

    def hang_up(self, name: str) -> None:
        """End what notifier `name` keeps open; one that is gone or fails at it is let be."""
        if (kept := self._notifiers.get(name)) is not None:
            owner, notifier = kept
            self._guard.ask(owner, "gather", name, notifier.close)

    # --- asking ---

    def _unasked(self, event: Event) -> frozenset[str]:
        """The plugins that the organiser of `event` does without."""
        slug = event.organiser.slug if event.organiser is not None else ""
        return self._off_for.get(slug, frozenset())

    def _recognised(self, request: ImportRequest) -> tuple[str, Importer]:
        suffix = Path(request.filename).suffix.lower()

        def order(pair: tuple[str, Importer]) -> tuple[bool, bool]:
            return suffix not in pair[1].suffixes, pair[0] == BUILTIN

        for owner, importer in sorted(self._importers.values(), key=order):

            def call(importer: Importer = importer) -> bool:
                return guard.one(importer.recognises(request), bool)

            if self._guard.ask(owner, "gather", importer.name, call) is True:
                return owner, importer
        by_suffix = [pair for pair in self._importers.values() if suffix in pair[1].suffixes]
        if suffix and by_suffix:
            return by_suffix[0]
        raise FormatError(
            "no importer recognises this file; name one with --format",
            code="unrecognised_file",
            formats=", ".join(sorted(self._importers)),
        )

    def _only(self, owner: str, sort: str, doing: str, call: Callable[[], T]) -> T:
        """What one plugin was asked for and nobody else can give: its trouble is the caller's."""
        answer = self._guard.ask(owner, sort, doing, call, expected=(FormatError, DocumentError))
        if isinstance(answer, Trouble):
            raise PluginError(
                f"plugin {owner} failed at {doing}: {answer.detail}",
                code=answer.code,
                plugin=owner,
                doing=doing,
                detail=answer.detail,
            )
        return answer

    def _worded(
        self, owner: str, said: tuple[W, ...], doing: str, prefixes: tuple[str, ...]
    ) -> tuple[W, ...]:
        """What `owner` said in words and under codes of its own; the rest is its trouble."""
        if owner == BUILTIN:  # whose words stand in the catalogues
            return said
        good = tuple(one for one in said if guard.worded(one, prefixes))
        if len(good) < len(said):
            bad = next(one for one in said if not guard.worded(one, prefixes))
            wanted = " or ".join(prefixes) or "an eventkit_prefix of its own"
            detail = (
                f"{bad.code[:20]} needs text in da and en, and a code that begins with {wanted}"
            )
            self._guard.blame(owner, "plugin_rubbish", doing, detail)
        return good


def _named(kept: Mapping[str, tuple[str, T]], name: str) -> tuple[str, T]:
    try:
        return kept[name]
    except KeyError:
        raise NotFoundError(
            f"there is no format called {name!r}",
            code="unknown_format",
            format=name,
            formats=", ".join(sorted(kept)),
        ) from None


def _unknown_notifier(name: str, known: Iterable[str]) -> NotFoundError:
    return NotFoundError(
        f"there is no notifier called {name!r}",
        code="unknown_notifier",
        notifier=name,
        notifiers=", ".join(sorted(known)),
    )
