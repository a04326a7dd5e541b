"""The public pages: what they show in each language and state, and what they never show."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import extruct
import pytest
from attrs import evolve
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from eventkit.formats import codec
from eventkit.formats.wording import wording
from eventkit.model.decision import Allowed
from eventkit.model.event import AgendaItem, Event, Status
from eventkit.model.registration import Signup
from eventkit.model.values import (
    SYSTEM,
    Contact,
    Money,
    OnlineAccess,
    Organiser,
    Person,
    Venue,
    instant,
    zone,
)
from eventkit_web.app import create_app

PLACE = zone("Europe/Copenhagen")
CANARY = "https://canary.example/hemmelig"


def at(day: int, hour: int, minute: int = 0, month: int = 5) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=PLACE)


EVENT = Event(
    id="26-1",
    title="Netværksmøde: Rum & <b>ro</b>",
    kind="Netværksmøde",
    series="Viceværter",
    starts=at(21, 9, 30),
    ends=at(21, 15),
    deadline=date(2026, 5, 18),
    summary="Vi ses i Viby.",
    description="Tekst med **fed** og [link](https://ude.example).",
    audience="Sociale viceværter.",
    venue=Venue(name="Rosenhøj", street="Rosenhøj 1", postcode="8260", locality="Viby J"),
    organiser=Organiser(name="Boligsocialnet", url="https://net.example"),
    contact=Contact(name="Sekretariatet", phone="33 76 20 00", email="post@net.example"),
    price=Money(0),
    capacity=40,
    programme=(
        AgendaItem(title="Kaffe", starts=at(21, 9, 30), ends=at(21, 10), is_break=True),
        AgendaItem(title="Velkommen", starts=at(21, 10), ends=at(21, 11), description="- et\n- to"),
        AgendaItem(
            title="Oplæg",
            starts=at(21, 11),
            ends=at(21, 12),
            speakers=(Person(name="Trine", email="trine@hemmelig.example"),),
            online=OnlineAccess(provider="Teams", url=CANARY),
        ),
        AgendaItem(title="Tak for i dag", starts=at(21, 15)),
    ),
)

STATES: dict[str, tuple[Event, str, str]] = {
    "open": (EVENT, "Åben for tilmelding", "Open for registration"),
    "not_yet_open": (evolve(EVENT, opens=date(2026, 5, 10)), "Ikke åben endnu", "Not open yet"),
    "closed": (
        evolve(EVENT, deadline=date(2026, 5, 1)),
        "Tilmelding lukket",
        "Registration closed",
    ),
    "waiting_only": (evolve(EVENT, capacity=1), "Venteliste", "Waiting list"),
    "full": (
        evolve(EVENT, capacity=0, waiting_list=False),
        "Tilmelding lukket",
        "Registration closed",
    ),
    "postponed": (
        evolve(EVENT, status=Status.POSTPONED, status_reason="Vandskade."),
        "Udsat",
        "Postponed",
    ),
    "cancelled": (
        evolve(EVENT, status=Status.CANCELLED, status_reason="Sygdom."),
        "Aflyst",
        "Cancelled",
    ),
    "over": (
        evolve(EVENT, starts=at(2, 9), ends=at(2, 12), deadline=None, programme=()),
        "Afholdt",
        "Over",
    ),
}


def soup(client: FlaskClient, path: str, status: int = 200) -> BeautifulSoup:
    response = client.get(path)
    assert response.status_code == status, path
    return BeautifulSoup(response.data, "html.parser")


def text(found: Any) -> str:
    return " ".join(found.get_text(" ").split()).replace("@ ", "@")  # a line may break there


def client_of(make_app: Any, event: Event) -> FlaskClient:
    """Somebody who looks at the site of `event`; where it has but one seat, that is taken."""
    app = make_app(event)
    if event.capacity == 1:
        first = Signup(people=(Person(name="Ida", email="ida@andre.example"),), key="first")
        taken = app.extensions["eventkit"].office.register("26-1", first, actor=SYSTEM)
        assert isinstance(taken, Allowed)
    return app.test_client()


# --- the page of an event --------------------------------------------------------------------


@pytest.mark.parametrize("name", STATES)
def test_the_page_says_in_both_languages_whether_one_may_join(make_app: Any, name: str) -> None:
    """State is a word beside a shape, in the language of the page, for each state there is."""
    event, danish, english = STATES[name]
    client = client_of(make_app, event)
    for path, said in (("/events/26-1", danish), ("/en/events/26-1", english)):
        state = soup(client, path).select_one(".join .state")
        assert state is not None
        assert text(state) == said
        assert state.find("svg") is not None


def test_the_facts_are_there_at_a_glance(make_app: Any) -> None:
    """When, where, deadline, price, seats, organiser and contact, in words and with links."""
    page = soup(make_app(EVENT).test_client(), "/events/26-1")
    facts = {text(row.dt): text(row.dd) for row in page.select(".facts > div")}
    assert facts["Hvornår"].startswith("Torsdag den 21. maj 2026 kl. 9.30–15.00")
    assert facts["Hvor"].startswith("Rosenhøj Rosenhøj 1 8260 Viby J")
    assert facts["Frist"] == "Til og med mandag den 18. maj 2026"
    assert facts["Pris"] == "Gratis"
    assert facts["Pladser"] == "40 pladser"
    assert facts["Arrangør"] == "Boligsocialnet"
    assert facts["Kontakt"] == "Sekretariatet 33 76 20 00 post@net.example"
    links = {str(link["href"]) for link in page.select(".facts a")}
    assert {"tel:+4533762000", "mailto:post@net.example", "https://net.example"} <= links
    assert "/events/26-1.ics" in links
    assert any(link.startswith("https://www.openstreetmap.org/search?query=") for link in links)
    assert "Du kan tilmelde dig til og med mandag den 18. maj 2026." in text(page)
    assert text(page.select_one(".audience")) == "Målgruppe Sociale viceværter."


def test_an_unknown_fact_is_left_out(make_app: Any) -> None:
    """An event of which only title and start are known has a page without empty headings."""
    bare = Event(id="26-1", title="Møde", starts=at(21, 9))
    page = soup(make_app(bare).test_client(), "/events/26-1")
    assert [text(row.dt) for row in page.select(".facts > div")] == ["Hvornår"]
    assert page.select("section") == []


@pytest.mark.parametrize(
    ("name", "said"), [("open", "Tilmeld dig"), ("waiting_only", "Skriv dig på ventelisten")]
)
def test_who_may_join_is_led_to_the_form(make_app: Any, name: str, said: str) -> None:
    """The one button says what there is to get, and leads to the form in the page's language."""
    client = client_of(make_app, STATES[name][0])
    link = soup(client, "/events/26-1").select_one("a.button")
    assert link is not None
    assert (text(link), link["href"]) == (said, "/events/26-1/register")
    english = soup(client, "/en/events/26-1").select_one("a.button")
    assert english is not None
    assert english["href"] == "/en/events/26-1/register"


