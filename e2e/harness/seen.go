package harness

import (
	"regexp"
	"slices"
	"strings"

	"intakebot/incident"
	"intakebot/simulator"
)

var NumberForm = regexp.MustCompile(`\b\d{2}-\d{5,}-\d\b`)

// NumberIn is the one number that a message names.
func NumberIn(h *Harness, m simulator.Message) incident.Number {
	h.Helper()
	found := NumberForm.FindAllString(m.Body(), -1)
	if len(found) != 1 {
		h.Fatalf("numbers in the message: %q\n%s", found, m.Body())
	}
	n, err := incident.ParseNumber(found[0])
	if err != nil {
		h.Fatalf("%s: %v", found[0], err)
	}
	return n
}

// Cards are the cards in the group: not the answers to them.
func (h *Harness) Cards(messages []simulator.Message) []simulator.Message {
	var cards []simulator.Message
	for _, m := range messages {
		if m.FromBot && m.ReplyTo == 0 && NumberForm.MatchString(m.FirstLine()) {
			cards = append(cards, m)
		}
	}
	return cards
}

// Card waits until the incident's card in the group holds all the parts.
func (h *Harness) Card(n incident.Number, parts ...string) simulator.Message {
	h.Helper()
	var found simulator.Message
	h.Engineer.AwaitView(func(messages []simulator.Message) bool {
		for _, m := range h.Cards(messages) {
			if strings.Contains(m.FirstLine(), string(n)) && Holds(m.Body(), parts...) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

// CardReply waits for an answer to the incident's card in the group; a card may
// stand there twice when Telegram's answer to the first was lost.
func (h *Harness) CardReply(n incident.Number, parts ...string) simulator.Message {
	h.Helper()
	var found simulator.Message
	h.Engineer.AwaitView(func(messages []simulator.Message) bool {
		cards := map[int]bool{}
		for _, m := range h.Cards(messages) {
			cards[m.ID] = strings.Contains(m.FirstLine(), string(n))
		}
		for _, m := range messages {
			if m.FromBot && cards[m.ReplyTo] && Holds(m.Body(), parts...) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

// Letter waits for the k-th letter (from 1) to a box.
func (h *Harness) Letter(box string, k int) simulator.Letter {
	h.Helper()
	var found simulator.Letter
	err := h.Mail.Await(h.Within(), func(letters []simulator.Letter) bool {
		seen := 0
		for _, l := range letters {
			if slices.Equal(l.To, []string{box}) {
				if seen++; seen == k {
					found = l
					return true
				}
			}
		}
		return false
	})
	if err != nil {
		h.Fatal(err)
	}
	return found
}

// Plain is a text without spaces that do not break.
func Plain(text string) string { return strings.ReplaceAll(text, "\u00a0", " ") }

// Holds says whether a text holds all the parts.
func Holds(text string, parts ...string) bool {
	for _, p := range parts {
		if !strings.Contains(Plain(text), Plain(p)) {
			return false
		}
	}
	return true
}
