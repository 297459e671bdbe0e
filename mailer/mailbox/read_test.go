package mailbox

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"intakebot/incident"
	"intakebot/outbox"
)

// own recognises the letters of the tests' installation.
func own(id string) (Sent, bool) {
	number, ok := strings.CutSuffix(id, ".1.site@example.ru")
	if !ok {
		return Sent{}, false
	}
	return Sent{Number: incident.Number(number), Kind: outbox.EscalationLetter, Seq: 1}, true
}

func letter(t *testing.T, name string) Letter {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata/letters", name+".eml"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := Read(raw, strings.Contains(name, "cut"))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return l
}

const number = incident.Number("26-00001-0")

var ours = Clue{Sent: Sent{Number: number, Kind: outbox.EscalationLetter, Seq: 1}}

// hard are letters as real programs write them, and what must be read of each.
var hard = []struct {
	name  string
	kind  Kind
	from  string // name and address
	title string // the subject
	text  string // the text without its quoted tail; "*" for whatever it is
	files []string
	clue  Clue // the first one
}{
	{"01-dsn-failed", Delivery, "Mail Delivery System MAILER-DAEMON@relay.example.ru", "Undelivered Mail Returned to Sender", "*", nil, ours},
	{"02-dsn-delayed", Delivery, "Mail Delivery System MAILER-DAEMON@relay.example.ru", "Delayed Mail (still being retried)", "*", nil, ours},
	{"03-dsn-relayed", Delivery, "Mail Delivery System MAILER-DAEMON@relay.example.ru", "Successful Mail Delivery Report", "*", nil, ours},
	{"04-dsn-delivered", Delivery, "Mail Delivery System MAILER-DAEMON@relay.example.ru", "Successful Mail Delivery Report", "*", nil, ours},
	{"05-dsn-global", Delivery, "postmaster@xn--80af5bzc.xn--p1ai", "Не удалось доставить", "Письмо не доставлено.", nil, ours},
	{"06-exim-daemon", Delivery, "Mail Delivery System mailer-daemon@mx.kurganobl.ru", "Mail delivery failed: returning message to sender", "*", nil, ours},
	{"07-exchange-daemon", Delivery, "Система Exchange postmaster@kurganobl.ru", "Доставка задерживается: Эскалация", "*", []string{"файл 1.eml"}, ours},
	{"08-windows-1251-raw", Answer, "Петров П. П. petrov@kurganobl.ru", "Ответ: Эскалация обращения", "Приняли в работу.", []string{"Акт №1.pdf"}, ours},
	{"09-koi8-base64", Answer, "Петров petrov@kurganobl.ru", "Re: Эскалация", "Канал восстановлен.", nil, ours},
	{"10-html-only", Answer, "petrov@kurganobl.ru", "Re: 26-00001-0", "Канал восстановлен.\n\nПроверьте «доступ».", nil, Clue{Number: number}},
	{"11-auto-registered", AutoReply, "Service Desk sd@kurganobl.ru", "[Ticket#2026111110000123] Эскалация обращения",
		"Ваше обращение зарегистрировано за № 2026111110000123.\nОтвет придёт в течение дня.", nil, ours},
	{"12-out-of-office", AutoReply, "petrov@kurganobl.ru", "Автоматический ответ: Эскалация обращения 26-00001-0", "Я в отпуске до 20 ноября.", nil, Clue{Number: number}},
	{"13-header-without-colon", Answer, "petrov@kurganobl.ru", "Re: 26-00001-0", "Работает.", []string{"журнал.txt"}, Clue{Number: number}},
	{"14-no-charset", Answer, "petrov@kurganobl.ru", "Re: 26-00001-0", "Работает, спасибо.", nil, Clue{Number: number}},
	{"15-nested", Answer, "Петров petrov@kurganobl.ru", "Re: 26-00001-0", "Снимок во вложении.", []string{"файл 1.png", "Отчёт.docx"}, Clue{Number: number}},
	{"16-mbox-line", Answer, "petrov@kurganobl.ru", "Re: 26-00001-0", "Работает.", nil, Clue{Number: number}},
	{"17-cut-base64", Answer, "petrov@kurganobl.ru", "Re: 26-00001-0", "Файл велик.", []string{"big.zip"}, Clue{Number: number}},
	{"18-read-receipt", AutoReply, "petrov@kurganobl.ru", "Read: 26-00001-0", "Сообщение прочитано.", nil, Clue{Number: number}},
	{"19-stripped-thread", Answer, "Service Desk sd@kurganobl.ru", "[Ticket#2026111110000123] Работы завершены", "Оборудование заменено.", nil, Clue{Theirs: "2026111110000123"}},
	{"20-own", Own, "intake@example.ru", "Эскалация обращения 26-00001-0", "Просим содействия.", nil, Clue{}},
	{"21-traversal", Answer, "a@b petrov@kurganobl.ru", "*", "ok", []string{"evil_txt.exe"}, Clue{}},
}

