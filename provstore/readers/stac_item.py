"""STAC items of ESGF: a dataset version with its files, on one data node or several.

In: an item (stac-extensions/cmip6 and similar). Out: the dataset version, replicas and files;
redundant values of the item must agree, or it is noted.
"""

from collections.abc import Iterable, Iterator, Mapping
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
    leaf_values,
    versioned_id,
)
from provstore.readers.document_shapes import (
    Shape,
    boolean,
    check_shape,
    list_of,
    mapping_of,
    natural,
    nonblank,
    object_of,
    one_of,
    optional,
    parsed_by,
    text,
)
from provstore.readers.input_checks import NO_OBJECT
from provstore.readers.reader import Reader

_ASSET = object_of(
    {"href": nonblank},
    {"roles": list_of(text), "file:size": natural,
     "file:checksum": parsed_by(data_identifiers.parse_checksum),
     "alternate:name": nonblank, "alternate": mapping_of(object_of({"href": nonblank}))},
)  # fmt: skip
_PROPERTIES = object_of(
    {},
    {"retracted": boolean, "latest": boolean, "version": parsed_by(data_identifiers.parse_version),
     "base_id": nonblank, "created": text, "size": natural},
)  # fmt: skip


def with_version(value: Any, where: str) -> Iterator[Problem]:
    """A dataset id that ends in its version."""
    yield from nonblank(value, where)
    if isinstance(value, str):
        split = data_identifiers.split_version(value, where)
        if isinstance(split, Problem):
            yield split
        elif not split[1]:
            yield Problem(
                where, f"{value[:200]!r} has no version.", "Expected .vYYYYMMDD at the end."
            )


def _identified(value: Any, where: str) -> Iterator[Problem]:
    """Properties of an item, or an asset: PIDs and tracking ids may have any prefix."""
    for key, each in value.items() if isinstance(value, dict) else ():
        member = f"{where}/{key.replace('~', '~0').replace('/', '~1')}"
        if key.endswith(":pid"):
            yield from optional(parsed_by(data_identifiers.parse_handle))(each, member)
        elif key.endswith(":tracking_id"):
            yield from optional(parsed_by(data_identifiers.parse_tracking_id))(each, member)


def _both(*shapes: Shape) -> Shape:
    return lambda value, where: (fault for shape in shapes for fault in shape(value, where))


ITEM = object_of(
    {"type": one_of("Feature"), "id": with_version, "properties": _both(_PROPERTIES, _identified),
     "assets": mapping_of(_both(_ASSET, _identified))},
    {"collection": text, "links": list_of(object_of({"rel": text, "href": text}))},
)  # fmt: skip


def _is_item(input_file: InputFile) -> str:
    document = input_file.document
    if not isinstance(document, dict):
        return NO_OBJECT
    return "" if "stac_version" in document and "assets" in document else "it is not a STAC item"


def _read_item(input_file: InputFile) -> ExtractParts:
    item = check_shape(ITEM, input_file.document, input_file.name)
    notes = Notes()
    resources = tuple(item_resources(item, "", Datasets(notes), notes))
    return ExtractParts(
        item_answers(resources), (), resources, notes.all(), tuple(leaf_values(item))
    )


def item_resources(
    item: Mapping[str, Any], where: str, datasets: Datasets, notes: Notes
) -> Iterator[Resource]:
    """Yield the dataset version of an item with the shape ITEM, its replicas and its files."""
    name, version = datasets.split(item["id"], f"{where}/id")
    properties, whole = item["properties"], versioned_id(name, version)
    _agree(properties, name, version, where, notes)
    files = [*_files(item, where, whole, datasets)]
    nodes = dict.fromkeys(file.node for file in files if file.node)
    pid = next(
        (str(value) for key, value in properties.items() if key.endswith(":pid") if value), ""
    )
    if pid:
        datasets.check_pid(whole, pid, nodes, f"{where}/properties")
    cite = next((link["href"] for link in item.get("links", []) if link["rel"] == "cite-as"), "")
    data = [file for file in files if not file.path]
    yield DatasetVersion(
        name,
        version,
        canonical_pid(pid),
        "",
        properties.get("latest"),
        properties.get("retracted"),
        len({file.name for file in data}),
        properties.get("size"),
        "",
        cite,
    )
    yield from (Replica(name, version, node) for node in nodes)
    yield from files


def _agree(
    properties: Mapping[str, Any], name: str, version: str, where: str, notes: Notes
) -> None:
    stated = data_identifiers.parse_version(properties.get("version", version))
    for key, stated_value, id_value in (
        ("version", str(stated), version),
        ("base_id", properties.get("base_id", name), name),
    ):
        if stated_value != id_value:
            message = f"The value is {stated_value}, but the id has {id_value}."
            notes.note(f"{where}/properties/{key}", message, "Correct the one that is wrong.")


def _files(item: Mapping[str, Any], where: str, dataset: str, datasets: Datasets) -> Iterator[File]:
    for name, asset in item["assets"].items():
        if not name.endswith(".nc") and "file:checksum" not in asset:
            continue  # a link to a page or a directory
        datasets.check_file(dataset, name, f"{where}/assets")
        path = asset.get("file:local_path", "")
        if isinstance(path, str) and path.endswith(".nc"):
            datasets.check_file(dataset, path, f"{where}/assets")
        tracking = next((v for key, v in asset.items() if key.endswith(":tracking_id") if v), "")
        tracking_id = data_identifiers.parse_tracking_id(tracking) if tracking else ""
        yield File(
            name,
            "",
            dataset,
            str(tracking_id),
            canonical_checksum(asset.get("file:checksum", "")),
            asset.get("file:size"),
            asset.get("alternate:name", ""),
            asset["href"],
        )
        for node, other in asset.get("alternate", {}).items():
            node = other.get("alternate:name", node)
            yield File(name, "", dataset, str(tracking_id), "", None, node, other["href"])


def item_answers(resources: Iterable[Resource]) -> dict[str, str]:
    """Return the answers to the publication form that the resources of an item give."""
    resources = tuple(resources)
    version = next(resource for resource in resources if isinstance(resource, DatasetVersion))
    nodes = [resource.node for resource in resources if isinstance(resource, Replica)]
    answers = {"version": version.version, "pid": version.pid}
    answers["data_node"] = nodes[0] if len(nodes) == 1 else ""
    return {key: value for key, value in answers.items() if value}


READERS = (Reader("stac-item", "publication", "STAC item", _is_item, _read_item),)
