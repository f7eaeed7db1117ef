"""ProvStore: the one object that knows every room. Read this first.

A report goes one way: `forms` check the answers → `bundle_of_report` expresses them in PROV → the
`journal` records the bundle. Whoever asks makes the `views` follow the journal, and gets an answer.
Each method here hands its call to one room; no room below calls back.
"""

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from provstore.audit import consistency, redaction
from provstore.audit.backup import backup
from provstore.audit.redaction_search import RedactionWish, plan_redaction
from provstore.audit.sound_bundles import check_undamaged, sound_bundles
from provstore.audit.verification import follower_witnesses, verify_store
from provstore.audit.view_comparison import view_problems
from provstore.audit.vouching import vouching_notes
from provstore.commands import amendments, document_import, file_checks
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
from provstore.prov.notations.notation_registry import Notation, write
from provstore.queries.catalogue import Question, Questions
from provstore.queries.picture_data import Impact, Lineage
from provstore.queries.resource_queries import ResourceQueries
from provstore.queries.runner import QueryRunner
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
from provstore.results.search_results import SearchResult
from provstore.storage import settings
from provstore.storage.atomic_files import make_directory
from provstore.storage.attachments import Attachments
from provstore.storage.checkpoints import Checkpoints
from provstore.storage.drafts import Drafts
from provstore.storage.ingest_reports import IngestReports
from provstore.storage.journal import Entry, Journal, Position
from provstore.storage.journal_entries import Witness
from provstore.storage.name_resolver import NameResolver
from provstore.storage.outbox import Outbox
from provstore.storage.personal_data import RandomSource
from provstore.store_ingest import Ingest, Taken
from provstore.views.journal_following import catch_up, rebuilt_note, view_state
from provstore.views.view_contract import QueryView, View
from provstore.views.view_opening import open_views

if TYPE_CHECKING:
    from provstore.pictures.ingest_board import IngestBoard
    from provstore.views.search import SearchView


