package bot

import (
	"slices"

	"intakebot/conversation"
)

// refusalsKept is how many refusals of questions that became needless are told.
const refusalsKept = 3

// say adds replies.
func (l *lane) say(more []conversation.Message) { l.replies = joinReplies(l.replies, more) }

// joinReplies adds to what is unsent. A new question makes older ones needless,
// but not that they refused something; what is said again is said once. So a
// flood of messages is answered, and not each of them.
func joinReplies(old, more []conversation.Message) []conversation.Message {
	asks := slices.ContainsFunc(more, func(m conversation.Message) bool { return m.Prompt })
	var kept []conversation.Message
	refusals := 0
	for _, m := range slices.Backward(old) {
		if asks && m.Prompt && !keyboard(m) {
			m = conversation.Message{HTML: m.Refusal, Refusal: m.Refusal}
		}
		if !m.Prompt && m.Refusal != "" {
			refusals++
		}
		if m.HTML != "" && !(refusals > refusalsKept && m.Refusal != "") && !repeated(m, more) && !repeated(m, kept) {
			kept = append(kept, m)
		}
	}
	slices.Reverse(kept)
	return slices.Concat(kept, more)
}

// keyboard says that a message changes the reply keyboard, so it must arrive.
func keyboard(m conversation.Message) bool { return m.Contact || m.RemoveKeyboard }

// repeated says that what m says stands in others too.
func repeated(m conversation.Message, others []conversation.Message) bool {
	return !keyboard(m) && slices.ContainsFunc(others, func(o conversation.Message) bool {
		return o.HTML == m.HTML && len(o.Buttons) == len(m.Buttons) || o.Refusal != "" && o.Refusal == m.HTML
	})
}