@pytest.mark.parametrize(
    "name", ["not_yet_open", "closed", "full", "postponed", "cancelled", "over"]
)
def test_who_may_not_join_has_no_button(make_app: Any, name: str) -> None:
    """Nothing is offered that cannot be had."""
    assert soup(client_of(make_app, STATES[name][0]), "/events/26-1").select("a.button") == []


def test_the_programme_is_a_timetable_with_breaks_set_apart(make_app: Any) -> None:
    """Each row has its time in digits and for machines; a break is marked; an open end is bare."""
    rows = soup(make_app(EVENT).test_client(), "/events/26-1").select(".items > li")
    assert [text(row.time) for row in rows] == ["9.30–10.00", "10.00–11.00", "11.00–12.00", "15.00"]
    assert [("pause" in row.get("class", [])) for row in rows] == [True, False, False, False]
    assert rows[0].time is not None
    assert rows[0].time["datetime"] == "2026-05-21T09:30:00+02:00"
    assert [text(one) for one in rows[1].select("li")] == ["et", "to"]
    assert text(rows[2]).endswith("Online via Teams.")


def test_the_running_item_is_marked_while_it_runs(make_app: Any, clock: Any) -> None:
    """ "Nu" stands at the item that goes on, from its first moment and not at its last."""
    client = make_app(EVENT).test_client()

    def marked() -> list[str]:
        return [text(row.h3) for row in soup(client, "/events/26-1").select("li.now")]

    assert marked() == []
    for minutes, expected in ((0, ["Velkommen"]), (60, ["Oplæg"]), (120, [])):
        clock.now = at(21, 10) + timedelta(minutes=minutes)
        assert marked() == expected
    clock.now = at(21, 10) - timedelta(seconds=1)
    assert marked() == ["Kaffe"]


def test_parallel_items_share_a_row(make_app: Any) -> None:
    """Items with the same hours in several tracks stand side by side under one time."""
    tracks = tuple(
        AgendaItem(title=f"Spor {name}", track=name, starts=at(21, 10), ends=at(21, 11))
        for name in "ABC"
    )
    page = soup(make_app(evolve(EVENT, programme=tracks)).test_client(), "/events/26-1")
    assert [len(row.select(".item")) for row in page.select(".items > li")] == [3]
    assert page.select(".wide") != []


def test_several_days_have_headings(make_app: Any) -> None:
    """A programme of two days says which is which, in order, whatever order it was written in."""
    items = tuple(
        AgendaItem(title=f"Dag {day}", starts=at(day, 9), ends=at(day, 10)) for day in (22, 21)
    )
    event = evolve(EVENT, ends=at(22, 15), programme=items)
    page = soup(make_app(event).test_client(), "/events/26-1")
    days = [text(heading) for heading in page.select(".day")]
    assert days == ["Torsdag den 21. maj 2026", "Fredag den 22. maj 2026"]
    assert [text(title) for title in page.select(".items h4")] == ["Dag 21", "Dag 22"]


