"""What each step does to the data: the copies, versions and archive copies that it brings about.

In: a report and the earlier ones of its ingest. Out: statements about the things that the ingest
is about. Derivation always goes from the later thing to the earlier one; the dataset itself is
one entity, whatever ingest names it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from provstore.errors import BadForm, Problem
from provstore.ingest.ingest_iris import Names
from provstore.ingest.report import Report
from provstore.ingest.statements import Statements, attributes, utc
from provstore.projects.workflow import PASSED
from provstore.prov.model.terms import INGEST


def tell(said: Statements, report: Report, earlier: Sequence[Report], names: Names) -> None:
    """Say what this report's run did to the data.

    Raises:
        BadForm: an answer names a run or a dataset that this report cannot be about.

    """
    _TELL[report.step](_Tale(said, report, earlier, names))


@dataclass(frozen=True)
class _Tale:
    said: Statements
    report: Report
    earlier: Sequence[Report]
    names: Names

    @property
    def answers(self) -> Mapping[str, Any]:
        return self.report.answers

    @property
    def activity(self) -> str:
        return self.names.run(self.report.ingest, self.report.step, self.report.run)

    @property
    def drs(self) -> str:
        return str((self.earlier[0] if self.earlier else self.report).answers["dataset"])

    def dataset(self) -> str:
        iri = self.names.dataset(self.drs)
        return self.said.element(iri, "entity", self.drs, INGEST + "Dataset")

    def version(self, date: str) -> str:
        return self.names.dataset(f"{self.drs}.{date}")

    def last_copy(self) -> str:
        """The copy that the last transfer made, or ""."""
        for past in reversed(self.earlier):
            if past.step == "transfer":
                return self.names.copy(past.ingest, past.step, past.run)
        return ""

    def last_version(self) -> str:
        """The version that the last good publication made, or ""."""
        for past in reversed(self.earlier):
            if past.step == "publication" and past.outcome in PASSED:
                return self.version(past.answers["version"])
        return ""

    def use(self, iri: str) -> str:
        self.said.use(self.activity, iri)
        return iri

    def make(
        self, iri: str, cls: str, label: str, fields: Iterable[str], source: str,
        *, revision: bool = False,
    ) -> None:  # fmt: skip
        """A new thing: what is known of it, what made it, and from what."""
        facts = attributes((name, self.answers[name]) for name in fields if name in self.answers)
        self.said.element(iri, "entity", label, INGEST + cls, facts)
        self.said.relate("wasGeneratedBy", iri, self.activity, utc(self.answers["ended"]))
        self.said.derive(iri, source, self.activity, revision=revision)
        self.said.relate("hadMember", self.names.ingest(self.report.ingest), iri)

    def bad(self, where: str, what: str, mend: str) -> BadForm:
        name = f"{self.report.step} of {self.report.ingest}"
        return BadForm(name, [Problem("/answers/" + where, what, mend)])


def _submission(tale: _Tale) -> None:
    dataset = tale.use(tale.dataset())
    tale.said.relate("hadMember", tale.names.ingest(tale.report.ingest), dataset)
    for index, source in enumerate(tale.answers.get("derived_from", ())):
        iri = tale.names.thing(source)
        if iri == dataset or iri.startswith(f"{dataset}.v"):
            what = f"Derived from: {source} is the dataset of this submission itself."
            raise tale.bad(f"derived_from/{index}", what, "Name what it was made from.")
        tale.said.derive(dataset, iri, "")  # whatever made it, this submission did not
    for replaced in tale.answers.get("replaces", ()):
        tale.use(tale.names.thing(replaced))
    if "erratum" in tale.answers:
        tale.use(tale.names.erratum(tale.answers["erratum"]))


def _review(tale: _Tale) -> None:
    tale.use(tale.dataset())


def _transfer(tale: _Tale) -> None:
    report, before = tale.report, tale.last_copy()
    dataset = tale.use(tale.dataset())
    copy = tale.names.copy(report.ingest, report.step, report.run)
    fields = ("files", "bytes", "target", "checksum_manifest_sha256")
    label = f"copy {report.run} of {report.ingest}"
    tale.make(copy, "DataCopy", label, fields, dataset)
    tale.said.relate("specializationOf", copy, dataset)
    if before:
        tale.said.derive(copy, before, tale.activity, revision=True)


def _quality(tale: _Tale) -> None:
    tale.use(tale.last_copy())


def _publication(tale: _Tale) -> None:
    copy, before = tale.use(tale.last_copy()), tale.last_version()
    if tale.report.outcome not in PASSED:
        return
    version = tale.version(tale.answers["version"])
    label, fields = f"{tale.drs}.{tale.answers['version']}", ("version", "pid", "data_node")
    tale.make(version, "DatasetVersion", label, fields, copy)
    tale.said.relate("specializationOf", version, tale.dataset())
    if before and before != version:
        tale.said.derive(version, before, tale.activity, revision=True)
    if "pid" in tale.answers:  # whoever knows only the handle finds the same ancestry
        handle = tale.names.thing(tale.answers["pid"])
        tale.make(handle, "DatasetVersion", label, fields, copy)
        tale.said.relate("alternateOf", handle, version)


def _archival(tale: _Tale) -> None:
    report, version = tale.report, tale.use(tale.last_version())
    if report.outcome not in PASSED:
        return
    own = tale.names.copy(report.ingest, report.step, report.run)
    archived = tale.names.thing(f"doi:{tale.answers['doi']}") if "doi" in tale.answers else own
    fields = ("archive", "identifier", "doi", "bytes", "retention")
    tale.make(archived, "ArchiveCopy", str(tale.answers["identifier"]), fields, version)
    tale.said.relate("alternateOf", archived, version)


def _revision(tale: _Tale) -> None:
    corrects = tale.answers["corrects"]
    known = {f"{past.step}/{past.run}": past for past in tale.earlier}
    if corrects not in known:
        what = f"Corrects: {tale.report.ingest} has no run {corrects}."
        raise tale.bad("corrects", what, f"It has {', '.join(known)}.")
    past = known[corrects]
    own = tale.names.report(tale.report.ingest, tale.report.step, tale.report.run)
    corrected = tale.names.report(past.ingest, past.step, past.run)
    tale.said.derive(own, corrected, tale.activity, revision=True)
    tale.use(tale.dataset())


def _reopening(tale: _Tale) -> None:
    tale.use(tale.dataset())


def _erratum(tale: _Tale) -> None:
    for one in tale.answers["affected"]:
        tale.use(tale.names.dataset(f"{one['dataset']}.{one['version']}"))


def _retraction(tale: _Tale) -> None:
    version = tale.use(tale.version(tale.answers["version"]))
    tale.said.relate("wasInvalidatedBy", version, tale.activity, utc(tale.answers["ended"]))


_TELL: Mapping[str, Callable[[_Tale], None]] = MappingProxyType(
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
