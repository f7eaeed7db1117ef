-- The search view. The id of a thing is a hash of its IRI: its order has nothing to do with the
-- order of loading, so that the first so many ids that match are a fair sample of all that do.
CREATE TABLE IF NOT EXISTS mark (
    position    INTEGER NOT NULL,    -- the last journal entry that is in here
    chain       TEXT NOT NULL,       -- and its seal
    things      INTEGER NOT NULL,
    characters  INTEGER NOT NULL     -- of all their texts
) STRICT;

CREATE TABLE IF NOT EXISTS bundle (  -- what was loaded
    iri       TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS facets (  -- each combination that occurs, once
    number    INTEGER PRIMARY KEY,
    content   TEXT NOT NULL UNIQUE   -- JSON: kind, step and project, each with a list of values
) STRICT;

CREATE TABLE IF NOT EXISTS thing (   -- small, because much of it is read to count
    id        INTEGER PRIMARY KEY,
    facets    INTEGER NOT NULL,
    said      INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS said (    -- in the order of loading, because that is how it is written
    number    INTEGER PRIMARY KEY,
    iri       TEXT NOT NULL,
    bundles   INTEGER NOT NULL,      -- how many name it
    home      TEXT NOT NULL,         -- JSON: where it is told first
    types     TEXT NOT NULL,         -- JSON
    texts     TEXT NOT NULL          -- JSON: pairs of attribute and text
) STRICT;

-- Words are folded and parted before they come here; a ¶ stands between texts. `facets`
-- holds a word for each value of a facet, and for each name as a whole.
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(
    facets, head, body, content='', columnsize=0, tokenize='ascii'
);
CREATE VIRTUAL TABLE IF NOT EXISTS vocabulary USING fts5vocab(words, instance);
