"""The program that loads much into the built-in Cypher engine at once, by its own bulk way.

In: the database's directory, and on standard input lines of JSON: first rows of nodes, then rows of
relationships, then a Cypher statement to end with. Out: nothing, and exit 0 when all of it is on
the disk. It must import nothing of provstore: it is run as a file. The engine's bulk way is no
transaction; `arcadedb_engine.py`, which runs this, never lets half of the work be asked.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

COMMIT_EVERY = 5000


def main() -> None:
    """Load all that is told, and end."""
    database = Path(sys.argv[1])
    os.chdir(database.parent.parent)  # the log is there, see `arcadedb_child_main.py`
    import arcadedb

    with arcadedb.open_database(str(database)) as db:
        requests = map(orjson.loads, sys.stdin.buffer)
        # Without its parallel way: its workers outlive it, and nothing can be defined any more.
        with db.graph_batch(
            commit_every=COMMIT_EVERY, parallel_flush=False, use_wal=False
        ) as batch:
            last = _load(db, batch, requests)
        with db.transaction():
            db.command("opencypher", last["text"], last["parameters"])
    for path in database.iterdir():  # the engine does not: a power cut must not halve it
        with path.open("rb") as file:
            os.fsync(file.fileno())
    os._exit(0)  # nothing in memory is needed any more


def _load(db: Any, batch: Any, requests: Iterator[dict[str, Any]]) -> dict[str, Any]:
    """Write nodes and relationships; gives the request that is neither."""
    records = _RecordIds(db)
    for request in requests:
        rows = request.get("rows", [])
        if "like" in request:
            made = batch.create_vertices(records.type_of(request["like"]), rows)
            records.known.update(zip([row["uri"] for row in rows], made, strict=True))
        elif "type" in request:
            db.schema.get_or_create_edge_type(request["type"])
            batch.new_edges(
                [records.id_of(start) for start, _, _ in rows],
                request["type"],
                [records.id_of(end) for _, end, _ in rows],
                [properties for _, _, properties in rows],
            )
        else:
            return request
    raise EOFError("the last statement is missing")


class _RecordIds:
    """Where the nodes are: the engine's record number of each IRI, asked for once."""

    def __init__(self, db: Any) -> None:
        self.db = db
        self.known: dict[str, str] = {}

    def id_of(self, uri: str) -> str:
        record_id = self.known.get(uri)
        if record_id is None:
            record_id = self.known[uri] = str(self._find(uri).get("place"))
        return record_id

    def type_of(self, uri: str) -> str:
        """The engine's name for the labels of a node, taken from one that bears them."""
        return str(self._find(uri).get("type"))

    def _find(self, uri: str) -> Any:
        query = "SELECT @rid AS place, @type AS type FROM Resource WHERE uri = ?"
        return next(iter(self.db.query("sql", query, uri)))


if __name__ == "__main__":
    main()
