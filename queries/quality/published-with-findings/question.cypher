MATCH (:ingest__Dataset)<-[:specializationOf]-(v:ingest__DatasetVersion)
MATCH (v)-[:wasGeneratedBy]->(p:ingest__Publication)-[:used]->(c:ingest__DataCopy)
MATCH (c)<-[:used]-(:ingest__Quality)<-[:wasGeneratedBy]-(q:ingest__QualityReport)
WHERE q.ingest__outcome IN ['ok', 'warning']
WITH DISTINCT v, q
UNWIND [] + q.ingest__findings AS finding
RETURN v.uri AS version, q.uri AS report,
       CASE WHEN finding CONTAINS '"check":"'
            THEN split(split(finding, '"check":"')[1], '","')[0] END AS check,
       split(split(finding, '"severity":"')[1], '"')[0] AS severity,
       CASE WHEN finding CONTAINS '"files":'
            THEN toInteger(split(split(finding, '"files":')[1], ',')[0]) END AS files
ORDER BY version, report, coalesce(check, ''), severity, coalesce(files, -1), finding
