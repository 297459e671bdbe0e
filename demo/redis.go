package demo

import (
	"fmt"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// redis is the demo's Redis: a server on a loopback port of its own, so
// that it can go down and come back without the program under demonstration
// knowing what it is.
type redis struct {
	addr   string
	server *miniredis.Miniredis
	now    func() time.Time

	end  chan struct{}
	done sync.WaitGroup
}

// startRedis starts it. Its keys end by now.
func startRedis(now func() time.Time) (*redis, error) {
	r := &redis{server: miniredis.NewMiniRedis(), now: now, end: make(chan struct{})}
	r.server.SetTime(now())
	r.server.ClockTTL(true)
	if err := r.server.Start(); err != nil {
		return nil, fmt.Errorf("no loopback port for Redis: %w", err)
	}
	r.addr = r.server.Addr()
	r.done.Go(func() {
		second := time.NewTicker(time.Second)
		defer second.Stop()
		for {
			select {
			case <-second.C:
				r.tick()
			case <-r.end:
				return
			}
		}
	})
	return r, nil
}

// tick tells the server what time it is.
func (r *redis) tick() { r.server.SetTime(r.now()) }

// setDown closes the port and cuts all connections, or opens the same port
// again; the keys stay.
func (r *redis) setDown(down bool) error {
	if down {
		r.server.Close()
		return nil
	}
	if err := r.server.Restart(); err != nil {
		return fmt.Errorf("the port of Redis cannot be opened again: %w", err)
	}
	return nil
}

func (r *redis) close() {
	close(r.end)
	r.done.Wait()
	r.server.Close()
}
