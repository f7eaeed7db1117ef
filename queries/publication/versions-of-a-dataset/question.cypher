MATCH (d:Resource {uri: $dataset})<-[:specializationOf]-(v:ingest__DatasetVersion)
MATCH (v)-[:wasGeneratedBy]->(p:ingest__Publication)
WITH v, min(datetime(head([] + p.prov__endTime))) AS published
OPTIONAL MATCH (v)-[r:wasDerivedFrom]->(old:ingest__DatasetVersion)
WHERE 'http://www.w3.org/ns/prov#Revision' IN [] + r.prov__type
OPTIONAL MATCH (v)<-[s:wasDerivedFrom]-(new:ingest__DatasetVersion)
WHERE 'http://www.w3.org/ns/prov#Revision' IN [] + s.prov__type
OPTIONAL MATCH (v)-[:wasInvalidatedBy]->(w:ingest__Retraction)
WITH v, published, old, new, min(datetime(head([] + w.prov__endTime))) AS withdrawn
OPTIONAL MATCH (v)<-[:alternateOf]-(c:ingest__ArchiveCopy)
RETURN DISTINCT $dataset AS dataset, v.uri AS version, published, old.uri AS replaces,
       new.uri AS replaced_by, withdrawn, c.uri AS archived_as
ORDER BY version, coalesce(replaces, ''), coalesce(replaced_by, ''), coalesce(archived_as, '')
