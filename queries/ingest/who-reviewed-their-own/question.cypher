MATCH (r:ingest__ReviewReport)-[:wasAttributedTo]->(p:Person)
MATCH (i:ingest__Ingest)-[:hadMember]->(r)-[:wasGeneratedBy]->(a:Activity)
MATCH (i)-[:hadMember]->(d:Entity)-[:wasAttributedTo]->(p)
WHERE d:ingest__SubmissionReport OR d:ingest__RevisionReport
RETURN DISTINCT i.uri AS ingest, p.uri AS person, head([] + p.prov__label) AS name,
       d.uri AS delivered, r.uri AS reviewed,
       datetime(head([] + a.prov__endTime)) AS reviewed_at
ORDER BY ingest, delivered, reviewed
