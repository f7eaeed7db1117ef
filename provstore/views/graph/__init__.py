"""The graph view, asked in Cypher: one view, and one file for each engine."""

from provstore.moved import names_moved

__getattr__ = names_moved(
    **dict.fromkeys(
        ["BULK", "FETCH", "Engine", "GraphView", "Result", "Server"],
        "provstore.views.graph.graph_view",
    )
)
