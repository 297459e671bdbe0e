package simulator

import "fmt"

// Edit changes the text or the caption of one of the actor's messages.
func (a *Actor) Edit(messageID int, text string) error {
	return a.edit(messageID, func(m *message) {
		m.text, _ = trimmed(cleanText(text), nil)
		m.entities = detect(m.text)
		m.rich = ""
		delete(m.extra, "rich_message")
	})
}

// EditNothing makes Telegram tell of an edit that changes nothing, as it does
// when a link's preview comes or somebody reacts.
func (a *Actor) EditNothing(messageID int) error { return a.edit(messageID, func(*message) {}) }

// EditRich turns a message into a rich message: an edit that comes without text.
func (a *Actor) EditRich(messageID int, blocks ...Rich) error {
	return a.edit(messageID, func(m *message) {
		next := richMessage(blocks)
		m.text, m.entities, m.rich, m.extra = "", nil, next.rich, next.extra
	})
}

// EditMedia puts a file in the place of what one of the actor's messages holds:
// another photo, or a photo where a text was. What the caption says is all that
// is left of the text.
func (a *Actor) EditMedia(messageID int, kind string, f File, caption string) error {
	return a.edit(messageID, func(m *message) {
		next := a.fileMessage(kind, f, caption)
		m.file, m.text, m.entities = next.file, next.text, next.entities
	})
}

func (a *Actor) edit(messageID int, change func(*message)) error {
	a.tg.mu.Lock()
	defer a.tg.mu.Unlock()
	m := a.room().byID[messageID]
	if m == nil || m.from != a.person.account {
		return fmt.Errorf("simulator: %s has no message %d to edit", a.person.account.name(), messageID)
	}
	change(m)
	a.tg.markEdited(m)
	a.mark = a.tg.seq
	a.tg.deliver(m, "edited_message")
	return nil
}
