"""A person's page: what it says in every state, what it lets one do, and what it never does."""

from __future__ import annotations

import logging
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from attrs import evolve
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from eventkit.formats import codec
from eventkit.formats.links import Links
from eventkit.model.decision import Allowed
from eventkit.model.event import Event, Status
from eventkit.model.registration import NoticeKind, Registration, Signup, Standing
from eventkit.model.values import (
    SYSTEM,
    Actor,
    Before,
    Contact,
    Fee,
    Mode,
    Money,
    OnlineAccess,
    Person,
    Question,
    Role,
    Side,
    Venue,
    zone,
)
from eventkit.office.delivery import Delivery
from eventkit.office.tables import metadata
from eventkit.office.usecases import Office

PLACE = zone("Europe/Copenhagen")
SECRET = "s" * 40
PUBLIC = Actor(Side.PUBLIC)
MEETING = "https://teams.example/l/19%3ameeting"
S = Standing

EVENT = Event(
    id="26-1",
    title="Netværksmøde: Rum & ro",
    starts=datetime(2026, 5, 21, 9, 30, tzinfo=PLACE),
    ends=datetime(2026, 5, 21, 15, tzinfo=PLACE),
    deadline=date(2026, 5, 18),
    venue=Venue(name="Rosenhøj", street="Rosenhøj 1", postcode="8260", locality="Viby J"),
    contact=Contact(name="Sekretariatet", phone="33 76 20 00", email="post@net.example"),
    capacity=3,
)
BOTH = evolve(EVENT, online=OnlineAccess(provider="Teams", url=MEETING), online_capacity=9)
PAID = evolve(EVENT, price=Money(900), fees=(Fee(since=Before(days=10), money=Money(500)),))
ASKING = evolve(
    EVENT,
    questions=(
        Question(key="job", text="Hvad laver du?", required=True),
        Question(key="mad", text="Særlig mad?", sensitive=True),
        Question(key="emner", text="Hvilke emner?", answer="several", options=("Støj", "Naboer")),
        Question(key="bus", text="Med bus?", answer="yes_no"),
    ),
)
ANSWERS = {"job": "Drift", "mad": "Nødder", "mad.consent": True, "emner": ("Støj",), "bus": False}


def said(found: Any) -> str:
    return " ".join(found.get_text(" ").split()) if found is not None else ""


class Holder:
    """Somebody who holds a link: opens its page, and presses what is there."""

    def __init__(self, app: Flask, one: Registration, *, booker: bool = False) -> None:
        self.client: FlaskClient = app.test_client()
        self.office: Office = app.extensions["eventkit"].office
        self.event, self.number = one.event, one.number
        self.token: str = app.extensions["eventkit"].links.token(one, booker=booker)
        self.answer: TestResponse
        self.open()

    @property
    def one(self) -> Registration:
        return self.office.registration(self.event, self.number)

    @property
    def page(self) -> BeautifulSoup:
        return BeautifulSoup(self.answer.data, "html.parser")

    @property
    def main(self) -> str:
        return said(self.page.main)

    @property
    def heading(self) -> str:
        return said(self.page.h1)

    @property
    def deeds(self) -> list[str]:
        """What is there to press or follow, below the receipt and above it."""
        return [said(one) for one in self.page.select(".answers button, .deeds a, .deeds button")]

    def open(self, more: str = "", prefix: str = "") -> TestResponse:
        self.answer = self.client.get(f"{prefix}/r/{self.token}{more}")
        return self.answer

    def _follow(self) -> TestResponse:
        if self.answer.status_code == 303:
            place = self.answer.headers["Location"]
            if match := re.fullmatch(r"/r/([^/?]{20,})(\?.*)?", place):
                self.token = match[1]
            self.answer = self.client.get(place)
        return self.answer

    def press(self, text: str) -> TestResponse:
        button = next(one for one in self.page.select("button[name=do]") if said(one) == text)
        form = button.find_parent("form")
        assert form is not None
        data = {str(one["name"]): str(one["value"]) for one in form.select("input")}
        self.answer = self.client.post(
            str(form["action"]), data=data | {"do": str(button["value"])}
        )
        return self._follow()

    def send(self, **more: Any) -> TestResponse:
        """Send the one form that is shown, as it stands, with more in it."""
        path, data = self.answer.request.path, {}
        for tag in self.page.select("main form [name]"):
            if tag.get("type") not in ("radio", "checkbox") or tag.has_attr("checked"):
                data.setdefault(str(tag["name"]), []).append(str(tag.get("value", "")))
        self.answer = self.client.post(path, data=data | more)
        return self._follow()

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


@pytest.fixture
def site(make_app: Any) -> Any:
    """Makes a site and signs people up; gives who holds the link of each form's first."""

    def make(event: Event, *forms: tuple[str, ...], more: Any = None, **settings: Any) -> Any:
        app = make_app(event, **{"secret": SECRET, **settings})
        holders = [holder(app, names, f"key-{n}", **(more or {})) for n, names in enumerate(forms)]
        return holders[0] if len(holders) == 1 else holders

    return make


def people(*names: str) -> tuple[Person, ...]:
    """The first has an address, and so have others whose name ends in a plus."""
    return tuple(
        Person(name=name.rstrip("+"), email=f"{name.rstrip('+').lower()}@x.dk")
        if place == 0 or name.endswith("+")
        else Person(name=name)
        for place, name in enumerate(names)
    )


def holder(
    app: Flask, names: tuple[str, ...], key: str, *, answers: Any = None, **more: Any
) -> Holder:
    office: Office = app.extensions["eventkit"].office
    answered = () if answers is None else tuple(answers for _ in names)
    more = {"mode": Mode.ROOM, "role": Role.PARTICIPANT, "item": None, **more}
    form = Signup(people=people(*names), key=key, mode=more.pop("mode"), answers=answered)
    actor = PUBLIC if more["role"] is Role.PARTICIPANT else SYSTEM
    decision = office.register("26-1", form, actor=actor, **more)
    assert isinstance(decision, Allowed), decision
    return Holder(app, min(decision.value.registrations, key=lambda one: one.number))


def colleague(booker: Holder, number: int) -> Holder:
    return Holder(booker.client.application, booker.office.registration("26-1", number))


