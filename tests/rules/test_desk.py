"""The desk's decisions, a row each, and what holds for all of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from counter import PUBLIC, STAFF, Counter

from eventkit.model.decision import Allowed, Reason, Refused
from eventkit.model.errors import NotFoundError
from eventkit.model.event import AgendaItem, Event, Status
from eventkit.model.registration import NoticeKind, Signup, Standing
from eventkit.model.values import (
    SYSTEM,
    Answer,
    Before,
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
from eventkit.rules import desk
from eventkit.rules.seating import OVERRIDABLE, SECOND_THOUGHTS, TRANSITIONS, Turn, offer_ends

COPENHAGEN = zone("Europe/Copenhagen")
STARTS = datetime(2022, 4, 21, 9, 30, tzinfo=COPENHAGEN)  # a Thursday
EARLY = datetime(2022, 3, 1, 12, tzinfo=UTC)
LATE = datetime(2022, 4, 19, 12, tzinfo=UTC)  # within three days of the start
S = Standing


def event(**changes: Any) -> Event:
    told: dict[str, Any] = {
        "id": "22-1",
        "uid": "22-1@example.dk",
        "title": "Netværksmøde",
        "starts": STARTS,
        "ends": STARTS + timedelta(hours=5),
        "venue": Venue(name="Rosenhøj"),
        "capacity": 2,
    }
    return Event(**{**told, **changes})


def at(now: datetime = EARLY, **changes: Any) -> Counter:
    return Counter(event(**changes), now)


def both(now: datetime = EARLY, **changes: Any) -> Counter:
    return at(now, online=OnlineAccess(provider="Teams"), online_capacity=2, **changes)


def codes(refused: Any) -> list[str]:
    assert isinstance(refused, list), "it was allowed"
    return refused


# --- the decision table ----------------------------------------------------------------------


def test_a_free_seat_is_taken() -> None:
    """One seat, one confirmation with a calendar, one journal entry."""
    counter = at()
    counter.register("Anne")
    assert counter.standing() == {"Anne": "confirmed"}
    [notice] = counter.notices
    assert (notice.kind, notice.recipient, notice.sequence) == ("confirmation", "anne@x.dk", 0)
    assert [entry.action for entry in counter.entries] == ["register"]


def test_a_newcomer_waits_behind_a_party_that_does_not_fit() -> None:
    """Full, a party of three at the head, one free seat: who comes now waits, though it is free."""
    counter = at(capacity=3)
    counter.register("A")
    counter.register("B")
    counter.register("C")
    counter.register("D", "E", "F")
    counter.ask(lambda book, **m: desk.cancel([1], book, **m))
    assert counter.seats.room.free == 1
    counter.register("Ny")
    assert counter.standing()["Ny"] == "waiting"
    assert counter.standing()["D"] == "waiting"
    (head, behind) = desk.preview(counter.book, Mode.ROOM, now=EARLY)
    assert (head.place, head.kept_by) == (1, Reason("seats_needed", {"people": 3, "free": 1}))
    assert (behind.place, behind.kept_by) == (4, Reason("others_first", {"ahead": 3}))


def test_a_split_party_takes_the_seats_there_are() -> None:
    """Staff split it; each keeps its number, so the first of them sits and the rest wait on."""
    counter = at(capacity=1)
    counter.register("A")
    counter.change(capacity=3)
    counter.register("B", "C")
    counter.register("D", "E", "F")
    counter.register("Ny")
    counter.ask(lambda book, **m: desk.cancel([1], book, **m))
    assert codes(counter.ask(lambda book, **m: desk.split(4, book, **m))) == ["staff_only"]
    counter.ask(lambda book, **m: desk.split(4, book, **m), actor=STAFF)
    assert counter.standing() == {
        "A": "cancelled",
        "B": "confirmed",
        "C": "confirmed",
        "D": "confirmed",
        "E": "waiting",
        "F": "waiting",
        "Ny": "waiting",
    }
    counter.change(capacity=5)
    assert counter.standing()["F"] == "confirmed"
    assert counter.standing()["Ny"] == "waiting"
    again = counter.ask(lambda book, **m: desk.split(4, book, **m), actor=STAFF)
    assert codes(again) == ["no_party"]


@pytest.mark.parametrize(("now", "status"), [(EARLY, "confirmed"), (LATE, "offered")])
def test_a_freed_seat_goes_to_the_head_after_the_deadline_too(now: datetime, status: str) -> None:
    """The deadline governs joining, not moving up: given at once, or offered near the start."""
    counter = at(capacity=1)
    counter.register("A")
    counter.register("B")
    counter.register("C")
    counter.change(deadline=date(2022, 2, 1))
    counter.now = now
    assert codes(counter.register("Ny")) == ["deadline_passed"]
    counter.ask(lambda book, **m: desk.cancel([1], book, **m))
    assert counter.standing() == {"A": "cancelled", "B": status, "C": "waiting"}


def test_lowering_capacity_unseats_nobody_and_withdraws_no_offer() -> None:
    """From 50 to 40 with 45 confirmed and 3 offered: nothing moves until it is below 40."""
    counter = at(capacity=50)
    counter.register(*[f"P{n}" for n in range(50)])
    counter.register("V1", "V2", "V3")
    counter.ask(lambda book, **m: desk.split(51, book, **m), actor=STAFF)
    counter.register("V4")
    counter.now = LATE
    counter.ask(lambda book, **m: desk.cancel(range(1, 4), book, **m))
    counter.ask(lambda book, **m: desk.cancel(range(4, 6), book, **m))
    assert (counter.seats.room.confirmed, counter.seats.room.offered) == (45, 4)
    counter.ask(lambda book, **m: desk.decline([54], book, **m))
    counter.register("V5")  # there are free seats, and nobody waits
    counter.change(capacity=40)
    before = counter.standing()
    assert (counter.seats.room.offered, counter.seats.room.free) == (3, 0)
    counter.register("V6")
    assert counter.standing()["V6"] == "waiting"
    for number in range(6, 15):
        counter.ask(lambda book, n=number, **m: desk.cancel([n], book, **m))
    assert counter.seats.room.confirmed + counter.seats.room.offered == 40
    assert counter.standing()["V6"] == "waiting", "exactly full is full"
    counter.ask(lambda book, **m: desk.cancel([15], book, **m))
    assert counter.standing()["V6"] == "offered"
    assert {name: counter.standing()[name] for name in ("V1", "V2", "V3")} == {
        name: before[name] for name in ("V1", "V2", "V3")
    }


def test_raising_capacity_promotes_at_once() -> None:
    """In the same outcome, in order."""
    counter = at(capacity=1)
    for name in "ABCD":
        counter.register(name)
    outcome = counter.change(capacity=3)
    assert [one.person.name for one in outcome.registrations] == ["B", "C"]
    assert [entry.action for entry in outcome.entries] == ["promote", "promote"]
    counter.change(capacity=None)
    assert set(counter.standing().values()) == {"confirmed"}


def test_an_approval_waits_by_arrival() -> None:
    """Who was approved after others began to wait stands before those who came later."""
    counter = at(capacity=1, approval=True)
    counter.register("A")
    counter.register("B")
    counter.ask(lambda book, **m: desk.approve(1, book, **m), actor=STAFF)
    counter.register("C")
    counter.ask(lambda book, **m: desk.approve(3, book, **m), actor=STAFF)
    counter.ask(lambda book, **m: desk.approve(2, book, **m), actor=STAFF)
    assert counter.standing() == {"A": "confirmed", "B": "waiting", "C": "waiting"}
    line = desk.preview(counter.book, Mode.ROOM, now=EARLY)
    assert [group.numbers for group in line] == [(2,), (3,)]
    counter.ask(lambda book, **m: desk.cancel([1], book, **m))
    assert counter.standing()["B"] == "confirmed"


def test_an_approved_head_that_fits_passes_a_party_that_came_later() -> None:
    """Arrival decides, also where those who wait came later and do not fit."""
    counter = at(capacity=2, approval=True)
    counter.register("A")
    counter.register("Sen")
    counter.register("B", "C")
    counter.ask(lambda book, **m: desk.approve(1, book, **m), actor=STAFF)
    counter.ask(lambda book, **m: desk.approve(3, book, **m), actor=STAFF)
    assert counter.standing()["B"] == "waiting"
    counter.ask(lambda book, **m: desk.approve(2, book, **m), actor=STAFF)
    assert counter.standing()["Sen"] == "confirmed"


def test_an_approval_passes_nobody_who_came_before() -> None:
    """Though there is a seat for one and none for the two ahead; the queue online holds nobody."""
    counter = both(capacity=2, approval=True)
    counter.register("A")
    counter.register("B", "C")
    counter.register("D")
    counter.register("E", mode=Mode.ONLINE)
    for number in (1, 2, 4, 5):
        counter.ask(lambda book, n=number, **m: desk.approve(n, book, **m), actor=STAFF)
    assert counter.seats.room.free == 1
    assert counter.standing() == {
        "A": "confirmed",
        "B": "waiting",
        "C": "waiting",
        "D": "waiting",
        "E": "confirmed",
    }


def test_pending_holds_no_seat_and_can_be_rejected() -> None:
    """It is neither in the queue nor in the counts; the public cannot approve itself."""
    counter = at(capacity=1, approval=True)
    counter.register("A")
    assert counter.standing() == {"A": "pending"}
    assert counter.seats.room.free == 1
    assert counter.notices[-1].kind is NoticeKind.RECEIVED
    assert counter.notices[-1].sequence is None
    assert codes(counter.ask(lambda book, **m: desk.approve(1, book, **m))) == ["staff_only"]
    assert codes(counter.ask(lambda book, **m: desk.reject([1], book, **m))) == ["staff_only"]
    counter.ask(lambda book, **m: desk.reject([1], book, **m), actor=STAFF, reason="Forkert")
    assert counter.standing() == {"A": "rejected"}
    assert counter.entries[-1].reason == "Forkert"
    again = counter.ask(lambda book, **m: desk.approve(1, book, **m), actor=STAFF)
    assert codes(again) == ["not_pending"]


def test_whom_staff_register_needs_no_approval() -> None:
    """They are approved by being registered."""
    counter = at(capacity=1, approval=True)
    counter.register("A", actor=STAFF)
    assert counter.standing() == {"A": "confirmed"}


def offered(now: datetime = LATE) -> Counter:
    """B has been offered the seat that A left; C waits."""
    counter = at(capacity=1)
    for name in "ABC":
        counter.register(name)
    counter.now = now
    counter.ask(lambda book, **m: desk.cancel([1], book, **m))
    assert counter.standing()["B"] == "offered"
    return counter


def test_an_offer_may_be_accepted_until_it_ends() -> None:
    """Tuesday noon UTC: the first working noon at least 24 hours ahead is the start itself."""
    counter = offered()
    assert counter.rows[2].offer_ends == STARTS
    counter.now = STARTS.astimezone(UTC) - timedelta(seconds=1)
    counter.ask(lambda book, **m: desk.accept(2, book, **m))
    assert counter.standing()["B"] == "confirmed"
    assert counter.rows[2].offer_ends is None


def test_an_ended_offer_is_refused_though_nobody_ticked() -> None:
    """Expiry is decided by the time, not by whether somebody came by to note it."""
    counter = offered(datetime(2022, 4, 18, 8, tzinfo=UTC))
    ends = counter.rows[2].offer_ends
    assert ends == datetime(2022, 4, 19, 10, tzinfo=UTC), "noon in Denmark"
    counter.now = ends
    assert codes(counter.ask(lambda book, **m: desk.accept(2, book, **m))) == ["offer_ended"]
    counter.tick()
    assert counter.standing() == {"A": "cancelled", "B": "expired", "C": "offered"}
    assert codes(counter.ask(lambda book, **m: desk.accept(2, book, **m))) == ["offer_ended"]


def test_any_command_first_does_what_is_due() -> None:
    """C is offered B's lapsed seat before D is taken in."""
    counter = offered(datetime(2022, 4, 18, 8, tzinfo=UTC))
    counter.now = datetime(2022, 4, 19, 10, tzinfo=UTC)
    counter.register("D")
    assert counter.standing() == {
        "A": "cancelled",
        "B": "expired",
        "C": "offered",
        "D": "waiting",
    }


