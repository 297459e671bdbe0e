package e2e

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"intakebot/e2e/harness"
	"intakebot/outbox"
)

// TestOracle: the oracle finds nothing wrong with a day on which nothing went
// wrong, and finds what is broken by hand afterwards.
func TestOracle(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	l := &harness.Ledger{}
	anna := h.Clerk()
	n := anna.Files()
	l.Note(h.Clock.Now(), anna.ChatID(), "Anna filed %s", n)
	told := anna.Last().ID
	card := h.Card(n).ID
	say := func(kind harness.WordKind, chat int64, send func(text string) int) {
		w := l.Fresh(kind, chat)
		l.Typed(w, send("Сообщаю: "+w), true)
	}
	say(harness.WordAdded, anna.ChatID(), func(text string) int { return anna.Reply(told, text) })
	say(harness.WordDesk, outbox.DeskChat, func(text string) int { return h.Engineer.Reply(card, text) })
	say(harness.WordDesk, outbox.DeskChat, func(text string) int { return h.Engineer.Send("/ask " + string(n) + " " + text) })
	anna.AwaitText("Вопрос техподдержки")
	anna.Escalates(n, "Без изменений")
	anna.Settled()
	h.Drained()
	h.Card(n, "принято почтовым сервером")
	h.Close()

	judge := func(database string) string {
		t.Helper()
		o := harness.Oracle{
			Telegram: h.Telegram, Mail: h.Mail, Group: h.Engineer.Actor, Database: database, Log: h.Logged.String(),
			Ledger: l, Uit: harness.UITBox, Support: harness.SupportBox, Location: harness.Monday.Location(), Now: h.Clock.Now(),
		}
		found, err := o.Judge(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(found, "\n")
	}
	whole := h.Env["SQLITE_PATH"]
	if found := judge(whole); found != "" {
		t.Fatalf("nothing went wrong, and yet:\n%s", found)
	}
	for _, broken := range []struct{ sql, says string }{
		{`INSERT INTO inbox (seq, update_id, chat, received_at, raw) SELECT seq, update_id, 1, at, x'7b7d' FROM received WHERE seq = 3`, "is waiting"},
		{`UPDATE outbox SET state = 'pending' WHERE id = 1`, "the outbox has"},
		{`UPDATE incidents SET version = version + 1`, "the card of"},
		{`UPDATE incidents SET number = '26-00002-8', seq = 2`, "has the number"},
		{`DELETE FROM history WHERE kind = 'added'`, "is lost"},
		{`INSERT INTO history (incident, at, kind, side, text) SELECT incident, at, kind, side, text FROM history WHERE kind = 'asked'`, "counts 2 times"},
		{`UPDATE history SET id = 100 - id WHERE kind IN ('asked', 'relayed')`, "out of order"},
		{`UPDATE incidents SET reporter = 1`, "reads the number of 1"},
		{`UPDATE escalations SET message_id = 'x@y'`, "accepted: false"},
	} {
		if found := judge(damaged(t, whole, broken.sql)); !strings.Contains(found, broken.says) {
			t.Errorf("after %s the oracle says: %s", broken.sql, found)
		}
	}
	l.Secrets = append(l.Secrets, "letters go to real boxes")
	if found := judge(whole); !strings.Contains(found, "stands in the log") {
		t.Errorf("a private word in the log is passed over: %s", found)
	}
	l.Typed(l.Fresh(harness.WordReport, anna.ChatID()), anna.Send("x")+1, false)
	if found := judge(whole); !strings.Contains(found, "nobody answered") {
		t.Errorf("silence is passed over: %s", found)
	}
	if found := judge(whole); !strings.Contains(found, "Anna filed "+string(n)) {
		t.Errorf("the story does not tell what was done: %s", found)
	}
	l.Blocks(anna.ChatID())
	if found := judge(whole); strings.Contains(found, "nobody answered") {
		t.Errorf("who does not hear the bot was to be answered: %s", found)
	}
}

// damaged is a copy of a register that nobody has open, with a change.
func damaged(t *testing.T, register, change string) (path string) {
	t.Helper()
	data, err := os.ReadFile(register)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "damaged.db")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(change); err != nil {
		t.Fatal(err)
	}
	return path
}
