"""Ask plugins, through the guard.

A plugin that does wrong is named in `Plugins.troubles` and in the log; the others go on. What an
organiser does without is not asked about that organiser's events. A plugin gets copies of what it
is asked about: whatever goes to `Guard.ask` besides the call itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from attrs import evolve

from eventkit.model.decision import Finding, Reason
from eventkit.model.errors import DocumentError, FormatError, NotFoundError
from eventkit.model.event import Event, Imported
from eventkit.model.registration import Message, Signup
from eventkit.plugins import guard
from eventkit.plugins.guard import BUILTIN, Trouble
from eventkit.plugins.hooks import (
    Check,
    Delivery,
    ExportRequest,
    Importer,
    ImportRequest,
    Panel,
    Result,
)
from eventkit.plugins.registry import Registry
from eventkit.rules import checks

T = TypeVar("T")
W = TypeVar("W", Finding, Reason)

IMPORT_PREFIX = "EK5"
"""What an import saw has the core's codes, whoever read the file."""


Days = Mapping[date, Mapping[str, str]]
"""Days, each with its name by language."""


class Holidays(Mapping[date, Mapping[str, str]]):
    """Days on which nobody works, in order, each with its name by language, as plugins know them.

    They are not `whole` where a plugin that was asked is in trouble: asked again, it may answer.
    """

    def __init__(self, known: Mapping[str, Days], *, whole: bool) -> None:
        self._known = known
        days = {day: names for each in known.values() for day, names in each.items()}
        self._days = dict(sorted(days.items()))
        self._less: dict[frozenset[str], frozenset[date]] = {frozenset(): frozenset(self._days)}
        self.whole = whole

    def less(self, plugins: frozenset[str]) -> frozenset[date]:
        """The days that the others know."""
        if plugins not in self._less:
            asked = (days for owner, days in self._known.items() if owner not in plugins)
            self._less[plugins] = frozenset(day for days in asked for day in days)
        return self._less[plugins]

    def __getitem__(self, day: date) -> Mapping[str, str]:
        return self._days[day]

    def __iter__(self) -> Iterator[date]:
        return iter(self._days)

    def __len__(self) -> int:
        return len(self._days)


