package simulator

import "context"

// TB is what Must needs of a *testing.T, *testing.B or *rapid.T.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
}

// Must is an Actor for tests: what fails ends the test with the Screen.
type Must struct {
	*Actor
	t TB
}

// Must returns the actor for use in a test.
func (a *Actor) Must(t TB) *Must { return &Must{a, t} }

// In is Actor.In.
func (m *Must) In(topic int) *Must { return m.Actor.In(topic).Must(m.t) }

// Replying is Actor.Replying.
func (m *Must) Replying(messageID int) *Must { return m.Actor.Replying(messageID).Must(m.t) }

// Anonymous is Actor.Anonymous.
func (m *Must) Anonymous() *Must { return m.Actor.Anonymous().Must(m.t) }

// Press waits for the button and presses it.
func (m *Must) Press(label string) {
	m.t.Helper()
	err := m.await("a button "+label, func(c *chat) bool {
		if k := c.keyboards[m.person.ID()]; k != nil && findButton(k.Rows, label) != nil {
			return true
		}
		for i := len(c.messages) - 1; i >= 0; i-- {
			if findButton(c.messages[i].inline, label) != nil {
				return true
			}
		}
		return false
	})
	if err == nil {
		err = m.Actor.Press(label)
	}
	m.check(err)
}

// PressOn presses the inline button of a certain message.
func (m *Must) PressOn(messageID int, label string) {
	m.t.Helper()
	m.check(m.Actor.PressOn(messageID, label))
}

// Edit is Actor.Edit.
func (m *Must) Edit(messageID int, text string) { m.t.Helper(); m.check(m.Actor.Edit(messageID, text)) }

// Delete is Actor.Delete.
func (m *Must) Delete(messageID int) { m.t.Helper(); m.check(m.Actor.Delete(messageID)) }

// React is Actor.React.
func (m *Must) React(messageID int, emoji string) {
	m.t.Helper()
	m.check(m.Actor.React(messageID, emoji))
}

// AwaitText is Actor.AwaitText.
func (m *Must) AwaitText(parts ...string) Message {
	m.t.Helper()
	found, err := m.Actor.AwaitText(parts...)
	m.check(err)
	return found
}

// AwaitNext is Actor.AwaitNext.
func (m *Must) AwaitNext() Message {
	m.t.Helper()
	found, err := m.Actor.AwaitNext()
	m.check(err)
	return found
}

// AwaitButton is Actor.AwaitButton.
func (m *Must) AwaitButton(label string) Message {
	m.t.Helper()
	found, err := m.Actor.AwaitButton(label)
	m.check(err)
	return found
}

// AwaitToast is Actor.AwaitToast.
func (m *Must) AwaitToast(text string) Toast {
	m.t.Helper()
	found, err := m.Actor.AwaitToast(text)
	m.check(err)
	return found
}

// AwaitView is Actor.Await with Options.Patience.
func (m *Must) AwaitView(cond func([]Message) bool) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), m.tg.opt.Patience)
	defer cancel()
	m.check(m.Await(ctx, cond))
}

// Ask sends a text and awaits the answer that holds all the parts: a turn of the
// dialogue in one line.
func (m *Must) Ask(text string, parts ...string) Message {
	m.t.Helper()
	m.Send(text)
	return m.AwaitText(parts...)
}

func (m *Must) check(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatalf("%v", err)
	}
}
