"""Every question once more, as its card's prose says it, in plain Python over the journal.

One module per theme; importing this one registers all answers.
"""

from tests.plain import across, audit, impact, ingest, lineage, publication, quality, time

__all__ = ["across", "audit", "impact", "ingest", "lineage", "publication", "quality", "time"]
