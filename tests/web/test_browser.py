"""The pages in a real browser: on a phone, on a desk, in the dark, on paper, by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from attrs import evolve
from playwright.sync_api import Browser, Page

from eventkit.model.event import AgendaItem, Event, Status
from eventkit.model.values import zone
from eventkit.plugins.hooks import ImportRequest
from eventkit.plugins.manager import Plugins
from eventkit_web import demo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PLACE = zone("Europe/Copenhagen")
NOW = datetime(2026, 5, 4, 10, 15, tzinfo=PLACE)
AXE = files("axe_playwright_python") / "axe.min.js"
WORD = "Boligorganisationsbestyrelsesmedlemsvalgforsamling"


def hard() -> tuple[Event, ...]:
    """Pages that break layouts: long words, 40 items over three days, wide tables, nothing."""
    starts = datetime(2026, 6, 1, 9, tzinfo=PLACE)
    items = tuple(
        AgendaItem(
            title=f"{WORD} {number}",
            starts=starts + timedelta(days=number // 14, minutes=30 * (number % 14)),
            ends=starts + timedelta(days=number // 14, minutes=30 * (number % 14) + 30),
            track=f"Spor {number % 2}" if number % 5 else "",
            description=""
            if number
            else f"| {WORD} | {WORD} |\n|---|---|\n| a | b |\n\n`{WORD * 3}`",
        )
        for number in range(40)
    )
    return (
        Event(id="long", title=f"Om {WORD * 2} i lange titler", starts=starts, programme=items),
        Event(id="bare", title="Kort", starts=starts),
        Event(id="english", title="A talk in English", language="en", starts=starts),
    )


@pytest.fixture
def site(served: Callable[..., str], clock: Any) -> str:
    """The demo's events, and the hard ones."""
    clock.now = NOW
    return served(*demo.events(NOW), *hard())


PATHS = [
    "/",
    "/past",
    "/nix",
    "/events/26-101",
    "/events/26-102",
    "/events/26-103",
    "/events/26-105",
    "/events/26-110",
    "/events/long",
    "/events/bare",
    "/en/",
    "/en/nix",
    "/en/events/26-103",
    "/en/events/26-105",
]


