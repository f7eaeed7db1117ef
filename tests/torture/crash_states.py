"""Power cuts: every state that a disk may be in after one, made from recorded system calls.

A life of a store is recorded once. Then, for each moment, the states that the disk may be in are
made and judged: whatever was acknowledged before is there, and the store works on.
"""

import random
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from itertools import combinations, count, pairwise
from pathlib import Path
from shutil import rmtree

from tests.torture.acts import CARE_SCENARIO, SCENARIO
from tests.torture.batches import Batch
from tests.torture.disk_model import (
    SYNCS,
    Mark,
    Recorder,
    Recording,
    Sync,
    Torn,
    Tree,
    Write,
    read_tree,
    write_tree,
)
from tests.torture.figures import Figures, working_directory
from tests.torture.judge import judge
from tests.torture.scene import Acknowledgement
from tests.torture.system_calls import RECORD, read_calls
from tests.torture.warm import WarmProcess

STORE = "centre/store"
"""Two directories that `init` makes."""
SECTORS = (512, 4096)


@dataclass(frozen=True)
class Life:
    """A recorded life of a store."""

    recording: Recording
    acknowledgements: tuple[Acknowledgement, ...]
    struck: bool = False
    """Whether a process was killed, or an fsync failed."""

    def before(self, cut: int) -> tuple[list[Acknowledgement], list[str]]:
        """What was acknowledged before a cut, and the acts that were begun."""
        marks = [part.text for part in self.recording.operations[:cut] if isinstance(part, Mark)]
        count = sum(text.startswith("acknowledged ") for text in marks)
        begun = [text.removeprefix("begun ") for text in marks if text.startswith("begun ")]
        return list(self.acknowledgements[:count]), begun

    def length(self) -> int:
        """How many operations were recorded."""
        return len(self.recording.operations)

    def directories(self) -> dict[str, int]:
        """The directories that were made, with the operation that made each."""
        made: dict[str, int] = {}
        for index in range(len(self.recording.operations)):
            if path := self.recording.is_of_directory(index):
                made.setdefault(path, index)
        return made


@dataclass(frozen=True)
class State:
    """What came to the disk before a cut: operations as bits, and the torn ones."""

    cut: int
    kept: int
    torn: Torn = ()


class UnfaithfulRecord(Exception):
    """The recorded calls do not lead to the files that are there: a call was overlooked."""


@dataclass(frozen=True)
class Part:
    """A part of a life: its acts in one process, and what strace does to it."""

    acts: Sequence[str]
    inject: str = ""
    retry: bool = False


def record(acts: Sequence[str] = SCENARIO, autocheckpoint: int = 1000) -> Life:
    """Let a warm process live these acts under strace, and read its system calls.

    Raises:
        UnfaithfulRecord: what was recorded, played again, gives other files.
        NotImplementedError: a call is not in the model.

    """
    with WarmProcess() as warm:
        life = record_parts(warm, [Part(acts)], autocheckpoint)
    if len(life.acknowledgements) != len(acts):
        raise UnfaithfulRecord(f"not every act was done: {life.acknowledgements}")
    return life


def record_parts(warm: WarmProcess, parts: Sequence[Part], autocheckpoint: int = 1000) -> Life:
    """A life in parts, one process after the other, on one disk without a power cut between.

    Raises:
        UnfaithfulRecord: what was recorded, played again, gives other files.
        NotImplementedError: a call is not in the model.

    """
    with working_directory() as name:
        root, trace = Path(name) / "root", Path(name) / "trace"
        root.mkdir()
        recorder = Recorder(root)
        acknowledgements: list[Acknowledgement] = []
        struck = False
        for part in parts:
            options = [*RECORD, "-o", str(trace)] + (["-e", part.inject] if part.inject else [])
            ending = warm.live(
                root / STORE,
                part.acts,
                *options,
                autocheckpoint=autocheckpoint,
                retry=part.retry,
            )
            acknowledgements += ending.acknowledged
            with trace.open() as lines:
                calls = list(read_calls(lines))
            failed = any(call.name in SYNCS and call.result < 0 for call in calls)
            struck = struck or ending.signal != 0 or failed
            recorder.follow(calls)
        recording = recorder.recording
        played = recording.tree(recording.changes(len(recording.operations)))
        real = read_tree(root)
        if played != real:
            different = [p for p in {*played, *real} if played.get(p) != real.get(p)]
            raise UnfaithfulRecord(f"played again, these differ: {different}")
    return Life(recording, tuple(acknowledgements), struck)


