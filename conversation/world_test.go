package conversation

import (
	"cmp"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"intakebot/incident"
)

var yekaterinburg = time.FixedZone("Asia/Yekaterinburg", 5*60*60)

func testDialogue() *Dialogue {
	return &Dialogue{
		Line:            incident.RegulationLine(),
		Location:        yekaterinburg,
		Quiet:           QuietHours{20 * time.Hour, 8 * time.Hour},
		Consent:         BuiltInConsent(incident.RegulationLine()),
		ConsentVersion:  "v1",
		DraftTTL:        72 * time.Hour,
		EscalationAfter: 4 * time.Hour,
		EscalationPause: 4 * time.Hour,
		Organisations: []string{
			"Администрация Кетовского муниципального округа",
			"Администрация города Кургана",
			"Департамент здравоохранения Курганской области",
			"Департамент информационных технологий Курганской области",
		},
		Preview: func(i incident.Incident, state string) string {
			return "Эскалация обращения " + string(i.Number) + "\n" + state
		},
	}
}

// world is a chat with a register in memory: what package bot does with the
// effects, without its failures.
type world struct {
	t        testing.TB
	d        *Dialogue
	at       time.Time
	about    incident.Number // to which the next message is a reply
	state    State
	reporter incident.Reporter
	drafts   int
	messages int
	added    map[int]incident.Number // her messages that went to support
	shown    []Button                // newest last
	out      []string                // what the chat showed since the last input
	said     []string                // all that the bot said
	effects  []Effect
	tick     time.Duration // how long an input takes
	keyboard bool          // the reply keyboard is shown
	more     bool          // the next message is here already
}

func newWorld(t testing.TB) *world {
	return &world{
		t: t, d: testDialogue(),
		at:       time.Date(2026, 11, 23, 14, 5, 0, 0, yekaterinburg),
		reporter: incident.Reporter{Chat: 7},
		added:    map[int]incident.Number{},
		tick:     time.Minute,
	}
}

func (w *world) do(e Event) {
	w.drafts++
	if e, ok := e.(Edited); ok {
		w.about = w.added[e.MessageID]
	}
	w.reporter.Stored = w.stored()
	in := Input{At: w.at, NewID: fmt.Sprintf("ID%d", w.drafts), Reporter: w.reporter, About: w.about, More: w.more, Event: e}
	w.about, w.more = "", false
	before, err := w.state.Encode()
	if err != nil {
		w.t.Fatal(err)
	}
	next, effects := w.d.Next(w.state, in)
	if after, _ := w.state.Encode(); string(after) != string(before) {
		w.t.Fatalf("Next changed its argument:\n%s\n%s", before, after)
	}
	kept, err := next.Encode()
	if err != nil {
		w.t.Fatal(err)
	}
	if w.state, err = Decode(kept); err != nil {
		w.t.Fatal(err)
	}
	w.out, w.effects = nil, effects
	for _, effect := range effects {
		w.apply(effect)
	}
	w.at = w.at.Add(w.tick)
}

func (w *world) stored() (s incident.Stored) {
	for _, i := range w.reporter.Incidents {
		s.Incidents++
		s.Files += len(i.Attachments)
		if i.Status.Open() {
			s.Open++
		}
		if e, ok := i.LastEscalation(); ok && e.Letter == incident.LetterQueued {
			s.Letters++
		}
	}
	return s
}

func (w *world) apply(effect Effect) {
	switch e := effect.(type) {
	case Say:
		w.show(e.Message)
	case Toast:
		if e.Text != "" {
			w.out = append(w.out, "~ "+e.Text)
		}
	case GiveConsent:
		w.reporter.Consent = incident.Consent{Version: e.Version, At: w.at}
	case Forget:
		w.reporter = incident.Reporter{Chat: w.reporter.Chat}
	case Register:
		w.register(e)
	case Do:
		w.added[e.MessageID] = e.Number
		w.act(incident.Act{ID: e.ID, Number: e.Number, Action: e.Action, By: incident.ByReporter, Text: e.Text, Attachments: e.Attachments, At: w.at})
	case Escalate:
		w.change(e.Number, func(i *incident.Incident) {
			i.Escalations = append(i.Escalations, incident.Escalation{ID: e.ID, Number: e.Number, Seq: len(i.Escalations) + 1,
				State: e.State, At: w.at, Letter: incident.LetterQueued})
			i.History = append(i.History, incident.Entry{At: w.at, Kind: incident.KindEscalated, By: incident.ByReporter, Text: e.State})
			w.show(w.d.EscalationQueued(*i))
		})
	default:
		w.t.Fatalf("unknown effect %T", effect)
	}
}

