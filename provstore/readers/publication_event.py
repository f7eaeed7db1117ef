"""ESGF publication events: a STAC item was created, replaced, patched, retracted or deleted.

In: the JSON of one event (metadata, and a payload with its method). A patch is a list of RFC 6902,
bare or wrapped, or a merge patch. Out: the content of the item, and `Event`s of version chains.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from provstore.errors import Problem
from provstore.ingest import version_chain
from provstore.ingest.extracts import DatasetVersion, ExtractParts, Replica, Resource
from provstore.ingest.statements import utc
from provstore.prov.notations.input_file import InputFile
from provstore.readers.common import Datasets, Notes, leaf_values, time_with_zone
from provstore.readers.document_shapes import (
    Shape,
    any_of,
    any_value,
    check_shape,
    list_of,
    mapping_of,
    nonblank,
    object_of,
    one_of,
    text,
)
from provstore.readers.input_checks import NO_OBJECT
from provstore.readers.reader import Reader
from provstore.readers.stac_item import ITEM, item_answers, item_resources, with_version

_OPERATION = object_of(
    {"op": one_of("add", "remove", "replace", "move", "copy", "test"), "path": text},
    {"value": any_value, "from": text},
)
_OPERATIONS = list_of(_OPERATION, 1)
_PATCH = any_of(_OPERATIONS, object_of({"operations": _OPERATIONS}), mapping_of(any_value, least=1))
_NEEDS: Mapping[str, Mapping[str, Shape]] = {
    "POST": {"item": ITEM},
    "PUT": {"item": ITEM},
    "PATCH": {"item_id": with_version, "patch": _PATCH},
    "DELETE": {"item_id": with_version},
}


def _payload(value: Any, where: str) -> Iterator[Problem]:
    method = value.get("method") if isinstance(value, dict) else None
    needed = {"method": one_of(*_NEEDS), "collection_id": nonblank}
    yield from object_of({**needed, **_NEEDS.get(str(method), {})})(value, where)


_EVENT = object_of(
    {"metadata": object_of({"time": nonblank}),
     "data": object_of({"type": one_of("STAC"), "payload": _payload})}
)  # fmt: skip


def _is_event(input_file: InputFile) -> str:
    document = input_file.document
    if not isinstance(document, dict):
        return NO_OBJECT
    data = document.get("data")
    return "" if isinstance(data, dict) and "payload" in data else "it has no /data/payload"


def _read_event(input_file: InputFile) -> ExtractParts:
    document = check_shape(_EVENT, input_file.document, input_file.name)
    notes, payload = Notes(), document["data"]["payload"]
    where, method = "/data/payload", payload["method"]
    event_time = _event_time(document["metadata"]["time"], notes)
    if method in ("POST", "PUT"):
        resources = [*item_resources(payload["item"], f"{where}/item", Datasets(notes), notes)]
        event = _published(resources, event_time)
        resources.append(event)
        if payload["item"]["properties"].get("retracted"):
            resources.append(_event(event, version_chain.RETRACT))
        return ExtractParts(
            item_answers(resources), (), tuple(resources), notes.all(), tuple(leaf_values(document))
        )
    name, version = Datasets(notes).split(payload["item_id"], f"{where}/item_id")
    bare = version_chain.Event(event_time, name, version, version_chain.REMOVE)
    events = [bare]
    if method == "PATCH":
        changes = dict(_changes(payload["patch"]))
        events = [*_patched(bare, changes, notes)]
    retracts = {event.kind for event in events} & {version_chain.RETRACT, version_chain.REMOVE}
    step = "retraction" if retracts else "publication"
    resources = [DatasetVersion(name, version), *events]
    return ExtractParts(
        {"version": version}, (), tuple(resources), notes.all(), tuple(leaf_values(document)), step
    )


def _event_time(text_: str, notes: Notes) -> str:
    """Return the time of an event in UTC; publishers omit the zone of UTC."""
    zoned = time_with_zone(text_, "/metadata/time", Notes())
    if zoned:
        return utc(zoned)
    assumed = time_with_zone(f"{text_}Z", "/metadata/time", notes)
    if not assumed:
        return ""
    notes.note("/metadata/time", f"The time {text_} has no time zone.", "It is treated as UTC.")
    return utc(assumed)


def _published(resources: list[Resource], event_time: str) -> version_chain.Event:
    version = next(resource for resource in resources if isinstance(resource, DatasetVersion))
    nodes = tuple(
        sorted({resource.node for resource in resources if isinstance(resource, Replica)})
    )
    return version_chain.Event(
        event_time, version.dataset, version.version, version_chain.PUBLISH, nodes, version.pid
    )


def _event(
    event: version_chain.Event, kind: str, nodes: tuple[str, ...] = ()
) -> version_chain.Event:
    return version_chain.Event(event.time, event.dataset, event.version, kind, nodes)


def _changes(patch: Any) -> Iterator[tuple[str, Any]]:
    """Return the values that a patch sets, by pointer; removed values are None."""
    operations = patch.get("operations") if isinstance(patch, dict) else patch
    if isinstance(operations, list):
        for each in operations:
            if each["op"] != "test":
                yield each["path"], None if each["op"] == "remove" else each.get("value")
    else:
        for key, value in patch.items():
            inside = value if isinstance(value, dict) and value else {"": value}
            for name, each in inside.items():
                yield f"/{key}/{name}" if name else f"/{key}", each


def _patched(
    bare: version_chain.Event, changes: Mapping[str, Any], notes: Notes
) -> Iterator[version_chain.Event]:
    state = changes.get("/properties/retracted")
    if "/properties/retracted" in changes and not isinstance(state, bool):
        notes.note(
            "/data/payload/patch",
            "The patch sets 'retracted' to neither true nor false; this change is ignored.",
        )
    if isinstance(state, bool):
        yield _event(bare, version_chain.RETRACT if state else version_chain.RESTORE)
    else:
        yield _event(bare, version_chain.CHANGE)
    added = {
        value["alternate:name"]
        for path, value in changes.items()
        if path.startswith("/assets/") and isinstance(value, dict)
        if isinstance(value.get("alternate:name"), str)
    } | {
        path.split("/")[4].replace("~1", "/").replace("~0", "~")
        for path, value in changes.items()
        if path.startswith("/assets/") and path.split("/")[3:4] == ["alternate"]
        if len(path.split("/")) == 5 and value is not None
    }
    if added:
        yield _event(bare, version_chain.PUBLISH, tuple(sorted(added)))
    unknown = [path for path in changes if not path.startswith(("/assets/", "/properties/"))]
    for path in unknown:
        notes.note("/data/payload/patch", f"The change of {path[:80]} is kept but not interpreted.")


READERS = (Reader("esgf-event", "publication", "ESGF publication event", _is_event, _read_event),)
