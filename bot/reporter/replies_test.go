package reporter

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"intakebot/conversation"
)

// TestReplies: a question makes an older unsent one needless; anything else
// stays.
func TestReplies(t *testing.T) {
	say := func(text string) conversation.Message { return conversation.Message{HTML: text} }
	ask := func(text string) conversation.Message { return conversation.Message{HTML: text, Prompt: true} }
	got := joinReplies([]conversation.Message{say("1"), ask("2"), say("3")}, []conversation.Message{say("4"), ask("5")})
	if diff := cmp.Diff([]conversation.Message{say("1"), say("3"), say("4"), ask("5")}, got); diff != "" {
		t.Error(diff)
	}
	keyboard := conversation.Message{HTML: "phone", Prompt: true, Contact: true}
	if got := joinReplies([]conversation.Message{keyboard}, []conversation.Message{ask("next")}); len(got) != 2 {
		t.Errorf("the message that shows or removes a keyboard was dropped: %v", got)
	}

	refusing := func(text string) conversation.Message {
		return conversation.Message{HTML: "Описание. " + text, Prompt: true, Refusal: text}
	}
	told := func(text string) conversation.Message {
		return conversation.Message{HTML: text, Refusal: text}
	}
	got = nil
	for _, m := range []conversation.Message{say("помощь"), refusing("1"), ask("?"), refusing("2"), refusing("2"), say("помощь"),
		refusing("3"), refusing("4"), refusing("5"), ask("?")} {
		got = joinReplies(got, []conversation.Message{m})
	}
	want := []conversation.Message{say("помощь"), told("3"), told("4"), told("5"), ask("?")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what was refused is told, the last of it, and nothing twice:\n%s", diff)
	}
}
