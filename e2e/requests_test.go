package e2e

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/simulator"
)

// TestEveryRequest makes the program send one request of every kind that it has,
// in a topic of a forum, by polling and by webhook, through the strict
// simulator, which refuses what the Bot API does not know (the harness looks at
// that). It lists the kinds: go test ./e2e -run TestEveryRequest -v.
func TestEveryRequest(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Closed, harness.Troubled, inForum, byWebhook)
	h.Env["SUPPORT_THREAD_ID"] = strconv.Itoa(h.Group.Topic(h.Engineer.Person(), "Заявки"))
	url := h.Env["WEBHOOK_URL"]
	delete(h.Env, "WEBHOOK_URL")
	h.Open()
	goesThroughEverything(h)
	checks(h, "", nil)
	h.Close()
	delete(h.Env, "SUPPORT_CHAT_ID") // the check looks for groups then
	checks(h, "", nil)
	h.Env["SUPPORT_CHAT_ID"], h.Env["WEBHOOK_URL"] = strconv.FormatInt(h.Group.ID(), 10), url
	h.Open()
	h.Clerk().Ask("/start", "Здравствуйте")

	kinds := simulator.Kinds(h.Telegram.Calls())
	t.Logf("%d kinds of requests:\n%s", len(kinds), strings.Join(kinds, "\n"))
	for _, method := range methodsInUse(t) {
		if !slices.ContainsFunc(kinds, func(k string) bool { return k == method || strings.HasPrefix(k, method+" ") }) {
			t.Errorf("%s was never sent", method)
		}
	}
}

// goesThroughEverything files, asks, answers, corrects, takes back, escalates
// and is forgotten, with every kind of file both ways.
func goesThroughEverything(h *harness.Harness) {
	anna := h.Clerk()
	anna.Reaches("Описание")
	anna.SendAlbum(threePhotos(strings.Repeat(harness.UsualProblem+" ", 10))...)
	anna.AwaitText(harness.SummaryHead)
	anna.Send(strings.Repeat(harness.UsualProblem+" ", 30))
	anna.AwaitText(harness.SummaryHead, "Вложения (3)")
	anna.SendAlbum(simulator.AlbumItem{Kind: "document", File: scheme}, simulator.AlbumItem{Kind: "document", File: scheme})
	anna.AwaitText(harness.SummaryHead, "Вложения (5)")
	n := anna.Registers()
	card := h.Card(n)
	h.Engineer.PressOn(card.ID, "Взять в работу")
	h.Card(n, "в работе")
	sendEach := func(send *simulator.Actor) {
		f := simulator.File{Name: "файл.bin", Data: []byte("файл")}
		send.SendPhoto(f, "слова")
		send.SendDocument(f, "")
		send.SendVideo(f, "")
		send.SendVoice(f, "")
		send.SendAudio(f, "")
		send.SendAnimation(f, "")
		send.SendVideoNote(f)
	}
	anna.Ask("/add "+string(n), "Дополнение")
	sendEach(anna.Actor)
	anna.Settled()
	h.Engineer.AwaitView(func(all []simulator.Message) bool { return filesOf(all) >= 12 })
	toAnna := h.Engineer.Replying(card.ID)
	sendEach(toAnna.Actor)
	anna.AwaitView(func(all []simulator.Message) bool { return filesOf(all) >= 7 })
	toAnna.SendAlbum(threePhotos("Сделайте так")...)
	h.DeskSettled()
	h.Pass(2 * time.Second)
	anna.AwaitView(func(all []simulator.Message) bool { return filesOf(all) >= 10 })

	h.Engineer.PressOn(card.ID, "Запросить уточнение")
	prompt := h.Engineer.AwaitText("что спросить")
	asked := h.Engineer.Reply(prompt.ID, "Какой узел?")
	anna.AwaitText("Какой узел?")
	h.Engineer.Edit(asked, "Какой именно узел?")
	anna.AwaitText("Какой именно узел?")
	bare := toAnna.SendPhoto(photo, "")
	anna.AwaitView(func(all []simulator.Message) bool { return filesOf(all) >= 11 })
	h.DeskSettled()
	h.Engineer.Edit(bare, "Так надо")
	anna.AwaitText("Так надо")
	h.Engineer.Reply(bare, "/undo")
	h.Engineer.AwaitText("Удаляем")
	h.Engineer.Ask("/stats", "За 7 дней")
	h.Mail.Fault(simulator.MailFault{Stage: simulator.AtDot, Code: 550, Text: "5.7.1 looks like spam", Recipient: harness.UITBox})
	anna.ProposesLetter(n, "Связи по-прежнему нет.")
	anna.Press("Отправить в УИТ")
	h.Engineer.AwaitText("целиком") // the letter as a file, to be sent by hand
	anna.Mark()
	h.Engineer.Send("/resolve " + string(n) + " Починили")
	anna.AwaitText("Починили")
	h.Pass(72 * time.Hour) // Telegram deletes nothing any more
	anna.Forgets()
	anna.AwaitText("Ваши данные удалены")
	anna.Settled()
}

// filesOf is how many of the bot's messages are files.
func filesOf(messages []simulator.Message) (n int) {
	for _, m := range messages {
		if m.FromBot && m.Attachment != nil {
			n++
		}
	}
	return n
}

// methodsInUse are the Bot API methods that the program's source calls.
func methodsInUse(t *testing.T) []string {
	t.Helper()
	call := regexp.MustCompile(`\bapi\.([A-Z]\w+)\((?:ctx|within)\b|(?:call|request|Call|Request)\(ctx, "(\w+)"`)
	found := map[string]bool{}
	err := filepath.WalkDir("bot", func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range call.FindAllStringSubmatch(string(text), -1) {
			name := m[1] + m[2]
			found[strings.ToLower(name[:1])+name[1:]] = true
		}
		return err
	})
	if err != nil || len(found) < 15 {
		t.Fatalf("the methods in the source: %v, %v", found, err)
	}
	return slices.Sorted(maps.Keys(found))
}
