"""The events `eventkit demo` shows: one in every state, at dates that follow `now`, and guests.

Nothing is held or due on a weekend, a holiday or in the Christmas days, nor at night.

Long because it is text, an event after the other; nothing else imports it than the command.
Everybody and everything in them is invented; ``.example`` is nobody's domain (RFC 2606).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import product
from typing import Any, TypeVar

from attrs import evolve, frozen

from eventkit.model.decision import Decision, Refused
from eventkit.model.event import AgendaItem, Event, Imported, Status
from eventkit.model.registration import Signup
from eventkit.model.values import (
    SYSTEM,
    Answer,
    Before,
    Contact,
    Fee,
    Money,
    OnlineAccess,
    Organiser,
    Person,
    Question,
    Venue,
    zone,
)
from eventkit.office.usecases import Office

T = TypeVar("T")

COPENHAGEN = zone("Europe/Copenhagen")
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = range(5)
CONSTITUTION_DAY, CHRISTMAS, NEW_YEAR = (6, 5), (12, 22), (1, 2)
"""Days by month and day: nobody meets on the first, nor from the second to the third."""
OPENS, CLOSES = 8, 17
"""The hours in which one may come upon an event that is being held."""

NETWORK = Organiser(name="Boligfagligt Netværk", url="https://netvaerk.example")
SCHOOL = Organiser(name="Driftsskolen", url="https://driftsskolen.example")

COLORS = {SCHOOL.slug: "#8a3d14"}
"""The accent of organisers that have one of their own."""

SECRETARIAT = Contact(name="Sekretariatet", phone="70 20 00 00", email="post@netvaerk.example")
OFFICE = Contact(name="Kursuskontoret", phone="70 20 00 10", email="kursus@driftsskolen.example")

FOOD = Question(key="food", text="Er der mad, du ikke kan spise?", sensitive=True)

GUESTS = {104: 9, 108: 14, 109: 10}
"""How many have registered, by the number of the event."""

FIRST_NAMES = ("Anne", "Bo", "Camilla", "Davud", "Else", "Farid", "Grethe", "Hans", "Ida")
LAST_NAMES = ("Bech", "Holt", "Yılmaz")

BIRCH_HALL = Venue(
    name="Beboerhuset Birken", street="Birkeparken 14", postcode="8210", locality="Aarhus V"
)
HARBOUR = Venue(
    name="Medborgerhuset Havnen",
    room="Lokale 2",
    street="Kajgaden 3",
    postcode="5000",
    locality="Odense C",
    directions="Indgang fra gården. Der er elevator.",
)
SCHOOL_HOUSE = Venue(
    name="Driftsskolen", street="Værkstedsvej 21", postcode="4000", locality="Roskilde"
)
CONFERENCE = Venue(
    name="Konferencehotel Fjorden", street="Strandalleen 80", postcode="7100", locality="Vejle"
)


def fill(office: Office) -> None:
    """Put the demo's events into `office`, each as far along as it says."""
    now = office.now()
    years = range(now.year - 1, now.year + 2)
    made = events(now, {day for year in years for day in office.plugins.holidays(year)})
    announced = tuple(event for event in made if event.status is not Status.DRAFT)
    drafts = tuple(event for event in made if event.status is Status.DRAFT)
    announce(office, Imported(events=announced))
    _allowed(office.import_events(Imported(events=drafts), actor=SYSTEM))
    for event in announced:
        for signup in guests(event):
            _allowed(office.register(str(event.id), signup, actor=SYSTEM))


def guests(event: Event) -> tuple[Signup, ...]:
    """Those who have registered for an event of the demo, in their order."""
    number = int(str(event.id).rpartition("-")[2])
    return tuple(
        Signup(
            key=f"demo-{event.id}-{guest}",
            people=(Person(name=f"{first} {last}", email=f"{first.lower()}{guest}@bo.example"),),
            mode=event.modes[0],
        )
        for guest, (last, first) in enumerate(product(LAST_NAMES, FIRST_NAMES))
        if guest < GUESTS.get(number, 0)
    )


