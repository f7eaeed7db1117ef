"""Handle records, as a handle proxy returns them in JSON: the record of a dataset or a file.

In: `{"responseCode": 1, "handle": …, "values": […]}` (the Handle System's HTTP JSON interface),
with the keys of esgfpid and of piddiplatsch. Out: dataset versions, files, replicas, members.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from provstore.errors import Problem
from provstore.ingest.extracts import (
    Collection,
    DatasetVersion,
    Erratum,
    ExtractParts,
    File,
    Replica,
    Resource,
)
from provstore.projects import data_identifiers
from provstore.prov.notations.input_file import InputFile
from provstore.readers.common import (
    Datasets,
    HandledMembers,
    Notes,
    canonical_checksum,
    canonical_pid,
    handled,
    leaf_values,
    unhandled_values,
    versioned_id,
)
from provstore.readers.document_shapes import (
    any_value,
    check_shape,
    integer,
    list_of,
    nonblank,
    object_of,
    parsed_by,
)
from provstore.readers.input_checks import missing_keys
from provstore.readers.reader import Reader

_VALUE = object_of({"type": nonblank, "data": object_of({"value": any_value})}, {"index": integer})
_HANDLED: HandledMembers = {
    **handled("handle", "responseCode"),
    "values": {"*": {**handled("type"), "data": handled("value")}},
}
_HOST = re.compile(r'\bhost="([^"<>\s]+)"')
_NODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-]*")


def _success_code(value: Any, where: str) -> Iterator[Problem]:
    yield from integer(value, where)
    if isinstance(value, int) and value != 1:
        words = {100: "there is no such handle", 200: "it has no such values"}
        why = words.get(value, "the proxy did not find it")
        yield Problem(where, f"The response code is {value}: {why}.", "Query an existing handle.")


_RECORD = object_of(
    {
        "responseCode": _success_code,
        "handle": parsed_by(data_identifiers.parse_handle),
        "values": list_of(_VALUE, 1),
    }
)


def _looks_like(input_file: InputFile) -> str:
    return missing_keys(input_file, "handle", "responseCode")


def _read(input_file: InputFile) -> ExtractParts:
    document = check_shape(_RECORD, input_file.document, input_file.name)
    notes = Notes()
    record: dict[str, str] = {}
    kept = [*unhandled_values(document, _HANDLED)]
    for index, each in enumerate(document["values"]):
        key, value = each["type"], each["data"]["value"]
        where = f"/values/{index}/data/value"
        if not isinstance(value, str | int):
            kept += leaf_values(value, where)  # HS_ADMIN: the administrators of the handle
            continue
        value = str(value)
        if record.setdefault(key, value) != value:
            notes.note(where, f"{key} has several values.", "The first one is used.")
        kept.append((where, f"{key}={value}"))
    pid = canonical_pid(document["handle"])
    is_file = record.get("AGGREGATION_LEVEL", "").upper() == "FILE" or "FILE_NAME" in record
    read_resources = _file if is_file else _dataset
    if not is_file and not _drs(record):
        notes.note("/values", "The record names neither a dataset nor a file.")
        return ExtractParts({}, (), (), notes.all(), tuple(kept))
    resources = tuple(read_resources(pid, record, Datasets(notes), notes))
    version = next(
        (resource.version for resource in resources if isinstance(resource, DatasetVersion)), ""
    )
    answers = {} if is_file or not version else {"pid": pid, "version": version}
    return ExtractParts(answers, (), resources, notes.all(), tuple(kept))


def _dataset(
    pid: str, record: Mapping[str, str], datasets: Datasets, notes: Notes
) -> Iterator[Resource]:
    drs = _drs(record)
    written = record.get("VERSION_NUMBER") or record.get("DATASET_VERSION", "")
    stated = data_identifiers.parse_version(written, "/values") if written else ""
    if isinstance(stated, Problem):
        notes.add(stated)
        stated = ""
    name, version = datasets.split(drs, "/values")
    if version and stated and version != stated:
        notes.note(
            "/values",
            f"DRS_ID has {version}, VERSION_NUMBER has {stated}.",
            "One of them is wrong.",
        )
    version = version or stated
    hosting = _nodes(record.get("HOSTING_NODE", ""))
    replicas = [
        node for key in ("REPLICA_NODE", "REPLICA_NODES") for node in _nodes(record.get(key, ""))
    ]
    datasets.check_pid(versioned_id(name, version), pid, [*hosting, *replicas], "/handle")
    gone = any(key.startswith("UNPUBLISHED") for key in record) or "RETRACTED_ON" in record
    yield DatasetVersion(name, version, pid, retracted=True if gone else None)
    yield from (Replica(name, version, node, True) for node in hosting)
    yield from (Replica(name, version, node, False) for node in replicas)
    if members := _list(record.get("HAS_PARTS", "")):
        yield Collection(pid, tuple(map(canonical_pid, members)), versioned_id(name, version))
    for parent in _list(record.get("IS_PART_OF", "")):
        yield Collection(_identifier(parent), (pid,))
    for uid in _list(record.get("ERRATA_IDS", "")):
        yield Erratum(uid, (versioned_id(name, version),))
    for key, words in (("REPLACES", "replaces"), ("REPLACED_BY", "is replaced by")):
        for other in _list(record.get(key, "")):
            notes.note("/values", f"{pid} {words} {other}.", "The version is in that record.")


def _drs(record: Mapping[str, str]) -> str:
    return (record.get("DRS_ID") or record.get("DATASET_ID", "")).strip()


def _file(
    pid: str, record: Mapping[str, str], _datasets: Datasets, notes: Notes
) -> Iterator[Resource]:
    digits = record.get("CHECKSUM", "")
    file_checksum = canonical_checksum(digits, record.get("CHECKSUM_METHOD", ""))
    if digits and not file_checksum:
        notes.note("/values", f"CHECKSUM {digits[:80]!r} is not a checksum.")
    size = record.get("FILE_SIZE", "")
    number = int(size) if size.isascii() and size.isdigit() and len(size) < 19 else None
    if size and number is None:
        notes.note("/values", f"FILE_SIZE {size[:40]!r} is not a size in bytes.")
    url = record.get("URL_ORIGINAL_DATA", "") or record.get("URL", "")
    yield File(record.get("FILE_NAME", ""), "", "", pid, file_checksum, number, "", url)
    for parent in _list(record.get("IS_PART_OF", "")):
        yield Collection(_identifier(parent), (pid,))


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _identifier(text: str) -> str:
    doi = data_identifiers.parse_doi(text)
    return canonical_pid(text) if isinstance(doi, Problem) else doi


def _nodes(text: str) -> list[str]:
    """Data nodes: names, or the `host` of a 10320/loc value (never parsed as XML)."""
    hosts = _HOST.findall(text) if "<" in text else _list(text.replace(",", ";"))
    return [node for node in dict.fromkeys(hosts) if _NODE.fullmatch(node)]


READERS = (Reader("handle-record", "publication", "handle record", _looks_like, _read),)
