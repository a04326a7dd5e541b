"""A person's page in a real browser without JavaScript, in every state, narrow and wide."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any

import pytest
from attrs import evolve
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from eventkit.model.decision import Allowed
from eventkit.model.event import Event, Status
from eventkit.model.registration import Registration, Signup
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
    Side,
    Venue,
    zone,
)
from eventkit.office.usecases import Office

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PLACE = zone("Europe/Copenhagen")
AXE = files("axe_playwright_python") / "axe.min.js"
WORD = "Boligorganisationsbestyrelsesmedlemsvalgforsamling"
PUBLIC = Actor(Side.PUBLIC)
ANSWERS = {"job": "Drift", "mad": WORD * 2, "mad.consent": True, "emner": (WORD,), "bus": True}

PLAIN = Event(
    id="plain",
    title=f"Kursus: {WORD}",
    starts=datetime(2026, 5, 21, 9, 30, tzinfo=PLACE),
    ends=datetime(2026, 5, 21, 15, tzinfo=PLACE),
    deadline=date(2026, 5, 18),
    venue=Venue(name="Beboerhuset", street="Birkeparken 14", postcode="8210", locality="Aarhus V"),
    contact=Contact(name="Sekretariatet", phone="70 20 00 00", email="post@netvaerk.example"),
    price=Money(900),
    fees=(Fee(since=Before(days=40), money=Money(500)),),
    questions=(
        Question(key="job", text=f"Hvad laver du i {WORD}?", required=True),
        Question(key="mad", text="Er der mad, du ikke kan spise?", sensitive=True),
        Question(key="emner", text="Emner?", answer="several", options=("Støj", WORD)),
        Question(key="bus", text="Med bus?", answer="yes_no"),
    ),
    online=OnlineAccess(provider="Teams", url="https://teams.example/l/" + "x" * 200),
    capacity=20,
)
OFFERS = evolve(PLAIN, id="offers", capacity=2, offers_from=Before(days=60))
OFF, POSTPONED = evolve(PLAIN, id="off"), evolve(PLAIN, id="postponed")


@pytest.fixture
def app(make_app: Any) -> Flask:
    made: Flask = make_app(PLAIN, OFFERS, OFF, POSTPONED, secret="s" * 40)
    return made


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A phone's window; scripts are on for axe alone, for the pages have none."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, bypass_csp=True)
    yield context.new_page()
    context.close()


def office_of(app: Flask) -> Office:
    office: Office = app.extensions["eventkit"].office
    return office


def register(app: Flask, event_id: str, *names: str, mode: Mode = Mode.ROOM) -> Registration:
    people = tuple(
        Person(name=name, email=f"{name[:4].lower()}@{WORD.lower()}.example" if at == 0 else "")
        for at, name in enumerate(names)
    )
    form = Signup(
        people=people,
        key=f"key-{event_id}-{names[0]}",
        mode=mode,
        answers=tuple(ANSWERS for _ in names),
    )
    decision = office_of(app).register(event_id, form, actor=PUBLIC)
    assert isinstance(decision, Allowed), decision
    return min(decision.value.registrations, key=lambda one: one.number)


def states(app: Flask, clock: Any) -> Iterator[tuple[str, str]]:
    """What a page is called, and its path, in each state there is; time goes on at the end."""
    office = office_of(app)

    def path(one: Registration, more: str = "") -> str:
        now = office.registration(one.event, one.number)
        return f"/r/{app.extensions['eventkit'].links.token(now)}{more}"

    anne, bo = register(app, "plain", "Anne Jensen"), register(app, "plain", WORD, "Line", WORD * 2)
    eva = register(app, "plain", "Eva", mode=Mode.ONLINE)
    yield "a seat", path(anne)
    yield "a party", path(bo)
    yield "a colleague", path(office.registration("plain", bo.number + 1))
    yield "online", path(eva)
    for one, more in (
        (anne, "/cancel"),
        (bo, "/cancel"),
        (bo, f"/edit/{bo.number}"),
        (anne, "/email"),
        (anne, f"/substitute/{anne.number}"),
        (bo, "/data"),
    ):
        yield more, path(one, more)
    office.cancel("plain", (anne.number,), actor=PUBLIC)
    yield "cancelled", path(anne)
    yield "to be erased", path(anne, "/data")
    register(app, "offers", "Ida", "Ole")
    waits, group = register(app, "offers", "Kaj"), register(app, "offers", "Mads", WORD)
    yield "waiting", path(waits)
    yield "a party that waits", path(group)
    office.cancel("offers", (1, 2), actor=PUBLIC)
    yield "an offer", path(waits)
    office.decline("offers", (waits.number,), actor=PUBLIC)
    yield "declined", path(waits)
    for event_id, status in (("off", Status.CANCELLED), ("postponed", Status.POSTPONED)):
        one, revision = register(app, event_id, "Anne"), office.revision(event_id)
        after = evolve(revision.event, status=status, status_reason=WORD)
        assert isinstance(office.change(after, base=revision.number, actor=SYSTEM), Allowed)
        yield status.value, path(one)
    for nobody in ("/r/x", "/r/sent", "/r/erased", "/find", "/find/sent"):
        yield nobody, nobody
    clock.now = datetime(2026, 5, 22, tzinfo=UTC)
    yield "over", path(bo)


@pytest.mark.parametrize("prefix", ["", pytest.param("/en", marks=pytest.mark.deep)])
def test_every_state_is_for_everybody(
    app: Flask, address: str, page: Page, clock: Any, prefix: str
) -> None:
    """No violation of axe-core's rules, light or dark, and nothing wider than 320 px."""
    source = AXE.read_text()
    for name, path in states(app, clock):
        page.goto(address + prefix + path)
        for width in (320, 390, 899, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wide <= 0, (name, width)
        page.evaluate(source)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
            assert [(name, scheme, one["id"], one["nodes"][0]["html"]) for one in found] == []


SMALL = """() => [...document.querySelectorAll(
    'main form button, main form input, .deeds a, .deeds button, .back a, label.tick')]
  .filter(one => one.type !== 'hidden' && !['checkbox', 'radio'].includes(one.type))
  .filter(one => one.getBoundingClientRect().height < 44)
  .map(one => one.outerHTML.slice(0, 80))"""


def test_everything_to_press_is_large(app: Flask, address: str, page: Page, clock: Any) -> None:
    """What one can do is at least 44 px high, in every state."""
    for name, path in states(app, clock):
        page.goto(address + path)
        assert page.evaluate(SMALL) == [], name


def test_the_whole_walk(app: Flask, address: str, browser: Browser) -> None:
    """From the mail's link to another address, a substitute and back, without JavaScript."""
    token = app.extensions["eventkit"].links.token(register(app, "plain", "Anne"))
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()

    def press(name: str) -> None:
        with page.expect_navigation():
            page.get_by_role("button", name=name).click()

    page.goto(f"{address}/r/{token}")
    page.get_by_text("Forkert? Ret den her").click()
    page.get_by_label("E-mail").fill("anne@rigtig.example")
    press("Gem")
    assert page.locator("p.notice").inner_text() == "Det er gemt."
    page.get_by_text("Meld afbud", exact=True).click()
    assert page.locator(".cost").inner_text() == "Det koster 500 kr. at melde afbud nu."
    page.get_by_text("Nej, gå tilbage").click()
    page.get_by_text("Send en stedfortræder").click()
    page.get_by_label("Navn").fill("Mads")
    press("Giv pladsen videre")
    assert page.locator(".notice.wrong").evaluate("box => box === document.activeElement")
    page.get_by_label("E-mail").fill("mads@rigtig.example")
    page.get_by_label("Hvad laver du").fill("Vært")
    press("Giv pladsen videre")
    assert page.locator("h1").inner_text() == "En stedfortræder kommer i stedet for dig"
    context.close()


def test_the_receipt_alone_is_printed(app: Flask, address: str, page: Page) -> None:
    """One page, with nothing on it that only a screen can do."""
    token = app.extensions["eventkit"].links.token(register(app, "plain", "Anne"))
    page.goto(f"{address}/r/{token}")
    page.emulate_media(media="print")
    for text in ("Anne", "Birkeparken 14", "70 20 00 00"):
        assert page.locator(f"main :text('{text}')").first.is_visible(), text
    for text in ("Send nyt link", "Forkert?", "Ret oplysninger", "Find min tilmelding"):
        assert not page.get_by_text(text).first.is_visible(), text
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
