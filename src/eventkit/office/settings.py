"""What is set: one frozen `Settings`, read once, and everything wrong with it told at once.

A setting comes from the command line, else ``EVENTKIT_<NAME>``, else ``eventkit.toml`` in the
working folder, else its default. A key nobody knows is a fault, with the key it looks like.

``[organiser.<slug>]`` overrides `zone`, `language`, `color` and `sender` for one organiser, and
names plugins that are off for it. ``[plugins.<name>]`` is for the plugin of that name, which knows
its own keys and finds what is wrong in them (`eventkit.plugins.options`).

The `secret` signs personal links. It is ``EVENTKIT_SECRET`` or the file ``eventkit.secret`` beside
the database, which only its owner may read; it is never in ``eventkit.toml`` and never in the
database, because both are copied about.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

import typed_settings as ts
from attrs import field, fields, frozen
from typed_settings.loaders import DictLoader, Loader
from typed_settings.types import LoadedSettings, LoaderMeta, OptionList, SettingsClass

from eventkit.formats import mime
from eventkit.formats.wording import LANGUAGES
from eventkit.model.errors import Fault, ImpossibleError, SettingsError
from eventkit.model.values import DEFAULT_ZONE, frozen_json, zone
from eventkit.plugins.options import VARIABLE, unknown_setting

FILE = "eventkit.toml"
SECRET_FILE = "eventkit.secret"  # noqa: S105 (a file's name)
PREFIX = "EVENTKIT_"
DEFAULT_DB = "sqlite:///eventkit.db"
DEFAULT_COLOR = "#1f5f5b"

PAPER = "#fbf9f3"
"""The page's background, on which an accent colour must be readable."""

CONTRAST = 4.5
"""The least contrast of text (WCAG 2.2, 1.4.3)."""

SECRET_LENGTH = 32
_NOT_OURS = (PREFIX + "TEST_", VARIABLE)  # what the project's own tests read, and plugins


@frozen(kw_only=True)
class OrganiserSettings:
    """What holds for one organiser; None is as for everybody.

    The plugins in `plugins_off` are not asked about its events: no check, no veto, no panel.
    """

    zone: str | None = None
    language: str | None = None
    color: str | None = None
    sender: str | None = None
    plugins_off: tuple[str, ...] = ()


@frozen(kw_only=True)
class Settings:
    """Everything that can be set.

    `db` is the database's URL. `base_url` is where the site is seen from outside, without a slash
    at the end; "" where nobody said. `plugins_off` names plugins not to load. Mail goes out by the
    plugins' `notifier` of that name, from `sender`; `mail_templates` holds an organisation's own.
    """

    db: str = DEFAULT_DB
    base_url: str = ""
    language: str = LANGUAGES[0]
    zone: str = DEFAULT_ZONE
    color: str = DEFAULT_COLOR
    plugins_dir: Path | None = None
    plugins_off: tuple[str, ...] = ()
    notifier: str = "eml"
    sender: str = ""
    mail_templates: Path | None = None
    secret: str = field(default="", repr=False)
    organiser: Mapping[str, OrganiserSettings] = field(factory=dict, converter=MappingProxyType)
    plugins: Mapping[str, Mapping[str, Any]] = field(
        factory=dict, converter=MappingProxyType, repr=False
    )

    @classmethod
    def read(cls, *, folder: Path | None = None, **given: Any) -> Settings:
        """The settings in force, `given` ones (not None) first.

        `folder` holds ``eventkit.toml``; default is the working folder. Raises `SettingsError`
        with every fault.
        """
        faults: list[Fault] = list(_strange_environment())
        loaders: list[Loader] = [
            _File((folder or Path()) / FILE, faults),
            ts.EnvLoader(PREFIX),
            DictLoader({name: value for name, value in given.items() if value is not None}),
        ]
        return ts.load_settings(
            cls, loaders, processors=[_Checks(faults)], converter=_AlreadyChecked()
        )

    def of(self, organiser: str | None) -> OrganiserSettings:
        """What holds for the organiser with this slug, its own or everybody's."""
        own = self.organiser.get(organiser or "", OrganiserSettings())
        return OrganiserSettings(
            zone=own.zone or self.zone,
            language=own.language or self.language,
            color=own.color or self.color,
            sender=own.sender or self.sender,
            plugins_off=own.plugins_off,
        )

    @property
    def for_plugins(self) -> Mapping[str, Mapping[str, Any]]:
        """What is set for each plugin. Mail that is laid in files lies beside the database."""
        path = database_path(self.db)
        mails = str((Path() if path is None else path.parent) / "mails")
        return {**self.plugins, "builtin": {"mails": mails, **self.plugins.get("builtin", {})}}

    def sender_of(self, organiser: str | None) -> str:
        """Who mail about an organiser's events is from; one made of the site's name at last."""
        return self.of(organiser).sender or f"eventkit@{mime.host(self.base_url)}"

    @property
    def plugins_off_for(self) -> Mapping[str, tuple[str, ...]]:
        """The plugins that are off for one organiser, by slug."""
        return {slug: own.plugins_off for slug, own in self.organiser.items() if own.plugins_off}


