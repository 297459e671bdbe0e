package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"intakebot/incident"
)

// applicationID stands in the header of every register: "IntB".
const applicationID = 1231975490

// ErrForeignDatabase: the file is the database of another program. Nothing in it
// was touched.
var ErrForeignDatabase = errors.New("this is the database of another program, not a register of incidents: look at the path")

// identify says no to the database of another program, before anything is done
// with it; a file that is missing, empty or no database is for others to judge.
func identify(ctx context.Context, path string) error {
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		return nil
	}
	db, s, err := connect(ctx, path, looking)
	if err != nil {
		return nil
	}
	defer db.Close()
	defer s.close()
	return isRegister(s)
}

// isRegister says whether a database is a register. Those of the first schema do not
// say so themselves.
func isRegister(s *session) error {
	id, err := s.pragma("application_id")
	if err != nil || id == strconv.Itoa(applicationID) {
		return err
	}
	var objects, known int
	err = s.row(`SELECT count(*), count(*) FILTER (WHERE name IN ('incidents', 'counters', 'consents', 'outbox')) FROM sqlite_master`).
		Scan(&objects, &known)
	if err == nil && (id != "0" || objects > 0 && known < 4) {
		err = ErrForeignDatabase
	}
	return err
}

// Verify says whether the file that is open still stands under its name. Somebody
// who removes it, or puts another in its place, takes away what is written from
// then on: incident.ErrBroken. It costs a microsecond.
func (r *Register) Verify() error {
	now, err := os.Stat(r.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: the file %s was removed while the program used it; what was written since would be lost: put a copy in its place (intakebot restore)", incident.ErrBroken, r.path)
	case err == nil && !os.SameFile(now, r.file):
		return fmt.Errorf("%w: another file was put in the place of %s while the program used it; start the program again to use that one", incident.ErrBroken, r.path)
	}
	return nil // a file system that does not answer says nothing of the file
}
