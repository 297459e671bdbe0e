package simulator

import (
	"fmt"
	"maps"
	"slices"
)

// services are service messages that a person in a chat with the bot, or a
// group, can bring about: the field and a value of its form. Those that the
// simulator plays itself (members, titles, topics, migration, pins) are missing.
var services = map[string]any{
	"poll_option_added":                 map[string]any{"option_persistent_id": "1", "option_text": "Ещё один ответ"},
	"poll_option_deleted":               map[string]any{"option_persistent_id": "1", "option_text": "Ещё один ответ"},
	"community_chat_added":              map[string]any{"community": map[string]any{"id": 7, "name": "Сообщество"}},
	"community_chat_removed":            map[string]any{},
	"community_chat_joined":             map[string]any{"community": map[string]any{"id": 7, "name": "Сообщество"}},
	"managed_bot_created":               map[string]any{"bot": map[string]any{"id": 7_000_001, "is_bot": true, "first_name": "Помощник"}},
	"checklist_tasks_done":              map[string]any{"marked_as_done_task_ids": []int{1}},
	"checklist_tasks_added":             map[string]any{"tasks": []any{map[string]any{"id": 1, "text": "Позвонить"}}},
	"chat_owner_left":                   map[string]any{},
	"chat_owner_changed":                map[string]any{"new_owner": map[string]any{"id": 7_000_002, "is_bot": false, "first_name": "Новый"}},
	"message_auto_delete_timer_changed": map[string]any{"message_auto_delete_time": 86_400},
	"write_access_allowed":              map[string]any{"from_request": true},
	"chat_background_set":               map[string]any{"type": map[string]any{"type": "chat_theme", "theme_name": "🎄"}},
	"boost_added":                       map[string]any{"boost_count": 1},
	"video_chat_started":                map[string]any{},
	"video_chat_ended":                  map[string]any{"duration": 60},
	"forum_topic_edited":                map[string]any{"name": "Другая тема"},
	"forum_topic_closed":                map[string]any{},
	"forum_topic_reopened":              map[string]any{},
	"general_forum_topic_hidden":        map[string]any{},
	"general_forum_topic_unhidden":      map[string]any{},
	"delete_chat_photo":                 true,
	"proximity_alert_triggered": map[string]any{
		"traveler": map[string]any{"id": 1, "is_bot": false, "first_name": "А"}, "watcher": map[string]any{"id": 2, "is_bot": false, "first_name": "Б"}, "distance": 5,
	},
	"users_shared": map[string]any{"request_id": 1, "users": []any{map[string]any{"user_id": 1}}},
	"chat_shared":  map[string]any{"request_id": 1, "chat_id": int64(-1_001_000_000_009)},
}

// Services are the names of the service messages that SendService knows.
func Services() []string { return slices.Sorted(maps.Keys(services)) }

// SendService brings about a service message of Bot API 10.3 by its field's
// name, with a value of its form.
func (a *Actor) SendService(name string) int {
	value, known := services[name]
	if !known {
		panic("simulator: no service message " + name)
	}
	m := &message{}
	m.service.other = name
	m.set(name, value)
	return a.sendContent(m)
}

// serviceFields are the fields of service messages that the simulator makes.
type serviceFields struct {
	NewMembers        []*account   `json:"new_chat_members,omitempty"`
	LeftMember        *account     `json:"left_chat_member,omitempty"`
	NewTitle          string       `json:"new_chat_title,omitempty"`
	MigrateToChatID   int64        `json:"migrate_to_chat_id,omitempty"`
	MigrateFromChatID int64        `json:"migrate_from_chat_id,omitempty"`
	TopicCreated      *wireTopic   `json:"forum_topic_created,omitempty"`
	PinnedMessage     *wireMessage `json:"pinned_message,omitempty"`

	other string // the name of a field that is in message.extra
}

type wireTopic struct {
	Name  string `json:"name"`
	Color int    `json:"icon_color"`
}

// describe says a service message in words, "" for all other messages.
func (s serviceFields) describe() string {
	switch {
	case len(s.NewMembers) > 0:
		return s.NewMembers[0].name() + " в группе"
	case s.LeftMember != nil:
		return s.LeftMember.name() + " больше не в группе"
	case s.NewTitle != "":
		return "Группа теперь называется «" + s.NewTitle + "»"
	case s.MigrateToChatID != 0, s.MigrateFromChatID != 0:
		return "Группа стала супергруппой"
	case s.TopicCreated != nil:
		return "Тема «" + s.TopicCreated.Name + "»"
	case s.PinnedMessage != nil:
		return fmt.Sprintf("Закреплено сообщение %d", s.PinnedMessage.ID)
	}
	return s.other
}