@pytest.fixture
def open_page(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Opens a page of the site in a window of some width; fails on any complaint of the browser."""
    contexts = []
    said: list[str] = []

    def open_at(path: str, width: int = 1280, **more: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 844}, **more)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.goto(site + path)
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert [line for line in said if "404" not in line] == []


def test_nothing_is_wider_than_the_window(open_page: Callable[..., Page]) -> None:
    """No page scrolls sideways, whatever its words, from 320 px up."""
    page = open_page("/")
    for path in PATHS:
        page.goto(urljoin(page.url, path))
        for width in (320, 390, 899, 900, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wide <= 0, (path, width)


def test_axe_finds_nothing(open_page: Callable[..., Page]) -> None:
    """No violation of axe-core's rules on any page, light and dark, on a phone and on a desk."""
    page = open_page("/", bypass_csp=True)
    source = AXE.read_text()
    for path in PATHS:
        page.goto(urljoin(page.url, path))
        page.evaluate(source)
        for width, scheme in ((390, "light"), (390, "dark"), (1280, "light")):
            page.set_viewport_size({"width": width, "height": 844})
            page.emulate_media(color_scheme=scheme)
            found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
            assert [(path, scheme, one["id"], one["nodes"][0]["html"]) for one in found] == []


def top(page: Page, selector: str) -> float:
    box = page.locator(selector).first.bounding_box()
    assert box is not None, selector
    return float(box["y"])


def left(page: Page, selector: str) -> float:
    box = page.locator(selector).first.bounding_box()
    assert box is not None, selector
    return float(box["x"])


def test_on_a_phone_the_first_glance_answers(open_page: Callable[..., Page]) -> None:
    """What, whether one may join, when and where are in the first window; text comes after."""
    page = open_page("/events/26-102", 390)
    day, place = "dd:has-text('9.30–15.00')", "dd:has-text('Birken')"
    for selector in ("h1", ".join .state", ".button", day, place):
        assert top(page, selector) < 800, selector
    assert top(page, ".facts") < top(page, ".teaser") < top(page, ".about")
    assert top(page, ".items .hours") < top(page, ".items .item") - 5


def test_from_900_px_the_facts_stand_beside_the_text(open_page: Callable[..., Page]) -> None:
    """Two columns from 900 px, one below; times beside their items."""
    page = open_page("/events/26-102", 900)
    assert left(page, ".facts") > left(page, ".teaser") + 300
    assert abs(top(page, ".glance") - top(page, "h1")) < 60
    assert abs(top(page, ".items .hours") - top(page, ".items .item")) < 8
    narrow = open_page("/events/26-102", 899)
    assert left(narrow, ".facts") == left(narrow, "h1")


LINES = """() => {
  let most = 0;
  for (const p of document.querySelectorAll('.teaser, .prose p, .prose li')) {
    for (const node of p.childNodes) {
      if (node.nodeType !== 3) continue;
      const range = document.createRange();
      let y = null, length = 0;
      for (let i = 0; i < node.length; i++) {
        range.setStart(node, i); range.setEnd(node, i + 1);
        const box = range.getBoundingClientRect();
        if (!box.width) continue;
        if (y === null || Math.abs(box.y - y) > 3) { y = box.y; length = 0; }
        most = Math.max(most, ++length);
      }
    }
  }
  return most;
}"""


@pytest.mark.parametrize("width", [390, 1280])
def test_a_line_is_never_long(open_page: Callable[..., Page], width: int) -> None:
    """Text is 18 px, and a line of it has at most 66 characters (a few more of the narrow ones)."""
    page = open_page("/events/26-102", width)
    assert page.evaluate("getComputedStyle(document.querySelector('.prose')).fontSize") == "18px"
    assert page.evaluate(LINES) <= 68


def test_the_first_tab_skips_and_every_link_shows_where_one_is(
    open_page: Callable[..., Page],
) -> None:
    """By keyboard alone: skip link first, then all links in reading order, each outlined."""
    page = open_page("/events/26-102", 390)
    page.keyboard.press("Tab")
    focus = "document.activeElement"
    assert page.evaluate(f"{focus}.className") == "skip"
    assert page.evaluate(f"{focus}.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate(f"{focus}.className") == "button"
    seen = []
    for _ in range(30):
        style = page.evaluate(f"getComputedStyle({focus}).outlineStyle")
        if page.evaluate(f"{focus}.tagName") != "A":
            break
        assert style == "solid", page.evaluate(f"{focus}.outerHTML")
        seen.append(page.evaluate(f"{focus}.getBoundingClientRect().top + scrollY"))
        page.keyboard.press("Tab")
    assert len(seen) > 6
    assert seen == sorted(seen)


def test_it_works_without_javascript(open_page: Callable[..., Page]) -> None:
    """List, event and language switch, with scripts off."""
    page = open_page("/", 390, java_script_enabled=False)
    page.get_by_role("link", name="Netværksmøde: Frivillige i boligområdet").click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("Netværksmøde")
    page.get_by_role("link", name="English").click()
    assert "/en/events/26-102" in page.url
    assert page.get_by_text("Open for registration").first.is_visible()


def test_the_running_item_is_seen(open_page: Callable[..., Page]) -> None:
    """ "Nu" is a word one can see, with a bar beside the row."""
    page = open_page("/events/26-101", 390)
    assert page.locator("li.now .nu").inner_text().strip() == "Nu"
    bar = "getComputedStyle(document.querySelector('li.now')).borderLeftWidth"
    assert page.evaluate(bar) == "3px"


# --- on paper --------------------------------------------------------------------------------


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def printed(browser: Browser, address: str) -> tuple[int, list[str]]:
    """How many A4 pages `address` takes, and the sizes they have."""
    page = browser.new_page()
    page.goto(address)
    pdf = page.pdf(prefer_css_page_size=True)
    page.close()
    sizes = {size.decode() for size in re.findall(rb"/MediaBox\s*\[([^\]]+)\]", pdf)}
    return pages_of(pdf), sorted(sizes)


def test_the_announcement_is_printed_on_one_page(
    browser: Browser, served: Callable[..., str], announcement: Path, clock: Any
) -> None:
    """The real announcement, imported as it is, takes one A4 page, and so does the English one."""
    plugins = Plugins.load()
    request = ImportRequest(data=announcement.read_bytes(), filename="21-374.txt")
    _, imported = plugins.read(request)
    (event,) = imported.events
    address = served(evolve(event, status=Status.PUBLISHED))
    for path in ("/events/21-374", "/en/events/21-374"):
        number, sizes = printed(browser, address + path)
        assert number == 1, path
        assert all(size.split()[2].startswith("59") for size in sizes), "A4"


@pytest.mark.parametrize("path", ["/events/26-102", "/events/26-105", "/events/bare", "/"])
def test_other_pages_are_printed_on_one_page(browser: Browser, site: str, path: str) -> None:
    """A two-day conference with tracks, too, and the list."""
    assert printed(browser, site + path)[0] == 1
