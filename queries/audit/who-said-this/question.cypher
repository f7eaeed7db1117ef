MATCH (:Resource {uri: $thing})-[r]->(o)
WHERE r.of IS NULL
RETURN DISTINCT $thing AS thing, type(r) AS relation, o.uri AS other, r.bundle AS bundle
ORDER BY relation, other, bundle
