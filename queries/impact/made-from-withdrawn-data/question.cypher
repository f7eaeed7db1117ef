MATCH (v:Entity)-[:wasInvalidatedBy]->(w:ingest__Retraction)
WITH v, min(datetime(head([] + w.prov__endTime))) AS withdrawn
CALL (v) {
  RETURN v AS named
  UNION
  MATCH (v)-[:alternateOf]-(n)
  RETURN n AS named
}
CALL (named) {
  MATCH (named)<-[:wasDerivedFrom*1..]-(y)
  RETURN DISTINCT y
}
WITH DISTINCT v, withdrawn, y
WHERE y <> v AND NOT EXISTS { (y)-[:alternateOf]-(v) }
  AND NOT EXISTS { (y)-[:wasInvalidatedBy]->() }
RETURN v.uri AS version, withdrawn, y.uri AS made,
       CASE WHEN y:ingest__ArchiveCopy THEN 'archive copy'
            WHEN y:ingest__DatasetVersion THEN 'dataset version'
            WHEN y:ingest__Dataset THEN 'dataset' ELSE 'other data' END AS kind,
       head([] + y.prov__label) AS label
ORDER BY version, made
