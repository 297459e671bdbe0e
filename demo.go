package main

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

	"intakebot/bot"
	"intakebot/simulator"
)

// demoToken is no secret: the simulated Telegram knows no other.
const demoToken = "700000042:demo"

// demoWorld is the outside of a demonstration: Telegram, a support group with
// its engineers, a mail relay, Redis and the clock by which all of them go.
type demoWorld struct {
	clock    *simulator.Clock
	hub      *simulator.Hub
	telegram *simulator.Telegram
	mail     *simulator.Mail
	redis    *demoRedis
	group    *simulator.Group
	engineer *simulator.Actor
	host     string // the page's, as --addr names it
	folder   string
	forget   bool // the folder is temporary
}

// demoCommand is the demonstration as a command of the program.
var demoCommand = Command{"demo", "[--script] [--addr HOST:PORT] [--data DIR]", "run everything on this machine, with nothing installed", runDemo}

func runDemo(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	script := flags.Bool("script", false, "")
	addr := flags.String("addr", "127.0.0.1:8155", "")
	data := flags.String("data", "", "")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return usageError{"usage: intakebot demo [--script] [--addr HOST:PORT] [--data DIR]"}
	}
	if *script {
		w, err := openDemo(*data)
		if err != nil {
			return err
		}
		defer w.close()
		return w.playScript(ctx, out)
	}
	return showDemo(ctx, *addr, *data, out)
}

// openDemo starts the simulated outside; its data lives in folder, or in a
// temporary one when that is "".
func openDemo(folder string) (w *demoWorld, err error) {
	w = &demoWorld{clock: simulator.NewClock(time.Time{}), hub: simulator.NewHub(), folder: folder}
	if folder == "" {
		w.forget = true
		w.folder, err = os.MkdirTemp("", "intakebot-demo-")
	} else {
		err = os.MkdirAll(folder, 0o700)
	}
	if err != nil {
		return nil, fmt.Errorf("the demo's folder: %w", err)
	}
	if w.redis, err = startDemoRedis(w.clock.Now); err != nil {
		return nil, err
	}
	// Telegram's ids must not repeat those of an earlier demonstration with
	// the same data: the register remembers them.
	start := time.Now().Unix()
	w.telegram = simulator.Start(simulator.Options{
		Token: demoToken, BotName: "Приём обращений", Now: w.clock.Now, Events: w.hub, FirstUpdateID: start,
	})
	w.mail = simulator.StartMail(simulator.MailOptions{Now: w.clock.Now, Events: w.hub})
	w.group = w.telegram.Group("Техподдержка", simulator.WithID(-1_001_000_000_000-start%1_000_000_000))
	w.engineer = w.group.Staff("Игорь", "Соколов")
	return w, nil
}

func (w *demoWorld) close() {
	w.telegram.Close()
	w.mail.Close()
	w.redis.close()
	if w.forget {
		os.RemoveAll(w.folder)
	}
}

// settings are those of serve, read from an environment of the demo's own.
func (w *demoWorld) settings() (Settings, error) {
	directory := filepath.Join(w.folder, "organisations.txt")
	if err := os.WriteFile(directory, exampleOrganisations, 0o600); err != nil {
		return Settings{}, err
	}
	environment := map[string]string{
		"TELEGRAM_BOT_TOKEN": demoToken,
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
	s, mistakes := readSettings(func(name string) (string, bool) { v, ok := environment[name]; return v, ok })
	return s, mistaken(mistakes)
}

// exampleOrganisations is the directory that the demo suggests from.
//
//go:embed organisations.example.txt
var exampleOrganisations []byte

// serveDemo runs serve on the simulated outside until ctx ends. A script
// answers faster than people do, so it may have no limits. running may be nil.
func (w *demoWorld) serveDemo(ctx context.Context, limits bot.Limits, log *slog.Logger, running func(Settings, parts)) error {
	s, err := w.settings()
	if err != nil {
		return fmt.Errorf("the demo's own settings: %w", err)
	}
	outside := world{now: w.clock.Now, limits: &limits, probation: new(time.Duration)}
	if running != nil {
		outside.running = func(p parts) { running(s, p) }
	}
	return serve(ctx, s, log, outside)
}
