"""Read the report in the text of its bundle, without parsing the rest of the bundle.

In: PROV-JSON of `bundle_of_report` and `provjson.dump`. Out: the `Report` that `report_of_bundle`
would return. A quality report may have 100 000 findings, and the state of an ingest needs none.
"""

import json
from collections.abc import Mapping
from typing import Any

from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.report import Report
from provstore.ingest.report_bundle import FACTS, FACTS_OF_ALL, report_of_bundle, report_of_texts
from provstore.prov.notations import provjson

_NO_LIMIT = 1 << 40  # our own text is read back without a limit of length
_PLAIN_TYPES = ("rdf:JSON", "xsd:integer")
_DECODER = json.JSONDecoder()


def report_from_json(content: str, bundle: str, iris: IngestIris) -> Report:
    """Return the report of the bundle with this IRI.

    The text has the entity of the report under its quoted name. JSON escapes quotation marks within
    strings, so no answer can look like that name.
    """
    run = bundle.removesuffix("/bundle")
    own = run if run.endswith("/start") else f"{run}/report"
    name = f"centre:{own.removeprefix(iris.base)}"
    key = f"{json.dumps(name, ensure_ascii=False)}:"
    at = content.find(key + "{")
    text = content  # as it is if the centre had a different base then; the bundle has its prefix
    if at >= 0:
        element, _ = _DECODER.raw_decode(content, at + len(key))
        facts = {fact: element[f"ingest:{fact}"] for fact in FACTS if f"ingest:{fact}" in element}
        if report := _report(facts):
            return report
        text = json.dumps({"prefix": dict(iris.prefixes), "entity": {name: element}})
    (loaded,) = provjson.load(text.encode(), bundle, limit=_NO_LIMIT).bundles
    return report_of_bundle(loaded)


def _report(facts: Mapping[str, Any]) -> Report | None:
    """Return the report with these attributes in PROV-JSON; None if one may mean another text."""
    texts: dict[str, list[str]] = {}
    for fact, values in facts.items():
        for value in values if isinstance(values, list) else [values]:
            is_typed = isinstance(value, dict) and value.get("type") in _PLAIN_TYPES
            text = value.get("$") if is_typed else value
            if not isinstance(text, str):
                return None
            texts.setdefault(fact, []).append(text)
    return report_of_texts(texts) if texts.keys() >= FACTS_OF_ALL else None
