package storage

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"intakebot/outbox"
)

// sendable: a reply to a card waits until the incident's card is there.
const sendable = ` (o.reply_to_card = 0 OR NOT EXISTS
	(SELECT 1 FROM incidents i WHERE i.number = o.number AND i.card_message_id = 0)) `

// Messages to one person keep their order whatever their rank: an answer must
// not overtake the question before it. The row at the head of a chat holds back
// those behind it, also while it is not due; a reply to a card that is not
// there holds back itself alone.
const headsOfPeople = `SELECT o.id, o.rank FROM outbox o INDEXED BY outbox_in_order
	WHERE o.state = 'pending' AND o.channel = 'telegram' AND o.chat <> -1 AND o.next_at <= ?1
	AND o.chat NOT IN (SELECT value FROM json_each(?2)) AND` + sendable + `
	AND NOT EXISTS (SELECT 1 FROM outbox p INDEXED BY outbox_of_chat
		WHERE p.state = 'pending' AND p.channel = 'telegram' AND p.chat = o.chat AND p.id < o.id
		AND (p.reply_to_card = 0 OR NOT EXISTS
			(SELECT 1 FROM incidents i WHERE i.number = p.number AND i.card_message_id = 0)))
	ORDER BY o.rank, o.id LIMIT ?3`

// In the desk's group (-1 is incident.DeskChat) rank goes before age, and what
// is being sent before both: one message at a time. Files (4 is
// incident.RankFile) wait while an incident has no card.
const headOfDesk = `SELECT o.id, o.rank, o.next_at FROM outbox o INDEXED BY outbox_of_desk
	WHERE o.state = 'pending' AND o.channel = 'telegram' AND o.chat = -1 AND` + sendable + `
	AND (o.leased = 1 OR o.rank < 4 OR NOT EXISTS (SELECT 1 FROM incidents c INDEXED BY incidents_stale
		WHERE c.version <> c.card_version AND (c.card_version > 0) = 0))
	ORDER BY o.leased DESC, o.rank, o.id LIMIT 1`

const letters = `SELECT o.id, o.rank FROM outbox o
	WHERE o.state = 'pending' AND o.channel = 'mail' AND o.next_at <= ? ORDER BY o.rank, o.id LIMIT ?`

// head is a row that may be claimed.
type head struct{ id, rank int64 }

// heads finds at most limit rows that may be claimed, in the order of sending.
func heads(s *session, ch outbox.Channel, now int64, busy []int64, limit int) ([]head, error) {
	scan := func(rows *sql.Rows) (h head, err error) {
		err = rows.Scan(&h.id, &h.rank)
		return h, err
	}
	if ch == outbox.Mail {
		return query(s, scan, letters, now, limit)
	}
	found, err := query(s, scan, headsOfPeople, now, asList(busy), limit)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(busy, outbox.DeskChat) {
		desk, nextAt, err := deskHead(s)
		if err != nil {
			return nil, err
		}
		if desk.id != 0 && nextAt <= now {
			found = append(found, desk)
		}
	}
	slices.SortFunc(found, func(a, b head) int { return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.id, b.id)) })
	return found[:min(limit, len(found))], nil
}

// deskHead returns what is next in the desk's group and when; id 0 when nothing
// is.
func deskHead(s *session) (h head, nextAt int64, err error) {
	err = s.row(headOfDesk).Scan(&h.id, &h.rank, &nextAt)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return h, nextAt, err
}

// Claim takes at most limit rows that are due at now, by rank and then by age;
// of one Telegram chat at most the first row, with the rest of its album
// (ten at most), and none of the chats in busy.
// For the time of lease they are the caller's: the attempt counts from now on,
// so a row that a crash leaves is sent again, after the lease or when the
// register is opened anew. Letters (chat 0) do not wait for one another.
func (r *Register) Claim(ctx context.Context, ch outbox.Channel, now time.Time, lease time.Duration, busy []int64, limit int) ([]outbox.Claimed, error) {
	rows, err := write(ctx, r.writer, func(s *session) ([]outbox.Claimed, error) {
		found, err := heads(s, ch, millis(now), busy, limit)
		if err != nil || len(found) == 0 {
			return nil, err
		}
		ids := make([]int64, len(found))
		for i, h := range found {
			ids[i] = h.id
		}
		rows, err := claim(s, ids, now, lease)
		for i := range rows {
			if err == nil && rows[i].Album != "" {
				rows[i].Parts, err = claimParts(s, rows[i], now, lease)
			}
		}
		return rows, err
	})
	return rows, failed(err, "claim rows of the %s outbox", ch)
}

