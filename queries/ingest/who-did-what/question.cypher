MATCH (i:Resource {uri: $ingest})-[:hadMember]->(r:Entity)-[:wasGeneratedBy]->(a:Activity)
WHERE r.ingest__sequence IS NOT NULL
MATCH (a)-[w:wasAssociatedWith]->(p:Agent)
OPTIONAL MATCH (a)<-[d:hadActivity]-(actor), (o:Resource {uri: d.to})
WHERE actor = p AND d.relation = 'actedOnBehalfOf' AND o:Organization
WITH DISTINCT r, a, p, o, head([] + w.prov__role) AS role
RETURN $ingest AS ingest, r.ingest__step AS step, r.ingest__run AS run, p.uri AS agent,
       o.uri AS organisation, role,
       datetime(head([] + a.prov__startTime)) AS started,
       datetime(head([] + a.prov__endTime)) AS ended
ORDER BY r.ingest__sequence, agent
