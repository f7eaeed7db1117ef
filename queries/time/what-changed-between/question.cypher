MATCH (i:ingest__Ingest)-[:hadMember]->(r:Entity)-[:wasGeneratedBy]->(a:Activity)
WHERE r.ingest__sequence IS NOT NULL
WITH i, r, datetime(head([] + a.prov__endTime)) AS ended
WHERE ended <= datetime($later)
WITH i, max(CASE WHEN ended <= datetime($earlier) THEN r.ingest__sequence END) AS before,
     max(CASE WHEN ended > datetime($earlier) THEN r.ingest__sequence END) AS after,
     count(DISTINCT CASE WHEN ended > datetime($earlier) THEN r.uri END) AS reports
WHERE after IS NOT NULL
MATCH (i)-[:hadMember]->(n:Entity)
WHERE n.ingest__sequence = after
OPTIONAL MATCH (i)-[:hadMember]->(o:Entity) WHERE o.ingest__sequence = before
RETURN DISTINCT datetime($earlier) AS earlier, datetime($later) AS later, i.uri AS ingest,
       o.ingest__status AS was, o.ingest__step AS was_at, n.ingest__status AS is,
       n.ingest__step AS is_at, reports
ORDER BY ingest
