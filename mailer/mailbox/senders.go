package mailbox

import (
	"regexp"
	"strings"

	"github.com/emersion/go-msgauth/authres"
)

// Standing says what a sender's word is worth.
type Standing string

// The standings.
const (
	// Confirmed: the letter goes to the person as an answer.
	Confirmed Standing = "confirmed"
	// Unknown: nobody from whom an answer is awaited.
	Unknown Standing = "unknown"
	// Forged: the address is right, and our own mail server could not confirm
	// that the letter comes from there.
	Forged Standing = "not authenticated"
)

// Senders are those who may write to a person.
type Senders struct {
	// Boxes are the boxes that our letters go to: УИТ's and support's. Whoever
	// writes from their domains may answer, at a public mail service the box
	// alone.
	Boxes []string
	// AuthservID is the name under which our own mail server writes
	// Authentication-Results (RFC 8601, 2.5); "" when it writes none, and then
	// the address is taken for what it says.
	AuthservID string
}

// Judge says whether the sender may write about the incident of the reporter
// with that address.
func (s Senders) Judge(l Letter, reporter string) Standing {
	from := l.From.Address
	if from == "" || !s.knows(from) && !strings.EqualFold(from, strings.TrimSpace(reporter)) {
		return Unknown
	}
	if s.AuthservID != "" && !l.authenticated(s.AuthservID) {
		return Forged
	}
	return Confirmed
}

func (s Senders) knows(address string) bool {
	for _, box := range s.Boxes {
		domain := domainOf(box)
		if domain == "" {
			continue
		}
		if strings.EqualFold(address, box) || !public[domain] && within(domainOf(address), domain) {
			return true
		}
	}
	return false
}

// public are mail services at which anybody can have a box.
var public = map[string]bool{
	"mail.ru": true, "bk.ru": true, "inbox.ru": true, "list.ru": true, "internet.ru": true, "xmail.ru": true,
	"yandex.ru": true, "ya.ru": true, "yandex.com": true, "narod.ru": true,
	"rambler.ru": true, "lenta.ru": true, "ro.ru": true, "autorambler.ru": true, "myrambler.ru": true,
	"gmail.com": true, "googlemail.com": true, "outlook.com": true, "hotmail.com": true, "live.com": true,
	"yahoo.com": true, "icloud.com": true, "me.com": true, "proton.me": true, "protonmail.com": true,
}

func domainOf(address string) string {
	_, domain, _ := strings.Cut(strings.ToLower(strings.TrimSpace(address)), "@")
	return domain
}

// within says that domain is the other one or below it.
func within(domain, of string) bool {
	return of != "" && (domain == of || strings.HasSuffix(domain, "."+of))
}

// authenticated says that our mail server confirmed the domain of From: by
// DMARC, or by DKIM or SPF of that domain. Only what it wrote itself counts, and
// of each method the latest result: what stands below came with the letter.
func (l Letter) authenticated(by string) bool {
	from := domainOf(l.From.Address)
	seen := map[string]bool{}
	passed := false
	for _, value := range l.authentication {
		server, results, err := authres.Parse(bracketed.ReplaceAllString(value, " "))
		if err != nil || !strings.EqualFold(strings.TrimSpace(server), by) {
			continue
		}
		here := map[string]bool{}
		for _, result := range results {
			method, pass, domain := verdict(result)
			if seen[method] || method == "" {
				continue
			}
			here[method] = true
			if method == "dmarc" && !pass && !indifferent(result) {
				return false
			}
			passed = passed || pass && aligned(domain, from)
		}
		for method := range here {
			seen[method] = true
		}
	}
	return passed
}

// bracketed are comments, which the library does not know (RFC 5322, 3.2.2).
var bracketed = regexp.MustCompile(`\([^()]*\)`)

// verdict reads one result: its method, whether it passed, and for which domain.
func verdict(result authres.Result) (method string, pass bool, domain string) {
	switch r := result.(type) {
	case *authres.DMARCResult:
		return "dmarc", r.Value == authres.ResultPass, bare(r.From)
	case *authres.DKIMResult:
		return "dkim", r.Value == authres.ResultPass, bare(r.Domain)
	case *authres.SPFResult:
		return "spf", r.Value == authres.ResultPass, bare(r.From)
	}
	return "", false, ""
}

// indifferent says that a DMARC result is no refusal: the domain has no policy,
// or its record could not be read.
func indifferent(result authres.Result) bool {
	r, ok := result.(*authres.DMARCResult)
	return ok && (r.Value == authres.ResultNone || r.Value == authres.ResultTempError || r.Value == "bestguesspass")
}

// bare is the domain of an address or a domain.
func bare(value string) string {
	value = strings.ToLower(strings.Trim(value, `"<> `))
	if _, domain, ok := strings.Cut(value, "@"); ok {
		return domain
	}
	return value
}

// aligned says that one domain speaks for the other (RFC 7489, 3.1): they are
// the same, or one is below the other.
func aligned(confirmed, from string) bool {
	return confirmed != "" && from != "" && strings.Contains(confirmed, ".") &&
		(within(from, confirmed) || within(confirmed, from))
}
