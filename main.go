// Intakebot takes incidents of a protected data network by Telegram: it asks a
// clerk what the regulation requires, registers the incident, shows it to
// technical support and, on request, writes to the government's IT department.
//
// See README.md for how to run it.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
)

// command is a row of the table of commands.
type command struct {
	name, usage, does string
	run               func(ctx context.Context, args []string, out io.Writer) error
}

var commands = []command{
	{"serve", "", "run the bot from the environment (also without a command)", runServe},
	{"check", "[--send ADDRESS]", "examine this installation and say what to do; changes nothing", runCheck},
	{"health", "[--ready]", "ask the running bot on this machine whether it lives, or whether all its parts answer", runHealth},
	{"demo", "[--script] [--addr HOST:PORT] [--data DIR]", "run everything on this machine, with nothing installed", runDemo},
	{"backup", "FILE", "write a consistent copy of the database", runBackup},
	{"restore", "[--after NUMBER | --complete] FILE", "put a copy in the place of the database of a stopped bot", runRestore},
	{"export", "--format csv|xlsx [--from DAY] [--to DAY] FILE", "write the register of incidents", runExport},
	{"version", "", "print version, commit and Go version", runVersion},
}

// usageError ends the program with exit code 2: what was asked for, or the
// settings, are wrong.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run carries out a command line and returns the exit code.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	name := "serve"
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	for _, c := range commands {
		if c.name != name {
			continue
		}
		err := c.run(ctx, args, out)
		var usage usageError
		switch {
		case err == nil, errors.Is(err, flag.ErrHelp):
			return 0
		case errors.As(err, &usage):
			fmt.Fprintln(errs, usage.text)
			return 2
		}
		fmt.Fprintln(errs, "intakebot:", err)
		return 1
	}
	if name == "help" || name == "-h" || name == "--help" {
		usage(out)
		return 0
	}
	fmt.Fprintf(errs, "intakebot: there is no command %q\n\n", name)
	usage(errs)
	return 2
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "Usage:")
	for _, c := range commands {
		fmt.Fprintf(w, "  intakebot %-62s %s\n", c.name+" "+c.usage, c.does)
	}
}

func runServe(ctx context.Context, args []string, _ io.Writer) error {
	if len(args) > 0 {
		return usageError{"intakebot serve takes no arguments: its settings come from the environment"}
	}
	s, mistakes := readSettings(os.LookupEnv)
	if err := mistaken(mistakes); err != nil {
		return err
	}
	log := logger(s, os.Stderr)
	slog.SetDefault(log) // for libraries that use package log
	return serve(ctx, s, log, world{})
}

// mistaken makes one error of all mistakes, a line each.
func mistaken(mistakes []string) error {
	if len(mistakes) == 0 {
		return nil
	}
	text := mistakes[0]
	for _, m := range mistakes[1:] {
		text += "\n" + m
	}
	return usageError{text}
}

func logger(s Settings, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: s.LogLevel}
	if s.LogJSON {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// version and commit are set by the linker for a release:
// -ldflags "-X main.version=1.2.3 -X main.commit=abcdef".
var version, commit = "dev", ""

func runVersion(_ context.Context, _ []string, out io.Writer) error {
	_, err := fmt.Fprintf(out, "intakebot %s, commit %s, %s\n", version, cmp.Or(builtFrom(), "unknown"), runtime.Version())
	return err
}

// builtFrom is the commit of this build, "" when nobody noted it.
func builtFrom() string {
	if info, ok := debug.ReadBuildInfo(); ok && commit == "" {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return commit
}
