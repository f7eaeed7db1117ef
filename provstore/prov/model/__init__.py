"""The values of W3C PROV-DM: terms, IRIs, bundles, and the same in columns. Pure."""
