package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"intakebot/conversation"
	"intakebot/incident"
)

const (
	// searchMost is how many incidents a search shows, the newest first.
	searchMost = 10
	// searchWordsMost is how many words it takes: each is looked for in the
	// whole register.
	searchWordsMost = 20
)

// search finds incidents by number, organisation, name, phone or words of the
// description: every word typed must begin a word of the incident. It reads
// the register through, a few thousand incidents in a fraction of a second, and
// leaves no index behind that erased data would have to be erased from.
func (d *deskTurn) search(ctx context.Context, args string, _ int) error {
	typed := searchWords(args)
	if len(typed) == 0 {
		return d.answer(ctx, "", searchHow)
	}
	if len(typed) > searchWordsMost {
		return d.answer(ctx, "", fmt.Sprintf(searchLess, len(typed), searchWordsMost))
	}
	var found []incident.Incident
	err := d.cfg.Register.Each(ctx, incident.Period{}, func(i incident.Incident) error {
		if matches(i, typed) {
			found = append(found, i)
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.Reverse(found)
	lines := []string{fmt.Sprintf("<b>Найдено: %d</b>", len(found)), ""}
	for _, i := range found[:min(searchMost, len(found))] {
		lines = append(lines, d.line(i))
	}
	if len(found) > searchMost {
		lines = append(lines, "", "Показаны последние. Добавьте слово, чтобы найти точнее.")
	}
	return d.answer(ctx, "", strings.TrimSpace(strings.Join(lines, "\n")))
}

// matches says that each typed word begins a word of the incident, or is part
// of its telephone or number.
func matches(i incident.Incident, typed []string) bool {
	var text strings.Builder
	for _, a := range i.Answers {
		text.WriteString(conversation.Shown(a) + " " + a.Value + " ")
	}
	for _, e := range i.History {
		text.WriteString(e.Text + " ")
	}
	have := searchWords(text.String())
	digits := onlyDigits(i.Phone().E164 + " " + string(i.Number))
	for _, word := range typed {
		begins := slices.ContainsFunc(have, func(h string) bool { return strings.HasPrefix(h, word) })
		if len(word) == 11 && word[0] == '8' {
			word = "7" + word[1:] // 8 before a number is dialled, +7 is kept
		}
		number := len(word) >= 3 && onlyDigits(word) == word && strings.Contains(digits, word)
		if !begins && !number {
			return false
		}
	}
	return true
}

// searchWords are the words of a text in lower case, ё as е; a number or a
// phone typed with hyphens is one word of digits.
func searchWords(text string) []string {
	if n, err := incident.ParseNumber(text); err == nil {
		return []string{onlyDigits(string(n))}
	}
	text = strings.ReplaceAll(strings.ToLower(text), "ё", "е")
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// span writes a duration for people: «12 мин», «3 ч 20 мин», «2 дн 4 ч».
func span(d time.Duration) string {
	switch m := int(d.Minutes()); {
	case m < 60:
		return fmt.Sprintf("%d\u00a0мин", m)
	case m < 24*60:
		return fmt.Sprintf("%d\u00a0ч %d\u00a0мин", m/60, m%60)
	default:
		return fmt.Sprintf("%d\u00a0дн %d\u00a0ч", m/60/24, m/60%24)
	}
}

// username is this bot's name without «@», "" while it is unknown.
func (b *Bot) username() string {
	b.desk.Lock()
	defer b.desk.Unlock()
	return b.desk.username
}
