package conversation

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"

	"intakebot/incident"
)

// TestInvariants drives the dialogue at random and checks what must hold
// whatever people do. That Next leaves its argument alone and that the state
// survives its JSON is checked in world.do.
func TestInvariants(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		for range rapid.IntRange(1, 60).Draw(rt, "length") {
			idle := w.state
			e := drawEvent(rt, w)
			w.do(e)
			if len(w.effects) == 0 && !maySilence(idle, e) {
				rt.Fatalf("no answer to %#v in %+v", e, idle)
			}
			for _, effect := range w.effects {
				checkEffect(rt, effect)
			}
		}
	})
}

// maySilence says that an input may get no answer: an edit, a reminder, and a
// file behind another one, whose answer does for both.
func maySilence(before State, e Event) bool {
	switch e.(type) {
	case Edited, Remind:
		return true
	case Media:
		return before.Misfit != nil || before.Album != nil
	}
	return false
}

var typed = []string{
	"Администрация города Кургана", "Иванова Анна Петровна", "8 912 555-12-34", "8 3522 428001 доб. 155",
	"ivanova@example.ru", "ivanova@gmail.con", "Не работает координатор с утра", "админ кетовского округа", "<3 & <b>",
	"", " \u200b\ufeff", "12", "Назад", "Отменить", "Статус", "Согласен", "Зарегистрировать", "26-00001-0",
	strings.Repeat("длинно ", 600), strings.Repeat("&", 4096), "\U0001F469\u200d\U0001F4BB", "a\x00b\u202eовет",
}

func drawEvent(rt *rapid.T, w *world) Event {
	pick := func(all ...string) string { return rapid.SampledFrom(all).Draw(rt, "choice") }
	w.messages++
	text := rapid.SampledFrom(typed)
	switch rapid.IntRange(0, 11).Draw(rt, "kind") {
	case 0, 1, 2:
		return Text{MessageID: w.messages, Text: text.Draw(rt, "text")}
	case 3:
		return Text{MessageID: w.messages, Text: rapid.String().Draw(rt, "noise")}
	case 4, 5, 6, 7:
		if len(w.shown) == 0 {
			return Command{Name: "start"}
		}
		from := max(0, len(w.shown)-8)
		b := rapid.SampledFrom(w.shown[from:]).Draw(rt, "button")
		return Press{b.Data}
	case 8:
		names := []string{"nonsense"}
		for _, c := range w.d.Commands() {
			names = append(names, c.Name)
		}
		return Command{Name: pick(names...), Args: pick("", "26-00001-0", "26-00001-9", "чушь")}
	case 9:
		kind := rapid.SampledFrom([]incident.AttachmentKind{incident.Photo, incident.Document, incident.Voice, incident.Animation, incident.VideoNote}).Draw(rt, "file")
		return Media{MessageID: w.messages, Caption: text.Draw(rt, "caption"), Album: pick("", "A", "B"),
			Attachment: incident.Attachment{Kind: kind, FileID: "f", Name: pick("", "a.pdf", "k.dst", "<i>")}}
	case 10:
		return Edited{MessageID: rapid.IntRange(1, w.messages).Draw(rt, "edited"), Text: text.Draw(rt, "text"), At: int(w.at.Unix())}
	}
	return rapid.SampledFrom([]Event{
		Unsupported{}, Contact{MessageID: w.messages, Phone: "79125551234", Own: true}, Contact{MessageID: w.messages, Phone: "+375291234567", Own: true},
		Contact{MessageID: w.messages, Phone: "79125551234", Own: false}, Press{"nonsense"}, Press{""}, Press{"reg:other"}, Press{"esc:26-00009-9"},
		Remind{w.at.Add(time.Hour)},
	}).Draw(rt, "other")
}

// failing is what a check needs of a *testing.T or a *rapid.T.
type failing interface {
	Helper()
	Fatalf(format string, args ...any)
}

func checkEffect(rt failing, effect Effect) {
	rt.Helper()
	switch e := effect.(type) {
	case Say:
		checkMessage(rt, e.Message)
	case Toast:
		if length(e.Text) > 200 {
			rt.Fatalf("toast of %d", length(e.Text))
		}
	case Register:
		if len(e.Answers) != len(Steps) || e.DraftID == "" {
			rt.Fatalf("incomplete report %+v", e)
		}
		for i, a := range e.Answers {
			again, complaint := Steps[i].Check(a.Value)
			if a.Key != Steps[i].Key || complaint != "" || again != a.Value {
				rt.Fatalf("answer %+v is not accepted again: %q %q", a, again, complaint)
			}
		}
	}
}

func checkMessage(rt failing, m Message) {
	rt.Helper()
	checkHTML(rt, m.HTML)
	if n := length(plain(m.HTML)); n == 0 || n > 4096 {
		rt.Fatalf("message of %d units", n)
	}
	first, _, _ := strings.Cut(plain(m.HTML), "\n")
	for _, step := range Steps {
		if strings.Contains(first, step.Label) && !strings.Contains(first, "— шаг ") {
			rt.Fatalf("a field's name in the first line of %q", first)
		}
	}
	if m.Contact && m.RemoveKeyboard || m.RemoveKeyboard && len(m.Buttons) > 0 {
		rt.Fatalf("two markups in %+v", m)
	}
	for _, row := range m.Buttons {
		for _, b := range row {
			if b.Label == "" || !utf8.ValidString(b.Label) || len(b.Data) < 1 || len(b.Data) > 64 {
				rt.Fatalf("button %+v", b)
			}
		}
	}
}

// checkHTML holds a text to what Telegram's parse_mode HTML takes: our few tags,
// closed in order, and nothing of a person outside of an entity.
func checkHTML(rt failing, text string) {
	rt.Helper()
	var open []string
	for rest := text; rest != ""; {
		m := markup.FindStringSubmatch(rest)
		if m == nil || !utf8.ValidString(m[0]) {
			rt.Fatalf("not HTML from %.80q on: %q", rest, text)
		}
		rest = rest[len(m[0]):]
		switch {
		case m[2] == "":
		case m[1] == "":
			open = append(open, m[2])
		case len(open) == 0 || open[len(open)-1] != m[2]:
			rt.Fatalf("</%s> closes nothing in %q", m[2], text)
		default:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		rt.Fatalf("%v is open at the end of %q", open, text)
	}
}

var markup = regexp.MustCompile(`^(?:<(/?)(b|i|code|pre|blockquote)(?: expandable)?>|&(?:amp|lt|gt|#34|#39);|[^<>&]+)`)

func length(s string) int { return len(utf16.Encode([]rune(s))) }

// TestAcceptedIsAcceptedAgain: what a check returns, it takes unchanged.
func TestAcceptedIsAcceptedAgain(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		in := rapid.OneOf(rapid.String(), rapid.SampledFrom(typed),
			rapid.StringMatching(`[+78]?[ 0-9()-]{5,16}( (доб|вн)\. ?[0-9]{1,7})?`),
			rapid.StringMatching(`[a-z.]{1,12}@[a-z.-]{1,20}`)).Draw(rt, "input")
		for _, step := range Steps {
			value, complaint := step.Check(in)
			if (value == "") == (complaint == "") {
				rt.Fatalf("%s: %q gives %q and %q", step.Key, in, value, complaint)
			}
			if complaint == "" {
				if again, c := step.Check(value); c != "" || again != value {
					rt.Fatalf("%s: %q then %q (%s)", step.Key, value, again, c)
				}
			}
		}
	})
}
