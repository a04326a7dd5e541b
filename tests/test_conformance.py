"""The conformance checks: what keeps its promises passes, what breaks one fails with advice."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from eventkit import (
    Check,
    Delivery,
    Event,
    Exporter,
    ExportRequest,
    Finding,
    FormatError,
    Imported,
    Importer,
    Message,
    Notifier,
    Reason,
    Result,
    Scope,
    Severity,
    testing,
)
from eventkit.plugins import builtin, guard
from eventkit.testing import conformance

TITLE = {"da": "Prøve", "en": "Try"}
TEXT = {"da": "Titlen er lang.", "en": "The title is long."}
_COUNT = itertools.count()


class MyEvent(Event):
    """Nothing that could be read back."""


class MyFinding(Finding):
    """Nothing that could be read back."""


class MyDelivery(Delivery):
    """Nothing that could be read back."""


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """What must be slow to be seen is seen sooner."""
    monkeypatch.setattr(conformance, "PAUSE", 0.01)
    monkeypatch.setattr(conformance, "REFUSE_WITHIN", 0.5)


def fails(check: Callable[[], None], said: str, advice: str) -> None:
    with pytest.raises(AssertionError) as caught:
        check()
    told = str(caught.value)
    assert said in told
    assert f"To do: {advice}" in told


# --- exporters -------------------------------------------------------------------------------


def exporter(write: Callable[[ExportRequest], Any], **more: Any) -> Exporter:
    given: dict[str, Any] = {
        "name": "try",
        "title": TITLE,
        "media_type": "text/plain; charset=utf-8",
        "suffix": ".txt",
        "write": write,
    }
    return Exporter(**{**given, **more})


def values_of(value: Any) -> dict[str, Any]:
    return {one.name: getattr(value, one.name) for one in attrs.fields(type(value))}


def titles(request: ExportRequest) -> bytes:
    return "".join(f"{event.title}\n" for event in request.events).encode()


@pytest.mark.parametrize("one", builtin.eventkit_exporters(), ids=lambda one: one.name)
def test_the_builtin_exporters_keep_their_promises(one: Exporter) -> None:
    """They are plugins like any other."""
    testing.check_exporter(one, examples=10)


def test_a_good_exporter_passes() -> None:
    """The plainest there is."""
    testing.check_exporter(exporter(titles))


@pytest.mark.parametrize(
    ("bad", "said", "advice"),
    [
        (exporter(lambda r: titles(r).decode()), "not bytes", "write whatever"),
        (exporter(lambda r: r.events[0].title.encode()), "IndexError", "write whatever"),
        (
            exporter(lambda r: b"".join(str(e.ends.year).encode() for e in r.events)),
            "AttributeError",
            "write whatever",
        ),
        (exporter(lambda r: str(time.time()).encode()), "other bytes", "write nothing that is am"),
        (exporter(lambda r: random.randbytes(9).hex().encode()), "other bytes", "write nothing"),
        (type("Mine", (Exporter,), {})(**values_of(exporter(titles))), "Mine is no", "give what"),
        (exporter(titles, title={"da": "x"}), "no title in en", "write title="),
        (exporter(titles, media_type="text/plain"), "how its text is encoded", "write media_type"),
        (
            exporter(lambda r: "Æ".encode("latin-1")),
            "writes what is no text/plain",
            "let media_type say",
        ),
        (
            exporter(titles, media_type="application/json"),
            "writes what is no application/json",
            "let media_type say",
        ),
        (
            exporter(lambda r: b'{"price": NaN}', media_type="application/json"),
            "writes what is no application/json: NaN is not a JSON number",
            "let media_type say",
        ),
        (
            exporter(lambda r: [object.__setattr__(e, "title", "x") for e in r.events] and b""),
            "changed what it was given",
            "make a new value",
        ),
        (
            exporter(
                lambda r: bytes(object.__setattr__(p, "key", "x") is p for p in r.registrations),
                scope=Scope.PARTICIPANTS,
            ),
            "changed what it was given",
            "make a new value",
        ),
    ],
)
def test_a_bad_exporter_is_told_what_to_do(bad: Exporter, said: str, advice: str) -> None:
    """Text, an order of events that is taken for granted, a clock, chance, a change."""
    fails(lambda: testing.check_exporter(bad, examples=10), said, advice)


# --- importers -------------------------------------------------------------------------------

OWN = b"TRY1\nen fil"


def read(request: Any, **more: Any) -> Imported:
    if not request.data.startswith(b"TRY1"):
        raise FormatError("not mine", code="not_mine")
    return Imported(**{"events": (testing.sample(),), **more})


def importer(**more: Any) -> Importer:
    given: dict[str, Any] = {
        "name": "try",
        "title": TITLE,
        "suffixes": (".try",),
        "recognises": lambda request: request.data.startswith(b"TRY1"),
        "read": read,
    }
    return Importer(**{**given, **more})


def finding(**more: Any) -> Finding:
    return Finding(**{"code": "TRY1", "severity": Severity.INFO, "text": TEXT, **more})


@pytest.mark.parametrize("one", builtin.eventkit_importers(), ids=lambda one: one.name)
def test_the_builtin_importers_keep_their_promises(one: Importer) -> None:
    """They read what the exporter of the same name writes."""
    [writes] = [two for two in builtin.eventkit_exporters() if two.name == one.name]
    own = writes.write(ExportRequest(revisions=(testing.sample_revision(),)))
    testing.check_importer(one, own, filename=f"a{one.suffixes[0]}")


def test_a_good_importer_passes() -> None:
    """Findings of its own included."""
    good = importer(read=lambda request: read(request, findings=(finding(),)))
    testing.check_importer(good, OWN, prefix="TRY")


def slow(request: Any) -> Imported:
    if len(request.data) > 10_000:
        time.sleep(5)
    return read(request)


def raises(request: Any) -> Imported:
    if not request.data.startswith(b"TRY1"):
        raise UnicodeDecodeError("utf-8", b"x", 0, 1, "x")
    return read(request)


@pytest.mark.parametrize(
    ("bad", "said", "advice"),
    [
        (importer(title={"en": "x"}), "no title in da", "write title="),
        (importer(recognises=lambda r: False), "not recognise its own", "let recognises"),
        (importer(recognises=lambda r: True), "for its own", "look at the bytes"),
        (importer(recognises=lambda r: 1), "not bool", "let recognises"),
        (importer(read=raises), "UnicodeDecodeError", "raise eventkit.FormatError"),
        (importer(read=slow), "more than 0.5 s", "raise eventkit.FormatError"),
        (importer(read=lambda r: 5), "not Imported", "raise eventkit.FormatError"),
        (
            importer(read=lambda r: object.__setattr__(r, "zone", "UTC") or read(r)),
            "changed what it was given",
            "make a new value",
        ),
        (
            importer(read=lambda r: read(r, events=(MyEvent(**values_of(testing.sample())),))),
            "MyEvent, not Event",
            "raise eventkit.FormatError",
        ),
        (importer(read=lambda r: Imported(events=())), "no event", "give check_importer a file"),
        (
            importer(read=lambda r: Imported(events=(testing.sample(),))),
            "reads events from",
            "raise eventkit.FormatError",
        ),
        (
            importer(read=lambda r: read(r, findings=(finding(data={"n": next(_COUNT)}),))),
            "in another way the second time",
            "read nothing that is ambient",
        ),
        (
            importer(read=lambda r: read(r, findings=(finding(code="EK101"),))),
            "gives the code EK101",
            "begin each code with TRY or EK5",
        ),
        (
            importer(read=lambda r: read(r, findings=(finding(text={"da": "x"}),))),
            "no words for TRY1 in en",
            "write text=",
        ),
    ],
)
def test_a_bad_importer_is_told_what_to_do(bad: Importer, said: str, advice: str) -> None:
    """One that takes anything, is slow, raises what it likes, or has no words."""
    fails(lambda: testing.check_importer(bad, OWN, prefix="TRY"), said, advice)


# --- checks ----------------------------------------------------------------------------------


def check(look: Callable[..., Any], **more: Any) -> Check:
    return Check(**{"name": "try", "title": TITLE, "check": look, **more})


def every_pair(event: Any) -> list[Finding]:
    """Slow; but it ends, or its abandoned thread would slow down every test after it."""
    until = time.monotonic() + 2 * guard.BUDGET["check"]
    pairs = itertools.product(event.programme, repeat=3)
    pairs = itertools.takewhile(lambda _: time.monotonic() < until, pairs)
    return [finding() for one, two, three in pairs if one.title == two.title + three.title]


def test_a_good_check_passes() -> None:
    """With a fix that fits, and what concerns a place or the whole event without one."""

    def look(event: Any) -> list[Finding]:
        ends = [f"programme[{index}].ends" for index in range(len(event.programme))]
        found = [finding(path=path) for path in ("", "title", "ends", "venue", "extra", *ends)]
        return [*found, finding(path="title", fix=event.title[:5].strip() or "x")]

    testing.check_check(check(look), prefix="TRY")


@pytest.mark.parametrize(
    ("bad", "said", "advice"),
    [
        (check(lambda e: [], title={"da": "x"}), "no title in en", "write title="),
        (check(lambda e: [finding(code="EK101")]), "the code EK101", "begin each code with TRY"),
        (check(lambda e: [finding(code="TRYK1")]), "the code TRYK1", "begin each code with TRY"),
        (check(lambda e: [finding(text=None)]), "no words for TRY1 in da and en", "write text="),
        (check(lambda e: ["x"]), "not Finding", "answer for whatever"),
        (check(lambda e: [finding(severity="eror")]), "severity is one of", "answer for"),
        (check(lambda e: [finding(code=7)]), "code must be text", "answer for whatever"),
        (check(lambda e: [MyFinding(code="TRY1", severity="info")]), "not Finding", "answer for"),
        (check(lambda e: [finding()] * (e.programme[0] is None)), "IndexError", "answer for"),
        (check(every_pair), "more than 0.5 s", "answer for whatever"),
        (check(lambda e: [finding(data={"n": next(_COUNT)})]), "something else", "look at the ev"),
        (check(lambda e: [finding(path="titel", fix="x")]), "leads nowhere", "give `path` as in"),
        (check(lambda e: [finding(path="no.such[3]")]), "leads nowhere", "give `path` as in"),
        (check(lambda e: [finding(fix="x")]), "leads nowhere", "give `path` as in"),
        (check(lambda e: [finding(path="title", fix=5)]), "does not fit", "give `fix` as it"),
        (
            check(lambda e: object.__setattr__(e, "title", "x")),
            "changed what it was given",
            "make a new value",
        ),
    ],
)
def test_a_bad_check_is_told_what_to_do(
    bad: Check, said: str, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One with borrowed codes, without words, that compares every pair, or proposes nonsense."""
    monkeypatch.setattr("eventkit.testing.promises.BUDGET", {"check": 0.5})
    fails(lambda: testing.check_check(bad, prefix="TRY"), said, advice)


