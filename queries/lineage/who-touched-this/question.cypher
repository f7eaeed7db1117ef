MATCH (e:Resource {uri: $thing})
CALL (e) {
  MATCH (e)-[:wasDerivedFrom|wasGeneratedBy|used|wasInformedBy*1..]->(y)
  RETURN DISTINCT y
}
MATCH (y)-[w:wasAssociatedWith]->(p)
RETURN DISTINCT $thing AS thing, p.uri AS agent, head([] + p.prov__label) AS label,
       y.uri AS activity, head([] + w.prov__role) AS role
ORDER BY agent, activity
