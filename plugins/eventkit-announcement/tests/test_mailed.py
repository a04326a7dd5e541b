"""What mail writes round an announcement is named, read as nothing and published nowhere."""

from __future__ import annotations

import json

import pytest
from eventkit_announcement import read

from eventkit import Event, Finding, ImportRequest
from eventkit.formats import codec

BODY = """Kom og hør om haver.

Torsdag den 21. april 2022 kl. 9-12

Sted: Salen, Lindevej 4, 8000 Aarhus C
"""
OUTLOOK = """Fra: Anne Hansen <anne@example.dk>
Sendt: 2. februar 2022 09:14
Til: bo@example.dk; ib@example.dk;
eva@example.dk
Cc: alle@example.dk
Emne: VS: SV: Temadag om haver
"""
ENGLISH = """From: Anne Hansen <anne@example.dk>
Sent: Wednesday, February 2, 2022 9:14 AM
To: Bo Bech <bo@example.dk>
Subject: FW: Temadag om haver
"""
MEMO = "Til: Alle driftsledere\nEmne: Temadag om haver\nDato: 2. februar 2022\nFra: Anne\n"
TABS = OUTLOOK.replace(": ", ":\t")
BOLD = OUTLOOK.replace("Fra:", "**Fra:**").replace("Emne:", "**Emne:**")
PRINTED = f"Anne Hansen\n\n{OUTLOOK}"


def imported(text: str) -> tuple[Event, tuple[Finding, ...]]:
    found = read(ImportRequest(data=text.encode()))
    return found.events[0], found.findings


def everything(event: Event) -> str:
    return json.dumps(codec.to_data(event), ensure_ascii=False)


@pytest.mark.parametrize("head", [OUTLOOK, ENGLISH, MEMO, TABS, BOLD, PRINTED])
def test_the_headers_of_a_mail_are_named_and_nothing_else(head: str) -> None:
    """The subject is the title; no address and no date of the mail is anything of the event."""
    event, findings = imported(f"{head}\n{BODY}")
    assert event.title == "Temadag om haver"
    assert event.starts.isoformat() == "2022-04-21T09:00:00+02:00"
    assert (event.contact, event.organiser) == (None, None)
    assert not any(part in everything(event) for part in ("@", "Anne", "februar", "FW", "VS"))
    own = {finding.data["line"] for finding in findings if finding.data["about"] == "header"}
    numbered = enumerate(head.splitlines(), start=1)
    subject = ("Emne", "**Emne", "Subject")
    assert own == {n for n, line in numbered if line and not line.startswith(subject)}
    assert {finding.code for finding in findings} == {"EK510"}


RAW = """Return-Path: <anne@example.dk>
Received: from mx.example (mx.example [10.0.0.1])
\tby in.example for <bo@example.dk>; Wed, 2 Feb 2022 09:14:00 +0100
DKIM-Signature: v=1; a=rsa-sha256; d=example.dk;
 h=from:to;
X-Mailer: Post 1.0
Message-ID: <abc@example.dk>
From: Anne <anne@example.dk>
To: bo@example.dk
Subject: Temadag om haver
Content-Type: text/plain; charset=utf-8
"""
APART = OUTLOOK.replace("Cc:", "\nCc:").replace("Emne:", "\nEmne:")


@pytest.mark.parametrize("mark", ["> ", ">", ">> ", "> > ", "| "])
@pytest.mark.parametrize("head", [OUTLOOK, ENGLISH, RAW])
def test_a_quoted_mail_is_read_as_it_was_sent(mark: str, head: str) -> None:
    """The marks of the quotation go before anything else reads the lines."""
    quoted = "".join(f"{mark}{line}".rstrip() + "\n" for line in f"{head}\n{BODY}".splitlines())
    event, _ = imported(quoted)
    assert event.title == "Temadag om haver"
    assert event.starts.isoformat() == "2022-04-21T09:00:00+02:00"
    assert event.venue is not None
    assert event.venue.locality == "Aarhus C"
    assert not any(part in everything(event) for part in ("@", "Anne", "februar", "\\>", "|"))


def test_a_quotation_under_who_wrote_it() -> None:
    text = f"Den 2. feb. 2022 kl. 9.14 skrev Anne <anne@example.dk>:\n> Her er den:\n>\n{BODY}"
    event, _ = imported(text.replace("Kom", "> Temadag om haver\n> Kom"))
    assert event.title == "Temadag om haver"
    assert "@" not in everything(event)


