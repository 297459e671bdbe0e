package harness

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
	"intakebot/simulator"
	"intakebot/storage"
)

// Oracle says after a run full of failures whether every promise was kept. It
// knows what the outside can see, the register's file, the log, and the ledger
// of the one who drove the run; nothing of how the program works. Ask it when
// the failures have ended and the queues had their time to drain.
type Oracle struct {
	Telegram *simulator.Telegram
	Mail     *simulator.Mail
	Group    *simulator.Actor // somebody who reads the support group
	Database string           // the path of the register
	Log      string
	Ledger   *Ledger
	// Uit and support are the boxes of the letters; support "" takes no copies.
	Uit, Support string
	Location     *time.Location
	Now          time.Time // of the clock that the program follows

	incidents []incident.Incident
	of        map[incident.Number]*incident.Incident
	db        *sql.DB
	said      map[int64][]simulator.Message // the chats, by id; the group's is incident.DeskChat
	found     []string
}

// Judge returns everything that is wrong, a text each with what led to it.
func (o *Oracle) Judge(ctx context.Context) ([]string, error) {
	if err := o.read(ctx); err != nil {
		return nil, fmt.Errorf("the oracle cannot read the register: %w", err)
	}
	defer o.db.Close()
	for _, check := range []func(context.Context) error{
		o.inboxDone, o.outboxDrained, o.numbered, o.wordsKept, o.inOrder, o.numbersShown,
		o.toldInOrder, o.deskToldAll, o.cardsAgree, o.copiesAccepted, o.escalationsSettled, o.limitsKept, o.logClean,
	} {
		if err := check(ctx); err != nil {
			return nil, err
		}
	}
	return o.found, nil
}

// read takes in the register and the chats.
func (o *Oracle) read(ctx context.Context) (err error) {
	o.found, o.incidents, o.of, o.said = nil, nil, map[incident.Number]*incident.Incident{}, map[int64][]simulator.Message{}
	r, err := storage.OpenReader(ctx, o.Database)
	if err != nil {
		return err
	}
	defer r.Close()
	err = r.Each(ctx, incident.Period{}, func(i incident.Incident) error {
		o.incidents = append(o.incidents, i)
		return nil
	})
	if err != nil {
		return err
	}
	for k := range o.incidents {
		o.of[o.incidents[k].Number] = &o.incidents[k]
	}
	for _, p := range o.Telegram.People() {
		o.said[p.ID()] = p.Chat().Messages()
	}
	o.said[outbox.DeskChat] = o.Group.Messages()
	o.db, err = sql.Open("sqlite", "file:"+o.Database+"?mode=ro&_busy_timeout=5000")
	return err
}

// wrong notes a violation; the story is that of the incident and of the chat,
// either may be zero.
func (o *Oracle) wrong(n incident.Number, chat int64, format string, args ...any) {
	text := "✗ " + fmt.Sprintf(format, args...)
	if len(o.found) < storiesMost {
		text += "\n" + o.story(n, chat)
	}
	o.found = append(o.found, text)
}

// storiesMost is how many violations are told with what led to them.
const storiesMost = 3

// story is what led to a violation, from all sides.
func (o *Oracle) story(n incident.Number, chat int64) string {
	var out strings.Builder
	if i := o.of[n]; i != nil {
		if chat == 0 {
			chat = i.Reporter
		}
		fmt.Fprintf(&out, "the register has %s of %d: %s, version %d, draft %s\n", n, i.Reporter, i.Status, i.Version, i.DraftID)
		for _, e := range i.History {
			fmt.Fprintf(&out, "  %s %s %s %q\n", o.stamp(e.At), e.Kind, e.Name, e.Text)
		}
		for _, e := range i.Escalations {
			fmt.Fprintf(&out, "  escalation %d %s %s %s\n", e.Seq, e.Letter, e.MessageID, e.Problem)
		}
		for _, m := range o.said[outbox.DeskChat] {
			if strings.Contains(m.Body(), string(n)) {
				fmt.Fprintf(&out, "  in the group %d (to %d) at %s: %q\n", m.ID, m.ReplyTo, o.stamp(m.Date), m.Body())
			}
		}
	}
	if n == "" && chat == outbox.DeskChat {
		out.WriteString("the group sees:\n")
		for _, m := range o.said[chat] {
			fmt.Fprintf(&out, "  %s %d (to %d) %s: %q\n", o.stamp(m.Date), m.ID, m.ReplyTo, m.From, m.Body())
		}
	}
	for _, p := range o.Telegram.People() {
		if p.ID() == chat {
			fmt.Fprintf(&out, "%s (%d) sees:\n", p.Name(), chat)
			for _, m := range o.said[chat] {
				fmt.Fprintf(&out, "  %s %d %s%q\n", o.stamp(m.Date), m.ID, map[bool]string{false: "> "}[m.FromBot], m.Body())
			}
		}
	}
	out.WriteString("the ledger:\n" + o.Ledger.About(n, chat))
	return out.String()
}

