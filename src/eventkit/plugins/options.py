"""What may be set for a plugin: its own attrs class, filled from its table.

A plugin names ``eventkit_settings``, an attrs class. Its fields are the keys of
``[plugins.NAME]`` in ``eventkit.toml``: text, numbers, true or false, paths, one of a `StrEnum`,
lists of these, and further attrs classes for tables within. A field without a default must be set.
A `Decimal` may be text too, such as ``"0.10"``. A field with ``init=False`` is no key.

A value may come from ``EVENTKIT_PLUGINS__NAME__KEY`` instead, which is where a password belongs;
there a hyphen in a name is written ``_``. What is no text is written as in TOML, such as ``587``.

A field's validator is asked alone. What concerns two fields together belongs in
``__attrs_post_init__``.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from math import isfinite
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import attrs
from cattrs import ClassValidationError, Converter
from cattrs.cols import list_structure_factory

from eventkit.formats import codec
from eventkit.model.errors import EventkitError, Fault, ImpossibleError, SettingsError

VARIABLE = "EVENTKIT_PLUGINS__"
"""How every environment variable of a plugin begins."""


class UnsetError(Exception):
    """A plugin's settings lack `keys` that have no default."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.keys = tuple(keys)
        super().__init__(", ".join(self.keys))


def is_settings(kind: Any) -> bool:
    """Whether `kind` is what a plugin may name as ``eventkit_settings``."""
    return isinstance(kind, type) and attrs.has(kind)


def keys(kind: type[Any] | None) -> tuple[str, ...]:
    """What may be set, by name; nothing where there is no class."""
    return () if kind is None else tuple(one.name for one in attrs.fields(kind) if one.init)


def fill(kind: type[Any] | None, table: Mapping[str, Any], path: str) -> Any:
    """The `kind` that `table` describes; None where there is none.

    Raises `UnsetError` where all that is wrong is that something is missing, else `SettingsError`
    with every fault, its path below `path`.
    """
    if kind is None:
        wrong = [unknown_setting(f"{path}.{key}", key, ()) for key in table]
        if wrong:
            raise SettingsError(wrong, code="bad_settings")
        return None
    try:
        return _converter.structure(table, kind)
    except (ClassValidationError, EventkitError) as error:
        wrong = [_of_settings(fault, kind) for fault in codec.faults(error, path)]
        if all(fault.code == "missing" for fault in wrong):
            raise UnsetError(fault.path.removeprefix(f"{path}.") for fault in wrong) from None
        raise SettingsError(wrong, code="bad_settings") from None


def unknown_setting(path: str, name: str, known: Iterable[str], decorate: str = "{}") -> Fault:
    """A key nobody knows, with the known one that it looks like."""
    near = [decorate.format(one) for one in difflib.get_close_matches(name, known, n=1)]
    said = "unknown setting" + (f"; did you mean {near[0]}?" if near else "")
    code = "unknown_setting_near" if near else "unknown_setting"
    return Fault(path, code, said, {"near": near[0]} if near else {})


def _of_settings(fault: Fault, kind: type[Any]) -> Fault:
    """A fault of a document, as one of settings."""
    hidden = [one.name for one in attrs.fields(kind) if not one.init]
    if fault.data.get("near") in (fault.path.rpartition(".")[2], *hidden):  # which nobody can set
        return unknown_setting(fault.path, "", ())
    codes = {"unknown_key": "unknown_setting", "unknown_key_near": "unknown_setting_near"}
    return attrs.evolve(fault, code=codes.get(fault.code, fault.code))


# --- from the environment --------------------------------------------------------------------


def prefix(plugin: str) -> str:
    """How the environment variables of `plugin` begin."""
    return VARIABLE + re.sub(r"[^A-Z0-9]", "_", plugin.upper()) + "__"


def from_environment(
    kind: type[Any] | None, plugin: str, environment: Mapping[str, str]
) -> dict[str, Any]:
    """What the environment says of the settings of `plugin`, by key."""
    return {
        key: _read(environment[variable], attrs.fields_dict(attrs.resolve_types(kind))[key].type)
        for key, variable in variables(kind, plugin).items()
        if variable in environment and kind is not None
    }


def variables(kind: type[Any] | None, plugin: str) -> dict[str, str]:
    """The environment variable of each key."""
    return {key: prefix(plugin) + key.upper() for key in keys(kind)}


def _read(text: str, kind: Any) -> Any:
    kinds = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    if any(isinstance(one, type) and issubclass(one, str | Path) for one in kinds):
        return text
    try:
        return tomllib.loads(f"x = {text}")["x"]
    except tomllib.TOMLDecodeError:
        return text  # which the converter finds wrong, and says where


def strangers(
    environment: Mapping[str, str], known: Mapping[str, type[Any] | None], silent: Iterable[str]
) -> Iterator[Fault]:
    """A fault for each variable that is no setting of a plugin in `known`.

    Those of `silent` plugins, whose settings nobody could ask for, are let be.
    """
    names = {plugin: list(variables(kind, plugin).values()) for plugin, kind in known.items()}
    spared = tuple(prefix(plugin) for plugin in silent)
    for variable in sorted(environment):
        if not variable.startswith(VARIABLE) or variable.startswith(spared):
            continue
        near = [one for one in names if variable.startswith(prefix(one))] or names
        meant = [name for plugin in near for name in names[plugin]]
        if variable not in meant:
            yield unknown_setting(variable, variable, meant)


# --- the converter ---------------------------------------------------------------------------


def _number(value: Any, _: Any) -> float:
    if type(value) not in (int, float) or not isfinite(value):
        raise ImpossibleError("must be a number", code="not_float")
    return float(value)


def _decimal(value: Any, _: Any) -> Decimal:
    number = Decimal("NaN")
    if type(value) in (str, int, float):
        with suppress(InvalidOperation):
            number = Decimal(str(value))  # of 0.1 what was written, not what a float makes of it
    if not number.is_finite():
        raise ImpossibleError("must be a number", code="not_float")
    return number


def _path(value: Any, _: Any) -> Path:
    if not isinstance(value, str):
        raise ImpossibleError("must be text", code="not_str")
    return Path(value)


def _is_list(kind: Any) -> bool:
    return getattr(kind, "__origin__", None) is list


def _list(kind: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    """A list as strictly as a tuple: text is no list of letters."""
    build = list_structure_factory(kind, converter)

    def structure(value: Any, wanted: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise ImpossibleError("must be a list", code="not_a_list")
        return build(value, wanted)

    return structure


def _make_converter() -> Converter:
    converter = codec.make_converter()
    converter.register_structure_hook(float, _number)
    converter.register_structure_hook(Decimal, _decimal)
    converter.register_structure_hook(Path, _path)
    converter.register_structure_hook_factory(_is_list, _list)
    return converter


_converter = _make_converter()