def test_more_than_fifty_is_no_quotation() -> None:
    event, _ = imported(f"Temadag om haver\n\n{BODY}\n> 50 deltagere\n\nVi ses\n")
    assert "> 50 deltagere" in event.description


@pytest.mark.parametrize("head", [RAW, RAW.replace("Subject", "X-Spam-Flag: NO\nSubject"), APART])
def test_raw_headers_and_headers_apart_are_named_each(head: str) -> None:
    """A blank line ends them, but some programs print one within."""
    event, findings = imported(f"{head}\n{BODY}")
    assert event.title == "Temadag om haver"
    assert "example" not in everything(event)
    own = {finding.data["line"] for finding in findings if finding.data["about"] == "header"}
    numbered = enumerate(head.splitlines(), start=1)
    assert own == {n for n, line in numbered if line and not line.startswith(("Emne", "Subject"))}


@pytest.mark.parametrize("head", [OUTLOOK, ENGLISH, MEMO, TABS, PRINTED, RAW, APART])
def test_a_date_below_the_headers_is_that_of_the_event(head: str) -> None:
    event, _ = imported(f"{head}\nDato: 14. november 2023\nTid: 17-20\nSted: Salen\n")
    assert event.starts.isoformat() == "2023-11-14T17:00:00+01:00"
    assert "header" not in [f.data["about"] for f in imported(BODY_ALONE)[1]]


BODY_ALONE = "Temadag\n\nDato: 14. november 2023\n\nFra: 9.00\nTil: 12.00\n"


@pytest.mark.parametrize(
    "mark",
    [
        "-----Oprindelig meddelelse-----",
        "-----Original Message-----",
        "---------- Forwarded message ---------",
        "Start på videresendt besked:",
        "________________________________",
        "",
    ],
)
def test_a_forwarded_mail_below_loses_its_headers(mark: str) -> None:
    event, findings = imported(f"Temadag om haver\n\n{BODY}\n{mark}\n{OUTLOOK}\nSkal vi med?\n")
    assert event.title == "Temadag om haver"
    assert "@" not in everything(event)
    assert "Skal vi med?" in event.description
    assert sum(finding.data["about"] == "header" for finding in findings) == 6 + bool(mark)


def test_the_subject_of_a_forwarded_mail_is_a_title_where_the_first_has_none() -> None:
    text = f"Hej Bo\n\nSkal vi lægge den op?\n\n-----Oprindelig meddelelse-----\n{OUTLOOK}\n{BODY}"
    event, _ = imported(text)
    assert event.title == "Temadag om haver"
    assert "Skal vi lægge den op?" in f"{event.summary} {event.description}"


def test_the_line_above_an_answer_is_mail_too() -> None:
    text = f"Temadag om haver\n\n{BODY}\nDen 2. feb. 2022 kl. 9.14 skrev Anne <anne@example.dk>:\n"
    assert "@" not in everything(imported(text)[0])


@pytest.mark.parametrize(
    ("lines", "starts", "ends"),
    [
        ("Fra: kl. 9\nTil: kl. 12", "09:00", "12:00"),
        ("Fra: 9.00\nTil: 12.00", "09:00", "12:00"),
    ],
)
def test_hours_called_from_and_to_are_no_mail(lines: str, starts: str, ends: str) -> None:
    event, findings = imported(f"Temadag\n\nDato: 21.04.2022\n{lines}\n")
    assert (f"{event.starts:%H:%M}", f"{event.ends:%H:%M}") == (starts, ends)
    assert findings == ()


@pytest.mark.parametrize(
    "line", ["I 2021 skrev vi om haver:", "_______________\nEmne: Haver", "Til: alle, der har have"]
)
def test_a_line_that_is_only_like_mail_stays(line: str) -> None:
    event, findings = imported(f"Temadag om haver\n\n{BODY}\n{line}\n\nDet var en god dag.\n")
    assert line.rpartition("\n")[2] in event.description
    assert "header" not in [finding.data["about"] for finding in findings]


def test_a_subject_over_a_date_is_a_label_of_the_announcement() -> None:
    """With no sender it is a form, and its date is that of the event."""
    event, _ = imported("Emne: Temadag om haver\nDato: 21.04.2022\nTid: 9-12\n")
    assert event.starts.isoformat() == "2022-04-21T09:00:00+02:00"


# --- a note above a forwarded mail ----------------------------------------------------------

