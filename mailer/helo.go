package mailer

import (
	"net"
	"net/mail"
	"os"
	"regexp"
	"strings"
)

// HELOName is the name to greet a relay with that suits letters from mailFrom,
// «Name <box@host>» or «box@host»: its host, which is a real name in the DNS,
// else this machine's name. It is never an address in brackets, which many
// relays refuse.
func HELOName(mailFrom string) string {
	if a, err := mail.ParseAddress(mailFrom); err == nil {
		if _, host, _ := strings.Cut(a.Address, "@"); isHostName(host) {
			return strings.ToLower(host)
		}
	}
	if name, err := os.Hostname(); err == nil && isHostName(name) {
		return strings.ToLower(name)
	}
	return "localhost"
}

// hostName is a name as the DNS has it (RFC 1123, 2.1).
var hostName = regexp.MustCompile(`^(?i:[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.(?i:[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?))*$`)

// isHostName says that a name can be greeted with; an address is none.
func isHostName(name string) bool {
	return len(name) <= 253 && hostName.MatchString(name) && net.ParseIP(name) == nil
}

// helo is the name that we greet with.
func (s SMTP) helo() string {
	if s.HELO != "" {
		return s.HELO
	}
	return HELOName("")
}