def change(office: Office, **changes: Any) -> None:
    revision = office.revision("26-1")
    after = evolve(revision.event, **changes)
    assert isinstance(office.change(after, base=revision.number, actor=SYSTEM), Allowed)


# --- what it says ----------------------------------------------------------------------------


def test_a_seat(site: Any) -> None:
    """All that one needs to come, and what one can do; the address that mail goes to."""
    anne = site(EVENT, ("Anne",))
    assert anne.heading == "Du har en plads"
    for fact in ("Torsdag den 21. maj 2026", "Rosenhøj 1, 8260 Viby J", "anne@x.dk", "33 76 20 00"):
        assert fact in anne.main, fact
    assert "Vi sender også en mail til anne@x.dk." in anne.main
    assert anne.deeds == [
        "Ret oplysninger",
        "Send en stedfortræder",
        "Meld afbud",
        "Send nyt link",
        "Se eller slet dine oplysninger",
    ]
    anne.open(prefix="/en")
    assert anne.heading == "You have a seat"
    assert anne.page.select_one(f"a[href='/en/r/{anne.token}.ics']") is not None


def test_a_place_in_the_queue(site: Any) -> None:
    """The number, which moves; no calendar and no substitute."""
    _, ole, anne = site(evolve(EVENT, capacity=1), ("Ida",), ("Ole",), ("Anne",))
    assert anne.heading == "Du er nr. 2 på ventelisten"
    assert "Vi skriver, hvis du får en." in anne.main
    assert anne.deeds[:2] == ["Ret oplysninger", "Meld dig fra"]
    assert anne.page.select("dl a[href$='.ics']") == []
    assert anne.open(".ics").status_code == 404
    ole.open("/cancel")
    assert "Så venter du ikke længere på en plads." in ole.main
    ole.send()
    anne.open()
    assert anne.heading == "Du er nr. 1 på ventelisten"


def test_an_offer_comes_with_yes_and_no_first(site: Any, clock: Any) -> None:
    """Until when, and two buttons above all else; yes seats, and no goes on to the next."""
    event = evolve(EVENT, capacity=2, offers_from=Before(days=60))
    ida, anne, bo = site(event, ("Ida", "Ole"), ("Anne",), ("Bo",))
    ida.office.cancel("26-1", (1, 2), actor=PUBLIC)
    for one in (anne, bo):
        one.open()
        assert one.heading == "Du kan få en plads"
        assert "Svar senest tirsdag den 5. maj 2026 kl. 12.00." in one.main
        assert one.deeds[:2] == ["Ja tak, jeg vil have pladsen", "Nej tak"]
        assert one.open(".ics").status_code == 404
        one.open()
    anne.press("Ja tak, jeg vil have pladsen")
    assert (anne.heading, anne.one.status) == ("Du har en plads", S.CONFIRMED)
    bo.press("Nej tak")
    assert (bo.heading, bo.one.status) == ("Du har sagt nej tak", S.DECLINED)
    assert said(bo.page.select_one("header a.button")) == "Tilmeld dig igen"


def test_an_offer_has_ended_by_the_clock(site: Any, clock: Any) -> None:
    """Nobody has noted it yet, but there is no yes left; who presses it all the same is told."""
    event = evolve(EVENT, capacity=1, offers_from=Before(days=60))
    ida, anne = site(event, ("Ida",), ("Anne",))
    ida.office.cancel("26-1", (1,), actor=PUBLIC)
    anne.open()
    before = anne.answer
    clock.now = datetime(2026, 5, 6, tzinfo=UTC)
    anne.open()
    assert anne.heading == "Du fik ikke en plads"
    assert "Tilbuddet udløb tirsdag den 5. maj 2026 kl. 12.00." in anne.main
    assert anne.one.status is S.OFFERED
    anne.answer = before
    anne.press("Ja tak, jeg vil have pladsen")
    assert anne.answer.status_code == 409
    assert "udløb" in said(anne.page.select_one(".notice"))


def test_somebody_looks_at_it_first(site: Any) -> None:
    """Pending, and then no."""
    anne = site(evolve(EVENT, approval=True), ("Anne",))
    assert anne.heading == "Vi behandler din tilmelding"
    anne.office.reject("26-1", (1,), actor=SYSTEM)
    anne.open()
    assert anne.heading == "Du fik ikke en plads"
    assert "Det er arrangøren, der vælger." in anne.main


@pytest.mark.parametrize(
    ("status", "heading", "why"),
    [
        (Status.CANCELLED, "Aflyst", "Arrangementet er aflyst: Sygdom."),
        (Status.POSTPONED, "Udsat", "Du beholder din plads."),
    ],
)
def test_it_is_called_off_or_put_off(site: Any, status: Status, heading: str, why: str) -> None:
    """That goes before where one stands; a seat outlives a postponement."""
    anne = site(EVENT, ("Anne",))
    change(anne.office, status=status, status_reason="Sygdom.")
    anne.open()
    assert anne.heading == heading
    assert why in anne.main
    assert anne.open(".ics").status_code == 404
    anne.open()
    if status is Status.CANCELLED:
        assert "har en plads" not in anne.main
        assert anne.deeds == ["Se eller slet dine oplysninger"]
    else:
        assert "Meld afbud" in anne.deeds


def test_it_has_been(site: Any, clock: Any) -> None:
    """Over, then noted as present, or as missing with what that costs."""
    anne, bo = site(evolve(EVENT, no_show_fee=Money(300)), ("Anne",), ("Bo",))
    clock.now = datetime(2026, 5, 22, tzinfo=UTC)
    anne.open()
    assert anne.heading == "Afholdt"
    assert "Du havde en plads." in anne.main
    anne.office.check_in("26-1", (1,), actor=SYSTEM)
    anne.office.no_show("26-1", (2,), actor=SYSTEM)
    anne.open()
    bo.open()
    assert (anne.heading, bo.heading) == ("Du er noteret som mødt", "Du er noteret som udeblevet")
    assert "Du skal betale 300 kr. for at blive væk." in bo.main


# --- what it costs ---------------------------------------------------------------------------

COSTS = evolve(PAID, no_show_fee=Money(900))
"""Cancelling costs something from 11 May."""


