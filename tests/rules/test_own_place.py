"""What somebody does with their own place: agreed fees, links that are revoked, and erasing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from counter import PUBLIC, STAFF, Counter

from eventkit.model.decision import Reason, Refused
from eventkit.model.event import Event, Status
from eventkit.model.registration import NoticeKind, Standing
from eventkit.model.values import Actor, Before, Fee, Money, Person, Side, Venue, zone
from eventkit.rules import desk

EARLY = datetime(2022, 3, 1, 12, tzinfo=UTC)
EVENT = Event(
    id="22-1",
    uid="22-1@example.dk",
    title="Netværksmøde",
    starts=datetime(2022, 4, 21, 9, 30, tzinfo=zone("Europe/Copenhagen")),
    venue=Venue(name="Rosenhøj"),
)


def at(**changes: Any) -> Counter:
    return Counter(evolve(EVENT, **changes), EARLY)


def cancel(counter: Any, *numbers: int, agreed: Any = None) -> Any:
    return counter.ask(lambda book, **m: desk.cancel(numbers, book, agreed=agreed, **m))


# --- what was agreed -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("agreed", "refused"),
    [
        (None, False),
        ({1: Money(100)}, False),
        ({1: Money(101)}, False),
        ({1: Money(99)}, True),
        ({1: Money(100, "EUR")}, True),
        ({2: Money(100)}, True),
        ({}, True),
    ],
)
def test_nobody_owes_more_than_they_were_told(agreed: Any, refused: bool) -> None:
    """The fee is that of the moment, and a dearer one is told before anything is done."""
    counter = at(fees=[Fee(since=date(2022, 1, 1), money=Money(100))])
    counter.register("Anne")
    decision = cancel(counter, 1, agreed=agreed)
    if refused:
        assert decision == ["fee_higher"]
        assert counter.rows[1].status is Standing.CONFIRMED
    else:
        assert counter.rows[1].fee == Money(100)


def test_what_is_free_needs_no_agreement() -> None:
    """Nothing to pay is never more than was said."""
    counter = at()
    counter.register("Anne")
    cancel(counter, 1, agreed={})
    assert counter.rows[1].status is Standing.CANCELLED


def test_each_of_several_agrees_for_themselves() -> None:
    """One who was told too little holds all of them back."""
    counter = at(fees=[Fee(since=date(2022, 1, 1), money=Money(100))])
    counter.register("Anne", "Bo")
    assert cancel(counter, 1, 2, agreed={1: Money(100)}) == ["fee_higher"]
    told = desk.cancel([2], counter.book, now=EARLY, actor=PUBLIC, agreed={})
    assert told == Refused((Reason("fee_higher", {"who": "Bo", "fee": Money(100)}),))
    assert counter.rows[1].status is Standing.CONFIRMED


# --- an offer --------------------------------------------------------------------------------


@pytest.mark.parametrize(("alone", "seated"), [(False, [3, 4]), (True, [4])])
def test_an_offer_is_taken_together_or_alone(alone: bool, seated: list[int]) -> None:
    """Who was signed up by another speaks for nobody else."""
    counter = at(capacity=2, offers_from=Before(days=90))
    counter.register("X", "Y")
    counter.register("Anne", "Bo")
    counter.ask(lambda book, **m: desk.cancel([1, 2], book, **m))
    counter.ask(lambda book, **m: desk.accept(4, book, alone=alone, **m))
    found = [n for n in (3, 4) if counter.rows[n].status is Standing.CONFIRMED]
    assert found == seated
    assert counter.rows[4].offer_ends is None


# --- links -----------------------------------------------------------------------------------


def renew(counter: Any, number: int = 1, **more: Any) -> Any:
    return counter.ask(lambda book, **m: desk.renew_link(number, book, **m), **more)


def test_a_new_link_revokes_every_earlier_one() -> None:
    """One mail, and another epoch; the public gets it hourly, whichever way they ask."""
    counter = at()
    counter.register("Anne")
    renew(counter)
    assert (counter.rows[1].epoch, counter.rows[1].linked) == (1, EARLY)
    assert counter.notices[-1].kind is NoticeKind.LINK
    assert counter.entries[-1].action == "renew"
    send = lambda book, **m: desk.send_link(1, book, **m)  # noqa: E731
    for again in (renew(counter), counter.ask(send)):
        assert again == ["link_sent"]
    renew(counter, actor=STAFF)
    counter.now = EARLY + timedelta(hours=1)
    counter.ask(send)
    assert counter.rows[1].epoch == 2


def test_nobody_gets_a_link_to_what_is_called_off() -> None:
    """Its mail would hold none."""
    counter = at()
    counter.register("Anne")
    counter.change(status=Status.CANCELLED)
    assert renew(counter) == ["event_cancelled"]
    assert counter.rows[1].epoch == 0


def test_what_went_to_a_wrong_address_opens_nothing_any_more() -> None:
    """Theirs, and that of whom they signed up without an address; another letter case is none."""
    counter = at()
    boss = Person(name="Bodil", email="bodil@x.dk")
    counter.register(boss, Person(name="Carl"), Person(name="Dan", email="dan@x.dk"))

    def edit(person: Person) -> None:
        counter.ask(lambda book, **m: desk.edit(1, book, person=person, **m))

    edit(Person(name="Bodil", email="BODIL@x.dk"))
    assert [counter.rows[n].epoch for n in (1, 2, 3)] == [0, 0, 0]
    edit(Person(name="Bodil", email="bodil@y.dk"))
    assert [counter.rows[n].epoch for n in (1, 2, 3)] == [1, 1, 0]
    edit(Person(name="Bodil Bo", email="bodil@y.dk"))
    assert [counter.rows[n].epoch for n in (1, 2, 3)] == [1, 1, 0]


# --- erasing ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actor", "allowed"),
    [
        (Actor(Side.PUBLIC, "22-1-1"), True),
        (STAFF, True),
        (PUBLIC, False),
        (Actor(Side.PUBLIC, "22-1-2"), False),
        (Actor(Side.PUBLIC, "22-1"), False),
        (Actor(Side.PUBLIC, ""), False),
    ],
)
def test_one_may_be_erased_by_oneself_and_by_staff(actor: Actor, allowed: bool) -> None:
    """By nobody else; and a link that led there leads nowhere any more."""
    counter = at()
    counter.register("Anne")
    counter.register("Bo")
    cancel(counter, 1)
    decision = desk.erase(1, counter.book, now=EARLY, actor=actor, name="Slettet")
    if not allowed:
        assert decision == Refused((Reason("staff_only"),))
        return
    counter.keep(decision.value)
    assert (counter.rows[1].person, counter.rows[1].epoch) == (Person(name="Slettet"), 1)


def test_what_went_to_who_is_erased_opens_nothing_any_more() -> None:
    """Nor do the links of those they signed up who were told there; one's own address stays."""
    counter = at()
    boss = Person(name="Bodil", email="bodil@x.dk")
    counter.register(boss, Person(name="Carl"), Person(name="Dan", email="dan@x.dk"))
    counter.rows[2] = evolve(counter.rows[2], epoch=4)
    cancel(counter, 1)
    counter.ask(lambda book, **m: desk.erase(1, book, name="Slettet", **m), actor=STAFF)
    assert [counter.rows[n].epoch for n in (1, 2, 3)] == [1, 5, 0]
    assert [counter.rows[n].recipient for n in (1, 2, 3)] == ["", "", "dan@x.dk"]
    assert {counter.rows[n].booker for n in (2, 3)} == {Person(name="Slettet")}


def test_who_still_comes_cannot_erase_themselves_either() -> None:
    """They cancel first."""
    counter = at()
    counter.register("Anne")
    decision = desk.erase(
        1, counter.book, now=EARLY, actor=Actor(Side.PUBLIC, "22-1-1"), name="Slettet"
    )
    assert isinstance(decision, Refused)
    assert [reason.code for reason in decision.reasons] == ["registration_active"]
