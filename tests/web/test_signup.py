"""Signing up on the site: what the form asks, what it answers, and what it never does."""

from __future__ import annotations

import re
import threading
import time
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from eventkit.formats.links import Links
from eventkit.formats.wording import wording
from eventkit.model.decision import Allowed
from eventkit.model.event import Event, Status
from eventkit.model.registration import Places, Registration, Seats, Signup, Standing
from eventkit.model.values import (
    SYSTEM,
    Actor,
    Before,
    Contact,
    Fee,
    Money,
    OnlineAccess,
    Person,
    Question,
    Side,
    Venue,
    zone,
)
from eventkit.office.usecases import Office
from eventkit.rules.deadlines import Open
from eventkit_web import pages
from eventkit_web.app import create_app
from eventkit_web.limits import Limit

PLACE = zone("Europe/Copenhagen")
NOW = datetime(2026, 5, 4, 10, tzinfo=PLACE)
SECRET = "s" * 40
FORM = "/events/26-1/register"
PUBLIC = Actor(Side.PUBLIC)

EVENT = Event(
    id="26-1",
    title="Netværksmøde: Rum & ro",
    starts=datetime(2026, 5, 21, 9, 30, tzinfo=PLACE),
    ends=datetime(2026, 5, 21, 15, tzinfo=PLACE),
    deadline=date(2026, 5, 18),
    venue=Venue(name="Rosenhøj", street="Rosenhøj 1", postcode="8260", locality="Viby J"),
    contact=Contact(name="Sekretariatet", phone="33 76 20 00", email="post@net.example"),
)
PAID = evolve(
    EVENT,
    price=Money(Decimal("1250.50")),
    fees=(Fee(since=Before(days=7), money=Money(500)),),
    no_show_fee=Money(1250),
)
BOTH = evolve(EVENT, online=OnlineAccess(provider="Teams"), capacity=3)
QUESTIONS = (
    Question(key="job", text="Hvad laver du?", required=True),
    Question(key="mad", text="Særlig mad?", sensitive=True),
    Question(key="hold", text="Hvilket hold?", answer="choice", options=("A", "B")),
    Question(key="by", text="Hvilken by?", answer="choice", options=tuple("ABCDEF")),
    Question(key="emner", text="Hvilke emner?", answer="several", options=("Støj", "Naboer")),
    Question(key="bus", text="Med bus?", answer="yes_no"),
)
ASKING = evolve(EVENT, questions=QUESTIONS)
CPR = "Skriv aldrig et CPR-nummer her. Slet det, og prøv igen."
ANNE = {"people-0-name": "Anne Jensen", "people-0-email": "anne@x.dk"}
BO = {"people-0-name": "Bo Madsen", "people-0-email": "bo@x.dk"}