@pytest.mark.parametrize(
    ("deadline", "closes"),
    [
        (EVENT.deadline, at(19, 0)),
        (at(18, 12) + timedelta(seconds=30), at(18, 12) + timedelta(seconds=30)),
    ],
)
def test_the_state_changes_to_the_second(
    make_app: Any, clock: Any, deadline: Any, closes: datetime
) -> None:
    """No kept page outlives the state it shows, at midnight or within a minute."""
    client = make_app(evolve(EVENT, deadline=deadline)).test_client()
    second = timedelta(seconds=1)
    for when, said in (
        (closes - second, "Åben for tilmelding"),
        (closes, "Tilmelding lukket"),
        (closes - second, "Åben for tilmelding"),
    ):
        clock.now = when
        assert said in text(soup(client, "/events/26-1").select_one(".join"))
        assert said == text(soup(client, "/").select_one(".status"))


def test_a_change_is_seen_at_once(make_office: Any) -> None:
    """A kept page does not outlive its revision."""
    from eventkit.model.values import SYSTEM
    from eventkit_web.app import create_app

    office = make_office(EVENT)
    client = create_app(office).test_client()
    assert "Rosenhøj" in client.get("/events/26-1").text
    moved = evolve(office.revision("26-1").event, venue=Venue(name="Gellerup"))
    office.change(moved, base=office.revision("26-1").number, actor=SYSTEM)
    page = client.get("/events/26-1").text
    assert "Gellerup" in page
    assert "Rosenhøj" not in page


# --- languages -------------------------------------------------------------------------------


def test_danish_words_on_an_english_page_say_so(make_app: Any) -> None:
    """The page is English; title, prose and items are marked as Danish for a screen reader."""
    page = soup(make_app(EVENT).test_client(), "/en/events/26-1")
    assert page.html is not None
    assert page.html["lang"] == "en"
    for selector in ("h1", ".teaser", ".about .prose", ".items h3", ".audience .prose"):
        for found in page.select(selector):
            assert found.get("lang") == "da", selector
    assert "Thursday" in text(page.select_one(".facts"))


OWN = evolve(
    EVENT,
    title="Rum og ro",
    opens=date(2026, 5, 10),
    venue=Venue(
        name="Rosenhøj",
        room="Salen",
        street="Rosenhøj 1",
        postcode="8260",
        locality="Viby J",
        directions="Gå om bag huset.",
    ),
    programme=(
        AgendaItem(
            title="Velkomst",
            starts=at(21, 10),
            speakers=(Person(name="Trine", organisation="Viceværterne"),),
            track="Spor A",
            room="Salen",
        ),
    ),
)
NAMES = ("Boligsocialnet", "Sekretariatet", "Viby J", "Rosenhøj", "Salen", "Viceværter", "Trine")


def unmarked(page: BeautifulSoup, words: Any) -> list[str]:
    """Those of the words that stand somewhere on a page outside what is marked as Danish."""
    for tag in page.select("[lang=da], head"):
        tag.decompose()
    return [word for word in words if word in text(page)]


@pytest.mark.parametrize("path", ["/en/events/26-1", "/en/events/26-1/register"])
def test_why_it_is_called_off_is_danish_and_that_it_is_english(make_app: Any, path: str) -> None:
    """In one sentence the organiser's words are marked, and ours are not."""
    page = soup(make_app(STATES["cancelled"][0]).test_client(), path)
    assert "The event is cancelled: Sygdom." in text(page)
    assert unmarked(page, ["The event is cancelled:"]) == ["The event is cancelled:"]
    assert "Sygdom." not in text(page)


@pytest.mark.parametrize("organiser", [OWN.organiser, Organiser(name="Boligsocialnet")])
def test_danish_names_on_an_english_page_say_so(make_app: Any, organiser: Organiser) -> None:
    """Whom to ask, who holds it, where, what series and who speaks: all that people wrote."""
    client = make_app(evolve(OWN, organiser=organiser)).test_client()
    page = soup(client, "/en/events/26-1")
    assert all(name in text(page) for name in NAMES)
    assert text(page.select_one(".ask")).startswith("Ask Sekretariatet")
    assert page.select("[lang=da] a[href^=tel], a[href^=tel][lang]") == []
    assert unmarked(page, [*NAMES, "Netværksmøde", "Spor A", "Gå om"]) == []


def test_danish_places_and_kinds_in_an_english_list_say_so(make_app: Any) -> None:
    """The town and what sort of event it is are Danish between English hours."""
    page = soup(make_app(OWN).test_client(), "/en/")
    assert text(page.select_one(".line")).endswith("9:30–15:00 · Viby J · Netværksmøde")
    assert unmarked(page, ["Viby J", "Netværksmøde", "Rum og ro"]) == []


def test_english_words_on_a_danish_page_say_so(make_app: Any) -> None:
    """It is the event's own language that counts, not which of the two is the usual one."""
    page = soup(make_app(evolve(EVENT, language="en")).test_client(), "/events/26-1")
    assert page.h1 is not None
    assert page.h1.get("lang") == "en"


def test_words_in_the_pages_own_language_are_not_marked(make_app: Any) -> None:
    """A Danish page of a Danish event has no `lang` but its own and the link to English."""
    page = soup(make_app(EVENT).test_client(), "/events/26-1")
    assert [tag.name for tag in page.select("[lang]")] == ["html", "a"]


