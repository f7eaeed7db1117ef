"""Queries about one resource by its name: its lineage, its bundles, and what depends on it.

In: a resolver of names and a runner of queries. Out: answers, entries, bundles. It knows no engine.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from provstore.errors import UnknownName
from provstore.prov.model.bundle import Bundle
from provstore.queries import lineage
from provstore.queries.catalogue import Question
from provstore.queries.picture_data import Impact, Lineage, PictureData
from provstore.queries.runner import QueryRunner
from provstore.results.answer import Answer, Iri
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import Entry
from provstore.storage.name_resolver import NameResolver


@dataclass(frozen=True)
class ResourceQueries:
    """The queries of one store about resources that people name."""

    names: NameResolver
    runner: QueryRunner

    def iri(self, name: str) -> Iri:
        """Return the IRI of a name; an `Iri` is returned unchanged."""
        return name if isinstance(name, Iri) else Iri(self.names.iri(name))

    def answer(self, card: Question, parameters: Mapping[str, object], language: str) -> Answer:
        """Answer a question; names may stand for IRIs.

        Raises:
            UnknownName: no such parameter, language or ingest; suggests similar names.
            BadParameter: a parameter is missing or has the wrong type.
            BadQuery: with `both`, the two answers differ.

        """
        values = dict(parameters)
        for name in values.keys() & card.parameters.keys():
            if card.parameters[name].kind == "iri":
                value = values[name]
                value = value if isinstance(value, Iri) else str(value)
                of_ingest = name == "ingest"
                values[name] = Iri(self.names.ingest_iri(value)) if of_ingest else self.iri(value)
        return self.runner.answer_question(card, card.bind(values), language)

    def lineage(self, name: str, *, down: bool = False, depth: int | None = None) -> Lineage:
        """Return what a resource came from (with `down`: what depends on it), nearest first.

        Raises:
            UnknownName: the store does not mention the resource.

        """
        thing = self.iri(name)
        ask = partial(self.runner.query, "cypher")
        answer = lineage.trace_lineage(thing, ask, down=down, depth=depth)
        if not answer.rows and not self.entries_about(thing, 1):
            raise UnknownName(
                "element", thing, self.names.journal.ingests(), code="PS-NAME-ELEMENT"
            )
        return Lineage(
            answer.columns,
            answer.rows,
            thing=thing,
            down=down,
            depth=depth,
            picture_data=self.picture_data,
            short=self.runner.short,
        )

    def impact(self, card: Question, correction: str) -> Impact:
        """Return what an erratum or a retraction affects; `card` is the question to ask."""
        iri = self.iri(correction)
        answer = self.answer(card, {"correction": iri}, "cypher")
        return Impact(
            answer.columns,
            answer.rows,
            answer.cut,
            answer.notes,
            answer.asked,
            answer.seconds,
            answer.short,
            correction=iri,
            picture_data=self.picture_data,
        )

    def entries_about(self, name: str, limit: int | None = None) -> list[Entry]:
        """Return the entries that mention a resource, in order; at most `limit` of them."""
        thing = {"thing": self.iri(name)}
        mentions = self.runner.query("sparql", lineage.MENTIONS, thing, rows=limit)
        entries = (self.names.journal.entry_of_bundle(str(bundle)) for _, bundle in mentions.rows)
        return sorted(entry for entry in entries if entry)

    def bundles(self, name: str | None = None) -> Iterable[Bundle]:
        """Return the bundles of the whole store, one bundle, one ingest, or one lineage.

        Raises:
            UnknownName: the store does not mention the resource.

        """
        if name is None:
            return map(bundle_of, self.names.journal.after(0))
        if entries := self.names.find_ingest(name):
            return map(bundle_of, entries)
        iri = self.iri(name)
        if bundles := self.names.bundles([iri]):
            return bundles
        answer = self.lineage(iri)
        bundles = self.names.bundles(sorted({str(row["bundle"]) for row in answer}))
        about = bundles or map(bundle_of, self.entries_about(iri))
        return [lineage.lineage_bundle(iri, answer, about)]

    @property
    def picture_data(self) -> PictureData:
        """The data that pictures need from a store."""
        return PictureData(
            partial(self.runner.query, "cypher"), self.names.bundles, self.names.iris
        )
