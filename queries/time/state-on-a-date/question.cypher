MATCH (i:ingest__Ingest)-[:hadMember]->(r:Entity)-[:wasGeneratedBy]->(a:Activity)
WHERE r.ingest__sequence IS NOT NULL
WITH i, r, datetime(head([] + a.prov__endTime)) AS ended
WHERE ended <= datetime($at)
WITH i, max(r.ingest__sequence) AS last
MATCH (i)-[:hadMember]->(r:Entity)-[:wasGeneratedBy]->(a:Activity)
WHERE r.ingest__sequence = last
RETURN DISTINCT datetime($at) AS at, i.uri AS ingest, r.ingest__status AS status,
       r.ingest__step AS step, r.ingest__run AS run, r.ingest__outcome AS outcome,
       r.ingest__next AS next, r.ingest__awaits AS awaits,
       datetime(head([] + a.prov__endTime)) AS since
ORDER BY ingest
