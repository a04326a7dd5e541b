"""One-line checks that a plugin keeps what it promises.

Each raises `AssertionError` with what to do. Events come from `eventkit.testing.strategies`, the
same ones each time.
"""

from __future__ import annotations

import re
import time
from datetime import timedelta
from email.message import EmailMessage

from attrs import evolve
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from eventkit.formats import codec
from eventkit.model.decision import Finding, Reason
from eventkit.model.errors import DocumentError, FormatError
from eventkit.model.event import AgendaItem, Event, Imported, Revision
from eventkit.model.registration import Message
from eventkit.model.values import Person, instant
from eventkit.plugins import guard
from eventkit.plugins.hooks import (
    Check,
    Delivery,
    Exporter,
    ExportRequest,
    Importer,
    ImportRequest,
    Notifier,
    Scope,
)
from eventkit.plugins.manager import IMPORT_PREFIX
from eventkit.testing.promises import (
    LANGUAGES,
    called,
    failure,
    for_each,
    own_prefix,
    run,
    titled,
    wants,
    worded,
)
from eventkit.testing.samples import (
    sample,
    sample_message,
    sample_registration,
    sample_revision,
)
from eventkit.testing.strategies import events, registrations, revisions

EXAMPLES = 25
"""Events that each check makes up."""

HUGE = 2_000
"""Items of the longest programme that is tried."""

PAUSE = 1.1
"""Seconds between two exports of the same, so that a time of today shows."""

REFUSE_WITHIN = 2.0
"""Seconds in which an importer has refused what it cannot read."""

# --- exporters -------------------------------------------------------------------------------


def check_exporter(exporter: Exporter, *, examples: int = EXAMPLES) -> None:
    """Whether an exporter writes whatever there can be, the same each time.

    :param exporter: one that the plugin's ``eventkit_exporters`` hands over.
    :param examples: how many made-up requests to try.
    """
    what = called(exporter, Exporter, "eventkit_exporters")
    titled(exporter.title, what)
    one, other = sample_revision(), _numbered("21-375")
    people = (sample_registration(),) if exporter.scope is Scope.PARTICIPANTS else ()
    ordinary = [
        ExportRequest(
            revisions=chosen,
            registrations=who,
            language=language,
            base_url="https://moeder.example",
        )
        for chosen, who in (((one,), people), ((one, other), people), ((one,), ()), ((), ()))
        for language in LANGUAGES
    ]
    first = [_written(exporter, request, what) for request in ordinary]
    time.sleep(PAUSE)
    for request, before in zip(ordinary, first, strict=True):
        wants(
            _written(exporter, request, what) == before,
            f"{what} writes other bytes the second time",
            "write nothing that is ambient: no clock, no random number, no order of a set",
        )

    def look(request: ExportRequest) -> None:
        _written(exporter, request, what)

    for_each(_requests(exporter.scope), look, examples)


def _numbered(key: str) -> Revision:
    return evolve(sample_revision(), event=evolve(sample(), id=key, uid=key))


@st.composite
def _requests(draw: DrawFn, scope: Scope) -> ExportRequest:
    """At most two events, with people of these events where the exporter is about people."""
    chosen = draw(st.lists(revisions(), max_size=2, unique_by=lambda one: one.event.id))
    most = 3 if scope is Scope.PARTICIPANTS else 0
    people = [
        evolve(person, event=str(one.event.id), number=number)
        for one in chosen
        for number, person in enumerate(draw(st.lists(registrations(), max_size=most)), 1)
    ]
    return ExportRequest(
        revisions=tuple(chosen),
        registrations=tuple(people),
        language=draw(st.sampled_from(LANGUAGES)),
        base_url=draw(st.sampled_from(["", "https://moeder.example"])),
    )


def _written(exporter: Exporter, request: ExportRequest, what: str) -> bytes:
    data = run(
        "export",
        what,
        lambda given: guard.one(exporter.write(given), bytes),
        "write whatever the model allows, also no event, no end and no programme",
        request,
    )
    _is_what_it_says(exporter.media_type, data, what)
    return data


def _is_what_it_says(media_type: str, data: bytes, what: str) -> None:
    """Whether the bytes are text, or JSON, where the media type says so."""
    head = EmailMessage()
    head["Content-Type"] = media_type
    kind = head.get_content_type()
    is_json = kind == "application/json" or kind.endswith("+json")
    if not (kind.startswith("text/") or is_json):
        return
    charset = head.get_content_charset() or ("utf-8" if is_json else "")
    wants(
        charset,
        f"{what} does not say how its text is encoded",
        f'write media_type="{kind}; charset=utf-8"',
    )
    try:
        text = data.decode(charset)
        if is_json:
            codec.parse(text)
    except (LookupError, ValueError) as error:
        said = f"{what} writes what is no {media_type}: {error}"
        raise failure(said, "let media_type say what the bytes are") from None


