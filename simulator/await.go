package simulator

import (
	"context"
	"fmt"
	"strings"
)

// Mark makes this moment the one from which AwaitText, AwaitNext and AwaitToast
// look; sending, editing and pressing do the same.
func (a *Actor) Mark() {
	a.tg.mu.Lock()
	defer a.tg.mu.Unlock()
	a.mark = a.tg.seq
}

// AwaitText waits for a message of the bot that holds all the parts (in text or
// caption) and was sent or edited after the actor's last action, and returns the
// newest. It waits for Options.Patience; the error shows the Screen.
func (a *Actor) AwaitText(parts ...string) (Message, error) {
	return a.awaitMessage(fmt.Sprintf("a message with %q", parts), func(m *message) bool {
		for _, part := range parts {
			if !strings.Contains(m.text, part) {
				return false
			}
		}
		return true
	})
}

// AwaitNext waits for any message of the bot after the actor's last action and
// returns the newest.
func (a *Actor) AwaitNext() (Message, error) {
	return a.awaitMessage("a message", func(*message) bool { return true })
}

// AwaitButton waits for a message of the bot, of any age, with an inline button
// whose label contains the text.
func (a *Actor) AwaitButton(label string) (Message, error) {
	var found Message
	err := a.await(fmt.Sprintf("a button %q", label), func(c *chat) bool {
		for i := len(c.messages) - 1; i >= 0; i-- {
			if m := c.messages[i]; m.byBot(a.tg) && findButton(m.inline, label) != nil {
				found = a.tg.view(m)
				return true
			}
		}
		return false
	})
	return found, err
}

// AwaitToast waits for an answer to a press after the actor's last action whose
// text contains the text.
func (a *Actor) AwaitToast(text string) (Toast, error) {
	var found Toast
	err := a.await(fmt.Sprintf("a toast with %q", text), func(*chat) bool {
		own := a.toasts()
		for i := len(own) - 1; i >= 0 && own[i].seq > a.mark; i-- {
			if strings.Contains(own[i].Text, text) {
				found = own[i]
				return true
			}
		}
		return false
	})
	return found, err
}

// Await waits until what the chat shows satisfies cond, which is called with all
// messages at once and after every change of the chat, or until ctx ends.
func (a *Actor) Await(ctx context.Context, cond func([]Message) bool) error {
	for {
		a.tg.mu.Lock()
		messages, changed := a.messages(), a.room().changed.wait()
		a.tg.mu.Unlock()
		if cond(messages) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("simulator: %w; the screen of %s:\n%s", ctx.Err(), a.person.Name(), a.Screen())
		}
	}
}

func (a *Actor) awaitMessage(what string, match func(*message) bool) (Message, error) {
	var found Message
	err := a.await(what, func(c *chat) bool {
		for i := len(c.messages) - 1; i >= 0; i-- {
			if m := c.messages[i]; m.seq > a.mark && m.byBot(a.tg) && match(m) {
				found = a.tg.view(m)
				return true
			}
		}
		return false
	})
	return found, err
}

// await calls cond, with the world locked, after every change of the chat.
func (a *Actor) await(what string, cond func(*chat) bool) error {
	ctx, cancel := context.WithTimeout(a.tg.ctx, a.tg.opt.Patience)
	defer cancel()
	for {
		a.tg.mu.Lock()
		c := a.room()
		done, changed := cond(c), c.changed.wait()
		a.tg.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("simulator: %s awaits %s in vain; the screen:\n%s", a.person.Name(), what, a.Screen())
		}
	}
}
