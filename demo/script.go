package demo

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"intakebot/bot/telegram"
	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/simulator"
)

// step is one thing that the scripted clerk does, and what she waits for.
type step struct {
	do  func(clerk *simulator.Actor) error
	see string
}

func types(text string) func(*simulator.Actor) error {
	return func(a *simulator.Actor) error { a.Send(text); return nil }
}

func presses(label string) func(*simulator.Actor) error {
	return func(a *simulator.Actor) error { return a.Press(label) }
}

// answers are what a scripted clerk says to each question; she answers one that
// is not there with its example, so that a new row of the table needs none.
type answers map[incident.Key]func(*simulator.Actor) error

// filing is the way from the first touch to the number.
func filing(said answers) []step {
	way := []step{{types("/start"), "Вы согласны"}}
	next := presses("Согласен")
	for _, s := range conversation.Steps {
		way = append(way, step{next, s.Label + " — шаг "})
		if next = said[s.Key]; next == nil {
			next = types(s.Example)
		}
	}
	return append(way, step{next, "Проверьте"}, step{presses("Зарегистрировать"), "зарегистрировано"})
}

// sharesContact presses the button that sends her own number.
func sharesContact(a *simulator.Actor) error { a.ShareContact(); return nil }

// wholeWay is the way from the first touch to the mailbox of the second line.
func wholeWay() []step {
	second := incident.RegulationLine().Second.Name
	return append(filing(answers{
		incident.PhoneNumber: sharesContact,
		incident.Description: types("С 9:00 нет связи с сетью Правительства, на ViPNet-координаторе не горят индикаторы."),
	}),
		step{presses("Эскалировать в " + second), "Текущее состояние"},
		step{types("Техподдержка приняла обращение, связи по-прежнему нет."), "Письмо в " + second},
		step{presses("Отправить в " + second), "отправлено"})
}

// playScript lets a scripted clerk go the whole way, an escalation included,
// and prints the conversation as it happens and the letters that came.
func (w *world) playScript(ctx context.Context, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var serving sync.WaitGroup
	var served error
	serving.Go(func() {
		served = w.serve(ctx, telegram.Limits{}, slog.New(slog.DiscardHandler), nil)
		stop()
	})
	clerk := w.telegram.Person("Анна", "Иванова").Chat()
	err := w.played(ctx, out, clerk)
	stop()
	serving.Wait()
	if served != nil {
		return served
	}
	return err
}

func (w *world) played(ctx context.Context, out io.Writer, clerk *simulator.Actor) error {
	transcript := newTranscript(w, out, clerk)
	defer transcript.stop()
	for _, s := range wholeWay() {
		if err := s.do(clerk); err != nil {
			return err
		}
		if _, err := clerk.AwaitText(s.see); err != nil {
			return err
		}
	}
	if err := w.mail.Await(ctx, func(l []simulator.Letter) bool { return len(l) == 2 }); err != nil {
		return err
	}
	// The group learned of both.
	if _, err := w.engineer.AwaitText("эскалировал"); err != nil {
		return err
	}
	transcript.stop()
	for _, l := range w.mail.Letters() {
		fmt.Fprintf(out, "\n%s\nКому: %s\nТема: %s\n\n%s\n", strings.Repeat("─", 72), strings.Join(l.To, ", "), l.Subject(), l.Text())
	}
	return nil
}

// transcript prints what appears in the chats, as it appears.
type transcript struct {
	end  func()
	done sync.WaitGroup
	once sync.Once
}

func newTranscript(w *world, out io.Writer, clerk *simulator.Actor) *transcript {
	events, end := w.telegram.Subscribe()
	t := &transcript{end: end}
	t.done.Go(func() {
		for e := range events {
			if e.Kind == simulator.EventMessage && e.Message.Service == "" {
				fmt.Fprint(out, told(*e.Message, e.ChatID == clerk.ChatID()))
			}
		}
	})
	return t
}

func (t *transcript) stop() {
	t.once.Do(func() {
		t.end()
		t.done.Wait()
	})
}

// told writes a message for the terminal: who, what, and the buttons.
func told(m simulator.Message, private bool) string {
	who := m.From
	switch {
	case m.FromBot && private:
		who = "Бот"
	case m.FromBot:
		who = "Бот в группе техподдержки"
	}
	body := m.Body()
	if m.Contact != nil {
		body = "(контакт " + m.Contact.Phone + ")"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s:\n", who)
	for line := range strings.Lines(body) {
		b.WriteString("  " + line)
	}
	for _, row := range m.Buttons {
		b.WriteString("\n ")
		for _, button := range row {
			b.WriteString(" [" + button.Text + "]")
		}
	}
	b.WriteString("\n")
	return b.String()
}
