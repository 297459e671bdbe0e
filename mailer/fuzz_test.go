package mailer

import (
	"bytes"
	"context"
	"html"
	"io"
	"net"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"intakebot/incident"
	"intakebot/outbox"
)

// FuzzLetter: whatever people write, each letter can be rendered, passes any
// relay, has the headers of a harmless one and no other, and says what was
// written.
func FuzzLetter(f *testing.F) {
	f.Add("ООО\r\nBcc: all@evil.example", "Иванова\r\n\tАнна", "a@b.example\r\nBcc: x@evil.example", "\r\n.\r\nMAIL FROM:<x>", "\r\n\r\n--letter-26-00001-0.1--", "../акт\r\n.pdf")
	f.Add("=?utf-8?q?X=0ABcc:_x?= <x@y.z>", "\"><script>", "\"a b\"@c.example", "битый \xff\xfe", "\u202e\u200b\ufeff", "100%\"';=?=.txt")
	f.Add(strings.Repeat("ОченьДлинное", 40), strings.Repeat("Longest", 40), strings.Repeat("a", 64)+"@"+strings.Repeat("b.", 90)+"ru", "\x00\x1b[31m", strings.Repeat(" \n", 99), strings.Repeat("x", 300)+".docx")
	f.Add("👩‍👩‍👧‍👦", ", ; : < > @ ( ) [ ] \\", "a@b.ru, c@d.ru", "\u2028\u2029\u0085\v\f", "{{.}}<br>&nbsp;", ".. ")
	f.Add("", "", "", "", "", "")
	f.Fuzz(func(t *testing.T, organisation, name, email, description, state, file string) {
		i := sampleSolved(writer())
		for key, value := range map[incident.Key]string{
			incident.Organisation: organisation, incident.FullName: name, incident.Email: email, incident.Description: description, incident.PhoneNumber: file,
		} {
			set(&i, key, value)
		}
		i.Assignee, i.Attachments[1].Name = name, file
		for k := range i.History {
			i.History[k].Name, i.History[k].Text = name, state
		}
		e := firstEscalation()
		e.State = state
		data := []byte(description)
		escalation, err := writer().Escalation(i, e, incident.File{Attachment: i.Attachments[1], Data: data})
		if err != nil {
			t.Fatal(err)
		}
		support, err := supportCopy(writer(), i)
		if err != nil {
			t.Fatal(err)
		}
		end, err := closing(writer(), i)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range []struct {
			letter  outbox.Letter
			subject string
			plain   []string // the headers of a harmless one
			says    []string
		}{
			{escalation, "Эскалация обращения 26-00001-0: ", []string{"References", "In-Reply-To"}, []string{organisation, name, description, state}},
			{support, "Обращение 26-00001-0: ", []string{"Auto-Submitted"}, []string{organisation, name, description}},
			{end, "Эскалация обращения 26-00001-0: ", []string{"Auto-Submitted", "References", "In-Reply-To"}, []string{organisation, state}},
		} {
			checkLines(t, one.letter.Raw, max(78, len(email)+10))
			m := read(t, one.letter.Raw)
			if want := oneLine(one.subject + organisation); m.subject != want {
				t.Fatalf("the subject %q, not %q", m.subject, want)
			}
			checkHeaders(t, one.letter, i, one.plain)
			checkSays(t, m, one.letter, one.says)
		}
		if got := read(t, escalation.Raw).files; len(got) != 1 || !bytes.Equal(got[0].Data, data) || !safeName(got[0].Name) {
			t.Fatalf("the file %q came out as %q", file, got)
		}
	})
}

// usualHeaders are in every letter, once.
var usualHeaders = []string{"Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To", "X-Incident-Number"}

// checkHeaders reads the head with the standard library: exactly the headers
// that are expected, in one address each.
func checkHeaders(t *testing.T, letter outbox.Letter, i incident.Incident, maybe []string) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(letter.Raw))
	if err != nil {
		t.Fatal(err)
	}
	reply := replyTo(i)
	for name, values := range m.Header {
		known := slices.Contains(usualHeaders, name) || slices.Contains(maybe, name) || name == "Reply-To" && reply != nil
		if !known || len(values) != 1 {
			t.Fatalf("the header %s: %q", name, values)
		}
	}
	for _, name := range usualHeaders {
		if len(m.Header[name]) != 1 {
			t.Fatalf("no header %s in %v", name, m.Header)
		}
	}
	want := map[string]string{"From": letter.From, "To": letter.To}
	if reply != nil {
		want["Reply-To"] = reply.Address
	}
	for name, address := range want {
		got, err := m.Header.AddressList(name)
		if err != nil || len(got) != 1 || got[0].Address != address {
			t.Fatalf("%s: %q is read as %v, %v", name, m.Header.Get(name), got, err)
		}
		if name == "Reply-To" && strings.Join(strings.Fields(got[0].Name), " ") != strings.Join(strings.Fields(reply.Name), " ") {
			t.Fatalf("Reply-To: the name %q became %q", reply.Name, got[0].Name)
		}
	}
}

