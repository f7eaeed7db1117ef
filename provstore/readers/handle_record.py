"""Handle records, as a handle proxy returns them in JSON: the record of a dataset or a file.

In: `{"responseCode": 1, "handle": …, "values": […]}` (the Handle System's HTTP JSON interface),
with the keys of esgfpid (lists with `;`, nodes in XML) and of piddiplatsch (lists and objects are
JSON within a text), or with texts in place of data. Out: dataset versions, files, replicas,
members.
"""

import json
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
    Revision,
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
    any_of,
    any_value,
    check_shape,
    integer,
    list_of,
    nonblank,
    object_of,
    parsed_by,
    text,
)
from provstore.readers.input_checks import missing_keys
from provstore.readers.reader import Reader

_VALUE = object_of(
    {"type": nonblank, "data": any_of(text, integer, object_of({"value": any_value}))},
    {"index": integer},
)
_HANDLED: HandledMembers = {
    **handled("handle", "responseCode"),
    "values": {"*": {**handled("type"), "data": handled("value")}},
}
_INTERPRETED = frozenset(
    (
        "AGGREGATION_LEVEL", "CHECKSUM", "CHECKSUM_METHOD", "DATASET_ID", "DATASET_VERSION",
        "DOWNLOAD_URL", "DRS_ID", "ERRATA_IDS", "ESGF", "FILE_NAME", "FILE_SIZE", "FIXED_CONTENT",
        "HAS_PARTS", "HOSTING_NODE", "IS_PART_OF", "PREVIOUS_VERSION", "REPLACED_BY", "REPLACES",
        "REPLICA_DOWNLOAD_URLS", "REPLICA_NODE", "REPLICA_NODES", "RETRACTED_ON",
        "UNPUBLISHED_HOSTS", "UNPUBLISHED_REPLICAS", "URL", "URL_ORIGINAL_DATA", "URL_REPLICA",
        "VERSION_NUMBER",
    )
)  # fmt: skip
"""Keys of esgfpid and piddiplatsch; others are kept and named in a note."""
_HOST = re.compile(r'\bhost="([^"<>\s]+)"')
_HREF = re.compile(r'\bhref="([^"<>\s]+)"')
_WEB = re.compile(r"[a-z][a-z0-9+.\-]*://([^/?#\s@]+@)?([^/?#:\s]+)", re.IGNORECASE)
_NODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-]*")


def _success_code(value: Any, where: str) -> Iterator[Problem]:
    yield from integer(value, where)
    if isinstance(value, int) and value != 1:
        words = {100: "there is no such handle", 200: "it has no such values"}
        why = words.get(value, "the proxy did not find it")
        yield Problem(where, f"The response code is {value}: {why}.", "Query an existing handle.")


_ANSWER = object_of({"responseCode": _success_code})
_RECORD = object_of(
    {
        "handle": parsed_by(data_identifiers.parse_handle),
        "values": list_of(_VALUE, 1),
    }
)


def _looks_like(input_file: InputFile) -> str:
    return missing_keys(input_file, "handle", "responseCode")


def _read(input_file: InputFile) -> ExtractParts:
    document = check_shape(_ANSWER, input_file.document, input_file.name)
    document = check_shape(_RECORD, document, input_file.name)
    notes = Notes()
    record: dict[str, str] = {}
    kept = [*unhandled_values(document, _HANDLED)]
    for index, each in enumerate(document["values"]):
        key, where, value = each["type"].removeprefix("_"), f"/values/{index}/data", each["data"]
        if isinstance(value, dict):
            where, value = f"{where}/value", value["value"]
        if key.startswith("HS_") or value is None:
            kept += leaf_values(value, where)  # HS_ADMIN: the administrators of the handle
            continue
        value = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if record.setdefault(key, value) != value:
            notes.note(where, f"{key} has several values.", "The first one is used.")
        if key not in _INTERPRETED:
            notes.note(where, f"The key {key[:80]} is kept but not interpreted.")
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
    hosting, *replicated = (
        _nodes(key, record.get(key, ""), notes)
        for key in ("HOSTING_NODE", "REPLICA_NODE", "REPLICA_NODES")
    )
    replicas = [*dict.fromkeys(node for nodes in replicated for node in nodes)]
    for key in ("UNPUBLISHED_HOSTS", "UNPUBLISHED_REPLICAS"):
        if gone_nodes := ", ".join(_nodes(key, record.get(key, ""), notes)):
            notes.note("/values", f"{key}: {gone_nodes[:200]}.", "It is not stated as replica.")
    datasets.check_pid(versioned_id(name, version), pid, [*hosting, *replicas], "/handle")
    gone = any(key.startswith("UNPUBLISHED") for key in record) or "RETRACTED_ON" in record
    yield DatasetVersion(name, version, pid, retracted=True if gone else None)
    yield from (Replica(name, version, node, True) for node in hosting)
    yield from (Replica(name, version, node, False) for node in replicas)
    yield from _related(pid, name, version, record, notes)


