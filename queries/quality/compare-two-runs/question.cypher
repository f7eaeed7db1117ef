MATCH (a:Resource {uri: $first})
MATCH (b:Resource {uri: $second})
WITH [] + CASE WHEN a:ingest__QualityReport THEN coalesce(a.ingest__findings, []) ELSE [] END AS one,
     [] + CASE WHEN b:ingest__QualityReport THEN coalesce(b.ingest__findings, []) ELSE [] END AS two
UNWIND one + two AS finding
RETURN DISTINCT $first AS first, $second AS second, finding,
       CASE WHEN finding IN one AND finding IN two THEN 'both'
            WHEN finding IN one THEN 'first' ELSE 'second' END AS found_in
ORDER BY finding