@pytest.mark.parametrize("path", ["/", "/past", "/events/26-1", "/nothing/here"])
def test_each_page_links_to_itself_in_the_other_language(make_app: Any, path: str) -> None:
    """The switch keeps the reader where they are, there and back, error pages included."""
    client = make_app(EVENT).test_client()
    status = 404 if "nothing" in path else 200
    other = soup(client, path, status).select_one("header a[hreflang=en]")
    assert other is not None
    english = str(other["href"]).removeprefix("http://localhost")
    assert english == "/en" + path
    back = soup(client, english, status).select_one("header a[hreflang=da]")
    assert back is not None
    assert str(back["href"]).removeprefix("http://localhost") == path


# --- lists -----------------------------------------------------------------------------------


def test_the_front_page_lists_what_is_to_come(make_app: Any) -> None:
    """Upcoming events in order under their months, each with its state; past ones elsewhere."""
    later = evolve(
        EVENT,
        id="26-2",
        title="Senere",
        starts=at(3, 9, month=6),
        ends=None,
        deadline=None,
        programme=(),
    )
    client = make_app(
        later, EVENT, evolve(STATES["over"][0], id="26-3", title="Holdt")
    ).test_client()
    page = soup(client, "/")
    assert [text(month) for month in page.select("h2")] == ["Maj 2026", "Juni 2026"]
    assert [text(one) for one in page.select("h3")] == [EVENT.title, "Senere"]
    assert [text(one) for one in page.select(".state")] == ["Åben for tilmelding"] * 2
    assert [text(one) for one in soup(client, "/past").select("h3")] == ["Holdt"]


def test_an_empty_list_says_so(make_app: Any) -> None:
    """No events is a sentence, not a blank."""
    client = make_app().test_client()
    assert "Der er ingen kommende arrangementer lige nu." in text(soup(client, "/"))
    assert "There are no upcoming events just now." in text(soup(client, "/en/"))
    assert soup(client, "/past").select_one(".lead") is not None


@pytest.mark.parametrize(
    ("ends", "days", "line"),
    [
        (at(21, 15), "21", "Kl. 9.30–15.00"),
        (None, "21", "Kl. 9.30"),
        (at(22, 14), "21–22", "Kl. 9.30 til fredag kl. 14.00"),
    ],
)
def test_a_list_tells_days_and_hours(make_app: Any, ends: Any, days: str, line: str) -> None:
    """One day or several, with or without an end."""
    event = evolve(EVENT, ends=ends, programme=())
    row = soup(make_app(event).test_client(), "/").select_one(".events li")
    assert row is not None
    assert text(row.b) == days
    assert text(row.select_one(".line")).startswith(line)


# --- what is not public ----------------------------------------------------------------------


def all_paths(event_id: str) -> list[str]:
    names = ("", ".ics", ".json", ".events-csv", ".ics-items")
    events = [f"/events/{event_id}{suffix}" for suffix in names]
    lists = [
        "/",
        "/past",
        "/calendar.ics",
        "/calendar.ics?series=Viceværter",
        "/calendar.ics?kind=Netværksmøde",
        "/calendar.ics?organiser=boligsocialnet",
    ]
    pages = events + lists
    return [*pages, *("/en" + path for path in pages), "/healthz"]


@pytest.mark.parametrize("name", STATES)
def test_a_private_link_is_nowhere(make_app: Any, name: str) -> None:
    """A link for participants stands in no page, file, feed or header, in no language or state."""
    private = OnlineAccess(provider="Zoom", url=CANARY)
    event = evolve(
        STATES[name][0],
        online=private,
        extra={"plugin.note": "canary.example"},
        programme=tuple(evolve(item, online=private) for item in STATES[name][0].programme),
    )
    client = client_of(make_app, event)
    for path in all_paths("26-1"):
        response = client.get(path)
        assert response.status_code == 200, path
        assert b"canary" not in response.data, path
        assert "canary" not in str(response.headers), path
        assert b"trine@hemmelig.example" not in response.data or path.endswith(".json"), path


@pytest.mark.parametrize("name", STATES)
def test_a_link_is_promised_while_it_will_be_sent(make_app: Any, name: str) -> None:
    """The link is sent to those who register; of what is over or called off none is sent any more,
    neither that of the event nor that of an item.
    """
    private = OnlineAccess(provider="Zoom", url=CANARY)
    item = evolve(EVENT.programme[0], online=private)
    event = evolve(STATES[name][0], online=private, programme=(item,))
    client = client_of(make_app, event)
    promises = 0 if name in ("over", "cancelled") else 2
    danish, english = client.get("/events/26-1").text, client.get("/en/events/26-1").text
    assert danish.count("Linket sendes til tilmeldte.") == promises
    assert english.count("The link is sent to those who register.") == promises


@pytest.mark.parametrize("url", [CANARY, None])
def test_no_link_is_promised_where_nobody_attends_online(make_app: Any, url: str | None) -> None:
    """A speaker who is elsewhere has a link, or none yet: it is not for those who come."""
    item = evolve(EVENT.programme[2], online=OnlineAccess(provider="Teams", url=url))
    page = make_app(evolve(EVENT, programme=(item,))).test_client().get("/events/26-1").text
    assert "Online via Teams." in page
    assert "Linket" not in page


