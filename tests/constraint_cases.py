"""What stands against our judgement of provenance: the W3C's cases, with their verdicts.

`cases` reads `corpora/prov-constraints`; `said` makes a bundle of statements as people write them.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from prov.model import ProvDocument

from provstore.prov.model.bundle import IRI, Bundle, Element, Relation, Value
from provstore.prov.model.terms import (
    END_TIME,
    PROV,
    RELATIONS,
    START_TIME,
    TIME,
    TYPE,
    XSD,
    Argument,
)
from provstore.prov.notations import provjson

UNDECIDED = {
    "unification/delegation-fail4": (
        "valid",
        "The activity of a delegation is expandable (table 3): absent means some activity.",
    ),
    "unification/delegation-fail5": (
        "valid",
        "As fail4; and the W3C's delegation-s3 takes an absent responsible as some agent.",
    ),
    "unification/usage-fail1": (
        "valid",
        "An activity may use an entity twice: there is no uniqueness constraint for usages.",
    ),
}
"""Case of which the sources say two things → our verdict, and why by the Recommendation."""

UNNAMED = {
    "unification/association-fail4": "23",
    "unification/derivation-fail2": "23",
    "unification/membership-fail1": "4",
    "unification/mention-fail1": "4",
    "unification/mention-fail2": "4",
    "unification/mention-fail3": "4",
}
"""Invalid case that does not name its constraint → the one that it is about."""


@dataclass(frozen=True)
class Case:
    """One case: its verdict ("" where there is none), and the constraints that it is about."""

    folder: Path
    name: str
    verdict: str
    constraints: tuple[str, ...]
    json: str

    def bundles(self, notation: str) -> tuple[Bundle, ...]:
        """The case as we read it, from PROV-JSON or through `prov` from PROV-N."""
        if notation == "provjson":
            data = (self.folder / "prov-json" / self.json).read_bytes()
        else:
            document = ProvDocument.deserialize(self.folder / f"{self.name}.provn", format="provn")
            text = document.serialize(format="json")
            assert text
            data = text.encode()
        return provjson.load(data).bundles


def cases(corpora: Path) -> Iterator[Case]:
    """Every case; `DM` in a name means that PROV-DM wants an argument, our number 4."""
    folder = corpora / "prov-constraints"
    with (folder / "verdicts.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            name = row["case"]
            about = re.findall(r"c(\d+)", row["w3c_constraints"]) or [UNNAMED.get(name, "")]
            if row["w3c_constraints"] == "DM":
                about = ["4"]
            yield Case(folder, name, row["consensus"], tuple(about), row["derived_json"])


EX = "http://example.org/"


def said(*statements: str, iri: str = EX + "bundle") -> Bundle:
    """A bundle as people write it: `said("entity(e)", "wasGeneratedBy(g; e, a, -)")`."""
    elements, relations = [], []
    for statement in statements:
        kind, _, inside = statement.rstrip(")").partition("(")
        identifier, _, listed = inside.rpartition(";")
        words = ["" if word == "-" else word for word in re.split(r",\s*", listed.strip())]
        if kind in RELATIONS:
            places = zip_longest(RELATIONS[kind].arguments, words, fillvalue="")
            arguments = [
                EX + word if word and isinstance(place, Argument) and place.kind != TIME else word
                for place, word in places
            ]
            name = EX + identifier if identifier else ""
            relations.append(Relation(kind, tuple(arguments), name))
        else:
            times = zip((START_TIME, END_TIME), words[1:], strict=False)
            pairs = [(key, Value(time, XSD + "dateTime")) for key, time in times if time]
            if kind == "empty":
                kind, pairs = "entity", [(TYPE, Value(PROV + "EmptyCollection", IRI))]
            elements.append(Element(EX + words[0], (kind,), tuple(pairs)))
    return Bundle(iri, tuple(elements), tuple(relations), {"default": EX})
