"""Documents that nobody here wrote, and the bundles in them."""

from functools import cache
from pathlib import Path

import prov

from provstore.prov import provjson
from provstore.prov.bundle import Bundle


def documents(corpora: Path) -> list[Path]:
    """Every foreign PROV-JSON document; fails where they are fewer than there should be."""
    found = [
        *sorted((Path(prov.__file__).parent / "tests" / "json").glob("*.json")),
        *sorted((corpora / "real-documents").rglob("*.json")),
        *sorted((corpora / "five-notations").rglob("*.json")),
        *sorted((corpora / "prov-constraints").rglob("*.json")),
    ]
    assert len(found) > 600, f"only {len(found)} foreign documents are left"
    return found


@cache
def bundles(corpora: Path) -> tuple[Bundle, ...]:
    """All bundles of all foreign documents."""
    return tuple(
        bundle
        for path in documents(corpora)
        for bundle in provjson.load(path.read_bytes(), path.name).bundles
    )
