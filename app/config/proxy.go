package config

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"

	"golang.org/x/net/http/httpproxy"
)

var hostAndPort = regexp.MustCompile(`^[^\s/@:]+:\d+$`)

// proxyAddress takes HTTPS_PROXY. net/http would take nearly anything, and
// quote it with its password in the error of every request.
func proxyAddress(s *Settings, v string) error {
	if hostAndPort.MatchString(v) {
		v = "http://" + v // as curl and net/http read it
	}
	u, err := url.Parse(v)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "socks5" && u.Scheme != "socks5h" {
		return errHolds
	}
	s.Proxy = v
	return nil
}

// errProxy does not quote the variable: it may hold a password.
var errProxy = errors.New("HTTP_PROXY or HTTPS_PROXY does not hold the address of a proxy")

// Proxies chooses the proxy of a request as the environment says: HTTPS_PROXY
// (or its file, which net/http does not know), HTTP_PROXY for a Bot API server
// without TLS, NO_PROXY, and these names in small letters.
func (s Settings) Proxies() func(*http.Request) (*url.URL, error) {
	config := httpproxy.FromEnvironment()
	if s.Proxy != "" {
		config.HTTPSProxy = s.Proxy
	}
	choose := config.ProxyFunc()
	return func(r *http.Request) (*url.URL, error) {
		u, err := choose(r.URL)
		if err != nil {
			return nil, errProxy
		}
		return u, nil
	}
}
