"""Notifiers: whatever one does, there is a `Delivery` that says what is known."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path

import pytest
from attrs import evolve

from eventkit import testing
from eventkit.model.decision import Reason
from eventkit.model.errors import NotFoundError
from eventkit.plugins import builtin
from eventkit.plugins.guard import BUDGET, OVERRUNS
from eventkit.plugins.hooks import Delivery, Result
from eventkit.plugins.manager import BUILTIN, Plugins

HEAD = """
import asyncio, attrs, sys, time
from eventkit import Delivery, Notifier, Reason, Result, hookimpl
eventkit_api = 1
eventkit_prefix = "X"
HUNG_UP = []

@attrs.frozen
class Mine:
    says: str = "sendt"

eventkit_settings = Mine

@hookimpl
def eventkit_notifiers(settings):
    title = {"da": "Brevdue", "en": "Pigeon"}
    def send(message):
        BODY
    def lacks():
        LACKS
    return [Notifier(name="pigeon", title=title, send=send, close=lambda: CLOSES,
                     lacks=lacks)]
"""
MESSAGE = testing.sample_message()
Make = Callable[..., Plugins]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Plugins with one notifier, whose `send` does what is given."""

    def make(
        body: str,
        seconds: float = 5,
        lacks: str = "return None",
        closes: str = "HUNG_UP.append(1)",
    ) -> Plugins:
        source = HEAD.replace("BODY", textwrap.dedent(body).replace("\n", "\n        "))
        source = source.replace("LACKS", lacks).replace("CLOSES", closes)
        (tmp_path / "dovecote.py").write_text(source)
        installed = {info.name for info in Plugins.load().infos} - {BUILTIN}
        return Plugins.load(
            tmp_path,
            installed,
            budget={**BUDGET, "notify": seconds, "ready": 0.2},
            settings={"dovecote": {"says": "afsted"}},
        )

    return make


def test_what_it_answers_is_what_became_of_the_message(make: Make) -> None:
    """It gets its settings and the message, and is listed."""
    plugins = make("return Delivery(result=Result.SENT, detail=settings.says + message.key)")
    assert "pigeon" in plugins.notifiers
    assert plugins.notify("pigeon", MESSAGE) == Delivery(
        result=Result.SENT, detail=f"afsted{MESSAGE.key}"
    )
    [info] = [one for one in plugins.infos if one.name == "dovecote"]
    assert info.provides == {"notifiers": ("pigeon",)}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("raise ConnectionError('Anne Jensen')", "plugin_raised"),
        ("sys.exit(3)", "plugin_raised"),
        ("return None", "plugin_rubbish"),
        ("return 'sent'", "plugin_rubbish"),
        ("return Delivery(result='perhaps')", "plugin_raised"),
        ("return asyncio.sleep(0)", "plugin_rubbish"),
        (
            "class Sent(Delivery): pass\nreturn Sent(result=Result.SENT)",
            "plugin_rubbish",
        ),
        (
            "@attrs.frozen(kw_only=True)\nclass Sent(Delivery):\n    result: str = 'by air'\n"
            "return Sent()",
            "plugin_rubbish",
        ),
        (
            "sent = Delivery(result=Result.SENT)\nobject.__setattr__(sent, 'result', 'by air')\n"
            "return sent",
            "plugin_raised",
        ),
        ("message.key = 'x'", "plugin_raised"),
        ("time.sleep(30)", "plugin_overran"),
    ],
)
def test_trouble_is_unknown(make: Make, body: str, code: str) -> None:
    """Nobody knows whether it went; the culprit is named, the recipient is not."""
    plugins = make(body, 0.2)
    delivery = plugins.notify("pigeon", MESSAGE)
    assert delivery.result is Result.UNKNOWN
    assert delivery.detail.startswith(code)
    assert "Anne" not in delivery.detail
    assert [(one.plugin, one.code) for one in plugins.troubles] == [("dovecote", code)]


def test_one_that_is_switched_off_is_to_be_tried_again(make: Make) -> None:
    """After three overruns it is not asked: nothing went out, and that is known."""
    plugins = make("time.sleep(30)", 0.05)
    results = [plugins.notify("pigeon", MESSAGE).result for _ in range(OVERRUNS + 1)]
    assert results == [Result.UNKNOWN] * OVERRUNS + [Result.RETRY]
    assert "pigeon" not in plugins.notifiers
    plugins.hang_up("pigeon")
    with pytest.raises(NotFoundError) as caught:
        plugins.notify("dove", MESSAGE)
    assert caught.value.code == "unknown_notifier"


@pytest.mark.filterwarnings("error")  # of Python's, that nobody awaits it
def test_a_notifier_that_hangs_up_later_is_named(make: Make) -> None:
    """What it answers is not looked at, but an `async` one has done nothing."""
    plugins = make("return Delivery(result=Result.SENT)", closes="asyncio.sleep(0)")
    plugins.hang_up("pigeon")
    assert [(one.plugin, one.code) for one in plugins.troubles] == [("dovecote", "plugin_rubbish")]


def test_hanging_up_asks_the_notifier(make: Make) -> None:
    """And one that nobody has is nobody's."""
    plugins = make("return Delivery(result=Result.SENT)")
    plugins.hang_up("pigeon")
    plugins.hang_up("dove")
    assert plugins._manager.get_plugin("dovecote").HUNG_UP == [1]


