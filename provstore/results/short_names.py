"""Shortens IRIs to names that people read and that every command takes again.

In: an IRI, and the function that shortens it with prefixes. Out: `cordex-0001/review/1`,
`doi:10.5072/x`, a DRS id, or `prefix:name`. It knows no store.
"""

import re
from collections.abc import Callable

_INSTEAD = (
    ("centre:ingest/", ""),
    ("https://doi.org/", "doi:"),
    ("https://hdl.handle.net/", "hdl:"),
)
_DRS_ID = re.compile(r"centre:dataset/((?:[\w-]+\.){3}[\w.-]+)")


def short_name(iri: str, short: Callable[[str], str]) -> str:
    """Return the short name of an IRI; another text is returned unchanged.

    >>> short_name("https://doi.org/10.5072/exrcm1", str)
    'doi:10.5072/exrcm1'
    """
    name = short(iri)
    for beginning, instead in _INSTEAD:
        if name.startswith(beginning) and len(name) > len(beginning):
            return instead + name.removeprefix(beginning)
    drs_id = _DRS_ID.fullmatch(name)
    return drs_id[1] if drs_id else name
