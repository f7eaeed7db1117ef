"""Replies of a store: receipts, import receipts, verdicts and the state of the store.

All are frozen values with stable field names, which `--json` prints unchanged. No I/O.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from provstore.errors import Problem


@dataclass(frozen=True)
class Reply:
    """A reply that can be printed as JSON."""

    def record(self) -> dict[str, Any]:
        """Return the fields of this reply, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Receipt(Reply):
    """The receipt for a report; `new` is false if the report had already been recorded.

    `reader` is the name of the reader that read the files, "" for a form; `notes` are its remarks.
    """

    ingest: str
    step: str
    run: int
    outcome: str
    status: str
    next: str
    awaits: str
    bundle: str
    position: int
    new: bool
    reader: str = ""
    notes: tuple[Problem, ...] = ()

    def __str__(self) -> str:
        was = "recorded" if self.new else "already recorded; nothing was added"
        state = f"Status: {self.status}."
        if self.next:
            state = f"Next step: {self.next} ({self.awaits.replace('_', ' ')})."
        summary = f"{self.ingest}: {self.step} {self.run} ({self.outcome}) {was}. {state}"
        lines = [summary, f"  read as {self.reader}"] if self.reader else [summary]
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])


@dataclass(frozen=True)
class IngestStatus(Reply):
    """The state of an ingest; `under_way` has step, person and start time of each started run."""

    ingest: str
    status: str
    next: str
    awaits: str
    allowed: tuple[str, ...]
    under_way: tuple[tuple[str, str, str], ...]

    def __str__(self) -> str:
        next_step = f"next step: {self.next} ({self.awaits.replace('_', ' ')})" if self.next else ""
        busy = [f"{person} started {step} at {since}" for step, person, since in self.under_way]
        return f"{self.ingest} is {'; '.join([self.status, *filter(None, [next_step]), *busy])}."


@dataclass(frozen=True)
class ImportReceipt(Reply):
    """The receipt for an imported document: each bundle with its size, and notes."""

    name: str
    bundles: tuple["ImportedBundle", ...]
    notes: tuple[Problem, ...]

    def __str__(self) -> str:
        lines = [f"{self.name}: {len(self.bundles)} bundle{'s' if len(self.bundles) != 1 else ''}"]
        lines += [
            f"  {bundle.bundle} ({bundle.elements} elements, {bundle.relations} relations"
            f"{'' if bundle.new else '; already recorded, nothing was added'})"
            for bundle in self.bundles
        ]
        lines += [f"  note: {note}" for note in self.notes]
        return "\n".join(lines)


@dataclass(frozen=True)
class ImportedBundle:
    """One bundle of an imported document."""

    bundle: str
    elements: int
    relations: int
    position: int
    new: bool


@dataclass(frozen=True)
class CheckResult(Reply):
    """The result of checking a file: its kind and format, the verdict, and all problems.

    `violations` describes each violation of PROV-CONSTRAINTS in parts: constraint, title, link,
    statements, the cycle of events in words, and the same cycle as Mermaid text.
    """

    file: str
    kind: str
    reader: str
    verdict: str
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...] = ()
    violations: tuple[Mapping[str, Any], ...] = ()

    def __str__(self) -> str:
        kind = f"{self.kind} ({self.reader})" if self.reader else self.kind
        lines = [f"{self.file}: {kind}, {self.verdict}"]
        lines += [f"  - {problem}" for problem in self.problems]
        lines += [f"  note: {note}" for note in self.notes]
        return "\n".join(lines)


@dataclass(frozen=True)
class QuestionVerdict(Reply):
    """Whether a question answers as its card says: `right`, or `wrong` with all problems."""

    question: str
    verdict: str
    problems: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([f"{self.question}: {self.verdict}", *(f"  - {p}" for p in self.problems)])


_UNGUARDED = {
    "network": "not kept from the network",
    "files": "not kept from other files",
}
"""What a built-in engine can reach if this system has no guard for it."""


