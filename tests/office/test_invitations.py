"""What a person's calendar shows of a meeting, mail by mail: one entry, which moves, goes, returns.

The calendar is a small one that does as RFC 5546 2.1.5 says, and understands each invite.ics by
vobject and by ical.js, neither of which is ours.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
import vobject
from attrs import evolve, field, frozen, mutable

from eventkit.model.decision import Allowed
from eventkit.model.event import AgendaItem, Event, Status
from eventkit.model.registration import Message, Registration, Signup
from eventkit.model.values import (
    Actor,
    Contact,
    Mode,
    OnlineAccess,
    Organiser,
    Person,
    Role,
    Side,
    Venue,
)
from eventkit.office.delivery import Delivery
from eventkit.office.settings import OrganiserSettings, Settings
from eventkit.office.usecases import Office
from eventkit.plugins.hooks import Delivery as Answer
from eventkit.plugins.hooks import Notifier, Result
from eventkit.plugins.manager import Plugins
from eventkit.rules.seating import SECOND_THOUGHTS

PUBLIC, STAFF = Actor(Side.PUBLIC), Actor(Side.STAFF, "anne@example.dk")
STARTS = datetime(2022, 4, 21, 7, 30, tzinfo=UTC)


@frozen
class Entry:
    """What a calendar shows."""

    starts: datetime
    title: str
    place: str | None


@mutable
class Calendar:
    """One mailbox's calendar: an entry for each UID, and what it did with each mail."""

    readers: Any
    entries: dict[str, Entry] = field(factory=dict)
    versions: dict[str, tuple[int, str]] = field(factory=dict)
    methods: list[str] = field(factory=list)

    def take(self, data: bytes, mailbox: str) -> None:
        """Do what an invite.ics asks; refuse one that is older than what is known."""
        calendar = vobject.readOne(data.decode())
        event = calendar.vevent
        attendees = event.contents["attendee"]
        assert [one.value for one in attendees] == [f"mailto:{mailbox}"]
        assert attendees[0].params["PARTSTAT"] == ["ACCEPTED"]
        assert attendees[0].params["RSVP"] == ["FALSE"]
        by_js, by_vobject = (read(data) for read in self.readers)
        assert len(by_js) == len(by_vobject) == 1
        for name in ("uid", "summary", "starts", "ends"):
            assert by_js[0][name] == by_vobject[0][name]
        uid = by_js[0]["uid"]
        version = int(event.sequence.value), str(event.dtstamp.value)
        assert version >= self.versions.get(uid, (-1, "")), "a calendar would pass this over"
        self.versions[uid] = version
        method = calendar.method.value
        self.methods.append(method)
        if method == "CANCEL":
            assert event.status.value == "CANCELLED"
            del self.entries[uid]
        else:
            assert method == "REQUEST"
            one = by_js[0]
            self.entries[uid] = Entry(one["starts"], one["summary"], one["location"])

    @property
    def sequence(self) -> int:
        """The highest number seen."""
        return max(number for number, _ in self.versions.values())

    @property
    def only(self) -> Entry:
        """The one entry there is."""
        [entry] = self.entries.values()
        return entry


