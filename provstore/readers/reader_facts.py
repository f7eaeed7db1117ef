"""What each reader states about its tool: from the reader itself, or from `reader_facts.toml`.

In: a reader. Out: its `ReaderFacts`. The table of the documentation and the answer to an unknown
file are made of them.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from provstore.readers.reader import Reader, ReaderFacts


def facts_of(reader: Reader) -> ReaderFacts:
    """Return what a reader states about its tool."""
    return reader.facts or _table().get(reader.name) or ReaderFacts(reader.title)


@cache
def _table() -> Mapping[str, ReaderFacts]:
    """All rows by the name of their reader; read when they are first needed."""
    text = files(__package__).joinpath("reader_facts.toml").read_text(encoding="utf-8")
    rows = {}
    for name, row in tomllib.loads(text).items():
        keys, marks = tuple(row.pop("keys", ())), tuple(row.pop("marks", ()))
        rows[name] = ReaderFacts(**row, keys=keys, marks=marks)
    return MappingProxyType(rows)
