CALL () {
  MATCH (v:ingest__DatasetVersion)<-[s:wasDerivedFrom]-(new:ingest__DatasetVersion)
  MATCH (new)-[:wasGeneratedBy]->(a:ingest__Publication)
  WHERE 'http://www.w3.org/ns/prov#Revision' IN [] + s.prov__type
  RETURN v, a, 'new version' AS change
  UNION
  MATCH (v:Entity)-[:wasInvalidatedBy]->(a:ingest__Retraction)
  RETURN v, a, 'retraction' AS change
}
OPTIONAL MATCH (v)<-[:used]-(:ingest__Erratum)<-[:wasGeneratedBy]-(e:ingest__ErratumReport)
RETURN DISTINCT v.uri AS version, change, a.uri AS run, e.uri AS erratum
ORDER BY version, change, run, coalesce(erratum, '')
