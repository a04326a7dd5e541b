"""The words: what a reader sees, in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from eventkit.formats.wording import KEPT, LANGUAGES, Wording, kept_wording, wording
from eventkit.model.decision import Finding, Reason, Severity
from eventkit.model.errors import DocumentError, Fault, FormatError, SettingsError
from eventkit.model.event import AgendaItem, Event
from eventkit.model.registration import Seats
from eventkit.model.values import Before, Deadline, Fee, Money, Venue, zone
from eventkit.rules import deadlines
from eventkit.rules.checks import check

CPH = zone("Europe/Copenhagen")


def at(day: int, hour: int = 0, minute: int = 0, month: int = 4) -> datetime:
    return datetime(2022, month, day, hour, minute, tzinfo=CPH)


def event(**changes: object) -> Event:
    fields: dict[str, object] = {
        "id": "22-1",
        "title": "Netværksmøde",
        "starts": at(21, 9, 30),
        "ends": at(21, 15),
        "deadline": date(2022, 4, 18),
    }
    return Event(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("starts", "ends", "danish", "english"),
    [
        (
            at(21, 9, 30),
            at(21, 15),
            "torsdag den 21. april 2022 kl. 9.30–15.00",
            "Thursday, 21 April 2022, 9:30–15:00",
        ),
        (
            at(21, 17, 30),
            None,
            "torsdag den 21. april 2022 kl. 17.30",
            "Thursday, 21 April 2022 at 17:30",
        ),
        (
            at(21),
            at(22),
            "torsdag den 21. april 2022, hele dagen",
            "Thursday, 21 April 2022, all day",
        ),
        (
            at(21),
            at(23),
            "torsdag den 21. april 2022 til fredag den 22. april 2022",
            "Thursday, 21 April 2022 to Friday, 22 April 2022",
        ),
        (
            at(21, 9),
            at(22, 15),
            "torsdag den 21. april 2022 kl. 9.00 til fredag den 22. april 2022 kl. 15.00",
            "Thursday, 21 April 2022 at 9:00 to Friday, 22 April 2022 at 15:00",
        ),
    ],
)
def test_when(starts: datetime, ends: datetime | None, danish: str, english: str) -> None:
    """An event's time is said with its weekday, whatever its length."""
    meeting = event(starts=starts, ends=ends, deadline=None)
    assert wording("da").when(meeting) == danish
    assert wording("en").when(meeting) == english


def test_a_deadline_that_is_a_day_is_said_as_that_day_once_it_is_over() -> None:
    """Not as the midnight that follows; one with a clock is said with it."""
    midnight = datetime(2026, 6, 13, tzinfo=zone("Europe/Copenhagen"))
    noon = midnight.replace(hour=12)
    for code in ("cancel_closed", "edit_closed", "substitute_closed", "deadline_passed"):
        said = wording("da").reason(Reason(code, {"closed": midnight}))
        assert "fredag den 12. juni 2026" in said
        assert "kl." not in said
        said = wording("da").reason(Reason(code, {"closed": noon}))
        assert "lørdag den 13. juni 2026 kl. 12.00" in said
    ended = wording("en").reason(Reason("offer_ended", {"ended": midnight}))
    assert ended == "The offer of a seat ended Friday, 12 June 2026."


def test_the_same_moment_is_another_day_elsewhere() -> None:
    """Though Python holds the two times for equal."""
    late = at(21, 1)
    before = late.astimezone(zone("America/New_York"))
    assert late == before
    words = wording("da")
    assert words.moment(late) == "torsdag den 21. april 2022 kl. 1.00"
    assert words.moment(before) == "onsdag den 20. april 2022 kl. 19.00"


@pytest.mark.parametrize(
    ("deadline", "danish"),
    [
        (date(2022, 4, 18), "til og med mandag den 18. april 2022"),
        (at(18, 12), "indtil mandag den 18. april 2022 kl. 12.00"),
        (Before(days=3), "til og med mandag den 18. april 2022"),
        (Before(hours=36), "indtil tirsdag den 19. april 2022 kl. 21.30"),
        (None, "indtil arrangementets start"),
    ],
)
def test_deadline(deadline: Deadline | None, danish: str) -> None:
    """A date is inclusive and says so; a moment is a moment; a relative one is counted out."""
    meeting = event(deadline=deadline)
    assert wording("da").deadline(meeting.deadline, meeting) == danish


