package storage

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"time"

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
	all := columns()
	var titles []string
	for _, c := range all {
		titles = append(titles, c.title)
	}
	if err := table.Write(titles); err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(location).Format("02.01.2006 15:04")
	}
	err = r.Each(ctx, incident.Period{}, func(i incident.Incident) error {
		rows++
		cells := make([]string, len(all))
		for k, c := range all {
			cells[k] = harmless(c.cell(i, at))
		}
		return table.Write(cells)
	})
	table.Flush()
	if err == nil {
		err = table.Error()
	}
	if err != nil {
		return rows, fmt.Errorf("export: %w", err)
	}
	return rows, nil
}

// harmless keeps a spreadsheet from reading a cell as a formula.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
