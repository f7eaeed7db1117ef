MATCH (i:ingest__Ingest)-[:hadMember]->(r:Entity)
WHERE r.ingest__sequence IS NOT NULL
WITH i, r.ingest__step AS step, count(DISTINCT r) AS runs,
     count(DISTINCT CASE WHEN r.ingest__outcome = 'action-required' THEN r.uri END) AS sent_back
WHERE runs > 1
RETURN i.uri AS ingest, step, runs, sent_back
ORDER BY ingest, step
