"""Lineage: one query whose steps are counted, or a query for each step: the same answer."""

import json
from collections.abc import Iterator

import pytest

import provstore
from provstore.queries.lineage import COLUMNS
from provstore.store import ProvStore

EX = "http://example.org/"
PAIRS = (
    *((f"s{n + 1}", f"s{n}") for n in range(6)),  # a chain
    *((f"d{n}.{a}", f"d{n - 1}.{b}") for n in (1, 2, 3) for a in "lr" for b in "lr"),  # diamonds
    ("s6", "s2"), ("s5", "s0"),  # short cuts
    ("r1", "r2"), ("r2", "r3"), ("r3", "r1"), ("r2", "s4"),  # a circle, and a way out of it
    ("self", "self"), ("self", "d3.l"), ("s3", "d2.r"),
)  # fmt: skip
THINGS = sorted({one for pair in PAIRS for one in pair})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProvStore]:
    """Chains, diamonds, short cuts and circles; some of it is said twice."""
    with provstore.init(tmp_path_factory.mktemp("lineage") / "store") as store:
        for extra in ({}, {"ex:more": {}}):
            made = {
                f"_:{number}": {
                    "prov:generatedEntity": f"ex:{later}",
                    "prov:usedEntity": f"ex:{old}",
                }
                for number, (later, old) in enumerate(PAIRS)
            }
            entities = {f"ex:{name}": {"prov:label": name.upper()} for name in THINGS} | extra
            document = {"prefix": {"ex": EX}, "entity": entities, "wasDerivedFrom": made}
            content = json.dumps(document).encode()
            store.import_document(content, accept_invalid=True)
        yield store


def plain(thing: str, *, down: bool) -> dict[str, int]:
    """Everything that can be reached, and in how many steps at least."""
    found: dict[str, int] = {}
    frontier, steps = {thing}, 0
    while frontier:
        steps += 1
        near = {
            (later if down else old) for later, old in PAIRS if (old if down else later) in frontier
        }
        frontier = near - set(found)
        found |= dict.fromkeys(frontier, steps)
    return found


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("thing", THINGS)
def test_a_lineage_holds_each_statement_once_nearest_first(
    thing: str, down: bool, store: ProvStore
) -> None:
    answer = store.lineage(EX + thing, down=down)
    assert answer.columns == COLUMNS
    reached = plain(thing, down=down)
    distance = {thing: 0} | {one: at for one, at in reached.items() if one != thing}
    expected = {
        (distance[near] + 1, near, far)
        for later, old in PAIRS
        for near, far in [(old, later) if down else (later, old)]
        if near in distance
    }
    rows = [
        (steps, near.removeprefix(EX), far.removeprefix(EX))
        for steps, near, _, far, *_ in answer.rows
    ]
    assert set(rows) == expected
    assert len(rows) == 2 * len(expected)  # each of them stands in two bundles
    assert len(set(answer.rows)) == len(rows)
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert all(row["label"] == str(row["other"]).removeprefix(EX).upper() for row in answer)


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("depth", [1, 2, 3, 100])
def test_a_lineage_with_a_depth_is_the_beginning_of_the_whole(
    depth: int, down: bool, store: ProvStore
) -> None:
    for thing in THINGS:
        whole = store.lineage(EX + thing, down=down)
        near = store.lineage(EX + thing, down=down, depth=depth)
        assert near.rows == tuple(row for row in whole.rows if row[0] <= depth)
