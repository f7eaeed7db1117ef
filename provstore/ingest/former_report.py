"""A report as a journal of format 1 had it: its whole text is one personal value.

In: its answers or its PROV-JSON, what people are called from now on. Out: who is named in it, or
another edition of it. Pure. It leaves free texts alone: nobody knows which words in them are meant.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

from provstore.ingest.personal_values import PREFIXES
from provstore.ingest.statements import canonical
from provstore.prov.model.bundle import IRI, Bundle, Element, Value
from provstore.prov.model.terms import INGEST, LABEL
from provstore.prov.notations import provjson

_NO_LIMIT = 1 << 40  # a text of the journal is read without a limit of length
_ANSWERS = INGEST + "answers"


class Named(NamedTuple):
    """A person as answers name one: by a name, an address, an ORCID; "" for what is not there."""

    name: str
    email: str = ""
    orcid: str = ""


class Naming(NamedTuple):
    """What one person is called from now on.

    `people` has who is meant in answers, and their names now; `iris` has the full IRIs that the
    person had. The person has `iri` and `label` in all statements.
    """

    people: Mapping[Named, Named]
    iris: Collection[str]
    iri: str
    label: str


def people_in(answers: Any) -> Iterator[Named]:
    """Yield everybody whom answers name with an address or an ORCID.

    >>> [*people_in({"agent": {"name": "Ada", "email": "a@b.org"}, "office": {"name": "Centre"}})]
    [Named(name='Ada', email='a@b.org', orcid='')]
    """
    if isinstance(answers, list):
        for part in answers:
            yield from people_in(part)
    elif isinstance(answers, dict):
        if named := named_by(answers):
            yield named
        for part in answers.values():
            yield from people_in(part)


def with_names(text: str, naming: Naming) -> str:
    """Return the PROV-JSON of a report with the present names; unchanged if it has them."""
    (bundle,) = provjson.load(text.encode(), limit=_NO_LIMIT).bundles

    def iri(name: str) -> str:
        return naming.iri if name in naming.iris else name

    def value(key: str, old: Value) -> Value:
        if old.datatype == IRI:
            return old._replace(text=iri(old.text))
        if key != _ANSWERS:
            return old
        return old._replace(text=_with_names_in_json(old.text, naming.people))

    def element(old: Element) -> Element:
        is_person = "agent" in old.kinds and old.iri in naming.iris
        attributes = tuple(
            (key, Value(naming.label) if is_person and key == LABEL else value(key, each))
            for key, each in old.attributes
        )
        return Element(iri(old.iri), old.kinds, attributes)

    relations = tuple(
        relation._replace(arguments=tuple(map(iri, relation.arguments)))
        for relation in bundle.relations
    )
    prefixes = {**PREFIXES, **bundle.prefixes}
    named = Bundle(bundle.iri, tuple(map(element, bundle.elements)), relations, prefixes)
    is_same = (named.elements, named.relations) == (bundle.elements, bundle.relations)
    return text if is_same else provjson.dump(named)


def _with_names_in_json(text: str, people: Mapping[Named, Named]) -> str:
    answers = json.loads(text)
    mapped = _mapped(answers, lambda person: people.get(person, person))
    return text if mapped == answers else canonical(mapped)


def _mapped(part: Any, now: Callable[[Named], Named]) -> Any:
    if isinstance(part, list):
        return [_mapped(inner, now) for inner in part]
    if not isinstance(part, dict):
        return part
    mapped = {key: _mapped(inner, now) for key, inner in part.items()}
    if named := named_by(part):
        mapped |= {key: text for key, text in now(named)._asdict().items() if key in part}
    return mapped


def named_by(answers: Mapping[str, Any]) -> Named | None:
    """Return whom a group of answers names with an address or an ORCID; None if nobody."""
    if "name" not in answers or not ("email" in answers or "orcid" in answers):
        return None
    return Named(*(str(answers.get(key, "")) for key in Named._fields))
