package storage

import (
	"bytes"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"intakebot/incident"
)

// TestExport: both forms hold the same table, one row an incident, and nothing
// in it is a formula.
func TestExport(t *testing.T) {
	r := fresh(t)
	report := incident.Report{DraftID: "d", Reporter: 7, At: noon, Answers: incident.Answers{
		{Key: incident.Organisation, Label: "Организация", Value: "=HYPERLINK(\"http://x\")"},
		{Key: incident.FullName, Label: "ФИО", Value: "Иванова Анна; «Ко»"},
		{Key: incident.PhoneNumber, Label: "Телефон", Value: "+73522428001;ext=155"},
		{Key: incident.Email, Label: "Электронная почта", Value: "a@b.ru"},
		{Key: incident.Description, Label: "Описание", Value: "Нет связи\nс утра " + strings.Repeat("я", 40000)},
	}}
	i, _, err := r.Register(t.Context(), report, nil)
	if err != nil {
		t.Fatal(err)
	}
	taken := incident.Act{ID: "take", Number: i.Number, Action: incident.Take, By: incident.ByDesk, Name: "Соколов", At: noon.Add(27*time.Hour + 5*time.Minute + 50*time.Second)}
	if _, _, err := r.Act(t.Context(), taken, nil); err != nil {
		t.Fatal(err)
	}
	var text, book bytes.Buffer
	rows, err := r.ExportCSV(t.Context(), &text, incident.Period{}, time.UTC)
	if err != nil || rows != 1 {
		t.Fatalf("csv: %d rows, %v", rows, err)
	}
	if rows, err = r.ExportXLSX(t.Context(), &book, incident.Period{}, time.UTC); err != nil || rows != 1 {
		t.Fatalf("xlsx: %d rows, %v", rows, err)
	}
	reader := csv.NewReader(strings.NewReader(strings.TrimPrefix(text.String(), "\ufeff")))
	reader.Comma = ';'
	fromCSV, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	opened, err := excelize.OpenReader(&book)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	fromXLSX, err := opened.GetRows("Обращения")
	if err != nil {
		t.Fatal(err)
	}
	if took := slices.Index(fromCSV[0], "Взято в работу через"); fromCSV[1][took] != "27:05" || fromXLSX[1][took] != "27:05" {
		t.Errorf("taken after %q, %q", fromCSV[1][took], fromXLSX[1][took])
	}
	if kind, _ := opened.GetCellType("Обращения", "B2"); kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
		t.Errorf("a time is %v, not a number", kind)
	}
	same(t, "titles", fromXLSX[0], fromCSV[0])
	if got := fromCSV[1][3]; got != "'=HYPERLINK(\"http://x\")" {
		t.Errorf("csv: a formula stays one: %q", got)
	}
	if formula, _ := opened.GetCellFormula("Обращения", "D2"); formula != "" || fromXLSX[1][3] != "=HYPERLINK(\"http://x\")" {
		t.Errorf("xlsx: %q, formula %q", fromXLSX[1][3], formula)
	}
	for k := range fromCSV[1] {
		want := strings.TrimPrefix(fromCSV[1][k], "'")
		want = strings.NewReplacer("+7\u00a0(3522)\u00a0", "+7 (3522) ", ",\u00a0доб", ", доб").Replace(want)
		if k < len(fromXLSX[1]) && len(want) < 1000 && fromXLSX[1][k] != want {
			t.Errorf("column %q: csv %q, xlsx %q", fromCSV[0][k], want, fromXLSX[1][k])
		}
	}
}

// TestExportForReaders: what a spreadsheet does with the files. A phone is shown as
// it is, with no apostrophe; titles stay in sight, columns are as wide as what is in
// them, and the answers to a question of former days are there.
func TestExportForReaders(t *testing.T) {
	r := fresh(t)
	rep := report("d", 7)
	rep.Answers = append(rep.Answers, incident.Answer{Key: incident.PhoneNumber, Label: "Телефон", Value: "+73522428001;ext=155"},
		incident.Answer{Key: "room", Label: "Кабинет", Value: "305"})
	_, _, err := r.Register(t.Context(), rep, nil)
	must(t, err)
	var text, book bytes.Buffer
	must2(r.ExportCSV(t.Context(), &text, incident.Period{}, time.UTC))
	must2(r.ExportXLSX(t.Context(), &book, incident.Period{}, time.UTC))
	const phone = "+7\u00a0(3522)\u00a042-80-01,\u00a0доб.\u00a0155"
	if !strings.Contains(text.String(), ";"+phone+";") {
		t.Errorf("the phone in %s", text.String())
	}
	same(t, "the file of former days", strings.Contains(text.String(), ";Кабинет;") && strings.Contains(text.String(), ";305;"), true)

	opened, err := excelize.OpenReader(bytes.NewReader(book.Bytes()))
	must(t, err)
	defer opened.Close()
	rows := must2(opened.GetRows("Обращения"))
	for k, title := range rows[0] {
		name := must2(excelize.ColumnNumberToName(k + 1))
		if width := must2(opened.GetColWidth("Обращения", name)); width < 12 || width < float64(len([]rune(title)))+1 {
			t.Errorf("%s is %v wide", title, width)
		}
	}
	panes := must2(opened.GetPanes("Обращения"))
	same(t, "the titles stay", panes.Freeze && panes.YSplit == 1, true)
	same(t, "the answer of former days", rows[1][slices.Index(rows[0], "Кабинет")], "305")

	office, err := exec.LookPath("soffice")
	if err != nil {
		skip(t, "LibreOffice is not installed: apt-get install libreoffice-calc-nogui")
	}
	folder := t.TempDir()
	must(t, os.WriteFile(filepath.Join(folder, "from.csv"), text.Bytes(), 0o600))
	must(t, os.WriteFile(filepath.Join(folder, "from.xlsx"), book.Bytes(), 0o600))
	for _, c := range []struct{ file, filter string }{{"from.csv", "--infilter=CSV:59,34,76,1,,0,false,false,false,false,false"}, {"from.xlsx", "--calc"}} {
		out := t.TempDir()
		cmd := exec.Command(office, "--headless", "-env:UserInstallation=file://"+folder+"/profile", c.filter,
			"--convert-to", "csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true,false", "--outdir", out, filepath.Join(folder, c.file))
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", c.file, err, said)
		}
		shown := string(must2(os.ReadFile(filepath.Join(out, "from.csv"))))
		if plain := strings.ReplaceAll(shown, "\u00a0", " "); !strings.Contains(plain, ";+7 (3522) 42-80-01, доб. 155;") {
			t.Errorf("LibreOffice shows the phone of %s as:\n%s", c.file, shown)
		}
		if strings.Contains(shown, "###") || !strings.Contains(shown, "22.11.2026 07:00") {
			t.Errorf("LibreOffice shows %s as:\n%s", c.file, shown)
		}
	}
}