# --- where settings come from ----------------------------------------------------------------

_KNOWN = [attribute.name for attribute in fields(Settings)]


def _strange_environment() -> Iterable[Fault]:
    for variable in sorted(os.environ):
        if not variable.startswith(PREFIX) or variable.startswith(_NOT_OURS):
            continue
        name = variable.removeprefix(PREFIX)
        if name.lower() not in _KNOWN or name != name.upper():
            known = [known.upper() for known in _KNOWN]
            yield unknown_setting(variable, name.upper(), known, PREFIX + "{}")


class _File:
    """The loader of ``eventkit.toml``: a typed-settings loader that names every unknown key."""

    def __init__(self, path: Path, faults: list[Fault]) -> None:
        self._path, self._faults = path, faults

    def __call__(self, settings_cls: SettingsClass, options: OptionList) -> LoadedSettings:
        return LoadedSettings(self._known(self._read()), LoaderMeta(str(self._path)))

    def _read(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except OSError as error:
            said = error.strerror or type(error).__name__
            self._faults.append(
                Fault(FILE, "unreadable_file", f"cannot be read: {said}", {"said": said})
            )
        except UnicodeDecodeError:
            self._faults.append(Fault(FILE, "not_utf8", "is not UTF-8 text"))
        except tomllib.TOMLDecodeError as error:
            said = str(error)
            self._faults.append(Fault(FILE, "not_toml", f"not TOML: {said}", {"said": said}))
        return {}

    def _known(self, data: dict[str, Any]) -> dict[str, Any]:
        for name in data:
            if name == "secret":
                said = f"the secret belongs in {PREFIX}SECRET or {SECRET_FILE}, not in {FILE}"
                self._faults.append(Fault(name, "secret_in_file", said))
            elif name not in _KNOWN:
                self._faults.append(unknown_setting(name, name, _KNOWN))
        return {name: value for name, value in data.items() if name in _KNOWN and name != "secret"}


class _AlreadyChecked:
    """The last step of typed-settings, where `_Checks` has converted every value."""

    def structure(self, value: Any, kind: Any) -> Any:
        return kind(**value) if kind is Settings else value

    def get_structure_hook(self, kind: Any) -> Any:
        raise LookupError(kind)  # typed-settings asks for a hook of its own for paths


# --- what they must be -----------------------------------------------------------------------

T = TypeVar("T")
_Rule: TypeAlias = Callable[[Any], Any]


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ImpossibleError("must be text", code="not_text")
    return value.strip()


def _language(value: Any) -> str:
    if value not in LANGUAGES:
        options = ", ".join(LANGUAGES)
        raise ImpossibleError(f"must be one of {options}", code="not_one_of", options=options)
    return str(value)


def _zone(value: Any) -> str:
    return zone(_text(value)).key


def _base_url(value: Any) -> str:
    if value == "":
        return ""
    text = _text(value).rstrip("/")
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", text, re.IGNORECASE) or not _host(text):
        raise ImpossibleError("must be an address such as https://example.dk", code="not_a_site")
    return text


def _host(site: str) -> str:
    """What stands for a site in mail; "" where none could be sent from there."""
    try:
        return mime.host(site)
    except ValueError:
        return ""


def _luminance(color: str) -> float:
    """Relative luminance (WCAG 2.2) of ``#rrggbb``."""

    def linear(pair: str) -> float:
        part = int(pair, 16) / 255
        return float(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(color[at : at + 2]) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast of two colours ``#rrggbb``, from 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _color(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise ImpossibleError("must be a colour such as #1f5f5b", code="not_a_color")
    ratio = contrast(value, PAPER)
    if ratio < CONTRAST:
        data = {"ratio": f"{ratio:.1f}".replace(".", ","), "least": f"{CONTRAST}".replace(".", ",")}
        raise ImpossibleError(
            f"has too little contrast: {ratio:.1f}:1, at least {CONTRAST}:1 is needed",
            code="low_contrast",
            **data,
        )
    return value.lower()


def _folder(value: Any) -> Path | None:
    path = value if value is None or isinstance(value, Path) else Path(_text(value))
    if path is not None and not path.is_dir():
        raise ImpossibleError(f"there is no folder {path}", code="no_such_folder", folder=str(path))
    return path


def _names(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):  # an environment variable: names and commas
        return tuple(name.strip() for name in value.split(",") if name.strip())
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        raise ImpossibleError("must be a list of names", code="not_a_list")
    return tuple(value)


def _secret(value: Any) -> str:
    text = _text(value)
    if len(text) < SECRET_LENGTH:
        raise ImpossibleError(
            f"must have at least {SECRET_LENGTH} characters",
            code="secret_too_short",
            least=SECRET_LENGTH,
        )
    return text


def _sender(value: Any) -> str:
    if value == "":
        return ""
    text = _text(value)
    if not re.fullmatch(r"([^<>@\r\n]+<)?[^\s<>@,;]+@[^\s<>@,;]+>?", text) or (
        ("<" in text) is not text.endswith(">")
    ):
        raise ImpossibleError("must be like Name <post@example.dk>", code="not_a_sender")
    return text


_RULES: Mapping[str, _Rule] = {
    "db": _text,
    "base_url": _base_url,
    "language": _language,
    "zone": _zone,
    "color": _color,
    "plugins_dir": _folder,
    "plugins_off": _names,
    "notifier": _text,
    "sender": _sender,
    "mail_templates": _folder,
}
_OF_ORGANISER: Mapping[str, _Rule] = {
    "zone": _zone,
    "language": _language,
    "color": _color,
    "sender": _sender,
    "plugins_off": _names,
}


class _Checks:
    """The processor that asks every rule, and raises one error for all that is wrong."""

    def __init__(self, faults: list[Fault]) -> None:
        self._faults = faults

    def __call__(
        self, settings_dict: dict[str, Any], settings_cls: SettingsClass, options: OptionList
    ) -> dict[str, Any]:
        checked = {
            name: self._ask(rule, settings_dict.get(name), name) for name, rule in _RULES.items()
        }
        checked["organiser"] = self._organisers(settings_dict.get("organiser", {}))
        checked["plugins"] = self._plugins(settings_dict.get("plugins", {}))
        checked["secret"] = self._secret(settings_dict.get("secret", ""), checked["db"])
        if self._faults:
            raise SettingsError(self._faults, code="bad_settings")
        return checked

    def _ask(self, rule: _Rule, value: Any, path: str) -> Any:
        try:
            return rule(value)
        except ImpossibleError as error:
            data = {key: item for key, item in error.data.items() if key != "path"}
            self._faults.append(Fault(path, error.code, str(error), data))
            return None

    def _tables(self, value: Any, path: str) -> Mapping[str, Mapping[str, Any]]:
        if not isinstance(value, Mapping):
            self._faults.append(Fault(path, "not_a_table", "must be a table"))
            return {}
        for name, table in value.items():
            if not isinstance(table, Mapping):
                self._faults.append(Fault(f"{path}.{name}", "not_a_table", "must be a table"))
        return {name: table for name, table in value.items() if isinstance(table, Mapping)}

    def _organisers(self, value: Any) -> dict[str, OrganiserSettings]:
        result = {}
        for slug, table in self._tables(value, "organiser").items():
            own = {}
            for name, item in table.items():
                path = f"organiser.{slug}.{name}"
                if name in _OF_ORGANISER:
                    own[name] = self._ask(_OF_ORGANISER[name], item, path)
                else:
                    self._faults.append(unknown_setting(path, name, _OF_ORGANISER))
            result[slug] = OrganiserSettings(**own)
        return result

    def _plugins(self, value: Any) -> dict[str, Mapping[str, Any]]:
        tables = self._tables(value, "plugins")
        return {
            name: {
                key: self._ask(frozen_json, value, f"plugins.{name}.{key}")
                for key, value in table.items()
            }
            for name, table in tables.items()
        }

    def _secret(self, value: Any, db: str | None) -> str:
        if value != "":
            return self._ask(_secret, value, "secret") or ""
        path = None if db is None else secret_path(db)
        if path is None:
            return ""
        try:
            if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
                said = f"others can read {path}; run: chmod 600 {path}"
                self._faults.append(Fault("secret", "secret_open", said, {"file": str(path)}))
                return ""
            return self._ask(_secret, path.read_text("ascii"), "secret") or ""
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError):
            said = f"{path} cannot be read"
            self._faults.append(Fault("secret", "secret_unreadable", said, {"file": str(path)}))
            return ""


# --- what `eventkit init` writes -------------------------------------------------------------


def database_path(db: str) -> Path | None:
    """The file that the URL `db` names, None where it names none."""
    match = re.fullmatch(r"sqlite(?:\+pysqlite)?:///([^?]+)(?:\?.*)?", db)
    return None if match is None or match[1] == ":memory:" else Path(match[1])


def secret_path(db: str) -> Path | None:
    """Where the secret lies: beside the database, never in it."""
    path = database_path(db)
    return None if path is None else path.parent / SECRET_FILE


def write_secret(path: Path) -> bool:
    """Make a secret at `path` that only its owner can read; False where there is one already."""
    if path.exists():
        return False
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(SECRET_LENGTH) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # whole or not at all, and never over another's
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def write_file(folder: Path, text: str) -> bool:
    """Write ``eventkit.toml`` into `folder`; False where there is one, which is never changed."""
    try:
        with (folder / FILE).open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True
