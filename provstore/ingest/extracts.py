"""The result of a reader: one file of a tool as answers, findings and statements about data.

Plain frozen values without knowledge of any format. The code that writes PROV needs nothing else; a
reader returns `ExtractParts`, and the table of readers makes an `Extract` of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provstore.errors import Problem
from provstore.ingest.version_chain import Event

SEVERITIES = ("note", "warning", "error")
"""As in the quality form: nothing to do, users should know, must be corrected."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """The result of one check on one file, or on one dataset if `file` is "".

    `result` is `failed`, `passed`, or `broken` (the check itself did not work: nothing is known).
    `severity` is ours, `level` is the term of the tool. `files` counts the files that a row of a
    summary covers; `file` is then an example. `derived` marks findings that the tool did not write:
    they follow from gaps in its list.
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
    """A program in one version, with the vocabulary release or convention that it checked against.

    `label` is its name in the findings of a suite ("" outside of a suite).
    """

    name: str
    version: str = ""
    vocabulary: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class DatasetVersion:
    """A version of a dataset, by its DRS id; the version is "" if the file means all versions."""

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
    """A file; `checksum` has its algorithm (`sha256:…`), `dataset` has a version if known."""

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
    """A dataset version on a data node; `original` is None if the file does not state it."""

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
    """A collection with members: a dataset PID with its files, a DOI with its datasets."""

    identifier: str
    members: tuple[str, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Erratum:
    """An issue of the errata service, or a reference to one (perhaps only its uid)."""

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
    """A DOI and its metadata; `related` has pairs (relation type of DataCite, identifier)."""

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
    """The file that was read: its name, and the checksum and size that identify it."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class ExtractParts:
    """The content of a file, before the reader and its step are added.

    `answers` are the answers to the form of the step that the file gives. `kept` has all values
    without another place, verbatim, by JSON Pointer or line. `step` is set only if the content
    decides it.
    """

    answers: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    resources: tuple[Resource, ...] = ()
    notes: tuple[Problem, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()
    step: str = ""


@dataclass(frozen=True)
class Extract:
    """A file that was read completely: its reader, its step, and its whole content."""

    reader: str
    step: str
    sources: tuple[Source, ...]
    answers: Mapping[str, Any]
    findings: tuple[Finding, ...]
    resources: tuple[Resource, ...]
    notes: tuple[Problem, ...]
    kept: tuple[tuple[str, str], ...]
