MATCH (i:ingest__Ingest)-[:hadMember]->(r:ingest__QualityReport)-[:wasGeneratedBy]->(a:Activity)
WHERE r.ingest__tool_name = $tool AND r.ingest__tool_version =~ '[0-9]+([.][0-9]+)*'
  AND $version =~ '[0-9]+([.][0-9]+)*'
WITH DISTINCT i, r, a,
     [n IN split(r.ingest__tool_version + '.0.0', '.') | toInteger(n)] AS held,
     [n IN split($version + '.0.0', '.') | toInteger(n)] AS wanted
WHERE held[0] < wanted[0]
   OR (held[0] = wanted[0] AND held[1] < wanted[1])
   OR (held[0] = wanted[0] AND held[1] = wanted[1] AND held[2] < wanted[2])
RETURN $tool AS tool, $version AS version, r.ingest__tool_version AS checked_with, r.uri AS report,
       i.uri AS ingest, r.ingest__outcome AS outcome,
       datetime(head([] + a.prov__endTime)) AS checked_at
ORDER BY checked_at, report
