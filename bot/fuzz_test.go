package bot

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-telegram/bot/models"

	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/outbox"
)

// FuzzDecode: of any bytes at all, an update is read whole or not at all, in the
// lane of the chat that it says, and what it says is what the dialogue gets.
func FuzzDecode(f *testing.F) {
	const me = `"chat":{"id":7,"type":"private"},"from":{"id":7,"is_bot":false,"first_name":"А"}`
	for _, seed := range []string{
		`{"update_id":5,"message":{"message_id":1,"date":1,` + me + `,"text":"/start@x ё"}}`,
		`{"update_id":5,"message":{"message_id":1,"date":-1,` + me + `,"caption":"\ud800","photo":[{"file_id":"f","file_size":1}],"media_group_id":"9"}}`,
		`{"update_id":5,"message":{"message_id":1,"date":1,` + me + `,"contact":{"phone_number":"+7\u0000","user_id":7}}}`,
		`{"update_id":5,"message":{"message_id":1,"date":1,` + me + `,"reply_to_message":{"message_id":9,"date":1,` + me + `,"text":"№ 26-00001-0"},"dice":{}}}`,
		`{"update_id":5,"edited_message":{"message_id":1,"date":1,"edit_date":2,` + me + `,"text":"<b>"}}`,
		`{"update_id":5,"callback_query":{"id":"1","from":{"id":7,"is_bot":false,"first_name":"А"},"message":{"message_id":1,"date":0,"chat":{"id":7,"type":"private"}},"data":"reg:x"}}`,
		`{"update_id":5,"my_chat_member":{"chat":{"id":7,"type":"private"},"from":{"id":7},"date":1,"old_chat_member":{"status":"member","user":{"id":1}},"new_chat_member":{"status":"kicked","user":{"id":1}}}}`,
		`{"update_id":9223372036854775807,"message":{"chat":{"id":-9223372036854775808}}}`,
		`{"update_id":5,"message":{"message_id":1,"sender_chat":{"id":-100,"type":"supergroup"},"chat":{"id":-100,"type":"supergroup"},"document":{"file_id":"f","file_name":"../../etc/passwd\r\n"}}}`,
		`{"UPDATE_ID":5,"Message":{"CHAT":{"ID":7,"TYPE":"private"}}}`, `{"update_id":5e0}`, `[1,2]`, `null`, "\xff", strings.Repeat("[", 20000),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		id, chat := address(raw)
		r, err := decode(raw)
		if err != nil {
			if !json.Valid(raw) && chat != 0 {
				t.Fatalf("%q goes to lane %d", raw, chat)
			}
			return
		}
		if id != r.update.ID {
			t.Fatalf("%q: update %d, stored as %d", raw, r.update.ID, id)
		}
		if m := r.update.Message; m != nil && chat != m.Chat.ID {
			t.Fatalf("%q: chat %d, stored in lane %d", raw, m.Chat.ID, chat)
		}
		if q := r.update.CallbackQuery; q != nil && r.update.Message == nil && r.update.EditedMessage == nil && r.private && chat != q.From.ID && chat != 0 {
			t.Fatalf("%q: pressed by %d, stored in lane %d", raw, q.From.ID, chat)
		}
		checkEvent(t, raw, r)
	})
}

func checkEvent(t *testing.T, raw []byte, r received) {
	t.Helper()
	switch e := r.event.(type) {
	case conversation.Text:
		if e.Text == "" || e.Text != r.update.Message.Text || !utf8.ValidString(e.Text) {
			t.Fatalf("%q: the text %q", raw, e.Text)
		}
	case conversation.Command:
		if e.Name == "" || len(e.Name) > 32 || e.Name != strings.ToLower(e.Name) || strings.ContainsFunc(e.Name, unicode.IsSpace) || strings.ContainsAny(e.Name, "/@.") {
			t.Fatalf("%q: the command %q", raw, e.Name)
		}
		if e.Args != strings.TrimSpace(e.Args) || !strings.HasSuffix(strings.TrimSpace(r.update.Message.Text), e.Args) {
			t.Fatalf("%q: the arguments %q", raw, e.Args)
		}
	case conversation.Media:
		if e.Attachment.Kind == "" {
			t.Fatalf("%q: a file of no kind", raw)
		}
	case conversation.Press:
		if r.update.CallbackQuery == nil || e.Data != r.update.CallbackQuery.Data {
			t.Fatalf("%q: the press %q", raw, e.Data)
		}
	}
}

