package conversation

import (
	"slices"
	"strings"
	"time"

	"intakebot/incident"
)

// Dialogue holds what is the same in every chat. It is not changed after it
// was made, so any number of goroutines may use it.
type Dialogue struct {
	// Line is the support line that people are told of.
	Line incident.Line
	// Calendar says on which days its telephone is answered.
	Calendar incident.Calendar
	// Location is the zone in which times are shown (TIMEZONE).
	Location *time.Location
	Quiet    QuietHours
	// DraftTTL is how long an untouched draft is kept.
	DraftTTL time.Duration
	// Consent is the text that people agree to, plain; Version names it.
	Consent, ConsentVersion string
	// EscalationAfter is how long a repair may take before an escalation is
	// no longer early.
	EscalationAfter time.Duration
	// EscalationPause is the least time between two letters about one
	// incident.
	EscalationPause time.Duration
	// Organisations is the directory of suggestions.
	Organisations []string
	// Preview writes an escalation letter as plain text.
	Preview func(i incident.Incident, state string) string
}

// Next is the machine: it answers one input. It does not change s. Whatever is
// sent gets an answer, except for an edit of a message that nothing depends
// on, a reminder that is no longer needed, and the files of an album after the
// one for which there was no room.
func (d *Dialogue) Next(s State, in Input) (State, []Effect) {
	t := &turn{Dialogue: d, Input: in, s: s.clone()}
	if pressed, ok := t.typedLabel(); ok {
		t.Event = pressed
		t.typed = true
	}
	if m, ok := t.Event.(Media); t.s.Album != nil && (!ok || m.Album != t.s.Album.ID) {
		t.s.Album = nil // its parts come one after the other
	}
	switch e := t.Event.(type) {
	case Command:
		t.command(e)
	case Press:
		t.press(e)
	case Remind:
		t.remind(e)
	case Edited:
		t.edited(e)
	default:
		t.message()
	}
	t.finish()
	return t.s, t.effects
}

// turn is one call of Next.
type turn struct {
	*Dialogue
	Input
	s       State
	effects []Effect
	typed   bool   // the press was a typed label: there is no toast to answer with
	note    string // goes above the next question, or out alone
	refusal string // in the next question, and to be read even if that one is not
	agreed  bool   // consent was given in this very turn
}

// typedLabel finds the button on the screen whose label was typed.
func (t *turn) typedLabel() (Press, bool) {
	e, ok := t.Event.(Text)
	if !ok {
		return Press{}, false
	}
	typed := line(e.Text)
	for _, b := range slices.Concat(t.s.Screen, t.resting()) {
		if strings.EqualFold(typed, line(b.Label)) {
			return Press{b.Data}, true
		}
	}
	return Press{}, false
}

// resting are the buttons that stand under the person's last number while no
// dialogue is open.
func (t *turn) resting() []Button {
	if !t.s.Idle() || len(t.Reporter.Incidents) == 0 {
		return nil
	}
	i := t.Reporter.Incidents[0]
	buttons := slices.Concat(t.incidentButtons(i.Number)...)
	for _, row := range notices[lastSaid(i)].buttons {
		for _, b := range row {
			b.Data += string(i.Number)
			buttons = append(buttons, b)
		}
	}
	if i.Allows(incident.Rate, t.At) {
		buttons = append(buttons, rateButtons(i.Number)...)
	}
	return buttons
}

// lastSaid is the act whose notice stands last in the chat.
func lastSaid(i incident.Incident) incident.Action {
	switch i.Status {
	case incident.Resolved:
		return incident.Solve
	case incident.Waiting:
		return incident.Ask
	}
	return ""
}

// consented says that the person agreed to the present text.
func (t *turn) consented() bool {
	return t.agreed || t.Reporter.Consent.Version == t.ConsentVersion
}

// message routes what was sent to the dialogue that has the floor.
func (t *turn) message() {
	switch {
	case !t.consented():
		t.note = "Ваше сообщение пока не сохранили: сначала нужно согласие."
		t.askConsent()
	case t.replied(), t.followed():
	case t.s.Escalation != nil:
		t.escalationMessage()
	case t.s.Addition != nil:
		t.additionMessage()
	case t.s.Offer != nil:
		t.offerMessage()
	case t.s.Draft != nil:
		t.draftMessage()
	default:
		t.idleMessage()
	}
}

