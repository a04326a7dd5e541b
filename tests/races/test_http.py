"""The race for seats over HTTP: fifty people with a form each, ten chairs, three servers."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from http.cookiejar import CookieJar
from pathlib import Path

import racer
from bs4 import BeautifulSoup

from eventkit.model.registration import Standing
from eventkit.office.store import Store

PEOPLE, CHAIRS, SERVERS = 50, 10, 3
SERVE = "import sys; from eventkit_web.commands import main; sys.exit(main())"


@contextlib.contextmanager
def served(url: str, folder: Path) -> Iterator[list[str]]:
    """The addresses of three processes that serve the site of one database."""
    environment = {**os.environ, "EVENTKIT_DB": url, "EVENTKIT_SECRET": secrets.token_urlsafe(48)}
    with contextlib.ExitStack() as stack:
        addresses = []
        for _ in range(SERVERS):
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            process = subprocess.Popen(
                [sys.executable, "-c", SERVE, "serve", "--port", str(port)],
                cwd=folder,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)
            addresses.append(f"http://127.0.0.1:{port}")
        for address in addresses:
            _wait_for(address)
        yield addresses


def _wait_for(address: str) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=5).close()
            return
        except OSError:
            assert time.monotonic() < until, "the server never began"
            time.sleep(0.05)


class Visitor:
    """Somebody with a browser of their own, who asks again where the site asks them to."""

    def __init__(self, name: str, address: str) -> None:
        self.name = name
        self.form = f"{address}/events/99-1/register"
        self.told = ""
        self._browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._fields: dict[str, str] = {}

    def open(self) -> None:
        """Look at the form, and fill it in."""
        with self._browser.open(self.form, timeout=30) as page:
            self._read(page.read())
        self._fields["mode"] = "room"
        self._fields["people-0-name"] = self.name
        self._fields["people-0-email"] = f"{self.name}@example.dk"

    def send(self) -> None:
        """Send it; once more where there was no seat any more and the queue is offered."""
        for _ in range(3):
            body = urllib.parse.urlencode(self._fields).encode()
            try:
                with self._browser.open(self.form, body, timeout=60) as page:
                    heading = BeautifulSoup(page.read(), "html.parser").find("h1")
                    self.told = "" if heading is None else heading.get_text(" ", strip=True)
                    return
            except urllib.error.HTTPError as error:
                if error.code != HTTPStatus.CONFLICT:
                    raise AssertionError(f"{error.code}: {error.read()[:2000]!r}") from error
                self._read(error.read())
        raise AssertionError(f"{self.name} was never answered")

    def _read(self, page: bytes) -> None:
        form = BeautifulSoup(page, "html.parser").find("form", method="post")
        assert form is not None
        chosen = [
            one
            for one in form.find_all("input")
            if one.get("name")
            and (one.get("type") not in ("radio", "checkbox") or one.has_attr("checked"))
        ]
        self._fields = {one["name"]: one.get("value", "") for one in chosen}


def test_ten_chairs_are_ten_chairs(url: str, tmp_path: Path) -> None:
    """All opened the form while there were seats; ten sit, and forty know that they wait."""
    Store.create(url).close()
    office = racer.office_at(url)
    racer.announce(office, "99-1", CHAIRS)
    with served(url, tmp_path) as addresses:
        visitors = [Visitor(f"v{n}", addresses[n % SERVERS]) for n in range(PEOPLE)]
        for visitor in visitors:
            visitor.open()
        with ThreadPoolExecutor(PEOPLE) as all_at_once:
            list(all_at_once.map(Visitor.send, visitors))
    people = office.registrations("99-1")
    assert Counter(one.status for one in people) == {
        Standing.CONFIRMED: CHAIRS,
        Standing.WAITING: PEOPLE - CHAIRS,
    }
    assert [one.status for one in people[:CHAIRS]] == [Standing.CONFIRMED] * CHAIRS
    told = {visitor.name: visitor.told for visitor in visitors}
    for one in people:
        seated = one.status is Standing.CONFIRMED
        assert ("har en plads" in told[one.person.name]) is seated, told[one.person.name]
    assert office.store.audit() == ()
    office.store.close()
