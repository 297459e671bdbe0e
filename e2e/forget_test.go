package e2e

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/simulator"
)

// bigLife fills every place in which something of the person can be kept.
func bigLife(c *harness.Clerk) (first, second incident.Number) {
	h := c.H
	h.Helper()
	c.Reaches("")
	c.SendDocument(simulator.File{Name: "схема-секрет.pdf", MIME: "application/pdf", Data: []byte("pdf")}, "")
	c.AwaitText(harness.SummaryHead, "схема-секрет")
	first = c.Registers()
	card := h.Card(first)
	h.Relayed(card, "document")
	h.Letter(harness.SupportBox, 1)

	h.Engineer.PressOn(card.ID, "Запросить уточнение")
	prompt := h.Engineer.AwaitText("что спросить")
	c.Mark()
	h.Engineer.Reply(prompt.ID, "Анна Петровна, где сидит канарейка?")
	c.AwaitText("где сидит канарейка")
	c.Ask("Канарейка — в шкафу: канарейка одна", "Добавили")
	h.Engineer.AwaitText("канарейка одна")
	h.Engineer.Reply(card.ID, "// Анне Петровне Ивановой: канарейку не кормить")
	h.Engineer.Ask("/incident "+string(first), "История", "канарейку не кормить")
	c.Ask("/escalate "+string(first), "Текущее состояние")
	c.Ask("Связи нет, канарейка молчит.", "Письмо в УИТ")
	c.Press("Отправить в УИТ")
	c.AwaitText("Письмо в УИТ", "отправлено")
	h.Engineer.Send("/resolve " + string(first) + " Канарейку выпустили, канарейка жива")
	c.AwaitText("решено", "Канарейку выпустили")
	second = c.FilesAgain("Опять канарейка, вся сеть.")
	h.Card(second)
	h.Letter(harness.SupportBox, 2)
	return first, second
}

// TestForgottenForGood: after /forget no byte of the person is in the files of
// the database, in Redis' memory, in its append-only file once that is
// rewritten, and in what the bot has in the group; and the question before it
// told what is stored. The register keeps the anonymous rows.
func TestForgottenForGood(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.OverRedis, harness.Troubled)
	h.Redis("CONFIG", "SET", "appendonly", "yes")
	h.Redis("CONFIG", "SET", "rdbcompression", "no") // or nothing could be found
	anna := h.Clerk()
	first, second := bigLife(anna)
	// An update that was set aside, and a draft in the making with an addition
	// to it that support never saw.
	h.Telegram.Inject(fmt.Sprintf(`{"message":{"message_id":"канарейка","chat":{"id":%d,"type":"private"}}}`, anna.ChatID()))
	h.Logged.Await(t, "an update is in quarantine", 1)
	anna.Ask("/new", "Описание")
	anna.Ask("Третья канарейка", harness.SummaryHead)
	if left := h.DatabaseBytes(); !strings.Contains(left, "канарейка") {
		t.Fatal("the test looks at the wrong files")
	}

	asked := anna.Ask("/forget", "Удалить ваши данные?")
	for _, part := range []string{"обращения: 2 (открытых: 1)", "файлы: 1", "запомненные ответы", "неоконченный черновик", "согласие от 23.11.2026", "резервных копиях"} {
		if !strings.Contains(asked.Body(), part) {
			t.Errorf("the question does not tell «%s»:\n%s", part, asked.Body())
		}
	}
	anna.Send("Удалить мои данные") // typed
	anna.AwaitText("Ваши данные удалены", string(first), string(second), "осталось сообщений: ")
	h.Engineer.AwaitText("Заявитель отозвал данные", string(first), string(second), "Открытые обращения отменены")
	h.Engineer.AwaitText("удалите, пожалуйста, сами", "сообщения сотрудников", "заметки")
	h.Forgotten(1)

	h.HoldsNo("the database while it is open", h.DatabaseBytes(), harness.Secrets)
	h.GroupHoldsNo(harness.Secrets)
	for _, n := range []incident.Number{first, second} {
		card := h.Card(n, "Данные заявителя удалены", "Администрация Кетовского")
		if len(card.Buttons) != 0 {
			t.Errorf("the card of %s has buttons", n)
		}
	}
	if i := h.Status(second, incident.Cancelled); i.Reporter != 0 || i.Organisation() == "" {
		t.Errorf("the anonymous row: %+v", i)
	}
	h.Status(first, incident.Closed)
	redisHoldsNo(h, fmt.Sprint(anna.ChatID()))
	h.Close()
	h.HoldsNo("the closed database", h.DatabaseBytes(), append(harness.Secrets, fmt.Sprint(anna.ChatID())))
}

// redisHoldsNo looks into Redis: its keys, and its append-only file after a
// rewrite. Before the rewrite that file does hold what was written.
func redisHoldsNo(h *harness.Harness, chat string) {
	h.Helper()
	h.RedisKeysHoldNo(chat)
	client, ctx := h.RedisClient(), h.Within()
	folder := client.ConfigGet(ctx, "dir").Val()["dir"]
	aof := func() string {
		out, err := exec.Command("sh", "-c", "cat "+folder+"/appendonlydir/*").Output()
		if err != nil {
			h.Fatal(err)
		}
		return string(out)
	}
	if !strings.Contains(aof(), "канарейка") {
		h.Error("the append-only file never held the draft: the test looks at the wrong file")
	}
	if err := client.BgRewriteAOF(ctx).Err(); err != nil {
		h.Fatal(err)
	}
	for strings.Contains(client.Info(ctx, "persistence").Val(), "aof_rewrite_in_progress:1") ||
		strings.Contains(client.Info(ctx, "persistence").Val(), "aof_rewrite_scheduled:1") {
		if !waitABit(ctx) {
			h.Fatal("redis does not rewrite its file")
		}
	}
	h.HoldsNo("the rewritten append-only file", aof(), append(harness.Secrets, chat))
}

func waitABit(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(20 * time.Millisecond):
		return true
	}
}
