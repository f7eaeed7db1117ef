"""Takes a person out of a whole bundle, as others wrote it or as a journal of format 1 had it.

In: the PROV-JSON of a bundle, who is to be forgotten. Out: PROV-JSON. Pure. It replaces within
values that were parsed, never in the text of a notation, where a name may be written otherwise.
"""

import json
import re
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

from provstore.ingest.former_report import Named, named_by, people_in
from provstore.ingest.ingest_iris import IngestIris, former_person
from provstore.ingest.statements import canonical
from provstore.prov.model.bundle import IRI, Attributes, Bundle, Element, Relation, Value
from provstore.prov.model.terms import INGEST, LABEL, TYPE
from provstore.prov.notations import provjson

_NO_LIMIT = 1 << 40  # a text of the journal is read without a limit of length
_REDACTED = Value("redacted")
_NAMING = re.compile(
    r".*[/#:](?:label|name|fn|given_?name|family_?name|surname|nick|mbox|e?mail|has_?email|orcid)",
    re.IGNORECASE,
)
"""Properties by which people are named: those of PROV, FOAF, schema.org, vCard and others."""


class Forgotten(Protocol):
    """Who is to be forgotten; see `redaction_plan.Subject`."""

    @property
    def identifier(self) -> str:
        """The identifier of the person."""

    @property
    def label(self) -> str:
        """What stands where the name was."""

    @property
    def terms(self) -> tuple[str, ...]:
        """Names, addresses and ORCIDs."""

    @property
    def iris(self) -> tuple[str, ...]:
        """Full IRIs."""

    @property
    def namesakes(self) -> frozenset[Named]:
        """Who has the same name, as reports from before an upgrade name them."""

    @property
    def iris_of_namesakes(self) -> frozenset[str]:
        """The full IRIs of namesakes."""

    @property
    def pattern(self) -> re.Pattern[str]:
        """What finds the terms in a text."""

    def searched(self) -> list[str]:
        """Return the terms that are looked for in texts."""


class Described(NamedTuple):
    """A person as a document describes one: the full IRI, and what names the person.

    `key` is how the answers of a report in a journal of format 1 name the person.
    """

    iri: str
    names: frozenset[str]
    key: Named | None = None


def described_people(text: str, iris: IngestIris) -> Iterator[Described]:
    """Yield the agents that the PROV-JSON of a bundle describes, and the people in its answers."""
    bundle = _load(text)
    for element in bundle.elements:
        if "agent" in element.kinds:
            named = (value.text for key, value in element.attributes if _NAMING.fullmatch(key))
            yield Described(element.iri, frozenset(name.removeprefix("mailto:") for name in named))
        for value in element.values(INGEST + "answers"):
            for person in people_in(json.loads(value.text)):
                iri = iris.any(former_person(*person))
                yield Described(iri, frozenset(person) - {""}, person)


def without_person(text: str, subject: Forgotten, iris: IngestIris) -> str:
    """Return the PROV-JSON of a bundle without a person; unchanged if it does not mention one."""
    bundle = _load(text)
    people = {iri.lower() for iri in subject.iris}
    people |= {f"mailto:{term}".lower() for term in subject.terms if "@" in term}
    named = {element.iri for element in bundle.elements if _is_named(element, subject)}
    people |= {iri.lower() for iri in named - subject.iris_of_namesakes}
    known = iris.person(subject.identifier)
    eraser = _Eraser(subject, frozenset(people), known, _pattern_of_iris(subject))
    relations = ((relation, eraser.relation(relation)) for relation in bundle.relations)
    without = Bundle(
        bundle.iri,
        tuple(map(eraser.element, bundle.elements)),
        tuple(new for old, new in relations if old == new or not _says_nothing(new)),
    )
    prefixes = eraser.prefixes(bundle, without)
    if without == bundle and prefixes == bundle.prefixes:
        return text
    return provjson.dump(Bundle(bundle.iri, without.elements, without.relations, prefixes))


