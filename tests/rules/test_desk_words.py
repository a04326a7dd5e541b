"""What the desk says and owes, whole: every reason with its data, every entry, notice and field."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from attrs import asdict, evolve
from counter import PUBLIC, STAFF, Counter

from eventkit.model.decision import Reason, Refused
from eventkit.model.errors import NotFoundError
from eventkit.model.event import AgendaItem, Event, Status
from eventkit.model.registration import Notice, Outcome, Registration, Signup, Standing
from eventkit.model.values import (
    SYSTEM,
    Answer,
    Fee,
    Invoice,
    Mode,
    Money,
    OnlineAccess,
    Person,
    Question,
    Role,
    Venue,
    zone,
)
from eventkit.rules import charges, desk

COPENHAGEN = zone("Europe/Copenhagen")
STARTS = datetime(2022, 4, 21, 9, 30, tzinfo=COPENHAGEN)
NOW = datetime(2022, 3, 1, 12, tzinfo=UTC)
LATE = datetime(2022, 4, 19, 12, tzinfo=UTC)
DIET = Question(key="diet", text="Hvad spiser du ikke?", sensitive=True)
TOUR = Question(
    key="tour", text="Går du med?", answer=Answer.CHOICE, options=("Ja", "Nej"), required=True
)
ANNE = Person(name="Anne", email="anne@x.dk", phone="12 34 56 78", organisation="BL")
BO = Person(name="Bo")
INVOICE = Invoice(name="BL", ean="5790000000000", reference="42", email="regning@x.dk")


def event(**changes: Any) -> Event:
    told: dict[str, Any] = {
        "id": "22-1",
        "uid": "22-1@example.dk",
        "title": "Netværksmøde",
        "starts": STARTS,
        "venue": Venue(name="Rosenhøj"),
        "online": OnlineAccess(provider="Teams"),
        "capacity": 3,
        "online_capacity": 3,
        "programme": [AgendaItem(title="Oplæg", starts=STARTS, key="a")],
    }
    return Event(**{**told, **changes})


def at(now: datetime = NOW, **changes: Any) -> Counter:
    counter = Counter(event(**changes), now)
    counter.revision = evolve(counter.revision, number=4, sequence=7)
    return counter


def ask(counter: Counter, command: Callable[..., Any], **said: Any) -> Any:
    """The decision itself, kept where it is a yes."""
    decision = command(counter.book, **{"now": counter.now, "actor": PUBLIC, **said})
    if not isinstance(decision, Refused):
        counter.keep(decision.value)
        return decision.value
    return list(decision.reasons)


def entries(outcome: Outcome) -> list[tuple[str, int | None, dict[str, Any]]]:
    return [(one.action, one.registration, dict(one.data)) for one in outcome.entries]


# --- what a registration is ------------------------------------------------------------------


def test_a_party_is_written_down_whole() -> None:
    """Every field of both, the entries, and the notices with their numbers."""
    counter = at(questions=[DIET, TOUR])
    signup = Signup(
        people=[ANNE, BO],
        key="k",
        mode=Mode.ONLINE,
        answers=[{"tour": "Ja"}, {"tour": "Nej", "diet": "Nødder", "diet.consent": True}],
        invoice=INVOICE,
        language="en",
    )
    outcome = ask(counter, lambda book, **m: desk.register(signup, book, item="a", **m))
    first, second = outcome.registrations
    common = {
        "event": "22-1",
        "status": Standing.CONFIRMED,
        "at": NOW,
        "mode": Mode.ONLINE,
        "role": Role.PARTICIPANT,
        "item": "a",
        "party": 1,
        "key": "k",
        "digest": first.digest,
        "change": 1,
        "invoice": INVOICE,
        "fee": None,
        "offer_ends": None,
        "language": "en",
        "told": 4,
        "linked": None,
        "sequence": 0,
        "epoch": 0,
        "extra": {},
    }
    own = [
        {"number": 1, "person": ANNE, "booker": None, "place": 0, "answers": {"tour": "Ja"}},
        {"number": 2, "person": BO, "booker": ANNE, "place": 1, "answers": signup.answers[1]},
    ]
    for one, told in zip((first, second), own, strict=True):
        found = asdict(one, recurse=False)
        uid = found.pop("uid")
        assert len(uid) == 32
        assert found == {**common, **told}
    assert first.uid != second.uid
    assert len(first.digest) == 64
    assert entries(outcome) == [
        (
            "register",
            number,
            {
                "change": 1,
                "from": None,
                "to": "confirmed",
                "notices": (f"22-1-{number}.1",),
                "mode": "online",
            },
        )
        for number in (1, 2)
    ]
    assert outcome.notices == tuple(
        Notice(
            key=f"22-1-{number}.1",
            kind="confirmation",
            event="22-1",
            revision=4,
            registration=number,
            recipient="anne@x.dk",
            due=NOW,
            language="en",
            sequence=7,
            data={"status": "confirmed"},
        )
        for number in (1, 2)
    )


def test_alone_is_no_party_and_says_nothing_more() -> None:
    """Nothing asked, nothing answered."""
    counter = at()
    [one] = ask(
        counter, lambda b, **m: desk.register(Signup(people=[ANNE], key="k"), b, **m)
    ).registrations
    assert (one.party, one.booker, one.place, one.answers, one.invoice) == (None, None, 0, {}, None)
    assert (one.item, one.language, one.group, one.id) == (None, "da", 1, "22-1-1")


def test_the_first_receipt_is_in_the_order_of_the_form() -> None:
    """With the seats as they are, and nothing to save."""
    counter = at()
    signup = Signup(people=[ANNE, BO], key="k")
    ask(counter, lambda book, **m: desk.register(signup, book, **m))
    counter.rows = dict(reversed(counter.rows.items()))
    again = ask(counter, lambda book, **m: desk.register(signup, book, **m))
    assert [one.number for one in again.registrations] == [1, 2]
    assert again.seats == counter.seats
    for other in ({"role": Role.HOST}, {"item": "a"}):
        refused = ask(
            counter, lambda b, o=other, **m: desk.register(signup, b, **{**m, **o}), actor=STAFF
        )
        assert refused == [Reason("key_reused")]


def test_a_substitute_stands_where_the_other_stood() -> None:
    """Mode, role, item, party, booker, bill and language go over; the answers are one's own."""
    counter = at(questions=[TOUR])
    signup = Signup(
        people=[ANNE, BO],
        key="k",
        mode=Mode.ONLINE,
        answers=[{"tour": "Ja"}, {"tour": "Ja"}],
        invoice=INVOICE,
        language="en",
    )
    ask(counter, lambda book, **m: desk.register(signup, book, item="a", **m))
    carl = Person(name="Carl")
    outcome = ask(
        counter,
        lambda book, **m: desk.substitute(2, carl, book, answers={"tour": "Nej"}, **m),
        actor=STAFF,
        reason="Syg",
    )
    old, new = outcome.registrations
    assert (old.number, old.status, old.change, old.sequence) == (2, "substituted", 2, 1)
    kept = ("mode", "role", "item", "party", "booker", "invoice", "language")
    assert all(getattr(new, name) == getattr(old, name) for name in kept)
    assert (new.number, new.person, new.status) == (3, carl, "confirmed")
    assert (new.answers, new.key, new.place, new.digest) == ({"tour": "Nej"}, "", 0, "")
    assert entries(outcome) == [
        (
            "substitute",
            2,
            {
                "change": 2,
                "from": "confirmed",
                "to": "substituted",
                "notices": ("22-1-2.2",),
                "by": 3,
            },
        ),
        (
            "substitute",
            3,
            {
                "change": 1,
                "from": None,
                "to": "confirmed",
                "notices": ("22-1-3.1",),
                "mode": "online",
            },
        ),
    ]
    told = [(one.kind, one.registration, one.recipient, one.sequence) for one in outcome.notices]
    assert told == [
        ("substitution", 2, "anne@x.dk", 8),
        ("substitution", 3, "anne@x.dk", 7),
    ]


