package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"intakebot/incident"
	"intakebot/simulator"
)

// TestAnonymousRow: afterwards the number is nobody's. The person's commands do
// not find it, the desk's show the anonymous row and refuse to act, nobody is
// reminded of it, figures and export count it, and the person can begin anew.
func TestAnonymousRow(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna := h.clerk()
	n := anna.files()
	card := h.card(n)
	anna.Ask("/add "+string(n), "Дополнение")
	anna.Ask("В шкафу канарейка", "Добавили")
	relayed := h.engineer.AwaitText("В шкафу канарейка")
	anna.forgets()
	anna.AwaitText("Ваши данные удалены")
	h.forgotten(1)

	anna.Ask("/status "+string(n), "Вы согласны")
	anna.Press("Согласен")
	anna.AwaitText("Организация", "шаг 1 из 5")
	for _, command := range []string{"/status ", "/add ", "/escalate ", "/solved ", "/withdraw "} {
		anna.Ask(command+string(n), "среди ваших нет")
	}
	anna.Ask("/my", "Обращений у вас пока нет")

	const gone = "данные заявителя удалены, сделать ничего нельзя"
	for _, command := range []string{"/take ", "/handover ", "/return "} {
		h.engineer.Ask(command+string(n), gone)
	}
	h.engineer.Ask("/ask "+string(n)+" Как канарейка?", gone)
	h.engineer.Ask("/resolve "+string(n)+" Выпустили канарейку", gone)
	for _, id := range []int{card.ID, relayed.ID} {
		h.engineer.Mark()
		h.engineer.Reply(id, "Канарейка жива?")
		h.engineer.AwaitText(gone)
		h.engineer.Mark()
		h.engineer.Reply(id, "// канарейка")
		h.engineer.AwaitText(gone)
	}
	h.engineer.Ask("/incident "+string(n), "Данные заявителя удалены", "История", "Заявитель отозвал данные")
	h.engineer.Ask("/search Иванова", "Найдено: 0")
	h.engineer.Ask("/search канарейка", "Найдено: 0")
	h.engineer.Ask("/search "+string(n), "Найдено: 1", "Администрация Кетовского")
	h.engineer.Ask("/open", "Открытых обращений нет")
	h.engineer.Ask("/stats", "Сводка")
	for range 4 {
		h.pass(25 * time.Hour)
	}
	anna.settled()
	for _, m := range anna.bots() {
		if strings.Contains(m.Body(), string(n)) && (strings.Contains(m.Body(), "Помогло") || strings.Contains(m.Body(), "ещё не решено")) {
			t.Errorf("reminded of what is forgotten: %s", m.Body())
		}
	}
	var csv, xlsx bytes.Buffer
	if _, err := h.parts.register.ExportCSV(t.Context(), &csv, incident.Period{}, time.UTC); err != nil {
		t.Fatal(err)
	}
	if rows, err := h.parts.register.ExportXLSX(t.Context(), &xlsx, incident.Period{}, time.UTC); err != nil || rows != 1 {
		t.Errorf("the workbook has %d rows, %v", rows, err)
	}
	if !strings.Contains(csv.String(), string(n)+";") || !strings.Contains(csv.String(), "Отменено") {
		t.Errorf("the export: %s", csv.String())
	}
	h.holdsNo("the export", csv.String(), secrets)

	anna.answersFrom("Организация")
	if again := anna.registers(); again == n {
		t.Errorf("the number %s was given twice", n)
	}
}

