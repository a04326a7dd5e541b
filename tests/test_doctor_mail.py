"""What `eventkit doctor` says of mail: whether one gets out, and how it goes with the rest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from postbox import Postbox, open_postbox

from eventkit import cli
from eventkit.office.store import Store
from eventkit.office.usecases import TICK

pytest.importorskip("eventkit_mail")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty database in the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EVENTKIT_DB", raising=False)
    assert cli.main(["init"]) == 0
    return tmp_path


@pytest.fixture
def box(folder: Path) -> Iterator[Postbox]:
    """A mail server, which the settings name."""
    with open_postbox() as box:
        (folder / "eventkit.toml").write_text(
            'base_url = "https://moeder.example"\nsender = "Foreningen <post@example.dk>"\n'
            'notifier = "smtp"\n[plugins.mail]\nhost = "127.0.0.1"\nsecurity = "none"\n'
            f"port = {box.port}\ntimeout = 0.5\n"
        )
        yield box


def doctor(capsys: Any, *more: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = cli.main(["doctor", *more])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_trial_mail_goes_as_notices_go(box: Postbox, capsys: Any) -> None:
    """One message, by the notifier that is set, from the sender that is set; and one line."""
    code, out, _ = doctor(capsys, "--mail", "bo@example.dk", "--lang", "da")
    assert code == 0
    [line] = [line for line in out.splitlines() if "Prøvemail" in line]
    assert line == "Prøvemailen er sendt med smtp: 250 OK"
    [(sender, to, data)] = box.taken
    assert (sender, to) == ("post@example.dk", "bo@example.dk")
    mail = message_from_bytes(data, policy=default)
    assert mail["Subject"] == "En prøve: mail virker"
    assert mail["From"] == "Foreningen <post@example.dk>"
    assert "Du skal ikke gøre mere." in mail.get_content()
    _, out, _ = doctor(capsys, "--mail", "bo@example.dk", "--lang", "en")
    assert "The trial mail is sent by smtp: 250 OK" in out


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("rcpt 550", "Prøvemailen blev afvist af smtp: RCPT: 550"),
        ("rcpt 450", "Prøvemailen kunne ikke sendes med smtp lige nu: RCPT: 450"),
        ("hang at once", "lige nu: connecting: no answer within 0.5 s"),
        ("drop after message", "Det er uvist, om smtp fik sendt prøvemailen"),
    ],
)
def test_what_became_of_it_is_one_line(box: Postbox, capsys: Any, does: str, said: str) -> None:
    """And exit status 1, for staff who ask this want to know."""
    box.does["*"] = does
    code, _, err = doctor(capsys, "--mail", "bo@example.dk")
    assert code == 1
    assert len([line for line in err.splitlines() if said in line]) == 1, err


@pytest.mark.parametrize("address", ["bo", "bo@", "Bo <bo>", "bo@exa mple.dk"])
def test_an_address_that_cannot_be(box: Postbox, capsys: Any, address: str) -> None:
    """One line too, and the rest is still told."""
    code, out, err = doctor(capsys, "--mail", address)
    assert code == 1
    assert "Python" in out
    assert err == f"Fejl: {address} er ingen mailadresse.\n"
    assert box.taken == []


def test_files_are_said_to_be_files(folder: Path, capsys: Any) -> None:
    """Where nothing else is set up, a mail goes nowhere; the line says where it lies."""
    (folder / "eventkit.toml").write_text('base_url = "https://moeder.example"\n')
    code, out, _ = doctor(capsys, "--mail", "bo@example.dk")
    assert code == 0
    [mail] = (folder / "mails").iterdir()
    assert f"Prøvemailen er sendt med eml: mails/{mail.name}" in out.splitlines()


OWN = """
import attrs
from eventkit import Delivery, Notifier, Result, hookimpl
eventkit_api = 1

@attrs.frozen
class Mine:
    server: str

eventkit_settings = Mine

@hookimpl
def eventkit_notifiers(settings):
    def send(message):
        return Delivery(result=settings.server)
    return [Notifier(name="pigeon", title={"da": "Due", "en": "Pigeon"}, send=send)]
