package inbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intakebot/bot/telegram"
	"intakebot/bot/telegram/scripted"
	"intakebot/conversation"
	"intakebot/internal/loop"
	"intakebot/outbox"
)

// store works, and gives these updates to be worked on.
type store struct {
	Store
	waiting []outbox.Received
	failed  map[int64]int
	reads   int // of what waits
}

// Receive keeps what is new and gives back what waits of it, as the register does.
func (s *store) Receive(_ context.Context, _ time.Time, us []outbox.Update) (fresh []outbox.Received, err error) {
	for _, u := range us {
		k := slices.IndexFunc(s.waiting, func(r outbox.Received) bool { return r.UpdateID == u.ID })
		if k >= 0 {
			fresh = append(fresh, s.waiting[k])
			continue
		}
		row := outbox.Received{Seq: int64(len(s.waiting) + 1), UpdateID: u.ID, Chat: u.Chat, Raw: u.Raw}
		s.waiting, fresh = append(s.waiting, row), append(fresh, row)
	}
	return fresh, nil
}

func (*store) Ping(context.Context) error { return nil }

func (*store) Meta(context.Context, string) (string, error) { return "", nil }

func (*store) SetMeta(context.Context, string, string) error { return nil }

func (s *store) WaitingUpdates(_ context.Context, _, after int64, limit int) (some []outbox.Received, err error) {
	s.reads++
	for _, row := range s.waiting {
		if row.Seq > after && len(some) < limit {
			some = append(some, row)
		}
	}
	return some, nil
}

func (s *store) FailUpdate(_ context.Context, seq int64, _ string, limit int) (bool, error) {
	s.failed[seq]++
	return s.failed[seq] >= limit, nil
}

// handler fails as it is told and remembers what it heard.
type handler struct {
	fail   func(u telegram.Update) error
	heard  []int64
	aside  int
	done   []int64
	erased int
}

func (h *handler) Handle(_ context.Context, u telegram.Update) error {
	h.heard = append(h.heard, u.ID)
	if h.fail != nil {
		return h.fail(u)
	}
	return nil
}

func (h *handler) SetAside() { h.aside++ }

func (h *handler) EraseDraft(context.Context) { h.erased++ }

func (h *handler) Flush(_ context.Context, done []int64) (bool, error) {
	h.done = append(h.done, done...)
	return true, nil
}

type unmetered struct{}

func (unmetered) Turn(TurnOutcome, time.Duration) {}

func inboxOf(t *testing.T, server *scripted.Server, s *store, h *handler) *Inbox {
	t.Helper()
	c, err := telegram.NewClient(telegram.Config{Token: "1:test", APIURL: "http://telegram.test", Transport: server, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return New(Config{
		Source: telegram.Source{Client: c}, Group: &telegram.Group{}, Store: s, Drafts: s, Meter: unmetered{},
		Handler: func(*Worker) Handler { return h }, ListenFirst: ListenFirst, Recovered: func() {}, Now: time.Now,
		Unavailable: func(int64, bool) conversation.Message { return conversation.Message{HTML: "Сбой."} },
		Log:         loop.NewSupervisor(slog.New(slog.DiscardHandler)),
	})
}

func updateRow(seq int64) outbox.Received {
	raw := fmt.Sprintf(`{"update_id":%d,"message":{"message_id":1,"chat":{"id":1,"type":"private"},"text":"да"}}`, seq)
	return outbox.Received{Seq: seq, UpdateID: seq, Chat: 1, Raw: []byte(raw)}
}

// TestListen: a new process tells who takes the updates from what expires.
func TestListen(t *testing.T) {
	conflict := scripted.Refusal(409, "Conflict: terminated by other getUpdates request")
	update := func(id int) string { return fmt.Sprintf(`{"ok":true,"result":[{"update_id":%d}]}`, id) }
	for name, test := range map[string]struct {
		answers []string
		taken   bool
	}{
		"silence":                    {[]string{scripted.NoUpdates}, false},
		"one waits":                  {[]string{update(7)}, false},
		"a press expires":            {[]string{update(7), scripted.NoUpdates}, false},
		"one before another expires": {[]string{update(7), update(8)}, false},
		"one after the other goes":   {[]string{update(7), update(8), update(9)}, true},
		"one goes, and a later one":  {[]string{update(7), scripted.NoUpdates, update(8), scripted.NoUpdates}, true},
		"another polls":              {[]string{update(7), scripted.NoUpdates, conflict}, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				in := inboxOf(t, scripted.New(test.answers...), &store{}, nil)
				if err := in.singleton.listen(t.Context()); contested(err) != test.taken || !test.taken && err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestFailureThatStaysIsNotHurried: what fails again and again although both
// stores say that they work is tried at a calm pace, not as fast as they say so.
func TestFailureThatStaysIsNotHurried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &handler{fail: func(telegram.Update) error { return errors.New("away") }}
		in := inboxOf(t, scripted.New(), &store{}, h)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		go in.WatchStores(ctx)
		w := &Worker{in: in, Chat: 1, poke: loop.NewSignal(), handler: h}
		if err := w.workOn(ctx, arrival{Received: updateRow(1)}); err == nil {
			t.Error("worked")
		}
		if n := len(h.heard); n < 20 || n > 60 {
			t.Errorf("%d attempts in a minute", n)
		}
	})
}

// TestQuarantine: an update that fails for a reason of our own, a panic too, is
// set aside at the third time, and those behind it are worked on in order.
func TestQuarantine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{waiting: []outbox.Received{updateRow(1), updateRow(2), {Seq: 3, UpdateID: 3, Chat: 1, Raw: []byte("{")}, updateRow(4)}, failed: map[int64]int{}}
		h := &handler{fail: func(u telegram.Update) error {
			if u.ID == 2 {
				panic("a bug")
			}
			return nil
		}}
		in := inboxOf(t, scripted.New(), s, h)
		in.Start(t.Context(), t.Context())
		in.Resume([]int64{1})
		synctest.Wait()
		in.Close()
		if want := []int64{1, 2, 2, 2, 4}; !slices.Equal(h.heard, want) {
			t.Errorf("heard %v, want %v", h.heard, want)
		}
		if want := []int64{1, 4}; !slices.Equal(h.done, want) || h.aside != 2 {
			t.Errorf("done %v, %d set aside", h.done, h.aside)
		}
	})
}

