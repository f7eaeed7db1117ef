MATCH (i:ingest__Ingest)-[:hadMember]->(r:Entity)-[:wasGeneratedBy]->(a:Activity)
WHERE r.ingest__sequence IS NOT NULL
WITH i, a, datetime(head([] + a.prov__endTime)) AS ended
WHERE ended >= datetime($since) AND ended < datetime($until)
MATCH (a)-[w:wasAssociatedWith]->(p:Person)
RETURN datetime($since) AS since, datetime($until) AS until, p.uri AS person,
       head([] + p.prov__label) AS name, head([] + w.prov__role) AS role,
       count(DISTINCT a) AS runs, count(DISTINCT i) AS ingests, min(ended) AS first,
       max(ended) AS last
ORDER BY person, role
