"""Erasing a person, and remembering it where no backup reaches.

What goes is who somebody was: name, addresses, who signed them up, answers, bill, and what staff
wrote about them. What stays is that somebody had this number and this seat, so that everything
still adds up.

That it was done stands in ``eventkit.erasures`` too, a line each, before it is committed. A restore
reads it: else a backup from before would bring the person back. The file names nobody, and is not
part of the database or its backups. It lies beside the database, or for a server in the working
folder, as `eventkit.toml` does.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from eventkit.formats.wording import LANGUAGES, wording
from eventkit.model.decision import Allowed, Decision, Reason
from eventkit.model.event import Event, Revision
from eventkit.model.registration import Outcome, Registration
from eventkit.model.values import SYSTEM, Actor, Person, Side, instant
from eventkit.office.ledger import Ledger
from eventkit.office.store import Store
from eventkit.rules.deadlines import over
from eventkit.rules.seating import Turn

FILE = "eventkit.erasures"


# --- the record ------------------------------------------------------------------------------


@frozen(kw_only=True)
class Erasure:
    """That somebody was erased, and who by no name: the `event` by its UID, number and moment.

    A number alone would not do. After a restore numbers are given anew, and the one `registered`
    at another moment is somebody else.
    """

    event: str
    number: int
    registered: datetime
    at: datetime


class Record:
    """The file of erasures of a database; lines are only ever added."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of(cls, store: Store) -> Record:
        """The record beside a database."""
        return cls((store.folder or Path()) / FILE)

    def add(self, erasure: Erasure) -> None:
        """Write a line that survives a power cut from now on; raises `OSError`."""
        said = {
            "event": erasure.event,
            "number": erasure.number,
            "registered": instant(erasure.registered).isoformat(),
            "at": instant(erasure.at).isoformat(),
        }
        # A break before it too: what an earlier one did not write to its end stays alone.
        line = f"\n{json.dumps(said)}\n".encode()
        new = not self.path.exists()
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            if os.write(file, line) != len(line):
                raise OSError(f"{self.path}: written in part")
            os.fsync(file)
        finally:
            os.close(file)
        if new and os.name == "posix":
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def __iter__(self) -> Iterator[Erasure]:
        """Each erasure; half a line was never committed."""
        try:
            lines = self.path.read_text("utf-8", "replace").splitlines()
        except FileNotFoundError:
            return
        for line in filter(None, lines):
            try:
                said = json.loads(line)
                yield Erasure(
                    event=said["event"],
                    number=said["number"],
                    registered=datetime.fromisoformat(said["registered"]),
                    at=datetime.fromisoformat(said["at"]),
                )
            except (KeyError, TypeError, ValueError):
                continue


# --- erasing ---------------------------------------------------------------------------------


def erase(
    ledger: Ledger,
    revision: Revision,
    number: int,
    *,
    now: datetime,
    actor: Actor,
    reason: str,
    holidays: Collection[date] = (),
    record: Record,
) -> Decision[Outcome]:
    """Blank one registration; refused while somebody may still come.

    It is done already where nothing of them is left. Raises `OSError` where it cannot be recorded.
    """
    book = ledger.book(revision, now=now, numbers=(number,), holidays=holidays)
    turn = Turn(book, now=now, actor=actor, reason=reason)
    turn.settle()
    (one,) = turn.named((number,))
    reasons = (*_not_theirs(actor), *_coming(one, revision.event, now), *_named(one, reason))
    if refused := turn.refusal(reasons):
        return refused
    blank = _blank(one)
    if evolve(one, **blank) != one:
        turn.change(one, "erase", **blank)
        record.add(
            Erasure(
                event=str(revision.event.uid), number=number, registered=one.at, at=instant(now)
            )
        )
    outcome = turn.outcome()
    if outcome.entries:
        ledger.save(outcome, revision, now=now)
        ledger.forget(number, partial(_mentions, one=one))
    return Allowed(outcome)


def erase_again(store: Store, record: Record, *, now: datetime) -> int:
    """Blank everybody in `store` who is on record, whatever they were there; how many.

    Nobody moves up for it: whoever had a seat there keeps it, without a name.
    """
    done = 0
    recorded = tuple(record)
    ids = store.of_uids(erasure.event for erasure in recorded)
    for erasure in recorded:
        event_id = ids.get(erasure.event)
        one = None if event_id is None else store.registration(event_id, erasure.number)
        if event_id is None or one is None or instant(one.at) != instant(erasure.registered):
            continue
        revision = store.revision(event_id)
        blank = _blank(one)
        if revision is None or evolve(one, **blank) == one:
            continue
        with store.holding(event_id) as ledger:
            book = ledger.book(revision, now=now, numbers=(one.number,))
            turn = Turn(book, now=now, actor=SYSTEM)
            turn.change(one, "erase", **blank)
            ledger.save(turn.outcome(), revision, now=now)
            ledger.forget(one.number, partial(_mentions, one=one))
        done += 1
    return done


def _blank(one: Registration) -> dict[str, Any]:
    """What a registration says when nobody can tell whose it was.

    The form's key goes too: one that was made of what a table said would tell.
    """
    language = one.language if one.language in LANGUAGES else LANGUAGES[0]
    return {
        "person": Person(name=wording(language)("word.erased")),
        "booker": None,
        "key": "",
        "digest": "",
        "answers": {},
        "invoice": None,
        "extra": {},
    }


def _mentions(text: str, one: Registration) -> bool:
    """Whether a text names the person, or an address or number of theirs."""
    folded = " ".join(text.casefold().split())
    said = (one.person.name, one.person.email, one.person.phone)
    return any(" ".join(part.casefold().split()) in folded for part in said if part.strip())


def _not_theirs(actor: Actor) -> Iterator[Reason]:
    if actor.side is Side.PUBLIC:
        yield Reason("staff_only")


def _coming(one: Registration, event: Event, now: datetime) -> Iterator[Reason]:
    """That somebody may still come, who must cancel first."""
    if one.status.is_active and instant(now) < instant(over(event)):
        told = {"who": one.person.name, "status": one.status, "registration": one.id}
        yield Reason("registration_active", told)


def _named(one: Registration, reason: str) -> Iterator[Reason]:
    """That the reason would keep the name that it erases."""
    if _mentions(reason, one):
        yield Reason("reason_names", {"path": "reason"})
