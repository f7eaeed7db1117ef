"""Answers of the ESGF search (Solr): documents of datasets and of files.

In: the JSON of a search. Out: dataset versions, replicas and files; facets are kept. What a
document says twice (id, instance_id, master_id, version, node, PID) must agree, or it is noted.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from provstore.errors import Problem
from provstore.ingest.extracts import DatasetVersion, File, Replica, Thing, Told
from provstore.projects import identifiers
from provstore.readers.common import Datasets, Notes, besides, checksum, joined, pid_of, wholly
from provstore.readers.document_shapes import (
    among,
    check,
    count,
    either,
    fields,
    filled,
    flag,
    items,
    spelt,
    text,
)
from provstore.readers.input_file import NO_OBJECT, Given
from provstore.readers.reader import Reader


def _one(value: Any, where: str) -> Iterator[Problem]:
    if value != [] and not isinstance(value, str):
        yield from items(text, 1)(value, where)


def _pid(value: Any, where: str) -> Iterator[Problem]:
    yield from either(items(spelt(identifiers.handle)), spelt(identifiers.handle))(value, where)


_DOC = fields(
    {"id": filled, "type": among("Dataset", "File", "Aggregation")},
    {
        "instance_id": filled, "master_id": filled, "version": spelt(identifiers.version),
        "data_node": filled, "replica": flag, "latest": flag, "retracted": flag, "size": count,
        "number_of_files": count, "pid": _pid, "tracking_id": _one, "checksum": _one,
        "checksum_type": _one, "dataset_id": filled, "title": text, "url": items(text),
        "xlink": items(text), "citation_url": _one, "_timestamp": text, "timestamp": text,
    },
)  # fmt: skip
_ANSWER = fields({"response": fields({"docs": items(_DOC), "numFound": count})})
_TOLD = wholly(
    "instance_id",
    "master_id",
    "version",
    "data_node",
    "replica",
    "latest",
    "retracted",
    "size",
    "number_of_files",
    "pid",
    "tracking_id",
    "checksum",
    "checksum_type",
    "dataset_id",
    "id",
)


def _looks_like(given: Given) -> str:
    document = given.document
    if not isinstance(document, dict):
        return NO_OBJECT
    response = document.get("response")
    return "" if isinstance(response, dict) and "docs" in response else "it has no /response/docs"


def _tell(given: Given) -> Told:
    response = check(_ANSWER, given.document, given.name)["response"]
    notes, things = Notes(), list[Thing]()
    datasets = Datasets(notes)
    for index, doc in enumerate(response["docs"]):
        where = f"/response/docs/{index}"
        tell = _file if doc["type"] == "File" else _dataset
        things += tell(doc, where, datasets, notes)
    if response["numFound"] > len(response["docs"]):
        what = f"This is a page: {len(response['docs'])} of {response['numFound']} documents."
        notes.say("/response/numFound", what, "Ask for the rest.")
    kept = tuple(besides(given.document, {"response": {"docs": {"*": _TOLD}}}))
    return Told(_answers(things), (), tuple(things), notes.all(), kept)


def _answers(things: list[Thing]) -> dict[str, str]:
    versions = [one for one in things if isinstance(one, DatasetVersion)]
    nodes = {one.node for one in things if isinstance(one, Replica)}
    if len({(one.dataset, one.version) for one in versions}) != 1:
        return {}
    found = {"version": versions[0].version, "pid": versions[0].pid}
    found["data_node"] = nodes.pop() if len(nodes) == 1 else ""
    return {key: value for key, value in found.items() if value}


def _dataset(
    doc: Mapping[str, Any], where: str, datasets: Datasets, notes: Notes
) -> Iterator[Thing]:
    instance, _, node = doc["id"].partition("|")
    name, version = datasets.meet(instance, where)
    node = doc.get("data_node", node)
    stated = identifiers.version(doc["version"]) if "version" in doc else version
    agree = {
        "instance_id": (doc.get("instance_id"), instance),
        "master_id": (doc.get("master_id"), name),
        "data_node": (doc.get("data_node"), doc["id"].partition("|")[2] or None),
        "version": (str(stated), version or None),
    }
    for key, (here, there) in agree.items():
        if here and there and here != there:
            notes.say(f"{where}/{key}", f"It says {here}, the id says {there}.", "One is wrong.")
    version = version or str(stated)
    pids = doc.get("pid", [])
    for pid in [pids] if isinstance(pids, str) else pids:
        datasets.check_pid(joined(name, version), pid, [node] if node else [], f"{where}/pid")
        pid = pid_of(pid)
        yield DatasetVersion(
            name, version, pid, "", doc.get("latest"), doc.get("retracted"),
            doc.get("number_of_files"), doc.get("size"), "", _first(doc.get("citation_url")),
        )  # fmt: skip
    if not pids:
        yield DatasetVersion(
            name, version, "", "", doc.get("latest"), doc.get("retracted"),
            doc.get("number_of_files"), doc.get("size"), "", _first(doc.get("citation_url")),
        )  # fmt: skip
    if node:
        replica = doc.get("replica")
        yield Replica(name, version, node, None if replica is None else not replica)


def _file(doc: Mapping[str, Any], where: str, datasets: Datasets, notes: Notes) -> Iterator[Thing]:
    dataset, _, node = doc.get("dataset_id", "").partition("|")
    name = doc.get("title") or doc["id"].partition("|")[0]
    digits = checksum(_first(doc.get("checksum")), _first(doc.get("checksum_type")))
    if doc.get("checksum") and not digits:
        notes.say(f"{where}/checksum", f"{_first(doc['checksum'])[:80]!r} is no checksum.")
    tracking = identifiers.tracking_id(_first(doc.get("tracking_id")), f"{where}/tracking_id")
    if isinstance(tracking, Problem):
        if doc.get("tracking_id"):
            notes.add(tracking)
        tracking = ""
    if dataset:
        datasets.check_file(dataset, name, f"{where}/title")
        dataset = datasets.name(dataset, f"{where}/dataset_id")
    url = _first(doc.get("url")).partition("|")[0]
    node = doc.get("data_node", node)
    yield File(name, "", dataset, tracking, digits, doc.get("size"), node, url)


def _first(value: Any) -> str:
    if isinstance(value, list):
        return str(value[0]) if value else ""
    return value or ""


READERS = (Reader("esgf-solr", "publication", "answer of the ESGF search", _looks_like, _tell),)
