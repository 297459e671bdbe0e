package conversation

import (
	"net/mail"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/net/idna"

	"intakebot/incident"
)

const emailMost = 254 // RFC 5321, 4.5.3.1.3, less the angle brackets

const (
	noAddress       Complaint = "В адресе должны быть имя, знак @ и домен, например ivanova@example.ru."
	severalEmails   Complaint = "Здесь больше одного адреса: напишите только один, например ivanova@example.ru."
	noDomain        Complaint = "После @ нужен домен с точкой, например example.ru."
	brokenAddress   Complaint = "В адресе что-то не так: проверьте точки и знаки, например ivanova@example.ru."
	twoSigns        Complaint = "В адресе должен быть один знак @, например ivanova@example.ru."
	longAddress     Complaint = "Адрес слишком длинный: проверьте, не попало ли в него лишнее."
	russianName     Complaint = "До знака @ в адресе нужны латинские буквы, например ivanova@example.ru."
	spaceInside     Complaint = "В адресе не бывает пробелов: напишите его одним словом, например ivanova@example.ru."
	latinRussianTop Complaint = "Такого домена нет. Если адрес оканчивается на .рф, напишите домен русскими буквами."
)

var (
	// aroundAt is what may be an address: a word on each side of the sign.
	aroundAt = regexp.MustCompile(`[^\s\x{00a0}<>()\[\]«»"“”„,;:]*@[^\s\x{00a0}<>()\[\]«»"“”„,;:]*`)
	// splitName is nothing but an address with a space in its name.
	splitName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9._-]* [a-zA-Z0-9._-]+@\S+$`)
	// hostLabel is a part of a host name (RFC 1123, 2.1); the last one has letters.
	hostLabel = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$`)
	topLabel  = regexp.MustCompile(`^([a-zA-Z]{2,63}|[xX][nN]--[a-zA-Z0-9-]{1,59})$`)
	atext     = regexp.MustCompile("^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}$")
)

// acceptEmail takes an address when exactly one stands in the text: «Имя
// <a@b.ru>;», «mailto:a@b.ru», «a@b.ru,».
func acceptEmail(typed string) (string, Complaint) {
	value := line(typed)
	var found []string
	complaint := noAddress
	for _, word := range aroundAt.FindAllString(value, -1) {
		address, c := oneEmail(strings.TrimRight(word, ".!?'…"))
		switch {
		case c != "":
			complaint = c
		case len(found) == 0 || !strings.EqualFold(found[0], address):
			found = append(found, address)
		}
	}
	switch {
	case len(found) > 1:
		return "", severalEmails
	case len(found) == 1 && splitName.MatchString(value):
		return "", spaceInside
	case len(found) == 0:
		return "", complaint
	}
	return found[0], ""
}

// oneEmail checks one address. A domain in Russian letters is kept in the form
// that mail servers read (RFC 5891).
func oneEmail(value string) (string, Complaint) {
	local, host, ok := strings.Cut(value, "@")
	switch {
	case !ok || local == "" || host == "":
		return "", noAddress
	case strings.Contains(host, "@"):
		return "", twoSigns
	case mixed(value) != "":
		return "", Complaint("В адресе вперемешку русские и латинские буквы: проверьте «" + mixed(value) + "».")
	case cyrillic(local):
		return "", russianName
	case !strings.Contains(host, "."):
		return "", noDomain
	case strings.HasSuffix(strings.ToLower(host), ".rf"):
		return "", latinRussianTop
	}
	if cyrillic(host) {
		ascii, err := idna.Lookup.ToASCII(host)
		if err != nil {
			return "", brokenAddress
		}
		host = ascii
	}
	value = local + "@" + host
	if len(value) > emailMost {
		return "", longAddress
	}
	if !goodLocal(local) || !goodHost(host) {
		return "", brokenAddress
	}
	if parsed, err := mail.ParseAddress(value); err != nil || parsed.Address != value {
		return "", brokenAddress
	}
	return value, ""
}

// mixed returns the first part of an address in which Cyrillic and Latin
// letters stand together: «а» and «с» look alike in both, and mail to a
// look-alike goes nowhere.
func mixed(address string) string {
	for _, part := range strings.FieldsFunc(address, func(r rune) bool { return r == '.' || r == '@' }) {
		latin := strings.ContainsFunc(part, func(r rune) bool { return unicode.Is(unicode.Latin, r) })
		if latin && cyrillic(part) {
			return part
		}
	}
	return ""
}

func cyrillic(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) })
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

// showEmail writes a domain in the letters in which it was typed.
func showEmail(value string) string {
	local, host, _ := strings.Cut(value, "@")
	if shown, err := idna.Display.ToUnicode(host); err == nil && strings.Contains(strings.ToLower(host), "xn--") {
		return local + "@" + shown
	}
	return value
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

var (
	writtenAt = regexp.MustCompile(`(?i)\s*[(\[]?\s*(?:собака|@+)\s*[)\]]?\s*`)
	commaDot  = regexp.MustCompile(`(@[^\s,;<>]+),\s?([a-zA-Zа-яё]{2,})`)
)

// mendEmail offers the address that a refused one probably is: a comma for a
// dot, spaces around the sign, «собака» for it; "" if none.
func mendEmail(_ *Dialogue, typed string) string {
	value := commaDot.ReplaceAllString(writtenAt.ReplaceAllString(line(typed), "@"), "$1.$2")
	mended, complaint := acceptEmail(value)
	if complaint != "" {
		return ""
	}
	return mended
}
