"""Lists of participants leave the house for staff alone, and the journal says so."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from eventkit.formats import table
from eventkit.model.decision import Allowed
from eventkit.model.errors import NotFoundError, PluginError, StoreError
from eventkit.model.registration import Signup
from eventkit.model.values import Actor, Person, Question, Side
from eventkit.office.store import Store
from eventkit.office.usecases import Office

STAFF = Actor(Side.STAFF, "bente@example.dk")
PHONE = "+45 33 76 20 00"
FOOD = Question(key="mad", text="Hvad spiser du ikke?", sensitive=True)


def sign_up(office: Office, event_id: str, name: str, **more: Any) -> None:
    person = Person(name=name, email=f"{name.lower()}@example.dk", phone=PHONE)
    signup = Signup(people=[person], key=name, **more)
    assert isinstance(office.register(event_id, signup, actor=Actor(Side.PUBLIC)), Allowed)


def rows(data: bytes) -> list[dict[str, str]]:
    text = io.StringIO(data.decode("utf-8-sig"), newline="")
    return list(csv.DictReader(text, delimiter=";"))


@pytest.mark.parametrize("name", ["csv", "csv-plain"])
def test_the_public_gets_no_list_of_participants(
    office: Office, event: Any, add: Any, name: str
) -> None:
    """It is told of no such format, and nothing is noted."""
    add(event(), publish=True)
    before = office.journal("22-1")
    with pytest.raises(NotFoundError) as caught:
        office.export(name, ["22-1"], actor=STAFF)
    assert caught.value.code == "unknown_format"
    assert "events-csv" in caught.value.data["formats"]
    assert name not in caught.value.data["formats"].split(", ")
    assert office.journal("22-1") == before


def test_staff_get_everybody_and_the_journal_says_who_asked(
    office: Office, event: Any, add: Any, clock: Any
) -> None:
    """In order of arrival; the entry has the format and the number, and no name."""
    add(event(), publish=True)
    for name in ("Anne", "Bo"):
        sign_up(office, "22-1", name)
    reads = clock.reads
    found = rows(office.export("csv", ["22-1"], public=False, actor=STAFF))
    assert clock.reads == reads + 1
    assert [(row["Nr."], row["Navn"], row["Status"]) for row in found] == [
        ("1", "Anne", "har en plads"),
        ("2", "Bo", "har en plads"),
    ]
    entry = office.journal("22-1")[-1]
    assert (entry.action, entry.actor, entry.event) == ("export", STAFF, "22-1")
    assert (entry.registration, entry.at) == (None, clock.now)
    assert dict(entry.data) == {"format": "csv", "people": 2}


def test_several_events_have_an_entry_each(office: Office, event: Any, add: Any) -> None:
    """And the rows say which event is whose."""
    add(event(), event("22-2", title="Kursus"), publish=True)
    sign_up(office, "22-1", "Anne")
    for name in ("Bo", "Ida"):
        sign_up(office, "22-2", name)
    found = rows(office.export("csv", ["22-2", "22-1"], public=False, actor=STAFF))
    assert [(row["Arrangement"], row["Navn"]) for row in found] == [
        ("22-2", "Bo"),
        ("22-2", "Ida"),
        ("22-1", "Anne"),
    ]
    counts = [office.journal(each)[-1].data["people"] for each in ("22-1", "22-2")]
    assert counts == [1, 2]


def test_a_list_without_an_actor_is_a_mistake(office: Office, event: Any, add: Any) -> None:
    """Nobody can forget to say who asks."""
    add(event(), publish=True)
    with pytest.raises(TypeError):
        office.export("csv", ["22-1"], public=False)
    assert office.journal("22-1")[-1].action == "publish"


@pytest.mark.parametrize("name", ["ics", "json", "events-csv"])
def test_a_format_of_events_gets_nobody_and_is_not_noted(
    office: Office, event: Any, add: Any, name: str
) -> None:
    """For staff as for the public."""
    add(event(), publish=True)
    sign_up(office, "22-1", "Anne")
    before = office.journal("22-1")
    for public in (True, False):
        assert b"Anne" not in office.export(name, ["22-1"], public=public, actor=STAFF)
    assert office.journal("22-1") == before


def test_a_list_that_fails_is_not_noted(
    office: Office, event: Any, add: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody got anything."""
    add(event(), publish=True)
    before = office.journal("22-1")

    def fail(name: str, request: Any) -> bytes:
        raise PluginError("no", code="plugin_raised", plugin="x", doing=name, detail="no")

    monkeypatch.setattr(office.plugins, "export", fail)
    with pytest.raises(PluginError):
        office.export("csv", ["22-1"], public=False, actor=STAFF)
    assert office.journal("22-1") == before


def test_a_list_that_cannot_be_noted_is_not_handed_out(
    office: Office, event: Any, add: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody could find out about later does not happen."""
    add(event(), publish=True)
    monkeypatch.setattr(Store, "save", lambda self, outcomes: False)
    with pytest.raises(StoreError):
        office.export("csv", ["22-1"], public=False, actor=STAFF)


def test_a_list_signs_the_same_people_up_elsewhere(office: Office, event: Any, add: Any) -> None:
    """Telephone, answer and consent included: out of one event and into another."""
    add(event(questions=[FOOD]), event("22-2", questions=[FOOD]), publish=True)
    sign_up(office, "22-1", "Anne", answers=[{"mad": "Nødder", "mad.consent": True}])
    sign_up(office, "22-1", "Bo")
    data = office.export("csv", ["22-1"], public=False, actor=STAFF)
    there = office.revision("22-2").event
    lines = table.read(data, there)
    signups = [(line.signup, line.role) for line in lines if line.signup is not None]
    _, saved = office.register_all("22-2", signups, actor=STAFF)
    assert saved
    first, second = (office.registrations(each) for each in ("22-1", "22-2"))
    assert [one.person for one in first] == [one.person for one in second]
    assert [dict(one.answers) for one in first] == [dict(one.answers) for one in second]
    assert {one.person.phone for one in second} == {PHONE}
