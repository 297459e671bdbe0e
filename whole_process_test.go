package main

import (
	"bufio"
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// missing skips a test for want of a program on this machine; a run in which
// nothing may be skipped fails.
func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("INTAKEBOT_TEST_STRICT") == "1" {
		t.Fatal("missing: " + what)
	}
	t.Skip("missing: " + what)
}

// overRedis: drafts live in a redis-server of the house's own, so they outlive
// the program.
func overRedis(h *house) {
	h.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		missing(h, "redis-server: apt-get install redis-server")
	}
	for range 5 {
		if port, server := startRedis(h.TB); server != nil {
			h.env["REDIS_URL"], h.redisServer = "redis://:"+redisCanary+"@127.0.0.1:"+port+"/0", server
			return
		}
	}
	h.Fatal("redis-server does not start")
}

// redisCanary is in no log.
const redisCanary = "redis-canary-5417"

// startRedis starts a server on a free loopback port; nil when somebody else
// took the port meanwhile.
func startRedis(t testing.TB) (port string, server *os.Process) {
	t.Helper()
	port = freePort(t)
	server, stop := runRedis(t, port, "--requirepass", redisCanary, "--appendonly", "no", "--dir", t.TempDir())
	if server == nil {
		return "", nil
	}
	t.Cleanup(stop)
	return port, server
}

// runRedis starts a server on a loopback port; nil when somebody else has it.
func runRedis(t testing.TB, port string, options ...string) (server *os.Process, stop func()) {
	t.Helper()
	cmd := exec.Command("redis-server", append([]string{"--bind", "127.0.0.1", "--port", port, "--save", ""}, options...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	ok := false
	for lines.Scan() {
		if strings.Contains(lines.Text(), "Ready to accept connections") {
			ok = true
			break
		}
	}
	var drained sync.WaitGroup
	drained.Go(func() {
		for lines.Scan() {
		}
	})
	stop = sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		drained.Wait()
		_ = cmd.Wait()
	})
	if !ok {
		stop()
		return nil, nil
	}
	return cmd.Process, stop
}

// freePort is a loopback port that nobody uses at this moment.
func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// process is the program as a process of its own.
type process struct {
	t     testing.TB
	cmd   *exec.Cmd
	out   *record       // standard output and standard error
	ended chan struct{} // closed when it has
	err   error         // of the end, once it has
	// canaries are what it must not write.
	canaries func() canaries
}

// process starts the program in the house's environment.
func (h *house) process(args ...string) *process {
	h.Helper()
	p := startProcess(h, h.env, args...)
	p.canaries = h.canaries
	return p
}

func startProcess(t testing.TB, env map[string]string, args ...string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: exec.Command(self, args...), out: newRecord()}
	p.cmd.Env = []string{asProgram + "=1"}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s:\n%s", strings.Join(args, " "), p.out)
		}
	})
	p.start(env)
	return p
}

// start lets the process begin; it ends with the test.
func (p *process) start(env map[string]string) {
	p.t.Helper()
	p.canaries = func() canaries { c := canaries{}; c.secrets(env); return c }
	for name, value := range env {
		p.cmd.Env = append(p.cmd.Env, name+"="+value)
	}
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.ended = make(chan struct{})
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	p.t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
		for _, leak := range p.canaries().found(p.out.String()) {
			p.t.Errorf("%s: %s", strings.Join(p.cmd.Args[1:], " "), leak)
		}
	})
}

// wait returns how the process ended, once it has.
func (p *process) wait() error {
	<-p.ended
	return p.err
}

// code waits for the end and returns the exit code.
func (p *process) code() int {
	p.t.Helper()
	late := time.AfterFunc(patience, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	err := p.wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode()
}

// kill ends the process as a power cut does.
func (p *process) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Fatal(err)
	}
	_ = p.wait()
}

// stopsWithin is how long a graceful stop may take.
const stopsWithin = 10 * time.Second

// stops asks the process to end and holds it to its promise: exit code 0 within
// ten seconds.
func (p *process) stops() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	began := time.Now()
	if code := p.code(); code != 0 {
		p.t.Errorf("the graceful stop ended with exit code %d:\n%s", code, p.out)
	}
	if took := time.Since(began); took > stopsWithin {
		p.t.Errorf("the graceful stop took %v", took)
	}
}

// redis sends a command to the house's redis-server.
func (h *house) redis(command ...any) {
	h.Helper()
	options, err := redis.ParseURL(h.env["REDIS_URL"])
	if err != nil {
		h.Fatal(err)
	}
	client := redis.NewClient(options)
	defer client.Close()
	if err := client.Do(h.Context(), command...).Err(); err != nil {
		h.Fatal(err)
	}
}

// record keeps what is written and lets a test wait for it.
type record struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{}
}

func newRecord() *record { return &record{changed: make(chan struct{})} }

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.changed)
	r.changed = make(chan struct{})
	return r.text.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// await waits until the text stands in the record so many times.
func (r *record) await(t testing.TB, text string, times int) {
	t.Helper()
	late := time.After(patience)
	for {
		r.mu.Lock()
		found, changed := strings.Count(r.text.String(), text), r.changed
		r.mu.Unlock()
		if found >= times {
			return
		}
		select {
		case <-changed:
		case <-late:
			t.Fatalf("%q was written %d times, not %d:\n%s", text, found, times, r)
		}
	}
}
