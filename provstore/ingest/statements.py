"""Collect statements in any order and make a bundle of them.

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
    """Elements and relations, in any order and with repetitions."""

    def __init__(self) -> None:
        self._elements: list[Element] = []
        self._relations: list[Relation] = []

    def bundle(self, iri: str, prefixes: Mapping[str, str]) -> Bundle:
        """Return a bundle with all statements."""
        return Bundle(iri, tuple(self._elements), tuple(self._relations), prefixes)

    def element(
        self, iri: str, kind: str, label: str, cls: str, attributes: Attributes = ()
    ) -> str:
        """State an element with its label, class and attributes; return its IRI."""
        facts = ((LABEL, Value(label)), (TYPE, iri_value(cls)), *attributes)
        self._elements.append(Element(iri, (kind,), facts))
        return iri

    def describe(self, iri: str, kind: str, attributes: Attributes) -> None:
        """State an element with these attributes."""
        self._elements.append(Element(iri, (kind,), attributes))

    def mention(self, iri: str, kind: str = "entity") -> str:
        """State an element that other bundles describe; return its IRI."""
        self._elements.append(Element(iri, (kind,)))
        return iri

    def relate(self, kind: str, *arguments: str, attributes: Attributes = ()) -> None:
        """State a relation; "" stands for an absent argument."""
        self._relations.append(Relation(kind, arguments, "", attributes))

    def derive(self, later: str, earlier: str, activity: str, *, revision: bool = False) -> None:
        """State that the later entity was derived from the earlier one."""
        self.mention(earlier)
        kind = ((TYPE, iri_value(PROV + "Revision")),) if revision else ()
        self.relate("wasDerivedFrom", later, earlier, activity, "", "", attributes=kind)

    def use(self, activity: str, entity: str) -> None:
        """State that the activity used the entity."""
        self.relate("used", activity, self.mention(entity), "")

    def used_by(self, activity: str) -> str:
        """Return the last entity that this activity used, or ""."""
        used = (
            relation.arguments for relation in reversed(self._relations) if relation.kind == "used"
        )
        return next((entity for by, entity, _ in used if by == activity), "")


def attributes(facts: Iterable[tuple[str, object]]) -> Attributes:
    """Return named facts as attributes of our vocabulary; a list gives several values."""
    return tuple((INGEST + name, value) for name, fact in facts for value in _values(fact))


def iri_value(iri: str) -> Value:
    """Return an IRI as an attribute value."""
    return Value(iri, IRI)


def json_value(answer: object) -> Value:
    """Return a structured answer as an attribute value: its canonical JSON (`rdf:JSON`)."""
    return Value(canonical(answer), JSON)


def time_value(text: str) -> Value:
    """Return a time as an attribute value."""
    return Value(text, XSD + "dateTime")


def canonical(answer: object) -> str:
    """Write an answer as canonical JSON: equal answers give equal texts, in any order of keys."""
    return json.dumps(answer, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def utc(text: str) -> str:
    """Convert an instant to UTC, where both engines order and subtract such texts correctly."""
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