class Visitor:
    """Somebody at the site: fills in what a page shows, and sends it."""

    def __init__(self, app: Flask, path: str = FORM) -> None:
        self.client: FlaskClient = app.test_client()
        self.path = path
        self.answer: TestResponse = self.client.get(path)

    @property
    def page(self) -> BeautifulSoup:
        return BeautifulSoup(self.answer.data, "html.parser")

    @property
    def filled(self) -> dict[str, Any]:
        """What a browser would send of the form that is shown, the pressed button apart."""
        data: dict[str, Any] = {}
        for tag in self.page.select("form [name]:not(button)"):
            name, value = str(tag["name"]), str(tag.get("value", ""))
            if tag.name == "select":
                chosen = tag.select_one("option[selected]") or tag.select_one("option")
                data[name] = "" if chosen is None else str(chosen["value"])
            elif tag.get("type") in ("radio", "checkbox"):
                if tag.has_attr("checked"):
                    data.setdefault(name, []).append(value)
            else:
                data[name] = value
        return data

    def send(self, said: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        self.answer = self.client.post(self.path, data=self.filled | (said or {}), **more)
        return self.answer

    def press(self, text: str) -> TestResponse:
        button = self.page.find("button", string=re.compile(text)) or next(
            one for one in self.page.select("button[name=do]") if text in one.get_text()
        )
        return self.send({"do": button["value"]})  # type: ignore[index]

    def receipt(self) -> BeautifulSoup:
        assert self.answer.status_code == 303, said(self.page)
        self.answer = self.client.get(self.answer.headers["Location"])
        assert self.answer.status_code == 200
        return self.page

    def errors(self) -> dict[str, str]:
        """The sentence at each field that has one, by the field's name."""
        found = {}
        for error in self.page.select(".error"):
            field = error.find_parent(class_="field")
            assert field is not None
            control = field.select_one("input, select")
            assert control is not None
            found[str(control["name"])] = said(error)
        return found


def said(found: Any) -> str:
    return " ".join(found.get_text(" ").split()) if found is not None else ""


@pytest.fixture
def visit(make_app: Any) -> Any:
    """Opens the form of an event for one visitor."""

    def at(*events: Event, path: str = FORM, **more: Any) -> Visitor:
        return Visitor(make_app(*events, secret=SECRET, **more), path)

    return at


def office_of(visitor: Visitor) -> Office:
    office: Office = visitor.client.application.extensions["eventkit"].office
    return office


def everybody(visitor: Visitor) -> tuple[Registration, ...]:
    return office_of(visitor).registrations("26-1")


def fill_up(office: Office, *names: str, **more: Any) -> None:
    """Others take seats meanwhile."""
    for name in names:
        person = Person(name=name, email=f"{name.lower()}@andre.dk")
        form = Signup(people=(person,), key=f"key-{name}", **more)
        taken = office.register("26-1", form, actor=SYSTEM)
        assert isinstance(taken, Allowed)


# --- the form --------------------------------------------------------------------------------


def test_only_name_and_email_are_asked_for(visit: Any) -> None:
    """Four fields, two of them required and marked so in words; keyboards and autofill fit."""
    page = visit(EVENT).page
    fields = {str(tag["name"]): tag for tag in page.select("form .field input")}
    assert list(fields) == [
        f"people-0-{name}" for name in ("name", "email", "phone", "organisation")
    ]
    kinds = [(tag["type"], tag["autocomplete"], tag.get("inputmode")) for tag in fields.values()]
    assert kinds == [
        ("text", "name", None),
        ("email", "email", "email"),
        ("tel", "tel", "tel"),
        ("text", "organization", None),
    ]
    assert [name for name, tag in fields.items() if tag.has_attr("required")] == [
        "people-0-name",
        "people-0-email",
    ]
    assert [said(must) for must in page.select(".must")] == ["skal udfyldes"] * 2
    assert page.select("details") == []


def test_the_form_leads_to_a_receipt(visit: Any) -> None:
    """Two screens: the form, and "Du har en plads" with all that one needs to come."""
    visitor = visit(EVENT)
    visitor.send(ANNE | {"people-0-phone": "12 34 56 78"})
    assert visitor.answer.headers["Cache-Control"] == "no-store"
    page = visitor.receipt()
    assert said(page.h1) == "Du har en plads"
    for fact in (
        "Torsdag den 21. maj 2026 kl. 9.30–15.00",
        "Rosenhøj Rosenhøj 1, 8260 Viby J",
        "Anne Jensen har en plads",
        "Du kan melde afbud indtil arrangementets start.",
        "Vi sender også en mail til anne@x.dk.",
        "33 76 20 00",
        "Tilmelding nr. 26-1-1",
    ):
        assert fact in said(page.main), fact
    assert page.select_one("dl a[href$='.ics']") is not None
    (one,) = everybody(visitor)
    assert one.person == Person(name="Anne Jensen", email="anne@x.dk", phone="12 34 56 78")
    assert (one.status, one.language) == (Standing.CONFIRMED, "da")


def test_in_english(visit: Any) -> None:
    """The same under /en, and notices will be in English."""
    visitor = visit(EVENT, path=f"/en{FORM}")
    assert said(visitor.page.h1) == "Register"
    visitor.send()
    assert visitor.page.title is not None
    assert visitor.page.title.get_text().startswith("Error: Register: ")
    visitor.send(ANNE)
    assert said(visitor.receipt().h1) == "You have a seat"
    assert everybody(visitor)[0].language == "en"


def test_danish_words_on_an_english_form_and_receipt_say_so(visit: Any) -> None:
    """Title, place, contact and the reason why it is called off are marked as Danish."""
    words = ("Rum", "Rosenhøj", "Sekretariatet", "Sygdom", "Viby J")

    def unmarked(page: BeautifulSoup) -> list[str]:
        for tag in page.select("[lang=da], head"):
            tag.decompose()
        return [word for word in words if word in said(page)]

    visitor = visit(EVENT, path=f"/en{FORM}")
    assert "Rosenhøj" in said(visitor.page.main)
    assert unmarked(visitor.page) == []
    visitor.send(ANNE)
    assert "Sekretariatet" in said(visitor.receipt().main)
    assert unmarked(visitor.page) == []
    office, receipt = office_of(visitor), visitor.answer.request.path
    off = evolve(EVENT, status=Status.CANCELLED, status_reason="Sygdom.")
    assert isinstance(office.change(off, base=2, actor=SYSTEM), Allowed)
    for path in (receipt, f"/en{FORM}"):
        visitor.answer = visitor.client.get(path)
        assert "Sygdom" in said(visitor.page.main)
        assert unmarked(visitor.page) == []


def test_each_kind_of_question_is_asked_in_its_own_way(visit: Any) -> None:
    """A line, up to five as radios, more as a list, several as ticks, yes or no; and consent."""
    visitor = visit(ASKING)
    page = visitor.page

    def kinds(key: str) -> list[str]:
        return [str(tag.get("type", tag.name)) for tag in page.select(f"[name=people-0-q_{key}]")]

    assert kinds("job") == kinds("mad") == ["text"]
    assert kinds("hold") == kinds("bus") == ["radio"] * 3  # with one for no answer
    assert kinds("by") == ["select"]
    assert kinds("emner") == ["checkbox"] * 2
    visitor.send(
        ANNE
        | {
            "people-0-q_job": "Drift",
            "people-0-q_mad": "Vegetar",
            "people-0-c_mad": "y",
            "people-0-q_hold": "B",
            "people-0-q_by": "F",
            "people-0-q_emner": ["Støj", "Naboer"],
            "people-0-q_bus": "no",
        }
    )
    visitor.receipt()
    assert dict(everybody(visitor)[0].answers) == {
        "job": "Drift",
        "mad": "Vegetar",
        "mad.consent": True,
        "hold": "B",
        "by": "F",
        "emner": ("Støj", "Naboer"),
        "bus": False,
    }


def test_an_answer_that_is_left_out_is_not_kept(visit: Any) -> None:
    """Nothing chosen, no consent without an answer: nothing but what was said."""
    visitor = visit(ASKING)
    visitor.send(ANNE | {"people-0-q_job": "Drift", "people-0-c_mad": "y"})
    visitor.receipt()
    assert dict(everybody(visitor)[0].answers) == {"job": "Drift"}


def test_how_to_attend_is_asked_where_there_is_a_choice(visit: Any) -> None:
    """Two radios with what is left in each; none is chosen for anybody."""
    visitor = visit(BOTH)
    radios = visitor.page.select("input[name=mode]")
    assert [said(radio.parent) for radio in radios] == ["På stedet 3 pladser tilbage", "Online"]
    assert not any(radio.has_attr("checked") for radio in radios)
    visitor.send(ANNE)
    assert visitor.errors() == {"mode": "Vælg, om du kommer eller er med online."}
    visitor.send({"mode": "online"})
    page = visitor.receipt()
    assert "Online via Teams. Linket sendes til tilmeldte." in said(page.main)
    assert "Rosenhøj" not in said(page.select_one(".facts"))
    assert everybody(visitor)[0].mode == "online"


def test_a_way_without_seats_is_said_to_be_full(visit: Any) -> None:
    """Nobody can wait for a seat where there are none, and no place in a queue is promised."""
    visitor = visit(evolve(BOTH, capacity=0, online_capacity=9))
    radios = visitor.page.select("input[name=mode]")
    assert [said(radio.parent) for radio in radios] == [
        "På stedet Alle pladser er optaget.",
        "Online 9 pladser tilbage",
    ]
    visitor.send(ANNE | {"mode": "room"})
    assert visitor.answer.status_code == 409
    assert everybody(visitor) == ()


def test_what_it_costs_is_said_before_the_button(visit: Any) -> None:
    """Price, cancelling and staying away; the invoice unfolds, open when there is something in it.

    Where nothing costs anything nobody is asked for an invoice.
    """
    visitor = visit(PAID)
    terms = said(visitor.page.select_one(".terms"))
    assert terms == (
        "Det koster 1.250,50 kr. pr. person. Du kan melde afbud indtil arrangementets start. "
        "Et afbud koster 500 kr. fra torsdag den 14. maj 2026. "
        "Det koster 1.250 kr. at blive væk uden afbud."
    )
    details = visitor.page.details
    assert details is not None
    assert not details.has_attr("open")
    visitor.send(ANNE | {"invoice-email": "bogholderi", "invoice-reference": "7"})
    assert list(visitor.errors()) == ["invoice-email"]
    assert visitor.page.details is not None
    assert visitor.page.details.has_attr("open")
    visitor.send({"invoice-email": "bog@x.dk"})
    assert "1.250,50 kr." in said(visitor.receipt().main)
    invoice = everybody(visitor)[0].invoice
    assert invoice is not None
    assert (invoice.reference, invoice.email) == ("7", "bog@x.dk")


# --- what is wrong ---------------------------------------------------------------------------


def test_errors_stand_at_their_fields_and_in_a_summary(visit: Any) -> None:
    """ "Fejl:" comes first in the title; the summary has the focus and leads to each field."""
    visitor = visit(ASKING)
    answer = visitor.send({"people-0-email": "anne@x", "people-0-q_mad": "Vegetar"})
    assert answer.status_code == 422
    page = visitor.page
    assert page.title is not None
    assert page.title.get_text().startswith("Fejl: Tilmeld dig: ")
    assert list(visitor.errors()) == [
        "people-0-name",
        "people-0-email",
        "people-0-q_job",
        "people-0-c_mad",
    ]
    summary = page.select_one(".notice")
    assert summary is not None
    assert summary.has_attr("autofocus")
    assert said(summary.h2) == "Ret 4 ting, og send igen"
    for link in summary.select("a"):
        target = page.find(id=str(link["href"]).removeprefix("#"))
        assert target is not None
        assert target["aria-invalid"] == "true"
        told = page.find(id=str(target["aria-describedby"]).split()[-1])
        assert said(told) == said(link)
    assert everybody(visitor) == ()


def test_nothing_typed_is_lost(visit: Any) -> None:
    """Whatever is refused, the form comes back as it was sent, the key of the form too."""
    visitor = visit(evolve(ASKING, price=Money(100), online=OnlineAccess()))
    sent = {
        "mode": "online",
        "people-0-name": 'Anne "&<b> Jensen',
        "people-0-email": "anne@",
        "people-0-phone": "12",
        "people-0-organisation": "Æblehaven",
        "people-0-q_job": "<script>",
        "people-0-q_mad": "Vegetar",
        "people-0-q_hold": "B",
        "people-0-q_by": "F",
        "people-0-q_emner": ["Naboer"],
        "people-0-q_bus": "yes",
        "people-1-name": "",
        "people-1-phone": "34",
        "invoice-name": "Boligselskabet",
        "key": visitor.filled["key"],
    }
    visitor.send(sent)
    assert visitor.answer.status_code == 422
    back = visitor.filled
    for name, value in sent.items():
        shown = back[name] if isinstance(value, list) else str(back[name]).strip("[']")
        assert shown == value, name
    assert visitor.page.select("script") == []


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("people-0-name", "x" * 201, "Skriv højst 200 tegn. Nu står der 201."),
        ("people-0-email", "x" * 255, "Skriv højst 254 tegn. Nu står der 255."),
        ("people-0-q_job", "x" * 1001, "Skriv højst 1.000 tegn. Nu står der 1.001."),
        ("people-0-name", "Anne\0", "Teksten har usynlige tegn. Slet den, og skriv den igen."),
        ("people-0-phone", "1\u20282", "Teksten har usynlige tegn. Slet den, og skriv den igen."),
        ("people-0-q_hold", "\0", "Teksten har usynlige tegn. Slet den, og skriv den igen."),
        ("people-0-q_emner", ["\x1b"], "Teksten har usynlige tegn. Slet den, og skriv den igen."),
        ("people-0-q_hold", "C", "Svaret på »Hvilket hold?« passer ikke til spørgsmålet. Ret det."),
        ("people-0-q_bus", "maybe", "Svaret på »Med bus?« passer ikke til spørgsmålet. Ret det."),
        (
            "people-0-organisation",
            "010190-1234",
            "Skriv aldrig et CPR-nummer her. Slet det, og prøv igen.",
        ),
        ("people-0-q_job", "0101901234", CPR),
    ],
)
def test_what_cannot_be_is_told_at_its_field(visit: Any, name: str, value: Any, told: str) -> None:
    """Too long, invisible characters, no such option, a CPR number: one sentence, at that field."""
    visitor = visit(ASKING)
    answer = visitor.send(ANNE | {"people-0-q_job": "Drift"} | {name: value})
    assert answer.status_code == 422
    assert visitor.errors() == {name: told}
    assert everybody(visitor) == ()


