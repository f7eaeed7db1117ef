"""ESGF publication events: a STAC item was created, replaced, patched, retracted or deleted.

In: the JSON of one event (metadata, and a payload with its method). A patch is a list of RFC 6902,
bare or wrapped, or a merge patch. Out: what an item tells, and the `Event`s of version chains.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from provstore.errors import Problem
from provstore.ingest import versions
from provstore.ingest.extracts import DatasetVersion, Replica, Thing, Told
from provstore.ingest.statements import utc
from provstore.readers.common import Datasets, Notes, leaves, time
from provstore.readers.document_shapes import (
    Shape,
    among,
    anything,
    check,
    either,
    fields,
    filled,
    items,
    table,
    text,
)
from provstore.readers.input_file import NO_OBJECT, Given
from provstore.readers.reader import Reader
from provstore.readers.stac_item import ITEM, answers, things, versioned

_OPERATION = fields(
    {"op": among("add", "remove", "replace", "move", "copy", "test"), "path": text},
    {"value": anything, "from": text},
)
_OPERATIONS = items(_OPERATION, 1)
_PATCH = either(_OPERATIONS, fields({"operations": _OPERATIONS}), table(anything, least=1))
_NEEDS: Mapping[str, Mapping[str, Shape]] = {
    "POST": {"item": ITEM},
    "PUT": {"item": ITEM},
    "PATCH": {"item_id": versioned, "patch": _PATCH},
    "DELETE": {"item_id": versioned},
}


def _payload(value: Any, where: str) -> Iterator[Problem]:
    method = value.get("method") if isinstance(value, dict) else None
    needed = {"method": among(*_NEEDS), "collection_id": filled}
    yield from fields({**needed, **_NEEDS.get(str(method), {})})(value, where)


_EVENT = fields(
    {"metadata": fields({"time": filled}),
     "data": fields({"type": among("STAC"), "payload": _payload})}
)  # fmt: skip


def _is_event(given: Given) -> str:
    document = given.document
    if not isinstance(document, dict):
        return NO_OBJECT
    data = document.get("data")
    return "" if isinstance(data, dict) and "payload" in data else "it has no /data/payload"


def _tell_event(given: Given) -> Told:
    document = check(_EVENT, given.document, given.name)
    notes, payload = Notes(), document["data"]["payload"]
    where, method = "/data/payload", payload["method"]
    when = _when(document["metadata"]["time"], notes)
    if method in ("POST", "PUT"):
        told = [*things(payload["item"], f"{where}/item", Datasets(notes), notes)]
        event = _published(told, when)
        told.append(event)
        if payload["item"]["properties"].get("retracted"):
            told.append(_event(event, versions.RETRACT))
        return Told(answers(told), (), tuple(told), notes.all(), tuple(leaves(document)))
    name, version = Datasets(notes).meet(payload["item_id"], f"{where}/item_id")
    bare = versions.Event(when, name, version, versions.REMOVE)
    events = [bare]
    if method == "PATCH":
        changes = dict(_changes(payload["patch"]))
        events = [*_patched(bare, changes, notes)]
    retracts = {event.kind for event in events} & {versions.RETRACT, versions.REMOVE}
    step = "retraction" if retracts else "publication"
    told = [DatasetVersion(name, version), *events]
    return Told({"version": version}, (), tuple(told), notes.all(), tuple(leaves(document)), step)


def _when(text_: str, notes: Notes) -> str:
    """The time of an event in UTC; without a zone it is one of UTC, as publishers write it."""
    told = time(text_, "/metadata/time", Notes())
    if told:
        return utc(told)
    assumed = time(f"{text_}Z", "/metadata/time", notes)
    if not assumed:
        return ""
    notes.say("/metadata/time", f"The time {text_} has no zone.", "It is ordered as one in UTC.")
    return utc(assumed)


def _published(told: list[Thing], when: str) -> versions.Event:
    version = next(one for one in told if isinstance(one, DatasetVersion))
    nodes = tuple(sorted({one.node for one in told if isinstance(one, Replica)}))
    return versions.Event(
        when, version.dataset, version.version, versions.PUBLISH, nodes, version.pid
    )


def _event(event: versions.Event, kind: str, nodes: tuple[str, ...] = ()) -> versions.Event:
    return versions.Event(event.time, event.dataset, event.version, kind, nodes)


def _changes(patch: Any) -> Iterator[tuple[str, Any]]:
    """What a patch sets, by pointer; what it takes away is None."""
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
    bare: versions.Event, changes: Mapping[str, Any], notes: Notes
) -> Iterator[versions.Event]:
    state = changes.get("/properties/retracted")
    if "/properties/retracted" in changes and not isinstance(state, bool):
        notes.say("/data/payload/patch", "It sets 'retracted' to no true or false: not followed.")
    if isinstance(state, bool):
        yield _event(bare, versions.RETRACT if state else versions.RESTORE)
    else:
        yield _event(bare, versions.CHANGE)
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
        yield _event(bare, versions.PUBLISH, tuple(sorted(added)))
    unknown = [path for path in changes if not path.startswith(("/assets/", "/properties/"))]
    for path in unknown:
        notes.say("/data/payload/patch", f"What it changes in {path[:80]} is kept, not followed.")


READERS = (Reader("esgf-event", "publication", "ESGF publication event", _is_event, _tell_event),)