@mutable
class World:
    """An office whose mail is read by calendars as it comes."""

    office: Office
    clock: Any
    readers: Any
    mails: list[Message] = field(factory=list)
    calendars: dict[str, Calendar] = field(factory=dict)
    is_down: bool = False
    refuses: bool = False

    def wait(self, **time: float) -> list[Message]:
        """Let time pass and do what is due; the mails that came of it."""
        self.clock.now += timedelta(**time)
        before = len(self.mails)
        Delivery(self.office).tick()
        return self.mails[before:]

    def send(self, message: Message) -> Answer:
        if self.is_down:
            return Answer(result=Result.RETRY)
        if self.refuses:
            return Answer(result=Result.FAILED)
        self.mails.append(message)
        back = message_from_bytes(message.mime, policy=default)
        files = [part for part in back.walk() if part.get_filename() == "invite.ics"]
        assert len(files) == (message.calendar is not None)
        for part in files:
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            self.calendar(message.recipient).take(data, message.recipient)
        return Answer(result=Result.SENT)

    def calendar(self, name: str) -> Calendar:
        mailbox = name if "@" in name else f"{name}@example.dk"
        return self.calendars.setdefault(mailbox, Calendar(self.readers))

    # --- what people do ---

    def join(self, name: str, key: str = "", **more: Any) -> Registration:
        mode = more.pop("mode", Mode.ROOM)
        person = Person(name=name.title(), email=f"{name}@example.dk")
        signup = Signup(people=[person], key=key or f"form of {name}", mode=mode)
        decision = self.office.register("22-1", signup, actor=more.pop("actor", PUBLIC), **more)
        assert isinstance(decision, Allowed), decision
        return decision.value.registrations[-1]

    @property
    def event(self) -> Event:
        return self.office.revision("22-1").event

    def edit(self, **changes: Any) -> None:
        """What staff change."""
        base = self.office.revision("22-1").number
        decision = self.office.change(evolve(self.event, **changes), base=base, actor=STAFF)
        assert isinstance(decision, Allowed), decision

    def tell(self) -> list[Message]:
        """Staff send the drafted notice, and nobody thinks better of it."""
        assert self.office.send_changes("22-1", actor=STAFF) is not None
        return self.wait(minutes=5)

    def call_off(self) -> None:
        base = self.office.revision("22-1").number
        assert isinstance(
            self.office.call_off("22-1", base=base, actor=STAFF, reason="Sne"), Allowed
        )

    def take_back(self) -> None:
        base = self.office.revision("22-1").number
        assert isinstance(self.office.take_back("22-1", base=base, actor=STAFF), Allowed)


@pytest.fixture
def world(office: Office, add: Any, event: Any, clock: Any, ical_js: Any, by_vobject: Any) -> World:
    """A meeting for two in the room."""
    add(event(capacity=2), publish=True)
    plugins = Plugins.load(off=[one.name for one in office.plugins.infos if one.name != "builtin"])
    settings = Settings(base_url="https://moeder.example", secret="s" * 40, notifier="test")
    world = World(
        Office(office.store, plugins, settings, clock=clock), clock, (ical_js, by_vobject)
    )
    title = {"da": "Prøve", "en": "Test"}
    plugins._notifiers["test"] = (
        "builtin",
        Notifier(name="test", title=title, send=world.send),
    )
    return world


# --- one person ------------------------------------------------------------------------------


def test_one_entry_that_moves_goes_and_comes_back(world: World) -> None:
    """Confirmed, moved, called otherwise, cancelled, and registered again: one UID throughout."""
    anne = world.calendar("anne")
    first = world.join("anne")
    world.wait(minutes=1)
    assert (anne.only.starts, anne.only.title) == (STARTS, "Netværksmøde")
    sequences = [anne.sequence]

    later = world.event.starts + timedelta(days=1)
    world.edit(starts=later, ends=later + timedelta(hours=5))
    [moved] = world.tell()
    assert "Ny tid: fredag den 22. april 2022" in moved.text
    assert anne.only.starts == STARTS + timedelta(days=1)
    sequences.append(anne.sequence)

    world.edit(title="Netværksdag")
    world.tell()
    assert anne.only.title == "Netværksdag"
    assert anne.sequence == sequences[-1], "a title moves nothing; the newer stamp is enough"

    world.office.cancel("22-1", [first.number], actor=PUBLIC)
    world.wait(minutes=1)
    assert anne.entries == {}
    sequences.append(anne.sequence)

    again = world.join("anne", "another form")
    world.wait(minutes=1)
    assert again.number != first.number
    assert anne.only == Entry(STARTS + timedelta(days=1), "Netværksdag", "Rosenhøj, Viby J")
    sequences.append(anne.sequence)

    assert len(anne.versions) == 1, "one UID"
    assert sequences == sorted(set(sequences)), "each number higher than the one before"
    assert anne.methods == ["REQUEST", "REQUEST", "REQUEST", "CANCEL", "REQUEST"]


