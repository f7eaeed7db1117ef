"""What an operator does to a store, as acts: back it up, restore the backup, repair, rebuild.

Each leaves the store's directory in peace or mends it; backups lie beside it. `beside` yields what
is wrong with those after a crash.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from provstore.audit.backup import backup, restore
from provstore.audit.repair import repair
from provstore.audit.verification import verify_store
from provstore.errors import ProvstoreError
from provstore.storage.backup_manifest import UNFINISHED
from provstore.storage.journal import Journal
from tests.torture.figures import Finding, describe
from tests.torture.scene import Acknowledgement, Scene

JOURNAL = "journal.sqlite"
BACKUP, RESTORED = "backup", "restored"
"""The directories beside a store where its backup is, and what is made of that."""

MENDING = ("damage", "repair")


def _backup(scene: Scene, act: str, _: int) -> Acknowledgement:
    result = backup(scene.directory, scene.directory.with_name(BACKUP))
    return Acknowledgement(act, document={"bundles": result.bundles})


def _restore(scene: Scene, act: str, _: int) -> Acknowledgement:
    result = restore(scene.directory.with_name(BACKUP), scene.directory.with_name(RESTORED))
    return Acknowledgement(act, document={"bundles": result.bundles})


def _damage(scene: Scene, act: str, _: int) -> Acknowledgement:
    """Change an entry and remove another one, each with its guard away, and cut an attachment."""
    scene.close()
    with closing(sqlite3.connect(scene.directory / JOURNAL, isolation_level=None)) as db:
        guards = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
        triggers = db.execute(guards).fetchall()
        for name, _sql in triggers:
            db.execute(f"DROP TRIGGER {name}")
        db.execute("UPDATE entry SET content = replace(content, 'Text', 'Lie') WHERE position = 1")
        db.execute("DELETE FROM entry WHERE position = 2")
        for _name, sql in triggers:
            db.execute(sql)
    for file in sorted((scene.directory / "attachments").iterdir())[:1]:
        file.write_bytes(b"cut")
    return Acknowledgement(act)


def _repair(scene: Scene, act: str, _: int) -> Acknowledgement:
    scene.close()
    result = repair(scene.directory, [scene.directory.with_name(BACKUP)])
    return Acknowledgement(
        act, document={"problems": [str(problem) for problem in result.problems]}
    )


def _rebuild(scene: Scene, act: str, _: int) -> Acknowledgement:
    scene.store.rebuild("search")
    return Acknowledgement(act)


ACTS: Mapping[str, Callable[[Scene, str, int], Acknowledgement]] = {
    "backup": _backup,
    "restore": _restore,
    "damage": _damage,
    "repair": _repair,
    "rebuild": _rebuild,
}


def mend_first(scene: Scene, begun: Sequence[str]) -> Iterator[Finding]:
    """Repair what was damaged on purpose, before anything else is asked of the store."""
    if not any(act.partition(" ")[0] in MENDING for act in begun):
        return
    try:
        yield from _unmended(_repair(scene, "repair", 0))
    except ProvstoreError as error:
        yield Finding("unrepairable", describe(error))


def _unmended(ack: Acknowledgement) -> Iterator[Finding]:
    for problem in ack.document["problems"]:
        yield Finding("unrepaired", problem)


def beside(
    scene: Scene, acknowledged: Sequence[Acknowledgement], begun: Sequence[str]
) -> Iterator[Finding]:
    """What is wrong with a backup, and with what was made of it, after a crash.

    What was acknowledged is there, also while a later backup is half done. Done again, either is
    whole.
    """
    kinds = {act.partition(" ")[0] for act in begun}
    for kind, place in (("backup", BACKUP), ("restore", RESTORED)):
        promised = [ack for ack in acknowledged if ack.act.partition(" ")[0] == kind]
        directory = scene.directory.with_name(place)
        for ack in promised[-1:]:
            yield from _faults(directory, kind, int(ack.document["bundles"]), scene)
        if kind in kinds and not (kind == "restore" and promised):
            try:
                again = ACTS[kind](scene, kind, 0)
                yield from _faults(directory, kind, int(again.document["bundles"]), scene)
            except ProvstoreError as error:
                if kind == "restore" and not (directory / UNFINISHED).exists():  # it was done
                    yield from _faults(directory, kind, scene.store.position().position, scene)
                else:
                    yield Finding(f"{kind}-unfinishable", describe(error))


def _faults(directory: Path, kind: str, position: int, scene: Scene) -> Iterator[Finding]:
    """What is wrong with a copy of the store's entries up to a position."""
    try:
        with closing(Journal(directory / JOURNAL, read_only=True)) as journal:
            for problem in verify_store(journal).problems:
                yield Finding(f"{kind}-damaged", str(problem))
            copied = [*journal.after(0, position)]
    except ProvstoreError as error:
        yield Finding(f"{kind}-unopenable", describe(error))
        return
    own = [entry for entry in scene.store.entries() if entry.position <= position]
    if copied != own:
        yield Finding(f"{kind}-incomplete", f"{len(copied)} entries of {len(own)}")
