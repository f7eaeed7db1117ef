MATCH (i:ingest__Ingest)-[:hadMember]->(r:Entity)
WHERE r.ingest__sequence IS NOT NULL
WITH i, max(r.ingest__sequence) AS last
MATCH (i)-[:hadMember]->(r:Entity)-[:wasGeneratedBy]->(a:Activity)
WHERE r.ingest__sequence = last AND r.ingest__status = 'open'
WITH DISTINCT i, r, datetime(head([] + a.prov__endTime)) AS since
WHERE since < datetime($now) - duration({days: $days})
RETURN datetime($now) AS now, $days AS days, i.uri AS ingest, r.ingest__next AS next,
       r.ingest__awaits AS awaits, since, duration.inSeconds(since, datetime($now)) AS waiting
ORDER BY since, ingest
