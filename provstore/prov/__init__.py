"""W3C PROV as values: terms, bundles, and their mappings. Pure; knows no ingest."""
