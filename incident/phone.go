package incident

import "strings"

// Phone is a Russian telephone number with its extension, if any.
type Phone struct {
	E164      string // «+73522428001»
	Extension string // digits, "" when there is none
}

// ParsePhone reads the stored form, RFC 3966 without its scheme:
// «+73522428001» or «+73522428001;ext=155».
func ParsePhone(stored string) Phone {
	number, ext, _ := strings.Cut(stored, ";ext=")
	return Phone{E164: number, Extension: ext}
}

// Stored returns the form that ParsePhone reads.
func (p Phone) Stored() string {
	if p.Extension == "" {
		return p.E164
	}
	return p.E164 + ";ext=" + p.Extension
}

// Dial returns the number as a telephone takes it, for tapping on a phone:
// «+73522428001, доб. 155».
func (p Phone) Dial() string { return p.with(p.E164) }

// String returns the number as people read it: «+7 (3522) 42-80-01, доб. 155».
func (p Phone) String() string { return p.with(grouped(p.E164)) }

func (p Phone) with(number string) string {
	if p.Extension == "" {
		return number
	}
	return number + ", доб.\u00a0" + p.Extension
}

// grouped writes a Russian number with its area code apart. Kurgan has the
// code 3522, the towns and districts of the region have 352 and two more
// digits; elsewhere three digits are the rule.
func grouped(e164 string) string {
	national, ok := strings.CutPrefix(e164, "+7")
	if !ok || len(national) != 10 || strings.Trim(national, "0123456789") != "" {
		return e164
	}
	code := 3
	switch {
	case strings.HasPrefix(national, "3522"):
		code = 4
	case strings.HasPrefix(national, "352"):
		code = 5
	}
	rest := national[code:]
	head := len(rest) - 4
	return "+7 (" + national[:code] + ") " + rest[:head] + "-" + rest[head:head+2] + "-" + rest[head+2:]
}
