MATCH (i:ingest__Ingest)-[:hadMember]->(r:ingest__PublicationReport)
WHERE r.ingest__outcome IN ['ok', 'warning'] AND r.ingest__sequence IS NOT NULL
WITH i, min(r.ingest__sequence) AS reports
MATCH (i)-[:hadMember]->(p:ingest__PublicationReport)-[:wasGeneratedBy]->(last:Activity)
WHERE p.ingest__sequence = reports
MATCH (i)-[:hadMember]->(s:ingest__SubmissionReport)-[:wasGeneratedBy]->(first:Activity)
WITH DISTINCT i, reports, datetime(head([] + first.prov__endTime)) AS submitted,
     datetime(head([] + last.prov__endTime)) AS published
RETURN i.uri AS ingest, submitted, published, duration.inSeconds(submitted, published) AS took,
       reports
ORDER BY ingest
