"""What a reader gives: one file of a tool as answers, findings and statements about data.

Plain frozen values, no behaviour of any format. Who says them in PROV needs nothing else; who reads
a format fills in an `ExtractParts`, and the table of readers makes the `Extract` of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provstore.errors import Problem
from provstore.ingest.version_chain import Event

SEVERITIES = ("note", "warning", "error")
"""As in the quality form: nothing to do, should be known, must be mended."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What one check said of one file, or of one dataset where `file` is "".

    `result` is `failed`, `passed`, or `broken` (the check itself did not work: nothing is known).
    `severity` is ours, `level` the tool's own word for it. `files` counts the files that a row of a
    summary stands for, `file` is then an example. `derived` says that no tool wrote this down: it
    follows from what the tool did not list.
    """

    check: str
    result: str
    severity: str
    message: str = ""
    dataset: str = ""
    file: str = ""
    files: int = 1
    level: str = ""
    tool: str = ""
    tool_version: str = ""
    vocabulary: str = ""
    derived: bool = False


@dataclass(frozen=True, slots=True)
class Tool:
    """A program in one version, with the vocabulary release or convention that it judged by.

    `label` is what the findings of a suite call it ("" outside of a suite).
    """

    name: str
    version: str = ""
    vocabulary: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class DatasetVersion:
    """A version of a dataset ("" if the file speaks of the dataset as such), by its DRS id."""

    dataset: str
    version: str = ""
    pid: str = ""
    doi: str = ""
    latest: bool | None = None
    retracted: bool | None = None
    files: int | None = None
    bytes: int | None = None
    published: str = ""
    citation_url: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file; `checksum` says its algorithm (`sha256:…`), `dataset` has its version if known."""

    name: str
    path: str = ""
    dataset: str = ""
    tracking_id: str = ""
    checksum: str = ""
    bytes: int | None = None
    node: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Replica:
    """A dataset version on a data node; `original` is None where the file does not say."""

    dataset: str
    version: str
    node: str
    original: bool | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """A version that replaces an earlier one of the same dataset."""

    dataset: str
    version: str
    previous: str


@dataclass(frozen=True, slots=True)
class Collection:
    """What has members: a dataset PID with its files, a DOI with its datasets."""

    identifier: str
    members: tuple[str, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Erratum:
    """An issue of the errata service, or what another file knows of one (perhaps only its uid)."""

    uid: str
    affected: tuple[str, ...] = ()
    title: str = ""
    description: str = ""
    severity: str = ""
    status: str = ""
    moderation: str = ""
    project: str = ""
    urls: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """A DOI and what is cited by it; `related` are (relation type of DataCite, identifier)."""

    doi: str
    title: str = ""
    creators: tuple[str, ...] = ()
    publisher: str = ""
    year: str = ""
    related: tuple[tuple[str, str], ...] = ()
    licence: str = ""
    text: str = ""


Resource = (
    Tool | DatasetVersion | File | Replica | Revision | Collection | Erratum | Citation | Event
)


@dataclass(frozen=True)
class Source:
    """The file that was read: what it is called, and what proves that it was this one."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class ExtractParts:
    """What a file says, before the reader and its step are added.

    `answers` are those answers of the step's form that the file gives, and no others. `kept` is
    what has no place elsewhere, by JSON Pointer or line, word for word. `step` only where the
    content decides it.
    """

    answers: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    resources: tuple[Resource, ...] = ()
    notes: tuple[Problem, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()
    step: str = ""


@dataclass(frozen=True)
class Extract:
    """A file that was read as a whole: by which reader, for which step, and all that it says."""

    reader: str
    step: str
    sources: tuple[Source, ...]
    answers: Mapping[str, Any]
    findings: tuple[Finding, ...]
    resources: tuple[Resource, ...]
    notes: tuple[Problem, ...]
    kept: tuple[tuple[str, str], ...]
