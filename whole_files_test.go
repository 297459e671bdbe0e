package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

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
	h := startHouse(t)
	anna := h.clerk()
	anna.reaches("Описание")
	anna.SendPhoto(photo, "")
	anna.AwaitText("Описание", "напишите словами", "фотография")
	anna.Ask(usualProblem, summaryHead, "Вложения (1): фотография")
	anna.SendDocument(scheme, "Наша схема во вложении")
	anna.AwaitText(summaryHead, "Вложения (2): фотография, схема сети.pdf", "Наша схема во вложении")
	n := anna.registers()
	card := h.card(n, "Вложения (2): фотография, схема сети.pdf")
	h.relayed(card, "photo", "document")
	if text := h.letter(supportBox, 1).Text(); !holds(text, "фотография", "схема сети.pdf", "Наша схема во вложении") {
		t.Errorf("support's letter:\n%s", text)
	}
	anna.escalates(n, "Связи нет.")
	if text := h.letter(uitBox, 1).Text(); !holds(text, "фотография", "схема сети.pdf") {
		t.Errorf("УИТ's letter:\n%s", text)
	}
}

// relayed waits for files of these kinds, each once, in answer to a card.
func (h *house) relayed(card simulator.Message, kinds ...string) {
	h.Helper()
	h.engineer.AwaitView(func(messages []simulator.Message) bool {
		var got []string
		for _, m := range messages {
			if m.ReplyTo == card.ID && m.Attachment != nil {
				got = append(got, m.Attachment.Kind)
			}
		}
		return fmt.Sprint(got) == fmt.Sprint(kinds)
	})
}

// TestAlbum arrives whole, whatever it meets: the question, the summary.
func TestAlbum(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna := h.clerk()
	anna.reaches("Описание")
	anna.SendAlbum(
		simulator.AlbumItem{File: photo, Caption: "На координаторе не горят индикаторы, смотрите."},
		simulator.AlbumItem{File: photo}, simulator.AlbumItem{File: photo})
	anna.AwaitText(summaryHead, "Вложения (3)", "не горят индикаторы, смотрите")
	anna.SendAlbum(
		simulator.AlbumItem{Kind: "document", File: scheme},
		simulator.AlbumItem{Kind: "document", File: simulator.File{Name: "журнал.txt", Data: []byte("log")}})
	anna.AwaitText(summaryHead, "Вложения (5)", "схема сети.pdf", "журнал.txt")
	n := anna.registers()
	h.relayed(h.card(n, "Вложения (5)"), "photo", "photo", "photo", "document", "document")
}

// TestLongPaste: a phone splits a long text at 4,096 characters; all of it is
// in the letter, and what does not fit is refused with the count.
func TestLongPaste(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna := h.clerk()
	anna.reaches("Описание")
	var words []string
	for i := range 1500 {
		words = append(words, fmt.Sprintf("слово%d", i))
	}
	long := strings.Join(words, " ")
	anna.Send(long)
	anna.settled()
	anna.registers()
	// Where the phone cut the text, white space may have changed.
	if text := h.letter(supportBox, 1).Text(); !strings.Contains(unspaced(text), unspaced(long)) {
		t.Errorf("the letter lacks a part:\n%s", text)
	}
	if d := h.filed(1)[0].Description(); unspaced(d) != unspaced(long) {
		t.Errorf("the register holds %d characters of %d", len([]rune(d)), len([]rune(long)))
	}
}

func unspaced(text string) string { return strings.Join(strings.Fields(text), "") }

// TestTooLongDescription: what is over 20,000 characters is refused with the
// count, and nothing accepted is lost.
func TestTooLongDescription(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna := h.clerk()
	anna.reaches("Описание")
	for range 5 {
		anna.Ask(strings.Repeat("я", 3900), summaryHead)
	}
	anna.Ask(strings.Repeat("ю", 600), summaryHead, "600\u00a0знаков", "не поместилось")
	anna.Ask("Последнее слово.", summaryHead)
	anna.registers()
	d := h.filed(1)[0].Description()
	if strings.Contains(d, "ю") || strings.Count(d, "я") != 5*3900 || !strings.HasSuffix(d, "Последнее слово.") {
		t.Errorf("the register holds %d characters, ending in %q", len([]rune(d)), string([]rune(d)[len([]rune(d))-20:]))
	}
}

