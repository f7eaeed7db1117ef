"""ProvStore: the one object that knows every room. Read this first.

The way of a report: `forms` check the answers → `bundle_of_report` expresses them in PROV → the
`journal` records the bundle. The way of a query: the `views` follow the journal, then one of them
answers. Each method passes its call on to one room; no room calls back. The rooms that take reports
are loaded with this module, every other room by the first method that needs it.
"""

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from provstore.commands.input_sources import Source, read_source
from provstore.commands.intake import Intake
from provstore.commands.report_assembly import json_answers
from provstore.errors import (
    Problem,
    StoreReplaced,
    StoreUnavailable,
    UnknownName,
    ViewUnavailable,
)
from provstore.ingest.ingest_iris import BASE, IngestIris
from provstore.ingest.report import Report
from provstore.projects.forms import Form, drop_unanswered, load_forms
from provstore.prov.model.bundle import Bundle
from provstore.prov.notations import Notation
from provstore.results.answer import Answer, Cell, Iri
from provstore.results.receipts import (
    AmendmentReceipt,
    BackupResult,
    CheckpointReceipt,
    CheckResult,
    ImportReceipt,
    Receipt,
    RedactionReceipt,
    StoreStatus,
    VerifyResult,
)
from provstore.storage import settings
from provstore.storage.atomic_files import SHARED, make_directory
from provstore.storage.attachments import Attachments
from provstore.storage.checkpoint_files import CheckpointFile
from provstore.storage.checkpoints import Checkpoints
from provstore.storage.ingest_reports import IngestReports
from provstore.storage.journal import Entry, Journal, Position
from provstore.storage.journal_entries import Witness
from provstore.storage.name_resolver import NameResolver
from provstore.storage.outbox import Outbox
from provstore.storage.personal_data import RandomSource
from provstore.store_ingest import Ingest, Taken

if TYPE_CHECKING:
    from provstore.pictures.ingest_board import IngestBoard
    from provstore.queries.catalogue import Question, Questions
    from provstore.queries.picture_data import Impact, Lineage
    from provstore.queries.question_values import Names
    from provstore.queries.resource_queries import ResourceQueries
    from provstore.queries.runner import QueryRunner
    from provstore.results.search_results import SearchResult
    from provstore.storage.drafts import Drafts
    from provstore.views.search import SearchView
    from provstore.views.view_contract import View
    from provstore.views.view_opening import QueryViews


