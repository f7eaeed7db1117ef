"""Responses of the ESGF search (Solr): documents of datasets and of files.

In: the JSON of a search. Out: dataset versions, replicas and files; facets are kept. Redundant
values of a document (id, instance_id, master_id, version, node, PID) must agree, or it is noted.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from provstore.errors import Problem
from provstore.ingest.extracts import DatasetVersion, ExtractParts, File, Replica, Resource
from provstore.projects import data_identifiers
from provstore.prov.notations.input_file import InputFile
from provstore.readers.common import (
    Datasets,
    Notes,
    canonical_checksum,
    canonical_pid,
    handled,
    unhandled_values,
    versioned_id,
)
from provstore.readers.document_shapes import (
    any_of,
    boolean,
    check_shape,
    list_of,
    natural,
    nonblank,
    object_of,
    one_of,
    parsed_by,
    text,
)
from provstore.readers.input_checks import NO_OBJECT
from provstore.readers.reader import Reader


def _text_or_list(value: Any, where: str) -> Iterator[Problem]:
    if value != [] and not isinstance(value, str):
        yield from list_of(text, 1)(value, where)


def _pid(value: Any, where: str) -> Iterator[Problem]:
    yield from any_of(
        list_of(parsed_by(data_identifiers.parse_handle)), parsed_by(data_identifiers.parse_handle)
    )(value, where)


_DOC = object_of(
    {"id": nonblank, "type": one_of("Dataset", "File", "Aggregation")},
    {
        "instance_id": nonblank, "master_id": nonblank,
        "version": parsed_by(data_identifiers.parse_version), "data_node": nonblank,
        "replica": boolean, "latest": boolean, "retracted": boolean, "size": natural,
        "number_of_files": natural, "pid": _pid, "tracking_id": _text_or_list,
        "checksum": _text_or_list, "checksum_type": _text_or_list, "dataset_id": nonblank,
        "title": text, "url": list_of(text), "xlink": list_of(text),
        "citation_url": _text_or_list, "_timestamp": text, "timestamp": text,
    },
)  # fmt: skip
_ANSWER = object_of({"response": object_of({"docs": list_of(_DOC), "numFound": natural})})
_HANDLED = handled(
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


def _looks_like(input_file: InputFile) -> str:
    document = input_file.document
    if not isinstance(document, dict):
        return NO_OBJECT
    response = document.get("response")
    return "" if isinstance(response, dict) and "docs" in response else "it has no /response/docs"


def _read(input_file: InputFile) -> ExtractParts:
    response = check_shape(_ANSWER, input_file.document, input_file.name)["response"]
    notes, resources = Notes(), list[Resource]()
    datasets = Datasets(notes)
    for index, doc in enumerate(response["docs"]):
        where = f"/response/docs/{index}"
        read_document = _file if doc["type"] == "File" else _dataset
        resources += read_document(doc, where, datasets, notes)
    if response["numFound"] > len(response["docs"]):
        message = (
            f"The response has only {len(response['docs'])} of {response['numFound']} documents."
        )
        notes.note("/response/numFound", message, "Query the remaining pages as well.")
    kept = tuple(unhandled_values(input_file.document, {"response": {"docs": {"*": _HANDLED}}}))
    return ExtractParts(_answers(resources), (), tuple(resources), notes.all(), kept)


def _answers(resources: list[Resource]) -> dict[str, str]:
    versions = [resource for resource in resources if isinstance(resource, DatasetVersion)]
    nodes = {resource.node for resource in resources if isinstance(resource, Replica)}
    if len({(resource.dataset, resource.version) for resource in versions}) != 1:
        return {}
    answers = {"version": versions[0].version, "pid": versions[0].pid}
    answers["data_node"] = nodes.pop() if len(nodes) == 1 else ""
    return {key: value for key, value in answers.items() if value}


def _dataset(
    doc: Mapping[str, Any], where: str, datasets: Datasets, notes: Notes
) -> Iterator[Resource]:
    instance, _, node = doc["id"].partition("|")
    name, version = datasets.split(instance, where)
    node = doc.get("data_node", node)
    stated = data_identifiers.parse_version(doc["version"]) if "version" in doc else version
    agree = {
        "instance_id": (doc.get("instance_id"), instance),
        "master_id": (doc.get("master_id"), name),
        "data_node": (doc.get("data_node"), doc["id"].partition("|")[2] or None),
        "version": (str(stated), version or None),
    }
    for key, (document_value, id_value) in agree.items():
        if document_value and id_value and document_value != id_value:
            notes.note(
                f"{where}/{key}",
                f"The value is {document_value}, but the id has {id_value}.",
                "Correct the one that is wrong.",
            )
    version = version or str(stated)
    pids = doc.get("pid", [])
    for pid in [pids] if isinstance(pids, str) else pids:
        datasets.check_pid(versioned_id(name, version), pid, [node] if node else [], f"{where}/pid")
        pid = canonical_pid(pid)
        yield DatasetVersion(
            name,
            version,
            pid,
            "",
            doc.get("latest"),
            doc.get("retracted"),
            doc.get("number_of_files"),
            doc.get("size"),
            "",
            _first(doc.get("citation_url")),
        )
    if not pids:
        yield DatasetVersion(
            name,
            version,
            "",
            "",
            doc.get("latest"),
            doc.get("retracted"),
            doc.get("number_of_files"),
            doc.get("size"),
            "",
            _first(doc.get("citation_url")),
        )
    if node:
        replica = doc.get("replica")
        yield Replica(name, version, node, None if replica is None else not replica)


def _file(
    doc: Mapping[str, Any], where: str, datasets: Datasets, notes: Notes
) -> Iterator[Resource]:
    dataset, _, node = doc.get("dataset_id", "").partition("|")
    name = doc.get("title") or doc["id"].partition("|")[0]
    digits = canonical_checksum(_first(doc.get("checksum")), _first(doc.get("checksum_type")))
    if doc.get("checksum") and not digits:
        notes.note(f"{where}/checksum", f"{_first(doc['checksum'])[:80]!r} is not a checksum.")
    tracking = data_identifiers.parse_tracking_id(
        _first(doc.get("tracking_id")), f"{where}/tracking_id"
    )
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


READERS = (Reader("esgf-solr", "publication", "answer of the ESGF search", _looks_like, _read),)
