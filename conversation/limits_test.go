package conversation

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"intakebot/incident"
)

// TestTwiceIsNotTooMany: what is already in the register when a crash brings
// the same input again is not refused for being one too many.
func TestTwiceIsNotTooMany(t *testing.T) {
	w := newWorld(t)
	w.tick = time.Second
	for range incidentsMost - 1 {
		w.reported()
	}
	w.do(Command{Name: "new"})
	w.say("Нет связи с сетью Правительства")
	before, press := w.state, Press{"reg:" + w.state.Draft.ID}
	w.do(press)
	w.state = before // the crash came before the conversation was saved
	if _, effects := w.d.Next(before, w.input(press)); !has[Register](effects) {
		t.Errorf("the press of a registered draft is refused: %+v", effects)
	}

	n := w.reporter.Incidents[0].Number
	file := func(k int) Media {
		return Media{MessageID: 1000 + k, Attachment: incident.Attachment{Kind: incident.Photo, FileID: fmt.Sprint("f", k)}}
	}
	w.do(Command{Name: "add", Args: string(n)})
	for k := range filesMost {
		w.do(file(k))
	}
	if _, effects := w.d.Next(w.state, w.input(file(filesMost-1))); !has[Do](effects) {
		t.Errorf("the last file that fits is refused when it comes again: %+v", effects)
	}
	for k := filesMost; k < additionsMost; k++ {
		w.do(Text{MessageID: 1000 + k, Text: fmt.Sprint("Дополнение ", k)})
	}
	last := Text{MessageID: 1000 + additionsMost - 1, Text: fmt.Sprint("Дополнение ", additionsMost-1)}
	if _, effects := w.d.Next(w.state, w.input(last)); !has[Do](effects) {
		t.Errorf("the last addition of the hour is refused when it comes again: %+v", effects)
	}
	if w.do(Text{MessageID: 2000, Text: "Ещё одно"}); has[Do](w.effects) {
		t.Errorf("%d additions in an hour", additionsMost+1)
	}
}

func (w *world) input(e Event) Input {
	return Input{At: w.at, NewID: "again", Reporter: w.reporter, Event: e}
}

func has[E Effect](effects []Effect) bool {
	for _, e := range effects {
		if _, ok := e.(E); ok {
			return true
		}
	}
	return false
}

// TestNoTextIsUnbounded: a client of another kind than Telegram's may send more
// at once than Telegram lets through; each way takes it or says why not.
func TestNoTextIsUnbounded(t *testing.T) {
	huge := strings.Repeat("много ", 20_000)
	for _, c := range []struct {
		name string
		way  func(*world)
	}{
		{"addition", func(w *world) { w.do(Command{Name: "add"}) }},
		{"answer to the desk", func(w *world) { w.about = w.reporter.Incidents[0].Number }},
		{"free text", func(*world) {}},
		{"more free text", func(w *world) { w.say("Принтер") }},
		{"description", func(w *world) { w.do(Command{Name: "new"}) }},
		{"state of the repair", func(w *world) { w.do(Command{Name: "escalate"}) }},
		{"edit of what was passed on", func(w *world) {
			w.about = w.reporter.Incidents[0].Number
			id := w.say("Ещё вопрос")
			w.do(Edited{MessageID: id, Text: huge})
		}},
		{"edit of free text", func(w *world) {
			w.do(Edited{MessageID: w.say("Принтер"), Text: huge})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.reported()
			c.way(w)
			if !strings.HasPrefix(c.name, "edit") {
				w.say(huge)
			}
			if has[Do](w.effects) || len(w.out) == 0 || !strings.Contains(strings.Join(w.out, "\n"), "знаков") {
				t.Errorf("%d effects: %q", len(w.effects), w.out)
			}
			if kept, err := w.state.Encode(); err != nil || len(kept) > len(huge) {
				t.Errorf("the state holds %d bytes: %v", len(kept), err)
			}
		})
	}
}