@pytest.mark.parametrize("prefix", ["EK", "EKX", "zz", "TOOLONGPREFIX", "Z1", "Æ", ""])
def test_a_prefix_that_the_core_refuses_is_refused(prefix: str) -> None:
    """By the same rule; an importer may have none."""
    said, advice = f"{prefix!r} is no eventkit_prefix", "choose one to eight capital letters"
    fails(lambda: testing.check_check(check(lambda e: []), prefix=prefix), said, advice)
    if prefix:
        fails(lambda: testing.check_importer(importer(), OWN, prefix=prefix), said, advice)


# --- notifiers -------------------------------------------------------------------------------


def notifier(send: Callable[[Message], Any], **more: Any) -> Notifier:
    return Notifier(**{"name": "try", "title": TITLE, "send": send, **more})


def sent(message: Message) -> Delivery:
    return Delivery(result=Result.SENT)


def only_once() -> Callable[[Message], Delivery]:
    seen: set[str] = set()

    def send(message: Message) -> Delivery:
        if message.key in seen:
            raise FileExistsError(message.key)
        seen.add(message.key)
        return sent(message)

    return send


def only_ascii(message: Message) -> Delivery:
    message.recipient.encode("ascii")
    return sent(message)


def no_tree(message: Message) -> Delivery:
    if "/" in message.key:
        raise FileNotFoundError(message.key)
    return sent(message)