def test_who_has_a_seat_is_told_what_cancelling_costs(site: Any, clock: Any) -> None:
    """From when; once it does, that it does now; and what has been replaced is not told."""
    fees = (*COSTS.fees, Fee(since=Before(days=2), money=Money(700)))
    anne = site(evolve(COSTS, fees=fees), ("Anne",))
    stay_away = "Det koster 900 kr. at blive væk uden afbud."
    later = "Et afbud koster 700 kr. fra tirsdag den 19. maj 2026."
    first = "Et afbud koster 500 kr. fra mandag den 11. maj 2026."
    for day, costs in (
        (10, [first, later, stay_away]),
        (12, ["Et afbud koster 500 kr. nu.", later, stay_away]),
        (20, ["Et afbud koster 700 kr. nu.", stay_away]),
    ):
        clock.now = datetime(2026, 5, day, 10, tzinfo=UTC)
        anne.open()
        told = [said(line) for line in anne.page.select(".facts p") if "koster" in said(line)]
        assert told == costs
    assert "Pris 900 kr." in anne.main


@pytest.mark.parametrize("event", [evolve(COSTS, capacity=1), evolve(COSTS, approval=True)])
def test_who_waits_leaves_for_nothing(site: Any, event: Event) -> None:
    """For a seat, or for an answer: neither fee is theirs yet. Once they have a seat both are."""
    _, anne = site(event, ("Ida",), ("Anne",))
    told = (
        "Afbud Du kan melde dig fra indtil arrangementets start."
        " Så længe du venter, er det gratis at melde dig fra. Når du har en plads, gælder det her:"
    )
    assert told in anne.main
    costs = said(anne.page.main).partition("gælder det her: ")[2]
    assert costs.startswith("Et afbud koster"), costs
    assert "blive væk uden afbud" in costs
    assert "Pris 900 kr." in anne.main


def test_whoever_is_offered_a_seat_reads_what_it_may_cost_first(site: Any, clock: Any) -> None:
    """Before they say yes, for then it counts."""
    event = evolve(COSTS, capacity=1, offers_from=Before(days=60))
    ida, anne = site(event, ("Ida",), ("Anne",))
    ida.office.cancel("26-1", (1,), actor=PUBLIC)
    anne.open()
    assert "Ja tak, jeg vil have pladsen" in anne.deeds
    assert "Når du har en plads, gælder det her: Et afbud koster" in anne.main


def test_nobody_says_yes_to_a_price_they_have_not_seen(site: Any) -> None:
    """It rose while the page was open; the page then says so, and may be pressed again."""
    event = evolve(COSTS, capacity=1, offers_from=Before(days=60))
    ida, anne = site(event, ("Ida",), ("Anne",))
    ida.office.cancel("26-1", (1,), actor=PUBLIC)
    anne.open()
    change(anne.office, price=Money(1000))
    anne.press("Ja tak, jeg vil have pladsen")
    assert anne.answer.status_code == 409
    assert "Prisen er nu 1.000 kr. pr. person." in anne.main
    assert anne.one.status is S.OFFERED
    anne.press("Ja tak, jeg vil have pladsen")
    assert anne.one.status is S.CONFIRMED


def test_a_substitute_of_a_colleague_stays_with_the_booker_after_a_split(site: Any) -> None:
    """They came by no form, and belong to no party any more."""
    bo = site(EVENT, ("Bo", "Line"))
    bo.open("/substitute/2")
    bo.send(**{"person-name": "Mads"})
    assert isinstance(bo.office.split("26-1", 1, actor=SYSTEM), Allowed)
    assert bo.open("/edit/3").status_code == 200
    bo.open()
    assert "Mads" in bo.main


def test_whoever_was_not_answered_reads_that_it_is_over(site: Any, clock: Any) -> None:
    """Nobody answers them any more."""
    anne = site(evolve(EVENT, approval=True), ("Anne",))
    assert anne.heading == "Vi behandler din tilmelding"
    clock.now += timedelta(days=900)
    anne.open()
    assert anne.heading == "Afholdt"
    assert "Du fik ikke svar på tilmeldingen." in anne.main
    assert "svarer dig" not in anne.main


def test_who_does_not_come_reads_no_price(site: Any) -> None:
    """Who cancelled, gave the seat away or speaks; what they owe is told above."""
    anne, bo = site(COSTS, ("Anne",), ("Bo",))
    eva = holder(anne.client.application, ("Eva",), "speaks", role=Role.SPEAKER)
    assert "Pris" not in eva.main
    assert "koster" not in eva.main
    anne.office.cancel("26-1", (1,), actor=PUBLIC)
    bo.open("/substitute/2")
    bo.send(**{"person-name": "Mads", "person-email": "mads@x.dk"})
    for one in (anne, bo):
        one.open()
        assert "Pris" not in one.main
        assert "mail til" not in one.main
    assert "Pris 900 kr." in colleague(bo, 4).main


# --- the way into the meeting ----------------------------------------------------------------


def test_the_link_is_for_who_attends_online(site: Any, clock: Any) -> None:
    """On the page and in the calendar file of who has a seat online, and of nobody else."""
    anne = site(BOTH, ("Anne",), more={"mode": Mode.ONLINE})
    app = anne.client.application
    bo = holder(app, ("Bo",), "room")
    eva = holder(app, ("Eva",), "speaks", role=Role.SPEAKER)
    for one, has in ((anne, True), (bo, False), (eva, True)):
        for more in ("", ".ics"):
            text = one.open(more).text.replace("\r\n ", "")
            assert (MEETING in text) is has, (one.one.person.name, more)
    for path in ("/", "/events/26-1", "/events/26-1.ics", "/events/26-1.json", "/calendar.ics"):
        assert "teams.example" not in anne.client.get(path).text
    anne.office.cancel("26-1", (1,), actor=PUBLIC)
    assert "teams.example" not in anne.open().text


def test_the_calendar_file_is_ones_own(site: Any) -> None:
    """The entry that the mails speak of, published, without anybody invited; never kept."""
    anne = site(EVENT, ("Anne",))
    text = anne.open(".ics").text.replace("\r\n ", "")
    assert anne.answer.content_type == "text/calendar; charset=utf-8"
    assert "METHOD:PUBLISH" in text
    assert "ATTENDEE" not in text
    assert f"UID:{anne.one.uid}" in text
    assert "ORGANIZER:mailto:eventkit@localhost" in text
    assert f"URL:http://localhost/r/{anne.token}" in text


# --- whom a link acts for --------------------------------------------------------------------


