MATCH (v:ingest__DatasetVersion)-[:wasGeneratedBy]->(p:ingest__Publication)
UNWIND [] + p.prov__endTime AS time
WITH v, time
WHERE time =~ '.*(Z|[+-][0-9]{2}:[0-9]{2})'
WITH v, min(datetime(time)) AS published
WHERE published <= datetime($at)
OPTIONAL MATCH (v)-[:wasInvalidatedBy]->(w:ingest__Retraction)
WITH v, published, min(datetime(head([] + w.prov__endTime))) AS withdrawn
WHERE withdrawn IS NULL OR withdrawn > datetime($at)
RETURN datetime($at) AS at, v.uri AS version, published
ORDER BY version