// claim leases the rows and reads them in the order of ids.
func claim(s *session, ids []int64, now time.Time, lease time.Duration) ([]outbox.Claimed, error) {
	_, err := s.exec(`UPDATE outbox SET leased = 1, next_at = ?, attempts = attempts + 1,
		first_at = iif(first_at = 0, ?, first_at) WHERE id IN (SELECT value FROM json_each(?))`,
		millis(now.Add(lease)), millis(now), asList(ids))
	if err != nil {
		return nil, err
	}
	rows := make([]outbox.Claimed, 0, len(ids))
	for _, id := range ids {
		c := outbox.Claimed{ID: id}
		var firstAt int64
		err := s.row(`SELECT o.key, o.channel, o.number, o.chat, o.rank, o.reply_to_card, o.prompt, o.source, o.from_chat, o.memo, o.album, o.body, o.attempts, o.first_at, o.round,
			iif(o.reply_to_card = 1, coalesce(i.card_chat, 0), 0), iif(o.reply_to_card = 1, coalesce(i.card_message_id, 0), 0)
			FROM outbox o LEFT JOIN incidents i ON i.number = o.number WHERE o.id = ?`, id).
			Scan(&c.Key, &c.Channel, &c.Number, &c.Chat, &c.Rank, &c.ReplyToCard, &c.Prompt, &c.Source, &c.From, &c.Memo, &c.Album, &c.Body, &c.Attempts, &firstAt, &c.Round,
				&c.CardChat, &c.CardMessageID)
		if err != nil {
			return nil, err
		}
		c.FirstAt = moment(firstAt)
		rows = append(rows, c)
	}
	return rows, nil
}

// albumMost is the most that one album holds (Bot API, sendMediaGroup).
const albumMost = 10

// claimParts leases the rest of the album that a claimed row begins, due or not:
// the first part speaks for all. What somebody has leased is left to him. Each
// part stays a row of its own: one whose settlement a crash prevents is sent
// again with those like it.
func claimParts(s *session, first outbox.Claimed, now time.Time, lease time.Duration) ([]outbox.Claimed, error) {
	ids, err := query(s, single[int64], `SELECT id FROM outbox WHERE state = 'pending' AND channel = ? AND chat = ? AND album = ? AND number = ?
		AND reply_to_card = ? AND id > ? AND (leased = 0 OR next_at <= ?) ORDER BY id LIMIT ?`,
		string(first.Channel), first.Chat, first.Album, string(first.Number), first.ReplyToCard, first.ID, millis(now), albumMost-1)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return claim(s, ids, now, lease)
}

const nextOfPeople = `SELECT min(next_at) FROM (
	SELECT min(o.id), o.next_at FROM outbox o INDEXED BY outbox_of_chat
	WHERE o.state = 'pending' AND o.channel = 'telegram' AND o.chat <> -1 AND` + sendable + `GROUP BY o.chat)`

const nextLetter = `SELECT min(next_at) FROM outbox WHERE state = 'pending' AND channel = 'mail'`

// NextDue returns when Claim will have something next: a time that is past when
// it has now (the zero time for rows never tried), ok false when nothing waits.
// Busy chats are not left out.
func (r *Reader) NextDue(ctx context.Context, ch outbox.Channel) (at time.Time, ok bool, err error) {
	next, err := read(ctx, r, func(s *session) (sql.NullInt64, error) { return nextDue(s, ch) })
	return moment(next.Int64), next.Valid, failed(err, "read when the %s outbox is due", ch)
}

func nextDue(s *session, ch outbox.Channel) (next sql.NullInt64, err error) {
	if ch == outbox.Mail {
		err = s.row(nextLetter).Scan(&next)
		return next, err
	}
	if err := s.row(nextOfPeople).Scan(&next); err != nil {
		return next, err
	}
	desk, deskAt, err := deskHead(s)
	if err == nil && desk.id != 0 && (!next.Valid || deskAt < next.Int64) {
		next = sql.NullInt64{Int64: deskAt, Valid: true}
	}
	return next, err
}
