"""Settings of plugins: filled from their table and the environment, or told with their path."""

from __future__ import annotations

import textwrap
from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from eventkit.model.errors import SettingsError
from eventkit.plugins.manager import BUILTIN, Plugins

SOURCE = """
from __future__ import annotations
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
import attrs
from eventkit import Panel, hookimpl
eventkit_api = 1

class Way(StrEnum):
    SHORT = "short"
    LONG = "long"

@attrs.frozen
class Inner:
    host: str
    port: int = attrs.field(default=25, validator=attrs.validators.lt(65_536))
    open: bool = attrs.field(default=False, init=False)

@attrs.frozen(kw_only=True)
class Mine:
    who: str
    times: int = 1
    wait: float = 2.0
    loud: bool = False
    folder: Path | None = None
    names: list[str] = attrs.field(factory=list)
    way: Way = Way.SHORT
    server: Inner = Inner("localhost")
    amount: Decimal = Decimal(1)
    made: int = attrs.field(default=0, init=False)

eventkit_settings = Mine

@hookimpl
def eventkit_event_panels(settings):
    return Panel(title="Praktisk", text=repr(settings))
"""

PLAIN = """
from eventkit import Panel, hookimpl
eventkit_api = 1

@hookimpl
def eventkit_event_panels(settings):
    return Panel(title="Praktisk", text=f"{settings}")
"""


def load(folder: Path, source: str = SOURCE, **options: Any) -> Plugins:
    """The plugin called `my-mail` and the built-in one."""
    (folder / "my-mail.py").write_text(textwrap.dedent(source))
    installed = {info.name for info in Plugins.load().infos} - {BUILTIN}
    return Plugins.load(folder, installed, **options)


def filled(plugins: Plugins) -> Any:
    return plugins._settings["my-mail"]


def faults(folder: Path, source: str = SOURCE, **options: Any) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        load(folder, source, **options)
    return {fault.path: fault.code for fault in caught.value.faults}


def test_a_table_fills_the_class_and_every_hook_may_take_it(tmp_path: Path) -> None:
    """Text, numbers, paths, lists, choices and tables within; a whole number is a number too."""
    table = {
        "who": "Ærø",
        "times": 3,
        "wait": 5,
        "loud": True,
        "folder": "/srv",
        "names": ("a", "b"),
        "way": "long",
        "server": {"host": "smtp"},
    }
    plugins = load(tmp_path, settings={"my-mail": table})
    mine = filled(plugins)
    assert (mine.who, mine.times, mine.wait, mine.loud) == ("Ærø", 3, 5.0, True)
    assert (mine.folder, mine.names, mine.way) == (Path("/srv"), ["a", "b"], "long")
    assert (mine.server.host, mine.server.port) == ("smtp", 25)
    [info] = [one for one in plugins.infos if one.name == "my-mail"]
    assert info.settings[:3] == ("who", "times", "wait")
    assert plugins.troubles == ()


@pytest.mark.parametrize(
    ("table", "path", "code"),
    [
        ({"whoo": "x"}, "plugins.my-mail.whoo", "unknown_setting_near"),
        ({"zzz": 1}, "plugins.my-mail.zzz", "unknown_setting"),
        ({"times": "3"}, "plugins.my-mail.times", "not_int"),
        ({"times": True}, "plugins.my-mail.times", "not_int"),
        ({"wait": "2"}, "plugins.my-mail.wait", "not_float"),
        ({"who": 5}, "plugins.my-mail.who", "not_str"),
        ({"folder": 5}, "plugins.my-mail.folder", "not_str"),
        ({"names": "abc"}, "plugins.my-mail.names", "not_a_list"),
        ({"names": ["a", 5]}, "plugins.my-mail.names[1]", "not_str"),
        ({"way": "wide"}, "plugins.my-mail.way", "not_one_of"),
        ({"server": {"host": "x", "port": 99_999}}, "plugins.my-mail.server.port", "does_not_fit"),
        ({"server": {"host": "x", "prt": 1}}, "plugins.my-mail.server.prt", "unknown_setting_near"),
        ({"server": "x"}, "plugins.my-mail.server", "not_an_object"),
        ({"wait": float("nan")}, "plugins.my-mail.wait", "not_float"),
        ({"times": time(7, 32)}, "plugins.my-mail.times", "not_int"),
        ({"amount": "hello"}, "plugins.my-mail.amount", "not_float"),
        ({"amount": "NaN"}, "plugins.my-mail.amount", "not_float"),
        ({"amount": True}, "plugins.my-mail.amount", "not_float"),
        ({"amount": time(7, 32)}, "plugins.my-mail.amount", "not_float"),
        ({"made": 1}, "plugins.my-mail.made", "unknown_setting"),
        ({"maed": 1}, "plugins.my-mail.maed", "unknown_setting"),
        ({"server": {"host": "x", "open": 1}}, "plugins.my-mail.server.open", "unknown_setting"),
    ],
)
def test_what_is_wrong_is_a_fault_with_its_path(
    tmp_path: Path, table: dict[str, Any], path: str, code: str
) -> None:
    """As with every other setting, all at once, and with the key it looks like."""
    found = faults(tmp_path, settings={"my-mail": {"who": "x", **table}})
    assert found == {path: code}


