"""Check provenance against W3C PROV-CONSTRAINTS (Recommendation of 2013-04-30).

In: one bundle, or several that are checked as one. Out: violations; none for valid provenance.
Pure. Recorded times are only checked for equality; `plausibility` compares their order.

`merging` and `activity_times` find contradictory statements about one event or relationship (22 to
29), `impossibility` finds impossible ones (50 to 56) and missing ends, and `ordering` finds events
that would have to happen before themselves (30 to 49). Anything in the place of an entity or an
activity is one (50), even without a description, and so it begins and ends (inferences 7, 8).
"""

from collections import Counter
from collections.abc import Iterable

from provstore.prov.constraints.activity_times import time_violations
from provstore.prov.constraints.element_kinds import infer_kinds
from provstore.prov.constraints.impossibility import impossibility_violations
from provstore.prov.constraints.merging import merge_statements
from provstore.prov.constraints.ordering import ordering_violations
from provstore.prov.constraints.rule_tables import LINK, RULES, Rule
from provstore.prov.constraints.statement_text import StatementText
from provstore.prov.constraints.violation import Step, Violation
from provstore.prov.model.bundle import Bundle
from provstore.prov.model.gc_pause import gc_paused

__all__ = ["LINK", "RULES", "Rule", "Step", "Violation", "check", "check_union"]


@gc_paused()
def check(bundle: Bundle) -> tuple[Violation, ...]:
    """Return all independent violations of one bundle, sorted; a valid bundle has none."""
    wording = StatementText(bundle.prefixes)
    statements, clashes = merge_statements(bundle, wording)
    kinds = infer_kinds(bundle, statements)
    return tuple(
        sorted(
            {
                *clashes,
                *time_violations(bundle, statements, wording),
                *impossibility_violations(bundle, statements, kinds, wording),
                *ordering_violations(statements, kinds, wording),
            }
        )
    )


def check_union(bundles: Iterable[Bundle]) -> tuple[Violation, ...]:
    """Return all violations of the union of several bundles, each of which may be valid alone.

    Messages do not use a prefix that two of the bundles bind differently.
    """
    members = tuple(bundles)
    bound = {pair for bundle in members for pair in bundle.prefixes.items()}
    times = Counter(prefix for prefix, _ in bound)
    return check(
        Bundle(
            "",
            tuple(element for bundle in members for element in bundle.elements),
            tuple(relation for bundle in members for relation in bundle.relations),
            {prefix: iri for prefix, iri in bound if times[prefix] == 1},
        )
    )