def test_a_declined_offer_goes_to_the_next() -> None:
    """Who says no is out of the queue, and gets no second offer."""
    counter = offered()
    counter.ask(lambda book, **m: desk.decline([2], book, **m))
    assert counter.standing() == {"A": "cancelled", "B": "declined", "C": "offered"}
    assert codes(counter.ask(lambda book, **m: desk.accept(2, book, **m))) == ["no_offer"]
    assert codes(counter.ask(lambda book, **m: desk.decline([2], book, **m))) == ["no_offer"]


def test_a_party_accepts_together_and_declines_one_by_one() -> None:
    """One may leave without the others, and speaks for them unless they say otherwise."""
    together = at(capacity=2)
    together.register("A", "B")
    together.register("C", "D")
    together.now = LATE
    together.ask(lambda book, **m: desk.cancel([1, 2], book, **m))
    together.ask(lambda book, **m: desk.accept(4, book, **m))
    assert [together.standing()[name] for name in "CD"] == ["confirmed"] * 2
    counter = at(capacity=2)
    counter.register("A", "B")
    counter.register("C", "D")
    counter.register("E")
    counter.now = LATE
    counter.ask(lambda book, **m: desk.cancel([1, 2], book, **m))
    counter.ask(lambda book, **m: desk.decline([3], book, **m))
    assert counter.standing()["E"] == "offered"
    counter.ask(lambda book, **m: desk.accept(4, book, **m))
    assert counter.standing() == {
        "A": "cancelled",
        "B": "cancelled",
        "C": "declined",
        "D": "confirmed",
        "E": "offered",
    }


def test_an_offer_never_outlives_the_time_for_offers() -> None:
    """Moving the end of offers ends those that run past it, as it is read now."""
    counter = offered()
    counter.now = LATE + timedelta(hours=1)
    counter.change(offers_until=LATE + timedelta(hours=1))
    assert counter.standing() == {"A": "cancelled", "B": "expired", "C": "expired"}


def test_nothing_moves_when_offers_have_ended() -> None:
    """A seat freed in the last minute goes to nobody; who waited is told so."""
    counter = at(capacity=1)
    counter.register("A")
    counter.register("B")
    counter.now = STARTS.astimezone(UTC)
    counter.tick()
    assert counter.standing() == {"A": "confirmed", "B": "expired"}
    assert counter.notices[-1].kind is NoticeKind.SEAT_CANCELLED
    assert counter.notices[-1].data["status"] == "expired"
    assert counter.notices[-1].sequence is None, "who never had a seat has nothing in a calendar"


def test_who_registers_again_is_last_in_line_with_a_higher_sequence() -> None:
    """The UID is the person's; each CANCEL and each new registration goes one further."""
    counter = at(capacity=1)
    counter.register("A")
    counter.register("B")
    counter.register("C")
    counter.ask(lambda book, **m: desk.cancel([1], book, **m))
    first = counter.rows[1]
    assert first.sequence == 1
    counter.register("A")
    again = counter.rows[counter.number("A")]
    assert (again.number, again.status, again.uid, again.sequence) == (4, "waiting", first.uid, 2)
    assert counter.rows[2].uid != first.uid
    line = desk.preview(counter.book, Mode.ROOM, now=EARLY)
    assert [group.numbers for group in line] == [(3,), (4,)]


def test_a_calendar_entry_stays_with_who_has_another_name_now() -> None:
    """Whoever comes under the old name gets another one, and so does the next."""
    counter = at(capacity=9)
    counter.register("A")
    counter.register("C")
    counter.ask(lambda book, **m: desk.cancel([1], book, **m))
    counter.register("A")
    first, carl, second = (counter.rows[number] for number in (1, 2, 3))
    assert first.uid == second.uid

    def edit(number: int, **person: str) -> Any:
        after = evolve(counter.rows[number].person, **person)
        return counter.ask(lambda book, **m: desk.edit(number, book, person=after, **m))

    edit(3, phone="12 34 56 78")
    assert counter.rows[1].uid == first.uid, "the same person as before"
    outcome = edit(3, name="B")
    assert [one.number for one in outcome.registrations] == [1, 3]
    assert [entry.registration for entry in outcome.entries] == [3]
    assert {number: one.uid for number, one in counter.rows.items()} == {
        1: None,
        2: carl.uid,
        3: first.uid,
    }
    counter.register("A")
    again = counter.rows[4]
    assert again.uid not in (None, first.uid, carl.uid)
    assert again.sequence > first.sequence


def test_a_booker_who_mends_their_address_takes_no_entry_from_who_is_back() -> None:
    """The colleague they signed up has left, and came again by themselves: theirs is the entry."""
    counter = at(capacity=9)
    anna = Person(name="Anna", email="anna@x.dk")
    counter.register(anna, Person(name="Carl"))
    counter.ask(lambda book, **m: desk.cancel([2], book, **m))
    counter.register(Person(name="Carl", email="anna@x.dk"))
    uid = counter.rows[3].uid
    assert uid == counter.rows[2].uid
    after = evolve(anna, email="anna@ny.dk")
    counter.ask(lambda book, **m: desk.edit(1, book, person=after, **m))
    assert counter.rows[2].booker == after
    assert [counter.rows[number].uid for number in (2, 3)] == [None, uid]


def test_nobody_accepts_a_seat_for_more_than_was_agreed() -> None:
    """Nor is anything agreed where nobody says so."""
    counter = at(capacity=1, offers_from=Before(days=60), price=Money(100))
    counter.register("A")
    counter.register("B")
    counter.ask(lambda book, **m: desk.cancel([1], book, **m))
    assert counter.standing() == {"A": "cancelled", "B": "offered"}

    def accept(agreed: Money | None) -> Any:
        return counter.ask(lambda book, **m: desk.accept(2, book, agreed=agreed, **m))

    assert codes(accept(Money(99))) == ["price_higher"]
    assert counter.rows[2].status == "offered"
    accept(Money(100))
    assert counter.rows[2].status == "confirmed"


def test_the_same_form_is_the_same_outcome() -> None:
    """Fifty times over, and also after everything has changed; nothing new is saved."""
    counter = at(capacity=1)
    first = counter.register("A", key="k")
    for _ in range(50):
        again = counter.register("A", key="k")
        assert [one.number for one in again.registrations] == [1]
        assert not again.entries
        assert not again.notices
    assert len(counter.rows) == 1
    assert first.registrations == again.registrations


def test_a_key_belongs_to_what_its_form_said() -> None:
    """Another name under it is refused, and so is another answer."""
    counter = at()
    counter.register("A", key="k")
    assert codes(counter.register("B", key="k")) == ["key_reused"]
    assert codes(counter.register("A", "B", key="k")) == ["key_reused"]
    assert codes(counter.register("A", key="k", invoice=Invoice(name="x"))) == ["key_reused"]


