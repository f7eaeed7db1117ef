"""PROV documents in eleven notations ⇄ bundles. Pure: nothing is fetched, no store is known."""
