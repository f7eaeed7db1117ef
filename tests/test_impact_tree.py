"""What a correction reaches, as a tree: everything once, at the nearest thing that leads to it."""

from provstore.pictures.impact_tree import impact_drawing

WAYS = [
    ("b", "wasDerivedFrom", "v", "x"), ("c", "wasDerivedFrom", "b", "x"),
    ("c", "wasDerivedFrom", "v2", "x"), ("v", "alternateOf", "h", "x"),
    ("d", "wasDerivedFrom", "h", "x"), ("o", "wasDerivedFrom", "q", "x"),
]  # fmt: skip


def row(reached: str, version: str = "v", kind: str = "other data") -> dict[str, str]:
    return {"version": version, "reached": reached, "kind": kind, "label": reached.upper()}


def test_everything_reached_hangs_once_at_the_nearest_thing() -> None:
    rows = [row(name) for name in "bchdo"]
    drawn = impact_drawing("r", rows, WAYS, {"b": "B"}, str, {"v": ["corrected"]})
    assert {node.iri: node.steps for node in drawn.nodes} == {
        "v": 0,
        "b": 1,
        "h": 1,
        "c": 2,
        "d": 2,
        "o": 1,
    }
    assert [line[:3] for line in drawn.lines] == [
        ("b", "v", "wasDerivedFrom"),
        ("h", "v", "alternateOf"),
        ("c", "b", "wasDerivedFrom"),
        ("d", "h", "wasDerivedFrom"),
    ]
    assert drawn.nodes[0].badges == ("corrected",)
    assert drawn.nodes[1].label == "B"
    assert (drawn.title, drawn.about) == ("What r reaches", "5 elements: 5 \u00d7 other data")


def test_a_correction_that_reaches_nothing_is_still_a_picture() -> None:
    drawn = impact_drawing("r", [], [], {}, str, {})
    assert [node.iri for node in drawn.nodes] == ["r"]
    assert drawn.about == "No affected elements are known."


def test_every_version_that_a_correction_names_is_where_it_starts() -> None:
    drawn = impact_drawing("r", [row("b"), row("c", "v2")], WAYS, {}, str, {})
    assert drawn.starts == ("v", "v2")
    assert {node.iri: node.steps for node in drawn.nodes} == {"v": 0, "v2": 0, "b": 1, "c": 1}
