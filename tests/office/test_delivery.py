"""Delivery: what becomes of each notice, whatever the mail server does, and when it is tried again.

The server is a real one on this machine (`postbox`), asked by the plugin eventkit-mail.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import databases
import postbox
import pytest
from postbox import Postbox, open_postbox

from eventkit.formats import mail
from eventkit.model.decision import Allowed
from eventkit.model.errors import NotFoundError, SettingsError, StoreError
from eventkit.model.registration import Message, Signup
from eventkit.model.values import Actor, Person, Side
from eventkit.office import delivery as subject
from eventkit.office.delivery import LEASE, Delivery, pause
from eventkit.office.outbox import Settled
from eventkit.office.settings import Settings
from eventkit.office.usecases import TICK, Office
from eventkit.plugins.guard import BUDGET
from eventkit.plugins.hooks import Delivery as Answer
from eventkit.plugins.hooks import Notifier, Result
from eventkit.plugins.manager import Plugins

pytest.importorskip("eventkit_mail")

PUBLIC, STAFF = Actor(Side.PUBLIC), Actor(Side.STAFF, "anne@example.dk")
SITE = {"base_url": "https://moeder.example", "secret": "s" * 40}
NEVER = "nobody@example.dk"


@pytest.fixture
def box() -> Iterator[Postbox]:
    """A mail server that takes everything."""
    with open_postbox() as box:
        yield box


def by_smtp(box: Postbox, timeout: float = 5.0) -> Plugins:
    """The plugins, with the server that `box` is."""
    off = [one.name for one in Plugins.load().infos if one.name not in ("builtin", "mail")]
    told = {"host": "127.0.0.1", "port": box.port, "security": "none", "timeout": timeout}
    return Plugins.load(off=off, settings={"mail": told})


def served_by(office: Office, plugins: Plugins, notifier: str = "smtp", **more: Any) -> Office:
    """The same office, with other plugins and a way for mail to go."""
    settings = Settings(**SITE, notifier=notifier, **more)
    return Office(office.store, plugins, settings, clock=office._clock)


@pytest.fixture
def post(office: Office, box: Postbox, add: Any, event: Any) -> Iterator[Delivery]:
    """Delivery of a meeting's notices by the server."""
    add(event(capacity=None), publish=True)
    office = served_by(office, by_smtp(box))
    yield Delivery(office)
    office.plugins.hang_up("smtp")


def join(office: Office, *names: str) -> None:
    """Sign people up, each under an address of their own."""
    for name in names:
        person = Person(name=name.title(), email=f"{name}@example.dk")
        signup = Signup(people=[person], key=f"form of {name}")
        assert isinstance(office.register("22-1", signup, actor=PUBLIC), Allowed)


def states(office: Office) -> dict[str, str]:
    """What became of each person's first notice, by name."""
    return {
        one.notice.recipient.partition("@")[0]: one.state
        for one in office.store.outbox.parcels("22-1")
    }


def details(office: Office) -> dict[str, str]:
    return {
        one.notice.recipient.partition("@")[0]: one.detail
        for one in office.store.outbox.parcels("22-1")
    }


# --- what the server does --------------------------------------------------------------------

DOES = {
    "ok": ("", "sent"),
    "rcpt4": ("rcpt 450", "owed"),
    "rcpt5": ("rcpt 550", "failed"),
    "data4": ("data 451", "owed"),
    "data5": ("data 554", "failed"),
    "message4": ("message 452", "owed"),
    "message5": ("message 554", "failed"),
    "droprcpt": ("drop at rcpt", "owed"),
    "dropdata": ("drop at data", "owed"),
    "dropafter": ("drop after message", "unknown"),
    "loseafter": ("lose after message", "unknown"),
    "babble": ("babble after message", "unknown"),
    "last": ("", "sent"),
}


