package storage

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"intakebot/conversation"
	"intakebot/incident"
)

// column is a column of the export. A cell is a string, an int, a time.Time, a
// time.Duration, or nil when there is nothing to say.
type column struct {
	title string
	cell  func(i incident.Incident) any
}

// columns are the register for reporting: one row an incident. The answers
// follow the table of steps.
func columns(location *time.Location) []column {
	all := []column{
		{"Номер", func(i incident.Incident) any { return string(i.Number) }},
		{"Зарегистрировано", func(i incident.Incident) any { return i.RegisteredAt.In(location) }},
		{"Состояние", func(i incident.Incident) any { return i.Status.String() }},
	}
	for _, step := range conversation.Steps {
		all = append(all, column{step.Label, func(i incident.Incident) any {
			return conversation.Shown(incident.Answer{Key: step.Key, Value: i.Answers.Get(step.Key)})
		}})
	}
	return append(all,
		column{"Исполнитель", func(i incident.Incident) any { return i.Assignee }},
		column{"Состояние с", func(i incident.Incident) any { return i.StatusAt.In(location) }},
		column{"Взято в работу через", elapsed(incident.Incident.TakenAt)},
		column{"Решено через", elapsed(incident.Incident.SolvedAt)},
		column{"Первая эскалация", func(i incident.Incident) any {
			if at, ok := i.EscalatedAt(); ok {
				return at.In(location)
			}
			return nil
		}},
		column{"Эскалировано через", elapsed(incident.Incident.EscalatedAt)},
		column{"Эскалаций", func(i incident.Incident) any { return len(i.Escalations) }},
		column{"Вложений", func(i incident.Incident) any { return len(i.Attachments) }},
		column{"История", func(i incident.Incident) any { return historyCell(i, location) }},
	)
}

// elapsed is a cell that says how long after its registration something happened
// to an incident.
func elapsed(when func(incident.Incident) (time.Time, bool)) func(incident.Incident) any {
	return func(i incident.Incident) any {
		if at, ok := when(i); ok {
			return at.Sub(i.RegisteredAt)
		}
		return nil
	}
}

// historyCell is the whole history in one cell, an entry a line.
func historyCell(i incident.Incident, location *time.Location) string {
	var lines []string
	for _, e := range i.History {
		line := e.At.In(location).Format(shownTime) + " " + e.Kind.String()
		if e.Name != "" {
			line += " (" + e.Name + ")"
		}
		if e.Text != "" {
			line += ": " + strings.Join(strings.Fields(e.Text), " ")
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// shownTime is how a time stands in a cell; a spreadsheet knows it again.
const shownTime = "02.01.2006 15:04"

// words is a cell as text: a duration in hours and minutes, rounded down.
func words(cell any) string {
	switch cell := cell.(type) {
	case nil:
		return ""
	case time.Time:
		return cell.Format(shownTime)
	case time.Duration:
		return fmt.Sprintf("%d:%02d", int(cell.Hours()), int(cell.Minutes())%60)
	}
	return fmt.Sprint(cell)
}

// ExportCSV writes the incidents of a period to w for a spreadsheet: UTF-8 with
// a byte order mark, columns apart by semicolons, times in location, durations
// in hours and minutes. A cell that a spreadsheet would take for a formula
// begins with an apostrophe. It returns the number of incidents.
func (r *Reader) ExportCSV(ctx context.Context, w io.Writer, p incident.Period, location *time.Location) (rows int, err error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	table := csv.NewWriter(w)
	table.Comma = ';'
	table.UseCRLF = true
	rows, err = r.export(ctx, p, location, func(cells []any) error {
		row := make([]string, len(cells))
		for k, c := range cells {
			row[k] = harmless(words(c))
		}
		return table.Write(row)
	})
	table.Flush()
	if err == nil {
		err = table.Error()
	}
	return rows, failed(err, "export")
}

// ExportXLSX writes the incidents of a period to w as a workbook of one sheet,
// with times and durations that a spreadsheet can count with. What people wrote
// is text, so none of it is a formula.
func (r *Reader) ExportXLSX(ctx context.Context, w io.Writer, p incident.Period, location *time.Location) (rows int, err error) {
	book := excelize.NewFile()
	defer book.Close()
	rows, err = r.exportXLSX(ctx, book, p, location)
	if err == nil {
		_, err = book.WriteTo(w)
	}
	return rows, failed(err, "export")
}

func (r *Reader) exportXLSX(ctx context.Context, book *excelize.File, p incident.Period, location *time.Location) (rows int, err error) {
	const sheet = "Обращения"
	if err := book.SetSheetName(book.GetSheetName(0), sheet); err != nil {
		return 0, err
	}
	moments, err := book.NewStyle(&excelize.Style{CustomNumFmt: new("dd.mm.yyyy hh:mm")})
	if err != nil {
		return 0, err
	}
	spans, err := book.NewStyle(&excelize.Style{CustomNumFmt: new("[h]:mm")})
	if err != nil {
		return 0, err
	}
	table, err := book.NewStreamWriter(sheet)
	if err != nil {
		return 0, err
	}
	if err := table.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return 0, err
	}
	line := 0
	rows, err = r.export(ctx, p, location, func(cells []any) error {
		line++
		row := make([]any, len(cells))
		for k, c := range cells {
			switch c := c.(type) {
			case string:
				row[k] = incident.CutUnits(c, excelize.TotalCellChars)
			case time.Time:
				// A workbook's times have no zone, and this library would
				// bring them to UTC.
				_, offset := c.Zone()
				row[k] = excelize.Cell{StyleID: moments, Value: c.Add(time.Duration(offset) * time.Second).UTC().Truncate(time.Minute)}
			case time.Duration:
				row[k] = excelize.Cell{StyleID: spans, Value: c.Truncate(time.Minute)}
			default:
				row[k] = c
			}
		}
		return table.SetRow(fmt.Sprintf("A%d", line), row)
	})
	if err != nil {
		return rows, err
	}
	return rows, table.Flush()
}

// export gives the titles and then the cells of each incident to write, and
// returns the number of incidents.
func (r *Reader) export(ctx context.Context, p incident.Period, location *time.Location, write func(cells []any) error) (rows int, err error) {
	all := columns(location)
	cells := make([]any, len(all))
	for k, c := range all {
		cells[k] = c.title
	}
	if err := write(cells); err != nil {
		return 0, err
	}
	return rows, r.Each(ctx, p, func(i incident.Incident) error {
		rows++
		for k, c := range all {
			cells[k] = c.cell(i)
		}
		return write(cells)
	})
}

// harmless keeps a spreadsheet from reading a cell as a formula, one too that
// looks past white space and what cannot be seen, or knows the wide forms of
// East Asia (OWASP, «CSV Injection»).
func harmless(cell string) string {
	seen := strings.TrimLeftFunc(cell, func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) })
	if first, _ := utf8.DecodeRuneInString(seen); seen != "" && strings.ContainsRune("=+-@＝＋－＠", first) {
		return "'" + cell
	}
	return cell
}
