MATCH (i:ingest__Ingest)-[:hadMember]->(s:ingest__Start)-[:wasGeneratedBy]->(a:Activity)
WHERE a.prov__endTime IS NULL
MATCH (s)-[:wasAttributedTo]->(p:Agent)
RETURN i.uri AS ingest, s.ingest__step AS step, s.ingest__run AS run, p.uri AS person,
       datetime(head([] + a.prov__startTime)) AS started
ORDER BY started, ingest, step
