package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"intakebot/app"
	"intakebot/bot/telegram"
	"intakebot/simulator"
)

// stage is a demonstration with its page.
type stage struct {
	testing.TB
	*world
	url    string
	said   *lines
	finish func() error
}

// showStage shows the page as `demo` does, on a free port and without pauses.
func showStage(t testing.TB, folder string) *stage {
	listener, err := listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w, err := open(folder)
	if err != nil {
		t.Fatal(err)
	}
	w.addColleagues()
	ctx, stop := context.WithCancel(t.Context())
	s := &stage{TB: t, world: w, url: "http://" + listener.Addr().String(), said: &lines{}}
	ended := make(chan error, 1)
	go func() { ended <- w.playPage(ctx, listener, telegram.Limits{}, s.said) }()
	s.finish = sync.OnceValue(func() error {
		stop()
		err := <-ended
		w.close()
		return err
	})
	t.Cleanup(func() {
		if err := s.finish(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// lines is a terminal.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// read gets a JSON answer of the page.
func (s *stage) read(path string, out any) {
	s.Helper()
	response, err := http.Get(s.url + path)
	if err != nil {
		s.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(out); err != nil {
		s.Fatalf("%s: %s: %v", path, response.Status, err)
	}
}

func TestDemoAddressTaken(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var errs strings.Builder
	code := app.Run(t.Context(), []app.Command{Command}, []string{"demo", "--addr", listener.Addr().String()}, io.Discard, &errs)
	if code != 1 || !strings.Contains(errs.String(), "is taken") || !strings.Contains(errs.String(), "--addr") {
		t.Errorf("exit code %d: %s", code, errs.String())
	}
}

// TestDemoKeepsData: with --data a second start shows the incidents of the
// first, at the time to which its clock was moved, and goes on numbering.
func TestDemoKeepsData(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	filed := func(s *stage, n int) []simulator.Row {
		s.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		err := file(ctx, s.telegram.PersonWithID(int64(9_000_000+n), "Анна", "Иванова").Chat(),
			"Администрация города Кургана", "Иванова Анна Петровна", "Нет связи с сетью.", func(float64) {})
		if err != nil {
			t.Fatal(err)
		}
		var rows []simulator.Row
		s.read("/api/register", &rows)
		return rows
	}
	first := showStage(t, folder)
	if rows := filed(first, 1); len(rows) != 1 {
		t.Fatalf("%+v", rows)
	}
	response, err := http.Post(first.url+"/api/clock", "application/json", strings.NewReader(`{"forward":"4h"}`))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if err := first.finish(); err != nil {
		t.Fatal(err)
	}
	if said := first.said.String(); !strings.Contains(said, first.url) || !strings.Contains(said, "Ctrl+C") || !strings.Contains(said, folder) {
		t.Errorf("%s", said)
	}

	second := showStage(t, folder)
	rows := filed(second, 2)
	if len(rows) != 2 || !strings.HasPrefix(rows[0].Number, rows[1].Number[:2]) || rows[0].Number == rows[1].Number {
		t.Fatalf("%+v", rows)
	}
	if gap := rows[0].RegisteredAt.Sub(rows[1].RegisteredAt); gap < 4*time.Hour || gap > 5*time.Hour {
		t.Errorf("the clock did not go on: %v", gap)
	}
}

// TestDemoStorm: many file at once, with Redis going down and coming back in
// the middle; everybody is registered, and the page tells how far it is.
func TestDemoStorm(t *testing.T) {
	t.Parallel()
	s := showStage(t, "")
	post := func(path, body string) {
		t.Helper()
		response, err := http.Post(s.url+path, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer http.DefaultClient.CloseIdleConnections()
		defer response.Body.Close()
		if response.StatusCode/100 != 2 {
			text, _ := io.ReadAll(response.Body)
			t.Fatalf("%s %s: %s %s", path, body, response.Status, text)
		}
	}
	await := func(what string, cond func(simulator.Pulse) bool) {
		t.Helper()
		for deadline := time.Now().Add(30 * time.Second); ; {
			var world struct{ Pulse simulator.Pulse }
			s.read("/api/world", &world)
			if cond(world.Pulse) {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s: %+v", what, world.Pulse)
			}
		}
	}
	post("/api/storm", `{"clerks":12}`)
	await("under way", func(p simulator.Pulse) bool { return p.Storm.Way > 2 })
	post("/api/weather", `{"redisDown":true}`)
	await("no drafts to count", func(p simulator.Pulse) bool { return p.Weather.RedisDown && p.Gauges.Drafts == nil })
	post("/api/weather", `{"redisDown":false}`)
	await("all filed", func(p simulator.Pulse) bool { return !p.Storm.Running && p.Storm.Done == 12 && p.Storm.Failed == 0 })
	await("all letters", func(p simulator.Pulse) bool { return p.Letters == 12 && *p.Gauges.Incidents == 12 })
}
