"""The report in the text of its bundle, without reading what else the bundle says.

In: PROV-JSON as `record` and `provjson.dump` made it. Out: the `Report` that `record.read` would
give. A quality report may say 100 000 findings; who asks for the state of an ingest wants none.
"""

import json

from provstore.ingest.ingest_iris import Names
from provstore.ingest.report import Report
from provstore.ingest.report_bundle import read
from provstore.prov.notations import provjson

_NO_LIMIT = 1 << 40  # what we wrote down ourselves is read back, however long it is
_DECODER = json.JSONDecoder()


def recall(content: str, bundle: str, names: Names) -> Report:
    """The report of the bundle with that IRI.

    The entity that a report is stands in the text under its name. A quotation mark within a string
    is escaped in JSON, so nothing that anybody wrote can look like that name.
    """
    run = bundle.removesuffix("/bundle")
    own = run if run.endswith("/start") else f"{run}/report"
    name = f"centre:{own.removeprefix(names.base)}"
    key = f"{json.dumps(name, ensure_ascii=False)}:"
    at = content.find(key + "{")
    if at < 0:  # the centre had another base then: the bundle itself knows
        text = content
    else:
        element, _ = _DECODER.raw_decode(content, at + len(key))
        text = json.dumps({"prefix": dict(names.prefixes), "entity": {name: element}})
    (found,) = provjson.load(text.encode(), bundle, limit=_NO_LIMIT).bundles
    return read(found)
