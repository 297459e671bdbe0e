package harness

import (
	"context"
	"fmt"
	"time"

	"intakebot/storage"
)

// drainsWithin is how long the queues may take to drain, on a machine that has
// much else to do.
const drainsWithin = 2 * time.Minute

// Rests waits until the program has nothing to do any more.
func (h *Harness) Rests() {
	h.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), drainsWithin)
	defer cancel()
	if err := h.Telegram.AwaitConfirmed(ctx); err != nil {
		h.Fatal(err)
	}
	r, err := storage.OpenReader(ctx, h.Env["SQLITE_PATH"])
	if err != nil {
		h.Fatal(err)
	}
	defer r.Close()
	for waiting := ""; ; {
		c, err := r.Counts(ctx)
		if err != nil {
			h.Fatalf("still under way: %s, %v", waiting, err)
		}
		waiting = fmt.Sprintf("%+v", c)
		waits := c.Waiting + c.StaleCards
		for _, o := range c.Outbox {
			waits += o.Pending
		}
		if waits == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond) // between two looks
	}
}

// Judged has the oracle look at what came of it all.
func (h *Harness) Judged(l *Ledger) {
	h.Helper()
	o := Oracle{
		Telegram: h.Telegram, Mail: h.Mail, Group: h.Engineer.Actor, Database: h.Env["SQLITE_PATH"], Log: h.Logged.String(),
		Ledger: l, Uit: UITBox, Support: SupportBox, Location: Monday.Location(), Now: h.Clock.Now(),
	}
	found, err := o.Judge(h.Within())
	if err != nil {
		h.Fatal(err)
	}
	for _, wrong := range found {
		h.Error(wrong)
	}
}
