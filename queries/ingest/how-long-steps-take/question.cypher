MATCH (i:ingest__Ingest)-[:hadMember]->(r:Entity)-[:wasGeneratedBy]->(a:Activity)
WHERE r.ingest__sequence IS NOT NULL
WITH i, r, duration.inSeconds(datetime(head([] + a.prov__startTime)),
                              datetime(head([] + a.prov__endTime))).seconds AS seconds
WITH r.ingest__step AS step, count(DISTINCT r) AS runs, count(DISTINCT i) AS ingests,
     count(DISTINCT CASE WHEN r.ingest__outcome = 'action-required' THEN r.uri END) AS sent_back,
     min(seconds) AS least, max(seconds) AS most
RETURN step, runs, ingests, sent_back, duration({seconds: least}) AS shortest,
       duration({seconds: most}) AS longest
ORDER BY step
