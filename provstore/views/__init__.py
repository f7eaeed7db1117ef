"""The two views that can be asked: the property graph (Cypher) and the RDF graph (SPARQL)."""
