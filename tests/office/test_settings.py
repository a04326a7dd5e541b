"""Settings: where they come from, and everything that is wrong with them at once."""

from __future__ import annotations

import os
import stat
import sys
import threading
from pathlib import Path

import pytest

from eventkit.model.errors import SettingsError
from eventkit.office import settings
from eventkit.office.settings import Settings, contrast

SECRET = "0123456789" * 4


@pytest.fixture(autouse=True)
def _no_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("EVENTKIT_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def write(text: str) -> None:
    Path("eventkit.toml").write_text(text, "utf-8")


def faults(**given: object) -> dict[str, str]:
    """The code of each fault by its path."""
    with pytest.raises(SettingsError) as caught:
        Settings.read(**given)
    return {fault.path: fault.code for fault in caught.value.faults}


def test_nothing_set_is_the_defaults() -> None:
    """Without file, variables and arguments every setting has its default."""
    assert Settings.read() == Settings()


def test_the_command_line_comes_before_the_environment_before_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each source is asked only where the one before it is silent."""
    write('language = "en"\ndb = "sqlite:///file.db"\nzone = "Europe/London"')
    monkeypatch.setenv("EVENTKIT_DB", "sqlite:///variable.db")
    monkeypatch.setenv("EVENTKIT_LANGUAGE", "da")
    read = Settings.read(language="en", db=None)
    assert (read.language, read.db, read.zone) == ("en", "sqlite:///variable.db", "Europe/London")


def test_everything_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One reading names each fault with its path, and unknown keys with what they look like."""
    write(
        'bse_url = "x"\nlanguage = "sv"\nzone = "Mars/Olympus"\nsecret = "x"\ncolor = "red"\n'
        'plugins_off = [1]\nplugins_dir = "nowhere"\n[organiser.net]\nzonee = "UTC"\n'
        'color = "#ffff00"\n[plugins]\ndanish = 3'
    )
    monkeypatch.setenv("EVENTKIT_BASE_URL", "ftp://x")
    monkeypatch.setenv("EVENTKIT_DBB", "x")
    monkeypatch.setenv("EVENTKIT_SECRET", "short")
    assert faults() == {
        "EVENTKIT_DBB": "unknown_setting_near",
        "bse_url": "unknown_setting_near",
        "secret": "secret_too_short",
        "base_url": "not_a_site",
        "language": "not_one_of",
        "zone": "unknown_zone",
        "color": "not_a_color",
        "plugins_dir": "no_such_folder",
        "plugins_off": "not_a_list",
        "organiser.net.zonee": "unknown_setting_near",
        "organiser.net.color": "low_contrast",
        "plugins.danish": "not_a_table",
    }


def test_a_suggestion_is_the_key_as_it_is_written() -> None:
    """The near key is given in the spelling of the place it stands in."""
    write('bse_url = "x"')
    with pytest.raises(SettingsError) as caught:
        Settings.read()
    assert caught.value.faults[0].data == {"near": "base_url"}
    assert "did you mean base_url?" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"\xff\xfe\x00", "not_utf8"), (b"db = ", "not_toml"), (b"a = 1\na = 2", "not_toml")],
)
def test_a_file_that_is_no_settings_is_one_fault(content: bytes, code: str) -> None:
    """A broken file is named once, and the defaults are not held against it."""
    Path("eventkit.toml").write_bytes(content)
    assert faults() == {"eventkit.toml": code}


def test_a_secret_in_the_file_is_refused() -> None:
    """`eventkit.toml` is copied about; a secret there is none."""
    write(f'secret = "{SECRET}"')
    assert faults() == {"secret": "secret_in_file"}


def test_one_organiser_may_differ() -> None:
    """`[organiser.<slug>]` overrides what holds for everybody, and only what it names."""
    write('language = "da"\n[organiser.net]\nlanguage = "en"\ncolor = "#7a2e2e"')
    read = Settings.read()
    own, other = read.of("net"), read.of("andre")
    assert (own.language, own.color, own.zone) == ("en", "#7a2e2e", "Europe/Copenhagen")
    assert (other.language, other.color) == ("da", read.color)


def test_tables_of_plugins_are_handed_on_as_they_stand() -> None:
    """What a plugin means by its keys is its own affair."""
    write("[plugins.lines]\nseparator = ';'\nlist = [1, 2]")
    assert dict(Settings.read().plugins["lines"]) == {"separator": ";", "list": (1, 2)}


def test_what_no_plugin_can_be_handed_is_told_with_its_key() -> None:
    """A time of day, and what is no number."""
    write("[plugins.lines]\nat = 09:30:00\nmuch = nan\nfine = 1")
    with pytest.raises(SettingsError) as error:
        Settings.read()
    assert {fault.path for fault in error.value.faults} == {
        "plugins.lines.at",
        "plugins.lines.much",
    }


