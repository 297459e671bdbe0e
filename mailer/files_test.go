package mailer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"strings"
	"testing"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"
	"github.com/google/go-cmp/cmp"

	"intakebot/incident"
)

// readFiles reads what follows the text of a letter.
func readFiles(t *testing.T, mixed message.MultipartReader) (files []parsedFile) {
	t.Helper()
	for {
		p, err := mixed.NextPart()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		header := mail.AttachmentHeader{Header: p.Header}
		name, err := header.Filename()
		if disposition, _, _ := header.ContentDisposition(); err != nil || disposition != "attachment" {
			t.Errorf("a part is %s, its name cannot be read: %v", disposition, err)
		}
		kind, params, _ := header.ContentType()
		checkNames(t, p.Header.Get("Content-Disposition"), params["name"], name)
		data, err := io.ReadAll(p.Body)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, parsedFile{name, kind, data})
	}
}

// checkNames: the name stands also where Outlook and webmails look for it.
func checkNames(t *testing.T, disposition, typeName, want string) {
	t.Helper()
	words := new(mime.WordDecoder)
	if got, err := words.DecodeHeader(typeName); err != nil || got != want {
		t.Errorf("name=%q is read as %q, %v, not %q", typeName, got, err, want)
	}
	_, after, found := strings.Cut(disposition, "filename=\"")
	quoted, _, closed := strings.Cut(after, "\"")
	if got, err := words.DecodeHeader(quoted); !found || !closed || err != nil || got != want {
		t.Errorf("filename=%q is read as %q, %v, not %q", quoted, got, err, want)
	}
}

// sampleFiles are files of every fate.
func sampleFiles() []incident.File {
	document := func(name string) incident.Attachment {
		return incident.Attachment{Kind: incident.Document, Name: name}
	}
	return []incident.File{
		{Attachment: incident.Attachment{Kind: incident.Photo}, Data: []byte("\xff\xd8jpeg\xff\xd9")},
		{Attachment: document("журнал координатора.log"), Data: []byte(strings.Repeat("10:05 VPN down\r\n", 5))},
		{Attachment: document("образ диска.zip"), LeftOut: incident.NoRoom},
		{Attachment: incident.Attachment{Kind: incident.Video}, LeftOut: incident.TooLarge},
		{Attachment: incident.Attachment{Kind: incident.Photo}, LeftOut: incident.NotFetched},
		{Attachment: document("readme.txt"), Data: []byte{}},
	}
}

