package demo

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"intakebot/app"
	"intakebot/app/config"
	"intakebot/bot/telegram"
	"intakebot/simulator"
)

// token is no secret: the simulated Telegram knows no other.
const token = "700000042:demo"

// world is the outside of a demonstration: Telegram, a support group with
// its engineers, a mail relay, Redis and the clock by which all of them go.
type world struct {
	clock    *simulator.Clock
	hub      *simulator.Hub
	telegram *simulator.Telegram
	mail     *simulator.Mail
	redis    *redis
	group    *simulator.Group
	engineer *simulator.Actor
	host     string // the page's, as --addr names it
	folder   string
	forget   bool // the folder is temporary
}

// Command is the demonstration as a command of the program.
var Command = app.Command{
	Name: "demo", Usage: "[--script] [--addr HOST:PORT] [--data DIR]", Does: "run everything on this machine, with nothing installed", Run: run,
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	script := flags.Bool("script", false, "")
	addr := flags.String("addr", "127.0.0.1:8155", "")
	data := flags.String("data", "", "")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return app.UsageError("usage: intakebot demo [--script] [--addr HOST:PORT] [--data DIR]")
	}
	if *script {
		w, err := open(*data)
		if err != nil {
			return err
		}
		defer w.close()
		return w.playScript(ctx, out)
	}
	return showPage(ctx, *addr, *data, out)
}

// open starts the simulated outside; its data lives in folder, or in a
// temporary one when that is "".
func open(folder string) (w *world, err error) {
	w = &world{clock: simulator.NewClock(time.Time{}), hub: simulator.NewHub(), folder: folder}
	if folder == "" {
		w.forget = true
		w.folder, err = os.MkdirTemp("", "intakebot-demo-")
	} else {
		err = os.MkdirAll(folder, 0o700)
	}
	if err != nil {
		return nil, fmt.Errorf("the demo's folder: %w", err)
	}
	if w.redis, err = startRedis(w.clock.Now); err != nil {
		return nil, err
	}
	// Telegram's ids must not repeat those of an earlier demonstration with
	// the same data: the register remembers them.
	start := time.Now().Unix()
	w.telegram = simulator.Start(simulator.Options{
		Token: token, BotName: "Приём обращений", Now: w.clock.Now, Events: w.hub, FirstUpdateID: start,
	})
	w.mail = simulator.StartMail(simulator.MailOptions{Now: w.clock.Now, Events: w.hub})
	w.group = w.telegram.Group("Техподдержка", simulator.WithID(-1_001_000_000_000-start%1_000_000_000))
	w.engineer = w.group.Staff("Игорь", "Соколов")
	return w, nil
}

func (w *world) close() {
	w.telegram.Close()
	w.mail.Close()
	w.redis.close()
	if w.forget {
		os.RemoveAll(w.folder)
	}
}

// settings are those of serve, read from an environment of the demo's own.
func (w *world) settings() (config.Settings, error) {
	directory := filepath.Join(w.folder, "organisations.txt")
	if err := os.WriteFile(directory, exampleOrganisations, 0o600); err != nil {
		return config.Settings{}, err
	}
	environment := map[string]string{
		"TELEGRAM_BOT_TOKEN": token,
		"TELEGRAM_API_URL":   w.telegram.URL(),
		"SUPPORT_CHAT_ID":    strconv.FormatInt(w.group.ID(), 10),
		"REDIS_URL":          "redis://" + w.redis.addr,
		"SQLITE_PATH":        filepath.Join(w.folder, "incidents.db"),
		"SMTP_HOST":          w.mail.Host(),
		"SMTP_PORT":          strconv.Itoa(w.mail.Port()),
		"SMTP_TLS":           "none",
		"MAIL_FROM":          "Приём обращений <intake@example.ru>",
		"HTTP_ADDR":          "off",
		"ORGANISATIONS_FILE": directory,
	}
	s, mistakes := config.Read(func(name string) (string, bool) { v, ok := environment[name]; return v, ok })
	return s, app.ConfigError(mistakes)
}

// exampleOrganisations is the directory that the demo suggests from.
//
//go:embed organisations.example.txt
var exampleOrganisations []byte

// serve runs serve on the simulated outside until ctx ends. A script
// answers faster than people do, so it may have no limits. running may be nil.
func (w *world) serve(ctx context.Context, limits telegram.Limits, log *slog.Logger, running func(config.Settings, app.Program)) error {
	s, err := w.settings()
	if err != nil {
		return fmt.Errorf("the demo's own settings: %w", err)
	}
	outside := app.Options{Now: w.clock.Now, Limits: &limits, ListenFirst: new(time.Duration)}
	if running != nil {
		outside.Running = func(p app.Program) { running(s, p) }
	}
	return app.Serve(ctx, s, log, outside)
}
