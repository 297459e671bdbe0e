package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"

	"intakebot/bot"
	"intakebot/simulator"
)

// demoToken is no secret: the simulated Telegram knows no other.
const demoToken = "700000042:demo"

// demoWorld is the outside of a demonstration: Telegram, a support group with
// an engineer, and a mail relay.
type demoWorld struct {
	telegram *simulator.Telegram
	mail     *simulator.Mail
	group    *simulator.Group
	engineer *simulator.Actor
	folder   string
}

func runDemo(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	script := flags.Bool("script", false, "")
	flags.String("addr", "127.0.0.1:8155", "")
	data := flags.String("data", "", "")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return usageError{"usage: intakebot demo [--script] [--addr HOST:PORT] [--data DIR]"}
	}
	_ = *script // the page is not there yet: the script is all there is
	w, err := openDemo(*data)
	if err != nil {
		return err
	}
	defer w.close(*data == "")
	return w.playScript(ctx, out)
}

// openDemo starts the simulated outside; its data lives in folder, or in a
// temporary one when that is "".
func openDemo(folder string) (*demoWorld, error) {
	if folder == "" {
		var err error
		if folder, err = os.MkdirTemp("", "intakebot-demo-"); err != nil {
			return nil, err
		}
	}
	hub := simulator.NewHub()
	w := &demoWorld{
		telegram: simulator.Start(simulator.Options{Token: demoToken, Events: hub}),
		mail:     simulator.StartMail(simulator.MailOptions{Events: hub}),
		folder:   folder,
	}
	w.group = w.telegram.Group("Техподдержка")
	w.engineer = w.group.Staff("Игорь", "Соколов")
	return w, nil
}

func (w *demoWorld) close(forget bool) {
	w.telegram.Close()
	w.mail.Close()
	if forget {
		os.RemoveAll(w.folder)
	}
}

// settings are those of serve, read from an environment of the demo's own.
func (w *demoWorld) settings() (Settings, error) {
	environment := map[string]string{
		"TELEGRAM_BOT_TOKEN": demoToken,
		"TELEGRAM_API_URL":   w.telegram.URL(),
		"SUPPORT_CHAT_ID":    strconv.FormatInt(w.group.ID(), 10),
		"SQLITE_PATH":        filepath.Join(w.folder, "incidents.db"),
		"SMTP_HOST":          w.mail.Host(),
		"SMTP_PORT":          strconv.Itoa(w.mail.Port()),
		"SMTP_TLS":           "none",
		"MAIL_FROM":          "Приём обращений <intake@example.ru>",
		"HTTP_ADDR":          "off",
	}
	s, mistakes := readSettings(func(name string) (string, bool) { v, ok := environment[name]; return v, ok })
	return s, mistaken(mistakes)
}

// serveDemo runs serve on the simulated outside until ctx ends. A script
// answers faster than people do, so it may have no limits.
func (w *demoWorld) serveDemo(ctx context.Context, limits bot.Limits, log *slog.Logger) error {
	s, err := w.settings()
	if err != nil {
		return fmt.Errorf("the demo's own settings: %w", err)
	}
	return serve(ctx, s, log, world{limits: &limits})
}
