package harness

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

// Missing skips a test for want of a program on this machine; a run in which
// nothing may be skipped fails.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("INTAKEBOT_TEST_STRICT") == "1" {
		t.Fatal("missing: " + what)
	}
	t.Skip("missing: " + what)
}

// OverRedis: drafts live in a redis-server of the harness's own, so they outlive
// the program.
func OverRedis(h *Harness) {
	h.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		Missing(h, "redis-server: apt-get install redis-server")
	}
	for range 5 {
		if port, server := startRedis(h.TB); server != nil {
			h.Env["REDIS_URL"], h.redisServer = "redis://:"+RedisCanary+"@127.0.0.1:"+port+"/0", server
			return
		}
	}
	h.Fatal("redis-server does not start")
}

// RedisCanary is in no log.
const RedisCanary = "redis-canary-5417"

// startRedis starts a server on a free loopback port; nil when somebody else
// took the port meanwhile.
func startRedis(t testing.TB) (port string, server *os.Process) {
	t.Helper()
	port = FreePort(t)
	server, stop := runRedis(t, port, "--requirepass", RedisCanary, "--appendonly", "no", "--dir", t.TempDir())
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

// FreePort is a loopback port that nobody uses at this moment.
func FreePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// Process is the program as a process of its own.
type Process struct {
	t     testing.TB
	Cmd   *exec.Cmd
	Out   *Record       // standard output and standard error
	ended chan struct{} // closed when it has
	err   error         // of the end, once it has
	// canaries are what it must not write.
	canaries func() canaries
}

// Process starts the program in the harness's environment.
func (h *Harness) Process(args ...string) *Process {
	h.Helper()
	p := StartProcess(h, h.Env, args...)
	p.canaries = h.Canaries
	return p
}

func StartProcess(t testing.TB, env map[string]string, args ...string) *Process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &Process{t: t, Cmd: exec.Command(self, args...), Out: NewRecord()}
	p.Cmd.Env = []string{AsProgram + "=1"}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s:\n%s", strings.Join(args, " "), p.Out)
		}
	})
	p.start(env)
	return p
}

// start lets the process begin; it ends with the test.
func (p *Process) start(env map[string]string) {
	p.t.Helper()
	p.canaries = func() canaries { c := canaries{}; c.secrets(env); return c }
	for name, value := range env {
		p.Cmd.Env = append(p.Cmd.Env, name+"="+value)
	}
	p.Cmd.Stdout, p.Cmd.Stderr = p.Out, p.Out
	if err := p.Cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.ended = make(chan struct{})
	go func() {
		p.err = p.Cmd.Wait()
		close(p.ended)
	}()
	p.t.Cleanup(func() {
		_ = p.Cmd.Process.Kill()
		<-p.ended
		for _, leak := range p.canaries().Found(p.Out.String()) {
			p.t.Errorf("%s: %s", strings.Join(p.Cmd.Args[1:], " "), leak)
		}
	})
}

// wait returns how the process ended, once it has.
func (p *Process) wait() error {
	<-p.ended
	return p.err
}

// Code waits for the end and returns the exit code.
func (p *Process) Code() int {
	p.t.Helper()
	late := time.AfterFunc(Patience, func() { _ = p.Cmd.Process.Kill() })
	defer late.Stop()
	err := p.wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return p.Cmd.ProcessState.ExitCode()
}

// Kill ends the process as a power cut does.
func (p *Process) Kill() {
	p.t.Helper()
	if err := p.Cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Fatal(err)
	}
	_ = p.wait()
}

// stopsWithin is how long a graceful stop may take.
const stopsWithin = 10 * time.Second

// Stops asks the process to end and holds it to its promise: exit code 0 within
// ten seconds.
func (p *Process) Stops() {
	p.t.Helper()
	if err := p.Cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	began := time.Now()
	if code := p.Code(); code != 0 {
		p.t.Errorf("the graceful stop ended with exit code %d:\n%s", code, p.Out)
	}
	if took := time.Since(began); took > stopsWithin {
		p.t.Errorf("the graceful stop took %v", took)
	}
}

// Redis sends a command to the harness's redis-server.
func (h *Harness) Redis(command ...any) {
	h.Helper()
	options, err := redis.ParseURL(h.Env["REDIS_URL"])
	if err != nil {
		h.Fatal(err)
	}
	client := redis.NewClient(options)
	defer client.Close()
	if err := client.Do(h.Context(), command...).Err(); err != nil {
		h.Fatal(err)
	}
}

// Record keeps what is written and lets a test wait for it.
type Record struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{}
}

func NewRecord() *Record { return &Record{changed: make(chan struct{})} }

func (r *Record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.changed)
	r.changed = make(chan struct{})
	return r.text.Write(p)
}

func (r *Record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// Await waits until the text stands in the record so many times.
func (r *Record) Await(t testing.TB, text string, times int) {
	t.Helper()
	late := time.After(Patience)
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
