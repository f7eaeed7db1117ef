"""PROV-JSON (W3C Member Submission, 2013) ⇄ bundles."""

from provstore.prov.notations.document import BLANK
from provstore.prov.notations.input_file import DOCUMENT
from provstore.prov.notations.provjson.provjson_document import (
    Reading,
    dump,
    dump_document,
    load,
    read,
    resembles_provjson,
)

__all__ = [
    "BLANK",
    "DOCUMENT",
    "Reading",
    "dump",
    "dump_document",
    "load",
    "read",
    "resembles_provjson",
]
