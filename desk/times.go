package desk

import (
	"fmt"
	"time"
)

// Times are marked, so that Telegram shows a reader in another zone his own time
// (Bot API, date_time entity); a client that does not know the mark shows the words
// within, which are in the zone of the people.

// Time writes a moment so that it stays true as days go by, as HTML: «15:40 27.11».
func (w Words) Time(t time.Time) string { return w.marked(t, "dt", "15:04 02.01") }

// on is the same after what happened then: «решено 27.11 в 15:40».
func (w Words) on(t time.Time) string { return w.marked(t, "dt", "02.01 в\u00a015:04") }

func (w Words) clock(t time.Time) string { return w.marked(t, "t", "15:04") }

func (w Words) marked(t time.Time, format, layout string) string {
	words := t.In(w.Location).Format(layout)
	if w.plain {
		return words
	}
	return fmt.Sprintf(`<tg-time unix="%d" format="%s">%s</tg-time>`, t.Unix(), format, words)
}

// unmarked are the same words without marks, for a toast, and for a text that is
// cut into pieces.
func (w Words) unmarked() Words {
	w.plain = true
	return w
}
