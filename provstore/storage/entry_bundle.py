"""Reads the bundle in an entry of the journal.

In: an entry. Out: its bundle. It opens no file.
"""

import re

from provstore.errors import ProvstoreError
from provstore.prov.model.bundle import Bundle
from provstore.prov.notations import provjson
from provstore.storage.journal import Entry

_NAME = re.compile(r'\{"bundle":\{"([A-Za-z0-9_-]+):([A-Za-z0-9._/-]+)":')
"""How the content of an entry begins, if its name needs no escapes."""

_NO_LIMIT = 1 << 40  # the store has checked this content; its size does not matter


def bundle_of(entry: Entry) -> Bundle:
    """Return the bundle of an entry."""
    (bundle,) = provjson.load(entry.content.encode(), entry.bundle, limit=_NO_LIMIT).bundles
    return bundle


def is_named_in_content(entry: Entry) -> bool:
    """Tell whether the content of an entry is the bundle that its row names.

    Most contents tell it by their beginning and their end; the others are read, which takes longer.
    """
    if match := _NAME.match(entry.content):
        prefix, local = match.groups()
        namespace = entry.bundle.removesuffix(local)
        _, _, prefixes = entry.content.rpartition('"prefix":{')
        if namespace != entry.bundle and f'"{prefix}":"{namespace}"' in prefixes:
            return True
    try:
        return bundle_of(entry).iri == entry.bundle
    except (ProvstoreError, ValueError):
        return False
