"""The report in the text of its bundle, without reading what else the bundle says.

In: PROV-JSON as `bundle_of_report` and `provjson.dump` made it. Out: the `Report` that
`report_of_bundle` would give. A quality report may say 100 000 findings; who asks for the state of
an ingest wants none.
"""

import json

from provstore.ingest.ingest_iris import IngestIris
from provstore.ingest.report import Report
from provstore.ingest.report_bundle import report_of_bundle
from provstore.prov.notations import provjson

_NO_LIMIT = 1 << 40  # what we wrote down ourselves is read back, however long it is
_DECODER = json.JSONDecoder()


def report_from_json(content: str, bundle: str, iris: IngestIris) -> Report:
    """The report of the bundle with that IRI.

    The entity that a report is stands in the text under its name. A quotation mark within a string
    is escaped in JSON, so nothing that anybody wrote can look like that name.
    """
    run = bundle.removesuffix("/bundle")
    own = run if run.endswith("/start") else f"{run}/report"
    name = f"centre:{own.removeprefix(iris.base)}"
    key = f"{json.dumps(name, ensure_ascii=False)}:"
    at = content.find(key + "{")
    if at < 0:  # the centre had another base then: the bundle itself knows
        text = content
    else:
        element, _ = _DECODER.raw_decode(content, at + len(key))
        text = json.dumps({"prefix": dict(iris.prefixes), "entity": {name: element}})
    (loaded,) = provjson.load(text.encode(), bundle, limit=_NO_LIMIT).bundles
    return report_of_bundle(loaded)
