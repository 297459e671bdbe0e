package mailer

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message"
	"github.com/google/go-cmp/cmp"

	"intakebot/incident"
	"intakebot/outbox"
)

var update = flag.Bool("update", false, "rewrite the goldens in testdata")

// writer is the Letters of most tests.
func writer() Letters {
	return Letters{
		From:     "Бот техподдержки <bot@rosint.example>",
		UIT:      "sd@kurganobl.example",
		Support:  "155@krasnodar.example",
		Location: time.FixedZone("+05", 5*3600),
	}
}

// supportCopy and closing are letters that are wanted.
func supportCopy(l Letters, i incident.Incident) (outbox.Letter, error) {
	letter, wanted, err := l.SupportCopy(i)
	return letter, unwanted(wanted, err)
}

func closing(l Letters, i incident.Incident) (outbox.Letter, error) {
	l.TellSolutions = true
	letter, wanted, err := l.Closing(i)
	return letter, unwanted(wanted, err)
}

func unwanted(wanted bool, err error) error {
	if err == nil && !wanted {
		return errors.New("the letter is not wanted")
	}
	return err
}

// moment is a time of the sample's day in UTC.
func moment(hour, minute int) time.Time { return time.Date(2026, 11, 22, hour, minute, 0, 0, time.UTC) }

// sample is an incident with everything in it that a letter can show.
func sample() incident.Incident {
	return incident.Incident{
		Number:   incident.NewNumber(2026, 1),
		Reporter: 7001,
		Status:   incident.Registered,
		Answers: incident.Answers{
			{Key: incident.Organisation, Label: "Организация", Value: "Администрация Кетовского муниципального округа Курганской области"},
			{Key: incident.FullName, Label: "ФИО", Value: "Иванова Мария Петровна"},
			{Key: incident.PhoneNumber, Label: "Телефон", Value: "+73523121234;ext=12"},
			{Key: incident.Email, Label: "Электронная почта", Value: "ivanova@ketovo.example"},
			{Key: incident.Description, Label: "Описание", Value: "С утра нет связи по защищённому каналу: индикатор VPN на ViPNet Coordinator красный.\n\nping 10.0.0.1 — «превышен интервал ожидания», потери > 90 %."},
		},
		Attachments: []incident.Attachment{
			{Kind: incident.Photo},
			{Kind: incident.Document, Name: "журнал координатора.log"},
		},
		RegisteredAt: moment(9, 5),
		History: []incident.Entry{
			{At: moment(9, 5), Kind: incident.KindRegistered, By: incident.ByReporter},
			{At: moment(9, 20), Kind: "words", By: incident.ByDesk, Name: "Вася 🚀", Text: "Перезагрузите координатор и сообщите результат."},
			{At: moment(9, 41), Kind: incident.KindAdded, By: incident.ByReporter, Text: "Перезагрузили.\nНе помогло.", Attachments: []incident.Attachment{{Kind: incident.Photo, Name: "после.jpg"}}},
		},
	}
}

// escalated is sample with its first escalation, accepted, and a second one.
func escalated(l Letters) (incident.Incident, incident.Escalation) {
	i := sample()
	i.Escalations = []incident.Escalation{{
		Number: i.Number, Seq: 1, At: moment(13, 5), MessageID: l.MessageID(i.Number, 1),
		State: "Ответа нет.", Letter: incident.LetterSent, SettledAt: moment(13, 6),
	}}
	i.History = append(i.History,
		incident.Entry{At: moment(13, 5), Kind: incident.KindEscalated, By: incident.ByReporter, Text: "Ответа нет."},
		incident.Entry{At: moment(13, 6), Kind: incident.KindLetterSent, By: incident.BySystem})
	return i, incident.Escalation{
		Number: i.Number, Seq: 2, At: moment(17, 30), MessageID: l.MessageID(i.Number, 2),
		State: "Инженер обещан к утру, связи по-прежнему нет.",
	}
}

