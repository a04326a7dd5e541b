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
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from attrs import frozen

from eventkit.formats.wording import wording
from eventkit.model.decision import Allowed, Decision
from eventkit.model.event import Revision
from eventkit.model.registration import Outcome, Registration
from eventkit.model.values import Actor, instant
from eventkit.office.ledger import DaysOff, Ledger, no_days_off
from eventkit.office.store import Store
from eventkit.rules import desk, forms
from eventkit.rules.seating import Book

FILE = "eventkit.erasures"

PATIENCE = timedelta(days=1)
"""How long a mail that is owed, and would mend somebody's calendar, keeps them from being erased.

It needs their address. But where no mail goes out, nobody should have to wait for it for ever.
"""


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
    one: Registration,
    *,
    now: datetime,
    actor: Actor,
    reason: str,
    holidays: DaysOff = no_days_off,
    record: Record,
) -> Decision[Outcome]:
    """Blank `one`, of which only number and form are believed: it may have changed since.

    Raises `OSError` where it cannot be recorded; then nothing is done.
    """
    book = _book(ledger, revision, one, now=now, holidays=holidays)
    one = next(each for each in book.registrations if each.number == one.number)
    name = _nobody(one)
    decision = desk.erase(
        one.number,
        book,
        now=now,
        actor=actor,
        name=name,
        reason=reason,
        untold=is_untold(ledger, one.number, now),
    )
    if isinstance(decision, Allowed) and decision.value.entries:
        uid = str(revision.event.uid)
        record.add(Erasure(event=uid, number=one.number, registered=one.at, at=instant(now)))
        _save(ledger, decision.value, revision, one, now=now)
    return decision


def is_untold(ledger: Ledger, number: int, now: datetime) -> bool:
    """Whether mail is on its way to `number` that needs their address, and is worth waiting for."""
    return ledger.has_invitations_owed(number, instant(now) - PATIENCE)


def erase_again(store: Store, record: Record, *, now: datetime) -> int:
    """Blank everybody in `store` who is on record, whatever they were there; how many."""
    done = 0
    recorded = tuple(record)
    ids = store.of_uids(erasure.event for erasure in recorded)
    for erasure in recorded:
        event_id = ids.get(erasure.event)
        one = None if event_id is None else store.registration(event_id, erasure.number)
        revision = None if event_id is None else store.revision(event_id)
        if one is None or revision is None or instant(one.at) != instant(erasure.registered):
            continue
        with store.holding(one.event) as ledger:
            book = _book(ledger, revision, one, now=now)
            outcome = desk.erase_again(one.number, book, now=now, name=_nobody(one))
            if outcome.entries:
                _save(ledger, outcome, revision, one, now=now)
                done += 1
    return done


def _book(
    ledger: Ledger,
    revision: Revision,
    one: Registration,
    *,
    now: datetime,
    holidays: DaysOff = no_days_off,
) -> Book:
    """What the desk looks into: whoever came by the same form may have been signed up by them."""
    return ledger.book(
        revision, now=now, numbers=(one.number,), key=one.key, formless=True, holidays=holidays
    )


def _save(
    ledger: Ledger, outcome: Outcome, revision: Revision, one: Registration, *, now: datetime
) -> None:
    ledger.save(outcome, revision, now=now)
    blanked = {entry.registration for entry in outcome.entries if entry.action == "erase"}
    others = [each for each in outcome.registrations if each.number in blanked - {one.number}]
    ledger.forget(one, others, partial(forms.mentions, person=one.person))


def _nobody(one: Registration) -> str:
    """What stands where a name stood, in the language that was spoken with them."""
    return wording(one.language)("word.erased")
