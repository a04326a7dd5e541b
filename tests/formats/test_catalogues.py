"""The catalogues: every entry asked for is there, none is left over, and Danish is plain."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import attrs
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from eventkit.formats import mail
from eventkit.formats.wording import _STATE, wording
from eventkit.model.decision import Severity
from eventkit.model.event import Event
from eventkit.model.registration import NoticeKind, Standing
from eventkit.model.values import Answer, Before, Role
from eventkit.sending import STATES

SRC = Path(__file__).parents[2] / "src"
LOCALES = SRC / "eventkit" / "locales"
KEY = re.compile(r"[a-z_]+(\.[A-Za-z0-9_]+)+(?<!_)")
PUBLIC = ("deadline", "money", "page", "panel", "reason", "sentence", "state", "when")
CSV = ("id", "title", "kind", "date", "from", "to", "place", "deadline", "price", "organiser")


def catalogue(language: str) -> Catalog:
    with (LOCALES / language / "LC_MESSAGES" / "eventkit.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def entries(language: str) -> dict[str, tuple[str, ...]]:
    """Each key with its words, one for each plural form."""
    found = {}
    for message in catalogue(language):
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            words = message.string
            found[key] = (words,) if isinstance(words, str) else tuple(words)
    return found


DANISH, ENGLISH = entries("da"), entries("en")


def trees() -> Iterator[ast.AST]:
    for path in sorted([*SRC.rglob("*.py"), *SRC.parent.glob("plugins/*/src/**/*.py")]):
        yield ast.parse(path.read_text())


def asked_for() -> set[str]:
    """Every key the code and the templates can ask for."""
    prefixes = {key.split(".")[0] for key in DANISH}
    keys = {f"state.{name}" for name in _STATE.values()}
    keys |= {f"sentence.{name}" for name in _STATE.values() if name != "closed"}
    keys |= {f"sentence.{name}_because" for name in ("cancelled", "postponed")}
    keys |= {f"severity.{severity}" for severity in Severity}
    keys |= {f"csv.{column}" for column in CSV}
    keys |= {f"standing.{standing}" for standing in Standing}
    keys |= {f"role.{role}" for role in Role}
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if KEY.fullmatch(node.value) and node.value.split(".")[0] in prefixes:
                    keys.add(node.value)
            elif isinstance(node, ast.Call):
                keys |= coded(node)
    for path in (SRC / "eventkit_web").rglob("templates/**/*"):
        if path.is_file():
            found = re.findall(r"[\"']([a-z_]+\.[A-Za-z0-9_.]+)[\"']", path.read_text())
            keys |= {key for key in found if key.split(".")[0] in prefixes}
    return keys


def coded(call: ast.Call) -> set[str]:
    """The keys of the codes that a call of ours carries."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    keywords = {word.arg: word.value for word in call.keywords}
    first = call.args[0] if call.args else None
    if name == "Finding" and "text" not in keywords:
        return prefixed("finding", keywords.get("code"))
    if name == "Reason" and "text" not in keywords and len(call.args) < 3:
        return prefixed("reason", first or keywords.get("code"))
    if name == "_closed":  # the desk's own helper
        return prefixed("reason", first)
    if name == "at":  # the timeline's own helper
        return prefixed("moment", call.args[1] if len(call.args) > 1 else None)
    if name == "Fault":
        return prefixed("error", call.args[1] if len(call.args) > 1 else keywords.get("code"))
    if name == "_unfit":
        return prefixed("error", call.args[1])
    if name == "ask":
        return prefixed("error", keywords.get("failing"))
    if name == "blame":
        return prefixed("error", call.args[1] if len(call.args) > 1 else None)
    if name in ("refuse", "_refuse"):  # how the readers of calendars raise
        return prefixed("error", first)
    if name in ("note", "_note_once"):  # how they find
        codes = [arg for arg in call.args if str(getattr(arg, "value", "")).startswith("EK")]
        return {key for arg in codes for key in prefixed("finding", arg)}
    if name in ("DocumentError", "SettingsError"):
        return set()  # said fault by fault
    if name.endswith("Error") or name == "failed":
        return prefixed("error", keywords.get("code"))
    return set()


