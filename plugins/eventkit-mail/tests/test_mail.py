"""Mail by SMTP: what a message ends as says what is known, whatever the server does."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import eventkit_mail as plugin
import postbox
import pytest
import trustme
from attrs import evolve
from eventkit_mail import MailSettings, Post, Security
from postbox import Postbox, open_postbox

from eventkit import Contact, Delivery, Message, Result, SettingsError, testing
from eventkit.formats import mail
from eventkit.formats.links import Links
from eventkit.formats.mail import Letter, Templates
from eventkit.model.registration import Notice, NoticeKind
from eventkit.plugins.manager import Plugins

AT = datetime(2022, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def box() -> Iterator[Postbox]:
    with open_postbox() as box:
        yield box


@contextmanager
def posting(box: Postbox, timeout: float = 5.0, **more: Any) -> Iterator[Post]:
    """What sends to the server, and hangs up at the end."""
    told = {"host": "127.0.0.1", "port": box.port, "security": Security.NONE, "timeout": timeout}
    post = Post(MailSettings(**{**told, **more}))
    yield post
    post.close()


@pytest.fixture
def post(box: Postbox) -> Iterator[Post]:
    with posting(box) as post:
        yield post


def message(to: str = "trine@example.dk", **more: Any) -> Message:
    return testing.sample_message(recipient=to, **more)


# --- what the server answers -----------------------------------------------------------------

ANSWERS = {
    "mail 451": "retry",
    "mail 553": "failed",
    "mail 530": "retry",
    "mail 534": "retry",
    "mail 535": "retry",
    "mail 538": "retry",
    "mail 550": "failed",
    "rcpt 421": "retry",
    "rcpt 450": "retry",
    "rcpt 530": "retry",
    "rcpt 535": "retry",
    "rcpt 550": "failed",
    "data 451": "retry",
    "data 554": "failed",
    "message 530": "failed",
    "message 452": "retry",
    "message 554": "failed",
    "421 at once": "retry",
    "drop at once": "retry",
    "drop at mail": "retry",
    "drop at rcpt": "retry",
    "drop at data": "retry",
    "drop after message": "unknown",
    "lose after message": "unknown",
    "babble after message": "unknown",
}


@pytest.mark.parametrize(("does", "wanted"), ANSWERS.items())
def test_an_answer_is_what_is_known(post: Post, box: Postbox, does: str, wanted: str) -> None:
    """4xx is for later and 5xx for good; until the dot nothing was taken, after it who knows."""
    box.does["*"] = does
    said = post.send(message())
    assert said.result == wanted, said
    assert said.detail
    box.does = {}
    assert post.send(message()).result is Result.SENT, "and the next one goes"
    assert len(box.taken) == (2 if does in ("drop after message", "babble after message") else 1)


def long_message() -> Message:
    """One of 20 MB, which is more than any buffer on the way takes."""
    sent = message()
    return evolve(sent, mime=sent.mime + b"x" * 70 + (b"\r\n" + b"x" * 70) * 280_000)


@pytest.mark.parametrize("does", ["drop in message", "hang in message"])
def test_what_ends_before_the_dot_is_for_later(box: Postbox, does: str) -> None:
    """A long message that the server does not want to hear to its end was not taken."""
    with posting(box, 1.0) as post:
        box.does["*"] = does
        said = post.send(long_message())
        assert said.result is Result.RETRY, said
        assert box.taken == []


def test_a_refusal_before_the_end_is_one(box: Postbox) -> None:
    """A server that says 552 in the middle of a message has not taken it, for good."""
    with posting(box) as post:
        box.does["*"] = "early 552"
        assert post.send(long_message()).result in (Result.FAILED, Result.RETRY)
        assert box.taken == []


@pytest.mark.parametrize(
    ("does", "wanted"),
    [
        ("hang at once", "retry"),
        ("hang at mail", "retry"),
        ("hang at rcpt", "retry"),
        ("hang at data", "retry"),
        ("hang after message", "unknown"),
    ],
)
def test_a_server_that_hangs(box: Postbox, does: str, wanted: str) -> None:
    """It has the time that is set, for all of a message together."""
    with posting(box, 0.3) as post:
        box.does["*"] = does
        began = time.monotonic()
        said = post.send(message())
        assert said.result == wanted
        assert "no answer within 0.3 s" in said.detail
        assert time.monotonic() - began < 3


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[Postbox]:
    """A server that is hardly one: `serve` gets its only connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        box = Postbox()
        box.port = server.getsockname()[1]

        def run() -> None:
            taken, _ = server.accept()
            with taken:
                serve(taken)

        thread = threading.Thread(target=run)
        thread.start()
        yield box
        thread.join()


