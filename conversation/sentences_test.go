package conversation

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
)

var (
	markupOrCode = regexp.MustCompile(`<[^>]*>|%[a-z]|\{second\}|/[a-z]+|[a-z]+@[a-z.]+|example\.ru`)
	latinWord    = regexp.MustCompile(`[A-Za-z]{2,}`)
	// plainSpace is a space that may end a line where none should: before a
	// figure that belongs to the word, and between a figure and its unit.
	plainSpace = regexp.MustCompile(`доб\. \d|№ [\d%"]|(?:^|[ (])(?:с|в|до) \d{1,2}:\d\d|\d (?:знак|файл|час|мин|день|дня|дней|обращени|сообщени)|доб\. $|№ $`)
	ownVoice   = regexp.MustCompile(`(?i)(?:^|[^а-яё])бот(?:а|у|ом|е)?(?:[^а-яё]|$)`)
	named      = regexp.MustCompile(`(?i)что умеет бот|ошибка бота`) // the program, not its voice
	bareIt     = regexp.MustCompile(`(?i)(?:^|[^а-яё])этого(?:[^а-яё]|$)`)
)

// TestSentences reads every sentence of the package: no technical word in
// Latin letters, no «этого» of which nobody knows what it is, one voice (мы),
// and no line end inside «доб. 155», «№ …» or a figure with its unit.
func TestSentences(t *testing.T) {
	allowed := map[string]bool{"Telegram": true, "mail": true, "Email": true}
	for _, s := range sentences(t) {
		if !strings.ContainsFunc(s.text, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) }) || strings.ContainsAny(s.text, "\\^|") {
			continue // no sentence, or an expression
		}
		for _, word := range latinWord.FindAllString(markupOrCode.ReplaceAllString(s.text, " "), -1) {
			if !allowed[word] {
				t.Errorf("%s: %q in %q", s.at, word, s.text)
			}
		}
		for what, wrong := range map[string]*regexp.Regexp{"a plain space": plainSpace, "a voice that is not ours": ownVoice, "a bare этого": bareIt} {
			if wrong.MatchString(named.ReplaceAllString(s.text, "")) {
				t.Errorf("%s: %s in %q", s.at, what, s.text)
			}
		}
	}
}

// TestIntroductions: what Telegram takes of the words about the bot, whole.
func TestIntroductions(t *testing.T) {
	d := testDialogue()
	chat, profile := d.Introduction()
	for _, text := range []string{chat, profile} {
		if text == "" || strings.HasSuffix(text, "…") {
			t.Errorf("not whole: %q", text)
		}
	}
	for _, c := range d.Commands() {
		if n := len([]rune(c.Help)); n == 0 || n > 256 || strings.Contains(c.Help, "{") || strings.Contains(c.Help, "номер") {
			t.Errorf("/%s: %q", c.Name, c.Help)
		}
	}
}
