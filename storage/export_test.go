package storage

import (
	"bytes"
	"encoding/csv"
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
		if k < len(fromXLSX[1]) && len(want) < 1000 && fromXLSX[1][k] != want {
			t.Errorf("column %q: csv %q, xlsx %q", fromCSV[0][k], want, fromXLSX[1][k])
		}
	}
}
