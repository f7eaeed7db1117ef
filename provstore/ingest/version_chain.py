"""The versions of a dataset from publication events, in any order of arrival.

In: events. Out: a `Chain`, which is just the set of its events: joining two chains is a union of
sets, so late events, repeats and any order give the same chain. Missing events are reported as
gaps. Pure; knows no format and no PROV.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from provstore.errors import Problem
from provstore.projects import drs

PUBLISH, RETRACT, RESTORE, REMOVE, CHANGE = "publish", "retract", "restore", "remove", "change"
KINDS = (PUBLISH, RETRACT, RESTORE, REMOVE, CHANGE)


@dataclass(frozen=True, order=True)
class Event:
    """An event in the life of a dataset version; `time` is ISO 8601 in UTC, so texts sort by time.

    `publish` adds the version to `nodes`; `retract` and `restore` set whether it may be used;
    `remove` removes it from `nodes` (from all if none is named); `change` affects none of these.
    """

    time: str
    dataset: str
    version: str
    kind: str
    nodes: tuple[str, ...] = ()
    pid: str = ""


@dataclass(frozen=True)
class Version:
    """The state of one version of a dataset after its events."""

    dataset: str
    version: str
    previous: str
    published: str
    retracted: str
    nodes: tuple[str, ...]
    pids: tuple[str, ...]

    @property
    def is_public(self) -> bool:
        """Whether it is available and not retracted."""
        return bool(self.published and self.nodes and not self.retracted)


@dataclass(frozen=True)
class Chain:
    """The set of known events; `|` joins two chains (a union: any order, any repeats)."""

    events: frozenset[Event] = field(default_factory=frozenset)

    def __or__(self, other: "Chain") -> "Chain":
        return Chain(self.events | other.events)

    @cached_property
    def datasets(self) -> Mapping[str, tuple[Version, ...]]:
        """Return the versions of each dataset, oldest first.

        A version that only a retraction names is included without a time of publication: it
        exists, although no event gives that time.
        """
        by_name: dict[str, dict[str, list[Event]]] = {}
        for event in sorted(self.events):
            by_name.setdefault(event.dataset, {}).setdefault(event.version, []).append(event)
        return MappingProxyType({name: tuple(_versions(known)) for name, known in by_name.items()})

    def versions(self, dataset: str) -> tuple[Version, ...]:
        """Return the versions of one dataset, oldest first."""
        return self.datasets.get(dataset, ())

    def latest(self, dataset: str) -> Version | None:
        """Return the newest public version."""
        return next(
            (version for version in reversed(self.versions(dataset)) if version.is_public), None
        )

    def problems(self) -> tuple[Problem, ...]:
        """Yield gaps, contradictions, and violations of the rules for PIDs."""
        versions = (version for known in self.datasets.values() for version in known)
        return tuple(problem for version in versions for problem in _problems(version))


def chain(events: Iterable[Event]) -> Chain:
    """Make the chain of these events."""
    return Chain(frozenset(events))


def _versions(known: Mapping[str, list[Event]]) -> Iterator[Version]:
    previous = ""
    for version in sorted(known):
        events = known[version]
        published = [event.time for event in events if event.kind == PUBLISH]
        yield Version(
            events[0].dataset,
            version,
            previous,
            published[0] if published else "",
            _retracted(events),
            _nodes(events),
            tuple(sorted({event.pid for event in events if event.pid})),
        )
        previous = version


def _retracted(events: list[Event]) -> str:
    """Return the time since which a version is retracted, or "".

    Publishing it again, as late replicas do, does not end a retraction. If a retraction and a
    restoration have the same time, the version is retracted.
    """
    restored = max((event.time for event in events if event.kind == RESTORE), default="")
    times = (event.time for event in events if event.kind == RETRACT and event.time >= restored)
    return min(times, default="")


def _nodes(events: list[Event]) -> tuple[str, ...]:
    """Return the nodes that have the version: published there after the last removal."""
    put: dict[str, str] = {}
    gone: dict[str, str] = {}
    everywhere = ""
    for event in events:  # in order of time
        if event.kind == PUBLISH:
            put |= dict.fromkeys(event.nodes, event.time)
        elif event.kind == REMOVE:
            gone |= dict.fromkeys(event.nodes, event.time)
            everywhere = everywhere if event.nodes else event.time
    return tuple(
        sorted(node for node, time in put.items() if time > max(gone.get(node, ""), everywhere))
    )


def _problems(version: Version) -> Iterator[Problem]:
    name = f"{version.dataset}.{version.version}"
    if not version.published:
        yield Problem("", f"{name}: no event reports its publication.", "Fetch the older events.")
    dataset = drs.parse_dataset_id(name)
    if isinstance(dataset, Problem):
        if len(version.pids) > 1:
            yield Problem("", f"{name} has {len(version.pids)} PIDs: {', '.join(version.pids)}.")
        return
    if not drs.PROJECTS[dataset.project].by_node:
        for pid in version.pids:
            yield from drs.check_pid(pid, dataset)
        return
    possible = {drs.dataset_pid(dataset, node) for node in version.nodes}
    for pid in version.pids:
        if possible and pid not in possible:
            message = (
                f"{pid} is not the PID of {name} on any of its nodes: {', '.join(version.nodes)}."
            )
            yield Problem("", message, "Correct the PID or the dataset id.")