def test_what_is_too_large_is_refused_at_once(visit: Any) -> None:
    """A form of more than half a megabyte is not read at all; twenty people write much less."""
    visitor = visit(EVENT)
    assert visitor.send({"people-0-name": "x" * 400_000}).status_code == 422
    answer = visitor.send({"people-0-name": "x" * 600_000})
    assert answer.status_code == 413
    assert said(visitor.page.h1) == "Det er for meget på en gang"


def test_who_will_wait_is_told_what_a_seat_costs_and_that_leaving_is_free(
    visit: Any, clock: Any
) -> None:
    """What counts only for who has a seat is said to do so; and what counts already, to do so."""
    clock.now = datetime(2026, 5, 15, tzinfo=PLACE)
    visitor = visit(evolve(PAID, capacity=1))
    fill_up(office_of(visitor), "Ida")
    visitor.answer = visitor.client.get(FORM)
    assert said(visitor.page.select_one(".terms")) == (
        "Så længe du venter, er det gratis at melde dig fra. "
        "Når du har en plads, gælder det her: "
        "Det koster 1.250,50 kr. pr. person. Du kan melde afbud indtil arrangementets start. "
        "Et afbud koster 500 kr. nu. "
        "Det koster 1.250 kr. at blive væk uden afbud."
    )


def test_where_waiting_costs_nothing_no_fee_is_told(visit: Any) -> None:
    """Nor is a seat, until when one may leave it."""
    visitor = visit(evolve(EVENT, capacity=1))
    fill_up(office_of(visitor), "Ida")
    visitor.answer = visitor.client.get(FORM)
    terms = said(visitor.page.select_one(".terms"))
    assert terms == "Du kan melde dig fra indtil arrangementets start."


# --- colleagues ------------------------------------------------------------------------------


def test_colleagues_unfold_without_javascript(visit: Any) -> None:
    """A button asks for one more, another takes one away; nothing is complained of meanwhile."""
    visitor = visit(ASKING)
    visitor.send(BO)
    visitor.press("Tilmeld også en kollega")
    assert visitor.answer.status_code == 200
    assert visitor.errors() == {}
    assert said(visitor.page.select_one("button.add")) == "Tilmeld en kollega mere"
    assert said(visitor.page.h1) == "Tilmeld jer"
    visitor.answer = visitor.client.post(
        FORM, data=visitor.filled | {"people-1-name": "Line", "do": "add"}
    )
    assert visitor.page.select_one("[autofocus]")["id"] == "people-2-name"  # type: ignore[index]
    assert [said(one) for one in visitor.page.select("h2")] == ["Dig", "Kollega 1", "Kollega 2"]
    visitor.press("Fjern kollega 1")
    assert visitor.filled["people-0-name"] == "Bo Madsen"
    assert "people-1-name" not in visitor.filled
    assert "people-2-name" in visitor.filled


def test_a_party_is_taken_in_together(visit: Any) -> None:
    """Each with answers of their own; who has no e-mail comes under who filled in the form."""
    visitor = visit(ASKING)
    visitor.send(
        BO
        | {
            "people-0-q_job": "Drift",
            "people-3-name": "Line",
            "people-3-q_job": "Udlejning",
            "people-7-name": " ",
        }
    )
    page = visitor.receipt()
    assert said(page.h1) == "I har 2 pladser"
    assert "Bo Madsen har en plads Line har en plads" in said(page.main)
    bo, line = everybody(visitor)
    assert (bo.party, line.party) == (1, 1)
    assert line.booker == bo.person
    assert dict(line.answers) == {"job": "Udlejning"}


