package telegram

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"intakebot/conversation"
	"intakebot/simulator"
)

// lossy is a client behind a relay that can lose its connections.
func lossy(t *testing.T, secure bool) (Source, *simulator.Telegram, *simulator.Relay) {
	t.Helper()
	sim := simulator.Start(simulator.Options{TLS: secure})
	t.Cleanup(sim.Close)
	relay := simulator.StartRelay(sim.Addr())
	t.Cleanup(relay.Close)
	transport := newTransport(nil)
	transport.TLSClientConfig = &tls.Config{RootCAs: sim.CertPool(), MinVersion: tls.VersionTLS12}
	transport.HTTP2 = &http.HTTP2Config{SendPingTimeout: 200 * time.Millisecond, PingTimeout: 200 * time.Millisecond}
	t.Cleanup(transport.CloseIdleConnections)
	address := "http://" + relay.Addr()
	if secure {
		address = "https://" + relay.Addr()
	}
	c, err := NewClient(Config{Token: sim.Token(), APIURL: address, Transport: transport, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if !secure {
		c.pollFor, c.pollLate = time.Second, 500*time.Millisecond
	}
	return Source{Client: c}, sim, relay
}

// TestForgottenConnection: a poll whose connection the network has forgotten, in
// silence or with a reset, ends soon, and the next one hears what was said
// meanwhile. So does a message after it.
func TestForgottenConnection(t *testing.T) {
	for name, lose := range map[string]func(*simulator.Relay){"swallowed": (*simulator.Relay).Swallow, "dropped": (*simulator.Relay).Drop} {
		for version, secure := range map[string]bool{"HTTP/2.0": true, "HTTP/1.1": false} {
			t.Run(name+" "+version, func(t *testing.T) {
				t.Parallel()
				source, sim, relay := lossy(t, secure)
				ctx := t.Context()
				if me, err := source.Identify(ctx); err != nil || me.HTTP != version {
					t.Fatalf("%q, %v", me.HTTP, err)
				}
				polled := make(chan error, 1)
				go func() {
					_, err := source.Poll(ctx, 0)
					polled <- err
				}()
				if err := sim.AwaitPolling(ctx); err != nil {
					t.Fatal(err)
				}
				lose(relay)
				person := sim.Person("Анна", "Иванова").Chat()
				person.Send("/start")
				select {
				case err := <-polled:
					if err == nil {
						t.Error("the poll ended well")
					}
				case <-time.After(5 * time.Second):
					t.Fatal("the poll does not end")
				}
				if raws, err := source.Poll(ctx, 0); err != nil || len(raws) != 1 {
					t.Errorf("after it: %d updates, %v", len(raws), err)
				}
				if _, err := source.SendMessage(ctx, person.ChatID(), conversation.Message{HTML: "да"}, 0); err != nil {
					t.Errorf("a message after it: %v", err)
				}
			})
		}
	}
}

// TestDeadLongEnoughToNotice: twenty seconds after a connection was forgotten
// another one is there.
func TestDeadLongEnoughToNotice(t *testing.T) {
	h := newTransport(nil).HTTP2
	if h == nil || h.SendPingTimeout <= 0 || h.PingTimeout <= 0 || h.SendPingTimeout+h.PingTimeout >= 20*time.Second {
		t.Errorf("pings %+v", h)
	}
}

// TestRedirectIsNotFollowed: the token is a part of the address, and an address
// goes along as Referer. Requests, uploads, files: whoever is redirected to hears
// of none, and the error names him.
func TestRedirectIsNotFollowed(t *testing.T) {
	heard := 0
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { heard++ }))
	defer elsewhere.Close()
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/getFile") {
			_, _ = w.Write([]byte(`{"ok":true,"result":{"file_path":"photos/1.jpg"}}`))
			return
		}
		http.Redirect(w, r, elsewhere.URL+"/login", http.StatusTemporaryRedirect)
	}))
	defer portal.Close()
	c, err := NewClient(Config{Token: "1:secret", APIURL: portal.URL, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	for what, ask := range map[string]func() error{
		"poll":    func() error { _, err := Source{Client: c}.Poll(ctx, 0); return err },
		"message": func() error { _, err := c.SendMessage(ctx, 1, conversation.Message{HTML: "да"}, 0); return err },
		"upload":  func() error { _, err := c.SendText(ctx, 1, "a.txt", "да", "", 0); return c.Scrub(err) },
		"file":    func() error { _, err := c.download(ctx, "AgAC"); return err },
	} {
		err := ask()
		var away *RedirectError
		if !errors.As(err, &away) || !strings.Contains(elsewhere.URL, away.Host) || away.Host == "" {
			t.Errorf("%s: %v", what, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the token is in %v", what, err)
		}
	}
	if heard > 0 {
		t.Errorf("redirected %d times", heard)
	}
	c.polls.CloseIdleConnections()
	c.sends.CloseIdleConnections()
}

// TestEnoughConnections: over HTTP/1.1 connections are kept for all chats that are
// written to at once; over HTTP/2 one is enough.
func TestEnoughConnections(t *testing.T) {
	const chats = 64
	for version, secure := range map[string]bool{"HTTP/2.0": true, "HTTP/1.1": false} {
		source, sim, relay := lossy(t, secure)
		if _, err := source.Identify(t.Context()); err != nil { // as every start does
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for range chats {
			person := sim.Person("Анна", "Иванова").Chat()
			person.Send("/start")
			all.Go(func() {
				for range 20 {
					if _, err := source.SendMessage(t.Context(), person.ChatID(), conversation.Message{HTML: "да"}, 0); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		_, opened := relay.Connections()
		if most := map[bool]int{true: 2, false: 2 * chats}[secure]; opened > most {
			t.Errorf("%s: %d connections for %d chats", version, opened, chats)
		}
		t.Logf("%s: %d connections", version, opened)
	}
}
