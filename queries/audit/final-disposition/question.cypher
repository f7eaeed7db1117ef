MATCH (i:ingest__Ingest)-[:hadMember]->(r:Entity)
WHERE r.ingest__sequence IS NOT NULL
WITH i, max(r.ingest__sequence) AS last
MATCH (i)-[:hadMember]->(r:Entity)-[:wasGeneratedBy]->(b:Activity)
WHERE r.ingest__sequence = last
MATCH (r)-[:wasAttributedTo]->(q:Person)
MATCH (i)-[:hadMember]->(s:ingest__SubmissionReport)-[:wasGeneratedBy]->(a:Activity)
MATCH (s)-[:wasAttributedTo]->(p:Person)
RETURN DISTINCT i.uri AS ingest, s.ingest__dataset AS dataset, p.uri AS submitted_by,
       datetime(head([] + a.prov__endTime)) AS submitted, r.ingest__status AS status,
       r.ingest__step AS step, r.ingest__outcome AS outcome, q.uri AS decided_by,
       datetime(head([] + b.prov__endTime)) AS decided
ORDER BY ingest