@pytest.mark.parametrize("written", ["0.10", 0.1])
def test_an_amount_is_what_was_written(tmp_path: Path, written: object) -> None:
    """As text or as a number, and not what a float makes of it."""
    plugins = load(tmp_path, settings={"my-mail": {"who": "x", "amount": written}})
    assert repr(filled(plugins).amount) == repr(Decimal(str(written)))
    [info] = [one for one in plugins.infos if one.name == "my-mail"]
    assert "made" not in info.settings


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Those of a plugin, of tables nobody has, and of organisers."""
    found = faults(
        tmp_path,
        settings={"my-mail": {"times": "x", "wh": 1}, "my-mial": {}},
        off_for={"net": ["my-mail", "nope"]},
        environment={"EVENTKIT_PLUGINS__MY_MAIL__WHOO": "x"},
    )
    assert found == {
        "plugins.my-mail.who": "missing",
        "plugins.my-mail.times": "not_int",
        "plugins.my-mail.wh": "unknown_setting_near",
        "plugins.my-mial": "unknown_plugin",
        "organiser.net.plugins_off": "unknown_plugin",
        "EVENTKIT_PLUGINS__MY_MAIL__WHOO": "unknown_setting_near",
    }


@pytest.mark.parametrize(
    ("table", "keys"), [({}, "who"), ({"who": "x", "server": {}}, "server.host")]
)
def test_a_missing_key_switches_the_plugin_off(
    tmp_path: Path, table: dict[str, Any], keys: str
) -> None:
    """One sentence names the key and the file; nothing else is disturbed."""
    plugins = load(tmp_path, settings={"my-mail": table})
    [trouble] = plugins.troubles
    assert (trouble.plugin, trouble.code, trouble.doing) == ("my-mail", "plugin_unset", keys)
    assert trouble.detail == f"needs {keys} under [plugins.my-mail] in eventkit.toml"
    [info] = [one for one in plugins.infos if one.name == "my-mail"]
    assert (info.on, info.why) == (False, trouble)
    assert "who" in info.settings
    assert "ics" in plugins.exporters


def test_the_environment_comes_first(tmp_path: Path) -> None:
    """A password belongs there; what is no text is written as in TOML."""
    plugins = load(
        tmp_path,
        settings={"my-mail": {"who": "file", "times": 1}},
        environment={
            "EVENTKIT_PLUGINS__MY_MAIL__WHO": "42",
            "EVENTKIT_PLUGINS__MY_MAIL__TIMES": "42",
            "EVENTKIT_PLUGINS__MY_MAIL__LOUD": "true",
            "EVENTKIT_PLUGINS__MY_MAIL__FOLDER": "/srv",
            "EVENTKIT_PLUGINS__MY_MAIL__NAMES": '["a"]',
            "EVENTKIT_PLUGINS__MY_MAIL__AMOUNT": "1.5",
            "HOME": "/root",
        },
    )
    mine = filled(plugins)
    assert (mine.who, mine.times, mine.loud) == ("42", 42, True)
    assert (mine.folder, mine.names, mine.amount) == (Path("/srv"), ["a"], Decimal("1.5"))


def test_a_variable_of_the_wrong_type_is_a_fault(tmp_path: Path) -> None:
    """It is told under the key it stands for."""
    environment = {"EVENTKIT_PLUGINS__MY_MAIL__TIMES": "often"}
    found = faults(tmp_path, settings={"my-mail": {"who": "x"}}, environment=environment)
    assert found == {"plugins.my-mail.times": "not_int"}


def test_a_plugin_without_settings_takes_none(tmp_path: Path) -> None:
    """Its hooks get None, and a key for it is unknown."""
    plugins = load(tmp_path, PLAIN, settings={"my-mail": {}})
    assert filled(plugins) is None
    assert faults(tmp_path, PLAIN, settings={"my-mail": {"who": "x"}}) == {
        "plugins.my-mail.who": "unknown_setting"
    }
    environment = {"EVENTKIT_PLUGINS__MY_MAIL__WHO": "x"}
    assert faults(tmp_path, PLAIN, environment=environment) == dict.fromkeys(
        environment, "unknown_setting"
    )


def test_settings_of_a_plugin_that_is_off_are_let_be(tmp_path: Path) -> None:
    """Nobody knows its keys, and whoever switches it off need not empty its table."""
    (tmp_path / "my-mail.py").write_text(SOURCE)
    installed = {info.name for info in Plugins.load().infos} - {BUILTIN}
    plugins = Plugins.load(
        tmp_path,
        [*installed, "my-mail"],
        settings={"my-mail": {"zzz": 1}},
        environment={"EVENTKIT_PLUGINS__MY_MAIL__ZZZ": "x"},
    )
    assert plugins.troubles == ()


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("eventkit_settings = 5", "plugin_rubbish"),
        ("class Mine: pass\neventkit_settings = Mine", "plugin_rubbish"),
        ("@attrs.frozen\nclass Mine:\n    x: 'Nowhere'\neventkit_settings = Mine", "plugin_unload"),
        (
            "@attrs.frozen\nclass Mine:\n    x: int = 1\n"
            "    def __attrs_post_init__(self): raise SystemExit(3)\neventkit_settings = Mine",
            "plugin_unload",
        ),
    ],
)
def test_a_class_that_is_none_is_the_plugins_trouble(
    tmp_path: Path, source: str, code: str
) -> None:
    """It is named and off; a class that exits when it is filled takes nobody with it."""
    plugins = load(tmp_path, f"import attrs\neventkit_api = 1\n{source}\n")
    [trouble] = plugins.troubles
    assert trouble.plugin == "my-mail"
    assert trouble.code.startswith(code)
    [info] = [one for one in plugins.infos if one.name == "my-mail"]
    assert not info.on
