"""PROV documents in eleven notations ⇄ bundles. Pure: fetches nothing, knows no store."""
