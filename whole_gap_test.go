package main

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"intakebot/simulator"
)

// loses makes Telegram pass over so many update ids, as if they had expired or
// gone to somebody else.
func (h *house) loses(updates int64) {
	next := h.telegram.Inject(`{}`)
	h.telegram.SetNextUpdateID(next + 1 + updates)
}

// TestGap: updates that never came raise the alarm after two minutes, once,
// also when the program was started meanwhile.
func TestGap(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled, listening)
	anna := h.clerk()
	anna.begins()
	h.loses(3)
	anna.Ask(usual[0].answer, "ФИО")
	h.restart()
	h.pass(time.Minute)
	anna.settled()
	if got := h.told("Бот мог пропустить сообщения"); got != 0 {
		t.Errorf("told after a minute")
	}
	h.pass(2 * time.Minute)
	h.engineer.AwaitView(func(messages []simulator.Message) bool {
		for _, m := range messages {
			if holds(m.Body(), "Бот мог пропустить сообщения", "Не дошло сообщений или нажатий кнопок: 3, с 14:05 23.11 до 14:05 23.11", "тем же токеном") {
				return true
			}
		}
		return false
	})
	if _, body := h.get("/metrics"); !strings.Contains(body, "intakebot_updates_missing 3") {
		t.Errorf("/metrics:\n%s", body)
	}
	h.pass(time.Hour)
	h.restart()
	anna.settled()
	if got := h.told("Бот мог пропустить сообщения"); got != 1 {
		t.Errorf("told %d times", got)
	}
	h.log.await(t, "updates never came", 1)
}

// TestRenumbering is no gap: after a quiet week ids begin anew, and what lies
// far away is another numbering at any time.
func TestRenumbering(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna := h.clerk()
	anna.begins()
	h.telegram.SetNextUpdateID(5_000_000)
	anna.Ask(usual[0].answer, "ФИО")
	h.pass(8 * 24 * time.Hour)
	h.telegram.SetNextUpdateID(5_000_400)
	anna.Send("/help")
	anna.AwaitText("Что умеет бот")
	h.pass(10 * time.Minute)
	anna.settled()
	if got := h.told("Бот мог пропустить"); got != 0 {
		t.Errorf("told %d times", got)
	}
}

// TestOutOfOrder: by webhook an update may come before those before it; what is
// there within two minutes is missed by nobody.
func TestOutOfOrder(t *testing.T) {
	t.Parallel()
	h := startHouse(t, byWebhook)
	anna := h.clerk()
	anna.begins()
	next := h.telegram.Inject(`{}`) + 1
	h.telegram.SetNextUpdateID(next + 4)
	post := func(update int64) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.env["WEBHOOK_URL"], strings.NewReader(`{"update_id":`+strconv.FormatInt(update, 10)+`}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", h.env["WEBHOOK_SECRET"])
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
	h.pass(time.Minute)
	post(next + 2)
	post(next + 1)
	h.pass(10 * time.Minute)
	anna.settled()
	if got := h.told("Бот мог пропустить"); got != 0 {
		t.Errorf("told %d times", got)
	}
}
