"""The notebook in which a record is written: statements as they come to mind, a bundle at the end.

In: IRIs, labels, answers. Out: elements and relations. It knows PROV and how an answer becomes a
value, but not the life of an ingest.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from provstore.prov.model.bundle import IRI, Attributes, Bundle, Element, Relation, Value
from provstore.prov.model.terms import INGEST, LABEL, PROV, RDF, TYPE, XSD
from provstore.prov.model.utc_time import utc_text

JSON = RDF + "JSON"


class Statements:
    """Elements and relations, in any order and as often as they are said."""

    def __init__(self) -> None:
        self._elements: list[Element] = []
        self._relations: list[Relation] = []

    def bundle(self, iri: str, prefixes: Mapping[str, str]) -> Bundle:
        """All that was said, under one name."""
        return Bundle(iri, tuple(self._elements), tuple(self._relations), prefixes)

    def element(
        self, iri: str, kind: str, label: str, cls: str, attributes: Attributes = ()
    ) -> str:
        """Describe a thing; gives its IRI."""
        facts = ((LABEL, Value(label)), (TYPE, iri_value(cls)), *attributes)
        self._elements.append(Element(iri, (kind,), facts))
        return iri

    def mention(self, iri: str, kind: str = "entity") -> str:
        """Name a thing that others describe; gives its IRI."""
        self._elements.append(Element(iri, (kind,)))
        return iri

    def relate(self, kind: str, *arguments: str, attributes: Attributes = ()) -> None:
        """State a relation; absent arguments are ""."""
        self._relations.append(Relation(kind, arguments, "", attributes))

    def derive(self, later: str, earlier: str, activity: str, *, revision: bool = False) -> None:
        """State that the later entity was made from the earlier one."""
        self.mention(earlier)
        kind = ((TYPE, iri_value(PROV + "Revision")),) if revision else ()
        self.relate("wasDerivedFrom", later, earlier, activity, "", "", attributes=kind)

    def use(self, activity: str, entity: str) -> None:
        """State that the activity used the entity."""
        self.relate("used", activity, self.mention(entity), "")

    def used_by(self, activity: str) -> str:
        """What this activity used last, or ""."""
        used = (
            relation.arguments for relation in reversed(self._relations) if relation.kind == "used"
        )
        return next((entity for by, entity, _ in used if by == activity), "")


def attributes(facts: Iterable[tuple[str, object]]) -> Attributes:
    """Facts by their names as attributes of our vocabulary; a list gives several values."""
    return tuple((INGEST + name, value) for name, fact in facts for value in _values(fact))


def iri_value(iri: str) -> Value:
    """An IRI as an attribute value."""
    return Value(iri, IRI)


def json_value(answer: object) -> Value:
    """A structured answer as an attribute value: its canonical JSON (`rdf:JSON`)."""
    return Value(canonical(answer), JSON)


def time_value(text: str) -> Value:
    """A time as an attribute value."""
    return Value(text, XSD + "dateTime")


def canonical(answer: object) -> str:
    """An answer as one JSON text: the same for the same answer, in whatever order it came."""
    return json.dumps(answer, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def utc(text: str) -> str:
    """The same instant in UTC, where both engines order and subtract such texts rightly."""
    return utc_text(datetime.fromisoformat(text))


def _values(fact: object) -> list[Value]:
    if isinstance(fact, list):
        return [value for part in fact for value in _values(part)]
    if isinstance(fact, dict):
        return [json_value(fact)]
    if isinstance(fact, bool):
        return [Value(str(fact).lower(), XSD + "boolean")]
    if isinstance(fact, int):
        return [Value(str(fact), XSD + "integer")]
    if isinstance(fact, float):
        return [Value(repr(fact), XSD + "double")]
    return [Value(str(fact))]
