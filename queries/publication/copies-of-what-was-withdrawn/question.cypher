MATCH (v:Entity)-[:wasInvalidatedBy]->(w:ingest__Retraction)
WITH v, min(datetime(head([] + w.prov__endTime))) AS withdrawn
MATCH (v)-[:alternateOf]-(c:Entity)
WHERE NOT EXISTS { (c)-[:wasInvalidatedBy]->() }
RETURN DISTINCT v.uri AS version, withdrawn, c.uri AS copy,
       CASE WHEN c:ingest__ArchiveCopy THEN 'archive copy'
            WHEN c:ingest__DatasetVersion THEN 'dataset version' ELSE 'another copy' END AS kind,
       head([] + c.prov__label) AS label
ORDER BY version, copy
