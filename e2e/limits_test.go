package e2e

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/simulator"
)

// TestFlood: somebody who sends hundreds of messages in a moment is answered,
// but not to each of them, and loses none; others do not wait for it. At
// Telegram's pace of a message a second an answer to each would take minutes.
func TestFlood(t *testing.T) {
	t.Parallel()
	const flood = 300
	h := harness.Start(t, harness.UnderLimits)
	anna, vera := h.Clerk(), h.Clerk()
	var both sync.WaitGroup
	for _, c := range []*harness.Clerk{anna, vera} {
		both.Go(func() { c.Reaches("Описание") })
	}
	both.Wait()
	before := len(anna.Bots())
	for k := range flood {
		anna.Send(fmt.Sprintf("Подробность %03d.", k))
	}
	vera.Ask(harness.UsualProblem, harness.SummaryHead)
	h.Card(vera.Registers())
	if n := len(anna.Bots()) - before; n > flood/10 {
		t.Errorf("the flood was through before the other person had her number: %d answers", n)
	}
	anna.AwaitText(harness.SummaryHead, fmt.Sprintf("Подробность %03d.", 0))
	anna.Settled()
	if n := len(anna.Bots()) - before; n > flood/10 {
		t.Errorf("%d messages were answered by %d", flood, n)
	}
	anna.Registers()
	i := h.Filed(2)[1]
	for k := range flood {
		if !strings.Contains(i.Description(), fmt.Sprintf("Подробность %03d.", k)) {
			t.Errorf("message %d is lost", k)
		}
	}
	if c := h.Telegram.Counters(); c.Flooded != 0 {
		t.Errorf("%d calls were answered 429", c.Flooded)
	}
}

// TestTooManyIncidents: the twenty-first within an hour is not registered; the
// draft stays, and she reads when it can be, and whom to call.
func TestTooManyIncidents(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	anna.Files()
	for k := range 19 {
		anna.FilesAgain(fmt.Sprintf("Неисправность номер %d", k+2))
	}
	anna.Ask("/new", "Описание")
	anna.Ask("Двадцать первая неисправность", harness.SummaryHead)
	anna.Press("Зарегистрировать")
	anna.AwaitText(harness.SummaryHead, "20\u00a0обращений", "с\u00a015:0", incident.RegulationLine().Support.Phone)
	anna.Settled()
	h.Filed(20)
	h.Pass(time.Hour)
	anna.Ask("/new", "незаконченное обращение", "Двадцать первая")
	anna.Press("Продолжить")
	anna.AwaitText(harness.SummaryHead, "Двадцать первая")
	h.Card(anna.Registers(), "Двадцать первая")
}

// TestTooManyFiles: an incident holds fifty. Of an album those that fit are
// taken and the others refused once; words under a file are kept.
func TestTooManyFiles(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	anna.Reaches("Описание")
	anna.Ask(harness.UsualProblem, harness.SummaryHead)
	var albums [][]string
	album := func(caption string, n int) {
		items := make([]simulator.AlbumItem, n)
		for k := range items {
			items[k].File = photo
		}
		items[0].Caption = caption
		anna.SendAlbum(items...)
	}
	ten := strings.Split("photo photo photo photo photo photo photo photo photo photo", " ")
	for k := range 4 {
		album("", 10)
		anna.AwaitText(harness.SummaryHead, fmt.Sprintf("Вложения (%d)", 10*(k+1)))
		albums = append(albums, ten)
	}
	album("", 9)
	anna.AwaitText(harness.SummaryHead, "Вложения (49)")
	album("Здесь всё видно.", 10)
	anna.AwaitText("файлы не приложили", "50", harness.SupportBox)
	anna.Settled()
	if n := anna.Count("файлы не приложили"); n != 1 {
		t.Errorf("%d answers to an album that did not fit", n)
	}
	anna.SendPhoto(photo, "И вот что ещё.")
	anna.AwaitText(harness.SummaryHead, "Текст приняли, а файл не приложили", "Вложения (50)", "Здесь всё видно.", "И вот что ещё.")
	n := anna.Registers()
	card := h.Card(n, "Вложения (50)", "И вот что ещё.")
	sees(h.Engineer, card.ID, append(albums, ten)...)

	anna.Ask("/add "+string(n), "Дополнение")
	anna.SendPhoto(photo, "Мигает красным.")
	anna.AwaitText("Добавили", "Текст приняли, а файл не приложили")
	h.CardReply(n, "Мигает красным.")
	if i := h.Filed(1)[0]; len(i.Attachments) != 50 || kinds(i, incident.KindAdded) != 1 {
		t.Errorf("%d files and %d additions", len(i.Attachments), kinds(i, incident.KindAdded))
	}
}
