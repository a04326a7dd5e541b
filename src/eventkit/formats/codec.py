"""JSON documents <-> every type of the model, with the path of everything that is wrong.

One converter does it all:

- times are RFC 9557 text, deadlines ``2022-04-18``, an RFC 9557 time, ``-P3D`` or ``-PT36H``,
  amounts decimal text, bytes Base64;
- every field is written, so that a default can change without old documents changing;
- a document says its `version`; one of a newer version is refused, an older one is upgraded by pure
  functions before it is read;
- nothing is coerced: ``5`` is no text and ``"5"`` no number; an unknown or repeated key is a fault;
- every field's own rule is asked on its own, so one reading names all faults at once, each as a
  `Fault` with a path such as ``programme[3].ends``.
"""

from __future__ import annotations

import base64
import binascii
import difflib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import GenericAlias, NoneType
from typing import Any, TypeVar, get_args

import attrs
from cattrs import (
    ClassValidationError,
    Converter,
    ForbiddenExtraKeysError,
    IterableValidationError,
    IterableValidationNote,
)
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from eventkit.model.errors import DocumentError, EventkitError, Fault, ImpossibleError
from eventkit.model.values import (
    Before,
    Json,
    frozen_object,
    parse_deadline,
    parse_time,
    rfc9557,
)

T = TypeVar("T")

VERSION = 1

