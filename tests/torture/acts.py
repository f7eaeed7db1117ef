"""What users do to a store, as acts that can be done again, each with what it acknowledged.

An act is named (`submit 1`, `package 2`, `report 1`, `import 1`, …); its input follows from its
name, so that whoever judges can send the same again.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from provstore.ingest.sealed_package import seal
from provstore.projects.forms import Form, load_forms
from provstore.results.receipts import Receipt
from provstore.storage.journal import Entry, sha256_of_text
from provstore.storage.settings import shipped
from provstore.store import ProvStore

BASE = "https://data.example.org/"


@cache
def forms() -> Mapping[str, Form]:
    """The forms, read once for thousands of stores."""
    return load_forms(shipped("forms"))


@dataclass(frozen=True)
class Acknowledgement:
    """What a caller was told, and what must therefore be in the store."""

    act: str
    bundles: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    """IRI of a bundle: its position, and the `digest` of its entry."""
    ingest: str = ""
    attachments: tuple[str, ...] = ()
    draft: str = ""
    document: Mapping[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> "Acknowledgement":
        """Read back what `text` wrote."""
        values = json.loads(text)
        values["bundles"] = {iri: (at, told) for iri, (at, told) in values["bundles"].items()}
        values["attachments"] = tuple(values["attachments"])
        return cls(**values)


@dataclass
class Scene:
    """A directory, and the store that is open there, if one is."""

    directory: Path
    autocheckpoint: int = 1000
    _store: ProvStore | None = None

    @property
    def store(self) -> ProvStore:
        """The store; opened when it is first needed."""
        if self._store is None:
            self._use(ProvStore(self.directory))
        assert self._store is not None
        return self._store

    def create(self) -> None:
        """Make the store."""
        self._use(ProvStore.create(self.directory, BASE))

    def close(self) -> None:
        """Close the store, if it is open."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def _use(self, store: ProvStore) -> None:
        store.__dict__["forms"] = forms()
        store.__dict__["views"] = {}  # no engine is started: views are not the truth
        if self.autocheckpoint != 1000:
            store._journal._db.execute(f"PRAGMA wal_autocheckpoint={self.autocheckpoint}")
        self._store = store


def perform(scene: Scene, act: str) -> Acknowledgement:
    """Do it; gives what was acknowledged.

    Raises:
        ProvstoreError: refused.

    """
    kind, _, number = act.partition(" ")
    return _ACTS[kind](scene, act, int(number or 0))


def answers(number: int) -> dict[str, Any]:
    """The answers of a submission, different for each number."""
    example = {
        key: value
        for key, value in forms()["generic"].example().items()
        if key not in ("attachments", "comment")
    }
    return {**example, "title": f"Data set {number}", "description": f"Text {number}. " * 8}


def files(number: int) -> dict[str, bytes]:
    """The attachments of a package: one small, one of some pages."""
    return {
        f"agreement-{number}.txt": f"Agreement {number}\n".encode(),
        f"table-{number}.txt": (f"{number}, " * 3000).encode(),
    }


def document(number: int) -> dict[str, Any]:
    """A document of others, with two bundles."""
    prefix = {"ex": "http://example.org/"}
    entity = {f"ex:data{number}-{part}": {"prov:label": f"part {part}"} for part in range(9)}
    return {
        "prefix": prefix,
        "entity": entity,
        "bundle": {f"ex:bundle{number}": {"prefix": prefix, "entity": entity}},
    }


def _init(scene: Scene, act: str, _: int) -> Acknowledgement:
    scene.create()
    return Acknowledgement(act)


def _reopen(scene: Scene, act: str, _: int) -> Acknowledgement:
    scene.close()
    scene.store.position()
    return Acknowledgement(act)


def _submit(scene: Scene, act: str, number: int) -> Acknowledgement:
    text = forms()["generic"].text(answers(number)).encode()
    return _of_receipt(scene, act, scene.store.submit(text))


def _package(scene: Scene, act: str, number: int) -> Acknowledgement:
    contents = files(number)
    named = [
        {"name": name, "sha256": sha256(content).hexdigest(), "bytes": len(content)}
        for name, content in contents.items()
    ]
    sealed = seal(forms()["generic"], {**answers(number), "attachments": named}, contents)
    receipt = scene.store.submit(sealed)
    checksums = tuple(str(row["sha256"]) for row in named)
    return _of_receipt(scene, act, receipt, checksums)


def _report(scene: Scene, act: str, number: int) -> Acknowledgement:
    """A review of the ingest that `submit NUMBER` began."""
    ingest = _submit(scene, act, number).ingest
    review = forms()["review"]
    filled = review.text({**review.example(), "comment": f"Review {number}"}).encode()
    return _of_receipt(scene, act, scene.store.report(ingest, "review", filled))


def _import(scene: Scene, act: str, number: int) -> Acknowledgement:
    receipt = scene.store.import_document(document(number))
    return Acknowledgement(act, _written(scene, *(part.bundle for part in receipt.bundles)))


def _messages(scene: Scene, act: str, _: int) -> Acknowledgement:
    scene.store.write_messages()
    return Acknowledgement(act)


def _keep(scene: Scene, act: str, number: int) -> Acknowledgement:
    content = f"Kept {number}\n".encode() * 500
    scene.store.keep_attachments([content])
    return Acknowledgement(act, attachments=(sha256(content).hexdigest(),))


def _draft(scene: Scene, act: str, number: int) -> Acknowledgement:
    """A draft that is written, and gets a file."""
    name = f"draft{number:019}"
    drafts = scene.store.drafts()
    checksum = drafts.attach(name, f"Draft {number}\n".encode() * 400)
    content = {"form": "generic", "answers": {"title": f"Draft {number}"}, "file": checksum}
    drafts.write(name, content)
    return Acknowledgement(act, draft=name, document=content)


def _discard(scene: Scene, act: str, number: int) -> Acknowledgement:
    scene.store.drafts().discard(f"draft{number:019}")
    return Acknowledgement(act)


_ACTS: Mapping[str, Callable[[Scene, str, int], Acknowledgement]] = {
    "init": _init,
    "reopen": _reopen,
    "submit": _submit,
    "package": _package,
    "report": _report,
    "import": _import,
    "messages": _messages,
    "keep": _keep,
    "draft": _draft,
    "discard": _discard,
}

SCENARIO = (
    "init",
    "submit 1",
    "package 2",
    "report 1",
    "messages",
    "import 1",
    "draft 1",
    "keep 1",
    "reopen",
    "submit 3",
    "draft 2",
    "package 4",
    "report 3",
    "import 2",
    "messages",
    "reopen",
    "submit 5",
)
"""A short life of a store: every act, before and after the write-ahead log is written back."""


def _of_receipt(
    scene: Scene, act: str, receipt: Receipt, attachments: tuple[str, ...] = ()
) -> Acknowledgement:
    bundles = _written(scene, receipt.bundle)
    assert bundles[receipt.bundle][0] == receipt.position
    return Acknowledgement(act, bundles, receipt.ingest, attachments)


def _written(scene: Scene, *bundles: str) -> dict[str, tuple[int, str]]:
    entries = map(scene.store.entry, bundles)
    return {entry.bundle: (entry.position, digest(entry)) for entry in entries if entry}


def digest(entry: Entry) -> str:
    """A hash of an entry as it is stored, and as it is read."""
    return sha256_of_text(f"{entry.sha256} {entry.principal} {entry.content}")
