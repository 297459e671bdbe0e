-- A turn writes less: an update that is done leaves the inbox, fewer indexes
-- follow a row of the outbox, and a card finds its incident by an index. The file
-- says whose it is, and an incident knows by id who works on it.
PRAGMA application_id = 1231975490;

ALTER TABLE inbox RENAME TO former_inbox;
CREATE TABLE inbox (
	seq         INTEGER PRIMARY KEY,
	update_id   INTEGER NOT NULL,
	chat        INTEGER NOT NULL,
	received_at INTEGER NOT NULL,
	state       TEXT    NOT NULL DEFAULT 'waiting'
	            CHECK (state IN ('waiting', 'quarantined')),
	attempts    INTEGER NOT NULL DEFAULT 0,
	begun       INTEGER NOT NULL DEFAULT 0,
	reason      TEXT    NOT NULL DEFAULT '',
	raw         BLOB    NOT NULL
) STRICT;
CREATE INDEX inbox_of_chat ON inbox (chat, seq);

-- Every update that came in the last days, so that none is taken twice.
CREATE TABLE received (
	update_id INTEGER NOT NULL,
	hash      BLOB    NOT NULL, -- the first half of the SHA-256 of its text
	seq       INTEGER NOT NULL,
	at        INTEGER NOT NULL,
	PRIMARY KEY (update_id, hash)
) STRICT, WITHOUT ROWID;

INSERT INTO inbox (seq, update_id, chat, received_at, state, attempts, reason, raw)
	SELECT seq, update_id, chat, received_at, state, attempts, reason, coalesce(raw, x'') FROM former_inbox WHERE state <> 'done';
INSERT INTO received (update_id, hash, seq, at)
	SELECT update_id, substr(hash, 1, 16), seq, received_at FROM former_inbox WHERE true ON CONFLICT DO NOTHING;
INSERT INTO meta (key, value) SELECT 'inbox:seq', coalesce(max(seq), 0) FROM former_inbox WHERE true
	ON CONFLICT (key) DO UPDATE SET value = excluded.value;
DROP TABLE former_inbox;

ALTER TABLE incidents ADD COLUMN assignee_id INTEGER NOT NULL DEFAULT 0;
CREATE INDEX incidents_of_card ON incidents (card_chat, card_message_id) WHERE card_message_id <> 0;

DROP INDEX outbox_unsent;
DROP INDEX outbox_of_number;
CREATE INDEX outbox_of_number ON outbox (number) WHERE number <> '';
