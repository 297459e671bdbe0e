package storage

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"intakebot/incident"
	"intakebot/outbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is when things happen in these tests.
var noon = time.Date(2026, 11, 22, 7, 0, 0, 0, time.UTC)

// after returns the time so many seconds past noon.
func after(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }

// options are the settings of the tests' registers.
func options(t testing.TB) Options {
	zone, err := time.LoadLocation("Asia/Yekaterinburg")
	if err != nil {
		t.Fatal(err)
	}
	return Options{Location: zone, Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return noon }}
}

// openAt opens a register that the test closes.
func openAt(t testing.TB, path string) *Register {
	t.Helper()
	r, err := Open(t.Context(), path, options(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// fresh opens a new register.
func fresh(t testing.TB) *Register {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "data", "incidents.db"))
}

// report is a finished draft.
func report(draft string, reporter int64) incident.Report {
	return incident.Report{
		DraftID: draft, Reporter: reporter, At: noon,
		Answers: incident.Answers{
			{Key: incident.Organisation, Label: "Организация", Value: "Администрация Кетовского округа"},
			{Key: incident.FullName, Label: "ФИО", Value: "Иванова Анна"},
			{Key: incident.Description, Label: "Описание", Value: "Не работает координатор"},
		},
		Attachments: []incident.Attachment{{Kind: incident.Photo, FileID: "photo-" + draft, Size: 10}},
	}
}

// filed registers a report.
func filed(t testing.TB, r *Register, draft string, reporter int64) incident.Incident {
	t.Helper()
	i, created, err := r.Register(t.Context(), report(draft, reporter), nil)
	if err != nil || !created {
		t.Fatalf("Register: created %v, %v", created, err)
	}
	return i
}

// message is a post to a chat with a body that tells its key.
func message(key string, chat int64, rank outbox.Rank) outbox.Message {
	return outbox.Message{Key: key, Channel: outbox.Telegram, Chat: chat, Rank: rank, Body: []byte("body of " + key)}
}

// tell is a Compose of one message.
func tell(key string) Compose {
	return func(i incident.Incident) ([]outbox.Message, error) {
		m := message(key, i.Reporter, outbox.RankNumber)
		m.Number = i.Number
		m.Body = fmt.Appendf(nil, "%s v%d", i.Number, i.Version)
		return []outbox.Message{m}, nil
	}
}

// must fails the test on an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// same compares.
func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// value reads a single value past the API.
func value[T any](t testing.TB, r *Register, query string, args ...any) T {
	t.Helper()
	v, err := read(context.Background(), r.Reader, func(s *session) (v T, err error) {
		err = s.row(query, args...).Scan(&v)
		return v, err
	})
	must(t, err)
	return v
}

// skip skips the test, unless the run is one in which nothing may be skipped.
func skip(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("INTAKEBOT_TEST_STRICT") == "1" {
		t.Fatal(why)
	}
	t.Skip(why)
}
