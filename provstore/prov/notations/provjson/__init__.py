"""PROV-JSON (W3C Member Submission, 2013) ⇄ bundles."""

from provstore.prov.notations.input_file import DOCUMENT
from provstore.prov.notations.provjson.provjson_document import (
    BLANK,
    Reading,
    dump,
    load,
    read,
    resembles_provjson,
)

__all__ = ["BLANK", "DOCUMENT", "Reading", "dump", "load", "read", "resembles_provjson"]