class Plugins(Registry):
    """The plugins of one process; ask `Plugins.load`."""

    def export(self, name: str, request: ExportRequest) -> bytes:
        """What exporter `name` makes of `request`.

        Raises `NotFoundError` for a format nobody writes, `PluginError` where the plugin fails.
        """
        owner, exporter = _named(self._exporters, name)
        return self._only(
            owner, "export", name, lambda given: guard.one(exporter.write(given), bytes), request
        )

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
            owner,
            "import",
            importer.name,
            lambda given: guard.imported(importer.read(given)),
            request,
        )
        own = (*self._prefixes[owner], IMPORT_PREFIX)
        kept = self._worded(owner, found.findings, importer.name, own)
        return importer, evolve(found, findings=kept)

    def check(self, event: Event) -> tuple[Finding, ...]:
        """What the core's rules and every plugin's checks find in `event`."""
        found = list(checks.check(event))
        unasked = self.unasked(event)
        for owner, check in self._checks:
            if owner in unasked:
                continue

            def look(given: Event, check: Check = check) -> tuple[Finding, ...]:
                return guard.several(check.check(given), Finding)

            answer = self._guard.ask(owner, "check", check.name, look, event)
            if not isinstance(answer, Trouble):
                found += self._worded(owner, answer, check.name, self._prefixes[owner])
        return tuple(found)

    def holidays(self, year: int) -> Holidays:
        """The days of `year` on which nobody works."""
        known: dict[str, Days] = {}
        whole = True
        for owner, answer in self._each("eventkit_holidays", "gather", guard.holidays, year=year):
            if isinstance(answer, Trouble):
                whole = False
            else:
                known[owner] = answer
        return Holidays(known, whole=whole)

    def vetoes(self, event: Event, signup: Signup, now: datetime) -> tuple[Reason, ...]:
        """Every reason a plugin has against `signup`; one that fails has none."""
        hook = "eventkit_may_register"
        asked = self._gather(
            hook,
            "veto",
            lambda answer: guard.several(answer, Reason),
            without=self.unasked(event),
            event=event,
            signup=signup,
            now=now,
        )
        return tuple(
            reason
            for owner, answer in asked
            for reason in self._worded(owner, answer, hook, self._prefixes[owner])
        )

    def panels(self, event: Event, language: str) -> tuple[Panel, ...]:
        """What plugins add to the page of `event`."""
        asked = self._gather(
            "eventkit_event_panels",
            "panel",
            lambda answer: guard.several(answer, Panel),
            without=self.unasked(event),
            event=event,
            language=language,
        )
        return tuple(panel for _, panels in asked for panel in panels)

    def lacks(self, name: str) -> Reason | None:
        """Why notifier `name` can send nothing as things are set up; None where nothing is known.

        Raises `NotFoundError` for a name that is no notifier's.
        """
        kept = self._notifiers.get(name)
        if kept is None:
            raise _unknown_notifier(name, self._notifiers)
        owner, notifier = kept
        answer = self._guard.ask(
            owner, "ready", name, lambda: guard.one_or_none(notifier.lacks(), Reason)
        )
        if answer is None or isinstance(answer, Trouble):
            return None
        return next(iter(self._worded(owner, (answer,), name, self._prefixes[owner])), None)

    def notify(self, name: str, message: Message) -> Delivery:
        """What became of `message`, sent by notifier `name`.

        A notifier that raises, answers nonsense or takes too long leaves UNKNOWN; after it, hang
        up before the next message. One that was switched off meanwhile is RETRY. Raises
        `NotFoundError` for a name that never was a notifier's.
        """
        kept = self._notifiers.get(name)
        if kept is None:
            if name not in self._gone:
                raise _unknown_notifier(name, self._notifiers)
            return Delivery(result=Result.RETRY, detail="plugin_off")
        owner, notifier = kept
        answer = self._guard.ask(
            owner, "notify", name, lambda given: guard.one(notifier.send(given), Delivery), message
        )
        if not isinstance(answer, Trouble):
            return answer
        said = answer.detail.partition(":")[0]  # what an error says may name the recipient
        return Delivery(result=Result.UNKNOWN, detail=f"{answer.code}: {said}")

    def hang_up(self, name: str) -> None:
        """End what notifier `name` keeps open; one that is gone or fails at it is let be."""
        if (kept := self._notifiers.get(name)) is not None:
            owner, notifier = kept
            self._guard.ask(owner, "close", name, notifier.close)

    # --- asking ---

    def unasked(self, event: Event) -> frozenset[str]:
        """The plugins that the organiser of `event` does without."""
        slug = event.organiser.slug if event.organiser is not None else ""
        return self._off_for.get(slug, frozenset())

    def _recognised(self, request: ImportRequest) -> tuple[str, Importer]:
        suffix = Path(request.filename).suffix.lower()

        def order(pair: tuple[str, Importer]) -> tuple[bool, bool]:
            return suffix not in pair[1].suffixes, pair[0] == BUILTIN

        for owner, importer in sorted(self._importers.values(), key=order):

            def look(given: ImportRequest, importer: Importer = importer) -> bool:
                return guard.one(importer.recognises(given), bool)

            if self._guard.ask(owner, "recognise", importer.name, look, request) is True:
                return owner, importer
        by_suffix = [pair for pair in self._importers.values() if suffix in pair[1].suffixes]
        if suffix and by_suffix:
            return by_suffix[0]
        raise FormatError(
            "no importer recognises this file; name one with --format",
            code="unrecognised_file",
            formats=", ".join(sorted(self._importers)),
        )

    def _only(self, owner: str, sort: str, doing: str, call: Callable[..., T], request: Any) -> T:
        """What one plugin was asked for and nobody else can give: its trouble is the caller's."""
        expected = (FormatError, DocumentError)
        answer = self._guard.ask(owner, sort, doing, call, request, expected=expected)
        if isinstance(answer, Trouble):
            raise answer.error
        return answer

    def _worded(
        self, owner: str, said: tuple[W, ...], doing: str, prefixes: tuple[str, ...]
    ) -> tuple[W, ...]:
        """What `owner` said in words and under codes of its own; the rest is its trouble.

        What it said in one language only is told all the same, and is its trouble too.
        """
        if owner == BUILTIN:  # whose words stand in the catalogues
            return said
        good = tuple(one for one in said if guard.worded(one, prefixes))
        if len(good) < len(said):
            code = next(one.code for one in said if not guard.worded(one, prefixes))[:20]
            wanted = " / ".join(prefixes) or "eventkit_prefix"
            detail = f"{code} needs text in da and en, and begins with {wanted} alone"
            data = {"said": code, "wanted": wanted}
            self._guard.blame(owner, "plugin_unworded", doing, detail, data=data)
        if half := next(filter(guard.untold, good), None):
            code, lacking = half.code[:20], ", ".join(guard.untold(half))
            detail = f"{code} has no text in {lacking}"
            data = {"said": code, "lacking": lacking}
            self._guard.blame(owner, "plugin_untranslated", doing, detail, data=data)
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