def test_each_ends_as_the_server_says(post: Delivery, box: Postbox, clock: Any) -> None:
    """Thirteen recipients in one run, each served otherwise; nobody known to have it gets two."""
    office = post.office
    join(office, *DOES)
    box.does = {f"{name}@example.dk": does for name, (does, _) in DOES.items()}
    report = post.tick()
    wanted = {name: state for name, (_, state) in DOES.items()}
    assert states(office) == wanted
    assert Counter(wanted.values()) == report.notices
    taken = Counter(box.recipients)
    assert taken == {f"{one}@example.dk": 1 for one in ("ok", "last", "dropafter", "babble")}
    box.does = {}
    clock.now += timedelta(minutes=2)
    post.tick()
    now = states(office)
    assert {name for name in wanted if now[name] != wanted[name]} == {
        name for name, state in wanted.items() if state == "owed"
    }
    assert {now[name] for name, state in wanted.items() if state == "owed"} == {"sent"}
    assert max(Counter(box.recipients).values()) == 1
    clock.now += timedelta(days=10)
    post.tick()
    assert states(office) == now, "what is unknown or has failed is not sent again"


@pytest.mark.parametrize(
    "does",
    ["421 at once", "drop at once", "mail 451", "drop at mail", "hang at once", "hang at rcpt"],
)
def test_what_befalls_everybody_is_for_later(
    office: Office, add: Any, event: Any, clock: Any, does: str
) -> None:
    """All are owed again, and after five in vain the rest at the domain are not even tried."""
    add(event(capacity=None), publish=True)
    with open_postbox() as box:
        office = served_by(office, by_smtp(box, 0.3))
        join(office, *(f"p{number}" for number in range(8)))
        box.does["*"] = does
        report = Delivery(office).tick()
        assert report.notices == {"owed": 8}
        assert set(states(office).values()) == {"owed"}
        attempts = [one.attempts for one in office.store.outbox.parcels("22-1")]
        assert sorted(attempts) == [0, 0, 0, 1, 1, 1, 1, 1]
        assert box.taken == []
        box.does = {}
        clock.now += timedelta(minutes=1)
        assert Delivery(office).tick().notices == {"sent": 8}
        assert sorted(box.recipients) == sorted(f"p{number}@example.dk" for number in range(8))


def test_where_one_domain_takes_nothing_others_do_not_wait(
    office: Office, add: Any, event: Any, clock: Any
) -> None:
    """Five tries are enough to know; who is elsewhere has their mail in the same minute."""
    add(event(capacity=None), publish=True)
    with open_postbox() as box:
        office = served_by(office, by_smtp(box))
        join(office, *(f"p{number}" for number in range(8)))
        person = Person(name="Anne", email="anne@andre.dk")
        office.register("22-1", Signup(people=[person], key="a"), actor=PUBLIC)
        box.does = {f"p{number}@example.dk": "rcpt 451" for number in range(8)}
        assert Delivery(office).tick().notices == {"owed": 8, "sent": 1}
        assert box.recipients == ["anne@andre.dk"]
        tries = [one.attempts for one in office.store.outbox.parcels("22-1")]
        assert sorted(tries) == [0, 0, 0, 1, 1, 1, 1, 1, 1]
        box.does = {}
        clock.now += timedelta(minutes=1)
        assert Delivery(office).tick().notices == {"sent": 8}


def test_where_no_domain_takes_anything_a_tick_ends(office: Office, add: Any, event: Any) -> None:
    """Then it is our own server; the rest is as it was, to be tried first the next time."""
    add(event(capacity=None), publish=True)
    with open_postbox() as box:
        office = served_by(office, by_smtp(box))
        for number in range(8):
            person = Person(name=f"P{number}", email=f"p@d{number}.dk")
            office.register("22-1", Signup(people=[person], key=f"p{number}"), actor=PUBLIC)
        box.does["*"] = "rcpt 451"
        assert Delivery(office).tick().notices == {"owed": 5}
        attempts = [one.attempts for one in office.store.outbox.parcels("22-1")]
        assert sorted(attempts) == [0, 0, 0, 1, 1, 1, 1, 1]