class ProvStore:
    """An open store: `provstore.open("DIR")`, best in a `with` block.

    In the examples, `store` holds the example deliveries (`provstore tour --keep DIR` makes such a
    store), and `scratch` is an empty one.
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
    ) -> Self:
        """Make a new store; all IRIs that it gives begin with `base`.

        `predictable` is a word for examples and tests: the identifiers of people and the salts of
        personal values are then computed from it, and the same deliveries give the same answers.

        >>> with ProvStore.create(DIRECTORY, "https://data.example.org/") as new:
        ...     new.ingests()
        []

        Raises:
            Refused: there is a store in this directory already.
            StoreUnavailable: the directory cannot be used.

        """
        place = settings.store_directory(directory)
        try:
            make_directory(place)
            settings.check_new_store(place, base)
            with closing(Journal.create(place / "journal.sqlite")) as journal, journal.locked():
                settings.check_new_store(place, base)  # somebody else may have been quicker
                settings.write_settings(place, _base_of(journal) or base, predictable)
        except OSError as error:
            raise StoreUnavailable(f"No store can be made in {place}: {error}.") from error
        return cls(place)

    def close(self) -> None:
        """Close the journal and the views."""
        self._checkpoints.wait()
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
        """Take a filled form or a sealed package; begins an ingest. The same again changes nothing.

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
        """Take a report on the next run of a step. The same again changes nothing.

        A report is one filled form, or files written by tools. `answers` complete what these leave
        open; without a file they are the whole report.

        >>> form = scratch.forms["cordex"]
        >>> ingest = scratch.submit(form.text(form.example()).encode()).ingest
        >>> review = scratch.forms["review"]
        >>> receipt = scratch.report(ingest, "review", review.text(review.example()).encode())
        >>> receipt.outcome, receipt.next, receipt.awaits
        ('ok', 'transfer', 'transfer_manager')

        Raises:
            UnknownName: no such ingest or step; suggests similar names.
            BadForm: the answers do not fit the form; lists every problem.
            BadInput: no reader knows a file, or its reader lists what is wrong with it.
            Refused: the step may not come now, or the form or file belongs to another step.

        """
        input_files = [*map(read_source, sources)]
        return self._take(lambda intake: intake.report(ingest, step, input_files, answers))

    def ingest(self, name: str) -> Ingest:
        """One ingest: start and finish its steps, see its state and its history.

        >>> print(store.ingest("cordex-0001").status())
        cordex-0001 is open; next step: archival (archivist).

        Raises:
            UnknownName: no such ingest; suggests similar names.

        """
        self._reports.of_ingest(name)
        return Ingest(name, self._take)

    def write_messages(self) -> int:
        """Write the messages to providers that are due into the outbox; returns how many.

        Reports on steps do this themselves. A submission does not, so that it costs one write only.

        >>> store.write_messages()  # all of them are there already
        0

        Raises:
            StoreUnavailable: the outbox cannot be written. The journal is not affected.

        """
        self._journal.check_writable()
        return self._intake.write_messages()

    def keep_attachments(self, contents: Iterable[bytes]) -> None:
        """Keep files that the answers of a report will refer to by their SHA-256.

        >>> scratch.keep_attachments([b"The agreement, as a PDF file"])

        Raises:
            StoreUnavailable: they cannot be written.

        """
        self._journal.check_writable()
        self._intake.keep_attachments(contents)

    def drafts(self) -> Drafts:
        """Forms that people have begun to fill in.

        >>> scratch.drafts().newest("cordex") is None
        True
        """
        return Drafts(self.directory / "drafts")

    def import_document(
        self, source: Source, notation: str | None = None, *, accept_invalid: bool = False
    ) -> ImportReceipt:
        """Import a PROV document of others, all of its bundles or none.

        The same again changes nothing. The content decides its notation, unless `notation` names
        it. With `accept_invalid`, a document is kept although it violates W3C PROV-CONSTRAINTS
        (then a verdict is recorded beside it) or makes statements about ingests of this store.

        >>> document = {"prefix": {"ex": "http://example.org/"}, "entity": {"ex:data": {}}}
        >>> receipt = scratch.import_document(document)
        >>> [(bundle.elements, bundle.relations, bundle.new) for bundle in receipt.bundles]
        [(1, 0, True)]

        Raises:
            UnknownName: no such notation; suggests similar names.
            BadDocument: it cannot be read, is not valid, or makes statements about ingests of this
                store; lists every problem.
            Refused: the store has another bundle of that name, or reserves the name for itself.

        """
        input_file = read_source(source)
        return self._take(
            lambda _: document_import.import_document(
                input_file, self._names, notation=notation, accept_invalid=accept_invalid
            )
        )

    def check(self, source: Source) -> CheckResult:
        """Find out what a source is and whether it could be taken. Nothing is written.

        >>> result = store.check({"form": "cordex", "version": "1", "answers": {}})
        >>> result.kind, result.verdict, result.problems[0].where
        ('form', 'invalid', '/answers/agent')

        Raises:
            Refused: there is no such file, or it cannot be read.

        """
        return file_checks.check_source(source, self.forms)

    # ------------------------------------------------------------------------ looking things up

    @property
    def directory(self) -> Path:
        """The directory of the store.

        >>> store.directory.is_dir()
        True
        """
        return self._settings.directory

    @property
    def base(self) -> str:
        """The beginning of all IRIs that the store gives.

        >>> store.base
        'https://provstore.example/'
        """
        return self._settings.base

    @property
    def prefixes(self) -> Mapping[str, str]:
        """The prefixes that queries need not declare, with their namespaces.

        >>> store.prefixes["prov"]
        'http://www.w3.org/ns/prov#'
        """
        return self._names.iris.prefixes

    @cached_property
    def forms(self) -> Mapping[str, Form]:
        """The forms by their names.

        >>> store.forms["review"].title
        'Review of the submission'
        """
        return load_forms(settings.shipped("forms"))

    @cached_property
    def questions(self) -> Questions:
        """The questions by their names.

        >>> store.questions["where-did-this-come-from"].parameters["thing"].kind
        'iri'
        """
        return Questions(settings.shipped("queries"))

    def ingests(self) -> list[str]:
        """The names of all ingests, in alphabetical order.

        >>> store.ingests()[:2]
        ['cmip6-0001', 'cordex-0001']
        """
        return self._journal.ingests()

    def reports(self, ingest: str) -> list[Report]:
        """All reports on an ingest, in order.

        >>> [(report.step, report.outcome) for report in store.reports("cordex-0003")]
        [('submission', 'ok'), ('review', 'rejected')]

        Raises:
            UnknownName: no such ingest; suggests similar names.

        """
        return [*self._reports.of_ingest(ingest)]

    def position(self) -> Position:
        """The number of entries in the journal, and the chain hash of the last one.

        >>> scratch.position().position
        0
        """
        return self._journal.head()

    def entries(self, ingest: str | None = None) -> Iterator[Entry]:
        """The entries of the journal, or of one ingest, in order.

        >>> [entry.bundle for entry in store.entries("cordex-0003")][-1]
        'https://provstore.example/ingest/cordex-0003/review/1/bundle'

        Raises:
            UnknownName: no such ingest; suggests similar names.

        """
        if ingest is None:
            return self._journal.after(0)
        return iter(self._names.entries_of_ingest(ingest))

    def entry(self, bundle: str) -> Entry | None:
        """The entry of a bundle, by its IRI; None if there is no such bundle.

        >>> store.entry("https://provstore.example/ingest/cordex-0003/review/1/bundle").ingest
        'cordex-0003'
        """
        return self._journal.entry_of_bundle(bundle)

    def iri(self, name: str) -> Iri:
        """The IRI for a name as people write it; an `Iri` stays as it is.

        A name is an IRI, an ingest, `INGEST/STEP/RUN`, `prefix:name`, a handle, a DOI or a DRS id.

        >>> store.iri("cordex-0001/review/1")
        'https://provstore.example/ingest/cordex-0001/review/1'
        >>> store.iri("doi:10.5072/exrcm1")
        'https://doi.org/10.5072/exrcm1'
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
        """Answer a question by its name, in `cypher`, in `sparql`, or in `both` if they agree.

        `folder` is a folder of your own questions. A `Question` that is read already will do, too.

        >>> answer = store.ask("how-long-each-step-took", ingest="cordex-0001", language="both")
        >>> answer.columns[:2], answer.cut
        (('ingest', 'step'), False)

        Raises:
            UnknownName: no such question, parameter, ingest or language; suggests similar names.
            BadParameter: a parameter is missing or of another kind.
            BadQuery: with `both`, the two answers differ.

        """
        if isinstance(question, str):
            questions = self.questions if folder is None else Questions(Path(folder))
            question = questions[question]
        return self._resources.answer(question, {**(parameters or {}), **more}, language)

    def cypher(self, text: str, parameters: Mapping[str, Cell] | None = None) -> Answer:
        """Answer a Cypher query. It cannot write.

        >>> store.cypher("MATCH (i:ingest__Ingest) RETURN count(i) AS ingests").rows
        ((7,),)

        Raises:
            BadQuery: the engine does not understand it, it would write, or it exceeds a limit.

        """
        return self._runner.run_query("cypher", text, parameters or {})

    def sparql(self, text: str, parameters: Mapping[str, Cell] | None = None) -> Answer:
        """Answer a SPARQL query. It cannot write.

        >>> store.sparql("SELECT (count(?i) AS ?ingests) { ?i a ingest:Ingest }").rows
        ((7,),)

        Raises:
            BadQuery: the engine does not understand it, it would write, or it exceeds a limit.
            UnknownName: it uses a prefix that nobody declared; suggests similar ones.

        """
        return self._runner.run_query("sparql", text, parameters or {})

    def lineage(self, name: str, *, down: bool = False, depth: int | None = None) -> Lineage:
        """What a thing came from, or with `down` what depends on it; the nearest first.

        `.draw()` gives the picture.

        >>> lineage = store.lineage("cordex-0003/review/1/report", depth=1)
        >>> lineage.columns
        ('steps', 'thing', 'relation', 'other', 'label', 'bundle')

        Raises:
            UnknownName: nothing is known about it.

        """
        return self._resources.lineage(name, down=down, depth=depth)

    def impact(self, correction: str) -> Impact:
        """What an erratum or a retraction reaches; `correction` names its report.

        `.draw()` shows it as a tree.

        >>> len(store.impact("cordex-0001/erratum/1/report")) > 0
        True

        Raises:
            UnknownName: no such ingest; suggests similar names.

        """
        return self._resources.impact(self.questions["what-a-correction-reaches"], correction)

    def board(self, state: Answer | None = None, started: Answer | None = None) -> "IngestBoard":
        """A picture of all ingests: the step that each waits for, and who must act.

        `state` and `started` are answers to the questions `state-of-every-ingest` and
        `started-and-never-finished`, if only some of their rows are to be drawn.

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
        """The entries that make a statement about a thing, in order; at most `limit` of them.

        >>> [entry.ingest for entry in store.bundles_about("cordex-0003/review/1")]
        ['cordex-0003']
        """
        return self._resources.entries_about(name, limit)

    def search(
        self, words: str, *, kind: str = "", step: str = "", project: str = "", limit: int = 20
    ) -> SearchResult:
        """Find things by words in their names, titles, comments, findings or identifiers.

        The best come first. All words must occur, in any order. `"a phrase"` must occur as it is,
        and `begin*` is the beginning of a word. A kind (`Finding`), a step (`quality`) or a project
        (`cordex`) narrows the result. Without words, everything is found. Several threads may
        search at once.

        >>> result = store.search("ada example", kind="Person", limit=1)
        >>> [hit.title for hit in result.hits]
        ['Ada Example']

        Raises:
            BadParameter: the limit is not a number of hits.
            ViewUnavailable: the index is damaged; says how to rebuild it.

        """
        rebuilt = catch_up(self._index, self._journal)
        result = self._index.search(words, kind=kind, step=step, project=project, limit=limit)
        if not rebuilt:
            return result
        return replace(result, notes=(*result.notes, rebuilt_note(self._index)))

    # -------------------------------------------------------------------------------- views

    @cached_property
    def views(self) -> Mapping[str, QueryView]:
        """The two views that can be queried, by their names `graph` and `rdf`.

        >>> sorted(store.views)
        ['graph', 'rdf']
        """
        graph = self._settings.graph
        server = (graph.address, graph.user, graph.password, graph.database) if graph else None
        bounds = {
            "seconds": self._settings.limits.seconds,
            "megabytes": self._settings.limits.megabytes,
        }
        return open_views(self._settings.views, self.prefixes, server, **bounds)

    def all_views(self) -> Mapping[str, View]:
        """All views that follow the journal: `graph`, `rdf` and `search`.

        >>> sorted(store.all_views())
        ['graph', 'rdf', 'search']
        """
        return {**self.views, self._index.name: self._index}

    def rebuild(self, name: str | None = None) -> list[str]:
        """Clear one view, or all, and load it from the journal again; returns their names.

        >>> store.rebuild("search")
        ['search']

        Raises:
            UnknownName: no such view; suggests similar names.

        """
        known = self.all_views()
        if name and name not in known:
            raise UnknownName("view", name, known)
        for view in (rebuilt := [name] if name else list(known)):
            known[view].clear()
            catch_up(known[view], self._journal)
        return rebuilt

    # ------------------------------------------------------------------------------ the whole

    def export(
        self,
        name: str | None = None,
        notation: Notation = "turtle",
        *,
        sound: bool = False,
        left_out: Callable[[Problem], object] | None = None,
    ) -> Iterator[str]:
        """The text of the whole store, or of one bundle, one ingest, or the lineage of one thing.

        A damaged store is not exported. With `sound`, every undamaged bundle is; `left_out` is
        called with each damaged entry, for example `problems.append`.

        >>> "".join(store.export("cordex-0003", "provn")).startswith("document")
        True

        Raises:
            UnknownName: no such thing or notation; suggests similar names.
            Refused: this notation cannot carry what is to be written; or `sound` was asked for
                something that is neither an ingest nor a bundle.
            DamagedStore: entries are damaged; names them.

        """
        if sound:
            return write(sound_bundles(self._names, name, left_out), notation)
        check_undamaged(self._journal, whole=name is None)
        return write(self._resources.bundles(name), notation)

    def verify(
        self, ingest: str = "", *, provenance: bool = False, views: bool = False
    ) -> VerifyResult:
        """Check the journal from the first entry to the last, and attachments, settings, outbox.

        It is compared with everything outside the journal that knows entries of it: checkpoints,
        the outbox and the search view. `notes` name the entries for which nothing of these vouches.
        With `provenance`, also check all bundles together against W3C PROV-CONSTRAINTS; with
        `ingest`, only the bundles of that ingest. With `views`, also check that each view has every
        bundle of the journal, and no other.

        >>> store.verify("cordex-0001").problems
        ()

        Raises:
            UnknownName: no such ingest; suggests similar names.

        """
        evidence = self._checkpoints.evidence()
        has_views = not self._journal.read_only
        followers = [*follower_witnesses(self.directory, with_views=has_views)]
        verification = verify_store(self._journal, [*evidence.witnesses, *followers])
        self._journal.mark_damaged(verification.of_journal)
        head, problems = verification.head, [*verification.of_journal]
        agreeing = [] if problems else followers
        has_places = bool(self._settings.checkpoints.places)
        notes = [*vouching_notes(head, evidence, agreeing, has_places), *verification.notes]
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
        """Back up the store while others write to it; the second time, only what is new.

        >>> backup = scratch.backup(DIRECTORY)
        >>> backup.bundles, backup.new_bundles
        (0, 0)

        Raises:
            Refused: the destination has other files, or the backup of another store.
            DamagedStore: the store is damaged; lists the problems.
            StoreUnavailable: the destination cannot be written.

        """
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
            len({one.position for one in plan.replaced}),
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
        agent = by if isinstance(by, Mapping) else read_source(by).read_json()
        given = {"agent": agent, "person": person, "reason": reason, **changes}
        filled, form = json_answers(drop_unanswered(given)), self.forms[amendments.FORM]
        position, entries = self._take(
            lambda _: amendments.amend(self._journal, form, filled, self._names.iris)
        )
        return AmendmentReceipt(position, entries, tuple(self._finish_acts()))

    def _finish_acts(self) -> list[str]:
        """Remove what acts left beside the journal's tables; a server's view as well."""
        views = self.__dict__.pop("views", {})
        self.__dict__.pop("_runner", None)
        self.__dict__.pop("_resources", None)
        for view in views.values():
            view.close()
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
        """Record outside the journal which entry is the last one now, signed if there is a key.

        It is written beside the journal, and to all places in `[checkpoints]` in `provstore.toml`.
        Then `verify` notices if entries up to this one are lost or changed.

        >>> receipt = store.checkpoint()
        >>> receipt.position == store.position().position
        True

        Raises:
            DamagedStore: the journal contradicts an earlier checkpoint; none is written.
            Refused: the journal is empty, or the key cannot be used.
            StoreUnavailable: it cannot be written beside the journal.

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
        """The store in figures; a view that does not answer is reported, and is not an error.

        >>> [(view.name, view.behind) for view in store.status().views]
        [('graph', 0), ('rdf', 0), ('search', 0)]
        """
        head = self._journal.head()
        return StoreStatus(
            str(self.directory),
            self.base,
            head.position,
            head.chain,
            len(self.ingests()),
            tuple(view_state(view, self._journal) for view in self.all_views().values()),
            self._checkpoints.last_position(),
            tuple(self._checkpoints.place_notes()),
        )

    # -------------------------------------------------------------------- the rooms of one store

    def _take(self, act: Callable[[Intake], Taken]) -> Taken:
        """Take something in; if the store was replaced meanwhile, open the one that is there now.

        Raises:
            StoreReplaced: nothing was recorded; the next attempt goes to the store that is there.

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
        self._checkpoints.write_if_due()
        return taken

    def _before_writing(self) -> Iterator[Witness]:
        """What knows entries of the journal, is quick to read, and lies outside it and no view."""
        yield from Outbox(self.directory / "outbox").witnesses()
        yield from self._checkpoints.before_writing()

    @cached_property
    def _intake(self) -> Intake:
        """Takes in reports."""
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
            """Names of 0.1.0: they work for one more version, with a warning."""
            if name not in _FORMER_NAMES:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            advice, find = _FORMER_NAMES[name]
            message = f"ProvStore.{name} goes with the next version: {advice}."
            warnings.warn(message, DeprecationWarning, stacklevel=2)
            return find(self)


def _base_of(journal: Journal) -> str:
    """Return the base that the reports in a journal were named with; "" if there are none."""
    reports = (entry for entry in journal.after(0) if entry.ingest)
    if (first := next(reports, None)) is None:
        return ""
    base, name, _ = first.bundle.partition(f"ingest/{first.ingest}/")
    return base if name else ""


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
