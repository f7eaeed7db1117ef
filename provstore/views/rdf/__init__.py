"""The RDF view, asked in SPARQL: one view, and one file for each engine."""

from provstore.moved import names_moved

__getattr__ = names_moved(
    **dict.fromkeys(["BULK", "MARK", "RdfView"], "provstore.views.rdf.rdf_view")
)
