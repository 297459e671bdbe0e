package simulator

import "fmt"

// Meaning is what a refusal means for what was to be done.
type Meaning string

// The meanings.
const (
	MeansDone        Meaning = "done already"
	MeansGone        Meaning = "that message is gone"
	MeansContent     Meaning = "about the content: final"
	MeansUnreachable Meaning = "this person cannot be reached"
	MeansMoved       Meaning = "the group has another id"
	MeansClosed      Meaning = "the group does not take messages now"
	MeansKind        Meaning = "this kind of message is forbidden in the group"
	MeansAgain       Meaning = "try again"
	MeansSent        Meaning = "it was sent, and another bot deleted it"
	MeansWait        Meaning = "wait as long as it says"
	MeansLate        Meaning = "the press cannot be answered any more"
	MeansOldServer   Meaning = "the server is older than the method"
	MeansToken       Meaning = "the token is wrong"
)

// Refusal is an answer with ok false. A [Fault] of the kind [Refused] gives it,
// and so does a group after [Group.Refuse].
type Refusal struct {
	Code        int
	Description string
	RetryAfter  int
	MigrateTo   int64
	Means       Meaning
}

func (r Refusal) err() error {
	return &apiError{code: r.Code, text: r.Description, retryAfter: r.RetryAfter, migrateTo: r.MigrateTo}
}

// Restricted are some refusals that a group gives as a whole: see [Group.Refuse].
var (
	ChatRestricted     = closed("CHAT_RESTRICTED")
	ChatWriteForbidden = closed("CHAT_WRITE_FORBIDDEN")
	NoWriteAccess      = closed("have no write access to the chat")
	BannedInChannel    = closed("USER_BANNED_IN_CHANNEL")
	ChannelPrivate     = closed("CHANNEL_PRIVATE")
	AdminRequired      = closed("CHAT_ADMIN_REQUIRED")
	NoRightToText      = closed("not enough rights to send text messages to the chat")
	Frozen             = closed("FROZEN_METHOD_INVALID")
)

func closed(description string) Refusal {
	return Refusal{Code: 400, Description: "Bad Request: " + description, Means: MeansClosed}
}

// FloodFor is the refusal of a bot that sends too fast.
func FloodFor(seconds int) Refusal {
	return Refusal{Code: 429, Description: fmt.Sprintf("Too Many Requests: retry after %d", seconds), RetryAfter: seconds, Means: MeansWait}
}

// Refusals are the answers that are known to come, with what they mean. What
// comes from Telegram's servers in capitals has no end: a program must not know
// only these.
var Refusals = refusals()

func refusals() []Refusal {
	all := []Refusal{
		ChatRestricted, ChatWriteForbidden, NoWriteAccess, BannedInChannel, ChannelPrivate, AdminRequired, NoRightToText, Frozen, FloodFor(3),
		{Code: 401, Description: "Unauthorized", Means: MeansToken},
		{Code: 403, Description: "Forbidden: bot was blocked by the user", Means: MeansUnreachable},
		{Code: 403, Description: "Forbidden: user is deactivated", Means: MeansUnreachable},
		{Code: 403, Description: "Forbidden: bot can't initiate conversation with a user", Means: MeansUnreachable},
		{Code: 403, Description: "Forbidden: bot was kicked from the supergroup chat", Means: MeansClosed},
		{Code: 403, Description: "Forbidden: bot was kicked from the group chat", Means: MeansClosed},
		{Code: 403, Description: "Forbidden: bot is not a member of the supergroup chat", Means: MeansClosed},
		{Code: 404, Description: "Not Found: method not found", Means: MeansOldServer},
		{Code: 500, Description: "Internal Server Error: " + deletedAtOnce, Means: MeansSent},
		{Code: 400, Description: "Bad Request: group chat was upgraded to a supergroup chat", MigrateTo: -1_001_999_999_999, Means: MeansMoved},
	}
	for means, descriptions := range badRequests {
		for _, d := range descriptions {
			all = append(all, Refusal{Code: 400, Description: "Bad Request: " + d, Means: means})
		}
	}
	return all
}

// deletedAtOnce is what the server says when another bot deletes what ours sent.
const deletedAtOnce = "sent message was immediately deleted and can't be returned"

// badRequests are the descriptions of 400, without their "Bad Request: ".
var badRequests = map[Meaning][]string{
	MeansDone: {notModified},
	MeansGone: {
		"message to edit not found", "message to delete not found", "message to be replied not found", "MESSAGE_ID_INVALID",
		"message can't be edited",
	},
	MeansContent: {
		"message is too long", "MESSAGE_TOO_LONG", "text is too long", "message caption is too long", "MEDIA_CAPTION_TOO_LONG",
		"message text is empty", "there is no text in the message to edit", "BUTTON_DATA_INVALID", "reply markup is too long",
		`can't parse entities: Unsupported start tag "x" at byte offset 0`, "wrong file identifier/HTTP URL specified",
		"PHOTO_INVALID_DIMENSIONS", "MEDIA_EMPTY", "MEDIA_INVALID", "MEDIA_GROUPED_INVALID", "group send failed",
	},
	MeansUnreachable: {"chat not found", "PEER_ID_INVALID"},
	MeansClosed: {
		"CHAT_SEND_PLAIN_FORBIDDEN", "CHAT_SEND_MEDIA_FORBIDDEN", "CHAT_GUEST_SEND_FORBIDDEN", "TOPIC_CLOSED", "TOPIC_DELETED",
		"message thread not found",
	},
	MeansKind: {
		"not enough rights to send photos to the chat", "not enough rights to send documents to the chat",
		"not enough rights to send videos to the chat", "not enough rights to send voice notes to the chat",
		"not enough rights to send video notes to the chat", "not enough rights to send music to the chat",
		"not enough rights to send animations to the chat", "not enough rights to send stickers to the chat",
	},
	MeansAgain: {"wrong file_id or the file is temporarily unavailable"},
	MeansLate:  {"query is too old and response timeout expired or query ID is invalid"},
}
