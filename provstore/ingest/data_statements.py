"""The effects of each step on the data: new copies, versions and archive copies.

In: a report and the earlier ones of its ingest. Out: statements about the data of the ingest.
Derivation always leads from the later entity to the earlier one; a dataset is one entity in all
ingests.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from provstore.errors import BadForm, Problem
from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.report import Report
from provstore.ingest.statements import Statements, attributes, utc
from provstore.projects.workflow import PASSED
from provstore.prov.model.terms import INGEST


def state_data(
    statements: Statements, report: Report, earlier: Sequence[Report], iris: IngestIris
) -> None:
    """State what the run of this report did to the data.

    Raises:
        BadForm: an answer names a run or a dataset that this report cannot concern.

    """
    _STATE_STEP[report.step](_RunStatements(statements, report, earlier, iris))


@dataclass(frozen=True)
class _RunStatements:
    statements: Statements
    report: Report
    earlier: Sequence[Report]
    iris: IngestIris

    @property
    def answers(self) -> Mapping[str, Any]:
        return self.report.answers

    @property
    def activity(self) -> str:
        return self.iris.run(self.report.ingest, self.report.step, self.report.run)

    @property
    def drs(self) -> str:
        return str((self.earlier[0] if self.earlier else self.report).answers["dataset"])

    def dataset(self) -> str:
        iri = self.iris.dataset(self.drs)
        return self.statements.element(iri, "entity", self.drs, INGEST + "Dataset")

    def version(self, date: str) -> str:
        return self.iris.dataset(f"{self.drs}.{date}")

    def last_copy(self) -> str:
        """Return the copy made by the last transfer, or ""."""
        for past in reversed(self.earlier):
            if past.step == "transfer":
                return self.iris.copy(past.ingest, past.step, past.run)
        return ""

    def last_version(self) -> str:
        """Return the version of the last successful publication, or ""."""
        for past in reversed(self.earlier):
            if past.step == "publication" and past.outcome in PASSED:
                return self.version(past.answers["version"])
        return ""

    def use(self, iri: str) -> str:
        self.statements.use(self.activity, iri)
        return iri

    def make(
        self,
        iri: str,
        cls: str,
        label: str,
        fields: Iterable[str],
        source: str,
        *,
        revision: bool = False,
    ) -> None:
        """State a new entity: its attributes, its activity, and its source."""
        facts = attributes((name, self.answers[name]) for name in fields if name in self.answers)
        self.statements.element(iri, "entity", label, INGEST + cls, facts)
        self.statements.relate("wasGeneratedBy", iri, self.activity, utc(self.answers["ended"]))
        self.statements.derive(iri, source, self.activity, revision=revision)
        self.statements.relate("hadMember", self.iris.ingest(self.report.ingest), iri)

    def bad_form(self, where: str, message: str, mend: str) -> BadForm:
        name = f"{self.report.step} of {self.report.ingest}"
        return BadForm(
            name, [Problem("/answers/" + where, message, mend)], code="PS-FORM-CONTRADICTS-INGEST"
        )


def _submission(run: _RunStatements) -> None:
    dataset = run.use(run.dataset())
    run.statements.relate("hadMember", run.iris.ingest(run.report.ingest), dataset)
    for index, source in enumerate(run.answers.get("derived_from", ())):
        iri = run.iris.thing(source)
        if iri == dataset or iri.startswith(f"{dataset}.v"):
            message = f"Derived from: {source} is the dataset of this submission."
            raise run.bad_form(
                f"derived_from/{index}", message, "Name the dataset versions that it was made from."
            )
        run.statements.derive(dataset, iri, "")  # this submission did not make it
    for replaced in run.answers.get("replaces", ()):
        run.use(run.iris.thing(replaced))
    if "erratum" in run.answers:
        run.use(run.iris.erratum(run.answers["erratum"]))


def _review(run: _RunStatements) -> None:
    run.use(run.dataset())


def _transfer(run: _RunStatements) -> None:
    report, before = run.report, run.last_copy()
    dataset = run.use(run.dataset())
    copy = run.iris.copy(report.ingest, report.step, report.run)
    fields = ("files", "bytes", "target", "checksum_manifest_sha256")
    label = f"copy {report.run} of {report.ingest}"
    run.make(copy, "DataCopy", label, fields, dataset)
    run.statements.relate("specializationOf", copy, dataset)
    if before:
        run.statements.derive(copy, before, run.activity, revision=True)


def _quality(run: _RunStatements) -> None:
    run.use(run.last_copy())


def _publication(run: _RunStatements) -> None:
    copy, before = run.use(run.last_copy()), run.last_version()
    if run.report.outcome not in PASSED:
        return
    version = run.version(run.answers["version"])
    label, fields = f"{run.drs}.{run.answers['version']}", ("version", "pid", "data_node")
    run.make(version, "DatasetVersion", label, fields, copy)
    run.statements.relate("specializationOf", version, run.dataset())
    if before and before != version:
        run.statements.derive(version, before, run.activity, revision=True)
    if "pid" in run.answers:  # the handle alone leads to the same ancestry
        handle = run.iris.thing(run.answers["pid"])
        run.make(handle, "DatasetVersion", label, fields, copy)
        run.statements.relate("alternateOf", handle, version)


def _archival(run: _RunStatements) -> None:
    report, version = run.report, run.use(run.last_version())
    if report.outcome not in PASSED:
        return
    own = run.iris.copy(report.ingest, report.step, report.run)
    archived = run.iris.thing(f"doi:{run.answers['doi']}") if "doi" in run.answers else own
    fields = ("archive", "identifier", "doi", "bytes", "retention")
    run.make(archived, "ArchiveCopy", str(run.answers["identifier"]), fields, version)
    run.statements.relate("alternateOf", archived, version)


def _revision(run: _RunStatements) -> None:
    corrects = run.answers["corrects"]
    known = {f"{past.step}/{past.run}": past for past in run.earlier}
    if corrects not in known:
        message = f"Corrects: {run.report.ingest} has no run {corrects}."
        raise run.bad_form("corrects", message, f"Known: {', '.join(known)}.")
    past = known[corrects]
    own = run.iris.report(run.report.ingest, run.report.step, run.report.run)
    corrected = run.iris.report(past.ingest, past.step, past.run)
    run.statements.derive(own, corrected, run.activity, revision=True)
    run.use(run.dataset())


def _reopening(run: _RunStatements) -> None:
    run.use(run.dataset())


def _erratum(run: _RunStatements) -> None:
    for affected in run.answers["affected"]:
        run.use(run.iris.dataset(f"{affected['dataset']}.{affected['version']}"))


def _retraction(run: _RunStatements) -> None:
    version = run.use(run.version(run.answers["version"]))
    run.statements.relate("wasInvalidatedBy", version, run.activity, utc(run.answers["ended"]))


_STATE_STEP: Mapping[str, Callable[[_RunStatements], None]] = MappingProxyType(
    {
        "submission": _submission,
        "review": _review,
        "transfer": _transfer,
        "quality": _quality,
        "publication": _publication,
        "archival": _archival,
        "revision": _revision,
        "reopening": _reopening,
        "erratum": _erratum,
        "retraction": _retraction,
    }
)