// The files of a letter come out of it as they went in.
func TestFilesComeThrough(t *testing.T) {
	long := strings.Repeat("очень длинное имя ", 20)
	var files []incident.File
	var want []parsedFile
	for _, f := range []struct{ given, name, kind string }{
		{"plain.pdf", "plain.pdf", "application/pdf"},
		{"схема сети.PDF", "схема сети.PDF", "application/pdf"},
		{"a\"b\\c.docx", "a\"b_c.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		{"../../etc/passwd", "_.._etc_passwd", "application/octet-stream"},
		{"акт\r\nBcc: a@b.example\x00\u202e.txt", "акт Bcc: a@b.example.txt", "text/plain"},
		{long + ".xlsx", long[:len(string([]rune(long)[:75]))] + ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		{strings.Repeat("x", 70) + ".7z", strings.Repeat("x", 70) + ".7z", "application/x-7z-compressed"},
		{"100% 'готово' 🚀.eml", "100% 'готово' 🚀.eml", "application/octet-stream"},
		{"..", "файл-1", "application/octet-stream"},
		{"", "файл-2", "application/octet-stream"},
	} {
		data := []byte(strings.Repeat(f.name+"\n--files-26\n\x00\xff", 50))
		files = append(files, incident.File{Attachment: incident.Attachment{Kind: incident.Document, Name: f.given}, Data: data})
		want = append(want, parsedFile{f.name, f.kind, data})
	}
	for _, f := range []struct {
		kind incident.AttachmentKind
		name string
		mime string
	}{
		{incident.Photo, "фотография-1.jpg", "image/jpeg"}, {incident.Photo, "фотография-2.jpg", "image/jpeg"},
		{incident.Video, "видео-1.mp4", "video/mp4"}, {incident.Voice, "голосовое-сообщение-1.ogg", "audio/ogg"},
	} {
		files = append(files, incident.File{Attachment: incident.Attachment{Kind: f.kind}, Data: []byte(f.name)})
		want = append(want, parsedFile{f.name, f.mime, []byte(f.name)})
	}
	letter, err := writer().Escalation(sample(), firstEscalation(), files...)
	if err != nil {
		t.Fatal(err)
	}
	checkWire(t, letter.Raw)
	m := read(t, letter.Raw)
	if diff := cmp.Diff(want, m.files); diff != "" {
		t.Error(diff)
	}
	for _, f := range want {
		if !strings.Contains(m.text, "\n"+f.Name+"\n") {
			t.Errorf("the text does not name %q", f.Name)
		}
	}
	without, err := writer().Escalation(sample(), firstEscalation())
	if err != nil {
		t.Fatal(err)
	}
	plain := read(t, without.Raw)
	for _, name := range []string{"Message-Id", "Subject", "Reply-To", "Date", "X-Incident-Number", "Mime-Version"} {
		if a, b := m.header.Get(name), plain.header.Get(name); a != b {
			t.Errorf("%s: %q, without files %q", name, a, b)
		}
	}
}

// Files that all stay out leave a letter of the usual form, which tells of them.
func TestNoFileFits(t *testing.T) {
	letter, err := writer().Escalation(sample(), firstEscalation(), sampleFiles()[2:5]...)
	if err != nil {
		t.Fatal(err)
	}
	m := read(t, letter.Raw)
	if m.files != nil || !bytes.Contains(letter.Raw, []byte("\r\nContent-Type: multipart/alternative;")) {
		t.Errorf("%d files", len(m.files))
	}
	want := "Не вошли в письмо (есть у технической поддержки):\nобраз диска.zip — не помещается в письмо\n" +
		"видео-1.mp4 — больше 20\u00a0МБ, такие файлы Telegram не отдаёт ботам\nфотография-1.jpg — не удалось получить из Telegram\n"
	if !strings.Contains(m.text, want) {
		t.Errorf("the text:\n%s", m.text)
	}
}

// The limit counts what the files take in the letter, to the byte.
func TestAttachmentsMax(t *testing.T) {
	sizes := []int{0, 1, 2, 3, 56, 57, 58, 114, 1000}
	var all []incident.Attachment
	var total int64
	for k, size := range sizes {
		var b bytes.Buffer
		encode(&b, make([]byte, size))
		if got := encodedSize(int64(size)); got != int64(b.Len()) {
			t.Errorf("%d bytes take %d, not %d", size, b.Len(), got)
		}
		total += int64(b.Len())
		all = append(all, incident.Attachment{Kind: incident.Document, FileID: fmt.Sprint(k), Size: int64(size)})
	}
	fetch := func(a incident.Attachment) ([]byte, error) { return make([]byte, a.Size), nil }
	l := writer()
	for max, want := range map[int64]int{total: len(sizes), total - 1: len(sizes) - 1, 6: 2, 1: 1} {
		l.AttachmentsMax = max
		if got := fates(l.Collect(all, fetch))[incident.NotLeftOut]; got != want || l.fitting(all) != want {
			t.Errorf("%d bytes: %d files, planned %d, want %d", max, got, l.fitting(all), want)
		}
	}
	l.AttachmentsMax = 0
	if l.Collect(all, fetch) != nil {
		t.Error("files for a letter without")
	}
}

func fates(files []incident.File) map[incident.LeftOut]int {
	n := map[incident.LeftOut]int{}
	for _, f := range files {
		n[f.LeftOut]++
	}
	return n
}

// A file is asked for only when it can go; one of unknown size is judged when
// it is there, and one that fails does not stop those after it.
func TestCollect(t *testing.T) {
	l := writer()
	l.AttachmentsMax = 200
	all := []incident.Attachment{
		{FileID: "huge", Size: incident.FetchMost + 1}, {FileID: "lost", Size: 10}, {FileID: "large", Size: 500},
		{FileID: "surprise"}, {FileID: "small", Size: 100}, {FileID: "late", Size: 100},
	}
	var asked []string
	files := l.Collect(all, func(a incident.Attachment) ([]byte, error) {
		asked = append(asked, a.FileID)
		switch a.FileID {
		case "lost":
			return nil, errors.New("500")
		case "surprise":
			return make([]byte, 500), nil
		}
		return make([]byte, a.Size), nil
	})
	if diff := cmp.Diff([]string{"lost", "surprise", "small"}, asked); diff != "" {
		t.Errorf("asked for: %s", diff)
	}
	var got []incident.LeftOut
	for _, f := range files {
		got = append(got, f.LeftOut)
	}
	want := []incident.LeftOut{incident.TooLarge, incident.NotFetched, incident.NoRoom, incident.NoRoom, "", incident.NoRoom}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The preview says how many files go, by what is known of them then.
func TestPreviewOfFiles(t *testing.T) {
	l := writer()
	i := sample()
	for _, test := range []struct {
		max  int64
		want string
	}{{0, ""}, {1000, "Файлов в приложении: 2.\n"}, {100, "Файлов в приложении: 1 из 2, остальные не помещаются и будут названы.\n"}} {
		l.AttachmentsMax = test.max
		i.Attachments[1].Size = 90
		got := l.EscalationPreview(i, "Ответа нет.")
		if strings.Contains(got, "Файлов") != (test.want != "") || !strings.Contains(got, test.want) {
			t.Errorf("at most %d bytes:\n%s", test.max, got)
		}
	}
}
