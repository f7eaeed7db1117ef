"""Writes a drawing as Graphviz DOT or Mermaid.

In: a `Drawing`. Out: text whose labels are escaped. Ids are the numbers of the nodes.
"""

from provstore.pictures.drawing import Drawing, Node
from provstore.pictures.label_text import plain
from provstore.pictures.style import BADGES, KINDS, LINES

_SHAPES = {"ellipse": "ellipse", "box": "box", "house": "house"}
_DOT_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "&": "&amp;"})
_BRACKETS = {"ellipse": ("([", "])"), "box": ("[", "]"), "house": ("[/", "\\]")}


def dot(drawing: Drawing, *, down: bool = False) -> str:
    """Write Graphviz DOT; sources at the left or, with `down`, at the top."""
    lines = [
        "digraph provenance {",
        f'  rankdir="{"BT" if down else "RL"}";',
        f"  label={_dot(drawing.title)}; labelloc=t; fontname=Helvetica;",
        "  node [style=filled, fontname=Helvetica, fontsize=11];",
        "  edge [fontname=Helvetica, fontsize=9];",
    ]
    for number, node in enumerate(drawing.nodes):
        fill = KINDS[node.kind]
        style = "filled,dashed" if node.badges else "filled"
        wide = 3 if node.iri in drawing.starts else 1
        lines.append(
            f"  n{number} [label={_dot(*_label_lines(node))}, tooltip={_dot(node.iri)}, "
            f'shape={_SHAPES[fill.shape]}, fillcolor="{fill.fill}", color="{fill.stroke}", '
            f'style="{style}", penwidth={wide}];'
        )
    index = {node.iri: number for number, node in enumerate(drawing.nodes)}
    for line in drawing.lines:
        stroke = LINES[line.kind]
        style = "dashed" if stroke.dash else "solid"
        lines.append(
            f"  n{index[line.later]} -> n{index[line.earlier]} "
            f'[label={_dot(line.kind)}, color="{stroke.stroke}", style={style}];'
        )
    return "\n".join([*lines, "}\n"])


def mermaid(drawing: Drawing, *, down: bool = False) -> str:
    """Write a Mermaid flowchart, for use in Markdown."""
    lines = ["---", f"title: {_yaml(drawing.title)}", "---", f"flowchart {'BT' if down else 'RL'}"]
    for number, node in enumerate(drawing.nodes):
        left, right = _BRACKETS[KINDS[node.kind].shape]
        label = "<br/>".join(map(_mermaid, _label_lines(node)))
        kind = f"{node.kind}{'Start' if node.iri in drawing.starts else ''}"
        lines.append(f'  n{number}{left}"{label}"{right}:::{kind}')
    index = {node.iri: number for number, node in enumerate(drawing.nodes)}
    lines += [
        f"  n{index[line.later]} -{'.' if LINES[line.kind].dash else ''}->|{line.kind}| "
        f"n{index[line.earlier]}"
        for line in drawing.lines
    ]
    for kind in ("entity", "activity", "agent"):
        paint = f"fill:{KINDS[kind].fill},stroke:{KINDS[kind].stroke},color:#1b1f24"
        lines.append(f"  classDef {kind} {paint}")
        lines.append(f"  classDef {kind}Start {paint},stroke-width:4px")
    return "\n".join(lines) + "\n"


def _label_lines(node: Node) -> list[str]:
    name = [] if node.name == node.label else [node.name]
    return [node.label, *name, *(f"({badge}: {BADGES[badge].words})" for badge in node.badges)]


def _dot(*texts: str) -> str:
    r"""Quote a string for DOT; `\n` separates the lines of a label, and `&` begins an entity."""
    return '"' + "\\n".join(plain(text).translate(_DOT_ESCAPES) for text in texts) + '"'


def _mermaid(text: str) -> str:
    """Escape a text in quotes; character codes replace everything that could be markup."""
    return "".join(c if c.isalnum() or c in " .,:/_-" else f"#{ord(c)};" for c in plain(text))


def _yaml(text: str) -> str:
    escaped = plain(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
