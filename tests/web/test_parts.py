"""The parts pages are made of: Markdown, linked data, colours, links and rows."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from importlib.resources import files
from pathlib import Path

import pytest
from attrs import evolve

from eventkit.formats import markdown
from eventkit.formats.wording import wording
from eventkit.model.event import AgendaItem, Event
from eventkit.model.registration import Seats
from eventkit.model.values import OnlineAccess, Venue, zone
from eventkit.office.settings import CONTRAST, PAPER, OrganiserSettings, Settings, contrast
from eventkit.office.store import Store
from eventkit.office.usecases import Office
from eventkit.plugins.manager import Plugins
from eventkit.rules import checks, deadlines
from eventkit_web import demo, jsonld, look, pages, prose

PLACE = zone("Europe/Copenhagen")

# --- Markdown --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**fed**", "<p><strong>fed</strong></p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("<b>nej</b>", "<p>&lt;b&gt;nej&lt;/b&gt;</p>"),
        ("![billede](https://e.example/x.png)", "<p></p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("[x](data:text/html,x)", "<p>[x](data:text/html,x)</p>"),
        ("# Top\n\n## Under", "<h3>Top</h3>\n<h4>Under</h4>"),
        ("### Alene", "<h3>Alene</h3>"),
        ("3. tre", '<ol start="3">\n<li>tre</li>\n</ol>'),
    ],
)
def test_markdown_is_rendered_safely(text: str, html: str) -> None:
    """Formatting comes through; HTML, pictures and odd links do not; headings fit the page."""
    assert str(prose.html(text)).strip() == html


def test_a_link_says_nothing_about_where_the_reader_came_from() -> None:
    """Links that somebody wrote are without referrer and endorsement."""
    assert 'rel="noopener noreferrer nofollow"' in prose.html("[x](https://e.example)")


BOMBS = {
    "brackets": "[",
    "pictures": "![",
    "references": "[a][",
    "half links": "[a](b ",
    "titles": '[a](b "',
    "brackets in lines": "[a\n",
    "brackets and code": "[`",
    "brackets and stars": "*a [b",
    "stars": "*a ",
    "strong stars": "**a *b ",
    "stars in words": "*a**b_c",
    "lines under": "_a ",
    "code": "`a",
    "less than": "<",
    "addresses": "<http://",
    "quotes": "> ",
    "quotes and lists": "> - ",
    "lists in lists": "- ",
    "items": "- a\n",
    "numbers": "1) a\n2. b\n",
    "tables": "a|b\n-|-\n",
    "fences": "```\n",
    "escapes": "&#",
    "lines": "a\n",
}
"""What a text is filled with to keep a parser busy."""

SHAPES: dict[str, Callable[[int], str]] = {
    **{name: partial(lambda it, size: it * (size // len(it)), it) for name, it in BOMBS.items()},
    "brackets in brackets": lambda size: "[" * (size // 2) + "a" + "]" * (size // 2),
    "lines after quotes": lambda size: "> " * 20 + "a\n" + "b\n" * (size // 2),
    "steps": lambda size: "".join("  " * i + "- a\n" for i in range(int(size**0.5))),
    "one address for many": lambda size: f"[a]: {'x' * (size // 2)}\n\n" + "[a] " * (size // 8),
    "few brackets, many stars": lambda size: "[" * 999 + "*a " * (size // 3 - 333),
}


def effort(work: Callable[[], object]) -> int:
    """How many calls `work` makes: the same on every machine, however busy."""
    calls = 0

    def count(frame: object, event: str, arg: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return calls


def grows(work: Callable[[str], object], shape: Callable[[int], str], size: int) -> float:
    """How much more `work` has to do with a text four times `size`."""
    small, large = (effort(partial(work, shape(n))) for n in (size, 4 * size))
    return large / max(small, 1000)


@pytest.mark.parametrize("name", SHAPES)
def test_a_text_cannot_keep_the_site_busy(name: str) -> None:
    """Four times the text is about four times the work, little for each letter, and no flood."""
    shape, text = SHAPES[name], SHAPES[name](10_000)
    for said in (prose.html, markdown.plain):
        assert grows(said, shape, 4_000) < 8
        assert effort(partial(said, text)) < 200 * len(text)
        assert len(said(text)) < 20 * len(text)


@pytest.mark.parametrize("name", SHAPES)
def test_a_text_that_is_a_bomb_keeps_its_words(name: str) -> None:
    """Whatever is done to its signs, what stands before and after can be read."""
    bomb = SHAPES[name](40_000)
    said = re.sub("<[^>]*>", "", prose.html(f"Kom tidligt\n\n{bomb}Tag kaffe med"))
    assert "Kom tidligt" in said
    assert "Tag kaffe med" in said
    assert "<script" not in prose.html(f"{bomb}<script>alert(1)</script>")


def test_the_count_of_work_sees_what_is_quadratic() -> None:
    """The measure above is not blind."""
    assert grows(lambda text: [text.find(c) for c in text for _ in text], "a".__mul__, 100) > 12


def test_what_lies_too_deep_to_be_parsed_is_not_lost() -> None:
    """Five lists in each other are lists; where a parser gives up, the text stands as it is."""
    five = "".join("  " * i + f"- trin {i}\n" for i in range(5))
    assert prose.html(five).count("<ul>") == 5
    for deep in ("".join("  " * i + f"- trin {i}\n" for i in range(30)), "> " * 30 + "trin 29"):
        assert "trin 29" in prose.html(deep)
    assert prose.html("> " * 30 + "*a*\n\nb <i>").splitlines() == [
        f"<p>{'&gt; ' * 30}*a*</p>",
        "<p>b &lt;i&gt;</p>",
    ]


def test_a_long_text_is_still_markdown() -> None:
    """The limits are for attacks: five hundred links and a thousand items are formatted."""
    text = "[et link](https://e.example) og **fed** skrift\n\n" * 500 + "- punkt\n" * 1000
    made = prose.html(text)
    assert made.count("<a ") == made.count("<strong>") == 500
    assert made.count("<li>") == 1000


# --- linked data -----------------------------------------------------------------------------


def test_linked_data_cannot_leave_its_script() -> None:
    """No `<`, `>`, `&` or line separator is written as itself, and a reader gets them all back."""
    data = {"name": "</script><!-- & \u2028 \u2029 ' \" æøå"}
    said = jsonld.text(data)
    assert re.search(r"[<>&'\u2028\u2029]", said) is None
    assert said.isascii()
    assert json.loads(said) == data


def test_linked_data_keeps_a_private_link() -> None:
    """Whatever it is given, it tells only of a link that is marked public."""
    starts = datetime(2026, 5, 21, 9, tzinfo=PLACE)
    for public, said in ((False, "https://site.example/1"), (True, "https://secret.example")):
        online = OnlineAccess(url="https://secret.example", public=public)
        item = AgendaItem(title="I", starts=starts, online=online)
        event = Event(id="1", title="T", starts=starts, online=online, programme=(item,))
        data = jsonld.document(event, deadlines.Over(starts), address="https://site.example/1")
        assert data["location"]["url"] == said
        assert ("secret" in json.dumps(data)) == public


# --- colours ---------------------------------------------------------------------------------


def tokens() -> tuple[dict[str, str], dict[str, str]]:
    """The colours of the style sheet, in light and in dark mode."""
    css = (files("eventkit_web") / "static" / "eventkit.css").read_text("utf-8")
    light, dark = re.findall(r":root \{(.*?)\}", css, flags=re.DOTALL)[:2]
    return dict(re.findall(r"--([\w-]+): (#\w+);", light)), dict(
        re.findall(r"--([\w-]+): (#\w+);", dark)
    )


def wide(color: str) -> str:
    return "#" + "".join(c * 2 for c in color[1:]) if len(color) == 4 else color


def test_every_text_can_be_read_on_every_surface() -> None:
    """Ink, quiet text and errors reach 4.5:1 on paper and on tint, light and dark."""
    for colors in tokens():
        for text in ("ink", "quiet", "error"):
            for surface in ("paper", "tint"):
                assert contrast(colors[text], colors[surface]) >= CONTRAST, (text, surface)


def test_paper_is_what_settings_check_against() -> None:
    """An organiser's colour is checked on the paper the pages have."""
    assert tokens()[0]["paper"] == PAPER


