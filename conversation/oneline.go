package conversation

import (
	"slices"
	"strings"
	"time"

	"intakebot/incident"
)

// Questions of one line: an answer may come in pieces, since people write as
// they speak.

// piecesWithin is how long a refused beginning waits for the rest.
const piecesWithin = time.Minute

// takeLine takes words as an answer to the question, behind what was said to it
// just before.
func (t *turn) takeLine(step Step, typed string, id int) {
	d := t.s.Draft
	words := []Part{{MessageID: id, Text: line(typed)}}
	said := d.pieces(step, t.At)
	if said != nil {
		words = append(slices.Clone(said.Words), words...)
	}
	if _, quick := t.Event.(Text); quick && t.More {
		d.Said = &Said{Key: step.Key, Words: words, At: t.At}
		return
	}
	d.Said = nil
	if t.distribute(words) && said != nil && said.Refused {
		if alone, c := step.Check(typed); c == "" && alone != d.value(step) {
			d.Hint = &Hint{Key: step.Key, Value: alone} // in case the beginning was a slip
		}
	}
	if d.Said == nil {
		t.ask("")
	}
}

// distribute gives messages to the questions that they answer, one after the
// other: people write faster than they are asked. It is false when some are no
// answer; that is told.
func (t *turn) distribute(words []Part) bool {
	d := t.s.Draft
	for len(words) > 0 {
		step, asked := d.current()
		if !asked || step.Parts {
			for _, w := range words {
				if !courtesy(w.Text) {
					d.Parts = append(d.Parts, w)
				}
			}
			return true
		}
		n, value := step.take(words)
		if n == 0 {
			t.refuseLine(step, words)
			return false
		}
		t.accept(step, value, words[n-1].MessageID)
		if step.Contact {
			t.say("Записали: " + esc(step.show(value)))
		}
		words = words[n:]
	}
	return true
}

// take is the value of the first messages as an answer, and how many they are;
// 0 when they are none.
func (s Step) take(words []Part) (n int, value string) {
	value, complaint := s.Check(joinWords(words))
	newest := words[len(words)-1].Text
	if s.Whole {
		for n = 1; n <= len(words); n++ {
			longer, c := s.Check(joinWords(words[:n]))
			switch {
			case c == "" && longer != value && complaint == "" && n < len(words):
				continue // an extension follows
			case c == "":
				return n, longer
			}
		}
		if alone, c := s.Check(newest); c == "" {
			return len(words), alone // what was refused before was a slip
		}
		return 0, ""
	}
	for k := 1; k < len(words); k++ {
		next, ok := s.next()
		first, c := s.Check(joinWords(words[:k]))
		if ok && next.Sure != nil && next.Sure(words[k].Text) && c == "" {
			return k, first
		}
	}
	anew := strings.HasPrefix(plainWords(newest)+" ", plainWords(words[0].Text)+" ")
	if complaint == "" && !anew {
		return len(words), value
	}
	if alone, c := s.Check(newest); c == "" {
		return len(words), alone // it was written anew
	}
	return 0, ""
}

// next is the step after this one.
func (s Step) next() (Step, bool) {
	if n := s.ordinal(); n < len(Steps) {
		return Steps[n], true
	}
	return Step{}, false
}

// joinWords puts messages into one line, greetings left out.
func joinWords(words []Part) string {
	var all []string
	for _, w := range words {
		if len(words) == 1 || !courtesy(w.Text) {
			all = append(all, w.Text)
		}
	}
	return strings.Join(all, " ")
}

// refuseLine says why the words are no answer. They are kept for a moment when
// they may be the beginning of one, and a better value is offered if there is
// one.
func (t *turn) refuseLine(step Step, words []Part) {
	d := t.s.Draft
	typed := words[len(words)-1].Text
	_, complaint := step.Check(typed)
	d.Hint = nil
	d.Said = &Said{Key: step.Key, At: t.At, Refused: true}
	if step.Begins != nil && step.Begins(joinWords(words)) {
		d.Said.Words = words
	}
	if step.Mend != nil {
		if mended := step.Mend(t.Dialogue, typed); mended != "" {
			d.Hint = &Hint{Key: step.Key, Value: mended}
		}
	}
	t.turnAway(complaint)
}

