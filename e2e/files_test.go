package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/simulator"
)

var (
	photo  = simulator.File{Data: []byte("jpg")}
	scheme = simulator.File{Name: "схема сети.pdf", Data: []byte("pdf")}
)

// TestAttachments: photos and documents are named in the summary, on the card
// and in the letter to support, and reach the group as answers to the card.
func TestAttachments(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	anna.Reaches("Описание")
	anna.SendPhoto(photo, "")
	anna.AwaitText("Описание", "напишите словами", "фотография")
	anna.Ask(harness.UsualProblem, harness.SummaryHead, "Вложения (1): фотография")
	anna.SendDocument(scheme, "Наша схема во вложении")
	anna.AwaitText(harness.SummaryHead, "Вложения (2): фотография, схема сети.pdf", "Наша схема во вложении")
	n := anna.Registers()
	card := h.Card(n, "Вложения (2): фотография, схема сети.pdf")
	h.Relayed(card, "photo", "document")
	if text := h.Letter(harness.SupportBox, 1).Text(); !harness.Holds(text, "фотография", "схема сети.pdf", "Наша схема во вложении") {
		t.Errorf("support's letter:\n%s", text)
	}
	anna.Escalates(n, "Связи нет.")
	if text := h.Letter(harness.UITBox, 1).Text(); !harness.Holds(text, "фотография", "схема сети.pdf") {
		t.Errorf("УИТ's letter:\n%s", text)
	}
}

// TestAlbum arrives whole, whatever it meets: the question, the summary.
func TestAlbum(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	anna.Reaches("Описание")
	anna.SendAlbum(
		simulator.AlbumItem{File: photo, Caption: "На координаторе не горят индикаторы, смотрите."},
		simulator.AlbumItem{File: photo}, simulator.AlbumItem{File: photo})
	anna.AwaitText(harness.SummaryHead, "Вложения (3)", "не горят индикаторы, смотрите")
	anna.SendAlbum(
		simulator.AlbumItem{Kind: "document", File: scheme},
		simulator.AlbumItem{Kind: "document", File: simulator.File{Name: "журнал.txt", Data: []byte("log")}})
	anna.AwaitText(harness.SummaryHead, "Вложения (5)", "схема сети.pdf", "журнал.txt")
	n := anna.Registers()
	h.Relayed(h.Card(n, "Вложения (5)"), "photo", "photo", "photo", "document", "document")
}

// TestLongPaste: a phone splits a long text at 4,096 characters; all of it is
// in the letter, and what does not fit is refused with the count.
func TestLongPaste(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	anna.Reaches("Описание")
	var words []string
	for i := range 1500 {
		words = append(words, fmt.Sprintf("слово%d", i))
	}
	long := strings.Join(words, " ")
	anna.Send(long)
	anna.Settled()
	anna.Registers()
	// Where the phone cut the text, white space may have changed.
	if text := h.Letter(harness.SupportBox, 1).Text(); !strings.Contains(unspaced(text), unspaced(long)) {
		t.Errorf("the letter lacks a part:\n%s", text)
	}
	if d := h.Filed(1)[0].Description(); unspaced(d) != unspaced(long) {
		t.Errorf("the register holds %d characters of %d", len([]rune(d)), len([]rune(long)))
	}
}

func unspaced(text string) string { return strings.Join(strings.Fields(text), "") }

// TestTooLongDescription: what is over 20,000 characters is refused with the
// count, and nothing accepted is lost.
func TestTooLongDescription(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	anna.Reaches("Описание")
	for range 5 {
		anna.Ask(strings.Repeat("я", 3900), harness.SummaryHead)
	}
	anna.Ask(strings.Repeat("ю", 600), harness.SummaryHead, "600\u00a0знаков", "не поместилось")
	anna.Ask("Последнее слово.", harness.SummaryHead)
	anna.Registers()
	d := h.Filed(1)[0].Description()
	if strings.Contains(d, "ю") || strings.Count(d, "я") != 5*3900 || !strings.HasSuffix(d, "Последнее слово.") {
		t.Errorf("the register holds %d characters, ending in %q", len([]rune(d)), string([]rune(d)[len([]rune(d))-20:]))
	}
}

