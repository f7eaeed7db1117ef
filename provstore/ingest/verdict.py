"""What W3C PROV-CONSTRAINTS says of a document that was kept all the same, as provenance of it.

In: a bundle of others and its violations. Out: a bundle of ours that tells them. Pure.
"""

import hashlib
from collections.abc import Sequence

from provstore.ingest.ingest_iris import Names
from provstore.ingest.statements import Statements, attributes
from provstore.prov.constraints import Violation
from provstore.prov.model.bundle import Bundle
from provstore.prov.model.terms import INGEST, PROV


def tell(bundle: Bundle, violations: Sequence[Violation], names: Names) -> Bundle:
    """A bundle with one entity: the verdict, derived from the bundle that it is about."""
    iri = f"{names.base}verdict/{hashlib.sha256(bundle.iri.encode()).hexdigest()[:32]}"
    said = Statements()
    facts = attributes(
        [
            ("violates", sorted({one.constraint for one in violations})),
            ("fault", [str(one.problem()) for one in violations]),
        ]
    )
    said.element(iri, "entity", f"verdict on {bundle.iri}", INGEST + "Verdict", facts)
    said.element(bundle.iri, "entity", bundle.iri, PROV + "Bundle")
    said.derive(iri, bundle.iri, "")
    return said.bundle(iri + "/bundle", {"centre": names.base, "ingest": INGEST})
