CALL () {
  MATCH (e:Resource {uri: $thing})
  CALL (e) {
    MATCH (e)-[:wasDerivedFrom|wasGeneratedBy|used|wasInformedBy*1..]->(y)
    RETURN DISTINCT y
  }
  RETURN y
  UNION ALL
  MATCH (s:Resource {uri: $source})
  CALL (s) {
    MATCH (s)<-[:wasDerivedFrom|wasGeneratedBy|used|wasInformedBy*1..]-(y)
    RETURN DISTINCT y
  }
  RETURN y
}
WITH y, count(*) AS sides
WHERE sides = 2 AND NOT y.uri IN [$thing, $source]
RETURN $thing AS thing, $source AS source, y.uri AS between,
       CASE WHEN y:Activity THEN 'activity' WHEN y:Entity THEN 'entity'
            WHEN y:Agent THEN 'agent' ELSE 'thing' END AS kind,
       head([] + y.prov__label) AS label
ORDER BY between