def test_the_booker_sees_and_changes_all(site: Any) -> None:
    """Everybody of the form, each under their name; who came in their stead too."""
    bo = site(EVENT, ("Bo", "Line", "Trine+"))
    assert bo.heading == "I har 3 pladser"
    assert [said(one) for one in bo.page.select(".manage h3")][:3] == ["Bo", "Line", "Trine"]
    bo.open("/edit/2")
    bo.send(**{"person-phone": "12 34 56 78"})
    assert bo.answer.status_code == 200
    assert bo.office.registration("26-1", 2).person.phone == "12 34 56 78"
    bo.open("/substitute/2")
    bo.send(**{"person-name": "Mads"})
    assert "Mads har en plads" in bo.main
    assert "Line har sendt en stedfortræder" in bo.main
    bo.open("/cancel")
    assert [said(one) for one in bo.page.select("label.tick")] == [
        f"{name} Det koster ikke noget." for name in ("Bo", "Trine", "Mads")
    ]
    bo.send(who=["1", "3"])
    assert bo.heading == "Mads har en plads"
    standings = [one.status for one in bo.office.registrations("26-1")]
    assert standings == [S.CANCELLED, S.SUBSTITUTED, S.CANCELLED, S.CONFIRMED]


def test_a_colleague_acts_for_themselves_alone(site: Any) -> None:
    """They see nobody else, and no number of anybody else's leads further."""
    bo = site(EVENT, ("Bo", "Line", "Trine+"))
    trine = colleague(bo, 3)
    assert "Bo har tilmeldt dig." in trine.main
    assert "Line" not in trine.main
    assert "bo@x.dk" not in trine.main
    for path in ("/edit/1", "/edit/2", "/substitute/1", "/edit/99", f"/edit/{10**30}"):
        assert trine.open(path).status_code == 404, path
        assert trine.client.post(f"/r/{trine.token}{path}").status_code == 404, path
    trine.open("/cancel")
    trine.send(who=["1", "3"])
    assert trine.answer.status_code == 404
    trine.open("/cancel")
    trine.send()
    assert trine.heading == "Du er afmeldt"
    standings = [one.status for one in bo.office.registrations("26-1")]
    assert standings == [S.CONFIRMED, S.CONFIRMED, S.CANCELLED]
    assert bo.office.journal("26-1", 3)[-1].actor == Actor(Side.PUBLIC, "26-1-3")


def test_who_comes_in_the_bookers_stead_is_no_booker(site: Any) -> None:
    """They act for themselves; whoever signed the others up still acts for them."""
    bo = site(EVENT, ("Bo", "Line"))
    bo.open("/substitute/1")
    bo.send(**{"person-name": "Mads", "person-email": "mads@x.dk"})
    mads = colleague(bo, 3)
    assert "Line" not in mads.main
    assert mads.open("/edit/2").status_code == 404
    assert bo.open("/edit/2").status_code == 200


def test_only_the_booker_moves_a_party(site: Any) -> None:
    """A colleague has no button for it, and what they send all the same is refused in words."""
    bo = site(BOTH, ("Bo", "Line+"))
    line = colleague(bo, 2)
    assert "Skift til online" in bo.deeds
    assert "Skift til online" not in line.deeds
    token = line.page.select_one("[name=csrf_token]")["value"]  # type: ignore[index]
    line.answer = line.client.post(f"/r/{line.token}", data={"do": "online", "csrf_token": token})
    assert line.answer.status_code == 409
    assert "Kun Bo, som tilmeldte jer, kan gøre det." in line.main
    bo.press("Skift til online")
    assert {one.mode for one in bo.office.registrations("26-1")} == {Mode.ONLINE}
    assert MEETING in bo.answer.text


def boss(app: Flask, *names: str, **more: Any) -> Holder:
    """Somebody who signs others up and does not come along, by the link their mail has."""
    chef = Person(name="Chef", email="chef@x.dk")
    form = Signup(people=people(*names), booker=chef, key="boss", **more)
    decision = app.extensions["eventkit"].office.register("26-1", form, actor=PUBLIC)
    assert isinstance(decision, Allowed), decision
    return Holder(app, decision.value.registrations[0], booker=True)


def test_a_booker_who_does_not_come_along_sees_and_changes_all(make_app: Any) -> None:
    """Nothing there says that they come themselves; each stands under their own name."""
    chef = boss(make_app(BOTH, secret=SECRET), "Bo", "Line")
    assert chef.heading == "I har 2 pladser"
    assert [said(one) for one in chef.page.select(".manage h3")][:2] == ["Bo", "Line"]
    assert "har tilmeldt dig" not in chef.main
    assert "bo@x.dk" not in chef.main
    chef.press("Skift til online")
    assert {one.mode for one in chef.office.registrations("26-1")} == {Mode.ONLINE}
    chef.open("/edit/1")
    chef.send(**{"person-email": "bo@y.dk"})
    assert chef.answer.status_code == 200
    chef.open("/cancel")
    chef.send(who=["1"])
    assert chef.heading == "Line har en plads"
    standings = [one.status for one in chef.office.registrations("26-1")]
    assert standings == [S.CANCELLED, S.CONFIRMED]


def test_such_a_booker_takes_offered_seats_for_all(make_app: Any) -> None:
    """As one who comes along does."""
    event = evolve(EVENT, capacity=2, offers_from=Before(days=60))
    app = make_app(event, secret=SECRET)
    ida = holder(app, ("Ida", "Ole"), "ida")
    chef = boss(app, "Bo", "Line+")
    ida.office.cancel("26-1", (1, 2), actor=PUBLIC)
    chef.open()
    chef.press("Ja tak, vi vil have pladserne")
    seated = [one.number for one in ida.office.registrations("26-1") if one.status.is_seated]
    assert seated == [3, 4]


