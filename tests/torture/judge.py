"""The judge: whether a directory still has everything that was acknowledged, and works on.

In: a directory as a crash left it, what was acknowledged before, and the acts that were begun. Out:
findings. It writes into the directory.
"""

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from provstore.errors import ProvstoreError
from provstore.storage.outbox import Outbox
from tests.torture import care
from tests.torture.acts import digest, perform
from tests.torture.figures import Finding, describe
from tests.torture.scene import Acknowledgement, Scene

NOT_AGAIN = ("init", "reopen", "discard", "restore", *care.MENDING)
"""Acts that a judge does not do once more, or does elsewhere."""

FRESH = 9001
"""The number of the submission that a judge makes."""


def judge(
    directory: Path, acknowledged: Sequence[Acknowledgement], begun: Sequence[str]
) -> list[Finding]:
    """Every promise that is broken in a directory; `begun` are all acts, the last perhaps half."""
    scene, findings = Scene(directory), list[Finding]()
    try:
        findings.extend(_judge(scene, acknowledged, begun))  # what was found before an error stays
    except Exception as error:  # any other error is a finding too, whatever it is
        findings.append(Finding("raw", describe(error)))
    finally:
        scene.close()
    return findings


def _judge(
    scene: Scene, acknowledged: Sequence[Acknowledgement], begun: Sequence[str]
) -> Iterator[Finding]:
    yield from care.mend_first(scene, begun)
    made = any(ack.act == "init" for ack in acknowledged) or "init" not in begun
    try:
        _ = scene.store
    except ProvstoreError as error:
        if made:
            yield Finding("unopenable", describe(error))
            return
        try:
            scene.create()
        except ProvstoreError as again:
            yield Finding("init-unfinishable", f"{describe(error)}; then {describe(again)}")
            return
    for ack in acknowledged:
        yield from lost_acknowledgements(scene, ack)
    yield from care.beside(scene, acknowledged, begun)
    yield from _faults(scene)
    yield from _repeated(scene, acknowledged, begun)
    yield from _continued(scene, acknowledged)
    yield from lost_messages(scene)
    yield from _faults(scene)


def lost_acknowledgements(scene: Scene, ack: Acknowledgement) -> Iterator[Finding]:
    """What was acknowledged, and is not there or not the same."""
    for iri, place in ack.bundles.items():
        entry = scene.store.entry(iri)
        if entry is None:
            yield Finding("lost", f"{ack.act}: {iri}")
        elif (entry.position, digest(entry)) != place:
            yield Finding("changed", f"{ack.act}: {iri}")
        elif ack.ingest and entry.ingest != ack.ingest:
            yield Finding("changed", f"{ack.act}: {entry.ingest} instead of {ack.ingest}")
    for checksum in ack.attachments:
        file = scene.directory / "attachments" / checksum
        if not file.is_file():
            yield Finding("attachment-lost", f"{ack.act}: {checksum[:8]}")
        elif sha256(file.read_bytes()).hexdigest() != checksum:
            yield Finding("attachment-changed", f"{ack.act}: {checksum[:8]}")
    if ack.draft:
        yield from _lost_draft(scene, ack)


def _lost_draft(scene: Scene, ack: Acknowledgement) -> Iterator[Finding]:
    drafts = scene.store.drafts()
    if not drafts.has(ack.draft):
        yield Finding("draft-lost", ack.act)
        return
    if drafts.read(ack.draft) != ack.document:
        yield Finding("draft-changed", ack.act)
    try:
        drafts.attached(ack.draft, str(ack.document["file"]))
    except ProvstoreError as error:
        yield Finding("draft-lost", f"{ack.act}: its file: {describe(error)}")


def _faults(scene: Scene) -> Iterator[Finding]:
    for problem in scene.store.verify().problems:
        yield Finding("verify", str(problem))
    positions = [entry.position for entry in scene.store.entries()]
    if positions != list(range(1, len(positions) + 1)):
        yield Finding("positions", str(positions))


def _repeated(
    scene: Scene, acknowledged: Sequence[Acknowledgement], begun: Sequence[str]
) -> Iterator[Finding]:
    """Send everything once more: it adds nothing that was acknowledged, and gives no name twice."""
    earlier = {ack.act: ack for ack in acknowledged if ack.bundles}
    for act in dict.fromkeys(begun):
        if act.partition(" ")[0] in NOT_AGAIN:
            continue
        before = scene.store.position().position
        again = perform(scene, act)
        if act not in earlier:
            continue
        if (again.bundles, again.ingest) != (earlier[act].bundles, earlier[act].ingest):
            yield Finding("twice", f"{act}: {again} instead of {earlier[act]}")
        if scene.store.position().position != before:
            yield Finding("twice", f"{act}: sent again, it added an entry")


def _continued(scene: Scene, acknowledged: Sequence[Acknowledgement]) -> Iterator[Finding]:
    before = scene.store.position().position
    fresh = perform(scene, f"submit {FRESH}")
    if fresh.ingest in {ack.ingest for ack in acknowledged}:
        yield Finding("name-twice", fresh.ingest)
    ((position, _),) = fresh.bundles.values()
    if position != before + 1:
        yield Finding("positions", f"{position} after {before}")


def lost_messages(scene: Scene) -> Iterator[Finding]:
    """The outbox is made good: every message that is due is there, whole."""
    scene.store.write_messages()
    kept, wanted = scene.directory / "outbox", scene.directory / "judged-outbox"
    Outbox(wanted).follow(scene.store._journal, scene.store._reports)
    for file in sorted(wanted.glob("*")):
        other = kept / file.name
        if not other.is_file():
            yield Finding("message-lost", file.name)
        elif file.suffix == ".json":
            if json.loads(other.read_text()) != json.loads(file.read_text()):
                yield Finding("message-changed", file.name)
        elif other.read_bytes() != file.read_bytes():
            yield Finding("message-changed", file.name)
