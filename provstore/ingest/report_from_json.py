"""Read the report in the text of its bundle, without parsing the rest of the bundle.

In: PROV-JSON of `bundle_of_report` and `provjson.dump`. Out: the `Report` that `report_of_bundle`
would return. A quality report may have 100 000 findings, and the state of an ingest needs none.
"""

import json

from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.report import Report
from provstore.ingest.report_bundle import report_of_bundle
from provstore.prov.notations import provjson

_NO_LIMIT = 1 << 40  # our own text is read back without a limit of length
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
    if at < 0:  # the centre had a different base then; the bundle has its prefix
        text = content
    else:
        element, _ = _DECODER.raw_decode(content, at + len(key))
        text = json.dumps({"prefix": dict(iris.prefixes), "entity": {name: element}})
    (loaded,) = provjson.load(text.encode(), bundle, limit=_NO_LIMIT).bundles
    return report_of_bundle(loaded)