def test_a_server_that_hangs_after_the_message_leaves_it_unknown(
    office: Office, add: Any, event: Any
) -> None:
    """Nobody can tell, so staff see it, and it is not sent again unless they say so."""
    add(event(capacity=None), publish=True)
    with open_postbox() as box:
        office = served_by(office, by_smtp(box, 0.3))
        join(office, "anne")
        box.does["*"] = "hang after message"
        assert Delivery(office).tick().notices == {"unknown": 1}
        assert "no answer within 0.3 s" in details(office)["anne"]
        assert Delivery(office).tick().notices == {}
        box.does = {}
        [parcel] = office.store.outbox.parcels("22-1", ["unknown"])
        assert (
            office.store.outbox.release(
                [parcel.notice.key], send=True, now=office.now(), actor=STAFF
            )
            == 1
        )
        assert Delivery(office).tick().notices == {"sent": 1}
        assert len(box.taken) == 2


def test_a_server_that_is_not_there(office: Office, add: Any, event: Any) -> None:
    """It is for later, and says why in a few words."""
    add(event(), publish=True)
    nowhere = Postbox()
    nowhere.port = postbox.free_port()
    office = served_by(office, by_smtp(nowhere))
    join(office, "anne")
    assert Delivery(office).tick().notices == {"owed": 1}
    assert details(office)["anne"] == "connecting: Connection refused"


def test_no_address_and_no_name_is_kept_of_what_the_server_said(
    post: Delivery, box: Postbox
) -> None:
    """The server repeats the address; what we keep is its code and the rest of its words."""
    join(post.office, "anne")
    box.does["*"] = "rcpt 550"
    post.tick()
    detail = details(post.office)["anne"]
    assert "550" in detail
    assert "anne" not in detail.lower()
    assert "example.dk" not in detail


# --- outages ---------------------------------------------------------------------------------


def outage(post: Delivery, clock: Any, box: Postbox, hours: float) -> list[datetime]:
    """Ticks every five minutes for so long while nobody is at the port; when it was tried."""
    tried = []
    until = clock.now + timedelta(hours=hours)
    while clock.now < until:
        before = sum(one.attempts for one in post.outbox.parcels())
        post.tick()
        if sum(one.attempts for one in post.outbox.parcels()) > before:
            tried.append(clock.now)
        clock.now += timedelta(minutes=5)
    return tried


@pytest.mark.deep
def test_a_day_without_mail(office: Office, add: Any, event: Any, clock: Any) -> None:
    """It is tried less and less often; then each gets theirs, once, in a single look."""
    add(event(capacity=None), publish=True)
    nowhere = Postbox()
    nowhere.port = postbox.free_port()
    office = served_by(office, by_smtp(nowhere))
    post = Delivery(office)
    names = ["anne", "bo", "carl"]
    join(office, *names)
    began = clock.now
    tried = outage(post, clock, nowhere, 24)
    assert tried[0] == began
    pauses = [later - earlier for earlier, later in pairwise(tried[6:])]
    assert 24 <= len(tried) <= 24 + 7
    assert all(timedelta(minutes=55) <= one <= timedelta(minutes=65) for one in pauses), pauses
    assert set(states(office).values()) == {"owed"}
    with open_postbox(port=nowhere.port) as box:
        clock.now += timedelta(hours=1)
        assert post.tick().notices == {"sent": 3}
        assert post.tick().notices == {}
        assert sorted(box.recipients) == [f"{name}@example.dk" for name in names]
        office.plugins.hang_up("smtp")


@pytest.mark.deep
def test_three_days_without_mail(office: Office, add: Any, event: Any, clock: Any) -> None:
    """Then it has failed; staff may let it go after all, and it is tried as if it were new."""
    add(event(), publish=True)
    nowhere = Postbox()
    nowhere.port = postbox.free_port()
    office = served_by(office, by_smtp(nowhere))
    post = Delivery(office)
    join(office, "anne")
    outage(post, clock, nowhere, 71)
    assert states(office) == {"anne": "owed"}
    outage(post, clock, nowhere, 3)
    assert states(office) == {"anne": "failed"}
    assert outage(post, clock, nowhere, 24) == []
    [parcel] = office.store.outbox.parcels("22-1", ["failed"])
    office.store.outbox.release([parcel.notice.key], send=True, now=clock.now, actor=STAFF)
    assert post.tick().notices == {"owed": 1}, "and not failed at once, old as it is"