UPGRADES: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""For each older version a pure function from its documents to those of the next."""


def dumps(value: Any, *, indent: int | None = None) -> str:
    """The document of `value` as JSON text (UTF-8 characters unescaped)."""
    write = _write if indent is None else json.JSONEncoder(ensure_ascii=False, indent=indent).encode
    return write(to_data(value))


_write = json.JSONEncoder(ensure_ascii=False).encode


def loads(text: str | bytes, kind: type[T]) -> T:
    """The `kind` that the JSON `text` (UTF-8) describes; raises `DocumentError`."""
    return from_data(parse(text), kind)


def to_data(value: Any) -> dict[str, Any]:
    """The document of `value` as dictionaries, lists, text and numbers."""
    return {"version": VERSION, **_converter.unstructure(value)}


def from_data(data: Any, kind: type[T]) -> T:
    """The `kind` that the document `data` describes; raises `DocumentError` with every fault."""
    if not isinstance(data, Mapping):
        raise _error([Fault("", "not_an_object", "a document is a JSON object")])
    data = _upgraded(dict(data))
    try:
        return _converter.structure(data, kind)
    except (ClassValidationError, EventkitError) as error:
        raise _error(faults(error)) from None


def parse(text: str | bytes) -> Any:
    """The JSON in `text`, with repeated keys and NaN refused; raises `DocumentError`."""
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise _error([Fault("", "not_utf8", "the document is not UTF-8 text")]) from None
    except json.JSONDecodeError as error:
        where = {"line": error.lineno, "column": error.colno}
        said = f"not JSON at line {error.lineno}, column {error.colno}: {error.msg}"
        raise _error([Fault("", "not_json_text", said, where)]) from None
    except ImpossibleError as error:
        raise _error([_fault("", error)]) from None
    except RecursionError:
        raise _error([Fault("", "json_too_deep", "the document is nested too deep")]) from None
    except ValueError:  # Python refuses to read an integer of more than 4,300 digits
        raise _error([Fault("", "not_json_text", "a number is too long")]) from None


def put(value: T, path: str, new: Json) -> T:
    """`value` with `new` at `path` of its document, such as a finding's `fix` at its path.

    Raises `DocumentError` where the path leads nowhere or `new` does not fit.
    """
    data = to_data(value)
    steps = [name or int(index) for name, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path)]
    place: Any = data
    try:
        for step in steps[:-1]:
            place = place[step]
        place[steps[-1]]  # a path names something that is there
        place[steps[-1]] = _thawed(new)
    except (LookupError, TypeError):
        raise _error([Fault(path, "no_such_path", "the document has no such place")]) from None
    return from_data(data, type(value))


# --- faults ----------------------------------------------------------------------------------


def _error(faults: Any) -> DocumentError:
    return DocumentError(faults, code="bad_document")


def _fault(path: str, error: EventkitError) -> Fault:
    data = {key: value for key, value in error.data.items() if key != "path"}
    return Fault(path, error.code, str(error), data)


def faults(error: BaseException, path: str = "") -> Iterator[Fault]:
    """Everything that cattrs found wrong, each with its place below `path`."""
    match error:
        case ClassValidationError() | IterableValidationError():
            noted, bare = error.group_exceptions()
            for exception, note in noted:
                if isinstance(note, IterableValidationNote):
                    yield from faults(exception, f"{path}[{note.index}]")
                else:
                    yield from faults(exception, path + _dot(path, note.name))
            for exception in bare:
                inner = getattr(exception, "data", {}).get("path", "")
                yield from faults(exception, path + (_dot(path, inner) if inner else ""))
        case ForbiddenExtraKeysError():
            known = [attribute.name for attribute in attrs.fields(error.cl)]
            for key in sorted(error.extra_fields):
                near = difflib.get_close_matches(key, known, n=1)
                yield Fault(
                    path + _dot(path, key),
                    "unknown_key_near" if near else "unknown_key",
                    "unknown key" + (f"; did you mean {near[0]}?" if near else ""),
                    {"near": near[0]} if near else {},
                )
        case EventkitError():
            yield _fault(path, error)
        case KeyError():
            yield Fault(path, "missing", "is missing")
        case _:
            yield Fault(path, "does_not_fit", str(error))


def _dot(path: str, name: str) -> str:
    return f".{name}" if path else name


def _upgraded(data: dict[str, Any]) -> dict[str, Any]:
    version = data.pop("version", VERSION)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise _error([Fault("version", "not_a_version", "version is a whole number from 1")])
    if version > VERSION:
        said = f"the document is of version {version}; this eventkit reads up to {VERSION}"
        newest = {"version": version, "newest": VERSION}
        raise _error([Fault("version", "newer_version", said, newest)])
    for step in range(version, VERSION):
        data = UPGRADES[step](data)
    return data


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ImpossibleError(f"the key {twice!r} stands twice", code="key_twice", key=twice)
    return result


def _no_constant(name: str) -> Any:
    raise ImpossibleError(f"{name} is not a JSON number", code="not_json", type=name)


# --- the converter ---------------------------------------------------------------------------

_WORDS = {str: "text", bool: "true or false", int: "a whole number", float: "a number"}


def _strictly(kind: type) -> Callable[[Any, Any], Any]:
    def structure(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            raise _unfit(_WORDS[kind], "not_" + kind.__name__)
        return value

    return structure


def _unfit(wanted: str, code: str) -> ImpossibleError:
    return ImpossibleError(f"must be {wanted}", code=code)


def _text(value: Any, wanted: str, code: str) -> str:
    if not isinstance(value, str):
        raise _unfit(wanted, code)
    return value


def _enum(value: Any, kind: type[StrEnum]) -> StrEnum:
    options = [member.value for member in kind]
    if value not in options:
        raise ImpossibleError(
            f"must be one of {', '.join(options)}", code="not_one_of", options=", ".join(options)
        )
    return kind(value)


def _bytes(value: Any, _: Any) -> bytes:
    try:
        return base64.b64decode(_text(value, "Base64 text", "not_base64"), validate=True)
    except (binascii.Error, ValueError):
        raise _unfit("Base64 text", "not_base64") from None


def _decimal(value: Any, _: Any) -> Any:
    return _text(value, 'an amount in quotes, such as "250.00"', "not_an_amount")


def _is_deadline(kind: Any) -> bool:
    return kind is Before or set(get_args(kind)) - {NoneType} == {date, datetime, Before}


def _deadline(value: Any, kind: Any) -> Any:
    if value is None and kind is not Before:
        return None
    deadline = parse_deadline(_text(value, "a date, a time or a duration", "not_a_deadline"))
    if kind is Before and not isinstance(deadline, Before):
        raise _unfit("a duration before the start, such as -P3D", "not_a_duration")
    return deadline


def _said_deadline(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, Before):
        return str(value)
    return rfc9557(value) if isinstance(value, datetime) else value.isoformat()


def _is_object(kind: Any) -> bool:
    return getattr(kind, "__origin__", None) is Mapping


def _thawed(value: Any) -> Any:
    """Frozen JSON as the dictionaries and lists that `json` writes."""
    if isinstance(value, Mapping):
        return {key: _thawed(item) for key, item in value.items()}
    return [_thawed(item) for item in value] if isinstance(value, tuple) else value


def _asked(attribute: attrs.Attribute[Any], converter: Converter) -> Any:
    """An override that reads one field and asks its own rule, so that all faults show at once."""

    def structure(value: Any, kind: Any) -> Any:
        result = converter.structure(value, kind)
        if attribute.validator is not None:
            attribute.validator(None, attribute, result)
        return result

    return override(struct_hook=structure)


def _structure_class(kind: type, converter: Converter) -> Callable[[Any, Any], Any]:
    attrs.resolve_types(kind)
    build: Callable[[Any, Any], Any] = make_dict_structure_fn(
        kind,
        converter,
        _cattrs_forbid_extra_keys=True,
        _cattrs_detailed_validation=True,
        **{attribute.name: _asked(attribute, converter) for attribute in attrs.fields(kind)},
    )

    def structure(value: Any, wanted: Any) -> Any:
        if not isinstance(value, Mapping):
            raise _unfit("an object", "not_an_object")
        return build(value, wanted)

    return structure


def _structure_tuple(kind: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    wanted: Any = GenericAlias(list, get_args(kind)[:1])

    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise _unfit("a list", "not_a_list")
        return tuple(converter.structure(value, wanted))

    return structure


def _is_tuple(kind: Any) -> bool:
    return getattr(kind, "__origin__", None) is tuple


def _unstructure_class(kind: type, converter: Converter) -> Callable[[Any], Any]:
    attrs.resolve_types(kind)
    return make_dict_unstructure_fn(kind, converter)


def make_converter() -> Converter:
    """A converter of every type of the model, and of any attrs class made of such."""
    converter = Converter(detailed_validation=True, forbid_extra_keys=True)
    for kind in _WORDS:
        converter.register_structure_hook(kind, _strictly(kind))
    converter.register_structure_hook(StrEnum, _enum)  # nearer to each of ours than `str` is
    converter.register_structure_hook(
        datetime, lambda value, _: parse_time(_text(value, "a time", "not_a_time"))
    )
    converter.register_unstructure_hook(datetime, rfc9557)
    converter.register_structure_hook(Decimal, _decimal)
    converter.register_unstructure_hook(Decimal, str)
    converter.register_structure_hook(bytes, _bytes)
    converter.register_unstructure_hook(bytes, lambda value: base64.b64encode(value).decode())
    converter.register_structure_hook_factory(attrs.has, _structure_class)
    converter.register_unstructure_hook_factory(attrs.has, _unstructure_class)
    converter.register_structure_hook_factory(_is_tuple, _structure_tuple)
    converter.register_unstructure_hook_func(
        _is_tuple, lambda value: [converter.unstructure(item) for item in value]
    )
    converter.register_structure_hook_func(_is_object, lambda value, _: frozen_object(value))
    converter.register_unstructure_hook_func(_is_object, _thawed)
    converter.register_structure_hook_func(_is_deadline, _deadline)
    converter.register_unstructure_hook_func(_is_deadline, _said_deadline)
    converter.register_structure_hook(Any, lambda value, _: value)
    converter.register_unstructure_hook(Any, _thawed)
    return converter


_converter = make_converter()