def tells(message: Message) -> Delivery:
    return Delivery(result=Result.SENT, detail=f"250 OK <{message.recipient}>")


def tells_half(message: Message) -> Delivery:
    local = message.recipient.partition("@")[0]
    return Delivery(result=Result.FAILED, detail=f"550 nobody is called {local.upper()}")


def closes_once() -> Notifier:
    open_ = [True]
    return notifier(sent, close=open_.pop)


def closes_for_good() -> Notifier:
    closed: list[bool] = []

    def send(message: Message) -> Delivery:
        if closed:
            raise ConnectionError("closed")
        return sent(message)

    return notifier(send, close=lambda: closed.append(True))


def test_a_good_notifier_passes() -> None:
    """It answers for each message."""
    testing.check_notifier(notifier(sent))


@pytest.mark.parametrize(
    ("bad", "said", "advice"),
    [
        (notifier(sent, title={"da": "x"}), "no title in en", "write title="),
        (notifier(lambda m: None), "not Delivery", "answer Delivery"),
        (notifier(lambda m: True), "not Delivery", "answer Delivery"),
        (notifier(lambda m: MyDelivery(result="sent")), "not Delivery", "answer Delivery"),
        (notifier(only_once()), "FileExistsError", "answer Delivery"),
        (notifier(only_ascii), "UnicodeEncodeError", "answer Delivery"),
        (notifier(no_tree), "FileNotFoundError", "answer Delivery"),
        (notifier(sent, lacks=lambda: "x"), "not Reason", "let lacks() answer a Reason"),
        (notifier(sent, lacks=lambda: Reason("X1")), "what it lacks", "write text="),
        (notifier(tells), "to whom it sent", "leave addresses and names out"),
        (notifier(tells_half), "to whom it sent", "leave addresses and names out"),
        (
            notifier(lambda m: object.__setattr__(m, "text", "x") or sent(m)),
            "changed what it was given",
            "make a new value",
        ),
        (closes_once(), "IndexError", "let close() be called at any time"),
        (closes_for_good(), "after close(), sending", "answer Delivery"),
    ],
)
def test_a_bad_notifier_is_told_what_to_do(bad: Notifier, said: str, advice: str) -> None:
    """One without an answer, that takes a key once, or trusts a key to be a file's name, or that
    tells everybody whom it wrote to.
    """
    fails(lambda: testing.check_notifier(bad), said, advice)


@pytest.mark.parametrize(
    ("run", "hook"),
    [
        (lambda: testing.check_exporter([exporter(titles)]), "eventkit_exporters"),  # type: ignore[arg-type]
        (lambda: testing.check_importer(None, OWN), "eventkit_importers"),  # type: ignore[arg-type]
        (lambda: testing.check_check(every_pair, prefix="X"), "eventkit_checks"),  # type: ignore[arg-type]
        (lambda: testing.check_notifier(sent), "eventkit_notifiers"),  # type: ignore[arg-type]
    ],
)
def test_what_is_none_of_them_is_told_which_hook_hands_it_over(
    run: Callable[[], None], hook: str
) -> None:
    """A list instead of one, or a function instead of what holds it."""
    fails(run, " is no ", f"give what {hook} hands over, one at a time")
