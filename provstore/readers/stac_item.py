"""STAC items of ESGF: a dataset version with its files, on one data node or several.

In: an item (stac-extensions/cmip6 and its sisters). Out: the dataset version, replicas and files;
what the item says twice must agree, or it is noted.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from provstore.errors import Problem
from provstore.ingest.extracts import DatasetVersion, File, Replica, Thing, Told
from provstore.projects import identifiers
from provstore.readers.common import Datasets, Notes, checksum, joined, leaves, pid_of
from provstore.readers.document_shapes import (
    Shape,
    among,
    check,
    count,
    fields,
    filled,
    flag,
    items,
    optional,
    spelt,
    table,
    text,
)
from provstore.readers.input_file import NO_OBJECT, Given
from provstore.readers.reader import Reader

_ASSET = fields(
    {"href": filled},
    {"roles": items(text), "file:size": count, "file:checksum": spelt(identifiers.checksum),
     "alternate:name": filled, "alternate": table(fields({"href": filled}))},
)  # fmt: skip
_PROPERTIES = fields(
    {},
    {"retracted": flag, "latest": flag, "version": spelt(identifiers.version),
     "base_id": filled, "created": text, "size": count},
)  # fmt: skip


def versioned(value: Any, where: str) -> Iterator[Problem]:
    """A dataset id that ends in its version."""
    yield from filled(value, where)
    if isinstance(value, str):
        split = identifiers.split_version(value, where)
        if isinstance(split, Problem):
            yield split
        elif not split[1]:
            yield Problem(where, f"{value[:200]!r} has no version.", "It must end in .vYYYYMMDD.")


def _identified(value: Any, where: str) -> Iterator[Problem]:
    """An item's properties or an asset: PIDs and tracking ids stand under any prefix."""
    for key, each in value.items() if isinstance(value, dict) else ():
        here = f"{where}/{key.replace('~', '~0').replace('/', '~1')}"
        if key.endswith(":pid"):
            yield from optional(spelt(identifiers.handle))(each, here)
        elif key.endswith(":tracking_id"):
            yield from optional(spelt(identifiers.tracking_id))(each, here)


def _both(*shapes: Shape) -> Shape:
    return lambda value, where: (fault for shape in shapes for fault in shape(value, where))


ITEM = fields(
    {"type": among("Feature"), "id": versioned, "properties": _both(_PROPERTIES, _identified),
     "assets": table(_both(_ASSET, _identified))},
    {"collection": text, "links": items(fields({"rel": text, "href": text}))},
)  # fmt: skip


def _is_item(given: Given) -> str:
    document = given.document
    if not isinstance(document, dict):
        return NO_OBJECT
    return "" if "stac_version" in document and "assets" in document else "it is no STAC item"


def _tell_item(given: Given) -> Told:
    item = check(ITEM, given.document, given.name)
    notes = Notes()
    told = tuple(things(item, "", Datasets(notes), notes))
    return Told(answers(told), (), told, notes.all(), tuple(leaves(item)))


def things(
    item: Mapping[str, Any], where: str, datasets: Datasets, notes: Notes
) -> Iterator[Thing]:
    """The dataset version of an item that has the shape ITEM, its replicas and its files."""
    name, version = datasets.meet(item["id"], f"{where}/id")
    properties, whole = item["properties"], joined(name, version)
    _agree(properties, name, version, where, notes)
    files = [*_files(item, where, whole, datasets)]
    nodes = dict.fromkeys(one.node for one in files if one.node)
    pid = next(
        (str(value) for key, value in properties.items() if key.endswith(":pid") if value), ""
    )
    if pid:
        datasets.check_pid(whole, pid, nodes, f"{where}/properties")
    cite = next((link["href"] for link in item.get("links", []) if link["rel"] == "cite-as"), "")
    data = [one for one in files if not one.path]
    yield DatasetVersion(
        name, version, pid_of(pid), "", properties.get("latest"), properties.get("retracted"),
        len({one.name for one in data}), properties.get("size"), "", cite,
    )  # fmt: skip
    yield from (Replica(name, version, node) for node in nodes)
    yield from files


def _agree(
    properties: Mapping[str, Any], name: str, version: str, where: str, notes: Notes
) -> None:
    stated = identifiers.version(properties.get("version", version))
    for key, here, there in (
        ("version", str(stated), version),
        ("base_id", properties.get("base_id", name), name),
    ):
        if here != there:
            what = f"It says {here}, the id says {there}."
            notes.say(f"{where}/properties/{key}", what, "One is wrong.")


def _files(item: Mapping[str, Any], where: str, dataset: str, datasets: Datasets) -> Iterator[File]:
    for name, asset in item["assets"].items():
        if not name.endswith(".nc") and "file:checksum" not in asset:
            continue  # a link to a page or a directory
        datasets.check_file(dataset, name, f"{where}/assets")
        path = asset.get("file:local_path", "")
        if isinstance(path, str) and path.endswith(".nc"):
            datasets.check_file(dataset, path, f"{where}/assets")
        tracking = next((v for key, v in asset.items() if key.endswith(":tracking_id") if v), "")
        found = identifiers.tracking_id(tracking) if tracking else ""
        yield File(
            name, "", dataset, str(found), checksum(asset.get("file:checksum", "")),
            asset.get("file:size"), asset.get("alternate:name", ""), asset["href"],
        )  # fmt: skip
        for node, other in asset.get("alternate", {}).items():
            node = other.get("alternate:name", node)
            yield File(name, "", dataset, str(found), "", None, node, other["href"])


def answers(told: Iterable[Thing]) -> dict[str, str]:
    """What the publication form asks, as far as an item's things tell it."""
    told = tuple(told)
    version = next(one for one in told if isinstance(one, DatasetVersion))
    nodes = [one.node for one in told if isinstance(one, Replica)]
    found = {"version": version.version, "pid": version.pid}
    found["data_node"] = nodes[0] if len(nodes) == 1 else ""
    return {key: value for key, value in found.items() if value}


READERS = (Reader("stac-item", "publication", "STAC item", _is_item, _tell_item),)