@pytest.mark.parametrize(
    "color", ["#1f5f5b", "#8a3d14", "#000000", "#00008b", "#7a0019", "#4b0082"]
)
def test_an_accent_can_be_read_in_the_dark(color: str) -> None:
    """The colour made for dark mode is readable there as text, and under a button's dark text."""
    dark, light = tokens()[1], tokens()[0]
    made = look.on_dark(color)
    for surface in ("paper", "tint"):
        assert contrast(made, dark[surface]) >= CONTRAST
    assert contrast(made, dark["on-accent"]) >= CONTRAST
    assert contrast(color, wide(light["on-accent"])) >= CONTRAST


def test_each_organiser_has_its_accent() -> None:
    """The style sheet holds the site's colour, and one for each organiser that differs."""
    settings = Settings(
        color="#123456",
        organiser={"a": OrganiserSettings(color="#654321"), "b": OrganiserSettings(zone="UTC")},
    )
    css = look.look(settings).css.decode()
    assert ":root{--accent:#123456}" in css
    assert 'body[data-by="a"]{--accent:#654321}' in css
    assert 'data-by="b"' not in css


# --- links -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "url"),
    [
        ("33 76 20 00", "tel:+4533762000"),
        ("+45 33 76 20 00", "tel:+4533762000"),
        ("0046 40 123 456", "tel:+4640123456"),
        ("112", "tel:112"),
        ("ring i kontortiden", ""),
        ("", ""),
    ],
)
def test_a_phone_number_can_be_called(number: str, url: str) -> None:
    """Eight digits are Danish; what is no number is only text."""
    assert pages.phone_url(number) == url


