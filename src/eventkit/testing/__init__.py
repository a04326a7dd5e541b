"""For plugin authors: strategies for every type of the model, filled examples, conformance checks.

::

    from hypothesis import given
    from eventkit import testing
    import my_plugin

    def test_my_exporters_keep_their_promises():
        for exporter in my_plugin.eventkit_exporters():
            testing.check_exporter(exporter)

    @given(testing.events())
    def test_my_rule_never_fails(event):
        list(my_plugin.my_rule(event))

Needs the extra ``testing`` (Hypothesis).
"""

from eventkit.testing.conformance import (
    check_check,
    check_exporter,
    check_importer,
    check_notifier,
)
from eventkit.testing.samples import (
    sample,
    sample_message,
    sample_registration,
    sample_revision,
)
from eventkit.testing.strategies import (
    CLOCK_CHANGES,
    STRATEGIES,
    acknowledgements,
    actors,
    agenda_items,
    befores,
    contacts,
    deadlines,
    emails,
    entries,
    events,
    extras,
    fees,
    findings,
    imported,
    invoices,
    json_objects,
    json_values,
    keys,
    lines,
    links,
    messages,
    moments,
    monies,
    notices,
    online_accesses,
    organisers,
    outcomes,
    people,
    places,
    programmes,
    prose,
    questions,
    reasons,
    registrations,
    revisions,
    seats,
    signups,
    times,
    venues,
    zones,
)

__all__ = [
    "CLOCK_CHANGES",
    "STRATEGIES",
    "acknowledgements",
    "actors",
    "agenda_items",
    "befores",
    "check_check",
    "check_exporter",
    "check_importer",
    "check_notifier",
    "contacts",
    "deadlines",
    "emails",
    "entries",
    "events",
    "extras",
    "fees",
    "findings",
    "imported",
    "invoices",
    "json_objects",
    "json_values",
    "keys",
    "lines",
    "links",
    "messages",
    "moments",
    "monies",
    "notices",
    "online_accesses",
    "organisers",
    "outcomes",
    "people",
    "places",
    "programmes",
    "prose",
    "questions",
    "reasons",
    "registrations",
    "revisions",
    "sample",
    "sample_message",
    "sample_registration",
    "sample_revision",
    "seats",
    "signups",
    "times",
    "venues",
    "zones",
]
