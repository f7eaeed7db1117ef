CALL () {
  MATCH (a:ingest__Ingest)-[:hadMember]->(d:ingest__Dataset)<-[:hadMember]-(b:ingest__Ingest)
  WHERE a.uri < b.uri
  RETURN a.uri AS first, b.uri AS second, 'dataset' AS kind, d.uri AS shared
  UNION
  MATCH (a:ingest__Ingest)-[:hadMember]->(:Entity)-[:wasAttributedTo]->(p:Person)
  WITH DISTINCT a, p
  MATCH (p)<-[:wasAttributedTo]-(:Entity)<-[:hadMember]-(b:ingest__Ingest)
  WHERE a.uri < b.uri
  RETURN a.uri AS first, b.uri AS second, 'person' AS kind, p.uri AS shared
}
RETURN DISTINCT first, second, kind, shared
ORDER BY first, second, kind, shared
