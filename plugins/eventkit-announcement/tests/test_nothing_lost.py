"""No line is dropped: each stands in a public field, is said back by wording, or has a finding.

The oracle here shares no code with the importer. It reads the event as the public does, through
its fields and `eventkit.formats.wording`, and goes through the source line by line.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import attrs
import pytest
from eventkit_announcement import read
from hypothesis import given, settings
from hypothesis import strategies as st

from eventkit import Before, Event, FormatError, Imported, ImportRequest
from eventkit.formats.wording import wording

HERE = Path(__file__).parent
REFERENCE = HERE.parents[3] / "shared" / "announcements" / "21-374.txt"
SAMPLE = HERE.parents[2] / "src" / "eventkit" / "sample.txt"
VARIANTS = sorted(path for path in (HERE / "announcements").iterdir() if path.suffix != ".json")

# --- the oracle ------------------------------------------------------------------------------

MONTHS = "januar februar marts april maj juni juli august september oktober november december"
MONTH = {name[:3]: n for n, name in enumerate(MONTHS.split(), start=1)} | {"may": 5}
DAYS = "mandag tirsdag onsdag torsdag fredag lørdag søndag".split()
LABELS = set(
    """id nr type varighed tilmeldingsfrist tid tidspunkt dato hvornår hvor sted adresse pris t e
    tlf telefon mail kontakt spørgsmål arrangør arrangeret af målgruppe titel program dagsorden
    frist sidste for tilmelding senest antal pladser max maks deltagere program dag frist
    mødested aften modul lokale afbud start slut link online arrangementsnr type kursus
    emne vs arr platform s u date time location price registration deadline contact
    programme plads begrænset fysisk deltagelse""".split()
)
FILLER = set(
    "den d kl fra til og med klokken ca inden er dkk kr kroner på i via eller samt en".split()
)
SHORT_DAYS = {day[:3]: day for day in DAYS}
ENGLISH = dict(
    zip("monday tuesday wednesday thursday friday saturday sunday".split(), DAYS, strict=True)
)


def facts_in(text: str) -> set[str]:
    """The dates, hours, amounts and words in `text`, each in one spelling."""
    text = text.casefold().replace("−", "-").replace("–", "-").replace("—", "-")
    found: set[str] = set()

    def take(pattern: str, put: object) -> None:
        nonlocal text
        for match in re.finditer(pattern, text):
            found.update(put(*match.groups()))  # type: ignore[operator]
        text = re.sub(pattern, " ", text)

    def day(d: str, m: int | str, y: str | None = None) -> list[str]:
        year = [f"y{y if len(y) == 4 else '20' + y}"] if y else []
        return [f"d{int(d)}.{int(m)}", *year]

    take(r"\bdag\s+(\d{1,2})\b(?!\s*[./])", lambda n: [f"dag{n}"])
    take(r"(\d{4})-(\d\d)-(\d\d)", lambda y, m, d: day(d, m, y))
    take(
        r"(\d{1,2})\.?\s*(?:-|og|til)\s*(\d{1,2})\.\s*([a-z]{3})[a-z]*\s*(\d{4})?",
        lambda a, b, m, y: day(a, MONTH[m], y) + day(b, MONTH[m], y) if m in MONTH else [a, b, m],
    )
    take(
        r"(?<![\d.:])(\d{1,2})\.?\s*(jan|feb|mar|apr|may|maj|jun|jul|aug|sep|okt|nov|dec)"
        r"(?:r?uar|ts|il|i|ust|t|tember|ober|ember)?\b\.?(?:\s+(\d{4}))?",
        lambda d, m, y: day(d, MONTH[m], y),
    )
    take(r"(?<![\d.:])(\d{1,2})\.\s?(\d{1,2})[. ]\s?(\d{4}|\d\d)(?!\d|[.:]\d)", day)
    take(r"(?<![\d.:])(\d{1,2})[/-](\d{1,2})[/ -](\d{4}|\d\d)(?!\d|[.:]\d)", day)
    take(r"(\d{1,2})/(\d{1,2})", day)
    take(
        r"(?<!\d)(\d{1,3}(?:\.\d{3})+|\d+),(\d\d|-{1,2})(?!\d)",
        lambda whole, part: [f"m{int(whole.replace('.', ''))}.{part if part.isdigit() else '00'}"],
    )
    take(r"(\d[\d.]*)\s*(?:kr|dkk)", lambda whole: [f"m{int(whole.replace('.', ''))}.00"])
    take(r"gratis", lambda: ["m0.00"])
    take(r"(?<![\d.])(\d{1,2})[.:](\d\d)(?![\d])", lambda h, m: [f"t{int(h)}.{m}"])
    take(
        r"(?:kl\.?|klokken|fra|mellem)\s*(\d{1,2})\s*(?:-|til|og)\s*(\d{1,2})(?!\d)",
        lambda a, b: [f"t{int(a)}.00", f"t{int(b)}.00"],
    )
    take(r"\btil\s*(\d{1,2})$", lambda h: [f"t{int(h)}.00"])
    take(r"(?<!\d)(\d{1,2})\s*-\s*(\d{1,2})(?!\d)", lambda a, b: [f"t{int(a)}.00", f"t{int(b)}.00"])
    take(r"kl\.?\s*(\d{1,2})(?!\d)", lambda h: [f"t{int(h)}.00"])
    take(r"-\s*(\d{1,2})(?!\d)", lambda h: [f"t{int(h)}.00"])
    for word in re.findall(r"[^\W_]+", text):
        found.add(SHORT_DAYS.get(word, ENGLISH.get(word, word)))
    return {one if not one.startswith("t24.") else "t0.00" for one in found}


def squeeze(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def strings(value: object, path: str = "") -> list[str]:
    """Every text of the event that the public can see."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for one in value for text in strings(one)]
    if attrs.has(type(value)):
        return [
            text
            for field in attrs.fields(type(value))
            if field.name not in ("extra", "language", "status", "slug", "uid", "url")
            for text in strings(getattr(value, field.name))
        ]
    return []