def test_from_the_room_to_online(world: World) -> None:
    """The entry stays, and shows where one sits now; the link is for who needs it."""
    anne = world.calendar("anne")
    one = world.join("anne")
    world.wait(minutes=1)
    assert anne.only.place == "Rosenhøj, Viby J"
    before = anne.sequence
    world.office.switch("22-1", one.number, Mode.ONLINE, actor=PUBLIC)
    world.wait(minutes=1)
    assert anne.only.place == "https://teams.example/hemmelig"
    assert anne.sequence > before


def test_two_colleagues_with_one_mailbox(world: World) -> None:
    """Caretakers share one: each has an entry there, and one afbud takes away only theirs."""
    office = "kontor@example.dk"
    people = [Person(name=name, email=office) for name in ("Anne", "Bo")]
    decision = world.office.register("22-1", Signup(people=people, key="k"), actor=PUBLIC)
    assert isinstance(decision, Allowed)
    anne, bo = decision.value.registrations
    world.wait(minutes=1)
    shared = world.calendar(office)
    assert set(shared.entries) == {anne.uid, bo.uid}
    world.office.cancel("22-1", [bo.number], actor=PUBLIC)
    world.wait(minutes=1)
    assert set(shared.entries) == {anne.uid}


def test_a_substitute_takes_the_seat_over(world: World) -> None:
    """It goes from one calendar, and comes to the other under a UID of its own."""
    one = world.join("anne")
    world.wait(minutes=1)
    bo = Person(name="Bo", email="bo@example.dk")
    decision = world.office.substitute("22-1", one.number, bo, actor=PUBLIC)
    assert isinstance(decision, Allowed)
    told = world.wait(minutes=1)
    assert sorted(message.recipient for message in told) == ["anne@example.dk", "bo@example.dk"]
    assert world.calendar("anne").entries == {}
    assert world.calendar("bo").only.starts == STARTS
    assert set(world.calendar("anne").versions) != set(world.calendar("bo").versions)


def test_a_speaker_s_entry_has_the_time_of_what_they_say(world: World) -> None:
    """Not that of the whole day; and it moves when their item does."""
    talk = AgendaItem(
        key="talk", title="Oplæg om naboer", starts=world.event.starts + timedelta(hours=2)
    )
    world.edit(programme=(*world.event.programme, talk))
    world.join("siff", role=Role.SPEAKER, item="talk", actor=STAFF)
    world.wait(minutes=1)
    siff = world.calendar("siff")
    assert (siff.only.starts, siff.only.title) == (STARTS + timedelta(hours=2), "Oplæg om naboer")
    before = siff.sequence
    later = evolve(talk, starts=talk.starts + timedelta(minutes=30))
    world.edit(programme=(*world.event.programme[:-1], later))
    world.tell()
    assert siff.only.starts == STARTS + timedelta(hours=2, minutes=30)
    assert siff.sequence > before


def test_who_waits_or_is_offered_a_seat_has_no_entry(world: World) -> None:
    """Only a seat is an appointment."""
    anne = world.join("anne")
    world.join("bo")
    carl = world.join("carl")
    world.wait(minutes=1)
    assert world.calendar("carl").methods == []
    world.clock.now = STARTS - timedelta(days=2, hours=20)
    world.wait()
    world.office.cancel("22-1", [anne.number], actor=PUBLIC)
    world.wait(minutes=1)
    assert world.office.registration("22-1", carl.number).status == "offered"
    assert world.calendar("carl").methods == []
    world.office.accept("22-1", carl.number, actor=PUBLIC)
    world.wait(minutes=1)
    assert world.calendar("carl").only.starts == STARTS
    world.join("dorte")
    world.office.cancel("22-1", [world.join("dorte").number], actor=PUBLIC)
    world.wait(minutes=1)
    assert world.calendar("dorte").methods == []


# --- everybody -------------------------------------------------------------------------------


def test_called_off_and_taken_back_within_five_minutes(world: World) -> None:
    """Nobody is told anything, then or later."""
    world.join("anne")
    [_] = world.wait(minutes=1)
    world.call_off()
    assert world.wait(minutes=4) == []
    world.take_back()
    assert world.wait(minutes=30) == []
    assert world.office.untold("22-1") == ()
    assert world.office.send_changes("22-1", actor=STAFF) is None
    assert world.calendar("anne").only.starts == STARTS


