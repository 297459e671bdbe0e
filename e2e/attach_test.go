package e2e

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/simulator"
)

// Files as big as real ones, so that their base64 has many lines.
var (
	bigPhoto  = simulator.File{Data: bytes.Repeat([]byte("\xff\xd8\x00jpeg"), 10_000)}
	bigScheme = simulator.File{Name: "схема сети.pdf", Data: bytes.Repeat([]byte("%PDF\r\n.\r\n"), 5_000)}
)

// filesWith files a report with these documents and a photo before them.
func filesWith(c *harness.Clerk, documents ...simulator.File) incident.Number {
	c.H.Helper()
	c.Reaches("Описание")
	c.SendPhoto(bigPhoto, harness.UsualProblem)
	c.AwaitText(harness.SummaryHead, "Вложения (1)")
	for k, f := range documents {
		c.SendDocument(f, "")
		c.AwaitText(harness.SummaryHead, "Вложения ("+string(rune('2'+k))+")")
	}
	return c.Registers()
}

// TestFilesInTheLetter: the escalation letter holds the incident's files as they
// were sent, the later ones too; the preview says how many.
func TestFilesInTheLetter(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := filesWith(anna, bigScheme)
	anna.Send("/add " + string(n))
	anna.AwaitText("Дополнение")
	anna.SendDocument(simulator.File{Name: "журнал.log", Data: []byte("10:05 VPN down\n")}, "")
	anna.AwaitText("Добавили")
	preview := anna.ProposesLetter(n, "Связи нет.")
	if !harness.Holds(preview.Body(), "Файлов в приложении: 3.") {
		t.Errorf("the preview:\n%s", preview.Body())
	}
	letter := h.LetterAfter(anna, "Отправить в УИТ")
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

	asked := h.Asked()
	anna.PressOn(preview.ID, "Отправить в УИТ")
	anna.AwaitToast("уже отправлено")
	anna.Settled()
	if got := h.Asked(); got != asked || asked != 6 {
		t.Errorf("Telegram was asked for files %d times, then %d", asked, got)
	}
	for _, name := range []string{"схема", "журнал", "documents/", "photos/"} {
		if strings.Contains(h.Logged.String(), name) {
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
				h := harness.Start(t, harness.Troubled)
				anna := h.Clerk()
				n := filesWith(anna, bigScheme)
				h.Telegram.Fault(simulator.Fault{Kind: kind, Methods: []string{method}, Match: ofPhoto})
				anna.Escalates(n, "Связи нет.")
				letter := h.Letter(harness.UITBox, 1)
				text := theLetter(t, letter, string(n))
				if !strings.Contains(text, "Приложены к письму:\nсхема сети.pdf\n") ||
					!strings.Contains(text, "Не вошли в письмо (есть у технической поддержки):\nфотография-1.jpg — не удалось получить из Telegram\n") {
					t.Errorf("the letter:\n%s", text)
				}
				if got := letter.Attachments(); len(got) != 1 || !bytes.Equal(got[0].Data, bigScheme.Data) {
					t.Errorf("%d files", len(got))
				}
				h.Logged.Await(t, "a file was not fetched", 1)
				for _, part := range []string{"photos/", "/file/"} {
					if strings.Contains(h.Logged.String(), part) {
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
	h := harness.Start(t, harness.Troubled)
	anna := h.Clerk()
	n := filesWith(anna, bigScheme)
	h.Telegram.Fault(simulator.Fault{Kind: simulator.Flood, Methods: []string{"getFile"}, Times: 1})
	h.Telegram.Fault(simulator.Fault{Kind: simulator.ServerError, Methods: []string{"download"}, Times: 1})
	anna.Escalates(n, "Связи нет.")
	if got := h.Letter(harness.UITBox, 1).Attachments(); len(got) != 2 {
		t.Errorf("%d files", len(got))
	}
}

// TestFilesTooLarge for the letter, or for bots, are named in it and not asked
// for.
func TestFilesTooLarge(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.With("MAIL_ATTACHMENTS_MAX", "120KB"))
	anna := h.Clerk()
	n := filesWith(anna,
		simulator.File{Name: "дамп.bin", Data: []byte("x"), Size: 21 << 20},
		simulator.File{Name: "запись.zip", Data: make([]byte, 100_000)}, bigScheme,
		simulator.File{Name: "мелочь.txt", Data: []byte("мелочь")})
	preview := anna.ProposesLetter(n, "Связи нет.")
	if !harness.Holds(preview.Body(), "Файлов в приложении: 2 из 5") {
		t.Errorf("the preview:\n%s", preview.Body())
	}
	letter := h.LetterAfter(anna, "Отправить в УИТ")
	text := theLetter(t, letter, string(n))
	want := "Приложены к письму:\nфотография-1.jpg\nмелочь.txt\n\nНе вошли в письмо (есть у технической поддержки):\n" +
		"дамп.bin — больше 20\u00a0МБ, такие файлы Telegram не отдаёт ботам\n" +
		"запись.zip — не помещается в письмо\nсхема сети.pdf — не помещается в письмо\n"
	if !strings.Contains(text, want) || len(letter.Attachments()) != 2 {
		t.Errorf("the letter:\n%s", text)
	}
	if got := h.Asked(); got != 4 {
		t.Errorf("Telegram was asked for files %d times", got)
	}
}

// TestNoFilesInLetters: MAIL_ATTACHMENTS_MAX=0 leaves the files where they are.
func TestNoFilesInLetters(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.With("MAIL_ATTACHMENTS_MAX", "0"))
	anna := h.Clerk()
	n := filesWith(anna, bigScheme)
	if preview := anna.ProposesLetter(n, "Связи нет."); harness.Holds(preview.Body(), "Файлов в приложении") {
		t.Errorf("the preview:\n%s", preview.Body())
	}
	letter := h.LetterAfter(anna, "Отправить в УИТ")
	if text := theLetter(t, letter, string(n)); !harness.Holds(text, "Файлы (переданы технической поддержке)", "схема сети.pdf") || len(letter.Attachments()) > 0 {
		t.Errorf("the letter:\n%s", text)
	}
	if h.Asked() > 0 {
		t.Errorf("Telegram was asked for files")
	}
}

// TestOthersDoNotWait: while the files of one letter come, or do not, another
// person is answered; a stop in the meantime leaves no file out.
func TestOthersDoNotWait(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled, harness.OverRedis)
	anna, vera := h.Clerk(), h.Clerk()
	n := filesWith(anna)
	anna.ProposesLetter(n, "Связи нет.")
	hanging := make(chan struct{}, 10)
	revive := h.Telegram.Fault(simulator.Fault{Kind: simulator.Hang, Methods: []string{"download"}, Match: func(simulator.Call) bool {
		hanging <- struct{}{}
		return true
	}})
	anna.Press("Отправить в УИТ")
	<-hanging
	vera.Files()
	if got := len(h.Mail.LettersTo(harness.UITBox)); got != 0 {
		t.Errorf("%d letters without their files", got)
	}
	h.Close() // the press waits for the next start
	revive()
	h.Open()
	if got := h.Letter(harness.UITBox, 1).Attachments(); len(got) != 1 || !bytes.Equal(got[0].Data, bigPhoto.Data) {
		t.Errorf("%d files after the restart", len(got))
	}
}