def test_a_shared_mailbox_is_two_people() -> None:
    """Caretakers share addresses; the pair of address and name is one person."""
    counter = at(capacity=5)
    anne = Person(name="Anne Ærø", email="Team@x.dk")
    counter.register(anne)
    counter.register(Person(name="Bo", email="team@x.dk"))
    assert len(counter.rows) == 2
    same = Person(name="anne  ærø", email="TEAM@x.dk")
    assert codes(counter.register(same)) == ["already_registered"]


def test_one_refused_member_refuses_the_party_by_name() -> None:
    """Nobody of it is registered, and every trouble is told at once."""
    counter = at(capacity=5)
    counter.register("A")
    people = [Person(name="B", email="b@x.dk"), Person(name="A", email="a@x.dk")]
    signup = Signup(people=people, key="k")
    refused = desk.register(signup, counter.book, now=EARLY, actor=PUBLIC)
    [reason] = refused.reasons
    assert (reason.code, reason.data["who"], reason.data["path"]) == (
        "already_registered",
        "A",
        "people[1].name",
    )
    assert codes(counter.register("C", "C")) == ["twice_in_party"]
    assert len(counter.rows) == 1


def test_a_party_larger_than_the_house_is_refused() -> None:
    """It could never sit, and would hold the queue for ever."""
    assert codes(at(capacity=2).register("A", "B", "C")) == ["party_too_large"]
    assert codes(at(capacity=0).register("A")) == ["full"]


def test_without_a_waiting_list_full_is_full() -> None:
    """Nobody waits for what never comes."""
    counter = at(capacity=1, waiting_list=False)
    counter.register("A")
    assert codes(counter.register("B")) == ["full"]
    pending = at(capacity=1, waiting_list=False, approval=True)
    pending.register("A")
    pending.register("B")
    pending.ask(lambda book, **m: desk.approve(1, book, **m), actor=STAFF)
    full = pending.ask(lambda book, **m: desk.approve(2, book, **m), actor=STAFF)
    assert codes(full) == ["full"]


def test_a_colleague_without_an_address_is_told_through_the_booker() -> None:
    """And is matched under the booker's address."""
    counter = at(capacity=5)
    anne, bo = Person(name="Anne", email="anne@x.dk"), Person(name="Bo")
    counter.register(anne, bo)
    assert [one.recipient for one in counter.notices] == ["anne@x.dk", "anne@x.dk"]
    assert counter.rows[2].booker == anne
    assert counter.rows[1].booker is None
    assert codes(counter.register(anne, bo)) == ["already_registered"] * 2
    counter.register(Person(name="Bo", email="chef@x.dk"))
    assert counter.standing()["Bo"] == "confirmed"


def test_a_booker_who_stays_at_home_gets_the_link() -> None:
    """One notice more, beside those of the people who come."""
    counter = at(capacity=5)
    counter.register("A", "B", booker=Person(name="Chef", email="chef@x.dk"))
    assert [(one.recipient, one.key) for one in counter.notices] == [
        ("a@x.dk", "22-1-1.1"),
        ("chef@x.dk", "22-1-1.1.booker"),
        ("b@x.dk", "22-1-2.1"),
    ]
    assert counter.entries[0].data["notices"] == ("22-1-1.1", "22-1-1.1.booker")


@pytest.mark.parametrize("address", ["a@x.dk", "A@X.dk"])
def test_a_booker_who_shares_the_address_gets_no_mail_of_their_own(address: str) -> None:
    """They would read the same twice in one mailbox, however it is written."""
    counter = at(capacity=5)
    counter.register("A", "B", booker=Person(name="Chef", email=address))
    assert [one.recipient for one in counter.notices] == ["a@x.dk", "b@x.dk"]


def test_walk_ins_need_no_address_and_are_nobody_else() -> None:
    """Two of one name are two people, and neither is owed a notice that nobody could send."""
    counter = at(capacity=5)
    nobody = Person(name="Gæst")
    assert codes(counter.register(nobody)) == ["email_missing"]
    counter.register(nobody, actor=STAFF)
    counter.register(nobody, actor=STAFF)
    assert len(counter.rows) == 2
    assert counter.notices == []


# --- when ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "now", "code"),
    [
        ({"opens": date(2022, 3, 2)}, EARLY, "not_yet_open"),
        ({"deadline": date(2022, 2, 28)}, EARLY, "deadline_passed"),
        ({}, STARTS.astimezone(UTC), "started"),
        ({"deadline": date(2022, 4, 30)}, STARTS + timedelta(hours=6), "event_over"),
        ({"deadline": date(2022, 4, 30)}, STARTS + timedelta(hours=5), "event_over"),
    ],
)
def test_staff_go_past_the_windows_with_a_reason(
    changes: dict[str, Any], now: datetime, code: str
) -> None:
    """The public never, and staff not without saying why; the journal keeps it."""
    counter = at(now, **changes)
    assert codes(counter.register("A", reason="Jeg vil")) == [code]
    assert codes(counter.register("A", actor=STAFF, reason="  ")) == [code]
    counter.register("A", actor=STAFF, reason="Aftalt på telefon")
    assert counter.entries[-1].reason == "Aftalt på telefon"


@pytest.mark.parametrize(
    ("changes", "now"),
    [
        ({"opens": date(2022, 3, 1)}, EARLY),
        ({"opens": EARLY}, EARLY),
        ({"opens": date(2022, 3, 1), "deadline": date(2022, 3, 1)}, EARLY),
        ({"deadline": date(2022, 4, 30)}, STARTS + timedelta(hours=5, microseconds=-1)),
    ],
)
def test_between_opening_and_closing_anybody_joins(changes: dict[str, Any], now: datetime) -> None:
    """From its first moment until just before its last, also while the meeting goes on."""
    counter = at(now, **changes)
    counter.register("A")
    assert counter.standing() == {"A": "confirmed"}


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (Status.DRAFT, "event_draft"),
        (Status.CANCELLED, "event_cancelled"),
        (Status.POSTPONED, "event_postponed"),
    ],
)
def test_what_is_not_announced_takes_nobody_in(status: Status, code: str) -> None:
    """Nor for staff with a reason; and nobody moves up."""
    counter = at(status=status)
    assert codes(counter.register("A", actor=STAFF, reason="Fordi")) == [code]
    waiting = at(capacity=1)
    waiting.register("A")
    waiting.register("B")
    waiting.change(status=status, capacity=5)
    assert waiting.standing()["B"] == "waiting"
    [group] = desk.preview(waiting.book, Mode.ROOM, now=EARLY)
    assert group.kept_by is not None
    assert group.kept_by.code == code


@pytest.mark.parametrize("what", ["cancel", "edit", "substitute"])
def test_each_thing_has_a_deadline_of_its_own(what: str) -> None:
    """Up to the last moment of its day; the start, where none is set."""
    counter = at(capacity=5, **{f"{what}_deadline": date(2022, 4, 11)})
    counter.register("A")
    command = {
        "cancel": lambda book, **m: desk.cancel([1], book, **m),
        "edit": lambda book, **m: desk.edit(1, book, person=Person(name="Aa", email="a@x.dk"), **m),
        "substitute": lambda book, **m: desk.substitute(
            1, Person(name="Z", email="z@x.dk"), book, **m
        ),
    }[what]
    midnight = datetime(2022, 4, 11, 22, tzinfo=UTC)
    counter.now = midnight
    assert codes(counter.ask(command)) == [f"{what}_closed"]
    before = counter.book
    counter.now = midnight - timedelta(microseconds=1)
    assert counter.ask(command).entries
    assert before.event.starts == STARTS


def test_every_reason_is_told_at_once() -> None:
    """Late, without an answer, with a CPR number and twice: all of it."""
    asked = Question(key="mad", text="Spiser du kød?", required=True)
    counter = at(deadline=date(2022, 1, 1), questions=[asked], capacity=1)
    told = counter.register(Person(name="Bo 010190-1234"), vetoes=[Reason("XX1")])
    assert codes(told) == ["deadline_passed", "email_missing", "cpr", "answer_missing", "XX1"]


def test_staff_go_past_a_missing_answer_and_a_veto_but_not_past_cpr() -> None:
    """What may be overridden is one list."""
    asked = Question(key="mad", text="Spiser du kød?", required=True)
    counter = at(questions=[asked])
    veto = [Reason("XX1")]
    assert codes(counter.register("A", actor=STAFF, vetoes=veto)) == ["answer_missing", "XX1"]
    counter.register("A", actor=STAFF, vetoes=veto, reason="Aftalt")
    refused = counter.register("010190-1234", actor=STAFF, vetoes=veto, reason="Aftalt")
    assert "cpr" in codes(refused)
    assert {"full", "already_registered", "cpr", "party_too_large", "mode_full"}.isdisjoint(
        OVERRIDABLE
    )


# --- modes and roles -------------------------------------------------------------------------


def test_room_and_online_are_counted_and_queued_apart() -> None:
    """One may be full while the other is free."""
    counter = both(capacity=1)
    counter.register("A")
    counter.register("B")
    counter.register("C", mode=Mode.ONLINE)
    assert counter.standing() == {"A": "confirmed", "B": "waiting", "C": "confirmed"}
    assert codes(at().register("D", mode=Mode.ONLINE)) == ["mode_not_offered"]


def test_going_online_frees_a_seat_in_the_room() -> None:
    """The head of the room's queue gets it; the calendar entry changes."""
    counter = both(capacity=1)
    counter.register("A")
    counter.register("B")
    counter.ask(lambda book, **m: desk.switch(1, Mode.ONLINE, book, **m))
    assert counter.standing() == {"A": "confirmed", "B": "confirmed"}
    moved = counter.rows[1]
    assert (moved.mode, moved.sequence) == (Mode.ONLINE, 1)
    assert [one.kind for one in counter.notices[-2:]] == ["change", "confirmation"]
    assert counter.notices[-2].sequence == 1