// FuzzDeskCommand: of a command of the desk, the number is one that is shown so,
// and the words for the person are the end of what was written.
func FuzzDeskCommand(f *testing.F) {
	for _, seed := range []string{"26-00001-0 Перезагрузите координатор", "№ 26-00001-0\nДве\nстроки", "260000010", "26-00001-1 х", "", "№", "\x00", "26-00001-0\u2028x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, args string) {
		n, rest, complaint := number(args)
		if (n == "") == (complaint == "") {
			t.Fatalf("%q: %q, %q", args, n, complaint)
		}
		if again, err := incident.ParseNumber(string(n)); complaint == "" && (again != n || err != nil) {
			t.Fatalf("%q: the number %q", args, n)
		}
		if words := strings.Join(strings.Fields(rest), " "); !strings.HasSuffix(strings.Join(strings.Fields(args), " "), words) {
			t.Fatalf("%q: the words %q", args, rest)
		}
	})
}

// FuzzSearch: whatever is typed, an incident is found by each of the words that
// it holds, and what is found holds all that was typed.
func FuzzSearch(f *testing.F) {
	f.Add("ёлка нет", "Нет связи с Ёлкино")
	f.Add(`" OR 1=1 --`, "NEAR(a b) * ^ AND NOT")
	f.Add("26-00001-0", "8 3522 428001")
	f.Add("%_*", "\x00\xff")
	f.Fuzz(func(t *testing.T, typed, description string) {
		if len(typed)+len(description) > 10000 {
			return
		}
		i := sample("Администрация", description, "Соколов")
		words := searchWords(typed)
		for _, word := range words {
			if word == "" || strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
				t.Fatalf("%q is taken for the word %q", typed, word)
			}
		}
		if matches(i, words) {
			for _, word := range words {
				if !matches(i, []string{word}) {
					t.Fatalf("%q is found together only", word)
				}
			}
		}
		own := searchWords(description)
		_, err := incident.ParseNumber(description) // a number is one word, in a sentence it is several
		if len(own) > 0 && err != nil && !matches(i, own[:1]) {
			t.Fatalf("%q does not find its own first word", description)
		}
	})
}

// sample is an incident as the desk sees it.
func sample(organisation, description, name string) incident.Incident {
	at := time.Date(2026, 11, 23, 9, 5, 0, 0, time.UTC)
	i := incident.Incident{
		Number: incident.NewNumber(2026, 1), Reporter: 7, Status: incident.InProgress, Assignee: name, RegisteredAt: at, StatusAt: at,
		Answers: incident.Answers{
			{Key: incident.Organisation, Label: "Организация", Value: organisation},
			{Key: incident.FullName, Label: "ФИО", Value: "Иванова Анна"},
			{Key: incident.PhoneNumber, Label: "Телефон", Value: "+73522428001;ext=155"},
			{Key: incident.Email, Label: "Электронная почта", Value: "a@b.ru"},
			{Key: incident.Description, Label: "Описание", Value: description},
		},
		History: []incident.Entry{{At: at, Kind: incident.KindRelayed, By: incident.ByDesk, Name: name, Text: description}},
	}
	for range 12 {
		i.Attachments = append(i.Attachments, incident.Attachment{Kind: incident.Document, FileID: "f", Name: description})
	}
	return i
}

