"""PROV documents in eleven notations ⇄ bundles. Pure: nothing is fetched, no store is known."""

from provstore.moved import names_moved

__getattr__ = names_moved(
    **dict.fromkeys(
        ["CONTEXT", "NOTATIONS", "Notation", "write"], "provstore.prov.notations.writing"
    )
)
