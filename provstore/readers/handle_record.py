"""Handle records, as a handle proxy gives them in JSON: what a PID says of a dataset or a file.

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
    File,
    Replica,
    Thing,
    Told,
)
from provstore.projects import identifiers
from provstore.readers.common import (
    Datasets,
    Notes,
    Taken,
    besides,
    checksum,
    joined,
    leaves,
    pid_of,
    wholly,
)
from provstore.readers.document_shapes import anything, check, fields, filled, items, spelt, whole
from provstore.readers.input_file import Given, lacks
from provstore.readers.reader import Reader

_VALUE = fields({"type": filled, "data": fields({"value": anything})}, {"index": whole})
_TAKEN: Taken = {
    **wholly("handle", "responseCode"),
    "values": {"*": {**wholly("type"), "data": wholly("value")}},
}
_HOST = re.compile(r'\bhost="([^"<>\s]+)"')
_NODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-]*")


def _found(value: Any, where: str) -> Iterator[Problem]:
    yield from whole(value, where)
    if isinstance(value, int) and value != 1:
        words = {100: "there is no such handle", 200: "it has no such values"}
        why = words.get(value, "the proxy did not find it")
        yield Problem(where, f"The answer's code is {value}: {why}.", "Ask for an existing handle.")


_RECORD = fields(
    {"responseCode": _found, "handle": spelt(identifiers.handle), "values": items(_VALUE, 1)}
)


def _looks_like(given: Given) -> str:
    return lacks(given, "handle", "responseCode")


def _tell(given: Given) -> Told:
    document = check(_RECORD, given.document, given.name)
    notes = Notes()
    record: dict[str, str] = {}
    kept = [*besides(document, _TAKEN)]
    for index, each in enumerate(document["values"]):
        key, value = each["type"], each["data"]["value"]
        where = f"/values/{index}/data/value"
        if not isinstance(value, str | int):
            kept += leaves(value, where)  # HS_ADMIN: who may change the handle
            continue
        value = str(value)
        if record.setdefault(key, value) != value:
            notes.say(where, f"{key} stands there with several values.", "The first one is told.")
        kept.append((where, f"{key}={value}"))
    pid = pid_of(document["handle"])
    is_file = record.get("AGGREGATION_LEVEL", "").upper() == "FILE" or "FILE_NAME" in record
    tell = _file if is_file else _dataset
    if not is_file and not _drs(record):
        notes.say("/values", "The record names neither a dataset nor a file.")
        return Told({}, (), (), notes.all(), tuple(kept))
    told = tuple(tell(pid, record, Datasets(notes), notes))
    version = next((one.version for one in told if isinstance(one, DatasetVersion)), "")
    answers = {} if is_file or not version else {"pid": pid, "version": version}
    return Told(answers, (), told, notes.all(), tuple(kept))


def _dataset(
    pid: str, record: Mapping[str, str], datasets: Datasets, notes: Notes
) -> Iterator[Thing]:
    drs = _drs(record)
    written = record.get("VERSION_NUMBER") or record.get("DATASET_VERSION", "")
    stated = identifiers.version(written, "/values") if written else ""
    if isinstance(stated, Problem):
        notes.add(stated)
        stated = ""
    name, version = datasets.meet(drs, "/values")
    if version and stated and version != stated:
        notes.say(
            "/values", f"DRS_ID says {version}, VERSION_NUMBER says {stated}.", "One is wrong."
        )
    version = version or stated
    hosting = _nodes(record.get("HOSTING_NODE", ""))
    replicas = [
        node for key in ("REPLICA_NODE", "REPLICA_NODES") for node in _nodes(record.get(key, ""))
    ]
    datasets.check_pid(joined(name, version), pid, [*hosting, *replicas], "/handle")
    gone = any(key.startswith("UNPUBLISHED") for key in record) or "RETRACTED_ON" in record
    yield DatasetVersion(name, version, pid, retracted=True if gone else None)
    yield from (Replica(name, version, node, True) for node in hosting)
    yield from (Replica(name, version, node, False) for node in replicas)
    if members := _list(record.get("HAS_PARTS", "")):
        yield Collection(pid, tuple(map(pid_of, members)), joined(name, version))
    for parent in _list(record.get("IS_PART_OF", "")):
        yield Collection(_identifier(parent), (pid,))
    for uid in _list(record.get("ERRATA_IDS", "")):
        yield Erratum(uid, (joined(name, version),))
    for key, words in (("REPLACES", "replaces"), ("REPLACED_BY", "is replaced by")):
        for other in _list(record.get(key, "")):
            notes.say("/values", f"{pid} {words} {other}.", "Read that record for its version.")


def _drs(record: Mapping[str, str]) -> str:
    return (record.get("DRS_ID") or record.get("DATASET_ID", "")).strip()


def _file(
    pid: str, record: Mapping[str, str], _datasets: Datasets, notes: Notes
) -> Iterator[Thing]:
    digits = record.get("CHECKSUM", "")
    found = checksum(digits, record.get("CHECKSUM_METHOD", ""))
    if digits and not found:
        notes.say("/values", f"CHECKSUM {digits[:80]!r} is no checksum.")
    size = record.get("FILE_SIZE", "")
    number = int(size) if size.isascii() and size.isdigit() and len(size) < 19 else None
    if size and number is None:
        notes.say("/values", f"FILE_SIZE {size[:40]!r} is no size in bytes.")
    url = record.get("URL_ORIGINAL_DATA", "") or record.get("URL", "")
    yield File(record.get("FILE_NAME", ""), "", "", pid, found, number, "", url)
    for parent in _list(record.get("IS_PART_OF", "")):
        yield Collection(_identifier(parent), (pid,))


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _identifier(text: str) -> str:
    doi = identifiers.doi(text)
    return pid_of(text) if isinstance(doi, Problem) else doi


def _nodes(text: str) -> list[str]:
    """Data nodes: names, or the `host` of a 10320/loc value (never parsed as XML)."""
    found = _HOST.findall(text) if "<" in text else _list(text.replace(",", ";"))
    return [node for node in dict.fromkeys(found) if _NODE.fullmatch(node)]


READERS = (Reader("handle-record", "publication", "handle record", _looks_like, _tell),)
