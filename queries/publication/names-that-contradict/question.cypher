CALL () {
  MATCH (n:Entity)-[:alternateOf]->(a:ingest__DatasetVersion)
  MATCH (a)-[:specializationOf]->(:ingest__Dataset)
  MATCH (n)-[:alternateOf]->(b:ingest__DatasetVersion)
  MATCH (b)-[:specializationOf]->(:ingest__Dataset)
  WHERE a.uri < b.uri
  RETURN 'one name, two versions' AS fault, n.uri AS thing, a.uri AS first, b.uri AS second
  UNION
  MATCH (v:Entity)<-[:alternateOf]-(a:ingest__DatasetVersion)
  WHERE a.uri STARTS WITH 'https://hdl.handle.net/'
  MATCH (v)<-[:alternateOf]-(b:ingest__DatasetVersion)
  WHERE b.uri STARTS WITH 'https://hdl.handle.net/' AND a.uri < b.uri
  RETURN 'one version, two handles' AS fault, v.uri AS thing, a.uri AS first, b.uri AS second
}
RETURN DISTINCT fault, thing, first, second
ORDER BY fault, thing, first, second
