package telegram

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-telegram/bot"
)

// Kind is what an attempt to send means for what was sent.
type Kind int

// The kinds.
const (
	Delivered       Kind = iota // or an edit that changes nothing
	Deleted                     // it was sent, and another bot deleted it at once
	NotSent                     // nothing was asked of Telegram: our own stop, or the sender's choice
	Temporary                   // Telegram cannot be reached, does not work, or says what we do not know
	RateLimited                 // 429: wait as long as it says
	ChatUnavailable             // the chat does not take messages now; a person's not any more
	Migrated                    // the group became a supergroup
	MessageNotFound             // the message to edit or to answer is gone
	KindForbidden               // the group does not take files of this kind
	Rejected                    // about the content: a repetition does not mend it
	Unauthorized                // the token is wrong
)

// Result is what came of an attempt to send.
type Result struct {
	Kind       Kind
	RetryAfter time.Duration // of RateLimited
	MovedTo    int64         // of Migrated
	Err        error         // nil when Delivered
}

// ErrToken: Telegram does not know the token.
var ErrToken = errors.New("telegram does not accept TELEGRAM_BOT_TOKEN")

// unsent is what a sender returns when it sent nothing.
type unsent struct{ cause error }

func (*unsent) Error() string { return "nothing was sent" }

// Unsent is for a sender (Client.Deliver) that sends nothing, because of err or
// because there is nothing to send (nil).
func Unsent(err error) error { return &unsent{err} }

// APIError is an answer of the Bot API with ok false.
type APIError struct {
	Code        int    `json:"error_code"`
	Description string `json:"description"`
	Parameters  struct {
		MigrateTo  int64 `json:"migrate_to_chat_id"`
		RetryAfter int   `json:"retry_after"`
	} `json:"parameters"`
}

// Error implements error.
func (e *APIError) Error() string { return fmt.Sprintf("telegram: %d %s", e.Code, e.Description) }

// answerOf reads the Bot API's answer out of an error, whoever made the request;
// false when there was none.
func answerOf(err error) (APIError, bool) {
	var a APIError
	var own *APIError
	var flood *bot.TooManyRequestsError
	var migrate *bot.MigrateError
	switch {
	case err == nil:
		return a, false
	case errors.As(err, &own):
		return *own, true
	case errors.As(err, &flood):
		a.Code, a.Parameters.RetryAfter = http.StatusTooManyRequests, flood.RetryAfter
	case errors.As(err, &migrate):
		a.Code, a.Parameters.MigrateTo = http.StatusBadRequest, int64(migrate.MigrateToChatID)
	default:
		for code, known := range codes {
			if errors.Is(err, known) {
				a.Code = code
			}
		}
	}
	a.Description = err.Error()
	return a, a.Code != 0
}

// codes are the library's errors.
var codes = map[int]error{
	http.StatusBadRequest:   bot.ErrorBadRequest,
	http.StatusUnauthorized: bot.ErrorUnauthorized,
	http.StatusForbidden:    bot.ErrorForbidden,
	http.StatusNotFound:     bot.ErrorNotFound,
	http.StatusConflict:     bot.ErrorConflict,
}

// Classify says what the error of a request means for what was sent to a chat.
func Classify(chat int64, err error) Result {
	if err == nil {
		return Result{}
	}
	if nothing := (*unsent)(nil); errors.As(err, &nothing) {
		return Result{Kind: NotSent, Err: nothing.cause}
	}
	r := Result{Err: err}
	text := strings.ToLower(err.Error())
	a, answered := answerOf(err)
	switch {
	case errors.Is(err, errUnread), strings.HasPrefix(text, "error decode response result"): // the library's words
		r.Err = nil // it was sent
	case strings.Contains(text, "immediately deleted"):
		r.Kind = Deleted
	case !answered:
		r.Kind = Temporary
	case a.Code == http.StatusTooManyRequests:
		r.Kind, r.RetryAfter = RateLimited, time.Duration(max(1, a.Parameters.RetryAfter))*time.Second
	case a.Parameters.MigrateTo != 0:
		r.Kind, r.MovedTo = Migrated, a.Parameters.MigrateTo
	case a.Code == http.StatusForbidden:
		r.Kind = ChatUnavailable
	case strings.Contains(text, "method not found"): // an old server
		r.Kind = Rejected
	case a.Code == http.StatusUnauthorized, a.Code == http.StatusNotFound:
		r.Kind = Unauthorized
	case a.Code == http.StatusBadRequest:
		r.Kind = badRequest(chat, a.Description)
		if r.Kind == Delivered {
			r.Err = nil
		}
	default:
		r.Kind = Temporary
	}
	return r
}

