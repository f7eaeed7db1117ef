"""The verdict of W3C PROV-CONSTRAINTS on a document that was imported nevertheless.

In: a foreign bundle and its violations. Out: a bundle of ours that states them. Pure.
"""

import hashlib
from collections.abc import Sequence

from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.statements import Statements, attributes
from provstore.prov.constraints import Violation
from provstore.prov.model.bundle import Bundle
from provstore.prov.model.terms import INGEST, PROV


def verdict_bundle(bundle: Bundle, violations: Sequence[Violation], iris: IngestIris) -> Bundle:
    """Make a bundle with one entity: the verdict, derived from the foreign bundle."""
    iri = f"{iris.base}verdict/{hashlib.sha256(bundle.iri.encode()).hexdigest()[:32]}"
    statements = Statements()
    facts = attributes(
        [
            ("violates", sorted({violation.constraint for violation in violations})),
            ("fault", [str(violation.problem()) for violation in violations]),
        ]
    )
    statements.element(iri, "entity", f"verdict on {bundle.iri}", INGEST + "Verdict", facts)
    statements.element(bundle.iri, "entity", bundle.iri, PROV + "Bundle")
    statements.derive(iri, bundle.iri, "")
    return statements.bundle(iri + "/bundle", {"centre": iris.base, "ingest": INGEST})
