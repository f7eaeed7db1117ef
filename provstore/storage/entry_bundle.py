"""Reads the bundle in an entry of the journal.

In: an entry. Out: its bundle. It opens no file.
"""

import re

from provstore.errors import ProvstoreError
from provstore.prov.model.bundle import Bundle
from provstore.prov.notations import provjson
from provstore.storage.journal import Entry

_NAME = re.compile(rb'\{"bundle":\{"([A-Za-z0-9_-]+):([A-Za-z0-9._/-]+)":')
"""How the content of an entry begins, if its name needs no escapes."""

_NO_LIMIT = 1 << 40  # the store has checked this content; its size does not matter


def bundle_of(entry: Entry) -> Bundle:
    """Return the bundle of an entry."""
    return _read(entry.bundle, entry.content.encode())


def is_named_in_content(iri: str, content: bytes) -> bool:
    """Tell whether the content of an entry, in UTF-8, is the bundle that its row names.

    Most contents tell it by their beginning and their end; the others are read, which takes longer.
    """
    if match := _NAME.match(content):
        prefix, local = match.groups()
        name = iri.encode()
        namespace = name.removesuffix(local)
        declared = b'"%b":"%b"' % (prefix, namespace)
        if namespace != name and content.find(declared, content.rfind(b'"prefix":{')) >= 0:
            return True
    try:
        return _read(iri, content).iri == iri
    except (ProvstoreError, ValueError):
        return False


def _read(iri: str, content: bytes) -> Bundle:
    (bundle,) = provjson.load(content, iri, limit=_NO_LIMIT).bundles
    return bundle
