package harness

import (
	"encoding/json"
	"fmt"
	"net/mail"
	"net/url"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"intakebot/incident"
	"intakebot/simulator"
)

// canaries are what must stand in no log, and what each of them is: secrets,
// and whatever tells who somebody is or what they wrote.
type canaries map[string]string

// How short a canary may be, in characters: shorter words stand anywhere by
// chance. A longer text is looked for in pieces, since a log may hold a part of
// it.
const (
	leastName, leastText = 4, 6
	canaryPiece          = 24
	canaryPieces         = 40 // of one text
)

// secrets adds those of an environment: tokens and passwords, also in files and
// inside of addresses.
func (c canaries) secrets(env map[string]string) {
	for name, value := range env {
		if path := value; strings.HasSuffix(name, "_FILE") {
			content, err := os.ReadFile(path)
			if err != nil {
				continue // a mistake that the program complains of
			}
			name, value = strings.TrimSuffix(name, "_FILE"), strings.TrimRight(string(content), "\r\n")
		}
		switch {
		case strings.HasSuffix(name, "_TOKEN"):
			if _, secret, ok := strings.Cut(value, ":"); ok {
				c.add(name, secret, 1)
			}
		case strings.HasSuffix(name, "_SECRET"), strings.HasSuffix(name, "_PASSWORD"):
			c.add(name, value, 1)
		}
		if u, err := url.Parse(value); err == nil {
			if password, ok := u.User.Password(); ok {
				c.add("password in "+name, password, 1)
			}
		}
	}
}

// said adds everything that the simulator knows of people: their names, and
// each text, caption, file name and contact that they ever sent.
func (c canaries) said(tg *simulator.Telegram) {
	for _, p := range tg.People() {
		c.names(p.Name())
		c.add("telephone", p.Phone(), leastText)
	}
	for _, raw := range tg.Updates() {
		var update any
		if json.Unmarshal(raw, &update) == nil {
			c.update(update)
		}
	}
}

// update walks through an update, past what the bot itself had said in it.
func (c canaries) update(value any) {
	switch v := value.(type) {
	case []any:
		for _, one := range v {
			c.update(one)
		}
	case map[string]any:
		from, _ := v["from"].(map[string]any)
		if v["is_bot"] == true || from["is_bot"] == true && v["sender_chat"] == nil {
			return
		}
		for key, one := range v {
			if text, ok := one.(string); ok {
				c.field(key, text)
			} else {
				c.update(one)
			}
		}
	}
}

func (c canaries) field(key, text string) {
	switch key {
	case "text", "caption", "question":
		c.text(key, text)
	case "first_name", "last_name", "username":
		c.names(text)
	case "file_name", "phone_number":
		c.add(key, text, leastText)
	}
}

func (c canaries) names(full string) {
	for _, name := range strings.Fields(full) {
		c.add("name", name, leastName)
	}
}

// text adds the words of a message, without a command and a number before them.
func (c canaries) text(kind, text string) {
	if strings.HasPrefix(text, "/") {
		_, text, _ = strings.Cut(text, " ")
	}
	if word, rest, _ := strings.Cut(text, " "); isNumber(word) {
		text = rest
	}
	pieces := 0
	for line := range strings.Lines(text) {
		runes := []rune(strings.TrimSpace(line))
		for from := 0; from < len(runes) && pieces < canaryPieces; from += canaryPiece {
			from := max(0, min(from, len(runes)-canaryPiece)) // the last one is no scrap
			piece := strings.TrimSpace(string(runes[from:min(from+canaryPiece, len(runes))]))
			c.add(kind, piece, leastText)
			pieces++
		}
	}
}

func isNumber(text string) bool {
	_, err := incident.ParseNumber(text)
	return err == nil
}

// letters adds the addresses of people to whom letters can be answered.
func (c canaries) letters(letters []simulator.Letter) {
	for _, l := range letters {
		if a, err := mail.ParseAddress(l.Header("Reply-To")); err == nil {
			c.add("address", a.Address, leastText)
		}
	}
}

func (c canaries) add(kind, text string, least int) {
	if utf8.RuneCountInString(text) >= least && !isNumber(text) {
		c[text] = kind
	}
}

// Found says which canaries stand in a log, and in which line. Package slog
// quotes what holds quotes or line ends.
func (c canaries) Found(log string) []string {
	var all []string
	for text, kind := range c {
		for _, written := range []string{text, strings.Trim(strconv.Quote(text), `"`)} {
			at := strings.Index(log, written)
			if at < 0 {
				continue
			}
			line, _, _ := strings.Cut(log[strings.LastIndexByte(log[:at], '\n')+1:], "\n")
			all = append(all, fmt.Sprintf("%s %q stands in the log:\n%s", kind, text, line))
			break
		}
	}
	return all
}

// Canaries are those of the harness.
func (h *Harness) Canaries() canaries {
	c := canaries{}
	c.secrets(h.Env)
	c.said(h.Telegram)
	c.letters(h.Mail.Letters())
	return c
}