// TestEditedMessage corrects the answer that it gave, be it a field or a part
// of the description; an edit that cannot be taken is refused.
func TestEditedMessage(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna := h.clerk()
	anna.begins()
	organisation := anna.Send(usual[0].answer)
	anna.AwaitText("ФИО")
	name := anna.Send("Ивонова Анна")
	anna.AwaitText("Телефон")
	anna.Edit(organisation, "Администрация города Кургана")
	anna.AwaitText("Телефон", "Исправили «Организация»", "Администрация города Кургана")
	anna.Edit(name, "Иванова")
	anna.AwaitText("Телефон", "Правку не приняли")
	anna.Edit(name, "Иванова Анна")
	anna.AwaitText("Телефон", "Исправили «ФИО»")
	anna.Ask(usual[2].answer, "Электронная почта")
	anna.Ask(usual[3].answer, "Описание")
	first := anna.Send("Нет связи с утра, координатор.")
	anna.AwaitText(summaryHead)
	anna.Ask("Вторая часть описания.", summaryHead)
	anna.Edit(first, "Нет связи с вечера, координатор.")
	anna.AwaitText(summaryHead, "Нет связи с вечера, координатор.", "Вторая часть описания.", "Администрация города Кургана", "Иванова Анна")
	n := anna.registers()
	body := h.card(n, "Администрация города Кургана", "Нет связи с вечера").Body()
	if strings.Contains(body, "с утра") || strings.Contains(body, "Ивонова") {
		t.Errorf("the card shows what was corrected:\n%s", body)
	}
}

// TestAddition: what the person adds comes to the group as an answer to the
// card, text and files, and stands in the history.
func TestAddition(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna := h.clerk()
	n := anna.files()
	anna.Press("Дополнить")
	anna.AwaitText("Дополнение", string(n))
	anna.Ask("Инженер провайдера приехал.", "Добавили", string(n))
	anna.SendPhoto(photo, "Вот что он увидел")
	anna.AwaitText("Добавили")
	anna.Press("Готово")
	anna.AwaitText("Хорошо")
	h.reply(n, "Заявитель", "Инженер провайдера приехал.")
	h.reply(n, "Вот что он увидел")
	h.relayed(h.card(n), "photo")

	anna.Ask("И ещё: телефон тоже молчит.", "Что сделать с вашим сообщением?")
	anna.Press("Дополнить №")
	anna.AwaitText("Добавили")
	h.reply(n, "телефон тоже молчит")
	anna.Ask("Свободный текст о другом.", "Что сделать с вашим сообщением?")
	anna.Press("Новое обращение")
	anna.AwaitText(summaryHead, "Свободный текст о другом.")
	second := anna.registers()
	h.card(second, "Свободный текст о другом.")

	if added := kinds(h.filed(2)[0], incident.KindAdded); added != 3 {
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
	h := startHouse(t)
	anna := h.clerk()
	anna.begins()
	anna.Ask("<b>Администрация</b> & «Ко» <script>", "ФИО")
	anna.Ask(usual[1].answer, "Телефон")
	anna.answersFrom("Телефон")
	if body := anna.Last().Body(); !holds(body, "<b>Администрация</b> & «Ко» <script>") {
		t.Errorf("the summary:\n%s", body)
	}
	n := anna.registers()
	h.card(n, "<b>Администрация</b> & «Ко» <script>")
	letter := h.letter(supportBox, 1)
	if !holds(letter.Subject(), "<b>Администрация</b> & «Ко» <script>") || strings.Contains(letter.HTML(), "<script>") {
		t.Errorf("the letter: %s\n%s", letter.Subject(), letter.HTML())
	}
}

// TestReminder: two hours before a draft expires, outside quiet hours, one
// message says that it still waits.
func TestReminder(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna, vera := h.clerk(), h.clerk()
	anna.reaches("Описание") // on Monday at 14:05, so it ends on Thursday at 14:05
	h.pass(69 * time.Hour)
	vera.Ask("/start", "Вы согласны")
	if got := anna.count("черновик ждёт"); got != 0 {
		t.Errorf("reminded three hours before the end")
	}
	anna.Mark()
	h.pass(time.Hour + time.Minute)
	anna.AwaitText("черновик ждёт", "14:0")
	h.pass(time.Minute)
	anna.Press("Продолжить")
	anna.AwaitText("Описание", "шаг 5 из 5")
	if got := anna.count("черновик ждёт"); got != 1 {
		t.Errorf("reminded %d times", got)
	}
}