def test_what_is_a_persons_own_is_not_their_bookers(make_app: Any) -> None:
    """What is stored, their calendar and a new link are for whoever reads their mail."""
    chef = boss(make_app(BOTH, secret=SECRET), "Bo+", "Line", mode=Mode.ONLINE)
    assert "Send nyt link" not in chef.deeds
    assert MEETING in chef.answer.text  # Line reads no mail of her own
    token = chef.page.select_one("[name=csrf_token]")["value"]  # type: ignore[index]
    for path in ("/data", "/data.json", ".ics"):
        assert chef.open(path).status_code == 404, path
    form = {"do": "link", "csrf_token": token}
    chef.answer = chef.client.post(f"/r/{chef.token}", data=form)
    assert chef.answer.status_code == 409
    assert "Det kan kun Bo selv gøre" in chef.main
    assert chef.client.post(f"/r/{chef.token}/data", data=form).status_code == 404
    bo = colleague(chef, 1)
    assert "Chef har tilmeldt dig." in bo.main
    assert bo.open("/edit/2").status_code == 404
    assert bo.open("/data").status_code == 200
    line = Holder(bo.client.application, bo.office.registration("26-1", 2), booker=True)
    assert line.open("/data").status_code == 200  # who else could?


def test_a_meeting_of_whom_one_signed_up_is_theirs(make_app: Any) -> None:
    """The way into it goes to whoever gets the mail."""
    chef = boss(make_app(BOTH, secret=SECRET), "Bo", mode=Mode.ONLINE)
    assert chef.heading == "Bo har en plads"
    assert MEETING not in chef.answer.text
    assert MEETING in colleague(chef, 1).answer.text


def test_a_bookers_link_is_their_own_where_they_come_along(site: Any) -> None:
    """What is written to them of a colleague without an address opens that colleague's page."""
    bo = site(EVENT, ("Bo", "Line"))
    line = Holder(bo.client.application, bo.office.registration("26-1", 2), booker=True)
    assert line.open("/edit/2").status_code == 200
    assert line.open("/edit/1").status_code == 404


@pytest.mark.parametrize(("number", "seated"), [(3, [3, 4]), (4, [4])])
def test_yes_is_for_all_or_for_oneself(site: Any, number: int, seated: list[int]) -> None:
    """The booker takes the seats of all; a colleague their own."""
    event = evolve(EVENT, capacity=2, offers_from=Before(days=60))
    ida, bo = site(event, ("Ida", "Ole"), ("Bo", "Line+"))
    ida.office.cancel("26-1", (1, 2), actor=PUBLIC)
    one = colleague(bo, number)
    one.press(one.deeds[0])
    found = [each.number for each in bo.office.registrations("26-1") if each.status is S.CONFIRMED]
    assert found == seated


# --- doing -----------------------------------------------------------------------------------


def test_cancelling_tells_first_what_it_costs(site: Any, clock: Any) -> None:
    """And asks again where it has become dearer since."""
    anne = site(PAID, ("Anne",))
    anne.open("/cancel")
    assert "Det koster ikke noget." in anne.main
    clock.now = datetime(2026, 5, 12, tzinfo=UTC)
    anne.send()
    assert anne.answer.status_code == 409
    assert "koster et afbud nu 500 kr." in said(anne.page.select_one(".notice"))
    assert "Det koster 500 kr. at melde afbud nu." in anne.main
    assert anne.one.status is S.CONFIRMED
    anne.send()
    assert anne.heading == "Du er afmeldt"
    assert "Du skal betale 500 kr. for afbuddet." in anne.main
    assert anne.one.fee == Money(500)


DONE = ("saved", "cancelled", "substituted", "declined", "online", "room")


def told(one: Holder) -> set[str]:
    """Which of the things that an address can say were done the page says too."""
    found = set()
    for done in (*DONE, "moved", "x", "<b>"):
        one.open(f"?done={done}")
        if one.page.select_one(".notice") is not None:
            found.add(done)
    return found


def test_what_was_done_is_told_only_where_it_is_so(site: Any) -> None:
    """An address may be old or made up; the page thanks nobody for leaving a seat that stands."""
    event = evolve(BOTH, capacity=6, online_capacity=9)
    anne, bo, carl = site(event, ("Anne",), ("Bo", "Line"), ("Carl",))
    assert told(anne) == {"saved", "room"}
    anne.open()
    anne.press("Skift til online")
    assert said(anne.page.select_one(".notice")) == "Tilmeldingen gælder nu deltagelse online."
    assert told(anne) == {"saved", "online"}
    anne.open("/cancel")
    anne.send()
    assert said(anne.page.select_one(".notice")) == "Afbuddet er modtaget. Tak for beskeden."
    assert told(anne) == {"cancelled"}
    bo.office.cancel("26-1", (3,), actor=PUBLIC)
    assert told(bo) == {"saved", "room", "cancelled"}, "a colleague is out"
    carl.open("/substitute/4")
    carl.send(**{"person-name": "Mads", "person-email": "mads@x.dk"})
    assert said(carl.page.select_one(".notice")) == "Pladsen er givet videre."
    assert told(carl) == {"substituted"}
    mads = colleague(carl, 5)
    change(mads.office, status=Status.CANCELLED, status_reason="Sygdom.")
    assert told(mads) == set()


def test_an_answer_is_thanked_for_once_it_was_given(site: Any) -> None:
    """Not while the offer stands."""
    event = evolve(EVENT, capacity=1, offers_from=Before(days=60))
    ida, anne = site(event, ("Ida",), ("Anne",))
    ida.office.cancel("26-1", (1,), actor=PUBLIC)
    assert told(anne) == {"saved"}
    anne.open()
    anne.press("Nej tak")
    assert said(anne.page.select_one(".notice")) == "Tak for svaret."
    assert told(anne) == {"declined"}


def test_it_is_too_late_to_cancel(site: Any, clock: Any) -> None:
    """Why, in words; with a page that was open too."""
    anne = site(evolve(EVENT, cancel_deadline=date(2026, 5, 10)), ("Anne",))
    anne.open("/cancel")
    clock.now = datetime(2026, 5, 12, tzinfo=UTC)
    anne.send()
    assert anne.answer.status_code == 409
    assert "Fristen for afbud var" in said(anne.page.select_one(".notice"))
    assert anne.one.status is S.CONFIRMED
    anne.open()
    assert "Meld afbud" not in anne.deeds


def test_nobody_is_ticked_for_a_party(site: Any) -> None:
    """Who does not come is chosen, and a form that names nobody says so."""
    bo = site(EVENT, ("Bo", "Line"))
    bo.open("/cancel")
    bo.send()
    assert bo.answer.status_code == 422
    assert "Vælg, hvem der ikke kommer." in bo.main