def test_called_off_and_taken_back_too_late(world: World) -> None:
    """The entry has gone; telling that it is held after all brings it back."""
    world.join("anne")
    world.join("bo", mode=Mode.ONLINE)
    world.wait(minutes=1)
    before = world.calendar("anne").sequence
    world.call_off()
    told = world.wait(minutes=5)
    assert [message.subject for message in told] == ["Aflyst: Netværksmøde"] * 2
    assert world.calendar("anne").entries == {} == world.calendar("bo").entries
    assert world.calendar("anne").sequence > before
    gone = world.calendar("anne").sequence
    world.take_back()
    assert world.wait(minutes=30) == [], "staff say when it is told"
    told = world.tell()
    assert all("Arrangementet bliver til noget alligevel." in message.text for message in told)
    assert world.calendar("anne").only.starts == STARTS
    assert world.calendar("bo").only.starts == STARTS
    assert world.calendar("anne").sequence > gone


def test_two_edits_are_one_notice_with_each_person_s_own(world: World) -> None:
    """In the room one hears of the place, online of the link, and of nothing twice."""
    world.join("anne")
    world.join("bo", mode=Mode.ONLINE)
    world.wait(minutes=1)
    world.edit(venue=Venue(name="Kulturhuset", locality="Aarhus"))
    world.edit(online=OnlineAccess(provider="Zoom", url="https://zoom.example/ny"))
    assert world.wait(hours=1) == [], "it is a draft"
    told = {message.recipient: message for message in world.tell()}
    assert set(told) == {"anne@example.dk", "bo@example.dk"}
    anne, bo = told["anne@example.dk"].text, told["bo@example.dk"].text
    assert "Nyt sted: Kulturhuset, Aarhus" in anne
    assert "online" not in anne.lower()
    assert "Nyt sted" not in bo
    assert "https://zoom.example/ny" in bo
    assert world.calendar("bo").only.place == "https://zoom.example/ny"
    assert world.wait(hours=1) == []
    world.edit(title="Netværksdag")
    assert world.wait(hours=1) == [], "what is new since is a draft of its own"


def test_an_edit_that_is_undone_concerns_nobody(world: World) -> None:
    """Also one undone within the five minutes, when it was as good as sent."""
    world.join("anne")
    world.wait(minutes=1)
    venue = world.event.venue
    world.edit(venue=Venue(name="Kulturhuset"))
    assert len(world.office.untold("22-1")) == 1
    world.edit(venue=venue)
    assert world.office.untold("22-1") == ()
    assert world.office.send_changes("22-1", actor=STAFF) is None
    world.edit(venue=Venue(name="Kulturhuset"))
    assert world.office.send_changes("22-1", actor=STAFF) is not None
    world.edit(venue=venue)
    assert world.wait(hours=1) == []


def test_an_edit_within_the_five_minutes_is_in_it(world: World) -> None:
    """Until it goes it is the draft still."""
    world.join("anne")
    world.wait(minutes=1)
    world.edit(venue=Venue(name="Kulturhuset"))
    at = world.office.send_changes("22-1", actor=STAFF)
    assert at == world.clock.now + SECOND_THOUGHTS
    assert world.wait(minutes=2) == []
    world.edit(title="Netværksdag")
    [told] = world.wait(minutes=3)
    assert "Nyt sted: Kulturhuset" in told.text
    assert "Ny titel: Netværksdag" in told.text
    assert world.calendar("anne").only == Entry(STARTS, "Netværksdag", "Kulturhuset")


def test_who_came_after_the_edit_is_told_nothing_new(world: World) -> None:
    """They signed up for what it is now."""
    world.join("anne")
    world.wait(minutes=1)
    world.edit(venue=Venue(name="Kulturhuset"))
    world.join("bo")
    world.wait(minutes=1)
    assert [message.recipient for message in world.tell()] == ["anne@example.dk"]


