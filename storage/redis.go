package storage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// redisTimeout bounds each dial, read and write: a turn waits for it.
const redisTimeout = time.Second

// redisIdle is how long a connection that nobody uses is kept. A network that
// forgets connections says nothing of it: each of those costs a turn its timeout
// until they are gone.
const redisIdle = 10 * time.Second

// errRedisURL says nothing of the URL: it may hold a password anywhere, and
// the parsers' own errors quote it.
var errRedisURL = errors.New("the URL of Redis is not of the form redis://[USER:PASSWORD@]HOST:PORT/DB " +
	"(rediss:// with TLS; for Sentinel with ?master_name=NAME&addr=HOST:PORT)")

// CheckURL says whether drafts can be kept at that address, without asking
// anybody. The error does not quote the address.
func CheckURL(address string) error {
	client, err := connectRedis(address)
	if err != nil {
		return err
	}
	return client.Close()
}

// connectRedis makes a client. It never repeats a command by itself: go-redis
// would apply it twice when the answer was lost, and our callers repeat with
// the same token.
func connectRedis(address string) (*redis.Client, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, errRedisURL
	}
	if u.Query().Has("master_name") {
		opts, err := redis.ParseFailoverURL(address)
		if err != nil || opts.MasterName == "" {
			return nil, errRedisURL
		}
		opts.DisableIdentity = true
		opts.ContextTimeoutEnabled = true
		opts.DialTimeout, opts.ReadTimeout, opts.WriteTimeout = redisTimeout, redisTimeout, redisTimeout
		opts.MaxRetries, opts.DialerRetries = -1, 1
		opts.ConnMaxIdleTime = redisIdle
		return redis.NewFailoverClient(opts), nil
	}
	opts, err := redis.ParseURL(address)
	if err != nil {
		return nil, errRedisURL
	}
	return redis.NewClient(calm(opts)), nil
}

// calm sets what every direct connection needs.
func calm(opts *redis.Options) *redis.Options {
	opts.DisableIdentity = true
	opts.ContextTimeoutEnabled = true
	opts.DialTimeout, opts.ReadTimeout, opts.WriteTimeout = redisTimeout, redisTimeout, redisTimeout
	opts.MaxRetries, opts.DialerRetries = -1, 1
	opts.ConnMaxIdleTime = redisIdle
	opts.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return opts
}

// embedded makes a store inside the process, with connections in memory: no
// port is opened, and nobody waits for one. Its keys end by the clock.
func embedded() (*redis.Client, *miniredis.Miniredis) {
	m := miniredis.NewMiniRedis()
	m.ClockTTL(true)
	return redis.NewClient(calm(&redis.Options{
		Addr:   "embedded",
		Dialer: func(context.Context, string, string) (net.Conn, error) { return m.Dial() },
		// More than there are chats at work: go-redis makes who waits for a
		// connection share timers with the whole process, synctest bubbles
		// included.
		PoolSize: 2000, ReadBufferSize: 4 << 10, WriteBufferSize: 4 << 10,
	})), m
}

// Policy returns Redis' maxmemory-policy. Anything but noeviction lets Redis
// drop drafts when it is short of memory: the caller should warn.
func (d *Drafts) Policy(ctx context.Context) (string, error) {
	if d.Embedded() {
		return "noeviction", nil
	}
	settings, err := d.client.ConfigGet(ctx, "maxmemory-policy").Result()
	if err != nil {
		return "", fmt.Errorf("read redis' maxmemory-policy: %w", err)
	}
	return settings["maxmemory-policy"], nil
}

// redisLog takes go-redis's own messages to slog.
type redisLog struct{ log *slog.Logger }

// Printf is go-redis's logging interface.
func (l redisLog) Printf(ctx context.Context, format string, v ...any) {
	if l.log != nil && l.log.Enabled(ctx, slog.LevelDebug) {
		l.log.DebugContext(ctx, "go-redis", "message", fmt.Sprintf(format, v...))
	}
}
