package main

import (
	"fmt"
	"os/exec"
	"testing"
)

// BenchmarkTurn is a whole turn of a private chat: an update that the program
// fetches by polling until its answer is at Telegram, with inbox and register
// on disk and the draft in Redis. The simulated Telegram and the person are in
// the same process, so their allocations count too.
func BenchmarkTurn(b *testing.B) {
	options := []option{with("LOG_LEVEL", "error")}
	if _, err := exec.LookPath("redis-server"); err == nil {
		options = append(options, overRedis)
	}
	h := startHouse(b, options...)
	anna := h.clerk()
	anna.begins()
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		// Too short an organisation: the same question comes again.
		anna.Send(fmt.Sprint(n % 10))
		if _, err := anna.Actor.AwaitText("Организация"); err != nil {
			b.Fatal(err)
		}
	}
}
