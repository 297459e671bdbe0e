package conversation

import (
	"net/mail"
	"regexp"
	"strings"
	"unicode"

	"intakebot/incident"
)

const emailMost = 254 // RFC 5321, 4.5.3.1.3, less the angle brackets

// label is a part of a host name (RFC 1123, 2.1); the last one has letters.
var (
	hostLabel = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$`)
	topLabel  = regexp.MustCompile(`^([a-zA-Z]{2,63}|[xX][nN]--[a-zA-Z0-9-]{1,59})$`)
	atext     = regexp.MustCompile("^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}$")
)

func acceptEmail(typed string) (string, Complaint) {
	value := strings.TrimSuffix(strings.TrimPrefix(line(typed), "mailto:"), ".")
	local, host, ok := strings.Cut(value, "@")
	switch {
	case strings.ContainsAny(value, " <>,;\""):
		return "", "Напишите только один адрес, без имени и пробелов, например ivanova@example.ru."
	case !ok || local == "" || host == "":
		return "", "В адресе должны быть имя, знак @ и домен, например ivanova@example.ru."
	case cyrillic(value) != "":
		return "", Complaint("В адресе русская буква «" + cyrillic(value) + "»: наберите его латинскими буквами.")
	case len(value) > emailMost:
		return "", "Адрес слишком длинный: проверьте, не попало ли в него лишнее."
	case strings.Contains(host, "@"):
		return "", "В адресе должен быть один знак @, например ivanova@example.ru."
	case !strings.Contains(host, "."):
		return "", "После @ нужен домен с точкой, например example.ru."
	case !goodLocal(local) || !goodHost(host):
		return "", "В адресе что-то не так: проверьте точки и знаки, например ivanova@example.ru."
	}
	if parsed, err := mail.ParseAddress(value); err != nil || parsed.Address != value {
		return "", "В адресе что-то не так: проверьте точки и знаки, например ivanova@example.ru."
	}
	return value, ""
}

// cyrillic returns the first Cyrillic letter: «а» and «с» look just like Latin
// ones, and mail to them goes nowhere.
func cyrillic(s string) string {
	for _, r := range s {
		if unicode.Is(unicode.Cyrillic, r) {
			return string(r)
		}
	}
	return ""
}

func goodLocal(local string) bool {
	return atext.MatchString(local) && !strings.HasPrefix(local, ".") &&
		!strings.HasSuffix(local, ".") && !strings.Contains(local, "..")
}

func goodHost(host string) bool {
	labels := strings.Split(host, ".")
	for _, l := range labels {
		if !hostLabel.MatchString(l) {
			return false
		}
	}
	return topLabel.MatchString(labels[len(labels)-1])
}

// mailHosts are the domains that are often mistyped.
var mailHosts = []string{
	"mail.ru", "yandex.ru", "ya.ru", "gmail.com", "bk.ru", "list.ru", "inbox.ru",
	"rambler.ru", "kurganobl.ru", "outlook.com", "hotmail.com", "icloud.com",
}

// suggestEmail offers the domain that was probably meant: one slip away from a
// well-known one («mail.ri», «gmail.con», «yandex.tu», «gmial.com»).
func suggestEmail(_ *Dialogue, _ incident.Reporter, value string) string {
	local, host, _ := strings.Cut(value, "@")
	host = strings.ToLower(host)
	best := ""
	for _, known := range mailHosts {
		if host == known {
			return ""
		}
		// A short domain one letter away from another short one is too
		// likely a real one.
		if best == "" && len(known) > 5 && distance([]rune(host), []rune(known)) == 1 {
			best = known
		}
	}
	if best == "" {
		return ""
	}
	return local + "@" + best
}
