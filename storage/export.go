package storage

import (
	"context"
	"database/sql"
	"encoding/csv"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"intakebot/conversation"
	"intakebot/incident"
)

// column is a column of the export. A cell is a string, an int, a time.Time, a
// time.Duration, or nil when there is nothing to say. width is in characters.
type column struct {
	title string
	width float64
	cell  func(i incident.Incident) any
}

// The widths of columns: of a number, a time, a span, a name, a text.
const (
	narrow = 12
	timed  = 18
	named  = 30
	broad  = 60
)

// columns are the register for reporting: one row an incident. The answers
// follow the table of steps; after them come those to questions that nobody is
// asked any more.
func columns(location *time.Location, former []incident.Answer) []column {
	all := []column{
		{"Номер", narrow + 3, func(i incident.Incident) any { return string(i.Number) }},
		{"Зарегистрировано", timed, func(i incident.Incident) any { return i.RegisteredAt.In(location) }},
		{"Состояние", timed, func(i incident.Incident) any { return i.Status.String() }},
	}
	for _, step := range conversation.Steps {
		width := float64(named)
		if step.Key == incident.Description || step.Key == incident.Organisation {
			width = broad
		}
		all = append(all, column{step.Label, width, answered(step.Key)})
	}
	for _, question := range former {
		all = append(all, column{question.Label, named, answered(question.Key)})
	}
	return append(all,
		column{"Исполнитель", named, func(i incident.Incident) any { return i.Assignee }},
		column{"Состояние с", timed, func(i incident.Incident) any { return i.StatusAt.In(location) }},
		column{"Взято в работу через", timed + 4, elapsed(incident.Incident.TakenAt)},
		column{"Решено через", narrow + 4, elapsed(incident.Incident.SolvedAt)},
		column{"Первая эскалация", timed, func(i incident.Incident) any {
			if at, ok := i.EscalatedAt(); ok {
				return at.In(location)
			}
			return nil
		}},
		column{"Эскалировано через", timed + 2, elapsed(incident.Incident.EscalatedAt)},
		column{"Эскалаций", narrow, func(i incident.Incident) any { return len(i.Escalations) }},
		column{"Вложений", narrow, func(i incident.Incident) any { return len(i.Attachments) }},
		column{"История", broad, func(i incident.Incident) any { return historyCell(i, location) }},
	)
}

// answered is the cell of an answer, as people read it.
func answered(key incident.Key) func(incident.Incident) any {
	return func(i incident.Incident) any {
		return conversation.Shown(incident.Answer{Key: key, Value: i.Answers.Get(key)})
	}
}

// formerQuestions are the keys of stored answers that no step has, with their
// latest labels, the oldest first.
func formerQuestions(s *session) ([]incident.Answer, error) {
	stored, err := query(s, func(rows *sql.Rows) (a incident.Answer, err error) {
		var first, last int64
		err = rows.Scan(&a.Key, &a.Label, &first, &last)
		return a, err
	}, `SELECT a.value ->> 'key', a.value ->> 'label', min(i.id), max(i.id) FROM incidents i, json_each(i.answers) a GROUP BY 1 ORDER BY 3`)
	return slices.DeleteFunc(stored, func(a incident.Answer) bool {
		_, asked := conversation.StepByKey(a.Key)
		return asked
	}), err
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
	all, _, err := r.exported(ctx, p, location)
	if err != nil {
		return 0, failed(err, "export")
	}
	rows, err = r.export(ctx, p, all, func(cells []any) error {
		row := make([]string, len(cells))
		for k, c := range cells {
			row[k] = harmless(shownTo(words(c)))
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
	titles, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return 0, err
	}
	all, count, err := r.exported(ctx, p, location)
	if err != nil {
		return 0, err
	}
	corner, err := excelize.CoordinatesToCellName(len(all), count+1)
	if err == nil {
		err = book.AutoFilter(sheet, "A1:"+corner, nil)
	}
	if err != nil {
		return 0, err
	}
	table, err := book.NewStreamWriter(sheet)
	if err != nil {
		return 0, err
	}
	for k, c := range all {
		if err := table.SetColWidth(k+1, k+1, c.width); err != nil {
			return 0, err
		}
	}
	if err := table.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return 0, err
	}
	line := 0
	rows, err = r.export(ctx, p, all, func(cells []any) error {
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
		if line == 1 {
			return table.SetRow("A1", row, excelize.RowOpts{StyleID: titles})
		}
		return table.SetRow(fmt.Sprintf("A%d", line), row)
	})
	if err != nil {
		return rows, err
	}
	return rows, table.Flush()
}

// exported are the columns of an export, and about how many rows it will have.
func (r *Reader) exported(ctx context.Context, p incident.Period, location *time.Location) (all []column, rows int, err error) {
	_, err = read(ctx, r, func(s *session) (none struct{}, err error) {
		former, err := formerQuestions(s)
		if err != nil {
			return none, err
		}
		all = columns(location, former)
		from, to := bounds(p)
		return none, s.row(`SELECT count(*) FROM incidents WHERE registered_at >= ? AND registered_at < ?`, from, to).Scan(&rows)
	})
	return all, rows, err
}

// export gives the titles and then the cells of each incident to write, and
// returns the number of incidents.
func (r *Reader) export(ctx context.Context, p incident.Period, all []column, write func(cells []any) error) (rows int, err error) {
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

// phoneCell is a telephone as people read it, and nothing else.
var phoneCell = regexp.MustCompile(`^\+7 \(\d+\) [\d-]+(, доб\.\x{a0}\d+)?$`)

// shownTo makes a telephone a text that no spreadsheet counts with: one with
// non-breaking spaces is neither a number nor a formula, and looks the same.
func shownTo(cell string) string {
	if phoneCell.MatchString(cell) {
		return strings.ReplaceAll(cell, " ", "\u00a0")
	}
	return cell
}

// shownPhone is what shownTo makes of one.
var shownPhone = regexp.MustCompile(`^\+7\x{a0}\(\d+\)\x{a0}[\d-]+(,\x{a0}доб\.\x{a0}\d+)?$`)

// harmless keeps a spreadsheet from reading a cell as a formula, one too that
// looks past white space and what cannot be seen, or knows the wide forms of
// East Asia (OWASP, «CSV Injection»).
func harmless(cell string) string {
	if shownPhone.MatchString(cell) {
		return cell
	}
	seen := strings.TrimLeftFunc(cell, func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) })
	if first, _ := utf8.DecodeRuneInString(seen); seen != "" && strings.ContainsRune("=+-@＝＋－＠", first) {
		return "'" + cell
	}
	return cell
}
