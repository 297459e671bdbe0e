package mailbox

import (
	"net/mail"
	"testing"
)

func TestSenders(t *testing.T) {
	const pass = "mx.example.ru; dmarc=pass (p=none) header.from=kurganobl.ru"
	for name, tc := range map[string]struct {
		from    string
		results []string
		want    Standing
	}{
		"the box itself":          {"sd@kurganobl.ru", []string{pass}, Confirmed},
		"a colleague":             {"petrov@kurganobl.ru", []string{pass}, Confirmed},
		"a domain below":          {"otrs@help.kurganobl.ru", []string{"mx.example.ru; dkim=pass header.d=kurganobl.ru"}, Confirmed},
		"a look-alike":            {"sd@kurganobl.ru.evil.org", []string{pass}, Unknown},
		"a stranger":              {"petrov@elsewhere.ru", []string{pass}, Unknown},
		"nobody":                  {"", nil, Unknown},
		"support's public box":    {"box155@mail.ru", []string{"mx.example.ru; spf=pass smtp.mailfrom=box155@mail.ru"}, Confirmed},
		"its neighbour":           {"other@mail.ru", []string{"mx.example.ru; spf=pass smtp.mailfrom=other@mail.ru"}, Unknown},
		"the reporter":            {"ivanova@adm.ru", []string{"mx.example.ru; dkim=pass (2048-bit key; secure) header.d=adm.ru header.i=@adm.ru"}, Confirmed},
		"not confirmed":           {"sd@kurganobl.ru", nil, Forged},
		"confirmed by another":    {"sd@kurganobl.ru", []string{"evil.org; dmarc=pass header.from=kurganobl.ru"}, Forged},
		"another domain's DKIM":   {"sd@kurganobl.ru", []string{"mx.example.ru; dkim=pass header.d=evil.org"}, Forged},
		"a failed SPF":            {"sd@kurganobl.ru", []string{"mx.example.ru; spf=fail smtp.mailfrom=kurganobl.ru"}, Forged},
		"DMARC says no":           {"sd@kurganobl.ru", []string{"mx.example.ru; spf=pass smtp.mailfrom=kurganobl.ru", "mx.example.ru; dmarc=fail header.from=kurganobl.ru"}, Forged},
		"no policy, but SPF":      {"sd@kurganobl.ru", []string{"mx.example.ru; dmarc=none header.from=kurganobl.ru", "mx.example.ru; spf=pass smtp.mailfrom=sd@kurganobl.ru"}, Confirmed},
		"came with the letter":    {"sd@kurganobl.ru", []string{"mx.example.ru; dkim=fail header.d=kurganobl.ru", "mx.example.ru; dkim=pass header.d=kurganobl.ru"}, Forged},
		"a comment with a result": {"sd@kurganobl.ru", []string{"mx.example.ru; spf=fail (x; dmarc=pass header.from=kurganobl.ru) smtp.mailfrom=kurganobl.ru"}, Forged},
		"nonsense":                {"sd@kurganobl.ru", []string{";;;===", ""}, Forged},
	} {
		l := Letter{From: mail.Address{Address: tc.from}, authentication: tc.results}
		s := Senders{Boxes: []string{"sd@kurganobl.ru", "box155@mail.ru"}, AuthservID: "mx.example.ru"}
		if got := s.Judge(l, "Ivanova@adm.ru"); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}