// badRequests are the descriptions of Telegram's 400 that are certain to mean
// something: they are stable by habit, not by contract. A table of them never
// ends, because the errors of Telegram's own servers come through as they are,
// in capitals.
var badRequests = []struct {
	part string
	kind Kind
}{
	{"message is not modified", Delivered},

	{"message to edit not found", MessageNotFound},
	{"message to delete not found", MessageNotFound},
	{"message can't be edited", MessageNotFound},
	{"message_id_invalid", MessageNotFound},
	{"replied message not found", MessageNotFound},
	{"message to be replied not found", MessageNotFound},
	{"message to reply not found", MessageNotFound},

	{"not enough rights to send text", ChatUnavailable},
	{"chat_send_plain_forbidden", ChatUnavailable},
	{"not enough rights to send", KindForbidden},
	{"chat_send_", KindForbidden},

	{"is too long", Rejected}, // message, caption, reply markup
	{"text is empty", Rejected},
	{"in the message to edit", Rejected}, // there is no text, caption, media
	{"too_long", Rejected},
	{"voice_messages_forbidden", Rejected}, // by a person, as «restricted receiving»
	{"restricted receiving of", Rejected},
	{"file_reference", Rejected},
	{"file_id_invalid", Rejected},
	{"can't parse entities", Rejected},
	{"button_data_invalid", Rejected},
	{"wrong file identifier", Rejected},
	{"wrong remote file", Rejected},
	{"photo_invalid_dimensions", Rejected},
	{"image_process_failed", Rejected},
	{"media_", Rejected},
	{"group send failed", Rejected},
	{"reaction_", Rejected},
	{"message can't be deleted", Rejected},
	{"media of the specified type", Rejected},
	{"query is too old", Rejected},

	{"chat not found", ChatUnavailable},
	{"peer_id_invalid", ChatUnavailable},
	{"user is deactivated", ChatUnavailable},
	{"input_user_deactivated", ChatUnavailable},
	{"user_is_blocked", ChatUnavailable},
}

// badRequest: what is certainly about the content is final. Of the rest, the
// group does not take messages now; a person's chat is no place of rights, so
// only what Telegram's own servers say is not about the content.
func badRequest(chat int64, description string) Kind {
	text := strings.ToLower(description)
	for _, b := range badRequests {
		if strings.Contains(text, b.part) {
			switch {
			case b.kind == KindForbidden && !isGroup(chat):
				return Rejected
			case b.part == "media_" && !capitals(description):
				continue
			}
			return b.kind
		}
	}
	switch {
	case isGroup(chat):
		return ChatUnavailable
	case capitals(description):
		return Temporary
	}
	return Rejected
}

// capitals says that a description is one of Telegram's own servers:
// «Bad Request: CHAT_RESTRICTED».
func capitals(description string) bool {
	at := strings.LastIndex(description, ": ")
	said := strings.TrimSpace(description[max(0, at+1):])
	return said != "" && strings.ToUpper(said) == said && strings.ContainsAny(said, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
}

// Conflicting says that an error means another poll, or a webhook.
func Conflicting(err error) bool {
	a, answered := answerOf(err)
	return answered && a.Code == http.StatusConflict
}

// unparsable: Telegram cannot read our HTML.
func unparsable(err error) bool {
	return err != nil && strings.Contains(strings.ToLower(err.Error()), "can't parse entities")
}
