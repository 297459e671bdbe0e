package storage

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"intakebot/incident"
)

// BenchmarkLarge asks a copy of a large register, INTAKEBOT_LARGE, what people ask
// (see internal/prefill).
func BenchmarkLarge(b *testing.B) {
	from := os.Getenv("INTAKEBOT_LARGE")
	if from == "" {
		b.Skip("INTAKEBOT_LARGE names no register")
	}
	path := filepath.Join(b.TempDir(), "incidents.db")
	copyFile(b, from, path)
	var r *Register
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			if r != nil {
				must(b, r.Close())
			}
			r = must2(Open(b.Context(), path, options(b)))
		}
	})
	defer func() { must(b, r.Close()) }()
	for _, c := range []struct {
		name string
		ask  func(ctx context.Context, n int) error
	}{
		{"search/common", searching(r, "координатор", 10)},
		{"search/two", searching(r, "Фёдоровой Щучанский", 10)},
		{"search/rare", searching(r, "рабочее место 77777", 1)},
		{"search/beginning", searching(r, "докум", 10)},
		{"search/phone", searching(r, "8 (912) 000-19-99", 10)},
		{"search/none", searching(r, "телеграф", 0)},
		{"my", func(ctx context.Context, _ int) error { _, err := r.Reporter(ctx, 1_000_007); return err }},
		{"open", func(ctx context.Context, _ int) error { _, err := r.OpenIncidents(ctx); return err }},
		{"stats", func(ctx context.Context, _ int) error {
			return r.Each(ctx, incident.Period{From: time.Now().AddDate(0, 0, -90)}, func(incident.Incident) error { return nil })
		}},
		{"register", func(ctx context.Context, n int) error {
			_, _, err := r.Register(ctx, report(fmt.Sprint("large", time.Now().UnixNano(), n), int64(n+1)), nil)
			return err
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				must(b, c.ask(b.Context(), n))
			}
		})
	}
}

func searching(r *Register, text string, least int) func(context.Context, int) error {
	return func(ctx context.Context, _ int) error {
		found, err := r.Search(ctx, text, 0, 10)
		if err == nil && len(found.Incidents) < least {
			err = fmt.Errorf("%q finds %d", text, len(found.Incidents))
		}
		return err
	}
}

// BenchmarkLargeScrub erases a person of a large register and tells how long
// others waited for a write meanwhile, and how much memory it took.
func BenchmarkLargeScrub(b *testing.B) {
	from := os.Getenv("INTAKEBOT_LARGE")
	if from == "" {
		b.Skip("INTAKEBOT_LARGE names no register")
	}
	path := filepath.Join(b.TempDir(), "incidents.db")
	copyFile(b, from, path)
	r := openAt(b, path)
	var worst atomic.Int64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			began := time.Now()
			must(b, r.SetMeta(context.Background(), "trial", "x"))
			worst.Store(max(worst.Load(), int64(time.Since(began))))
			time.Sleep(time.Millisecond)
		}
	}()
	for n := 0; b.Loop(); n++ {
		began := time.Now()
		must(b, r.Forget(b.Context(), 1_000_000+int64(n), time.Now(), nil))
		b.ReportMetric(float64(time.Since(began))/1e6, "ms-to-forget")
		must(b, r.Scrub(b.Context()))
	}
	close(stop)
	<-stopped
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(worst.Load())/1e6, "ms-longest-wait")
	b.ReportMetric(float64(m.Sys)/1e6, "MB-memory")
}

func copyFile(b *testing.B, from, to string) {
	b.Helper()
	in := must2(os.Open(from))
	defer in.Close()
	out := must2(os.Create(to))
	_, err := io.Copy(out, in)
	must(b, err)
	must(b, out.Close())
}
