package main

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"intakebot/incident"
	"intakebot/simulator"
)

var numberForm = regexp.MustCompile(`\b\d{2}-\d{5,}-\d\b`)

// numberIn is the one number that a message names.
func numberIn(h *house, m simulator.Message) incident.Number {
	h.Helper()
	found := numberForm.FindAllString(m.Body(), -1)
	if len(found) != 1 {
		h.Fatalf("numbers in the message: %q\n%s", found, m.Body())
	}
	n, err := incident.ParseNumber(found[0])
	if err != nil {
		h.Fatalf("%s: %v", found[0], err)
	}
	return n
}

// cards are the cards in the group: not the answers to them.
func (h *house) cards(messages []simulator.Message) []simulator.Message {
	var cards []simulator.Message
	for _, m := range messages {
		if m.FromBot && m.ReplyTo == 0 && numberForm.MatchString(m.FirstLine()) {
			cards = append(cards, m)
		}
	}
	return cards
}

// card waits until the incident's card in the group holds all the parts.
func (h *house) card(n incident.Number, parts ...string) simulator.Message {
	h.Helper()
	var found simulator.Message
	h.engineer.AwaitView(func(messages []simulator.Message) bool {
		for _, m := range h.cards(messages) {
			if strings.Contains(m.FirstLine(), string(n)) && holds(m.Body(), parts...) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

// reply waits for an answer to the incident's card in the group; a card may
// stand there twice when Telegram's answer to the first was lost.
func (h *house) reply(n incident.Number, parts ...string) simulator.Message {
	h.Helper()
	var found simulator.Message
	h.engineer.AwaitView(func(messages []simulator.Message) bool {
		cards := map[int]bool{}
		for _, m := range h.cards(messages) {
			cards[m.ID] = strings.Contains(m.FirstLine(), string(n))
		}
		for _, m := range messages {
			if m.FromBot && cards[m.ReplyTo] && holds(m.Body(), parts...) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

// letter waits for the k-th letter (from 1) to a box.
func (h *house) letter(box string, k int) simulator.Letter {
	h.Helper()
	var found simulator.Letter
	err := h.mail.Await(h.within(), func(letters []simulator.Letter) bool {
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

// plain is a text without spaces that do not break.
func plain(text string) string { return strings.ReplaceAll(text, "\u00a0", " ") }

// holds says whether a text holds all the parts.
func holds(text string, parts ...string) bool {
	for _, p := range parts {
		if !strings.Contains(plain(text), plain(p)) {
			return false
		}
	}
	return true
}

// id is the person's, as JSON has it.
func id(c *clerk) string { return strconv.FormatInt(c.ChatID(), 10) }
