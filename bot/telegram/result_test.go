package telegram

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/go-telegram/bot"
)

// TestClassify: what Telegram's answers mean for what was sent to a person, and
// to the group.
func TestClassify(t *testing.T) {
	bad := func(text string) error { return fmt.Errorf("%w, Bad Request: %s", bot.ErrorBadRequest, text) }
	for _, c := range []struct {
		err            error
		person, inDesk Kind
	}{
		{nil, Delivered, Delivered},
		{Unsent(nil), NotSent, NotSent},
		{errors.New("error decode response result for method sendMessage, x"), Delivered, Delivered},
		{errors.New("error response from telegram for method sendMessage, 502 Bad Gateway"), Temporary, Temporary},
		{errors.New("error response from telegram for method sendMessage, 500 Internal Server Error: sent message was immediately deleted and can't be returned"), Deleted, Deleted},
		{errors.New("error decode response body for method sendMessage, <html>, x"), Temporary, Temporary},
		{fmt.Errorf("send: %w", &bot.TooManyRequestsError{RetryAfter: 3}), RateLimited, RateLimited},
		{&APIError{Code: 429, Description: "Too Many Requests"}, RateLimited, RateLimited},
		{fmt.Errorf("send: %w", &bot.MigrateError{MigrateToChatID: -100}), Migrated, Migrated},
		{fmt.Errorf("%w, Forbidden: bot was blocked by the user", bot.ErrorForbidden), ChatUnavailable, ChatUnavailable},
		{fmt.Errorf("%w, Not Found: method not found", bot.ErrorNotFound), Rejected, Rejected},
		{fmt.Errorf("%w, Not Found", bot.ErrorNotFound), Unauthorized, Unauthorized},
		{fmt.Errorf("%w, Unauthorized", bot.ErrorUnauthorized), Unauthorized, Unauthorized},
		{bad("chat not found"), ChatUnavailable, ChatUnavailable},
		{bad("message is not modified: …"), Delivered, Delivered},
		{bad("message to edit not found"), MessageNotFound, MessageNotFound},
		{bad("message to be replied not found"), MessageNotFound, MessageNotFound},
		{bad("can't parse entities: …"), Rejected, Rejected},
		{bad("message is too long"), Rejected, Rejected},
		{bad("PHOTO_INVALID_DIMENSIONS"), Rejected, Rejected},
		{bad("MEDIA_EMPTY"), Rejected, Rejected},
		{bad("query is too old and response timeout expired or query ID is invalid"), Rejected, Rejected},
		{bad("there is no media in the message to edit"), Rejected, Rejected},
		{bad("VOICE_MESSAGES_FORBIDDEN"), Rejected, Rejected},
		{bad("something is wrong with it"), Rejected, ChatUnavailable},
		{bad("CHAT_RESTRICTED"), Temporary, ChatUnavailable},
		{bad("FROZEN_METHOD_INVALID"), Temporary, ChatUnavailable},
		{bad("SOMETHING_NEW"), Temporary, ChatUnavailable},
		{bad("have no write access to the chat"), Rejected, ChatUnavailable},
		{bad("not enough rights to send text messages to the chat"), ChatUnavailable, ChatUnavailable},
		{bad("not enough rights to send photos to the chat"), Rejected, KindForbidden},
		{bad("CHAT_SEND_DOCS_FORBIDDEN"), Rejected, KindForbidden},
		{bad("TOPIC_CLOSED"), Temporary, ChatUnavailable},
		{bad("message thread not found"), Rejected, ChatUnavailable},
	} {
		if got := Classify(7, c.err).Kind; got != c.person {
			t.Errorf("to a person, %v: %d, want %d", c.err, got, c.person)
		}
		if got := Classify(-100, c.err).Kind; got != c.inDesk {
			t.Errorf("to the group, %v: %d, want %d", c.err, got, c.inDesk)
		}
	}
	if r := Classify(7, &bot.TooManyRequestsError{RetryAfter: 3}); r.RetryAfter != 3*time.Second {
		t.Errorf("retry_after 3 waits %v", r.RetryAfter)
	}
}
