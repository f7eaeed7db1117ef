"""A bundle ⇄ the rows of a labelled property graph. Pure; knows no engine."""

from provstore.moved import names_moved

__getattr__ = names_moved(
    **dict.fromkeys(
        ["INCOMPLETE", "Node", "RESOURCE", "Relationship", "Rows", "TYPES", "project", "read"],
        "provstore.prov.property_graph.graph_rows",
    )
)
