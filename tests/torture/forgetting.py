"""kill -9 at every system call of a redaction, an amendment, an upgrade, and the opening after one.

In: a store with people. Out: findings. After the next opening, an act happened whole or not at all;
of whom was redacted nothing is left in any file, and all that was done before an upgrade is there.
"""

import os
import shutil
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from provstore.audit.upgrade import upgrade
from provstore.errors import ProvstoreError
from provstore.store import ProvStore
from tests import people
from tests.torture.batches import Batch
from tests.torture.figures import Figures, Finding, describe, working_directory
from tests.torture.kills import SIZE, Point, Prepared, count_calls, points
from tests.torture.people_acts import CARLA, FORMER, GONE, RENAMED, WHY, fill
from tests.torture.scene import Scene
from tests.torture.warm import WarmProcess

WRITING = (
    "write", "pwrite64", "fsync", "fdatasync", "rename", "unlink", "unlinkat", "rmdir", "mkdir",
    "ftruncate", "fchmod",
)  # fmt: skip
"""Calls that change a file or its name, or make one durable."""

OF_FORMER = ("Ben Test", "ben@example.org", "ben-test")
"""Of a person in the store of format 1."""
ARCHIVE = Path(__file__).parents[1] / "made_by" / "0.1.0.tar.xz"


# ------------------------------------------------------------------------------------------ judges


def _judge_redaction(directory: Path, ended: bool) -> Iterator[Finding]:
    """Opening is enough: nothing of the person is left, or the redaction never happened."""
    with closing(_opened(directory)) as store:
        happened = store.position().position > _POSITIONS
        yield from _faults(store)
        left = people.files_with(directory.parent, *GONE)
        if happened and left:
            yield Finding("left", f"{len(left)}: {left[:3]}")
        if not happened and (ended or not left):
            yield Finding("lost", "the redaction was acknowledged" if ended else "without an act")
        shown = {report.answers["agent"]["name"] for report in store.reports("generic-0001")}
        if (CARLA["name"] in shown) == happened:
            yield Finding("half", str(shown))
        if not happened:  # what it left does not stand in the way of the next one
            store.redact(CARLA["email"], **WHY)
            if left := people.files_with(directory.parent, *GONE):
                yield Finding("left", f"by a redaction that never happened: {left[:3]}")
            yield from _faults(store)


def _judge_amendment(directory: Path, ended: bool) -> Iterator[Finding]:
    """All answers have the new name, or all have the former one; the person can be redacted.

    `verify` compares the messages with the reports as they are now.
    """
    with closing(_opened(directory)) as store:
        happened = store.position().position > _POSITIONS
        yield from _faults(store)
        expected = RENAMED if happened else CARLA["name"]
        if ended and not happened:
            yield Finding("lost", "the amendment was acknowledged")
        if store.reports("generic-0001")[0].answers["agent"]["name"] != expected:
            yield Finding("half", "a report has the other name")
        store.redact(CARLA["email"], **WHY)
        if left := people.files_with(directory.parent, *GONE, RENAMED):
            yield Finding("left", f"{len(left)}: {left[:3]}")
        yield from _faults(store)


def _judge_upgrade(directory: Path, ended: bool) -> Iterator[Finding]:
    """The store has one of both formats; in the new one, a redaction leaves nothing."""
    with closing(_opened(directory)) as store:
        former, names = store._journal.format == 1, store.ingests()
        yield from _faults(store)
    if former:
        if ended:
            yield Finding("lost", "the upgrade was acknowledged")
        upgrade(directory)
    with closing(_opened(directory)) as store:
        if store.ingests() != names:
            yield Finding("lost", f"{store.ingests()} instead of {names}")
        yield from _faults(store)
        store.redact(OF_FORMER[1], **WHY)
        if left := people.files_with(directory.parent, *OF_FORMER):
            yield Finding("left", f"{len(left)}: {left[:3]}")
        yield from _faults(store)


def _judge_former_amendment(directory: Path, ended: bool) -> Iterator[Finding]:
    """In reports from before an upgrade, two people are one by the new name, or two as before."""
    with closing(_opened(directory)) as store:
        reports = [report for ingest in store.ingests() for report in store.reports(ingest)]
        names = {report.answers["agent"]["name"] for report in reports}
        happened = store.position().position > _POSITIONS_OF_UPGRADED
        yield from _faults(store)
        if ended and not happened:
            yield Finding("lost", "the amendment was acknowledged")
        if names & {RENAMED, *FORMER} != ({RENAMED} if happened else {FORMER[0], FORMER[3]}):
            yield Finding("half", str(names))
        for term in (FORMER[1],) if happened else (FORMER[1], FORMER[2]):
            store.redact(term, **WHY)
        if left := people.files_with(directory.parent, *FORMER, *OF_FORMER, RENAMED):
            yield Finding("left", f"{len(left)}: {left[:3]}")
        yield from _faults(store)


