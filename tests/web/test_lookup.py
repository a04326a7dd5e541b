"""Finding one's registration: one field, one answer, and mails that only their owner sees."""

from __future__ import annotations

import re
import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.test import TestResponse

from eventkit.model.decision import Allowed
from eventkit.model.errors import StoreError
from eventkit.model.event import Event, Status
from eventkit.model.registration import NoticeKind, Signup
from eventkit.model.values import SYSTEM, Person, Venue, zone
from eventkit.office.usecases import Office

PLACE = zone("Europe/Copenhagen")
EVENT = Event(
    id="26-1",
    title="Netværksmøde: Rum & ro",
    starts=datetime(2026, 5, 21, 9, 30, tzinfo=PLACE),
    ends=datetime(2026, 5, 21, 15, tzinfo=PLACE),
    deadline=date(2026, 5, 18),
    venue=Venue(name="Rosenhøj"),
)
LATER = evolve(EVENT, id="26-2", starts=EVENT.starts.replace(month=6), ends=None, deadline=None)
PAST = evolve(EVENT, id="26-0", starts=EVENT.starts.replace(day=5), ends=None, deadline=None)
OFF = evolve(EVENT, id="26-3")


@pytest.fixture
def app(make_app: Any) -> Flask:
    made: Flask = make_app(EVENT, LATER, PAST, OFF, secret="s" * 40)
    return made


def office_of(app: Flask) -> Office:
    office: Office = app.extensions["eventkit"].office
    return office


def register(app: Flask, event_id: str, *people: Person) -> None:
    form = Signup(people=people, key=f"key-{event_id}-{people[0].name}")
    assert isinstance(office_of(app).register(event_id, form, actor=SYSTEM), Allowed)


def ask(app: Flask, email: str, prefix: str = "", **more: Any) -> TestResponse:
    """What somebody who fills in the form is answered, once all is done that follows from it."""
    client = app.test_client()
    page = BeautifulSoup(client.get(f"{prefix}/find").data, "html.parser")
    token = page.select_one("[name=csrf_token]")["value"]  # type: ignore[index]
    answer = client.post(f"{prefix}/find", data={"email": email, "csrf_token": token} | more)
    answer.close()  # as a server does once it has gone
    app.extensions["eventkit-lookup"].later.submit(lambda: None).result()
    return answer


def links(app: Flask) -> list[tuple[str, int | None, str]]:
    """The links that are owed: for which registration, and to whom."""
    return [
        (one.event, one.registration, one.recipient)
        for event in ("26-0", "26-1", "26-2", "26-3")
        for one in office_of(app).store.notices(event)
        if one.kind is NoticeKind.LINK
    ]


def test_the_links_of_an_address_are_mailed(app: Flask, clock: Any) -> None:
    """Of what is still to come, however the address is written; of nothing else."""
    anne, other = Person(name="Anne", email="Anne@x.dk"), Person(name="Bo", email="bo@x.dk")
    for event_id in ("26-0", "26-1", "26-2", "26-3"):
        register(app, event_id, anne)
        register(app, event_id, other)
    register(app, "26-1", Person(name="Vikar", email="anne@x.dk"))
    office = office_of(app)
    office.cancel("26-2", (2,), actor=SYSTEM)
    revision = office.revision("26-3")
    office.change(
        evolve(revision.event, status=Status.CANCELLED, status_reason="Sne"), base=2, actor=SYSTEM
    )
    clock.now = datetime(2026, 5, 8, tzinfo=UTC)
    answer = ask(app, " ANNE@X.dk ")
    assert answer.status_code == 303
    assert links(app) == [
        ("26-1", 1, "Anne@x.dk"),
        ("26-1", 3, "anne@x.dk"),
        ("26-2", 1, "Anne@x.dk"),
    ]
    assert [one.epoch for one in office.registrations("26-1")] == [0, 0, 0]