Filter = Callable[[int], bool]


def states(
    life: Life, seed: int, samples: int, certain: Filter = lambda _: False
) -> Iterator[State]:
    """The states after a cut at every moment; `certain` operations are durable at once.

    Everything unsynced lost; kept; each one alone lost, or alone kept; pairs; torn at each sector
    size; and `samples` by chance.
    """
    luck = random.Random(seed)
    recording = life.recording
    sure = sum(1 << i for i in range(len(recording.operations)) if certain(i))
    for cut in range(1, len(recording.operations) + 1):
        whole = recording.changes(cut)
        base = recording.durable(cut) | (sure & whole)
        loose = _bits(whole & ~base)
        yield State(cut, base)
        yield State(cut, whole)
        for index in loose:
            yield State(cut, whole & ~(1 << index))
            yield State(cut, base | 1 << index)
        pairs = list(combinations(loose, 2))
        for first, second in luck.sample(pairs, min(len(pairs), samples)):
            both = 1 << first | 1 << second
            yield State(cut, whole & ~both)
            yield State(cut, base | both)
        yield from _torn_states(recording, cut, base, whole, loose)
        if loose:
            for _ in range(samples):
                yield _sample(recording, cut, base, loose, luck)


def _torn_states(
    recording: Recording, cut: int, base: int, whole: int, loose: Sequence[int]
) -> Iterator[State]:
    """Each unsynced write torn after its first sectors, or before its last; all others kept."""
    for index in loose:
        operation = recording.operations[index]
        if not isinstance(operation, Write):
            continue
        for sector in SECTORS:
            edges = _edges(operation, sector)
            for place in sorted({*edges[:1], *edges[-1:]}):
                yield State(cut, whole, ((index, ((0, place),)),))
                yield State(cut, whole, ((index, ((place, len(operation.data)),)),))
                yield State(cut, base | 1 << index, ((index, ((0, place),)),))


def _edges(write: Write, sector: int) -> list[int]:
    """The places inside a write where a sector of the file ends."""
    first = -write.offset % sector or sector
    return list(range(first, len(write.data), sector))


def _sample(
    recording: Recording, cut: int, base: int, loose: Sequence[int], luck: random.Random
) -> State:
    """Any of the unsynced operations, each write with any of its sectors."""
    share, sector, kept, torn = luck.random(), luck.choice(SECTORS), base, []
    for index in loose:
        if luck.random() > share:
            continue
        kept |= 1 << index
        operation = recording.operations[index]
        if isinstance(operation, Write) and (edges := _edges(operation, sector)):
            places = [0, *edges, len(operation.data)]
            parts = list(pairwise(places))
            if luck.random() < 0.3:
                torn.append((index, tuple(part for part in parts if luck.random() < 0.7)))
    return State(cut, kept, tuple(torn))


def _bits(bits: int) -> list[int]:
    return [index for index in range(bits.bit_length()) if bits >> index & 1]


def judge_states(
    life: Life,
    chosen: Sequence[State],
    figures: Figures,
    limit: int | None = None,
    case: str = "crash/states",
    note: str = "",
) -> Figures:
    """Write states into directories, and judge each; equal ones once, with all that was promised.

    With `limit`, so many of them: those right behind an acknowledgement first, then evenly.
    """
    selected = strictest(chosen)
    figures.count("states replayed", len(selected))
    if limit is not None and len(selected) > limit:
        selected = _select(life, selected, limit)
    judge_each(life, different(life, selected), figures, case, note)
    return figures


def strictest(chosen: Iterable[State]) -> list[State]:
    """Of the states with the same operations on the disk, the one with most acknowledgements."""
    latest: dict[tuple[int, Torn], State] = {}
    for state in chosen:
        known = latest.get((state.kept, state.torn))
        if known is None or known.cut < state.cut:
            latest[state.kept, state.torn] = state
    return list(latest.values())


def different(life: Life, chosen: Iterable[State]) -> list[State]:
    """Of the states that leave the same files, the one with most acknowledgements."""
    trees: dict[bytes, int] = {}
    found = []
    for state in sorted(chosen, key=lambda state: -state.cut):
        digest = _digest(life.recording.tree(state.kept, state.torn))
        count = len(life.before(state.cut)[0])
        if trees.get(digest, -1) < count:
            trees[digest] = count
            found.append(state)
    return found