@dataclass(frozen=True)
class ViewState:
    """The state of a view; `state` is `up to date`, `behind`, `down` or `foreign`.

    `running` is whether its built-in engine runs, `clients` how many processes share it, and
    `guards` what keeps it from the `network` and from other `files` ("" for nothing). They are None
    for other engines, and `guards` also while the engine does not run.
    """

    name: str
    engine: str
    state: str
    position: int | None
    behind: int | None
    message: str = ""
    clients: int | None = None
    running: bool | None = None
    guards: Mapping[str, str] | None = None

    @property
    def engine_state(self) -> str:
        """Whether its built-in engine runs, in words; "" for other engines."""
        if self.running is None:
            return ""
        if not self.running:
            return "not running"
        state = f"running, shared by {self.clients}" if self.clients else "running"
        for reach, guard in (self.guards or {}).items():
            state += f", {_UNGUARDED[reach]}" if not guard else ""
        return state


@dataclass(frozen=True)
class StoreStatus(Reply):
    """The state of a store: its size, its position and its views.

    `checkpoint` is the position of the last checkpoint; `notes` name places for checkpoints that
    cannot be reached, or lack a checkpoint, and files with modes that do not fit.
    """

    directory: str
    base: str
    bundles: int
    seal: str
    ingests: int
    views: tuple[ViewState, ...]
    checkpoint: int = 0
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [
            f"store    {self.directory}",
            f"base     {self.base}",
            f"journal  {self.bundles} bundles of {self.ingests} ingests, chain {self.seal[:16]}",
        ]
        for view in self.views:
            lag = f", bundles to load: {view.behind}" if view.behind else ""
            engine = "; ".join(filter(None, (view.engine, view.engine_state)))
            lines.append(f"{view.name:<8} {view.state}{lag} ({engine}) {view.message}".rstrip())
        lines += [f"  note: {note}" for note in self.notes]
        return "\n".join(lines)


@dataclass(frozen=True)
class VerifyResult(Reply):
    """The result of verifying a store; `seal` is the chain hash of its last entry.

    A checkpoint confirms the entries up to `vouched`; `signed` is true if its signature was
    verified. `notes` name the entries that nothing outside the journal confirms, and files that are
    named but not stored.
    """

    bundles: int
    seal: str
    problems: tuple[Problem, ...]
    vouched: int = 0
    signed: bool = False
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.problems:
            lines = ["The store is damaged:", *(f"  - {problem}" for problem in self.problems)]
        else:
            lines = [f"All {self.bundles} bundles are unchanged. Chain hash: {self.seal}"]
        if self.vouched:
            signed = "A signed" if self.signed else "An unsigned"
            lines.append(f"{signed} checkpoint vouches for the entries up to {self.vouched}.")
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])


@dataclass(frozen=True)
class BackupResult(Reply):
    """The content of a backup, and what was added; `seal` is the chain hash of its last entry.

    `problems` are attachments that are damaged in the store, and therefore not in the backup.
    """

    backup: str
    bundles: int
    seal: str
    new_bundles: int
    new_attachments: int
    bytes_written: int
    problems: tuple[Problem, ...] = ()

    def __str__(self) -> str:
        summary = (
            f"{self.backup} has all {self.bundles} bundles. "
            f"New: {_count(self.new_bundles, 'bundle')}, "
            f"{_count(self.new_attachments, 'attachment')}. Chain hash: {self.seal}"
        )
        missing = ["Not in the backup:", *(f"  - {problem}" for problem in self.problems)]
        return "\n".join([summary, *(missing if self.problems else ())])


@dataclass(frozen=True)
class RestoreResult(Reply):
    """A store that was restored from a backup; `recorded` is the time of the backup."""

    directory: str
    bundles: int
    seal: str
    attachments: int
    recorded: str

    def __str__(self) -> str:
        return (
            f"{self.directory} is a store with the {_count(self.bundles, 'bundle')} and "
            f"{_count(self.attachments, 'attachment')} that were backed up at {self.recorded}. "
            f"Chain hash: {self.seal}\nIts views will be built at the first query, or by: "
            "provstore rebuild"
        )


@dataclass(frozen=True)
class AmendmentReceipt(Reply):
    """An amendment of a person: its position, and the number of entries that it changed."""

    position: int
    entries: int
    notes: tuple[str, ...]

    def __str__(self) -> str:
        changed = _count(self.entries, "bundle")
        return "\n".join([f"Recorded as entry {self.position}; {changed} changed.", *self.notes])


