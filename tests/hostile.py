"""A store full of what people could write to harm whoever reads it.

In: a store. Out: the same, with markup, scripts and addresses that run wherever a text can stand.
"""

import json

from provstore.projects.forms import load_forms
from provstore.storage.settings import shipped
from provstore.store import ProvStore

SCRIPT = "<script>window.harmed = 1</script>"
IMAGE = "<img src=https://evil.example/x onerror='window.harmed=2'>"
QUOTES = "\"'><svg onload=window.harmed=3>{{ 7 * 7 }}{% raw %}&lt;"
TURNED = "safe \u202egnp.exe\u2066 txt"
LONG = "x" * 50_000
RUNS = "javascript:window.harmed=4"
DATA = "data:text/html,<script>window.harmed=5</script>".replace("<", "%3C").replace(">", "%3E")
THING = "https://example.org/it?a=1&b=%22%3E%3Cscript%3E#end"
TEXTS = (SCRIPT, IMAGE, QUOTES, TURNED, LONG)
NAMES = (RUNS, DATA, THING)

_DOCUMENT = {
    "prefix": {"ex": "https://example.org/"},
    "entity": {
        RUNS: {"prov:label": SCRIPT, "ex:text": list(TEXTS), "prov:location": RUNS},
        DATA: {"prov:label": QUOTES},
        THING: {
            "prov:label": IMAGE,
            "prov:type": {"$": RUNS, "type": "xsd:anyURI"},
            "ex:link": {"$": RUNS, "type": "prov:QUALIFIED_NAME"},
        },
    },
    "wasDerivedFrom": {
        "_:1": {"prov:generatedEntity": THING, "prov:usedEntity": RUNS},
        "_:2": {"prov:generatedEntity": DATA, "prov:usedEntity": THING},
    },
}


_OURS = "https://provstore.example/ingest/"


def _pretended(ingest: str, facts: dict[str, object], end: str) -> dict[str, object]:
    """What others may say of an ingest of ours, or of one that nobody delivered."""
    names = {"ingest": "https://w3id.org/provstore/ns#", "ours": _OURS, "ex": "https://ex.org/"}
    kind = {"$": "ingest:Ingest", "type": "prov:QUALIFIED_NAME"}
    start = {"$": "ingest:Start", "type": "prov:QUALIFIED_NAME"}
    person = {"$": "prov:Person", "type": "prov:QUALIFIED_NAME"}
    told = {f"ingest:{name}": value for name, value in facts.items()}
    return {
        "prefix": names,
        "entity": {
            f"ours:{ingest}": {"prov:type": kind, "prov:label": SCRIPT},
            "ex:report": told,
            "ex:start": {"prov:type": start, "ingest:step": SCRIPT, "ingest:run": RUNS},
        },
        "activity": {"ex:run": {"prov:endTime": end}, "ex:begun": {"prov:startTime": end}},
        "agent": {"ex:person": {"prov:type": person, "prov:label": IMAGE}},
        "hadMember": {
            "_:1": {"prov:collection": f"ours:{ingest}", "prov:entity": "ex:report"},
            "_:2": {"prov:collection": f"ours:{ingest}", "prov:entity": "ex:start"},
        },
        "wasGeneratedBy": {
            "_:3": {"prov:entity": "ex:report", "prov:activity": "ex:run"},
            "_:4": {"prov:entity": "ex:start", "prov:activity": "ex:begun"},
        },
        "wasAttributedTo": {
            "_:5": {"prov:entity": "ex:report", "prov:agent": "ex:person"},
            "_:6": {"prov:entity": "ex:start", "prov:agent": "ex:person"},
        },
    }


def pretend(store: ProvStore) -> None:
    """Let others speak of our ingests, in words that none of our reports would use."""
    facts = {"sequence": 99, "step": SCRIPT, "run": "x", "outcome": QUOTES, "status": IMAGE}
    more = {"next": "nothing", "awaits": "nobody", "comment": LONG}
    day = "2026-01-01T00:00:00"
    for ingest, end in (("generic-0001", day), ("none-0001", f"{day}Z")):
        document = json.dumps(_pretended(ingest, facts | more, end)).encode()
        store.import_document(document, accept_invalid=True)


def fill(store: ProvStore) -> None:
    """Hand it all in, as its authors would."""
    document = {**_DOCUMENT, "prefix": {**_DOCUMENT["prefix"], "javascript": "javascript:"}}
    document["prefix"]["data"] = "data:"
    document["prefix"]["https"] = "https:"
    store.import_document(json.dumps(document).encode())
    form = load_forms(shipped("forms"))["generic"]
    answers = form.example()
    answers |= {"title": SCRIPT, "comment": f"{IMAGE} {TURNED} {LONG}"}
    answers["agent"] = {**answers["agent"], "name": SCRIPT, "organisation": {"name": IMAGE}}
    known = {field.name for field in form.fields}
    answers = {name: value for name, value in answers.items() if name in known}
    store.submit(form.text(answers).encode())
