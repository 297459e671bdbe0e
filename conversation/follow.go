package conversation

import (
	"cmp"
	"fmt"
	"hash/fnv"

	"intakebot/incident"
)

// followed takes the further parts of an album where its first one went, though
// by then nothing asks for them.
func (t *turn) followed() bool {
	part, ok := t.part()
	if !ok || t.s.Album == nil || t.s.Addition != nil && t.s.Addition.Number == t.s.Album.Number {
		return false
	}
	i, own := t.Reporter.Find(t.s.Album.Number)
	return own && t.belongs(i, part)
}

// amend passes on the new text of a message that support has already.
func (t *turn) amend(e Edited) {
	i, own := t.Reporter.Find(t.About)
	said := text(e.Text)
	if !own || said == "" {
		return
	}
	if c := cmp.Or(crowded(nil, Part{Text: said}), t.tooManyAdded(Part{Text: said})); c != "" {
		t.say(esc(string(c)))
		return
	}
	sum := fnv.New32a()
	sum.Write([]byte(said))
	// The same edit is one act, whatever comes twice.
	id := fmt.Sprintf("edit:%d:%d:%d:%08x", t.Reporter.Chat, e.MessageID, e.At, sum.Sum32())
	t.effects = append(t.effects,
		Do{ID: id, Number: i.Number, Action: incident.Amend, Text: said, MessageID: e.MessageID},
		Say{Message{HTML: "Исправление передали техподдержке, обращение " + copyable(i.Number) + ".", About: i.Number, Prompt: true}})
}
