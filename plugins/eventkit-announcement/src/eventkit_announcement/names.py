"""What facts are called: the names of labels, Danish ones and the English that Danes mix in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from eventkit_announcement.danish import squeezed

NAMES: Mapping[str, str] = {
    "id": "id, nr, nummer, arrangement nr, arrangementsnr, arrangementsnummer, arrangements-id, "
    "arrangement-id, kursusnr, kursusnummer, kursus-id, mødenr, mødenummer, aktivitetsnr",
    "title": "titel, overskrift, arrangementets titel, arrangementets navn",
    "summary": "teaser, resumé, resume, manchet, kort fortalt, kort beskrivelse",
    "kind": "type, arrangementstype, mødetype, kursustype, aktivitetstype, kategori",
    "when": "date, time, when, date and time, "
    "dato, datoer, dato og tid, dato og tidspunkt, tid, tider, tidspunkt, tidsrum, kl, "
    "klokken, klokkeslæt, varighed, hvornår, tid og dato, mødetidspunkt, mødedato, kursusdato, "
    "kursusdatoer, afholdes, periode, dag, dag og tid, dato/tid, tid/dato",
    "starts": "start, starter, startdato, starttidspunkt, begynder, fra",
    "ends": "slut, slutter, slutdato, sluttidspunkt, til",
    "when_where": "tid og sted, hvornår og hvor, tid/sted, dato og sted, hvor og hvornår, "
    "sted og tid",
    "place": "venue, where, address, "
    "sted, adresse, hvor, lokation, mødested, mødeadresse, afholdelsessted, kursussted, "
    "lokalitet, sted/adresse, location, fysisk deltagelse, fysisk fremmøde, fremmøde, "
    "deltag fysisk, fysisk",
    "town": "by",
    "room": "lokale, mødelokale, lokaler, sal",
    "online": "platform, "
    "link, mødelink, teams-link, teamslink, zoom-link, zoomlink, link til mødet, online, "
    "link til deltagelse, deltag online, online deltagelse, webinar",
    "deadline": "registration deadline, register by, rsvp, "
    "tilmeldingsfrist, tilmeldingsfristen, tilmeldingsfrist er, frist, "
    "frist for tilmelding, fristen for tilmelding, sidste frist, sidste frist for tilmelding, "
    "sidste tilmeldingsfrist, sidste tilmelding, sidste tilmeldingsdag, tilmelding senest, "
    "senest tilmelding, tilmeld dig senest, tilmeld jer senest, tilmeld senest, tilmelding inden, "
    "husk tilmelding senest, husk tilmelding, deadline, deadline for tilmelding, "
    "tilmeldingsdeadline, svarfrist, s.u, su, s. u, tilmelding senest den, tilmelding senest d",
    "registration": "tilmelding, tilmeldingen, sådan tilmelder du dig, tilmelding til, "
    "tilmeldingslink, tilmelding via",
    "opens": "tilmelding åbner, tilmeldingen åbner, åbner for tilmelding, tilmelding fra, "
    "tilmelding åben fra, tilmeldingsstart, der åbnes for tilmelding",
    "cancelling": "afmeldingsfrist, frist for afmelding, frist for afbud, afbud senest, "
    "afmelding senest, framelding senest, sidste frist for afmelding, sidste frist for afbud, "
    "afbudsfrist, frameldingsfrist",
    "price": "price, fee, admission, entré, entre, entree, entrépris, "
    "pris, priser, deltagerpris, deltagergebyr, deltagerbetaling, gebyr, kursuspris, "
    "hvad koster det, hvad koster det at deltage, kursusafgift, "
    "pris pr. deltager, pris pr. person, pris per person, pris per deltager",
    "status": "status, tilmeldingsstatus",
    "organiser": "organiser, organizer, host, organised by, arr, "
    "arrangør, arrangører, arrangør(er), arrangeres af, arrangeret af, udbyder, "
    "kursusudbyder, afholdes af, inviteret af",
    "contact": "contact, "
    "kontakt, kontaktperson, kontaktpersoner, kontaktinfo, kontaktinformation, "
    "kontaktoplysninger, yderligere oplysninger, yderligere information, flere oplysninger, "
    "spørgsmål, henvendelse, kontakt os, mere information, for mere information",
    "phone": "t, tlf, tlf.nr, tlf. nr, telefon, telefonnummer, telefonnr, tel, mobil, mob, "
    "m, tlf.nummer",
    "email": "e, e-mail, email, mail, e-post, mailadresse, e-mailadresse",
    "web": "web, hjemmeside, website, www, w",
    "audience": "target group, audience, "
    "målgruppe, målgrupper, målgruppen, for hvem, hvem kan deltage, deltagerkreds, "
    "hvem er det for, hvem, deltagere",
    "capacity": "antal pladser, pladser, plads, begrænset antal pladser, "
    "max deltagere, max. deltagere, maks deltagere, maks. deltagere, "
    "deltagerantal, antal deltagere, max antal deltagere, maks antal deltagere, kapacitet, "
    "maks. antal deltagere, max. antal deltagere, maksimalt antal deltagere, deltagerbegrænsning",
    "programme": "programme, schedule, tidsplan, "
    "program, programmet, dagens program, program for dagen, dagsorden, agenda, "
    "mødeprogram, kursusprogram, dagsprogram",
    "next": "næste møde, næste netværksmøde, næste gang, kommende møder, kommende arrangementer, "
    "tidligere møder, næste arrangement",
    "prose": "beskrivelse, indhold, om arrangementet, om kurset, om mødet, om netværket, formål, "
    "formålet, baggrund, praktisk, praktisk information, praktiske oplysninger, praktisk info, "
    "oplægsholder, oplægsholdere, underviser, undervisere, forplejning, transport, parkering, "
    "bemærk, nb, obs, udbytte, læringsmål, medbring, framelding, afmelding, afbud, læs mere, "
    "materialer, forberedelse, hvorfor, det får du, tilgængelighed",
}
"""Kinds of labels with the names they go by, lower-case, less a full stop at the end."""

_KINDS = {name: kind for kind, names in NAMES.items() for name in re.split(r",\s+", names)}
MOST_WORDS = max(name.count(" ") for name in _KINDS) + 1


def named(name: str) -> str | None:
    """The kind of label that goes by `name`."""
    return _KINDS.get(squeezed(name).casefold().rstrip(" .?")) if len(name) <= 60 else None