func firstEscalation() incident.Escalation {
	return incident.Escalation{Number: sample().Number, Seq: 1, At: moment(13, 5),
		State: "Перезагрузка не помогла, новых указаний от поддержки нет с 14:41."}
}

func TestGoldens(t *testing.T) {
	l := writer()
	again, second := escalated(l)
	solved, finished := sampleSolved(l), sampleFinished(l)
	letters := map[string]func() (outbox.Letter, error){
		"escalation-files":  func() (outbox.Letter, error) { return l.Escalation(sample(), firstEscalation(), sampleFiles()...) },
		"closing":           func() (outbox.Letter, error) { return closing(l, solved) },
		"closing-finished":  func() (outbox.Letter, error) { return closing(l, finished) },
		"support":           func() (outbox.Letter, error) { return supportCopy(l, sample()) },
		"escalation":        func() (outbox.Letter, error) { return l.Escalation(sample(), firstEscalation()) },
		"escalation-second": func() (outbox.Letter, error) { return l.Escalation(again, second) },
	}
	for name, render := range letters {
		t.Run(name, func(t *testing.T) {
			letter, err := render()
			if err != nil {
				t.Fatal(err)
			}
			repeated, err := render()
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(letter.Raw, repeated.Raw) {
				t.Error("rendered twice, the bytes differ")
			}
			checkWire(t, letter.Raw)
			m := read(t, letter.Raw)
			if m.text != letter.Text {
				t.Errorf("the text part is not Letter.Text (-part +Text):\n%s", cmp.Diff(m.text, letter.Text))
			}
			golden(t, name+".eml", string(letter.Raw))
			golden(t, name+".txt", m.text)
			golden(t, name+".html", m.html)
		})
	}
}

func TestPreviewGolden(t *testing.T) {
	golden(t, "preview.txt", writer().EscalationPreview(sample(), firstEscalation().State))
}

// A preview of the longest ordinary answers fits one Telegram message.
func TestPreviewIsShort(t *testing.T) {
	i := sample()
	set(&i, incident.Organisation, strings.Repeat("Управление ", 27))
	set(&i, incident.Description, strings.Repeat("ё", 20000))
	got := writer().EscalationPreview(i, strings.Repeat("ж", 5000))
	if n := len([]rune(got)); n > 4096 {
		t.Errorf("the preview has %d characters", n)
	}
}

// golden compares got with testdata/name, or writes it with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; go test ./mailer -update rewrites it):\n%s", path, diff)
	}
}

// parsed is a letter read back by another library.
type parsed struct {
	header     message.Header
	subject    string
	text, html string
	files      []parsedFile
}

type parsedFile struct {
	Name, Type string
	Data       []byte
}

// read parses raw with go-message and fails unless it is multipart/alternative
// with a text and an HTML part, or that and files in a multipart/mixed.
func read(t *testing.T, raw []byte) (m parsed) {
	t.Helper()
	e, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	m.header = e.Header
	if kind, _, _ := e.Header.ContentType(); kind == "multipart/mixed" {
		mixed := e.MultipartReader()
		// A part ends where the next begins, so it is read whole before that.
		if e, err = mixed.NextPart(); err != nil {
			t.Fatal(err)
		}
		defer func() { m.files = readFiles(t, mixed) }()
	}
	kind, _, _ := e.Header.ContentType()
	parts := e.MultipartReader()
	if kind != "multipart/alternative" || parts == nil {
		t.Fatalf("the letter is %s", kind)
	}
	if m.subject, err = m.header.Text("Subject"); err != nil {
		t.Fatal(err)
	}
	for _, part := range []struct {
		kind string
		body *string
	}{{"text/plain", &m.text}, {"text/html", &m.html}} {
		p, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		if kind, params, _ := p.Header.ContentType(); kind != part.kind || !strings.EqualFold(params["charset"], "utf-8") {
			t.Errorf("part is %s, charset %s", kind, params["charset"])
		}
		body, err := io.ReadAll(p.Body)
		if err != nil {
			t.Fatal(err)
		}
		*part.body = strings.ReplaceAll(string(body), "\r\n", "\n")
	}
	if _, err := parts.NextPart(); err != io.EOF {
		t.Errorf("more than two parts: %v", err)
	}
	return m
}

