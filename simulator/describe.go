package simulator

import "strings"

// selfTexts are the texts that a bot says of itself, by method.
var selfTexts = map[string]struct {
	field string
	limit int
}{
	"MyName":             {"name", 64},
	"MyDescription":      {"description", 512},
	"MyShortDescription": {"short_description", 120},
}

// describe is setMyName, setMyDescription or setMyShortDescription: a text for
// each language, "" for all others.
func (tg *Telegram) describe(q *request) (any, error) {
	about := selfTexts[strings.TrimPrefix(q.method, "set")]
	text := q.str(about.field)
	if utf16Len(text) > about.limit {
		return nil, badRequest("%s is too long", strings.ReplaceAll(about.field, "_", " "))
	}
	tg.descriptions[about.field+"/"+q.str("language_code")] = text
	return true, nil
}

// described is getMyName and its like.
func (tg *Telegram) described(q *request) (any, error) {
	field := selfTexts[strings.TrimPrefix(q.method, "get")].field
	return map[string]string{field: tg.selfText(field, q.str("language_code"))}, nil
}

func (tg *Telegram) selfText(field, language string) string {
	for _, l := range []string{language, ""} {
		if text := tg.descriptions[field+"/"+l]; text != "" {
			return text
		}
	}
	if field == "name" {
		return tg.bot.FirstName
	}
	return ""
}

// SelfText is what the bot says of itself to people who speak a language: field
// is name, description (an empty chat shows it) or short_description (the bot's
// profile).
func (tg *Telegram) SelfText(field, language string) string {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	return tg.selfText(field, language)
}

// logOut: https://core.telegram.org/bots/api#logout. Every later call is refused.
func (tg *Telegram) logOut(*request) (any, error) {
	tg.left = true
	return true, nil
}

// closeBot: https://core.telegram.org/bots/api#close.
func (tg *Telegram) closeBot(*request) (any, error) { return true, nil }