@pytest.mark.parametrize(
    ("now", "headline", "sentence"),
    [
        (
            at(18, 23, 59),
            "Åben for tilmelding",
            "Du kan tilmelde dig til og med mandag den 18. april 2022.",
        ),
        (
            at(19),
            "Tilmelding lukket",
            "Tilmeldingen var åben til og med mandag den 18. april 2022.",
        ),
        (at(21, 15), "Afholdt", "Arrangementet er slut."),
    ],
)
def test_state(now: datetime, headline: str, sentence: str) -> None:
    """The state says whether one may join, until when, or why not."""
    meeting = event()
    state = deadlines.state(meeting, Seats.of(meeting), now=now)
    words = wording("da")
    assert words.state(state) == headline
    assert words.state_sentence(meeting, state) == sentence


@pytest.mark.parametrize("language", ["da", "en"])
def test_every_state_has_words(language: str) -> None:
    """No state leaves a reader without a headline and a sentence."""
    meeting, words = event(), wording(language)
    for state in (
        deadlines.Draft(),
        deadlines.Cancelled(),
        deadlines.Cancelled("sygdom"),
        deadlines.Postponed(),
        deadlines.Postponed("sne"),
        deadlines.Over(at(21)),
        deadlines.NotYetOpen(at(1)),
        deadlines.Closed(at(19), Reason("deadline_passed", {"closed": at(19)})),
        deadlines.Closed(at(21), Reason("started", {"closed": at(21)})),
        deadlines.Closed(None, Reason("full")),
        deadlines.WaitingOnly(at(19)),
        deadlines.Open(at(19), ()),
    ):
        assert words.state(state)
        assert words.state_sentence(meeting, state).endswith((".", "sygdom", "sne"))


@pytest.mark.parametrize(
    ("money", "danish", "english"),
    [
        (Money(0), "Gratis", "Free"),
        (Money(500), "500 kr.", "DKK 500"),
        (Money(Decimal("1250.5")), "1.250,50 kr.", "DKK 1,250.50"),
        (Money(20, "EUR"), "20 EUR", "EUR 20"),
    ],
)
def test_money(money: Money, danish: str, english: str) -> None:
    """Amounts are written as their readers write them."""
    assert wording("da").money(money) == danish
    assert wording("en").money(money) == english


def test_a_value_is_never_formatted_again() -> None:
    """Braces and attributes in a title stay text."""
    meeting = event(title="{x.__class__} {0}")
    finding = Finding(
        code="EK104", severity=Severity.INFO, data={"item": "9", "starts": at(21, 15)}
    )
    assert "kl. 15.00" in wording("da").finding(finding, meeting)
    words = wording("da")
    said = words("sentence.cancelled_because", reason="{reason.__class__}")
    assert said == "Arrangementet er aflyst: {reason.__class__}"


def test_a_placeholder_reaches_no_attribute() -> None:
    """A catalogue cannot look into what it is given."""

    class Sly(Wording):
        def __init__(self) -> None:
            self.__dict__ |= wording("da").__dict__
            self._catalogue = type(
                "C", (), {"gettext": staticmethod(lambda key: "{value.__class__}")}
            )()

    with pytest.raises(KeyError):
        Sly()("any.key", value=1)


def test_a_plugin_brings_its_own_words() -> None:
    """A reason with text is said in the reader's language, or in the one it has."""
    both = Reason("X1", text={"da": "Nej tak.", "en": "No thanks."})
    one = Reason("X1", text={"da": "Nej tak."})
    assert [wording("en").reason(reason) for reason in (both, one)] == ["No thanks.", "Nej tak."]


def test_an_unknown_error_still_says_something() -> None:
    """A plugin's error has its English sentence."""
    assert wording("da").error(FormatError("no such page", code="x_y")) == ["no such page"]


@pytest.mark.parametrize(
    ("path", "danish", "english"),
    [
        ("deadline", "tilmeldingsfrist", "deadline"),
        ("programme[7].ends", "programpunkt 8, slut", "programme item 8, end"),
        ("programme[0]", "programpunkt 1", "programme item 1"),
        ("events[1].venue", "arrangement 2, sted", "event 2, place"),
        ("[0].fees[2].money", "arrangement 1, afbudsgebyr 3, størrelse",
         "event 1, cancellation fee 3, charge"),
        ("programme[9].speakers[1].email", "programpunkt 10, oplægsholder 2, e-mail",
         "programme item 10, speaker 2, e-mail"),
        ("questions[0].options[1]", "spørgsmål 1, svarmulighed 2", "question 1, option 2"),
        ("extra.danish.titles[0]", "oplysninger til plugins, danish.titles[0]",
         "data of plugins, danish.titles[0]"),
        ("", "", ""),
        ("no.such", "no.such", "no.such"),
        ("programme[x]", "programme[x]", "programme[x]"),
        ("title[3]", "title[3]", "title[3]"),
        ("side 3, linje 2", "side 3, linje 2", "side 3, linje 2"),
    ],
)  # fmt: skip
def test_a_place_in_a_document_is_told_in_words(path: str, danish: str, english: str) -> None:
    """Lists count from 1; from where people have no word for it, the path stands as it is."""
    assert (wording("da").place(path), wording("en").place(path)) == (danish, english)


