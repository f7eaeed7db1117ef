"""The bundle that an entry of the journal holds.

In: an entry. Out: its bundle. It opens nothing.
"""

from provstore.prov.model.bundle import Bundle
from provstore.prov.notations import provjson
from provstore.storage.journal import Entry

_NO_LIMIT = 1 << 40  # what we wrote down ourselves is read back, however long it is


def bundle_of(entry: Entry) -> Bundle:
    """The bundle that an entry holds."""
    (bundle,) = provjson.load(entry.content.encode(), entry.bundle, limit=_NO_LIMIT).bundles
    return bundle
