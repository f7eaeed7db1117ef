MATCH (e:Resource {uri: $thing})
CALL (e) {
  MATCH (e)-[:wasDerivedFrom|wasGeneratedBy|used|wasInformedBy*1..]->(y)
  RETURN DISTINCT y
}
WITH y
WHERE y:ingest__SubmissionReport
MATCH (y)<-[:hadMember]-(i:ingest__Ingest)
MATCH (y)-[:wasGeneratedBy]->(a:ingest__Submission)
MATCH (y)-[:wasAttributedTo]->(p:Person)
MATCH (a)<-[d:hadActivity]-(actor)
WHERE actor = p AND d.relation = 'actedOnBehalfOf'
MATCH (o:Resource {uri: d.to})
WHERE o:Organization
RETURN DISTINCT $thing AS thing, i.uri AS ingest, y.ingest__dataset AS dataset, p.uri AS person,
       head([] + p.prov__label) AS name, o.uri AS organisation,
       datetime(head([] + a.prov__endTime)) AS submitted
ORDER BY ingest