def test_the_offer_of_a_substitute_ends_with_it() -> None:
    """It is nobody's any more, and its end is no date to wait for."""
    counter = at(capacity=2)
    for name in "ABCD":
        counter.register(name)
    counter.now = LATE
    counter.ask(lambda book, **m: desk.cancel([1], book, **m))
    outcome = ask(
        counter,
        lambda book, **m: desk.substitute(2, Person(name="C", email="c@x.dk"), book, **m),
    )
    assert [(one.number, one.status.value) for one in outcome.registrations] == [
        (2, "substituted"),
        (3, "cancelled"),
        (4, "offered"),
        (5, "confirmed"),
    ]
    assert [action for action, _, _ in entries(outcome)] == [
        "cancel",
        "substitute",
        "substitute",
        "offer",
    ]
    assert counter.rows[3].offer_ends is None


def test_a_correction_is_one_entry() -> None:
    """With what it corrects, and the rest as it was."""
    counter = at(questions=[TOUR])
    counter.register(ANNE, answers=[{"tour": "Ja"}], invoice=INVOICE)
    outcome = ask(
        counter,
        lambda book, **m: desk.edit(1, book, person=evolve(ANNE, phone="87 65 43 21"), **m),
    )
    [one] = outcome.registrations
    assert (one.person.phone, one.answers, one.invoice) == ("87 65 43 21", {"tour": "Ja"}, INVOICE)
    told = {"change": 2, "from": "confirmed", "to": "confirmed", "notices": ()}
    assert entries(outcome) == [("edit", 1, told)]
    outcome = ask(counter, lambda book, **m: desk.edit(1, book, invoice=Invoice(ean="1"), **m))
    assert outcome.registrations[0].invoice == Invoice(ean="1")
    assert outcome.registrations[0].person.phone == "87 65 43 21"