def test_the_way_back_needs_a_seat_and_no_queue() -> None:
    """Else nothing changes at all."""
    counter = both(capacity=1)
    counter.register("A")
    counter.register("B", mode=Mode.ONLINE)
    before = counter.standing()
    back = lambda book, **m: desk.switch(2, Mode.ROOM, book, **m)  # noqa: E731
    assert codes(counter.ask(back)) == ["mode_full"]
    counter.register("C", "D")  # too many for one seat, so they are told at once
    assert counter.standing() == before
    counter.register("E")
    counter.change(capacity=1)
    assert codes(counter.ask(back)) == ["mode_full"]
    assert codes(counter.ask(lambda book, **m: desk.switch(1, Mode.ROOM, book, **m))) == [
        "same_mode",
        "mode_full",
    ]


def test_who_waits_may_take_a_seat_in_the_other_mode() -> None:
    """And is out of the first queue then."""
    counter = both(capacity=1)
    counter.register("A")
    counter.register("B")
    counter.ask(lambda book, **m: desk.switch(2, Mode.ONLINE, book, **m))
    assert counter.standing()["B"] == "confirmed"
    assert counter.seats.room.waiting == 0


def test_who_was_offered_a_seat_may_take_one_in_the_other_mode() -> None:
    """The offer is over, has no end to wait for, and goes to the next in line."""
    counter = both(capacity=1)
    for name in "ABC":
        counter.register(name)
    counter.now = LATE
    counter.ask(lambda book, **m: desk.cancel([1], book, **m))
    assert counter.rows[2].offer_ends is not None
    counter.ask(lambda book, **m: desk.switch(2, Mode.ONLINE, book, **m))
    moved = counter.rows[2]
    assert (moved.status, moved.mode, moved.offer_ends) == (S.CONFIRMED, Mode.ONLINE, None)
    assert counter.standing()["C"] == "offered"


def test_a_party_has_one_mode() -> None:
    """All of it goes, or nobody."""
    counter = both(capacity=5)
    counter.register("A", "B", "C")
    online = lambda book, **m: desk.switch(2, Mode.ONLINE, book, **m)  # noqa: E731
    assert codes(counter.ask(online)) == ["mode_short"]
    counter.ask(lambda book, **m: desk.cancel([1], book, **m))
    counter.ask(online)
    assert [counter.rows[n].mode for n in (2, 3)] == [Mode.ONLINE, Mode.ONLINE]
    assert counter.rows[1].mode is Mode.ROOM


def test_speakers_take_no_seat_and_are_registered_by_staff() -> None:
    """A full house keeps no speaker out."""
    counter = at(capacity=0, programme=[AgendaItem(title="Oplæg", starts=STARTS, key="a")])
    assert codes(counter.register("T", role=Role.SPEAKER)) == ["staff_only"]
    refused = counter.register("T", role=Role.SPEAKER, item="b", actor=STAFF)
    assert codes(refused) == ["unknown_item"]
    counter.register("T", role=Role.SPEAKER, item="a", actor=STAFF)
    assert counter.standing() == {"T": "confirmed"}
    assert counter.seats.room.confirmed == 0
    counter.ask(lambda book, **m: desk.cancel([1], book, **m))
    assert counter.seats.room.confirmed == 0


# --- substitutes and corrections -------------------------------------------------------------


def test_a_substitute_takes_the_seat_past_the_queue() -> None:
    """The seat is the person's to give; the substitute's own wait ends."""
    counter = at(capacity=1)
    counter.register("A")
    counter.register("B")
    counter.register("C")
    counter.ask(lambda book, **m: desk.substitute(1, Person(name="C", email="c@x.dk"), book, **m))
    assert [one.status.value for one in counter.rows.values()] == [
        "substituted",
        "waiting",
        "cancelled",
        "confirmed",
    ]
    assert counter.rows[4].uid == counter.rows[3].uid
    assert [(one.kind, one.recipient) for one in counter.notices[-3:]] == [
        ("seat_cancelled", "c@x.dk"),
        ("substitution", "a@x.dk"),
        ("substitution", "c@x.dk"),
    ]
    assert counter.entries[-2].data["by"] == 4


def test_a_substitute_without_an_address_is_known_by_the_bookers() -> None:
    """The wait that ends is that of the colleague whom the same person signed up."""
    counter = at(capacity=2)
    anne, carl = Person(name="Anne", email="anne@x.dk"), Person(name="Carl")
    counter.register(anne, Person(name="Bo"))
    counter.register("Z")
    counter.register(carl, booker=anne)
    counter.ask(lambda book, **m: desk.substitute(2, carl, book, **m))
    assert [(one.number, one.status.value) for one in counter.rows.values()] == [
        (1, "confirmed"),
        (2, "substituted"),
        (3, "waiting"),
        (4, "cancelled"),
        (5, "confirmed"),
    ]


@pytest.mark.parametrize("role", [Role.SPEAKER, Role.HELPER])
def test_who_stands_in_for_a_task_has_the_task(role: Role) -> None:
    """And takes no seat, as who had it did not."""
    counter = at(capacity=0)
    counter.register("T", role=role, actor=STAFF)
    counter.ask(lambda book, **m: desk.substitute(1, Person(name="U", email="u@x.dk"), book, **m))
    assert (counter.rows[2].role, counter.seats.room.confirmed) == (role, 0)


def test_who_has_a_seat_is_nobodys_substitute() -> None:
    """Nor is it possible to be one's own."""
    counter = at(capacity=2)
    counter.register("A")
    counter.register("B")
    for name in "AB":
        person = Person(name=name, email=f"{name}@x.dk")
        refused = counter.ask(lambda book, p=person, **m: desk.substitute(1, p, book, **m))
        assert codes(refused) == ["already_registered"]
    counter.register("C")
    waiting = counter.ask(
        lambda book, **m: desk.substitute(3, Person(name="D", email="d@x.dk"), book, **m)
    )
    assert codes(waiting) == ["registration_active"]


def test_a_correction_keeps_the_person() -> None:
    """A new name or a new address is a correction; both at once is somebody else."""
    counter = at(capacity=3)
    counter.register("Ane")
    counter.register("Bo")

    def edit(**person: str) -> Any:
        changed = evolve(counter.rows[1].person, **person)
        return counter.ask(lambda book, **m: desk.edit(1, book, person=changed, **m))

    edit(name="Anne")
    assert len(counter.notices) == 2, "a typo mended is nobody's mail"
    edit(email="anne@ny.dk")
    told = counter.notices[-1]
    assert (told.kind, told.recipient) == ("confirmation", "anne@ny.dk")
    assert codes(edit(name="Carl", email="carl@x.dk")) == ["another_person"]
    assert codes(edit(email="")) == ["email_missing"]
    assert not edit().entries, "what changes nothing is no entry"
    counter.register(Person(name="Anne", email="bo@x.dk"))
    assert codes(edit(email="bo@x.dk")) == ["already_registered"]
    again = evolve(counter.rows[1].person, email="bo@x.dk")
    told = {"path": "person.name", "who": "Anne", "registration": "22-1-3"}
    decision = desk.edit(1, counter.book, now=EARLY, actor=PUBLIC, person=again)
    assert decision == Refused((Reason("already_registered", {**told, "status": "confirmed"}),))


def test_answers_and_invoice_may_be_corrected() -> None:
    """Under the rules the form had."""
    asked = Question(key="t", text="Tur?", answer=Answer.CHOICE, options=("Ja", "Nej"))
    counter = at(questions=[asked])
    counter.register("A", answers=[{"t": "Ja"}])
    counter.ask(
        lambda book, **m: desk.edit(
            1, book, answers={"t": "Nej"}, invoice=Invoice(ean="5790000000000"), **m
        )
    )
    assert counter.rows[1].answers == {"t": "Nej"}
    wrong = counter.ask(lambda book, **m: desk.edit(1, book, answers={"t": "Måske"}, **m))
    assert codes(wrong) == ["answer_wrong"]


def test_the_link_is_sent_again_at_most_hourly() -> None:
    """To who asks, while they are on the way in; staff may send it whenever they like."""
    counter = at(capacity=1)
    counter.register("A")
    link = lambda book, **m: desk.send_link(1, book, **m)  # noqa: E731
    counter.ask(link)
    assert counter.notices[-1].kind is NoticeKind.LINK
    counter.now = EARLY + timedelta(minutes=59)
    assert codes(counter.ask(link)) == ["link_sent"]
    counter.ask(link, actor=STAFF)
    counter.now = EARLY + timedelta(minutes=59 + 60)
    counter.ask(link)
    assert [one.key for one in counter.notices] == ["22-1-1.1", "22-1-1.2", "22-1-1.3", "22-1-1.4"]
    counter.ask(lambda book, **m: desk.cancel([1], book, **m))
    assert codes(counter.ask(link, actor=STAFF)) == ["registration_gone"]
    counter.register(Person(name="Gæst"), actor=STAFF)
    nobody = counter.ask(lambda book, **m: desk.send_link(2, book, **m), actor=STAFF)
    assert codes(nobody) == ["email_missing"]


