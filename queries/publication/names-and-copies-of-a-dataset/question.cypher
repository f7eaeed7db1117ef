MATCH (:Resource {uri: $dataset})<-[:specializationOf]-(v:ingest__DatasetVersion)
MATCH (v)-[:alternateOf]-(c:Entity)
RETURN DISTINCT $dataset AS dataset, v.uri AS version, c.uri AS other,
       CASE WHEN c:ingest__ArchiveCopy THEN 'archive copy' WHEN c:ingest__Replica THEN 'replica'
            WHEN c:ingest__DatasetVersion THEN 'dataset version' ELSE 'another copy' END AS kind,
       head([] + c.prov__label) AS label
ORDER BY version, other
