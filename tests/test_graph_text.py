"""DOT and Mermaid: a line for each thing and each statement, and every label is only a label."""

import re

from hypothesis import given

from provstore.pictures.drawing import Drawing
from provstore.pictures.graph_text import dot, mermaid
from tests.drawings import EX, bundle_of, drawing_of, drawings
from tests.properties import examples

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_ATTRIBUTES = rf"(?:\w+=(?:{_QUOTED}|\w+)(?:, )?)+"
DOT = re.compile(
    rf"digraph provenance {{|  rankdir={_QUOTED};|  label={_QUOTED}; labelloc=t; "
    rf"fontname=Helvetica;|  (?:node|edge|n\d+) \[{_ATTRIBUTES}\];|"
    rf"  n\d+ -> n\d+ \[{_ATTRIBUTES}\];|}}|"
)
_SAFE = r"[^\"<>`{}\[\]%;\\]|#\d+;|<br/>"
MERMAID = re.compile(
    rf"---|title: {_QUOTED}|flowchart (?:RL|BT)|"
    rf'  n\d+(?:\(\[|\[/|\[)"(?:{_SAFE})*"(?:\]\)|\\\]|\]):::\w+|'
    r"  n\d+ -\.?->\|\w+\| n\d+|  classDef \w+ [\w#:,-]+|"
)


@examples(60)
@given(drawings)
def test_each_line_is_of_the_grammar_whatever_the_labels_are(drawing: Drawing) -> None:
    for line in dot(drawing).split("\n"):
        assert DOT.fullmatch(line), line
    for line in mermaid(drawing, down=True).split("\n"):
        assert MERMAID.fullmatch(line), line


@examples(30)
@given(drawings)
def test_every_thing_and_statement_is_in_the_text(drawing: Drawing) -> None:
    assert len(re.findall(r"^  n\d+ \[", dot(drawing), re.M)) == len(drawing.nodes)
    assert len(re.findall(r"^  n\d+ ->", dot(drawing), re.M)) == len(drawing.lines)
    assert len(re.findall(r":::", mermaid(drawing))) >= len(drawing.nodes)
    assert len(re.findall(r"->\|", mermaid(drawing))) == len(drawing.lines)


def test_a_small_lineage_reads_well() -> None:
    chain = [("e", "wasGeneratedBy", "a"), ("a", "wasAssociatedWith", "p")]
    drawing = drawing_of(EX + "e", [bundle_of(chain, {"e": 'the "file"', "p": "Ada"})])
    assert mermaid(drawing).splitlines()[:9] == [
        "---",
        'title: "Where http://example.org/e came from"',
        "---",
        "flowchart RL",
        '  n0(["the #34;file#34;<br/>http://example.org/e"]):::entityStart',
        '  n1["a<br/>http://example.org/a"]:::activity',
        '  n2[/"Ada<br/>http://example.org/p"\\]:::agent',
        "  n0 -->|wasGeneratedBy| n1",
        "  n1 -.->|wasAssociatedWith| n2",
    ]
    assert '  n0 [label="the \\"file\\"\\nhttp://example.org/e"' in dot(drawing)


def test_a_label_of_dot_is_no_entity() -> None:
    """Graphviz reads `&lt;` in a quoted string as an entity, as HTML does."""
    drawing = drawing_of(EX + "e", [bundle_of([("e", "used", "a")], {"e": "&lt;b&gt;"})])
    assert 'label="&amp;lt;b&amp;gt;' in dot(drawing)