def test_a_postponed_event_is_tentative(world: World) -> None:
    """It stays in calendars, and no day is promised in the mail."""
    world.join("anne")
    world.wait(minutes=1)
    world.edit(status=Status.POSTPONED)
    [told] = world.tell()
    assert "Arrangementet er udsat." in told.text
    assert "21. april" not in told.text
    assert b"STATUS:TENTATIVE" in (told.calendar or b"")


def test_a_reminder_three_days_before_at_nine(world: World) -> None:
    """Once; and again where the event has moved meanwhile. It changes no calendar."""
    world.join("anne")
    world.wait(minutes=1)
    nine = datetime(2022, 4, 18, 7, tzinfo=UTC)  # 9.00 in Copenhagen
    world.clock.now = nine - timedelta(minutes=1)
    assert world.wait() == []
    [reminder] = world.wait(minutes=1)
    assert reminder.subject == "Husk Netværksmøde"
    assert reminder.calendar is None
    assert world.wait(hours=5) == []
    later = world.event.starts + timedelta(days=7)
    world.edit(starts=later, ends=later + timedelta(hours=5))
    world.tell()
    world.clock.now = nine + timedelta(days=7) - timedelta(minutes=1)
    assert world.wait() == []
    assert [message.subject for message in world.wait(minutes=1)] == ["Husk Netværksmøde"]
    assert world.wait(days=30) == []


def test_a_reminder_that_comes_too_late_is_not_sent(world: World) -> None:
    """The server was off over the meeting."""
    world.join("anne")
    world.wait(minutes=1)
    world.clock.now = STARTS + timedelta(days=2)
    assert world.wait() == []


@pytest.mark.parametrize("what", ["an edit", "called off and taken back"])
def test_a_reminder_that_is_due_survives_what_is_done_before_anybody_looked(
    world: World, what: str
) -> None:
    """A tick comes some time after nine, and staff are at work at nine too."""
    world.join("anne")
    world.wait(minutes=1)
    nine = datetime(2022, 4, 18, 7, tzinfo=UTC)
    world.clock.now = nine - timedelta(minutes=1)
    world.wait()
    if what == "an edit":
        world.clock.now = nine + timedelta(minutes=1)
        world.edit(summary="Kom i god tid.")
    else:
        world.call_off()
        world.wait(minutes=2)
        world.take_back()
    assert [message.subject for message in world.wait(minutes=1)] == ["Husk Netværksmøde"]
    assert world.wait(days=1) == []


@pytest.mark.parametrize("kind", ["reminder", "link"])
def test_what_tells_nothing_new_takes_no_change_away(world: World, kind: str) -> None:
    """A stranger may ask for somebody's link; that keeps no calendar from moving."""
    world.join("anne")
    world.wait(minutes=1)
    later = world.event.starts + timedelta(hours=3)
    world.edit(starts=later, ends=later + timedelta(hours=2))
    if kind == "link":
        world.office.find("anne@example.dk")
        assert len(world.wait(minutes=1)) == 1
    else:
        world.clock.now = datetime(2022, 4, 18, 10, tzinfo=UTC)
        assert [message.subject for message in world.wait()] == ["Husk Netværksmøde"]
    assert len(world.office.untold("22-1")) == 1
    [told] = world.tell()
    assert "Ny tid" in told.text
    assert world.calendar("anne").only.starts == later


# --- while mail does not go --------------------------------------------------------------------


def test_what_one_person_is_told_comes_in_order(world: World) -> None:
    """A newer notice waits for an older one that has to be tried again."""
    world.is_down = True
    world.join("anne")
    for minutes in (1, 1, 2, 4, 8, 16):  # so that it is tried next in half an hour
        world.wait(minutes=minutes)
    world.is_down = False
    later = world.event.starts + timedelta(hours=3)
    world.edit(starts=later, ends=later + timedelta(hours=2))
    world.office.send_changes("22-1", actor=STAFF)
    assert world.wait(minutes=6) == [], "it is due, but the older one is not yet"
    world.wait(hours=1)
    assert [message.subject for message in world.mails] == [
        "Du har en plads: Netværksmøde",
        "Nyt om Netværksmøde",
    ]
    assert world.calendar("anne").only.starts == later


