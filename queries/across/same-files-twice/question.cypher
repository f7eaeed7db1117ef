MATCH (c:ingest__DataCopy)
UNWIND [] + c.ingest__checksum_manifest_sha256 AS checksum
WITH checksum, collect(DISTINCT c) AS copies
WHERE size(copies) > 1
UNWIND copies AS c
OPTIONAL MATCH (c)-[:specializationOf]->(d:ingest__Dataset)
RETURN DISTINCT checksum, c.uri AS copy, d.uri AS dataset, head([] + c.ingest__target) AS target
ORDER BY checksum, copy, coalesce(dataset, '')
