package mailer

import (
	"html/template"
	"net/url"
	"strings"

	"intakebot/incident"
)

// Links are made here only, of what was checked to be an address: the template
// does not look at a template.HTMLAttr again.

// phoneLink is where a tap on a number leads: the number, and the extension
// after a pause. "" when it is no international number.
func phoneLink(p incident.Phone) template.HTMLAttr {
	number, plus := strings.CutPrefix(p.E164, "+")
	if !plus || !digits(number) || p.Extension != "" && !digits(p.Extension) {
		return ""
	}
	if p.Extension != "" {
		number += "," + p.Extension
	}
	return template.HTMLAttr(`href="tel:+` + number + `"`)
}

// deskPhoneLink is phoneLink for a number as people write it within Russia:
// «8-800-200-79-32».
func deskPhoneLink(d incident.Desk) template.HTMLAttr {
	number := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, d.Phone)
	if rest, found := strings.CutPrefix(number, "8"); found && len(rest) == 10 {
		number = "+7" + rest
	}
	return phoneLink(incident.Phone{E164: number, Extension: d.Extension})
}

// mailLink is where a tap on an address leads, "" when it is none.
func mailLink(text string) template.HTMLAttr {
	a, err := address("link", text)
	if err != nil || a.Address != strings.TrimSpace(text) {
		return ""
	}
	return template.HTMLAttr(`href="mailto:` + strings.ReplaceAll(url.QueryEscape(a.Address), "%40", "@") + `"`)
}

func digits(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
}

// answerField shows an answer as people read it.
func answerField(label string, a incident.Answer) field {
	switch a.Key {
	case incident.PhoneNumber:
		p := incident.ParsePhone(a.Value)
		return field{Label: label, Value: p.String(), Link: phoneLink(p)}
	case incident.Email:
		return field{Label: label, Value: a.Value, Link: mailLink(a.Value)}
	}
	return field{Label: label, Value: a.Value, Block: a.Key == incident.Description}
}
