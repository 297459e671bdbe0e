package e2e

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"intakebot/app"
	"intakebot/app/config"
	"intakebot/app/monitor"
	"intakebot/bot/telegram"
	"intakebot/e2e/harness"
)

func runUnpaced() int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	s, mistakes := config.Read(os.LookupEnv)
	err := app.ConfigError(mistakes)
	if err == nil {
		probation := 100 * time.Millisecond
		err = app.Serve(ctx, s, app.NewLogger(s, os.Stderr), app.Options{Build: monitor.Build{Version: "dev"}, Limits: &telegram.Limits{}, ListenFirst: &probation})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "intakebot:", err)
		return 1
	}
	return 0
}

// overLastingRedis: drafts live in a redis-server that keeps them through kill -9.
func overLastingRedis(h *harness.Harness) *faultyRedis {
	h.Helper()
	r := newRedis(h, withAOF...)
	h.Env["REDIS_URL"] = r.url()
	return r
}
