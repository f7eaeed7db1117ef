UNWIND [$first, $second] AS name
MATCH (r:Resource {uri: name})-[:hadMember]->(f:ingest__Finding)
WHERE r:ingest__QualityReport AND f.ingest__result <> 'passed'
WITH f.ingest__check AS check, f.ingest__severity AS severity, f.ingest__message AS message,
     f.ingest__file AS file, collect(DISTINCT r.uri) AS held
RETURN $first AS first, $second AS second, check, severity, message, file,
       CASE WHEN $first IN held AND $second IN held THEN 'both'
            WHEN $first IN held THEN 'first' ELSE 'second' END AS found_in
ORDER BY coalesce(check, ''), severity, coalesce(message, ''), coalesce(file, '')
