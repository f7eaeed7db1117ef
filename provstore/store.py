"""ProvStore: the one object that knows every room. Read this first.

A report goes one way: `forms` check the answers → `bundle_of_report` expresses them in PROV → the
`journal` records the bundle. Whoever asks makes the `views` follow the journal, and gets an answer.
Each method here hands its call to one room; no room below calls back.
"""

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from provstore.audit import consistency
from provstore.commands import document_import, file_checks
from provstore.commands.input_sources import Source, read_source
from provstore.commands.intake import Intake
from provstore.errors import StoreUnavailable, UnknownName
from provstore.ingest.ingest_iris import BASE, IngestIris
from provstore.ingest.report import Report
from provstore.projects.forms import Form, load_forms
from provstore.prov.notations.notation_registry import Notation, write
from provstore.queries.catalogue import Question, Questions
from provstore.queries.picture_data import Impact, Lineage
from provstore.queries.resource_queries import ResourceQueries
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
from provstore.storage.drafts import Drafts
from provstore.storage.ingest_reports import IngestReports
from provstore.storage.journal import Entry, Journal, Position
from provstore.storage.name_resolver import NameResolver
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
        self._settings = settings.read_settings(settings.store_directory(directory))
        self._journal = Journal(self._settings.journal)
        self._names = NameResolver(self._journal, IngestIris(self._settings.base))
        self._reports = IngestReports(self._journal, self._names.iris)

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
        self._journal.close()
        self.__dict__.pop("_runner", None)
        for view in self.__dict__.pop("views", {}).values():
            view.close()
        if index := self.__dict__.pop("_index", None):
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
        return self._intake.submit(read_source(source))

    def report(self, ingest: str, step: str, *sources: Source, **answers: object) -> Receipt:
        """Take a report on the next run of a step. The same again changes nothing.

        It is one filled form, or files as tools wrote them: `answers` are what these leave open.

        Raises:
            UnknownName: there is no such ingest or step; names the near ones.
            BadForm: the answers do not fit the form; lists every problem.
            BadInput: no reader knows a file, or the one that does lists what is wrong with it.
            Refused: the step may not come now, or form or file are those of another step.

        """
        return self._intake.report(ingest, step, [*map(read_source, sources)], answers)

    def ingest(self, name: str) -> Ingest:
        """One ingest: start and finish its steps, see its state and its history.

        Raises:
            UnknownName: there is no such ingest; names the near ones.

        """
        self._reports.of_ingest(name)
        return Ingest(name, self._intake)

    def write_messages(self) -> int:
        """Write a message to its provider on every report that is new into the outbox.

        Gives how many. Reports on steps do so themselves; a submission costs one write only.

        Raises:
            StoreUnavailable: the outbox cannot be written. The journal is unharmed.

        """
        return self._intake.write_messages()

    def keep_attachments(self, contents: Iterable[bytes]) -> None:
        """Keep files that the answers of a report will name, each under its SHA-256.

        Raises:
            StoreUnavailable: they cannot be written.

        """
        self._intake.attachments.keep(contents)

    def drafts(self) -> Drafts:
        """The forms that people have begun to fill in."""
        return Drafts(self.directory / "drafts")

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
            read_source(source),
            self._names,
            notation=notation,
            accept_invalid=accept_invalid,
        )

    def check(self, source: Source) -> CheckResult:
        """Say what a source is and whether it could be taken; nothing is written."""
        return file_checks.check_source(source, self.forms)

    # ------------------------------------------------------------------------ looking things up

    @property
    def directory(self) -> Path:
        """Where the store is."""
        return self._settings.directory

    @property
    def base(self) -> str:
        """The beginning of the IRIs of all that the store names."""
        return self._settings.base

    @property
    def prefixes(self) -> Mapping[str, str]:
        """The prefixes that queries need not declare, with their namespaces."""
        return self._names.iris.prefixes

    @cached_property
    def forms(self) -> Mapping[str, Form]:
        """The forms by their names."""
        return load_forms(settings.shipped("forms"))

    @cached_property
    def questions(self) -> Questions:
        """The questions by their names."""
        return Questions(settings.shipped("queries"))

    def ingests(self) -> list[str]:
        """The names of all ingests, in order."""
        return self._journal.ingests()

    def reports(self, ingest: str) -> list[Report]:
        """All reports of an ingest, in order.

        Raises:
            UnknownName: there is no such ingest; names the near ones.

        """
        return [*self._reports.of_ingest(ingest)]

    def position(self) -> Position:
        """How many entries the journal has, and the chain hash of the last of them."""
        return self._journal.head()

    def entries(self, ingest: str | None = None) -> Iterator[Entry]:
        """The entries of the journal, or of one ingest, in order.

        Raises:
            UnknownName: there is no such ingest; names the near ones.

        """
        if ingest is None:
            return self._journal.after(0)
        return iter(self._names.entries_of_ingest(ingest))

    def entry(self, bundle: str) -> Entry | None:
        """The entry of a bundle, by its IRI; None if there is no such bundle."""
        return self._journal.entry_of_bundle(bundle)

    def iri(self, name: str) -> Iri:
        """The IRI of what people name: an IRI, an ingest, a run of a step, a handle, a DRS id.

        What is an `Iri` already stays as it is.
        """
        return name if isinstance(name, Iri) else Iri(self._names.iri(name))

    # ------------------------------------------------------------------------------- asking

    def ask(
        self,
        question: str | Question,
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
        if isinstance(question, str):
            questions = self.questions if folder is None else Questions(Path(folder))
            question = questions[question]
        return self._resources.answer(question, {**(parameters or {}), **more}, language)

    def cypher(self, text: str, parameters: Mapping[str, Cell] | None = None) -> Answer:
        """Answer a Cypher query; nothing can be written with it."""
        return self._runner.run_query("cypher", text, parameters or {})

    def sparql(self, text: str, parameters: Mapping[str, Cell] | None = None) -> Answer:
        """Answer a SPARQL query; nothing can be written with it."""
        return self._runner.run_query("sparql", text, parameters or {})

    def lineage(self, name: str, *, down: bool = False, depth: int | None = None) -> Lineage:
        """What a thing came from (or, with `down`, what depends on it), nearest first; `.draw()`.

        Raises:
            UnknownName: nothing is known of it.

        """
        return self._resources.lineage(name, down=down, depth=depth)

    def impact(self, correction: str) -> Impact:
        """What the report of an erratum or a retraction reaches; `.draw()` shows it as a tree.

        Raises:
            UnknownName: there is no such ingest.

        """
        return self._resources.impact(self.questions["what-a-correction-reaches"], correction)

    def board(self, state: Answer | None = None, started: Answer | None = None) -> "IngestBoard":
        """A picture of all ingests: which step each waits for, and who must act.

        `state` and `started` are answers to the two questions behind it, where some rows only are
        wanted.
        """
        state = state or self.ask("state-of-every-ingest")
        started = started or self.ask("started-and-never-finished")
        return self._resources.picture_data.draw_board(state, started)

    def open_views(self) -> None:
        """Open the views now, which the first question would do."""
        _ = self._runner

    def bundles_about(self, name: str, limit: int | None = None) -> list[Entry]:
        """The entries that say something about a thing, in their order; at most `limit` of them."""
        return self._resources.entries_about(name, limit)

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
        rebuilt = catch_up(self._index, self._journal)
        result = self._index.search(words, kind=kind, step=step, project=project, limit=limit)
        if not rebuilt:
            return result
        return replace(result, notes=(*result.notes, rebuilt_note(self._index)))

    # -------------------------------------------------------------------------------- views

    @cached_property
    def views(self) -> Mapping[str, QueryView]:
        """The two views that speak a language, by the names `graph` and `rdf`."""
        graph = self._settings.graph
        server = (graph.address, graph.user, graph.password, graph.database) if graph else None
        bounds = {
            "seconds": self._settings.limits.seconds,
            "megabytes": self._settings.limits.megabytes,
        }
        return open_views(self.directory, self.prefixes, server, **bounds)

    def all_views(self) -> Mapping[str, View]:
        """All that follows the journal: `graph`, `rdf` and `search`."""
        return {**self.views, self._index.name: self._index}

    def rebuild(self, name: str | None = None) -> list[str]:
        """Forget one view, or all, and load it from the journal again; gives their names."""
        known = self.all_views()
        if name and name not in known:
            raise UnknownName("view", name, known)
        for view in (rebuilt := [name] if name else list(known)):
            known[view].clear()
            catch_up(known[view], self._journal)
        return rebuilt

    # ------------------------------------------------------------------------------ the whole

    def export(self, name: str | None = None, notation: Notation = "turtle") -> Iterator[str]:
        """The text of the whole store, or of one bundle, one ingest, or the lineage of one thing.

        Raises:
            UnknownName: there is no such thing or format; names the near ones.

        """
        return write(self._resources.bundles(name), notation)

    def verify(self, ingest: str = "", *, provenance: bool = False) -> VerifyResult:
        """Walk the journal's chain from the first entry to the last; says where it breaks.

        With `provenance`, also hold all bundles together against W3C PROV-CONSTRAINTS; those of
        one ingest only, if one is named.

        Raises:
            UnknownName: there is no such ingest; names the near ones.

        """
        head, problems = self._journal.head(), self._journal.verify()
        if ingest and not problems:
            violations = consistency.ingest_violations(self._names.entries_of_ingest(ingest))
            problems = [violation.problem() for violation in violations]
        elif provenance and not problems:
            violations = consistency.journal_violations(
                self._journal, self._settings.consistency_results
            )
            problems = [violation.problem() for violation in violations]
        return VerifyResult(head.position, head.chain, tuple(problems))

    def status(self) -> StoreStatus:
        """The store in figures; a view that is down is said to be down, not an error."""
        head = self._journal.head()
        return StoreStatus(
            str(self.directory),
            self.base,
            head.position,
            head.chain,
            len(self.ingests()),
            tuple(view_state(view, self._journal) for view in self.all_views().values()),
        )

    # -------------------------------------------------------------------- the rooms of one store

    @cached_property
    def _intake(self) -> Intake:
        """Where reports come in."""
        return Intake(
            self._journal,
            self._reports,
            self._names.iris,
            self.forms,
            Outbox(self.directory / "outbox"),
            Attachments(self.directory / "attachments"),
        )

    @cached_property
    def _runner(self) -> QueryRunner:
        """Runs queries against views that follow the journal."""
        return QueryRunner(self._journal, self.views, self.prefixes, self._settings.limits.rows)

    @cached_property
    def _resources(self) -> ResourceQueries:
        return ResourceQueries(self._names, self._runner)

    @cached_property
    def _index(self) -> "SearchView":
        from provstore.views.search import SearchView

        return SearchView(self._settings.search, self.prefixes)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """What 0.1.0 called otherwise: it works for one version, with a warning."""
            if name not in _FORMER_NAMES:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            advice, find = _FORMER_NAMES[name]
            message = f"ProvStore.{name} goes with the next version: {advice}."
            warnings.warn(message, DeprecationWarning, stacklevel=2)
            return find(self)


_FORMER_NAMES: Mapping[str, tuple[str, Callable[[ProvStore], Any]]] = {
    "answer": (
        "use ask",
        lambda store: lambda card, said, language: store.ask(card, said, language=language),
    ),
    "tell": ("use write_messages", lambda store: store.write_messages),
    "journal": ("use entries, entry and position", lambda store: store._journal),
    "names": ("use iri, base and prefixes", lambda store: store._names.iris),
    "settings": ("use directory and base", lambda store: store._settings),
    "intake": ("use submit, report and ingest", lambda store: store._intake),
    "asking": ("use ask, cypher and sparql", lambda store: store._runner),
    "behind": ("draw answers themselves", lambda store: store._resources.picture_data),
    "index": ("use search", lambda store: store._index),
}
"""Attributes of 0.1.0: what to use now, and how to find it."""