def _related(
    pid: str, name: str, version: str, record: Mapping[str, str], notes: Notes
) -> Iterator[Resource]:
    """Yield the earlier version of a dataset, its parts, its collections and its errata."""
    if previous := record.get("PREVIOUS_VERSION", ""):
        earlier = data_identifiers.parse_version(previous.rpartition(".")[2], "/values")
        if isinstance(earlier, str) and version:
            yield Revision(name, version, earlier)
        else:
            notes.note("/values", f"PREVIOUS_VERSION {previous[:80]!r} names no version.")
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
    name = record.get("FILE_NAME", "")
    originals = _urls(record, "DOWNLOAD_URL", "URL_ORIGINAL_DATA")
    if not originals and "URL" in record:
        message = "The record gives no address of the file; its URL is a page about it."
        notes.note("/values", message)
    first = originals[0] if originals else ""
    yield File(name, "", "", pid, file_checksum, number, _node_of(first), first)
    for other in (*originals[1:], *_urls(record, "REPLICA_DOWNLOAD_URLS", "URL_REPLICA")):
        yield File(name, "", "", pid, file_checksum, number, _node_of(other), other)
    for parent in _list(record.get("IS_PART_OF", "")):
        yield Collection(_identifier(parent), (pid,))


def _urls(record: Mapping[str, str], *keys: str) -> list[str]:
    """Addresses: a list, or the `href` of a 10320/loc value (never parsed as XML)."""
    texts = [record.get(key, "") for key in keys]
    urls_by_key = (_HREF.findall(each) if "<" in each else _list(each) for each in texts)
    return [*dict.fromkeys(url for urls in urls_by_key for url in urls)]


def _node_of(url: str) -> str:
    match = _WEB.match(url)
    return match[2] if match and _NODE.fullmatch(match[2]) else ""


def _json(value: str) -> object:
    """The JSON within a text, or None."""
    if value[:1] not in ("[", "{"):
        return None
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _list(value: str) -> list[str]:
    parts = _json(value.strip())
    if not isinstance(parts, list):
        parts = value.split(";")
    texts = (part if isinstance(part, str) else json.dumps(part) for part in parts)
    return [part.strip() for part in texts if part.strip()]


def _identifier(text: str) -> str:
    doi = data_identifiers.parse_doi(text)
    return canonical_pid(text) if isinstance(doi, Problem) else doi


def _nodes(key: str, value: str, notes: Notes) -> list[str]:
    """Data nodes: names, objects with a `host`, or the `host` of a 10320/loc value (no XML)."""
    document = _json(value.strip())
    if isinstance(document, dict | list):
        rows = document if isinstance(document, list) else [document]
        hosts = [str(row.get("host", "")) if isinstance(row, dict) else str(row) for row in rows]
    else:
        hosts = _HOST.findall(value) if "<" in value else _list(value.replace(",", ";"))
    nodes = [node for node in dict.fromkeys(hosts) if _NODE.fullmatch(node) and node != "unknown"]
    if value.strip() and len(nodes) < max(len({*hosts}), 1):
        message = f"{key} names no data node, or not all of them are names: {value.strip()[:200]}"
        notes.note("/values", message, "The text is kept.")
    return nodes


READERS = (Reader("handle-record", "publication", "handle record", _looks_like, _read),)
