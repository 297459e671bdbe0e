package app

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"intakebot/app/config"
)

// runHealth asks the program on this machine whether it lives, for a container's
// health check: its image has no shell and no curl. Who restarts what is
// unhealthy must not ask for more: a restart mends neither Redis nor Telegram.
// With --ready it asks whether all parts answer.
func runHealth(ctx context.Context, args []string, out io.Writer) error {
	path := "/healthz"
	switch {
	case len(args) == 1 && args[0] == "--ready":
		path = "/readyz"
	case len(args) > 0:
		return UsageError("usage: intakebot health [--ready]")
	}
	s, mistakes := config.Read(os.LookupEnv, "HTTP_ADDR", "METRICS_ADDR")
	if err := ConfigError(mistakes); err != nil {
		return err
	}
	addr, err := healthAddr(s)
	if err != nil {
		return err
	}
	answer, err := askHealth(ctx, addr, path)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, answer)
	return err
}

// healthAddr is where this machine finds /healthz: an address that listens on
// every interface listens on loopback too.
func healthAddr(s config.Settings) (string, error) {
	addr := cmp.Or(s.MetricsAddr, s.HTTPAddr)
	if addr == "" {
		return "", UsageError("HTTP_ADDR is off and METRICS_ADDR is not set: there is nobody to ask; set METRICS_ADDR, 127.0.0.1:9090 will do")
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil || port == "0" {
		return "", UsageError("HTTP_ADDR or METRICS_ADDR should hold a port: the system chooses another one for 0 at each start")
	}
	if ip := net.ParseIP(host); host == "" || ip.Equal(net.IPv4zero) {
		host = "127.0.0.1"
	} else if ip.Equal(net.IPv6zero) {
		host = "::1"
	}
	return net.JoinHostPort(host, port), nil
}

// askHealth makes one request, never through a proxy, and returns the answer's
// lines as one. Any answer but 200 is an error.
func askHealth(ctx context.Context, addr, path string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+path, nil)
	if err != nil {
		return "", fmt.Errorf("ask %s: %w", addr, err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(r)
	if err != nil {
		return "", fmt.Errorf("%s does not answer: %w", addr, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	if err != nil {
		return "", fmt.Errorf("ask %s: %w", addr, err)
	}
	answer := strings.ReplaceAll(string(bytes.TrimSpace(body)), "\n", "; ")
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s answers %s: %s", addr, resp.Status, answer)
	}
	return answer, nil
}
