"""From publication events alone, in any order, the versions of a dataset are right."""

from pathlib import Path
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from provstore.ingest.version_chain import (
    CHANGE,
    KINDS,
    PUBLISH,
    REMOVE,
    RESTORE,
    RETRACT,
    Chain,
    Event,
    chain,
)
from provstore.projects import drs
from provstore.readers.reader_registry import read_extract

DATASET = "CMIP6.CMIP.NCAR.CESM2.historical.r1i1p1f1.Amon.tas.gn"
TIMES = st.integers(0, 9).map(lambda hour: f"2026-07-19T0{hour}:00:00Z")
EVENTS = st.builds(
    Event,
    TIMES,
    st.sampled_from([DATASET, DATASET + "x"]),
    st.sampled_from(["v20190308", "v20190401", "v20200101"]),
    st.sampled_from(KINDS),
    st.lists(st.sampled_from(["a.example.org", "b.example.org"]), unique=True).map(tuple),
    st.sampled_from(["", "hdl:21.14100/8e650f5b-d139-33a9-b0d8-edcb0bfd0987"]),
)
MANY = st.lists(EVENTS, max_size=12)


def what(one: Chain) -> object:
    """All that a chain says."""
    return one.datasets, one.problems(), [one.latest(name) for name in sorted(one.datasets)]


@given(MANY, st.randoms(use_true_random=False))
def test_any_order_and_any_repeats_give_the_same_versions(
    events: list[Event], dice: Random
) -> None:
    shuffled = [*events, *events[: len(events) // 2]]
    dice.shuffle(shuffled)
    assert what(chain(shuffled)) == what(chain(events))


@given(MANY, MANY, MANY)
def test_joining_chains_is_a_union(one: list[Event], two: list[Event], three: list[Event]) -> None:
    a, b, c = chain(one), chain(two), chain(three)
    assert what(a | b) == what(b | a)
    assert what((a | b) | c) == what(a | (b | c))
    assert what(a | a) == what(a)
    assert what(a | b) == what(chain([*one, *two]))


@given(MANY)
def test_every_version_that_an_event_names_is_there_once_and_in_order(events: list[Event]) -> None:
    for name, versions in chain(events).datasets.items():
        dates = [version.version for version in versions]
        assert dates == sorted({event.version for event in events if event.dataset == name})
        assert [version.previous for version in versions] == ["", *dates[:-1]]
        for one in versions:
            own = [e for e in events if (e.dataset, e.version) == (name, one.version)]
            put = [e.time for e in own if e.kind == PUBLISH]
            assert one.published == min(put, default="")
            retracted = {e.time for e in own if e.kind == RETRACT}
            assert not one.retracted or one.retracted in retracted
            assert {*one.nodes} <= {node for e in own if e.kind == PUBLISH for node in e.nodes}


def event(hour: int, version: str, kind: str, *nodes: str, pid: str = "") -> Event:
    return Event(f"2026-07-19T0{hour}:00:00Z", DATASET, version, kind, nodes, pid)


def test_a_late_replica_lifts_no_retraction() -> None:
    events = [
        event(1, "v20190308", PUBLISH, "a.example.org"),
        event(2, "v20190308", RETRACT),
        event(3, "v20190308", PUBLISH, "b.example.org"),
    ]
    (one,) = chain(events).versions(DATASET)
    assert one.retracted == "2026-07-19T02:00:00Z"
    assert one.nodes == ("a.example.org", "b.example.org")
    assert not one.is_public
    (back,) = chain([*events, event(4, "v20190308", RESTORE)]).versions(DATASET)
    assert back.is_public


def test_a_retraction_invalidates_exactly_the_version_that_it_names() -> None:
    known = chain(
        [
            event(1, "v20190308", PUBLISH, "a.example.org"),
            event(2, "v20190401", PUBLISH, "a.example.org"),
            event(3, "v20190401", RETRACT),
        ]
    )
    first, second = known.versions(DATASET)
    assert (first.retracted, bool(second.retracted)) == ("", True)
    assert known.latest(DATASET) == first
    assert second.previous == "v20190308"


def test_what_was_removed_from_a_node_is_not_there_and_what_came_again_is() -> None:
    events = [
        event(1, "v20190308", PUBLISH, "a.example.org", "b.example.org"),
        event(2, "v20190308", REMOVE, "a.example.org"),
    ]
    assert chain(events).versions(DATASET)[0].nodes == ("b.example.org",)
    gone = [*events, event(3, "v20190308", REMOVE)]
    assert chain(gone).versions(DATASET)[0].nodes == ()
    again = [*gone, event(4, "v20190308", PUBLISH, "a.example.org")]
    assert chain(again).versions(DATASET)[0].nodes == ("a.example.org",)


def test_a_gap_and_a_wrong_pid_are_said() -> None:
    known = chain(
        [
            event(1, "v20190308", CHANGE),
            event(2, "v20190401", PUBLISH, pid="hdl:21.14100/8e650f5b-d139-33a9-b0d8-edcb0bfd0987"),
        ]
    )
    gap, wrong = known.problems()
    assert "no event reports its publication" in gap.what
    assert "v20190308" in gap.what
    assert "is not the PID of" in wrong.what


def test_the_real_events_make_chains_without_a_fault(real_inputs: Path) -> None:
    events = []
    for path in sorted((real_inputs / "publication").glob("stac_event_*.json")):
        things = read_extract(path.read_bytes(), path.name).resources
        events += [thing for thing in things if isinstance(thing, Event)]
    known = chain(events)
    assert len(known.datasets) == 2
    assert known.problems() == ()
    for name, (one,) in known.datasets.items():
        dataset = drs.parse_dataset_id(f"{name}.{one.version}")
        assert isinstance(dataset, drs.DatasetId)
        assert one.pids == (drs.dataset_pid(dataset, one.nodes[0]),)
        assert one.is_public
