package simulator_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"intakebot/simulator"
)

func TestConfirmation(t *testing.T) {
	tg := start(t, simulator.Options{FirstUpdateID: 100})
	chat := tg.Person("Анна", "").Chat()
	for i := range 5 {
		chat.Send(fmt.Sprint("текст ", i))
	}
	for _, step := range []struct {
		offset, first int64
		count         int
	}{
		{0, 100, 5},
		{0, 100, 5},   // absent offset confirms nothing
		{100, 100, 5}, // confirmed is only what is below the offset
		{102, 102, 3},
		{0, 102, 3}, // and stays so
		{-1, 104, 1},
		{0, 104, 1}, // a negative offset forgets what was before
		{105, 0, 0},
		{0, 0, 0},
	} {
		got := updates(t, tg, step.offset)
		if len(got) != step.count || step.count > 0 && got[0].ID != step.first {
			t.Fatalf("offset %d: %+v", step.offset, got)
		}
	}
	if err := tg.AwaitConfirmed(context.Background()); err != nil {
		t.Error(err)
	}
	if c := tg.Counters(); c.Confirmed != 5 || c.Pending != 0 {
		t.Errorf("%+v", c)
	}
}

func TestLongPoll(t *testing.T) {
	tg := start(t, simulator.Options{})
	anna := tg.Person("Анна", "").Chat()
	first := make(chan reply)
	go func() { first <- do(t, tg, "getUpdates", fields{"timeout": 50}) }()
	awaitPoll(t, tg)
	second := make(chan reply)
	go func() { second <- do(t, tg, "getUpdates", fields{"timeout": 50}) }()
	got := <-first
	if got.Code != 409 || got.Description != "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running" {
		t.Errorf("%+v", got)
	}
	if got := must(t, tg, "getUpdates", fields{"timeout": 0}); string(got.Result) != "[]" { // who does not wait ends nobody's wait
		t.Errorf("%s", got.Result)
	}
	anna.Send("проснись")
	if got := decode[[]update](t, <-second); len(got) != 1 || got[0].Message.Text != "проснись" {
		t.Errorf("%+v", got)
	}
}

// TestRepeatedPolls: who asks for the same again gets little, and late.
func TestRepeatedPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tg := serve(t, simulator.Options{InMemory: true, FirstUpdateID: 100})
		anna := tg.Person("Анна", "").Chat()
		for range 4 {
			anna.Send("текст")
		}
		for _, step := range []struct {
			pause, waits time.Duration
			offset       int64
			count        int
		}{
			{0, 0, 0, 4},                           // the first
			{400 * time.Millisecond, 0, 0, 1},      // again within half a second
			{600 * time.Millisecond, 0, 0, 4},      // and later
			{0, 0, 102, 2},                         // what asks for more is free
			{0, 0, 104, 0},                         // nothing is there
			{time.Second, 3 * time.Second, 104, 0}, // nothing again: held for 3 s
			{4 * time.Second, 0, 104, 0},           // and later it is not
			{3 * time.Second, 0, 115, 0},           // 10 beyond the next id
		} {
			time.Sleep(step.pause)
			began := time.Now()
			got := updates(t, tg, step.offset)
			if waited := time.Since(began); len(got) != step.count || waited != step.waits {
				t.Errorf("%+v: %d updates after %v", step, len(got), waited)
			}
		}
		tg.Close()
	})
}

// TestOffsetsFarOff begin at the oldest update and confirm nothing.
func TestOffsetsFarOff(t *testing.T) {
	tg := start(t, simulator.Options{FirstUpdateID: 1_000_000})
	anna := tg.Person("Анна", "").Chat()
	anna.Send("раз")
	anna.Send("два")
	for _, offset := range []int64{1_000_013, 900_000 - 1, 2_000_000_000} {
		if got := updates(t, tg, offset); len(got) != 2 {
			t.Errorf("offset %d: %+v", offset, got)
		}
	}
	if got := updates(t, tg, 1_000_012); len(got) != 0 {
		t.Errorf("an offset ten beyond the next id confirms: %+v", got)
	}
}