STEPS: list[tuple[str, str, str, Callable[..., Any], dict[str, Any]]] = [
    ("approve", "pending", "confirmed", lambda b, **m: desk.approve(1, b, **m), {}),
    ("reject", "pending", "rejected", lambda b, **m: desk.reject([1], b, **m), {}),
    ("cancel", "pending", "cancelled", lambda b, **m: desk.cancel([1], b, **m), {}),
    ("cancel", "waiting", "cancelled", lambda b, **m: desk.cancel([1], b, **m), {}),
    ("accept", "offered", "confirmed", lambda b, **m: desk.accept(1, b, **m), {}),
    ("decline", "offered", "declined", lambda b, **m: desk.decline([1], b, **m), {}),
    ("cancel", "offered", "cancelled", lambda b, **m: desk.cancel([1], b, **m), {}),
    ("cancel", "confirmed", "cancelled", lambda b, **m: desk.cancel([1], b, **m), {}),
    ("check_in", "confirmed", "attended", lambda b, **m: desk.check_in([1], b, **m), {}),
    ("no_show", "confirmed", "no_show", lambda b, **m: desk.no_show([1], b, **m), {}),
    ("undo", "attended", "confirmed", lambda b, **m: desk.undo([1], b, **m), {}),
    ("undo", "no_show", "confirmed", lambda b, **m: desk.undo([1], b, **m), {}),
    (
        "switch",
        "confirmed",
        "confirmed",
        lambda b, **m: desk.switch(1, Mode.ONLINE, b, **m),
        {"mode": "online"},
    ),
    ("split", "confirmed", "confirmed", lambda b, **m: desk.split(1, b, **m), {}),
    ("link", "confirmed", "confirmed", lambda b, **m: desk.send_link(1, b, **m), {}),
    ("renew", "confirmed", "confirmed", lambda b, **m: desk.renew_link(1, b, **m), {}),
]


@pytest.mark.parametrize(
    ("action", "before", "after", "command", "more"),
    STEPS,
    ids=[f"{action} of {before}" for action, before, *_ in STEPS],
)
def test_a_step_is_written_down_with_who_did_it_when_and_why(
    action: str, before: str, after: str, command: Callable[..., Any], more: dict[str, Any]
) -> None:
    """The reason goes into the journal with every one of them."""
    counter = at(capacity=3 if before not in ("waiting",) else 0)
    one = Registration(
        event="22-1",
        number=1,
        person=ANNE,
        status=before,
        at=NOW,
        party=1,
        told=4,
        offer_ends=STARTS if before == "offered" else None,
    )
    counter.rows[1] = one
    outcome = ask(counter, command, actor=STAFF, reason="Fordi")
    [entry] = outcome.entries
    assert (entry.action, entry.at, entry.actor) == (action, NOW, STAFF)
    assert (entry.event, entry.registration, entry.reason) == ("22-1", 1, "Fordi")
    silent = action in ("check_in", "no_show", "undo", "split")
    told = {
        "change": 2,
        "from": before,
        "to": after,
        "notices": () if silent else ("22-1-1.2",),
        **more,
    }
    assert dict(entry.data) == told
    [changed] = outcome.registrations
    assert (changed.status, changed.change) == (after, 2)
    assert changed.offer_ends == (STARTS if before == "offered" and after == "cancelled" else None)
    # Without a reason of their own there is none.
    when = STARTS if action in ("check_in", "no_show") else NOW
    again = command(counter_with(one).book, now=when, actor=STAFF)
    if before != "waiting":
        assert again.value.entries[0].reason == ""


