"""The pages about one thing and about one bundle.

In: a desk and what the address says. Out: `Page`. It knows neither HTML nor HTTP.
"""

from collections.abc import Iterable, Mapping

from provstore.errors import BadParameter, UnknownName
from provstore.prov.model.bundle import IRI, Bundle, Value
from provstore.prov.model.iris import split_iri
from provstore.prov.model.terms import LABEL, RELATIONS, TYPE
from provstore.queries.catalogue import Question
from provstore.results.answer import Answer, Cell, Iri
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import Entry
from provstore.web.page import Page, about
from provstore.web.page_queries import MOST_BUNDLES, Desk

DEPTHS = (1, 2, 3, 5, 8)
"""How many steps away a picture of a lineage may go."""

STATEMENTS = 500
"""Statements of a bundle that its page shows; its RDF holds all."""


def thing(desk: Desk, said: Mapping[str, str]) -> Page:
    """One thing: what is said of it and by whom, what is next to it, and its lineage.

    Raises:
        UnknownName: nothing is known of it.

    """
    iri = desk.iri(said.get("iri", ""))
    down, depth = said.get("way") == "down", _depth(said.get("depth", "2"))
    entries, more = desk.entries(iri)
    if not entries and not desk.store.journal.entry_of_bundle(iri):
        raise UnknownName("thing", desk.names.short(iri), desk.store.journal.ingests())
    next_to = desk.ask("what-is-next-to-this", {"thing": iri})
    bundles = [bundle_of(entry) for entry in entries]
    facts = _facts(iri, bundles)
    kinds = {kind for one in bundles for e in one.elements if e.iri == iri for kind in e.kinds}
    types = [value.text for name, value, _ in facts if name == TYPE and value.datatype == IRI]
    labels = [value.text for name, value, _ in facts if name == LABEL]
    lineage = desk.store.lineage(iri, down=down, depth=depth)
    values = {
        "iri": iri, "label": labels[0] if labels else "", "kinds": sorted(kinds), "types": types,
        "facts": facts, "entries": entries, "more": more, "most": MOST_BUNDLES,
        "neighbours": list(next_to.answer), "cut": next_to.answer.cut,
        "down": down, "depth": depth, "depths": DEPTHS,
        "lineage": lineage, "picture": lineage.draw() if lineage.rows else None,
        "dataset": any(one.endswith("#Dataset") for one in types),
        "bundle": desk.store.journal.entry_of_bundle(iri) is not None, "ingest": _ingest(desk, iri),
        "questions": _questions(desk, types),
    }  # fmt: skip
    title = values["label"] or desk.names.short(iri)
    return Page(
        "thing.html", str(title), values, (next_to,), next_to.answer,
        lambda: desk.about([iri]) if more else [about([iri], bundles)],
        scripted=bool(lineage.rows),
    )  # fmt: skip


def _ingest(desk: Desk, iri: str) -> str:
    """The ingest that a run or a report belongs to."""
    name, _, rest = iri.removeprefix(desk.names.ingests).partition("/")
    return name if rest and iri.startswith(desk.names.ingests) else ""


ASKED_ABOUT = {
    "Person": "person", "Organization": "organisation", "Dataset": "dataset", "Ingest": "ingest",
    "ErratumReport": "correction", "RetractionReport": "correction",
}  # fmt: skip
"""What the parameter of a question is called that wants such a thing; `thing` wants any."""


def _questions(desk: Desk, types: Iterable[str]) -> list[tuple[Question, str]]:
    """The questions that need to know this thing and nothing else, and what they call it."""
    wanted = {ASKED_ABOUT.get(split_iri(one)[1], "thing") for one in types} | {"thing"}
    return [
        (card, name) for card in desk.cards.values() for name in card.parameters
        if name in wanted and len(card.parameters) == 1
    ]  # fmt: skip


def _facts(iri: str, bundles: Iterable[Bundle]) -> list[tuple[str, Value, list[str]]]:
    """Attribute, value and the bundles that say so."""
    found: dict[tuple[str, Value], list[str]] = {}
    for bundle in bundles:
        for element in bundle.elements:
            for attribute in element.attributes if element.iri == iri else ():
                found.setdefault(attribute, []).append(bundle.iri)
    return [(name, value, said) for (name, value), said in sorted(found.items())]


def _depth(written: str) -> int:
    return int(written) if written in map(str, DEPTHS) else 2


def bundle(desk: Desk, said: Mapping[str, str]) -> Page:
    """One bundle: when it was written down, as what, and what it says.

    Raises:
        UnknownName: there is no such bundle.

    """
    if not (written := said.get("iri", "")):
        raise BadParameter("This page needs the name of a bundle.", "It ends in /bundle.")
    entry = desk.store.journal.entry_of_bundle(desk.iri(written))
    if entry is None:
        raise UnknownName("bundle", desk.names.short(written), desk.store.journal.ingests())
    held = bundle_of(entry)
    next_to = desk.ask("what-is-next-to-this", {"thing": Iri(held.iri)})
    rows = _statements(held)
    values = {
        "iri": held.iri, "entry": entry, "elements": held.elements[:STATEMENTS],
        "statements": rows.rows[:STATEMENTS],
        "most": STATEMENTS, "many": max(len(held.elements), len(rows)) > STATEMENTS,
        "counts": (len(held.elements), len(rows)), "report": _report(entry),
        "about": list(next_to.answer), "types": _types(held),
    }  # fmt: skip
    return Page("bundle.html", desk.names.short(held.iri), values, (next_to,), rows, lambda: [held])


def _report(entry: Entry) -> str:
    """The report that a bundle of ours says in PROV; "" for starts, and for bundles of others."""
    if not entry.ingest or entry.bundle.endswith("/start/bundle"):
        return ""
    return entry.bundle.removesuffix("/bundle") + "/report"


def _types(held: Bundle) -> dict[str, list[str]]:
    return {
        one.iri: [value.text for value in one.values(TYPE) if value.datatype == IRI]
        for one in held.elements[:STATEMENTS]
    }


def _statements(held: Bundle) -> Answer:
    """The relations of a bundle in PROV-N's order of arguments."""
    rows: list[tuple[Cell, ...]] = []
    for one in held.relations:
        pairs = zip(RELATIONS[one.kind].arguments, one.arguments, strict=True)
        rest: dict[str, Cell] = {
            argument.name: value for argument, value in list(pairs)[2:] if value
        }
        rows.append((one.kind, one.arguments[0], one.arguments[1], rest or None))
    return Answer(("relation", "from", "to", "with"), tuple(rows))
