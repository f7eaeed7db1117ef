MATCH (i:ingest__Ingest)-[:hadMember]->(q:ingest__QualityReport)-[:wasGeneratedBy]->(a:Activity)
MATCH (q)-[:hadMember]->(f:ingest__Finding)
WHERE f.ingest__check IS NOT NULL AND f.ingest__result <> 'passed'
WITH f.ingest__check AS check, f.ingest__severity AS severity, i, q,
     datetime(head([] + a.prov__endTime)) AS ended
WITH check, severity, count(DISTINCT i) AS ingests, count(DISTINCT q) AS reports,
     min(ended) AS first, max(ended) AS last
WHERE ingests > 1
RETURN check, severity, ingests, reports, first, last
ORDER BY check, severity
