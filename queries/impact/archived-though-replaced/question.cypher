MATCH (c:ingest__ArchiveCopy)-[:alternateOf]->(v:ingest__DatasetVersion)
MATCH (v)<-[s:wasDerivedFrom]-(new:ingest__DatasetVersion)
WHERE 'http://www.w3.org/ns/prov#Revision' IN [] + s.prov__type
OPTIONAL MATCH (n:ingest__ArchiveCopy)-[:alternateOf]->(new)
RETURN DISTINCT c.uri AS copy, head([] + c.ingest__archive) AS archive, v.uri AS version,
       new.uri AS newer, n.uri AS newer_archived_as
ORDER BY copy, version, newer, coalesce(newer_archived_as, '')
