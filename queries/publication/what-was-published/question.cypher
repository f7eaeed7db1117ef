MATCH (i:ingest__Ingest)-[:hadMember]->(r:ingest__PublicationReport)-[:wasGeneratedBy]->(a:Activity)
MATCH (a)<-[:wasGeneratedBy]-(v:ingest__DatasetVersion)
MATCH (v)-[:specializationOf]->(:ingest__Dataset)
OPTIONAL MATCH (v)-[:wasInvalidatedBy]->(w:ingest__Retraction)
WITH i, r, a, v, min(datetime(head([] + w.prov__endTime))) AS withdrawn
OPTIONAL MATCH (v)<-[:alternateOf]-(c:ingest__ArchiveCopy)
RETURN DISTINCT v.uri AS version, i.uri AS ingest,
       datetime(head([] + a.prov__endTime)) AS published, r.ingest__data_node AS data_node,
       r.ingest__pid AS pid, c.uri AS archived_as, withdrawn
ORDER BY version, published, ingest, archived_as
