MATCH (r:ingest__ErratumReport)-[:wasGeneratedBy]->(:Activity)-[:used]->(v:Entity)
WHERE r.ingest__uid = $uid AND v.ingest__sequence IS NULL
MATCH (v)<-[:hadMember]-(i:ingest__Ingest)
RETURN DISTINCT $uid AS uid, v.uri AS version, i.uri AS ingest
ORDER BY version, ingest
