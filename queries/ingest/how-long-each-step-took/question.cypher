MATCH (i:Resource {uri: $ingest})-[:hadMember]->(r:Entity)-[:wasGeneratedBy]->(a:Activity)
WHERE r.ingest__sequence IS NOT NULL
WITH r, datetime(head([] + a.prov__startTime)) AS started,
     datetime(head([] + a.prov__endTime)) AS ended
RETURN $ingest AS ingest, r.ingest__step AS step, r.ingest__run AS run, started, ended,
       duration.inSeconds(started, ended) AS duration
ORDER BY r.ingest__sequence