def test_what_is_wrong_with_a_colleague_is_told_by_name(visit: Any) -> None:
    """Also that one is registered already, which only a party form tells."""
    visitor = visit(EVENT)
    fill_up(office_of(visitor), "Line")
    visitor.send(BO | {"people-1-name": "Line", "people-1-email": "LINE@andre.dk"})
    assert visitor.answer.status_code == 422
    assert visitor.errors() == {"people-1-name": "Line er allerede tilmeldt."}
    links = [said(link) for link in visitor.page.select(".notice a")]
    assert links == ["Kollega 1: Line er allerede tilmeldt."]
    assert len(everybody(visitor)) == 1


def test_at_most_twenty_come_by_one_form(visit: Any) -> None:
    """The twenty-first is not let in, and the form says so."""
    visitor = visit(EVENT)
    people = {f"people-{n}-name": f"Gæst {n}" for n in range(20)}
    visitor.send(BO | people | {"do": "add"})
    assert "Du kan højst tilmelde 20 ad gangen." in said(visitor.page.select_one(".notice"))
    assert "people-20-name" not in visitor.filled
    visitor.send({"people-20-name": "Gæst 20"})
    assert "Du kan højst tilmelde 20 ad gangen." in said(visitor.page.select_one(".notice"))
    assert everybody(visitor) == ()
    visitor.send({"do": "remove people-20-name"} | {"people-20-name": "x"})
    visitor.send()
    assert said(visitor.receipt().h1) == "I har 20 pladser"


# --- what was promised -----------------------------------------------------------------------


def test_the_last_seat_goes_meanwhile(visit: Any) -> None:
    """Nobody waits unasked: the form says at what place, and takes a second press for yes."""
    visitor = visit(evolve(EVENT, capacity=1))
    assert said(visitor.page.select_one("button.button")) == "Tilmeld"
    fill_up(office_of(visitor), "Ida", "Ole")
    visitor.send(ANNE)
    assert visitor.answer.status_code == 409
    notice = said(visitor.page.select_one(".notice"))
    assert "Den sidste plads er lige gået. Du bliver nr. 2 på ventelisten." in notice
    assert visitor.filled["people-0-name"] == "Anne Jensen"
    assert said(visitor.page.select_one("button.button")) == "Skriv mig på ventelisten"
    assert len(everybody(visitor)) == 2
    visitor.send()
    page = visitor.receipt()
    assert said(page.h1) == "Du er nr. 2 på ventelisten"
    assert page.select("a[href$='.ics']:not(footer a)") == []


def test_a_party_that_does_not_fit_is_asked(visit: Any) -> None:
    """They wait together, at the places that are told, or not at all."""
    visitor = visit(evolve(EVENT, capacity=2))
    party = BO | {"people-1-name": "Line", "people-2-name": "Trine"}
    fill_up(office_of(visitor), "Ida")
    visitor.send(party | {"people-2-name": ""})
    notice = said(visitor.page.select_one(".notice"))
    assert "Der er kun 1 plads tilbage, og I er 2. I bliver nr. 1 og 2 på ventelisten." in notice
    assert visitor.page.select_one(".notice .state.warning") is not None
    assert said(visitor.page.select_one("button.button")) == "Skriv os på ventelisten"
    visitor.send()
    assert said(visitor.receipt().h1) == "I er nr. 1 og 2 på ventelisten"


def test_the_last_seat_goes_in_the_very_moment(visit: Any, monkeypatch: Any) -> None:
    """Who loses the race between looking and sitting down is asked too, and waits for nothing."""
    visitor = visit(evolve(EVENT, capacity=1))
    office, register = office_of(visitor), Office.register

    def overtaken(self: Office, event_id: str, signup: Signup, **more: Any) -> Any:
        if more.get("at") is None:
            monkeypatch.setattr(Office, "register", register)
            fill_up(office, "Ida")
        return register(self, event_id, signup, **more)

    monkeypatch.setattr(Office, "register", overtaken)
    visitor.send(ANNE)
    assert visitor.answer.status_code == 409
    notice = said(visitor.page.select_one(".notice"))
    assert "Den sidste plads er lige gået. Du bliver nr. 1 på ventelisten." in notice
    assert len(everybody(visitor)) == 1
    visitor.send()
    assert said(visitor.receipt().h1) == "Du er nr. 1 på ventelisten"


def test_a_seat_that_others_wait_for_is_not_said_to_be_gone(visit: Any) -> None:
    """A party at the head of the queue has the free seat."""
    visitor = visit(evolve(EVENT, capacity=3))
    office = office_of(visitor)
    fill_up(office, "Ida", "Ole")
    party = tuple(Person(name=name, email=f"{name}@andre.dk") for name in ("Ea", "Bo", "Ib"))
    office.register("26-1", Signup(people=party, key="three"), actor=SYSTEM)
    visitor.send(ANNE)
    notice = said(visitor.page.select_one(".notice"))
    assert "Der er allerede andre på ventelisten, og de kommer først." in notice
    assert "Du bliver nr. 4 på ventelisten." in notice


def test_a_price_that_rose_meanwhile_is_asked_about(visit: Any) -> None:
    """Nobody owes more than the form said unasked; that it fell is nobody's trouble."""
    visitor = visit(PAID)
    office = office_of(visitor)

    def costs(amount: int) -> None:
        current = office.revision("26-1")
        event = evolve(current.event, price=Money(amount))
        assert isinstance(office.change(event, base=current.number, actor=SYSTEM), Allowed)

    costs(5000)
    visitor.send(ANNE)
    assert visitor.answer.status_code == 409
    assert "Prisen er nu 5.000 kr. pr. person." in said(visitor.page.select_one(".notice"))
    assert everybody(visitor) == ()
    costs(100)
    form = visitor.filled
    visitor.send()
    costs(6000)
    visitor.answer = visitor.client.post(FORM, data=form)  # the same once more
    assert said(visitor.receipt().h1) == "Du har en plads"
    assert len(everybody(visitor)) == 1


def test_a_higher_price_and_a_queue_are_asked_about_at_once(visit: Any) -> None:
    """One question, not one after the other; the answer is the same form once more."""
    visitor = visit(evolve(PAID, capacity=1, price=None))
    office = office_of(visitor)
    fill_up(office, "Ida")
    current = office.revision("26-1")
    dear = evolve(current.event, price=Money(300, "EUR"))
    assert isinstance(office.change(dear, base=current.number, actor=SYSTEM), Allowed)
    visitor.send(ANNE)
    assert visitor.answer.status_code == 409
    notice = said(visitor.page.select_one(".notice"))
    assert "Du bliver nr. 1 på ventelisten." in notice
    assert "Prisen er nu 300 EUR pr. person." in notice
    assert len(everybody(visitor)) == 1
    visitor.send()
    assert said(visitor.receipt().h1) == "Du er nr. 1 på ventelisten"


