MATCH (:Resource {uri: $ingest})-[:hadMember]->(d:Entity)
WHERE d.ingest__sequence IS NULL AND NOT d:ingest__Start
RETURN DISTINCT $ingest AS ingest, d.uri AS thing,
       CASE WHEN d:ingest__ArchiveCopy THEN 'archive copy'
            WHEN d:ingest__DatasetVersion THEN 'dataset version'
            WHEN d:ingest__Dataset THEN 'dataset'
            WHEN d:ingest__DataCopy THEN 'data copy' ELSE 'other data' END AS kind,
       head([] + d.prov__label) AS label
ORDER BY kind, thing
