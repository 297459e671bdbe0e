package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/simulator"
)

// TestAnonymousRow: afterwards the number is nobody's. The person's commands do
// not find it, the desk's show the anonymous row and refuse to act, nobody is
// reminded of it, figures and export count it, and the person can begin anew.
func TestAnonymousRow(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	card := h.Card(n)
	anna.Ask("/add "+string(n), "Дополнение")
	anna.Ask("В шкафу канарейка", "Добавили")
	relayed := h.Engineer.AwaitText("В шкафу канарейка")
	anna.Forgets()
	anna.AwaitText("Ваши данные удалены")
	h.Forgotten(1)

	anna.Ask("/status "+string(n), "Вы согласны")
	anna.Press("Согласен")
	anna.AwaitText("Организация", "шаг ")
	for _, command := range []string{"/status ", "/add ", "/escalate ", "/solved ", "/withdraw "} {
		anna.Ask(command+string(n), "среди ваших нет")
	}
	anna.Ask("/my", "Обращений у вас пока нет")

	const gone = "данные заявителя удалены, сделать ничего нельзя"
	for _, command := range []string{"/take ", "/handover ", "/return "} {
		h.Engineer.Ask(command+string(n), gone)
	}
	h.Engineer.Ask("/ask "+string(n)+" Как канарейка?", gone)
	h.Engineer.Ask("/resolve "+string(n)+" Выпустили канарейку", gone)
	for _, id := range []int{card.ID, relayed.ID} {
		h.Engineer.Mark()
		h.Engineer.Reply(id, "Канарейка жива?")
		h.Engineer.AwaitText(gone)
		h.Engineer.Mark()
		h.Engineer.Reply(id, "// канарейка")
		h.Engineer.AwaitText(gone)
	}
	h.Engineer.Ask("/incident "+string(n), "Данные заявителя удалены", "История", "Заявитель отозвал данные")
	h.Engineer.Ask("/search Иванова", "Найдено: 0")
	h.Engineer.Ask("/search канарейка", "Найдено: 0")
	h.Engineer.Ask("/search "+string(n), "Найдено: 1", "Администрация Кетовского")
	h.Engineer.Ask("/open", "Открытых обращений нет")
	h.Engineer.Ask("/stats", "Сводка")
	for range 4 {
		h.Pass(25 * time.Hour)
	}
	anna.Settled()
	for _, m := range anna.Bots() {
		if strings.Contains(m.Body(), string(n)) && (strings.Contains(m.Body(), "Помогло") || strings.Contains(m.Body(), "ещё не решено")) {
			t.Errorf("reminded of what is forgotten: %s", m.Body())
		}
	}
	var csv, xlsx bytes.Buffer
	if _, err := h.Program.Register.ExportCSV(t.Context(), &csv, incident.Period{}, time.UTC); err != nil {
		t.Fatal(err)
	}
	if rows, err := h.Program.Register.ExportXLSX(t.Context(), &xlsx, incident.Period{}, time.UTC); err != nil || rows != 1 {
		t.Errorf("the workbook has %d rows, %v", rows, err)
	}
	if !strings.Contains(csv.String(), string(n)+";") || !strings.Contains(csv.String(), "Отменено") {
		t.Errorf("the export: %s", csv.String())
	}
	h.HoldsNo("the export", csv.String(), harness.Secrets)

	anna.AnswersFrom("Организация")
	if again := anna.Registers(); again == n {
		t.Errorf("the number %s was given twice", n)
	}
}