def test_a_server_that_drips(box: Postbox) -> None:
    """A byte now and then keeps nobody waiting for longer than is set."""

    def drip(line: socket.socket) -> None:
        try:
            while True:
                line.sendall(b"2")
                time.sleep(0.05)
        except OSError:
            return

    with listening(drip) as slow, posting(slow, 0.4) as post:
        began = time.monotonic()
        assert post.send(message()).result is Result.RETRY
        assert time.monotonic() - began < 2


def test_a_server_that_speaks_nonsense() -> None:
    """It is for later: somebody may have put another server at that port."""

    def talk(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with listening(talk) as web, posting(web) as post:
        assert post.send(message()).result is Result.RETRY


def test_nobody_at_the_port() -> None:
    """Nor is anybody there: later, perhaps."""
    nowhere = Postbox()
    nowhere.port = postbox.free_port()
    with posting(nowhere) as post:
        assert post.send(message()) == Delivery(
            result=Result.RETRY, detail="connecting: Connection refused"
        )


def test_a_name_that_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does a resolver that hangs hold anything up."""
    nowhere = Postbox()
    nowhere.port = 25
    with posting(nowhere, 0.3, host="mail.invalid") as post:
        monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: time.sleep(1.5) or [])
        began = time.monotonic()
        assert post.send(message()).result is Result.RETRY
        assert time.monotonic() - began < 1.2
    with posting(nowhere, 0.3, host="") as post:
        assert "host" in post.send(message()).detail


# --- connections -----------------------------------------------------------------------------


def test_one_connection_is_kept(post: Post, box: Postbox) -> None:
    """Also after a refusal, where the next message begins with RSET."""
    box.does["bo@example.dk"] = "rcpt 550"
    sent = [post.send(message(f"{name}@example.dk")) for name in ("anne", "bo", "carl", "dan")]
    assert [one.result.value for one in sent] == ["sent", "failed", "sent", "sent"]
    assert box.connections == 1
    assert box.commands == ["RSET"]
    post.close()
    post.close()
    assert post.send(message()).result is Result.SENT
    assert box.connections == 2


def test_a_connection_that_takes_no_more_is_left(post: Post, box: Postbox) -> None:
    """Some servers take so many messages on one, and then say 452 to every sender."""
    box.does["*"] = "mail 452"
    assert post.send(message()).result is Result.RETRY
    box.does = {}
    assert post.send(message()).result is Result.SENT
    assert box.connections == 2


def test_a_connection_whose_end_is_told_is_left(post: Post, box: Postbox) -> None:
    """What the server says between two messages is no answer to the second."""
    box.does["*"] = "close after message"
    assert [post.send(message()).result for _ in range(3)] == [Result.SENT] * 3
    assert box.connections == 3


def test_a_connection_that_broke_meanwhile_is_opened_again() -> None:
    """The server was started anew between two messages."""
    with open_postbox() as box, posting(box) as post:
        assert post.send(message()).result is Result.SENT
        port = box.port
        # The first server ends here, and with it the connection.
    with open_postbox(port=port) as again:
        assert post.send(message()).result is Result.SENT
        assert len(again.taken) == 1
        post.close()


def test_many_threads_at_once(post: Post, box: Postbox) -> None:
    """Each message goes once, to whom it is for."""
    names = [f"p{number:02}@example.dk" for number in range(40)]
    results: list[Result] = []

    def work(own: list[str]) -> None:
        results.extend(post.send(message(name)).result for name in own)

    threads = [threading.Thread(target=work, args=(names[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(results) == {Result.SENT}
    assert sorted(box.recipients) == names
    assert box.connections <= 4


# --- messages --------------------------------------------------------------------------------


def test_the_envelope_is_from_the_message(post: Post, box: Postbox) -> None:
    """The sender is that of its From, the one recipient whom it is for."""
    post.send(message("bo@example.dk"))
    assert box.taken[0][:2] == ("sekretariatet@example.dk", "bo@example.dk")


def test_the_bytes_arrive_as_they_are(post: Post, box: Postbox) -> None:
    """Dots at the start of lines, long lines and lone line ends; nothing ends a message early."""
    sent = message(text=".\n..\n.x\nFrom me\n" + "y" * 900 + "\n")
    post.send(sent)
    assert box.taken[0][2] == sent.mime
    smuggled = evolve(
        sent, mime=b".\r\n" + sent.mime + b"\n.\nMAIL FROM:<x@y.dk>\r.\r\r\n.\r\nRSET"
    )
    post.send(smuggled)
    assert len(box.taken) == 2, "it is one message still"
    assert box.taken[1][2].count(b"MAIL FROM") == 1
    for end in (b"\r", b"\n"):  # which some servers take for the end of a line
        assert end not in box.taken[1][2].replace(b"\r\n", b"")


def test_letters_that_smtp_does_not_have(box: Postbox) -> None:
    """An address in Danish letters needs a server that takes them; a domain never does."""
    with posting(box) as post:
        assert post.send(message("søren@example.dk")).result is Result.SENT
        assert post.send(message("anne@bolig-ærø.example")).result is Result.SENT
        assert box.recipients == ["søren@example.dk", "anne@xn--bolig-r-rxa7n.example"]
    with open_postbox(unicode=False) as old, posting(old) as post:
        said = post.send(message("søren@example.dk"))
        assert said.result is Result.FAILED
        assert "SMTPUTF8" in said.detail
        assert post.send(message("anne@bolig-ærø.example")).result is Result.SENT


def test_letters_are_needed_where_they_stand_in_an_address_or_header() -> None:
    """Those of a text go to any server. Staff mend a sender, so that is for later."""
    with open_postbox(unicode=False) as old, posting(old) as post:
        assert post.send(message(text="Kære Søren\n")).result is Result.SENT
        plain = message()
        lines = plain.mime.replace(b"\r\n", b"\n") + "Ærø\n".encode()
        assert post.send(evolve(plain, mime=lines)).result is Result.SENT
        for odd in (
            evolve(plain, sender="bødil@example.dk"),
            evolve(plain, mime="Reply-To: søren@bl.dk\r\n".encode() + plain.mime),
        ):
            said = post.send(odd)
            assert said.result is Result.RETRY
            assert said.detail.startswith("the sender holds letters")
            assert "SMTPUTF8" in said.detail
        assert len(old.taken) == 2


def test_a_contact_in_danish_letters_keeps_no_mail_from_going() -> None:
    """Nor a site in such letters: eventkit leaves both out of what the server must take."""
    event = evolve(testing.sample(), contact=Contact(name="Søren", email="søren@bl.dk"))
    written = mail.message(
        Letter(
            notice=Notice(
                key="1.1",
                kind=NoticeKind.CONFIRMATION,
                event=str(event.id),
                revision=1,
                recipient="trine@example.dk",
                due=AT,
            ),
            revision=evolve(testing.sample_revision(), event=event),
            registration=testing.sample_registration(),
        ),
        sender="post@example.dk",
        links=Links("s" * 40, "https://møder.dk"),
        templates=Templates(),
        at=AT,
    )
    with open_postbox(unicode=False) as old, posting(old) as post:
        assert post.send(written).result is Result.SENT


def test_a_domain_is_nobody_elses(post: Post, box: Postbox) -> None:
    """`ß` is a letter of its own (IDNA 2008); and one that cannot exist keeps no other mail."""
    said = post.send(evolve(message(), recipient="anne@i❤.example"))
    assert said.result is Result.FAILED
    assert "domain" in said.detail
    for domain in ("straße.example", "BØL.example", "a_b.example", "xn--bl-lka.example"):
        assert post.send(message(f"anne@{domain}")).result is Result.SENT
    assert [one.partition("@")[2] for one in box.recipients] == [
        "xn--strae-oqa.example",
        "xn--bl-lka.example",
        "a_b.example",
        "xn--bl-lka.example",
    ]


@pytest.mark.parametrize(
    "to",
    ["-", "anne", "anne@", "@example.dk", "a b\n@x.dk", "a@x.dk>\r\nDATA", "<a@x.dk>", "a@x y"],
)
def test_what_is_no_address_has_failed(post: Post, box: Postbox, to: str) -> None:
    """Before anybody is asked, and for good."""
    try:
        odd = message(to)
    except ValueError:  # a message cannot even be made for it
        return
    assert post.send(odd).result is Result.FAILED
    assert box.taken == []


def test_a_message_from_nobody_has_failed(post: Post) -> None:
    """SMTP wants one sender."""
    for sender in ("", "Sekretariatet", "post@exam ple.dk"):
        assert post.send(evolve(message(), sender=sender)).result is Result.FAILED


@pytest.mark.parametrize("does", ["rcpt 550", "rcpt 450"])
def test_no_address_stands_in_what_is_told(post: Post, box: Postbox, does: str) -> None:
    """Nor the name in front of it, which some servers repeat alone."""
    box.does["*"] = does
    detail = post.send(message("Trine.Ågård@example.dk")).detail
    assert "nobody called" in detail
    assert "trine" not in detail.lower()
    assert "@" not in detail


# --- encryption and login --------------------------------------------------------------------


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """Who signs certificates, and is trusted on this machine."""
    authority = trustme.CA()
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return authority


def certified(authority: trustme.CA, name: str = "localhost") -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    return context


LOGIN = {"host": "localhost", "user": "post", "password": "hemmelig"}


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_login_over_an_encrypted_connection(authority: trustme.CA, security: str) -> None:
    """As most providers want it; what is sent is the same."""
    with (
        open_postbox(**{security: certified(authority)}, password="hemmelig") as box,
        posting(box, security=Security(security), **LOGIN) as post,
    ):
        sent = message()
        assert [post.send(sent).result for _ in range(2)] == [Result.SENT] * 2
        assert box.connections == 1
        assert box.taken[0][2] == sent.mime
        box.does["*"] = "drop after message"
        assert post.send(sent).result is Result.UNKNOWN
        box.does["*"] = "drop at data"
        assert post.send(sent).result is Result.RETRY


def test_a_login_that_is_refused_is_for_later(authority: trustme.CA) -> None:
    """For staff mend the setting, and then everything goes; until then it says so."""
    with (
        open_postbox(starttls=certified(authority), password="noget andet") as box,
        posting(box, security=Security.STARTTLS, **LOGIN) as post,
    ):
        said = post.send(message())
        assert said.result is Result.RETRY
        assert said.detail.startswith("login refused, see user and password: 535")
        assert "hemmelig" not in said.detail


def test_a_login_that_is_lacking_is_for_later(authority: trustme.CA) -> None:
    """A server that wants one says 530 to the first command; nobody's mail is lost by that."""
    with (
        open_postbox(starttls=certified(authority), password="hemmelig") as box,
        posting(box, security=Security.STARTTLS, host="localhost") as post,
    ):
        said = post.send(message())
        assert said.result is Result.RETRY
        assert said.detail.startswith("see user, password and security: MAIL: 530")


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_here_trusts(
    authority: trustme.CA, security: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or one of another name: nothing is said to that server, least of all a password."""
    monkeypatch.delenv("SSL_CERT_FILE")
    with (
        open_postbox(**{security: certified(authority)}, password="hemmelig") as box,
        posting(box, security=Security(security), **LOGIN) as post,
    ):
        said = post.send(message())
        assert said.result is Result.RETRY
        assert "the certificate is not trusted" in said.detail
        assert box.taken == []


def test_a_certificate_of_another_name(authority: trustme.CA) -> None:
    """Somebody else's server is not ours, whoever signed for it."""
    with (
        open_postbox(starttls=certified(authority, "mail.example.org")) as box,
        posting(box, host="localhost", security=Security.STARTTLS) as post,
    ):
        assert "the certificate is not trusted" in post.send(message()).detail


def test_a_server_without_encryption(box: Postbox) -> None:
    """It is not spoken to in the clear where that was not asked for."""
    with posting(box, security=Security.STARTTLS) as post:
        said = post.send(message())
        assert said.result is Result.RETRY
        assert "STARTTLS" in said.detail
        assert box.taken == []


# --- as a plugin -----------------------------------------------------------------------------


def test_it_keeps_what_every_notifier_promises(box: Postbox) -> None:
    """eventkit's own conformance check."""
    settings = MailSettings(host="127.0.0.1", port=box.port, security=Security.NONE)
    [notifier] = plugin.eventkit_notifiers(settings)
    testing.check_notifier(notifier)


def loaded(table: dict[str, Any], **environment: str) -> Plugins:
    off = [one.name for one in Plugins.load().infos if one.name not in ("builtin", "mail")]
    return Plugins.load(off=off, settings={"mail": table}, environment=environment)


def test_its_settings_come_from_the_file_and_the_environment(box: Postbox) -> None:
    """The password from the environment; installed and not set up it troubles nobody."""
    variable = "EVENTKIT_PLUGINS__MAIL__PASSWORD"
    plugins = loaded({"host": "mail.example.dk", "user": "post"}, **{variable: "12345"})
    assert plugins._settings["mail"] == MailSettings(
        host="mail.example.dk", user="post", password="12345"
    )
    assert "12345" not in repr(plugins._settings["mail"])
    assert loaded({}).troubles == ()
    sent = loaded({"host": "127.0.0.1", "port": box.port, "security": "none"})
    assert sent.notify("smtp", message()).result is Result.SENT
    sent.hang_up("smtp")


def test_without_a_server_it_says_so() -> None:
    """Before the first mail; in both languages, and where to write it."""
    reason = loaded({}).lacks("smtp")
    assert reason is not None
    assert reason.text is not None
    assert all("host under [plugins.mail]" in reason.text[language] for language in ("da", "en"))
    plugins = loaded({"host": "mail.example.dk"})
    assert plugins.lacks("smtp") is None
    assert plugins.troubles == ()


@pytest.mark.parametrize(
    "table",
    [
        {"port": 0},
        {"port": "587"},
        {"security": "ssl"},
        {"timeout": 60},
        {"timeout": 0},
        {"user": "post", "security": "none"},
        {"pasword": "x"},
    ],
)
def test_settings_that_cannot_be(table: dict[str, Any]) -> None:
    """They are told when eventkit starts, not when the first mail should go."""
    with pytest.raises(SettingsError, match=r"plugins\.mail"):
        loaded({"host": "mail.example.dk", **table})


def test_the_budget_is_longer_than_a_message_may_take() -> None:
    """Or the core would give up first, and nobody would know what the server said."""
    from eventkit.plugins.guard import BUDGET

    assert BUDGET["notify"] > plugin.MOST
    assert BUDGET["close"] > plugin.GOODBYE