// pieces is what was said to the question just before, nil if nothing.
func (d *Draft) pieces(step Step, now time.Time) *Said {
	if d.Said == nil || d.Said.Key != step.Key || len(d.Said.Words) == 0 || now.Sub(d.Said.At) > piecesWithin {
		return nil
	}
	return d.Said
}

// settleSaid takes words that were held back, before something else happens.
func (t *turn) settleSaid() {
	d := t.s.Draft
	if d == nil || d.Said == nil || d.Said.Refused {
		return
	}
	said := d.Said
	d.Said = nil
	if step, asked := d.current(); asked && !step.Parts && step.Key == said.Key {
		if n, value := step.take(said.Words); n > 0 {
			t.accept(step, value, said.Words[n-1].MessageID)
		}
	}
}

// accept keeps an answer and looks for a better one to offer.
func (t *turn) accept(step Step, value string, id int) {
	d := t.s.Draft
	d.Answers[step.Key] = Given{Value: value, MessageID: id}
	d.Editing, d.Hint, d.Said = "", nil, nil
	t.s.Discarded = nil
	hint := Hint{Key: step.Key}
	if step.Hint != nil {
		hint.Value = step.Hint(t.Dialogue, t.Reporter, value)
	}
	if step.Doubt != nil && hint.Value == "" {
		hint.Doubt = step.Doubt(value)
	}
	if hint.Value != "" || hint.Doubt != "" {
		d.Hint = &hint
	}
}

// fill takes a letter that answers everything: its answers are filled in, and
// the summary shows them.
func (t *turn) fill(typed string, id int) bool {
	answers, description, ok := readLetter(text(typed))
	if !ok {
		return false
	}
	d := t.s.Draft
	for key, value := range answers {
		d.Answers[key] = Given{Value: value, MessageID: id}
	}
	d.Parts = append(onlyFiles(d.Parts), Part{MessageID: id, Text: description})
	d.Editing, d.Hint, d.Said, d.Remembered = "", nil, nil, false
	t.s.Discarded = nil
	t.note = "Ответы взяли из вашего сообщения."
	return true
}

// whoseAnswer asks where a message belongs when support's question is newer
// than the draft's: it may answer either.
func (t *turn) whoseAnswer() bool {
	part, ok := t.part()
	n := t.newerQuestion()
	if own, _ := t.Event.(Contact); n == "" || own.Own || !ok || part.empty() || refusedFile(part) != "" || crowded(nil, part) != "" {
		return false
	}
	t.s.Offer = &PendingText{ID: t.NewID, Parts: []Part{part}, Question: n}
	t.askOffer()
	return true
}

// newerQuestion is the incident about which support asked after the draft did,
// "" if none, or if another dialogue has the floor.
func (t *turn) newerQuestion() incident.Number {
	if t.s.Draft == nil || t.s.Escalation != nil || t.s.Addition != nil || t.s.Offer != nil {
		return ""
	}
	if n, waiting := questionsOf(t.Reporter); n > t.s.Draft.Questions {
		return waiting
	}
	return ""
}

// questionsOf counts the questions that support has asked the person; waiting is
// the incident of the last one that waits for its answer, "" if none.
func questionsOf(r incident.Reporter) (n int, waiting incident.Number) {
	var last time.Time
	for _, i := range r.Incidents {
		for _, e := range i.History {
			if e.Kind != incident.KindAsked {
				continue
			}
			n++
			if i.Status == incident.Waiting && !e.At.Before(last) {
				last, waiting = e.At, i.Number
			}
		}
	}
	return n, waiting
}

// offerToDraft gives the text to the draft in hand.
func (t *turn) offerToDraft(id string) {
	if t.s.Offer == nil || t.s.Offer.ID != id {
		t.stale()
		return
	}
	parts := t.offered()
	t.s.Offer = nil
	d := t.s.Draft
	if d == nil {
		t.beginReport(parts)
		return
	}
	if len(parts) == 0 {
		t.ask("")
		return
	}
	step, asked := d.current()
	if !asked || step.Parts {
		d.Parts = append(d.Parts, parts[:len(parts)-1]...)
		t.addPart(parts[len(parts)-1])
		return
	}
	d.Parts = append(d.Parts, onlyFiles(parts)...)
	t.takeLine(step, joinParts(parts), parts[len(parts)-1].MessageID)
}