def test_a_day_and_its_hours_stay_on_a_line(make_app: Any) -> None:
    """On pages no line ends inside a day or after "kl."; in files and people's own words it may."""
    event = evolve(EVENT, deadline=at(18, 12), summary="Mød op kl. 9 den 21. maj.")
    client = make_app(event).test_client()
    page = client.get("/events/26-1").text
    assert "Torsdag den\u00a021.\u00a0maj 2026" in page
    assert "kl.\u00a09.30–15.00" in page
    assert "mandag den\u00a018.\u00a0maj 2026 kl.\u00a012.00." in page
    assert "Mød op kl. 9 den 21. maj." in page
    assert "Thursday, 21\u00a0May 2026" in client.get("/en/events/26-1").text
    assert "kl.\u00a09.30–15.00" in client.get("/").text.casefold()
    for path in ("/events/26-1.json", "/events/26-1.ics", "/calendar.ics"):
        assert "\u00a0" not in client.get(path).text
    assert wording("da").date(event.starts) == "torsdag den 21. maj 2026"


def test_a_public_link_is_shown(make_app: Any) -> None:
    """What the organiser marked public can be opened from the page, and found by machines."""
    public = OnlineAccess(provider="Zoom", url="https://open.example/x", public=True)
    event = evolve(EVENT, online=public, venue=None)
    client = make_app(event).test_client()
    page = soup(client, "/events/26-1")
    assert page.select_one("a[href='https://open.example/x']") is not None
    assert linked(client)["location"]["url"] == "https://open.example/x"


def test_a_draft_is_nowhere(make_app: Any) -> None:
    """A draft is not found, in any format, and in no list or feed; as if it were not there."""
    draft = evolve(EVENT, status=Status.DRAFT, title="Canary")
    client = make_app(draft).test_client()
    unknown = client.get("/events/99-9").data.replace(b"99-9", b"26-1")
    for path in all_paths("26-1"):
        response = client.get(path)
        assert response.status_code == (404 if "/events/" in path else 200), path
        assert b"Canary" not in response.data, path
    assert client.get("/events/26-1").data == unknown


def test_an_unlisted_event_is_reached_by_its_address_alone(make_app: Any) -> None:
    """It has a page and files, asks search engines to pass by, and is in no list or feed."""
    client = make_app(evolve(EVENT, listed=False)).test_client()
    page = soup(client, "/events/26-1")
    assert page.select_one("meta[name=robots][content=noindex]") is not None
    for path in all_paths("26-1"):
        response = client.get(path)
        assert response.status_code == 200
        if "/events/" not in path:
            assert b"26-1" not in response.data, path


def test_json_is_the_document_less_what_is_private(make_app: Any) -> None:
    """It is read back as the event, without links, plugin data and acknowledgements."""
    event = evolve(EVENT, uid="u@x", extra={"plugin.note": "intern"})
    response = make_app(event).test_client().get("/events/26-1.json")
    assert response.mimetype == "application/json"
    data = json.loads(response.data)
    assert data["version"] == 1
    told = codec.from_data(data, Event)
    assert dict(told.extra) == {}
    assert told.programme[2].online == OnlineAccess(provider="Teams")
    assert told.starts == event.starts


# --- for machines ----------------------------------------------------------------------------


def linked(client: FlaskClient, path: str = "/events/26-1") -> dict[str, Any]:
    found = extruct.extract(client.get(path).text, syntaxes=["json-ld"])["json-ld"]
    assert len(found) == 1
    one: dict[str, Any] = found[0]
    return one


def test_linked_data_says_the_same_instants(make_app: Any) -> None:
    """A second reader finds the event, its items and its offer at the times they have."""
    data = linked(make_app(EVENT).test_client())
    assert data["@type"] == "Event"
    assert data["name"] == EVENT.title
    assert instant(datetime.fromisoformat(data["startDate"])) == instant(EVENT.starts)
    assert instant(datetime.fromisoformat(data["endDate"])) == at(21, 15).astimezone(UTC)
    assert data["location"]["address"]["postalCode"] == "8260"
    assert data["eventAttendanceMode"] == "https://schema.org/OfflineEventAttendanceMode"
    offer = data["offers"]
    assert (offer["price"], offer["priceCurrency"]) == ("0.00", "DKK")
    assert offer["availability"] == "https://schema.org/InStock"
    assert datetime.fromisoformat(offer["validThrough"]) == at(19, 0)
    times = [datetime.fromisoformat(part["startDate"]) for part in data["subEvent"]]
    assert times == [item.starts for item in EVENT.programme if not item.is_break]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("open", "EventScheduled"),
        ("postponed", "EventPostponed"),
        ("cancelled", "EventCancelled"),
    ],
)
def test_linked_data_says_the_status(make_app: Any, name: str, status: str) -> None:
    """A search engine learns that an event will not be held."""
    data = linked(client_of(make_app, STATES[name][0]))
    assert data["eventStatus"] == f"https://schema.org/{status}"


