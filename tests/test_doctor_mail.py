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


def test_an_address_or_a_notifier_that_cannot_be(box: Postbox, capsys: Any, folder: Path) -> None:
    """One line too, and the rest is still told."""
    code, out, err = doctor(capsys, "--mail", "bo")
    assert code == 1
    assert "Python" in out
    assert len(err.splitlines()) == 1
    (folder / "eventkit.toml").write_text('notifier = "smpt"\nbase_url = "https://x.example"\n')
    code, _, err = doctor(capsys, "--mail", "bo@example.dk")
    assert code == 1
    assert "smpt" in err
    assert box.taken == []


def test_how_long_ago_and_how_many(capsys: Any, folder: Path, box: Postbox) -> None:
    """When everything due was done last; a warning where that is too long ago."""
    code, out, err = doctor(capsys)
    assert code == 0
    assert "endnu ikke set efter" in out
    assert "0 venter, 0 er afvist, 0 er uvisse" in out
    assert err == ""
    store = Store.open(f"sqlite:///{folder}/eventkit.db")
    store.outbox.beat(TICK, datetime.now(UTC) - timedelta(minutes=3, seconds=20))
    code, out, err = doctor(capsys)
    assert "set efter for 3 minutter siden" in out
    assert err == ""
    store.outbox.beat(TICK, datetime.now(UTC) - timedelta(minutes=90))
    code, out, err = doctor(capsys)
    assert code == 0
    assert "for 90 minutter siden" in out
    assert "eventkit work" in err
    store.close()
