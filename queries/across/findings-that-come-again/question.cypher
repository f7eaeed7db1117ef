MATCH (i:ingest__Ingest)-[:hadMember]->(q:ingest__QualityReport)-[:wasGeneratedBy]->(a:Activity)
UNWIND [] + q.ingest__findings AS finding
WITH i, q, datetime(head([] + a.prov__endTime)) AS ended, finding
WHERE finding CONTAINS '"check":"'
WITH split(split(finding, '"check":"')[1], '","')[0] AS check,
     split(split(finding, '"severity":"')[1], '"')[0] AS severity,
     count(DISTINCT i) AS ingests, count(DISTINCT q) AS reports,
     min(ended) AS first, max(ended) AS last
WHERE ingests > 1
RETURN check, severity, ingests, reports, first, last
ORDER BY check, severity
