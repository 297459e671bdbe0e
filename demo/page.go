package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"intakebot/app"
	"intakebot/app/config"
	"intakebot/bot/telegram"
	"intakebot/simulator"
)

// showPage serves the page of the demonstration until ctx ends.
func showPage(ctx context.Context, addr, folder string, out io.Writer) error {
	listener, err := listen(addr)
	if err != nil {
		return err
	}
	defer listener.Close()
	w, err := open(folder)
	if err != nil {
		return err
	}
	defer w.close()
	w.addColleagues()
	w.host, _, _ = net.SplitHostPort(addr)
	return w.playPage(ctx, listener, telegram.PublicLimits, out)
}

// addColleagues adds members of staff to the one that the script needs.
func (w *world) addColleagues() {
	w.group.Staff("Мария", "Лебедева")
	w.group.Staff("Олег", "Тарасов")
}

// listen opens the page's address, and says what to do when it cannot.
func listen(addr string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("the address %s is taken, perhaps by another demo: choose one with --addr, such as --addr 127.0.0.1:8156", addr)
	case err != nil:
		return nil, fmt.Errorf("the page cannot be served on %s: choose another address with --addr, such as --addr 127.0.0.1:8156: %w", addr, err)
	}
	return listener, nil
}

// playPage serves the page on listener, and the bot behind it, until ctx ends
// or the bot cannot go on.
func (w *world) playPage(ctx context.Context, listener net.Listener, limits telegram.Limits, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	trouble := &complaints{now: w.clock.Now}
	running := make(chan *backstage, 1)
	var serving sync.WaitGroup
	var served error
	serving.Go(func() {
		defer stop()
		served = w.serve(ctx, limits, slog.New(trouble), func(s config.Settings, p app.Program) {
			b := &backstage{Program: p, world: w, settings: s, trouble: trouble}
			b.resume(ctx)
			running <- b
		})
	})
	select {
	case b := <-running:
		b.show(ctx, listener, out)
	case <-ctx.Done():
	}
	stop()
	serving.Wait()
	return served
}

// show serves the page until ctx ends.
func (b *backstage) show(ctx context.Context, listener net.Listener, out io.Writer) {
	page := simulator.NewPage(simulator.PageOptions{
		Telegram: b.world.telegram, Mail: b.world.mail, Group: b.world.group, Events: b.world.hub,
		Clerks: []*simulator.Person{
			b.world.telegram.Person("Анна", "Иванова"), b.world.telegram.Person("Сергей", "Кузнецов"),
			b.world.telegram.Person("Ольга", "Белова"), b.world.telegram.Person("Дмитрий", "Новиков"),
		},
		Boxes: []simulator.Mailbox{
			{Title: b.settings.SupportLine().Second.Name, Address: b.settings.UIT}, {Title: "Техподдержка", Address: b.settings.Support},
		},
		Host: b.world.host,
		Backstage: simulator.Backstage{
			Now: b.world.clock.Now, Location: b.settings.Location,
			Register: b.rows, Gauges: b.gauges, SetRedisDown: b.setRedisDown, Advance: b.advance, Storm: b.storm,
		},
	})
	server := &http.Server{Handler: page, ReadHeaderTimeout: 5 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	fmt.Fprintf(out, "The demo is at http://%s — open it in a browser. Ctrl+C stops it.\n", pageAddress(listener.Addr()))
	if !b.world.forget {
		fmt.Fprintf(out, "Its data is in %s.\n", b.world.folder)
	}
	<-ctx.Done()
	page.Close() // ends the streams, which Shutdown would wait for
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if server.Shutdown(grace) != nil {
		_ = server.Close()
	}
	serving.Wait()
}

// pageAddress is an address that a browser on this machine can open: the
// listener's own, or the loopback one when it listens on all.
func pageAddress(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return addr.String()
	}
	return fmt.Sprintf("127.0.0.1:%d, and at every other address of this machine", tcp.Port)
}
