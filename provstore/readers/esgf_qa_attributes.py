"""File attributes of esgf-qa, which it writes to compare files: attributes, sizes and hashes.

In: JSON with global_attributes and their types. Out: the tracking id of the file; all other values
are kept.
"""

from typing import Any

from provstore.errors import Problem
from provstore.ingest.extracts import ExtractParts, File
from provstore.projects import data_identifiers
from provstore.prov.notations.input_file import InputFile
from provstore.readers.common import Notes, leaf_values
from provstore.readers.document_shapes import any_value, check_shape, mapping_of, object_of
from provstore.readers.input_checks import missing_keys
from provstore.readers.reader import Reader

_TABLES = ("global_attributes", "variable_attributes", "dimensions")
_SHAPE = object_of(
    dict.fromkeys(_TABLES, mapping_of(any_value)),
    {"global_attributes_non_required": mapping_of(any_value), "time_info": mapping_of(any_value)},
)


def _looks_like(input_file: InputFile) -> str:
    return missing_keys(input_file, *_TABLES)


def _read(input_file: InputFile) -> ExtractParts:
    document: Any = check_shape(_SHAPE, input_file.document, input_file.name)
    notes = Notes()
    own = {**document.get("global_attributes_non_required", {}), **document["global_attributes"]}
    stated = own.get("tracking_id")
    tracking = (
        data_identifiers.parse_tracking_id(stated, "/tracking_id")
        if isinstance(stated, str)
        else ""
    )
    if isinstance(tracking, Problem):
        notes.add(tracking)
        tracking = ""
    notes.note(
        "", "The attributes do not name their file.", "Submit the list of files of esgf-qa, too."
    )
    resources = (File("", tracking_id=tracking),) if tracking else ()
    return ExtractParts({}, (), resources, notes.all(), tuple(leaf_values(document)))


READERS = (
    Reader("esgf-qa-attributes", "quality", "file attributes of esgf-qa", _looks_like, _read),
)
