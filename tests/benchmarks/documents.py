"""Synthetic PROV-JSON of a known size: twelve statements per activity, as an ingest has them."""

import json

from provstore.ingest.extracts import Extract, Finding, Source
from provstore.ingest.ingest_iris import IngestIris
from provstore.prov.model.bundle import Bundle
from tests.reports import life, prov_of


def document(statements: int) -> bytes:
    """A document of about that many statements, the same on every call."""
    text = {"type": "xsd:string"}
    entity: dict[str, object] = {}
    activity: dict[str, object] = {}
    relations: dict[str, dict[str, object]] = {}

    def relation(kind: str, **arguments: object) -> None:
        records = relations.setdefault(kind, {})
        records[f"_:{kind}{len(records)}"] = {
            key if ":" in key else f"prov:{key}": value for key, value in arguments.items()
        }

    agents = {
        f"ex:person{n}": {"prov:type": {"$": "prov:Person", "type": "prov:QUALIFIED_NAME"}}
        for n in range(10)
    }
    for n in range(statements // 12):
        day = f"2026-{n % 12 + 1:02}-{n % 28 + 1:02}T12:00:{n % 60:02}Z"
        activity[f"ex:run{n}"] = {"prov:startTime": day, "prov:endTime": day}
        for side in "ab":
            entity[f"ex:file{n}{side}"] = {
                "prov:type": {"$": "ex:File", "type": "prov:QUALIFIED_NAME"},
                "prov:label": f"file {n}{side}",
                "ex:size": {"$": str(n * 17), "type": "xsd:long"},
                "ex:checksum": {"$": f"{n:064x}", **text},
                "ex:format": "NetCDF",
                "ex:title": {"$": f"Datei {n}", "lang": "de"},
            }
            relation("wasGeneratedBy", entity=f"ex:file{n}{side}", activity=f"ex:run{n}", time=day)
            relation("wasAttributedTo", entity=f"ex:file{n}{side}", agent=f"ex:person{n % 10}")
            relation(
                "used",
                activity=f"ex:run{n}",
                entity=f"ex:file{max(n - 1, 0)}{side}",
                time=day,
                **{"prov:role": "input"},
            )
            relation(
                "wasDerivedFrom",
                generatedEntity=f"ex:file{n}{side}",
                usedEntity=f"ex:file{max(n - 1, 0)}{side}",
            )
        relation(
            "wasAssociatedWith",
            activity=f"ex:run{n}",
            agent=f"ex:person{n % 10}",
            **{"prov:role": {"$": "ex:operator", "type": "prov:QUALIFIED_NAME"}},
        )
    return json.dumps(
        {
            "prefix": {"ex": "http://example.org/"},
            "entity": entity,
            "activity": activity,
            "agent": agents,
            **relations,
        }
    ).encode()


def findings(count: int) -> Bundle:
    """The bundle of one quality report with so many findings, ten for each file."""
    *before, quality = life("submission", "review", "transfer", "quality")
    held = tuple(
        Finding(
            f"cf:{n % 50}",
            "failed",
            "warning",
            f"message {n}",
            dataset="",
            file=f"file{n // 10}.nc",
            tool="esgf-qa",
            tool_version="0.6.0",
        )
        for n in range(count)
    )
    source = Source("result.json", "0" * 64, 1)
    told = Extract("esgf-qa", "quality", (source,), {}, held, (), (), ())
    return prov_of(quality, before, IngestIris(), told)