@pytest.mark.parametrize("reason", [None, "Aftalt"])
@pytest.mark.parametrize(
    "command",
    [
        lambda b, **m: desk.substitute(1, Person(name="Carl", email="carl@x.dk"), b, **m),
        lambda b, **m: desk.edit(1, b, person=evolve(ANNE, phone="1"), **m),
        lambda b, **m: desk.edit(1, b, invoice=INVOICE, **m),
        lambda b, **m: desk.register(
            Signup(people=[Person(name="Carl", email="carl@x.dk")], key="x"), b, **m
        ),
    ],
    ids=["substitute", "edit", "edit of the bill", "register"],
)
def test_what_is_done_is_kept_with_its_reason_or_with_none(
    command: Callable[..., Any], reason: str | None
) -> None:
    """In every entry that it makes, of those who came along too."""
    counter = at()
    counter.register(ANNE, BO)
    counter.entries.clear()
    ask(counter, command, actor=STAFF, **({} if reason is None else {"reason": reason}))
    assert counter.entries
    assert {(one.reason, one.actor) for one in counter.entries} == {(reason or "", STAFF)}


@pytest.mark.parametrize(
    ("status", "command", "kind", "data"),
    [
        ("confirmed", lambda b, **m: desk.switch(1, Mode.ONLINE, b, **m), "change", "online"),
        ("waiting", lambda b, **m: desk.switch(1, Mode.ONLINE, b, **m), "confirmation", None),
        (
            "confirmed",
            lambda b, **m: desk.edit(1, b, person=evolve(ANNE, email="anne@ny.dk"), **m),
            "change",  # where nothing is new besides, see below
            "room",
        ),
        ("confirmed", lambda b, **m: desk.send_link(1, b, **m), "link", None),
        ("confirmed", lambda b, **m: desk.cancel([1], b, **m), "seat_cancelled", None),
    ],
    ids=["to online", "online from the queue", "another address", "the link", "cancelled"],
)
@pytest.mark.parametrize("since", [4, 3, None])
def test_a_notice_says_how_one_attends_now_where_that_is_what_changed(
    status: str, command: Callable[..., Any], kind: str, data: str | None, since: int | None
) -> None:
    """And since when they know of the meeting, where they were told of an older one, or never."""
    counter = at(capacity=0 if status == "waiting" else 3)
    counter.rows[1] = Registration(
        event="22-1", number=1, person=ANNE, status=status, at=NOW, told=since
    )
    [notice] = ask(counter, command).notices
    if data == "room" and since == 4:
        kind, data = "confirmation", None
    assert notice.kind == kind
    after = {"waiting": "confirmed"}.get(status, counter.rows[1].status.value)
    expected: dict[str, Any] = {"status": after}
    if data is not None:
        expected["mode"] = data
    if since != 4:
        expected["since"] = since
    assert notice.data == expected
    # A link says nothing of what has changed, which they are still owed.
    assert counter.rows[1].told == (since if kind == "link" else 4)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("pending", "received"),
        ("waiting", "waiting"),
        ("offered", "offer"),
        ("confirmed", "confirmation"),
        ("attended", "change"),
    ],
)
def test_at_another_address_one_is_told_how_one_stands(status: str, kind: str) -> None:
    """Nothing was read there, and what is still owed to the old one is not sent any more."""
    counter = at(capacity=0 if status == "waiting" else 3)
    ends = NOW + timedelta(days=9) if status == "offered" else None
    counter.rows[1] = Registration(
        event="22-1", number=1, person=ANNE, status=status, at=NOW, told=4, offer_ends=ends
    )
    after = evolve(ANNE, email="anne@ny.dk")
    outcome = ask(counter, lambda b, **m: desk.edit(1, b, person=after, **m), actor=STAFF)
    [notice] = outcome.notices
    assert (notice.kind, notice.recipient) == (kind, "anne@ny.dk")
    assert (notice.sequence is not None) is (status in ("confirmed", "attended"))
    counter.rows[1] = evolve(counter.rows[1], person=ANNE)
    after = evolve(ANNE, email=ANNE.email.upper())
    outcome = ask(counter, lambda b, **m: desk.edit(1, b, person=after, **m), actor=STAFF)
    assert outcome.notices == ()


