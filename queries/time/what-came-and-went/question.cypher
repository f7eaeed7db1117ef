CALL () {
  MATCH (e:Entity)-[g:wasGeneratedBy]->(a:Activity)
  WHERE e.ingest__sequence IS NULL
  RETURN e, a, 'made' AS change, g.time AS time
  UNION
  MATCH (e:Entity)-[g:wasInvalidatedBy]->(a:Activity)
  WHERE e.ingest__sequence IS NULL
  RETURN e, a, 'withdrawn' AS change, g.time AS time
}
WITH e, a, change, time
WHERE time =~ '.*(Z|[+-][0-9]{2}:[0-9]{2})'
WITH e, a, change, datetime(time) AS at
WHERE at >= datetime($since) AND at < datetime($until)
RETURN DISTINCT datetime($since) AS since, datetime($until) AS until, at, change, e.uri AS thing,
       a.uri AS by, head([] + e.prov__label) AS label
ORDER BY at, change, thing, by
