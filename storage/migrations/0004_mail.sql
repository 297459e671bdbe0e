-- Mail comes back: answers and what mail servers tell of our letters.
CREATE TABLE mail (
	id          INTEGER PRIMARY KEY AUTOINCREMENT,
	message_id  TEXT    NOT NULL,
	hash        BLOB    NOT NULL, -- SHA-256 of what was stored
	size        INTEGER NOT NULL, -- of the whole letter
	received_at INTEGER NOT NULL,
	state       TEXT    NOT NULL DEFAULT 'waiting'
	            CHECK (state IN ('waiting', 'held', 'done', 'quarantined')),
	attempts    INTEGER NOT NULL DEFAULT 0,
	next_at     INTEGER NOT NULL DEFAULT 0,
	reason      TEXT    NOT NULL DEFAULT '',
	number      TEXT    NOT NULL DEFAULT '',
	raw         BLOB,
	UNIQUE (message_id, hash)
) STRICT;
CREATE INDEX mail_waiting ON mail (id) WHERE state = 'waiting';
CREATE INDEX mail_kept ON mail (received_at) WHERE state IN ('held', 'quarantined');

CREATE TABLE mail_places (
	folder      TEXT    NOT NULL,
	uidvalidity INTEGER NOT NULL,
	uid         INTEGER NOT NULL,
	mail        INTEGER NOT NULL,
	PRIMARY KEY (folder, uidvalidity, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX mail_places_of ON mail_places (mail);

ALTER TABLE incidents ADD COLUMN theirs TEXT NOT NULL DEFAULT '';
ALTER TABLE incidents ADD COLUMN theirs_domain TEXT NOT NULL DEFAULT '';
CREATE INDEX incidents_of_theirs ON incidents (theirs, theirs_domain) WHERE theirs <> '';
ALTER TABLE escalations ADD COLUMN received_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE escalations ADD COLUMN answered_at INTEGER NOT NULL DEFAULT 0;