def test_answers_are_changed(site: Any) -> None:
    """The form holds what is known; consent goes with its answer, and faults stand at fields."""
    anne = site(ASKING, ("Anne",), more={"answers": ANSWERS})
    anne.open("/edit/1")
    anne.send()
    assert dict(anne.one.answers) == ANSWERS
    assert anne.one.change == 1
    anne.open("/edit/1")
    anne.send(**{"person-q_job": " ", "person-email": "x", "person-q_mad": "010190-1234"})
    assert anne.answer.status_code == 422
    assert set(anne.errors()) == {"person-q_job", "person-email", "person-q_mad"}
    assert anne.page.select_one("[name=person-q_mad][value='010190-1234']") is not None
    anne.send(
        **{
            "person-q_job": "Vært",
            "person-email": "anne@x.dk",
            "person-q_mad": "",
            "person-c_mad": [],
            "person-q_emner": ["Støj", "Naboer"],
            "person-q_bus": "yes",
        }
    )
    assert anne.answer.status_code == 200
    assert "Det er gemt." in anne.main
    assert dict(anne.one.answers) == {"job": "Vært", "emner": ("Støj", "Naboer"), "bus": True}


def test_a_bill_is_written_and_taken_out_again(site: Any) -> None:
    """What is gone from the form is gone."""
    anne = site(PAID, ("Anne",))
    for name in ("Boligskolen", ""):
        anne.open("/edit/1")
        anne.send(**{"invoice-name": name})
        assert "Det er gemt." in anne.main
        bill = anne.one.invoice
        assert (bill.name if bill is not None else "") == name
    assert anne.one.invoice is None


def test_another_person_is_a_substitute(site: Any) -> None:
    """Name and address both changed is refused, and what was typed is kept."""
    anne = site(EVENT, ("Anne",))
    anne.open("/edit/1")
    anne.send(**{"person-name": "Bo", "person-email": "bo@x.dk"})
    assert anne.errors() == {
        "person-name": "Er det en anden, der kommer? Send en stedfortræder i stedet."
    }
    assert anne.page.select_one("[name=person-name][value=Bo]") is not None


def test_a_wrong_address_is_mended_from_the_receipt(site: Any) -> None:
    """One field; the mail goes to the right one, and links that went to the wrong one are void."""
    anne = site(EVENT, ("Anne",))
    first = anne.token
    assert said(anne.page.select_one(".mend a")) == "Forkert? Ret den her"
    anne.answer = anne.client.get(anne.page.select_one(".mend a")["href"])  # type: ignore[index]
    anne.send(**{"person-email": "anne"})
    assert anne.answer.status_code == 422
    anne.send(**{"person-email": "anne@y.dk"})
    assert "Det er gemt." in anne.main
    assert "anne@y.dk" in anne.main
    assert anne.one.person == Person(name="Anne", email="anne@y.dk")
    assert anne.office.store.notices("26-1")[-1].recipient == "anne@y.dk"
    assert anne.token != first
    assert anne.client.get(f"/r/{first}").status_code == 404


def test_a_substitute_takes_over(site: Any) -> None:
    """Everything wrong is told at once; then the seat is theirs, and so is a link of their own."""
    anne = site(ASKING, ("Anne",), more={"answers": ANSWERS})
    anne.open("/substitute/1")
    anne.send()
    assert set(anne.errors()) == {"person-name", "person-email", "person-q_job"}
    assert "?" not in anne.errors()["person-email"]
    assert len(anne.office.registrations("26-1")) == 1
    anne.send(**{"person-name": "Mads", "person-email": "mads@x.dk", "person-q_job": "Vært"})
    assert anne.heading == "En stedfortræder kommer i stedet for dig"
    assert "mads@x.dk" not in anne.main
    mads = colleague(anne, 2)
    assert mads.heading == "Du har en plads"
    kinds = [(one.kind, one.recipient) for one in anne.office.store.notices("26-1")[-2:]]
    assert kinds == [
        (NoticeKind.SUBSTITUTION, "anne@x.dk"),
        (NoticeKind.SUBSTITUTION, "mads@x.dk"),
    ]


def test_a_new_link_ends_the_old_ones(site: Any) -> None:
    """It goes by mail alone, once an hour; the page that was open is nobody's any more."""
    anne = site(EVENT, ("Anne",))
    old = anne.token
    anne.press("Send nyt link")
    assert anne.heading == "Vi har sendt dig en mail"
    assert anne.client.get(f"/r/{old}").status_code == 404
    assert anne.office.store.notices("26-1")[-1].kind is NoticeKind.LINK
    anne = colleague(anne, 1)
    assert "Send nyt link" not in anne.deeds


# --- what is stored --------------------------------------------------------------------------


def test_everything_that_is_stored_is_told(site: Any) -> None:
    """In words, with what was done when; and as the document itself."""
    event = evolve(ASKING, price=Money(100))
    anne = site(event, ("Anne",), more={"answers": ANSWERS})
    anne.open("/data")
    facts = said(anne.page.dl)
    for fact in ("Anne", "anne@x.dk", "Drift", "Nødder", "Støj", "Nej", "har en plads", "26-1-1"):
        assert fact in facts, fact
    assert "kl. 10.00: tilmeldt af dig eller din kollega" in anne.main
    assert anne.page.select("main form") == []
    assert codec.loads(anne.open("/data.json").data, Registration) == anne.one


def test_a_colleagues_file_tells_of_the_booker_only_the_name(site: Any) -> None:
    """Their address and number are not the colleague's."""
    bo = site(EVENT, ("Bo", "Line+"))
    line = colleague(bo, 2)
    assert "Tilmeldt af Bo" in said(BeautifulSoup(line.open("/data").data, "html.parser").dl)
    text = line.open("/data.json").text
    assert '"Bo"' in text
    assert "bo@x.dk" not in text


