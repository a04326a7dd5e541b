"""Documents: every type comes back equal, and a wrong document hears everything at once."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis.strategies import SearchStrategy

import eventkit
from eventkit import testing
from eventkit.formats import codec
from eventkit.model.errors import DocumentError
from eventkit.model.event import AgendaItem, Event
from eventkit.model.values import zone

SAMPLES = Path(__file__).parent / "documents"
CPH = zone("Europe/Copenhagen")

STRATEGIES: dict[type, SearchStrategy[Any]] = {
    eventkit.Event: testing.events(),
    eventkit.Revision: testing.revisions(),
    eventkit.Imported: testing.imported(),
    eventkit.Finding: testing.findings(),
    eventkit.Reason: testing.reasons(),
    eventkit.Registration: testing.registrations(),
    eventkit.Signup: testing.signups(),
    eventkit.Seats: testing.seats(),
    eventkit.Notice: testing.notices(),
    eventkit.Message: testing.messages(),
    eventkit.Entry: testing.entries(),
    eventkit.Outcome: testing.outcomes(),
}


@pytest.mark.parametrize("kind", STRATEGIES, ids=lambda kind: kind.__name__)
def test_every_type_comes_back_equal(kind: type) -> None:
    """`loads(dumps(x))` is `x`, folds included, and says the same again."""

    @given(STRATEGIES[kind])
    def there_and_back(value: Any) -> None:
        text = codec.dumps(value)
        back = codec.loads(text, kind)
        assert back == value
        assert repr(back) == repr(value)  # equality of times forgets the fold; repr does not
        assert codec.dumps(back) == text
        assert codec.loads(text.encode(), kind) == value

    there_and_back()


def test_every_record_of_the_model_is_tried() -> None:
    """A new type of the model needs a strategy here, or must be part of one that has."""
    inside = set()

    def collect(kind: Any) -> None:
        for argument in getattr(kind, "__args__", ()):
            collect(argument)
        if attrs.has(kind) and kind not in inside:
            inside.add(kind)
            for attribute in attrs.fields(attrs.resolve_types(kind)):
                collect(attribute.type)

    for kind in STRATEGIES:
        collect(kind)
    model = {
        value
        for name in eventkit.__all__
        if isinstance(value := getattr(eventkit, name), type)
        and attrs.has(value)
        and value.__module__.startswith("eventkit.model")
    }
    assert {kind.__name__ for kind in model - inside} == {"Allowed", "Refused", "Fault"}


def document(**changes: Any) -> dict[str, Any]:
    event = Event(
        id="26-1",
        title="Netværksmøde",
        starts=datetime(2026, 10, 25, 1, 30, tzinfo=CPH),
        ends=datetime(2026, 10, 25, 15, tzinfo=CPH),
        programme=(AgendaItem(title="Kaffe", starts=datetime(2026, 10, 25, 9, tzinfo=CPH)),),
    )
    return codec.to_data(event) | changes


def faults(data: Any) -> dict[str, str]:
    with pytest.raises(DocumentError) as caught:
        codec.from_data(data, Event)
    return {fault.path: fault.code for fault in caught.value.faults}


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"title": ""}, "title", "empty"),
        ({"title": None}, "title", "not_str"),
        ({"title": "a\u0000b"}, "title", "control_character"),
        ({"title": "half \ud800"}, "title", "control_character"),
        ({"title": "x" * 1001}, "title", "too_long"),
        ({"id": ""}, "id", "not_a_key"),
        ({"id": "a/b"}, "id", "not_a_key"),
        ({"starts": "2026-10-25T01:30:00"}, "starts", "naive_time"),
        ({"starts": "2026-10-25"}, "starts", "not_a_time"),
        ({"starts": "2026-10-25T01:30+05:00[Europe/Copenhagen]"}, "starts", "offset_not_in_zone"),
        ({"starts": "2026-10-25T01:30:00+02:00[Europe/Viby]"}, "starts", "unknown_zone"),
        ({"starts": "2026-10-25T01:30:00+02:00[../../etc/passwd]"}, "starts", "unknown_zone"),
        ({"starts": "0001-01-01T00:00:00Z"}, "starts", "time_out_of_range"),
        ({"starts": 5}, "starts", "not_a_time"),
        ({"ends": "2026-10-24T01:30:00+02:00[Europe/Copenhagen]"}, "ends", "ends_before_start"),
        ({"deadline": "18.04.2022"}, "deadline", "not_a_deadline"),
        ({"deadline": "2026-02-30"}, "deadline", "no_such_date"),
        ({"deadline": "-P1W"}, "deadline", "not_a_deadline"),
        ({"offers_from": "2026-10-20"}, "offers_from", "not_a_duration"),
        ({"capacity": -1}, "capacity", "not_a_capacity"),
        ({"capacity": "40"}, "capacity", "not_int"),
        ({"capacity": True}, "capacity", "not_int"),
        ({"capacity": 4.0}, "capacity", "not_int"),
        ({"listed": "yes"}, "listed", "not_bool"),
        ({"status": "open"}, "status", "not_one_of"),
        ({"programme": {}}, "programme", "not_a_list"),
        ({"programme": "abc"}, "programme", "not_a_list"),
        ({"programme": [7]}, "programme[0]", "not_an_object"),
        ({"venue": {}}, "venue", "empty_venue"),
        ({"venue": {"name": "A", "by": "B"}}, "venue.by", "unknown_key"),
        ({"online": {"url": "javascript:alert(1)"}}, "online.url", "not_a_link"),
        ({"price": {"amount": 5, "currency": "DKK"}}, "price.amount", "not_an_amount"),
        ({"price": {"amount": "NaN"}}, "price.amount", "not_an_amount"),
        ({"price": {"amount": "5", "currency": "kr."}}, "price.currency", "not_a_currency"),
        ({"extra": []}, "extra", "not_json_object"),
        ({"version": 2}, "version", "newer_version"),
        ({"version": "1"}, "version", "not_a_version"),
        ({"version": True}, "version", "not_a_version"),
        ({"titel": "x"}, "titel", "unknown_key_near"),
    ],
)
def test_a_fault_has_its_path(changes: dict[str, Any], path: str, code: str) -> None:
    """Each thing that can be wrong is told where it is."""
    assert faults(document(**changes)) == {path: code}


def test_every_fault_is_told_at_once() -> None:
    """Nobody mends a document one error at a time."""
    data = document(capacity=-1, deadline="i morgen", titel="x", price={"amount": "1,5"})
    del data["title"]
    data["programme"].append({"title": 5, "starts": "09:30", "speakers": [{"name": ""}]})
    data["programme"][0]["ends"] = "2026-10-25T10:00:00"
    assert faults(data) == {
        "title": "missing",
        "capacity": "not_a_capacity",
        "deadline": "not_a_deadline",
        "titel": "unknown_key_near",
        "price.amount": "not_an_amount",
        "programme[0].ends": "naive_time",
        "programme[1].title": "not_str",
        "programme[1].starts": "not_a_time",
        "programme[1].speakers[0].name": "empty",
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"", "not_json_text"),
        (b"{", "not_json_text"),
        (b"[]", "not_an_object"),
        (b'"text"', "not_an_object"),
        (b"\xff\xfe{", "not_utf8"),
        (b'{"title": NaN}', "not_json"),
        (b'{"a": 1, "a": 2}', "key_twice"),
        (b"[" * 100_000, "json_too_deep"),
        (b'{"capacity": ' + b"9" * 5000 + b"}", "not_json_text"),
        (b'{"extra": ' + b'{"a":' * 60 + b"1" + b"}" * 61, "json_too_deep"),
    ],
)
def test_what_is_no_document_is_one_fault(text: bytes, code: str) -> None:
    """Broken JSON, bombs and other bytes are told, never raised as something else."""
    with pytest.raises(DocumentError) as caught:
        codec.loads(text, Event)
    assert code in {fault.code for fault in caught.value.faults}


def test_a_time_that_exists_twice_keeps_its_half() -> None:
    """The offset says which of the two half past two it is."""
    for offset, fold in (("+02:00", 0), ("+01:00", 1)):
        text = f"2026-10-25T02:30:00{offset}[Europe/Copenhagen]"
        event = codec.from_data(document(starts=text), Event)
        assert event.starts.fold == fold
        assert codec.to_data(event)["starts"] == text


def test_a_bare_offset_is_an_instant_in_the_default_zone() -> None:
    """An offset names no place; the instant is kept."""
    event = codec.from_data(document(starts="2026-10-24T23:30:00Z"), Event)
    assert codec.to_data(event)["starts"] == "2026-10-25T01:30:00+02:00[Europe/Copenhagen]"


def test_a_fix_goes_where_its_path_says() -> None:
    """`put` gives the value with one place changed, and checks it like any document."""
    event = codec.from_data(document(), Event)
    ends = event.programme[0].starts + timedelta(hours=1)
    mended = codec.put(event, "programme[0].ends", ends.isoformat() + "[Europe/Copenhagen]")
    assert mended.programme[0].ends == ends
    assert codec.put(event, "deadline", "2026-10-20").deadline == date(2026, 10, 20)
    for path in ("programme[9].ends", "no.such", "programme.x", "titel"):
        with pytest.raises(DocumentError) as caught:
            codec.put(event, path, "x")
        assert caught.value.faults[0].code == "no_such_path"


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("v*-event.json")), ids=lambda path: path.name)
def test_a_frozen_document_is_still_read(path: Path) -> None:
    """A document of every version there ever was is read, and nothing of it is lost."""
    event = codec.loads(path.read_bytes(), Event)
    assert event.title == "Netværksmøde: Sociale viceværter"
    assert len(event.programme) == 2
    if path.name.startswith(f"v{codec.VERSION}-"):
        assert codec.to_data(event) == json.loads(path.read_text())


def test_there_is_a_frozen_document_of_each_version() -> None:
    """Raising the version without keeping a sample of the old one is caught."""
    assert [path.name for path in sorted(SAMPLES.glob("v*-event.json"))] == [
        f"v{version}-event.json" for version in range(1, codec.VERSION + 1)
    ]
    assert set(codec.UPGRADES) == set(range(1, codec.VERSION))