// checkWire holds what any relay takes: 7-bit lines that end in CRLF, of at
// most 78 characters (RFC 5322, 2.1.1), without trailing blanks.
func checkWire(t *testing.T, raw []byte) {
	t.Helper()
	checkLines(t, raw, 78)
}

// checkLines is checkWire with another length: an address cannot be folded, and
// no line may have more than 998 characters (RFC 5322, 2.1.1).
func checkLines(t *testing.T, raw []byte, most int) {
	t.Helper()
	if !bytes.HasSuffix(raw, []byte("\r\n")) {
		t.Error("the last line has no end")
	}
	for _, line := range strings.Split(strings.TrimSuffix(string(raw), "\r\n"), "\r\n") {
		if len(line) > most {
			t.Errorf("a line of %d characters: %q", len(line), line)
		}
		if strings.TrimRight(line, " \t") != line {
			t.Errorf("trailing blanks: %q", line)
		}
		for _, c := range []byte(line) {
			if c >= 0x7f || c < ' ' && c != '\t' {
				t.Fatalf("byte %#x in line %q", c, line)
			}
		}
	}
}

// set replaces an answer.
func set(i *incident.Incident, key incident.Key, value string) {
	for k := range i.Answers {
		if i.Answers[k].Key == key {
			i.Answers[k].Value = value
		}
	}
}

// TestIdentify: every letter about an incident is known by its Message-ID again,
// and nobody else's is.
func TestIdentify(t *testing.T) {
	l := Letters{From: "Bot <intake@Example.ru>", Site: "777"}
	n := incident.NewNumber(2026, 1)
	for id, want := range map[string]struct {
		kind outbox.LetterKind
		seq  int
	}{
		l.MessageID(n, 0):                     {outbox.SupportCopy, 0},
		l.MessageID(n, 12):                    {outbox.EscalationLetter, 12},
		strings.ToUpper(l.MessageID(n, 1)):    {outbox.EscalationLetter, 1},
		l.messageID(n.String() + ".closed.2"): {outbox.ClosingLetter, 2},
	} {
		if got, kind, seq, ok := l.Identify(id); !ok || got != n || kind != want.kind || seq != want.seq {
			t.Errorf("%s: %s, %s, %d, %v", id, got, kind, seq, ok)
		}
	}
	for _, id := range []string{"", "x@example.ru", Letters{From: l.From, Site: "778"}.MessageID(n, 1), Letters{From: "a@b.ru", Site: "777"}.MessageID(n, 1),
		"26-00001-9.1.777@example.ru", n.String() + ".x.777@example.ru", l.messageID("alarm.redis.1.away")} {
		if got, _, _, ok := l.Identify(id); ok {
			t.Errorf("%s is taken for %s", id, got)
		}
	}
}

// TestAnswersHere: the person stands first in Reply-To, and the box follows only
// when it is read.
func TestAnswersHere(t *testing.T) {
	for here, want := range map[bool]int{false: 1, true: 2} {
		l := writer()
		l.AnswersHere = here
		i := sample()
		copied, _, err := l.SupportCopy(i)
		if err != nil {
			t.Fatal(err)
		}
		escalated, err := l.Escalation(i, incident.Escalation{Number: i.Number, Seq: 1, At: i.RegisteredAt})
		if err != nil {
			t.Fatal(err)
		}
		for _, letter := range []outbox.Letter{copied, escalated} {
			entity, err := message.Read(bytes.NewReader(letter.Raw))
			if err != nil {
				t.Fatal(err)
			}
			all, err := mail.ParseAddressList(entity.Header.Get("Reply-To"))
			if err != nil || len(all) != want || all[0].Address != i.Answers.Get(incident.Email) || want == 2 && all[1].Address != letter.From {
				t.Errorf("%s, answers here %v: %v, %v", letter.Kind, here, all, err)
			}
		}
	}
}