def test_plugins_may_be_off_for_one_organiser() -> None:
    """Names as for everybody; whether there are such plugins their loading tells."""
    write('[organiser.net]\nplugins_off = ["lines"]\n[organiser.andre]\nzone = "UTC"')
    read = Settings.read()
    assert read.of("net").plugins_off == ("lines",)
    assert read.plugins_off_for == {"net": ("lines",)}
    write("[organiser.net]\nplugins_off = 5")
    with pytest.raises(SettingsError) as caught:
        Settings.read()
    assert [(one.path, one.code) for one in caught.value.faults] == [
        ("organiser.net.plugins_off", "not_a_list")
    ]


def test_what_is_set_for_a_plugin_is_not_shown() -> None:
    """A password may be among it."""
    write("[plugins.lines]\npassword = 'hemmelig'")
    assert "hemmelig" not in repr(Settings.read())


def test_variables_of_plugins_are_for_them_to_know(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings know no plugin; a variable that nobody knows is told when plugins are loaded."""
    monkeypatch.setenv("EVENTKIT_PLUGINS__LINES__SEPARATOR", ";")
    assert dict(Settings.read().plugins) == {}


def test_names_in_the_environment_have_commas_between(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list is a list in the file, and names with commas in a variable."""
    monkeypatch.setenv("EVENTKIT_PLUGINS_OFF", "danish, lines,")
    assert Settings.read().plugins_off == ("danish", "lines")


def test_a_slash_at_the_end_of_the_address_goes() -> None:
    """`base_url` is joined with paths that begin with a slash."""
    assert Settings.read(base_url="https://x.dk/moeder/").base_url == "https://x.dk/moeder"


@pytest.mark.parametrize(
    ("site", "sender"),
    [
        ("", "eventkit@localhost"),
        ("https://moeder.example:8000/x", "eventkit@moeder.example"),
        ("https://møder.dk", "eventkit@xn--mder-gra.dk"),
        ("http://[::1]:8000", "eventkit@[IPv6:::1]"),
    ],
)
def test_mail_is_from_the_site_where_nobody_said(site: str, sender: str) -> None:
    """As an address holds its name: in ASCII, and a number of IPv6 in brackets."""
    assert Settings.read(base_url=site).sender_of(None) == sender


@pytest.mark.parametrize("site", ["https://i❤.example", "https://a(b).dk", "https://[::1"])
def test_a_site_is_where_mail_can_come_from(site: str) -> None:
    """Or each mail would be refused, one after the other; the setting is told once."""
    with pytest.raises(SettingsError) as caught:
        Settings.read(base_url=site)
    assert [(one.path, one.code) for one in caught.value.faults] == [("base_url", "not_a_site")]


def test_the_default_colour_can_be_read() -> None:
    """The accent everybody gets keeps the rule it is checked by; black on white is 21."""
    assert contrast(settings.DEFAULT_COLOR, settings.PAPER) >= settings.CONTRAST
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


# --- the secret ------------------------------------------------------------------------------


def test_the_secret_is_written_once_and_only_for_its_owner() -> None:
    """A second writing changes nothing; the file is 0600 whatever the umask."""
    old = os.umask(0)
    try:
        path = Path("eventkit.secret")
        assert settings.write_secret(path)
        first = path.read_text()
        assert not settings.write_secret(path)
    finally:
        os.umask(old)
    assert path.read_text() == first
    assert len(first.strip()) >= settings.SECRET_LENGTH
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Settings.read().secret == first.strip()
    assert list(Path().iterdir()) == [path]


def test_two_writers_at_once_agree_on_one_secret() -> None:
    """Exactly one of many makes the secret, and all read the same."""
    made: list[bool] = []
    path = Path("eventkit.secret").absolute()
    threads = [
        threading.Thread(target=lambda: made.append(settings.write_secret(path))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [False] * 7 + [True]


def test_the_environment_comes_before_the_file_of_the_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`EVENTKIT_SECRET` is used where it is set, and is not shown."""
    settings.write_secret(Path("eventkit.secret"))
    monkeypatch.setenv("EVENTKIT_SECRET", SECRET)
    read = Settings.read()
    assert read.secret == SECRET
    assert SECRET not in repr(read)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_a_secret_that_others_can_read_is_refused() -> None:
    """A secret that was copied carelessly is named before it is used."""
    path = Path("eventkit.secret")
    settings.write_secret(path)
    path.chmod(0o644)
    assert faults() == {"secret": "secret_open"}


def test_the_secret_lies_beside_the_database() -> None:
    """Not in the working folder, where another installation may have its own."""
    assert settings.secret_path("sqlite:////srv/moeder/a.db") == Path("/srv/moeder/eventkit.secret")
    assert settings.secret_path("postgresql://x/y") is None


def test_a_settings_file_is_never_changed() -> None:
    """What somebody wrote stands."""
    assert settings.write_file(Path(), "# ny\n")
    assert not settings.write_file(Path(), "# nyere\n")
    assert Path("eventkit.toml").read_text() == "# ny\n"
