"""Which words of a text lead into a meeting, and what is left without them."""

from __future__ import annotations

import time

import pytest

from eventkit.formats.meetings import Cut, Ways, as_link, provider, trimmed

ZOOM = "https://zoom.us/j/123"
TEAMS = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_abcdefghijklmnopqr%40thread.v2/0"


@pytest.mark.parametrize(
    ("text", "left", "links"),
    [
        (f"Deltag på {ZOOM}.", "Deltag på ….", (ZOOM,)),
        (f"Hej\n{ZOOM}\nVi ses", "Hej\nVi ses", (ZOOM,)),
        (f"[Deltag her]({ZOOM})", "Deltag her", (ZOOM,)),
        ("Se www.zoom.us/j/1, tak", "Se …, tak", ("www.zoom.us/j/1",)),
        (f"To: {ZOOM} og {TEAMS}", "To: … og …", (ZOOM, TEAMS)),
        (f"Her:\n<{TEAMS[:70]}\n{TEAMS[70:]}> og vi ses", "Her:\nog vi ses", (TEAMS,)),
        (f"{TEAMS[:70]}\n{TEAMS[70:]}\nVi ses", "Vi ses", (TEAMS,)),
        ("Vi bruger zoom.us, se https://x.dk/zoom", "Vi bruger zoom.us, se https://x.dk/zoom", ()),
    ],
)
def test_links_are_cut_out(text: str, left: str, links: tuple[str, ...]) -> None:
    found = Ways().cut(text)
    assert (found.text, found.links, found.codes) == (left, links, ())


def test_the_line_below_a_whole_link_stays() -> None:
    """Only what cannot be a line of its own goes on with an address."""
    for below in ("Lokale 3", "Velkommen", "2023", "https://x.dk/a?b=c"):
        assert Ways().cut(f"Deltag i mødet {ZOOM}\n{below}").text.endswith(below)


@pytest.mark.parametrize(
    ("code", "left"),
    [
        ("Meeting ID: 372 829 028 123", ""),
        ("Møde-id: 372 829 028 123", ""),
        ("Passcode: aB3d4F", ""),
        ("Adgangskode: aB3d4F", ""),
        ("Meeting-ID: 123 456 789 Kode: 4711", ""),
        ("Adgangskoden er 4711.", ""),
        ("Husk adgangskoden 4711, når du ringer.", "Husk adgangskoden …, når du ringer."),
        ("+45 00 00 00 01,,123456789# Denmark", "… Denmark"),
        ("Phone conference ID: 123 456 789#", ""),
        ("Adgangskoden er varme.", ""),
        ("Zoom-ID: 812 2345 6789", ""),
        ("Zoom-ID 812 2345 6789, kode 4711", ""),
        ("Adgangskode til mødet: aB3d4F", ""),
        ("SIP: 81112223333@zoomcrc.com", "SIP: …"),
        ("Video-id: 123 456 789 0", ""),
        ("Or dial: 00 00 00 01 PIN: \u202a123 456 789\u202c#", "Or dial: …"),
    ],
)
def test_codes_beside_a_link_are_cut_out(code: str, left: str) -> None:
    """A line that is nothing but a code goes; each that held one is handed over whole."""
    cut = Ways().cut(f"Hej\n{ZOOM}\n{code}\nVi ses")
    assert cut.text == "\n".join(filter(None, ["Hej", left, "Vi ses"]))
    assert cut.codes == (code,)


def test_a_passcode_is_that_of_the_meeting_however_far_away() -> None:
    """Where the text has a meeting, or another text of the event has."""
    assert Ways().cut(f"{ZOOM}{NEXT * 12}\nKode: 4711").codes == ("Kode: 4711",)
    assert Ways().cut(f"{ZOOM}{NEXT * 12}\nAdgangskode: aB3d4F").codes == ("Adgangskode: aB3d4F",)
    assert Ways(meets=True).cut("Adgangskode: aB3d4F").codes == ("Adgangskode: aB3d4F",)
    assert Ways().cut("Adgangskode: aB3d4F").codes == ()


NEXT = "\nVi taler om haver."


def test_a_link_written_with_spaces_loses_its_number_too() -> None:
    assert Ways().cut("Se zoom.us/j/ 812 2345 6789 her").text == "Se … … her"


