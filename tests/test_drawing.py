"""A drawing says what the rows and the bundles say: every thing and every statement once."""

from pathlib import Path

from hypothesis import given

from provstore.pictures import drawing
from provstore.pictures.drawing import MAX_NODES, Drawing, lineage_drawing
from provstore.prov.model.bundle import Bundle, Element, Relation, Value
from provstore.prov.model.terms import INGEST, LABEL, PROV, ROLE, TYPE
from tests.drawings import EX, bundle_of, drawing_of, edges, real_drawings, rows_of

Edge = tuple[str, str, str]


def kinds(drawn: Drawing) -> dict[str, str]:
    return {node.iri.removeprefix(EX): node.kind for node in drawn.nodes}


@given(edges)
def test_every_thing_and_statement_of_a_lineage_is_drawn_once(edges: list[Edge]) -> None:
    bundles = [bundle_of(edges)]
    start = EX + edges[0][0]
    rows = list(rows_of(start, bundles))
    drawn = drawing_of(start, bundles)
    things = {start, *(row["other"] for row in rows)}
    stated = {(row["thing"], row["other"], row["relation"]) for row in rows}
    assert things <= {node.iri for node in drawn.nodes}
    assert stated <= {line[:3] for line in drawn.lines}
    assert len({node.iri for node in drawn.nodes}) == len(drawn.nodes)
    assert len({line[:3] for line in drawn.lines}) == len(drawn.lines)
    assert {line.kind for line in drawn.lines if line[:3] not in stated} <= set(
        drawing.AGENT_RELATIONS
    )


@given(edges)
def test_what_is_implied_follows_from_two_other_lines(edges: list[Edge]) -> None:
    drawn = drawing_of(EX + edges[0][0], [bundle_of(edges)])
    stated = {line[:3] for line in drawn.lines}
    for line in drawn.lines:
        if line.implied:
            assert line.kind in ("wasDerivedFrom", "wasInformedBy", "wasAttributedTo")
            middle = {other for later, other, _ in stated if later == line.later}
            assert any((one, line.earlier) in {pair[:2] for pair in stated} for one in middle)


def test_a_triangle_of_use_and_generation_implies_the_derivation() -> None:
    triangle = [("e1", "wasGeneratedBy", "a"), ("a", "used", "e2"), ("e1", "wasDerivedFrom", "e2")]
    drawn = drawing_of(EX + "e1", [bundle_of(triangle)])
    assert [line.kind for line in drawn.lines if line.implied] == ["wasDerivedFrom"]
    alone = drawing_of(EX + "e1", [bundle_of(triangle[1:])])
    assert not any(line.implied for line in alone.lines)


def test_downwards_the_lines_still_point_to_what_was_before() -> None:
    chain = [("e1", "wasGeneratedBy", "a"), ("a", "used", "e2")]
    drawn = drawing_of(EX + "e2", [bundle_of(chain)], down=True)
    assert [(line.later, line.earlier) for line in drawn.lines] == [
        (EX + "a", EX + "e2"),
        (EX + "e1", EX + "a"),
    ]
    assert drawn.title == f"What depends on {EX}e2"


def test_people_are_drawn_with_their_role_and_whom_they_acted_for() -> None:
    who = Element(EX + "p", ("agent",), ((LABEL, Value("Ada")), (TYPE, Value(PROV + "Person"))))
    office = Element(EX + "o", ("agent",), ((LABEL, Value("Example Institute")),))
    role = ((ROLE, Value(INGEST + "reviewer", "@id")),)
    said = Bundle(
        EX + "b",
        (who, office, Element(EX + "a", ("activity",)), Element(EX + "e", ("entity",))),
        (
            Relation("wasGeneratedBy", (EX + "e", EX + "a", "2026-01-02T00:00:00Z")),
            Relation("wasAssociatedWith", (EX + "a", EX + "p", ""), "", role),
            Relation("actedOnBehalfOf", (EX + "p", EX + "o", EX + "a")),
        ),
    )
    drawn = drawing_of(EX + "e", [said])
    ada = drawn.nodes[-1]
    assert (ada.label, ada.kind, ada.type_name, ada.steps) == ("Ada", "agent", "person", 2)
    assert ("for", "Example Institute") in ada.facts
    assert drawn.lines[-1].role == "reviewer"
    assert drawn.nodes[0].time == "2026-01-02T00:00:00Z"
    assert drawn.nodes[1].bundles == (EX + "b",)
    bare = lineage_drawing(EX + "e", rows_of(EX + "e", [said]), [said], str, agents=False)
    assert "agent" not in kinds(bare).values()


def test_what_is_only_named_has_the_kind_that_its_relation_asks_for() -> None:
    said = Bundle(EX + "b", (), (Relation("used", (EX + "x", EX + "y", "")),))
    assert kinds(drawing_of(EX + "x", [said])) == {"x": "activity", "y": "entity"}


def test_long_attributes_are_cut_with_their_length_and_many_are_counted() -> None:
    facts = tuple((f"{EX}k{n:02}", Value("v" * (500 if n == 0 else 3))) for n in range(50))
    said = Bundle(EX + "b", (Element(EX + "e", ("entity",), facts),))
    told = drawing_of(EX + "e", [said]).nodes[0].facts
    assert told[-1] == ("…", "and 10 more")
    whole = Bundle(EX + "b", (Element(EX + "e", ("entity",), facts[:5]),))
    assert drawing_of(EX + "e", [whole]).nodes[0].facts[-1][1].endswith("… (500 characters)")


def test_beyond_thousands_the_farthest_are_counted() -> None:
    crowd = [("e0", "wasDerivedFrom", f"e{n}") for n in range(1, MAX_NODES + 40)]
    drawn = drawing_of(EX + "e0", [bundle_of(crowd)])
    assert len(drawn.nodes) == MAX_NODES
    assert drawn.nodes[0].more == 40
    assert drawn.remarks == ("Not drawn: 40 elements farther away.",)


def test_a_thing_made_of_itself_is_said_and_not_drawn() -> None:
    drawn = drawing_of(EX + "e", [bundle_of([("e", "wasDerivedFrom", "e")])])
    assert drawn.remarks == ("Not drawn: 1 statement from an element to itself.",)


def test_real_lineages_have_labels_kinds_and_someone_who_said_them(corpora: Path) -> None:
    for path, drawn in real_drawings(corpora).items():
        assert len(drawn.nodes) > 1, path
        assert {node.kind for node in drawn.nodes} <= {"entity", "activity", "agent"}
        assert all(node.label and node.name for node in drawn.nodes)
        assert any(node.bundles for node in drawn.nodes), path
