MATCH (:Resource {uri: $dataset})<-[:specializationOf]-(v:ingest__DatasetVersion)
MATCH (v)<-[:used]-(a:Activity)<-[:wasGeneratedBy]-(r:ingest__ErratumReport)
WITH DISTINCT v, r, datetime(head([] + a.prov__endTime)) AS told
RETURN $dataset AS dataset, v.uri AS version, r.ingest__uid AS uid, r.ingest__title AS title,
       r.ingest__severity AS severity, r.uri AS erratum, told
ORDER BY version, erratum
