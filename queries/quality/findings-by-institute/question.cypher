MATCH (i:ingest__Ingest)-[:hadMember]->(s:ingest__SubmissionReport)-[:wasGeneratedBy]->(a:Activity)
MATCH (s)-[:wasAttributedTo]->(p:Person)
MATCH (a)<-[d:hadActivity]-(actor)
WHERE actor = p AND d.relation = 'actedOnBehalfOf'
WITH DISTINCT i, d.to AS organisation
MATCH (o:Resource {uri: organisation})
WHERE o:Organization
MATCH (i)-[:hadMember]->(q:ingest__QualityReport)-[:hadMember]->(f:ingest__Finding)
WHERE f.ingest__result <> 'passed'
RETURN o.uri AS organisation, head([] + o.prov__label) AS name, f.ingest__check AS check,
       f.ingest__severity AS severity, count(DISTINCT q) AS reports, count(DISTINCT i) AS ingests
ORDER BY organisation, coalesce(check, ''), severity