def test_what_falls_due_has_no_reason() -> None:
    """Nobody said one: the time did it."""
    counter = at(capacity=1)
    counter.register(ANNE)
    counter.register("B")
    counter.entries.clear()
    counter.change(capacity=2)
    assert [(one.action, one.reason, one.actor) for one in counter.entries] == [
        ("promote", "", SYSTEM)
    ]


def counter_with(one: Registration) -> Counter:
    counter = at()
    counter.rows[1] = one
    return counter


# --- every reason, whole ---------------------------------------------------------------------

WHO = {"who": "Anne", "registration": "22-1-1"}
CLOSED = {"closed": STARTS}


def refusals() -> dict[str, tuple[Callable[[], Counter], Callable[..., Any], list[Reason]]]:
    """What leads to each reason, and the reason with all it knows."""

    def seated() -> Counter:
        counter = at()
        counter.register(ANNE)
        return counter

    def stands(status: str, **more: Any) -> Callable[[], Counter]:
        def make() -> Counter:
            counter = seated()
            counter.rows[1] = evolve(counter.rows[1], status=status, **more)
            return counter

        return make

    def over() -> Counter:
        counter = seated()
        counter.now = STARTS.astimezone(UTC)
        return counter

    def join(*people: Person, **more: Any) -> Callable[..., Any]:
        signup = Signup(people=people or [ANNE], key="x", **more)
        return lambda book, **m: desk.register(signup, book, **m)

    carl = Person(name="Carl", email="carl@x.dk")
    bad = Person(name="Carl", email="carl")
    return {
        "already registered": (
            seated,
            join(carl, ANNE),
            [
                Reason(
                    "already_registered", {"path": "people[1].name", **WHO, "status": "confirmed"}
                )
            ],
        ),
        "a substitute with a seat": (
            seated,
            lambda b, **m: desk.substitute(1, ANNE, b, **m),
            [Reason("already_registered", {"path": "person.name", **WHO, "status": "confirmed"})],
        ),
        "twice": (
            at,
            join(carl, carl),
            [Reason("twice_in_party", {"path": "people[1].name", "who": "Carl"})],
        ),
        "no e-mail": (
            at,
            join(BO),
            [Reason("email_missing", {"path": "people[0].email", "who": "Bo"})],
        ),
        "a booker without e-mail": (
            at,
            join(carl, booker=BO),
            [Reason("email_missing", {"path": "booker.email", "who": "Bo"})],
        ),
        "a substitute without e-mail": (
            seated,
            lambda b, **m: desk.substitute(1, BO, b, **m),
            [Reason("email_missing", {"path": "person.email", "who": "Bo"})],
        ),
        "a wrong e-mail": (
            at,
            join(bad),
            [Reason("email_wrong", {"path": "people[0].email", "who": "Carl"})],
        ),
        "a substitute's wrong e-mail": (
            seated,
            lambda b, **m: desk.substitute(1, bad, b, **m),
            [Reason("email_wrong", {"path": "person.email", "who": "Carl"})],
        ),
        "a wrong e-mail for the bill": (
            at,
            join(carl, invoice=Invoice(name="BL", email="x")),
            [Reason("email_wrong", {"path": "invoice.email", "who": "BL"})],
        ),
        "a corrected bill's wrong e-mail": (
            seated,
            lambda b, **m: desk.edit(1, b, invoice=Invoice(name="BL", email="x"), **m),
            [Reason("email_wrong", {"path": "invoice.email", "who": "BL"})],
        ),
        "a corrected wrong e-mail": (
            seated,
            lambda b, **m: desk.edit(1, b, person=evolve(ANNE, email="x"), **m),
            [Reason("email_wrong", {"path": "person.email", "who": "Anne"})],
        ),
        "no answer": (
            lambda: at(questions=[TOUR]),
            join(carl),
            [
                Reason(
                    "answer_missing",
                    {"path": "answers[0].tour", "who": "Carl", "question": "Går du med?"},
                )
            ],
        ),
        "a wrong answer": (
            lambda: at(questions=[TOUR]),
            join(carl, answers=[{"tour": "Måske"}]),
            [
                Reason(
                    "answer_wrong",
                    {
                        "path": "answers[0].tour",
                        "who": "Carl",
                        "question": "Går du med?",
                        "options": ["Ja", "Nej"],
                    },
                )
            ],
        ),
        "no consent": (
            lambda: at(questions=[DIET]),
            join(carl, answers=[{"diet": "Nødder"}]),
            [
                Reason(
                    "consent_missing",
                    {
                        "path": "answers[0].diet.consent",
                        "who": "Carl",
                        "question": "Hvad spiser du ikke?",
                    },
                )
            ],
        ),
        "nobody asked": (
            at,
            join(carl, answers=[{"x": "y"}]),
            [Reason("unknown_question", {"path": "answers[0].x", "who": "Carl"})],
        ),
        "a substitute's answers": (
            seated,
            lambda b, **m: desk.substitute(1, carl, b, answers={"x": 1}, **m),
            [Reason("unknown_question", {"path": "answers.x", "who": "Carl"})],
        ),
        "corrected answers": (
            seated,
            lambda b, **m: desk.edit(1, b, answers={"x": 1}, **m),
            [Reason("unknown_question", {"path": "answers.x", "who": "Anne"})],
        ),
        "not open": (
            lambda: at(opens=date(2022, 3, 2)),
            join(carl),
            [Reason("not_yet_open", {"opens": datetime(2022, 3, 2, tzinfo=COPENHAGEN)})],
        ),
        "too late": (
            lambda: at(deadline=date(2022, 2, 27)),
            join(carl),
            [Reason("deadline_passed", {"closed": datetime(2022, 2, 28, tzinfo=COPENHAGEN)})],
        ),
        "begun": (over, join(carl), [Reason("started", CLOSED)]),
        "a draft": (lambda: at(status=Status.DRAFT), join(carl), [Reason("event_draft")]),
        "postponed": (
            lambda: at(status=Status.POSTPONED),
            join(carl),
            [Reason("event_postponed")],
        ),
        "called off": (
            lambda: at(status=Status.CANCELLED),
            join(carl),
            [Reason("event_cancelled", {"event": "22-1"})],
        ),
        "not online": (
            lambda: at(online=None),
            join(carl, mode=Mode.ONLINE),
            [Reason("mode_not_offered", {"mode": "online"})],
        ),
        "not that item": (
            at,
            lambda b, **m: desk.register(Signup(people=[carl], key="x"), b, item="b", **m),
            [Reason("unknown_item", {"item": "b"})],
        ),
        "too many": (
            at,
            join(*(Person(name=f"P{n}", email="p@x.dk") for n in range(4))),
            [Reason("party_too_large", {"people": 4, "capacity": 3})],
        ),
        "no seat at all": (
            lambda: at(capacity=0),
            join(carl),
            [Reason("full", {"people": 1, "capacity": 0})],
        ),
        "cancelled too late": (
            over,
            lambda b, **m: desk.cancel([1], b, **m),
            [Reason("cancel_closed", CLOSED)],
        ),
        "corrected too late": (
            over,
            lambda b, **m: desk.edit(1, b, **m),
            [Reason("edit_closed", CLOSED)],
        ),
        "switched too late": (
            over,
            lambda b, **m: desk.switch(1, Mode.ONLINE, b, **m),
            [Reason("edit_closed", CLOSED)],
        ),
        "substituted too late": (
            over,
            lambda b, **m: desk.substitute(1, carl, b, **m),
            [Reason("substitute_closed", CLOSED)],
        ),
        "no offer": (
            seated,
            lambda b, **m: desk.accept(1, b, **m),
            [Reason("no_offer", {"who": "Anne", "status": "confirmed"})],
        ),
        "an offer that ended": (
            stands("expired", offer_ends=STARTS - timedelta(days=1)),
            lambda b, **m: desk.accept(1, b, **m),
            [Reason("offer_ended", {"ended": STARTS - timedelta(days=1)})],
        ),
        "an offer that ended with all offers": (
            stands("expired", offer_ends=STARTS + timedelta(days=1)),
            lambda b, **m: desk.decline([1], b, **m),
            [Reason("offer_ended", {"ended": STARTS})],
        ),
        "never offered": (
            stands("expired"),
            lambda b, **m: desk.accept(1, b, **m),
            [Reason("no_offer", {"who": "Anne", "status": "expired"})],
        ),
        "gone": (
            stands("cancelled"),
            lambda b, **m: desk.cancel([1], b, **m),
            [Reason("registration_gone", {**WHO, "status": "cancelled"})],
        ),
        "no seat to give": (
            stands("pending"),
            lambda b, **m: desk.substitute(1, carl, b, **m),
            [Reason("registration_active", {**WHO, "status": "pending"})],
        ),
        "there already": (
            seated,
            lambda b, **m: desk.switch(1, Mode.ROOM, b, **m),
            [Reason("same_mode", {"mode": "room"})],
        ),
        "no seat there": (
            lambda: evolved(seated(), online_capacity=0),
            lambda b, **m: desk.switch(1, Mode.ONLINE, b, **m),
            [Reason("mode_full", {"mode": "online", "people": 1, "free": 0})],
        ),
        "somebody else": (
            seated,
            lambda b, **m: desk.edit(1, b, person=carl, **m),
            [Reason("another_person", {"path": "person.name"})],
        ),
        "not asking": (
            seated,
            lambda b, **m: desk.approve(1, b, **{**m, "actor": STAFF}),
            [Reason("not_pending", {"who": "Anne", "status": "confirmed"})],
        ),
        "not asking either": (
            seated,
            lambda b, **m: desk.reject([1], b, **{**m, "actor": STAFF}),
            [Reason("not_pending", {"who": "Anne", "status": "confirmed"})],
        ),
        "alone": (
            seated,
            lambda b, **m: desk.split(1, b, **{**m, "actor": STAFF}),
            [Reason("no_party", {"who": "Anne"})],
        ),
        "not staff": (
            seated,
            lambda b, **m: desk.check_in([1], b, **{**m, "now": STARTS}),
            [Reason("staff_only")],
        ),
    }


