"""Workers that are killed while they send: nothing is lost, and nothing is taken twice.

A few kills on each store, and as many as `EVENTKIT_FAULTS` says where it is set (``make faults``).
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import poster
import pytest
import racer
from postbox import open_postbox

from eventkit.model.registration import Message
from eventkit.office.delivery import LEASE, Delivery
from eventkit.office.store import Store
from eventkit.office.usecases import Office

pytest.importorskip("eventkit_mail")

KILLS = int(os.environ.get("EVENTKIT_FAULTS", "4"))
EACH = 30
"""Notices for each kill, so that there is always something left to send."""

NAP = 0.004


def owing(url: str, how: str, people: int) -> Office:
    """An office that owes so many people a confirmation."""
    Store.create(url).close()
    office = poster.office_at(url, how)
    racer.announce(office, "99-1", None)
    poster.crowd(office, "99-1", people)
    return office


def check(office: Office, taken: Counter[str], unknown: int) -> None:
    """Everything owed went once, but what is unknown, which went once or not at all."""
    parcels = office.store.outbox.parcels("99-1")
    ended = Counter(one.state for one in parcels)
    assert set(ended) <= {"sent", "unknown"}, ended
    assert ended["unknown"] <= unknown
    for one in parcels:
        times = taken.pop(one.notice.key, 0)
        assert times == 1 or (one.state == "unknown" and times == 0), (one.notice.key, one.state)
    assert not taken, "nothing went that nobody owed"
    assert office.store.audit() == ()
    office.store.close()


def _wait_for(it: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not it():
        assert time.monotonic() < until, "they never began"
        time.sleep(0.005)


@pytest.mark.parametrize("how", ["file", "smtp"])
def test_a_kill_costs_one_unknown_at_most(url: str, tmp_path: Path, how: str) -> None:
    """Killed at random between claiming, beginning, sending and settling, two at a time."""
    chance = random.Random(1973)
    with open_postbox() as box:
        where = f"{tmp_path}/taken" if how == "file" else str(box.port)
        office = owing(url, f"{how}:{where}", KILLS * EACH)
        outbox = office.store.outbox
        kills = 0
        while kills < KILLS:
            with poster.started(2, url, f"{how}:{where}", NAP) as workers:
                before = len(outbox.parcels(states=["sent"]))
                racer.begin(workers)
                _wait_for(lambda: len(outbox.parcels(states=["sent"])) > before)  # noqa: B023
                for worker in workers:
                    time.sleep(chance.uniform(0, 0.08))
                    assert worker.poll() is None, "it ended by itself"
                    worker.kill()
                    worker.wait()
                    kills += 1
            outbox.free(datetime.now(UTC) + 2 * LEASE)  # as if their leases had ended
            unknown = outbox.counts().get("unknown", 0)
            assert unknown <= kills
            assert office.store.audit() == ()
        assert unknown, "or nobody was killed while it sent"
        assert outbox.counts()["owed"], "or some were killed when all was done"
        Delivery(office).tick()
        if how == "file":
            taken = Counter((tmp_path / "taken").read_text().split())
        else:
            time.sleep(0.05)  # the server may still be at the last message of a dead worker
            taken = Counter(key_of(one) for one in box.mails())
        check(office, taken, kills)


def key_of(mail: EmailMessage) -> str:
    """The key of the notice that a mail is of."""
    return str(mail["Message-ID"])[1:].partition("@")[0].rpartition(".")[0]


@pytest.mark.parametrize("how", ["file", "smtp"])
def test_two_processes_send_everything_once(url: str, tmp_path: Path, how: str) -> None:
    """Two workers at the same forty notices: each goes once, and both have work."""
    with open_postbox() as box:
        where = f"{tmp_path}/taken" if how == "file" else str(box.port)
        office = owing(url, f"{how}:{where}", 40)
        with poster.started(2, url, f"{how}:{where}", 0.001) as workers:
            racer.begin(workers)
            for worker in workers:
                out, err = worker.communicate(timeout=120)
                assert (out, worker.returncode) == ("done\n", 0), err
        if how == "file":
            taken = Counter((tmp_path / "taken").read_text().split())
        else:
            assert box.connections >= 2
            taken = Counter(key_of(one) for one in box.mails())
        assert set(taken.values()) == {1}
        check(office, taken, 0)


def test_without_the_note_before_sending_a_kill_sends_twice(url: str, tmp_path: Path) -> None:
    """The control: a worker that dies having sent what it only claimed sends it again."""
    office = owing(url, f"file:{tmp_path}/taken", 1)
    outbox = office.store.outbox
    now = datetime.now(UTC)
    [parcel] = outbox.claim("dead", now=now, lease=now + LEASE, most=1)
    message = Message(key=parcel.notice.key, recipient=parcel.notice.recipient)
    poster.appends(tmp_path / "taken")(message)
    assert outbox.free(now + 2 * LEASE) == 0
    with poster.started(1, url, f"file:{tmp_path}/taken") as [worker]:
        racer.begin([worker])
        worker.communicate(timeout=60)
    assert (tmp_path / "taken").read_text().split() == [parcel.notice.key] * 2
    office.store.close()
