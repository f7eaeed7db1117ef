MATCH (i:ingest__Ingest)-[:hadMember]->(r:Entity)-[:wasGeneratedBy]->(a:Activity)
WHERE r.ingest__sequence IS NOT NULL
WITH a, datetime(head([] + a.prov__endTime)) AS ended
WHERE ended >= datetime($since) AND ended < datetime($until)
MATCH (a)-[w:wasAssociatedWith]->(p:Person)
OPTIONAL MATCH (a)<-[d:hadActivity]-(actor)
WHERE actor = p AND d.relation = 'actedOnBehalfOf'
  AND EXISTS { MATCH (o:Resource {uri: d.to}) WHERE o:Organization }
RETURN DISTINCT datetime($since) AS since, datetime($until) AS until, ended, a.uri AS run,
       p.uri AS person, d.to AS organisation, head([] + w.prov__role) AS role, w.plan AS form
ORDER BY ended, run, person, role
