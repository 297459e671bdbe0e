package simulator

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// webhookPorts are the ports on which the server delivers.
var webhookPorts = []int{443, 80, 88, 8443}

// reservedNets are addresses that are nobody's on the open network.
var reservedNets = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("224.0.0.0/3"),
}

func badWebhook(why string) error { return badRequest("bad webhook: %s", why) }

// checkWebhook says whether the server would deliver to an address, and to which
// host. A server of one's own delivers anywhere.
func (tg *Telegram) checkWebhook(address string) (host string, err error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "":
		return "", badWebhook("invalid webhook URL specified")
	case u.Scheme != "https" && u.Scheme != "http":
		return "", badWebhook("An HTTPS URL must be provided for webhook")
	case tg.opt.LoopbackWebhooks || tg.opt.ownServer():
		return u.Hostname(), nil
	case u.Scheme != "https":
		return "", badWebhook("An HTTPS URL must be provided for webhook")
	}
	port := 443
	if u.Port() != "" {
		port, _ = strconv.Atoi(u.Port())
	}
	if !slices.Contains(webhookPorts, port) {
		return "", badWebhook("Webhook can be set up only on ports 80, 88, 443 or 8443")
	}
	return tg.resolve(u.Hostname())
}

// resolve asks Options.Hosts instead of DNS. A name that is not there leads to
// somewhere on the open network if it looks like a name of it.
func (tg *Telegram) resolve(host string) (string, error) {
	known, listed := tg.opt.Hosts[host]
	if listed {
		host = known
	}
	ip, err := netip.ParseAddr(host)
	switch {
	case err == nil && !ip.Unmap().Is4():
		return "", badWebhook("IPv6-only addresses are not allowed")
	case err == nil && slices.ContainsFunc(reservedNets, func(n netip.Prefix) bool { return n.Contains(ip.Unmap()) }):
		return "", badWebhook("IP address " + ip.String() + " is reserved")
	case err == nil:
		return ip.String(), nil
	case host == "localhost":
		return "", badWebhook("IP address 127.0.0.1 is reserved")
	case listed, !strings.Contains(host, "."), strings.HasSuffix(host, ".invalid"), strings.HasSuffix(host, ".local"):
		return "", badWebhook("Failed to resolve host: Name or service not known")
	}
	return "", nil
}
