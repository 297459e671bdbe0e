package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"intakebot/storage"
)

// reading opens the database for reading and does work with it. SQLITE_PATH is
// all that it needs; TIMEZONE counts for times.
func reading(ctx context.Context, work func(*storage.Reader, Settings) error) error {
	var s Settings
	var mistakes []string
	for _, v := range variables {
		if v.name == "SQLITE_PATH" || v.name == "TIMEZONE" {
			if mistake := v.read(&s, os.LookupEnv); mistake != "" {
				mistakes = append(mistakes, mistake)
			}
		}
	}
	if err := mistaken(mistakes); err != nil {
		return err
	}
	r, err := storage.OpenReader(ctx, s.SQLitePath)
	if err != nil {
		return err
	}
	return errors.Join(work(r, s), r.Close())
}

func runBackup(ctx context.Context, args []string, out io.Writer) error {
	if len(args) != 1 {
		return usageError{"usage: intakebot backup FILE"}
	}
	err := reading(ctx, func(r *storage.Reader, _ Settings) error { return r.Backup(ctx, args[0]) })
	if err == nil {
		fmt.Fprintln(out, "written:", args[0])
	}
	return err
}

func runExport(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("export", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	format := flags.String("format", "csv", "")
	if err := flags.Parse(args); err != nil || flags.NArg() != 1 || *format != "csv" && *format != "xlsx" {
		return usageError{"usage: intakebot export --format csv|xlsx FILE"}
	}
	path := flags.Arg(0)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	rows := 0
	err = reading(ctx, func(r *storage.Reader, s Settings) error {
		write := r.ExportCSV
		if *format == "xlsx" {
			write = r.ExportXLSX
		}
		rows, err = write(ctx, file, s.Location)
		return err
	})
	if err = errors.Join(err, file.Close()); err != nil {
		os.Remove(path)
		return err
	}
	fmt.Fprintf(out, "written: %s, incidents: %d\n", path, rows)
	return nil
}
