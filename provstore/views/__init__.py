"""The views, which follow the journal: property graph (Cypher), RDF (SPARQL), index of words."""

from provstore.moved import names_moved

__getattr__ = names_moved(
    **dict.fromkeys(["LANGUAGES", "Elsewhere", "QueryView", "View"], "provstore.views.contract"),
    views="provstore.views.opening",
)