"""
SITE = 'base_url = "https://moeder.example"\nplugins_dir = "own"\n'


@pytest.fixture
def own(folder: Path) -> Path:
    """A plugin with a notifier ``pigeon``, which answers what `server` says."""
    (folder / "own").mkdir()
    (folder / "own" / "dovecote.py").write_text(OWN)
    return folder


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("sent", "Prøvemailen er sendt med pigeon."),
        ("retry", "Fejl: Prøvemailen kunne ikke sendes med pigeon lige nu."),
        ("failed", "Fejl: Prøvemailen blev afvist af pigeon."),
        ("unknown", "Fejl: Det er uvist, om pigeon fik sendt prøvemailen."),
    ],
)
def test_a_notifier_that_says_no_more_is_quoted_with_nothing(
    own: Path, capsys: Any, answer: str, said: str
) -> None:
    """A sentence that ends where there is nothing to add."""
    (own / "eventkit.toml").write_text(
        f'{SITE}notifier = "pigeon"\n[plugins.dovecote]\nserver = "{answer}"\n'
    )
    _, out, err = doctor(capsys, "--mail", "bo@example.dk")
    assert said in [*out.splitlines(), *err.splitlines()]


CANNOT_GO = {
    "a notifier that nobody has": (
        'notifier = "nope"',
        "Fejl: Der findes intet plugin, som sender beskeder med nope. Vælg blandt: eml, smtp.",
    ),
    "a server that is not set": (
        'notifier = "smtp"',
        "Fejl: Der mangler en mailserver: skriv host under [plugins.mail] i eventkit.toml.",
    ),
    "a template with a place that is none": (
        'mail_templates = "texts"',
        "Fejl: confirmation.da.txt: Der er intet felt {name.__class__}. Brug et af disse: ",
    ),
}


@pytest.mark.parametrize("more", [(), ("--mail", "bo@example.dk")])
@pytest.mark.parametrize("kind", CANNOT_GO)
def test_mail_that_cannot_go_is_told_before_it_should(
    folder: Path, capsys: Any, kind: str, more: tuple[str, ...]
) -> None:
    """One sentence and exit status 1, whether or not a trial was asked for."""
    toml, said = CANNOT_GO[kind]
    (folder / "texts").mkdir()
    (folder / "texts" / "confirmation.da.txt").write_text("Hej\n\nKære {name.__class__}\n")
    (folder / "eventkit.toml").write_text(f'base_url = "https://moeder.example"\n{toml}\n')
    code, out, err = doctor(capsys, *more)
    assert code == 1
    [line] = err.splitlines()
    assert line.startswith(said)
    assert "Python" in out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hej\n", "mangler emne eller tekst. Skriv først emnet, så en tom linje og så teksten."),
        ("Hej\n\n\fKære\x85{name}", "indeholder det usynlige tegn U+0085"),
    ],
)
def test_a_template_that_makes_no_mail_is_wrong(
    folder: Path, capsys: Any, text: str, said: str
) -> None:
    """One sentence that names its file, before anybody's mail is refused for it."""
    (folder / "texts").mkdir()
    (folder / "texts" / "confirmation.da.txt").write_text(text)
    (folder / "eventkit.toml").write_text(
        'base_url = "https://moeder.example"\nmail_templates = "texts"\n'
    )
    code, _, err = doctor(capsys)
    assert code == 1
    [line] = err.splitlines()
    assert line.startswith(f"Fejl: confirmation.da.txt {said}")


@pytest.mark.parametrize("more", [(), ("--mail", "bo@example.dk")])
def test_a_folder_that_takes_no_mail_is_wrong(
    folder: Path, capsys: Any, more: tuple[str, ...]
) -> None:
    """One sentence; and where all is well, nothing is made to find that out."""
    (folder / "eventkit.toml").write_text('base_url = "https://moeder.example"\n')
    assert doctor(capsys)[0] == 0
    assert not (folder / "mails").exists()
    (folder / "mails").write_text("")
    code, _, err = doctor(capsys, *more)
    assert code == 1
    assert err == "Fejl: Mails kan ikke lægges i mails: det skal være en mappe, I kan skrive i.\n"
    assert "Mails cannot be laid in mails:" in doctor(capsys, "--lang", "en", *more)[2]


def test_a_plugin_that_lacks_a_setting_is_wrong(own: Path, capsys: Any) -> None:
    """And so is a notifier that is missing for that; whoever wants it off says so."""
    (own / "eventkit.toml").write_text(SITE + 'notifier = "pigeon"\n')
    code, _, err = doctor(capsys)
    assert code == 1
    assert err.splitlines() == [
        "Fejl: Pluginet dovecote er slået fra, indtil server er sat under [plugins.dovecote] i"
        " eventkit.toml.",
        "Fejl: Der findes intet plugin, som sender beskeder med pigeon. Vælg blandt: eml, smtp.",
    ]
    (own / "eventkit.toml").write_text(SITE + 'plugins_off = ["dovecote"]\n')
    assert doctor(capsys)[0] == 0


def test_how_long_ago_and_how_many(capsys: Any, folder: Path, box: Postbox) -> None:
    """When everything due was done last; a warning where that is too long ago."""
    code, out, err = doctor(capsys)
    assert code == 0
    assert "intet er sendt endnu" in out
    assert "0 skal sendes, 0 venter på jer, 0 er afvist, 0 er måske sendt" in out
    assert "eventkit notices" not in out
    assert err == ""
    store = Store.open(f"sqlite:///{folder}/eventkit.db")
    store.outbox.beat(TICK, datetime.now(UTC) - timedelta(minutes=3, seconds=20))
    code, out, err = doctor(capsys)
    assert "sidst tjekket for 3 minutter siden" in out
    assert err == ""
    store.outbox.beat(TICK, datetime.now(UTC) - timedelta(minutes=90))
    code, out, err = doctor(capsys)
    assert code == 0
    assert "for 90 minutter siden" in out
    assert "eventkit work" in err
    store.close()
