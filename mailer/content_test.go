package mailer

import (
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"intakebot/incident"
	"intakebot/outbox"
)

// escalationOf renders the first escalation of i and reads it back.
func escalationOf(t *testing.T, i incident.Incident, e incident.Escalation) parsed {
	t.Helper()
	letter, err := writer().Escalation(i, e)
	if err != nil {
		t.Fatal(err)
	}
	checkWire(t, letter.Raw)
	return read(t, letter.Raw)
}

func TestHeaders(t *testing.T) {
	l := writer()
	support, err := supportCopy(l, sample())
	if err != nil {
		t.Fatal(err)
	}
	first, err := l.Escalation(sample(), firstEscalation())
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		letter        outbox.Letter
		kind          outbox.LetterKind
		to, subject   string
		id, date, own string // own: Auto-Submitted
	}{
		{support, outbox.SupportCopy, "155@krasnodar.example",
			"Обращение 26-00001-0: Администрация Кетовского муниципального округа Курганской области",
			"26-00001-0@rosint.example", "Sun, 22 Nov 2026 14:05:00 +0500", "auto-generated"},
		{first, outbox.EscalationLetter, "sd@kurganobl.example",
			"Эскалация обращения 26-00001-0: Администрация Кетовского муниципального округа Курганской области",
			"26-00001-0.1@rosint.example", "Sun, 22 Nov 2026 18:05:00 +0500", ""},
	} {
		m := read(t, test.letter.Raw)
		if m.subject != test.subject {
			t.Errorf("subject %q", m.subject)
		}
		for name, want := range map[string]string{
			"Message-ID": "<" + test.id + ">", "Date": test.date, "Auto-Submitted": test.own,
			"X-Incident-Number": "26-00001-0", "In-Reply-To": "", "References": "", "User-Agent": "", "X-Mailer": "",
		} {
			if got := m.header.Get(name); got != want {
				t.Errorf("%s %s: %q, want %q", test.kind, name, got, want)
			}
		}
		for name, want := range map[string]mail.Address{
			"From":     {Name: "Бот техподдержки", Address: "bot@rosint.example"},
			"To":       {Address: test.to},
			"Reply-To": {Name: "Иванова Мария Петровна", Address: "ivanova@ketovo.example"},
		} {
			if got, err := mail.ParseAddress(m.header.Get(name)); err != nil || *got != want {
				t.Errorf("%s %s: %v, %v", test.kind, name, got, err)
			}
		}
		want := outbox.Letter{Kind: test.kind, Seq: test.letter.Seq, Reporter: 7001, From: "bot@rosint.example",
			To: test.to, MessageID: test.id, Text: m.text, Raw: test.letter.Raw}
		if diff := cmp.Diff(want, test.letter); diff != "" {
			t.Error(diff)
		}
	}
}

// A follow-up answers the one before it and names them all, also the ones
// whose id the register does not know.
func TestThread(t *testing.T) {
	i, second := escalated(writer())
	i.Escalations = append(i.Escalations, second)
	third := incident.Escalation{Seq: 3, At: moment(20, 0), State: "Без изменений."}
	i.Escalations = append(i.Escalations, third)
	i.Escalations[0].MessageID = ""

	m := escalationOf(t, i, third)
	if got := m.header.Get("In-Reply-To"); got != "<26-00001-0.2@rosint.example>" {
		t.Errorf("In-Reply-To: %s", got)
	}
	if got := m.header.Get("References"); got != "<26-00001-0.1@rosint.example> <26-00001-0.2@rosint.example>" {
		t.Errorf("References: %s", got)
	}
	if got := m.header.Get("Message-ID"); got != "<26-00001-0.3@rosint.example>" {
		t.Errorf("Message-ID: %s", got)
	}
}

// A letter that was refused never arrived: the next one does not call itself
// a repetition, but tells of it.
func TestRefusedIsNoEarlierLetter(t *testing.T) {
	i, second := escalated(writer())
	i.Escalations[0].Letter = incident.LetterRefused
	m := escalationOf(t, i, second)
	if strings.Contains(m.text, "повторное") {
		t.Error("calls itself a repetition of a letter that never arrived")
	}
	if !strings.Contains(m.text, "Письмо 1: не отправлено, почтовый сервер его не принял\n") {
		t.Error("does not tell of the refused letter")
	}
}

