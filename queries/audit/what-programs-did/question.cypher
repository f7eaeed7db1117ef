MATCH (i:ingest__Ingest)-[:hadMember]->(r:Entity)-[:wasGeneratedBy]->(a:Activity)
WHERE r.ingest__sequence IS NOT NULL
MATCH (a)-[:wasAssociatedWith]->(t:SoftwareAgent)
MATCH (a)<-[d:hadActivity]-(actor)
WHERE actor = t AND d.relation = 'actedOnBehalfOf'
MATCH (p:Resource {uri: d.to})
WHERE p:Person
WITH t, p, i, a, datetime(head([] + a.prov__endTime)) AS ended
RETURN t.uri AS program, head([] + t.prov__label) AS name, p.uri AS person,
       count(DISTINCT a) AS runs, count(DISTINCT i) AS ingests, min(ended) AS first,
       max(ended) AS last
ORDER BY program, person