def prefixed(prefix: str, node: ast.expr | None) -> set[str]:
    values = [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]
    constants = [value.value for value in values if isinstance(value, ast.Constant)]
    return {f"{prefix}.{value}" for value in constants if isinstance(value, str)}


VARIANTS = re.compile(
    r"(?P<base>finding\.EK\d+(?=_\w+)|reason\.\w+(?=_(?:room|online|pending)$)|error\.\w+(?=_db$)).+"
)


def test_every_word_that_is_asked_for_is_there() -> None:
    """No key is asked for that the Danish catalogue lacks."""
    covered = set(DANISH) | {m["base"] for key in DANISH if (m := VARIANTS.fullmatch(key))}
    assert sorted(asked_for() - covered) == []


def test_no_entry_is_left_over() -> None:
    """An entry that nothing asks for is stale."""
    asked = asked_for()
    stale = {key for key in DANISH if key not in asked}
    stale -= {key for key in stale if (m := VARIANTS.fullmatch(key)) and m["base"] in asked}
    assert sorted(stale - DYNAMIC) == []


def fields_of(kind: Any) -> Iterator[tuple[str, Any]]:
    """Every field that a path into a document of `kind` can name, with its type."""
    if not attrs.has(kind):
        for inner in get_args(kind):
            yield from fields_of(inner)
    elif kind is not Before:  # in a document that is text
        for field in attrs.fields(attrs.resolve_types(kind)):
            yield field.name, field.type
            yield from fields_of(field.type)


FIELDS = {"version", *(name for name, _ in fields_of(Event))}
LISTS = {name for name, kind in fields_of(Event) if getattr(kind, "__origin__", None) is tuple}


def test_every_field_of_an_event_has_a_name() -> None:
    """Whoever is told what is wrong, or what has changed, is told where in words."""
    assert {"starts", "amount", "sensitive"} < FIELDS
    assert {"programme", "speakers", "options"} < LISTS
    keys = {*(f"field.{name}" for name in FIELDS), *(f"part.{name}" for name in LISTS)}
    assert sorted(keys - set(DANISH)) == []


DYNAMIC = {
    *(f"field.{name}" for name in FIELDS),
    *(f"part.{name}" for name in {"events", *LISTS}),
    *(f"cli.answer.{answer}" for answer in Answer),
    *(f"cli.answer.{code}" for code in ("answer_missing", "consent_missing")),
    *(f"mail.{name}.{part}" for name in mail.VARIANTS for part in ("subject", "text")),
    *(f"mail.change.{name}" for name in ("published", "postponed", "cancelled")),
    *(f"mail.change.{name}" for name in ("online", "contact", "fees", "no_show_fee")),
    *(f"mail.change.{name}_deadline" for name in ("edit", "substitute", "cancel")),
    *("mail.layout", "mail.layout_reminder", "mail.mode_room", "mail.mode_online"),
    *(f"mail.count.{name}" for name in mail._COUNTED),
    *(f"notice.{kind}" for kind in NoticeKind),
    *(f"cli.tick.{state}" for state in ("sent", "owed", "failed", "unknown", "withdrawn")),
    *(f"cli.tick.left_{state}" for state in ("failed", "unknown", "held")),
    *(f"cli.state.{state}" for state in STATES),
    *(key for key in DANISH if re.fullmatch(r"cli\.metavar\.[A-Z]{3,}", key)),
    *("error.base_url_missing", "error.secret_missing"),
    *("error.unknown_setting", "error.unknown_setting_near"),
    *("error.unknown_place_file", "error.bad_braces_file"),
    "error.plugin_raised",  # the default of `Guard.ask`
    *(f"error.not_{kind}" for kind in ("str", "bool", "int", "float")),
}
"""Keys made at run time, as in `codec._strictly` and `mail`."""


