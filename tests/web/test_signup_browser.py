"""Signing up in a real browser without JavaScript: the whole walk, by finger and by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
from attrs import evolve
from playwright.sync_api import Browser, Page

from eventkit.model.event import Event
from eventkit.model.values import (
    Before,
    Contact,
    Fee,
    Money,
    OnlineAccess,
    Question,
    Venue,
    zone,
)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PLACE = zone("Europe/Copenhagen")
AXE = files("axe_playwright_python") / "axe.min.js"
WORD = "Boligorganisationsbestyrelsesmedlemsvalgforsamling"

PLAIN = Event(
    id="plain",
    title="Netværksmøde: Frivillige i boligområdet",
    starts=datetime(2026, 5, 21, 9, 30, tzinfo=PLACE),
    ends=datetime(2026, 5, 21, 15, tzinfo=PLACE),
    deadline=date(2026, 5, 18),
    venue=Venue(
        name="Beboerhuset Birken",
        room="Lokale 2",
        street="Birkeparken 14",
        postcode="8210",
        locality="Aarhus V",
        directions="Indgang fra gården.",
    ),
    contact=Contact(name="Sekretariatet", phone="70 20 00 00", email="post@netvaerk.example"),
    price=Money(0),
)
FULL = evolve(
    PLAIN,
    id="full",
    title=f"Kursus: {WORD}",
    online=OnlineAccess(provider="Teams"),
    capacity=1,
    online_capacity=40,
    price=Money(Decimal("1250.50")),
    fees=(Fee(since=Before(days=7), money=Money(500)),),
    no_show_fee=Money(1250),
    questions=(
        Question(key="job", text=f"Hvad laver du i {WORD}?", required=True),
        Question(key="mad", text="Er der mad, du ikke kan spise?", sensitive=True),
        Question(key="hold", text="Hvilket hold?", answer="choice", options=("A", WORD * 2)),
        Question(key="by", text="Hvor fra?", answer="choice", options=(*"ABCDEF", WORD)),
        Question(key="emner", text="Emner?", answer="several", options=("Støj", WORD)),
        Question(key="bus", text="Med bus?", answer="yes_no", required=True),
    ),
)
CLOSED = evolve(PLAIN, id="closed", deadline=date(2026, 5, 1))


@pytest.fixture
def open_page(browser: Browser, served: Callable[..., str]) -> Iterator[Callable[..., Page]]:
    """Opens a page in a window of some width, without JavaScript unless it says so."""
    site = served(PLAIN, FULL, CLOSED, secret="s" * 40)
    contexts = []
    said: list[str] = []

    def open_at(path: str, width: int = 390, *, script: bool = False, **more: Any) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 844}, java_script_enabled=script, **more
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.goto(site + path)
        return page

    yield open_at
    for context in contexts:
        context.close()
    # Who goes back comes to a field in an error, and leaves what was still on its way.
    expected = ("422", "409", "Autofocus processing was blocked", "net::ERR_ABORTED")
    assert [line for line in said if not any(one in line for one in expected)] == []


def send(page: Page) -> None:
    """Press the form's button, and wait for the page that answers: a click alone does not."""
    with page.expect_navigation():
        page.locator("form button.button").click()


def test_the_whole_walk(open_page: Callable[..., Page]) -> None:
    """From the event's page to the form, an error, the mended form, the receipt; and again."""
    page = open_page("/events/plain")
    page.locator("a.button").click()
    page.get_by_label("Navn").fill("Anne Jensen")
    page.get_by_label("E-mail").fill("anne@netvaerk")
    send(page)
    assert page.title().startswith("Fejl: ")
    assert page.locator(".notice").evaluate("box => box === document.activeElement")
    page.locator(".notice a").click()
    assert page.url.endswith("#people-0-email")
    page.get_by_label("E-mail").fill("anne@netvaerk.example")
    send(page)
    assert page.locator("h1").inner_text() == "Du har en plads"
    receipt = page.url
    page.reload()
    assert page.locator("h1").inner_text() == "Du har en plads"
    page.go_back()
    assert page.get_by_label("E-mail").input_value() == "anne@netvaerk.example"
    send(page)
    assert page.url == receipt


def test_who_reads_on_and_goes_back_finds_what_they_wrote(open_page: Callable[..., Page]) -> None:
    """From an empty form as from one with an error, and back."""
    page = open_page("/events/plain/register")
    for name in ("Anne", "Bo"):
        page.get_by_label("Navn").fill(name)
        page.locator(".to a").click()
        page.go_back()
        assert page.get_by_label("Navn").input_value() == name
        send(page)


