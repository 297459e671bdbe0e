package simulator_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intakebot/simulator"
)

func TestLimits(t *testing.T) {
	clock := simulator.NewClock(time.Time{})
	tg := start(t, simulator.Options{Now: clock.Now, Limits: simulator.TelegramLimits()})
	group := tg.Group("Техподдержка")
	try := func(chat int64) reply { return do(t, tg, "sendMessage", fields{"chat_id": chat, "text": "x"}) }
	if !try(group.ID()).OK {
		t.Fatal("the first message was refused")
	}
	if got := try(group.ID()); got.Code != 429 || got.Parameters.RetryAfter != 1 || got.Description != "Too Many Requests: retry after 1" {
		t.Errorf("%+v", got)
	}
	for range 19 {
		clock.Advance(time.Second)
		if got := try(group.ID()); !got.OK {
			t.Fatalf("%+v", got)
		}
	}
	clock.Advance(time.Second)
	if got := try(group.ID()); got.Code != 429 || got.Parameters.RetryAfter < 39 {
		t.Errorf("a 21st within a minute: %+v", got)
	}
	if n := tg.Sent(group.ID()); n != 20 {
		t.Errorf("%d sent", n)
	}
	clock.Advance(time.Minute)
	for i := range 31 {
		anna := tg.Person("Анна", fmt.Sprint(i)).Chat()
		anna.Send("/start")
		if got := try(anna.ChatID()); got.OK != (i < 30) {
			t.Errorf("message %d within a second: %+v", i+1, got)
		}
	}
	if got := tg.Counters().Flooded; got != 3 {
		t.Errorf("%d refused", got)
	}
}

// TestBurst: a person's chat takes three messages at once and then one a second.
func TestBurst(t *testing.T) {
	clock := simulator.NewClock(time.Time{})
	tg := start(t, simulator.Options{Now: clock.Now, Limits: simulator.TelegramLimits()})
	chat := started(t, tg).ChatID()
	for _, step := range []struct {
		after time.Duration
		taken int
	}{{0, 3}, {time.Second, 1}, {time.Second, 1}, {time.Second / 2, 0}, {3 * time.Second, 3}} {
		clock.Advance(step.after)
		n := 0
		for do(t, tg, "sendMessage", fields{"chat_id": chat, "text": "x"}).OK {
			n++
		}
		if n != step.taken {
			t.Errorf("%v later: %d messages taken, want %d", step.after, n, step.taken)
		}
	}
}

func TestFaults(t *testing.T) {
	for _, test := range []struct {
		kind   simulator.FaultKind
		effect bool
		status int // 0: no answer
	}{
		{simulator.ServerError, false, 500},
		{simulator.Flood, false, 429},
		{simulator.BadGateway, false, 502},
		{simulator.Undecodable, true, 200},
		{simulator.CutBefore, false, 0},
		{simulator.CutAfter, true, 0},
		{simulator.Hang, false, 0},
		{simulator.HangAfter, true, 0},
	} {
		t.Run(string(test.kind), func(t *testing.T) {
			tg := start(t, simulator.Options{})
			anna := started(t, tg)
			in := fields{"chat_id": anna.ChatID(), "text": "x"}
			tg.Fault(simulator.Fault{Kind: test.kind, Methods: []string{"sendMessage"}, ChatID: anna.ChatID(), Times: 1, RetryAfter: 7})
			must(t, tg, "getMe", nil)
			ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
			defer cancel()
			got, err := try(ctx, tg, "sendMessage", in)
			if test.status == 0 && err == nil || test.status != 0 && got.Status != test.status {
				t.Errorf("%+v, %v", got, err)
			}
			if test.kind == simulator.Flood && got.Parameters.RetryAfter != 7 {
				t.Errorf("%+v", got)
			}
			if shown := anna.Last().Text == "x"; shown != test.effect {
				t.Errorf("shown: %v", shown)
			}
			must(t, tg, "sendMessage", in)
			calls := tg.Calls("sendMessage")
			if len(calls) != 2 || calls[0].Fault != test.kind || calls[1].Fault != "" || calls[1].Params["text"] != "x" {
				t.Errorf("%+v", calls)
			}
		})
	}
}

func TestDown(t *testing.T) {
	tg := start(t, simulator.Options{})
	poll := make(chan error)
	go func() {
		_, err := try(context.Background(), tg, "getUpdates", fields{"timeout": 50})
		poll <- err
	}()
	awaitPoll(t, tg)
	tg.SetDown(true)
	if err := <-poll; err == nil {
		t.Error("the long poll survives")
	}
	if _, err := try(context.Background(), tg, "getMe", nil); err == nil {
		t.Error("somebody answers")
	}
	tg.SetDown(false)
	must(t, tg, "getMe", nil)
}

// TestInMemory shows that the server works in a bubble, where a long poll of 50
// seconds takes no time.
func TestInMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tg := simulator.Start(simulator.Options{InMemory: true})
		defer tg.Close()
		began := time.Now()
		client := &http.Client{Transport: &http.Transport{DialContext: tg.DialContext, DisableKeepAlives: true}}
		resp, err := client.Post(tg.URL()+"/bot"+tg.Token()+"/getUpdates", "application/x-www-form-urlencoded", strings.NewReader("timeout=50"))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if body, _ := io.ReadAll(resp.Body); string(body) != `{"ok":true,"result":[]}` {
			t.Errorf("%s", body)
		}
		if waited := time.Since(began); waited != 50*time.Second {
			t.Errorf("waited %v", waited)
		}
	})
}
