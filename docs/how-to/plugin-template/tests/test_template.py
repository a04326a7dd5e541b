"""The plugin keeps its promises, and does what it is for."""

from __future__ import annotations

import eventkit_template as plugin
from attrs import evolve

from eventkit import ExportRequest, testing

SETTINGS = plugin.TemplateSettings()


def test_it_keeps_the_promises_of_a_plugin() -> None:
    for exporter in plugin.eventkit_exporters(SETTINGS):
        testing.check_exporter(exporter)
    for check in plugin.eventkit_checks(SETTINGS):
        testing.check_check(check, prefix=plugin.eventkit_prefix)


def test_a_line_for_each_event() -> None:
    [exporter] = plugin.eventkit_exporters(SETTINGS)
    request = ExportRequest(revisions=(testing.sample_revision(),))
    said = exporter.write(request).decode()
    assert said == "21.04.2022 – Netværksmøde for sociale viceværter\n"


def test_a_long_title_is_seen() -> None:
    [check] = plugin.eventkit_checks(evolve(SETTINGS, longest=10))
    [finding] = check.check(testing.sample())
    assert (finding.code, finding.data["length"]) == ("TPL101", 35)
