"""Filled examples, the same each time: an event, its revision, and a message about it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.policy import SMTP

from eventkit.model.event import AgendaItem, Event, Revision
from eventkit.model.registration import Message, Registration, Standing
from eventkit.model.values import (
    Actor,
    Answer,
    Contact,
    Money,
    OnlineAccess,
    Organiser,
    Person,
    Question,
    Side,
    Venue,
    zone,
)


def sample() -> Event:
    """A filled event: a network meeting in Viby J on 21 April 2022, for trying things out.

    It has what real announcements have: a deadline on Easter Monday, two items that overlap by
    five minutes, a talk over Teams with no link and a last item with no end. It gives EK101, EK104
    and EK302; with ``eventkit-danish`` DK201 too.
    """

    def at(hour: int, minute: int = 0) -> datetime:
        return datetime(2022, 4, 21, hour, minute, tzinfo=zone("Europe/Copenhagen"))

    return Event(
        id="21-374",
        uid="21-374@boligsocialnet.example",
        title="Netværksmøde for sociale viceværter",
        kind="Netværksmøde",
        series="Sociale viceværter",
        summary="En dag om at få flere beboere med i fællesskabet.",
        description=(
            "## Sammen om fællesskabet\n\n"
            "Mange vil gerne være med, men kommer ikke af sted. Vi deler erfaringer.\n\n"
            "- Hvem savner vi?\n"
            "- Hvordan kan foreninger hjælpe?\n"
        ),
        audience="Sociale viceværter i boligorganisationer og helhedsplaner.",
        starts=at(9, 30),
        ends=at(15),
        deadline=date(2022, 4, 18),
        price=Money(0),
        capacity=40,
        organiser=Organiser(name="Boligsocialnet"),
        contact=Contact(
            name="Sekretariatet", phone="12 34 56 78", email="sekretariatet@example.dk"
        ),
        venue=Venue(
            name="Beboerhuset Rosenhøj", street="Rosenhøj", postcode="8260", locality="Viby J"
        ),
        questions=(
            Question(key="mad", text="Hvad kan du ikke spise?", sensitive=True),
            Question(key="frokost", text="Spiser du frokost?", answer=Answer.YES_NO, required=True),
        ),
        programme=(
            AgendaItem(title="Ankomst og kaffe", starts=at(9, 30), ends=at(10), is_break=True),
            AgendaItem(title="Velkomst", starts=at(10), ends=at(10, 30)),
            AgendaItem(
                title="Foreninger som nabohjælp",
                starts=at(10, 30),
                ends=at(11, 15),
                description="Et eksempel fra Viby, og tid til spørgsmål.",
                speakers=(Person(name="Trine Ågård", organisation="Helhedsplanen i Viby"),),
            ),
            AgendaItem(title="Samtaler i grupper", starts=at(11, 15), ends=at(12, 15)),
            AgendaItem(title="Frokost", starts=at(12, 15), ends=at(13, 15), is_break=True),
            AgendaItem(
                title="Hvad ved vi fra forskningen?",
                starts=at(13, 15),
                ends=at(13, 45),
                speakers=(Person(name="Sara Lund"), Person(name="Siff Møller")),
                online=OnlineAccess(provider="Teams"),
            ),
            AgendaItem(title="Grupperne arbejder videre", starts=at(13, 45), ends=at(14, 15)),
            AgendaItem(title="Passer vores forventninger?", starts=at(14, 15), ends=at(14, 45)),
            AgendaItem(title="Næste møde", starts=at(14, 40), ends=at(14, 50)),
            AgendaItem(title="Opsamling", starts=at(14, 50), ends=at(15)),
            AgendaItem(title="Tak for i dag", starts=at(15)),
        ),
    )


def sample_revision() -> Revision:
    """`sample()` as the office keeps it: its first revision."""
    return Revision(
        event=sample(),
        number=1,
        sequence=0,
        at=datetime(2022, 3, 1, 12, tzinfo=UTC),
        actor=Actor(Side.STAFF, "sekretariatet@example.dk"),
    )


def sample_registration() -> Registration:
    """The first person to have a place at `sample()`."""
    return Registration(
        event="21-374",
        number=1,
        person=Person(
            name="Trine Ågård",
            email="trine@example.dk",
            phone="12 34 56 78",
            organisation="Helhedsplanen i Viby",
        ),
        status=Standing.CONFIRMED,
        at=datetime(2022, 3, 1, 12, tzinfo=UTC),
        answers={"mad": "Nødder", "frokost": True},
    )


def sample_message(
    *,
    key: str = "21-374-1:confirmation:1",
    sender: str = "sekretariatet@example.dk",
    recipient: str = "trine@example.dk",
    subject: str = "Du har en plads: Netværksmøde for sociale viceværter",
    text: str = "Kære Trine\n\nDu har en plads torsdag den 21. april 2022 kl. 9.30.\n",
) -> Message:
    """A rendered confirmation of a place at `sample()`, or another text as such a message."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = "trine@example.dk"
    mail["Subject"] = subject
    mail["Date"] = "Tue, 01 Mar 2022 13:00:00 +0100"
    mail["Message-ID"] = "<21-374-1.confirmation.1@example.dk>"
    mail.set_content(text)
    return Message(
        key=key,
        sender=sender,
        recipient=recipient,
        subject=subject,
        text=text,
        mime=mail.as_bytes(),
    )
