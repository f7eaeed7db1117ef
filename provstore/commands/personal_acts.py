"""Records acts that replace personal values: a redaction, or an amendment of a person.

In: an open journal, replacements, who does it and why. Out: an entry that names each replaced value
with a commitment to what is there now. All hashes of the chain still fit.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.journal_acts import Act, act_bundle, act_bundle_iri
from provstore.ingest.personal_values import Concealer
from provstore.ingest.redaction_plan import Replacement
from provstore.ingest.statements import Statements
from provstore.projects.forms import Form
from provstore.prov.model.utc_time import utc_now
from provstore.prov.notations import provjson
from provstore.storage.journal import Journal


@dataclass(frozen=True)
class PersonalAct:
    """An act: its name, its form with the answers, and what is left to do beside the journal.

    `work` has `terms` to look for, and the `ingests` and `attachments` that are affected. `about`
    is the identifier of the person whom the answers are about, or "".
    """

    name: str
    form: Form
    answers: Mapping[str, Any]
    replaced: Sequence[Replacement]
    work: Mapping[str, Sequence[str]]
    about: str = ""


More = Callable[[Statements, str, Concealer], None]
"""Adds statements; gets the IRI of the activity, and what conceals personal values."""


def _nothing_more(_statements: Statements, _activity: str, _concealer: Concealer) -> None:
    pass


def record_act(
    journal: Journal, act: PersonalAct, iris: IngestIris, more: More = _nothing_more
) -> int:
    """Replace the values and append the act, within `writing`; return its position."""
    personal, position = journal.personal, journal.head().position + 1
    replaced = [(at, reference, personal.replace(position, (at, reference, text)))
                for at, reference, text in act.replaced]  # fmt: skip
    iri = act_bundle_iri(act.name, position, iris)
    concealer = personal.concealer(iri)
    person = iris.person(concealer.agent(act.answers["agent"]))
    answers = concealer.answers(act.form.fields, act.answers, act.about)
    facts = Act(act.name, position, utc_now("microseconds"), answers, person, replaced)

    def state_more(statements: Statements, activity: str) -> None:
        more(statements, activity, concealer)

    bundle = act_bundle(facts, act.work.get("attachments", ()), iris, state_more)
    journal.append(iri, iri, "", provjson.dump(bundle), concealer)
    personal.begin_work(position, json.dumps(act.work))
    return position