@pytest.mark.parametrize(
    "text",
    [
        "Kode: KURSUS-1",
        "Adgangskode til netværket: spørg i receptionen",
        "ID: 22-118",
        "Tlf. 12 34 56 78",
        f"{ZOOM}\nID: 2023-04-118",
        f"{ZOOM}\nAdgangskode til wifi: 4711",
        f"{ZOOM}\nKoden sendes til deltagerne",
        f"{ZOOM}\nKoden er på bagsiden af kortet.",
        f"{ZOOM}\nDu får koden på mail.",
        f"{ZOOM}\nMødenummer\n22-118",
    ],
)
def test_a_code_of_something_else_stays(text: str) -> None:
    """A passcode is one of a meeting only where there is a meeting, and where it stands."""
    assert Ways().cut(text).codes == ()


SAID = [
    'Brug koden "sommerfest"',
    "Brug koden »sommerfest«, når du logger på.",
    "Log ind med kodeord sommerfest",
    "Log ind med bruger: gæst og kodeord sommerfest",
    "sommerfest er koden til mødet",
    "Koden til mødet er sommerfest",
    "Adgangskode sommerfest",
    "Mødenummer (adgangskode): 2374 sommerfest",
    "Mødeadgangskode: x (sommerfest ved opkald fra telefoner)",
    "Mødeadgangskode: x1y2 (73000000 ved sommerfest)",
    "Møde-ID (kode): 321 654 987 (sommerfest)",
    "Konference-id: 123 sommerfest#",
    "Teamsmøde-ID: 388 sommerfest",
    "Webinar-id 999 sommerfest",
    "Wifi: gæst / kode sommerfest",
    "Wifi er godt, og koden til Zoom er sommerfest",
    "+45 00 00 00 01,,sommerfest#",
    "Password:\nsommerfest",
    "Adgangskode\n\nsommerfest",
    "Møde-ID:\nAdgangskode:\n321 654\nsommerfest",
    "Meeting ID\n321 654 sommerfest",
    "Kodeordet er:\nsommerfest",
    "Mødet kræver en kode. Den er:\nAdgangskode:\nsommerfest",
    "PIN\nsommerfest",
]


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("meeting", [ZOOM, "Vi ses på Zoom.", "Webinar om haver"])
def test_what_words_call_a_code_is_cut_whatever_it_looks_like(said: str, meeting: str) -> None:
    """Wherever it stands, beside its word or on the line below, and it is handed over."""
    cut = Ways().cut(f"{meeting}{NEXT * 12}\n{said}\nVi ses i haven")
    assert "sommerfest" not in cut.text
    assert cut.text.endswith("Vi ses i haven")
    assert any("sommerfest" in code for code in cut.codes)
    assert all(code in f"{said}\n{meeting}" for code in cut.codes)


def test_only_the_sentence_that_has_a_code_goes() -> None:
    cut = Ways().cut(f"{ZOOM}\nVi taler om haver. Koden er sommerfest. Vi ses.\n10.00 Kode sol")
    assert cut.text == "Vi taler om haver. Koden er …. Vi ses.\n10.00 …"


def test_a_secret_leads_in_whatever_its_host() -> None:
    known = Ways().knowing(("video.example.dk/x",), meets=True)
    assert known.cut("Se https://video.example.dk/x her") == Cut(
        "Se … her", ("https://video.example.dk/x",)
    )
    assert Ways().cut("Se https://video.example.dk/x her").links == ()


@pytest.mark.parametrize(
    ("address", "link", "service"),
    [
        ("zoom.us/j/1", "https://zoom.us/j/1", "Zoom"),
        ("zo\u00adom.us/j/1", "https://zoom.us/j/1", "Zoom"),
        (
            "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fmeet.google.com%2Fa"
            "&data=05",
            "https://meet.google.com/a",
            "Google Meet",
        ),
        ("zoommtg://zoom.us/join?confno=1", "", "Zoom"),
        ("https://[::1", "https://[::1", ""),
    ],
)
def test_an_address_as_a_link(address: str, link: str, service: str) -> None:
    assert (as_link(address), provider(address)) == (link, service)


@pytest.mark.parametrize("text", ["Haver …", "… – Haver", "Haver (…)", "<…> Haver", "Haver: …"])
def test_a_title_without_gaps_at_its_ends(text: str) -> None:
    assert trimmed(text) == "Haver"


@pytest.mark.parametrize(
    "text",
    [
        f"{ZOOM} " * 20_000,
        f"{ZOOM}\n" * 20_000,
        "møde-id: " * 40_000,
        "1 " * 200_000,
        "kode " * 80_000,
    ],
    ids=["one line", "lines", "labels", "digits", "words"],
)
def test_a_text_of_nothing_but_links_is_read_at_once(text: str) -> None:
    begun = time.process_time()
    Ways().cut(f"{ZOOM}\n{text}")
    assert time.process_time() - begun < 5