// TestSecondPoller: the one who waits is ended at once, a further one is told
// after three seconds.
func TestSecondPoller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tg := serve(t, simulator.Options{InMemory: true})
		ended := make(chan time.Duration, 3)
		poll := func() {
			began := time.Now()
			if got, err := try(t.Context(), tg, "getUpdates", fields{"timeout": 9}); err == nil && got.Code == 409 {
				ended <- time.Since(began)
			}
		}
		for range 3 {
			go poll()
			time.Sleep(time.Second)
		}
		if first, second := <-ended, <-ended; first != time.Second || second != 4*time.Second {
			t.Errorf("ended after %v and %v", first, second)
		}
		tg.Close()
	})
}

func awaitPoll(t *testing.T, tg *simulator.Telegram) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := tg.AwaitPolling(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestExpiry(t *testing.T) {
	clock := simulator.NewClock(time.Time{})
	tg := start(t, simulator.Options{Now: clock.Now})
	anna := started(t, tg)
	send(t, tg, anna.ChatID(), "Согласны?", fields{"reply_markup": inline})
	if err := anna.Press("Да"); err != nil {
		t.Fatal(err)
	}
	anna.Send("текст")
	clock.Advance(149 * time.Second)
	if got := updates(t, tg, 0); len(got) != 2 {
		t.Fatalf("%+v", got)
	}
	clock.Advance(time.Second)
	if got := updates(t, tg, 0); len(got) != 1 || got[0].Query != nil {
		t.Fatalf("a press outlives 150 s: %+v", got)
	}
	clock.Advance(24 * time.Hour)
	if got := updates(t, tg, 0); len(got) != 0 || tg.Counters().Expired != 2 {
		t.Fatalf("a message outlives a day: %+v", got)
	}
}

func TestAllowedUpdates(t *testing.T) {
	tg := start(t, simulator.Options{})
	anna := started(t, tg)
	id := send(t, tg, anna.ChatID(), "x", nil)
	_ = anna.React(id, "👍")
	if got := updates(t, tg, 0); len(got) != 0 {
		t.Errorf("a reaction was not asked for: %+v", got)
	}
	must(t, tg, "getUpdates", fields{"allowed_updates": []string{"message_reaction"}})
	_ = anna.React(id, "")
	anna.Send("не придёт")
	if got := updates(t, tg, 0); len(got) != 1 || got[0].Message != nil {
		t.Errorf("%+v", got)
	}
}

func TestTwiceAndRedeliver(t *testing.T) {
	tg := start(t, simulator.Options{})
	anna := started(t, tg)
	tg.SetTwice(true)
	anna.Send("дважды")
	first := updates(t, tg, 0)[0].ID
	if again := updates(t, tg, first+1); len(again) != 1 || again[0].ID != first {
		t.Fatalf("%+v", again)
	}
	if rest := updates(t, tg, first+1); len(rest) != 0 {
		t.Fatalf("a third time: %+v", rest)
	}
	tg.SetTwice(false)
	if n := tg.Redeliver(); n != 2 { // /start and дважды
		t.Errorf("%d redelivered", n)
	}
	if again := updates(t, tg, first+1); len(again) != 2 || again[1].Message.Text != "дважды" {
		t.Errorf("%+v", again)
	}
	updates(t, tg, first+1)
	if err := tg.AwaitConfirmed(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestInject(t *testing.T) {
	tg := start(t, simulator.Options{FirstUpdateID: 10})
	for _, test := range []struct{ in, want string }{
		{`{}`, `{"update_id":10}`},
		{`{"message":7}`, `{"update_id":11,"message":7}`},
		{`{"update_id":50,"x":1}`, `{"update_id":50,"x":1}`},
		{`"nonsense"`, `"nonsense"`},
		{`{"update_id":"no"}`, `{"update_id":"no"}`},
	} {
		id := tg.Inject(test.in)
		got := must(t, tg, "getUpdates", nil)
		if string(got.Result) != "["+test.want+"]" {
			t.Errorf("%s came as %s", test.in, got.Result)
		}
		must(t, tg, "getUpdates", fields{"offset": id + 1})
	}
	if tg.Inject(`{}`) != 53 {
		t.Error("ids do not go on from the highest")
	}
}