@pytest.mark.parametrize("command", [desk.send_link, desk.renew_link])
@pytest.mark.parametrize(
    ("changes", "linked", "actor", "told"),
    [
        ({}, None, PUBLIC, []),
        ({}, timedelta(0), PUBLIC, ["link_sent"]),
        ({}, timedelta(hours=-1, microseconds=1), PUBLIC, ["link_sent"]),
        ({}, timedelta(hours=-1), PUBLIC, []),
        ({}, timedelta(0), STAFF, []),
        ({"status": S.CANCELLED}, None, STAFF, ["registration_gone"]),
        ({"person": Person(name="Gæst")}, None, STAFF, ["email_missing"]),
        (
            {"person": Person(name="Gæst"), "status": S.CANCELLED},
            timedelta(0),
            PUBLIC,
            ["registration_gone", "email_missing", "link_sent"],
        ),
    ],
)
def test_who_gets_a_link(
    command: Any, changes: dict[str, Any], linked: timedelta | None, actor: Any, told: list[str]
) -> None:
    """Who may still come and can be reached; the public once in an hour, staff at any time."""
    counter = at()
    counter.register("A")
    when = None if linked is None else EARLY + linked
    counter.rows[1] = evolve(counter.rows[1], linked=when, **changes)
    answer = counter.ask(lambda book, **m: command(1, book, **m), actor=actor)
    assert (answer if told else [one.kind for one in answer.notices]) == (told or ["link"])


def test_nobody_waits_when_nothing_is_given_away_any_more() -> None:
    """A place in a queue that never moves is no place: full is full, for staff too."""
    counter = at(capacity=1, offers_until=date(2022, 2, 1))
    counter.register("A")
    assert codes(counter.register("B")) == ["full"]
    assert codes(counter.register("B", actor=STAFF)) == ["full"]
    pending = at(capacity=1, approval=True)
    pending.register("A")
    pending.register("B")
    pending.change(offers_until=date(2022, 2, 1))
    pending.ask(lambda book, **m: desk.approve(1, book, **m), actor=STAFF)
    told = pending.ask(lambda book, **m: desk.approve(2, book, **m), actor=STAFF)
    assert codes(told) == ["full"]


def test_a_bookers_new_address_is_that_of_their_colleagues_too() -> None:
    """Those who have none of their own are told there, and known by it."""
    counter = at(capacity=3)
    wrong, right = Person(name="Anne", email="anne@x.d"), Person(name="Anne", email="anne@x.dk")
    counter.register(evolve(wrong, email="anne@wrong.dk"), Person(name="Bo"))
    outcome = counter.ask(lambda book, **m: desk.edit(1, book, person=right, **m))
    assert [(one.action, one.registration) for one in outcome.entries] == [("edit", 2), ("edit", 1)]
    assert [one.recipient for one in counter.rows.values()] == ["anne@x.dk"] * 2
    assert sorted(one.registration or 0 for one in outcome.notices) == [1, 2]
    assert codes(counter.register(right, Person(name="Bo"))) == ["already_registered"] * 2


def test_a_reason_holds_no_cpr_number_either() -> None:
    """The journal keeps it for ever."""
    told = at().register("A", actor=STAFF, reason="CPR 010190-1234")
    assert codes(told) == ["cpr"]
    signup = Signup(people=[Person(name="A", email="a@x.dk")], key="k")
    for reason in ("CPR 010190-1234", "0101901234"):
        refused = desk.register(signup, at().book, now=EARLY, actor=STAFF, reason=reason)
        assert refused == Refused((Reason("cpr", {"path": "reason"}),))


def test_only_a_seat_that_is_given_up_or_moved_has_another_sequence() -> None:
    """Who only waited has nothing in a calendar; who has come keeps what is there."""
    counter = at(STARTS, capacity=1, deadline=date(2022, 4, 21), offers_until=date(2022, 4, 21))
    counter.register("A")
    counter.register("B")
    counter.ask(lambda book, **m: desk.check_in([1], book, **m), actor=STAFF)
    counter.ask(lambda book, **m: desk.cancel([2], book, **m), actor=STAFF, reason="Rejst")
    assert counter.standing() == {"A": "attended", "B": "cancelled"}
    assert [one.sequence for one in counter.rows.values()] == [0, 0]


def test_nobody_pays_for_a_day_that_is_not_known() -> None:
    """A postponed meeting is left for nothing."""
    counter = at(fees=(Fee(since=date(2022, 1, 1), money=Money(100)),))
    counter.register("A")
    counter.change(status=Status.POSTPONED)
    counter.ask(lambda book, **m: desk.cancel([1], book, **m))
    assert counter.rows[1].fee is None


# --- money -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "amount"), [(10, None), (11, 100), (17, 100), (18, 400), (20, 400)]
)
def test_cancelling_costs_what_applies(day: int, amount: int | None) -> None:
    """The last fee that has begun counts, from the first moment of its day."""
    fees = (
        Fee(since=Before(days=3), money=Money(400)),
        Fee(since=date(2022, 4, 11), money=Money(100)),
    )
    counter = at(fees=fees, price=Money(500))
    counter.register("A")
    counter.now = datetime(2022, 4, day, 0, 30, tzinfo=COPENHAGEN)
    counter.ask(lambda book, **m: desk.cancel([1], book, **m))
    assert counter.rows[1].fee == (None if amount is None else Money(amount))


def test_what_is_free_by_now_was_never_too_dear() -> None:
    """Who waits owes nothing, whatever they were told, and is not in the way of who owes."""
    counter = at(capacity=1, fees=(Fee(since=date(2022, 1, 1), money=Money(100)),))
    for name in "ABC":
        counter.register(name)
    agreed = {2: Money(5)}
    decision = desk.cancel([3, 2, 1], counter.book, now=EARLY, actor=PUBLIC, agreed=agreed)
    assert decision == Refused((Reason("fee_higher", {"who": "A", "fee": Money(100)}),))
    decision = desk.cancel([3, 2], counter.book, now=EARLY, actor=PUBLIC, agreed=agreed)
    assert isinstance(decision, Allowed)
    assert [one.fee for one in decision.value.registrations] == [None, None]


def test_a_new_address_does_not_make_a_colleague_somebody_else_twice() -> None:
    """A colleague without an address is known under the booker's; that may be taken there."""
    counter = at(capacity=5)
    anne, bo = Person(name="Anne", email="anne@x.dk"), Person(name="Bo")
    counter.register(anne, bo)
    counter.register(Person(name="Bo", email="ny@x.dk"))
    new = evolve(anne, email="ny@x.dk")
    assert codes(counter.ask(lambda book, **m: desk.edit(1, book, person=new, **m))) == [
        "already_registered"
    ]
    counter.ask(lambda book, **m: desk.cancel([3], book, **m))
    counter.ask(lambda book, **m: desk.edit(1, book, person=new, **m))
    assert counter.rows[2].recipient == "ny@x.dk"


def test_whoever_was_signed_up_is_looked_at_though_another_has_left() -> None:
    """Who has left may be registered anew where the address is now, and holds nobody back."""
    counter = at(capacity=9)
    anne = Person(name="Anne", email="anne@x.dk")
    counter.register(anne, Person(name="Bo"), Person(name="Carl"))
    counter.ask(lambda book, **m: desk.cancel([2], book, **m))
    counter.register(Person(name="Bo", email="ny@x.dk"))
    counter.register(Person(name="Carl", email="ny@x.dk"))
    new = evolve(anne, email="ny@x.dk")
    decision = desk.edit(1, counter.book, now=EARLY, actor=PUBLIC, person=new)
    told = {"path": "person.name", "who": "Carl", "registration": "22-1-5"}
    assert decision == Refused((Reason("already_registered", {**told, "status": "confirmed"}),))
    counter.ask(lambda book, **m: desk.cancel([5], book, **m))
    outcome = counter.ask(lambda book, **m: desk.edit(1, book, person=new, **m))
    assert [entry.registration for entry in outcome.entries] == [2, 3, 1]


@pytest.mark.parametrize("email", ["anne@x.dk", "bo@x.dk"])
def test_a_correction_makes_no_two_of_a_party_one(email: str) -> None:
    """A colleague without an address is known by the booker's, and by a name of their own."""
    counter = at()
    counter.register("Anne", Person(name="Bo"))
    same = Person(name="Bo", email=email)
    decision = desk.edit(1, counter.book, now=EARLY, actor=STAFF, person=same)
    told = {"path": "person.name", "who": "Bo", "registration": "22-1-1"}
    assert decision == Refused((Reason("already_registered", {**told, "status": "confirmed"}),))


def test_nobody_is_registered_twice_where_no_address_is_left() -> None:
    """Without one nobody is known, whatever they are called; staff may correct it so."""
    counter = at(capacity=3)
    counter.register("Anne", Person(name="Bo"))
    counter.register(Person(name="Bo"), actor=STAFF)
    gone = Person(name="Bo")
    outcome = counter.ask(lambda book, **m: desk.edit(1, book, person=gone, **m), actor=STAFF)
    assert [entry.registration for entry in outcome.entries] == [2, 1]
    assert counter.rows[2].booker == gone


def test_what_is_corrected_besides_who_one_is_changes_nobody_else() -> None:
    """Those whom they signed up are still known by the same booker."""
    counter = at(questions=[Question(key="t", text="Tur?")])
    counter.register("Anne", Person(name="Bo"))
    for more in (
        {"answers": {"t": "Ja"}},
        {"answers": {"t": "Nej"}, "person": Person(name="Anne", email="anne@x.dk")},
    ):
        said = lambda book, more=more, **m: desk.edit(1, book, **more, **m)  # noqa: E731
        assert [entry.registration for entry in counter.ask(said).entries] == [1]
    bill = Invoice(name="Kontoret")
    outcome = counter.ask(lambda book, **m: desk.edit(1, book, invoice=bill, **m))
    assert [entry.registration for entry in outcome.entries] == [2, 1]
    assert (counter.rows[2].change, counter.rows[2].invoice) == (2, bill)


