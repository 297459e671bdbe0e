package desk

import (
	"fmt"
	"slices"
	"strings"

	"intakebot/conversation"
	"intakebot/incident"
)

// pageSize is how many incidents a page of /open shows.
const pageSize = 10

// OpenPage lists the open incidents: those with unanswered messages first, the
// longest waiting before the others, then by age.
func (w Words) OpenPage(all []incident.Incident, page int) conversation.Message {
	all = slices.DeleteFunc(all, func(i incident.Incident) bool { return !i.Status.Open() })
	slices.SortStableFunc(all, func(a, b incident.Incident) int {
		n, since := a.Unanswered()
		k, other := b.Unanswered()
		switch {
		case (n > 0) != (k > 0):
			return k - n
		case n > 0:
			return since.Compare(other)
		}
		return a.RegisteredAt.Compare(b.RegisteredAt)
	})
	if len(all) == 0 {
		return conversation.Message{HTML: "Открытых обращений нет."}
	}
	last := (len(all) - 1) / pageSize
	page = min(max(page, 0), last)
	lines := []string{fmt.Sprintf("<b>Открытые обращения: %d</b>", len(all)), ""}
	for _, i := range all[page*pageSize : min(len(all), (page+1)*pageSize)] {
		lines = append(lines, w.line(i))
	}
	m := conversation.Message{HTML: strings.Join(lines, "\n")}
	var row []conversation.Button
	if page > 0 {
		row = append(row, conversation.Button{Label: "‹ Назад", Data: fmt.Sprintf("open:%d", page-1)})
	}
	if page < last {
		row = append(row, conversation.Button{Label: "Дальше ›", Data: fmt.Sprintf("open:%d", page+1)})
	}
	if len(row) > 0 {
		m.Buttons = [][]conversation.Button{row}
	}
	return m
}

// line shows an incident in a list.
func (w Words) line(i incident.Incident) string {
	organisation := incident.CutUnits(i.Organisation(), 60)
	about := incident.CutUnits(strings.Join(strings.Fields(i.Description()), " "), 60)
	text := fmt.Sprintf("№\u00a0%s · %s · %s: %s", i.Number, w.status(i),
		Escape(organisation), Escape(about))
	if i.Assignee != "" {
		text += " · 👤 " + Escape(i.Assignee)
	}
	if n, _ := i.Unanswered(); n > 0 {
		text += fmt.Sprintf(" · 💬 %d", n)
	}
	return text
}

// Found shows what a search found, the oldest first in found and the newest
// first on the screen.
func (w Words) Found(found []incident.Incident) string {
	slices.Reverse(found)
	lines := []string{fmt.Sprintf("<b>Найдено: %d</b>", len(found)), ""}
	for _, i := range found[:min(searchMost, len(found))] {
		lines = append(lines, w.line(i))
	}
	if len(found) > searchMost {
		lines = append(lines, "", "Показаны последние. Добавьте слово, чтобы найти точнее.")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
