"""What users do to a store, as acts that can be done again, each with what it acknowledged.

An act is named (`submit 1`, `package 2`, `report 1`, `import 1`, …); its input follows from its
name, so that whoever judges can send the same again.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from provstore.errors import DamagedStore
from provstore.ingest.sealed_package import seal
from provstore.results.receipts import Receipt
from provstore.storage.attachments import Attachments
from provstore.storage.journal import Entry, sha256_of_text
from tests.torture import care, people_acts
from tests.torture.scene import Acknowledgement, Scene, forms

STARTED, ENDED = "2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z"
"""Of a review that is started before it is finished."""


def perform(scene: Scene, act: str) -> Acknowledgement:
    """Do it; gives what was acknowledged.

    Raises:
        ProvstoreError: refused.

    """
    kind, _, number = act.partition(" ")
    acknowledgement = _ACTS[kind](scene, act, int(number or 0))
    scene.write_checkpoint()
    return acknowledgement


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


def _start(scene: Scene, act: str, number: int) -> Acknowledgement:
    """Start a review of the ingest that `submit NUMBER` began."""
    ingest = scene.store.ingest(_submit(scene, act, number).ingest)
    agent = forms()["review"].example()["agent"]
    return _of_receipt(scene, act, ingest.start("review", agent, at=STARTED))


def _finish(scene: Scene, act: str, number: int) -> Acknowledgement:
    """Start such a review, and finish it."""
    ingest = scene.store.ingest(_start(scene, act, number).ingest)
    return _of_receipt(scene, act, ingest.finish("review", ended=ENDED, outcome="ok"))


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


def _look(scene: Scene, act: str, _: int) -> Acknowledgement:
    """Read everything that can be read without a view."""
    store = scene.store
    for name in store.ingests():
        ingest = store.ingest(name)
        ingest.status()
        ingest.history()
        ingest.answers()
    for entry in store.entries():
        assert store.entry(entry.bundle) == entry
    return Acknowledgement(act)


def _verify(scene: Scene, act: str, _: int) -> Acknowledgement:
    """Verify; problems are a refusal, so that a second one tells whether they were there."""
    if problems := scene.store.verify().problems:
        raise DamagedStore(f"verify: {problems[0]}", problems)
    return Acknowledgement(act)


def _export(scene: Scene, act: str, _: int) -> Acknowledgement:
    assert "".join(scene.store.export(notation="provjson"))
    return Acknowledgement(act)


def _search(scene: Scene, act: str, _: int) -> Acknowledgement:
    assert scene.store.search("data").hits
    return Acknowledgement(act)


def _read(scene: Scene, act: str, number: int) -> Acknowledgement:
    """Read a draft with its file, and all attachments."""
    drafts, name = scene.store.drafts(), f"draft{number:019}"
    document = drafts.read(name)
    assert drafts.attached(name, document["file"])
    assert drafts.newest("generic") == name
    attachments = Attachments(scene.directory / "attachments")
    for checksum in attachments.checksums():
        assert sha256(attachments.read(checksum)).hexdigest() == checksum
    return Acknowledgement(act)


_ACTS: Mapping[str, Callable[[Scene, str, int], Acknowledgement]] = {
    "init": _init,
    "reopen": _reopen,
    "submit": _submit,
    "package": _package,
    "report": _report,
    "start": _start,
    "finish": _finish,
    "import": _import,
    "messages": _messages,
    "keep": _keep,
    "draft": _draft,
    "discard": _discard,
    "look": _look,
    "verify": _verify,
    "export": _export,
    "search": _search,
    "read": _read,
    **care.ACTS,
    **people_acts.ACTS,
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

CARE_SCENARIO = (
    "init", "submit 1", "package 2", "backup 1", "finish 3", "backup 2", "restore 1", "rebuild",
    "damage 1", "repair 1", "submit 5",
)  # fmt: skip
"""A life in which a store is backed up, restored elsewhere, damaged and repaired."""


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
