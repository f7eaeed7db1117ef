"""The RDF view, queried in SPARQL: one view, and one file for each engine."""