class ProvStore:
    """An open store: `provstore.open("DIR")`, preferably in a `with` block.

    In the examples, `store` contains the example deliveries (`provstore tour --keep DIR` makes such
    a store), and `scratch` is an empty store.
    """

    def __init__(self, directory: str | os.PathLike[str] | None = None) -> None:
        self._open(settings.store_directory(directory))

    def _open(self, directory: Path) -> None:
        self._settings = settings.read_settings(directory)
        random = RandomSource(self._settings.predictable)
        self._journal = Journal(self._settings.journal, self._before_writing, random=random)
        self._checkpoints = Checkpoints(self._settings, self._journal)
        self._names = NameResolver(self._journal, IngestIris(self._settings.base))
        self._reports = IngestReports(self._journal, self._names.iris)
        if not self._journal.read_only and any(self._journal.replacements().values()):
            with suppress(StoreUnavailable):  # `verify` names what is left; reports are taken
                self._finish_acts()  # one was interrupted

    @classmethod
    def create(
        cls,
        directory: str | os.PathLike[str] | None = None,
        base: str = BASE,
        *,
        predictable: str = "",
        group: str = "",
    ) -> Self:
        """Create a store; all IRIs that it creates begin with `base`.

        With `group`, all members of that group of this machine can use the store.
        `predictable` is a word for examples and tests: the identifiers of people and the salts of
        personal values are then computed from it, and the same deliveries give the same answers.

        >>> with ProvStore.create(DIRECTORY, "https://data.example.org/") as new:
        ...     new.ingests()
        []

        Raises:
            Refused: there is a store in this directory already, there is no such group, or this
                account is not a member.
            StoreUnavailable: the directory cannot be used.

        """
        place = settings.store_directory(directory)
        try:
            settings.check_new_store(place, base)
            if group:
                from provstore.storage.user_groups import group_number, make_for_group

                make_for_group(place, group_number(group))
            make_directory(place)
            with closing(Journal.create(place / "journal.sqlite")) as journal, journal.locked():
                settings.check_new_store(place, base)  # another process may have been faster
                base = journal.base() or base
                settings.write_settings(place, base, _former_id(place), predictable)
        except OSError as error:
            raise StoreUnavailable(f"No store can be created in {place}: {error}.") from error
        return cls(place)

    def close(self) -> None:
        """Write what is due, and close the journal and the views."""
        self._checkpoints.writing.close()
        self._journal.close()
        self.__dict__.pop("_runner", None)
        if views := self.__dict__.pop("views", None):
            views.close()
        if index := self.__dict__.pop("_index", None):
            index.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --------------------------------------------------------------------------- recording

    def submit(self, source: Source) -> Receipt:
        """Begin an ingest with a filled form or a sealed package. Repeating it changes nothing.

        >>> form = scratch.forms["cordex"]
        >>> receipt = scratch.submit(form.text(form.example()).encode())
        >>> receipt.ingest, receipt.step, receipt.next, receipt.new
        ('cordex-0001', 'submission', 'review', True)

        Raises:
            BadForm: the answers do not fit the form; lists every problem.
            BadPackage: the package was changed or damaged after it was sealed; lists every problem.
            Refused: the form belongs to another step.

        """
        return self._take(lambda intake: intake.submit(read_source(source)))

    def report(self, ingest: str, step: str, *sources: Source, **answers: object) -> Receipt:
        """Record a report on the next run of a step. Repeating it changes nothing.

        A report is one filled form, or files written by tools. `answers` add what these lack;
        without a file, they are the whole report.

        >>> form = scratch.forms["cordex"]
        >>> ingest = scratch.submit(form.text(form.example()).encode()).ingest
        >>> review = scratch.forms["review"]
        >>> receipt = scratch.report(ingest, "review", review.text(review.example()).encode())
        >>> receipt.outcome, receipt.next, receipt.awaits
        ('ok', 'transfer', 'transfer_manager')

        Raises:
            UnknownName: no such ingest or step; suggests similar names.
            BadForm: the answers do not fit the form; lists every problem.
            BadInput: no reader recognises a file, or a file is faulty; lists every problem.
            Refused: the step is not allowed now, or the form or file belongs to another step.

        """
        input_files = [*map(read_source, sources)]
        return self._take(lambda intake: intake.report(ingest, step, input_files, answers))

    def ingest(self, name: str) -> Ingest:
        """Return one ingest: to start and finish its steps, and to see its state and its history.

        >>> print(store.ingest("cordex-0001").status())
        cordex-0001 is open; next step: archival (archivist).

        Raises:
            UnknownName: no such ingest; suggests similar names.

        """
        self._reports.of_ingest(name)
        return Ingest(name, self._take)

    def write_messages(self) -> int:
        """Write due messages to providers to the outbox; return how many.

        Reports on steps do this automatically. A submission does not, to save time.

        >>> store.write_messages()  # all have been written already
        0

        Raises:
            StoreUnavailable: the outbox cannot be written. The journal is not affected.

        """
        self._journal.check_writable()
        return self._intake.write_messages()

    def keep_attachments(self, contents: Iterable[bytes]) -> None:
        """Store files that the answers of a report will refer to by their SHA-256.

        >>> scratch.keep_attachments([b"The agreement, as a PDF file"])

        Raises:
            StoreUnavailable: they cannot be written.

        """
        self._journal.check_writable()
        self._intake.keep_attachments(contents)

    def drafts(self) -> "Drafts":
        """Return the drafts: forms that people have begun to fill in.

        >>> scratch.drafts().newest("cordex") is None
        True
        """
        from provstore.storage.drafts import Drafts

        return Drafts(self.directory / "drafts", SHARED)

    def import_document(
        self, source: Source, notation: str | None = None, *, accept_invalid: bool = False
    ) -> ImportReceipt:
        """Import a PROV document written by others: all of its bundles, or none.

        Repeating it changes nothing. Without `notation`, the content decides the notation. With
        `accept_invalid`, a document is imported even if it violates W3C PROV-CONSTRAINTS (then a
        verdict is recorded too) or makes statements about ingests of this store.

        >>> document = {"prefix": {"ex": "http://example.org/"}, "entity": {"ex:data": {}}}
        >>> receipt = scratch.import_document(document)
        >>> [(bundle.elements, bundle.relations, bundle.new) for bundle in receipt.bundles]
        [(1, 0, True)]

        Raises:
            UnknownName: no such notation; suggests similar names.
            BadDocument: it cannot be read, is not valid, or makes statements about ingests of this
                store; lists every problem.
            Refused: the store has another bundle of that name, or the name is reserved.

        """
        from provstore.commands.document_import import import_document

        input_file = read_source(source)
        return self._take(
            lambda _: import_document(
                input_file, self._names, notation=notation, accept_invalid=accept_invalid
            )
        )

    def check(self, source: Source) -> CheckResult:
        """Detect what a source is, and whether it would be accepted. Nothing is written.

        >>> result = store.check({"form": "cordex", "version": "1", "answers": {}})
        >>> result.kind, result.verdict, result.problems[0].where
        ('form', 'invalid', '/answers/agent')

        Raises:
            Refused: the file does not exist or cannot be read.

        """
        from provstore.commands.file_checks import check_source

        return check_source(source, self.forms)

    # ----------------------------------------------------------------------------- looking up

    @property
    def directory(self) -> Path:
        """The directory of the store.

        >>> store.directory.is_dir()
        True
        """
        return self._settings.directory

    @property
    def base(self) -> str:
        """The base IRI: all IRIs that the store creates begin with it.

        >>> store.base
        'https://provstore.example/'
        """
        return self._settings.base

    @property
    def prefixes(self) -> Mapping[str, str]:
        """The prefixes that queries may use without a declaration, with their namespaces.

        >>> store.prefixes["prov"]
        'http://www.w3.org/ns/prov#'
        """
        return self._names.iris.prefixes

    @cached_property
    def forms(self) -> Mapping[str, Form]:
        """The forms by name.

        >>> store.forms["review"].title
        'Review of the submission'
        """
        return load_forms(settings.shipped("forms"))

    @cached_property
    def questions(self) -> "Questions":
        """The questions by name.

        >>> store.questions["where-did-this-come-from"].parameters["thing"].kind
        'iri'
        """
        return _questions(settings.shipped("queries"))

    def ingests(self) -> list[str]:
        """Return the names of all ingests, in alphabetical order.

        >>> store.ingests()[:2]
        ['cmip6-0001', 'cordex-0001']
        """
        return self._journal.ingests()

    def reports(self, ingest: str) -> list[Report]:
        """Return all reports on an ingest, in order.

        >>> [(report.step, report.outcome) for report in store.reports("cordex-0003")]
        [('submission', 'ok'), ('review', 'rejected')]

        Raises:
            UnknownName: no such ingest; suggests similar names.

        """
        return [*self._reports.of_ingest(ingest)]

    def position(self) -> Position:
        """Return the number of entries in the journal, and the chain hash of the last one.

        >>> scratch.position().position
        0
        """
        return self._journal.head()

    def entries(self, ingest: str | None = None, *, after: int = 0) -> Iterator[Entry]:
        """Yield the entries of the journal, or of one ingest, in order.

        `after` is a position: only the entries behind it are yielded, and earlier ones not read.

        >>> [entry.bundle for entry in store.entries("cordex-0003")][-1]
        'https://provstore.example/ingest/cordex-0003/review/1/bundle'

        Raises:
            UnknownName: no such ingest; suggests similar names.

        """
        if ingest is None:
            return self._journal.after(after)
        entries = self._names.entries_of_ingest(ingest)
        return (entry for entry in entries if entry.position > after)

    def entry(self, bundle: str) -> Entry | None:
        """Return the entry of a bundle, by its IRI; None if there is no such bundle.

        >>> store.entry("https://provstore.example/ingest/cordex-0003/review/1/bundle").ingest
        'cordex-0003'
        """
        return self._journal.entry_of_bundle(bundle)

    def iri(self, name: str) -> Iri:
        """Return the IRI for a name as people write it; an `Iri` is returned unchanged.

        A name is an IRI, an ingest, `INGEST/STEP/RUN`, `prefix:name`, a handle, a DOI or a DRS id.

        >>> store.iri("cordex-0001/review/1")
        'https://provstore.example/ingest/cordex-0001/review/1'
        >>> store.iri("doi:10.5072/exrcm1")
        'https://doi.org/10.5072/exrcm1'
        """
        return name if isinstance(name, Iri) else Iri(self._names.iri(name))

    def known_names(self) -> "Names":
        """Return the names by which `choose_question` finds parameters in words.

        >>> store.known_names().search("Ada", "Person")[0].title
        'Ada Example'
        """
        from provstore.prov.model.iris import Prefixes
        from provstore.queries.question_values import MOST_CANDIDATES, Candidate, Names
        from provstore.results.short_names import short_name

        short = Prefixes(self.prefixes).short

        def search(words: str, kind: str) -> list[Candidate]:
            hits = self.search(words, kind=kind, limit=MOST_CANDIDATES).hits
            return [Candidate(short_name(hit.iri, short), hit.title) for hit in hits]

        return Names(self.ingests(), search, datetime.now(UTC))

    # ------------------------------------------------------------------------------- asking

    def ask(
        self,
        question: "str | Question",
        parameters: Mapping[str, object] | None = None,
        /,
        *,
        language: str = "cypher",
        folder: str | os.PathLike[str] | None = None,
        **more: object,
    ) -> Answer:
        """Answer a question by its name, in `cypher`, in `sparql`, or in `both` if they agree.

        `folder` is a folder of your own questions. `name` may also be a `Question`.

        >>> answer = store.ask("how-long-each-step-took", ingest="cordex-0001", language="both")
        >>> answer.columns[:2], answer.cut
        (('ingest', 'step'), False)

        Raises:
            UnknownName: no such question, parameter, ingest or language; suggests similar names.
            BadParameter: a parameter is missing or of another kind.
            BadQuery: with `both`, the two answers differ.

        """
        if isinstance(question, str):
            questions = self.questions if folder is None else _questions(Path(folder))
            question = questions[question]
        return self._resources.answer(question, {**(parameters or {}), **more}, language)

    def cypher(self, text: str, parameters: Mapping[str, Cell] | None = None) -> Answer:
        """Answer a read-only Cypher query.

        >>> store.cypher("MATCH (i:ingest__Ingest) RETURN count(i) AS ingests").rows
        ((7,),)

        Raises:
            BadQuery: the engine does not understand it, it would write, or it exceeds a limit.

        """
        return self._runner.run_query("cypher", text, parameters or {})

    def sparql(self, text: str, parameters: Mapping[str, Cell] | None = None) -> Answer:
        """Answer a read-only SPARQL query.

        >>> store.sparql("SELECT (count(?i) AS ?ingests) { ?i a ingest:Ingest }").rows
        ((7,),)

        Raises:
            BadQuery: the engine does not understand it, it would write, or it exceeds a limit.
            UnknownName: it uses an undeclared prefix; suggests similar ones.

        """
        return self._runner.run_query("sparql", text, parameters or {})

    def lineage(self, name: str, *, down: bool = False, depth: int | None = None) -> "Lineage":
        """Return what an element came from, or with `down` what depends on it, nearest first.

        `.draw()` returns the picture.

        >>> lineage = store.lineage("cordex-0003/review/1/report", depth=1)
        >>> lineage.columns
        ('steps', 'thing', 'relation', 'other', 'label', 'bundle')

        Raises:
            UnknownName: the store does not mention the element.

        """
        return self._resources.lineage(name, down=down, depth=depth)

    def impact(self, correction: str) -> "Impact":
        """Return what an erratum or a retraction affects; `correction` names its report.

        `.draw()` returns it as a tree.

        >>> len(store.impact("cordex-0001/erratum/1/report")) > 0
        True

        Raises:
            UnknownName: no such ingest; suggests similar names.

        """
        return self._resources.impact(self.questions["what-a-correction-reaches"], correction)

    def board(self, state: Answer | None = None, started: Answer | None = None) -> "IngestBoard":
        """Draw all ingests: the step that each waits for, and who must act.

        To draw only some rows, pass answers to the questions `state-of-every-ingest` and
        `started-and-never-finished` as `state` and `started`.

        >>> store.board().svg()[:4]
        '<svg'
        """
        if state is None:
            state = self.ask("state-of-every-ingest")
        if started is None:
            started = self.ask("started-and-never-finished")
        return self._resources.picture_data.draw_board(state, started)

    def open_views(self) -> None:
        """Open the views now; otherwise the first query does so."""
        _ = self._runner

    def bundles_about(self, name: str, limit: int | None = None) -> list[Entry]:
        """Return the entries that mention an element, in order; at most `limit` of them.

        >>> [entry.ingest for entry in store.bundles_about("cordex-0003/review/1")]
        ['cordex-0003']
        """
        return self._resources.entries_about(name, limit)

    def search(
        self, words: str, *, kind: str = "", step: str = "", project: str = "", limit: int = 20
    ) -> "SearchResult":
        """Find elements by words in their names, titles, comments, findings or identifiers.

        The best hits come first. All words must occur, in any order. `"a phrase"` must occur
        exactly, and `begin*` is the beginning of a word. A kind (`Finding`), a step (`quality`) or
        a project (`cordex`) narrows the search. Without words, all elements match. Several threads
        may search at once.

        >>> result = store.search("ada example", kind="Person", limit=1)
        >>> [hit.title for hit in result.hits]
        ['Ada Example']

        Raises:
            BadParameter: the limit is less than 1.
            ViewUnavailable: the index is damaged; says how to rebuild it.

        """
        from provstore.views.journal_following import catch_up, rebuilt_note

        rebuilt = catch_up(self._index, self._journal)
        result = self._index.search(words, kind=kind, step=step, project=project, limit=limit)
        if not rebuilt:
            return result
        return replace(result, notes=(*result.notes, rebuilt_note(self._index)))

    # -------------------------------------------------------------------------------- views

    @cached_property
    def views(self) -> "QueryViews":
        """The two views with a query language, `graph` and `rdf`, by name.

        >>> sorted(store.views)
        ['graph', 'rdf']
        """
        from provstore.views.view_opening import open_views

        graph = self._settings.graph
        server = (graph.address, graph.user, graph.password, graph.database) if graph else None
        return open_views(
            self._settings.views,
            self.prefixes,
            server,
            seconds=self._settings.limits.seconds,
            megabytes=self._settings.limits.megabytes,
            linger=self._settings.engines.linger,
            runtime=self._settings.runtime,
        )

    def all_views(self) -> "Mapping[str, View]":
        """Return all views of the journal: `graph`, `rdf` and `search`.

        >>> sorted(store.all_views())
        ['graph', 'rdf', 'search']
        """
        return {**self.views, self._index.name: self._index}

    def rebuild(self, name: str | None = None) -> list[str]:
        """Rebuild one view, or all, from the journal; return their names.

        >>> store.rebuild("search")
        ['search']

        Raises:
            UnknownName: no such view; suggests similar names.

        """
        from provstore.views.journal_following import rebuild

        known = self.all_views()
        if name and name not in known:
            raise UnknownName("view", name, known)
        for view in (rebuilt := [name] if name else list(known)):
            rebuild(known[view], self._journal)
        return rebuilt

    # ------------------------------------------------------------------------- the whole store

    def export(
        self,
        name: str | None = None,
        notation: Notation = "turtle",
        *,
        sound: bool = False,
        expressible: bool = False,
        left_out: Callable[[Problem], object] | None = None,
    ) -> Iterator[str]:
        """Export the whole store, or one bundle, one ingest, or the lineage of one element.

        A document that was imported is a bundle of the store; alone, it is a document again.

        A damaged store is refused. With `sound`, its undamaged bundles are exported. With
        `expressible`, bundles that the notation cannot express are left out. `left_out` is called
        with a problem for each damaged entry or omitted bundle; it may be `problems.append`.

        >>> "".join(store.export("cordex-0003", "provn")).startswith("document")
        True

        Raises:
            UnknownName: no such element or notation; suggests similar names.
            Refused: this notation cannot express these bundles; or, with `sound`, the name is
                neither an ingest nor a bundle.
            DamagedStore: entries are damaged; names them.

        """
        from provstore.audit.sound_bundles import check_undamaged, sound_bundles
        from provstore.prov.notations.document import Document, stored_document
        from provstore.prov.notations.notation_registry import write

        if sound:
            bundles: Iterable[Bundle] = sound_bundles(self._names, name, left_out)
        else:
            check_undamaged(self._journal, whole=name is None)
            bundles = self._resources.bundles(name)
        written: Iterable[Bundle] | Document = bundles
        if name is not None:
            written = bundles = list(bundles)
            if len(bundles) == 1:
                written = stored_document(bundles[0]) or bundles
        omit = (left_out or (lambda _: None)) if expressible else None
        return write(written, notation, left_out=omit)

    def verify(
        self,
        ingest: str = "",
        *,
        provenance: bool = False,
        views: bool = False,
        public_key: str | os.PathLike[str] | None = None,
    ) -> VerifyResult:
        """Check the journal from the first entry to the last, and attachments, settings, outbox.

        The journal is compared with everything that repeats some of its entries: checkpoints, the
        outbox and the search view. `notes` name the entries that none of these confirms. With
        `provenance`, also check all bundles together against W3C PROV-CONSTRAINTS; with `ingest`,
        only the bundles of that ingest. With `views`, also check that each view has exactly the
        bundles of the journal. `public_key` is a file with the key that checks the signatures of
        checkpoints, whatever key the settings name.

        >>> store.verify("cordex-0001").problems
        ()

        Raises:
            UnknownName: no such ingest; suggests similar names.
            Refused: the file has no public key.

        """
        from provstore.audit import consistency
        from provstore.audit.verification import follower_witnesses, verify_store
        from provstore.audit.view_comparison import view_problems
        from provstore.audit.vouching import vouching_notes
        from provstore.storage.permissions import permission_notes
        from provstore.storage.signing import read_public_key

        key = read_public_key(Path(public_key)) if public_key else ""
        try:
            self._journal.check_in_place()
        except StoreReplaced:
            fault = "The store or its settings were moved or replaced while it was open."
            problem = Problem("/journal", fault, "Open it again, and verify it.")
            return VerifyResult(*self._journal.head(), (problem,))
        self._checkpoints.writing.flush()
        evidence = self._checkpoints.evidence(key)
        has_views = not self._journal.read_only
        followers = [*follower_witnesses(self.directory, with_views=has_views)]
        verification = verify_store(self._journal, [*evidence.witnesses, *followers])
        self._journal.mark_damaged(verification.of_journal)
        head, problems = verification.head, [*verification.of_journal]
        agreeing = [] if problems else followers
        notes = [*vouching_notes(head, evidence, agreeing), *verification.notes]
        notes += permission_notes(self.directory)
        is_signed = 0 < evidence.vouched == evidence.signed
        problems += [*evidence.faults, *verification.of_files]
        if ingest and not problems:
            violations = consistency.ingest_violations(self._names.entries_of_ingest(ingest))
            problems = [violation.problem() for violation in violations]
        elif provenance and not problems:
            violations = consistency.journal_violations(
                self._journal, self._settings.consistency_results
            )
            problems = [violation.problem() for violation in violations]
        if views and not verification.of_journal:
            problems += view_problems(self.views, self._index, self._journal)
        return VerifyResult(
            head.position, head.chain, tuple(problems), evidence.vouched, is_signed, tuple(notes)
        )

    def backup(self, destination: str | os.PathLike[str]) -> BackupResult:
        """Back up the store, even while others write to it; to an earlier backup, add what is new.

        >>> backup = scratch.backup(DIRECTORY)
        >>> backup.bundles, backup.new_bundles
        (0, 0)

        Raises:
            Refused: the destination has other files, or the backup of another store.
            DamagedStore: the store is damaged; lists the problems.
            StoreUnavailable: the destination cannot be written.

        """
        from provstore.audit.backup import backup

        return backup(self.directory, Path(destination))

    def redact(
        self,
        *people: str,
        reason: str,
        by: Mapping[str, Any] | Source,
        answers: Iterable[str] = (),
        attachments: Iterable[str] = (),
        dry_run: bool = False,
    ) -> RedactionReceipt:
        """Remove personal data for ever: of people, of single answers, or whole attachments.

        A person is named by an IRI, an ORCID, an address or a name; an answer as
        `INGEST/STEP/RUN/FIELD`; an attachment by its SHA-256. `by` is who does it, as forms ask for
        a person. All hashes still fit, and the redaction is an entry itself. What others have
        (exports, backups, messages that were sent) is beyond its reach.

        >>> form = scratch.forms["cordex"]
        >>> _ = scratch.submit(form.text(form.example()).encode())
        >>> person = {"name": "Di Manager", "email": "di@example.org",
        ...           "organisation": {"name": "Example Data Centre"}}
        >>> receipt = scratch.redact("ada@example.org", reason="asked for it", by=person)
        >>> receipt.people
        ('redacted person 1',)

        Raises:
            BadForm: `by` or the reason is not as the form `redaction` asks for it.
            UnknownName: nobody is called that, or there is no such answer or attachment.
            Refused: a name belongs to several people, or everything was redacted before.
            StoreUnavailable: traces could not be removed; the next opening tries again.

        """
        from provstore.audit import redaction
        from provstore.audit.redaction_search import RedactionWish, plan_redaction

        agent = by if isinstance(by, Mapping) else read_source(by).read_json()
        wish = RedactionWish(people, tuple(answers), tuple(attachments))
        filled = json_answers({"agent": agent, "reason": reason})
        form, iris = self.forms[redaction.FORM], self._names.iris
        if dry_run:
            form.check(filled, redaction.FORM)
            plan, position = plan_redaction(self._journal, wish, iris), 0
            redaction.check_reason(plan, str(filled["reason"]))
        else:
            plan, position = self._take(
                lambda _: redaction.redact(self._journal, wish, form, filled, iris)
            )
        notes = [
            f"Somebody else has the same name, and keeps it: {iris.person(identifier)}"
            for identifier in plan.namesakes
        ]
        notes += [] if dry_run else self._finish_acts()
        return RedactionReceipt(
            not dry_run,
            position,
            tuple(subject.label for subject in plan.subjects),
            len(plan.replaced),
            len({replacement.position for replacement in plan.replaced}),
            plan.attachments,
            plan.mentions,
            tuple(notes),
        )

    def amend(
        self, person: str, *, reason: str, by: Mapping[str, Any] | Source, **changes: object
    ) -> AmendmentReceipt:
        """Record a new name, address, ORCID or institute of a person, or that two are one.

        `changes` are `name`, `email`, `orcid`, `organisation` (with a `name` and perhaps a `ror`)
        and `same_as` (a list of people), as the form `amendment` asks for them. All answers use the
        new name from then on; runs that were done for another institute stay so.

        >>> form = scratch.forms["cordex"]
        >>> _ = scratch.submit(form.text(form.example()).encode())
        >>> person = {"name": "Di Manager", "email": "di@example.org",
        ...           "organisation": {"name": "Example Data Centre"}}
        >>> change = {"name": "Ada New", "reason": "she wrote to us"}
        >>> receipt = scratch.amend("ada@example.org", by=person, **change)
        >>> scratch.reports("cordex-0001")[0].answers["agent"]["name"]
        'Ada New'

        Raises:
            BadForm: an answer is not as the form asks for it, or nothing changes.
            UnknownName: nobody is called that; suggests similar names.
            Refused: a name belongs to several people.

        """
        from provstore.commands import amendments

        agent = by if isinstance(by, Mapping) else read_source(by).read_json()
        answers = {"agent": agent, "person": person, "reason": reason, **changes}
        filled, form = json_answers(drop_unanswered(answers)), self.forms[amendments.FORM]
        position, entries = self._take(
            lambda _: amendments.amend(self._journal, form, filled, self._names.iris)
        )
        return AmendmentReceipt(position, entries, tuple(self._finish_acts()))

    def _finish_acts(self) -> list[str]:
        """Remove what acts left beside the journal's tables; a server's view as well."""
        from provstore.audit import redaction

        if views := self.__dict__.pop("views", None):
            views.close()
        self.__dict__.pop("_runner", None)
        self.__dict__.pop("_resources", None)
        if index := self.__dict__.pop("_index", None):
            index.close()
        notes = redaction.finish_acts(self._journal, self._reports, self._settings.views)
        if self._settings.graph:
            try:
                self.views["graph"].clear()
            except ViewUnavailable as error:  # its next query clears it
                notes.append(str(error))
        return notes

    def checkpoint(self) -> CheckpointReceipt:
        """Record the current last entry outside the journal, signed if there is a key.

        A checkpoint is written next to the journal, and to all places in `[checkpoints]` in
        `provstore.toml`. With it, `verify` detects if entries up to this one are lost or changed.

        >>> receipt = store.checkpoint()
        >>> receipt.position == store.position().position
        True

        Raises:
            DamagedStore: the journal contradicts an earlier checkpoint; none is written.
            Refused: the journal is empty, or the key cannot be used.
            StoreUnavailable: it cannot be written next to the journal.

        """
        self._journal.check_writable()
        checkpoint, is_new, files, notes = self._checkpoints.write()
        return CheckpointReceipt(
            checkpoint.store,
            checkpoint.position,
            checkpoint.chain,
            checkpoint.time,
            bool(checkpoint.signature),
            checkpoint.key,
            is_new,
            tuple(map(str, files)),
            notes,
        )

    def status(self) -> StoreStatus:
        """Return the state of the store; a view that is down is reported and is no error.

        >>> [(view.name, view.behind) for view in store.status().views]
        [('graph', 0), ('rdf', 0), ('search', 0)]
        """
        from provstore.storage.permissions import permission_notes
        from provstore.views.journal_following import view_state

        head = self._journal.head()
        return StoreStatus(
            str(self.directory),
            self.base,
            head.position,
            head.chain,
            len(self.ingests()),
            tuple(view_state(view, self._journal) for view in self.all_views().values()),
            self._checkpoints.last_position(),
            (*self._checkpoints.place_notes(), *permission_notes(self.directory)),
        )

    # -------------------------------------------------------------------- the rooms of one store

    def _take(self, act: Callable[[Intake], Taken]) -> Taken:
        """Record something; if the store has been replaced in the meantime, open the new one.

        Raises:
            StoreReplaced: nothing was recorded; the next attempt uses the new store.

        """
        self._journal.check_writable()
        try:
            taken = act(self._intake)
        except StoreReplaced:
            directory = self.directory
            self.close()
            for name in ("_intake", "_resources"):
                self.__dict__.pop(name, None)
            with suppress(StoreUnavailable):
                self._open(directory)
            raise
        self._checkpoints.request()
        return taken

    def _before_writing(self) -> Iterator[Witness]:
        """Yield evidence of journal entries that is quick to read: outbox and checkpoints."""
        if (base := self._journal.base()) and base != self.base:
            raise StoreUnavailable(
                f"The base in provstore.toml is {self.base}, but the reports in the journal were "
                f"named with {base}. Nothing was recorded.",
                f'Put the former base back into provstore.toml: base = "{base}"',
            )
        yield from Outbox(self.directory / "outbox").witnesses()
        yield from self._checkpoints.before_writing()

    @cached_property
    def _intake(self) -> Intake:
        """Takes reports."""
        return Intake(
            self._journal,
            self._reports,
            self._names.iris,
            self.forms,
            Outbox(self.directory / "outbox"),
            Attachments(self.directory / "attachments"),
            self._settings.generation,
        )

    @cached_property
    def _runner(self) -> "QueryRunner":
        """Runs queries against views that follow the journal."""
        from provstore.queries.runner import QueryRunner

        return QueryRunner(self._journal, self.views, self.prefixes, self._settings.limits.rows)

    @cached_property
    def _resources(self) -> "ResourceQueries":
        from provstore.queries.resource_queries import ResourceQueries

        return ResourceQueries(self._names, self._runner)

    @cached_property
    def _index(self) -> "SearchView":
        from provstore.views.search import SearchView

        return SearchView(self._settings.search, self.prefixes)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Support the names of 0.1.0 for one more version, with a warning."""
            if name not in _FORMER_NAMES:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            advice, find = _FORMER_NAMES[name]
            message = f"The next version removes ProvStore.{name}: {advice}."
            warnings.warn(message, DeprecationWarning, stacklevel=2)
            return find(self)


def _former_id(directory: Path) -> str:
    """Return the id that a store without settings had: its checkpoints know it."""
    with suppress(OSError):
        if last := CheckpointFile(directory / settings.CHECKPOINTS).last():
            return last.store
    return ""


def _questions(folder: Path) -> "Questions":
    from provstore.queries.catalogue import Questions

    return Questions(folder)


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
    "behind": ("call draw on an answer", lambda store: store._resources.picture_data),
    "index": ("use search", lambda store: store._index),
}
"""Attributes of 0.1.0: the advice, and the function that returns the new one."""
