-- The search view. The id of an element is a hash of its IRI, so the order of ids does not depend on
-- the order of loading. The first matching ids are therefore a fair sample of all matches.
CREATE TABLE IF NOT EXISTS mark (
    position    INTEGER NOT NULL,    -- the last journal entry that is loaded
    chain       TEXT NOT NULL,       -- its chain hash
    things      INTEGER NOT NULL,
    characters  INTEGER NOT NULL     -- in all texts of all elements
) STRICT;

CREATE TABLE IF NOT EXISTS bundle (  -- the loaded bundles
    iri       TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS facets (  -- each combination of facets
    number    INTEGER PRIMARY KEY,
    content   TEXT NOT NULL UNIQUE   -- JSON: kind, step and project, each with a list of values
) STRICT;

CREATE TABLE IF NOT EXISTS thing (   -- small rows, because many are read for counts
    id        INTEGER PRIMARY KEY,
    facets    INTEGER NOT NULL,
    said      INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS said (    -- stored in the order of loading, which is faster to write
    number    INTEGER PRIMARY KEY,
    iri       TEXT NOT NULL,
    bundles   INTEGER NOT NULL,      -- the number of bundles that mention it
    home      TEXT NOT NULL,         -- JSON: where it is described first
    types     TEXT NOT NULL,         -- JSON
    texts     TEXT NOT NULL          -- JSON: pairs of attribute and text
) STRICT;

-- Words are folded and split before they are stored; ¶ separates texts. `facets` has a word for each
-- facet value, and for each complete name.
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(
    facets, head, body, content='', columnsize=0, tokenize='ascii'
);
CREATE VIRTUAL TABLE IF NOT EXISTS vocabulary USING fts5vocab(words, instance);
