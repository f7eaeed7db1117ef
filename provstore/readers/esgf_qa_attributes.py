"""What esgf-qa wrote down of a file to compare it with others: its attributes, sizes and hashes.

In: JSON with global_attributes and their types. Out: the file's tracking id; every value is kept.
"""

from typing import Any

from provstore.errors import Problem
from provstore.ingest.extracts import File, Told
from provstore.projects import identifiers
from provstore.readers.common import Notes, leaves
from provstore.readers.document_shapes import anything, check, fields, table
from provstore.readers.input_file import Given, lacks
from provstore.readers.reader import Reader

_TABLES = ("global_attributes", "variable_attributes", "dimensions")
_SHAPE = fields(
    dict.fromkeys(_TABLES, table(anything)),
    {"global_attributes_non_required": table(anything), "time_info": table(anything)},
)


def _looks_like(given: Given) -> str:
    return lacks(given, *_TABLES)


def _tell(given: Given) -> Told:
    document: Any = check(_SHAPE, given.document, given.name)
    notes = Notes()
    own = {**document.get("global_attributes_non_required", {}), **document["global_attributes"]}
    told = own.get("tracking_id")
    tracking = identifiers.tracking_id(told, "/tracking_id") if isinstance(told, str) else ""
    if isinstance(tracking, Problem):
        notes.add(tracking)
        tracking = ""
    notes.say("", "It does not say which file it is about.", "Hand in esgf-qa's list of files.")
    things = (File("", tracking_id=tracking),) if tracking else ()
    return Told({}, (), things, notes.all(), tuple(leaves(document)))


READERS = (
    Reader("esgf-qa-attributes", "quality", "file attributes of esgf-qa", _looks_like, _tell),
)
