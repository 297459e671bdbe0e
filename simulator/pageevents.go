package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// Pulse is what changes without an event of its own: clock, weather, figures.
type Pulse struct {
	Ahead   int64     `json:"ahead"` // milliseconds by which the clock is ahead of the real one
	Weather Weather   `json:"weather"`
	Storm   StormView `json:"storm"`
	Pending int       `json:"pending"` // updates that the bot has not fetched
	Letters int       `json:"letters"` // that came
	Flooded int       `json:"flooded"` // calls refused because of the limits
	Gauges  Gauges    `json:"gauges"`
}

// beat is how often a browser hears the pulse, if it has changed.
const beat = 400 * time.Millisecond

// pulse takes a quarter of a second at most: a part that is down must not stop
// the page.
func (p *Page) pulse(ctx context.Context) Pulse {
	ctx, cancel := context.WithTimeout(ctx, beat/2)
	defer cancel()
	gauges := p.opt.Gauges(ctx)
	figures := p.opt.Telegram.Counters()
	p.mu.Lock()
	defer p.mu.Unlock()
	return Pulse{
		Ahead:   time.Until(p.opt.Now()).Round(100 * time.Millisecond).Milliseconds(),
		Weather: p.weather, Storm: p.storm, Gauges: gauges,
		Pending: figures.Pending, Letters: len(p.opt.Mail.Letters()), Flooded: figures.Flooded,
	}
}

// serveEvents is the stream of what happens (server-sent events): Event objects
// under the name "event" and Pulse objects under "pulse". A browser that lost
// the stream reads the world anew.
func (p *Page) serveEvents(w http.ResponseWriter, r *http.Request) {
	events, end := p.opt.Events.Subscribe()
	defer end()
	w.Header().Set("Content-Type", "text/event-stream")
	stream := http.NewResponseController(w)
	// Announces the stream: from here on nothing is missed.
	if !say(w, stream, "hello", []byte("{}")) {
		return
	}
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	var told []byte
	for ok := true; ok; {
		select {
		case <-r.Context().Done():
			return
		case <-p.ctx.Done():
			return
		case e := <-events:
			if p.shown(e.ChatID) {
				data, _ := json.Marshal(e)
				ok = say(w, stream, "event", data)
			}
		case <-ticker.C:
			data, _ := json.Marshal(p.pulse(r.Context()))
			if !bytes.Equal(data, told) {
				told = data
				ok = say(w, stream, "pulse", data)
			}
		}
	}
}

// say writes one event of the stream and says whether somebody is listening.
func say(w http.ResponseWriter, stream *http.ResponseController, name string, data []byte) bool {
	_, err := w.Write(bytes.Join([][]byte{[]byte("event: " + name + "\ndata: "), data, []byte("\n\n")}, nil))
	return err == nil && stream.Flush() == nil
}
