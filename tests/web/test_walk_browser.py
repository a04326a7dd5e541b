"""The whole walk: two sign up, one cancels by the link in the mail, and the next gets the seat."""

from __future__ import annotations

import re
import shutil
import socket
import threading
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from attrs import define
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from eventkit.model.decision import Allowed
from eventkit.model.event import Event, Imported
from eventkit.model.registration import Signup
from eventkit.model.values import SYSTEM, Person, Venue, zone
from eventkit.office.delivery import Delivery
from eventkit.office.settings import Settings
from eventkit.office.store import Store
from eventkit.office.usecases import Office
from eventkit.plugins.manager import Plugins
from eventkit_web.app import create_app

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

AXE = files("axe_playwright_python") / "axe.min.js"
PLACE = zone("Europe/Copenhagen")
EVENT = Event(
    id="26-1",
    title="Netværksmøde: Frivillige i boligområdet",
    starts=datetime(2026, 5, 21, 9, 30, tzinfo=PLACE),
    ends=datetime(2026, 5, 21, 15, tzinfo=PLACE),
    venue=Venue(name="Beboerhuset Birken", street="Birkeparken 14", locality="Aarhus V"),
    capacity=2,
)


@define
class Meeting:
    """A meeting with two seats, served, and what does its mail."""

    site: str
    office: Office
    mails: Path

    def tick(self) -> None:
        Delivery(self.office).tick()

    def mail_to(self, address: str) -> EmailMessage:
        """The mail that came to an address last."""
        found = [
            mail
            for path in sorted(self.mails.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
            if (mail := message_from_bytes(path.read_bytes(), policy=default))["To"] == address
        ]
        assert found, address
        return found[-1]  # type: ignore[return-value]


@pytest.fixture
def meeting(tmp_path: Path, empty: Path, clock: Any) -> Iterator[Meeting]:
    """It is served at the address that its mails name."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = Settings(
        db=f"sqlite:///{shutil.copy(empty, tmp_path)}",
        base_url=f"http://127.0.0.1:{port}",
        secret="s" * 40,
    )
    store = Store.open(settings.db, base_url=settings.base_url)
    off = [info.name for info in Plugins.load().infos if info.name != "builtin"]
    plugins = Plugins.load(off=off, settings=settings.for_plugins)
    office = Office(store, plugins, settings, clock=clock)
    assert isinstance(office.import_events(Imported(events=[EVENT]), actor=SYSTEM), Allowed)
    assert isinstance(office.publish("26-1", actor=SYSTEM), Allowed)
    server = make_server("127.0.0.1", port, create_app(office), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Meeting(settings.base_url, office, tmp_path / "mails")
    server.shutdown()
    thread.join()
    server.server_close()
    assert store.audit() == ()
    store.close()


WORDS = {
    "da": ("", "Du har en plads: ", "Det er ikke nok at afslå i kalenderen."),
    "en": ("/en", "A seat for you: ", "Declining in the calendar is not enough."),
}


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("language", WORDS)
def test_a_seat_given_up_by_mail_goes_to_the_next(
    meeting: Meeting, browser: Browser, language: str, script: bool
) -> None:
    """On a phone, from the form to the mail to the afbud, and on to who was next in line."""
    prefix, subject, not_enough = WORDS[language]
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, java_script_enabled=script, bypass_csp=True
    )
    page = context.new_page()
    page.goto(f"{meeting.site}{prefix}/events/26-1/register")
    page.locator("#people-0-name").fill("Anne Jensen")
    page.locator("#people-0-email").fill("anne@netvaerk.example")
    with page.expect_navigation():
        page.locator("button.add").click()
    page.locator("#people-1-name").fill("Bo Holm")
    page.locator("#people-1-email").fill("bo@netvaerk.example")
    send(page)
    assert f"{prefix}/r/" in page.url
    looked_at(page, script)
    ole = Signup(
        people=[Person(name="Ole Vang", email="ole@netvaerk.example")], key="o", language=language
    )
    assert isinstance(meeting.office.register("26-1", ole, actor=SYSTEM), Allowed)
    meeting.tick()
    mail = meeting.mail_to("bo@netvaerk.example")
    assert "Anne Jensen" in str(mail["Subject"])
    text = str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert not_enough in text
    link = re.search(rf"{re.escape(meeting.site)}{prefix}/r/\S+", text)
    assert link is not None
    for _ in range(3):  # a mail program looks at links before people do
        page.goto(link[0])
    assert "anne@netvaerk.example" not in page.content(), "a colleague sees only their own"
    looked_at(page, script)
    with page.expect_navigation():
        page.locator("main a[href$='/cancel']").click()
    looked_at(page, script)
    send(page)
    assert standings(meeting) == ["confirmed", "cancelled", "confirmed"]
    meeting.tick()
    told = meeting.mail_to("ole@netvaerk.example")
    assert str(told["Subject"]).startswith(subject)
    assert "invite.ics" in [part.get_filename() for part in told.walk()]
    assert b"METHOD:CANCEL" in meeting.mail_to("bo@netvaerk.example").get_payload(1).get_content()  # type: ignore[union-attr]
    context.close()


def send(page: Page) -> None:
    with page.expect_navigation():
        page.locator("form button.button").click()


def standings(meeting: Meeting) -> list[str]:
    return [one.status.value for one in meeting.office.registrations("26-1")]


def looked_at(page: Page, script: bool) -> None:
    """Nothing is wider than the window, and axe-core finds nothing, light and dark."""
    if not script:
        return
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    page.evaluate(AXE.read_text())
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