// FuzzDeskTexts: all that the desk reads of an incident is HTML that Telegram
// takes and as long as a message may be, whoever works it and whatever is in it.
func FuzzDeskTexts(f *testing.F) {
	f.Add("Школа № 5", "Нет связи", "Игорь", "Соколов")
	f.Add("<b>&amp;", "</pre><a href=\"tg://user?id=1\">", "\u202e", "\x00\r\n")
	f.Add(strings.Repeat("\U0001F469", 300), strings.Repeat("&", 20000), strings.Repeat("И", 5000), "")
	f.Add(strings.Repeat("а", 300), strings.Repeat("\U0001F469", 20000), strings.Repeat("\U0001F469", 64), strings.Repeat("\U0001F469", 64))
	f.Fuzz(func(t *testing.T, organisation, description, first, last string) {
		if step, _ := conversation.StepByKey(incident.Organisation); len(organisation) > 0 {
			organisation, _ = step.Check(organisation)
		}
		if step, _ := conversation.StepByKey(incident.Description); len(description) > 0 {
			description, _ = step.Check(description)
		}
		who := memberOf(&models.User{ID: 1, FirstName: strings.ToValidUTF8(first, "?"), LastName: strings.ToValidUTF8(last, "?")})
		i := sample(organisation, description, who.Name)
		b := &Bot{cfg: Config{Dialogue: &conversation.Dialogue{Location: time.UTC}, Now: func() time.Time { return i.StatusAt }}}
		d := &deskTurn{lane: &lane{Bot: b}, who: who}
		line := d.line(i)
		a := incident.Act{Action: incident.Append, Text: description}
		e := incident.Escalation{Number: i.Number, Seq: 1, State: description}
		l := outbox.Letter{Kind: outbox.EscalationLetter, To: "uit@example.ru", Text: description}
		for what, text := range map[string]string{
			"card": b.cardMessage(i).HTML, "a page of /open": strings.Repeat(line+"\n", pageSize), "relayed": reporterActText(i, a),
			"escalation": escalationNotice(e), "refused letter": refusedNotice(i.Number, l, description),
			"prompt": promptText(who, incident.Ask, i.Number), "refusal": escape(b.refusalText(&incident.Refused{Incident: i, Last: i.History[0]})),
		} {
			checkHTML(t, what, text)
		}
		for _, piece := range pieces(d.incidentText(i, 1<<20), 3800) {
			checkHTML(t, "a piece of /incident", piece)
		}
	})
}

// checkHTML holds a text to what Telegram's parse_mode HTML takes: our few tags,
// closed in order, everything else escaped, 4,096 units at most.
func checkHTML(t *testing.T, what, text string) {
	t.Helper()
	if n := incident.Units(conversation.PlainText(text)); n > messageMost {
		t.Fatalf("%s: %d units", what, n)
	}
	var open []string
	for rest := text; rest != ""; {
		m := ours.FindStringSubmatch(rest)
		if m == nil || !utf8.ValidString(m[0]) {
			t.Fatalf("%s: not HTML from %.80q on", what, rest)
		}
		rest = rest[len(m[0]):]
		switch {
		case m[2] == "":
		case m[1] == "":
			open = append(open, m[2])
		case !slices.Equal(open[max(0, len(open)-1):], m[2:3]):
			t.Fatalf("%s: </%s> closes nothing", what, m[2])
		default:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Fatalf("%s: %v is open at the end", what, open)
	}
}

var ours = regexp.MustCompile(`^(?:<(/?)(b|i|code|pre|blockquote|a)(?: href="[^"<>&]*")?>|&(?:amp|lt|gt|#34|#39);|[^<>&]+)`)

// FuzzPieces: the pieces of an escaped text are that text, none is too long and
// none ends within an entity.
func FuzzPieces(f *testing.F) {
	f.Add(strings.Repeat("строка & ещё\n", 90), 100)
	f.Add(strings.Repeat("&", 900), 370)
	f.Add(strings.Repeat("\U0001F469", 500), 0)
	f.Add(" \n \n", 50)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		text, limit = escape(strings.ToValidUTF8(text[:min(len(text), 2000)], "?")), 20+limit&0x1ff
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		var whole strings.Builder
		for _, piece := range pieces(text, limit) {
			if n := incident.Units(piece); n > limit {
				t.Fatalf("a piece of %d units, not %d", n, limit)
			}
			checkHTML(t, "a piece", piece)
			whole.WriteString(piece)
		}
		if squeeze(whole.String()) != squeeze(text) {
			t.Fatalf("%q became %q", text, whole.String())
		}
	})
}
