MATCH (i:Resource {uri: $ingest})-[:hadMember]->(r:Entity)-[:wasGeneratedBy]->(a:Activity)
WHERE r.ingest__sequence IS NOT NULL
CALL (a) {
  MATCH (a)-[:used]->(v:ingest__Vocabulary)
  MATCH (a)-[w:wasAssociatedWith]->(p:Person)
  WHERE w.plan IS NOT NULL
  RETURN v.uri AS vocabulary, w.plan AS judge
  UNION
  MATCH (a)-[w:wasAssociatedWith]->(t:SoftwareAgent)
  WHERE w.plan IS NOT NULL
  RETURN w.plan AS vocabulary, t.uri AS judge
}
RETURN DISTINCT $ingest AS ingest, datetime(head([] + a.prov__endTime)) AS judged_at,
       r.uri AS report, vocabulary, judge
ORDER BY judged_at, report, vocabulary, judge
