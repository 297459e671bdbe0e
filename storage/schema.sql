-- The register as it is now. Times are unix milliseconds, 0 stands for none.
-- A change here comes with a file in migrations that makes the same of the
-- version before.

-- The file is ours: "IntB".
PRAGMA application_id = 1231975490;

-- Single values: where the desk's group moved, marks of the bot's jobs.
CREATE TABLE meta (
	key   TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The last sequence number given in a year of the configured time zone.
CREATE TABLE counters (
	year INTEGER PRIMARY KEY,
	last INTEGER NOT NULL CHECK (last > 0)
) STRICT;

CREATE TABLE people (
	chat            INTEGER PRIMARY KEY,
	consent_version TEXT    NOT NULL DEFAULT '',
	consent_at      INTEGER NOT NULL DEFAULT 0,
	remembered      TEXT    NOT NULL DEFAULT '[]', -- incident.Answers
	unreachable_at  INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Every consent that was given, and the texts that were agreed to.
CREATE TABLE consents (
	chat    INTEGER NOT NULL,
	version TEXT    NOT NULL,
	at      INTEGER NOT NULL,
	PRIMARY KEY (chat, at, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE consent_texts (
	version TEXT PRIMARY KEY,
	text    TEXT    NOT NULL,
	since   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Erasures under way, one a person; chat 0 is that of the retention. mark is
-- the last row of the outbox before it. draft: Redis is not emptied yet; dirty:
-- what may still hold what was erased, 2 the file, 1 its log, 0 nothing; told:
-- everybody knows that it is done.
CREATE TABLE erasures (
	chat     INTEGER PRIMARY KEY,
	asked_at INTEGER NOT NULL,
	numbers  TEXT    NOT NULL,              -- []incident.Number
	staff    TEXT    NOT NULL DEFAULT '[]', -- []incident.Place
	mark     INTEGER NOT NULL DEFAULT 0,
	draft    INTEGER NOT NULL DEFAULT 0,
	dirty    INTEGER NOT NULL DEFAULT 2,
	told     INTEGER NOT NULL DEFAULT 0
) STRICT;

-- card_version is the version that the group's card shows, 0 when the card
-- must be shown whatever the version is; card_message_id 0: there is no card.
-- announced is 1 once the group has read its number, on the card or in a notice.
-- assignee_id is the member's id at Telegram, 0 when only the name is known.
-- theirs is the number under which the second line has registered it, theirs_domain
-- that of the sender who named it.
CREATE TABLE incidents (
	id              INTEGER PRIMARY KEY,
	number          TEXT    NOT NULL UNIQUE,
	year            INTEGER NOT NULL,
	seq             INTEGER NOT NULL,
	draft_id        TEXT    NOT NULL UNIQUE,
	reporter        INTEGER NOT NULL,
	status          TEXT    NOT NULL,
	status_at       INTEGER NOT NULL,
	assignee        TEXT    NOT NULL DEFAULT '',
	registered_at   INTEGER NOT NULL,
	version         INTEGER NOT NULL CHECK (version > 0),
	card_version    INTEGER NOT NULL DEFAULT 0,
	card_chat       INTEGER NOT NULL DEFAULT 0,
	card_message_id INTEGER NOT NULL DEFAULT 0,
	announced       INTEGER NOT NULL DEFAULT 0,
	answers         TEXT    NOT NULL, -- incident.Answers
	erased_at       INTEGER NOT NULL DEFAULT 0, assignee_id INTEGER NOT NULL DEFAULT 0, indexed_version INTEGER NOT NULL DEFAULT 0, theirs TEXT NOT NULL DEFAULT '', theirs_domain TEXT NOT NULL DEFAULT '', -- reporter is 0 then
	UNIQUE (year, seq)
) STRICT;
CREATE INDEX incidents_of_reporter ON incidents (reporter, id);
CREATE INDEX incidents_of_theirs ON incidents (theirs, theirs_domain) WHERE theirs <> '';
CREATE INDEX incidents_by_status ON incidents (status);
CREATE INDEX incidents_ended ON incidents (status_at) WHERE erased_at = 0 AND status IN ('closed', 'cancelled');
CREATE INDEX incidents_stale ON incidents (card_version > 0, status = 'registered', id) WHERE version <> card_version;
CREATE INDEX incidents_unannounced ON incidents (id) WHERE announced = 0;
CREATE INDEX incidents_unindexed ON incidents (id) WHERE indexed_version <> version;
CREATE INDEX incidents_of_card ON incidents (card_chat, card_message_id) WHERE card_message_id <> 0;

-- The words of the incidents, see wordsOf. A word that goes is overwritten at once
-- (secure-delete). indexed_version is the version of an incident that it holds.
CREATE VIRTUAL TABLE search USING fts5 (words, detail = 'none', columnsize = 0, tokenize = 'unicode61 remove_diacritics 0');
INSERT INTO search (search, rank) VALUES ('secure-delete', 1);

-- When the group was sent something in the last minutes: Telegram's limits go on
-- when the program starts anew.
CREATE TABLE desk_sent (
	at INTEGER NOT NULL
) STRICT;

CREATE TABLE attachments (
	incident INTEGER NOT NULL REFERENCES incidents (id),
	pos      INTEGER NOT NULL, -- from 1, in the order of arrival
	kind     TEXT    NOT NULL,
	file_id  TEXT    NOT NULL,
	name     TEXT    NOT NULL,
	size     INTEGER NOT NULL,
	PRIMARY KEY (incident, pos)
) STRICT, WITHOUT ROWID;

-- side is incident.Side. key makes an entry that may be repeated unique.
CREATE TABLE history (
	id          INTEGER PRIMARY KEY,
	incident    INTEGER NOT NULL REFERENCES incidents (id),
	at          INTEGER NOT NULL,
	kind        TEXT    NOT NULL,
	side        TEXT    NOT NULL,
	name        TEXT    NOT NULL DEFAULT '',
	text        TEXT    NOT NULL DEFAULT '',
	attachments TEXT    NOT NULL DEFAULT '[]', -- []incident.Attachment
	key         TEXT    UNIQUE
) STRICT;
CREATE INDEX history_of_incident ON history (incident, id);

CREATE TABLE escalations (
	id         TEXT PRIMARY KEY,
	incident   INTEGER NOT NULL REFERENCES incidents (id),
	seq        INTEGER NOT NULL,
	state      TEXT    NOT NULL, -- of the repair, in the reporter's words
	at         INTEGER NOT NULL,
	message_id TEXT    NOT NULL,
	letter     TEXT    NOT NULL, -- incident.LetterState
	settled_at INTEGER NOT NULL DEFAULT 0,
	problem    TEXT    NOT NULL DEFAULT '', received_at INTEGER NOT NULL DEFAULT 0, answered_at INTEGER NOT NULL DEFAULT 0,
	UNIQUE (incident, seq)
) STRICT;

-- Updates to be worked on, and those given up. A row goes with its text when the
-- update is done. begun is 1 while an attempt is counted that has not ended. The
-- numbers in seq are given by the program, none twice.
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

-- Updates that never came: ids from first to last were passed over between
-- from_at and seen_at. One that comes late shortens its gap.
CREATE TABLE gaps (
	id      INTEGER PRIMARY KEY AUTOINCREMENT,
	first   INTEGER NOT NULL,
	last    INTEGER NOT NULL CHECK (last >= first),
	from_at INTEGER NOT NULL,
	seen_at INTEGER NOT NULL,
	told_at INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What must arrive. state: pending, sent, superseded (body is wiped in both),
-- dead (body is kept). leased is 1 from a claim to its settlement; next_at is
-- then the end of the lease. number is no foreign key: a row may tell of none.
-- ending is incident.End, told_at when the desk was told of a dead row, round
-- how often the desk had it tried again.
CREATE TABLE outbox (
	id            INTEGER PRIMARY KEY AUTOINCREMENT,
	key           TEXT    NOT NULL UNIQUE,
	channel       TEXT    NOT NULL,
	number        TEXT    NOT NULL,
	chat          INTEGER NOT NULL,
	rank          INTEGER NOT NULL,
	reply_to_card INTEGER NOT NULL,
	prompt        INTEGER NOT NULL,
	source        INTEGER NOT NULL DEFAULT 0, -- incident.Outgoing.Source
	from_chat     INTEGER NOT NULL DEFAULT 0, -- incident.Outgoing.From
	memo          TEXT    NOT NULL DEFAULT '',
	album         TEXT    NOT NULL DEFAULT '', -- incident.Outgoing.Album
	state         TEXT    NOT NULL DEFAULT 'pending'
	              CHECK (state IN ('pending', 'sent', 'superseded', 'dead')),
	leased        INTEGER NOT NULL DEFAULT 0,
	attempts      INTEGER NOT NULL DEFAULT 0,
	created_at    INTEGER NOT NULL,
	next_at       INTEGER NOT NULL DEFAULT 0,
	first_at      INTEGER NOT NULL DEFAULT 0, -- of the first claim
	settled_at    INTEGER NOT NULL DEFAULT 0,
	problem       TEXT    NOT NULL DEFAULT '',
	ending        TEXT    NOT NULL DEFAULT '',
	told_at       INTEGER NOT NULL DEFAULT 0,
	round         INTEGER NOT NULL DEFAULT 0,
	body          BLOB
) STRICT;
CREATE INDEX outbox_in_order ON outbox
	(channel, rank, id, chat, next_at, leased, reply_to_card, number) WHERE state = 'pending';
CREATE INDEX outbox_of_chat ON outbox
	(channel, chat, id, rank, next_at, leased, reply_to_card, number) WHERE state = 'pending';
CREATE INDEX outbox_of_desk ON outbox -- chat -1 is incident.DeskChat
	(channel, leased DESC, rank, id, next_at, reply_to_card, number) WHERE state = 'pending' AND chat = -1;
CREATE INDEX outbox_of_album ON outbox
	(chat, album, id) WHERE state = 'pending' AND album <> '';
CREATE INDEX outbox_dead ON outbox (channel, ending) WHERE state = 'dead';
CREATE INDEX outbox_untold ON outbox (id) WHERE state = 'dead' AND told_at = 0;
CREATE INDEX outbox_letters_sent ON outbox (settled_at) WHERE state = 'sent' AND channel = 'mail';
CREATE INDEX outbox_of_number ON outbox (number) WHERE number <> '';
CREATE INDEX outbox_of_person ON outbox (chat) WHERE number = '';

-- Messages that are about one incident, ours and the reporter's, so that a
-- reply to one finds it. source_chat and source_id are the original of one that
-- was passed on, 0 for others; file is 1 for one whose words are a caption;
-- stayed is 1 when it was to be emptied and Telegram refused.
CREATE TABLE messages (
	chat        INTEGER NOT NULL,
	message_id  INTEGER NOT NULL,
	number      TEXT    NOT NULL,
	memo        TEXT    NOT NULL DEFAULT '',
	source_chat INTEGER NOT NULL DEFAULT 0,
	source_id   INTEGER NOT NULL DEFAULT 0,
	file        INTEGER NOT NULL DEFAULT 0,
	stayed      INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (chat, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX messages_of_number ON messages (number);
CREATE INDEX messages_passed_on ON messages (source_chat, source_id) WHERE source_id <> 0;

-- Letters that came back. state: waiting, held (somebody is to say where it
-- belongs), done (raw is wiped), quarantined. number is the incident of a held
-- letter, '' when it is unknown. A letter is known by message_id and hash, and
-- by where it lay on the server.
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
