package storage

import (
	"context"
	"database/sql"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// staleCards finds in the order of an index: within each kind those that the
// desk has in hand come first, then the oldest. The terms are those of the
// index, word for word.
const staleCards = ` FROM incidents i INDEXED BY incidents_stale
	WHERE i.version <> i.card_version AND (i.card_version > 0) = ? ORDER BY i.status = 'registered', i.id LIMIT ?`

// StaleCards returns at most limit incidents whose card does not show their
// version: those with nothing to show for, and those whose card is to be
// changed, in that order or, with changedFirst, in the other. Within each kind
// those come first that somebody has in hand, then the oldest.
func (r *Reader) StaleCards(ctx context.Context, changedFirst bool, limit int) ([]outbox.Card, error) {
	cards, err := read(ctx, r, func(s *session) (cards []outbox.Card, err error) {
		for _, changed := range []bool{changedFirst, !changedFirst} {
			records, err := load(s, selectColumns+staleCards, changed, limit-len(cards))
			if err != nil {
				return nil, err
			}
			for _, i := range records {
				cards = append(cards, outbox.Card{Incident: i.Incident, ShownVersion: i.cardVersion, Chat: i.cardChat, MessageID: i.cardMessage})
			}
			if len(cards) == limit {
				break
			}
		}
		return cards, nil
	})
	return cards, failed(err, "read the stale cards")
}

// CardShown notes that the message of a chat shows that version of the
// incident. When the group moved away from the chat meanwhile, the version
// counts and the message id does not. ErrNotFound.
func (r *Register) CardShown(ctx context.Context, n incident.Number, version int, chat int64, messageID int) error {
	err := r.writer.do(ctx, func(s *session) error {
		moved, err := meta(s, movedKey(chat))
		if err != nil {
			return err
		}
		seen := messageID != 0
		if moved != "" {
			chat, messageID = 0, 0
		}
		if seen {
			if err := sentToDesk(s, r.now()); err != nil {
				return err
			}
		}
		return found(s.exec(`UPDATE incidents SET card_version = ?, card_chat = ?, card_message_id = ?, announced = max(announced, ?)
			WHERE number = ?`, version, chat, messageID, seen, string(n)))
	})
	return failed(err, "note the card of incident %s", n)
}

// CardLost notes that the card's message is gone: the card is to be posted
// anew, unless it has another message by now. ErrNotFound.
func (r *Register) CardLost(ctx context.Context, n incident.Number, messageID int) error {
	err := r.writer.do(ctx, func(s *session) error {
		// Two who find the same message gone must not lose the new one.
		return found(s.exec(`UPDATE incidents SET
			card_version = iif(card_message_id = ?2, 0, card_version),
			card_chat = iif(card_message_id = ?2, 0, card_chat),
			card_message_id = iif(card_message_id = ?2, 0, card_message_id) WHERE number = ?1`, string(n), messageID))
	})
	return failed(err, "note that the card of incident %s is gone", n)
}

const unannounced = `INDEXED BY incidents_unannounced WHERE i.announced = 0 ORDER BY i.id LIMIT ?`

// Unannounced returns at most limit incidents of which the group has read
// nothing yet, neither a card nor a notice, the oldest first.
func (r *Reader) Unannounced(ctx context.Context, limit int) ([]incident.Incident, error) {
	all, err := read(ctx, r, func(s *session) ([]incident.Incident, error) { return loadAll(s, unannounced, limit) })
	return all, failed(err, "read the incidents that the group does not know of")
}

// Announced notes that a message to the group told it of these incidents.
func (r *Register) Announced(ctx context.Context, numbers []incident.Number) error {
	list := asList(numbers)
	err := r.writer.do(ctx, func(s *session) error {
		if err := sentToDesk(s, r.now()); err != nil {
			return err
		}
		_, err := s.exec(`UPDATE incidents SET announced = 1 WHERE number IN (SELECT value FROM json_each(?))`, list)
		return err
	})
	return failed(err, "note that the group knows of %d incidents", len(numbers))
}

// deskSentKept is longer than any of Telegram's limits looks back.
const deskSentKept = 2 * time.Minute

// sentToDesk notes that the group was sent a message.
func sentToDesk(s *session, at time.Time) error {
	_, err := s.exec(`INSERT INTO desk_sent (at) VALUES (?)`, millis(at))
	if err == nil {
		_, err = s.exec(`DELETE FROM desk_sent WHERE at < ?`, millis(at.Add(-deskSentKept)))
	}
	return err
}

// SentToDesk returns when the group was sent cards, notices and messages in the
// last two minutes, the oldest first.
func (r *Reader) SentToDesk(ctx context.Context) ([]time.Time, error) {
	all, err := readAll(ctx, r, func(rows *sql.Rows) (time.Time, error) {
		at, err := single[int64](rows)
		return moment(at), err
	}, `SELECT at FROM desk_sent ORDER BY at`)
	return all, failed(err, "read what the group was sent last")
}

// found makes ErrNotFound of a change that met no row.
func found(n int64, err error) error {
	if err == nil && n == 0 {
		return incident.ErrNotFound
	}
	return err
}
