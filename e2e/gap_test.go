package e2e

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/simulator"
)

// loses makes Telegram pass over so many update ids, as if they had expired or
// gone to somebody else.
func loses(h *harness.Harness, updates int64) {
	next := h.Telegram.Inject(`{}`)
	h.Telegram.SetNextUpdateID(next + 1 + updates)
}

// TestGap: updates that never came raise the alarm after two minutes, once,
// also when the program was started meanwhile.
func TestGap(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled, listening)
	anna := h.Clerk()
	anna.Begins()
	loses(h, 3)
	anna.Ask(harness.Usual[0].Answer, "ФИО")
	h.Restart()
	h.Pass(time.Minute)
	anna.Settled()
	if got := h.Told("Бот мог пропустить сообщения"); got != 0 {
		t.Errorf("told after a minute")
	}
	h.Pass(2 * time.Minute)
	h.Engineer.AwaitView(func(messages []simulator.Message) bool {
		for _, m := range messages {
			if harness.Holds(m.Body(), "Бот мог пропустить сообщения", "Не дошло сообщений или нажатий кнопок: 3, с 14:05 23.11 до 14:05 23.11", "тем же токеном") {
				return true
			}
		}
		return false
	})
	if _, body := h.Get("/metrics"); !strings.Contains(body, "intakebot_updates_missing 3") {
		t.Errorf("/metrics:\n%s", body)
	}
	h.Pass(time.Hour)
	h.Restart()
	anna.Settled()
	if got := h.Told("Бот мог пропустить сообщения"); got != 1 {
		t.Errorf("told %d times", got)
	}
	h.Logged.Await(t, "updates never came", 1)
}

// TestRenumbering is no gap: after a quiet week ids begin anew, and what lies
// far away is another numbering at any time.
func TestRenumbering(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	anna.Begins()
	h.Telegram.SetNextUpdateID(5_000_000)
	anna.Ask(harness.Usual[0].Answer, "ФИО")
	h.Pass(8 * 24 * time.Hour)
	h.Telegram.SetNextUpdateID(5_000_400)
	anna.Send("/help")
	anna.AwaitText("Что умеет бот")
	h.Pass(10 * time.Minute)
	anna.Settled()
	if got := h.Told("Бот мог пропустить"); got != 0 {
		t.Errorf("told %d times", got)
	}
}

// TestOutOfOrder: by webhook an update may come before those before it; what is
// there within two minutes is missed by nobody.
func TestOutOfOrder(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, byWebhook)
	anna := h.Clerk()
	anna.Begins()
	next := h.Telegram.Inject(`{}`) + 1
	h.Telegram.SetNextUpdateID(next + 4)
	post := func(update int64) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.Env["WEBHOOK_URL"], strings.NewReader(`{"update_id":`+strconv.FormatInt(update, 10)+`}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", h.Env["WEBHOOK_SECRET"])
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("update %d is answered %s", update, resp.Status)
		}
	}
	defer http.DefaultClient.CloseIdleConnections()
	post(next + 3)
	post(next)
	h.Pass(time.Minute)
	post(next + 2)
	post(next + 1)
	h.Pass(10 * time.Minute)
	anna.Settled()
	if got := h.Told("Бот мог пропустить"); got != 0 {
		t.Errorf("told %d times", got)
	}
}
