"""Names for the relations of a bundle: one IRI each, the same on every run.

In: the tables of a bundle. Out: a column of IRIs for each table of relations. Knows no notation.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from itertools import chain

from provstore.prov.model.columns import Relations, Texts
from provstore.prov.model.tables import Tables

RELATION_IRI = "https://w3id.org/provstore/relation/"
"""Namespace of the names for relations without an identifier of their own."""


def relation_ids(bundle: str, tables: Tables) -> list[Texts]:
    """Return one IRI per relation, unique within the bundle.

    A relation with an identifier of its own keeps it. It is named by a hash of its content if it
    has none, if another statement has the same one, or if the identifier is such a name.
    """
    own = Counter(chain.from_iterable(table.ids for table in tables.relations))
    if own:
        iris = chain([bundle], *(table.iris for table in tables.elements))
        own.update(iri for iri in iris if iri in own)
    return [_table_ids(bundle, table, own) for table in tables.relations]


def _table_ids(bundle: str, table: Relations, own: Counter[str]) -> Texts:
    by_content = content_ids(bundle, table)
    if not table.ids:
        return by_content
    return [
        content_id if own[iri] > 1 or iri in ends or iri.startswith(RELATION_IRI) else iri
        for iri, content_id, ends in zip(table.ids, by_content, table.argument_rows(), strict=True)
    ]


def content_ids(bundle: str, table: Relations) -> Sequence[str]:
    """Make names from hashes of the whole statement and the name of its bundle."""
    common_hash = blake2b(f"{bundle}\n{table.kind}\n".encode(), digest_size=16)
    absent = ("",) * table.height
    columns: list[Iterable[str]] = [column or absent for column in (*table.arguments, table.ids)]
    for key, datatype, language, texts in table.attributes:
        fixed = f"{key}\n{datatype}\n{language}"
        columns += ((fixed,) * table.height, map(repr, texts))
    ids = []
    for lines in map(
        "\n".join, zip(*columns, strict=True)
    ):  # one line per value, so that values cannot merge
        digest = common_hash.copy()
        digest.update(lines.encode())
        ids.append(RELATION_IRI + digest.hexdigest())
    return ids
