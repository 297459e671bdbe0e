package simulator

import (
	"net"
	"sync"
)

// Relay stands between a client and a server and can lose their connections as
// networks do: forget one in silence, or end it. Close ends it.
type Relay struct {
	target   string
	listener net.Listener
	wg       sync.WaitGroup

	mu     sync.Mutex
	conns  map[*relayed]bool
	all    int // connections since the start
	closed bool
}

// relayed is a connection of a client and the one to the server.
type relayed struct {
	client, server net.Conn
	mu             sync.Mutex
	swallow        bool
}

// StartRelay relays TCP connections from a free loopback port to an address
// (host:port). It panics when no port can be had.
func StartRelay(target string) *Relay {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic("simulator: no loopback port for a relay: " + err.Error())
	}
	r := &Relay{target: target, listener: listener, conns: map[*relayed]bool{}}
	r.wg.Go(r.accept)
	return r
}

// Addr is where clients connect: host:port.
func (r *Relay) Addr() string { return r.listener.Addr().String() }

// Connections is how many connections are open, and how many there were in all.
func (r *Relay) Connections() (open, all int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.conns), r.all
}

// Swallow makes the relay take all that comes on the connections of this moment
// and pass nothing on: to both sides they look alive. New connections are
// relayed as ever.
func (r *Relay) Swallow() {
	for _, c := range r.open() {
		c.mu.Lock()
		c.swallow = true
		c.mu.Unlock()
	}
}

// Drop ends the connections of this moment with a reset.
func (r *Relay) Drop() {
	for _, c := range r.open() {
		c.reset()
	}
}

// Close ends everything.
func (r *Relay) Close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	_ = r.listener.Close()
	r.Drop()
	r.wg.Wait()
}

func (r *Relay) open() []*relayed {
	r.mu.Lock()
	defer r.mu.Unlock()
	var open []*relayed
	for c := range r.conns {
		open = append(open, c)
	}
	return open
}

func (r *Relay) accept() {
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", r.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		r.carry(&relayed{client: client, server: server})
	}
}

func (r *Relay) carry(c *relayed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		c.reset()
		return
	}
	r.conns[c] = true
	r.all++
	var both sync.WaitGroup
	both.Go(func() { c.pump(c.server, c.client) })
	both.Go(func() { c.pump(c.client, c.server) })
	r.wg.Go(func() {
		both.Wait()
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.conns, c)
	})
}

// pump passes on what comes, or throws it away, until one side ends. The other
// side of a swallowed connection hears nothing even of that.
func (c *relayed) pump(to, from net.Conn) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		c.mu.Lock()
		swallow := c.swallow
		c.mu.Unlock()
		if n > 0 && !swallow {
			if _, err := to.Write(buf[:n]); err != nil {
				break
			}
		}
		if err != nil && swallow {
			return
		}
		if err != nil {
			break
		}
	}
	c.end()
}

// end closes both sides in peace.
func (c *relayed) end() {
	_ = c.client.Close()
	_ = c.server.Close()
}

// reset closes both sides as a machine does that has lost its memory.
func (c *relayed) reset() {
	for _, conn := range []net.Conn{c.client, c.server} {
		if tcp, is := conn.(*net.TCPConn); is {
			_ = tcp.SetLinger(0)
		}
	}
	c.end()
}