func (o *Oracle) stamp(t time.Time) string { return t.In(o.Location).Format("02.01.06 15:04:05.000") }

// texts calls f with every text of the bot that a chat was ever shown, those
// that were edited or deleted since included: 0 is any group.
func (o *Oracle) texts(f func(chat int64, text string)) {
	for chat, messages := range o.said {
		for _, m := range messages {
			if m.FromBot {
				f(chat, m.Body())
			}
		}
	}
	for _, c := range o.Telegram.Calls() {
		if c.Status != 200 || c.Params["chat_id"] == "" {
			continue
		}
		var chat int64
		if _, err := fmt.Sscan(c.Params["chat_id"], &chat); err == nil {
			f(max(chat, outbox.DeskChat), c.Params["text"]+c.Params["caption"])
		}
	}
}

// Ledger is what the driver of a run did, and what it arranged for. Its methods
// may be called from any goroutine.
type Ledger struct {
	mu    sync.Mutex
	lines []line
	words []word
	// blocked are the people who at some time would not hear the bot.
	blocked map[int64]bool
	// starts are when the program was started, by Telegram's clock.
	starts []time.Time
	// Secrets must stand in no log, as what people say; the token is known.
	Secrets []string
	// quarantined updates and refused letters are expected.
	quarantined, Refused bool
}

// line is something that was done: chat is where, 0 for what happens to all.
type line struct {
	at   time.Time
	chat int64
	text string
}

// WordKind says what a word was typed for, and so what must become of it.
type WordKind string

const (
	WordReport WordKind = "report"   // a part of a report, or of whatever the dialogue takes it for
	WordAdded  WordKind = "addition" // in reply to what names the incident: taken at once
	WordDesk   WordKind = "desk"     // of the desk: done, or refused in reply to it
	WordState  WordKind = "state"    // the state of the repair, for УИТ
)

// word is a text that was never typed before and never will be again.
type word struct {
	text string
	kind WordKind
	// chat is a person's, or incident.DeskChat; message is its id there.
	chat    int64
	message int
	// must: it has to stand in the register, once.
	must bool
}

// LedgerWord is how words look.
var LedgerWord = regexp.MustCompile(`слово\d{5}`)

// Note adds to the story.
func (l *Ledger) Note(at time.Time, chat int64, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line{at, chat, fmt.Sprintf(format, args...)})
}

// Fresh makes a word. No word is a part of another.
func (l *Ledger) Fresh(kind WordKind, chat int64) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := fmt.Sprintf("слово%05d", len(l.words))
	l.words = append(l.words, word{text: text, kind: kind, chat: chat})
	return text
}

// Typed says in which message a word was sent, and whether it must be kept.
func (l *Ledger) Typed(text string, message int, must bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := slices.IndexFunc(l.words, func(w word) bool { return w.text == text })
	l.words[k].message, l.words[k].must = message, must
}

// Blocks notes that a person does not hear the bot.
func (l *Ledger) Blocks(chat int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.blocked == nil {
		l.blocked = map[int64]bool{}
	}
	l.blocked[chat] = true
}

// Started notes that the program was started.
func (l *Ledger) Started(at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.starts = append(l.starts, at)
}

// startedWithin says whether the program was started so shortly before.
func (l *Ledger) startedWithin(at time.Time, d time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.starts, func(s time.Time) bool { return !at.Before(s) && at.Sub(s) < d })
}

// deaf says whether the person did not hear the bot at some time.
func (l *Ledger) deaf(chat int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.blocked[chat]
}

// About are the lines about an incident, a chat, the group, or all.
func (l *Ledger) About(n incident.Number, chat int64) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out strings.Builder
	for _, one := range l.lines {
		if one.chat == 0 || one.chat == chat || n != "" && strings.Contains(one.text, string(n)) {
			fmt.Fprintf(&out, "  %s %s\n", one.at.Format("02.01.06 15:04:05.000"), one.text)
		}
	}
	return out.String()
}

// years are the years with incidents, in order.
func (o *Oracle) years() map[int][]incident.Incident {
	by := map[int][]incident.Incident{}
	for _, i := range o.incidents {
		year := i.RegisteredAt.In(o.Location).Year()
		by[year] = append(by[year], i)
	}
	return by
}