@pytest.mark.parametrize(
    ("address", "subject", "url"),
    [
        ("a@b.example", "", "mailto:a@b.example"),
        ("a@b.example", "Å & ?", "mailto:a@b.example?subject=%C3%85%20%26%20%3F"),
        ("a+b?x@c.example", "", "mailto:a+b%3Fx@c.example"),
        ("ikke en adresse", "", ""),
        ("a@b,c@d", "", ""),
    ],
)
def test_an_address_can_be_written_to(address: str, subject: str, url: str) -> None:
    """Nothing in an address or a subject becomes a header of the mail."""
    assert pages.mail_url(address, subject) == url


@pytest.mark.parametrize(
    ("venue", "query"),
    [
        (
            Venue(name="Huset", street="Gade 1", postcode="8000", locality="Aarhus"),
            "Gade+1%2C+8000+Aarhus",
        ),
        (Venue(name="Huset", locality="Aarhus"), "Huset%2C+Aarhus"),
        (Venue(locality="Aarhus"), "Aarhus"),
        (Venue(locality="Malmö", country="Sverige"), "Malm%C3%B6%2C+Sverige"),
        (Venue(name="Huset"), None),
    ],
)
def test_an_address_can_be_looked_up(venue: Venue, query: str | None) -> None:
    """The map is searched for what is known; a mere name is not enough."""
    found = pages.map_url(venue)
    assert found == (f"{pages.MAP}?query={query}" if query else "")


def test_an_address_says_each_thing_once() -> None:
    """A house that is called as its street does not stand there twice."""
    venue = Venue(name="Rosenhøj", street="Rosenhøj", postcode="8260", locality="Viby J")
    assert pages.where(venue) == ("Rosenhøj", "8260 Viby J")