def test_an_online_event_has_the_page_as_its_place(make_app: Any) -> None:
    """Where the link is private the virtual location is the page itself."""
    event = evolve(EVENT, venue=None, online=OnlineAccess(provider="Zoom", url=CANARY))
    data = linked(make_app(event).test_client())
    assert data["location"] == {
        "@type": "VirtualLocation",
        "url": "http://localhost/events/26-1",
    }
    assert data["eventAttendanceMode"] == "https://schema.org/OnlineEventAttendanceMode"


NASTY = "</script><script>alert(1)</script><!-- &lt; ' \" {{ 7*7 }}"


def test_hostile_words_stay_words(make_app: Any) -> None:
    """Whatever a title, text, name or reason says, it is shown as text and runs nowhere."""
    event = evolve(
        EVENT,
        title=NASTY,
        summary=NASTY,
        kind=NASTY,
        description=f"{NASTY}\n\n[x](javascript:alert(1)) <img src=x onerror=alert(1)> ![p](//e/p)",
        audience=NASTY,
        venue=Venue(name=NASTY, street=NASTY, directions=NASTY),
        organiser=Organiser(name=NASTY, slug="x"),
        contact=Contact(name=NASTY, phone=NASTY, email=NASTY),
        programme=(AgendaItem(title=NASTY, starts=EVENT.starts, description=NASTY),),
        status=Status.CANCELLED,
        status_reason=NASTY,
    )
    client = make_app(event).test_client()
    for path in ("/events/26-1", "/en/events/26-1", "/", "/en/"):
        page = soup(client, path)
        assert [script["type"] for script in page.select("script")] in ([], ["application/ld+json"])
        assert page.select("img, iframe, object, [onerror], [onclick]") == []
        hrefs = [str(link["href"]) for link in page.select("a[href]")]
        assert not [href for href in hrefs if href.lower().startswith(("javascript", "data"))]
        assert "49" not in text(page.h1 or page)
    assert linked(client)["name"] == NASTY


def test_open_graph_and_canonical_addresses(make_app: Any) -> None:
    """Shared links show title and teaser; addresses are those of the configured site."""
    app = make_app(EVENT, base_url="https://arr.example")
    page = soup(app.test_client(), "/en/events/26-1")
    assert page.select_one("link[rel=canonical]")["href"] == "https://arr.example/en/events/26-1"
    graph = {tag["property"]: tag["content"] for tag in page.select("meta[property]")}
    assert graph["og:title"] == EVENT.title
    assert graph["og:description"] == EVENT.summary
    assert graph["og:url"] == "https://arr.example/en/events/26-1"
    alternates = {tag.get("hreflang"): tag["href"] for tag in page.select("link[hreflang]")}
    assert alternates["da"] == "https://arr.example/events/26-1"


def test_the_calendar_can_be_narrowed(make_app: Any) -> None:
    """`?series=`, `?organiser=` and `?kind=` choose; another question is a clear error."""
    client = make_app(EVENT).test_client()
    for query, there in (
        ("", 1),
        ("?series=Viceværter", 1),
        ("?series=andre", 0),
        ("?organiser=boligsocialnet", 1),
        ("?kind=Kursus", 0),
    ):
        response = client.get("/calendar.ics" + query)
        assert response.mimetype == "text/calendar"
        assert response.data.count(b"BEGIN:VEVENT") == there, query
    assert client.get("/calendar.ics?serie=x").status_code == 400


def test_an_id_may_end_like_a_format(make_app: Any) -> None:
    """An event called ``møde.json`` has its page, and its own files."""
    client = make_app(evolve(EVENT, id="møde.json")).test_client()
    assert client.get("/events/møde.json").mimetype == "text/html"
    assert client.get("/events/møde.json.json").get_json()["id"] == "møde.json"


# --- the mails of the demo -------------------------------------------------------------------

EML = """\
To: anne@x.dk
Subject: Du har en plads: {title}
MIME-Version: 1.0
Content-Type: text/html; charset="utf-8"

<html><body style="color:red"><p>Hej Anne</p><script>alert(1)</script></body></html>
"""


def test_the_demos_mails_are_pages_of_the_site(make_office: Any, tmp_path: Path) -> None:
    """Newest first, in either language, with the way back; nobody keeps them."""
    folder = tmp_path / "mails"
    office = make_office(EVENT)
    client = create_app(office, mails=folder).test_client()
    assert "Der er ingen mails endnu." in text(soup(client, "/mails/"))
    folder.mkdir()
    for number, title in enumerate(("Kursus", "Rum & ro")):
        path = folder / f"{title[:3]}~1.eml"  # as one is called whose key is not plain
        path.write_text(EML.format(title=title), "utf-8")
        os.utime(path, (number, number))
    page = soup(client, "/mails/")
    told = [text(one) for one in page.select(".mails li")]
    first, second = "Du har en plads: Rum & ro", "Du har en plads: Kursus"
    assert told == [f"{first} Til anne@x.dk", f"{second} Til anne@x.dk"]
    assert page.select_one("header a[href='/']") is not None
    assert "To anne@x.dk" in text(soup(client, "/en/mails/"))
    link = page.select_one(".mails li a")
    assert link is not None
    one = soup(client, str(link["href"]))
    assert text(one.h1) == first
    assert text(one.select_one(".prose")) == "Hej Anne"
    assert one.select_one("main a[href='/mails/']") is not None
    assert client.get("/mails/").headers["Cache-Control"] == "no-store"
    for name in ("nej", "..%2Fdemo", ".."):
        assert client.get(f"/mails/{name}").status_code == 404
    assert create_app(office).test_client().get("/mails/").status_code == 404


