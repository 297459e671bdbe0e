package desk

import (
	"fmt"
	"strings"
	"time"

	"intakebot/conversation"
	"intakebot/incident"
)

// PageSize is how many incidents a page of /open shows.
const PageSize = 10

// OpenPage shows a page of the open incidents.
func (w Words) OpenPage(open incident.Found, page int, now time.Time) conversation.Message {
	if open.Total == 0 {
		return conversation.Message{HTML: "Открытых обращений нет."}
	}
	page = min(max(page, 0), (open.Total-1)/PageSize)
	parts := []string{fmt.Sprintf("<b>Открытые обращения: %d</b>", open.Total)}
	for _, i := range open.Incidents {
		parts = append(parts, openLines(i, now))
	}
	return conversation.Message{HTML: joined(parts), Buttons: pager("open", page, open.Total, PageSize)}
}

// openLines show an incident in /open: its age and who has it, then what it is
// about.
func openLines(i incident.Incident, now time.Time) string {
	has := "никто не взял"
	if i.Assignee != "" {
		has = "👤 " + Escape(i.Assignee)
	}
	head := fmt.Sprintf("<b>№\u00a0%s</b> · %s · %s", i.Number, span(now.Sub(i.RegisteredAt)), has)
	if i.Status == incident.Waiting {
		head += " · ждёт уточнения"
	}
	if n, _ := i.Unanswered(); n > 0 {
		head += fmt.Sprintf(" · 💬 %d", n)
	}
	return head + "\n" + about(i)
}

// about is the organisation and the beginning of the description, escaped.
func about(i incident.Incident) string {
	organisation := incident.CutUnits(i.Organisation(), 60)
	text := incident.CutUnits(strings.Join(strings.Fields(i.Description()), " "), 60)
	return Escape(organisation) + ": " + Escape(text)
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
