package storage

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/redis/go-redis/v9"

	"intakebot/incident"
)

// Observer hears how long the stores take, for metrics. It is called from many
// goroutines and must not block. operation is one of a small set: "write" (what
// a caller waits for), "commit" (one transaction for all who wait) and "read"
// of the register; Redis' commands of the drafts, in lower case. failed says
// that the store did not do its part; a refusal by a rule of ours is none.
type Observer func(operation string, took time.Duration, failed bool)

// Operations are those of the register.
var Operations = []string{"write", "commit", "read"}

// since reports an operation that began then; a nil Observer hears nothing.
func (o Observer) since(began time.Time, operation string, err error) {
	if o != nil {
		err = classified(err)
		o(operation, time.Since(began), errors.Is(err, ErrDiskFull) || errors.Is(err, incident.ErrBroken))
	}
}

// redisTimes reports every command that is sent to Redis.
type redisTimes struct{ observe Observer }

// DialHook implements redis.Hook: a connection is a part of its first command.
func (redisTimes) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

// ProcessHook implements redis.Hook.
func (r redisTimes) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		began := time.Now()
		err := next(ctx, cmd)
		r.observe(cmd.Name(), time.Since(began), failedAtRedis(err))
		return err
	}
}

// ProcessPipelineHook implements redis.Hook.
func (r redisTimes) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		began := time.Now()
		err := next(ctx, cmds)
		r.observe("pipeline", time.Since(began), failedAtRedis(err))
		return err
	}
}

// failedAtRedis: a missing key and a script that is not loaded yet are ordinary
// answers.
func failedAtRedis(err error) bool {
	return err != nil && !errors.Is(err, redis.Nil) && !redis.HasErrorPrefix(err, "NOSCRIPT")
}