def evolved(counter: Counter, **changes: Any) -> Counter:
    counter.revision = evolve(counter.revision, event=evolve(counter.event, **changes))
    return counter


@pytest.mark.parametrize("name", refusals())
def test_a_reason_knows_all_it_speaks_of(name: str) -> None:
    """Its path, its person, its times: what a page needs to say it in the right place."""
    make, command, reasons = refusals()[name]
    counter = make()
    before = dict(counter.rows)
    assert ask(counter, command) == reasons
    assert counter.rows == before


# --- money -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "role", "price", "fee", "owed"),
    [
        ("confirmed", "participant", 500, None, 500),
        ("attended", "participant", 500, None, 500),
        ("no_show", "participant", 500, None, None),
        ("no_show", "participant", 500, 250, 250),
        ("waiting", "participant", 500, None, None),
        ("cancelled", "participant", 500, 200, 200),
        ("cancelled", "participant", 500, None, None),
        ("confirmed", "speaker", 500, None, None),
        ("confirmed", "participant", 0, None, None),
        ("confirmed", "participant", None, None, None),
    ],
)
def test_one_owes_for_a_seat_or_a_fee(
    status: str, role: str, price: int | None, fee: int | None, owed: int | None
) -> None:
    """Only participants, and never nothing."""
    one = Registration(
        event="22-1",
        number=1,
        person=ANNE,
        status=status,
        role=role,
        at=NOW,
        fee=None if fee is None else Money(fee),
    )
    told = charges.charge(event(price=None if price is None else Money(price)), one)
    assert told == (None if owed is None else Money(owed))


