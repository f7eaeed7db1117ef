"""Records of the first generation as PROV, so that they can be imported with all their values.

In: a record that `dkrz_forms_record` recognises. Out: a `Reading` with one bundle: for each step an
activity, its input, its output and its agent, as the record divides them, each value an attribute
named after its place. Secrets are dropped and noted.
"""

from urllib.parse import quote

from provstore.prov.model.bundle import Bundle, Element, Relation, Value
from provstore.prov.model.terms import LABEL
from provstore.prov.notations.input_file import InputFile
from provstore.prov.notations.provjson import Reading
from provstore.readers.dkrz_forms_record import STEPS, looks_like_record, read_record

NAMESPACE = "https://w3id.org/provstore/first-generation#"
_PARTS = {"activity": "activity", "agent": "agent", "entity_in": "entity", "entity_out": "entity"}
_RELATIONS = (
    ("used", ("activity", "entity_in")),
    ("wasGeneratedBy", ("entity_out", "activity")),
    ("wasAssociatedWith", ("activity", "agent")),
)
_ABSENT = {"used": 1, "wasGeneratedBy": 1, "wasAssociatedWith": 1}
"""Arguments of these relations that a record does not have: a time, a plan."""

__all__ = ["NAMESPACE", "looks_like_record", "record_as_prov"]


def record_as_prov(input_file: InputFile) -> Reading:
    """Return a record as a bundle whose name depends only on the bytes of the file.

    Raises:
        BadInput: the record has faults; lists them all.

    """
    parts = read_record(input_file)
    values: dict[tuple[str, ...], list[tuple[str, Value]]] = {("record",): []}
    for where, text in parts.kept:
        names = [name.replace("~1", "/").replace("~0", "~") for name in where.split("/")[1:]]
        split = names[:1] and names[0] in STEPS and names[1:2] and names[1] in _PARTS
        place = (names[0], names[1]) if split else ("record",)
        key = "/".join(quote(name, safe="") for name in names[len(place) if split else 0 :])
        values.setdefault(place, []).append((NAMESPACE + (key or "value"), Value(text)))
    elements = [
        Element(
            input_file.base + "/".join(place),
            (_PARTS.get(place[-1], "entity"),),
            ((LABEL, Value(" ".join(place))), *attributes),
        )
        for place, attributes in values.items()
    ]
    relations = [
        Relation(kind, (*(f"{input_file.base}{step}/{part}" for part in ends), *absent))
        for step in STEPS
        for kind, ends in _RELATIONS
        if all((step, part) in values for part in ends)
        for absent in [("",) * _ABSENT[kind]]
    ]
    prefixes = {"first": NAMESPACE}
    bundle = Bundle(input_file.base.rstrip("/"), tuple(elements), tuple(relations), prefixes)
    return Reading((bundle,), parts.notes)
