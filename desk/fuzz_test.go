package desk

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/outbox"
)

// FuzzDeskCommand: of a command of the desk, the number is one that is shown so,
// and the words for the person are the end of what was written.
func FuzzDeskCommand(f *testing.F) {
	for _, seed := range []string{"26-00001-0 Перезагрузите координатор", "№ 26-00001-0\nДве\nстроки", "260000010", "26-00001-1 х", "", "№", "\x00", "26-00001-0\u2028x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, args string) {
		n, rest, complaint := Number(args, "?")
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

// FuzzSearch: what a search looked for is read back from each of its pages.
func FuzzSearch(f *testing.F) {
	f.Add("ёлка нет")
	f.Add(`<b>" OR 1=1 --</b> &amp;`)
	f.Add("26-00001-0\n8 3522 428001")
	f.Fuzz(func(t *testing.T, typed string) {
		sought := Sought(typed)
		m := regulation.Found(incident.Found{Total: 25}, sought, 1)
		if got := SoughtBy(conversation.PlainText(m.HTML)); utf8.ValidString(typed) && got != sought {
			t.Fatalf("%q is read back as %q", sought, got)
		}
		first, _, _ := strings.Cut(m.HTML, "\n")
		if len(incident.Words(first)) != 4 || len(m.Buttons) != 1 || len(m.Buttons[0]) != 2 {
			t.Fatalf("%+v", m)
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
		who := incident.CutUnits(strings.Join(strings.Fields(strings.ToValidUTF8(first+" "+last, "?")), " "), NameMost)
		i := sample(organisation, description, who)
		w := Words{Line: incident.RegulationLine(), Location: time.UTC}
		page := incident.Found{Incidents: slices.Repeat([]incident.Incident{i}, PageSize), Total: 1001, Many: true}
		a := incident.Act{Action: incident.Append, Text: description}
		e := incident.Escalation{Number: i.Number, Seq: 1, State: description}
		l := outbox.Letter{Kind: outbox.EscalationLetter, To: "uit@example.ru", Text: description}
		forbidden := []incident.AttachmentKind{incident.Photo, incident.Document}
		for what, text := range map[string]string{
			"card": w.Card(i, i.StatusAt, forbidden).HTML, "plain card": w.PlainCard(i, i.StatusAt).HTML, "a page of /open": w.OpenPage(page, 1, i.StatusAt).HTML, "a page of /search": w.Found(page, strings.Repeat("&", soughtMost), 1).HTML, "relayed": ReporterAct(i, a),
			"escalation": w.Escalated(e), "refused letter": w.LetterRefused(i.Number, l, description),
			"prompt": Prompt(1, who, incident.Ask, i.Number), "refusal": Escape(w.Refusal(&incident.Refused{Incident: i, Last: i.History[0]})),
		} {
			checkHTML(t, what, text)
		}
		for _, piece := range w.Whole(i) {
			checkHTML(t, "a piece of /incident", piece)
		}
	})
}

// checkHTML holds a text to what Telegram's parse_mode HTML takes: our few tags,
// closed in order, everything else escaped, 4,096 units at most.
func checkHTML(t *testing.T, what, text string) {
	t.Helper()
	if n := incident.Units(conversation.PlainText(text)); n > MessageMost {
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

var ours = regexp.MustCompile(`^(?:<(/?)(b|i|code|pre|blockquote|a|tg-time)(?: href="[^"<>&]*"| unix="\d+" format="\w+")?>|&(?:amp|lt|gt|#34|#39);|[^<>&]+)`)

// FuzzPieces: the pieces of an escaped text are that text, none is too long and
// none ends within an entity.
func FuzzPieces(f *testing.F) {
	f.Add(strings.Repeat("строка & ещё\n", 90), 100)
	f.Add(strings.Repeat("&", 900), 370)
	f.Add(strings.Repeat("\U0001F469", 500), 0)
	f.Add(" \n \n", 50)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		text, limit = Escape(strings.ToValidUTF8(text[:min(len(text), 2000)], "?")), 20+limit&0x1ff
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		var whole strings.Builder
		for _, piece := range Pieces(text, limit) {
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

// TestPieces: a long text is cut into messages that Telegram takes, and nothing
// of it is lost.
func TestPieces(t *testing.T) {
	for _, text := range []string{"", "коротко", strings.Repeat("строка &amp; ещё\n", 900), strings.Repeat("😀 ", 5000), strings.Repeat("х", 9000)} {
		var whole string
		for _, piece := range Pieces(text, 3800) {
			if n := incident.Units(piece); n > 3800 {
				t.Errorf("a piece of %d units", n)
			}
			whole += piece
		}
		if diff := cmp.Diff(strings.TrimSpace(text), strings.TrimSpace(whole)); diff != "" {
			t.Errorf("something was lost: %.200s", diff)
		}
	}
}