func TestBriefDescription(t *testing.T) {
	for _, test := range []struct {
		length int
		cut    bool
	}{{10, false}, {1000, false}, {1001, true}, {20000, true}} {
		description := strings.Repeat("ж🙂", test.length/2) + strings.Repeat("ё", test.length%2)
		i := sample()
		set(&i, incident.Description, description)
		m := escalationOf(t, i, firstEscalation())
		_, after, _ := strings.Cut(m.text, "Краткое описание проблемы:\n")
		short, rest, _ := strings.Cut(after, "\n\nТекущее состояние решения проблемы:\n")
		want, below := description, "\nОписание: приведено выше полностью\n"
		if test.cut {
			want = string([]rune(description)[:1000]) + "… (полностью ниже)"
			below = "\nОписание:\n" + description + "\n"
		}
		if short != want {
			t.Errorf("%d characters: the brief has %d", test.length, len([]rune(short)))
		}
		if !strings.Contains(rest, below) {
			t.Errorf("%d characters: below stands\n%.300s", test.length, rest)
		}
		if strings.Count(m.text, description) != 1 || strings.Count(m.html, description) != 1 {
			t.Errorf("%d characters: not whole once", test.length)
		}
	}
}

// A row added to the table of steps appears in both letters by itself.
func TestNewField(t *testing.T) {
	i := sample()
	i.Answers = append(i.Answers, incident.Answer{Key: "room", Label: "Кабинет", Value: "214, этаж 2"})
	support, err := supportCopy(writer(), i)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []parsed{read(t, support.Raw), escalationOf(t, i, firstEscalation())} {
		if !strings.Contains(m.text, "Кабинет: 214, этаж 2\n") || !strings.Contains(m.html, "Кабинет") {
			t.Errorf("the new field is missing:\n%s", m.text)
		}
	}
}

func TestBadSettings(t *testing.T) {
	for name, spoil := range map[string]func(*Letters){
		"no sender":        func(l *Letters) { l.From = "" },
		"sender no box":    func(l *Letters) { l.From = "Бот" },
		"sender Cyrillic":  func(l *Letters) { l.From = "бот@пример.рф" },
		"sender injection": func(l *Letters) { l.From = "a@b.example\r\nBcc: c@d.example" },
		"no recipient":     func(l *Letters) { l.UIT, l.Support = "", "" },
		"site":             func(l *Letters) { l.Site = "a b>" },
	} {
		l := writer()
		spoil(&l)
		if _, err := supportCopy(l, sample()); err == nil || strings.Contains(err.Error(), "evil") {
			t.Errorf("%s: support copy: %v", name, err)
		}
		if _, err := l.Escalation(sample(), firstEscalation()); err == nil {
			t.Errorf("%s: escalation went through", name)
		}
	}
}

func TestMessageID(t *testing.T) {
	l := writer()
	l.From = "bot@ROSINT.example"
	l.Site = "k7"
	if got := l.MessageID("26-00001-0", 2); got != "26-00001-0.2.k7@rosint.example" {
		t.Error(got)
	}
}

func TestFromMoscow(t *testing.T) {
	for offset, want := range map[int]string{3 * 3600: "МСК", 5 * 3600: "МСК+2", 2 * 3600: "МСК−1", 0: "МСК−3", 5*3600 + 1800: "UTC+05:30"} {
		if got := fromMoscow(offset); got != want {
			t.Errorf("%d: %s, want %s", offset, got, want)
		}
	}
	if got := (Letters{}).at(time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC)); got != "02.01.2026 в 03:04" {
		t.Error(got)
	}
}

// An erased incident still makes a letter without empty labels.
func TestErased(t *testing.T) {
	i := sample()
	i.Answers, i.Attachments = nil, nil
	m := escalationOf(t, i, incident.Escalation{Seq: 1, At: moment(13, 5)})
	if n := strings.Count(m.text, "не указано"); n != 6 {
		t.Errorf("%d values marked as missing:\n%s", n, m.text)
	}
}