def test_who_reads_that_it_is_called_off_reads_nothing_older_after_it(world: World) -> None:
    """Neither that they have a seat, nor what to remember."""
    world.is_down = True
    world.join("anne")
    world.clock.now = datetime(2022, 4, 18, 8, tzinfo=UTC)
    world.wait()
    world.call_off()
    world.wait(minutes=6)
    world.is_down = False
    assert [message.subject for message in world.wait(hours=2)] == ["Aflyst: Netværksmøde"]


def test_what_waits_while_an_event_may_be_held_after_all_is_not_lost(world: World) -> None:
    """For five minutes nobody knows whether there is a seat to tell of."""
    world.is_down = True
    world.join("anne")
    world.wait(minutes=1)
    world.is_down = False
    world.call_off()
    assert world.wait(minutes=2) == []
    world.take_back()
    assert [message.subject for message in world.wait(minutes=10)] == [
        "Du har en plads: Netværksmøde"
    ]


def test_a_reminder_that_has_been_overtaken_is_not_sent(world: World) -> None:
    """It would say the time from before."""
    world.join("anne")
    world.wait(minutes=1)
    world.is_down = True
    world.clock.now = datetime(2022, 4, 18, 7, tzinfo=UTC)
    world.wait()
    later = world.event.starts + timedelta(hours=3)
    world.edit(starts=later, ends=later + timedelta(hours=2))
    world.office.send_changes("22-1", actor=STAFF)
    world.wait(minutes=5)
    world.is_down = False
    assert [message.subject for message in world.wait(hours=2)] == ["Nyt om Netværksmøde"]


def test_nothing_goes_to_an_address_that_was_corrected(world: World) -> None:
    """Whoever has it would read a name, and get into the meeting."""
    one = world.join("ane", mode=Mode.ONLINE)
    right = evolve(one.person, email="anne@example.dk")
    assert isinstance(world.office.edit("22-1", one.number, person=right, actor=PUBLIC), Allowed)
    assert [message.recipient for message in world.wait(minutes=1)] == ["anne@example.dk"]
    assert world.calendar("ane").entries == {}
    assert world.calendar("anne").only.starts == STARTS


def test_what_is_new_goes_to_the_corrected_address(world: World) -> None:
    """Who never got it at the wrong one is told it at the right one."""
    one = world.join("ane")
    world.wait(minutes=1)
    world.is_down = True
    later = STARTS + timedelta(hours=2)
    world.edit(starts=later)
    world.tell()
    right = evolve(one.person, email="anne@example.dk")
    assert isinstance(world.office.edit("22-1", one.number, person=right, actor=PUBLIC), Allowed)
    world.is_down = False
    told = world.wait(hours=2)
    assert {message.recipient for message in told} == {"anne@example.dk"}
    assert any("Ny tid" in message.text for message in told)
    assert world.calendar("anne").only.starts == later


def test_a_change_that_was_refused_for_good_is_still_owed(world: World) -> None:
    """It is a draft again; sent after all, it is news no more."""
    world.join("anne")
    world.wait(minutes=1)
    world.refuses = True
    world.edit(starts=STARTS + timedelta(hours=2))
    assert world.tell() == []
    assert [one.person.email for one in world.office.untold("22-1")] == ["anne@example.dk"]
    world.refuses = False
    outbox = world.office.store.outbox
    [failed] = outbox.parcels(states=("failed",))
    outbox.release([failed.notice.key], send=True, now=world.clock.now, actor=STAFF)
    [told] = world.wait(minutes=1)
    assert "Ny tid" in told.text
    assert world.office.untold("22-1") == ()


def test_an_old_notice_that_staff_let_go_does_not_overtake_a_newer_one(world: World) -> None:
    """What holds now has gone already, and a reader would take the older one for new."""
    world.join("anne")
    world.wait(minutes=1)
    world.refuses = True
    world.edit(starts=STARTS + timedelta(hours=4))
    world.tell()
    world.refuses = False
    world.edit(starts=STARTS + timedelta(hours=1))
    world.tell()
    outbox = world.office.store.outbox
    [failed] = outbox.parcels(states=("failed",))
    outbox.release([failed.notice.key], send=True, now=world.clock.now, actor=STAFF)
    assert world.wait(minutes=1) == []
    assert [one.notice.key for one in outbox.parcels(states=("withdrawn",))] == [failed.notice.key]
    assert world.calendar("anne").only.starts == STARTS + timedelta(hours=1)


