MATCH (i:ingest__Ingest)-[:hadMember]->(r:Entity)
WHERE r.ingest__outcome = $outcome AND r.ingest__sequence IS NOT NULL
RETURN DISTINCT $outcome AS outcome, i.uri AS ingest, r.ingest__step AS step,
       r.ingest__run AS run
ORDER BY ingest, step, run
