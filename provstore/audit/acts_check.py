"""Checks the tables of acts and of redacted people against the entries of the acts.

In: the entries of acts, the tables. Out: faults. It changes nothing.
"""

import json
from collections.abc import Iterable, Iterator, Sequence

from provstore.ingest.journal_acts import AMENDMENT, REDACTION
from provstore.prov.model.terms import LABEL
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import Entry
from provstore.storage.personal_data import PersonalData

_LABEL = "redacted person "


def is_replacing_act(entry: Entry) -> bool:
    """Whether an entry is an act that replaced values."""
    ends = tuple(f"/act/{act}/{entry.position}/bundle" for act in (REDACTION, AMENDMENT))
    return entry.content.startswith("{") and entry.bundle.endswith(ends)


def is_redaction(entry: Entry) -> bool:
    """Whether an entry is an act that redacted values."""
    return entry.bundle.endswith(f"/act/{REDACTION}/{entry.position}/bundle")


def faults_of_acts(personal: PersonalData, acts: Sequence[Entry]) -> Iterator[str]:
    """Yield how the tables of acts and of redacted people differ from the entries of the acts."""
    replacing = {entry.position for entry in acts}
    works = personal.replacements()
    for position in sorted(replacing ^ works.keys()):
        yield f"The table of acts differs from the entries at position {position}."
    for position, work in works.items():
        if work and not is_work(work):
            yield f"The table of acts does not say what is left to do for entry {position}."
    stated = redacted_people(acts)
    for number, identifier in sorted(stated ^ {*personal.redacted()}):
        yield f"The table of redacted people differs from the acts: {number}, {identifier!r}."


def redacted_people(acts: Iterable[Entry]) -> set[tuple[int, str]]:
    """Return the numbers and the identifiers of those whom these acts redacted."""
    return {
        (int(value.text.removeprefix(_LABEL)), element.iri.rpartition("/")[2])
        for entry in acts
        for element in bundle_of(entry).elements
        for value in element.values(LABEL)
        if "agent" in element.kinds and value.text.startswith(_LABEL)
    }


def is_work(text: str) -> bool:
    """Whether a text says what is left to do for an act."""
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False