// ask says the question of the dialogue that has the floor.
func (t *turn) ask(complaint Complaint) {
	switch {
	case t.s.Escalation != nil:
		t.askEscalation(complaint)
	case t.s.Addition != nil:
		t.askAddition(complaint)
	case t.s.Offer != nil:
		t.askOffer()
	case t.s.Draft != nil:
		t.askDraft(complaint)
	case complaint != "":
		t.say(esc(string(complaint)))
	}
}

// resume repeats the open question after an answer about something else.
func (t *turn) resume() {
	if !t.s.Idle() {
		t.ask("")
	}
}

// part reads the event as a message of a text; ok is false when it is
// something that a text cannot hold.
func (t *turn) part() (p Part, ok bool) {
	switch e := t.Event.(type) {
	case Text:
		return Part{MessageID: e.MessageID, Text: text(e.Text)}, true
	case Media:
		file := e.Attachment
		return Part{MessageID: e.MessageID, Text: text(e.Caption), Attachment: &file, Album: e.Album}, true
	}
	return Part{}, false
}

// say puts a message out.
func (t *turn) say(html string, rows ...[]Button) {
	t.onScreen(rows)
	t.effects = append(t.effects, Say{Message{HTML: html, Buttons: rows}})
}

// onScreen makes buttons pressable by their labels beside those that were there
// before; the newest come first.
func (t *turn) onScreen(rows [][]Button) {
	const most = 40
	t.s.Screen = slices.Concat(slices.Concat(rows...), t.s.Screen)
	t.s.Screen = t.s.Screen[:min(most, len(t.s.Screen))]
}

// prompt puts a question out: it carries the note, its buttons are the screen,
// and a later question replaces it while it is unsent.
func (t *turn) prompt(m Message) {
	m.Prompt = true
	if t.note != "" {
		m.HTML = withNote(m.HTML, t.note)
		t.note = ""
	}
	m.Refusal, t.refusal = esc(t.refusal), ""
	t.s.Screen = slices.Concat(m.Buttons...)
	t.effects = append(t.effects, Say{m})
}

// turnAway asks again and says that what was sent is not taken.
func (t *turn) turnAway(c Complaint) {
	t.refusal = strings.TrimSpace(t.refusal + " " + string(c))
	t.ask(c)
}

// partly notes that not all of what was sent is taken.
func (t *turn) partly(c Complaint) {
	t.note, t.refusal = string(c), string(c)
}

// withNote sets a note under the first line, which names the question.
func withNote(html, note string) string {
	first, rest, _ := strings.Cut(html, "\n")
	return strings.TrimRight(first+"\n\n"+esc(note)+"\n"+rest, "\n")
}

// answer tells the person something short: as a toast when a button was
// pressed, else above the next question.
func (t *turn) answer(text string) {
	if _, pressed := t.Event.(Press); pressed && !t.typed {
		t.effects = append(t.effects, Toast{incident.CutUnits(text, 200)})
		return
	}
	t.note = text
}

// finish adds what every turn owes: the note that no question took, an answer
// to the press, and the end of a reply keyboard that was left.
func (t *turn) finish() {
	if t.note != "" {
		t.say(esc(t.note))
		t.note = ""
	}
	if _, pressed := t.Event.(Press); pressed && !t.typed && !slices.ContainsFunc(t.effects, isToast) {
		t.effects = append(t.effects, Toast{})
	}
	t.keyboard()
}

// keyboard sees to it that the reply keyboard goes with the phone question. A
// message has one markup: where the first message has inline buttons, a short
// one goes before it.
func (t *turn) keyboard() {
	first := -1
	for i, e := range t.effects {
		m, ok := e.(Say)
		if !ok {
			continue
		}
		if m.Contact {
			t.s.Keyboard = true
			return
		}
		if first < 0 {
			first = i
		}
	}
	if !t.s.Keyboard || first < 0 {
		return
	}
	t.s.Keyboard = false
	if say := t.effects[first].(Say); len(say.Buttons) == 0 {
		say.RemoveKeyboard = true
		t.effects[first] = say
		return
	}
	t.effects = slices.Insert(t.effects, first, Effect(Say{Message{HTML: "Хорошо.", RemoveKeyboard: true}}))
}

func isToast(e Effect) bool { _, ok := e.(Toast); return ok }