# --- HTTP ------------------------------------------------------------------------------------

PATHS = ["/", "/past", "/events/26-1", "/events/26-1.ics", "/events/26-1.json", "/calendar.ics"]


@pytest.mark.parametrize("path", [*PATHS, *("/en" + path for path in PATHS)])
def test_who_has_it_already_is_told_so(make_app: Any, path: str) -> None:
    """Each answer has an ETag that stays while nothing changes, and saves sending it again."""
    client = make_app(EVENT).test_client()
    first = client.get(path)
    assert first.cache_control
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", [*PATHS, "/healthz", "/nothing", "/static/icon.svg"])
def test_head_and_headers(make_app: Any, path: str) -> None:
    """HEAD answers as GET without a body; every answer is locked down and sets no cookie."""
    client = make_app(EVENT).test_client()
    got, head = client.get(path), client.head(path)
    assert (head.status_code, head.data) == (got.status_code, b"")
    assert head.headers.get("Content-Length") == got.headers.get("Content-Length")
    policy = got.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Referrer-Policy"]
    assert "Set-Cookie" not in got.headers
    got.close()
    head.close()


@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_policy_is_kept(make_app: Any, name: str, prefix: str) -> None:
    """No inline style, script or handler, and nothing fetched from anywhere else."""
    client = client_of(make_app, STATES[name][0])
    for path in ("/", "/past", "/events/26-1", "/nix"):
        page = BeautifulSoup(client.get(prefix + path).data, "html.parser")
        assert page.select("[style], style") == []
        assert [one.get("type") for one in page.select("script")] in ([], ["application/ld+json"])
        assert not [
            attribute
            for tag in page.find_all(True)
            for attribute in tag.attrs
            if attribute[:2] == "on"
        ]
        fetched = page.select("link[rel=stylesheet], link[rel=icon], img, script[src], iframe")
        assert all(str(tag.get("href", "")).startswith("/") for tag in fetched)


@pytest.mark.parametrize(
    ("path", "method", "status", "said"),
    [
        ("/nix", "GET", 404, "Siden findes ikke"),
        ("/en/nix", "GET", 404, "There is no such page"),
        ("/events/99-9", "GET", 404, "Siden findes ikke"),
        ("/en/events/99-9.ics", "GET", 404, "There is no such page"),
        ("/events/" + "x" * 3000, "GET", 404, "Siden findes ikke"),
        ("/events/%00", "GET", 404, "Siden findes ikke"),
        ("/events/%ff.json", "GET", 404, "Siden findes ikke"),
        ("/calendar.ics?x=1", "GET", 400, "Det kan vi ikke forstå"),
        ("/", "POST", 405, "Det kan man ikke her"),
        ("/en/events/26-1", "DELETE", 405, "That cannot be done here"),
    ],
)
def test_errors_are_pages(make_app: Any, path: str, method: str, status: int, said: str) -> None:
    """Whatever was asked, the answer is a page in the reader's language with a way on."""
    response = make_app(EVENT).test_client().open(path, method=method)
    assert response.status_code == status
    page = BeautifulSoup(response.data, "html.parser")
    assert text(page.h1) == said
    assert page.select_one("main a") is not None
    assert (status == 405) == ("Allow" in response.headers)


def test_english_without_its_slash_is_found(make_app: Any) -> None:
    """``/en`` leads to ``/en/``."""
    response = make_app().test_client().get("/en")
    assert response.status_code == 308
    assert response.headers["Location"].endswith("/en/")


def test_a_failure_is_a_page_and_names_nothing(make_app: Any, monkeypatch: Any) -> None:
    """An error of ours is a 500 with one sentence, and shows nothing of the inside."""
    app = make_app(EVENT)
    app.testing = False
    office = app.extensions["eventkit"].office
    monkeypatch.setattr(type(office), "now", lambda self: 1 / 0)
    response = app.test_client().get("/events/26-1")
    assert response.status_code == 500
    assert "Noget gik galt hos os" in response.text
    assert "ZeroDivision" not in response.text


def test_a_missing_database_is_a_page(make_app: Any, monkeypatch: Any) -> None:
    """A database that fails is a 503 for readers and for machines."""
    from eventkit.model.errors import StoreError

    def broken(*_: Any, **__: Any) -> None:
        raise StoreError("gone", code="no_database", file="x")

    app = make_app(EVENT)
    store = app.extensions["eventkit"].office.store
    for name in ("posted", "count", "listed"):
        monkeypatch.setattr(store, name, broken)
    client = app.test_client()
    assert client.get("/events/26-1").status_code == 503
    assert client.get("/").status_code == 503
    health = client.get("/healthz")
    assert health.status_code == 503
    assert health.get_json()["ok"] is False