def announce(office: Office, imported: Imported) -> None:
    """Put events into `office` and publish them; then cancel or postpone those that say so."""
    drafts = _allowed(office.import_events(imported, actor=SYSTEM))
    for event, draft in zip(imported.events, drafts, strict=True):
        published = _allowed(office.publish(str(draft.event.id), actor=SYSTEM))
        if event.status in (Status.CANCELLED, Status.POSTPONED):
            after = evolve(published.event, status=event.status, status_reason=event.status_reason)
            _allowed(office.change(after, base=published.number, actor=SYSTEM))


def _allowed(decision: Decision[T]) -> T:
    """What was allowed; the demo asks for nothing that is refused."""
    if isinstance(decision, Refused):
        raise RuntimeError(f"the demo was refused: {decision.reasons}")
    return decision.value


def events(now: datetime, holidays: Collection[date] = ()) -> tuple[Event, ...]:
    """The events of the demo, as seen at `now`; the first is held while one looks, by day."""
    here = now.astimezone(COPENHAGEN)
    days = _Days(here.date(), frozenset(holidays))
    soon = days.after(2, MONDAY)
    return (
        _today(days.first(here.date()), here),
        _network(days.after(4, THURSDAY, due=7)),
        _course(days.after(5, TUESDAY, due=4)),
        _online(days.after(2, WEDNESDAY)),
        _conference(days.after(11, THURSDAY, due=21, more=1)),
        _not_yet_open(days.after(14, WEDNESDAY, due=9), opens=soon),
        _closed(days.first(here.date() + timedelta(days=4)), deadline=days.yesterday()),
        _waiting(days.after(6, TUESDAY, due=5)),
        _full(days.after(3, FRIDAY, due=4)),
        _postponed(days.after(7, MONDAY)),
        _cancelled(days.after(2, TUESDAY)),
        _over(days.after(-5, THURSDAY, due=7)),
        _draft(days.after(16, MONDAY)),
    )


# --- days and programmes ---------------------------------------------------------------------


@frozen
class _Days:
    """The days on which people meet, seen from `today`."""

    today: date
    holidays: frozenset[date]

    def works(self, day: date) -> bool:
        """Whether people are at work."""
        it = (day.month, day.day)
        closed = it == CONSTITUTION_DAY or it >= CHRISTMAS or it <= NEW_YEAR
        return day.weekday() <= FRIDAY and day not in self.holidays and not closed

    def first(self, day: date, *, due: int = 0, more: int = 0) -> date:
        """The first from `day` that is one, as are that `due` days before and `more` after."""
        while not all(self.works(day + timedelta(days=step)) for step in (-due, 0, more)):
            day += timedelta(days=1)
        return day

    def after(self, weeks: int, weekday: int, *, due: int = 0, more: int = 0) -> date:
        """That day of the week so many weeks from now, or the first after that will do."""
        day = self.today + timedelta(weeks=weeks, days=weekday - self.today.weekday())
        return self.first(day, due=due, more=more)

    def yesterday(self) -> date:
        """The last before today."""
        day = self.today - timedelta(days=1)
        while not self.works(day):
            day -= timedelta(days=1)
        return day


def _at(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), COPENHAGEN)


def _on(day: date) -> Callable[..., AgendaItem]:
    """A way to write one day's programme: ``item("09:30", "10:00", "Kaffe")``."""

    def item(starts: str, ends: str, title: str, text: str = "", **more: Any) -> AgendaItem:
        return AgendaItem(
            title=title, starts=_at(day, starts), ends=_at(day, ends), description=text, **more
        )

    return item


def _event(number: int, starts: datetime, ends: datetime, **more: Any) -> Event:
    own: dict[str, Any] = {"organiser": NETWORK, "contact": SECRETARIAT, "price": Money(0)}
    return Event(id=f"{starts:%y}-{number}", starts=starts, ends=ends, **own | more)


# --- the events ------------------------------------------------------------------------------


