MATCH (a:Resource {uri: $ingest})
WHERE a:ingest__Ingest
CALL (a) {
  MATCH (a)-[:hadMember]->(d:ingest__Dataset)
  MATCH (d)<-[:hadMember]-(b:ingest__Ingest)
  RETURN DISTINCT b, 'dataset' AS kind, d AS shared
  UNION
  MATCH (a)-[:hadMember]->(:Entity)-[:wasAttributedTo]->(p:Person)
  WITH DISTINCT p
  MATCH (p)<-[:wasAttributedTo]-(:Entity)<-[:hadMember]-(b:ingest__Ingest)
  RETURN DISTINCT b, 'person' AS kind, p AS shared
}
WITH b, kind, shared
WHERE b.uri <> $ingest
RETURN DISTINCT $ingest AS ingest, b.uri AS other, kind, shared.uri AS shared
ORDER BY other, kind, shared
