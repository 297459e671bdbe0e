package mailer

import (
	"net/mail"
	"slices"
	"strings"
	"testing"

	"intakebot/incident"
)

// Nothing that a person types adds a header, a part or markup.
func TestInjection(t *testing.T) {
	evil := []string{
		"ООО\r\nBcc: all@evil.example",
		"ООО\nX-Evil: 1\n\n<script>alert(1)</script>",
		"ООО\r\n\r\n--letter-26-00001-0.1\r\nContent-Type: text/html\r\n\r\nX-Evil",
		"\"quote\" <x@evil.example>, y@evil.example; <3 \\",
		"=?utf-8?q?X-Evil?= =?utf-8?b?Cg==?=",
		"нуль\x00 звонок\a эскейп\x1b[31m\u2028X-Evil: 1\u0085X-Evil: 2",
		"битый UTF-8 \xff\xfe\x80",
		"\u202eтеврезер\u202c \u200bнулевая\ufeff ширина",
		strings.Repeat("ОченьДлинноеСловоБезПробелов", 40),
		strings.Repeat("LongASCIIWordWithoutBlanks", 40),
		"👩‍👩‍👧‍👦 семья ❤️ и <3",
	}
	plain := slices.Sorted(slices.Values(names(escalationOf(t, sample(), firstEscalation()))))
	for _, value := range evil {
		i := sample()
		for k := range i.Answers {
			i.Answers[k].Value = value
			i.Answers[k].Label += value
		}
		i.Attachments[1].Name = value
		i.History[1].Text, i.History[1].Name = value, value
		set(&i, incident.Email, "ivanova@ketovo.example")
		e := firstEscalation()
		e.State = value
		m := escalationOf(t, i, e)
		if got := slices.Sorted(slices.Values(names(m))); !slices.Equal(got, plain) {
			t.Errorf("%q: headers %v", value, got)
		}
		if want := "Эскалация обращения 26-00001-0: " + oneLine(value); m.subject != want {
			t.Errorf("subject %q, want %q", m.subject, want)
		}
		if a, err := mail.ParseAddressList(m.header.Get("Reply-To")); err != nil || len(a) != 1 || a[0].Address != "ivanova@ketovo.example" {
			t.Errorf("%q: Reply-To %q, %v", value, m.header.Get("Reply-To"), err)
		}
		if strings.Contains(m.html, "<script") || strings.Contains(m.html, "<3") || strings.Contains(m.html, "<x@") {
			t.Errorf("%q stands unescaped in the HTML part", value)
		}
		if !strings.Contains(m.text, cleanText(value)) {
			t.Errorf("%q is not in the text", value)
		}
	}
}

func names(m parsed) []string {
	var all []string
	for fields := m.header.Fields(); fields.Next(); {
		all = append(all, fields.Key())
	}
	return all
}

// An address that cannot stand in a header without SMTPUTF8 is left to the
// text; the letter goes all the same.
func TestReplyToLeftOut(t *testing.T) {
	for _, email := range []string{"почта@пример.рф", "ivanova@пример.рф", "нет", "a@b.example\r\nBcc: x@evil.example"} {
		i := sample()
		set(&i, incident.Email, email)
		m := escalationOf(t, i, firstEscalation())
		if got := m.header.Get("Reply-To"); got != "" {
			t.Errorf("%q: Reply-To %q", email, got)
		}
		if !strings.Contains(m.text, "Ответ просим направить заявителю на адрес, указанный выше.") {
			t.Errorf("%q: the letter does not ask to write to the address", email)
		}
	}
}
