package storage

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"intakebot/incident"
	"intakebot/outbox"
)

// BenchmarkIntake is what one whole report of eight turns asks of the register,
// with 64 people at a time, as the bot asks it: updates in, a decision from what
// is known of the person, done; the number, its card and the letter out.
// Besides the time it tells the processors' and what was written.
func BenchmarkIntake(b *testing.B) {
	r := fresh(b)
	var updates, people atomic.Int64
	cpu, wrote := processorTime(b), written(b)
	b.ReportAllocs()
	b.ResetTimer()
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for {
				n := people.Add(1)
				if n > int64(b.N) {
					return
				}
				wholeIntake(b, r, n, &updates)
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(processorTime(b)-cpu)/float64(b.N)/float64(time.Microsecond), "µs-cpu/op")
	b.ReportMetric(float64(written(b)-wrote)/float64(b.N)/1000, "KB-written/op")
}

var rawUpdate = bytes.Repeat([]byte(`{"update_id":1}`), 40)

func wholeIntake(b *testing.B, r *Register, chat int64, updates *atomic.Int64) {
	ctx := b.Context()
	for turn := range 8 {
		id := updates.Add(1)
		rows := must2(r.Receive(ctx, noon, []outbox.Update{{ID: id, Chat: chat, Raw: fmt.Appendf(nil, "%d %s", id, rawUpdate)}}))
		_, _ = r.About(ctx, outbox.MessageRef{Chat: chat, MessageID: int(id)})
		must2(r.Reporter(ctx, chat))
		switch turn {
		case 1:
			must(b, r.GiveConsent(ctx, chat, incident.Consent{Version: "1", At: noon}))
		case 7:
			registered(b, r, chat)
		}
		must2(r.Pending(ctx, chat))
		r.DoneSoon([]int64{rows[0].Seq})
	}
}

// registered files a report, shows its card and sends what it brought forth.
func registered(b *testing.B, r *Register, chat int64) {
	ctx := b.Context()
	draft := fmt.Sprint("d", chat)
	i, _, err := r.Register(ctx, report(draft, chat), func(i incident.Incident) ([]outbox.Message, error) {
		number := message("number:"+draft, chat, outbox.RankNumber)
		letter := message("copy:"+draft, 0, outbox.RankNotice)
		letter.Channel, letter.Body = outbox.Mail, bytes.Repeat([]byte("letter "), 500)
		number.Number, letter.Number = i.Number, i.Number
		return []outbox.Message{number, letter}, nil
	})
	must(b, err)
	for _, ch := range []outbox.Channel{outbox.Telegram, outbox.Mail} {
		rows := must2(r.Claim(ctx, ch, noon, time.Minute, nil, 1))
		if _, _, err := r.NextDue(ctx, ch); err != nil {
			b.Fatal(err)
		}
		for _, row := range rows {
			if ch == outbox.Mail {
				must(b, r.FinishLetter(ctx, row.ID, outbox.Letter{Kind: outbox.SupportCopy}, row.Number, incident.LetterSent, noon, "", nil))
			} else {
				must(b, r.Sent(ctx, row.ID, noon, outbox.MessageRef{Chat: chat, MessageID: int(row.ID)}, 0))
			}
		}
	}
	must2(r.StaleCards(ctx, false, 1))
	must(b, r.CardShown(ctx, i.Number, 1, -100, int(chat)))
}

func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// written is how many bytes this process has caused to be written, 0 where the
// system does not say.
func written(b *testing.B) (n int64) {
	text, err := os.ReadFile("/proc/self/io")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "write_bytes: "); ok {
			_, err = fmt.Sscan(value, &n)
			must(b, err)
		}
	}
	return n
}