def _today(day: date, now: datetime) -> Event:
    start = max(OPENS, now.hour - 1)  # an hour in, when the day is at work
    if day != now.date() or now.hour < OPENS:
        start = 9  # later
    elif now.hour >= CLOSES:
        start = 13  # earlier
    first = _at(day, f"{start:02}:00")

    def hour(number: int, title: str, text: str = "", **more: Any) -> AgendaItem:
        return AgendaItem(
            title=title,
            starts=first.replace(hour=first.hour + number),
            ends=first.replace(hour=first.hour + number + 1),
            description=text,
            **more,
        )

    return _event(
        101,
        first,
        first.replace(hour=first.hour + 3),
        title="Åbent værksted: Naboskab på tværs",
        kind="Workshop",
        summary="Tre timer med idéer til, hvordan naboer lærer hinanden at kende.",
        venue=BIRCH_HALL,
        programme=(
            hour(0, "Velkommen og runde ved bordene", "Tag en idé med, som virkede hos jer."),
            hour(1, "Værksted", "Vi bygger videre i små grupper:\n\n- opgangen\n- gården\n- haven"),
            hour(2, "Vi viser hinanden, hvad vi fandt på"),
        ),
    )


def _network(day: date) -> Event:
    item = _on(day)
    return _event(
        102,
        _at(day, "09:30"),
        _at(day, "15:00"),
        title="Netværksmøde: Frivillige i boligområdet",
        kind="Netværksmøde",
        series="Netværk for boligsociale medarbejdere",
        summary=(
            "Hvordan finder man frivillige, og hvordan får de lyst til at blive? "
            "Vi besøger Birkeparken og hører, hvad de har lært på fem år."
        ),
        description=(
            "### Fra gæst til vært\n\n"
            "Mange møder op til den første fællesspisning. Færre tager ansvar for den næste. "
            "I Birkeparken er halvdelen af de frivillige nu selv værter.\n\n"
            "Dagen veksler mellem **korte oplæg** og samtaler i små grupper. "
            "Du får tre redskaber med hjem, som kan bruges samme uge."
        ),
        audience="Boligsociale medarbejdere, sociale viceværter og frivillige koordinatorer.",
        venue=BIRCH_HALL,
        capacity=60,
        deadline=Before(days=7),
        questions=(FOOD,),
        programme=(
            item("09:30", "10:00", "Kaffe og morgenbrød", is_break=True),
            item("10:00", "10:20", "Velkommen", "Dagens program, og hvem er vi?"),
            item(
                "10:20",
                "11:15",
                "Birkeparken: Fem år med frivillige",
                "- Hvad virkede, og hvad lod vi ligge?\n- Hvorfor færre regler gav flere værter\n\n"
                "Der er god tid til spørgsmål.",
                speakers=(Person(name="Maja", organisation="Birkeparken"),),
            ),
            item(
                "11:15",
                "12:15",
                "I grupper: Hvad er vores første skridt?",
                "Hver gruppe vælger én ting, som kan prøves med det samme.",
            ),
            item("12:15", "13:00", "Frokost", is_break=True),
            item(
                "13:00",
                "13:40",
                "Hvad ved vi om frivillighed?",
                "Et kort oplæg om, hvorfor folk siger ja – og hvornår de siger fra.",
                speakers=(Person(name="Jonas", organisation="Videncenter for Naboskab"),),
                online=OnlineAccess(
                    provider="Teams", url="https://teams.example/demo/frivillighed"
                ),
            ),
            item("13:40", "14:40", "Gåtur i området", "Tag tøj på til vejret."),
            item("14:40", "15:00", "Tak for i dag", "Næste møde er i Odense."),
        ),
    )


def _course(day: date) -> Event:
    item = _on(day)
    return _event(
        103,
        _at(day, "09:00"),
        _at(day, "15:30"),
        title="Kursus: Den svære samtale",
        kind="Kursus",
        organiser=SCHOOL,
        contact=OFFICE,
        summary="Øv dig på samtaler om restancer, støj og hjælp, der ikke er bedt om.",
        description=(
            "Du lærer at høre, hvad der bliver sagt, før du svarer. "
            "Vi øver med skuespillere, to og to.\n\n"
            "Deltager du online, øver du med de andre online."
        ),
        audience="Ejendomsfunktionærer og medarbejdere i udlejningen.",
        venue=SCHOOL_HOUSE,
        online=OnlineAccess(provider="Zoom", url="https://zoom.example/demo/samtale"),
        price=Money(Decimal("1250.50")),
        fees=(Fee(since=Before(days=7), money=Money(500)),),
        no_show_fee=Money(Decimal("1250.50")),
        questions=(
            Question(
                key="talks",
                text="Hvad er sværest at tale om?",
                answer=Answer.CHOICE,
                options=("Restancer", "Støj", "Hjælp, der ikke er bedt om"),
                required=True,
            ),
            FOOD,
        ),
        capacity=24,
        online_capacity=40,
        deadline=_at(day - timedelta(days=4), "12:00"),
        programme=(
            item("09:00", "09:30", "Morgenmad og login", is_break=True),
            item("09:30", "11:00", "At lytte, før man svarer"),
            item("11:00", "12:00", "Øvelse: Naboen der klager"),
            item("12:00", "12:45", "Frokost", is_break=True),
            item("12:45", "14:15", "Øvelse: Restancen"),
            item("14:15", "14:30", "Kaffe", is_break=True),
            item("14:30", "15:30", "Dine egne eksempler"),
        ),
    )


