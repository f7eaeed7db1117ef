MATCH (v:ingest__DatasetVersion)-[:wasGeneratedBy]->(p:ingest__Publication)
OPTIONAL MATCH (p)-[:used]->(:Entity)<-[:used]-(q:ingest__Quality)<-[:wasGeneratedBy]-(r:ingest__QualityReport)
WHERE r.ingest__outcome IN ['ok', 'warning']
WITH v, p, count(r) AS passed
WHERE passed = 0
RETURN v.uri AS version, p.uri AS publication, head([] + p.prov__endTime) AS published
ORDER BY version, publication