@pytest.mark.parametrize(
    ("key", "other", "found"),
    [
        ("k", {"party": 1, "key": "k"}, True),
        ("k", {"key": "k"}, True),  # the party was split
        ("k", {"party": 1}, True),  # who stands in came by no form
        ("k", {"party": 7, "key": "k2"}, False),
        ("k", {"key": "k2"}, False),
        ("k", {"party": 1, "key": "k", "booker": None}, False),
        ("k", {"party": 1, "key": "k", "booker": Person(name="Anne")}, False),
        ("", {"party": 1, "key": "k"}, True),
        ("", {"party": 1}, True),
        ("", {"key": "k"}, False),
        ("", {}, True),
        ("k", {}, True),  # who stands in was split from the party
    ],
)
def test_whom_one_signed_up_came_by_the_same_form_or_in_the_same_party(
    key: str, other: dict[str, Any], found: bool
) -> None:
    """By the form though the party was split, and in the party though a form is gone."""
    counter = at()
    anne = Person(name="Anne", email="anne@x.dk")
    counter.register(anne)
    first = counter.rows[1] = evolve(counter.rows[1], party=1, key=key)
    told = {"number": 2, "person": Person(name="Bo"), "booker": anne, "party": None, "key": ""}
    counter.rows[2] = evolve(first, **{**told, **other})
    turn = Turn(counter.book, now=EARLY, actor=STAFF)
    assert [one.number for one in turn.booked_by(first)] == ([2] if found else [])
    assert turn.booked_by(evolve(first, booker=Person(name="Chef"))) == []


def test_guests_without_a_name_of_their_own_are_not_one_anothers_bookers() -> None:
    """Staff may register several who are called the same; each is corrected alone."""
    counter = at(capacity=5)
    guest = Person(name="Gæst")
    counter.register(guest, guest, guest, actor=STAFF)
    counter.register(guest, guest, actor=STAFF)
    named = Person(name="Carl", email="carl@x.dk")
    outcome = counter.ask(lambda book, **m: desk.edit(2, book, person=named, **m), actor=STAFF)
    assert [entry.registration for entry in outcome.entries] == [2]
    named = Person(name="Dorte", email="dorte@x.dk")
    outcome = counter.ask(lambda book, **m: desk.edit(1, book, person=named, **m), actor=STAFF)
    assert [entry.registration for entry in outcome.entries] == [2, 3, 1]
    assert counter.rows[5].booker == guest


def test_who_has_left_is_not_told_of_a_bookers_new_address() -> None:
    """They hear nothing of a place they no longer have."""
    counter = at(capacity=5)
    anne = Person(name="Anne", email="anne@x.dk")
    counter.register(anne, Person(name="Bo"))
    counter.ask(lambda book, **m: desk.cancel([2], book, **m))
    new = evolve(anne, email="ny@x.dk")
    outcome = counter.ask(lambda book, **m: desk.edit(1, book, person=new, **m))
    assert [notice.registration for notice in outcome.notices] == [1]


def test_a_party_has_one_bill() -> None:
    """Whoever of them says where it goes; who left keeps what they were billed by."""
    counter = at(capacity=3)
    counter.register("A", "B", "C", invoice=Invoice(name="Kontoret"))
    counter.ask(lambda book, **m: desk.cancel([3], book, **m))
    outcome = counter.ask(
        lambda book, **m: desk.edit(2, book, invoice=Invoice(name="Driften"), **m)
    )
    assert [(one.action, one.registration) for one in outcome.entries] == [("edit", 1), ("edit", 2)]
    assert [counter.rows[n].invoice.name for n in (1, 2, 3)] == ["Driften", "Driften", "Kontoret"]


def test_who_waits_cancels_for_nothing() -> None:
    """A fee is for a seat."""
    counter = at(capacity=1, fees=(Fee(since=date(2022, 1, 1), money=Money(100)),))
    counter.register("A")
    counter.register("B")
    counter.ask(lambda book, **m: desk.cancel([2], book, **m))
    assert counter.rows[2].fee is None


def test_staying_away_costs_and_undoing_takes_it_back() -> None:
    """Staff note who came; the seat stays taken, and nobody gets a mail about it."""
    counter = at(no_show_fee=Money(250))
    counter.register("A")
    counter.register("B")
    mails = len(counter.notices)
    counter.now = counter.event.starts
    assert codes(counter.ask(lambda book, **m: desk.check_in([1], book, **m))) == ["staff_only"]
    counter.ask(lambda book, **m: desk.check_in([1], book, **m), actor=STAFF)
    counter.ask(lambda book, **m: desk.no_show([2], book, **m), actor=STAFF)
    assert counter.standing() == {"A": "attended", "B": "no_show"}
    assert (counter.rows[1].fee, counter.rows[2].fee) == (None, Money(250))
    assert counter.seats.room.free == 0
    counter.ask(lambda book, **m: desk.undo([1, 2], book, **m), actor=STAFF)
    assert counter.standing() == {"A": "confirmed", "B": "confirmed"}
    assert counter.rows[2].fee is None
    assert len(counter.notices) == mails
    undone = counter.ask(lambda book, **m: desk.undo([1], book, **m), actor=STAFF)
    assert codes(undone) == ["registration_active"]


@pytest.mark.parametrize(
    ("note", "opens"),
    [(desk.check_in, "2022-04-21T00:00"), (desk.no_show, "2022-04-21T09:30")],
)
def test_nobody_has_come_or_stayed_away_too_early(note: Any, opens: str) -> None:
    """People are there from the morning of the day; nobody is missed before it begins."""
    counter = at()
    counter.register("A")
    since = datetime.fromisoformat(opens).replace(tzinfo=COPENHAGEN)
    counter.now = since - timedelta(seconds=1)
    refused = note([1], counter.book, now=counter.now, actor=STAFF)
    assert refused == Refused((Reason("too_early", {"opens": since}),))
    said = note([1], counter.book, now=counter.now, actor=STAFF, reason="Kom aftenen før")
    assert isinstance(said, Allowed)
    assert isinstance(note([1], counter.book, now=since, actor=STAFF), Allowed)


def test_looking_at_the_queue_sees_it_as_it_is_by_now() -> None:
    """Whose offer has ended is out of it, and who is offered the seat is in it no more."""
    counter = offered(datetime(2022, 4, 18, 8, tzinfo=UTC))
    counter.register("D")
    ends = counter.rows[2].offer_ends
    assert ends is not None
    seen = [
        [group.numbers for group in desk.preview(counter.book, Mode.ROOM, now=now)]
        for now in (ends - timedelta(microseconds=1), ends)
    ]
    assert seen == [[(3,), (4,)], [(4,)]]


def test_a_party_that_can_never_sit_any_more_is_named_so() -> None:
    """After the capacity was lowered: no seat that comes free helps, staff must split it."""
    counter = at(capacity=3)
    counter.register("A", "B", "C")
    counter.register("D", "E")
    counter.change(capacity=1)
    [group] = desk.preview(counter.book, Mode.ROOM, now=EARLY)
    assert group.kept_by == Reason("party_too_large", {"people": 2, "capacity": 1})


def erase(number: int, counter: Counter, **more: Any) -> Any:
    return counter.ask(
        lambda book, **m: desk.erase(number, book, name="Slettet", **m), actor=STAFF, **more
    )


def test_who_is_erased_is_gone_from_those_they_signed_up_too() -> None:
    """A colleague keeps the seat; who asked for it is nobody any more, and gets no mail."""
    counter = at()
    boss = Person(name="Bodil", email="bodil@x.dk")
    counter.register(boss, Person(name="Carl"))
    counter.ask(lambda book, **m: desk.cancel([1], book, **m))
    mails = len(counter.notices)
    outcome = erase(1, counter)
    assert [entry.action for entry in outcome.entries] == ["erase", "erase"]
    assert counter.rows[1].person == Person(name="Slettet")
    assert counter.rows[2].person == Person(name="Carl")
    assert (counter.rows[2].status, counter.rows[2].recipient) == ("confirmed", "")
    assert "odil" not in repr(counter.rows)
    assert len(counter.notices) == mails
    assert erase(1, counter).entries == ()


ERASED = {
    "person": Person(name="Slettet"),
    "booker": None,
    "key": "",
    "digest": "",
    "answers": {},
    "invoice": None,
    "extra": {},
    "epoch": 1,
}


def test_an_erased_registration_says_where_it_stood_and_nothing_of_whose_it_was() -> None:
    """Not even the form's key is left; the entry says who erased it, and why if they say so."""
    asked = Question(key="t", text="Tur?")
    counter = at(questions=[asked], fees=[Fee(since=date(2022, 1, 1), money=Money(100))])
    chef = Person(name="Chef", email="chef@x.dk")
    counter.register(
        "Anne", booker=chef, key="k", answers=[{"t": "Ja"}], invoice=Invoice(name="BL")
    )
    counter.ask(lambda book, **m: desk.cancel([1], book, **m))
    counter.rows[1] = before = evolve(counter.rows[1], extra={"x.y": 1})
    outcome = erase(1, counter, reason="Bad om det")
    assert outcome.registrations == (evolve(before, **ERASED, change=3),)
    [entry] = outcome.entries
    assert (entry.actor, entry.registration, entry.reason) == (STAFF, 1, "Bad om det")
    assert entry.data["notices"] == ()