def _online(day: date) -> Event:
    item = _on(day)
    return _event(
        104,
        _at(day, "15:30"),
        _at(day, "16:45"),
        title="Gå hjem-møde: Varme i huset for færre penge",
        kind="Gå hjem-møde",
        summary="En energivejleder viser, hvad beboere selv kan gøre – uden at fryse.",
        online=OnlineAccess(provider="Teams", url="https://teams.example/demo/varme"),
        online_capacity=12,
        deadline=Before(hours=2),
        programme=(
            item("15:30", "16:15", "Fem ting, der kan mærkes på regningen"),
            item("16:15", "16:45", "Spørgsmål og svar"),
        ),
    )


def _conference(first: date) -> Event:
    second = first + timedelta(days=1)
    item, next_item = _on(first), _on(second)
    homes, people, digital = "Boligen", "Mennesker", "Digitalt"
    return _event(
        105,
        _at(first, "10:00"),
        _at(second, "14:30"),
        title="Almene Dage: Årets konference om drift, naboskab og grøn omstilling",
        kind="Konference",
        summary="To dage med oplæg, værksteder og kolleger fra hele landet.",
        description=(
            "Konferencen samler driften, det boligsociale og beboerdemokratiet. "
            "Vælg frit mellem de tre spor – du skal ikke vælge på forhånd.\n\n"
            "Overnatning bestiller du selv hos hotellet. Sig, at du skal til Almene Dage."
        ),
        audience="Alle, der arbejder eller er valgt i en almen boligorganisation.",
        venue=CONFERENCE,
        price=Money(3200),
        capacity=350,
        deadline=Before(days=21),
        programme=(
            item("09:30", "10:00", "Ankomst og kaffe", is_break=True),
            item("10:00", "11:00", "Åbning: Hvad er et godt hjem om tyve år?", room="Salen"),
            item(
                "11:15",
                "12:15",
                "Grønne tage i praksis",
                "Tre afdelinger, tre løsninger og deres regnskab.",
                track=homes,
                room="Salen",
            ),
            item(
                "11:15",
                "12:15",
                "Unge, der får ansvar",
                "Lommepengejob, mentorer og et værested uden voksne.",
                track=people,
                room="Lokale 3",
                speakers=(Person(name="Sami", organisation="Lindegården"),),
            ),
            item(
                "11:15",
                "12:15",
                "Målere, der siger til",
                "Fra aflæsning om året til besked samme dag.",
                track=digital,
                room="Lokale 5",
            ),
            item("12:15", "13:15", "Frokost", is_break=True),
            item(
                "13:15",
                "14:30",
                "Skimmel: Find årsagen først",
                track=homes,
                room="Salen",
            ),
            item("13:15", "14:30", "Når naboen bliver syg", track=people, room="Lokale 3"),
            item("13:15", "14:30", "Beboerdemokrati på mobilen", track=digital, room="Lokale 5"),
            item("14:30", "15:00", "Kaffe og kage", is_break=True),
            item("15:00", "16:30", "Debat: Hvem bestemmer i gården?", room="Salen"),
            item("18:30", "22:00", "Fælles middag", "Festligt, men ikke fint tøj."),
            next_item("08:30", "09:00", "Morgenkaffe", is_break=True),
            next_item("09:00", "10:30", "Besøg i Nørremarken", "Bussen kører fra hotellet."),
            next_item(
                "10:45", "12:00", "Cirkulær renovering", "Mursten, der bruges igen.", track=homes
            ),
            next_item("10:45", "12:00", "Ensomhed i opgangen", track=people),
            next_item("12:00", "13:00", "Frokost", is_break=True),
            next_item("13:00", "14:00", "Det tager vi med hjem", room="Salen"),
            next_item("14:00", "14:30", "Farvel og kaffe til togturen", is_break=True),
        ),
    )


