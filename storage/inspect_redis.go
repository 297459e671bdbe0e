package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

// RedisCondition is what Redis says of itself. A server may keep any of it to
// itself: a value is "" then.
type RedisCondition struct {
	Version string // "7.0.15"
	Role    string // master, slave
	Policy  string // maxmemory-policy
	AOF     string // "1": every write is appended to a file
	// Fsync is when what is appended is on the disk: always, everysec, no; "" when
	// Redis keeps it to itself.
	Fsync string
	// Snapshots is the setting save: when a snapshot is written; Never says
	// that it is known to be empty.
	Snapshots string
	Never     bool
	// Failing names a write to disk that failed the last time: "rdb", "aof".
	Failing string
}

// Inspect asks Redis about itself and tries what a conversation needs: a draft
// of nobody is saved, read and forgotten. The first error is of that; a server
// that keeps its settings to itself is none.
func (d *Drafts) Inspect(ctx context.Context) (c RedisCondition, err error) {
	if err := d.Ping(ctx); err != nil {
		return c, err
	}
	if info, err := d.client.Info(ctx).Result(); err == nil {
		c.read(info)
	}
	if c.Policy == "" {
		c.Policy, _ = d.Policy(ctx)
	}
	if settings, err := d.client.ConfigGet(ctx, "save").Result(); err == nil {
		c.Snapshots = settings["save"]
		c.Never = c.Snapshots == ""
	}
	if settings, err := d.client.ConfigGet(ctx, "appendfsync").Result(); err == nil {
		c.Fsync = settings["appendfsync"]
	}
	return c, d.try(ctx)
}

// read takes the lines of INFO that matter.
func (c *RedisCondition) read(info string) {
	for line := range strings.Lines(info) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch name {
		case "redis_version":
			c.Version = value
		case "role":
			c.Role = value
		case "maxmemory_policy":
			c.Policy = value
		case "aof_enabled":
			c.AOF = value
		case "rdb_last_bgsave_status", "aof_last_write_status", "aof_last_bgrewrite_status":
			if value != "ok" {
				c.Failing, _, _ = strings.Cut(name, "_")
			}
		}
	}
}

// nobody is a chat that Telegram gives to nobody.
const nobody = 0

func (d *Drafts) try(ctx context.Context) error {
	before, err := d.Load(ctx, nobody)
	if err != nil {
		return err
	}
	if _, err := d.Save(ctx, nobody, before.Rev, "check", []byte("check"), false, true); err != nil {
		return err
	}
	after, err := d.Load(ctx, nobody)
	if err == nil && string(after.Data) != "check" {
		err = fmt.Errorf("a draft was read back as %d bytes", len(after.Data))
	}
	return errors.Join(err, d.Forget(ctx, nobody))
}

// RedisRefusal is Redis' own code of an error, such as NOAUTH, WRONGPASS, OOM,
// READONLY or NOPERM; "" when the error is not Redis'.
func RedisRefusal(err error) string {
	var answer redis.Error
	if !errors.As(err, &answer) {
		return ""
	}
	code, _, _ := strings.Cut(answer.Error(), " ")
	return code
}
