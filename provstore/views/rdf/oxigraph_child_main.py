"""The child process of the RDF engine: an Oxigraph store that answers requests line by line.

In: requests on standard input, each a line of JSON; N-Quads follow a load request. Out: lines of
JSON on standard output. It must not import provstore: it runs as a file, so that it starts quickly.
The parent may kill it at any time: confirmed loads are safe.
"""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import orjson
import pyoxigraph as ox

if sys.platform != "win32":
    import resource

_ROWS = 500
_STRING = "http://www.w3.org/2001/XMLSchema#string"
_BOOLEAN = "http://www.w3.org/2001/XMLSchema#boolean"
_MALFORMED = (SyntaxError, ValueError, OSError, RuntimeError, MemoryError)


def main() -> None:
    """Answer requests until the parent process ends."""
    # A query may still run when the parent has ended, and a fork of the parent may keep this
    # standard input open. So an open input does not prove that the parent is alive.
    threading.Thread(target=_exit_with_parent, args=(os.getppid(),), daemon=True).start()
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # all other output goes to the log
    try:
        store = ox.Store(sys.argv[1])
    except OSError as error:
        _write_reply(replies, {"closed": str(error)})
        return
    _write_reply(replies, {"open": True})
    while line := requests.readline():
        request = orjson.loads(line)
        for reply in _answer(store, request, requests):
            _write_reply(replies, reply)


def _exit_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _write_reply(replies: BinaryIO, reply: dict[str, Any]) -> None:
    replies.write(orjson.dumps(reply) + b"\n")
    if "rows" not in reply:
        replies.flush()


def _answer(store: ox.Store, request: dict[str, Any], rest: BinaryIO) -> Iterator[dict[str, Any]]:
    try:
        if "query" in request:
            with _memory_limit(request["memory"]):
                yield from _query(store, request)
        elif "load" in request:
            _load(store, rest.read(request["load"]), request)
        else:
            yield {"marks": [position for _, position in _positions(store, request["graph"])]}
    except _MALFORMED as error:
        yield {"refused": str(error)}
    else:
        yield {"done": True}


def _load(store: ox.Store, nquads: bytes, request: dict[str, Any]) -> None:
    if request["bulk"]:
        store.bulk_load(nquads, format=ox.RdfFormat.N_QUADS)
        nquads = b""
    store.load(nquads + request["mark"].encode(), format=ox.RdfFormat.N_QUADS)
    for quad, position in _positions(store, request["graph"]):
        if position in request["old"]:
            store.remove(quad)


def _positions(store: ox.Store, graph: str) -> list[tuple[ox.Quad, str]]:
    quads = store.quads_for_pattern(None, None, None, ox.NamedNode(graph))
    return [(quad, quad.object.value) for quad in quads if isinstance(quad.object, ox.Literal)]


def _query(store: ox.Store, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    result = store.query(
        request["query"],
        prefixes=request["prefixes"],
        substitutions={
            ox.Variable(name): _parameter(*term) for name, term in request["parameters"].items()
        },
    )
    if isinstance(result, ox.QueryBoolean):
        columns = ["answer"]
        rows: Iterator[Any] = iter([[ox.Literal(bool(result))]])
    elif isinstance(result, ox.QueryTriples):
        columns = ["subject", "predicate", "object"]
        rows = ((triple.subject, triple.predicate, triple.object) for triple in result)
    else:
        columns = [variable.value for variable in result.variables]
        rows = iter(result)
    yield {"columns": columns}
    limited = islice(rows, request["rows"])
    while some := [[_term(term) for term in row] for row in islice(limited, _ROWS)]:
        yield {"rows": some}
    if request["rows"] is not None and next(rows, None) is not None:
        yield {"cut": True}


def _parameter(text: str, datatype: str) -> ox.NamedNode | ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(datatype)) if datatype else ox.NamedNode(text)


def _term(term: Any) -> Any:
    """Encode an IRI as text, and a literal as a list of its text and its datatype, if any."""
    if term is None:
        return None
    if isinstance(term, ox.NamedNode):
        return term.value
    if isinstance(term, ox.Literal):
        datatype = term.datatype.value
        return [term.value] if datatype == _STRING else [term.value, datatype]
    return [str(term)]


@contextlib.contextmanager
def _memory_limit(megabytes: int) -> Iterator[None]:
    """Limit the growth of this process; without effect on systems that cannot limit it."""
    size = Path("/proc/self/statm")
    if sys.platform == "win32" or not megabytes or not size.exists():
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_AS)
    used = int(size.read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + megabytes * 1_000_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


if __name__ == "__main__":
    main()
