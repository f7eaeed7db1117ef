MATCH (:Resource {uri: $dataset})<-[:hadMember]-(i:ingest__Ingest)
MATCH (i)-[:hadMember]->(s:ingest__SubmissionReport)
MATCH (s)-[:wasGeneratedBy]->(a:Activity), (s)-[:wasAttributedTo]->(p:Person)
WITH DISTINCT i, p, datetime(head([] + a.prov__endTime)) AS submitted
MATCH (i)-[:hadMember]->(r:Entity)
WHERE r.ingest__sequence IS NOT NULL
WITH i, p, submitted, max(r.ingest__sequence) AS last
MATCH (i)-[:hadMember]->(r:Entity)
WHERE r.ingest__sequence = last
RETURN DISTINCT $dataset AS dataset, i.uri AS ingest, p.uri AS person, submitted,
       r.ingest__status AS status, r.ingest__step AS step, r.ingest__outcome AS outcome
ORDER BY submitted, ingest
