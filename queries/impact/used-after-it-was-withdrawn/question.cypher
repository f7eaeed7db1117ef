MATCH (v:Entity)-[:wasInvalidatedBy]->(w:ingest__Retraction)
WITH v, min(datetime(head([] + w.prov__endTime))) AS withdrawn
CALL (v) {
  RETURN v AS named
  UNION
  MATCH (v)-[:alternateOf]-(n)
  RETURN n AS named
}
MATCH (named)<-[:used]-(a:Activity)
UNWIND [] + a.prov__startTime AS time
WITH DISTINCT v, withdrawn, named, a, time
WHERE time =~ '.*(Z|[+-][0-9]{2}:[0-9]{2})'
WITH v, withdrawn, named, a, min(datetime(time)) AS started
WHERE started > withdrawn
RETURN v.uri AS version, withdrawn, named.uri AS used, a.uri AS run,
       head([] + a.prov__label) AS label, started
ORDER BY version, started, run, used