func TestHardLetters(t *testing.T) {
	for _, tc := range hard {
		t.Run(tc.name, func(t *testing.T) {
			l := letter(t, tc.name)
			c := l.Classify(own)
			if c.Kind != tc.kind {
				t.Errorf("kind %q, want %q", c.Kind, tc.kind)
			}
			if from := strings.TrimSpace(l.From.Name + " " + l.From.Address); !strings.EqualFold(from, tc.from) {
				t.Errorf("from %q, want %q", from, tc.from)
			}
			if l.Subject != tc.title && tc.title != "*" {
				t.Errorf("subject %q, want %q", l.Subject, tc.title)
			}
			if text := Trim(l.Text); text != tc.text && tc.text != "*" {
				t.Errorf("text %q, want %q", text, tc.text)
			}
			var files []string
			for _, f := range l.Files {
				files = append(files, f.Name)
				if len(f.Data) == 0 {
					t.Errorf("%s is empty", f.Name)
				}
			}
			if !slices.Equal(files, tc.files) {
				t.Errorf("files %q, want %q", files, tc.files)
			}
			var clue Clue
			if len(c.Clues) > 0 {
				clue = c.Clues[0]
			}
			if diff := cmp.Diff(tc.clue, clue); diff != "" {
				t.Errorf("the first clue (-want +got)\n%s", diff)
			}
		})
	}
}

func TestReports(t *testing.T) {
	at := time.Date(2026, 11, 11, 9, 6, 0, 0, time.UTC)
	for _, tc := range []struct {
		name string
		want Report
	}{
		{"01-dsn-failed", Report{Action: Failed, Recipient: "sd@kurganobl.ru", Status: "5.1.1", Diagnostic: "550 5.1.1 <sd@kurganobl.ru>: Recipient address rejected: User unknown"}},
		{"02-dsn-delayed", Report{Action: Delayed, Recipient: "sd@kurganobl.ru", Status: "4.4.1", Diagnostic: "connect to mx.kurganobl.ru[192.0.2.1]:25: Connection timed out",
			RetryUntil: time.Date(2026, 11, 16, 5, 15, 1, 0, time.UTC)}},
		{"03-dsn-relayed", Report{Action: Relayed, Recipient: "sd@kurganobl.ru", Status: "2.0.0", Diagnostic: "250 2.0.0 Ok: queued as 5F"}},
		{"04-dsn-delivered", Report{Action: Delivered, Recipient: "sd@kurganobl.ru", Status: "2.0.0", Diagnostic: "250 2.1.5 Delivered"}},
		{"05-dsn-global", Report{Action: Failed, Recipient: "приём@почта.рф", Status: "5.2.2", Diagnostic: "552 ящик переполнен"}},
		{"06-exim-daemon", Report{Action: Failed}},
		{"07-exchange-daemon", Report{Action: Delayed}},
	} {
		got := letter(t, tc.name).Classify(own).Report
		if got == nil {
			t.Errorf("%s: no report", tc.name)
			continue
		}
		if !got.At.Equal(at) {
			t.Errorf("%s: at %v", tc.name, got.At)
		}
		if tc.want.Recipient == "" { // a daemon's own words
			got.Diagnostic = ""
		} else {
			tc.want.Incident = string(number)
		}
		tc.want.At, tc.want.Original = got.At, "26-00001-0.1.site@example.ru"
		if diff := cmp.Diff(tc.want, *got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tc.name, diff)
		}
	}
}

// TestStrangersDaemon: a mail server that tells of a letter that is not ours
// reports nothing; nor does somebody who only quotes ours.
func TestStrangersDaemon(t *testing.T) {
	raw, err := os.ReadFile("testdata/letters/06-exim-daemon.eml")
	if err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{"26-00001-0.1.site@": "somebody.else@", "Mailer-Daemon@mx": "petrov@mx"} {
		l, err := Read(bytes.Replace(raw, []byte(from), []byte(to), 1), false)
		if err != nil {
			t.Fatal(err)
		}
		if c := l.Classify(own); c.Report != nil {
			t.Errorf("with %s for %s: %+v", to, from, c.Report)
		}
	}
}

func TestUnreadable(t *testing.T) {
	for _, raw := range []string{"", "\r\n\r\n", "\x00\x01\x02", "hello, world", "PK\x03\x04 some zip\r\n\r\nmore"} {
		if l, err := Read([]byte(raw), false); err == nil {
			t.Errorf("%q was read as %+v", raw, l)
		}
	}
}

func TestTheirNumber(t *testing.T) {
	for text, want := range map[string]string{
		"Ваше обращение зарегистрировано за № 123":                     "123",
		"Обращение 26-00001-0 зарегистрировано под номером 01-17/4521": "01-17/4521",
		"Заявка №\u00a0SD-10442 принята":                               "SD-10442",
		"[Ticket#2026111110000123] Re: Эскалация обращения 26-00001-0": "2026111110000123",
		"Re: [#45112] Эскалация":                                       "45112",
		"[Request ID :##88123##] : Эскалация":                          "88123",
		"INC0012345 opened": "INC0012345",
		"Эскалация обращения 26-00001-0: Администрация":                     "",
		"Обращение № 26-00001-0 получено":                                   "",
		"Позвоните по номеру 42-80-01":                                      "",
		"11.11.2026 в 10:15 начаты работы, заявка будет закрыта 12.11.2026": "",
		"Приказ № 17 от 11.11.2026":                                         "",
		"Запросу присвоен номер: 77001. Ответ придёт в течение дня":         "77001",
		"Ваша заявка зарегистрирована, номер 5567":                          "5567",
	} {
		if got := TheirNumber(text, ""); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("testdata/letters/*.eml")
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		l, err := Read(raw, false)
		if err != nil {
			return
		}
		for _, file := range l.Files {
			if file.Name == "" || strings.ContainsAny(file.Name, "/\\\x00\n") {
				t.Errorf("a file named %q", file.Name)
			}
		}
		l.Classify(own)
		Senders{Boxes: []string{"sd@kurganobl.ru"}, AuthservID: "mx"}.Judge(l, "")
		Trim(l.Text)
	})
}
