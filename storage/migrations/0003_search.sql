-- Incidents are found by an index of their words. It holds what the incidents
-- hold; a word that goes is overwritten at once. Which incidents it does not know
-- as they are is told by indexed_version.
CREATE VIRTUAL TABLE search USING fts5 (words, detail = 'none', columnsize = 0, tokenize = 'unicode61 remove_diacritics 0');
INSERT INTO search (search, rank) VALUES ('secure-delete', 1);
ALTER TABLE incidents ADD COLUMN indexed_version INTEGER NOT NULL DEFAULT 0;
CREATE INDEX incidents_unindexed ON incidents (id) WHERE indexed_version <> version;

-- An erasure finds what was said to a person by an index.
CREATE INDEX outbox_of_person ON outbox (chat) WHERE number = '';