def test_who_chose_a_way_that_is_gone_gets_no_other_unasked(visit: Any) -> None:
    """They are told, and may come the other way."""
    visitor = visit(BOTH)
    office = office_of(visitor)
    current = office.revision("26-1")
    gone = evolve(current.event, online=None)
    assert isinstance(office.change(gone, base=current.number, actor=SYSTEM), Allowed)
    visitor.send(ANNE | {"mode": "online"})
    assert visitor.answer.status_code == 409
    assert "Man kan kun deltage på stedet." in said(visitor.page.select_one(".notice"))
    assert everybody(visitor) == ()
    visitor.send()
    assert said(visitor.receipt().h1) == "Du har en plads"


def test_where_nobody_waits_no_list_is_offered(visit: Any) -> None:
    """There is nothing online any more; the room is the way in."""
    visitor = visit(evolve(BOTH, waiting_list=False, online_capacity=5))
    office = office_of(visitor)
    current = office.revision("26-1")
    none = evolve(current.event, online_capacity=0)
    assert isinstance(office.change(none, base=current.number, actor=SYSTEM), Allowed)
    visitor.send(ANNE | {"mode": "online", "people-1-name": "Bo Madsen"})
    assert visitor.answer.status_code == 409
    page = said(visitor.page.main)
    assert "Alle pladser er optaget." in page
    assert "ventelisten" not in page
    assert "0 pladser" not in page
    visitor.send({"mode": "room"})
    assert said(visitor.receipt().h1) == "I har 2 pladser"


def test_who_is_told_of_the_waiting_list_is_not_asked_again(visit: Any) -> None:
    """A form that said so from the first leads to the place in the queue at once."""
    office = office_of(visit(evolve(EVENT, capacity=1)))
    fill_up(office, "Ida")
    visitor = Visitor(create_app(office))
    assert said(visitor.page.h1) == "Skriv dig på ventelisten"
    assert "Du bliver nr. 1." in said(visitor.page.form)
    visitor.send(ANNE)
    assert said(visitor.receipt().h1) == "Du er nr. 1 på ventelisten"


def test_who_is_promised_less_gets_more_gladly(visit: Any) -> None:
    """A seat that came free meanwhile is given without a question."""
    visitor = visit(evolve(EVENT, capacity=1))
    fill_up(office_of(visitor), "Ida")
    visitor = Visitor(visitor.client.application)
    office_of(visitor).cancel("26-1", (1,), actor=SYSTEM)
    visitor.send(ANNE)
    assert said(visitor.receipt().h1) == "Du har en plads"


def test_an_organiser_may_want_to_choose(visit: Any) -> None:
    """The button says that one asks, and the receipt that it is looked at."""
    visitor = visit(evolve(EVENT, approval=True))
    assert said(visitor.page.select_one("button.button")) == "Søg om en plads"
    visitor.send(ANNE)
    assert said(visitor.receipt().h1) == "Vi behandler din tilmelding"


def test_a_promise_that_was_tampered_with_is_none(visit: Any) -> None:
    """Whatever stands in the hidden field, at worst one is asked."""
    visitor = visit(evolve(EVENT, capacity=1))
    fill_up(office_of(visitor), "Ida")
    for promised in ("", "room:confirmed", "x", "room", "room:waiting:\0"):
        visitor.send(ANNE | {"promised": promised})
        assert visitor.answer.status_code == 409, promised
        assert len(everybody(visitor)) == 1


# --- when one cannot -------------------------------------------------------------------------


def test_the_deadline_passes_meanwhile(visit: Any, clock: Any) -> None:
    """Why, since when and whom to call, with all that was written; and nothing left to press."""
    visitor = visit(EVENT)
    clock.now = datetime(2026, 5, 19, tzinfo=PLACE)
    visitor.send(ANNE)
    assert visitor.answer.status_code == 409
    main = said(visitor.page.main)
    assert "Tilmeldingen var åben til og med mandag den 18. maj 2026." in main
    assert said(visitor.page.select_one(".ask")).startswith("Spørg Sekretariatet, 33 76 20 00")
    assert visitor.page.select_one("a[href='tel:+4533762000']") is not None
    assert "Det, du har skrevet, står her stadig." in main
    assert visitor.filled["people-0-name"] == "Anne Jensen"
    assert visitor.page.select("form button") == []
    assert everybody(visitor) == ()


def test_a_form_that_came_too_late_promises_no_waiting_list(visit: Any, clock: Any) -> None:
    """And the title says that something is wrong, as with any other."""
    visitor = visit(BOTH)
    clock.now = datetime(2026, 5, 19, tzinfo=PLACE)
    visitor.send(ANNE | {"mode": "room"})
    assert said(visitor.page.title).startswith("Fejl:")
    assert "enteliste" not in said(visitor.page.main)


def test_that_it_is_called_off_meanwhile_is_said_once(visit: Any) -> None:
    """By its name, not by its number."""
    visitor = visit(BOTH)
    office = office_of(visitor)
    base = office.revision("26-1").number
    assert isinstance(office.call_off("26-1", base=base, actor=SYSTEM, reason="Sygdom"), Allowed)
    visitor.send(ANNE | {"mode": "room"})
    main = said(visitor.page.main)
    assert "aflyst: Sygdom" in main
    assert "26-1" not in main
    assert "enteliste" not in main


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (evolve(EVENT, deadline=date(2026, 5, 1)), "til og med fredag den 1. maj 2026"),
        (evolve(EVENT, opens=date(2026, 5, 10)), "Tilmeldingen åbner søndag den 10. maj 2026."),
        (evolve(EVENT, capacity=0), "Alle pladser er optaget."),
        (evolve(EVENT, capacity=0, waiting_list=False), "Alle pladser er optaget."),
        (evolve(EVENT, status=Status.CANCELLED, status_reason="Sygdom."), "aflyst: Sygdom."),
        (evolve(EVENT, status=Status.POSTPONED), "udsat"),
    ],
)
def test_who_cannot_join_finds_no_form(visit: Any, event: Event, told: str) -> None:
    """The page says why, and whom to ask; a form sent all the same changes nothing."""
    visitor = visit(event)
    assert visitor.answer.status_code == 200
    assert told in said(visitor.page.main)
    assert "33 76 20 00" in said(visitor.page.main)
    assert visitor.page.select("form") == []
    token = Visitor(visitor.client.application)
    token.send(ANNE)
    assert everybody(visitor) == ()


def test_a_draft_has_no_form(visit: Any) -> None:
    """As if it were not there."""
    visitor = visit(evolve(EVENT, status=Status.DRAFT))
    assert visitor.answer.status_code == 404
    assert visitor.send(ANNE).status_code == 404
    assert visitor.client.get(f"{FORM}/sent").status_code == 404


# --- once, and only once ---------------------------------------------------------------------


