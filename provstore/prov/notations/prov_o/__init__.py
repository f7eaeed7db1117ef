"""PROV-O (W3C Recommendation, 2013) ⇄ bundles: RDF in a fixed order, without blank nodes."""

from provstore.prov.notations.prov_o.prov_o_reader import Triple, parse, read
from provstore.prov.notations.prov_o.prov_o_writer import graphs, nquads, triples

__all__ = ["Triple", "graphs", "nquads", "parse", "read", "triples"]