def test_who_is_back_loses_no_entry_to_a_late_cancel(world: World) -> None:
    """Their entry has one UID: a CANCEL that waited for the server would take the new seat out."""
    one = world.join("anne")
    world.wait(minutes=1)
    world.is_down = True
    world.office.cancel("22-1", [one.number], actor=PUBLIC)
    world.wait(minutes=1)
    world.is_down = False
    world.join("anne", key="again")
    told = world.wait(hours=2)
    assert [message.subject for message in told] == ["Du har en plads: Netværksmøde"]
    assert world.calendar("anne").only.starts == STARTS


def rename(world: World, number: int, name: str) -> None:
    """To be called otherwise, with the same address, is a correction that anybody may make."""
    one = world.office.registration("22-1", number)
    person = evolve(one.person, name=name)
    decision = world.office.edit("22-1", number, person=person, actor=PUBLIC)
    assert isinstance(decision, Allowed), decision


def test_an_entry_stays_with_who_has_another_name_now(world: World) -> None:
    """Whoever comes under the old name gets another one; an afbud takes out the one it is about."""
    world.edit(capacity=9)
    for key in ("first", "second"):
        anne = world.join("anne", key)
        world.wait(minutes=1)
        if key == "first":
            world.office.cancel("22-1", [anne.number], actor=PUBLIC)
            world.wait(minutes=1)
    rename(world, anne.number, "Bo")
    third = world.join("anne", "third")
    world.wait(minutes=1)
    mailbox = world.calendar("anne")
    assert len(mailbox.entries) == 2
    world.office.cancel("22-1", [third.number], actor=PUBLIC)
    world.wait(minutes=1)
    bo = world.office.registration("22-1", anne.number)
    assert list(mailbox.entries) == [bo.uid]


def test_a_late_cancel_takes_out_whose_name_another_has_now(world: World) -> None:
    """That somebody is called as they were is not that they are back."""
    world.edit(capacity=9)
    anne = world.join("anne")
    person = Person(name="Bo", email="anne@example.dk")
    bo = world.office.register("22-1", Signup(people=[person], key="bo"), actor=PUBLIC)
    assert isinstance(bo, Allowed)
    [bo_now] = bo.value.registrations
    world.wait(minutes=1)
    world.is_down = True
    world.office.cancel("22-1", [anne.number], actor=PUBLIC)
    world.wait(minutes=1)
    rename(world, bo_now.number, "Anne")
    world.is_down = False
    world.wait(hours=2)
    assert list(world.calendar("anne").entries) == [bo_now.uid]


def test_what_was_owed_to_who_they_were_takes_out_nobody_else(world: World) -> None:
    """A CANCEL that waited, of an entry that is somebody else's by now."""
    world.edit(capacity=9)
    first = world.join("anne")
    world.wait(minutes=1)
    world.is_down = True
    world.office.cancel("22-1", [first.number], actor=PUBLIC)
    world.wait(minutes=1)
    second = world.join("anne", "again")
    rename(world, second.number, "Bo")
    world.is_down = False
    world.wait(hours=2)
    assert list(world.calendar("anne").entries) == [second.uid]


def test_a_substitute_who_left_reads_nothing_of_a_seat(world: World) -> None:
    """The mail server was down meanwhile; and an event that is called off waits for that."""
    one = world.join("anne")
    world.wait(minutes=1)
    dan = Person(name="Dan", email="dan@example.dk")
    world.is_down = True
    for after in ("cancelled", "called off"):
        decision = world.office.substitute("22-1", one.number, dan, actor=PUBLIC)
        assert isinstance(decision, Allowed), decision
        [one] = [each for each in decision.value.registrations if each.person == dan]
        world.wait(minutes=1)
        if after == "cancelled":
            world.office.cancel("22-1", [one.number], actor=PUBLIC)
            one = world.join("carl")
    world.call_off()
    world.is_down = False
    world.wait(hours=30)
    withdrawn = world.office.store.outbox.parcels(states=("withdrawn",))
    to_dan = [one.notice.kind for one in withdrawn if one.notice.recipient == dan.email]
    assert sorted(to_dan) == ["seat_cancelled", "substitution", "substitution"]
    told = [message.subject for message in world.mails if message.recipient == dan.email]
    assert told == ["Aflyst: Netværksmøde"]