def test_a_pause_doubles_up_to_an_hour() -> None:
    """One minute, two, four … and never more than an hour."""
    minutes = [pause(attempts) / timedelta(minutes=1) for attempts in range(1, 10)]
    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert pause(0) == timedelta(minutes=1)
    assert pause(10**6) == timedelta(hours=1)


def test_who_has_cancelled_reads_no_old_confirmation(
    office: Office, add: Any, event: Any, clock: Any
) -> None:
    """What has been overtaken during an outage is withdrawn; the last word is what is told."""
    add(event(capacity=1), publish=True)
    nowhere = Postbox()
    nowhere.port = postbox.free_port()
    office = served_by(office, by_smtp(nowhere))
    post = Delivery(office)
    join(office, "anne", "bo")  # Bo waits
    outage(post, clock, nowhere, 1)
    assert isinstance(office.cancel("22-1", [1], actor=PUBLIC), Allowed)  # and Bo moves up
    with open_postbox(port=nowhere.port) as box:
        clock.now += timedelta(hours=2)
        assert post.tick().notices == {"sent": 2, "withdrawn": 2}
        subjects = {to: one["Subject"] for to, one in zip(box.recipients, box.mails(), strict=True)}
        assert subjects["anne@example.dk"].startswith("Afbud")
        assert subjects["bo@example.dk"].startswith("Du har en plads")
        office.plugins.hang_up("smtp")


# --- what is wrong at home -------------------------------------------------------------------


def test_a_notifier_that_nobody_has_burns_no_notice(office: Office, add: Any, event: Any) -> None:
    """A slip in the settings is told at every look, and mended with nothing lost."""
    add(event(capacity=None), publish=True)
    wrong = served_by(office, office.plugins, "smpt")
    join(wrong, "anne", "bo")
    for _ in range(3):
        with pytest.raises(NotFoundError, match="smpt"):
            Delivery(wrong).tick()
    assert states(wrong) == {"anne": "owed", "bo": "owed"}
    with open_postbox() as box:
        office = served_by(office, by_smtp(box))
        assert Delivery(office).tick().notices == {"sent": 2}
        office.plugins.hang_up("smtp")


def test_without_an_address_of_the_site_nothing_goes(office: Office, add: Any, event: Any) -> None:
    """A mail with links that lead nowhere is worse than none yet."""
    add(event(), publish=True)
    join(office, "anne")
    for missing in SITE:
        settings = Settings(**{**SITE, missing: ""})
        bare = Office(office.store, office.plugins, settings, clock=office._clock)
        with pytest.raises(SettingsError, match=missing):
            Delivery(bare).tick()
    assert states(office) == {"anne": "owed"}


def test_a_notice_that_cannot_be_read_keeps_no_other_waiting(
    post: Delivery, box: Postbox, url: str, add: Any, event: Any
) -> None:
    """The others go, the error is told, and it goes too when the row is mended."""
    add(event("22-2", capacity=None), publish=True)
    join(post.office, "anne")
    person = Person(name="Bo", email="bo@example.dk")
    post.office.register("22-2", Signup(people=[person], key="k"), actor=PUBLIC)
    [row] = databases.asked(url, "SELECT document FROM registrations WHERE event_id = '22-1'")
    databases.tamper(url, "UPDATE registrations SET document = '{}' WHERE event_id = '22-1'")
    with pytest.raises(StoreError, match="damaged"):
        post.tick()
    assert box.recipients == ["bo@example.dk"]
    assert states(post.office) == {"anne": "owed"}
    mended = row[0].replace("'", "''")
    databases.tamper(url, f"UPDATE registrations SET document = '{mended}' WHERE event_id = '22-1'")
    post.office._clock.now += timedelta(minutes=2)  # type: ignore[attr-defined]
    assert post.tick().notices == {"sent": 1}


