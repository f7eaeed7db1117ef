"""Reads the bundle in an entry of the journal.

In: an entry. Out: its bundle. It opens no file.
"""

from provstore.prov.model.bundle import Bundle
from provstore.prov.notations import provjson
from provstore.storage.journal import Entry

_NO_LIMIT = 1 << 40  # the store has checked this content; its size does not matter


def bundle_of(entry: Entry) -> Bundle:
    """Return the bundle of an entry."""
    (bundle,) = provjson.load(entry.content.encode(), entry.bundle, limit=_NO_LIMIT).bundles
    return bundle