def test_what_has_no_name_is_called_what_it_is() -> None:
    """A field of tomorrow is told by its own name until somebody gives it another."""
    assert (wording("da").field("venue"), wording("da").field("parking")) == ("sted", "parking")


def test_a_fault_of_a_document_says_where_in_words() -> None:
    """A key that is in no document is quoted, also where another place has one of that name."""
    near = {"near": "title"}
    faults = [
        Fault("programme[7].ends", "naive_time", "has no zone", {"value": "x"}),
        Fault("programme[1].name", "unknown_key_near", "unknown key", near),
        Fault("name", "unknown_key", "unknown key"),
        Fault("", "not_an_object", "is no object"),
    ]
    error = DocumentError(faults, code="bad_document")
    assert [said.partition(". ")[0].rstrip(".") for said in wording("da").error(error)] == [
        "Programpunkt 8, slut (programme[7].ends): Tidspunktet x mangler en tidszone",
        "Programpunkt 2, name (programme[1].name): Feltet kendes ikke",
        "name: Feltet kendes ikke",
        "Her skal stå et objekt i krøllede parenteser",
    ]


def test_settings_and_headings_are_called_what_people_called_them() -> None:
    """As in the file or the table they stand in: neither is a field of an event."""
    fault = Fault("language", "empty", "is empty")
    for error in (
        SettingsError([fault], code="bad_settings"),
        DocumentError([fault], code="bad_table"),
    ):
        assert wording("da").error(error) == ["language: Feltet er tomt. Skriv noget her."]


def test_what_belongs_together_is_kept_on_a_line() -> None:
    """A day, and "kl." with its hours, in what we say ourselves; elsewhere any space will do."""
    kept, time = kept_wording("da"), at(21, 9, 30)
    said = "torsdag den 21. april 2022 kl. 9.30"
    assert kept.moment(time) == "torsdag den\u00a021.\u00a0april 2022 kl.\u00a09.30"
    assert kept_wording("en").date(time) == "Thursday, 21\u00a0April 2022"
    assert kept("sentence.cancelled_because", reason=said).endswith(f": {said}")
    assert kept_wording("da", "_").moment(time) == "torsdag den_21._april 2022 kl._9.30"
    assert (kept.language, kept.moment(time).replace(KEPT, " ")) == ("da", said)
    assert wording("da").moment(time) == said


def test_one_is_told_as_one() -> None:
    """Also what an installation has too old of."""
    said = [wording("da").count("cli.doctor.stale", n) for n in (1, 2)]
    assert said[0].startswith("1 kalenderaftale henviser")
    assert said[1].startswith("2 kalenderaftaler henviser")
    assert wording("en").count("cli.doctor.stale", 1).startswith("1 calendar entry refers")


def test_an_unknown_key_is_a_mistake_of_ours() -> None:
    """A missing entry is not shown to a reader as its key."""
    with pytest.raises(KeyError):
        wording("da")("no.such.key")


def test_another_language_gets_danish() -> None:
    """Danish first."""
    assert wording("fr").language == "da"


def test_a_time_is_said_in_the_zone_it_has() -> None:
    """The words do not move a time to another zone."""
    assert wording("da").clock(datetime(2022, 4, 21, 7, 30, tzinfo=UTC)) == "7.30"
    assert wording("da").clock(at(21, 9, 30) + timedelta(0)) == "9.30"


def test_a_number_is_told_with_the_separators_of_its_language() -> None:
    """A million is hard to count without."""
    said = [wording(one)("error.ics_line_too_long", line=3, limit=1_000_000) for one in LANGUAGES]
    assert "1.000.000 tegn" in said[0]
    assert "1,000,000 characters" in said[1]


@pytest.mark.parametrize(
    ("opens", "danish"),
    [
        (date(2022, 3, 7), "Tilmeldingen åbner mandag den 7. marts 2022."),
        (Before(days=45), "Tilmeldingen åbner mandag den 7. marts 2022."),
        (at(7, 12, month=3), "Tilmeldingen åbner mandag den 7. marts 2022 kl. 12.00."),
        (at(7, month=3), "Tilmeldingen åbner mandag den 7. marts 2022 kl. 0.00."),
    ],
)
def test_a_day_opens_as_a_day(opens: Deadline, danish: str) -> None:
    """No clock is said where the organiser said a day; a time is said as it was written."""
    meeting = event(opens=opens)
    state = deadlines.state(meeting, Seats.of(meeting), now=at(1, month=3))
    assert wording("da").state_sentence(meeting, state) == danish