def _not_yet_open(day: date, *, opens: date) -> Event:
    return _event(
        106,
        _at(day, "09:00"),
        _at(day, "16:00"),
        title="Grundkursus for nye driftsledere",
        kind="Kursus",
        organiser=SCHOOL,
        contact=OFFICE,
        summary="En dag om økonomi, jura og det at være ny chef for gamle kolleger.",
        venue=SCHOOL_HOUSE,
        price=Money(1800),
        capacity=30,
        approval=True,
        opens=opens,
        deadline=Before(days=9),
    )


def _closed(day: date, *, deadline: date) -> Event:
    item = _on(day)
    return _event(
        107,
        _at(day, "10:00"),
        _at(day, "13:00"),
        title="Besøg: Byggepladsen på Lindegården",
        kind="Studiebesøg",
        summary="Se en renovering indefra, mens beboerne stadig bor der.",
        venue=Venue(
            name="Lindegården",
            street="Lindealle 2",
            postcode="2600",
            locality="Glostrup",
            directions="Mød op ved **skurvognen** på p-pladsen. Husk sikkerhedssko.",
        ),
        capacity=20,
        deadline=deadline,
        programme=(
            item("10:00", "10:30", "Velkommen i skurvognen"),
            item("10:30", "12:00", "Rundvisning"),
            item("12:00", "13:00", "Frokost og spørgsmål", is_break=True),
        ),
    )


def _waiting(day: date) -> Event:
    return _event(
        108,
        _at(day, "13:00"),
        _at(day, "16:00"),
        title="Temadag: Hunde, hegn og husorden",
        kind="Temadag",
        summary="Hvad må en husorden, og hvordan taler man om den uden at blive uvenner?",
        venue=HARBOUR,
        capacity=12,
        deadline=Before(days=5),
    )


def _full(day: date) -> Event:
    return _event(
        109,
        _at(day, "17:00"),
        _at(day, "20:00"),
        title="Fællesspisning og rundvisning i det nye fælleshus",
        kind="Beboermøde",
        summary="Vi spiser sammen og ser huset fra kælder til kvist.",
        venue=HARBOUR,
        price=Money(50),
        capacity=10,
        waiting_list=False,
        deadline=Before(days=4),
    )


def _postponed(day: date) -> Event:
    return _event(
        110,
        _at(day, "09:30"),
        _at(day, "12:00"),
        title="Netværksmøde: Cyklerne i kælderen",
        kind="Netværksmøde",
        status=Status.POSTPONED,
        status_reason="Lokalet har fået vandskade. Vi finder en ny dato.",
        summary="Om oprydning, der ikke ender i skænderi.",
        venue=HARBOUR,
    )


def _cancelled(day: date) -> Event:
    return _event(
        111,
        _at(day, "14:00"),
        _at(day, "15:30"),
        title="Gå hjem-møde: Affald i seks bunker",
        kind="Gå hjem-møde",
        status=Status.CANCELLED,
        status_reason="Oplægsholderen er blevet syg.",
        summary="Sortering, der også virker i opgange uden plads.",
        venue=BIRCH_HALL,
    )


def _over(day: date) -> Event:
    return _event(
        112,
        _at(day, "09:30"),
        _at(day, "15:00"),
        title="Netværksmøde: Børn i gården",
        kind="Netværksmøde",
        summary="Om legepladser, larm og det, der ligger imellem.",
        venue=HARBOUR,
        deadline=Before(days=7),
    )


def _draft(day: date) -> Event:
    return _event(
        113,
        _at(day, "10:00"),
        _at(day, "12:00"),
        title="Kladde: Strategidag for udvalget",
        kind="Møde",
        summary="Er ikke offentliggjort og ses kun af medarbejdere.",
        venue=HARBOUR,
        status=Status.DRAFT,
    )