NOTES = {
    "letter": "Hej alle, se nedenfor om mødet\n\nVh Lone\n",
    "dated": "Hej alle, se nedenfor om mødet den 21. april 2022\n\nVh Lone\n",
    "one line": "Til orientering.\n",
    "signed": "Hej Bo\n\nKan du lægge denne på hjemmesiden? Vi ses den 1. juni.\n\nTak!\n/Gitte\n",
    "sentence": "Kom gerne med til det her, som jeg har fået fra de andre i dag.\n\nLone Holm\n",
}
MARKS = ["---- Videresendt meddelelse ----\n", "________________________________\n", ""]


@pytest.mark.parametrize("top", ["", OUTLOOK.replace("Temadag om haver", "Se her") + "\n"])
@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("note", NOTES.values(), ids=NOTES)
def test_a_note_above_a_forwarded_mail_is_no_teaser(note: str, mark: str, top: str) -> None:
    """It is told as it stands, and each of its lines is named, so that staff can delete it."""
    event, findings = imported(f"{top}{note}\n{mark}{OUTLOOK}\n{BODY}")
    assert event.summary == "Kom og hør om haver."
    assert event.starts.isoformat() == "2022-04-21T09:00:00+02:00"
    assert event.contact is None
    assert "@" not in everything(event)
    first = top.count("\n")
    own = {finding.data["line"] for finding in findings if finding.data["about"] == "cover"}
    numbered = enumerate(note.splitlines(), start=first + 1)
    assert own == {number for number, line in numbered if line}
    assert all(line in event.description for line in note.splitlines())


def test_a_number_or_an_address_in_such_a_note_is_private() -> None:
    """It is that of whoever passed the mail on; the announcement's own stays."""
    note = "Hej Bo\n\nRing på 00 00 00 09 eller lone@example.dk\n\nVh Lone\nTlf. 00 00 00 08\n"
    event, findings = imported(f"{note}\n{MARKS[0]}{OUTLOOK}\n{BODY}\nKontakt: Ib, 00 00 00 01\n")
    assert event.contact is not None
    assert event.contact.phone == "00 00 00 01"
    assert not any(part in everything(event) for part in ("00 09", "00 08", "@"))
    assert {f.data["line"] for f in findings if f.data["about"] == "people"} == {3, 6}


def test_the_year_of_a_mail_is_that_of_a_date_without_one() -> None:
    """The event is after the mail was sent, and the year is named."""
    for day, year in (("21. april", 2022), ("21. januar", 2023)):
        event, findings = imported(f"{OUTLOOK}\nDato: {day}\nTid: 9-12\n")
        assert event.starts.year == year
        assert "year" in [finding.data["about"] for finding in findings]


def test_a_letter_with_a_date_of_its_own_is_no_note() -> None:
    """It may be the announcement, above an older one."""
    letter = "Kære alle\n\nVi holder årsmøde om træer den 3. maj 2022 i salen.\n\nVh Lone\n"
    event, findings = imported(f"{OUTLOOK}\n{letter}\n{MARKS[0]}{OUTLOOK}\n{BODY}")
    assert "3. maj 2022" in f"{event.summary} {event.description}"
    assert "cover" not in [finding.data["about"] for finding in findings]


def test_a_note_gives_no_title_where_the_mail_has_no_subject() -> None:
    head = OUTLOOK.replace("Emne: VS: SV: Temadag om haver\n", "")
    event, _ = imported(f"Hej Bo, se her\n\n{MARKS[0]}{head}\nTemadag om haver\n\n{BODY}")
    assert (event.title, event.summary) == ("Temadag om haver", "Kom og hør om haver.")


def test_an_announcement_above_an_old_mail_is_no_note() -> None:
    """Though the old one says when something is, too."""
    text = f"Temadag om haver\n\n{BODY}\n{MARKS[0]}{OUTLOOK}\nVi mødes den 3. marts 2022 kl. 9-12\n"
    event, findings = imported(text)
    assert event.starts.month == 4
    assert "cover" not in [finding.data["about"] for finding in findings]


def test_what_stands_below_an_announcement_is_of_the_old_mail() -> None:
    """Its subject is no title, and its words and addresses are named."""
    text = (
        f"Temadag om haver\n\n{BODY}\nSendt fra min iPhone\n\n{OUTLOOK.replace('haver', 'træer')}"
    )
    event, findings = imported(
        f"{text}\nHej Bo, den skal til ib@example.dk\n\nJeg bor Lindevej 9.\n"
    )
    assert event.title == "Temadag om haver"
    assert event.summary == "Kom og hør om haver."
    assert "@" not in everything(event)
    assert "iPhone" not in everything(event)
    last = text.count("\n") + 4
    own = {f.data["line"]: f.data["about"] for f in findings if f.data["about"] != "header"}
    assert own == {last - 2: "people", last: "cover"}
