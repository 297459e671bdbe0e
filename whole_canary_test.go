package main

import (
	"encoding/json"
	"fmt"
	"net/mail"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
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

// found says which canaries stand in a log, and in which line. Package slog
// quotes what holds quotes or line ends.
func (c canaries) found(log string) []string {
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

// canaries are those of the house.
func (h *house) canaries() canaries {
	c := canaries{}
	c.secrets(h.env)
	c.said(h.telegram)
	c.letters(h.mail.Letters())
	return c
}

// TestCanaries: the search finds what it is for, in each form in which a log
// holds it, and nothing else.
func TestCanaries(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	h.env["SMTP_PASSWORD"], h.env["REDIS_URL"] = "hunter22", "redis://:swordfish@localhost"
	anna := h.clerk()
	n := anna.files()
	h.letter(supportBox, 1)
	first := anna.Send("Пароль от роутера «гусь»,\nа имя \"утка\"")
	anna.AwaitText("Что сделать")
	anna.Edit(first, "Пароля от роутера нет")
	anna.AwaitText("Что сделать", "Пароля")
	anna.SendDocument(scheme, "")
	anna.AwaitText("схема сети")
	h.engineer.Send("/resolve " + string(n) + " Заменили блок питания")
	anna.AwaitText("Заменили блок питания")
	c := h.canaries()
	for _, line := range []string{
		"hunter22", "swordfish", "Анна", "Соколов", "ivanova@example.ru", "Администрация Кетовского", `Пароль от роутера «гусь»,\nа`, `а имя \"утка\"`,
		"Пароля от роутера нет", "схема сети.pdf", "Заменили блок питания", anna.Person().Phone(),
		strings.TrimPrefix(h.telegram.Token(), strings.Split(h.telegram.Token(), ":")[0]),
	} {
		log := "level=INFO msg=before\nlevel=INFO msg=\"" + line + "\"\nlevel=INFO msg=after"
		if found := c.found(log); len(found) == 0 || !strings.Contains(found[0], line) || strings.Contains(found[0], "after") {
			t.Errorf("%s is passed over: %q", line, found)
		}
	}
	if found := c.found("level=INFO msg=letter incident=" + string(n) + " chat=510000003"); len(found) != 0 {
		t.Errorf("found %q", found)
	}
}
