"""Checks the consistency of a store's provenance."""
