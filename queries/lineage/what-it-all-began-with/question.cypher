MATCH (e:Resource {uri: $thing})
CALL (e) {
  MATCH (e)-[:wasDerivedFrom|wasGeneratedBy|used|wasInformedBy*1..]->(y)
  RETURN DISTINCT y
}
WITH y
WHERE NOT EXISTS { (y)-[:wasDerivedFrom|wasGeneratedBy|used|wasInformedBy]->() }
RETURN $thing AS thing, y.uri AS source,
       CASE WHEN y:Activity THEN 'activity' WHEN y:Entity THEN 'entity'
            WHEN y:Agent THEN 'agent' ELSE 'thing' END AS kind,
       head([] + y.prov__label) AS label
ORDER BY source
