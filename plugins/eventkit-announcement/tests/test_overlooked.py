"""What a sentence says of joining is named where no field holds it, and not where one does."""

from __future__ import annotations

import pytest
from eventkit_announcement import read

from eventkit import Event, Finding, FormatError, ImportRequest, Money, Severity

HEAD = "Møde om haver\n\n21.04.2022\n\nTid: 9-12\n"


def imported(text: str) -> tuple[Event, tuple[Finding, ...]]:
    found = read(ImportRequest(data=text.encode()))
    return found.events[0], found.findings


def about(text: str) -> list[str]:
    return [finding.data["about"] for finding in imported(HEAD + text)[1]]


DEADLINES = [
    "Vi skal have din tilmelding senest den 1. april, så vi kan bestille mad.",
    "Fristen for at melde sig er den 3. april 2022. Vi glæder os til at se jer alle sammen.",
    "Senest den 1. april skal du svare på mail.",
    "Giv os gerne besked inden d. 1/4, hvis du spiser noget bestemt.",
    "Vi vil gerne have svar fra dig senest to uger før mødet i haven.",
    "Program\n9.00 Oplæg\n- Svar senest den 1. april på skemaet\n10.00 Slut",
    "Om mødet\nVi taler om haver hele dagen.\n\nTilmeld dig hos Anne senest fredagen før.",
    "Tilmelding til spisning senest 9. april på tlf. 00 00 00 01",
]
SEATS = [
    "Om mødet\nVi har plads til 40, så skynd dig at tilmelde dig til mødet i haven.",
    "Max 40 deltagere – først til mølle",
    "Om mødet\nVi kan højst være 30 personer i salen, så skynd dig at melde dig til mødet.",
    "Om mødet\nDer er plads til tyve deltagere i salen, så det er først til mølle.",
]
PRICES = [
    "Om mødet\nDet koster 300 kr. at deltage, og frokost er med i prisen for alle.",
    "Gratis for medlemmer, 300 kr. for andre",
    "Om mødet\nMødet er gratis for alle, der bor her, og vi giver kaffe og kage til.",
]
NEEDLESS = [
    "Tilmelding ikke nødvendig",
    "Tilmelding er ikke nødvendig.",
    "Tilmelding: Ikke nødvendig",
    "Ingen tilmelding",
    "Kræver ikke tilmelding",
    "Det kræver ingen tilmelding at deltage.",
    "Du behøver ikke at tilmelde dig.",
]


CHANGES = [
    "ÆNDRET: Mødet er flyttet til torsdag den 28. april 2022 kl. 19-21",
    "Nyt sted: Sognegården, Kirkegade 1, 7400 Herning",
    "Datoen er desværre ændret, så vi ses den 28. april 2022.",
]


@pytest.mark.parametrize("line", CHANGES)
def test_what_was_changed_is_named(line: str) -> None:
    """Nobody can tell whether the facts above are those before or after."""
    event, findings = imported(f"{HEAD}\nOm mødet\nVi taler om haver hele dagen.\n\n{line}\n")
    assert event.starts.day == 21
    assert line in event.description
    assert [(f.code, f.data["about"]) for f in findings] == [("EK514", "changed")]


@pytest.mark.parametrize(
    ("key", "line"),
    [
        *(("like_deadline", line) for line in DEADLINES),
        *(("like_capacity", line) for line in SEATS),
        *(("like_price", line) for line in PRICES),
        *(("needless", line) for line in NEEDLESS),
    ],
)
def test_a_sentence_about_joining_is_named(key: str, line: str) -> None:
    """It stays as it is; nothing is read from it, and its finding quotes it."""
    event, findings = imported(HEAD + line)
    assert [f.data["about"] for f in findings] == [key]
    assert findings[0].severity is Severity.WARNING
    assert (event.deadline, event.capacity, event.price) == (None, None, None)


@pytest.mark.parametrize(
    "line",
    [
        "Frist: 1. april\nVi skal have din tilmelding senest den 1. april, så vi kan bestille mad.",
        "Max 40 deltagere\n\nOm mødet\nDer er kun 40 pladser, så skynd dig at melde dig til mødet.",
        "Pris: 300 kr.\n\nOm mødet\nDet koster 300 kr. at deltage, og frokost er med i prisen.",
        "Om mødet\nSidste år fik vi et tilskud på 500.000 kr. til haver i hele landet til gården.",
        "Om mødet\nVi taler om, hvad der skal ske inden 1. maj 2023 i alle haver i hele landet.",
        "Om mødet\nHvad kan vi nå inden 1. april, og hvem kan hjælpe os alle med det i haven?",
        "Program\n9.00 Oplæg\n- Haven skal være klar senest 1. april\n- Plads til 12 deltagere\n"
        "- Det koster 300 kr.\n10.00 Slut",
        "Parkering\nDer er 40 p-pladser bag huset, og de er gratis for alle gæster den dag.",
        "Om mødet\nSenest har vi talt om haver, og der er 12 huse i kvarteret, som alle har en.",
        "Tilmelding lukket\nFrist: 1. april",
        "Om mødet\nBemærk ny dato! Vi taler om haver hele dagen, og vi ses i haven.",
    ],
)
def test_what_is_said_elsewhere_or_is_about_something_else_is_not_named(line: str) -> None:
    assert about(line) == []