def _opened(directory: Path) -> ProvStore:
    return Scene(directory).store


def _faults(store: ProvStore) -> Iterator[Finding]:
    for problem in store.verify().problems:
        yield Finding("verify", str(problem))
    if work := [*filter(None, store._journal.replacements().values())]:
        yield Finding("unfinished", str(work)[:200])


_POSITIONS, _POSITIONS_OF_UPGRADED = 4, 13
"""Entries of a store that `fill` filled, and of the one of format 1 after an upgrade."""


# ------------------------------------------------------------------------------------------- lives


@dataclass(frozen=True)
class Life:
    """What was done before, the act that is killed, and who judges what is left."""

    before: tuple[str, ...]
    act: str
    judge: Callable[[Path, bool], Iterator[Finding]]


LIVES: Mapping[str, Life] = {
    "redact": Life(("init", "fill"), "redact", _judge_redaction),
    "amend": Life(("init", "fill"), "amend", _judge_amendment),
    "upgrade": Life((), "upgrade", _judge_upgrade),
    "amend former reports": Life(("upgrade",), "amend_former", _judge_former_amendment),
    "opening after a redaction": Life(("init", "fill", "half"), "reopen", _judge_redaction),
}


def prepare(warm: WarmProcess, life: Life, place: Path) -> Prepared:
    """Make the store; `half` is a redaction that was killed once it was recorded."""
    scene = Scene(place / "store")
    place.mkdir(parents=True)
    if life.before in ((), ("upgrade",)):
        with tarfile.open(ARCHIVE) as archive:
            archive.extractall(place / "made", filter="data")
        (made,) = (place / "made").iterdir()
        ignored = shutil.ignore_patterns("graph", "rdf")
        shutil.copytree(made / "store", scene.directory, ignore=ignored)
        shutil.rmtree(place / "made")
        if life.before and not warm.live(scene.directory, life.before).acknowledged:
            raise RuntimeError("the store was not upgraded")
        return Prepared(place, (), ())
    scene.create()
    fill(scene.store)
    scene.write_checkpoint()
    scene.close()
    (place / "store" / f".{'0a' * 8}").write_bytes(b"SQLite format 3\0" + "; ".join(GONE).encode())
    if "half" in life.before:
        inject = "inject=rmdir,unlink,unlinkat:signal=SIGKILL:when=1"
        ending = warm.live(place / "store", ["redact"], "-f", "-o", "/dev/null", "-e", inject)
        if ending.signal != 9:
            raise RuntimeError(f"the redaction was not killed: {ending}")
    return Prepared(place, (), ())


def chosen_points(name: str, every: int = 1) -> list[Point]:
    """The calls of a life at which to strike, every so many of them."""
    with WarmProcess() as warm, working_directory() as root:
        life = LIVES[name]
        prepared = prepare(warm, life, Path(root) / "prepared")
        return [*points(count_calls(warm, prepared, [life.act]), WRITING, every)]


def kill_at(chosen: Sequence[Point], name: str, figures: Figures) -> None:
    """Kill a life at each of these calls, open what is left, and judge it."""
    life, state = LIVES[name], os.environ.get("XDG_STATE_HOME")
    with WarmProcess() as warm, working_directory() as root:
        prepared = prepare(warm, life, Path(root) / "prepared")
        for call, number in chosen:
            place = Path(root) / "killed"
            shutil.copytree(prepared.directory, place)
            inject = f"inject={call}:signal=SIGKILL:when={number}"
            options = ("-f", "-o", "/dev/null", "-e", inject)
            ending = warm.live(place / "store", [life.act], *options)
            figures.count("runs")
            figures.count("kills", ending.signal == 9)
            ended = bool(ending.acknowledged) and life.act != "reopen"
            findings = [Finding("raw", f"{act}: {text}") for act, text in ending.raw]
            findings += [Finding("refused", f"{act}: {text}") for act, text in ending.refused]
            try:
                findings += life.judge(place / "store", ended)
            except (ProvstoreError, AssertionError, LookupError) as error:
                findings.append(Finding("raw", describe(error)))
            figures.add(findings, f"{name}, killed at {call} {number}", f"forgetting/{name}")
            shutil.rmtree(place)
    if state is None:
        os.environ.pop("XDG_STATE_HOME", None)
    else:
        os.environ["XDG_STATE_HOME"] = state


def batches(factor: float) -> Iterator[Batch]:
    """Every life at every call that writes."""
    for name in LIVES:
        chosen = chosen_points(name, max(1, round(1 / factor)))
        for start in range(0, len(chosen), SIZE):
            part = chosen[start : start + SIZE]
            run = partial(kill_at, part, name)
            yield Batch(f"{name}, from {start}", len(part), run)
