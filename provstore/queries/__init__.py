"""Queries to a store: the catalogue of questions, running them, lineage, suggestions."""
