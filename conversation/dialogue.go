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
	// AnswersHere says that answers by mail are brought to the chat as well.
	AnswersHere bool
	// Preview writes an escalation letter as plain text.
	Preview func(i incident.Incident, state string) string
}

// Next is the machine: it answers one input. It does not change s. Whatever is
// sent gets an answer, except for an edit that changes nothing, a reminder that
// is no longer needed, a message of which the rest is here already, and files
// for which one answer was given with the first.
func (d *Dialogue) Next(s State, in Input) (State, []Effect) {
	t := &turn{Dialogue: d, Input: in, s: s.clone(), fresh: s.blank()}
	t.read()
	switch e := t.Event.(type) {
	case Command:
		t.settleSaid()
		t.command(e)
	case Press:
		t.settleSaid()
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
	fresh   bool   // nothing was kept of the chat: a reply keyboard may have been left
	typed   bool   // the press was a typed label: there is no toast to answer with
	note    string // goes above the next question, or out alone
	refusal string // in the next question, and to be read even if that one is not
	agreed  bool   // consent was given in this very turn
	refused []int  // State.Refused as it was
	wrote   int    // the message that is read as a press or a command, if it is one
}

// read takes the event for what was meant: the edit of a refused message is
// that message, a typed label is a press, a word for a command is one.
func (t *turn) read() {
	if e, ok := t.Event.(Edited); ok && slices.Contains(t.s.Refused, e.MessageID) && text(e.Text) != "" {
		t.sentAnew(e)
	}
	switch t.Event.(type) {
	case Edited, Remind:
		return
	case Media:
	default:
		t.s.Misfit = nil
	}
	t.refused, t.s.Refused = t.s.Refused, nil
	if e, ok := t.Event.(Text); ok {
		t.wrote = e.MessageID
	}
	if pressed, ok := t.typedPress(); ok {
		t.Event, t.typed = pressed, true
	} else if c, ok := t.typedCommand(); ok {
		t.Event = c
	}
	if m, ok := t.Event.(Media); t.s.Album != nil && (!ok || m.Album != t.s.Album.ID) {
		t.s.Album = nil // its parts come one after the other
	}
}

// consented says that the person agreed to the present text.
func (t *turn) consented() bool {
	return t.agreed || t.Reporter.Consent.Version == t.ConsentVersion
}

// message routes what was sent to the dialogue that has the floor.
func (t *turn) message() {
	switch {
	case !t.consented() && t.furtherFile():
	case !t.consented():
		t.note = "Ваше сообщение пока не сохранили: сначала нужно согласие. Потом пришлите его ещё раз."
		t.askConsent()
	case t.replied(), t.followed():
	case t.s.Escalation != nil:
		t.escalationMessage()
	case t.s.Addition != nil:
		t.additionMessage()
	case t.s.Offer != nil:
		t.offerMessage()
	case t.s.Draft != nil && t.whoseAnswer():
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
		return Part{MessageID: e.MessageID, Text: text(WithOrigin(e.Quote, e.ForwardedFrom, e.Text))}, true
	case Media:
		file := e.Attachment
		return Part{MessageID: e.MessageID, Text: text(WithOrigin(e.Quote, e.ForwardedFrom, e.Caption)), Attachment: &file, Album: e.Album}, true
	case Contact:
		return Part{MessageID: e.MessageID, Text: e.words()}, e.Phone != ""
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
	if t.s.Draft != nil {
		t.s.Draft.Questions, _ = questionsOf(t.Reporter)
	}
	if t.note != "" {
		m.HTML = withNote(m.HTML, t.note)
		t.note = ""
	}
	m.Refusal, t.refusal = esc(t.refusal), ""
	t.s.Screen = slices.Concat(m.Buttons...)
	t.effects = append(t.effects, Say{m})
}

// turnAway asks again and says that what was sent is not taken. That is read
// even if the question is not: a later one may come before it is sent.
func (t *turn) turnAway(c Complaint) {
	t.untaken()
	t.refusal = strings.TrimSpace(t.refusal + " " + string(c))
	t.ask(c)
}

// partly notes that not all of what was sent is taken.
func (t *turn) partly(c Complaint) {
	t.note, t.refusal = string(c), string(c)
}

// untaken remembers that the message at hand was not taken: an edit of it is
// looked at anew.
func (t *turn) untaken() {
	id := 0
	switch e := t.Event.(type) {
	case Text:
		id = e.MessageID
	case Command:
		id = e.MessageID
	}
	const most = 5
	if before := slices.DeleteFunc(t.refused, func(x int) bool { return x == id }); id != 0 {
		t.s.Refused = append(before[max(0, len(before)-most+1):], id)
	}
}

// misfit turns away what no question here can use. Of an album, and of files of
// one kind that come at once, the first gets the answer.
func (t *turn) misfit(c Complaint) {
	if !t.furtherFile() {
		t.turnAway(c)
	}
}

// furtherFile says that the file at hand came at once with another that was
// turned away.
func (t *turn) furtherFile() bool {
	m, file := t.Event.(Media)
	if !file {
		return false
	}
	const atOnce = 3 * time.Second
	last, this := t.s.Misfit, &Misfit{Album: m.Album, Kind: m.Attachment.Kind, At: t.At}
	t.s.Misfit = this
	album := last != nil && last.Album != "" && last.Album == this.Album
	return album || last != nil && last.Kind == this.Kind && this.At.Sub(last.At) <= atOnce
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
	if !t.s.Keyboard && !t.fresh || first < 0 {
		return
	}
	shown := t.s.Keyboard
	t.s.Keyboard = false
	if say := t.effects[first].(Say); len(say.Buttons) == 0 {
		say.RemoveKeyboard = true
		t.effects[first] = say
		return
	}
	if !shown {
		return // there is hardly one, and nothing was said that could take it away
	}
	t.effects = slices.Insert(t.effects, first, Effect(Say{Message{HTML: "Хорошо.", RemoveKeyboard: true}}))
}

func isToast(e Effect) bool { _, ok := e.(Toast); return ok }
