package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intakebot/incident"
	"intakebot/simulator"
)

// Files as big as real ones, so that their base64 has many lines.
var (
	bigPhoto  = simulator.File{Data: bytes.Repeat([]byte("\xff\xd8\x00jpeg"), 10_000)}
	bigScheme = simulator.File{Name: "схема сети.pdf", Data: bytes.Repeat([]byte("%PDF\r\n.\r\n"), 5_000)}
)

// filesWith files a report with these documents and a photo before them.
func (c *clerk) filesWith(documents ...simulator.File) incident.Number {
	c.h.Helper()
	c.reaches("Описание")
	c.SendPhoto(bigPhoto, usualProblem)
	c.AwaitText(summaryHead, "Вложения (1)")
	for k, f := range documents {
		c.SendDocument(f, "")
		c.AwaitText(summaryHead, "Вложения ("+string(rune('2'+k))+")")
	}
	return c.registers()
}

// asked is how often Telegram was asked for files.
func (h *house) asked() (n int) {
	for _, c := range h.telegram.Calls() {
		if c.Method == "getFile" || c.Method == "download" {
			n++
		}
	}
	return n
}

// TestFilesInTheLetter: the escalation letter holds the incident's files as they
// were sent, the later ones too; the preview says how many.
func TestFilesInTheLetter(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna := h.clerk()
	n := anna.filesWith(bigScheme)
	anna.Send("/add " + string(n))
	anna.AwaitText("Дополнение")
	anna.SendDocument(simulator.File{Name: "журнал.log", Data: []byte("10:05 VPN down\n")}, "")
	anna.AwaitText("Добавили")
	preview := anna.proposesLetter(n, "Связи нет.")
	if !holds(preview.Body(), "Файлов в приложении: 3.") {
		t.Errorf("the preview:\n%s", preview.Body())
	}
	letter := h.letterAfter(anna, "Отправить в УИТ")
	want := []simulator.LetterFile{
		{Name: "фотография-1.jpg", Type: "image/jpeg", Data: bigPhoto.Data},
		{Name: "схема сети.pdf", Type: "application/pdf", Data: bigScheme.Data},
		{Name: "журнал.log", Type: "text/plain", Data: []byte("10:05 VPN down\n")},
	}
	if diff := cmp.Diff(want, letter.Attachments()); diff != "" {
		t.Errorf("the letter's files (-want +got):\n%.2000s", diff)
	}
	text := theLetter(t, letter, string(n))
	if !strings.Contains(text, "Приложены к письму:\nфотография-1.jpg\nсхема сети.pdf\nжурнал.log\n") || strings.Contains(text, "Не вошли") {
		t.Errorf("the letter:\n%s", text)
	}
	anna.AwaitText("Письмо в УИТ", "отправлено")

	asked := h.asked()
	anna.PressOn(preview.ID, "Отправить в УИТ")
	anna.AwaitToast("уже отправлено")
	anna.settled()
	if got := h.asked(); got != asked || asked != 6 {
		t.Errorf("Telegram was asked for files %d times, then %d", asked, got)
	}
	for _, name := range []string{"схема", "журнал", "documents/", "photos/"} {
		if strings.Contains(h.log.String(), name) {
			t.Errorf("the log holds %q", name)
		}
	}
}

// TestFilesThatDoNotCome are named in the letter, which goes without them.
func TestFilesThatDoNotCome(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"getFile", "download"} {
		for _, kind := range []simulator.FaultKind{simulator.ServerError, simulator.BadGateway, simulator.CutBefore, simulator.CutAfter} {
			t.Run(method+" "+string(kind), func(t *testing.T) {
				t.Parallel()
				h := startHouse(t, troubled)
				anna := h.clerk()
				n := anna.filesWith(bigScheme)
				h.telegram.Fault(simulator.Fault{Kind: kind, Methods: []string{method}, Match: ofPhoto})
				anna.escalates(n, "Связи нет.")
				letter := h.letter(uitBox, 1)
				text := theLetter(t, letter, string(n))
				if !strings.Contains(text, "Приложены к письму:\nсхема сети.pdf\n") ||
					!strings.Contains(text, "Не вошли в письмо (есть у технической поддержки):\nфотография-1.jpg — не удалось получить из Telegram\n") {
					t.Errorf("the letter:\n%s", text)
				}
				if got := letter.Attachments(); len(got) != 1 || !bytes.Equal(got[0].Data, bigScheme.Data) {
					t.Errorf("%d files", len(got))
				}
				h.log.await(t, "a file was not fetched", 1)
				for _, part := range []string{"photos/", "/file/"} {
					if strings.Contains(h.log.String(), part) {
						t.Errorf("the log holds %q", part)
					}
				}
			})
		}
	}
}

