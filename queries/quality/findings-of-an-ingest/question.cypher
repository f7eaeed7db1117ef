MATCH (:Resource {uri: $ingest})-[:hadMember]->(r:Entity)-[:hadMember]->(f:ingest__Finding)
WHERE r.ingest__sequence IS NOT NULL AND f.ingest__result <> 'passed'
RETURN DISTINCT $ingest AS ingest, r.ingest__sequence AS sequence, r.ingest__step AS step,
       r.ingest__run AS run, f.ingest__check AS check, f.ingest__severity AS severity,
       f.ingest__message AS message, f.ingest__files AS files, f.uri AS finding
ORDER BY sequence, finding
