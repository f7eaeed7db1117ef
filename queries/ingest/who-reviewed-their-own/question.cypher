MATCH (i:ingest__Ingest)-[:hadMember]->(r:ingest__ReviewReport)-[:wasAttributedTo]->(p:Person)
MATCH (r)-[:wasGeneratedBy]->(a:Activity)
WITH DISTINCT i, r, p, a
MATCH (i)-[:hadMember]->(d:Entity)-[:wasAttributedTo]->(q:Person)
WHERE q = p AND (d:ingest__SubmissionReport OR d:ingest__RevisionReport)
RETURN DISTINCT i.uri AS ingest, p.uri AS person, head([] + p.prov__label) AS name,
       d.uri AS delivered, r.uri AS reviewed,
       datetime(head([] + a.prov__endTime)) AS reviewed_at
ORDER BY ingest, delivered, reviewed