def test_a_link_is_sent_to_nobody_who_has_left(world: World) -> None:
    """It would lead to no place, and the mail had none."""
    one = world.join("anne")
    world.wait(hours=2)
    assert isinstance(world.office.send_link("22-1", one.number, actor=PUBLIC), Allowed)
    world.office.cancel("22-1", [one.number], actor=PUBLIC)
    told = world.wait(minutes=1)
    assert [message.subject for message in told] == ["Afbud modtaget: Netværksmøde"]


def test_a_clock_that_is_put_back_loses_nothing(world: World) -> None:
    """The afbud is due before the seat that it gives up, and is told all the same."""
    one = world.join("anne")
    world.wait(seconds=0)
    world.clock.now -= timedelta(seconds=10)
    world.office.cancel("22-1", [one.number], actor=PUBLIC)
    world.wait(hours=1)
    assert world.calendar("anne").entries == {}


def test_whoever_invited_first_goes_on_writing(world: World) -> None:
    """Another organiser is no other calendar's owner: a CANCEL from another is none."""
    of = {"andre": OrganiserSettings(sender="Andre <andre@example.dk>")}
    settings = evolve(world.office.settings, sender="os@example.dk", organiser=of)
    world.office = Office(
        world.office.store, world.office.plugins, settings, clock=world.office._clock
    )
    one = world.join("anne")
    world.wait(minutes=1)
    world.edit(organiser=Organiser(name="Andre"))
    assert world.office.settings.sender_of("andre") == "Andre <andre@example.dk>"
    world.office.cancel("22-1", [one.number], actor=PUBLIC)
    world.wait(minutes=1)
    assert [message.sender for message in world.mails] == ["os@example.dk"] * 2
    organisers = [re.findall(rb"ORGANIZER.*:(.*)", one.calendar or b"") for one in world.mails]
    assert organisers == [[b"os@example.dk\r"]] * 2
    assert world.calendar("anne").entries == {}


# --- staff ---------------------------------------------------------------------------------------


def test_staff_are_told_how_many_come(world: World) -> None:
    """The morning after the last day to sign up; the kitchen needs to know, and nobody is named."""
    world.edit(contact=Contact(email="sekretariat@example.dk"), online_capacity=None)
    world.join("anne")
    world.join("lise", actor=STAFF, role=Role.SPEAKER)
    world.join("bo")
    world.join("carl")
    world.join("dorte", mode=Mode.ONLINE)
    guest = Signup(people=[Person(name="Gæst")], key="gæst", mode=Mode.ONLINE)
    assert isinstance(world.office.register("22-1", guest, actor=STAFF), Allowed)
    world.clock.now = datetime(2022, 4, 20, 7, tzinfo=UTC) - timedelta(minutes=1)
    world.wait()
    [told] = world.wait(minutes=1)
    assert told.recipient == "sekretariat@example.dk"
    assert told.subject == "Så mange kommer: Netværksmøde"
    assert told.text.splitlines()[2:] == [
        "På stedet: 3",
        "Online: 2",
        "Heraf oplægsholdere, værter og hjælpere: 1",
        "På venteliste: 1",
        "Uden e-mail: 1. Ring til dem, hvis noget ændrer sig.",
    ]
    assert told.calendar is None
    assert world.wait(hours=5) == []


def test_without_a_contact_nobody_is_told_how_many_come(world: World) -> None:
    """There is no address to write to."""
    world.join("anne")
    world.clock.now = datetime(2022, 4, 20, 7, tzinfo=UTC) - timedelta(minutes=1)
    world.wait()
    assert world.wait(minutes=1) == []
