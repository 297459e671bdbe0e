package storage

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"intakebot/conversation"
	"intakebot/incident"
)

// column is a column of the export.
type column struct {
	title string
	cell  func(i incident.Incident, at func(time.Time) string) string
}

// columns are the register for reporting: one row an incident. The answers
// follow the table of steps.
func columns() []column {
	all := []column{
		{"Номер", func(i incident.Incident, _ func(time.Time) string) string { return string(i.Number) }},
		{"Зарегистрировано", func(i incident.Incident, at func(time.Time) string) string { return at(i.RegisteredAt) }},
		{"Состояние", func(i incident.Incident, _ func(time.Time) string) string { return i.Status.String() }},
	}
	for _, step := range conversation.Steps {
		all = append(all, column{step.Label, func(i incident.Incident, _ func(time.Time) string) string {
			return conversation.Shown(incident.Answer{Key: step.Key, Value: i.Answers.Get(step.Key)})
		}})
	}
	return append(all,
		column{"Исполнитель", func(i incident.Incident, _ func(time.Time) string) string { return i.Assignee }},
		column{"Состояние с", func(i incident.Incident, at func(time.Time) string) string { return at(i.StatusAt) }},
		column{"Первая эскалация", func(i incident.Incident, at func(time.Time) string) string {
			if len(i.Escalations) == 0 {
				return ""
			}
			return at(i.Escalations[0].At)
		}},
		column{"Эскалаций", func(i incident.Incident, _ func(time.Time) string) string { return fmt.Sprint(len(i.Escalations)) }},
		column{"Вложений", func(i incident.Incident, _ func(time.Time) string) string { return fmt.Sprint(len(i.Attachments)) }},
		column{"История", historyCell},
	)
}

// historyCell is the whole history in one cell, an entry a line.
func historyCell(i incident.Incident, at func(time.Time) string) string {
	var lines []string
	for _, e := range i.History {
		line := at(e.At) + " " + e.Kind.String()
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

// ExportCSV writes the register to w for a spreadsheet: UTF-8 with a byte order
// mark, columns apart by semicolons, times in location. A cell that a
// spreadsheet would take for a formula begins with an apostrophe. It returns
// the number of incidents.
func (r *Reader) ExportCSV(ctx context.Context, w io.Writer, location *time.Location) (rows int, err error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	table := csv.NewWriter(w)
	table.Comma = ';'
	table.UseCRLF = true
	rows, err = r.export(ctx, location, func(cells []string) error {
		for k := range cells {
			cells[k] = harmless(cells[k])
		}
		return table.Write(cells)
	})
	table.Flush()
	if err == nil {
		err = table.Error()
	}
	return rows, failed(err, "export")
}

// ExportXLSX writes the register to w as a workbook of one sheet. All cells are
// texts, so none is a formula.
func (r *Reader) ExportXLSX(ctx context.Context, w io.Writer, location *time.Location) (rows int, err error) {
	book := excelize.NewFile()
	defer book.Close()
	const sheet = "Обращения"
	if err := book.SetSheetName(book.GetSheetName(0), sheet); err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	table, err := book.NewStreamWriter(sheet)
	if err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	if err := table.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	line := 0
	rows, err = r.export(ctx, location, func(cells []string) error {
		line++
		values := make([]any, len(cells))
		for k, c := range cells {
			values[k] = incident.CutUnits(c, excelize.TotalCellChars)
		}
		return table.SetRow(fmt.Sprintf("A%d", line), values)
	})
	if err == nil {
		err = table.Flush()
	}
	if err == nil {
		_, err = book.WriteTo(w)
	}
	return rows, failed(err, "export")
}

// export gives the titles and then the cells of each incident to write, and
// returns the number of incidents.
func (r *Reader) export(ctx context.Context, location *time.Location, write func(cells []string) error) (rows int, err error) {
	all := columns()
	cells := make([]string, len(all))
	for k, c := range all {
		cells[k] = c.title
	}
	if err := write(cells); err != nil {
		return 0, err
	}
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(location).Format("02.01.2006 15:04")
	}
	return rows, r.Each(ctx, incident.Period{}, func(i incident.Incident) error {
		rows++
		for k, c := range all {
			cells[k] = c.cell(i, at)
		}
		return write(cells)
	})
}

// harmless keeps a spreadsheet from reading a cell as a formula.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
