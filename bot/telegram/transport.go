package telegram

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"intakebot/internal/failpoint"
)

const (
	// sendTimeout is how long one request may take. Near its limits Telegram
	// answers late but does deliver, so a short timeout makes duplicates.
	sendTimeout = 65 * time.Second
	// A connection that the network has forgotten stays open on this side: no
	// packet says that it is gone. HTTP/2 asks whether the server is there after
	// so much silence and gives it up after so much more; HTTP/1.1 has only the
	// timeouts of its requests and TCP's own probes.
	pingAfter, pingTimeout = 10 * time.Second, 9 * time.Second
	probeEvery             = 6 * time.Second // TCP, three times
	// idleTimeout closes what nobody uses before Telegram does.
	idleTimeout = 20 * time.Second
	// idleMost is how many connections are kept over HTTP/1.1, where each
	// request that is under way needs its own.
	idleMost = 512
)

// newHTTP makes a client that goes through the proxy, if there is one (http
// and socks5), and follows no redirect.
func newHTTP(cfg Config) *http.Client {
	transport := cfg.Transport
	if transport == nil {
		transport = newTransport(cfg.Proxy)
	}
	return &http.Client{
		Transport: staying{metered{transport, cfg.Meter}}, Timeout: sendTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func newTransport(proxy func(*http.Request) (*url.URL, error)) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	if proxy != nil {
		t.Proxy = proxy
	}
	probes := net.KeepAliveConfig{Enable: true, Idle: probeEvery, Interval: probeEvery, Count: 2}
	t.DialContext = (&net.Dialer{Timeout: 15 * time.Second, KeepAliveConfig: probes}).DialContext
	t.HTTP2 = &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingTimeout}
	t.IdleConnTimeout = idleTimeout
	t.MaxIdleConns, t.MaxIdleConnsPerHost = idleMost, idleMost
	t.WriteBufferSize = 16 << 10 // a request leaves in one piece
	return t
}

// RedirectError says that somebody sent a request elsewhere. It is not followed:
// the new address would learn the token from the old one (Referer).
type RedirectError struct {
	Status int
	Host   string // "" when the answer named none
}

// Error implements error.
func (e *RedirectError) Error() string {
	return fmt.Sprintf("telegram: the request was redirected (%d) to host %q and not followed: is TELEGRAM_API_URL a Bot API server, and is no sign-in page of the network before it?", e.Status, e.Host)
}

// staying makes an error of a redirect.
type staying struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (s staying) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.RoundTripper.RoundTrip(r)
	if err != nil || resp.StatusCode < 300 || resp.StatusCode > 399 {
		return resp, err
	}
	_ = resp.Body.Close()
	away := &RedirectError{Status: resp.StatusCode}
	if to, err := resp.Location(); err == nil {
		away.Host = to.Host
	}
	return nil, away
}

// interruptible lets a test end the process around a request.
type interruptible struct{ *http.Client }

// Do implements the library's HttpClient.
func (i interruptible) Do(req *http.Request) (*http.Response, error) {
	failpoint.Pass(failpoint.BeforeRequest)
	resp, err := i.Client.Do(req)
	failpoint.Pass(failpoint.AfterRequest)
	return resp, err
}

// redirected finds a redirect in an error.
func redirected(err error) *RedirectError {
	var away *RedirectError
	_ = errors.As(err, &away)
	return away
}
