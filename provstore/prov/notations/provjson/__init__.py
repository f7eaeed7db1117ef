"""PROV-JSON (W3C Member Submission, 2013) ⇄ bundles."""

from provstore.prov.notations.provjson.provjson_document import (
    BLANK,
    DOCUMENT,
    Reading,
    dump,
    load,
)

__all__ = ["BLANK", "DOCUMENT", "Reading", "dump", "load"]
