MATCH (i:Resource {uri: $ingest})-[:hadMember]->(r:Entity)-[:wasGeneratedBy]->(a:Activity)
WHERE r.ingest__sequence IS NOT NULL
MATCH (a)-[w:wasAssociatedWith]->(p:Agent)
OPTIONAL MATCH (a)<-[d:hadActivity]-(actor)
WHERE actor = p AND d.relation = 'actedOnBehalfOf'
  AND EXISTS { MATCH (o:Resource {uri: d.to}) WHERE o:Organization }
WITH DISTINCT r, a, p, d.to AS organisation, head([] + w.prov__role) AS role
RETURN $ingest AS ingest, r.ingest__step AS step, r.ingest__run AS run, p.uri AS agent,
       organisation, role,
       datetime(head([] + a.prov__startTime)) AS started,
       datetime(head([] + a.prov__endTime)) AS ended
ORDER BY r.ingest__sequence, agent
