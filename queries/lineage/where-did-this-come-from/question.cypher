MATCH (e:Resource {uri: $thing})
CALL (e) {
  MATCH (e)-[:wasDerivedFrom|wasGeneratedBy|used|wasInformedBy*1..]->(y)
  RETURN DISTINCT y
}
RETURN $thing AS thing, y.uri AS ancestor,
       CASE WHEN y:Activity THEN 'activity' WHEN y:Entity THEN 'entity'
            WHEN y:Agent THEN 'agent' ELSE 'thing' END AS kind,
       head([] + y.prov__label) AS label
ORDER BY ancestor
