"""Many processes at one desk: never one chair too many, and nobody forgotten."""

from __future__ import annotations

import threading
import time

import pytest
import racer
from databases import tamper

from eventkit.model.registration import Registration, Standing
from eventkit.office.store import Store
from eventkit.office.usecases import Office

PROCESSES = 16
SEATS = 50


def race(url: str, how: str, people: int) -> tuple[Office, list[tuple[str, int, str]]]:
    """The office after the race, and what each person was told."""
    Store.create(url).close()
    office = racer.office_at(url)
    racer.announce(office, "99-1", SEATS)
    told = []
    with racer.started(PROCESSES, url, "99-1", people, 0, how) as processes:
        racer.begin(processes)
        for process in processes:
            out, err = process.communicate(timeout=120)
            assert process.returncode == 0, err
            told += [
                (name, int(number), status)
                for name, number, status in (line.split() for line in out.splitlines())
            ]
    return office, told


def test_fifty_seats_are_fifty_seats(url: str) -> None:
    """Sixteen processes with 160 people: 50 sit, and the rest wait in the order they came."""
    office, told = race(url, "locked", 10)
    people = office.registrations("99-1")
    assert len(told) == len(people) == 160
    assert {(one.person.name, one.number, one.status.value) for one in people} == set(told)
    assert [one.status for one in people] == [Standing.CONFIRMED] * 50 + [Standing.WAITING] * 110
    places = office.seats("99-1").room
    assert (places.confirmed, places.waiting) == (50, 110)
    assert office.store.audit() == ()
    office.store.close()


def test_without_the_lock_the_same_race_oversells(url: str) -> None:
    """The control: if this passes without a lock, the test above shows nothing."""
    office, _ = race(url, "unlocked", 10)
    people = office.registrations("99-1")
    seated = [one for one in people if one.status is Standing.CONFIRMED]
    assert len(seated) > SEATS
    assert office.store.audit() != (), "and the audit sees it"
    office.store.close()


def test_no_process_starves(url: str) -> None:
    """Eight processes that never rest: each gets at least a quarter of its share of turns."""
    Store.create(url).close()
    office = racer.office_at(url)
    racer.announce(office, "99-1", None)
    with racer.started(8, url, "99-1", 100_000, 3, "locked") as processes:
        racer.begin(processes)
        turns = [len(process.communicate(timeout=60)[0].splitlines()) for process in processes]
    assert min(turns) >= sum(turns) / 8 / 4, turns
    assert len(office.registrations("99-1")) == sum(turns)
    office.store.close()


def test_no_thread_starves(url: str) -> None:
    """Nor does one of eight threads of one process."""
    Store.create(url).close()
    office = racer.office_at(url)
    racer.announce(office, "99-1", None)
    turns = [0] * 8
    until = time.monotonic() + 2

    def write(number: int) -> None:
        while time.monotonic() < until:
            name = f"t{number}-{turns[number]}"
            office.register("99-1", racer.signup(name), actor=racer.PUBLIC)
            turns[number] += 1

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert min(turns) >= sum(turns) / 8 / 4, turns
    office.store.close()


def test_one_form_sent_by_all_at_once_is_one_registration(url: str) -> None:
    """Impatience, with a hundred clicks: the form's key and the person are unique."""
    Store.create(url).close()
    office = racer.office_at(url)
    racer.announce(office, "99-1", SEATS)
    found: list[Registration] = []

    def send() -> None:
        decision = office.register("99-1", racer.signup("anne"), actor=racer.PUBLIC)
        found.extend(decision.value.registrations)

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.number for one in found] == [1] * 20
    assert len(office.store.notices("99-1")) == 1
    assert office.store.audit() == ()
    office.store.close()


@pytest.mark.parametrize("column", ["active_person", "form"])
def test_the_database_itself_takes_nobody_twice(url: str, column: str) -> None:
    """Whatever a command believes: a second row for one person, or for one form, is refused."""
    Store.create(url).close()
    office = racer.office_at(url)
    racer.announce(office, "99-1", SEATS)
    office.register("99-1", racer.signup("anne"), actor=racer.PUBLIC)
    keep = {"active_person": "active_person, NULL, NULL", "form": "NULL, form, place"}[column]
    with pytest.raises(Exception, match=r"(?i)unique"):
        tamper(
            url,
            'INSERT INTO registrations (event_id, number, status, mode, role, "group", person,'
            " active_person, form, place, document) SELECT event_id, 2, status, mode, role, 2,"
            f" person, {keep}, document FROM registrations",
        )
    office.store.close()
