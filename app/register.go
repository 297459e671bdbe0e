package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"intakebot/app/config"
	"intakebot/incident"
	"intakebot/storage"
)

// registerSettings are those that the commands on the register need:
// SQLITE_PATH, and TIMEZONE for times.
func registerSettings() (config.Settings, error) {
	s, mistakes := config.Read(os.LookupEnv, "SQLITE_PATH", "TIMEZONE")
	return s, ConfigError(mistakes)
}

// reading opens the register for reading and does work with it.
func reading(ctx context.Context, s config.Settings, work func(*storage.Reader) error) error {
	r, err := storage.OpenReader(ctx, s.SQLitePath)
	if err != nil {
		return err
	}
	return errors.Join(work(r), r.Close())
}

func runBackup(ctx context.Context, args []string, out io.Writer) error {
	if len(args) != 1 {
		return UsageError("usage: intakebot backup FILE")
	}
	s, err := registerSettings()
	if err != nil {
		return err
	}
	if err := reading(ctx, s, func(r *storage.Reader) error { return r.Backup(ctx, args[0]) }); err != nil {
		return err
	}
	fmt.Fprintln(out, "written:", args[0])
	return nil
}

// restoreUsage says what restore wants.
const restoreUsage = "usage: intakebot restore [--after NUMBER | --complete] FILE\n" +
	"NUMBER is the last registration number that anybody was told; --complete: none was given after the copy was made"

func runRestore(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("restore", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	after, complete := flags.String("after", "", ""), flags.Bool("complete", false, "")
	file, ok := parsed(flags, args)
	if !ok || *complete && *after != "" {
		return UsageError(restoreUsage)
	}
	s, err := registerSettings()
	if err != nil {
		return err
	}
	how := storage.Restoration{File: file, Complete: *complete, Options: storage.Options{Location: s.Location, Now: time.Now}}
	if *after != "" {
		if how.After, err = incident.ParseNumber(*after); err != nil {
			return UsageError(restoreUsage + "\n" + *after + ": " + err.Error())
		}
	}
	done, err := storage.Restore(ctx, s.SQLitePath, how)
	if err != nil {
		return err
	}
	reportRestored(out, s.SQLitePath, done)
	return nil
}

// reportRestored says what an administrator must know before the bot runs again.
func reportRestored(out io.Writer, path string, done storage.Restored) {
	fmt.Fprintf(out, "restored: %s, incidents: %d", path, done.Incidents)
	if done.Last != "" {
		fmt.Fprintf(out, ", the last one %s", done.Last)
	}
	fmt.Fprintln(out)
	if done.Replaced != "" {
		fmt.Fprintln(out, "the former database is now", done.Replaced)
	}
	if len(done.Lost) > 0 {
		fmt.Fprintln(out, "it holds incidents that the copy lacks; call these people:")
		for _, n := range done.Lost {
			fmt.Fprintln(out, " ", n)
		}
	}
	if done.Erased > 0 {
		fmt.Fprintln(out, "people had their data erased after the copy was made; erased again, incidents:", done.Erased)
	}
	fmt.Fprintln(out, "the next number is", done.Next)
	if done.Skipped {
		fmt.Fprintln(out, "numbers before it were left out, since people may have been told some after the copy was made;")
		fmt.Fprintln(out, "if you know the last one, restore again with --after NUMBER, and with --complete if there was none")
	}
}

// exportUsage says what export wants.
const exportUsage = "usage: intakebot export --format csv|xlsx [--from YYYY-MM-DD] [--to YYYY-MM-DD] FILE"

func runExport(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("export", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	format := flags.String("format", "csv", "")
	from, to := flags.String("from", "", ""), flags.String("to", "", "")
	path, ok := parsed(flags, args)
	if !ok || *format != "csv" && *format != "xlsx" {
		return UsageError(exportUsage)
	}
	s, err := registerSettings()
	if err != nil {
		return err
	}
	period, err := days(*from, *to, s.Location)
	if err != nil {
		return err
	}
	rows := 0
	err = reading(ctx, s, func(r *storage.Reader) error {
		write := r.ExportCSV
		if *format == "xlsx" {
			write = r.ExportXLSX
		}
		return created(path, func(file io.Writer) error {
			rows, err = write(ctx, file, period, s.Location)
			return err
		})
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "written: %s, incidents: %d\n", path, rows)
	return nil
}

// parsed reads flags that may stand before and after the one file; ok is false
// when the line is wrong.
func parsed(flags *flag.FlagSet, args []string) (file string, ok bool) {
	for {
		if flags.Parse(args) != nil {
			return "", false
		}
		if args = flags.Args(); len(args) == 0 {
			return file, file != ""
		}
		if file != "" {
			return "", false
		}
		file, args = args[0], args[1:]
	}
}

// days is the period from the beginning of one day to the end of another; an
// empty one is open.
func days(from, to string, location *time.Location) (p incident.Period, err error) {
	if from != "" {
		p.From, err = time.ParseInLocation(time.DateOnly, from, location)
	}
	if to != "" && err == nil {
		p.To, err = time.ParseInLocation(time.DateOnly, to, location)
		p.To = p.To.AddDate(0, 0, 1)
	}
	if err != nil || from != "" && to != "" && !p.From.Before(p.To) {
		return p, UsageError(exportUsage + "\nthe days are as 2026-11-01, both included, the first not after the last")
	}
	return p, nil
}

// created writes a new file that only its owner can read; what fails leaves
// none.
func created(path string, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(write(file), file.Close()); err != nil {
		os.Remove(path)
		return err
	}
	return nil
}
