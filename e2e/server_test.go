package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/simulator"
)

// TestInstantServer: a server that answers every poll at once, as some do that
// others wrote, is asked about once a second, and people are answered.
func TestInstantServer(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.InRealTime, harness.Closed)
	h.Telegram.Fault(simulator.Fault{Kind: simulator.NoWait, Methods: []string{"getUpdates"}})
	h.Open()
	began := time.Now()
	h.Clerk().Files()
	time.Sleep(3 * time.Second) // of nothing to tell
	took, updates := time.Since(began), h.Telegram.Counters().Confirmed
	if polls := len(h.Telegram.Calls("getUpdates")); polls > 2*updates+2*int(took/time.Second)+5 {
		t.Errorf("%d polls for %d updates in %v", polls, updates, took)
	}
}

// TestStartIsAside: the menus that Telegram does not take now, or never, keep the
// bot from nothing, and nobody asks for them again and again.
func TestStartIsAside(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.InRealTime, harness.Closed, harness.Troubled)
	h.Telegram.Fault(simulator.Fault{Kind: simulator.Flood, Methods: []string{"setMyCommands", "setMyDescription", "setMyShortDescription"}, RetryAfter: 600})
	h.Telegram.Fault(simulator.Fault{Kind: simulator.Flood, Methods: []string{"getMe"}, RetryAfter: 2, Times: 1})
	h.Open()
	h.Clerk().Files()
	if n := len(h.Telegram.Calls("getMe")); n != 2 {
		t.Errorf("getMe was asked %d times", n)
	}
	if n := len(h.Telegram.Calls("setMyCommands")); n != 2 {
		t.Errorf("setMyCommands was asked %d times", n)
	}
	h.Logged.Await(t, "the command menu was not set", 1)
}

// TestRefusedWebhook: an address that Telegram refuses is told in Russian to the
// log and by /readyz, and the one that is set stays.
func TestRefusedWebhook(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.InRealTime, harness.Closed, harness.Troubled, listening)
	h.AsBot("setWebhook", "url=https://works.example.ru/x")
	h.Env["WEBHOOK_URL"], h.Env["WEBHOOK_SECRET"] = "https://bot.example.ru:9443/x", "a-secret"
	h.Open()
	const says = "порт должен быть 443, 80, 88 или 8443"
	h.Logged.Await(t, says, 1)
	if code, body := h.Get("/readyz"); code != http.StatusServiceUnavailable || !strings.Contains(body, says) {
		t.Errorf("/readyz answers %d:\n%s", code, body)
	}
	if info := h.AsBot("getWebhookInfo", ""); !strings.Contains(info, "works.example.ru") {
		t.Errorf("the webhook that worked is gone: %s", info)
	}
	if n := len(h.Telegram.Calls("setWebhook")); n != 2 { // ours before it
		t.Errorf("it was offered %d times", n)
	}
}

// TestReadyAgain: /readyz forgets one poll that failed while Telegram holds the
// next.
func TestReadyAgain(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.InRealTime, harness.Troubled, listening)
	anna := h.Clerk()
	anna.Begins()
	h.Telegram.Fault(simulator.Fault{Kind: simulator.BadGateway, Methods: []string{"getUpdates"}, Times: 1})
	anna.Send("Администрация Шадринска")
	h.Logged.Await(t, "no updates from telegram", 1)
	began := time.Now()
	harness.Eventually(t, "ready again", func() bool { code, _ := h.Get("/readyz"); return code == http.StatusOK })
	if took := time.Since(began); took > 8*time.Second {
		t.Errorf("ready after %v", took)
	}
}

// TestDeletedAtOnce: what another bot deletes at once was sent, and is not sent
// for ever.
func TestDeletedAtOnce(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.InRealTime, harness.Troubled)
	anna := h.Clerk()
	n := anna.Files()
	h.Card(n)
	h.Telegram.Fault(simulator.Fault{Kind: simulator.Vanish, Methods: []string{"sendMessage"}, ChatID: h.Group.ID()})
	anna.Send("Ещё одно: не печатает.")
	anna.Send("/add " + n.String() + " Не работает и почта.")
	h.Clerk().Files()
	time.Sleep(3 * time.Second) // in which it would be sent again
	sent := map[string]int{}
	for _, c := range h.Telegram.Calls("sendMessage") {
		if c.Fault == simulator.Vanish {
			sent[c.Params["text"]]++
		}
	}
	if len(sent) == 0 {
		t.Fatal("nothing was deleted")
	}
	for text, times := range sent {
		if times > 1 {
			t.Errorf("sent %d times: %s", times, text)
		}
	}
}