var tags = regexp.MustCompile(`<[^>]*>`)

// links are the only tags with something of the incident in them.
var links = regexp.MustCompile(`^<a href="(tel:\+[0-9]+(,[0-9]+)?|mailto:[^"<>&? ]+@[^"<>&?@ ]+)">$`)

// checkSays: both parts say what was written, and the HTML has no tag but those
// of its template.
func checkSays(t *testing.T, m parsed, letter outbox.Letter, says []string) {
	t.Helper()
	if m.text != letter.Text {
		t.Fatalf("the text part is not Letter.Text: %q, %q", m.text, letter.Text)
	}
	shown := html.UnescapeString(tags.ReplaceAllString(m.html, ""))
	for _, value := range says {
		value, _ = incident.Cut(cleanText(value), briefLength-1)
		value = strings.TrimSuffix(value, "…")
		if !strings.Contains(m.text, value) {
			t.Fatalf("%q is not in the text:\n%s", value, m.text)
		}
		for line := range strings.Lines(value) {
			if !strings.Contains(shown, strings.TrimSpace(line)) {
				t.Fatalf("%q is not in the HTML:\n%s", line, m.html)
			}
		}
	}
	template, err := files.ReadFile("letters/page.html.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	ours := tags.FindAllString(string(template), -1)
	for _, tag := range tags.FindAllString(m.html, -1) {
		if !slices.Contains(ours, tag) && !links.MatchString(tag) {
			t.Fatalf("the HTML has %s", tag)
		}
	}
}

// safeName says that a file can be saved under that name anywhere.
func safeName(name string) bool {
	return name != "" && name != "." && name != ".." && utf8.ValidString(name) && utf8.RuneCountInString(name) <= nameMost &&
		!strings.ContainsFunc(name, func(r rune) bool { return r == '/' || r == '\\' || unicode.IsControl(r) })
}

// FuzzServer: whatever a mail server says, an attempt ends, in a verdict that
// can be shown, and is taken for a success only when the letter was accepted.
func FuzzServer(f *testing.F) {
	f.Add("220 hi\r\n250-x\r\n250 8BITMIME\r\n250 ok\r\n250 ok\r\n354 go\r\n250 queued\r\n", "")
	f.Add("220 hi\r\n250-x\r\n250 AUTH PLAIN LOGIN SCRAM-SHA-256\r\n334 r=\r\n334 \r\n235 ok\r\n550 нет такого ящика\r\n", "secret")
	f.Add("220-\r\n220-\r\n220 \x00\xff\r\n502 x\r\n250 x\r\n", "")
	f.Add("220 hi\r\n250 x\r\n250 ok\r\n250 ok\r\n354 go\r\n999 ?\r\n", "")
	f.Add("220 hi\n250 AUTH LOGIN\n334 VXNlcm5hbWU6\n334 UGFzc3dvcmQ6\n535 wrong: secret\n", "secret")
	f.Fuzz(func(t *testing.T, says, password string) {
		client, server := net.Pipe()
		var served sync.WaitGroup
		served.Go(func() {
			_, _ = io.WriteString(server, says)
			_ = server.Close()
		})
		served.Go(func() { _, _ = io.Copy(io.Discard, server) })
		s := SMTP{Host: "localhost", Port: 587, TLS: None, HELO: "bot.example", Password: password,
			Dial: func(context.Context, string, string) (net.Conn, error) { return client, nil }}
		if password != "" {
			s.Username = "bot"
		}
		v := s.Deliver(t.Context(), small)
		served.Wait()
		if v.Outcome == Accepted && (v.Code/100 != 2 || v.Stage != StageAnswer) {
			t.Fatalf("%q is taken for success: %+v", says, v)
		}
		problem := v.Problem()
		if (problem == "") != (v.Outcome == Accepted) || !utf8.ValidString(problem) || utf8.RuneCountInString(problem) > 400 || strings.ContainsFunc(problem, unicode.IsControl) {
			t.Fatalf("%q: the problem %q", says, problem)
		}
	})
}
