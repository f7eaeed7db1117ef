MATCH (e:Resource {uri: $thing})
CALL (e) {
  MATCH (e)-[:wasDerivedFrom|wasGeneratedBy|used|wasInformedBy*1..]->(y)
  RETURN DISTINCT y
}
MATCH (y)-[:wasGeneratedBy]->(a:ingest__Quality)-[w:wasAssociatedWith]->(p:Person)
WHERE y:ingest__QualityReport AND w.plan IS NOT NULL
OPTIONAL MATCH (a)-[:wasAssociatedWith]->(t:SoftwareAgent)
RETURN DISTINCT $thing AS thing, y.uri AS report, y.ingest__outcome AS outcome, p.uri AS person,
       t.uri AS tool, w.plan AS form, y.ingest__checked_files AS checked_files,
       y.ingest__failed_files AS failed_files, datetime(head([] + a.prov__endTime)) AS judged_at
ORDER BY judged_at, report