def test_what_it_lacks_is_a_reason_of_its_own(make: Make) -> None:
    """In words, before anything is sent; one that lacks nothing has none."""
    words = '{"da": "Ingen due.", "en": "No pigeon."}'
    plugins = make("1 / 0", lacks=f'return Reason("X1", text={words})')
    reason = plugins.lacks("pigeon")
    assert reason is not None
    assert reason.text == {"da": "Ingen due.", "en": "No pigeon."}
    assert make("1 / 0").lacks("pigeon") is None
    assert plugins.lacks("eml") is None
    with pytest.raises(NotFoundError) as caught:
        plugins.lacks("dove")
    assert caught.value.code == "unknown_notifier"


@pytest.mark.parametrize(
    ("lacks", "code"),
    [
        ("sys.exit(3)", "plugin_raised"),
        ("time.sleep(30)", "plugin_overran"),
        ("return 'en due'", "plugin_rubbish"),
        ("return Reason('X1')", "plugin_unworded"),
        ("return Reason(None, text={'da': 'Nej.', 'en': 'No.'})", "plugin_raised"),
        ("return type('Mine', (Reason,), {})('X1')", "plugin_rubbish"),
        ("return Reason('Y1', text={'da': 'Nej.', 'en': 'No.'})", "plugin_unworded"),
    ],
)
def test_one_that_cannot_say_what_it_lacks_is_tried(make: Make, lacks: str, code: str) -> None:
    """And the plugin is named."""
    plugins = make("return Delivery(result=Result.SENT)", lacks=lacks)
    assert plugins.lacks("pigeon") is None
    assert [(one.plugin, one.code) for one in plugins.troubles] == [("dovecote", code)]


def test_a_folder_that_takes_no_file_lacks_that(tmp_path: Path) -> None:
    """It is a file, lies in one, leads nowhere or may not be made; to look makes none."""
    (file := tmp_path / "file").write_text("")
    (lost := tmp_path / "lost").symlink_to(tmp_path / "nowhere" / "else")
    (there := tmp_path / "there").mkdir()
    for folder in (file, file / "mails", lost, Path("/proc/mails")):
        [notifier] = builtin.eventkit_notifiers(builtin.BuiltinSettings(mails=folder))
        assert notifier.lacks() == Reason("mails_closed", {"folder": str(folder)})
        said = notifier.send(MESSAGE)
        assert said.result is Result.RETRY
        assert said.detail.startswith(f"{folder}: ")
    for folder in (there, there / "new" / "mails", Path("mails")):
        [notifier] = builtin.eventkit_notifiers(builtin.BuiltinSettings(mails=folder))
        assert notifier.lacks() is None
    assert list(there.iterdir()) == []


PLAIN = ["30-7-1.1", "26-1-12.3.booker", "a_b-1.1", "trial-20300425093000"]
ODD = ["ø1-1.1", "å1-1.1", "a\u030a1-1.1", "_1-1.1", "A-1.1", "a-1.1", "A-1:1", "..", ".a", "-"]
LONG = ["x" * 300 + "1", "x" * 300 + "2", "æ" * 300]


@pytest.fixture
def mails(tmp_path: Path) -> Plugins:
    """Plugins that lay mail down in a folder that is not there yet."""
    installed = {info.name for info in Plugins.load().infos} - {BUILTIN}
    return Plugins.load(off=installed, settings={BUILTIN: {"mails": str(tmp_path / "mails")}})


@pytest.mark.parametrize("key", PLAIN)
def test_a_file_is_called_after_its_notice(mails: Plugins, key: str, tmp_path: Path) -> None:
    """So staff find it by the number of the registration."""
    path = tmp_path / "mails" / f"{key}.eml"
    said = mails.notify("eml", evolve(MESSAGE, key=key))
    assert said == Delivery(result=Result.SENT, detail=str(path))
    assert path.read_bytes() == MESSAGE.mime


def test_no_two_notices_share_a_file(mails: Plugins, tmp_path: Path) -> None:
    """Nor where a file system takes `A` for `a`; the same one again is one file still."""
    keys = [*PLAIN, *ODD, *LONG]
    for key in (*keys, *keys):
        message = evolve(MESSAGE, key=key, mime=f"X-Key: {len(key)}\r\n\r\n{key}".encode())
        assert mails.notify("eml", message).result is Result.SENT, key
    paths = list((tmp_path / "mails").iterdir())
    assert len({path.name.casefold() for path in paths}) == len(paths)
    held = [message_from_bytes(path.read_bytes()).get_payload(decode=True) for path in paths]
    assert sorted(held) == sorted(key.encode() for key in keys)
    for path in paths:
        assert path.name.isascii()
        assert len(path.name) <= 140, "some file systems take no more"


def test_what_the_other_side_said_is_one_line() -> None:
    """A server's answer may be anything; a log and a page show it."""
    said = Delivery(
        result=Result.FAILED, detail="550 no\r\n  such\x1b[31m \u202euser\0" + "x" * 999
    )
    assert said.detail.startswith("550 no such [31m user x")
    assert len(said.detail) == 200
