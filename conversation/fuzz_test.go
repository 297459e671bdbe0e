package conversation

import (
	"cmp"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"intakebot/incident"
)

// FuzzCheck: whatever is typed, each check either complains in one sentence or
// returns a value that it takes again unchanged, that shows nothing invisible
// and that keeps to the limits.
func FuzzCheck(f *testing.F) {
	for _, seed := range append(typed, "8 (3522) 42-80-01 (доб. 155)", "a@mail.ri", "mailto:a@bk.ru.", "О’Нил Мария-Анна И.",
		"\u2028\u2029\r\n\t", "a\u0300\u0301 б\u0306", "\xff\xfe\x80 три слова тут", "user@xn--80ak6aa92e.com", "+7 352 22 12345 #7",
		strings.Repeat("😀", 300)+" абв", strings.Repeat("я", 20001)) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		for _, step := range Steps {
			value, complaint := step.Check(typed)
			if (value == "") == (complaint == "") {
				t.Fatalf("%s: %q gives %q and %q", step.Key, typed, value, complaint)
			}
			checkMessage(t, Message{HTML: question(step, complaint)})
			if complaint == "" {
				checkAccepted(t, step, value)
			}
		}
		if state, complaint := checkState(typed); (state == "") == (complaint == "") || utf8.RuneCountInString(state) > stateMost {
			t.Fatalf("the state %q gives %q and %q", typed, state, complaint)
		}
	})
}

func checkAccepted(t *testing.T, step Step, value string) {
	t.Helper()
	if again, c := step.Check(value); c != "" || again != value {
		t.Fatalf("%s: %q, then %q (%s)", step.Key, value, again, c)
	}
	if !utf8.ValidString(value) || strings.ContainsFunc(value, unseen) || strings.TrimSpace(value) != value {
		t.Fatalf("%s: %q was accepted", step.Key, value)
	}
	if !step.Parts && strings.ContainsFunc(value, func(r rune) bool { return r != ' ' && unicode.IsSpace(r) }) {
		t.Fatalf("%s: %q was accepted in several lines", step.Key, value)
	}
	if utf8.RuneCountInString(value) > cmp.Or(step.Most, answerMost) {
		t.Fatalf("%s: %d characters were accepted", step.Key, utf8.RuneCountInString(value))
	}
	switch step.Key {
	case incident.PhoneNumber:
		checkPhoneValue(t, value)
	case incident.Email:
		if a, err := mail.ParseAddress(value); err != nil || a.Address != value || a.Name != "" {
			t.Fatalf("%q was accepted as an address: %v", value, err)
		}
		if strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Fatalf("%q was accepted: it needs SMTPUTF8", value)
		}
		if better := suggestEmail(nil, incident.Reporter{}, value); better != "" {
			if again, c := acceptEmail(better); c != "" || again != better {
				t.Fatalf("%q was offered for %q: %q", better, value, c)
			}
		}
	}
}

var storedPhone = regexp.MustCompile(`^\+7\d{10}(;ext=\d{1,6})?$`)

// checkPhoneValue: a number stands in the form in which it is stored, and each
// form in which people see it is read as the same number.
func checkPhoneValue(t *testing.T, value string) {
	t.Helper()
	if !storedPhone.MatchString(value) {
		t.Fatalf("%q was accepted as a phone", value)
	}
	p := incident.ParsePhone(value)
	for _, shown := range []string{p.String(), p.Dial()} {
		if again, c := acceptPhone(shown); again != value {
			t.Fatalf("%q is shown as %q and read as %q (%s)", value, shown, again, c)
		}
	}
}

