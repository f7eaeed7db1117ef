CALL () {
  MATCH (r:ingest__RevisionReport)-[d:wasDerivedFrom]->(c:Entity)
  WHERE 'http://www.w3.org/ns/prov#Revision' IN [] + d.prov__type
  RETURN r, c
  UNION
  MATCH (r:ingest__ErratumReport)-[:wasGeneratedBy]->(a:Activity)-[:used]->(c:ingest__DatasetVersion)
  RETURN r, c
  UNION
  MATCH (c:ingest__DatasetVersion)-[:wasInvalidatedBy]->(a:Activity)<-[:wasGeneratedBy]-(r:ingest__RetractionReport)
  RETURN r, c
}
MATCH (i:ingest__Ingest)-[:hadMember]->(r)-[:wasAttributedTo]->(p:Agent)
MATCH (r)-[:wasGeneratedBy]->(a:Activity)
RETURN r.uri AS correction, i.uri AS ingest, c.uri AS corrected,
       coalesce(r.ingest__reason, r.ingest__description) AS reason, p.uri AS person,
       datetime(a.prov__endTime) AS corrected_at
ORDER BY correction, corrected
