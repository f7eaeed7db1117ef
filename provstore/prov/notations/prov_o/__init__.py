"""PROV-O (W3C Recommendation, 2013) ⇄ bundles: RDF in a fixed order, without blank nodes."""

from provstore.prov.notations.prov_o.prov_o_reader import Triple, parse, read
from provstore.prov.notations.prov_o.prov_o_writer import document_lines, graphs, nquads, triples

__all__ = ["Triple", "document_lines", "graphs", "nquads", "parse", "read", "triples"]
