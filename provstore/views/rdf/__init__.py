"""The RDF view, asked in SPARQL: one view, and one file for each engine."""
