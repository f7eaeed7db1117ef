"""The graph view, queried in Cypher: one view, and one file for each engine."""
