"""What nothing can be: missing ends (definition 4), and impossibility constraints 51 to 56.

In: a bundle, its relations with what is said twice made one, and its things. Out: violations.
"""

from collections import defaultdict
from collections.abc import Iterator

from provstore.prov.constraints.cycles import Edge, circles, components
from provstore.prov.constraints.kinds import PLACES, Things
from provstore.prov.constraints.merging import Statements, span
from provstore.prov.constraints.rules import DISJOINT, MANDATORY
from provstore.prov.constraints.violation import Violation, violation
from provstore.prov.constraints.wording import Words
from provstore.prov.model.bundle import IRI, Bundle, Element, Relation
from provstore.prov.model.terms import PROV, RELATIONS, TYPE

EMPTY = PROV + "EmptyCollection"


def impossible(
    bundle: Bundle, statements: Statements, things: Things, words: Words
) -> Iterator[Violation]:
    """Everything that is wrong whatever else is said."""
    yield from _missing(bundle, words)
    yield from _unspecified(bundle, words)
    special = [bundle.relations[number] for number in span(bundle.relations, "specializationOf")]
    yield from _specializes_itself(special, words)
    yield from _shared_names(bundle, statements, words)
    yield from _entity_and_activity(bundle, statements, things, words)
    yield from _members_of_nothing(bundle, special, words)


def _missing(bundle: Bundle, words: Words) -> Iterator[Violation]:
    for relation in bundle.relations:
        for place in MANDATORY[relation.kind]:
            if not relation.arguments[place]:
                name = RELATIONS[relation.kind].arguments[place].name
                what = f"This {relation.kind} does not name its {name}."
                yield violation("4", (words.relation(relation),), what)


def _unspecified(bundle: Bundle, words: Words) -> Iterator[Violation]:
    for number in span(bundle.relations, "wasDerivedFrom"):
        relation = bundle.relations[number]
        _, _, activity, generation, usage = relation.arguments
        if not activity and (generation or usage):
            what = "This derivation names a generation or a usage, but no activity."
            yield violation("51", (words.relation(relation),), what)


def _specializes_itself(special: list[Relation], words: Words) -> Iterator[Violation]:
    """Constraint 52; specialization is transitive (inference 19), so a circle is enough."""
    named = [relation for relation in special if all(relation.arguments)]
    numbers: dict[str, int] = {}
    after: list[list[int]] = []
    edges = []
    for relation in named:
        for name in relation.arguments:
            if numbers.setdefault(name, len(after)) == len(after):
                after.append([])
        one, other = (numbers[name] for name in relation.arguments)
        after[one].append(other)
        edges.append(Edge(one, other, strict=True))
    for circle in circles(edges, components(after)):
        name = words.short(named[circle[0]].arguments[0])
        what = f"{name} would be a specialization of itself."
        yield violation("52", tuple(words.relation(named[one]) for one in circle), what)


def _shared_names(bundle: Bundle, statements: Statements, words: Words) -> Iterator[Violation]:
    """Constraints 53 and 54: an identifier names one relation, and nothing else."""
    holders = statements.named
    for identifier, kinds in holders.items():
        texts = [words.relation(one) for kind, one in sorted(kinds.items()) if kind in DISJOINT]
        if len(texts) > 1:
            what = f"Relations of different kinds have the identifier {words.short(identifier)}."
            yield violation("53", tuple(texts), what)
    for element in bundle.elements if holders else ():
        if element.iri in holders:
            texts = [words.element(kind, element) for kind in element.kinds]
            texts += [words.relation(one) for one in holders[element.iri].values()]
            what = f"{words.short(element.iri)} names a thing and a relation."
            yield violation("54", tuple(texts), what)


def _entity_and_activity(
    bundle: Bundle, statements: Statements, things: Things, words: Words
) -> Iterator[Violation]:
    """Constraint 55, with the first statement for each side."""
    both = things.activities.keys() & things.entities.keys()
    if not both:
        return
    sides: dict[tuple[str, str], tuple[str, ...]] = {}
    for element in bundle.elements:
        if element.iri in both:
            for kind in element.kinds:
                sides.setdefault((element.iri, kind), (words.element(kind, element),))
    for number, relation in enumerate(statements.relations):
        for kind, places in PLACES[relation.kind].items():
            for place in places:
                side = relation.arguments[place], kind
                if side[0] in both and side not in sides:
                    source, own = statements.source(number, place), statements.source(number, -1)
                    shown = (source,) if source.kind == relation.kind else (source, own)
                    sides[side] = tuple(words.relation(one) for one in shown)
    for iri in sorted(both):
        texts = dict.fromkeys((*sides[iri, "activity"], *sides[iri, "entity"]))
        what = f"{words.short(iri)} is said to be an entity and to be an activity."
        yield violation("55", tuple(texts), what)


def _members_of_nothing(
    bundle: Bundle, special: list[Relation], words: Words
) -> Iterator[Violation]:
    """Constraint 56; what specializes an empty collection is one, too (inference 21)."""
    empty: dict[str, tuple[str, ...]] = {
        element.iri: (words.element("entity", element, "prov:type='prov:EmptyCollection'"),)
        for element in bundle.elements
        if "entity" in element.kinds and is_empty(element)
    }
    narrower: defaultdict[str, list[Relation]] = defaultdict(list)
    for relation in special if empty else ():
        if relation.arguments[0]:  # what is left open is constraint 4, and not one thing
            narrower[relation.arguments[1]].append(relation)
    pending = list(empty)
    while pending:
        general = pending.pop()
        for relation in narrower[general]:
            if relation.arguments[0] not in empty:
                empty[relation.arguments[0]] = (*empty[general], words.relation(relation))
                pending.append(relation.arguments[0])
    for relation in bundle.relations if empty else ():
        if relation.kind == "hadMember" and relation.arguments[0] in empty:
            what = f"{words.short(relation.arguments[0])} is an empty collection with a member."
            yield violation("56", (*empty[relation.arguments[0]], words.relation(relation)), what)


def is_empty(element: Element) -> bool:
    """Whether it is said to have the type of empty collections."""
    return any(
        key == TYPE and value.text == EMPTY and value.datatype == IRI
        for key, value in element.attributes
    )
