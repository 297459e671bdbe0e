package simulator

import (
	"fmt"
	"strings"
)

// Press presses the newest button on the screen whose label contains the text,
// inline or on the reply keyboard, whichever message is newer; within a message
// an exact label goes before one that only contains it. An inline button sends a
// callback query; a button of the reply keyboard sends its label, the contact
// button the own contact; a button that copies fills Clipboard.
func (a *Actor) Press(label string) error {
	a.tg.mu.Lock()
	defer a.tg.mu.Unlock()
	c := a.room()
	keyboard := c.keyboards[a.person.ID()]
	var onKeyboard *Button
	if keyboard != nil {
		onKeyboard = findButton(keyboard.Rows, label)
	}
	for i := len(c.messages) - 1; i >= 0; i-- {
		m := c.messages[i]
		if onKeyboard != nil && m.id <= keyboard.MessageID {
			break
		}
		if b := findButton(m.inline, label); b != nil {
			return a.pressInline(c, m, b)
		}
	}
	if onKeyboard == nil {
		return fmt.Errorf("simulator: no button %q on the screen of %s:\n%s", label, a.person.account.name(), a.screen())
	}
	a.pressReply(keyboard, onKeyboard)
	return nil
}

// pressReply presses a button of the reply keyboard; the mutex is held.
func (a *Actor) pressReply(keyboard *Keyboard, b *Button) {
	if keyboard.OneTime {
		delete(a.room().keyboards, a.person.ID())
	}
	if b.RequestContact {
		a.shareContact()
		return
	}
	a.put(0, &message{text: b.Text, entities: detect(b.Text)})
}

// PressOn presses the inline button of a certain message.
func (a *Actor) PressOn(messageID int, label string) error {
	a.tg.mu.Lock()
	defer a.tg.mu.Unlock()
	c := a.room()
	if m := c.byID[messageID]; m != nil {
		if b := findButton(m.inline, label); b != nil {
			return a.pressInline(c, m, b)
		}
	}
	return fmt.Errorf("simulator: no button %q under message %d on the screen of %s:\n%s",
		label, messageID, a.person.account.name(), a.screen())
}

// PressData sends a callback query with any data about any message, there or
// not, as a tampered client can.
func (a *Actor) PressData(messageID int, data string) {
	a.tg.mu.Lock()
	defer a.tg.mu.Unlock()
	a.mark = a.tg.seq
	a.tg.ask(a.room(), a.person.account, messageID, data)
}

// Clipboard is what the last pressed copy button copied.
func (a *Actor) Clipboard() string {
	a.tg.mu.Lock()
	defer a.tg.mu.Unlock()
	return a.clipboard
}

func (a *Actor) pressInline(c *chat, m *message, b *Button) error {
	a.mark = a.tg.seq
	switch b.action {
	case "callback_data":
		a.tg.ask(c, a.person.account, m.id, b.Data)
	case "copy_text":
		a.clipboard = b.CopyText
	case "url":
		// The browser opens; the bot hears nothing of it.
	default:
		return fmt.Errorf("simulator: button %q needs %s, which the simulator cannot do", b.Text, b.action)
	}
	return nil
}

// findButton prefers the label itself to one that contains it.
func findButton(rows [][]Button, label string) *Button {
	var found *Button
	for _, row := range rows {
		for i := range row {
			if row[i].Text == label {
				return &row[i]
			}
			if found == nil && strings.Contains(row[i].Text, label) {
				found = &row[i]
			}
		}
	}
	return found
}
