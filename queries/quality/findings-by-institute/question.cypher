MATCH (i:ingest__Ingest)-[:hadMember]->(s:ingest__SubmissionReport)-[:wasGeneratedBy]->(a:Activity)
MATCH (s)-[:wasAttributedTo]->(:Person)-[d:actedOnBehalfOf]->(o:Organization)
WHERE d.activity = a.uri
MATCH (i)-[:hadMember]->(q:ingest__QualityReport)
UNWIND [] + q.ingest__findings AS finding
WITH o, i, q,
     CASE WHEN finding CONTAINS '"check":"'
          THEN split(split(finding, '"check":"')[1], '","')[0] END AS check,
     split(split(finding, '"severity":"')[1], '"')[0] AS severity
RETURN o.uri AS organisation, head([] + o.prov__label) AS name, check, severity,
       count(DISTINCT q) AS reports, count(DISTINCT i) AS ingests
ORDER BY organisation, coalesce(check, ''), severity