def wordings(event: Event) -> list[str]:
    """What wording says of the typed facts."""
    words = wording("da")
    said = [words.when(event), words.date(event.starts)]
    for deadline in (event.deadline, event.opens, event.cancel_deadline):
        if deadline is not None:
            said.append(words.deadline(deadline, event))
        if isinstance(deadline, Before):  # said as the day it is
            said.append("uge uger dag dage timer før " + re.sub(r"\D", "", str(deadline)))
    if event.price is not None:
        said += [words.money(event.price), str(int(event.price.amount))]
    days = {item.starts.date() for item in event.programme} | {event.starts.date()}
    said += [f"dag {number}" for number in range(1, len(days) + 1)]
    for item in event.programme:
        said += [words.date(item.starts), words.hours(item.starts, item.ends)]
        said += [item.online.provider, "online"] if item.online else []
    if event.online is not None:
        said += [event.online.provider, "online", words("page.online")]
    if event.capacity is not None:
        said.append(str(event.capacity))
    if event.contact is not None:
        said.append(event.contact.url)
    status = str(event.extra.get("announcement.status", "")).casefold()
    if "lukket" in status:
        said.append("tilmelding er lukket tilmeldingen")  # the state of registration says so
    if "åben" in status:
        said.append("åben for tilmelding")
    return said


def unsaid(source: str, imported: Imported) -> list[str]:
    """The lines of `source` that `imported` says nowhere."""
    (event,) = imported.events
    public = strings(event)
    told = squeeze(re.sub(r"\\(?=[^\w\s])", "", "\n".join(public)))
    ready = squeeze("\n".join(public))
    known = set().union(*map(facts_in, [*wordings(event), *public]))
    known |= {word for text in public for word in re.findall(r"[^\W_]+", text.casefold())}
    own = {finding.data.get("line") for finding in imported.findings}
    lost = []
    for number, line in enumerate(source.splitlines(), start=1):
        bare = squeeze(re.sub(r"^[\s​﻿]*(?:[•▪·*o–-]\s+|[•▪·]|#+\s+)?", "", line))
        bare = bare.strip("​﻿ ")
        if not bare or number in own or bare in told or bare in ready:
            continue
        left = facts_in(bare.replace("**", "")) - known - FILLER - LABELS
        if left:
            lost.append(f"{number}: {line!r} lacks {sorted(left)}")
    return lost


def imported(text: str, filename: str = "a.txt") -> Imported:
    return read(ImportRequest(data=text.encode(), filename=filename))


# --- the property ----------------------------------------------------------------------------


def sources() -> list[Path]:
    """The reference, or the shipped sample where it is missing, the sample and all variants."""
    return [REFERENCE if REFERENCE.exists() else SAMPLE, SAMPLE, *VARIANTS]


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.stem)
def test_every_line_of_a_whole_announcement_is_said(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert unsaid(text, imported(text, path.name)) == []


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.stem)
def test_the_oracle_sees_a_line_that_was_dropped(path: Path) -> None:
    """The negative control: a line is added after the reading, so the event cannot say it."""
    text = path.read_text(encoding="utf-8")
    result = imported(text, path.name)
    for added in ("Zebraen står i porten", "ID: 99-999", "kl. 04.44", "DKK 77,-", "11.12.2013"):
        assert len(unsaid(f"{text}\n{added}\n", result)) == 1


