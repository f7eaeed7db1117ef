MATCH (i:ingest__Ingest)-[:hadMember]->(r:Entity)-[:wasGeneratedBy]->(a:Activity)
WHERE r.ingest__sequence IS NOT NULL
MATCH (a)-[:wasAssociatedWith]->(t:SoftwareAgent)-[d:actedOnBehalfOf]->(p:Person)
WHERE d.activity = a.uri
WITH t, p, i, a, datetime(head([] + a.prov__endTime)) AS ended
RETURN t.uri AS program, head([] + t.prov__label) AS name, p.uri AS person,
       count(DISTINCT a) AS runs, count(DISTINCT i) AS ingests, min(ended) AS first,
       max(ended) AS last
ORDER BY program, person
