package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"intakebot/incident"
	"intakebot/simulator"
)

// secrets are what tells of the person in these tests, in every form in which
// it may be kept. The organisation is a public body and stays.
var secrets = []string{
	"Иванова", "иванова", "Анна Петровна", "73522428001", "428001", "42-80-01", "ivanova", "индикатор", "ViPNet",
	"канарейка", "канарейку", "схема-секрет", "Петровне",
}

// forgets asks to be forgotten and agrees to it.
func (c *clerk) forgets() {
	c.h.Helper()
	c.Ask("/forget", "Удалить ваши данные?")
	c.Press("Удалить мои данные")
	c.AwaitText("Удаляем ваши данные")
}

// forgotten waits until so many erasures are complete.
func (h *house) forgotten(times int) {
	h.Helper()
	h.log.await(h, "an erasure is complete", times)
}

// files of the database as they are on the disk, while the program runs. They
// are read by another process: SQLite's locks end when any descriptor of the
// process that holds them is closed.
func (h *house) databaseBytes() string {
	h.Helper()
	paths, err := filepath.Glob(h.env["SQLITE_PATH"] + "*")
	if err != nil || len(paths) == 0 {
		h.Fatalf("the database's files: %q, %v", paths, err)
	}
	var all strings.Builder
	for _, path := range paths {
		out, err := exec.Command("cat", path).Output()
		if err != nil {
			h.Fatalf("cat %s: %v", path, err)
		}
		all.Write(out)
	}
	return all.String()
}

// holdsNo says which of the secrets are in the text.
func (h *house) holdsNo(what, text string, secrets []string) {
	h.Helper()
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			h.Errorf("%s: «%s» is left", what, secret)
		}
	}
}

// groupHoldsNo looks at what the bot has in the group.
func (h *house) groupHoldsNo(secrets []string) {
	h.Helper()
	for _, m := range h.engineer.Messages() {
		if m.FromBot {
			body := m.Body()
			if m.Attachment != nil {
				body += m.Attachment.Name
			}
			h.holdsNo("the group, "+m.FirstLine(), body, secrets)
		}
	}
}

// bigLife fills every place in which something of the person can be kept.
func (c *clerk) bigLife() (first, second incident.Number) {
	h := c.h
	h.Helper()
	c.reaches("")
	c.SendDocument(simulator.File{Name: "схема-секрет.pdf", MIME: "application/pdf", Data: []byte("pdf")}, "")
	c.AwaitText(summaryHead, "схема-секрет")
	first = c.registers()
	card := h.card(first)
	h.relayed(card, "document")
	h.letter(supportBox, 1)

	h.engineer.PressOn(card.ID, "Запросить уточнение")
	prompt := h.engineer.AwaitText("напишите, что спросить")
	c.Mark()
	h.engineer.Reply(prompt.ID, "Анна Петровна, где сидит канарейка?")
	c.AwaitText("где сидит канарейка")
	c.Ask("Канарейка — в шкафу: канарейка одна", "Добавили")
	h.engineer.AwaitText("канарейка одна")
	h.engineer.Reply(card.ID, "// Анне Петровне Ивановой: канарейку не кормить")
	h.engineer.Ask("/incident "+string(first), "История", "канарейку не кормить")
	c.Ask("/escalate "+string(first), "Текущее состояние")
	c.Ask("Связи нет, канарейка молчит.", "Письмо в УИТ")
	c.Press("Отправить в УИТ")
	c.AwaitText("Письмо в УИТ", "отправлено")
	h.engineer.Send("/resolve " + string(first) + " Канарейку выпустили, канарейка жива")
	c.AwaitText("решено", "Канарейку выпустили")
	second = c.filesAgain("Опять канарейка, вся сеть.")
	h.card(second)
	h.letter(supportBox, 2)
	return first, second
}

