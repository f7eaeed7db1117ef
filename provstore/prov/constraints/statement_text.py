"""Statements as PROV-N text with short names, and nouns for relations.

In: elements, relations, IRIs. Out: text for people. Knows no rule.
"""

from collections.abc import Mapping

from provstore.prov.model.bundle import Element, Relation
from provstore.prov.model.iris import Prefixes
from provstore.prov.model.terms import END_TIME, RELATIONS, START_TIME, TIME


class StatementText:
    """Writes statements for people, with the prefixes of one bundle."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self.short = Prefixes(prefixes).short

    def element(self, kind: str, element: Element, *more: str) -> str:
        """Write `activity(ex:a, 2026-01-01T00:00:00Z, -)`; `more` are further attributes."""
        parts = [self.short(element.iri)]
        if kind == "activity":
            for key in (START_TIME, END_TIME):
                parts += [value.text for value in element.values(key)][:1] or ["-"]
        if more:
            parts.append(f"[{', '.join(more)}]")
        return f"{kind}({', '.join(parts)})"

    def relation(self, relation: Relation) -> str:
        """Write `wasGeneratedBy(ex:g; ex:e, ex:a, -)`, without attributes."""
        identifier = f"{self.short(relation.id)}; " if relation.id else ""
        parts = [
            (text if argument.kind == TIME else self.short(text)) if text else "-"
            for argument, text in zip(
                RELATIONS[relation.kind].arguments, relation.arguments, strict=False
            )
        ]
        return f"{relation.kind}({identifier}{', '.join(parts)})"


def relation_noun(kind: str) -> str:
    """Return the noun for a relation: `generation` for `wasGeneratedBy`."""
    return RELATIONS[kind].cls.rpartition("#")[2].lower()