def test_findings_say_a_day_where_a_day_was_meant() -> None:
    """The beginnings that EK202 and EK403 speak of have no clock unless they were written so."""
    late = event(
        opens=date(2022, 4, 19),
        cancel_deadline=date(2022, 4, 14),
        fees=(Fee(since=date(2022, 4, 20), money=Money(200)),),
        venue=Venue(name="Salen"),
    )
    words = wording("da")
    assert [words.finding(finding, late) for finding in check(late)] == [
        "Man kan kun tilmelde sig til og med mandag den 18. april 2022, "
        "men tilmeldingen åbner først tirsdag den 19. april 2022.",
        "Gebyret gælder fra onsdag den 20. april 2022, men da er fristen for afbud udløbet.",
    ]


def test_items_on_different_days_are_told_with_their_days() -> None:
    """An hour alone says nothing where the other one is of another day."""
    programme = (
        AgendaItem(key="a", title="A", starts=at(21, 9, 30), ends=at(22, 9, 30)),
        AgendaItem(key="b", title="B", starts=at(21, 12), ends=at(20, 13)),
        AgendaItem(key="c", title="C", starts=at(21, 13), ends=at(21, 14)),
        AgendaItem(key="d", title="D", starts=at(22, 12), ends=at(22, 15)),
    )
    meeting = event(ends=at(22, 15), programme=programme, venue=Venue(name="Salen"))
    words = wording("da")
    said = {finding.code: words.finding(finding, meeting) for finding in check(meeting)}
    assert said == {
        "EK101": "»A« slutter fredag den 22. april 2022 kl. 9.30, "
        "men »C« begynder torsdag den 21. april 2022 kl. 13.00. De overlapper i 60 min.",
        "EK103": "»B« slutter onsdag den 20. april 2022 kl. 13.00, "
        "før det begynder torsdag den 21. april 2022 kl. 12.00.",
        "EK105": "Der er intet på programmet fredag den 22. april 2022 "
        "mellem kl. 9.30 og 12.00 (150 min.).",
    }


@pytest.mark.parametrize(
    ("ends", "danish"),
    [
        (at(22), "Der er intet på programmet mellem kl. 10.00 og 12.00 (120 min.)."),
        (None, "Der er intet på programmet mellem kl. 10.00 og 12.00 (120 min.)."),
        (
            at(22, 1),
            "Der er intet på programmet torsdag den 21. april 2022 "
            "mellem kl. 10.00 og 12.00 (120 min.).",
        ),
    ],
)
def test_a_gap_says_its_day_where_there_are_several(ends: datetime | None, danish: str) -> None:
    """An event that ends at midnight has one day."""
    programme = (
        AgendaItem(title="A", starts=at(21, 9, 30), ends=at(21, 10)),
        AgendaItem(title="B", starts=at(21, 12), ends=at(21, 15)),
    )
    meeting = event(ends=ends, programme=programme, venue=Venue(name="Salen"))
    (finding,) = check(meeting)
    assert wording("da").finding(finding, meeting) == danish


@pytest.mark.parametrize(
    ("capacity", "danish", "english"),
    [
        (1, "Der er 1 plads online", "There is 1 online seat"),
        (20, "Der er 20 pladser online", "There are 20 online seats"),
    ],
)
def test_online_seats_are_counted(capacity: int, danish: str, english: str) -> None:
    """One seat is not many."""
    meeting = event(online_capacity=capacity, venue=Venue(name="Salen"))
    (finding,) = check(meeting)
    assert wording("da").finding(finding, meeting).startswith(f"{danish}, ")
    assert wording("en").finding(finding, meeting).startswith(f"{english}, ")


def test_a_deadline_in_a_weekend() -> None:
    """The finding names the day, and ends in the words of a public holiday's."""
    meeting = event(deadline=at(16, 12), venue=Venue(name="Salen"))
    (finding,) = check(meeting)
    assert wording("da").finding(finding, meeting) == (
        "Tilmeldingsfristen falder på lørdag den 16. april 2022. Den dag er kontoret lukket."
    )


def test_offers_speak_of_the_waiting_list() -> None:
    """What changes is that the next in the queue is asked, and later that nobody is."""
    meeting = event(capacity=10)
    said = [
        line for moment in deadlines.timeline(meeting) for line in wording("da").changes(moment)
    ]
    assert "Fra nu af skal den næste på ventelisten sige ja til en ledig plads." in said
    assert "Ledige pladser går ikke længere til ventelisten." in said
