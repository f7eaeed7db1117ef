MATCH (r:ingest__ErratumReport)-[:wasGeneratedBy]->(:Activity)-[:used]->(v:Entity)
WHERE r.ingest__uid = $uid AND v.ingest__sequence IS NULL
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
WHERE y:ingest__ArchiveCopy
UNWIND [] + y.ingest__doi AS doi
RETURN $uid AS uid, v.uri AS version, y.uri AS archived_as, doi,
       head([] + y.ingest__archive) AS archive
ORDER BY version, archived_as, doi