// TestNudges: what a worker is told at once from several sides is all done, once.
func TestNudges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reminded := 0
		h := &handler{fail: func(u telegram.Update) error {
			if _, ok := u.Event.(conversation.Remind); ok {
				reminded++
			}
			return nil
		}}
		in := inboxOf(t, scripted.New(), &store{failed: map[int64]int{}}, h)
		in.Start(t.Context(), t.Context())
		for range 3 {
			in.Nudge(1, Nudge{RemindAt: time.Now().Add(time.Hour)})
			in.Nudge(1, Nudge{EraseDraft: true})
		}
		synctest.Wait()
		in.Close()
		if reminded != 1 || h.erased != 1 {
			t.Errorf("reminded %d times, erased %d times", reminded, h.erased)
		}
	})
}

// TestSideBySide: updates that came side by side, in any order, are worked on in
// the order of their ids, each once though one of them fails at first; not when
// Telegram's count began anew between them.
func TestSideBySide(t *testing.T) {
	rows := func(ids ...int64) (rows []outbox.Received) {
		for k, id := range ids {
			row := updateRow(id)
			row.Seq = int64(k + 1)
			rows = append(rows, row)
		}
		return rows
	}
	for _, c := range []struct{ came, worked []int64 }{
		{[]int64{12, 11, 13}, []int64{11, 12, 13}},
		{[]int64{900_000_000, 7, 8}, []int64{900_000_000, 7, 8}},
	} {
		broken := true
		h := &handler{}
		h.fail = func(u telegram.Update) error {
			if u.ID == c.worked[1] && broken {
				broken = false
				return errors.New("away")
			}
			return nil
		}
		in := inboxOf(t, scripted.New(), &store{waiting: rows(c.came...)}, h)
		w := &Worker{in: in, Chat: 1, poke: loop.NewSignal(), handler: h, queue: queue{table: true}}
		stopped, stop := context.WithCancel(t.Context())
		stop() // the failure is not waited out
		if _, err := w.takeIn(stopped); err == nil {
			t.Error("nothing failed")
		}
		if _, err := w.takeIn(t.Context()); err != nil {
			t.Fatal(err)
		}
		if want := slices.Insert(slices.Clone(c.worked), 1, c.worked[1]); !slices.Equal(h.heard, want) {
			t.Errorf("came %d, heard %d, want %d", c.came, h.heard, want)
		}
		if w.read != 3 || len(w.done) != 3 {
			t.Errorf("read %d, done %d", w.read, w.done)
		}
	}
}