// FuzzDialogue leads a chat by a script, a byte an input, in which the typed
// texts are anything; what TestInvariants holds is held here too.
func FuzzDialogue(f *testing.F) {
	const filed = "nKofdetR" // the way to the number
	f.Add(filed, "Школа № 5", "Нет связи с утра", "26-00001-0")
	f.Add("nKtHtetdeGt", strings.Repeat("😀", 290)+" абв", strings.Repeat("&", 4096), "<b>")
	f.Add(filed+"atSspatWSsm", "Нет связи\x00b", "\u202eовет\u202c", "\xff\xfe")
	f.Add("nKofdemmmmmmmmmmmmR", strings.Repeat("ы", 300), strings.Repeat("\U0001F469\u200d\U0001F4BB", 1300), strings.Repeat("я", 90))
	f.Add("nKKKcxMMMkEEE", "Назад", "Отменить", "8 912 555-12-34")
	f.Fuzz(func(t *testing.T, script, a, b, c string) {
		w := newWorld(t)
		w.d.Organisations = append(w.d.Organisations, line(a))
		for k, move := range []byte(script[:min(len(script), 60)]) {
			w.messages++
			e := w.scripted(move, k, a, b, c)
			before := w.state
			w.do(e)
			if len(w.effects) == 0 && !maySilence(before, e) {
				t.Fatalf("no answer to %#v", e)
			}
			for _, effect := range w.effects {
				checkEffect(t, effect)
			}
		}
	})
}

// scripted is the input that a byte of a script stands for.
func (w *world) scripted(move byte, k int, a, b, c string) Event {
	text := func(s string) Event { return Text{MessageID: w.messages, Text: s} }
	switch move {
	case 'n':
		return Command{Name: "new"}
	case 'o':
		return text("Администрация города Кургана")
	case 'f':
		return text("Иванова Анна Петровна")
	case 't':
		return text([]string{a, b, c}[k%3])
	case 'e':
		return text("ivanova@example.ru")
	case 'd':
		return text("8 3522 428001 доб. 155")
	case 'x':
		return Contact{MessageID: w.messages, Phone: b, Own: true}
	case 'm', 'M':
		kind := []incident.AttachmentKind{incident.Photo, incident.Document, incident.Voice}[k%3]
		return Media{MessageID: w.messages, Caption: a, Attachment: incident.Attachment{Kind: kind, FileID: "f", Name: c}, Album: strings.Repeat("A", int(move-'M')/32)}
	case 's':
		return Command{Name: "status", Args: c}
	case 'a':
		return Command{Name: "escalate", Args: c}
	case 'c':
		return Command{Name: strings.ToLower(a), Args: b}
	case 'k':
		return Press{b}
	case 'E':
		return Edited{MessageID: 1 + k%w.messages, Text: c, At: k}
	case 'u':
		return Unsupported{}
	case 'r':
		return Remind{w.at}
	}
	verb := map[byte]string{'K': "ok:", 'R': "reg:", 'S': "send:", 'H': "hint:", 'G': "edit:", 'B': "back:", 'W': "propose:", 'O': "offer"}[move]
	for _, b := range slices.Backward(w.shown) {
		if verb != "" && strings.HasPrefix(b.Data, verb) {
			return Press{b.Data}
		}
	}
	if len(w.shown) == 0 {
		return Command{Name: "start"}
	}
	return Press{w.shown[len(w.shown)-1-int(move)%min(8, len(w.shown))].Data}
}

// FuzzSuggest: what is offered is a name of the list, and never what was typed.
func FuzzSuggest(f *testing.F) {
	f.Add("админ кетовского мун округа", "ДИТ")
	f.Add("ДИТ", "Департамент информационных технологий")
	f.Add("\xff", "É\u0301\u0130 İSTANBUL")
	f.Add("р-н", "")
	f.Fuzz(func(t *testing.T, typed, name string) {
		if len(typed) > 2000 || len(name) > 2000 {
			return // an answer has 300 characters, and longer words take their time to compare
		}
		d := testDialogue()
		d.Organisations = append(d.Organisations, name)
		got := d.suggestOrganisation(incident.Reporter{}, typed)
		if got != "" && (got == typed || !slices.Contains(d.Organisations, got)) {
			t.Fatalf("%q was offered for %q", got, typed)
		}
	})
}

// FuzzSplit: the parts of a text are the text, and each fits a message.
func FuzzSplit(f *testing.F) {
	f.Add(strings.Repeat("длинно ", 1600))
	f.Add(strings.Repeat("\U0001F469", 4000))
	f.Add("\xff" + strings.Repeat("х", 7300) + "\xff")
	f.Fuzz(func(t *testing.T, text string) {
		parts := split(text)
		if strings.Join(parts, "") != text {
			t.Fatal("the parts are not the text")
		}
		for _, p := range parts {
			if utf8.ValidString(text) && (length(p) > partMost || !utf8.ValidString(p)) {
				t.Fatalf("a part of %d units", length(p))
			}
		}
	})
}