def test_a_description_ends_with_a_whole_word() -> None:
    """What search results show is at most 200 characters, and never half a word."""
    starts = datetime(2026, 5, 21, 9, tzinfo=PLACE)
    long = Event(id="1", title="T", starts=starts, summary="ordet " * 100)
    said = pages.description(long, wording("da"))
    assert len(said) <= pages.DESCRIPTION_LENGTH + 2
    assert set(said.split()) == {"ordet", "…"}
    bare = Event(id="1", title="T", starts=starts, kind="Kursus", venue=Venue(name="Huset"))
    said = pages.description(bare, wording("da"))
    assert said == "Kursus · Torsdag den 21. maj 2026 kl. 9.00 · Huset"


# --- the demo --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 5, 4, 12, tzinfo=UTC),
        datetime(2026, 5, 4, 0, 10, tzinfo=UTC),
        datetime(2026, 5, 4, 21, 50, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 12, 31, 23, 30, tzinfo=UTC),
        datetime(2028, 2, 29, 12, tzinfo=UTC),
    ],
)
def test_the_demo_shows_every_state_whenever_it_is_run(now: datetime) -> None:
    """Every state is there, no event has an error, and ids are unique."""
    events = demo.events(now)
    assert len({event.id for event in events}) == len(events)
    found = {type(deadlines.state(event, seats(event), now=now)).__name__ for event in events}
    assert found == STATES
    for event in events:
        assert [f for f in checks.check(event) if f.severity == "error"] == [], event.title


def seats(event: Event) -> Seats:
    """The seats of an event of the demo when its guests have come."""
    mode, guests = event.modes[0], len(demo.guests(event))
    places = Seats.of(event).in_mode(mode)
    seated = guests if places.capacity is None else min(guests, places.capacity)
    taken = evolve(places, confirmed=seated, waiting=guests - seated)
    return Seats.of(event).with_mode(mode, taken)


STATES = {
    "Draft",
    "Cancelled",
    "Postponed",
    "Over",
    "NotYetOpen",
    "Closed",
    "WaitingOnly",
    "Open",
}


@pytest.fixture(scope="module")
def holidays() -> frozenset[date]:
    """Denmark's, of all the years these tests look at."""
    easters = (date(2025, 4, 20), date(2026, 4, 5), date(2027, 3, 28), date(2028, 4, 16))
    moving = {day + timedelta(days=n) for day in easters for n in (-3, -2, 1, 39, 50)}
    fixed = {date(day.year, *it) for day in easters for it in ((1, 1), (6, 5), (12, 25), (12, 26))}
    return frozenset(moving | fixed)


def is_working_day(day: date, holidays: frozenset[date]) -> bool:
    """Whether a Danish reader would believe that people meet."""
    christmas = date(day.year, 12, 22) <= day or day <= date(day.year, 1, 2)
    return day.weekday() < 5 and day not in holidays and not christmas


def moments() -> Iterator[datetime]:
    """Each day of two years at noon and at midnight, and each hour of some days."""
    start = datetime(2026, 1, 1, 12, 5, tzinfo=PLACE)
    for day in range(731):
        yield start + timedelta(days=day)
        yield start + timedelta(days=day, hours=12)
    for some in ((2026, 5, 4), (2026, 5, 9), (2026, 3, 29), (2026, 10, 25), (2026, 12, 24)):
        yield from (datetime(*some, hour, 30, tzinfo=PLACE) for hour in range(24))