def test_by_keyboard_alone(open_page: Callable[..., Page]) -> None:
    """Enter in a field sends the form, and does not ask for one more or take one away."""
    page = open_page("/events/plain/register", script=True)
    page.get_by_label("Navn").focus()
    page.keyboard.type("Anne")
    page.keyboard.press("Tab")
    page.keyboard.type("anne@netvaerk.example")
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value") == "add"
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'people-1-name'")
    page.keyboard.type("Bo")
    page.keyboard.press("Enter")
    assert page.locator("h1").inner_text() == "I har 2 pladser"


def test_the_receipt_is_one_picture(open_page: Callable[..., Page]) -> None:
    """At 390 × 844 px it shows what, when, where, who, until when and whom to call."""
    page = open_page("/events/plain/register")
    page.get_by_label("Navn").fill("Anne Jensen")
    page.get_by_label("E-mail").fill("anne@netvaerk.example")
    send(page)
    for text in ("Torsdag den", "Birkeparken 14", "Anne Jensen", "melde afbud", "70 20 00 00"):
        box = page.locator(f"main :text('{text}')").last.bounding_box()
        assert box is not None, text
        assert box["y"] + box["height"] <= 844, text


def test_a_plain_form_takes_two_screens_at_most(open_page: Callable[..., Page]) -> None:
    """Everything to fill in, and the button, within twice the height of a phone."""
    page = open_page("/events/plain/register")
    box = page.locator("form button.button").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 2 * 844


STATES: dict[str, Callable[[Page], None]] = {
    "the form": lambda page: None,
    "errors": send,
    "three people": lambda page: (
        page.locator("button.add").click(),
        page.locator("button.add").click(),
        page.locator("#people-1-name").fill(WORD * 2),
        send(page),
    )[-1],
}


def states(open_page: Callable[..., Page]) -> Iterator[tuple[str, Page]]:
    """The form in each of its states, and what comes after it."""
    for path in ("/events/full/register", "/en/events/full/register"):
        page = open_page(path, script=True, bypass_csp=True)
        for name, bring in STATES.items():
            bring(page)
            yield f"{path}: {name}", page
        for number in range(3):
            page.locator(f"#people-{number}-name").fill(f"{WORD} {number} {path}")
            page.locator(f"#people-{number}-q_job").fill("Drift")
            page.locator(f"#people-{number}-q_bus-1").check()
        page.locator("#people-0-email").fill("anne@netvaerk.example")
        page.locator("#mode-2").check()
        send(page)
        assert "/r/" in page.url
        yield f"{path}: the receipt", page
        page.goto(page.url.partition("/r/")[0].removesuffix("/en") + path)
        page.locator("#mode-1").check()
        page.locator("#people-0-name").fill("Bo")
        page.locator("#people-0-email").fill(f"bo{len(path)}@netvaerk.example")
        page.locator("#people-0-q_job").fill("Drift")
        page.locator("#people-0-q_bus-1").check()
        page.locator("button.add").click()
        page.locator("button.plain", has_text="1").first.click()
        send(page)
        yield f"{path}: a seat or a place", page
    page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + "/events/closed/register")
    yield "closed", page


def test_nothing_is_wider_than_the_window(open_page: Callable[..., Page]) -> None:
    """No form, error or receipt scrolls sideways, whatever its words, from 320 px up."""
    for name, page in states(open_page):
        for width in (320, 390, 899, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wide <= 0, (name, width)


def test_axe_finds_nothing(open_page: Callable[..., Page]) -> None:
    """No violation of axe-core's rules in any state, light and dark."""
    source = AXE.read_text()
    for name, page in states(open_page):
        page.evaluate(source)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
            assert [(name, scheme, one["id"], one["nodes"][0]["html"]) for one in found] == []


SMALL = """() => ['input', 'select', 'button', 'summary']
  .flatMap(name => [...document.querySelectorAll('form ' + name)])
  .filter(one => one.type !== 'hidden' && !one.classList.contains('unseen'))
  .map(one => one.closest('label.tick') || one)
  .filter(one => one.getBoundingClientRect().height < 44)
  .map(one => one.outerHTML.slice(0, 80))"""


def test_everything_to_press_is_large(open_page: Callable[..., Page]) -> None:
    """Every field and button is at least 44 px high, and text is 18 px."""
    page = open_page("/events/full/register", script=True)
    page.locator("button.add").click()
    assert page.evaluate(SMALL) == []
    for selector in ("#people-0-name", "label.tick", "button.button", ".terms"):
        size = f"getComputedStyle(document.querySelector('{selector}')).fontSize"
        assert page.evaluate(size) == "18px", selector


def test_a_form_and_a_receipt_can_be_printed(open_page: Callable[..., Page]) -> None:
    """A receipt takes one page."""
    page = open_page("/events/plain/register")
    page.get_by_label("Navn").fill("Anne Jensen")
    page.get_by_label("E-mail").fill("anne@netvaerk.example")
    send(page)
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
