"""People who report, be renamed and be forgotten; and what is left of them in the files of a store.

In: names and addresses. Out: filled forms, stores, and the files with traces.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import md5, sha1, sha256, sha512
from pathlib import Path
from typing import Any

from provstore.prov.model.terms import PROV
from provstore.storage.entry_bundle import bundle_of
from provstore.storage.journal import Entry
from provstore.store import ProvStore
from tests.reports import WORD

ORCID = "https://orcid.org/0000-0002-1825-0097"
INSTITUTE = {"name": "Example Climate Institute"}


def person(name: str, email: str, orcid: str = "") -> dict[str, Any]:
    """Who answers a form."""
    return {
        "name": name,
        "email": email,
        **({"orcid": orcid} if orcid else {}),
        "organisation": INSTITUTE,
    }


ADA = person("Ada Example", "ada@example.org")
BEN = person("Ben Test", "ben@example.org")
DI = person("Di Manager", "di@example.org")


def store_in(directory: Path) -> ProvStore:
    """A new store with identifiers that are the same in every run."""
    return ProvStore.create(directory / "store", predictable=WORD)


def filled(store: ProvStore, form: str, agent: Mapping[str, Any], **answers: Any) -> bytes:
    """A form with the answers of its example, by somebody."""
    chosen = store.forms[form]
    example = json.loads(json.dumps(chosen.example()))
    return chosen.text(example | {"agent": dict(agent)} | answers).encode()


def delivery(store: ProvStore, agent: Mapping[str, Any], **answers: Any) -> str:
    """The name of a new ingest that somebody delivers."""
    return store.submit(filled(store, "generic", agent, **answers)).ingest


def review(store: ProvStore, ingest: str, agent: Mapping[str, Any], comment: str) -> None:
    """A review by somebody."""
    store.report(ingest, "review", filled(store, "review", agent, comment=comment))


def entry_at(store: ProvStore, position: int) -> Entry:
    """The entry at a position."""
    return next(entry for entry in store.entries() if entry.position == position)


def people(store: ProvStore) -> set[str]:
    """The IRIs of all people in all bundles."""
    return {
        element.iri
        for entry in store.entries()
        for element in bundle_of(entry).elements
        for _, value in element.attributes
        if value.text == PROV + "Person"
    }


def traces_of(*texts: str) -> set[bytes]:
    """Texts as they may lie in a file: in JSON, in UTF-16, and as hashes without salt."""
    found: set[bytes] = set()
    for text in {spelling for each in texts for spelling in (each, each.lower(), each.strip())}:
        hashes = [each(text.encode()).hexdigest() for each in (md5, sha1, sha256, sha512)]
        plain = [text, json.dumps(text)[1:-1], *hashes, hashes[2][:12]]
        found |= {each.encode() for each in plain} | {text.encode("utf-16-le")}
    return found


def files_with(directory: Path, *texts: str) -> list[str]:
    """The files under a directory in which one of these texts, or a hash of it, can be found."""
    traces = [trace.lower() for trace in traces_of(*texts)]
    return [
        f"{path.relative_to(directory)}: {trace.decode(errors='replace')}"
        for path in sorted(directory.rglob("*"))
        if path.is_file()
        for content in [path.read_bytes().lower()]
        for trace in traces
        if trace in content
    ]


def chained(store: ProvStore) -> bytes:
    """All columns of the table of entries."""
    rows = store._journal._db.execute("SELECT * FROM entry").fetchall()
    return repr(rows).encode()


def in_chain(store: ProvStore, texts: Iterable[str]) -> Iterator[bytes]:
    """What of these texts, or of their hashes, is in the table of entries."""
    content = chained(store).lower()
    return (trace for trace in traces_of(*texts) if trace.lower() in content)
