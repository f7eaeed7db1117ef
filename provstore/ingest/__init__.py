"""The life of a delivery: reports and what they say in PROV, corrections, messages. Pure."""
