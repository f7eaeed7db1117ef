MATCH (r:ingest__ErratumReport)-[:wasGeneratedBy]->(a:Activity)-[:used]->(v:Entity)
WHERE v.ingest__sequence IS NULL AND NOT EXISTS { (v)-[:wasInvalidatedBy]->(:ingest__Retraction) }
WITH DISTINCT r, v, datetime(head([] + a.prov__endTime)) AS told
OPTIONAL MATCH (v)<-[s:wasDerivedFrom]-(new:ingest__DatasetVersion)
WHERE 'http://www.w3.org/ns/prov#Revision' IN [] + s.prov__type
RETURN DISTINCT v.uri AS version, r.ingest__uid AS uid, r.ingest__title AS title,
       r.ingest__severity AS severity, r.uri AS erratum, told, new.uri AS replaced_by
ORDER BY version, erratum, coalesce(replaced_by, '')
