"""Whether what a store holds is sound: the consistency of its provenance."""
