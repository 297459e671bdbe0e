package storage

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"intakebot/internal/failpoint"
)

// schema makes a new database as it is now.
//
//go:embed schema.sql
var schema string

// migrations[i] makes version i+2 of version i+1. A step that has shipped never
// changes. Each is an embedded file of its own, migrations/0002_what.sql; the
// schema above is changed in the same commit, and a test compares the two ways.
var migrations = shipped()

//go:embed migrations/*.sql
var steps embed.FS

// shipped are the files of the steps in their order.
func shipped() (all []string) {
	files, err := fs.Glob(steps, "migrations/*.sql")
	for _, file := range files {
		text, bad := steps.ReadFile(file)
		err = errors.Join(err, bad)
		all = append(all, string(text))
	}
	if err != nil {
		panic(err) // they are part of the program
	}
	return all
}

// migrate brings the database to the schema of this release in one
// transaction.
func migrate(s *session, schema string, migrations []string) error {
	current := len(migrations) + 1
	version, err := userVersion(s)
	if err != nil {
		return err
	}
	switch {
	case version == current:
		return nil
	case version > current:
		return fmt.Errorf("schema version %d, this release knows %d: %w", version, current, ErrNewerDatabase)
	}
	steps := []string{schema}
	if version > 0 {
		steps = migrations[version-1:]
	}
	if err := apply(s, steps, current); err != nil {
		_ = s.script("ROLLBACK") // the first error is the one to tell
		return fmt.Errorf("migrate from version %d to %d: %w", version, current, err)
	}
	return nil
}

func apply(s *session, steps []string, version int) error {
	if err := s.script("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for i, step := range steps {
		if err := s.script(step); err != nil {
			return fmt.Errorf("step %d of %d: %w", i+1, len(steps), err)
		}
	}
	// user_version is part of the transaction; a pragma takes no parameters.
	if err := s.script(fmt.Sprintf("PRAGMA user_version = %d", version)); err != nil {
		return err
	}
	failpoint.Pass(failpoint.BeforeSchema)
	if err := s.script("COMMIT"); err != nil {
		return err
	}
	failpoint.Pass(failpoint.AfterSchema)
	return nil
}

func userVersion(s *session) (int, error) {
	var version int
	text, err := s.pragma("user_version")
	if err == nil {
		_, err = fmt.Sscan(text, &version)
	}
	if err != nil {
		return 0, fmt.Errorf("read the schema version: %w", err)
	}
	return version, nil
}