def test_the_later_of_two_fees_of_one_day_counts() -> None:
    """And one that is free is none; speakers pay nothing."""
    fees = [Fee(since=date(2022, 3, 1), money=Money(n)) for n in (300, 100)]
    one = Registration(event="22-1", number=1, person=ANNE, status="confirmed", at=NOW)
    assert charges.cancel_fee(event(fees=fees), one, now=NOW) == Money(100)
    free = [*fees, Fee(since=date(2022, 3, 1), money=Money(0))]
    assert charges.cancel_fee(event(fees=free), one, now=NOW) is None
    speaker = evolve(one, role=Role.SPEAKER)
    assert charges.cancel_fee(event(fees=fees), speaker, now=NOW) is None
    begins = datetime(2022, 3, 1, tzinfo=COPENHAGEN)
    assert charges.cancel_fee(event(fees=fees), one, now=begins) == Money(100)
    before = begins - timedelta(microseconds=1)
    assert charges.cancel_fee(event(fees=fees), one, now=before) is None
    assert charges.no_show_fee(event(no_show_fee=Money(9)), speaker) is None
    assert charges.no_show_fee(event(no_show_fee=Money(9)), one) == Money(9)
    assert charges.no_show_fee(event(), one) is None


# --- the rest, to the letter -----------------------------------------------------------------


