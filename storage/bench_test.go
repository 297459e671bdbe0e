package storage

import (
	"fmt"
	"sync/atomic"
	"testing"

	"intakebot/outbox"
)

func BenchmarkRegister(b *testing.B) {
	r := fresh(b)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		draft := fmt.Sprint("d", n)
		if _, _, err := r.Register(b.Context(), report(draft, int64(n)), tell(draft)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRegisterParallel(b *testing.B) {
	r := fresh(b)
	b.ReportAllocs()
	b.SetParallelism(32)
	var n atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			id := n.Add(1)
			draft := fmt.Sprint("d", id)
			if _, _, err := r.Register(b.Context(), report(draft, id), tell(draft)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkReporter(b *testing.B) {
	r := fresh(b)
	for n := range 5 {
		filed(b, r, fmt.Sprint("d", n), 7)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Reporter(b.Context(), 7); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkClaim claims and sends one message while thousands wait, hundreds of
// them in the desk's group for a card.
func BenchmarkClaim(b *testing.B) {
	r := fresh(b)
	var posts []outbox.Message
	for n := range 5000 {
		posts = append(posts, message(fmt.Sprint("waiting", n), int64(1+n%1000), outbox.RankNotice))
	}
	for n := range 300 {
		reply := message(fmt.Sprint("file", n), outbox.DeskChat, outbox.RankRelay)
		reply.Number, reply.ReplyToCard = filed(b, r, fmt.Sprint("d", n), 7).Number, true
		posts = append(posts, reply, message(fmt.Sprint("notice", n), outbox.DeskChat, outbox.RankNotice))
	}
	must(b, r.Put(b.Context(), posts...))
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		rows := must2(r.Claim(b.Context(), outbox.Telegram, noon, lease, nil, 1))
		if len(rows) == 0 {
			b.Fatal("nothing to claim")
		}
		must(b, r.Sent(b.Context(), rows[0].ID, noon, outbox.MessageRef{}, 0))
		must(b, r.Put(b.Context(), message(fmt.Sprint("more", n), rows[0].Chat, outbox.RankNotice)))
		if _, _, err := r.NextDue(b.Context(), outbox.Telegram); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDrafts(b *testing.B) {
	for _, server := range []string{"embedded", "redis-server"} {
		b.Run(server, func(b *testing.B) {
			url := ""
			if server != "embedded" {
				url = realRedis(b)
			}
			d := openDrafts(b, DraftsOptions{URL: url})
			data := make([]byte, 2000)
			b.ReportAllocs()
			for n := int64(0); b.Loop(); n++ {
				draft := must2(d.Load(b.Context(), 7))
				must2(d.Save(b.Context(), 7, draft.Rev, fmt.Sprint(n), data, true, true))
			}
		})
	}
}
