"""The IRIs of an ingest: each person and each thing is one node in all reports.

In: the base of a centre and the names that people write. Out: full IRIs. Pure: equal names always
give the same IRI, in every ingest, and two different things never share one.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from provstore.errors import Problem
from provstore.projects import data_identifiers
from provstore.prov.model.bundle import Bundle
from provstore.prov.model.iris import encode_iri
from provstore.prov.model.terms import NAMESPACES

BASE = "https://provstore.example/"
"""The default base of a store."""

_HANDLES = ("hdl:", "http://hdl.handle.net/", "https://hdl.handle.net/")
_IS_DOI = re.compile(r"doi:|10\.\d+/|https?://(?:dx\.)?doi\.org/")
HANDLE, DOI = "https://hdl.handle.net/", "https://doi.org/"


@dataclass(frozen=True)
class IngestIris:
    """The names under one base, which ends in a slash."""

    base: str = BASE

    def ingest(self, name: str) -> str:
        """`…ingest/cordex-0001`."""
        return f"{self.base}ingest/{_safe(name)}"

    def run(self, ingest: str, step: str, number: int) -> str:
        """One run of a step: `…ingest/cordex-0001/quality/2`."""
        return f"{self.ingest(ingest)}/{step}/{number}"

    def report(self, ingest: str, step: str, number: int) -> str:
        """The report on this run of the step."""
        return self.run(ingest, step, number) + "/report"

    def start(self, ingest: str, step: str, number: int) -> str:
        """The start of this run of the step."""
        return self.run(ingest, step, number) + "/start"

    def bundle(self, ingest: str, step: str, number: int) -> str:
        """The bundle of this report."""
        return self.run(ingest, step, number) + "/bundle"

    def copy(self, ingest: str, step: str, number: int) -> str:
        """The copy of the data made by this run of a step."""
        return self.run(ingest, step, number) + "/copy"

    def form(self, name: str, version: str) -> str:
        """One version of a form: the plan that a report follows."""
        return f"{self.base}form/{_safe(name)}/{_safe(version)}"

    def tool(self, name: str, version: str) -> str:
        """One version of a program."""
        return f"{self.base}tool/{_safe(name)}/{_safe(version)}"

    def person(self, identifier: str) -> str:
        """A person without an ORCID, by the random identifier that the store gave."""
        return f"{self.base}person/{identifier}"

    def act(self, act: str, position: int) -> str:
        """What was done to the journal itself, recorded at this position."""
        return f"{self.base}act/{act}/{position}"

    def organisation(self, name: str, ror: str = "") -> str:
        """The ROR if there is one; otherwise the full name."""
        plain = " ".join(unicodedata.normalize("NFKC", name).lower().split())
        return ror or f"{self.base}organisation/{_slug(name)}-{_digest(plain)}"

    def dataset(self, drs: str) -> str:
        """A dataset, or a version of one, by its DRS id."""
        return f"{self.base}dataset/{_safe(drs)}"

    def file(self, dataset: str, name: str) -> str:
        """A file of a dataset version, by its name; `dataset` is "" if unknown."""
        return f"{self.base}file/{_safe(dataset or '-')}/{_safe(name)}"

    def replica(self, version: str, node: str) -> str:
        """The copy of a dataset version on one data node."""
        return f"{self.base}replica/{_safe(node)}/{_safe(version)}"

    def erratum(self, uid: str) -> str:
        """An issue of the errata service."""
        return f"{self.base}erratum/{_safe(uid)}"

    def vocabulary(self, name: str) -> str:
        """A release of a vocabulary or convention for checking data."""
        return f"{self.base}vocabulary/{_safe(name)}"

    def is_own(self, iri: str) -> bool:
        """Whether only reports and acts of this store may introduce this name."""
        return iri.startswith((f"{self.base}ingest/", f"{self.base}act/"))

    @property
    def prefixes(self) -> Mapping[str, str]:
        """The prefixes that need no declaration in a store."""
        return {"centre": self.base, **NAMESPACES}

    def any(self, name: str) -> str:
        """Resolve what people write, apart from names of ingests: an IRI, `prefix:name`, others."""
        prefix, _, local = name.partition(":")
        if prefix in self.prefixes:
            return encode_iri(self.prefixes[prefix] + local)
        return encode_iri(name) if prefix == "urn" else self.thing(name)

    def thing(self, name: str) -> str:
        """Resolve a name in an answer: a handle, a DOI, a web address, or a DRS id.

        All spellings of a handle or DOI give the same IRI.
        """
        if name.startswith(_HANDLES) and isinstance(
            handle := data_identifiers.parse_handle(name), str
        ):
            return HANDLE + quote(handle.removeprefix("hdl:"), safe="/-._~:")
        if _IS_DOI.match(name) and isinstance(doi := data_identifiers.parse_doi(name), str):
            return DOI + quote(doi, safe="/-._~:()")
        return encode_iri(name) if name.startswith(("http://", "https://")) else self.dataset(name)


def check_foreign_claims(bundles: Iterable[Bundle], iris: IngestIris) -> Iterator[Problem]:
    """Report imported bundles with statements about our ingests: only our reports may make them."""
    for bundle in bundles:
        claimed = [
            statement.iri
            for statement in bundle.elements
            if statement.attributes and iris.is_own(statement.iri)
        ]
        claimed += [
            statement.arguments[0]
            for statement in bundle.relations
            if iris.is_own(statement.arguments[0])
        ]
        if claimed and not iris.is_own(bundle.iri):
            message = (
                f"{bundle.iri} makes statements about ingests of this store "
                f"({len(claimed)} in all), for example about {claimed[0]}."
            )
            yield Problem(
                "", message, "Remove these statements: only reports to this store may make them."
            )


def _safe(name: str) -> str:
    return quote(name, safe="-._~", errors="surrogatepass")


def former_person(name: str, email: str, orcid: str) -> str:
    """Return the name that a person has in the PROV-JSON of a journal of format 1.

    >>> former_person("Ada Example", "ada@example.org", "")
    'centre:person/ada-example-cfe00dde46ef'
    """
    if orcid:
        return f"orcid:{orcid.removeprefix('https://orcid.org/')}"
    return f"centre:person/{_slug(name)}-{_digest(email.strip().lower())}"


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "unnamed"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:12]