// TestOldFilesStay: what Telegram does not let a bot delete after two days is
// replaced; a voice cannot be, and the desk is led to it.
func TestOldFilesStay(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Troubled)
	anna := h.Clerk()
	anna.Reaches("")
	anna.SendPhoto(simulator.File{Name: "канарейка.png", MIME: "image/png", Data: []byte("png")}, "")
	anna.AwaitText(harness.SummaryHead, "Вложения (1)")
	anna.SendDocument(simulator.File{Name: "схема-секрет.pdf", MIME: "application/pdf", Data: []byte("pdf")}, "")
	anna.AwaitText(harness.SummaryHead, "Вложения (2)")
	n := anna.Registers()
	card := h.Card(n)
	h.Relayed(card, "photo", "document")
	anna.Ask("/add "+string(n), "Дополнение")
	anna.SendVoice(simulator.File{Name: "voice.ogg", MIME: "audio/ogg", Data: []byte("ogg")}, "")
	anna.AwaitText("Добавили")
	h.Relayed(card, "photo", "document", "voice")
	files := map[string]simulator.Message{}
	for _, m := range h.Engineer.Messages() {
		if m.FromBot && m.Attachment != nil {
			files[m.Attachment.Kind] = m
		}
	}
	h.Pass(72 * time.Hour)
	anna.Forgets()
	anna.AwaitText("Ваши данные удалены", "осталось сообщений: 1")
	h.Forgotten(1)
	for _, kind := range []string{"photo", "document"} {
		now, ok := h.Engineer.Message(files[kind].ID)
		if !ok || !strings.Contains(now.Body(), "удалено вместе с данными") || now.Attachment == nil || now.Attachment.FileID == files[kind].Attachment.FileID {
			t.Errorf("the %s is now %+v", kind, now)
		}
	}
	if _, ok := h.Engineer.Message(files["voice"].ID); !ok {
		t.Error("the voice was deleted: the simulator is milder than Telegram")
	}
	h.Engineer.AwaitText("не даёт изменить", "заметки")
	h.GroupHoldsNo(harness.Secrets)
	h.HoldsNo("the database", h.DatabaseBytes(), harness.Secrets)
}

// TestRetention: what ended longer ago than RETENTION is erased by itself
// without a word to the person; what is open or newer, and the person's
// profile, stay.
func TestRetention(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.With("RETENTION", "30d"), harness.With("QUIET_HOURS", "off"), harness.Troubled)
	anna := h.Clerk()
	old := anna.Files()
	h.Card(old)
	anna.Ask("/withdraw "+string(old), "отозвано")
	open := anna.FilesAgain("Снова нет связи, вся сеть.")
	h.Card(open)
	anna.Settled()
	h.Pass(29 * 24 * time.Hour)
	anna.Settled()
	if i := h.Status(old, incident.Cancelled); i.Erased() {
		t.Fatal("erased a day too early")
	}
	before := len(anna.Bots())
	h.Pass(2 * 24 * time.Hour)
	h.Forgotten(1)
	i := h.Status(old, incident.Cancelled)
	if !i.Erased() || i.Reporter != 0 || i.Description() != "" {
		t.Errorf("after the retention: %+v", i)
	}
	h.Card(old, "Данные заявителя удалены")
	if i := h.Status(open, incident.Registered); i.Erased() || i.Description() == "" {
		t.Errorf("the open incident: %+v", i)
	}
	for _, said := range anna.Bots()[before:] {
		if strings.Contains(said.Body(), string(old)) || strings.Contains(said.Body(), "удал") {
			t.Errorf("the person was told: %s", said.Body())
		}
	}
	if left := h.DatabaseBytes(); strings.Contains(left, harness.UsualProblem) || !strings.Contains(left, "Иванова Анна") {
		t.Error("the old words are left, or the profile is gone")
	}
	anna.Ask("/my", string(open))
}

// TestConsentVersions: a new text asks again at the next use, and the register
// keeps which was agreed to when.
func TestConsentVersions(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	anna := h.Clerk()
	n := anna.Files()
	h.Close()
	text := filepath.Join(t.TempDir(), "consent.txt")
	if err := os.WriteFile(text, []byte("Новый текст. Согласны?"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.Env["CONSENT_FILE"] = text
	h.Open()
	anna.Mark()
	anna.Ask("/status "+string(n), "Текст согласия изменился", "Новый текст. Согласны?")
	anna.Press("Согласен")
	anna.AwaitText("Организация")
	anna.Ask("/status "+string(n), "Зарегистрировано")
	given, err := h.Program.Register.Consents(t.Context(), anna.ChatID())
	if err != nil || len(given) != 2 || given[0].Version == given[1].Version || given[1].At.IsZero() {
		t.Errorf("the consents on record: %+v, %v", given, err)
	}
	for _, c := range given {
		if text, err := h.Program.Register.ConsentTextOf(t.Context(), c.Version); err != nil || !strings.Contains(text, "огласны") {
			t.Errorf("the text of %s: %q, %v", c.Version, text, err)
		}
	}
}