def test_a_form_sent_fifty_times_is_one_registration(visit: Any) -> None:
    """Also at the same time: one registration, and one receipt for all of them."""
    visitor = visit(evolve(EVENT, capacity=60))
    app, data = visitor.client.application, visitor.filled | ANNE
    cookie = visitor.client.get_cookie("eventkit")
    assert cookie is not None
    answers: list[TestResponse] = []

    def send() -> None:
        client = app.test_client()
        client.set_cookie("eventkit", cookie.value)
        answers.extend(client.post(FORM, data=data) for _ in range(5))

    threads = [threading.Thread(target=send) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert len(everybody(visitor)) == 1


def test_a_form_sent_again_and_again_is_one_try(visit: Any, monkeypatch: Any) -> None:
    """Also where each was looked at before the first had been saved."""
    visitor = visit(EVENT)
    register, looked = Office.register, []

    def blind(self: Office, event_id: str, signup: Signup, **more: Any) -> Any:
        if more.get("at") is None:
            return register(self, event_id, signup, **more)
        looked.append(looked[0] if looked else register(self, event_id, signup, **more))
        return looked[0]

    monkeypatch.setattr(Office, "register", blind)
    form = visitor.filled | ANNE
    places = {visitor.client.post(FORM, data=form).headers["Location"] for _ in range(20)}
    assert len(places) == 1
    assert len(everybody(visitor)) == 1


def test_a_form_sent_again_after_a_cancellation_seats_nobody(visit: Any) -> None:
    """It leads to the receipt, which tells how things stand."""
    visitor = visit(EVENT)
    form = visitor.filled | ANNE
    assert visitor.client.post(FORM, data=form).status_code == 303
    office_of(visitor).cancel("26-1", (1,), actor=SYSTEM)
    visitor.answer = visitor.client.post(FORM, data=form)
    assert said(visitor.receipt().h1) == "Du er afmeldt"
    assert [one.status for one in everybody(visitor)] == [Standing.CANCELLED]


def test_to_load_a_receipt_again_changes_nothing(visit: Any) -> None:
    """It shows the same, in both languages, and is kept and told to nobody."""
    visitor = visit(EVENT)
    visitor.send(ANNE)
    place = visitor.answer.headers["Location"]
    first = visitor.client.get(place)
    shown = re.compile(r'name="csrf_token" value="[^"]*"')
    assert shown.sub("", first.text) == shown.sub("", visitor.client.get(place).text)
    assert first.headers["Cache-Control"] == "no-store"
    assert first.headers.getlist("Referrer-Policy") == ["no-referrer"]
    assert first.headers["X-Robots-Tag"] == "noindex"
    assert "You have a seat" in visitor.client.get(f"/en{place}").text
    assert "Anne" not in place


@pytest.mark.parametrize("end", ["over", "cancelled"])
def test_a_receipt_promises_no_link_that_is_not_sent_any_more(
    visit: Any, clock: Any, end: str
) -> None:
    """Who was online is promised the link until the event is over or called off."""
    visitor = visit(BOTH)
    visitor.send(ANNE | {"mode": "online"})
    assert "Linket sendes til tilmeldte." in said(visitor.receipt().main)
    if end == "over":
        clock.now = datetime(2026, 5, 22, tzinfo=PLACE)
    else:
        off = evolve(BOTH, status=Status.CANCELLED, status_reason="Sne")
        assert isinstance(office_of(visitor).change(off, base=2, actor=SYSTEM), Allowed)
    visitor.answer = visitor.client.get(visitor.answer.request.path)
    assert "Online via Teams." in said(visitor.page.main)
    assert "Linket" not in said(visitor.page.main)
    assert "melde afbud" not in said(visitor.page.main)


def test_a_receipt_cannot_be_guessed(visit: Any) -> None:
    """Another number, or a token cut or changed anywhere, is a page that is not there."""
    visitor = visit(EVENT)
    visitor.send(ANNE)
    place = visitor.answer.headers["Location"]
    token = place.rpartition("/")[2]
    another = Links("t" * 40).token(everybody(visitor)[0])
    visitor.answer = visitor.client.get(FORM)
    visitor.send(BO)
    stranger = visitor.answer.headers["Location"].rpartition("/")[2]
    mixed = f"{stranger.split('.')[0]}.{token.split('.')[1]}"
    flipped = [token[:n] + ("A" if token[n] != "A" else "B") + token[n + 1 :] for n in range(10)]
    for wrong in ("x", "26-1-1", token[:-1], token + "x", mixed, another, *flipped):
        assert visitor.client.get(f"/r/{wrong}").status_code == 404, wrong


def test_a_receipt_tells_how_things_stand_now(visit: Any) -> None:
    """Who has cancelled since, or whose event is cancelled, does not read that they have a seat."""
    visitor = visit(EVENT)
    visitor.send(ANNE)
    place, office = visitor.answer.headers["Location"], office_of(visitor)
    office.cancel("26-1", (1,), actor=SYSTEM)
    page = BeautifulSoup(visitor.client.get(place).data, "html.parser")
    assert said(page.h1) == "Du er afmeldt"
    revision = office.revision("26-1")
    off = evolve(revision.event, status=Status.CANCELLED, status_reason="Sygdom.")
    assert isinstance(office.change(off, base=revision.number, actor=SYSTEM), Allowed)
    page = BeautifulSoup(visitor.client.get(place).data, "html.parser")
    assert said(page.h1) == "Aflyst"
    assert "Sygdom." in said(page.main)


def test_a_used_form_with_something_else_in_it_is_another(visit: Any) -> None:
    """Who goes back and writes another name reads that it was sent, and can send it anew."""
    visitor = visit(EVENT)
    before = visitor.answer
    visitor.send(ANNE)
    visitor.receipt()
    visitor.answer = before
    visitor.send(BO)
    assert visitor.answer.status_code == 409
    assert "Formularen er sendt før" in said(visitor.page.select_one(".notice"))
    assert visitor.filled["people-0-name"] == "Bo Madsen"
    visitor.send()
    visitor.receipt()
    assert [one.person.name for one in everybody(visitor)] == ["Anne Jensen", "Bo Madsen"]


def test_who_is_registered_already_is_told_the_same_once_it_is_full(visit: Any) -> None:
    """What is left for others says nothing to who has a seat, and tells nobody that they have."""
    first = visit(evolve(EVENT, capacity=2))
    second = Visitor(first.client.application)
    first.send(ANNE)
    fill_up(office_of(first), "Ida")
    second.send(ANNE)
    assert second.answer.status_code == 303
    assert second.answer.headers["Location"] == f"{FORM}/sent"


def test_who_is_registered_already_is_told_nothing(visit: Any) -> None:
    """ "Vi har sendt dig en mail", whoever asks; what is stored is not shown, nor changed."""
    visitor = visit(EVENT)
    fill_up(office_of(visitor), "Anne")
    visitor.send({"people-0-name": "ANNE ", "people-0-email": "Anne@andre.dk"})
    assert visitor.answer.status_code == 303
    place = visitor.answer.headers["Location"]
    assert place == f"{FORM}/sent"
    page = visitor.client.get(place)
    assert "Vi har sendt dig en mail" in page.text
    assert "Anne" not in page.text
    assert len(everybody(visitor)) == 1
    links = [one for one in office_of(visitor).store.notices("26-1") if one.kind == "link"]
    assert [one.recipient for one in links] == ["anne@andre.dk"]
    visitor.answer = visitor.client.get(FORM)
    visitor.send(
        {"people-0-name": "Anne", "people-0-email": "anne@andre.dk", "people-0-phone": "\0"}
    )
    assert list(visitor.errors()) == ["people-0-phone"]
    assert "allerede" not in visitor.answer.text


# --- against forgery and floods --------------------------------------------------------------


def test_a_form_of_another_site_changes_nothing(visit: Any) -> None:
    """Without the token, or with somebody else's, the form is shown again with all in it."""
    visitor = visit(EVENT)
    token = visitor.filled["csrf_token"]
    for client, sent in (
        (visitor.client, ""),
        (visitor.client, "x"),
        (visitor.client.application.test_client(), token),
    ):
        answer = client.post(FORM, data=visitor.filled | ANNE | {"csrf_token": sent})
        assert answer.status_code == 400
        assert "Tryk på knappen igen." in answer.text
        assert 'value="Anne Jensen"' in answer.text
    assert everybody(visitor) == ()
    stranger = Visitor(visitor.client.application)
    stranger.answer = stranger.client.post(FORM, data=visitor.filled | ANNE | {"csrf_token": ""})
    stranger.send()
    stranger.receipt()


def test_a_form_that_was_open_for_days_can_be_sent(visit: Any, monkeypatch: Any) -> None:
    """The token has no end of its own."""
    visitor = visit(EVENT)
    later = time.time() + 14 * 86_400
    monkeypatch.setattr(time, "time", lambda: later)
    visitor.send(ANNE)
    visitor.receipt()


@pytest.mark.parametrize(("base_url", "secure"), [("https://a.example", True), ("", False)])
def test_the_one_cookie_is_kept_close(visit: Any, base_url: str, secure: bool) -> None:
    """SameSite=Lax, HttpOnly, Secure where the site is; a page without a form sets none."""
    visitor = visit(EVENT, base_url=base_url)
    cookie = visitor.answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert ("Secure" in cookie) == secure
    if secure:
        return
    visitor.send(ANNE)
    stranger = visitor.client.application.test_client()
    for path in ("/", "/events/26-1", "/r/sent", "/find/sent", f"{FORM}/sent"):
        assert "Set-Cookie" not in stranger.get(path).headers, path


def test_without_a_secret_it_works_while_it_runs(
    make_app: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A key is made for the process, and the log says what ends with it."""
    visitor = Visitor(make_app(EVENT))
    visitor.send(ANNE)
    visitor.receipt()
    assert "run: eventkit init" in caplog.text


def test_one_mailbox_is_not_flooded(visit: Any, clock: Any) -> None:
    """Ten sign-ups with one e-mail in ten minutes, for each event; then one waits."""
    visitor = visit(EVENT, evolve(EVENT, id="26-2"))

    def sign_up(name: str, path: str = FORM) -> Visitor:
        one = Visitor(visitor.client.application, path)
        one.send({"people-0-name": name, "people-0-email": "drift@x.dk"})
        return one

    for number in range(10):
        sign_up(f"Vicevært {number}").receipt()
    late = sign_up("Vicevært 10")
    assert late.answer.status_code == 429
    assert "Vent ti minutter, og send igen." in said(late.page.select_one(".notice"))
    assert late.filled["people-0-name"] == "Vicevært 10"
    sign_up("Vicevært 10", "/events/26-2/register").receipt()
    clock.now += timedelta(minutes=10)
    late.send()
    late.receipt()


def test_nor_is_that_of_somebody_who_is_signed_up_along(visit: Any) -> None:
    """A colleague is written to as well, whoever signs them up."""
    visitor = visit(EVENT)

    def sign_up(number: int) -> Visitor:
        one = Visitor(visitor.client.application)
        one.send({"do": "add"})
        people = {
            "people-0-name": f"Nr. {number}",
            "people-0-email": f"nr{number}@x.dk",
            "people-1-name": f"Kollega {number}",
            "people-1-email": "Drift@x.dk",
        }
        one.send(people)
        return one

    for number in range(10):
        sign_up(number).receipt()
    assert sign_up(10).answer.status_code == 429


def test_what_is_pasted_along_is_no_part_of_an_address(visit: Any) -> None:
    """Spaces and letters that nobody sees go at its ends, and within it are told at the field."""
    visitor = visit(EVENT)
    visitor.send({"people-0-name": "Anne\u200b", "people-0-email": "\u200banne@\u2060x.dk\ufeff"})
    assert visitor.answer.status_code == 422
    assert "people-0-email" in visitor.page.select_one(".summary, [role=alert]").decode()
    visitor.send({"people-0-email": "\u00a0anne@x.dk\u200b\ufeff"})
    visitor.receipt()
    [one] = office_of(visitor).registrations("26-1")
    assert (one.person.name, one.person.email) == ("Anne", "anne@x.dk")


def test_forty_colleagues_share_an_address(visit: Any, clock: Any) -> None:
    """Up to 120 a minute from one address are served; more are asked to wait, and lose nothing."""
    visitor = visit(EVENT)
    for number in range(40):
        one = Visitor(visitor.client.application)
        one.send({"people-0-name": f"Kollega {number}"})
        one.send({"people-0-email": f"k{number}@x.dk"})
        one.receipt()
    for _ in range(40):
        assert visitor.send().status_code == 422
    visitor.send(ANNE, headers={"X-Forwarded-For": "10.0.0.1"})
    assert visitor.answer.status_code == 429
    assert "Vent et minut, og send igen." in said(visitor.page.select_one(".notice"))
    clock.now += timedelta(minutes=1)
    visitor.send()
    visitor.receipt()


def test_a_limit_forgets_and_stays_small() -> None:
    """Tries count until the while is over, and the oldest visitors are forgotten."""
    limit = Limit(2, timedelta(minutes=1), kept=3)
    second = timedelta(seconds=1)
    assert [limit.allows("a", NOW + n * second) for n in range(3)] == [True, True, False]
    assert limit.allows("a", NOW + 60 * second)
    assert not limit.allows("a", NOW + 60 * second)
    assert [limit.allows("b", NOW, what="k") for _ in range(5)] == [True] * 5
    for who in "cdef":
        limit.allows(who, NOW)
    assert len(limit._tries) == 3


# --- any form at all -------------------------------------------------------------------------

NAMES = [
    "key",
    "promised",
    "mode",
    "do",
    "people-0-name",
    "people-0-email",
    "people-0-phone",
    "people-0-q_job",
    "people-0-q_hold",
    "people-0-q_emner",
    "people-0-q_bus",
    "people-0-c_mad",
    "people-0-q_mad",
    "people-1-name",
    "people-99-name",
    "people-²-name",
    "people-999999999999-name",
    "people--1-name",
    "people-0-",
    "invoice-name",
    "invoice-email",
]
TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            *("", "a@b.dk", "Anne", "room", "online", "y", "yes", "A", "Støj", "add", "remove"),
            *("remove people-0-name", "remove people-1-name", "010190-1234", "\0", "k" * 30),
            *("room:confirmed online:waiting", "x" * 2000, "{name}", "%(x)s", "people-1-name"),
        ]
    ),
)
FORMS = st.lists(st.tuples(st.sampled_from(NAMES) | st.text(max_size=12), TEXTS), max_size=25)


def test_no_form_breaks_anything(visit: Any) -> None:
    """Whatever is sent, the answer is a page or a receipt, and a sign-up is whole or not there."""
    visitor = visit(evolve(ASKING, price=Money(5), online=OnlineAccess(), capacity=5))
    visitor.client.application.extensions["eventkit-signup"].by_address._most = 10**9
    visitor.client.application.extensions["eventkit-signup"].by_email._most = 10**9
    office, token = office_of(visitor), visitor.filled["csrf_token"]

    @settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
    @given(FORMS, st.booleans())
    def any_form(fields: list[tuple[str, str]], whole: bool) -> None:
        before = len(office.registrations("26-1"))
        data: dict[str, list[str]] = {"csrf_token": [token]}
        for name, value in fields:
            data.setdefault(name, []).append(value)
        if whole:
            data |= {"people-0-name": ["Anne"], "people-0-email": ["a@b.dk"], "mode": ["online"]}
            data |= {"people-0-q_job": ["x"]}
        answer = visitor.client.post(FORM, data=data)
        assert answer.status_code in (200, 303, 409, 422), answer.status_code
        after = office.registrations("26-1")
        if answer.status_code != 303:
            assert len(after) == before
        elif not answer.headers["Location"].endswith("/sent"):
            assert visitor.client.get(answer.headers["Location"]).status_code == 200

    any_form()
    assert office.store.audit() == ()


def test_a_plugin_may_say_no(visit: Any, tmp_path: Path) -> None:
    """Its sentence stands in the summary, and what was written stays."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "members.py").write_text(
        "from eventkit import Reason, hookimpl\n"
        "eventkit_api = 1\n"
        "eventkit_prefix = 'MB'\n"
        "@hookimpl\n"
        "def eventkit_may_register(event, signup, now):\n"
        "    text = {'da': 'Kun for medlemmer.', 'en': 'Members only.'}\n"
        "    return Reason('MB1', {}, text)\n"
    )
    visitor = visit(EVENT, plugins=folder)
    visitor.send(ANNE)
    assert visitor.answer.status_code == 409
    assert "Kun for medlemmer." in said(visitor.page.select_one(".notice"))
    visitor.send({"people-0-name": ""})
    assert "Kun for medlemmer." not in visitor.answer.text


def test_a_plugin_may_say_at_which_field(visit: Any) -> None:
    """A CVR number that cannot be one is told where it stands, and so is what else is wrong."""
    visitor = visit(PAID)
    visitor.send(ANNE | {"people-0-email": "anne", "invoice-cvr": "1358562"})
    told = "Et CVR-nummer har 8 cifre. Du har skrevet 7."
    assert visitor.answer.status_code == 422
    assert visitor.errors().keys() == {"people-0-email", "invoice-cvr"}
    assert visitor.errors()["invoice-cvr"] == told
    links = [str(link["href"]) for link in visitor.page.select(".notice a")]
    assert links == ["#people-0-email", "#invoice-cvr"]
    visitor.send(ANNE | {"invoice-cvr": "", "invoice-ean": "57980004162"})
    assert list(visitor.errors()) == ["invoice-ean"]


# --- the event's own page --------------------------------------------------------------------


def test_few_seats_are_told_as_they_go(visit: Any) -> None:
    """The last five of a small event, one in ten of a large one; never a count that is stale.

    Where nobody has come yet, none have gone.
    """
    visitor = visit(evolve(EVENT, capacity=7), evolve(EVENT, id="26-2", capacity=2))
    page = visitor.client.get("/events/26-2").text
    assert "2 pladser" in page
    assert "tilbage" not in page

    def left(path: str = "/events/26-1") -> str:
        page = BeautifulSoup(visitor.client.get(path).data, "html.parser")
        return said(page.select_one(".left, .more"))

    assert left() == left("/") == ""
    fill_up(office_of(visitor), "Ida", "Ole")
    assert left() == left("/") == "Kun 5 pladser tilbage"
    assert left("/en/") == "Only 5 seats left"
    fill_up(office_of(visitor), "Eva", "Uma", "Pia", "Kim")
    assert left() == left("/") == "Kun 1 plads tilbage"
    fill_up(office_of(visitor), "Ib")
    assert left() == left("/") == ""
    page = BeautifulSoup(visitor.client.get("/events/26-1").data, "html.parser")
    assert said(page.select_one("a.button")) == "Skriv dig på ventelisten"


@pytest.mark.parametrize(
    ("capacity", "taken", "left"),
    [
        (100, 89, ""),
        (100, 90, "Kun 10 pladser tilbage"),
        (59, 53, ""),
        (59, 54, "Kun 5 pladser tilbage"),
        (None, 500, ""),
    ],
)
def test_few_is_five_or_one_in_ten(capacity: Any, taken: int, left: str) -> None:
    """Of a large event the last tenth; where nobody counts, never."""
    seats = Seats(room=Places(capacity=capacity, confirmed=taken))
    state = Open(EVENT.starts, EVENT.modes)
    found = pages.few_left(EVENT, seats, state)
    assert pages.left_words(EVENT, found, wording("da")) == ((left,) if left else ())


@pytest.mark.parametrize(
    ("online", "told"),
    [
        (None, ["Kun 2 pladser tilbage på stedet"]),
        (2, ["Kun 2 pladser tilbage på stedet", "Kun 1 plads tilbage online"]),
        (0, ["Kun 2 pladser tilbage på stedet"]),
    ],
)
def test_each_way_to_attend_is_counted_apart(visit: Any, online: Any, told: list[str]) -> None:
    """Where one can come and be online, it says where seats are few; of none, or all, nothing."""
    visitor = visit(evolve(BOTH, online_capacity=online))
    client, office = visitor.client, office_of(visitor)
    fill_up(office, "Ida")
    if online:
        fill_up(office, "Ole", mode="online")
    page = BeautifulSoup(client.get("/events/26-1").data, "html.parser")
    assert [said(line) for line in page.select(".left")] == told


@pytest.mark.parametrize(
    "event",
    [
        evolve(EVENT, deadline=date(2026, 5, 1)),
        evolve(EVENT, capacity=0, waiting_list=False),
        evolve(EVENT, opens=date(2026, 5, 10)),
    ],
)
def test_who_may_not_join_reads_whom_to_call(visit: Any, event: Event) -> None:
    """Closed, full or not open yet: why, since or until when, and a number to press."""
    client = visit(event).client
    page = BeautifulSoup(client.get("/events/26-1").data, "html.parser")
    ask = page.select_one(".join .ask")
    assert ask is not None
    assert ask.select_one("a[href='tel:+4533762000']") is not None
    if event.opens is not None:
        listed = BeautifulSoup(client.get("/").data, "html.parser")
        assert said(listed.select_one(".more")) == "Tilmeldingen åbner søndag den 10. maj 2026."