def test_a_fault_of_ours_keeps_no_other_waiting(
    post: Delivery, box: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notice that cannot be written has failed, and says no name; the next one goes."""
    join(post.office, "anne", "bo")
    written = mail.message

    def message(letter: Any, **more: Any) -> Message:
        if letter.registration.number == 1:
            raise ZeroDivisionError("Anne did it")
        return written(letter, **more)

    monkeypatch.setattr(mail, "message", message)
    assert post.tick().notices == {"failed": 1, "sent": 1}
    assert details(post.office)["anne"] == "it cannot be written: ZeroDivisionError"


def test_an_address_that_no_mail_can_have_has_failed(
    office: Office, add: Any, event: Any, box: Postbox
) -> None:
    """It is no server's to refuse."""
    add(event(), publish=True)
    office = served_by(office, by_smtp(box))
    join(office, "=?a?=")
    assert Delivery(office).tick().notices == {"failed": 1}
    assert box.connections == 0


def test_a_plugin_that_was_switched_off_loses_nothing(
    office: Office, add: Any, event: Any, tmp_path: Path, clock: Any
) -> None:
    """One that hangs is unknown three times, then off; the rest waits for the next start."""
    add(event(capacity=None), publish=True)
    (tmp_path / "slow.py").write_text(
        "import time\nfrom eventkit import Notifier, hookimpl\neventkit_api = 1\n"
        "@hookimpl\ndef eventkit_notifiers():\n"
        "    title = {'da': 'Sen', 'en': 'Slow'}\n"
        "    return [Notifier(name='slow', title=title, send=lambda message: time.sleep(1))]\n"
    )
    off = [one.name for one in Plugins.load().infos if one.name != "builtin"]
    plugins = Plugins.load(tmp_path, off, budget={**BUDGET, "notify": 0.05})
    office = served_by(office, plugins, "slow")
    join(office, *"abcdef")
    assert Delivery(office).tick().notices == {"unknown": 3, "owed": 3}
    clock.now += timedelta(hours=1)
    assert Delivery(office).tick().notices == {"owed": 3}


# --- ticks -----------------------------------------------------------------------------------


def test_an_idle_look_takes_no_lock_and_leaves_a_beat(post: Delivery, clock: Any) -> None:
    """And the beat is when it was last."""
    assert post.outbox.last_beat(TICK) is None
    assert post.tick() == subject.Report()
    assert post.outbox.last_beat(TICK) == clock.now
    clock.now += timedelta(minutes=1)
    post.tick()
    assert post.outbox.last_beat(TICK) == clock.now


def test_a_tick_that_is_stopped_ends_after_the_message_at_hand(
    office: Office, add: Any, event: Any, tmp_path: Path
) -> None:
    """What it did not get to is owed at once to whoever comes next."""
    add(event(capacity=None), publish=True)
    office = served_by(office, office.plugins, "eml")
    join(office, *"abcd")
    post = Delivery(office)
    sent: list[str] = []

    def send(message: Message) -> Answer:
        sent.append(message.key)
        if len(sent) == 2:
            post.stop()
        return Answer(result=Result.SENT)

    hand_over(office, send)
    assert post.tick().notices == {"sent": 2}
    assert Counter(states(office).values()) == {"sent": 2, "owed": 2}
    assert Delivery(office).tick().notices == {"sent": 2}
    assert len(set(sent)) == 4


def hand_over(office: Office, send: Callable[[Message], Answer], name: str = "eml") -> None:
    """Let the notifier called `name` do this instead."""
    plugins = Plugins.load(off=[one.name for one in office.plugins.infos if one.name != "builtin"])
    notifier = Notifier(name=name, title={"da": "x", "en": "x"}, send=send)
    plugins._notifiers[name] = ("builtin", notifier)
    office.plugins = plugins


def test_an_old_worker_that_wakes_sends_nothing(
    office: Office, add: Any, event: Any, clock: Any
) -> None:
    """A worker slept past its lease with two in hand: another has sent both, and it sees so."""
    add(event(capacity=None), publish=True)
    office = served_by(office, office.plugins, "eml")
    join(office, "anne", "bo")
    outbox = office.store.outbox
    held = outbox.claim("sleeper", now=clock.now, lease=clock.now + LEASE, most=10)
    assert len(held) == 2
    sent: list[str] = []

    def send(message: Message) -> Answer:
        sent.append(message.recipient)
        return Answer(result=Result.SENT)

    hand_over(office, send)
    assert Delivery(office).tick().notices == {}, "they are the sleeper's"
    clock.now += LEASE
    assert Delivery(office).tick().notices == {"sent": 2}
    for parcel in held:
        begun = outbox.step(
            "sleeper", None, parcel.notice.key, now=clock.now, lease=clock.now + LEASE
        )
        assert not begun
    assert len(sent) == 2


def test_what_a_dead_worker_was_sending_is_unknown(
    office: Office, add: Any, event: Any, clock: Any
) -> None:
    """Only that one; what it had only claimed is sent by the next."""
    add(event(capacity=None), publish=True)
    office = served_by(office, office.plugins, "eml")
    join(office, "anne", "bo", "carl")
    outbox = office.store.outbox
    held = outbox.claim("dead", now=clock.now, lease=clock.now + LEASE, most=10)
    key = held[0].notice.key
    assert outbox.step("dead", None, key, now=clock.now, lease=clock.now + LEASE)
    hand_over(office, lambda message: Answer(result=Result.SENT))
    clock.now += LEASE
    assert Delivery(office).tick().notices == {"sent": 2, "unknown": 1}
    [unknown] = outbox.parcels("22-1", ["unknown"])
    assert unknown.notice.key == key


def test_a_step_is_of_the_worker_that_holds_it(
    office: Office,
    add: Any,
    event: Any,
    clock: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And of what is at that step: nothing is begun twice, or settled after it was withdrawn."""
    monkeypatch.chdir(tmp_path)  # where it is on record who was erased
    add(event(capacity=None), publish=True)
    office = served_by(office, office.plugins, "eml")
    join(office, "anne", "bo", "carl")
    outbox, now, later = office.store.outbox, clock.now, clock.now + LEASE
    anne, bo, carl = (one.notice.key for one in outbox.claim("mine", now=now, lease=later, most=10))

    def step(worker: str, done: str | None, begin: str | None) -> bool:
        what = None if done is None else Settled(key=done, state="sent", detail="250 taken")
        return outbox.step(worker, what, begin, now=now, lease=later)

    def stand() -> list[tuple[str, int, str]]:
        by_key = {one.notice.key: one for one in outbox.parcels("22-1")}
        found = [by_key[key] for key in (anne, bo, carl)]
        return [(one.state, one.attempts, one.detail) for one in found]

    assert not step("another's", None, anne)
    assert step("mine", None, anne)
    assert not step("mine", None, anne), "it is under way"
    assert not step("another's", anne, bo)
    assert stand() == [("sending", 1, ""), ("claimed", 0, ""), ("claimed", 0, "")]
    assert step("mine", anne, bo)
    assert stand() == [("sent", 1, "250 taken"), ("sending", 1, ""), ("claimed", 0, "")]
    office.cancel("22-1", [3], actor=PUBLIC)
    office.erase("22-1", 3, actor=STAFF, reason="Bedt om det")
    assert stand()[2][0] == "withdrawn"
    assert not step("mine", bo, carl), "it is withdrawn"
    assert not step("mine", carl, None)
    assert [state for state, _, _ in stand()] == ["sent", "sent", "withdrawn"]


# --- two at once -----------------------------------------------------------------------------


def test_the_first_beat_may_come_from_many_at_once(post: Delivery, clock: Any) -> None:
    """Whoever writes it down first, nobody is disturbed by the others."""
    start, failed = threading.Barrier(8), []

    def beat() -> None:
        start.wait()
        try:
            post.outbox.beat(TICK, clock.now)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=beat) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert post.outbox.last_beat(TICK) == clock.now


def test_two_threads_send_everything_once(post: Delivery, box: Postbox) -> None:
    """Two workers of one process, at the same sixty notices."""
    office = post.office
    names = [f"p{number:02}" for number in range(60)]
    join(office, *names)
    both = [Delivery(office, batch=7) for _ in range(2)]
    begin = threading.Barrier(2)
    reports: list[Any] = []

    def work(one: Delivery) -> None:
        begin.wait()
        reports.append(one.tick())

    threads = [threading.Thread(target=work, args=(one,)) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(box.recipients) == [f"{name}@example.dk" for name in names]
    assert sum(report.notices["sent"] for report in reports) == 60
    assert all(report.notices["sent"] for report in reports), "or only one was at it"
    assert set(states(office).values()) == {"sent"}
