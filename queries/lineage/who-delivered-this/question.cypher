MATCH (e:Resource {uri: $thing})
CALL (e) {
  MATCH (e)-[:wasDerivedFrom|wasGeneratedBy|used|wasInformedBy*1..]->(y)
  RETURN DISTINCT y
}
MATCH (i:ingest__Ingest)-[:hadMember]->(y)-[:wasGeneratedBy]->(a:ingest__Submission)
WHERE y:ingest__SubmissionReport
MATCH (y)-[:wasAttributedTo]->(p:Person)
OPTIONAL MATCH (p)-[d:actedOnBehalfOf]->(o:Organization) WHERE d.activity = a.uri
RETURN DISTINCT $thing AS thing, i.uri AS ingest, y.ingest__dataset AS dataset, p.uri AS person,
       head([] + p.prov__label) AS name, o.uri AS organisation,
       datetime(head([] + a.prov__endTime)) AS submitted
ORDER BY ingest