// TestRefusedWebhook: an address that Telegram refuses is named in Russian, also
// to /readyz, and offered again now and then only.
func TestRefusedWebhook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := scripted.New()
		server.Answers("setWebhook", scripted.Refusal(400, "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"))
		var log bytes.Buffer
		in := inboxOf(t, server, &store{}, nil)
		in.cfg.Source.Webhook = &telegram.Webhook{URL: "https://bot.example.ru:9443/x", Secret: "s"}
		in.cfg.Log = loop.NewSupervisor(slog.New(slog.NewTextHandler(&log, nil)))
		ctx, stop := context.WithTimeout(t.Context(), 25*time.Minute)
		defer stop()
		in.Take(ctx)
		if n := len(server.Calls("setWebhook")); n != 3 {
			t.Errorf("offered %d times in 25 minutes", n)
		}
		if n := len(server.Calls("deleteWebhook")); n != 0 {
			t.Error("the webhook that works was removed")
		}
		const says = "порт должен быть 443, 80, 88 или 8443"
		if err := in.cfg.Source.Health.Reachable(); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(log.String(), says) {
			t.Errorf("/readyz says %v, the log\n%s", err, log.String())
		}
	})
}

// TestPatientStart: what Telegram asks to wait is waited for, at the start too,
// and the menus stop nobody.
func TestPatientStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wait := `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 30","parameters":{"retry_after":30}}`
		server := scripted.New(scripted.True)
		server.Answers("getMe", wait, `{"ok":true,"result":{"id":1,"username":"a_bot"}}`)
		server.Answers("getUpdates", scripted.NoUpdates)
		server.Answers("setMyCommands", wait)
		in := inboxOf(t, server, &store{}, nil)
		in.cfg.ListenFirst, in.singleton.ListenFirst = 0, 0
		close(in.singleton.acquired)
		ctx, stop := context.WithTimeout(t.Context(), 40*time.Second)
		defer stop()
		began := time.Now()
		go in.Announce(ctx)
		in.Take(ctx)
		if n := len(server.Calls("getMe")); n != 2 {
			t.Errorf("%d times getMe in %v", n, time.Since(began))
		}
		if n := len(server.Calls("getUpdates")); n < 5 {
			t.Errorf("%d polls while the menus wait", n)
		}
		if n := len(server.Calls("setMyCommands")); n != 2 {
			t.Errorf("%d menus set in ten seconds", n)
		}
	})
}

// TestHandedOver: what is stored is worked on without being read from the table,
// in order and once; what an attempt before had stored, and what is too much to be
// kept, is read from there.
func TestHandedOver(t *testing.T) {
	raw := func(id int64) json.RawMessage { return updateRow(id).Raw }
	for what, c := range map[string]struct {
		known []outbox.Received // in the table, though not worked on
		came  int64
		reads int
	}{
		"a few":                 {nil, 3, 0},
		"more than are kept":    {nil, queueMost + 5, 1},
		"one was stored before": {[]outbox.Received{updateRow(1)}, 3, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &store{failed: map[int64]int{}, waiting: c.known}
			busy := make(chan struct{})
			h := &handler{fail: func(u telegram.Update) error {
				if u.ID == 1 {
					<-busy // the others come meanwhile
				}
				return nil
			}}
			in := inboxOf(t, scripted.New(), s, h)
			in.Start(t.Context(), t.Context())
			in.Resume(nil)
			for id := int64(1); id <= c.came; id++ {
				if _, err := in.store(t.Context(), []json.RawMessage{raw(id)}); err != nil {
					t.Error(err)
				}
				synctest.Wait()
			}
			close(busy)
			synctest.Wait()
			in.Close()
			var want []int64
			for id := int64(1); id <= c.came; id++ {
				want = append(want, id)
			}
			if !slices.Equal(h.heard, want) || len(h.done) != len(want) {
				t.Errorf("%s: heard %v, done %v", what, h.heard, h.done)
			}
			if s.reads != c.reads {
				t.Errorf("%s: the table was read %d times", what, s.reads)
			}
		})
	}
}

// TestNobodyOvertakesTheProcessBefore: an update that comes before the chats of
// the process before are looked at waits for those of its chat.
func TestNobodyOvertakesTheProcessBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{failed: map[int64]int{}, waiting: []outbox.Received{updateRow(1)}}
		h := &handler{}
		in := inboxOf(t, scripted.New(), s, h)
		in.Start(t.Context(), t.Context())
		if _, err := in.store(t.Context(), []json.RawMessage{updateRow(2).Raw}); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		in.Close()
		if want := []int64{1, 2}; !slices.Equal(h.heard, want) {
			t.Errorf("heard %v", h.heard)
		}
	})
}
