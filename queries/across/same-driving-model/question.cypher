MATCH (i:ingest__Ingest)-[:hadMember]->(s:ingest__SubmissionReport)
WHERE s.ingest__driving_model = $driving_model
UNWIND CASE WHEN s.ingest__experiment_id IS NULL THEN [null]
            ELSE [] + s.ingest__experiment_id END AS experiment
RETURN DISTINCT $driving_model AS driving_model, i.uri AS ingest, s.ingest__dataset AS dataset,
       s.ingest__institute_id AS institute_id, experiment, s.ingest__ensemble AS ensemble
ORDER BY ingest, coalesce(experiment, '')