def test_whom_the_erased_signed_up_still_had_somebody_who_did() -> None:
    """Each of them, in order, one change each; who was not theirs keeps their booker."""
    counter = at(capacity=9)
    boss = Person(name="Bodil", email="bodil@x.dk")
    counter.register(boss, Person(name="Carl"), Person(name="Dan"))
    counter.register("Eva", "Finn")
    counter.ask(lambda book, **m: desk.cancel([1], book, **m))
    counter.rows = dict(reversed(counter.rows.items()))
    outcome = erase(1, counter)
    assert [one.registration for one in outcome.entries] == [2, 3, 1]
    assert [counter.rows[n].booker for n in (2, 3)] == [Person(name="Slettet")] * 2
    assert [counter.rows[n].change for n in (1, 2, 3, 5)] == [3, 2, 2, 1]
    assert counter.rows[5].booker == Person(name="Eva", email="eva@x.dk")
    assert {entry.reason for entry in outcome.entries} == {""}


@pytest.mark.parametrize(
    ("status", "after", "gone"),
    [
        (S.CONFIRMED, timedelta(microseconds=-1), False),
        (S.CONFIRMED, timedelta(0), True),
        (S.NO_SHOW, timedelta(0), True),
        (S.WAITING, timedelta(days=-40), False),
        (S.PENDING, timedelta(days=-40), False),
        (S.CANCELLED, timedelta(days=-40), True),
        (S.DECLINED, timedelta(days=-40), True),
    ],
)
def test_who_still_comes_cannot_be_erased(status: Standing, after: timedelta, gone: bool) -> None:
    """From the moment it is over anybody can, and who has left at any time."""
    counter = at(capacity=0)
    counter.register("Anne", role=Role.HOST, actor=STAFF)
    counter.rows[1] = evolve(counter.rows[1], status=status, role=Role.PARTICIPANT)
    counter.now = counter.event.ends + after
    decision = desk.erase(1, counter.book, now=counter.now, actor=STAFF, name="Slettet")
    told = {"who": "Anne", "status": status, "registration": "22-1-1"}
    if gone:
        assert isinstance(decision, Allowed)
    else:
        assert decision == Refused((Reason("registration_active", told),))


def test_erasing_is_for_staff_and_its_reason_tells_nobody() -> None:
    """The journal would keep the name that was to go; both are told at once."""
    counter = at()
    counter.register("Anne")
    counter.ask(lambda book, **m: desk.cancel([1], book, **m))
    names = Reason("reason_names", {"path": "reason"})
    for actor, reason, reasons in (
        (PUBLIC, "", [Reason("staff_only")]),
        (STAFF, "ANNE bad om det", [names]),
        (STAFF, "Se mail fra anne@x.dk", [names]),
        (PUBLIC, "Anne", [Reason("staff_only"), names]),
    ):
        decision = desk.erase(
            1, counter.book, now=EARLY, actor=actor, name="Slettet", reason=reason
        )
        assert decision == Refused(tuple(reasons))
    assert counter.rows[1].person.name == "Anne"


def test_erasing_again_moves_nobody_up() -> None:
    """In a copy put back, who had a seat keeps it without a name, and nobody is owed a mail."""
    counter = at(capacity=1)
    counter.register("Anne")
    counter.register("Bo")
    counter.revision = evolve(counter.revision, event=evolve(counter.event, capacity=2))
    outcome = desk.erase_again(1, counter.book, now=EARLY, name="Slettet")
    assert outcome.registrations == (evolve(counter.rows[1], **ERASED, change=2),)
    assert (outcome.notices, outcome.seats) == ((), counter.seats)
    [entry] = outcome.entries
    assert (entry.action, entry.actor, entry.reason) == ("erase", SYSTEM, "")
    counter.keep(outcome)
    assert not desk.erase_again(1, counter.book, now=EARLY, name="Slettet").entries


# --- what a form promised --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("promised", "refused"),
    [
        (None, False),
        (Standing.CONFIRMED, True),
        (Standing.PENDING, True),
        (Standing.WAITING, False),
    ],
)
def test_nobody_gets_less_than_a_form_promised(promised: Standing | None, refused: bool) -> None:
    """Who was shown a seat does not wait unasked, and hears at which places they would."""
    counter = at(capacity=2)
    counter.register("A")
    counter.register("B", "C")
    told = counter.register("D", "E", promised=promised)
    if not refused:
        assert counter.standing()["E"] == "waiting"
        return
    assert told == ["less_than_promised"]
    signup = Signup(people=[Person(name="F"), Person(name="G")], key="f")
    decision = desk.register(
        signup, counter.book, now=counter.now, actor=STAFF, promised=Standing.CONFIRMED
    )
    told = {"promised": "confirmed", "status": "waiting", "people": 2, "free": 1}
    assert decision == Refused((Reason("less_than_promised", {**told, "place": 3, "last": 4}),))


def test_a_seat_is_never_less_than_promised() -> None:
    """What is better than the form said needs no question; what asks for approval does."""
    counter = at(capacity=2)
    counter.register("A", promised=Standing.WAITING)
    assert counter.standing() == {"A": "confirmed"}
    counter.change(approval=True)
    assert counter.register("B", promised=Standing.CONFIRMED) == ["less_than_promised"]
    signup = Signup(people=[Person(name="B", email="b@x.dk")], key="b")
    decision = desk.register(
        signup, counter.book, now=EARLY, actor=PUBLIC, promised=Standing.CONFIRMED
    )
    told = {"promised": "confirmed", "status": "pending", "people": 1, "free": 1}
    assert decision == Refused((Reason("less_than_promised", told),))
    counter.register("B", promised=Standing.PENDING)
    assert counter.standing()["B"] == "pending"


def test_what_cannot_be_at_all_is_not_offered_instead() -> None:
    """A full event without a waiting list says so, and asks about none."""
    counter = at(capacity=1, waiting_list=False)
    counter.register("A")
    assert counter.register("B", promised=Standing.CONFIRMED) == ["full"]


# --- offers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        # Monday morning: Tuesday noon is more than a day ahead.
        ("2022-03-07T09:00", "2022-03-08T12:00"),
        ("2022-03-07T12:00", "2022-03-08T12:00"),
        ("2022-03-07T12:00:01", "2022-03-09T12:00"),
        # Thursday afternoon: not Friday noon, and nobody works at the weekend.
        ("2022-03-10T13:00", "2022-03-14T12:00"),
        # The clocks go forward on Sunday 27 March.
        ("2022-03-26T12:00", "2022-03-28T12:00"),
        # Wednesday before Easter: Thursday, Friday and Monday are holidays.
        ("2022-04-13T09:00", "2022-04-19T12:00"),
        # The day before the meeting: no noon is left.
        ("2022-04-20T09:00", "2022-04-21T09:30"),
    ],
)
def test_an_offer_ends_at_a_working_noon_a_day_ahead(now: str, ends: str) -> None:
    """Never later than the start, where nothing else is said."""
    easter = {date(2022, 4, day) for day in (14, 15, 18)}
    told = offer_ends(
        event(), now=datetime.fromisoformat(now).replace(tzinfo=COPENHAGEN), holidays=easter
    )
    assert told == datetime.fromisoformat(ends).replace(tzinfo=COPENHAGEN)


@pytest.mark.parametrize(
    ("until", "now", "ends"),
    [
        # Until the end of Friday: noon is before it, and a Monday after it is too late.
        (date(2022, 3, 11), "2022-03-10T12:00", "2022-03-11T12:00"),
        (date(2022, 3, 11), "2022-03-10T12:01", "2022-03-12T00:00"),
        # Until an hour of the day itself, on either side of noon.
        (datetime(2022, 3, 11, 15, tzinfo=COPENHAGEN), "2022-03-10T09:00", "2022-03-11T12:00"),
        (datetime(2022, 3, 11, 11, tzinfo=COPENHAGEN), "2022-03-10T09:00", "2022-03-11T11:00"),
        # Past the start itself: the noon is what counts.
        (date(2022, 4, 30), "2022-04-21T09:00", "2022-04-22T12:00"),
    ],
)
def test_an_offer_ends_when_offers_do(until: Any, now: str, ends: str) -> None:
    """Where the organiser said until when, that counts and not the start."""
    told = offer_ends(
        event(offers_until=until),
        now=datetime.fromisoformat(now).replace(tzinfo=COPENHAGEN),
        holidays=(),
    )
    assert told == datetime.fromisoformat(ends).replace(tzinfo=COPENHAGEN)


def test_an_event_may_never_offer_and_always_give() -> None:
    """Without `offers_from` a freed seat is given, however near the start."""
    counter = at(capacity=1, offers_from=None)
    counter.register("A")
    counter.register("B")
    counter.now = LATE
    counter.ask(lambda book, **m: desk.cancel([1], book, **m))
    assert counter.standing()["B"] == "confirmed"


# --- the table of transitions ----------------------------------------------------------------


def test_the_table_knows_every_status_and_ends() -> None:
    """Whatever is not active is final; whatever is active can still be left."""
    assert set(TRANSITIONS) == {None, *Standing}
    for status in Standing:
        if status not in (S.ATTENDED, S.NO_SHOW):
            assert bool(TRANSITIONS[status]) is status.is_active
    reachable = set().union(*TRANSITIONS.values())
    assert reachable == set(Standing)


@pytest.mark.parametrize("before", Standing)
@pytest.mark.parametrize("after", Standing)
def test_nothing_goes_where_the_table_does_not(before: Standing, after: Standing) -> None:
    """The one way to change a status asks it."""
    counter = at(capacity=5)
    counter.register("A")
    counter.rows[1] = evolve(counter.rows[1], status=before)
    turn = Turn(counter.book, now=EARLY, actor=STAFF)
    if after is before or after in TRANSITIONS[before]:
        turn.move(counter.rows[1], after, "x")
    else:
        with pytest.raises(AssertionError, match="cannot go"):
            turn.move(counter.rows[1], after, "x")


