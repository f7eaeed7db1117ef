MATCH (:Resource {uri: $correction})-[:wasGeneratedBy]->(a:Activity)-[:used]->(v:Entity)
WHERE (a:ingest__Erratum OR a:ingest__Retraction) AND v.ingest__sequence IS NULL
CALL (v) {
  RETURN v AS named
  UNION
  MATCH (v)-[:alternateOf]-(n)
  RETURN n AS named
}
CALL (named) {
  MATCH (named)<-[:wasDerivedFrom*0..]-(y)
  RETURN DISTINCT y
}
WITH DISTINCT v, y
WHERE y <> v
RETURN $correction AS correction, v.uri AS version, y.uri AS reached,
       CASE WHEN y:ingest__ArchiveCopy THEN 'archive copy'
            WHEN y:ingest__DatasetVersion THEN 'dataset version'
            WHEN y:ingest__Dataset THEN 'dataset' ELSE 'other data' END AS kind,
       head([] + y.prov__label) AS label
ORDER BY version, reached