def test_the_demo_is_plausible_on_every_day_and_at_every_hour(holidays: frozenset[date]) -> None:
    """All states, held by day and on days when people work; deadlines and openings too."""
    for now in moments():
        shown = demo.events(now, holidays)
        states = [type(deadlines.state(e, seats(e), now=now)).__name__ for e in shown]
        assert set(states) == STATES, now
        assert states.count("Open") in (4, 5), now
        for event in shown:
            assert event.ends is not None
            for time in (event.starts, event.ends):
                assert is_working_day(time.date(), holidays), (now, event.title, time)
                assert 7 <= time.hour < 22, (now, event.title, time)
            last = deadlines.closing(event.deadline, event) - timedelta(microseconds=1)
            assert is_working_day(last.date(), holidays), (now, event.title, last)
            if event.opens is not None:
                opens = deadlines.opening(event.opens, event).date()
                assert is_working_day(opens, holidays), (now, opens)


@pytest.mark.parametrize(
    ("now", "hours", "state"),
    [
        (datetime(2026, 5, 4, 6, 30, tzinfo=PLACE), (9, 12), "Open"),
        (datetime(2026, 5, 4, 8, 0, tzinfo=PLACE), (8, 11), "Closed"),
        (datetime(2026, 5, 4, 13, 20, tzinfo=PLACE), (12, 15), "Closed"),
        (datetime(2026, 5, 4, 16, 59, tzinfo=PLACE), (15, 18), "Closed"),
        (datetime(2026, 5, 4, 17, 0, tzinfo=PLACE), (13, 16), "Over"),
        (datetime(2026, 5, 4, 23, 50, tzinfo=PLACE), (13, 16), "Over"),
    ],
)
def test_by_day_an_event_of_the_demo_is_being_held(
    now: datetime, hours: tuple[int, int], state: str
) -> None:
    """At night it is later or earlier the same day."""
    event = demo.events(now)[0]
    assert event.ends is not None
    assert event.starts.date() == now.date()
    assert (event.starts.hour, event.ends.hour) == hours
    assert type(deadlines.state(event, Seats.of(event), now=now)).__name__ == state
    assert bool(deadlines.running(event, now=now)) == (state == "Closed")


def test_the_demo_asks_the_plugins_for_holidays(tmp_path: Path) -> None:
    """On a day that a plugin calls one nothing is held, and everything is still there."""
    days = "date(2026, 4, 2), date(2026, 4, 3), date(2026, 4, 6)"
    (tmp_path / "off.py").write_text(
        "from datetime import date\nfrom eventkit import hookimpl\neventkit_api = 1\n"
        "@hookimpl\ndef eventkit_holidays(year):\n"
        f"    return {{day: {{'da': 'Fri', 'en': 'Off'}} for day in ({days})}}\n"
    )
    good_friday = datetime(2026, 4, 3, 10, tzinfo=PLACE)
    store = Store.create(f"sqlite:///{tmp_path / 'demo.db'}")
    try:
        office = Office(store, Plugins.load(tmp_path), Settings(), clock=lambda: good_friday)
        demo.fill(office)
        held = {one.event.starts.date() for one in office.all_events()}
        standings = Counter(
            one.status
            for event in office.all_events()
            for one in office.registrations(str(event.event.id))
        )
    finally:
        store.close()
    assert standings == {"confirmed": 31, "waiting": 2}
    assert len(held) > 8
    assert not held & {date(2026, 4, 2), date(2026, 4, 3), date(2026, 4, 6)}


def test_nothing_in_the_demo_tells_the_season() -> None:
    """It is shown in March and in October."""
    said = repr(demo.events(datetime(2026, 5, 4, tzinfo=UTC))).casefold()
    assert not re.findall(r"sommer|vinter|forår|efterår|jule|påske", said)


def test_nobody_in_the_demo_can_be_written_to_by_mistake() -> None:
    """Mail and web addresses are of nobody's domain."""
    for event in demo.events(datetime(2026, 5, 4, tzinfo=UTC)):
        said = repr((event, demo.guests(event)))
        for found in re.findall(r"[\w.-]+@([\w.-]+)|https?://([\w.-]+)", said):
            assert "".join(found).endswith(".example"), found
