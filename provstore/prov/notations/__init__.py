"""PROV documents in twelve notations ⇄ bundles. Pure: fetches nothing, knows no store."""

from typing import Literal

Notation = Literal[
    "turtle",
    "trig",
    "nquads",
    "ntriples",
    "jsonld",
    "rdfxml",
    "provjson",
    "provjson-toolbox",
    "provjson-lines",
    "provn",
    "provxml",
    "provjsonld",
]
"""The names of the notations. `notation_registry` has a reader and a writer for each."""