@dataclass(frozen=True)
class _Eraser:
    """Takes a person out of statements.

    `people` are the IRIs of the person in lower case, `known` is the IRI that stays.
    """

    subject: Forgotten
    people: frozenset[str]
    known: str
    in_iris: re.Pattern[str]

    def iri(self, iri: str) -> str:
        if iri.lower() in self.people:
            return self.known
        return self.in_iris.sub(self.subject.label.replace(" ", "-"), iri)

    def attributes(self, attributes: Attributes) -> Attributes:
        return tuple((key, self._value(value)) for key, value in attributes)

    def element(self, element: Element) -> Element:
        if element.iri in self.subject.iris_of_namesakes and "agent" in element.kinds:
            return element
        if element.iri.lower() not in self.people or "agent" not in element.kinds:
            attributes = self.attributes(element.attributes)
            return Element(self.iri(element.iri), element.kinds, attributes)
        about = {LABEL: Value(self.subject.label)}
        attributes = tuple(
            (key, value if key == TYPE else about.get(key, _REDACTED))
            for key, value in element.attributes
        )
        return Element(self.known, element.kinds, attributes)

    def relation(self, relation: Relation) -> Relation:
        kind, arguments, id_, attributes = relation
        return Relation(
            kind, tuple(map(self.iri, arguments)), self.iri(id_), self.attributes(attributes)
        )

    def prefixes(self, before: Bundle, after: Bundle) -> dict[str, str]:
        """Return the prefixes that tell nothing about the person."""
        gone = _iris(before) - _iris(after)
        used = _iris(after)

        def is_kept(namespace: str) -> bool:
            if self.in_iris.search(namespace):
                return False
            is_of_person = any(iri.startswith(namespace) for iri in gone)
            return not is_of_person or any(iri.startswith(namespace) for iri in used)

        return {prefix: name for prefix, name in before.prefixes.items() if is_kept(name)}

    def _value(self, value: Value) -> Value:
        if value.datatype == IRI:
            return value._replace(text=self.iri(value.text))
        subject = self.subject

        def without(part: str) -> str:
            return subject.pattern.sub(subject.label, part)

        return value._replace(text=mapped_text(value.text, without, subject.namesakes))


def mapped_text(text: str, replace: Callable[[str], str], namesakes: Container[Named] = ()) -> str:
    r"""Return a text after `replace`; if it is JSON, after `replace` of each text in it.

    Answers that name one of `namesakes` keep the name.

    >>> print(mapped_text(r'{"by": "\nAda"}', lambda part: part.replace("Ada", "she")))
    {"by":"\nshe"}
    """
    if text[:1] in ("{", "["):
        try:
            parsed = json.loads(text)
        except (ValueError, RecursionError):
            return replace(text)
        mapped = _mapped(parsed, replace, namesakes)
        return text if mapped == parsed else canonical(mapped)
    return replace(text)


def _mapped(part: Any, replace: Callable[[str], str], namesakes: Container[Named]) -> Any:
    if isinstance(part, str):
        return mapped_text(part, replace, namesakes)
    if isinstance(part, list):
        return [_mapped(inner, replace, namesakes) for inner in part]
    if isinstance(part, dict):
        mapped = {replace(key): _mapped(inner, replace, namesakes) for key, inner in part.items()}
        return {**mapped, "name": part["name"]} if named_by(part) in namesakes else mapped
    return part


def _load(text: str) -> Bundle:
    (bundle,) = provjson.load(text.encode(), limit=_NO_LIMIT).bundles
    return bundle


def _is_named(element: Element, subject: Forgotten) -> bool:
    """Whether an agent is described with a name or an address of the person."""
    terms = {term.lower() for term in subject.terms}
    return "agent" in element.kinds and any(
        value.text.lower().removeprefix("mailto:") in terms for _, value in element.attributes
    )


def _iris(bundle: Bundle) -> set[str]:
    """Return the IRIs of all things in a bundle."""
    names = {element.iri for element in bundle.elements}
    return names | {iri for relation in bundle.relations for iri in relation.arguments}


def _says_nothing(relation: Relation) -> bool:
    """Whether a person who had two names is said to be a specialization of themselves."""
    return relation.kind == "specializationOf" and len({*relation.arguments}) == 1


def _pattern_of_iris(subject: Forgotten) -> re.Pattern[str]:
    terms = {quote(term, safe="@:/-._~") for term in subject.searched()}
    any_term = "|".join(re.escape(term) for term in sorted(terms, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{any_term})(?!\w)" if any_term else r"(?!)", re.IGNORECASE)
