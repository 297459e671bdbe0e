package storage

import (
	"context"

	"intakebot/incident"
)

const staleEnd = `WHERE i.version <> i.card_version ORDER BY i.card_version > 0, i.id LIMIT ?`

// StaleCards returns at most limit incidents whose card does not show their
// version: first those with nothing to show for, then the rest, each by age.
func (r *Reader) StaleCards(ctx context.Context, limit int) ([]incident.Card, error) {
	cards, err := read(ctx, r, func(s *session) (cards []incident.Card, err error) {
		records, err := load(s, selectIncidents+staleEnd, limit)
		for _, i := range records {
			cards = append(cards, incident.Card{Incident: i.Incident, ShownVersion: i.cardVersion, Chat: i.cardChat, MessageID: i.cardMessage})
		}
		return cards, err
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
		if moved != "" {
			chat, messageID = 0, 0
		}
		return found(s.exec(`UPDATE incidents SET card_version = ?, card_chat = ?, card_message_id = ? WHERE number = ?`,
			version, chat, messageID, string(n)))
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

// found makes ErrNotFound of a change that met no row.
func found(n int64, err error) error {
	if err == nil && n == 0 {
		return incident.ErrNotFound
	}
	return err
}
