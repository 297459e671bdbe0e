package storage

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

const ttl = 72 * time.Hour

// everywhere runs a test on the embedded store and on a real redis-server.
func everywhere(t *testing.T, test func(t *testing.T, url string)) {
	t.Run("embedded", func(t *testing.T) { test(t, "") })
	t.Run("redis-server", func(t *testing.T) { test(t, realRedis(t)) })
}

// realRedis starts a redis-server with a password on a free port of loopback
// and returns its URL.
func realRedis(t testing.TB) string {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		skip(t, "no redis-server in PATH: install Debian's package redis-server")
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	address := free.Addr().(*net.TCPAddr)
	must(t, free.Close())
	cmd := exec.Command(program, "--port", fmt.Sprint(address.Port), "--bind", "127.0.0.1", "--requirepass", "canary",
		"--save", "", "--maxmemory-policy", "noeviction", "--dir", t.TempDir())
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "Ready to accept connections") {
	}
	go io.Copy(io.Discard, out)
	return "redis://:canary@" + address.String() + "/0"
}

func openDrafts(t testing.TB, opts DraftsOptions) *Drafts {
	t.Helper()
	if opts.TTL == 0 {
		opts.TTL = ttl
	}
	d, err := OpenDrafts(t.Context(), opts)
	must(t, err)
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func TestDrafts(t *testing.T) {
	everywhere(t, func(t *testing.T, url string) {
		d := openDrafts(t, DraftsOptions{URL: url, Prefix: "test:", Now: func() time.Time { return noon }})
		ctx := t.Context()
		same(t, "embedded", d.Embedded(), url == "")
		must(t, d.Ping(ctx))
		same(t, "policy", must2(d.Policy(ctx)), "noeviction")
		same(t, "none", must2(d.Load(ctx, 7)), outbox.SavedDraft{})

		same(t, "first", must2(d.Save(ctx, 7, 0, "t1", []byte("one"), true, true)), int64(1))
		same(t, "loaded", must2(d.Load(ctx, 7)), outbox.SavedDraft{Data: []byte("one"), Rev: 1, ExpiresAt: noon.Add(ttl)})
		same(t, "repeated", must2(d.Save(ctx, 7, 0, "t1", []byte("one"), true, true)), int64(1))
		same(t, "second", must2(d.Save(ctx, 7, 1, "t2", []byte("two\x00\xff"), true, true)), int64(2))
		if _, err := d.Save(ctx, 7, 1, "t3", []byte("late"), true, true); !errors.Is(err, incident.ErrConflict) {
			t.Errorf("a late write: %v", err)
		}
		var conflict *outbox.Conflict
		if _, err := d.Save(ctx, 7, 1, "t3b", []byte("late"), true, true); !errors.As(err, &conflict) {
			t.Errorf("no conflict: %v", err)
		} else {
			same(t, "what is there", conflict.Now, must2(d.Load(ctx, 7)))
		}
		if _, err := d.Save(ctx, 8, 5, "t4", []byte("lost"), true, true); !errors.Is(err, incident.ErrConflict) {
			t.Errorf("a draft that Redis forgot: %v", err)
		}
		same(t, "kept", must2(d.Load(ctx, 7)).Data, []byte("two\x00\xff"))
		same(t, "count", must2(d.Count(ctx)), 1)

		same(t, "deleted", must2(d.Save(ctx, 7, 2, "t5", nil, true, true)), int64(3))
		same(t, "deleted again", must2(d.Save(ctx, 7, 2, "t5", nil, true, true)), int64(3))
		same(t, "no draft, but a revision", must2(d.Load(ctx, 7)), outbox.SavedDraft{Rev: 3})
		same(t, "count", must2(d.Count(ctx)), 0)
		same(t, "begun anew", must2(d.Save(ctx, 7, 3, "t6", []byte("new"), true, true)), int64(4))

		must(t, d.Forget(ctx, 7))
		must(t, d.Forget(ctx, 7))
		same(t, "forgotten", must2(d.Load(ctx, 7)), outbox.SavedDraft{})
		keys, err := d.client.Keys(ctx, "*").Result()
		must(t, err)
		same(t, "keys left", len(keys), 0)
		if _, err := d.Save(ctx, 7, 0, "", nil, true, true); err == nil {
			t.Error("a write without a token")
		}
	})
}

func TestDraftsExpiring(t *testing.T) {
	everywhere(t, func(t *testing.T, url string) {
		now := noon
		d := openDrafts(t, DraftsOptions{URL: url, Now: func() time.Time { return now }})
		ctx := t.Context()
		must2(d.Save(ctx, 7, 0, "a", []byte("x"), true, true))
		now = after(60)
		must2(d.Save(ctx, 8, 0, "b", []byte("y"), true, true))
		now = after(120)
		must2(d.Save(ctx, 9, 0, "c", []byte("z"), true, true))
		must2(d.Save(ctx, 9, 1, "d", nil, true, true))
		same(t, "before any end", len(must2(d.Expiring(ctx, noon.Add(ttl)))), 0)
		same(t, "first", must2(d.Expiring(ctx, after(30).Add(ttl))), map[int64]time.Time{7: noon.Add(ttl)})
		same(t, "both", must2(d.Expiring(ctx, after(999).Add(ttl))), map[int64]time.Time{7: noon.Add(ttl), 8: after(60).Add(ttl)})
		must2(d.Save(ctx, 7, 1, "e", []byte("x"), true, false))
		same(t, "not renewed", must2(d.Expiring(ctx, after(30).Add(ttl))), map[int64]time.Time{7: noon.Add(ttl)})
		must2(d.Save(ctx, 7, 2, "f", []byte("x"), false, true))
		same(t, "nothing to lose", len(must2(d.Expiring(ctx, after(30).Add(ttl)))), 0)
		must2(d.Save(ctx, 7, 3, "g", []byte("x"), true, true))
		same(t, "renewed", must2(d.Expiring(ctx, after(90).Add(ttl))), map[int64]time.Time{8: after(60).Add(ttl)})
		must(t, d.client.Del(ctx, d.key(8)).Err())
		same(t, "gone", len(must2(d.Expiring(ctx, after(90).Add(ttl)))), 0)
		same(t, "members", d.client.ZCard(ctx, d.ends).Val(), int64(1))
	})
}

// A draft ends by itself, and each write that renews it gives it its whole
// life.
func TestDraftsTTL(t *testing.T) {
	d := openDrafts(t, DraftsOptions{})
	ctx := t.Context()
	start := time.Now()
	at := func(after time.Duration) { d.embedded.SetTime(start.Add(after)) }
	at(0)
	must2(d.Save(ctx, 7, 0, "a", []byte("x"), true, true))
	at(ttl - time.Minute)
	must2(d.Save(ctx, 7, 1, "b", []byte("y"), true, true))
	at(2*ttl - 2*time.Minute)
	must2(d.Save(ctx, 7, 2, "c", []byte("z"), true, false))
	same(t, "kept", must2(d.Load(ctx, 7)).Rev, int64(3))
	at(2 * ttl)
	same(t, "forgotten", must2(d.Load(ctx, 7)), outbox.SavedDraft{})
}

// The draft that a real server is told to forget is forgotten by it.
func TestDraftsTTLOnServer(t *testing.T) {
	d := openDrafts(t, DraftsOptions{URL: realRedis(t)})
	must2(d.Save(t.Context(), 7, 0, "a", []byte("x"), true, true))
	left, err := d.client.PTTL(t.Context(), d.key(7)).Result()
	must(t, err)
	if left <= ttl-time.Minute || left > ttl {
		t.Errorf("TTL %v", left)
	}
}

// Of concurrent writes that expect the same revision one wins.
func TestDraftsConcurrent(t *testing.T) {
	everywhere(t, func(t *testing.T, url string) {
		d := openDrafts(t, DraftsOptions{URL: url})
		var won atomic.Int64
		var wg sync.WaitGroup
		for n := range 10 {
			wg.Go(func() {
				_, err := d.Save(context.Background(), 7, 0, fmt.Sprint(n), []byte{byte(n + 1)}, true, true)
				if err == nil {
					won.Add(1)
				} else if !errors.Is(err, incident.ErrConflict) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		same(t, "winners", won.Load(), int64(1))
	})
}

// Redis may be away at the start; errors come quickly and hold no password.
func TestDraftsAway(t *testing.T) {
	for _, url := range []string{"redis://:canary@127.0.0.1:1/0",
		"redis://:canary@127.0.0.1:1/0?master_name=main&addr=127.0.0.1:1&password=canary"} {
		d := openDrafts(t, DraftsOptions{URL: url})
		begun := time.Now()
		_, err := d.Load(t.Context(), 7)
		if err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%v", err)
		}
		if took := time.Since(begun); took > 3*time.Second {
			t.Errorf("the error took %v", took)
		}
	}
}

// A server that takes connections and never answers holds nobody.
func TestDraftsSilentServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	d := openDrafts(t, DraftsOptions{URL: "redis://" + l.Addr().String()})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if err := d.Ping(ctx); err == nil {
		t.Error("no error")
	}
	if took := time.Since(begun); took > 900*time.Millisecond {
		t.Errorf("the context of 50 ms ended after %v", took)
	}
}

func TestDraftsURL(t *testing.T) {
	for _, url := range []string{"http://:canary@host", "redis://:canary@host:6379/x", "redis://:can%ary@host", "canary",
		"redis://:canary@host?nonsense=1", "redis://:canary@host?master_name=", "redis:///canary", "rediss://:canary/@h/0/1"} {
		_, err := OpenDrafts(t.Context(), DraftsOptions{URL: url, TTL: ttl})
		if err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", url, err)
		}
	}
	if _, err := OpenDrafts(t.Context(), DraftsOptions{}); err == nil {
		t.Error("no TTL")
	}
}

func TestDraftsWrongPassword(t *testing.T) {
	d := openDrafts(t, DraftsOptions{URL: strings.Replace(realRedis(t), "canary", "canary2", 1)})
	if err := d.Ping(t.Context()); err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("%v", err)
	}
}
