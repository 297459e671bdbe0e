package harness

import (
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Secrets are what tells of the person in these tests, in every form in which
// it may be kept. The organisation is a public body and stays.
var Secrets = []string{
	"Иванова", "иванова", "Анна Петровна", "73522428001", "428001", "42-80-01", "ivanova", "индикатор", "ViPNet",
	"канарейка", "канарейку", "схема-секрет", "Петровне",
}

// Forgets asks to be forgotten and agrees to it.
func (c *Clerk) Forgets() {
	c.H.Helper()
	c.Ask("/forget", "Удалить ваши данные?")
	c.Press("Удалить мои данные")
	c.AwaitText("Удаляем ваши данные")
}

// Forgotten waits until so many erasures are complete.
func (h *Harness) Forgotten(times int) {
	h.Helper()
	h.Logged.Await(h, "an erasure is complete", times)
}

// files of the database as they are on the disk, while the program runs. They
// are read by another process: SQLite's locks end when any descriptor of the
// process that holds them is closed.
func (h *Harness) DatabaseBytes() string {
	h.Helper()
	paths, err := filepath.Glob(h.Env["SQLITE_PATH"] + "*")
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

// HoldsNo says which of the secrets are in the text.
func (h *Harness) HoldsNo(what, text string, secrets []string) {
	h.Helper()
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			h.Errorf("%s: «%s» is left", what, secret)
		}
	}
}

// GroupHoldsNo looks at what the bot has in the group.
func (h *Harness) GroupHoldsNo(secrets []string) {
	h.Helper()
	for _, m := range h.Engineer.Messages() {
		if m.FromBot {
			body := m.Body()
			if m.Attachment != nil {
				body += m.Attachment.Name
			}
			h.HoldsNo("the group, "+m.FirstLine(), body, secrets)
		}
	}
}

// RedisKeysHoldNo looks at every key and its value.
func (h *Harness) RedisKeysHoldNo(chat string) {
	h.Helper()
	client, ctx := h.RedisClient(), h.Within()
	keys, err := client.Keys(ctx, "*").Result()
	if err != nil {
		h.Fatal(err)
	}
	for _, key := range keys {
		dump, err := client.Dump(ctx, key).Result()
		if err != nil {
			h.Fatal(err)
		}
		h.HoldsNo("redis, "+key, key+dump, append(Secrets, chat))
	}
}

func (h *Harness) RedisClient() *redis.Client {
	h.Helper()
	options, err := redis.ParseURL(h.Env["REDIS_URL"])
	if err != nil {
		h.Fatal(err)
	}
	client := redis.NewClient(options)
	h.Cleanup(func() { client.Close() })
	return client
}