// TestOldFilesStay: what Telegram does not let a bot delete after two days is
// replaced; a voice cannot be, and the desk is led to it.
func TestOldFilesStay(t *testing.T) {
	t.Parallel()
	h := startHouse(t, troubled)
	anna := h.clerk()
	anna.reaches("")
	anna.SendPhoto(simulator.File{Name: "канарейка.png", MIME: "image/png", Data: []byte("png")}, "")
	anna.AwaitText(summaryHead, "Вложения (1)")
	anna.SendDocument(simulator.File{Name: "схема-секрет.pdf", MIME: "application/pdf", Data: []byte("pdf")}, "")
	anna.AwaitText(summaryHead, "Вложения (2)")
	n := anna.registers()
	card := h.card(n)
	h.relayed(card, "photo", "document")
	anna.Ask("/add "+string(n), "Дополнение")
	anna.SendVoice(simulator.File{Name: "voice.ogg", MIME: "audio/ogg", Data: []byte("ogg")}, "")
	anna.AwaitText("Добавили")
	h.relayed(card, "photo", "document", "voice")
	files := map[string]simulator.Message{}
	for _, m := range h.engineer.Messages() {
		if m.FromBot && m.Attachment != nil {
			files[m.Attachment.Kind] = m
		}
	}
	h.pass(72 * time.Hour)
	anna.forgets()
	anna.AwaitText("Ваши данные удалены", "осталось сообщений: 1")
	h.forgotten(1)
	for _, kind := range []string{"photo", "document"} {
		now, ok := h.engineer.Message(files[kind].ID)
		if !ok || !strings.Contains(now.Body(), "удалено вместе с данными") || now.Attachment == nil || now.Attachment.FileID == files[kind].Attachment.FileID {
			t.Errorf("the %s is now %+v", kind, now)
		}
	}
	if _, ok := h.engineer.Message(files["voice"].ID); !ok {
		t.Error("the voice was deleted: the simulator is milder than Telegram")
	}
	h.engineer.AwaitText("не даёт изменить", "заметки")
	h.groupHoldsNo(secrets)
	h.holdsNo("the database", h.databaseBytes(), secrets)
}

// TestRetention: what ended longer ago than RETENTION is erased by itself
// without a word to the person; what is open or newer, and the person's
// profile, stay.
func TestRetention(t *testing.T) {
	t.Parallel()
	h := startHouse(t, with("RETENTION", "30d"), with("QUIET_HOURS", "off"), troubled)
	anna := h.clerk()
	old := anna.files()
	h.card(old)
	anna.Ask("/withdraw "+string(old), "отозвано")
	open := anna.filesAgain("Снова нет связи, вся сеть.")
	h.card(open)
	anna.settled()
	h.pass(29 * 24 * time.Hour)
	anna.settled()
	if i := h.status(old, incident.Cancelled); i.Erased() {
		t.Fatal("erased a day too early")
	}
	before := len(anna.bots())
	h.pass(2 * 24 * time.Hour)
	h.forgotten(1)
	i := h.status(old, incident.Cancelled)
	if !i.Erased() || i.Reporter != 0 || i.Description() != "" {
		t.Errorf("after the retention: %+v", i)
	}
	h.card(old, "Данные заявителя удалены")
	if i := h.status(open, incident.Registered); i.Erased() || i.Description() == "" {
		t.Errorf("the open incident: %+v", i)
	}
	for _, said := range anna.bots()[before:] {
		if strings.Contains(said.Body(), string(old)) || strings.Contains(said.Body(), "удал") {
			t.Errorf("the person was told: %s", said.Body())
		}
	}
	if left := h.databaseBytes(); strings.Contains(left, usualProblem) || !strings.Contains(left, "Иванова Анна") {
		t.Error("the old words are left, or the profile is gone")
	}
	anna.Ask("/my", string(open))
}

// TestConsentVersions: a new text asks again at the next use, and the register
// keeps which was agreed to when.
func TestConsentVersions(t *testing.T) {
	t.Parallel()
	h := startHouse(t)
	anna := h.clerk()
	n := anna.files()
	h.close()
	text := filepath.Join(t.TempDir(), "consent.txt")
	if err := os.WriteFile(text, []byte("Новый текст. Согласны?"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.env["CONSENT_FILE"] = text
	h.open()
	anna.Mark()
	anna.Ask("/status "+string(n), "Текст согласия изменился", "Новый текст. Согласны?")
	anna.Press("Согласен")
	anna.AwaitText("Организация")
	anna.Ask("/status "+string(n), "Зарегистрировано")
	given, err := h.parts.register.Consents(t.Context(), anna.ChatID())
	if err != nil || len(given) != 2 || given[0].Version == given[1].Version || given[1].At.IsZero() {
		t.Errorf("the consents on record: %+v, %v", given, err)
	}
	for _, c := range given {
		if text, err := h.parts.register.ConsentTextOf(t.Context(), c.Version); err != nil || !strings.Contains(text, "огласны") {
			t.Errorf("the text of %s: %q, %v", c.Version, text, err)
		}
	}
}
