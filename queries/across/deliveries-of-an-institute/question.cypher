MATCH (:Resource {uri: $organisation})<-[d:actedOnBehalfOf]-(p:Person)
WITH DISTINCT p, d.activity AS activity
MATCH (a:Resource {uri: activity})<-[:wasGeneratedBy]-(s:ingest__SubmissionReport)
MATCH (s)<-[:hadMember]-(i:ingest__Ingest)
WITH DISTINCT i, s, p, datetime(head([] + a.prov__endTime)) AS submitted
MATCH (i)-[:hadMember]->(r:Entity)
WHERE r.ingest__sequence IS NOT NULL
WITH i, s, p, submitted, max(r.ingest__sequence) AS last
MATCH (i)-[:hadMember]->(r:Entity)
WHERE r.ingest__sequence = last
RETURN DISTINCT $organisation AS organisation, i.uri AS ingest, s.ingest__dataset AS dataset,
       p.uri AS person, submitted, r.ingest__status AS status
ORDER BY submitted, ingest