# --- importers -------------------------------------------------------------------------------

RUBBISH: tuple[bytes, ...] = (
    b"",
    b" \r\n\t ",
    b"\0" * 1_000,
    bytes(range(256)) * 200,
    b"\x89PNG\r\n\x1a\n" + bytes(range(200)),
    b"PK\x03\x04" + b"\0\xff" * 500,
    b"\xff\xfe\xfd" * 300,
)
"""What nobody can read events from."""

_ODD = (b"A" * 1_000_000, b"[" * 100_000, b"{" * 100_000, b"\n" * 500_000, b"1 " * 200_000)


def check_importer(
    importer: Importer,
    own: bytes,
    *,
    filename: str = "",
    prefix: str = "",
    examples: int = EXAMPLES,
) -> None:
    """Whether an importer reads its own format, and refuses what is none.

    :param importer: one that the plugin's ``eventkit_importers`` hands over.
    :param own: a file it can read.
    :param filename: what that file is called.
    :param prefix: the plugin's ``eventkit_prefix``, where it has one.
    :param examples: how many made-up files to try.
    """
    what = called(importer, Importer, "eventkit_importers")
    titled(importer.title, what)
    if prefix:
        own_prefix(prefix)
    request = ImportRequest(data=own, filename=filename)
    wants(
        _recognises(importer, request, what),
        f"{what} does not recognise its own file",
        "let recognises(request) answer True from the look of request.data",
    )
    found = _read(importer, request, what)
    wants(
        found is not None and found.events,
        f"{what} finds no event in its own file",
        "give check_importer a file with at least one event in it",
    )
    wants(
        found == _read(importer, request, what),
        f"{what} reads its own file in another way the second time",
        "read nothing that is ambient: no clock, no random number, no order of a set",
    )
    if found is not None:
        prefixes = (prefix, IMPORT_PREFIX) if prefix else (IMPORT_PREFIX,)
        worded(found.findings, prefixes, what)
    for data in RUBBISH:
        rubbish = ImportRequest(data=data, filename=filename)
        wants(
            not _recognises(importer, rubbish, what),
            f"{what} takes {data[:12]!r}… for its own",
            "look at the bytes, not only at the name of the file",
        )
        wants(
            _read(importer, rubbish, what) is None,
            f"{what} reads events from {data[:12]!r}…",
            "raise eventkit.FormatError for what is not yours, with a code",
        )

    def look(data: bytes) -> None:
        odd = ImportRequest(data=data, filename=filename)
        _recognises(importer, odd, what)
        _read(importer, odd, what)

    for data in _ODD:
        look(data)
    for_each(_broken(own), look, examples)


def _broken(own: bytes) -> SearchStrategy[bytes]:
    """Anything, or a file that was cut off, or has something else in its middle."""
    place = st.integers(0, len(own))
    return st.one_of(
        st.binary(max_size=400),
        place.map(lambda at: own[:at]),
        st.builds(lambda at, more: own[:at] + more + own[at:], place, st.binary(max_size=40)),
    )


def _recognises(importer: Importer, request: ImportRequest, what: str) -> bool:
    return run(
        REFUSE_WITHIN,
        f"{what}, asked whether it recognises {request.data[:12]!r}…,",
        lambda given: guard.one(importer.recognises(given), bool),
        "let recognises(request) look at a few bytes and answer True or False",
        request,
    )


def _read(importer: Importer, request: ImportRequest, what: str) -> Imported | None:
    """What is read; None where the file is refused as it should be."""
    try:
        return run(
            REFUSE_WITHIN,
            f"{what}, given {request.data[:12]!r}… ({len(request.data):,} bytes),",
            lambda given: guard.imported(importer.read(given)),
            "raise eventkit.FormatError for what you cannot read, and nothing else",
            request,
            expected=(FormatError, DocumentError),
        )
    except (FormatError, DocumentError):
        return None


# --- checks ----------------------------------------------------------------------------------


def check_check(check: Check, *, prefix: str, examples: int = EXAMPLES) -> None:
    """Whether a check answers for every event, in words and under codes of its own.

    :param check: one that the plugin's ``eventkit_checks`` hands over.
    :param prefix: the plugin's ``eventkit_prefix``.
    :param examples: how many made-up events to try.
    """
    what = called(check, Check, "eventkit_checks")
    titled(check.title, what)
    own_prefix(prefix)

    def look(event: Event) -> None:
        found = _found(check, event, what)
        worded(found, (prefix,), what)
        for finding in found:
            _fits(finding, event, what)
        wants(
            _found(check, event, what) == found,
            f"{what} finds something else the second time",
            "look at the event alone: no clock, no random number, no order of a set",
        )

    look(sample())
    look(evolve(sample(), programme=()))
    worded(_found(check, _huge(), what), (prefix,), what)
    for_each(events(), look, examples)