def test_both_languages_say_the_same_things() -> None:
    """The catalogues have the same keys, and each entry the same placeholders."""
    assert sorted(DANISH) == sorted(ENGLISH)
    for key, words in DANISH.items():
        assert all(words), key
        assert all(ENGLISH[key]), key
        assert len(words) == len(ENGLISH[key]), key
        assert placeholders(words) == placeholders(ENGLISH[key]), key


def placeholders(forms: tuple[str, ...]) -> set[str]:
    names = {name for form in forms for _, name, _, _ in string.Formatter().parse(form) if name}
    return names - {"who", "whom"}  # which languages say in different places


FILLED = {"money": {"amount": "250", "currency": "DKK"}, "number": 250, "": "250 kr."}
NOON = datetime(2022, 4, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize("language", ["da", "en"])
def test_no_sentence_ends_twice(language: str) -> None:
    """Whatever stands in an entry may be money, or another abbreviation with a full stop."""
    words = wording(language)
    for key, forms in (DANISH if language == "da" else ENGLISH).items():
        places = [
            (name, form) for entry in forms for _, name, form, _ in string.Formatter().parse(entry)
        ]
        data = {name: FILLED.get(form or "", NOON) for name, form in places if name}
        numbers = (1, 2) if len(forms) > 1 else ()
        said = [words.count(key, n, **{**data, "n": n}) for n in numbers] or [words(key, **data)]
        for sentence in said:
            assert ".." not in sentence, key
            assert sentence.count("250") <= len(places)
    fee = {"who": "Anne", "fee": FILLED["money"]}
    if language == "da":
        assert words("reason.fee_higher", **fee).startswith(
            "For Anne koster et afbud nu 250 kr. Tryk igen"
        )


def test_no_entry_is_fuzzy() -> None:
    """Nobody ships a guess."""
    for language in ("da", "en"):
        assert [m.id for m in catalogue(language) if m.fuzzy and m.id] == []


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_compiled_catalogue_is_current(language: str) -> None:
    """What is read at run time is what the source says."""
    with (LOCALES / language / "LC_MESSAGES" / "eventkit.mo").open("rb") as file:
        compiled = {
            (m.id if isinstance(m.id, str) else m.id[0]): m.string for m in read_mo(file) if m.id
        }
    source = DANISH if language == "da" else ENGLISH
    said = {key: (w,) if isinstance(w, str) else tuple(w) for key, w in compiled.items()}
    assert said == source


def sentences(words: str) -> list[str]:
    """The whole sentences of an entry; a label without a full stop has none."""
    plain = re.sub(r"\{[^}]*\}", "navn", words).replace("kl. ", "kl ").replace("fx ", "")
    return [part.strip() for part in re.findall(r"[^.!?:]+[.!?:]", plain) if " " in part.strip()]


def public_sentences() -> list[tuple[str, str]]:
    return [
        (key, sentence)
        for key, forms in DANISH.items()
        if key.split(".")[0] in PUBLIC
        for form in forms
        for sentence in sentences(form)
    ]


def lix(texts: list[str]) -> float:
    """Björnsson's readability index: mean sentence length plus the share of long words."""
    words = [word for text in texts for word in re.findall(r"\w+", text)]
    long = [word for word in words if len(word) > 6]
    return len(words) / len(texts) + 100 * len(long) / len(words)


def test_public_danish_is_easy_to_read() -> None:
    """At most 15 words a sentence, LIX 35 at most, no abbreviations that trip weak readers."""
    said = public_sentences()
    assert said
    assert [(key, text) for key, text in said if len(re.findall(r"\w+", text)) > 15] == []
    assert lix([text for _, text in said]) <= 35
    for key, forms in DANISH.items():
        if key.split(".")[0] in PUBLIC:
            assert not re.search(r"\b(ift|mhp|evt)\.", " ".join(forms)), key


def test_lix_knows_hard_from_easy() -> None:
    """The measure itself tells bureaucratic Danish from plain."""
    hard = "Tilmeldingsbekræftelsen fremsendes efterfølgende elektronisk til tilmeldingsadressen."
    assert lix([hard]) > 50 > lix(["Vi har sendt dig en mail."])
