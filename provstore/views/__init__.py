"""The views, which follow the journal: property graph (Cypher), RDF (SPARQL), index of words."""
