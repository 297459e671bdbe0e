package e2e

import (
	"net/url"
	"sync"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/simulator"
	"intakebot/storage"
)

// TestForgottenRedis: connections to Redis that the network has forgotten, in
// silence or with a reset, are replaced within 20 seconds.
func TestForgottenRedis(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.OverRedis, harness.Closed, harness.InRealTime, harness.Troubled)
	for name, lose := range map[string]func(*simulator.Relay){"swallowed": (*simulator.Relay).Swallow, "dropped": (*simulator.Relay).Drop} {
		t.Run(name, func(t *testing.T) {
			address, err := url.Parse(h.Env["REDIS_URL"])
			if err != nil {
				t.Fatal("the address of the house's Redis cannot be read")
			}
			relay := simulator.StartRelay(address.Host)
			t.Cleanup(relay.Close)
			address.Host = relay.Addr()
			drafts, err := storage.OpenDrafts(t.Context(), storage.DraftsOptions{URL: address.String(), TTL: time.Hour})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { drafts.Close() })
			var all sync.WaitGroup
			for range 8 { // several connections wait in the pool then
				all.Go(func() {
					for range 20 {
						if err := drafts.Ping(t.Context()); err != nil {
							t.Error(err)
						}
					}
				})
			}
			all.Wait()
			lose(relay)
			began := time.Now()
			for drafts.Ping(t.Context()) != nil {
				if time.Since(began) > 20*time.Second {
					t.Fatal("Redis is out of reach for 20 seconds")
				}
				time.Sleep(50 * time.Millisecond) // a calm caller's pause
			}
			t.Logf("there again after %v", time.Since(began))
		})
	}
}