// A long description, or a pasted log, does not push the contact out of sight;
// a short one stands where the regulation has it.
func TestContactBeforeLongText(t *testing.T) {
	for _, test := range []struct {
		description string
		first       bool
	}{
		{"Нет связи.", false},
		{strings.Repeat("ж", 500), false},
		{strings.Repeat("ж", 501), true},
		{strings.Repeat("ping: timeout\n", 9), true},
		{strings.Repeat("ж", 20000), true},
	} {
		i := sample()
		set(&i, incident.Description, test.description)
		m := escalationOf(t, i, firstEscalation())
		for _, part := range []string{m.text, m.html, writer().EscalationPreview(i, "Ответа нет.")} {
			contact, description := strings.Index(part, "Контактные данные"), strings.Index(part, "Краткое описание проблемы")
			if contact < 0 || description < 0 || (contact < description) != test.first {
				t.Errorf("%.20q: the contact at %d, the description at %d", test.description, contact, description)
			}
		}
	}
}

// Telephone and addresses are links, and nothing else is.
func TestLinks(t *testing.T) {
	i := sample()
	set(&i, incident.Description, "Смотрите http://evil.example и a@b.example.")
	support, err := supportCopy(writer(), i)
	if err != nil {
		t.Fatal(err)
	}
	person := []string{`<a href="tel:+73523121234,12">`, `<a href="mailto:ivanova@ketovo.example">`}
	desk := []string{`<a href="tel:+78002007932,155">`, `<a href="mailto:155@krasnodar.pro">`}
	for _, test := range []struct {
		html string
		want []string
	}{{escalationOf(t, i, firstEscalation()).html, append(person, desk...)}, {read(t, support.Raw).html, person}} {
		var got []string
		for _, tag := range tags.FindAllString(test.html, -1) {
			if strings.HasPrefix(tag, "<a ") {
				got = append(got, tag)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Error(diff)
		}
	}
	for _, spoiled := range []string{"javascript:alert(1)", "ivanova@ketovo.example?bcc=x", "a@b.example\" onclick=\"x", "нет"} {
		set(&i, incident.Email, spoiled)
		set(&i, incident.PhoneNumber, spoiled)
		if html := escalationOf(t, i, firstEscalation()).html; strings.Count(html, "<a ") > 3 || strings.Contains(html, "onclick=\"") || strings.Contains(html, "href=\"javascript") {
			t.Errorf("%q:\n%s", spoiled, html)
		}
	}
}

// Another support line is another value: the letters name it and nobody else.
func TestAnotherLine(t *testing.T) {
	l := writer()
	l.TellSolutions, l.Alert = true, "admin@north.example"
	l.Line = incident.Line{Support: incident.Desk{
		Name: "ГБУ «Север»", Phone: "8 (8152) 40-00-01", Email: "help@north.example",
		Opens: incident.Clock(9 * time.Hour), Closes: incident.Clock(18 * time.Hour),
	}, Second: incident.Second{Name: "Минцифры"}}
	i, solved := sample(), sampleSolved(l)
	set(&i, incident.Organisation, "Администрация Апатитов")
	set(&solved, incident.Organisation, "Администрация Апатитов")
	escalation, err := l.Escalation(i, firstEscalation())
	if err != nil {
		t.Fatal(err)
	}
	end, err := closing(l, solved)
	if err != nil {
		t.Fatal(err)
	}
	alarm, err := l.Alarm(Alarm{Part: "telegram", Since: moment(9, 0), At: moment(9, 10)})
	if err != nil {
		t.Fatal(err)
	}
	for _, letter := range []outbox.Letter{escalation, end, alarm} {
		m := read(t, letter.Raw)
		if !strings.Contains(m.text, "8 (8152) 40-00-01") || strings.Contains(m.text, "Основание") {
			t.Errorf("the text:\n%s", m.text)
		}
		for _, other := range []string{"krasnodar.pro", "Информационные системы", "200-79-32", "УИТ", "Курган"} {
			if strings.Contains(m.text+m.html, other) {
				t.Errorf("%s: %s is named:\n%s", letter.Kind, other, m.text)
			}
		}
	}
	for _, want := range []string{"Техническая поддержка ГБУ «Север»", "Телефон работает: с 9:00 до 18:00", "help@north.example"} {
		if !strings.Contains(escalation.Text, want) {
			t.Errorf("no %q in\n%s", want, escalation.Text)
		}
	}
}