@dataclass(frozen=True)
class RedactionReceipt(Reply):
    """What was redacted, or would be if `is_done` is false.

    `people` are the labels that stand for the people now, `entries` the number of entries with a
    replaced value. `mentions` are attachments with a redacted name, which are still there.
    """

    is_done: bool
    position: int
    people: tuple[str, ...]
    values: int
    entries: int
    attachments: tuple[str, ...]
    mentions: tuple[str, ...]
    notes: tuple[str, ...]

    def __str__(self) -> str:
        done = "Redacted" if self.is_done else "Would be redacted"
        lines = [f"{done}: {_count(self.values, 'value')} in {_count(self.entries, 'bundle')}, "
                 f"{_count(len(self.attachments), 'attachment')}."]  # fmt: skip
        lines += [f"The name is now: {label}" for label in self.people if self.is_done]
        lines += [f"An attachment contains a name, and is still there: {name}"
                  for name in self.mentions]  # fmt: skip
        return "\n".join([*lines, *self.notes])


@dataclass(frozen=True)
class UpgradeResult(Reply):
    """The journal of a store in the present format: its position, and the last of the former one.

    `notes` tell which views could not be removed.
    """

    directory: str
    position: int
    chain: str
    former_position: int
    former_chain: str
    notes: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([
            f"The journal in {self.directory} was upgraded: "
            f"{_count(self.former_position, 'bundle')}, and the upgrade itself as entry "
            f"{self.position}.",
            "The views are made again with the next query.",
            *self.notes,
        ])  # fmt: skip


@dataclass(frozen=True)
class PermissionsResult(Reply):
    """Whom the files of a store are for; `group` is "" if they are for the owner alone.

    `changed` is the number of files that changed, `problems` name those that could not be, and
    `foreign` what lies in the directory of the store and is not the store's.
    """

    directory: str
    group: str
    changed: int
    problems: tuple[Problem, ...]
    foreign: tuple[str, ...]

    def __str__(self) -> str:
        readers = f"the group {self.group}" if self.group else "its owner alone"
        lines = [f"The store in {self.directory} is for {readers}. "
                 f"Changed: {_count(self.changed, 'file')}."]  # fmt: skip
        if self.problems:
            lines += ["Not changed:", *(f"  - {problem}" for problem in self.problems)]
        lines += [f"  note: {name} is not the store's, and was left alone."
                  for name in self.foreign]  # fmt: skip
        return "\n".join(lines)


@dataclass(frozen=True)
class RepairResult(Reply):
    """What was repaired in a store, and what is still wrong with it.

    `repaired` are positions of entries, `attachments` their SHA-256, `files` other repaired files.
    `damaged_journal` is a copy of the damaged journal, "" if the journal was sound.
    """

    repaired: tuple[int, ...]
    attachments: tuple[str, ...]
    files: tuple[str, ...]
    damaged_journal: str
    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        lines = [f"Repaired: {_count(len(self.repaired), 'bundle')}, "
                 f"{_count(len(self.attachments), 'attachment')}"
                 f"{''.join(f', {file}' for file in self.files)}."]  # fmt: skip
        if self.damaged_journal:
            lines.append(f"The damaged journal is kept as {self.damaged_journal}")
        if self.problems:
            lines += [
                "The store is still damaged:",
                *(f"  - {problem}" for problem in self.problems),
            ]
        else:
            lines.append("The store is undamaged.")
        return "\n".join(lines)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number != 1 else ''}"


@dataclass(frozen=True)
class CheckpointReceipt(Reply):
    """The receipt for a checkpoint; `new` is false if it had already been written.

    `seal` is the chain hash of the entry at `position`. `key` is the id of the signing key, or "".
    `files` are the copies of the checkpoint; `notes` name places that could not be reached.
    """

    store: str
    position: int
    seal: str
    time: str
    signed: bool
    key: str
    new: bool
    files: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        signed = f"signed by key {self.key}" if self.signed else "not signed"
        was = "" if self.new else " It had already been written."
        lines = [f"Checkpoint at entry {self.position}, {signed}.{was} Chain hash: {self.seal}"]
        lines += [f"  {file}" for file in self.files]
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])
