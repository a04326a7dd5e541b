"""A process of its own that sends what is owed, for races and faults.

It says ``ready`` when its database is open and begins at a line on stdin; then it looks again and
again until nothing is owed. ``file:PATH`` appends each key to a file, durably, before it answers;
``smtp:PORT`` asks a server on this machine. With a pause it sleeps a little where a worker may die.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import racer

from eventkit.model.decision import Allowed
from eventkit.model.registration import Message, Signup
from eventkit.model.values import Person, Role
from eventkit.office.delivery import Delivery
from eventkit.office.outbox import Outbox
from eventkit.office.settings import Settings
from eventkit.office.store import Store
from eventkit.office.usecases import Office
from eventkit.plugins.hooks import Delivery as Answer
from eventkit.plugins.hooks import Notifier, Result
from eventkit.plugins.manager import Plugins

HERE = Path(__file__)
SITE = {"base_url": "https://moeder.example", "secret": "s" * 40}


def office_at(url: str, how: str, clock: Any = None) -> Office:
    """The office of the database at `url`, whose mail goes to a file or to a server."""
    kind, _, where = how.partition(":")
    off = [info.name for info in Plugins.load().infos if info.name not in ("builtin", "mail")]
    told = {"host": "127.0.0.1", "port": int(where), "security": "none"} if kind == "smtp" else {}
    plugins = Plugins.load(off=off, settings={"mail": told})
    settings = Settings(**SITE, notifier=kind)
    if kind == "file":
        title = {"da": "Fil", "en": "File"}
        notifier = Notifier(name="file", title=title, send=appends(Path(where)))
        plugins._notifiers["file"] = ("builtin", notifier)
    more = {} if clock is None else {"clock": clock}
    return Office(Store.open(url), plugins, settings, **more)


def appends(path: Path) -> Callable[[Message], Answer]:
    """A notifier that has taken a message once its key is on the disk."""

    def send(message: Message) -> Answer:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            _nap()
            os.write(handle, f"{message.key}\n".encode())
            os.fsync(handle)
            _nap()
        finally:
            os.close(handle)
        return Answer(result=Result.SENT)

    return send


def crowd(office: Office, event_id: str, people: int) -> None:
    """Sign so many people up at an announced meeting, in one commit."""
    signups = [
        (
            Signup(people=[Person(name=f"P{n}", email=f"p{n}@example.dk")], key=f"form {n}"),
            Role.PARTICIPANT,
        )
        for n in range(people)
    ]
    decisions, saved = office.register_all(event_id, signups, actor=racer.PUBLIC)
    assert saved
    assert all(isinstance(one, Allowed) for one in decisions)


# --- the process -----------------------------------------------------------------------------

_chance = random.Random()
_pause = 0.0


def _nap() -> None:
    if _pause:
        time.sleep(_chance.uniform(0, _pause))


@contextmanager
def started(
    count: int, url: str, how: str, pause: float = 0.0
) -> Iterator[list[subprocess.Popen[str]]]:
    """So many processes at it, which `racer.begin` lets go; killed where they have not ended."""
    processes = [
        subprocess.Popen(
            [sys.executable, str(HERE), url, how, str(pause)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def main(url: str, how: str, pause: float) -> None:
    """Look until nothing is owed any more."""
    global _pause
    _pause = pause
    step = Outbox.step

    def slow_step(self: Outbox, *given: Any, **more: Any) -> bool:
        _nap()
        begun = step(self, *given, **more)
        _nap()
        return begun

    Outbox.step = slow_step  # type: ignore[method-assign]
    office = office_at(url, how)
    post = Delivery(office, batch=5)
    print("ready", flush=True)
    sys.stdin.readline()
    while office.store.outbox.counts().get("owed"):
        post.tick()
    print("done", flush=True)
    office.store.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
