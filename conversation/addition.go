package conversation

import (
	"fmt"
	"slices"
	"time"

	"intakebot/incident"
)

// additionLasts is how long a silent addition stays open: what is written
// later is more likely about something else, so it is asked about.
const additionLasts = 30 * time.Minute

// beginAddition makes the next messages go to a registered incident; words
// behind its number go at once.
func (t *turn) beginAddition(args string) {
	candidates := t.addable()
	if n, rest, err := incident.SplitNumber(args); err != nil && n == "" && rest != "" && len(candidates) > 1 {
		t.s.Escalation, t.s.Addition = nil, nil
		t.s.Offer = &PendingText{ID: t.NewID, Parts: []Part{t.commandPart(text(rest))}}
		t.askOffer()
		return
	}
	i, rest, ok := t.pick(args, choice{label: labelAdd, data: "add:", action: incident.Append, candidates: candidates, words: true})
	if !ok {
		return
	}
	if !i.Allows(incident.Append, t.At) {
		t.wrong(t.NotPossible(i, incident.Append, t.At))
		return
	}
	t.s.Escalation, t.s.Offer = nil, nil
	t.s.Addition = &AdditionDraft{ID: t.NewID, Number: i.Number, At: t.At}
	if said := text(rest); said != "" {
		t.addMessage(i, t.commandPart(said))
		return
	}
	t.ask("")
}

// addable are the incidents to which a word can be added: the open ones, else
// the ended ones that can still be opened again.
func (t *turn) addable() []incident.Incident {
	if open := openOf(t.Reporter); len(open) > 0 {
		return open
	}
	return t.reopenable()
}

// reopenable are ended incidents that can still be opened again.
func (t *turn) reopenable() []incident.Incident {
	return slices.DeleteFunc(slices.Clone(t.Reporter.Incidents), func(i incident.Incident) bool {
		return !i.Allows(incident.Append, t.At)
	})
}

func (t *turn) askAddition(complaint Complaint) {
	t.prompt(Message{
		HTML: paragraphs("<b>Дополнение</b> к обращению "+numbered(t.s.Addition.Number), warning(complaint),
			"Напишите, что передать техподдержке. Можно несколько сообщений, фото и документы."),
		Buttons: [][]Button{{{labelDone, "done:" + t.s.Addition.ID, Plain}}},
	})
}

// additionMessage adds one message to the incident.
func (t *turn) additionMessage() {
	a := t.s.Addition
	i, ok := t.Reporter.Find(a.Number)
	if t.At.Sub(a.At) > additionLasts || !ok || !i.Allows(incident.Append, t.At) {
		t.s.Addition = nil
		t.message() // it is asked where the words belong
		return
	}
	part, ok := t.part()
	switch c := refusedFile(part); {
	case !ok:
		t.turnAway("Такое передать не получится: пришлите текст, фото или документ.")
	case c != "":
		t.turnAway(c)
	case part.empty():
		t.turnAway(emptyMessage)
	default:
		t.addMessage(i, part)
	}
}

// addMessage adds a message to the incident of the open addition. A clear no
// opens an ended one again. Of an album the first part gets the answer.
func (t *turn) addMessage(i incident.Incident, part Part) {
	a := t.s.Addition
	a.At = t.At
	rest, c := t.admit(i, part)
	if rest.empty() {
		if !t.told(part, a.Number) {
			t.turnAway(c)
		}
		return
	}
	further := t.further(part)
	if v, _ := judge(part.Text); v == fails && !i.Status.Open() && i.Allows(incident.Reject, t.At) {
		t.reject(i, rest)
		return
	}
	t.add(a.Number, rest)
	if c != "" {
		t.told(part, a.Number)
		t.partly(c)
	} else if further || t.More {
		return
	}
	ask, buttons := t.stillWorks(i)
	t.prompt(Message{
		HTML:    paragraphs(Added(a.Number), ask, "Пришлите ещё или нажмите «"+labelDone+"»."),
		Buttons: append(buttons, []Button{{labelDone, "done:" + a.ID, Plain}}),
	})
}

// further says that the part is one of an album of which the first part was
// added already: one answer does for all.
func (t *turn) further(p Part) bool {
	return p.Album != "" && t.s.Album != nil && t.s.Album.ID == p.Album
}

// add passes a message on to support. Without a message of its own the words
// came behind a command.
func (t *turn) add(n incident.Number, p Part) {
	do := Do{ID: t.actID(p), Number: n, Action: incident.Append, Text: p.Text, MessageID: p.MessageID, Album: p.Album}
	if p.Attachment != nil {
		do.Attachments = []incident.Attachment{*p.Attachment}
	}
	if p.Album != "" && (t.s.Album == nil || t.s.Album.ID != p.Album) {
		t.s.Album = &Album{ID: p.Album, Number: n}
	}
	t.effects = append(t.effects, do)
}

// actID names what a message does: the same message is one act, whatever comes
// twice.
func (t *turn) actID(p Part) string {
	if p.MessageID == 0 {
		return "said:" + t.NewID
	}
	return fmt.Sprintf("%d:%d", t.Reporter.Chat, p.MessageID)
}

// reject opens an ended incident again with the person's words.
func (t *turn) reject(i incident.Incident, p Part) {
	do := Do{ID: t.actID(p), Number: i.Number, Action: incident.Reject, Text: p.Text, MessageID: p.MessageID, Album: p.Album}
	if _, bare := judge(p.Text); bare {
		do.Text = ""
	}
	if p.Attachment != nil {
		do.Attachments = []incident.Attachment{*p.Attachment}
	}
	t.effects = append(t.effects, do)
	t.s.Addition = &AdditionDraft{ID: t.NewID, Number: i.Number, At: t.At}
}

// stillWorks asks about an incident that support finds done, under a word that
// was added to it: only a clear no opens it again.
func (t *turn) stillWorks(i incident.Incident) (ask string, buttons [][]Button) {
	n := string(i.Number)
	switch i.Status {
	case incident.Resolved:
		return "Всё работает?", [][]Button{{{labelHelped, "helped:" + n, Success}, {labelNotHelp, "nothelp:" + n, Danger}}}
	case incident.Closed:
		return "Обращение закрыто. Если снова не работает, нажмите «" + labelNotHelp + "».", [][]Button{{{labelNotHelp, "nothelp:" + n, Plain}}}
	}
	return "", nil
}

func (t *turn) endAddition(id string) {
	if id != "" && (t.s.Addition == nil || t.s.Addition.ID != id) {
		t.stale()
		return
	}
	t.s.Addition = nil
	t.say("Хорошо. Состояние обращения — /status.")
	t.resume()
}
