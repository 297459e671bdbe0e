package config

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// webhookPorts are those at which Telegram calls.
var webhookPorts = []string{"", "443", "80", "88", "8443"}

// webhookRefused are what Telegram would refuse in the address of a webhook. A
// Bot API server of one's own calls any address.
func webhookRefused(address string) (wrong []Mistake) {
	u, err := url.Parse(address)
	if err != nil {
		return nil // said already
	}
	if !slices.Contains(webhookPorts, u.Port()) {
		wrong = append(wrong, Mistake{"WEBHOOK_URL", "WEBHOOK_URL should hold one of Telegram's ports: 443, 80, 88 or 8443"})
	}
	if !public(u.Hostname()) {
		wrong = append(wrong, Mistake{"WEBHOOK_URL", "WEBHOOK_URL should hold a host that Telegram can reach: a public name or IPv4 address"})
	}
	return wrong
}

// reserved are the addresses that nobody outside reaches, besides those that
// net/netip knows.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
}

// public says whether a host may be open to the world. A name is believed:
// where it leads may differ for Telegram.
func public(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return false
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return net.ParseIP(host) == nil
	}
	if !ip.Is4() || ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsMulticast() {
		return false
	}
	return !slices.ContainsFunc(reserved, func(p netip.Prefix) bool { return p.Contains(ip) })
}
