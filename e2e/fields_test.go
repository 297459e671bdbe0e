package e2e

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"intakebot/e2e/harness"
	"intakebot/incident"
	"intakebot/simulator"
)

// hostile are answers that a program could stumble over: what Telegram is told,
// as JSON, and what must be kept of it.
var hostile = []struct{ field, json, kept string }{
	{"Организация", `"=cmd|' /C calc'!A0 <b>Школа<\/b> \"№\u00a05\" & *_x_*\u0000 \u202e\u200b[a](tg://user?id=1)\r\nBcc: all@evil.example"`,
		`=cmd|' /C calc'!A0 <b>Школа</b> "№ 5" & *_x_* [a](tg://user?id=1) Bcc: all@evil.example`},
	{"ФИО", `"О’Нил\u0000\r\n\tАнна\u202c-Мария \ufeffИ. \ud800"`, "О’Нил Анна-Мария И."},
	{"Телефон", `"\u202a8 (3522)\u00a042-80-01\u202c\r\nдоб.\u00a0155\u0000"`, "+73522428001;ext=155"},
	{"Электронная почта", `" \u200bo'neil+{x}=%s$&@Example.RU\u0000\r\n"`, "o'neil+{x}=%s$&@Example.RU"},
	{"Описание", `"\u2028=1+1; \"a\"\r\n<script>alert(1)<\/script> <\/pre> &amp; &#x202e; \u0007\u001b[31m\ud83d\udc69\u200d\ud83d\udcbb \udc00\n.\nMAIL FROM:<x@evil.example>"`,
		"=1+1; \"a\"\n<script>alert(1)</script> </pre> &amp; &#x202e; [31m👩\u200d💻 \n.\nMAIL FROM:<x@evil.example>"},
}

// TestHostileFields takes five hostile answers, a file and a member of the desk
// the whole way: what is kept is what was typed without what cannot be seen, and
// every place shows it as it is kept.
func TestHostileFields(t *testing.T) {
	t.Parallel()
	h := harness.Start(t)
	in := &injection{h: h}
	anna := h.Clerk()
	anna.Begins()
	for k, a := range hostile {
		following := harness.SummaryHead
		if k+1 < len(hostile) {
			following = hostile[k+1].field
		}
		for _, wrong := range []string{`""`, `"\u0000\u200b\ufeff"`, `"` + strings.Repeat("я", 64<<10) + `"`} {
			anna.Mark()
			h.Telegram.Inject(in.message(anna, `"text":`+wrong))
			anna.AwaitText(a.field, "⚠️ ")
		}
		anna.Mark()
		h.Telegram.Inject(in.message(anna, `"text":`+a.json))
		anna.AwaitText(following)
	}
	anna.SendDocument(simulator.File{Name: "../../etc/акт\u202egpj.exe", Data: []byte("x")}, "")
	summary := anna.AwaitText(harness.SummaryHead, "Вложения (1)")
	n := anna.Registers()
	kept := map[incident.Key]string{}
	for k, a := range h.Filed(1)[0].Answers {
		if kept[a.Key] = a.Value; a.Value != hostile[k].kept {
			t.Errorf("%s: %q is kept, want %q", hostile[k].field, a.Value, hostile[k].kept)
		}
	}

	h.Group.Staff("<b>Игорь</b>", strings.Repeat("\u202e&", 60)).Must(t).Send("/take " + string(n))
	card := h.Card(n, "в работе", "<b>Игорь</b>")
	h.Engineer.Ask("/search <b>Школа</b> alert", "Найдено: 1", string(n))
	h.Engineer.Ask("/search \" OR 1=1 --*", "Найдено: 0")
	whole := h.Engineer.Ask("/incident "+string(n), "<script>")
	anna.Ask("/status "+string(n), "<script>alert(1)</script>")
	state := "<i>Связи</i> нет & \"не\" было\n.\n=1"
	anna.Escalates(n, state)
	for what, body := range map[string]string{"the summary": summary.Body(), "the card": card.Body(), "/incident": whole.Body()} {
		for _, a := range hostile {
			if a.field != "Телефон" && !strings.Contains(body, a.kept) {
				t.Errorf("%s lacks %q:\n%s", what, a.kept, body)
			}
		}
	}
	for _, box := range []string{harness.SupportBox, harness.UITBox} {
		checkHostileLetter(t, h.Letter(box, 1), kept)
	}
	checkHostileExport(t, h, kept)
	h.NothingAside()
}

// checkHostileLetter: both parts say it, and the head is that of any letter.
func checkHostileLetter(t *testing.T, l simulator.Letter, kept map[incident.Key]string) {
	t.Helper()
	for _, value := range kept {
		if value != kept[incident.PhoneNumber] && !strings.Contains(strings.ReplaceAll(l.Text(), " \n", "\n"), strings.ReplaceAll(value, " \n", "\n")) {
			t.Errorf("the letter lacks %q:\n%s", value, l.Text())
		}
	}
	if strings.Contains(l.HTML(), "<script") || strings.Contains(l.HTML(), "<b>Школа") {
		t.Errorf("the letter's HTML holds what was typed:\n%s", l.HTML())
	}
	head, _, _ := bytes.Cut(l.Raw, []byte("\r\n\r\n"))
	if strings.Contains(string(head), "\r\nBcc:") || bytes.Contains(bytes.ReplaceAll(l.Raw, []byte("\r\n"), nil), []byte("\n")) {
		t.Errorf("the letter's head:\n%s", head)
	}
	if got := l.Header("Subject"); !strings.HasSuffix(got, kept[incident.Organisation]) {
		t.Errorf("the subject %q", got)
	}
	if got := l.Header("Reply-To"); !strings.Contains(got, kept[incident.Email]) {
		t.Errorf("Reply-To %q", got)
	}
}

// checkHostileExport: both forms hold it, and none of it as a formula.
func checkHostileExport(t *testing.T, h *harness.Harness, kept map[incident.Key]string) {
	t.Helper()
	dir := t.TempDir()
	for _, form := range []string{"csv", "xlsx"} {
		if code := h.Process("export", "--format", form, filepath.Join(dir, "register."+form)).Code(); code != 0 {
			t.Fatalf("export: exit code %d", code)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "register.csv"))
	if err != nil {
		t.Fatal(err)
	}
	table := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	table.Comma = ';'
	rows, err := table.ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	book, err := excelize.OpenFile(filepath.Join(dir, "register.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	sheet, err := book.GetRows(book.GetSheetName(0))
	if err != nil || len(sheet) != 2 {
		t.Fatalf("%d rows, %v", len(sheet), err)
	}
	for column, key := range map[string]incident.Key{"Организация": incident.Organisation, "ФИО": incident.FullName, "Описание": incident.Description} {
		for k, title := range rows[0] {
			if title != column {
				continue
			}
			if got := strings.TrimPrefix(rows[1][k], "'"); got != kept[key] || strings.HasPrefix(kept[key], "=") != strings.HasPrefix(rows[1][k], "'") {
				t.Errorf("csv, %s: %q", column, rows[1][k])
			}
			name, _ := excelize.CoordinatesToCellName(k+1, 2)
			if formula, _ := book.GetCellFormula(book.GetSheetName(0), name); formula != "" || sheet[1][k] != kept[key] {
				t.Errorf("xlsx, %s: %q, the formula %q", column, sheet[1][k], formula)
			}
		}
	}
}
