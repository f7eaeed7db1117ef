MATCH (t:Resource {uri: $thing})
CALL (t) {
  MATCH (t)-[r]->(o) WHERE r.of IS NULL RETURN DISTINCT 'to' AS way, type(r) AS relation, o
  UNION ALL
  MATCH (t)<-[r]-(o) WHERE r.of IS NULL RETURN DISTINCT 'from' AS way, type(r) AS relation, o
}
RETURN $thing AS thing, way, relation, o.uri AS other,
       CASE WHEN o:Activity THEN 'activity' WHEN o:Entity THEN 'entity'
            WHEN o:Agent THEN 'agent' ELSE 'thing' END AS kind,
       head([] + o.prov__label) AS label
ORDER BY way, relation, other
