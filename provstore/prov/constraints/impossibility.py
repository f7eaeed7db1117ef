"""Check for missing ends (definition 4) and the impossibility constraints 51 to 56.

In: a bundle, its merged relations, and its elements. Out: violations.
"""

from collections import defaultdict
from collections.abc import Iterator

from provstore.prov.constraints.cycles import Edge, components, find_cycles
from provstore.prov.constraints.element_kinds import ARGUMENT_PLACES, Kinds
from provstore.prov.constraints.merging import Statements, range_of_kind
from provstore.prov.constraints.rule_tables import DISJOINT, MANDATORY
from provstore.prov.constraints.statement_text import StatementText
from provstore.prov.constraints.violation import Violation, make_violation
from provstore.prov.model.bundle import IRI, Bundle, Element, Relation
from provstore.prov.model.terms import PROV, RELATIONS, TYPE

EMPTY_COLLECTION = PROV + "EmptyCollection"


def impossibility_violations(
    bundle: Bundle, statements: Statements, kinds: Kinds, wording: StatementText
) -> Iterator[Violation]:
    """Yield all violations of the impossibility constraints."""
    yield from _missing(bundle, wording)
    yield from _unspecified(bundle, wording)
    special = [
        bundle.relations[number] for number in range_of_kind(bundle.relations, "specializationOf")
    ]
    yield from _specializes_itself(special, wording)
    yield from _shared_names(bundle, statements, wording)
    yield from _entity_and_activity(bundle, statements, kinds, wording)
    yield from _members_of_nothing(bundle, special, wording)


def _missing(bundle: Bundle, wording: StatementText) -> Iterator[Violation]:
    for relation in bundle.relations:
        for place in MANDATORY[relation.kind]:
            if not relation.arguments[place]:
                name = RELATIONS[relation.kind].arguments[place].name
                fault = f"This {relation.kind} does not name its {name}."
                yield make_violation("4", (wording.relation(relation),), fault)


def _unspecified(bundle: Bundle, wording: StatementText) -> Iterator[Violation]:
    for number in range_of_kind(bundle.relations, "wasDerivedFrom"):
        relation = bundle.relations[number]
        _, _, activity, generation, usage = relation.arguments
        if not activity and (generation or usage):
            fault = "This derivation names a generation or a usage, but no activity."
            yield make_violation("51", (wording.relation(relation),), fault)


def _specializes_itself(special: list[Relation], wording: StatementText) -> Iterator[Violation]:
    """Check constraint 52: specialization is transitive (inference 19), so find cycles."""
    named = [relation for relation in special if all(relation.arguments)]
    numbers: dict[str, int] = {}
    after: list[list[int]] = []
    edges = []
    for relation in named:
        for name in relation.arguments:
            if numbers.setdefault(name, len(after)) == len(after):
                after.append([])
        specific, general = (numbers[name] for name in relation.arguments)
        after[specific].append(general)
        edges.append(Edge(specific, general, strict=True))
    for cycle in find_cycles(edges, components(after)):
        name = wording.short(named[cycle[0]].arguments[0])
        fault = f"{name} would be a specialization of itself."
        yield make_violation(
            "52", tuple(wording.relation(named[position]) for position in cycle), fault
        )


def _shared_names(
    bundle: Bundle, statements: Statements, wording: StatementText
) -> Iterator[Violation]:
    """Check constraints 53 and 54: an identifier names one relation, and nothing else."""
    holders = statements.named
    for identifier, kinds in holders.items():
        texts = [
            wording.relation(relation)
            for kind, relation in sorted(kinds.items())
            if kind in DISJOINT
        ]
        if len(texts) > 1:
            fault = f"Relations of different kinds have the identifier {wording.short(identifier)}."
            yield make_violation("53", tuple(texts), fault)
    for element in bundle.elements if holders else ():
        if element.iri in holders:
            texts = [wording.element(kind, element) for kind in element.kinds]
            texts += [wording.relation(relation) for relation in holders[element.iri].values()]
            fault = f"{wording.short(element.iri)} names a thing and a relation."
            yield make_violation("54", tuple(texts), fault)


def _entity_and_activity(
    bundle: Bundle, statements: Statements, kinds: Kinds, wording: StatementText
) -> Iterator[Violation]:
    """Check constraint 55; show the first statement for each kind."""
    both = kinds.activities.keys() & kinds.entities.keys()
    if not both:
        return
    sides: dict[tuple[str, str], tuple[str, ...]] = {}
    for element in bundle.elements:
        if element.iri in both:
            for kind in element.kinds:
                sides.setdefault((element.iri, kind), (wording.element(kind, element),))
    for number, relation in enumerate(statements.relations):
        for kind, places in ARGUMENT_PLACES[relation.kind].items():
            for place in places:
                side = relation.arguments[place], kind
                if side[0] in both and side not in sides:
                    source, own = statements.source(number, place), statements.source(number, -1)
                    alone = source.kind == relation.kind and source.arguments[place] == side[0]
                    shown = (source,) if alone else (source, own)
                    sides[side] = tuple(wording.relation(statement) for statement in shown)
    for iri in sorted(both):
        texts = dict.fromkeys((*sides[iri, "activity"], *sides[iri, "entity"]))
        fault = f"{wording.short(iri)} is said to be an entity and to be an activity."
        yield make_violation("55", tuple(texts), fault)


def _members_of_nothing(
    bundle: Bundle, special: list[Relation], wording: StatementText
) -> Iterator[Violation]:
    """Check constraint 56; a specialization of an empty collection is empty (inference 21)."""
    empty: dict[str, tuple[str, ...]] = {
        element.iri: (wording.element("entity", element, "prov:type='prov:EmptyCollection'"),)
        for element in bundle.elements
        if "entity" in element.kinds and is_empty_collection(element)
    }
    narrower: defaultdict[str, list[Relation]] = defaultdict(list)
    for relation in special if empty else ():
        if relation.arguments[0]:  # missing arguments violate constraint 4; they are not one entity
            narrower[relation.arguments[1]].append(relation)
    pending = list(empty)
    while pending:
        general = pending.pop()
        for relation in narrower[general]:
            if relation.arguments[0] not in empty:
                empty[relation.arguments[0]] = (*empty[general], wording.relation(relation))
                pending.append(relation.arguments[0])
    for relation in bundle.relations if empty else ():
        if relation.kind == "hadMember" and relation.arguments[0] in empty:
            fault = f"{wording.short(relation.arguments[0])} is an empty collection with a member."
            yield make_violation(
                "56", (*empty[relation.arguments[0]], wording.relation(relation)), fault
            )


def is_empty_collection(element: Element) -> bool:
    """Return whether the element has the type prov:EmptyCollection."""
    return any(
        key == TYPE and value.text == EMPTY_COLLECTION and value.datatype == IRI
        for key, value in element.attributes
    )
