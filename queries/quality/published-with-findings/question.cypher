MATCH (:ingest__Dataset)<-[:specializationOf]-(v:ingest__DatasetVersion)
MATCH (v)-[:wasGeneratedBy]->(p:ingest__Publication)-[:used]->(c:ingest__DataCopy)
MATCH (c)<-[:used]-(:ingest__Quality)<-[:wasGeneratedBy]-(q:ingest__QualityReport)
WHERE q.ingest__outcome IN ['ok', 'warning']
WITH DISTINCT v, q
MATCH (q)-[:hadMember]->(f:ingest__Finding)
WHERE f.ingest__result <> 'passed'
RETURN v.uri AS version, q.uri AS report, f.ingest__check AS check, f.ingest__severity AS severity,
       f.ingest__files AS files
ORDER BY version, report, coalesce(check, ''), severity, coalesce(files, -1), f.uri
