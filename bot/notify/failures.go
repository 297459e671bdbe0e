package notify

import (
	"cmp"
	"fmt"

	"intakebot/bot/delivery"
	"intakebot/desk"
	"intakebot/outbox"
)

// Unreachable tells the desk that a person does not get what row was to say.
// Several parts of one message, or of one album, are told of once.
func (n Notifier) Unreachable(row outbox.Claimed, p delivery.Payload, group int64) []outbox.Message {
	text := desk.Unreachable(row.Number)
	switch {
	case row.Number == "":
		return nil
	case p.ReceiptFor != 0:
		key := cmp.Or(row.Album, fmt.Sprintf("%d:%d", group, p.ReceiptFor))
		return []outbox.Message{delivery.Answer(inRound("unreachable:"+key, row), row.Number, text, p.ReceiptFor)}
	}
	key := inRound("unreachable:"+cmp.Or(row.Album, row.Key), row)
	return []outbox.Message{delivery.OnCard(key, row.Number, delivery.SayHTML(text))}
}

// NotPassedOn tells the desk that what it wrote cannot be brought to the
// person; nothing when the row was no such message.
func (n Notifier) NotPassedOn(row outbox.Claimed, p delivery.Payload, end outbox.Failure) []outbox.Message {
	text := desk.NotPassedOn(row.Number, end, p.Delete != 0)
	if p.ReceiptFor == 0 || text == "" {
		return nil
	}
	return []outbox.Message{delivery.Answer(inRound("refused:"+row.Key, row), row.Number, text, p.ReceiptFor)}
}

// Received tells a member in words that a message has arrived, once, however
// many parts it has.
func (n Notifier) Received(row outbox.Claimed, group int64, messageID int) outbox.Message {
	return delivery.Answer(fmt.Sprintf("receipt:%d:%d", group, messageID), row.Number, desk.PassedOn, messageID)
}

// NotInGroup tells a member that the group does not take a file.
func (n Notifier) NotInGroup(row outbox.Claimed, p delivery.Payload) outbox.Message {
	return delivery.Answer(inRound("forbidden:"+row.Key, row), row.Number, desk.NotInGroup(p.File.Kind), p.ReplyTo)
}

// inRound makes the key of what is told of a row: each time that the desk has
// it tried again, it is told anew.
func inRound(key string, row outbox.Claimed) string {
	if row.Round == 0 {
		return key
	}
	return fmt.Sprintf("%s:again:%d", key, row.Round)
}