def _found(check: Check, event: Event, what: str) -> tuple[Finding, ...]:
    return run(
        "check",
        f"{what}, given a programme of {len(event.programme):,} items,",
        lambda given: guard.several(check.check(given), Finding),
        "answer for whatever the model allows; sort the programme rather than compare every pair",
        event,
    )


def _fits(finding: Finding, event: Event, what: str) -> None:
    """Whether a finding's `path` leads somewhere, and staff can apply its `fix` with one button."""
    said, leads_nowhere = "", False
    try:
        codec.put(event, finding.path, finding.fix)
    except DocumentError as error:
        said = str(error)
        leads_nowhere = any(fault.code == "no_such_path" for fault in error.faults)
    is_whole = not finding.path and finding.fix is None
    wants(
        is_whole or not leads_nowhere,
        f"{what} points at {finding.path!r}, which leads nowhere",
        "give `path` as in the event's document, and leave it out for the whole event",
    )
    wants(
        not said or finding.fix is None,
        f"{what} proposes {finding.fix!r} for {finding.path!r}, which does not fit: {said}",
        "give `fix` as it would stand in the event's document",
    )


def _huge() -> Event:
    """`sample()` with a programme of `HUGE` items in three tracks, all over each other."""
    event = sample()
    since = instant(event.starts)
    items = tuple(
        AgendaItem(
            title=f"Punkt {number}",
            starts=(since + timedelta(minutes=number % 300)).astimezone(event.zone),
            ends=(since + timedelta(minutes=number % 300 + 45)).astimezone(event.zone),
            track=("", "Spor A", "Spor B")[number % 3],
            speakers=(Person(name=f"Oplægsholder {number % 7}"),),
        )
        for number in range(HUGE)
    )
    return evolve(event, programme=items)


# --- notifiers -------------------------------------------------------------------------------

NAUGHTY = (
    "",
    ".\n.\n..\n",
    "From nobody\n>From somebody\n",
    "Æblegrød på Ærø 😀 \u202eagerg\u202c &<script>\"'`$(reboot)\n",
    "x" * 5_000 + "\n",
)
"""Texts that upset what sends them."""


def check_notifier(notifier: Notifier) -> None:
    """Whether a notifier answers for every message, and can be asked again.

    :param notifier: one that the plugin's ``eventkit_notifiers`` hands over, sending to nowhere:
        a folder, a server of the test's own.
    """
    what = called(notifier, Notifier, "eventkit_notifiers")
    titled(notifier.title, what)
    lacking = run(
        "ready",
        f"{what}, asked what it lacks,",
        lambda: guard.one_or_none(notifier.lacks(), Reason),
        "let lacks() answer a Reason, or None where nothing is missing",
    )
    wants(
        lacking is None or not guard.untold(lacking),
        f"{what} does not say in both languages what it lacks",
        'write text={"da": "…", "en": "…"}',
    )
    for message in (
        sample_message(),
        sample_message(),  # the same key again, as after a crash
        sample_message(key="21-374-2:confirmation:1", recipient="Søren.Ærø@bolig.example"),
        sample_message(key="../../et sted/æ:1"),
        *(_naughty(text, number) for number, text in enumerate(NAUGHTY)),
    ):
        _sent(notifier, message, what)
    _closed(notifier, what)
    _closed(notifier, what)
    _sent(notifier, sample_message(key="21-374-3:reminder:1"), f"{what}, after close(),")
    _closed(notifier, what)


def _naughty(text: str, number: int) -> Message:
    subject = text[:40].partition("\n")[0]
    return sample_message(key=f"naughty:{number}", subject=subject, text=text)


def _sent(notifier: Notifier, message: Message, what: str) -> None:
    delivery = run(
        "notify",
        f"{what} sending {message.key!r}",
        lambda given: guard.one(notifier.send(given), Delivery),
        "answer Delivery(result=Result.FAILED, detail=…) where a message cannot be sent; send one "
        "again that has the same key; and open a connection where there is none",
        message,
    )
    local = re.escape(message.recipient.rpartition("@")[0])
    wants(
        not re.search(rf"\S@\S|(?<!\w){local}(?!\w)", delivery.detail, re.IGNORECASE),
        f"{what} tells in `detail` to whom it sent: {delivery.detail!r}",
        "leave addresses and names out of what the other side said, for `detail` is kept",
    )


def _closed(notifier: Notifier, what: str) -> None:
    run("gather", f"{what} closing", notifier.close, "let close() be called at any time")