def judge_each(
    life: Life,
    chosen: Iterable[State],
    figures: Figures,
    case: str = "crash/states",
    note: str = "",
) -> None:
    """Write each of these states into a directory, and judge it."""
    with working_directory() as name:
        place = Path(name) / "state"
        for state in chosen:
            acknowledged, begun = life.before(state.cut)
            write_tree(life.recording.tree(state.kept, state.torn), place)
            figures.count("judged")
            figures.count("acknowledgements checked", len(acknowledged))
            findings = judge(place / STORE, acknowledged, begun)
            figures.add(findings, note + _reproduction(life, state), case)
            rmtree(place, ignore_errors=True)


def _select(life: Life, chosen: list[State], limit: int) -> list[State]:
    """The states of least luck behind each acknowledgement, and an even choice of the others."""
    marks = {
        index
        for index, part in enumerate(life.recording.operations)
        if isinstance(part, Mark) and part.text.startswith("acknowledged")
    }
    near = [s for s in chosen if s.cut - 1 in marks or s.cut in marks or s.cut + 1 in marks]
    first = {id(state): state for state in near[: limit // 2]}
    others = [state for state in chosen if id(state) not in first]
    step = max(1, len(others) // (limit - len(first)))
    return [*first.values(), *others[::step]][:limit]


def _reproduction(life: Life, state: State) -> str:
    whole = life.recording.changes(state.cut)
    lost = _bits(whole & ~state.kept)
    durable = life.recording.durable(state.cut)
    kept = _bits(state.kept & ~durable)
    text = f"cut before operation {state.cut}"
    few, names = (lost, "lost") if len(lost) <= len(kept) else (kept, "kept of the unsynced only")
    text += f"; {names}: " + (", ".join(map(life.recording.describe, few[:6])) or "nothing")
    return (
        text
        + (f" and {len(few) - 6} more" if len(few) > 6 else "")
        + (f"; torn: {state.torn}" if state.torn else "")
    )


def _digest(tree: Tree) -> bytes:
    digest = sha256()
    for path, content in sorted(tree.items()):
        digest.update(f"{path}\0{-1 if content is None else len(content)}\0".encode())
        digest.update(content or b"")
    return digest.digest()


DIRECTORIES = (
    "centre",
    "centre/store",
    "centre/store/attachments",
    "centre/store/outbox",
    "centre/store/drafts",
    "centre/store/drafts/draft0000000000000000001",
)
"""The directories that a life makes; the name of each must be durable when it is needed."""


def durable_by_assumption(life: Life, faults: Container[str]) -> Filter:
    """The directories whose loss is a known fault: other states are judged as if there were none.

    A fault of one draft's directory is one of all.
    """
    draft = f"crash/directory/{DIRECTORIES[-1]}" in faults
    certain = {
        index
        for path, index in life.directories().items()
        if f"crash/directory/{path}" in faults or (draft and "/drafts/" in path)
    }
    return certain.__contains__


def without_syncs(life: Life, path: str) -> Life:
    """The same life on a disk that does not obey when one file is made durable."""
    recording = life.recording
    file = next(number for number, name in recording.paths.items() if name == path)
    operations = [
        part
        if not (isinstance(part, Sync) and recording.paths.get(part.file) == path)
        else Mark(f"no sync of {file}")
        for part in recording.operations
    ]
    return Life(
        Recording(operations, recording.paths, recording.directories), life.acknowledgements
    )


TROUBLES = {
    "killed": "inject=fsync:signal=SIGKILL:when={}",
    "killed-at-data-sync": "inject=fdatasync:signal=SIGKILL:when={}",
    "failed-sync": "inject=fsync:error=EIO:when={}",
    "failed-data-sync": "inject=fdatasync:error=EIO:when={}",
}
"""What happens before a power cut; then people go on, and what they are told must be durable."""

AFTER_TROUBLE = ("init", "package 2", "submit 1", "draft 1", "report 1")


def after_trouble(
    warm: WarmProcess,
    trouble: str,
    faults: Container[str],
    figures: Figures,
    numbers: Iterable[int] | None = None,
    prepared: int = 0,
) -> Figures:
    """Power cuts after a kill or a failed fsync, when everything was sent once more.

    The trouble strikes at each fsync in turn, until it does not; or at those with these `numbers`,
    counted after the first `prepared` acts.
    """
    before, acts = AFTER_TROUBLE[:prepared], AFTER_TROUBLE[prepared:]
    for number in numbers or count(1):
        inject = TROUBLES[trouble].format(number)
        parts = [Part(before)] if before else []
        is_kill = "SIGKILL" in inject
        parts.append(Part(acts, inject, retry=not is_kill))
        if is_kill:
            parts.append(Part(acts))
        life = record_parts(warm, parts)
        figures.count("troubles")
        certain = durable_by_assumption(life, faults)
        end = len(life.recording.operations)
        whole = life.recording.changes(end)
        sure = sum(1 << index for index in range(end) if certain(index)) & whole
        base = life.recording.durable(end) | sure
        loose = _bits(whole & ~base)
        chosen = [State(end, base), State(end, whole)]
        chosen += [State(end, whole & ~(1 << index)) for index in loose]
        chosen += [State(end, base | 1 << index) for index in loose]
        judge_states(life, chosen, figures, case=f"crash/after/{trouble}", note=f"{inject}; ")
        if not life.struck:
            break
    return figures


def lost_directory(life: Life, path: str, figures: Figures) -> Figures:
    """The states in which one directory's own name is lost, while it is not durable."""
    index = life.directories()[path]
    cuts = [
        cut
        for cut in range(index + 1, len(life.recording.operations) + 1)
        if not life.recording.durable(cut) >> index & 1
    ]
    chosen = [State(cut, life.recording.changes(cut) & ~(1 << index)) for cut in cuts[-1:]]
    chosen += [State(cut, life.recording.changes(cut) & ~(1 << index)) for cut in cuts[:-1][::40]]
    draft = "/drafts/draft" in path  # a fault of one draft's directory is one of all
    return judge_states(
        life, chosen, figures, case=f"crash/directory/{DIRECTORIES[-1] if draft else path}"
    )


# ------------------------------------------------------------------------------------ the long form

AUTOCHECKPOINTS = (1000, 4, 2)
"""After how many pages the log is written back, in each life in turn."""

LIVES = 11
SAMPLES = 4
SIZE = 1000
"""So many states are one batch. Neighbours are, so that most equal ones meet in it."""


def batches(faults: Container[str], seed: int, factor: float) -> Iterator[Batch]:
    """Lives with their acts in different orders, each cut at every moment; and other troubles."""
    luck = random.Random(seed)
    orders = [SCENARIO, CARE_SCENARIO]
    orders += [scenario(luck) for _ in range(round(LIVES * factor) - len(orders))]
    for number, acts in enumerate(orders):
        life = record(acts, AUTOCHECKPOINTS[number % len(AUTOCHECKPOINTS)])
        yield Batch(f"life {number}, directories", 60, partial(_lost_directories, life))
        certain = durable_by_assumption(life, faults)
        chosen = sorted(
            strictest(states(life, seed + number, SAMPLES, certain)), key=lambda state: -state.cut
        )
        for start in range(0, len(chosen), SIZE):
            part = chosen[start : start + SIZE]
            yield Batch(f"life {number}, from {start}", len(part), partial(_judge_part, life, part))
    for trouble in TROUBLES:
        for first in range(1, TURNS + 1):
            run = partial(_after_trouble, trouble, faults, first)
            yield Batch(f"{trouble}, {first}", 300, run)


def scenario(luck: random.Random) -> tuple[str, ...]:
    """The acts of a life in another order: what an act needs still comes before it."""
    first, *others = SCENARIO
    luck.shuffle(others)
    return (first, *others)


def _lost_directories(life: Life, figures: Figures) -> None:
    for path in life.directories():
        lost_directory(life, path, figures)


def _judge_part(life: Life, part: Sequence[State], figures: Figures) -> None:
    figures.count("states replayed", len(part))
    judge_each(life, different(life, part), figures)


TURNS = 4
"""Troubles are tried in so many batches, each with every so many of their numbers."""


def _after_trouble(trouble: str, faults: Container[str], first: int, figures: Figures) -> None:
    with WarmProcess() as warm:
        after_trouble(warm, trouble, faults, figures, count(first, TURNS))
