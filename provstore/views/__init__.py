"""The views that follow the journal: property graph (Cypher), RDF (SPARQL) and search index."""