func (w *world) register(e Register) {
	i := incident.Incident{
		Number:  incident.NewNumber(2026, len(w.reporter.Incidents)+1),
		DraftID: e.DraftID, Reporter: 7, Status: incident.Registered, Answers: e.Answers,
		Attachments: e.Attachments, RegisteredAt: w.at, StatusAt: w.at,
		History: []incident.Entry{{At: w.at, Kind: incident.KindRegistered, By: incident.ByReporter}},
	}
	w.reporter.Incidents = append([]incident.Incident{i}, w.reporter.Incidents...)
	w.reporter.Remembered = e.Answers
	w.show(w.d.Registered(i, w.at))
}

// act does what a person or the desk did, and shows the notice of it.
func (w *world) act(a incident.Act) {
	w.change(a.Number, func(i *incident.Incident) {
		after, err := i.Done(a)
		if err != nil {
			w.t.Fatal(err)
		}
		*i = after
		switch a.Action {
		case incident.Append:
			what := "«" + strings.ReplaceAll(a.Text, "\n", " / ") + "»"
			for _, f := range a.Attachments {
				what += " и " + f.Title()
			}
			w.out = append(w.out, "  (обращение "+string(a.Number)+" дополнено: "+strings.TrimPrefix(what, "«» и ")+")")
		case incident.Reject:
			if a.Text != "" {
				w.out = append(w.out, "  (техподдержке передано: «"+a.Text+"»)")
			}
		case incident.Amend:
			w.out = append(w.out, "  (обращение "+string(a.Number)+" исправлено: «"+a.Text+"»)")
		}
		if m, ok := w.d.Notice(after, a); ok {
			w.show(m)
		}
	})
}

func (w *world) change(n incident.Number, f func(*incident.Incident)) {
	w.reporter.Incidents = slices.Clone(w.reporter.Incidents)
	for k := range w.reporter.Incidents {
		if w.reporter.Incidents[k].Number == n {
			f(&w.reporter.Incidents[k])
			return
		}
	}
	w.t.Fatalf("no incident %s", n)
}

// letterSent lets the mail server accept the last letter.
func (w *world) letterSent(n incident.Number) {
	w.change(n, func(i *incident.Incident) {
		e := &i.Escalations[len(i.Escalations)-1]
		e.Letter, e.SettledAt = incident.LetterSent, w.at
		w.show(w.d.EscalationSent(*i, *e, w.at))
	})
}

var tags = regexp.MustCompile(`<[^>]*>`)

func plain(s string) string { return html.UnescapeString(tags.ReplaceAllString(s, "")) }

func (w *world) show(m Message) {
	var b strings.Builder
	b.WriteString(plain(m.HTML))
	if m.RemoveKeyboard && w.keyboard {
		b.WriteString("\n(клавиатура убрана)")
	}
	w.keyboard = m.Contact || w.keyboard && !m.RemoveKeyboard
	rows := m.Buttons
	if m.Contact {
		rows = append([][]Button{{{Label: LabelContact, Data: "contact"}}}, rows...)
	}
	for _, row := range rows {
		b.WriteString("\n")
		for k, button := range row {
			if k > 0 {
				b.WriteString(" ")
			}
			b.WriteString("[" + button.Label + "]")
			w.shown = append(w.shown, button)
		}
	}
	w.out = append(w.out, b.String())
	w.said = append(w.said, plain(m.HTML))
}

// press presses the newest button with that label.
func (w *world) press(label string) {
	for _, b := range slices.Backward(w.shown) {
		if strings.Contains(b.Label, label) {
			w.do(Press{b.Data})
			return
		}
	}
	w.t.Fatalf("no button %q on the screen", label)
}

// shows says whether such a button was ever on the screen.
func (w *world) shows(label string) bool {
	return slices.ContainsFunc(w.shown, func(b Button) bool { return strings.Contains(b.Label, label) })
}

// say types a message and returns its id.
func (w *world) say(text string) int {
	w.messages++
	w.do(Text{MessageID: w.messages, Text: text})
	return w.messages
}

// reported files a whole incident.
func (w *world) reported() incident.Incident {
	w.do(Command{Name: "new"})
	if w.reporter.Consent.Version == "" {
		w.press("Согласен")
	}
	answers := map[incident.Key]string{
		incident.Organisation: "Администрация города Кургана", incident.FullName: "Иванова Анна Петровна",
		incident.PhoneNumber: "8 3522 428001 доб. 155", incident.Email: "ivanova@example.ru",
		incident.Description: "Нет связи с сетью Правительства",
	}
	for range Steps {
		if step, asked := StepAsked(w.question()); asked {
			w.say(cmp.Or(answers[step.Key], step.Example))
		}
	}
	w.press("Зарегистрировать")
	return w.reporter.Incidents[0]
}