def test_who_signed_others_up_gets_one_link(app: Flask) -> None:
    """It acts for all of them; a colleague with an address gets their own."""
    bo = Person(name="Bo", email="bo@x.dk")
    register(app, "26-1", bo, Person(name="Line"), Person(name="Trine", email="trine@x.dk"))
    ask(app, "bo@x.dk")
    ask(app, "trine@x.dk")
    assert links(app) == [("26-1", 1, "bo@x.dk"), ("26-1", 3, "trine@x.dk")]
    office_of(app).cancel("26-1", (1,), actor=SYSTEM)
    ask(app, "bo@x.dk")
    assert links(app)[1:] == [("26-1", 2, "bo@x.dk"), ("26-1", 3, "trine@x.dk")]


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_answer_is_always_the_same(app: Flask, prefix: str) -> None:
    """Known, unknown, asked too often, or asked while the database is broken."""
    register(app, "26-1", Person(name="Anne", email="anne@x.dk"))
    asked = ["anne@x.dk", "nobody@x.dk", *["anne@x.dk"] * 4]
    answers = [ask(app, email, prefix) for email in asked]

    def fail(*_: Any) -> None:
        raise StoreError("broken", code="x")

    app.extensions["eventkit"].office.find = fail
    answers.append(ask(app, "third@x.dk", prefix))

    def seen(answer: TestResponse) -> Any:
        headers = [(name, value) for name, value in answer.headers if name != "Set-Cookie"]
        return answer.status_code, headers, answer.data

    assert {repr(seen(answer)) for answer in answers} == {repr(seen(answers[0]))}
    place = answers[0].headers["Location"]
    assert place == f"{prefix}/find/sent"
    page = app.test_client().get(place)
    if not prefix:
        told = "Hvis der er tilmeldinger med den adresse, har vi sendt links til dem."
        assert told in page.text
    for answer in (page, answers[0]):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"] == "noindex"
    assert len(links(app)) == 1  # at most hourly


def test_nobody_waits_for_what_is_looked_up(app: Flask) -> None:
    """The answer is there before anything is looked up, so its time tells nothing."""
    goes_on, asked = threading.Event(), []

    def slow(email: str) -> None:
        goes_on.wait(20)
        asked.append(email)

    app.extensions["eventkit"].office.find = slow
    client = app.test_client()
    page = BeautifulSoup(client.get("/find").data, "html.parser")
    token = page.select_one("[name=csrf_token]")["value"]  # type: ignore[index]
    answer = client.post("/find", data={"email": "anne@x.dk", "csrf_token": token})
    later = app.extensions["eventkit-lookup"].later
    later.submit(lambda: None).result()
    assert (answer.status_code, asked) == (303, []), "not before the answer has gone"
    answer.close()
    assert asked == []
    goes_on.set()
    app.extensions["eventkit-lookup"].later.submit(lambda: None).result()
    assert asked == ["anne@x.dk"]


@pytest.mark.parametrize("email", ["", " ", "anne", "@", "a" * 300 + "@x.dk", "anne\0@x.dk"])
def test_what_is_no_address_is_said_at_the_field(app: Flask, email: str) -> None:
    """With what was typed kept; nothing is looked up."""
    answer = ask(app, email)
    assert answer.status_code == 422
    page = BeautifulSoup(answer.data, "html.parser")
    assert page.title is not None
    assert page.title.get_text().startswith("Fejl: ")
    assert page.select_one(".notice a[href='#email']") is not None
    assert links(app) == []


def test_a_form_of_another_site_finds_nothing(app: Flask) -> None:
    """Without the token nothing is sent, and what was typed is kept."""
    register(app, "26-1", Person(name="Anne", email="anne@x.dk"))
    answer = ask(app, "anne@x.dk", csrf_token="x")
    assert answer.status_code == 400
    assert 'value="anne@x.dk"' in answer.text
    assert links(app) == []


def test_one_visitor_does_not_ask_about_everybody(app: Flask, clock: Any) -> None:
    """Thirty a minute from one address, then one waits."""
    for number in range(30):
        assert ask(app, f"a{number}@x.dk").status_code == 303
    answer = ask(app, "late@x.dk")
    assert answer.status_code == 429
    assert "Vent et minut" in answer.text
    clock.now += timedelta(minutes=1)
    assert ask(app, "late@x.dk").status_code == 303


def test_every_public_page_leads_there(app: Flask) -> None:
    """From the foot of every page, and from the event's facts while one can still come."""
    for path in ("/", "/past", "/events/26-1", "/events/26-1/register", "/x"):
        text = app.test_client().get(path).text
        assert re.search(r'<footer>.*href="/find"', text, re.DOTALL), path
    page = BeautifulSoup(app.test_client().get("/en/events/26-1").data, "html.parser")
    assert page.select_one("aside a[href='/en/find']") is not None
