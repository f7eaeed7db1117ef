"""The graph view, asked in Cypher: one view, and one file for each engine."""