// ofPhoto says whether a call asks for a photo: by the simulator's ids and paths.
func ofPhoto(c simulator.Call) bool {
	return strings.Contains(c.Params["file_id"], "PH") || strings.HasPrefix(c.Params["path"], "photos/")
}

// TestFilesAreAskedForAgain: one failure of Telegram leaves no file out.
func TestFilesAreAskedForAgain(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	anna := h.clerk()
	n := anna.filesWith(bigScheme)
	h.telegram.Fault(simulator.Fault{Kind: simulator.Flood, Methods: []string{"getFile"}, Times: 1})
	h.telegram.Fault(simulator.Fault{Kind: simulator.ServerError, Methods: []string{"download"}, Times: 1})
	anna.escalates(n, "Связи нет.")
	if got := h.letter(uitBox, 1).Attachments(); len(got) != 2 {
		t.Errorf("%d files", len(got))
	}
}

// TestFilesTooLarge for the letter, or for bots, are named in it and not asked
// for.
func TestFilesTooLarge(t *testing.T) {
	t.Parallel()
	h := startHouse(t, with("MAIL_ATTACHMENTS_MAX", "120KB"))
	anna := h.clerk()
	n := anna.filesWith(
		simulator.File{Name: "дамп.bin", Data: []byte("x"), Size: 21 << 20},
		simulator.File{Name: "запись.zip", Data: make([]byte, 100_000)}, bigScheme,
		simulator.File{Name: "мелочь.txt", Data: []byte("мелочь")})
	preview := anna.proposesLetter(n, "Связи нет.")
	if !holds(preview.Body(), "Файлов в приложении: 2 из 5") {
		t.Errorf("the preview:\n%s", preview.Body())
	}
	letter := h.letterAfter(anna, "Отправить в УИТ")
	text := theLetter(t, letter, string(n))
	want := "Приложены к письму:\nфотография-1.jpg\nмелочь.txt\n\nНе вошли в письмо (есть у технической поддержки):\n" +
		"дамп.bin — больше 20\u00a0МБ, такие файлы Telegram не отдаёт ботам\n" +
		"запись.zip — не помещается в письмо\nсхема сети.pdf — не помещается в письмо\n"
	if !strings.Contains(text, want) || len(letter.Attachments()) != 2 {
		t.Errorf("the letter:\n%s", text)
	}
	if got := h.asked(); got != 4 {
		t.Errorf("Telegram was asked for files %d times", got)
	}
}

// TestNoFilesInLetters: MAIL_ATTACHMENTS_MAX=0 leaves the files where they are.
func TestNoFilesInLetters(t *testing.T) {
	t.Parallel()
	h := startHouse(t, with("MAIL_ATTACHMENTS_MAX", "0"))
	anna := h.clerk()
	n := anna.filesWith(bigScheme)
	if preview := anna.proposesLetter(n, "Связи нет."); holds(preview.Body(), "Файлов в приложении") {
		t.Errorf("the preview:\n%s", preview.Body())
	}
	letter := h.letterAfter(anna, "Отправить в УИТ")
	if text := theLetter(t, letter, string(n)); !holds(text, "Файлы (переданы технической поддержке)", "схема сети.pdf") || len(letter.Attachments()) > 0 {
		t.Errorf("the letter:\n%s", text)
	}
	if h.asked() > 0 {
		t.Errorf("Telegram was asked for files")
	}
}

// TestOthersDoNotWait: while the files of one letter come, or do not, another
// person is answered; a stop in the meantime leaves no file out.
func TestOthersDoNotWait(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled, overRedis)
	anna, vera := h.clerk(), h.clerk()
	n := anna.filesWith()
	anna.proposesLetter(n, "Связи нет.")
	hanging := make(chan struct{}, 10)
	revive := h.telegram.Fault(simulator.Fault{Kind: simulator.Hang, Methods: []string{"download"}, Match: func(simulator.Call) bool {
		hanging <- struct{}{}
		return true
	}})
	anna.Press("Отправить в УИТ")
	<-hanging
	vera.files()
	if got := len(h.mail.LettersTo(uitBox)); got != 0 {
		t.Errorf("%d letters without their files", got)
	}
	h.close() // the press waits for the next start
	revive()
	h.open()
	if got := h.letter(uitBox, 1).Attachments(); len(got) != 1 || !bytes.Equal(got[0].Data, bigPhoto.Data) {
		t.Errorf("%d files after the restart", len(got))
	}
}
