package storage

import (
	"context"
	"time"
)

const (
	// renewPages is how many pages of the index one write renews.
	renewPages = 64
	// nobodysRow is a row of the index that is no incident's, nobodysWord one that
	// nobody looks for.
	nobodysRow  = -1
	nobodysWord = "\ue000"
)

// renewIndex writes the index of words anew, a portion at a time: the words that
// are gone may still part its pages from one another (the table search_idx). FTS5
// merges what is in several pieces only, so a row of nobody makes one more.
func (r *Register) renewIndex(ctx context.Context) error {
	err := r.writer.do(ctx, func(s *session) error {
		if err := unindex(s, nobodysRow); err != nil {
			return err
		}
		_, err := s.exec(`INSERT INTO search (rowid, words) VALUES (?, ?)`, nobodysRow, nobodysWord)
		return err
	})
	// A negative number begins a merge of everything, a positive one goes on.
	for pages, more := -renewPages, true; more && err == nil; pages = renewPages {
		began := time.Now()
		more, err = write(ctx, r.writer, func(s *session) (bool, error) { return merge(s, pages) })
		select {
		case <-time.After(time.Since(began)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err != nil {
		return err
	}
	return r.writer.do(ctx, func(s *session) error { return unindex(s, nobodysRow) })
}

// merge does a part of a merge and says whether there was anything to do.
func merge(s *session, pages int) (more bool, err error) {
	var before, after int
	if err := s.row(`SELECT total_changes()`).Scan(&before); err != nil {
		return false, err
	}
	if _, err := s.exec(`INSERT INTO search (search, rank) VALUES ('merge', ?)`, pages); err != nil {
		return false, err
	}
	err = s.row(`SELECT total_changes()`).Scan(&after)
	return after-before >= 2, err
}