// TestEditedMessage corrects the answer that it gave, be it a field or a part
// of the description; an edit that cannot be taken is refused.
func TestEditedMessage(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	anna.Begins()
	organisation := anna.Send(harness.Usual[0].Answer)
	anna.AwaitText("ФИО")
	name := anna.Send("Ивонова Анна")
	anna.AwaitText("Телефон")
	anna.Edit(organisation, "Администрация города Кургана")
	anna.AwaitText("Телефон", "Исправили «Организация»", "Администрация города Кургана")
	anna.Edit(name, "Иванова")
	anna.AwaitText("Телефон", "Правку не приняли")
	anna.Edit(name, "Иванова Анна")
	anna.AwaitText("Телефон", "Исправили «ФИО»")
	anna.Ask(harness.Usual[2].Answer, "Электронная почта")
	anna.Ask(harness.Usual[3].Answer, "Описание")
	first := anna.Send("Нет связи с утра, координатор.")
	anna.AwaitText(harness.SummaryHead)
	anna.Ask("Вторая часть описания.", harness.SummaryHead)
	anna.Edit(first, "Нет связи с вечера, координатор.")
	anna.AwaitText(harness.SummaryHead, "Нет связи с вечера, координатор.", "Вторая часть описания.", "Администрация города Кургана", "Иванова Анна")
	n := anna.Registers()
	body := h.Card(n, "Администрация города Кургана", "Нет связи с вечера").Body()
	if strings.Contains(body, "с утра") || strings.Contains(body, "Ивонова") {
		t.Errorf("the card shows what was corrected:\n%s", body)
	}
}

// TestAddition: what the person adds comes to the group as an answer to the
// card, text and files, and stands in the history.
func TestAddition(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	anna.Press("Дополнить")
	anna.AwaitText("Дополнение", string(n))
	anna.Ask("Инженер провайдера приехал.", "Добавили", string(n))
	anna.SendPhoto(photo, "Вот что он увидел")
	anna.AwaitText("Добавили")
	anna.Press("Готово")
	anna.AwaitText("Хорошо")
	h.CardReply(n, "Заявитель", "Инженер провайдера приехал.")
	h.CardReply(n, "Вот что он увидел")
	h.Relayed(h.Card(n), "photo")

	anna.Ask("И ещё: телефон тоже молчит.", "Куда отнести ваше сообщение?")
	anna.Press("Дополнить №")
	anna.AwaitText("Добавили")
	h.CardReply(n, "телефон тоже молчит")
	anna.Ask("Свободный текст о другом.", "Куда отнести ваше сообщение?")
	anna.Press("Новое обращение")
	anna.AwaitText(harness.SummaryHead, "Свободный текст о другом.")
	second := anna.Registers()
	h.Card(second, "Свободный текст о другом.")

	if added := kinds(h.Filed(2)[0], incident.KindAdded); added != 3 {
		t.Errorf("%d additions in the history", added)
	}
}

func kinds(i incident.Incident, kind incident.Kind) int {
	n := 0
	for _, e := range i.History {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// TestMarkupInAnswers: what looks like HTML is shown as it was typed, in the
// chat, in the group and in the letters.
func TestMarkupInAnswers(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	anna.Begins()
	anna.Ask("<b>Администрация</b> & «Ко» <script>", "ФИО")
	anna.Ask(harness.Usual[1].Answer, "Телефон")
	anna.AnswersFrom("Телефон")
	if body := anna.Last().Body(); !harness.Holds(body, "<b>Администрация</b> & «Ко» <script>") {
		t.Errorf("the summary:\n%s", body)
	}
	n := anna.Registers()
	h.Card(n, "<b>Администрация</b> & «Ко» <script>")
	letter := h.Letter(harness.SupportBox, 1)
	if !harness.Holds(letter.Subject(), "<b>Администрация</b> & «Ко» <script>") || strings.Contains(letter.HTML(), "<script>") {
		t.Errorf("the letter: %s\n%s", letter.Subject(), letter.HTML())
	}
}

// TestReminder: two hours before a draft expires, outside quiet hours, one
// message says that it still waits.
func TestReminder(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna, vera := h.Clerk(), h.Clerk()
	anna.Reaches("Описание") // on Monday at 14:05, so it ends on Thursday at 14:05
	h.Pass(69 * time.Hour)
	vera.Ask("/start", "Вы согласны")
	if got := anna.Count("черновик ждёт"); got != 0 {
		t.Errorf("reminded three hours before the end")
	}
	anna.Mark()
	h.Pass(time.Hour + time.Minute)
	anna.AwaitText("черновик ждёт", "14:0")
	h.Pass(time.Minute)
	anna.Press("Продолжить")
	anna.AwaitText("Описание", "шаг ")
	if got := anna.Count("черновик ждёт"); got != 1 {
		t.Errorf("reminded %d times", got)
	}
}
