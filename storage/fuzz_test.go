package storage

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/xuri/excelize/v2"

	"intakebot/incident"
)

// FuzzRegister: whatever people write is in the register as it was written, and
// both forms of its export can be read back: a row an incident, every cell in
// its place as it was, and none of them a formula.
func FuzzRegister(f *testing.F) {
	f.Add("=HYPERLINK(\"http://x\")", "Иванова; \"Анна\"\r\n=1+1", "@SUM(A1)")
	f.Add("+7\t1", "-1", "\t=cmd|' /C calc'!A0")
	f.Add("\r=1", "\n=1", "\ufeff=1")
	f.Add(" =1", "'=1", "＝1")
	f.Add("\x00\x1b[31m\ufffe", "_x000D_ &lt; ]]> <x>", "\U0001F469\u200d\U0001F4BB")
	f.Add(strings.Repeat("я", 40000), "\u2028", "x'; DROP TABLE incidents --")
	r := fresh(f)
	runs := 0
	f.Fuzz(func(t *testing.T, organisation, description, said string) {
		organisation, description, said = strings.ToValidUTF8(organisation, "?"), strings.ToValidUTF8(description, "?"), strings.ToValidUTF8(said, "?")
		runs++
		at := noon.Add(time.Duration(runs) * time.Minute)
		report := incident.Report{DraftID: at.String(), Reporter: 7, At: at,
			Answers: incident.Answers{{Key: incident.Organisation, Label: "О", Value: organisation}, {Key: incident.Description, Value: description}}}
		i, _, err := r.Register(t.Context(), report, nil)
		if err != nil {
			t.Fatal(err)
		}
		act := incident.Act{ID: at.String(), Number: i.Number, Action: incident.Relay, By: incident.ByDesk, Name: said, Text: description, At: at}
		if _, _, err = r.Act(t.Context(), act, nil); err != nil {
			t.Fatal(err)
		}
		if i, err = r.Incident(t.Context(), i.Number); err != nil {
			t.Fatal(err)
		}
		same(t, "answers", i.Answers, report.Answers)
		if e := i.History[len(i.History)-1]; e.Name != said || e.Text != description {
			t.Fatalf("%q said %q became %q said %q", said, description, e.Name, e.Text)
		}
		checkExports(t, r, i, incident.Period{From: at, To: at.Add(time.Second)})
	})
}

// checkExports compares the forms with the incident and with one another.
func checkExports(t *testing.T, r *Register, i incident.Incident, p incident.Period) {
	t.Helper()
	var text, book bytes.Buffer
	if rows, err := r.ExportCSV(t.Context(), &text, p, time.UTC); rows != 1 || err != nil {
		t.Fatalf("csv: %d rows, %v", rows, err)
	}
	if rows, err := r.ExportXLSX(t.Context(), &book, p, time.UTC); rows != 1 || err != nil {
		t.Fatalf("xlsx: %d rows, %v", rows, err)
	}
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text.Bytes(), []byte("\ufeff"))))
	reader.Comma = ';'
	rows, err := reader.ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("csv: %d rows, %v", len(rows), err)
	}
	opened, err := excelize.OpenReader(&book)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	for k, c := range columns(time.UTC, nil) {
		cell := c.cell(i)
		if got := rows[1][k]; got != inCSV(words(cell)) {
			t.Fatalf("csv, %s: %q became %q", c.title, cell, got)
		}
		checkHarmless(t, rows[1][k])
		name, err := excelize.CoordinatesToCellName(k+1, 2)
		if err != nil {
			t.Fatal(err)
		}
		if formula, err := opened.GetCellFormula(opened.GetSheetName(0), name); formula != "" || err != nil {
			t.Fatalf("xlsx, %s: the formula %q, %v", c.title, formula, err)
		}
		if written, is := cell.(string); is {
			got, err := opened.GetCellValue(opened.GetSheetName(0), name)
			if err != nil || got != inXLSX(written) {
				t.Fatalf("xlsx, %s: %q became %q, %v", c.title, written, got, err)
			}
		}
	}
}

// checkHarmless: no spreadsheet takes the cell for a formula, one that skips
// what cannot be seen neither.
func checkHarmless(t *testing.T, cell string) {
	t.Helper()
	if shownPhone.MatchString(cell) {
		return // no number and no formula, see TestExportForReaders
	}
	seen := strings.TrimLeftFunc(cell, func(r rune) bool { return !unicode.IsPrint(r) || r == ' ' })
	if seen != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(seen)[0]) {
		t.Fatalf("%q may be taken for a formula", cell)
	}
}

// inCSV is what a reader of CSV makes of a cell: line ends are one kind.
func inCSV(cell string) string {
	return strings.ReplaceAll(strings.ReplaceAll(harmless(shownTo(cell)), "\r\n", "\n"), "\r", "")
}

// inXLSX is what XML can hold of a cell.
func inXLSX(cell string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r != '\ufffe' && r != '\uffff' {
			return r
		}
		return '\ufffd'
	}, incident.CutUnits(cell, excelize.TotalCellChars))
}