def test_what_nobody_asked_for_is_written_down_too() -> None:
    """Promoted, offered and expired, each by its own word; and told of the revision there is."""
    counter = at(capacity=1)
    for name in "ABCD":
        counter.register(name)
    counter.ask(lambda book, **m: desk.cancel([1], book, **m))
    assert (counter.entries[-1].action, counter.rows[2].told) == ("promote", 4)
    counter.revision = evolve(counter.revision, number=9, sequence=8)
    counter.now = LATE - timedelta(days=1)
    counter.ask(lambda book, **m: desk.cancel([2], book, **m))
    assert (counter.entries[-1].action, counter.rows[3].told) == ("offer", 9)
    assert counter.notices[-1].revision == 9
    counter.now = counter.rows[3].offer_ends or LATE
    counter.tick()
    assert [one.action for one in counter.entries[-2:]] == ["expire", "offer"]
    counter.register("E")
    counter.now = STARTS.astimezone(UTC)
    counter.tick()
    assert [one.action for one in counter.entries[-2:]] == ["expire", "expire"]
    assert counter.rows[4].told == 9


def test_a_fee_stands_in_the_journal() -> None:
    """As money is said in documents."""
    counter = at(fees=[Fee(since=date(2022, 1, 1), money=Money(200))])
    counter.register(ANNE)
    counter.ask(lambda book, **m: desk.cancel([1], book, **m))
    assert counter.entries[-1].data["fee"] == {"amount": "200.00", "currency": "DKK"}
    assert "fee" not in counter.entries[0].data


def test_offers_begin_at_a_moment() -> None:
    """Three days before is from the first moment of that day."""
    begins = datetime(2022, 4, 18, tzinfo=COPENHAGEN)
    for now, status in ((begins - timedelta(microseconds=1), "confirmed"), (begins, "offered")):
        counter = at(capacity=1)
        counter.register("A")
        counter.register("B")
        counter.now = now
        counter.ask(lambda book, **m: desk.cancel([1], book, **m))
        assert counter.standing()["B"] == status


def test_a_person_keeps_one_calendar_entry() -> None:
    """Through every registration, one SEQUENCE further; a colleague by the booker's address."""
    counter = at(capacity=9)
    for turn in range(3):
        counter.register(ANNE, BO)
        mine = [one for one in counter.rows.values() if one.person == BO]
        assert len({one.uid for one in mine}) == 1
        assert mine[-1].sequence == 2 * turn
        counter.ask(lambda book, **m: desk.cancel(sorted(counter.rows)[-2:], book, **m))
    nameless, other = at(uid=None), at(uid="22-1@other.dk")
    for one in (nameless, other):
        one.register(ANNE)
        assert len(one.rows[1].uid or "") == 32
    assert len({one.rows[1].uid for one in (counter, nameless, other)}) == 3


def test_an_unknown_number_is_named() -> None:
    """As people would write it."""
    with pytest.raises(NotFoundError, match=r"^there is no registration 22-1-7$") as caught:
        desk.cancel([7], at().book, now=NOW, actor=PUBLIC)
    assert (caught.value.code, caught.value.data) == (
        "unknown_registration",
        {"registration": "22-1-7"},
    )


def test_the_link_tells_of_no_calendar_to_a_booker() -> None:
    """Who stays at home is sent the link, and no entry of somebody else's."""
    counter = at()
    counter.register("A", booker=Person(name="Chef", email="chef@x.dk"))
    assert [(one.recipient, one.sequence) for one in counter.notices] == [
        ("a@x.dk", 7),
        ("chef@x.dk", None),
    ]
