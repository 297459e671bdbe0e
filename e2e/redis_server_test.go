package e2e

import (
	"context"
	"io"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"intakebot/e2e/harness"
)

// faultyRedis is a redis-server of a test's own that can be stopped and started
// on the same port and the same files.
type faultyRedis struct {
	testing.TB
	port string
	args []string
	cmd  *exec.Cmd
}

// newRedis starts a server; more are options of its command line.
func newRedis(t testing.TB, more ...string) *faultyRedis {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		harness.Missing(t, "redis-server: apt-get install redis-server")
	}
	r := &faultyRedis{TB: t, port: harness.FreePort(t)}
	r.args = append([]string{"--bind", "127.0.0.1", "--port", r.port, "--dir", t.TempDir(), "--save", ""}, more...)
	r.start()
	t.Cleanup(r.kill)
	return r
}

// withAOF: what was acknowledged is on the disk.
var withAOF = []string{"--appendonly", "yes", "--appendfsync", "always"}

func (r *faultyRedis) url() string { return "redis://" + r.address() + "/0" }

func (r *faultyRedis) address() string { return "127.0.0.1:" + r.port }

// start starts the server and waits until it answers. Somebody else may have
// the port for a moment: then it is tried again.
func (r *faultyRedis) start() {
	r.Helper()
	client := redis.NewClient(&redis.Options{Addr: r.address(), MaxRetries: -1, DialTimeout: time.Second})
	defer client.Close()
	for late := time.Now().Add(harness.Patience); time.Now().Before(late); {
		r.cmd = exec.Command("redis-server", r.args...)
		r.cmd.Stdout, r.cmd.Stderr = io.Discard, io.Discard
		if err := r.cmd.Start(); err != nil {
			r.Fatal(err)
		}
		for tries := range 100 {
			if client.Ping(context.Background()).Err() == nil {
				return
			}
			if tries%10 == 9 && r.cmd.Process.Signal(syscall.Signal(0)) != nil {
				break
			}
			time.Sleep(20 * time.Millisecond) // there is no event to await
		}
		r.kill()
	}
	r.Fatal("redis-server does not start")
}

// kill ends the server as a power cut does.
func (r *faultyRedis) kill() {
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
}

func (r *faultyRedis) signal(s syscall.Signal) {
	r.Helper()
	if err := r.cmd.Process.Signal(s); err != nil {
		r.Fatal(err)
	}
}

// do sends a command, with a password when there is one.
func (r *faultyRedis) do(password string, command ...any) {
	r.Helper()
	client := redis.NewClient(&redis.Options{Addr: r.address(), Password: password, MaxRetries: -1, DialTimeout: time.Second})
	defer client.Close()
	if err := client.Do(context.Background(), command...).Err(); err != nil {
		r.Fatalf("%v: %v", command, err)
	}
}

// sentinel watches a master for the test; one vote is enough.
func newSentinel(t testing.TB, master *faultyRedis) *faultyRedis {
	t.Helper()
	config := writeFile(t, "sentinel.conf", "bind 127.0.0.1\n"+
		"sentinel monitor drafts 127.0.0.1 "+master.port+" 1\n"+
		"sentinel down-after-milliseconds drafts 500\n"+
		"sentinel failover-timeout drafts 3000\n")
	s := &faultyRedis{TB: t, port: harness.FreePort(t)}
	s.args = []string{config, "--sentinel", "--port", s.port}
	s.start()
	t.Cleanup(s.kill)
	return s
}

// replicas is how many replicas have the master's data.
func (r *faultyRedis) replicas() int {
	client := redis.NewClient(&redis.Options{Addr: r.address(), MaxRetries: -1})
	defer client.Close()
	n, _ := client.Do(context.Background(), "WAIT", 1, 100).Int()
	return n
}

// knows says whether a sentinel knows of so many replicas.
func (r *faultyRedis) knows(replicas int) bool {
	client := redis.NewSentinelClient(&redis.Options{Addr: r.address(), MaxRetries: -1})
	defer client.Close()
	state, err := client.Master(context.Background(), "drafts").Result()
	n, _ := strconv.Atoi(state["num-slaves"])
	return err == nil && n == replicas
}