def test_health_is_for_machines(make_app: Any) -> None:
    """All well is 200 and JSON, with no name in it."""
    response = make_app(EVENT).test_client().get("/healthz")
    assert response.status_code == 200
    assert response.get_json()["ok"] is True
    assert "Netværk" not in response.text


# --- plugins ---------------------------------------------------------------------------------

PANEL = """
from eventkit import hookimpl
from eventkit.plugins.hooks import Panel
eventkit_api = 1

@hookimpl
def eventkit_event_panels(event, language):
    title = {"da": "Parkering", "en": "Parking"}[language]
    return Panel(title=title, text="**Gratis** <script>x</script>")
"""


def test_a_plugins_panel_stands_below_the_programme(make_app: Any, tmp_path: Path) -> None:
    """Its Markdown is rendered, its HTML is not, and one that fails is simply not there."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "parking.py").write_text(PANEL)
    (folder / "broken.py").write_text(PANEL.replace("return Panel", "raise SystemExit\n    Panel"))
    page = soup(make_app(EVENT, plugins=folder).test_client(), "/events/26-1")
    panels = page.select(".panel")
    assert [text(panel.h2) for panel in panels] == ["Parkering"]
    assert panels[0].strong is not None
    sections = [section["class"][0] for section in page.select(".text > section")]
    assert sections.index("panel") == sections.index("programme") + 1


EXPORTERS = """
from eventkit import hookimpl
from eventkit.plugins.hooks import Exporter
eventkit_api = 1

def write(request):
    return request.events[0].title.encode()

@hookimpl
def eventkit_exporters():
    common = dict(title={"da": "x", "en": "x"}, media_type="text/plain", suffix=".txt", write=write)
    yield Exporter(name="txt", **common)
    yield Exporter(name="names", scope="participants", **common)
"""


def test_a_plugins_format_has_an_address_of_its_own(make_app: Any, tmp_path: Path) -> None:
    """A format of events is public under its name; one of participants is not there at all."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "texts.py").write_text(EXPORTERS)
    client = make_app(EVENT, plugins=folder).test_client()
    response = client.get("/events/26-1.txt")
    assert response.data == EVENT.title.encode()
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["Content-Disposition"] == "inline; filename=26-1.txt"
    assert client.get("/events/26-1.names").status_code == 404
    assert client.get("/events/26-1.unknown").status_code == 404


@pytest.mark.parametrize(
    ("field", "hostile"),
    [
        ("media_type", "text/plæin"),
        ("media_type", "text/plain\\r\\nX-Own: 1"),
        ("suffix", ".t\\nxt"),
        ("suffix", ".\\ud800"),
        ("suffix", '."x'),
    ],
)
def test_a_plugins_format_cannot_break_an_answer(
    make_app: Any, tmp_path: Path, field: str, hostile: str
) -> None:
    """What no header can hold is no format: its address is a page that says so."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    good = {"media_type": "text/plain", "suffix": ".txt"}[field]
    (folder / "texts.py").write_text(
        EXPORTERS.replace(f'{field}="{good}"', f"{field}='{hostile}'"), "utf-8"
    )
    app = make_app(EVENT, plugins=folder)
    app.testing = False
    response = app.test_client().get("/events/26-1.txt")
    assert response.status_code == 404
    assert response.mimetype == "text/html"
    assert "X-Own" not in response.headers
    assert app.test_client().get("/events/26-1").status_code == 200


FAILING = EXPORTERS.replace("return request", "raise KeyError('Anne Jensen')\n    return request")


def test_a_plugins_format_that_fails_is_a_page_and_a_line(
    make_app: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The reader gets a page in their language; the log names the plugin, and nobody else."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "texts.py").write_text(FAILING)
    app = make_app(EVENT, plugins=folder)
    app.testing = False
    response = app.test_client().get("/en/events/26-1.txt")
    assert response.status_code == 500
    assert BeautifulSoup(response.text, "html.parser").h1 is not None
    assert "plugin_raised at /en/events/26-1.txt: plugin texts" in caplog.text
    assert "Anne" not in caplog.text


@pytest.mark.parametrize(("settings", "kept"), [({"base_url": "https://site.example"}, 1), ({}, 5)])
def test_visitors_do_not_fill_what_is_kept(
    make_app: Any, settings: dict[str, str], kept: int
) -> None:
    """Where the site knows its address, a page is kept once, whatever a visitor calls it."""
    app = make_app(EVENT, **settings)
    client = app.test_client()
    for number in range(5):
        client.get("/events/26-1", headers={"Host": f"host{number}.example"})
    assert len(app.extensions["eventkit"].kept) == kept


def test_the_style_sheet_is_fetched_once(make_app: Any) -> None:
    """Its address names its version; it is kept for ever, and packed for who can unpack."""
    client = make_app().test_client()
    href = re.search(r'href="(/look-[0-9a-f]+\.css)"', client.get("/").text)
    assert href is not None
    plain = client.get(href[1])
    packed = client.get(href[1], headers={"Accept-Encoding": "gzip"})
    assert plain.mimetype == "text/css"
    assert "immutable" in plain.headers["Cache-Control"]
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain.data) / 4
    assert packed.headers["Vary"] == "Accept-Encoding"
