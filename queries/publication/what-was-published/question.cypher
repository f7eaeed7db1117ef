MATCH (i:ingest__Ingest)-[:hadMember]->(v:ingest__DatasetVersion)-[:wasGeneratedBy]->(a:Activity)
MATCH (v)-[:specializationOf]->(:ingest__Dataset)
OPTIONAL MATCH (c:ingest__ArchiveCopy)-[:alternateOf]->(v)
RETURN v.uri AS version, i.uri AS ingest, datetime(a.prov__endTime) AS published,
       v.ingest__data_node AS data_node, v.ingest__pid AS pid, c.uri AS archived_as
ORDER BY version, ingest, archived_as
