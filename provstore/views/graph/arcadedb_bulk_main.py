"""The child process that bulk-loads data into the built-in Cypher engine.

In: the database's directory, and lines of JSON on standard input: rows of nodes, then rows of
relationships, then a final Cypher statement. Out: nothing, and exit code 0 once everything is on
disk. It must not import provstore: it runs as a file. Bulk loading is not a transaction;
`arcadedb_engine.py`, which runs this program, discards incomplete loads.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

COMMIT_EVERY = 5000


def main() -> None:
    """Load all requests, then exit."""
    database = Path(sys.argv[1])
    sys.path.append(str(Path(__file__).parents[1]))
    from engine_sandbox import confine  # type: ignore[import-not-found]

    confine([Path.cwd()], listens=False)
    import arcadedb

    with arcadedb.open_database(str(database)) as db:
        requests = map(orjson.loads, sys.stdin.buffer)
        # Not parallel: the workers would outlive the batch and block changes to the schema.
        with db.graph_batch(
            commit_every=COMMIT_EVERY, parallel_flush=False, use_wal=False
        ) as batch:
            last = _load(db, batch, requests)
        with db.transaction():
            db.command("opencypher", last["text"], last["parameters"])
    for path in database.iterdir():  # the engine does not flush; a power cut must lose nothing
        with path.open("rb") as file:
            os.fsync(file.fileno())
    os._exit(0)  # skip the cleanup of memory


def _load(db: Any, batch: Any, requests: Iterator[dict[str, Any]]) -> dict[str, Any]:
    """Write nodes and relationships; return the final request."""
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
    """The engine's record number of each IRI, looked up once."""

    def __init__(self, db: Any) -> None:
        self.db = db
        self.known: dict[str, str] = {}

    def id_of(self, uri: str) -> str:
        record_id = self.known.get(uri)
        if record_id is None:
            record_id = self.known[uri] = str(self._find(uri).get("place"))
        return record_id

    def type_of(self, uri: str) -> str:
        """Return the engine's type for a set of labels, from an existing node with these labels."""
        return str(self._find(uri).get("type"))

    def _find(self, uri: str) -> Any:
        query = "SELECT @rid AS place, @type AS type FROM Resource WHERE uri = ?"
        return next(iter(self.db.query("sql", query, uri)))


if __name__ == "__main__":
    main()
