MATCH (i:ingest__Ingest)-[:hadMember]->(r:Entity)-[:wasGeneratedBy]->(a:Activity)
WHERE r.ingest__sequence IS NOT NULL
CALL (r) {
  UNWIND [] + r.ingest__checksum_manifest_sha256 AS checksum
  RETURN 'checksum manifest' AS name, checksum
  UNION
  MATCH (r)-[:wasDerivedFrom]->(s:ingest__Source)
  UNWIND [] + s.prov__label AS name
  UNWIND [] + s.ingest__sha256 AS checksum
  RETURN name, checksum
}
WITH i.uri AS ingest, name, collect(DISTINCT checksum) AS checksums,
     collect(DISTINCT [r.uri, checksum, head([] + a.prov__endTime)]) AS said
WHERE size(checksums) > 1
UNWIND said AS one
RETURN ingest, name, one[0] AS report, one[1] AS checksum, datetime(one[2]) AS reported_at
ORDER BY ingest, name, reported_at, report, checksum