// TestForgottenForGood: after /forget no byte of the person is in the files of
// the database, in Redis' memory, in its append-only file once that is
// rewritten, and in what the bot has in the group; and the question before it
// told what is stored. The register keeps the anonymous rows.
func TestForgottenForGood(t *testing.T) {
	t.Parallel()
	h := startHouse(t, overRedis, troubled)
	h.redis("CONFIG", "SET", "appendonly", "yes")
	h.redis("CONFIG", "SET", "rdbcompression", "no") // or nothing could be found
	anna := h.clerk()
	first, second := anna.bigLife()
	// An update that was set aside, and a draft in the making with an addition
	// to it that support never saw.
	h.telegram.Inject(fmt.Sprintf(`{"message":{"message_id":"канарейка","chat":{"id":%d,"type":"private"}}}`, anna.ChatID()))
	h.log.await(t, "an update is in quarantine", 1)
	anna.Ask("/new", "Описание")
	anna.Ask("Третья канарейка", summaryHead)
	if left := h.databaseBytes(); !strings.Contains(left, "канарейка") {
		t.Fatal("the test looks at the wrong files")
	}

	asked := anna.Ask("/forget", "Удалить ваши данные?")
	for _, part := range []string{"обращения: 2 (открытых: 1)", "файлы: 1", "запомненные ответы", "неоконченный черновик", "согласие от 23.11.2026", "Redis"} {
		if !strings.Contains(asked.Body(), part) {
			t.Errorf("the question does not tell «%s»:\n%s", part, asked.Body())
		}
	}
	anna.Send("Удалить мои данные") // typed
	anna.AwaitText("Ваши данные удалены", string(first), string(second), "осталось сообщений: ")
	h.engineer.AwaitText("Заявитель отозвал данные", string(first), string(second), "Открытые обращения отменены")
	h.engineer.AwaitText("удалите, пожалуйста, сами", "сообщения сотрудников", "заметки")
	h.forgotten(1)

	h.holdsNo("the database while it is open", h.databaseBytes(), secrets)
	h.groupHoldsNo(secrets)
	for _, n := range []incident.Number{first, second} {
		card := h.card(n, "Данные заявителя удалены", "Администрация Кетовского")
		if len(card.Buttons) != 0 {
			t.Errorf("the card of %s has buttons", n)
		}
	}
	if i := h.status(second, incident.Cancelled); i.Reporter != 0 || i.Organisation() == "" {
		t.Errorf("the anonymous row: %+v", i)
	}
	h.status(first, incident.Closed)
	h.redisHoldsNo(fmt.Sprint(anna.ChatID()))
	h.close()
	h.holdsNo("the closed database", h.databaseBytes(), append(secrets, fmt.Sprint(anna.ChatID())))
}

// redisHoldsNo looks into Redis: its keys, and its append-only file after a
// rewrite. Before the rewrite that file does hold what was written.
func (h *house) redisHoldsNo(chat string) {
	h.Helper()
	h.redisKeysHoldNo(chat)
	client, ctx := h.redisClient(), h.within()
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
	h.holdsNo("the rewritten append-only file", aof(), append(secrets, chat))
}

// redisKeysHoldNo looks at every key and its value.
func (h *house) redisKeysHoldNo(chat string) {
	h.Helper()
	client, ctx := h.redisClient(), h.within()
	keys, err := client.Keys(ctx, "*").Result()
	if err != nil {
		h.Fatal(err)
	}
	for _, key := range keys {
		dump, err := client.Dump(ctx, key).Result()
		if err != nil {
			h.Fatal(err)
		}
		h.holdsNo("redis, "+key, key+dump, append(secrets, chat))
	}
}

func (h *house) redisClient() *redis.Client {
	h.Helper()
	options, err := redis.ParseURL(h.env["REDIS_URL"])
	if err != nil {
		h.Fatal(err)
	}
	client := redis.NewClient(options)
	h.Cleanup(func() { client.Close() })
	return client
}

func waitABit(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(20 * time.Millisecond):
		return true
	}
}
