package conversation

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"intakebot/incident"
)

// TestWhenToCall: what is said of the telephone at a moment, with and without
// days off.
func TestWhenToCall(t *testing.T) {
	const closed = "Сейчас по телефону не отвечают, звоните "
	at := func(day, hour, minute int) time.Time {
		return time.Date(2026, 12, day, hour, minute, 0, 0, yekaterinburg)
	}
	holidays := map[incident.Date]bool{}
	for day := 1; day <= 10; day++ {
		holidays[incident.Date{Year: 2027, Month: time.January, Day: day}] = false
	}
	week := incident.Calendar{WeekdaysOnly: true, Except: holidays}
	for _, c := range []struct {
		name     string
		calendar incident.Calendar
		at       time.Time
		says     string
	}{
		{"on a working day", week, at(4, 16, 59), ""},
		{"from the first minute", week, at(4, 8, 0), ""},
		{"early in the morning", week, at(4, 7, 59), "сегодня с 8:00."},
		{"in the evening before a working day", week, at(3, 17, 0), "завтра с 8:00."},
		{"on Friday evening", week, at(4, 17, 0), "в понедельник с 8:00."},
		{"on Saturday at noon", week, at(5, 12, 0), "в понедельник с 8:00."},
		{"on Sunday", week, at(6, 12, 0), "завтра с 8:00."},
		{"on Saturday where every day is one", incident.Calendar{}, at(5, 12, 0), ""},
		{"before the holidays", week, at(31, 18, 0), "11.01 с 8:00."},
		{"by another clock", week, at(4, 12, 0).UTC(), ""},
	} {
		d := testDialogue()
		d.Calendar = c.calendar
		got := strings.ReplaceAll(d.closedNow(c.at), nbsp, " ")
		want := ""
		if c.says != "" {
			want = closed + c.says
		}
		if got != want {
			t.Errorf("%s: %q, want %q", c.name, got, want)
		}
	}
	d := testDialogue()
	d.Line.Support.Opens, d.Line.Support.Closes = 0, 0
	if got := d.closedNow(at(5, 3, 0)); got != "" || d.phoneHours() != "круглосуточно" {
		t.Errorf("a telephone without hours is closed: %q, %q", got, d.phoneHours())
	}
	d.Calendar = week
	if got := d.closedNow(at(5, 3, 0)); !strings.Contains(got, "в понедельник с"+nbsp+"0:00") {
		t.Errorf("a telephone without hours on a day off: %q", got)
	}
}

// TestAnotherLine: nothing of the regulation's line is left in what people read
// of another one.
func TestAnotherLine(t *testing.T) {
	w := newWorld(t)
	w.d.Line = incident.Line{
		Network: "школьной сети", Breaks: "Пишите, если не открывается журнал.",
		Support: incident.Desk{Name: "АО «Связь»", Phone: "8-495-000-00-00", Email: "help@example.ru",
			Opens: incident.Clock(9 * time.Hour), Closes: incident.Clock(18 * time.Hour)},
		Second: incident.Second{Name: "ЦОД", Full: "центр обработки данных", Email: "boss@example.ru"},
	}
	w.d.Consent = BuiltInConsent(w.d.Line)
	var said strings.Builder
	step := func(e Event) {
		w.do(e)
		said.WriteString(strings.Join(w.out, "\n") + "\n")
	}
	step(Command{Name: "start"})
	step(Press{"no"})
	step(Press{"ok:v1"})
	n := string(w.reported().Number)
	for _, name := range []string{"help", "contacts", "start", "my", "status", "forget", "escalate"} {
		step(Command{Name: name})
	}
	step(Text{MessageID: 1000, Text: "Связи нет"})
	step(Press{"send:" + w.state.Escalation.ID})
	step(Press{"esc:" + n})
	for _, c := range w.d.Commands() {
		said.WriteString(c.Help + "\n")
	}
	i := w.reporter.Incidents[0]
	for _, m := range []Message{w.d.Unavailable(w.at), w.d.NotTaken(w.at), w.d.Trouble(w.at), w.d.OfferEscalation(i),
		w.d.EscalationRefused(i, i.Escalations[0], LetterByHand{}), w.d.EscalationDelayed(i, w.at)} {
		said.WriteString(m.HTML + "\n")
	}
	old := incident.RegulationLine()
	for _, foreign := range []string{old.Support.Name, old.Support.Phone, old.Support.Email, old.Support.Form, "УИТ", "Курганской", "ViPNet", "17:00"} {
		if strings.Contains(said.String(), foreign) {
			t.Errorf("%q is said on another line", foreign)
		}
	}
	for _, own := range []string{"АО «Связь»", "8-495-000-00-00.", "help@example.ru", "Эскалировать в ЦОД", "Отправить в ЦОД", "центр обработки данных", "школьной сети", "18:00"} {
		if !strings.Contains(said.String(), own) {
			t.Errorf("%q is said nowhere", own)
		}
	}
}

// TestLineIsOneValue: no sentence of the package names a support line; what
// people read of it comes from Dialogue.Line.
func TestLineIsOneValue(t *testing.T) {
	line := incident.RegulationLine()
	for _, said := range sentences(t) {
		for _, literal := range []string{line.Support.Name, line.Support.Phone, line.Support.Extension, line.Support.Email, line.Support.Form,
			line.Second.Name, line.Second.Email, line.Network, "Правительств", "ViPNet", "аутсорсинг"} {
			if strings.Contains(said.text, literal) {
				t.Errorf("%s: %q in %q", said.at, literal, said.text)
			}
		}
	}
}

// sentence is a string literal of the package's production code.
type sentence struct{ at, text string }

func sentences(t *testing.T) []sentence {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var all []sentence
	set := token.NewFileSet()
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, sentence{set.Position(literal.Pos()).String(), text})
			return true
		})
	}
	return all
}
