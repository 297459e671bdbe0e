package bot

import (
	"slices"
	"strings"

	"github.com/go-telegram/bot/models"

	"intakebot/conversation"
	"intakebot/incident"
)

// messageEvent reads a person's message; nil for one of a kind that no question
// can use, and for a service message.
func messageEvent(m *models.Message) conversation.Event {
	if a, ok := attachment(m); ok {
		return conversation.Media{MessageID: m.ID, Caption: m.Caption, Attachment: a, Album: m.MediaGroupID}
	}
	switch {
	case strings.HasPrefix(m.Text, "/"):
		if c, ok := command(m.Text); ok {
			return c
		}
		return conversation.Text{MessageID: m.ID, Text: m.Text}
	case m.Text != "":
		return conversation.Text{MessageID: m.ID, Text: m.Text}
	case m.Contact != nil:
		return conversation.Contact{
			MessageID: m.ID, Phone: m.Contact.PhoneNumber,
			Own: m.From != nil && m.Contact.UserID != 0 && m.Contact.UserID == m.From.ID,
		}
	}
	return nil
}

// command reads «/name@bot arguments». The library finds commands by entities
// and ignores the bot's name; a private chat has only one bot in it.
func command(text string) (conversation.Command, bool) {
	name, args := text[1:], ""
	if i := strings.IndexAny(name, " \n\t"); i >= 0 {
		name, args = name[:i], strings.TrimSpace(name[i:])
	}
	name, _, _ = strings.Cut(name, "@")
	if name == "" || len(name) > 32 || strings.ContainsAny(name, "/.") {
		return conversation.Command{}, false
	}
	return conversation.Command{Name: strings.ToLower(name), Args: args}, true
}

// attachment reads the file of a message. An animation comes as a document too
// (Bot API, Message.animation).
func attachment(m *models.Message) (incident.Attachment, bool) {
	switch {
	case len(m.Photo) > 0:
		largest := m.Photo[len(m.Photo)-1]
		return incident.Attachment{Kind: incident.Photo, FileID: largest.FileID, Size: int64(largest.FileSize)}, true
	case m.Animation != nil:
		return incident.Attachment{Kind: incident.Animation, FileID: m.Animation.FileID, Name: m.Animation.FileName, Size: m.Animation.FileSize}, true
	case m.Document != nil:
		return incident.Attachment{Kind: incident.Document, FileID: m.Document.FileID, Name: m.Document.FileName, Size: m.Document.FileSize}, true
	case m.Video != nil:
		return incident.Attachment{Kind: incident.Video, FileID: m.Video.FileID, Name: m.Video.FileName, Size: m.Video.FileSize}, true
	case m.Voice != nil:
		return incident.Attachment{Kind: incident.Voice, FileID: m.Voice.FileID, Size: m.Voice.FileSize}, true
	case m.Audio != nil:
		return incident.Attachment{Kind: incident.Audio, FileID: m.Audio.FileID, Name: m.Audio.FileName, Size: m.Audio.FileSize}, true
	case m.VideoNote != nil:
		return incident.Attachment{Kind: incident.VideoNote, FileID: m.VideoNote.FileID, Size: int64(m.VideoNote.FileSize)}, true
	}
	return incident.Attachment{}, false
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
	"video_chat_participants_invited", "web_app_data",
}

// service says that a message is a service message. What is neither that nor
// known to us is something that a person sent, of a kind that no question can
// use: she gets an answer.
func service(all fields) bool {
	return slices.ContainsFunc(services, func(name string) bool { return given(all[name]) })
}
