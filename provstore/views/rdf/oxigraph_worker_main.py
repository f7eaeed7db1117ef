"""A worker of the RDF engine: answers one query at a time from a snapshot.

In: queries on standard input, each a line of JSON with the snapshot's directory. Out: lines of JSON
on standard output. It must not import provstore: it runs as a file, so that it starts quickly. The
engine kills it when a query exceeds its limits or is no longer wanted.
"""

import contextlib
import os
import queue
import sys
import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pyoxigraph as ox

if sys.platform != "win32":
    import resource

_ROWS = 500
_STRING = "http://www.w3.org/2001/XMLSchema#string"
_MALFORMED = (SyntaxError, ValueError, OSError, RuntimeError)


def main() -> None:
    """Answer queries until the engine ends."""
    sys.path.append(str(Path(__file__).parents[1]))
    from engine_sandbox import confine  # type: ignore[import-not-found]

    confine([Path(sys.argv[1])], listens=False)
    requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(requests,), daemon=True).start()
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # all other output goes to the log
    path, store = "", None
    while True:
        request = requests.get()
        if request.get("snapshot") != path:
            path, store = "", None  # closed before the next one is opened
        if "query" not in request:
            continue
        try:
            if store is None:
                path, store = request["snapshot"], ox.Store.read_only(request["snapshot"])
            with _memory_limit(request["memory"]):
                for reply in _answer(store, request):
                    replies.write(orjson.dumps(reply) + b"\n")
            replies.flush()
        except MemoryError:
            os.abort()  # as Rust does: the engine knows this exit code
        except OSError as error:  # an ordinary exit would wait for the other thread
            print(f"The snapshot cannot be read: {error}", file=sys.stderr)
            os._exit(1)


def _receive(requests: "queue.SimpleQueue[dict[str, Any]]") -> None:
    """Pass requests on; end this process with the engine, even in the middle of a query."""
    for line in sys.stdin.buffer:
        requests.put(orjson.loads(line))
    os._exit(1)


def _answer(store: ox.Store, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    try:
        yield from _query(store, request)
    except _MALFORMED as error:
        yield {"refused": str(error)}
    else:
        yield {"done": True}


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
