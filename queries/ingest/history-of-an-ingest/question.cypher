MATCH (i:Resource {uri: $ingest})-[:hadMember]->(r:Entity)-[:wasGeneratedBy]->(a:Activity)
WHERE r.ingest__sequence IS NOT NULL
MATCH (r)-[:wasAttributedTo]->(p:Person)
RETURN DISTINCT $ingest AS ingest, r.ingest__sequence AS sequence, r.ingest__step AS step,
       r.ingest__run AS run, r.ingest__outcome AS outcome, r.ingest__status AS status,
       p.uri AS person, datetime(head([] + a.prov__endTime)) AS ended, r.ingest__comment AS comment
ORDER BY sequence
