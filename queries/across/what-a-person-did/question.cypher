MATCH (:Resource {uri: $person})<-[w:wasAssociatedWith]-(a:Activity)<-[:wasGeneratedBy]-(r:Entity)
WHERE r.ingest__sequence IS NOT NULL
MATCH (r)<-[:hadMember]-(i:ingest__Ingest)
RETURN DISTINCT $person AS person, datetime(head([] + a.prov__endTime)) AS ended, i.uri AS ingest,
       r.ingest__step AS step, r.ingest__run AS run, head([] + w.prov__role) AS role,
       r.ingest__outcome AS outcome
ORDER BY ended, ingest, step, run, role
