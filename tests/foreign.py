"""Documents that nobody here wrote, and the bundles in them."""

from functools import cache
from pathlib import Path

import prov

from provstore.prov.model.bundle import Bundle
from provstore.prov.notations import provjson

WHEEL = Path(prov.__file__).parent / "tests"
NOTATIONS = {
    ".json": "provjson", ".jsonld": "", ".provn": "provn", ".provx": "provxml", ".xml": "provxml",
    ".ttl": "turtle", ".trig": "trig", ".nt": "ntriples",
}  # fmt: skip
"""How files of each notation are called; what is called .jsonld may be of two."""


def documents(corpora: Path) -> list[Path]:
    """Every foreign PROV-JSON document; fails where they are fewer than there should be."""
    found = [
        *sorted((WHEEL / "json").glob("*.json")),
        *sorted((corpora / "real-documents").rglob("*.json")),
        *sorted((corpora / "five-notations").rglob("*.json")),
        *sorted((corpora / "prov-constraints").rglob("*.json")),
    ]
    assert len(found) > 600, f"only {len(found)} foreign documents are left"
    return found


def everything(corpora: Path) -> dict[str, Path]:
    """Every foreign document in any notation, by a path that means the same everywhere."""
    found = {
        f"/{name}/{path.relative_to(root)}": path
        for name, root in (("wheel", WHEEL), ("corpora", corpora))
        for path in sorted(root.rglob("*"))
        if path.suffix in NOTATIONS
    }
    assert len(found) > 2400, f"only {len(found)} foreign documents are left"
    return found


@cache
def bundles(corpora: Path) -> tuple[Bundle, ...]:
    """All bundles of all foreign documents."""
    return tuple(
        bundle
        for path in documents(corpora)
        for bundle in provjson.load(path.read_bytes(), path.name).bundles
    )