def test_the_oracle_sees_each_field_that_is_emptied() -> None:
    """The negative control from the other side: take a fact away, and its line is missed."""
    text = SAMPLE.read_text(encoding="utf-8")
    result = imported(text)
    (event,) = result.events
    for name, empty in {
        "id": None,
        "summary": "",
        "description": "",
        "audience": "",
        "programme": (),
        "organiser": None,
        "contact": None,
        "price": None,
        "deadline": None,
        "venue": None,
    }.items():
        less = attrs.evolve(result, events=(attrs.evolve(event, **{name: empty}),))
        assert unsaid(text, less), name


SECRET = "https://zoom.us/j/81112223333?pwd=k4n4r1e"
WORDS = st.sampled_from(
    "Vi ses mødes beboere Tryghed gården fælles snak om haven Anne Lindevej ny stort hus".split()
)
SENTENCE = st.lists(WORDS, min_size=1, max_size=14).map(" ".join)
CLOCK = st.builds(
    "{:02}{}{:02}".format, st.integers(0, 23), st.sampled_from(".:"), st.sampled_from([0, 15, 45])
)
DASH = st.sampled_from(["-", " - ", "–", " – ", " til "])
RANGE = st.builds("{}{}{}".format, CLOCK, DASH, CLOCK)
DATE = st.one_of(
    st.builds("{:02}.{:02}.2022".format, st.integers(1, 28), st.integers(1, 12)),
    st.builds(
        "{}{}. {}{}".format,
        st.sampled_from(["", "den ", "d. ", "Torsdag d. ", "mandag den "]),
        st.integers(1, 31),
        st.sampled_from(MONTHS.split()),
        st.sampled_from(["", " 2022", " 2023"]),
    ),
    st.builds("{}/{} 2022".format, st.integers(1, 31), st.integers(1, 12)),
)
MONEY = st.sampled_from(
    [
        "DKK 0,-",
        "500 kr.",
        "Gratis",
        "Kr. 1.250,00",
        "200 kr. ekskl. moms",
        "1.250 kr. inkl. moms og frokost",
        "kr. 950,- pr. person. Betaling senest 1. maj.",
        "300 kr. inkl. kaffe, 100 kr. for børn",
    ]
)
PLACE = st.sampled_from(
    ["Viby J", "8260 Viby J", "Rosenhøj 1", "Salen, Lindevej 4, 8000 Aarhus C", "Online", "Teams"]
)
CONTACT = st.sampled_from(
    [
        "T: 00 00 00 01",
        "E: a@example.dk",
        "Kontakt sekretariatet",
        "Kontakt: Anne, tlf. 00 00 00 02",
    ]
)
VALUE = st.one_of(DATE, RANGE, MONEY, PLACE, SENTENCE, st.sampled_from(["40", "22-1", "max 30"]))
LABEL = st.sampled_from(
    "ID Type Varighed Tilmeldingsfrist Tid Dato Sted Pris Arrangør Målgruppe Kontakt Program "
    "Titel Frist Næste-møde Antal-pladser Lokale Praktisk".replace("-", "\xa0").split(" ")
)
LETTER = st.sampled_from(
    [
        "Kære alle",
        "Hej med jer,",
        "Med venlig hilsen",
        "Mvh Anne",
        "Vh",
        "Fra: Anne <a@example.dk>",
        "Sendt: 2. februar 2022 09.14",
        "Til: b@example.dk; c@example.dk;",
        "Emne: VS: Møde om haver",
        "-----Oprindelig meddelelse-----",
        "Den 2. februar 2022 kl. 9.14 skrev Anne <a@example.dk>:",
        "Forside > Møder > Haver",
        "Print siden",
        "Hej alle\n\nVh Lone\n\n---- Videresendt meddelelse ----\nFra: Anne\nEmne: Haver",
        "Sendt fra min iPhone",
        "> Fra: Anne <a@example.dk>\n> Sendt: 2. februar 2022\n>\n> Vi ses",
        "Return-Path: <a@example.dk>\nReceived: by mx\n  with post\nX-Mailer: Post",
        "Fra: Anne\nTil: b@example.dk\nEmne: Haver\n\nDato: 3. maj 2022",
    ]
)
TRACK = st.builds(
    "{}{} {}{}{}".format,
    st.sampled_from(["", "- "]),
    st.sampled_from(["Spor", "Session", "Workshop"]),
    st.sampled_from("AB12"),
    st.sampled_from([": ", " – ", ". ", " (lokale 2): ", ":"]),
    st.one_of(SENTENCE, st.just("")),
)
PEOPLE = st.sampled_from(
    [
        "Deltagerliste:\nAnne Hansen, a@example.dk\nBo Bech, b@example.dk",
        "Anne Hansen, a@example.dk\nBo Bech, b@example.dk",
        "Deltagere: Anne Hansen, Bo Bech",
        "Afbud: Bo Bech",
        "Kun til internt brug",
    ]
)
WAY_IN = st.sampled_from(
    [
        SECRET,
        f"Link: {SECRET}",
        f"Sted: Online på nettet ({SECRET})",
        f"Vi ses på <{SECRET}>, og haven er fælles",
        f"- [Deltag her]({SECRET})",
        "Møde-id: 123 456 789",
        "Adgangskode: aB3d4F",
        "Kode: haven7",
        "Adgangskode:\nhaven7",
        "Password\n\nhaven7",
        'Brug koden "haven"',
        "Mødenummer (adgangskode): 2374 000 1234",
        "Mødeadgangskode: haven7 (73000000 ved opkald)",
        "Møde-ID\nKode\n123 456\nhaven7",
    ]
)
JOINING = st.sampled_from(
    [
        "Svar senest den 3. april på mail.",
        "Fristen for at komme med er den 1/4.",
        "Der er kun plads til 40, så skynd dig.",
        "Det koster 300 kr. for medlemmer, og resten er gratis.",
        "Tilmelding ikke nødvendig",
        "Pris: 150,- (inkl. frokost)",
        "Gratis for medlemmer, 300 kr. for andre",
        "Modul 1: 3. maj 2022",
        "Date: Thursday 21 April 2022",
        "Tid og sted:",
        "Fysisk deltagelse: Lokale 3, Lindevej 4, 8000 Aarhus C",
        "Online deltagelse: via Zoom – link følger",
        "Dagsorden udsendes senest den 1. april",
        "Svar på spørgsmål senest den 1. april.",
        "Dag 1: 21. april 2022 kl. 10-16\nDag 2: 22. april 2022 kl. 9-14",
        "Dag 1: 21. april 2022 kl. 10-16 / Dag 2: 22. april 2022 kl. 9-14",
        "Netværksmøde for beboere:\nNår haven er svær",
        "Haver og\nfælles hus",
        "Nyt sted: Salen, Lindevej 5, 8000 Aarhus C",
        "📍 Salen, Lindevej 4, 8000 Aarhus C",
        "Salen\nLindevej 4\n8000 Aarhus C",
        "Tilmelding\nSenest den 2. april 2022",
        "9.00\tVelkomst\tAnne Jensen",
        "Vi mødes den 21., 22. og 28. april 2022 kl. 9-12 i haven",
        "Tilmelding:\tSenest d. 1. juni kl. 12 til Karen",
        "Salen, Lindevej 4, 8000 Aarhus C + Zoom",
    ]
)
MARKUP = st.sampled_from(["*hej*", "# Afsnit", "_ord_", "[a](b)", "---", "===", "> hm", "`x`"])
GRAMMAR = st.one_of(
    SENTENCE,
    SENTENCE.map("{}.".format),
    DATE,
    RANGE,
    CLOCK,
    MONEY,
    PLACE,
    CONTACT,
    MARKUP,
    LETTER,
    TRACK,
    WAY_IN,
    PEOPLE,
    JOINING,
    LABEL,
    LABEL.map("{}:".format),
    st.builds("{}: {}".format, LABEL, VALUE),
    st.builds("{}{}{}".format, RANGE, st.sampled_from([" ", ": ", " – "]), SENTENCE),
    st.builds("{}{}".format, st.sampled_from(["• ", "- ", "   - ", "•", "* ", "▪ "]), SENTENCE),
    st.builds("Tilmelding senest den {}".format, DATE),
    st.builds("Dag {} – {}".format, st.integers(1, 3), DATE),
    st.sampled_from(["Tilmelding lukket", "Få pladser", "Aflyst", "Max 40 deltagere"]),
    st.sampled_from(["", "", ""]),
)
NOISE = st.text(st.characters(codec="utf-8"), max_size=40)


ANY_LINES = st.lists(st.one_of(GRAMMAR, GRAMMAR, GRAMMAR, NOISE), max_size=40)
HEADLESS = st.lists(GRAMMAR, max_size=25)


def assert_all_is_said(text: str) -> None:
    try:
        result = imported(text)
    except FormatError:
        return
    assert unsaid(text, result) == []
    assert not any(SECRET[12:] in public for public in strings(result.events[0]))


@settings(max_examples=400, deadline=None, derandomize=True)
@given(ANY_LINES)
def test_no_line_is_dropped_whatever_stands_where(lines: list[str]) -> None:
    assert_all_is_said("\n".join(["Netværksmøde om haver", "21.04.2022", *lines]))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(HEADLESS)
def test_no_line_of_a_headless_announcement_is_dropped(lines: list[str]) -> None:
    assert_all_is_said("\n".join(lines))


@pytest.mark.deep
@settings(max_examples=6000, deadline=None, derandomize=True)
@given(st.one_of(ANY_LINES.map(lambda lines: ["Møde om haver", "21.04.2022", *lines]), HEADLESS))
def test_no_line_is_dropped_in_many_announcements(lines: list[str]) -> None:
    assert_all_is_said("\n".join(lines))
