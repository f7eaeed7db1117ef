CALL () {
  MATCH (r:ingest__RevisionReport)-[d:wasDerivedFrom]->(c:Entity)
  WHERE 'http://www.w3.org/ns/prov#Revision' IN [] + d.prov__type
  RETURN r, c
  UNION
  MATCH (r:ingest__ErratumReport)-[:wasGeneratedBy]->(a:Activity)-[:used]->(c:Entity)
  WHERE c.ingest__sequence IS NULL
  RETURN r, c
  UNION
  MATCH (c:Entity)-[:wasInvalidatedBy]->(a:Activity)<-[:wasGeneratedBy]-(r:ingest__RetractionReport)
  RETURN r, c
}
MATCH (r)<-[:hadMember]-(i:ingest__Ingest)
MATCH (r)-[:wasAttributedTo]->(p:Agent)
MATCH (r)-[:wasGeneratedBy]->(a:Activity)
RETURN DISTINCT r.uri AS correction, i.uri AS ingest, c.uri AS corrected,
       coalesce(r.ingest__reason, r.ingest__description) AS reason, p.uri AS person,
       datetime(head([] + a.prov__endTime)) AS corrected_at
ORDER BY correction, corrected
