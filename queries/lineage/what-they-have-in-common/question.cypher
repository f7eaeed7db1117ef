CALL () {
  MATCH (e:Resource {uri: $thing})
  CALL (e) {
    MATCH (e)-[:wasDerivedFrom|wasGeneratedBy|used|wasInformedBy*1..]->(y)
    RETURN DISTINCT y
  }
  RETURN y
  UNION ALL
  MATCH (o:Resource {uri: $other})
  CALL (o) {
    MATCH (o)-[:wasDerivedFrom|wasGeneratedBy|used|wasInformedBy*1..]->(y)
    RETURN DISTINCT y
  }
  RETURN y
}
WITH y, count(*) AS sides
WHERE sides = 2
RETURN $thing AS thing, $other AS other, y.uri AS origin,
       CASE WHEN y:Activity THEN 'activity' WHEN y:Entity THEN 'entity'
            WHEN y:Agent THEN 'agent' ELSE 'thing' END AS kind,
       head([] + y.prov__label) AS label
ORDER BY origin
