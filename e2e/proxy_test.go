package e2e

import (
	"bufio"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"intakebot/e2e/harness"
)

// The way out that the tests' proxies want to hear of.
const (
	proxyUser     = "intake"
	proxyPassword = "proxy-pa55word"
)

// TestThroughProxy: Telegram is reached through HTTPS_PROXY, of either kind,
// and through nothing else; its password is in no log.
func TestThroughProxy(t *testing.T) {
	t.Parallel()
	for scheme, greet := range map[string]func(*bufio.ReadWriter) (host string, err error){"http": greetHTTP, "socks5": greetSOCKS5} {
		for _, variable := range []string{"HTTPS_PROXY", "HTTPS_PROXY_FILE", "https_proxy"} {
			t.Run(scheme+" "+variable, func(t *testing.T) {
				t.Parallel()
				h := harness.Start(t, harness.Closed, harness.InRealTime, harness.Troubled)
				host := behindTLS(h)
				out := startProxy(t, greet, h.Env["behind"])
				address := scheme + "://" + proxyUser + ":" + proxyPassword + "@" + out.Addr().String()
				if variable == "HTTPS_PROXY_FILE" {
					address = inFile(t, address+"\n")
				}
				h.Env[variable] = address
				p := h.Process("serve")
				h.Clerk().Begins()
				p.Stops()
				if asked := out.asked(); len(asked) == 0 || strings.Join(asked, " ") != strings.TrimSpace(strings.Repeat(host+" ", len(asked))) {
					t.Errorf("the proxy was asked for %q, not for %s", asked, host)
				}
				if strings.Contains(p.Out.String(), proxyPassword) {
					t.Errorf("the log holds the proxy's password:\n%s", p.Out)
				}
			})
		}
	}
}

// TestBadProxy: neither a proxy that is away nor an address that is none shows
// its password.
func TestBadProxy(t *testing.T) {
	t.Parallel()
	nobody := "127.0.0.1:" + harness.FreePort(t)
	for variable, address := range map[string]string{
		"HTTPS_PROXY": "socks5://" + proxyUser + ":" + proxyPassword + "@" + nobody,
		"https_proxy": "http://" + proxyUser + ":" + proxyPassword + "%zz@" + nobody,
	} {
		t.Run(variable, func(t *testing.T) {
			t.Parallel()
			h := harness.Start(t, harness.Closed, harness.InRealTime, harness.Troubled)
			behindTLS(h)
			h.Env[variable] = address
			p := h.Process("serve")
			p.Out.Await(t, "telegram does not answer", 2)
			p.Stops()
			if strings.Contains(p.Out.String(), proxyPassword) {
				t.Errorf("the log holds the proxy's password:\n%s", p.Out)
			}
		})
	}
	wrong := harness.StartProcess(t, map[string]string{"HTTPS_PROXY": "ftp://" + proxyUser + ":" + proxyPassword + "@" + nobody}, "serve")
	if code := wrong.Code(); code != 2 || !harness.Holds(wrong.Out.String(), "HTTPS_PROXY should hold") || strings.Contains(wrong.Out.String(), proxyPassword) {
		t.Errorf("exit code %d:\n%s", code, wrong.Out)
	}
}

// behindTLS puts the harness's Telegram behind a name that leads there through a
// proxy only, and returns it; env["behind"] is where the proxy finds it.
func behindTLS(h *harness.Harness) (host string) {
	h.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(h.Telegram.ServeHTTP))
	h.Cleanup(server.Close)
	certificate := filepath.Join(h.TempDir(), "certificate.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(certificate, block, 0o600); err != nil {
		h.Fatal(err)
	}
	h.Env["SSL_CERT_FILE"] = certificate
	h.Env["behind"] = server.Listener.Addr().String()
	h.Env["TELEGRAM_API_URL"] = "https://example.com" // httptest's certificate is for this name
	return "example.com:443"
}

// testProxy takes every connection to one address, whatever it is asked for.
type testProxy struct {
	net.Listener
	mu    sync.Mutex
	hosts []string
	conns []net.Conn
}

func (p *testProxy) asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hosts
}

func (p *testProxy) keep(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns = append(p.conns, c)
}

// startProxy starts a proxy whose greeting learns the host that is asked for
// and fails without the right name and password.
func startProxy(t *testing.T, greet func(*bufio.ReadWriter) (string, error), to string) *testProxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &testProxy{Listener: listener}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			p.keep(c)
			all.Go(func() { p.serve(t, c, greet, to) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		p.mu.Lock()
		for _, c := range p.conns {
			c.Close()
		}
		p.mu.Unlock()
		all.Wait()
	})
	return p
}

func (p *testProxy) serve(t *testing.T, c net.Conn, greet func(*bufio.ReadWriter) (string, error), to string) {
	defer c.Close()
	rw := bufio.NewReadWriter(bufio.NewReader(c), bufio.NewWriter(c))
	host, err := greet(rw)
	if err != nil {
		t.Errorf("the proxy was greeted wrongly: %v", err)
		return
	}
	p.mu.Lock()
	p.hosts = append(p.hosts, host)
	p.mu.Unlock()
	far, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	p.keep(far)
	defer far.Close()
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(c, far)
		c.Close()
	})
	_, _ = io.Copy(far, rw)
	far.Close()
	back.Wait()
}

// greetHTTP takes a CONNECT (RFC 9110, 9.3.6).
func greetHTTP(rw *bufio.ReadWriter) (string, error) {
	r, err := http.ReadRequest(rw.Reader)
	if err != nil {
		return "", err
	}
	r.Header.Set("Authorization", r.Header.Get("Proxy-Authorization"))
	if user, password, _ := r.BasicAuth(); r.Method != http.MethodConnect || user != proxyUser || password != proxyPassword {
		return "", fmt.Errorf("%s by %q with %q", r.Method, user, password)
	}
	_, _ = rw.WriteString("HTTP/1.1 200 Connection established\r\n\r\n")
	return r.Host, rw.Flush()
}

// greetSOCKS5 takes a CONNECT to a name with a password (RFC 1928, RFC 1929).
func greetSOCKS5(rw *bufio.ReadWriter) (string, error) {
	field := func() string { // one byte of length, then so many
		n, err := rw.ReadByte()
		data := make([]byte, n)
		if err == nil {
			_, err = io.ReadFull(rw, data)
		}
		if err != nil {
			return ""
		}
		return string(data)
	}
	answer := func(reply ...byte) error {
		_, _ = rw.Write(reply)
		return rw.Flush()
	}
	if version, _ := rw.ReadByte(); version != 5 || !strings.Contains(field(), "\x02") {
		return "", errors.New("no SOCKS5 with a password")
	}
	if err := answer(5, 2); err != nil {
		return "", err
	}
	if version, _ := rw.ReadByte(); version != 1 || field() != proxyUser || field() != proxyPassword {
		return "", errors.New("another name or password")
	}
	if err := answer(1, 0); err != nil {
		return "", err
	}
	var head [4]byte
	if _, err := io.ReadFull(rw, head[:]); err != nil || head[1] != 1 || head[3] != 3 {
		return "", fmt.Errorf("no CONNECT to a name: %v %w", head, err)
	}
	host := field()
	var port uint16
	if err := binary.Read(rw, binary.BigEndian, &port); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s:%d", host, port), answer(5, 0, 0, 1, 0, 0, 0, 0, 0, 0)
}

// inFile is a file that holds the text.
func inFile(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "value")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
