package telegram

import (
	"strings"

	"intakebot/conversation"
	"intakebot/incident"
)

// messageEvent reads a person's message; nil for one of a kind that no question
// can use, and for a service message.
func messageEvent(m *Message) conversation.Event {
	words, quote, from := m.Words(), m.Quoted(), m.ForwardedFrom()
	if a, ok := m.file(); ok {
		return conversation.Media{MessageID: m.ID, Caption: words, Attachment: a, Album: m.Album, Quote: quote, ForwardedFrom: from}
	}
	if c, ok := ReadCommand(m.Text); ok && from == "" {
		c.MessageID = m.ID
		return c
	}
	switch {
	case words != "":
		return conversation.Text{MessageID: m.ID, Text: words, Quote: quote, ForwardedFrom: from}
	case m.Contact != nil:
		return conversation.Contact{
			MessageID: m.ID, Phone: m.Contact.Phone, Name: strings.TrimSpace(m.Contact.FirstName + " " + m.Contact.LastName),
			Own: m.From != nil && m.Contact.User != 0 && m.Contact.User == m.From.ID,
		}
	}
	return nil
}

// editedEvent reads a message that was changed.
func editedEvent(m *Message) conversation.Edited {
	e := conversation.Edited{MessageID: m.ID, Text: m.Words(), Quote: m.Quoted(), ForwardedFrom: m.ForwardedFrom(), At: m.EditDate}
	if a, ok := m.file(); ok {
		e.Attachment = &a
	}
	return e
}

// file is the file that a message brings: its own, the first of a formatted text, or
// that of the message of another chat which it answers.
func (m *Content) file() (incident.Attachment, bool) {
	a, ok := m.Attachment()
	if !ok {
		a, ok = richFile(m.Rich)
	}
	if !ok && m.External != nil {
		return m.External.Attachment()
	}
	return a, ok
}

// ReadCommand reads «/name@bot arguments». The library finds commands by
// entities and ignores the bot's name.
func ReadCommand(text string) (conversation.Command, bool) { return conversation.ReadCommand(text) }

// Attachment reads the file of a message. An animation comes as a document too
// (Bot API, Message.animation).
func (m *Media) Attachment() (incident.Attachment, bool) {
	if n := len(m.Photo); n > 0 {
		return m.Photo[n-1].attachment(incident.Photo), true
	}
	for _, f := range []struct {
		file *File
		kind incident.AttachmentKind
	}{
		{m.Animation, incident.Animation}, {m.Document, incident.Document}, {m.Video, incident.Video},
		{m.Voice, incident.Voice}, {m.Audio, incident.Audio}, {m.VideoNote, incident.VideoNote},
	} {
		if f.file != nil {
			return f.file.attachment(f.kind), true
		}
	}
	return incident.Attachment{}, false
}

func (f File) attachment(kind incident.AttachmentKind) incident.Attachment {
	return incident.Attachment{Kind: kind, FileID: f.ID, Name: f.Name, Size: f.Size}
}

// services are the fields by which a message tells of something that happened,
// in the words of nobody (Bot API, «Service message»).
var services = []string{
	"new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo", "delete_chat_photo", "group_chat_created",
	"supergroup_chat_created", "channel_chat_created", "message_auto_delete_timer_changed", "migrate_to_chat_id",
	"migrate_from_chat_id", "pinned_message", "successful_payment", "refunded_payment", "users_shared", "chat_shared", "gift",
	"unique_gift", "gift_upgrade_sent", "connected_website", "write_access_allowed", "passport_data",
	"proximity_alert_triggered", "boost_added", "chat_background_set", "checklist_tasks_done", "checklist_tasks_added",
	"direct_message_price_changed", "forum_topic_created", "forum_topic_edited", "forum_topic_closed",
	"forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden", "giveaway_created",
	"giveaway_winners", "giveaway_completed", "paid_message_price_changed", "chat_owner_left", "chat_owner_changed",
	"suggested_post_approved", "suggested_post_approval_failed", "suggested_post_declined", "suggested_post_paid",
	"suggested_post_refunded", "video_chat_scheduled", "video_chat_started", "video_chat_ended",
	"video_chat_participants_invited", "web_app_data", "poll_option_added", "poll_option_deleted", "community_chat_added",
	"community_chat_removed", "community_chat_joined", "managed_bot_created",
}

// ToAnother says that a command is for another bot than the one of that name:
// «/open@another_bot».
func ToAnother(text, username string) bool {
	word, _, _ := strings.Cut(strings.ReplaceAll(text, "\n", " "), " ")
	_, to, addressed := strings.Cut(word, "@")
	return strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//") && addressed && !strings.EqualFold(strings.TrimSpace(to), username)
}

// Numbers are the incidents that a message of ours is about by its text: the
// one in its first line, where a card and a notice name theirs (what people
// wrote below it may name others), else all that it names.
func (m *Content) Numbers() []incident.Number {
	text := m.Text + m.Caption
	first, _, _ := strings.Cut(text, "\n")
	if numbers := incident.FindNumbers(first); len(numbers) == 1 {
		return numbers
	}
	return incident.FindNumbers(text)
}
