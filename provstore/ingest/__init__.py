"""The life of a delivery: reports and their bundles in PROV, corrections, messages. Pure."""
