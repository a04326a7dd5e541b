"""What the importer says about its reading: findings EK510 to EK518, in Danish and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from eventkit import Finding, Severity
from eventkit_announcement.text import Line

QUOTED = 48
"""Characters of a line that its finding quotes; `data` holds the line."""

QUOTED_WHOLE = 800


@frozen
class Wording:
    """A finding's code, weight and words; `{line}` is a number, `{said}` the words of that line."""

    code: str
    severity: Severity
    da: str
    en: str


def _warning(code: str, da: str, en: str) -> Wording:
    return Wording(code, Severity.WARNING, da, en)


def _info(code: str, da: str, en: str) -> Wording:
    return Wording(code, Severity.INFO, da, en)


_READ_AS_DA = " Det er læst ud af linje {line}: »{said}«. Ret det, hvis det er forkert."
_READ_AS_EN = " This was inferred from line {line}: “{said}”. Correct it if it is wrong."

WORDINGS: Mapping[str, Wording] = {
    # EK510: nobody knows where this belongs
    "unplaced": _warning(
        "EK510",
        "Linje {line} kunne ikke placeres: »{said}«. "
        "Den står i beskrivelsen. Flyt den, eller slet den.",
        "Line {line} could not be placed: “{said}”. "
        "It stands in the description. Move it or delete it.",
    ),
    "partly": _warning(
        "EK510",
        "Linje {line} er kun læst delvist: »{said}«. "
        "Hele linjen står også i beskrivelsen. Ret den, eller slet den.",
        "Only part of line {line} was understood: “{said}”. "
        "The whole line also stands in the description. Mend it or delete it.",
    ),
    "taken": _warning(
        "EK510",
        "Linje {line} siger mere, end der er felt til: »{said}«. "
        "Den står i beskrivelsen. Flyt den, eller slet den.",
        "Line {line} says more than there is a field for: “{said}”. "
        "It stands in the description. Move it or delete it.",
    ),
    "no_items": _warning(
        "EK510",
        "Programmet i linje {line} har ingen klokkeslæt: »{said}«. "
        "Det står i beskrivelsen. Skriv tiderne, hvis de kendes.",
        "The programme in line {line} has no times: “{said}”. "
        "It stands in the description. Write the times if they are known.",
    ),
    "needless": _warning(
        "EK510",
        "Linje {line} siger, at tilmelding ikke er nødvendig: »{said}«. "
        "Man kan alligevel tilmelde sig. Luk for tilmelding, hvis ingen skal.",
        "Line {line} says that nobody need register: “{said}”. "
        "One can register all the same. Close registration if nobody is to.",
    ),
    "cover": _warning(
        "EK510",
        "Linje {line} er skrevet omkring opslaget i en mail: »{said}«. "
        "Den står i beskrivelsen. Slet den, hvis den ikke skal med.",
        "Line {line} was written round the announcement in a mail: “{said}”. "
        "It stands in the description. Delete it if it is not to be there.",
    ),
    "header": _info(
        "EK510",
        "Linje {line} hører til en mail: »{said}«. "
        "Den vises ikke, for den kan rumme private adresser.",
        "Line {line} belongs to a mail: “{said}”. "
        "It is not shown, because it may hold private addresses.",
    ),
    "people": _warning(
        "EK510",
        "Linje {line} nævner personer eller deres adresser: »{said}«. "
        "Den vises ikke. Skriv den i beskrivelsen, hvis alle må læse den.",
        "Line {line} names people or their addresses: “{said}”. "
        "It is not shown. Write it in the description if everybody may read it.",
    ),
    # EK511: it claims to be a date, hours, an amount …, and cannot be read as one
    "unread": _warning(
        "EK511",
        "Linje {line} kunne ikke læses: »{said}«. "
        "Den står i beskrivelsen. Skriv oplysningen i det rigtige felt.",
        "Line {line} could not be read: “{said}”. "
        "It stands in the description. Write the fact in its own field.",
    ),
    "like_deadline": _warning(
        "EK511",
        "Linje {line} ligner en frist, men er ikke læst som en: »{said}«. "
        "Skriv den i feltet, hvis det er tilmeldingsfristen.",
        "Line {line} looks like a deadline, but was not taken as one: “{said}”. "
        "Write it in the field if it is the deadline to register.",
    ),
    "like_capacity": _warning(
        "EK511",
        "Linje {line} ligner et antal pladser, men er ikke læst som et: »{said}«. "
        "Skriv antallet i feltet, hvis det gælder hele arrangementet.",
        "Line {line} looks like a number of seats, but was not taken as one: “{said}”. "
        "Write it in the field if it is that of the whole event.",
    ),
    "like_price": _warning(
        "EK511",
        "Linje {line} ligner en pris, men er ikke læst som en: »{said}«. "
        "Skriv prisen i feltet, hvis den gælder alle.",
        "Line {line} looks like a price, but was not taken as one: “{said}”. "
        "Write the price in the field if it is the same for all.",
    ),
    # EK512: the weekday and the date are not the same day
    "weekday": _warning(
        "EK512",
        "Ugedagen i linje {line} passer ikke: »{said}«. "
        "Datoen falder på en {is_da}. Ret datoen eller ugedagen.",
        "The weekday in line {line} does not fit: “{said}”. "
        "That date is a {is_en}. Correct the date or the weekday.",
    ),
    # EK513: the day is known, the hours are not
    "no_hours": _warning(
        "EK513",
        "Der står ingen klokkeslæt. Arrangementet varer derfor hele dagen. "
        "Skriv, hvornår det begynder og slutter.",
        "No hours are stated. The event therefore lasts all day. Write when it begins and ends.",
    ),
    # EK514: two lines say different things about one fact
    "contradicts": _warning(
        "EK514",
        "Linje {line} siger noget andet end linje {other}: »{said}«. "
        "Linje {other} gælder. Ret den forkerte.",
        "Line {line} says otherwise than line {other}: “{said}”. "
        "Line {other} holds. Correct the wrong one.",
    ),
    "several": _warning(
        "EK514",
        "Teksten ser ud til at rumme mere end ét arrangement: »{said}« i linje {line}. "
        "Kun det første er læst. Importér de andre hver for sig.",
        "The text seems to hold more than one event: “{said}” in line {line}. "
        "Only the first was read. Import the others one by one.",
    ),
    "changed": _warning(
        "EK514",
        "Linje {line} siger, at noget er ændret: »{said}«. "
        "Se efter, om dato, tid og sted er de nye.",
        "Line {line} says that something was changed: “{said}”. "
        "See whether the date, the time and the place are the new ones.",
    ),
    "ends_first": _warning(
        "EK514",
        "Linje {line} slutter, før den begynder: »{said}«. "
        "Sluttidspunktet er udeladt. Skriv det rigtige.",
        "Line {line} ends before it begins: “{said}”. The end was left out. Write the right one.",
    ),
    # EK515: not written, but followed from what is
    "year": _info(
        "EK515", "Årstallet er sat til {year}." + _READ_AS_DA, "The year is {year}." + _READ_AS_EN
    ),
    "date": _info(
        "EK515",
        "Datoen er fundet i teksten." + _READ_AS_DA,
        "The date was found in the prose." + _READ_AS_EN,
    ),
    "date_hours": _info(
        "EK515",
        "Dato og klokkeslæt er fundet i teksten." + _READ_AS_DA,
        "The date and the hours were found in the prose." + _READ_AS_EN,
    ),
    "day": _info(
        "EK515", "Dagen er sat til {day}." + _READ_AS_DA, "The day is {day}." + _READ_AS_EN
    ),
    "midnight": _info(
        "EK515",
        "Punktet ligger efter midnat." + _READ_AS_DA,
        "The item is after midnight." + _READ_AS_EN,
    ),
    "hours": _info(
        "EK515",
        "Tidspunktet er taget fra programmets første og sidste punkt. "
        "Ret det, hvis det er forkert.",
        "The hours were taken from the programme's first and last item. Correct them if wrong.",
    ),
    "hours_open": _info(
        "EK515",
        "Begyndelsen er taget fra programmets første punkt, og slutningen kendes ikke. "
        "Skriv, hvornår arrangementet slutter.",
        "The start was taken from the programme's first item, and the end is not known. "
        "Write when the event ends.",
    ),
    "about": _info(
        "EK515",
        "»Ca.« er læst som et præcist tidspunkt." + _READ_AS_DA,
        "“Ca.” was read as an exact time." + _READ_AS_EN,
    ),
    "before_day": _info(
        "EK515",
        "»Inden« er læst som til og med dagen." + _READ_AS_DA,
        "“Inden” was read as including the day." + _READ_AS_EN,
    ),
    "title": _info(
        "EK515",
        "Linje {line} er læst som titlen: »{said}«. Ret det, hvis det er forkert.",
        "Line {line} was read as the title: “{said}”. Correct it if it is wrong.",
    ),
    "headline": _info(
        "EK515",
        "Linje {line} er læst som indledning, men kan høre til titlen: »{said}«. "
        "Flyt den, hvis den gør.",
        "Line {line} was read as the summary, but may belong to the title: “{said}”. "
        "Move it if it does.",
    ),
    "town": _info(
        "EK515",
        "Linje {line} er læst som stedet: »{said}«. Ret det, hvis det er forkert.",
        "Line {line} was read as the place: “{said}”. Correct it if it is wrong.",
    ),
    "reached": _info(
        "EK515",
        "Kontakten er læst ud af en sætning." + _READ_AS_DA,
        "The contact was read from a sentence." + _READ_AS_EN,
    ),
    "signed": _info(
        "EK515",
        "Kontakten er læst ud af underskriften." + _READ_AS_DA,
        "The contact was read from the signature." + _READ_AS_EN,
    ),
    "no_title": _info(
        "EK515",
        "Punktet har fået en foreløbig titel." + _READ_AS_DA,
        "The item has been given a makeshift title." + _READ_AS_EN,
    ),
    # EK516: what the old page said of seats, which eventkit works out itself
    "status": _info(
        "EK516",
        "Linje {line} er en gammel status: »{said}«. "
        "Den vises ikke. Ret pladser eller frist, hvis den stadig gælder.",
        "Line {line} is an old status: “{said}”. "
        "It is not shown. Change the seats or the deadline if it still holds.",
    ),
    "called_off": _warning(
        "EK516",
        "Linje {line} siger: »{said}«. Det er ikke overført. Aflys eller udsæt selv arrangementet.",
        "Line {line} says: “{said}”. This was not carried over. "
        "Cancel or postpone the event yourself.",
    ),
    # EK517: characters that no text can hold
    "characters": _info(
        "EK517",
        "Linje {line} havde tegn, der ikke kan vises: »{said}«. "
        "De er erstattet af {mark}. Ret linjen.",
        "Line {line} had characters that cannot be shown: “{said}”. "
        "They were replaced by {mark}. Mend the line.",
    ),
    # EK518: an announcement is public, a way into a meeting is not
    "link": _info(
        "EK518",
        "Linket i linje {line} vises kun for deltagere: »{said}«. "
        "Gør det offentligt, hvis alle må bruge det.",
        "The link in line {line} is shown to those who attend only: “{said}”. "
        "Make it public if everybody may use it.",
    ),
    "other_link": _warning(
        "EK518",
        "Linket i linje {line} vises ikke: »{said}«. "
        "Der er kun plads til ét link. Send det selv til deltagerne.",
        "The link in line {line} is not shown: “{said}”. "
        "There is room for one link only. Send it to those who attend yourself.",
    ),
    "code": _warning(
        "EK518",
        "Koden til mødet i linje {line} vises ikke: »{said}«. Send den selv til deltagerne.",
        "The code of the meeting in line {line} is not shown: “{said}”. "
        "Send it to those who attend yourself.",
    ),
}

LOST = frozenset(("other_link", "code", "header", "people"))
"""Notes about what stands nowhere else, and so is quoted whole."""

PRIVATE = frozenset(("link", "other_link", "code", "header", "people"))
"""Notes that quote what nobody but staff may read: findings are theirs alone."""


def note(key: str, path: str, line: Line | None = None, **data: Any) -> Finding:
    """The finding `key` about `line`, at `path` of the one event that is read.

    It quotes the beginning of the line, or what is given as `said`.
    """
    words = WORDINGS[key]
    text = "" if line is None else line.text
    if line is not None and key in PRIVATE:
        text = line.source or text
    text = data.pop("said", text)
    about = {"line": line.number, "text": text[:1000]} if line is not None else {}
    shown = {**about, **data, "said": _quoted(text, QUOTED_WHOLE if key in LOST else QUOTED)}
    return Finding(
        code=words.code,
        severity=words.severity,
        path=f"events[0].{path}" if path else "events[0]",
        data={"about": key, **about, **data},
        text={"da": words.da.format_map(shown), "en": words.en.format_map(shown)},
    )


def _quoted(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