def test_one_erases_oneself(site: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is still coming cancels first; then nothing is left, and the link leads nowhere."""
    monkeypatch.chdir(tmp_path)  # where mails are laid down
    anne = site(EVENT, ("Anne",), base_url="http://localhost")
    anne.open("/data")
    assert "Meld afbud eller meld dig fra først" in anne.main
    anne.office.cancel("26-1", (1,), actor=PUBLIC)
    anne.open("/data")
    assert anne.page.select("main form") == []
    assert "Vi er ved at sende mailen om afbuddet." in anne.main
    Delivery(anne.office).tick()
    anne.open("/data")
    anne.send()
    assert anne.heading == "Dine oplysninger er slettet"
    assert "Mails, vi allerede har sendt, er ikke slettet." in anne.main
    [mail] = (tmp_path / "mails").glob("*.eml")
    assert b"anne@x.dk" in mail.read_bytes(), "as in anybody's folder of sent mail"
    assert anne.one.person == Person(name="Slettet")
    assert anne.open().status_code == 404
    assert anne.office.store.audit() == ()


def test_what_is_called_off_keeps_nobody_from_erasing(site: Any, clock: Any) -> None:
    """One cannot cancel any more; but first they are told, and it may still be taken back."""
    anne = site(EVENT, ("Anne",))
    base = anne.office.revision("26-1").number
    off = anne.office.call_off("26-1", base=base, actor=SYSTEM, reason="Sne")
    assert isinstance(off, Allowed), off
    anne.open("/data")
    assert "Så længe du er tilmeldt" in anne.main
    clock.now += timedelta(minutes=6)
    anne.open("/data")
    assert "Vi er ved at sende mailen" in anne.main
    clock.now += timedelta(days=2)
    anne.open("/data")
    anne.send()
    assert anne.heading == "Dine oplysninger er slettet"
    assert anne.one.person == Person(name="Slettet")
    assert anne.office.store.audit() == ()


def test_who_is_coming_erases_nothing(site: Any) -> None:
    """A form that was made up is refused in words."""
    anne = site(EVENT, ("Anne",))
    token = anne.page.select_one("[name=csrf_token]")["value"]  # type: ignore[index]
    anne.answer = anne.client.post(f"/r/{anne.token}/data", data={"csrf_token": token})
    assert anne.answer.status_code == 409
    assert anne.one.person.name == "Anne"


# --- what is pressed twice -------------------------------------------------------------------


def twice(one: Holder, path: str, form: Any) -> list[TestResponse]:
    return [one.client.post(f"/r/{one.token}{path}", data=form) for _ in range(2)]


def form_of(one: Holder, **more: Any) -> dict[str, Any]:
    """The form that is shown, as a browser sends it."""
    data = {str(tag["name"]): str(tag.get("value", "")) for tag in one.page.select("form [name]")}
    return {name: value for name, value in data.items() if name != "do"} | more


@pytest.mark.parametrize("act", ["online", "room"])
def test_a_switch_that_is_pressed_twice_is_done_once(site: Any, act: str) -> None:
    """A slow line makes people press again; the second answer is that of the first."""
    mode = Mode.ROOM if act == "room" else Mode.ONLINE
    other = Mode.ONLINE if act == "room" else Mode.ROOM
    anne = site(BOTH, ("Anne",), more={"mode": other})
    answers = twice(anne, "", form_of(anne, do=act))
    assert [one.headers.get("Location") for one in answers] == [f"/r/{anne.token}?done={act}"] * 2
    assert anne.one.mode is mode
    assert len(anne.office.journal("26-1", 1)) == 2


@pytest.mark.parametrize(("act", "to"), [("accept", S.CONFIRMED), ("decline", S.DECLINED)])
def test_an_answer_that_is_given_twice_is_one(site: Any, act: str, to: S) -> None:
    """Yes and no alike; but no after yes is not."""
    event = evolve(EVENT, capacity=1, offers_from=Before(days=60))
    ida, bo = site(event, ("Ida",), ("Bo",))
    ida.office.cancel("26-1", (1,), actor=PUBLIC)
    bo.open()
    answers = twice(bo, "", form_of(bo, do=act))
    assert [one.status_code for one in answers] == [303, 303]
    assert bo.one.status is to
    other = "decline" if act == "accept" else "accept"
    assert twice(bo, "", form_of(bo, do=other))[0].status_code == 409


def test_an_afbud_that_is_sent_twice_is_one(site: Any) -> None:
    """Nobody is told that it cannot be done."""
    anne, _ = site(EVENT, ("Anne",), ("Bo",))
    anne.open("/cancel")
    answers = twice(anne, "/cancel", form_of(anne, who="1"))
    assert [one.headers.get("Location") for one in answers] == [
        f"/r/{anne.token}?done=cancelled"
    ] * 2
    assert anne.client.post(f"/r/{anne.token}/cancel", data={"who": "2"}).status_code == 404


def test_a_substitute_who_is_sent_twice_is_one(site: Any) -> None:
    """Somebody else is not."""
    anne = site(EVENT, ("Anne",))
    anne.open("/substitute/1")
    form = form_of(anne, **{"person-name": "Mads", "person-email": "mads@x.dk"})
    answers = twice(anne, "/substitute/1", form)
    assert [one.status_code for one in answers] == [303, 303]
    assert len(anne.office.registrations("26-1")) == 2
    other = form | {"person-name": "Carl"}
    assert anne.client.post(f"/r/{anne.token}/substitute/1", data=other).status_code == 409


def test_a_form_that_is_too_large_is_not_looked_at(site: Any) -> None:
    """Nor is any of it saved."""
    anne = site(EVENT, ("Anne",))
    anne.open("/edit/1")
    form = form_of(anne, **{"person-phone": "12 34 56 78", "more": "x" * 70_000})
    assert anne.client.post(f"/r/{anne.token}/edit/1", data=form).status_code == 413
    assert anne.one.person.phone == ""


@pytest.mark.parametrize("name", ["\u200b\u200b", "\u3164", "\u2060 \ufeff"])
def test_a_name_that_nobody_sees_is_none(site: Any, name: str) -> None:
    """It is asked for again, as an empty one is."""
    anne = site(EVENT, ("Anne",))
    anne.open("/edit/1")
    anne.send(**{"person-name": name})
    assert anne.answer.status_code == 422
    assert "person-name" in anne.errors()
    assert anne.one.person.name == "Anne"


# --- what it never does ----------------------------------------------------------------------

PAGES = ("", ".ics", "/cancel", "/email", "/edit/1", "/substitute/1", "/data", "/data.json")


def rows(office: Office) -> dict[str, list[Any]]:
    with office.store.snapshot() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(sa.select(table))))
            for table in metadata.sorted_tables
        }


def test_reading_changes_nothing(site: Any, clock: Any) -> None:
    """GET and HEAD, three times over, of every page in every state; a press does change it."""
    event = evolve(PAID, capacity=2, offers_from=Before(days=60), questions=ASKING.questions)
    forms = [("Ida", "Ole+"), ("Anne",), ("Bo", "Line+"), ("Eva",)]
    holders = site(event, *forms, more={"answers": ANSWERS})
    office = holders[0].office
    office.cancel("26-1", (1,), actor=PUBLIC)
    everybody = [colleague(holders[0], one.number) for one in office.registrations("26-1")]
    assert {one.one.status for one in everybody} == {S.CANCELLED, S.CONFIRMED, S.OFFERED, S.WAITING}
    later = datetime(2026, 5, 20, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
    for moment, times in ((clock.now, 3), (later[0], 1), (later[1], 1)):
        clock.now = moment
        before = rows(office)
        for _ in range(times):
            for one in everybody:
                for prefix in ("", "/en"):
                    for page in PAGES:
                        path = f"{prefix}/r/{one.token}{page.replace('1', str(one.number))}"
                        assert one.client.get(path).status_code in (200, 404), path
                        assert one.client.head(path).status_code in (200, 404), path
                        for do in ("accept", "link"):
                            answer = one.client.get(f"{path}?do={do}&who={one.number}")
                            assert answer.status_code in (200, 404), path
            for path in ("/find", "/find/sent", "/r/sent", "/r/erased", "/r/x"):
                one.client.get(path)
                one.client.head(path)
        assert rows(office) == before
    clock.now = datetime(2026, 5, 4, 8, tzinfo=UTC)
    anne = everybody[2 - 1]
    anne.open("/cancel")
    before = rows(office)
    anne.send()
    assert rows(office) != before


@pytest.mark.parametrize("page", PAGES)
def test_its_address_is_a_key_and_kept_close(site: Any, page: str) -> None:
    """Neither kept, nor told to other sites, nor searched: whatever is answered."""
    anne = site(EVENT, ("Anne",))
    bad = Links("t" * 40).token(anne.one)
    for token in (anne.token, bad):
        for prefix in ("", "/en"):
            for ask in (anne.client.get, anne.client.head, anne.client.post, anne.client.put):
                answer = ask(f"{prefix}/r/{token}{page}")
                assert answer.headers.getlist("Cache-Control") == ["no-store"]
                assert answer.headers.getlist("Referrer-Policy") == ["no-referrer"]
                assert answer.headers.getlist("X-Robots-Tag") == ["noindex"]


def test_a_link_that_leads_nowhere_says_where_to_go(site: Any) -> None:
    """One sentence, and the way to a new one."""
    anne = site(EVENT, ("Anne",))
    for token in ("x", anne.token[:-1], Links("t" * 40).token(anne.one), "26-1-1"):
        anne.answer = anne.client.get(f"/r/{token}")
        assert anne.answer.status_code == 404
        assert anne.heading == "Linket virker ikke længere"
        assert anne.page.select_one("main a[href='/find']") is not None
        assert anne.client.post(f"/r/{token}", data={"do": "accept"}).status_code == 404


def test_a_form_of_another_site_does_nothing(site: Any) -> None:
    """Without the token, or with somebody else's; what was typed is kept."""
    anne = site(EVENT, ("Anne",))
    before = rows(anne.office)
    for sent in ("", "x"):
        for page in ("", "/cancel", "/email", "/edit/1", "/substitute/1", "/data"):
            data = {"csrf_token": sent, "do": "link", "who": "1", "person-name": "Kaj"}
            anne.answer = anne.client.post(f"/r/{anne.token}{page}", data=data)
            assert anne.answer.status_code == 400, page
            assert "Tryk på knappen igen." in anne.main
    assert rows(anne.office) == before


def test_a_button_we_do_not_know_does_nothing(site: Any) -> None:
    """Made up, left out, or one of those that have a page of their own."""
    anne = site(EVENT, ("Anne",))
    token = anne.page.select_one("[name=csrf_token]")["value"]  # type: ignore[index]
    before = rows(anne.office)
    for do in ("", "x", "cancel", "erase", "edit", "substitute", "\0"):
        answer = anne.client.post(f"/r/{anne.token}", data={"do": do, "csrf_token": token})
        assert answer.status_code == 400, do
    for do in ("decline", "online"):
        answer = anne.client.post(f"/r/{anne.token}", data={"do": do, "csrf_token": token})
        assert answer.status_code == 409, do
    assert rows(anne.office) == before


def test_a_place_is_not_changed_over_and_over(site: Any, clock: Any) -> None:
    """Each change can be a mail: twenty in ten minutes, then one waits."""
    anne = site(EVENT, ("Anne",))
    for number in range(20):
        anne.open("/email")
        anne.send(**{"person-email": f"anne{number}@x.dk"})
        assert anne.answer.status_code == 200
    anne.open("/email")
    anne.send(**{"person-email": "late@x.dk"})
    assert anne.answer.status_code == 429
    assert anne.page.select_one("[value='late@x.dk']") is not None
    clock.now += timedelta(minutes=10)
    anne.send()
    assert anne.one.person.email == "late@x.dk"


def test_no_log_holds_the_key(
    site: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither where an event cannot be read, nor where we made a mistake."""
    from eventkit.model.errors import StoreError

    anne = site(EVENT, ("Anne",))
    anne.client.application.testing = False
    caplog.set_level(logging.DEBUG)
    for error, status in ((StoreError("broken", code="x"), 503), (RuntimeError("broken"), 500)):

        def fail(*_: Any, error: Exception = error, **__: Any) -> Any:
            raise error

        monkeypatch.setattr(Office, "revision", fail)
        for more in ("", ".ics", "/data"):
            assert anne.open(more, "/en").status_code == status
    assert "/en/r/…" in caplog.text
    assert anne.token not in caplog.text
    assert anne.token.split(".")[1] not in caplog.text


def test_without_a_secret_links_work_while_the_site_runs(site: Any) -> None:
    """Signed with one that the site made for itself."""
    anne = site(EVENT, ("Anne",), secret="")
    assert anne.heading == "Du har en plads"
    anne.open("/email")
    anne.send(**{"person-email": "anne@y.dk"})
    assert anne.answer.status_code == 200
    assert anne.client.get(f"/r/{Links('').token(anne.one)}").status_code == 404
