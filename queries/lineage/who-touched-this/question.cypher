MATCH (e:Resource {uri: $thing})
CALL (e) {
  MATCH (e)-[:wasDerivedFrom|wasGeneratedBy|used|wasInformedBy*1..]->(y)
  RETURN DISTINCT y
}
MATCH (y)-[w:wasAssociatedWith]->(p)
UNWIND CASE WHEN w.prov__role IS NULL THEN [null] ELSE [] + w.prov__role END AS role
RETURN DISTINCT $thing AS thing, p.uri AS agent, head([] + p.prov__label) AS label,
       y.uri AS activity, role
ORDER BY agent, activity, coalesce(role, '')
