package app

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
	"strings"
	"syscall"

	"intakebot/app/config"
	"intakebot/app/monitor"
)

// Command is a row of the table of commands.
type Command struct {
	Name, Usage, Does string
	Run               func(ctx context.Context, args []string, out io.Writer) error
}

// Commands are those of the program itself.
func Commands(build monitor.Build) []Command {
	return []Command{
		{"serve", "", "run the bot from the environment (also without a command)", serving(build)},
		{"check", "[--send ADDRESS]", "examine this installation and say what to do; changes nothing", runCheck},
		{"health", "[--ready]", "ask the running bot on this machine whether it lives, or whether all its parts answer", runHealth},
		{"backup", "FILE", "write a consistent copy of the database", runBackup},
		{"restore", "[--after NUMBER | --complete] FILE", "put a copy in the place of the database of a stopped bot", runRestore},
		{"export", "--format csv|xlsx [--from DAY] [--to DAY] FILE", "write the register of incidents", runExport},
		{"line", "", "print the built-in support line, as a LINE_FILE to start from", runLine},
		{"version", "", "print version, commit and Go version", versioning(build)},
	}
}

// UsageError ends the program with exit code 2: what was asked for, or the
// settings, are wrong.
type UsageError string

func (e UsageError) Error() string { return string(e) }

// Main carries out the command line until a signal ends it, and returns the
// exit code. more are commands of other packages.
func Main(build monitor.Build, more ...Command) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	return Run(ctx, append(Commands(build), more...), os.Args[1:], os.Stdout, os.Stderr)
}

// Run carries out a command line and returns the exit code.
func Run(ctx context.Context, commands []Command, args []string, out, errs io.Writer) int {
	name := "serve"
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	for _, c := range commands {
		if c.Name == name {
			return exitCode(c.Run(ctx, args, out), errs)
		}
	}
	if name == "help" || name == "-h" || name == "--help" {
		usage(out, commands)
		return 0
	}
	fmt.Fprintf(errs, "intakebot: there is no command %q\n\n", name)
	usage(errs, commands)
	return 2
}

// exitCode prints the error of a command and returns its exit code.
func exitCode(err error, errs io.Writer) int {
	var usage UsageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &usage):
		fmt.Fprintln(errs, usage)
		return 2
	}
	fmt.Fprintln(errs, "intakebot:", err)
	return 1
}

func usage(w io.Writer, commands []Command) {
	fmt.Fprintln(w, "Usage:")
	for _, c := range commands {
		fmt.Fprintf(w, "  intakebot %-62s %s\n", c.Name+" "+c.Usage, c.Does)
	}
}

func serving(build monitor.Build) func(context.Context, []string, io.Writer) error {
	return func(ctx context.Context, args []string, _ io.Writer) error {
		if len(args) > 0 {
			return UsageError("intakebot serve takes no arguments: its settings come from the environment")
		}
		s, mistakes := config.Read(os.LookupEnv)
		if err := ConfigError(mistakes); err != nil {
			return err
		}
		log := NewLogger(s, os.Stderr)
		slog.SetDefault(log) // for libraries that use package log
		return Serve(ctx, s, log, Options{Build: build})
	}
}

// ConfigError makes one error of all mistakes, a line each.
func ConfigError(mistakes []config.Mistake) error {
	if len(mistakes) == 0 {
		return nil
	}
	var lines []string
	for _, m := range mistakes {
		lines = append(lines, m.Text)
	}
	return UsageError(strings.Join(lines, "\n"))
}

func NewLogger(s config.Settings, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: s.LogLevel}
	if s.LogJSON {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

func versioning(build monitor.Build) func(context.Context, []string, io.Writer) error {
	return func(_ context.Context, _ []string, out io.Writer) error {
		_, err := fmt.Fprintf(out, "intakebot %s, commit %s, %s\n", build.Version, cmp.Or(builtFrom(build), "unknown"), runtime.Version())
		return err
	}
}

// builtFrom is the commit of a build, "" when nobody noted it.
func builtFrom(build monitor.Build) string {
	if info, ok := debug.ReadBuildInfo(); ok && build.Commit == "" {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return build.Commit
}