@pytest.mark.parametrize(
    ("line", "amount"),
    [
        ("Pris: 150,- (inkl. frokost)", 150),
        ("Pris: 150,- ekskl. moms", 150),
        ("150,- (inkl. frokost)", 150),
        ("Pris: Gratis for medlemmer, 300 kr. for andre", None),
        ("Pris: 500 kr. (250 kr. for studerende)", None),
    ],
)
def test_one_amount_is_read_with_what_qualifies_it_kept(line: str, amount: int | None) -> None:
    """Two amounts are no price, and are named; in either case the whole line stays."""
    event, findings = imported(HEAD + line)
    assert event.price == (None if amount is None else Money(amount))
    assert event.description == line
    assert [f.data["about"] for f in findings] == (["unread"] if amount is None else [])


@pytest.mark.parametrize(
    "line",
    [
        "Dagsorden udsendes senest den 1. april.",
        "Dagsorden udsendes senest den 1. april",
        "Den endelige dagsorden og bilag sendes ud senest d. 1/4.",
        "Materiale udsendes senest 1. april til alle tilmeldte.",
        "Vi sender program og link senest den 1. april.",
        "Svar på forespørgsler senest den 1. april.",
        "Betaling senest den 1. april.",
        "Betalingsfrist den 1. april.",
        "Frist for indkomne forslag er den 1. april.",
        "Forslag, der skal behandles, skal være formanden i hænde senest d. 1. april.",
    ],
)
def test_what_is_due_but_is_not_about_joining_is_not_named(line: str) -> None:
    event, findings = imported(f"{HEAD}\nOm mødet\nVi taler om haver hele dagen.\n{line}\n")
    assert line in event.description
    assert findings == ()


@pytest.mark.parametrize(
    "line",
    [
        "Vi skal have tilmelding og betaling senest den 1. april.",
        "Betaling for din deltagelse og dit svar senest den 1. april.",
        "Materiale og svar udbedes senest den 1. april.",
        "Send forslag, og meld til eller fra senest den 1. april.",
        "Dagsorden udsendes, når vi har dit afbud senest den 1. april.",
        "Skriv dit navn og dine forslag til os senest den 1. april.",
        "Senest den 1. april skal alt være klar.",
        "Programmet er langt, så du bedes sige til senest den 1. april.",
        "Betaling senest den 1. april sikrer din plads.",
    ],
)
def test_what_is_due_and_may_be_about_joining_is_named(line: str) -> None:
    """Where it is unclear, the finding stays."""
    _, findings = imported(f"{HEAD}\nOm mødet\nVi taler om haver hele dagen.\n{line}\n")
    assert [finding.data["about"] for finding in findings] == ["like_deadline"]


# --- letters ---------------------------------------------------------------------------------

GREETINGS = ["Kære alle", "Hej med jer", "Kære kolleger,", "Hej alle sammen!", "Kære naboer 😊"]


@pytest.mark.parametrize("greeting", GREETINGS[:4])
def test_a_greeting_is_no_title(greeting: str) -> None:
    event, findings = imported(f"{greeting}\n\nTemadag om haver\n\n21.04.2022\n\nTid: 9-12\n")
    assert event.title == "Temadag om haver"
    assert greeting.rstrip("!,") in event.description
    assert [f.data["about"] for f in findings] == ["title"]


def test_a_date_after_no_registration_is_no_deadline() -> None:
    """It is about something else, and both are named."""
    text = "Tilmelding er ikke nødvendig, men send gerne spørgsmål inden den 9. april."
    event, findings = imported(HEAD + text)
    assert event.deadline is None
    assert {finding.data["about"] for finding in findings} == {"needless", "like_deadline"}


def test_a_greeting_alone_is_no_announcement() -> None:
    with pytest.raises(FormatError, match="no title"):
        imported("Kære alle\n\n21.04.2022\n")


@pytest.mark.parametrize("title", ["Kære nabo – en dag om naboskab", "Hejs og lift: ny teknik"])
def test_a_title_may_begin_like_a_greeting(title: str) -> None:
    assert imported(f"{title}\n\n21.04.2022")[0].title == title


@pytest.mark.parametrize("end", ["Venlig hilsen", "Mvh", "Med venlig hilsen,", "De bedste hilsner"])
def test_a_signature_gives_no_organiser(end: str) -> None:
    """Whom to ask is read from it where nothing else says it, and that is named."""
    text = f"{HEAD}\nOm mødet\nVi taler om haver hele dagen.\n\n{end}\n\nAnne Hansen\nKonsulent\n"
    text += "Eksempelforeningen\nTlf. 00 00 00 01\nanne@example.dk\n"
    event, (finding,) = imported(text)
    assert event.organiser is None
    assert event.contact is not None
    assert (event.contact.name, event.contact.phone) == ("Anne Hansen", "00 00 00 01")
    assert finding.data["about"] == "signed"
    for part in (end, "Anne Hansen", "Konsulent", "Eksempelforeningen", "00 00 00 01"):
        assert part in event.description


def test_a_signature_changes_nothing_where_a_contact_is_named() -> None:
    event, findings = imported(f"{HEAD}Kontakt: Bo Bech\n\nMvh Anne\nTlf. 00 00 00 01\n")
    assert event.contact is not None
    assert (event.contact.name, event.contact.phone) == ("Bo Bech", "")
    assert findings == ()
    assert "00 00 00 01" in event.description
