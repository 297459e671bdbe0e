package conversation

import (
	"strings"
	"testing"

	"intakebot/incident"
)

// TestLongestAnswersFit: the longest answers that are taken, in characters of
// which each counts twice for Telegram, leave every message within its limit.
func TestLongestAnswersFit(t *testing.T) {
	const wide = "\U0001F469"
	organisation := strings.Repeat(wide+" ", 140) + "абвгдежз"
	w := newWorld(t)
	w.d.Organisations = append(w.d.Organisations, organisation+"и")
	step := func(e Event) {
		t.Helper()
		w.do(e)
		for _, effect := range w.effects {
			checkEffect(t, effect)
		}
	}
	says := func(text string) { t.Helper(); w.messages++; step(Text{MessageID: w.messages, Text: text}) }
	press := func(verb string) {
		t.Helper()
		for k := len(w.shown) - 1; k >= 0; k-- {
			if strings.HasPrefix(w.shown[k].Data, verb) {
				step(Press{w.shown[k].Data})
				return
			}
		}
		t.Fatalf("no button %s", verb)
	}
	file := func() {
		t.Helper()
		w.messages++
		step(Media{MessageID: w.messages, Attachment: incident.Attachment{Kind: incident.Document, FileID: "f", Name: strings.Repeat(wide, 200)}})
	}
	step(Command{Name: "new"})
	press("ok:")
	says("Администрация города Кургана")
	says(strings.Repeat("\U00010400 ", 75))
	says("8 3522 428001 доб. 155")
	says(strings.Repeat("a", 64) + "@" + strings.Repeat(strings.Repeat("b", 60)+".", 3) + "ru")
	for range 12 {
		file()
	}
	says("Нет связи")
	for range 5 {
		says(strings.Repeat(wide, 3990))
	}
	press("edit:")
	press("field:organisation:")
	says(organisation)
	if len(w.state.Draft.answers()) != len(Steps) || w.state.Draft.Hint == nil {
		t.Fatalf("not the longest report: %+v", w.state.Draft)
	}
	says(strings.Repeat(wide, 3000)) // too much: the summary comes with a complaint
	step(Command{Name: "new"})
	press("goon:")
	press("edit:")
	press("field:description:")
	press("keep:")
	press("reg:")
	n := w.reporter.Incidents[0].Number
	step(Command{Name: "my"})
	step(Command{Name: "status", Args: string(n)})
	step(Command{Name: "status", Args: strings.Repeat("0", 4000)})
	step(Command{Name: "status", Args: strings.Repeat(wide, 2000)})
	step(Command{Name: "escalate", Args: string(n)})
	says(strings.Repeat(wide, 1490) + "абв")
	press("send:")
	says(strings.Repeat(wide, 2000))
	file()
	step(Command{Name: "new"})
	w.letterSent(n)
	w.letterSent(n)
}
