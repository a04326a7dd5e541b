"""What a prompt says of plugins: which there are, what each adds, and why one is off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from eventkit.formats.wording import Wording
from eventkit.plugins.guard import Trouble
from eventkit.plugins.manager import Plugins
from eventkit.plugins.registry import PluginInfo
from eventkit.terminal import FINE, Command, Session, as_json, pass_session, trouble_lines


@click.command(cls=Command, help="cli.help.plugins")
@as_json
@pass_session
def plugins(session: Session, as_json: bool) -> int:
    """The plugins, and what each provides."""
    found, w = session.plugins, session.words
    if as_json:
        session.say_json([_document(info, found, w) for info in found.infos])
        return FINE
    for info in found.infos:
        for line in _lines(info, w):
            session.say(line)
        for trouble in _troubles(info, found):
            session.told.append(trouble)
            for line in trouble_lines(trouble, w):
                session.say(f"  {line}")
    return FINE


def look_at_plugins(session: Session) -> int:
    """Whether every plugin that is wanted could be loaded; a line for each that could not."""
    whys = [info.why for info in session.plugins.infos if info.why is not None]
    session.told += whys
    lines = [line for why in whys for line in trouble_lines(why, session.words)]
    return session.fail(*lines) if lines else FINE


def _troubles(info: PluginInfo, found: Plugins) -> list[Trouble]:
    """What went wrong with a plugin, what switched it off last."""
    others = [one for one in found.troubles if one.plugin == info.name and one is not info.why]
    return others if info.why is None else [*others, info.why]


def _document(info: PluginInfo, found: Plugins, w: Wording) -> dict[str, Any]:
    return {
        "name": info.name,
        "version": info.version,
        "on": info.on,
        "why": _why(info, w),
        "provides": {sort: list(names) for sort, names in info.provides.items()},
        "overran": {sort: list(names) for sort, names in info.overran.items()},
        "settings": list(info.settings),
        "off_for": list(info.off_for),
        "troubles": [
            {"code": trouble.code, "doing": trouble.doing, "detail": trouble.detail}
            for trouble in _troubles(info, found)
        ],
    }


def _why(info: PluginInfo, w: Wording) -> str | None:
    """Why a plugin is off, in a sentence."""
    if info.on:
        return None
    return w("cli.plugins.unwanted") if info.why is None else " ".join(trouble_lines(info.why, w))


def _lines(info: PluginInfo, w: Wording) -> Iterator[str]:
    off = "" if info.on else f" ({w('cli.plugins.off')})"
    yield " ".join(filter(None, (info.name, info.version))) + off
    if not info.on and info.why is None:
        yield f"  {w('cli.plugins.unwanted')}"
    told = {
        **{_sort(sort, w): _names(info, sort, w) for sort in info.provides},
        w("cli.plugins.settings"): info.settings,
        w("cli.plugins.off_for"): info.off_for,
    }
    yield from (f"  {label}: {', '.join(names)}" for label, names in told.items() if names)


def _names(info: PluginInfo, sort: str, w: Wording) -> list[str]:
    """What a plugin provides of one sort, and which of these was too slow to be asked again."""
    slow = info.overran.get(sort, ())
    return [
        w("cli.plugins.overran", name=name) if name in slow else name
        for name in info.provides[sort]
    ]


def _sort(sort: str, w: Wording) -> str:
    match sort:
        case "exporters":
            return w("cli.plugins.exporters")
        case "importers":
            return w("cli.plugins.importers")
        case "notifiers":
            return w("cli.plugins.notifiers")
        case "checks":
            return w("cli.plugins.checks")
    return w("cli.plugins.hooks")
