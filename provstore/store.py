"""ProvStore: the one object that knows every room. Read this first.

The walk goes one way: `forms` check the answers → `bundle_of_report` says them in PROV → the
`journal` writes the bundle down → `property_graph` and `prov_o` project it → the `views` load it →
`questions` are answered. What was acknowledged is in the journal; views follow when asked.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from provstore.audit import consistency
from provstore.commands import document_import, file_checks
from provstore.commands.input_sources import Source, read_source
from provstore.commands.intake import Intake
from provstore.errors import StoreUnavailable, UnknownName
from provstore.ingest.ingest_iris import BASE, IngestIris
from provstore.ingest.report import Report
from provstore.projects.forms import Form, load_forms
from provstore.prov.model.bundle import Bundle
from provstore.prov.notations.notation_registry import Notation, write
from provstore.queries import lineage
from provstore.queries.catalogue import Question, Questions
from provstore.queries.picture_data import Impact, Lineage, PictureData
from provstore.queries.runner import QueryRunner
from provstore.results.answer import Answer, Cell, Iri
from provstore.results.receipts import (
    CheckResult,
    ImportReceipt,
    Receipt,
    StoreStatus,
    VerifyResult,
)
from provstore.results.search_results import SearchResult
from provstore.storage import settings
from provstore.storage.attachments import Attachments
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import Entry, Journal
from provstore.storage.outbox import Outbox
from provstore.store_ingest import Ingest
from provstore.views.journal_following import catch_up, rebuilt_note, view_state
from provstore.views.view_contract import QueryView, View
from provstore.views.view_opening import open_views

if TYPE_CHECKING:
    from provstore.pictures.ingest_board import IngestBoard
    from provstore.views.search import SearchView


class ProvStore:
    """An open store: `provstore.open("DIR")`, best in a `with` block."""

    def __init__(self, directory: str | os.PathLike[str] | None = None) -> None:
        self.settings = settings.read_settings(settings.store_directory(directory))
        self.journal = Journal(self.settings.journal)
        self.names = IngestIris(self.settings.base)

    @classmethod
    def create(cls, directory: str | os.PathLike[str] | None = None, base: str = BASE) -> Self:
        """Make a new store; `base` begins the IRIs of all that it names.

        Raises:
            Refused: there is one already.
            StoreUnavailable: the directory cannot be used.

        """
        place = settings.store_directory(directory)
        try:
            place.mkdir(parents=True, exist_ok=True)
            settings.check_new_store(place, base)
            with closing(Journal.create(place / "journal.sqlite")) as journal, journal.writing():
                settings.check_new_store(place, base)  # somebody else may have been quicker
                settings.write_settings(place, base)
        except OSError as error:
            raise StoreUnavailable(f"No store can be made in {place}: {error}.") from error
        return cls(place)

    def close(self) -> None:
        """Let go of journal and views."""
        self.journal.close()
        self.__dict__.pop("asking", None)
        for view in self.__dict__.pop("views", {}).values():
            view.close()
        if index := self.__dict__.pop("index", None):
            index.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --------------------------------------------------------------------------- taking in

    def submit(self, source: Source) -> Receipt:
        """Take a filled form or a sealed package; it begins an ingest. Again, it changes nothing.

        Raises:
            BadForm: the answers do not fit the form; lists every problem.
            BadPackage: a package is not as it was sealed; lists every problem.
            Refused: it is the form of another step.

        """
        return self.intake.submit(*read_source(source))

    def report(self, ingest: str, step: str, *sources: Source, **answers: object) -> Receipt:
        """Take a report on the next run of a step. The same again changes nothing.

        It is one filled form, or files as tools wrote them: `answers` are what these leave open.

        Raises:
            UnknownName: there is no such ingest or step; names the near ones.
            BadForm: the answers do not fit the form; lists every problem.
            BadInput: no reader knows a file, or the one that does lists what is wrong with it.
            Refused: the step may not come now, or form or file are those of another step.

        """
        return self.intake.report(ingest, step, [*map(read_source, sources)], answers)

    def ingest(self, name: str) -> Ingest:
        """One ingest: start and finish its steps, see its state and its history.

        Raises:
            UnknownName: there is no such ingest; names the near ones.

        """
        self.intake.reports(name)
        return Ingest(name, self.intake)

    def tell(self) -> int:
        """Write a message to its provider on every report that is new into the outbox.

        Gives how many. Reports on steps do so themselves; a submission costs one write only.

        Raises:
            StoreUnavailable: the outbox cannot be written. The journal is unharmed.

        """
        return self.intake.write_messages()

    def import_document(
        self, source: Source, notation: str | None = None, *, accept_invalid: bool = False
    ) -> ImportReceipt:
        """Take a PROV document of others, all its bundles or none. The same again changes nothing.

        Its content says which notation it is, unless `notation` does. What speaks of
        our ingests is kept with `accept_invalid`, and so is what W3C PROV-CONSTRAINTS forbids, with
        a verdict beside it.

        Raises:
            UnknownName: there is no such notation.
            BadDocument: it cannot be read, is not valid, or speaks of our ingests; lists
                every problem.
            Refused: a bundle of that name is there with other content, or is not theirs to name.

        """
        return document_import.import_document(
            *read_source(source),
            self.journal,
            self.names,
            notation=notation,
            accept_invalid=accept_invalid,
        )

    def check(self, source: Source) -> CheckResult:
        """Say what a source is and whether it could be taken; nothing is written."""
        return file_checks.check_source(source, self.forms)

    # ------------------------------------------------------------------------ looking things up

    @cached_property
    def intake(self) -> Intake:
        """Where reports come in."""
        outbox = Outbox(self.settings.directory / "outbox")
        attachments = Attachments(self.settings.directory / "attachments")
        return Intake(self.journal, self.names, self.forms, outbox, attachments)

    @cached_property
    def forms(self) -> Mapping[str, Form]:
        """The forms by their names."""
        return load_forms(settings.shipped("forms"))

    @cached_property
    def questions(self) -> Questions:
        """The questions by their names."""
        return Questions(settings.shipped("queries"))

    def reports(self, ingest: str) -> list[Report]:
        """All reports of an ingest, in order.

        Raises:
            UnknownName: there is no such ingest; names the near ones.

        """
        return self.intake.reports(ingest)

    def iri(self, name: str) -> Iri:
        """The IRI of what people name: an IRI, an ingest, a run of a step, a handle, a DRS id.

        What is an `Iri` already stays as it is.
        """
        if isinstance(name, Iri):
            return name
        return Iri(self.names.any(name, lambda ingest: bool(self.journal.of_ingest(ingest))))

    # ------------------------------------------------------------------------------- asking

    def ask(
        self,
        question: str,
        parameters: Mapping[str, object] | None = None,
        /,
        *,
        language: str = "cypher",
        folder: str | os.PathLike[str] | None = None,
        **more: object,
    ) -> Answer:
        """Answer a question of ours, or of a folder; `language` is `cypher`, `sparql` or `both`.

        Raises:
            UnknownName: there is no such question, parameter or language; names the near ones.
            BadParameter: a parameter is missing or of another kind.
            BadQuery: with `both`, the two answers differ.

        """
        cards = self.questions if folder is None else Questions(Path(folder))
        return self.answer(cards[question], {**(parameters or {}), **more}, language)

    def answer(self, card: Question, said: Mapping[str, object], language: str) -> Answer:
        """Answer a question that was read already; `said` are its parameters as people name them.

        Raises:
            UnknownName, BadParameter, BadQuery: as `ask`.

        """
        values = dict(said)
        for name in values.keys() & card.parameters.keys():
            if card.parameters[name].kind == "iri":
                value = values[name]
                values[name] = self._named(name, value if isinstance(value, Iri) else str(value))
        return self.asking.answer_question(card, card.bind(values), language)

    def _named(self, parameter: str, name: str) -> Iri:
        """What a parameter names; one called `ingest` names an ingest that there is."""
        iri = self.iri(name)
        ingest = iri.removeprefix(self.names.base + "ingest/")
        if parameter == "ingest" and not self.journal.of_ingest(ingest):
            raise UnknownName("ingest", name, self.journal.ingests())
        return iri

    def cypher(self, text: str, parameters: Mapping[str, Cell] | None = None) -> Answer:
        """Answer a Cypher query; nothing can be written with it."""
        return self.asking.run_query("cypher", text, parameters or {})

    def sparql(self, text: str, parameters: Mapping[str, Cell] | None = None) -> Answer:
        """Answer a SPARQL query; nothing can be written with it."""
        return self.asking.run_query("sparql", text, parameters or {})

    def lineage(self, name: str, *, down: bool = False, depth: int | None = None) -> Lineage:
        """What a thing came from (or, with `down`, what depends on it), nearest first; `.draw()`.

        Raises:
            UnknownName: nothing is known of it.

        """
        thing, ask = self.iri(name), partial(self.asking.query, "cypher")
        answer = lineage.trace_lineage(thing, ask, down=down, depth=depth)
        if not answer.rows and not self.bundles_about(thing, 1):
            raise UnknownName("thing", thing, self.journal.ingests())
        return Lineage(
            answer.columns,
            answer.rows,
            thing=thing,
            down=down,
            depth=depth,
            picture_data=self.behind,
            short=self.asking.short,
        )

    def impact(self, correction: str) -> Impact:
        """What the report of an erratum or a retraction reaches; `.draw()` shows it as a tree.

        Raises:
            UnknownName: there is no such ingest.

        """
        iri = self.iri(correction)
        answer = self.ask("what-a-correction-reaches", correction=iri)
        return Impact(
            answer.columns,
            answer.rows,
            answer.cut,
            answer.notes,
            answer.asked,
            answer.seconds,
            answer.short,
            correction=iri,
            picture_data=self.behind,
        )

    def board(self) -> "IngestBoard":
        """A picture of all ingests: which step each waits for, and who must act."""
        state = self.ask("state-of-every-ingest")
        return self.behind.draw_board(state, self.ask("started-and-never-finished"))

    @property
    def behind(self) -> PictureData:
        """What pictures ask of a store."""
        query = partial(self.asking.query, "cypher")
        return PictureData(query, self._bundles_named, self.names)

    def _bundles_named(self, bundles: Iterable[str]) -> list[Bundle]:
        return [
            bundle_of(entry) for name in bundles if (entry := self.journal.entry_of_bundle(name))
        ]

    @cached_property
    def asking(self) -> QueryRunner:
        """The views as who asks sees them."""
        rows = self.settings.limits.rows
        return QueryRunner(self.journal, self.views, self.names.prefixes, rows)

    def search(
        self, words: str, *, kind: str = "", step: str = "", project: str = "", limit: int = 20
    ) -> SearchResult:
        """What holds all these words in names, titles, comments, findings or ids, the best first.

        `"a phrase"` must stand so, `begin*` may go on, nothing else is more than words. A kind
        (`Finding`), a step (`quality`), a project (`cordex`) narrow it. Without words, all is
        found. Several threads may search at once.

        Raises:
            BadParameter: the limit is no number of hits.
            ViewUnavailable: the index is damaged; says how it is made anew.

        """
        rebuilt = catch_up(self.index, self.journal)
        result = self.index.search(words, kind=kind, step=step, project=project, limit=limit)
        if not rebuilt:
            return result
        return replace(result, notes=(*result.notes, rebuilt_note(self.index)))

    # -------------------------------------------------------------------------------- views

    @cached_property
    def views(self) -> Mapping[str, QueryView]:
        """The two views that speak a language, by the names `graph` and `rdf`."""
        graph = self.settings.graph
        server = (graph.address, graph.user, graph.password, graph.database) if graph else None
        bounds = {
            "seconds": self.settings.limits.seconds,
            "megabytes": self.settings.limits.megabytes,
        }
        return open_views(self.settings.directory, self.names.prefixes, server, **bounds)

    @cached_property
    def index(self) -> "SearchView":
        """The search view."""
        from provstore.views.search import SearchView

        return SearchView(self.settings.search, self.names.prefixes)

    def all_views(self) -> Mapping[str, View]:
        """All that follows the journal: `graph`, `rdf` and `search`."""
        return {**self.views, self.index.name: self.index}

    def rebuild(self, name: str | None = None) -> list[str]:
        """Forget one view, or all, and load it from the journal again; gives their names."""
        known = self.all_views()
        if name and name not in known:
            raise UnknownName("view", name, known)
        for view in (rebuilt := [name] if name else list(known)):
            known[view].clear()
            catch_up(known[view], self.journal)
        return rebuilt

    # ------------------------------------------------------------------------------ the whole

    def export(self, name: str | None = None, notation: Notation = "turtle") -> Iterator[str]:
        """The text of the whole store, or of one bundle, one ingest, or the lineage of one thing.

        Raises:
            UnknownName: there is no such thing or format; names the near ones.

        """
        return write(self._bundles(name), notation)

    def _bundles(self, name: str | None) -> Iterable[Bundle]:
        if name is None:
            return map(bundle_of, self.journal.after(0))
        if entries := self.journal.of_ingest(name.removeprefix(self.names.base + "ingest/")):
            return map(bundle_of, entries)
        iri = self.iri(name)
        if entry := self.journal.entry_of_bundle(iri):
            return [bundle_of(entry)]
        answer = self.lineage(iri)
        bundles = self._bundles_named(sorted({str(row["bundle"]) for row in answer}))
        return [
            lineage.lineage_bundle(iri, answer, bundles or map(bundle_of, self.bundles_about(iri)))
        ]

    def bundles_about(self, name: str, limit: int | None = None) -> list[Entry]:
        """The entries that say something about a thing, in their order; at most `limit` of them."""
        thing = {"thing": self.iri(name)}
        mentions = self.asking.query("sparql", lineage.MENTIONS, thing, rows=limit)
        return sorted(
            entry
            for _, graph in mentions.rows
            if (entry := self.journal.entry_of_bundle(str(graph)))
        )

    def verify(self, ingest: str = "", *, provenance: bool = False) -> VerifyResult:
        """Walk the journal's chain from the first entry to the last; says where it breaks.

        With `provenance`, also hold all bundles together against W3C PROV-CONSTRAINTS; those of
        one ingest only, if one is named.

        Raises:
            UnknownName: there is no such ingest; names the near ones.

        """
        head, problems = self.journal.head(), self.journal.verify()
        if ingest and not problems:
            problems = [
                violation.problem()
                for violation in consistency.ingest_violations(self.journal, ingest)
            ]
        elif provenance and not problems:
            violations = consistency.journal_violations(
                self.journal, self.settings.consistency_results
            )
            problems = [violation.problem() for violation in violations]
        return VerifyResult(head.position, head.chain, tuple(problems))

    def status(self) -> StoreStatus:
        """The store in figures; a view that is down is said to be down, not an error."""
        head = self.journal.head()
        return StoreStatus(
            str(self.settings.directory),
            self.settings.base,
            head.position,
            head.chain,
            len(self.journal.ingests()),
            tuple(view_state(view, self.journal) for view in self.all_views().values()),
        )