def test_a_number_that_nobody_has_is_not_found() -> None:
    """Not a refusal: somebody followed a link that was never given."""
    with pytest.raises(NotFoundError):
        at().ask(lambda book, **m: desk.cancel([7], book, **m))


@pytest.mark.parametrize(
    "command",
    [
        lambda book, **m: desk.cancel([1], book, **m),
        lambda book, **m: desk.accept(1, book, **m),
        lambda book, **m: desk.decline([1], book, **m),
        lambda book, **m: desk.switch(1, Mode.ONLINE, book, **m),
        lambda book, **m: desk.substitute(1, Person(name="Z", email="z@x.dk"), book, **m),
        lambda book, **m: desk.edit(1, book, person=Person(name="Å", email="a@x.dk"), **m),
        lambda book, **m: desk.check_in([1], book, **{**m, "now": STARTS}),
        lambda book, **m: desk.no_show([1], book, **{**m, "now": STARTS}),
        lambda book, **m: desk.undo([1], book, **m),
    ],
)
def test_who_is_gone_does_nothing_more(command: Any) -> None:
    """Whoever asks, and whatever for."""
    counter = both(capacity=5)
    counter.register("A")
    counter.ask(lambda book, **m: desk.cancel([1], book, **m))
    assert counter.ask(command, actor=STAFF) in (["registration_gone"], ["no_offer"])


# --- what is left, and what is told of it ----------------------------------------------------


def test_an_answer_stays_where_only_the_address_is_corrected() -> None:
    """Whatever the event asks by now; who answers anew answers that."""
    counter = at(questions=(Question(key="job", text="Job?"),))
    counter.register("A", answers=[{"job": "Vicevært"}])
    counter.change(questions=(Question(key="x", text="X?", required=True),))
    mended = Person(name="A", email="rigtig@example.dk")
    counter.ask(lambda book, **m: desk.edit(1, book, person=mended, **m))
    assert (counter.rows[1].person, counter.rows[1].answers) == (mended, {"job": "Vicevært"})
    anew = counter.ask(lambda book, **m: desk.edit(1, book, answers={"job": "Ny"}, **m))
    assert codes(anew) == ["unknown_question", "answer_missing"]


def test_an_empty_bill_is_none() -> None:
    """And so it is for those who came along."""
    counter = at()
    counter.register("A", "B", invoice=Invoice(name="Boligskolen"))
    counter.ask(lambda book, **m: desk.edit(2, book, invoice=Invoice(), **m))
    assert [one.invoice for one in counter.rows.values()] == [None, None]


def test_nobody_asks_for_a_seat_that_can_never_come() -> None:
    """Where all are taken and nobody waits, the organiser has nothing to decide."""
    counter = at(capacity=1, approval=True, waiting_list=False)
    counter.register("A", actor=STAFF)
    assert codes(counter.register("B")) == ["full"]
    counter.change(waiting_list=True)
    counter.register("C")
    assert counter.standing()["C"] == "pending"


def test_who_has_a_place_is_told_nothing_of_what_is_left() -> None:
    """Whom they bring along is."""
    counter = at(capacity=1, waiting_list=False)
    counter.register("A")
    assert codes(counter.register("A")) == ["already_registered"]
    assert codes(counter.register("A", "B")) == ["already_registered", "party_too_large"]


def test_a_room_without_a_seat_is_full_for_everybody() -> None:
    """To come in smaller numbers would help nobody."""
    assert codes(at(capacity=0).register("A", "B")) == ["full"]


@pytest.mark.parametrize(
    ("before", "code"),
    [(["C"], "mode_short"), (["C", "D"], "mode_full"), (["C", "DE"], "mode_awaited")],
)
def test_why_a_party_cannot_move(before: list[str], code: str) -> None:
    """Nothing is free, too little is, or others wait for it."""
    counter = both(capacity=5)
    counter.register("A", "B")
    for names in before:
        counter.register(*names, mode=Mode.ONLINE)
    asked = counter.ask(lambda book, **m: desk.switch(1, Mode.ONLINE, book, **m))
    assert codes(asked) == [code]


def test_what_nobody_sees_makes_no_other_person() -> None:
    """A space of no width comes along with what is copied."""
    counter = at()
    counter.register(Person(name="Anne Holm", email="anne@x.dk"))
    again = Person(name="Anne\u200b Holm", email="anne@x.dk\ufeff")
    assert codes(counter.register(again)) == ["email_wrong", "already_registered"]


def test_who_waits_alone_waits_for_a_seat() -> None:
    """Not for one at a time; a party is told how many it needs."""
    counter = at(capacity=2)
    counter.register("A", "B")
    counter.register("C")
    counter.register("D", "E")
    counter.ask(lambda book, **m: desk.cancel([3], book, **m))
    counter.register("F")
    counter.ask(lambda book, **m: desk.cancel([1], book, **m))
    shown = desk.preview(counter.book, Mode.ROOM, now=counter.now)
    assert [one.kept_by and one.kept_by.code for one in shown] == ["seats_needed", "others_first"]
    counter.ask(lambda book, **m: desk.cancel([4, 5], book, **m))
    counter.register("G")
    [alone] = desk.preview(counter.book, Mode.ROOM, now=counter.now)
    assert alone.kept_by == Reason("full", {"people": 1, "free": 0})


def test_a_party_that_cannot_move_is_told_how_much_room_there_is() -> None:
    """And how many they are."""
    counter = both(capacity=5)
    counter.register("A", "B")
    counter.register("C", mode=Mode.ONLINE)
    command = desk.switch(1, Mode.ONLINE, counter.book, now=counter.now, actor=PUBLIC)
    assert isinstance(command, Refused)
    told = {"mode": "online", "people": 2, "free": 1}
    assert command.reasons == (Reason("mode_short", told),)


@pytest.mark.parametrize("untold", [False, True])
def test_whoever_comes_to_what_is_called_off_may_be_erased(untold: bool) -> None:
    """Nobody can cancel there. But not while that may be taken back, nor before they are told."""
    counter = at(capacity=3)
    counter.register("A")
    counter.change(status=Status.CANCELLED)
    off = counter.revision.at + SECOND_THOUGHTS
    for now, codes in (
        (off - timedelta(seconds=1), ["registration_active"]),
        (off, ["cancel_on_its_way"] if untold else []),
    ):
        decision = desk.erase(
            1,
            counter.book,
            now=now,
            actor=evolve(PUBLIC, id="22-1-1"),
            name="Slettet",
            untold=untold,
        )
        assert [one.code for one in getattr(decision, "reasons", ())] == codes
    counter.change(status=Status.PUBLISHED)
    decision = desk.erase(1, counter.book, now=off, actor=STAFF, name="Slettet", untold=untold)
    assert isinstance(decision, Refused)
    assert [one.code for one in decision.reasons] == ["registration_active"]


def test_whose_calendar_does_not_know_yet_is_not_erased() -> None:
    """Once they have left; who still comes is refused for that alone."""
    counter = at()
    counter.register("A")
    ask = lambda **more: counter.ask(  # noqa: E731
        lambda book, **m: desk.erase(1, book, name="Slettet", untold=True, **m), actor=STAFF, **more
    )
    assert codes(ask()) == ["registration_active"]
    counter.ask(lambda book, **m: desk.cancel([1], book, **m))
    assert codes(ask()) == ["cancel_on_its_way"]
    ask(reason="Bedt om det")
    assert counter.rows[1].person.name == "Slettet"


@pytest.mark.parametrize(
    ("agreed", "price", "asked"),
    [
        pytest.param(Money(100), Money(100), False, id="the same"),
        pytest.param(Money(100), Money(99), False, id="less"),
        pytest.param(Money(100), None, False, id="nothing any more"),
        pytest.param(Money(0), Money(0, "EUR"), False, id="free in any currency"),
        pytest.param(None, Money(100), False, id="nothing was agreed"),
        pytest.param(Money(100), Money(Decimal("100.01")), True, id="more"),
        pytest.param(Money(0), Money(1), True, id="more than nothing"),
        pytest.param(Money(100), Money(20, "EUR"), True, id="another currency"),
    ],
)
def test_nobody_pays_more_than_was_agreed(
    agreed: Money | None, price: Money | None, asked: bool
) -> None:
    """The price is judged in the moment of the decision, whatever a form showed before it."""
    counter = at(price=price)
    signup = Signup(people=[Person(name="B", email="b@x.dk")], key="b")
    decision = desk.register(signup, counter.book, now=EARLY, actor=PUBLIC, agreed=agreed)
    assert isinstance(decision, Allowed) is not asked
    if asked:
        assert decision == Refused((Reason("price_higher", {"price": price}),))


def test_who_was_told_of_no_fee_agreed_to_none() -> None:
    """Not even to a single crown."""
    counter = at(fees=(Fee(since=date(2022, 1, 1), money=Money(1)),))
    counter.register("A")
    assert counter.ask(lambda book, **said: desk.cancel((1,), book, agreed={}, **said)) == [
        "fee_higher"
    ]


def test_who_is_registered_already_is_not_asked_about_the_price() -> None:
    """Nor who sends the same form again: that would tell whether it was known."""
    counter = at(price=Money(100))
    counter.register("A", key="a", agreed=Money(100))
    counter.change(price=Money(200))
    assert counter.register("A", agreed=Money(100)) == ["already_registered"]
    assert counter.register("A", key="a", agreed=Money(100)).entries == ()
    assert counter.register("A", "B", agreed=Money(100)) == ["already_registered", "price_higher"]
