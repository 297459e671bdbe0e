package desk

import (
	"fmt"
	"strings"
	"time"

	"intakebot/conversation"
	"intakebot/incident"
)

// cardShown is how much of the description a card shows, in characters.
const cardShown = 1500

// Labels of the buttons under a card.
const (
	labelTake   = "Взять в работу"
	labelAsk    = "Запросить уточнение"
	labelSolve  = "Решено"
	labelOver   = "Взять себе"
	labelReturn = "Вернуть в очередь"
)

// Card shows an incident to the desk: its number in the first line, who and
// what, and the buttons that fit its state. forbidden are the kinds of its files
// that the group does not take.
func (w Words) Card(i incident.Incident, now time.Time, forbidden []incident.AttachmentKind) conversation.Message {
	text := w.incident(i, cardShown, forbidden)
	for shown := cardShown; incident.Units(conversation.PlainText(text)) > MessageMost && shown > 100; {
		shown /= 2 // emoji count twice
		text = w.incident(i, shown, forbidden)
	}
	return conversation.Message{HTML: text, Buttons: cardButtons(i, now)}
}

// PlainCard stands in for a card that Telegram does not take: it has nothing in
// it that anybody wrote.
func (w Words) PlainCard(i incident.Incident, now time.Time) conversation.Message {
	return conversation.Message{
		HTML:    fmt.Sprintf("<b>№\u00a0%s</b>\n\nКарточку целиком Telegram не принимает. Полностью: /incident %s", i.Number, i.Number),
		Buttons: cardButtons(i, now),
	}
}

func (w Words) incident(i incident.Incident, shown int, forbidden []incident.AttachmentKind) string {
	parts := []string{
		fmt.Sprintf("<b>№\u00a0%s</b> · %s", i.Number, w.status(i)),
		answersText(i, shown),
		Escape(conversation.AttachmentLine(i.Attachments)),
		forbiddenText(forbidden),
	}
	var state []string
	if i.Erased() {
		state = append(state, "🗑 Данные заявителя удалены "+w.Time(i.ErasedAt))
	}
	if i.Assignee != "" {
		state = append(state, "👤 "+Escape(i.Assignee))
	}
	if n, since := i.Unanswered(); n > 0 {
		state = append(state, fmt.Sprintf("💬 Без ответа: %d, с\u00a0%s", n, w.Time(since)))
	}
	const most = 3
	if n := len(i.Escalations) - most; n > 0 {
		state = append(state, fmt.Sprintf("📨 Ещё эскалаций: %d", n))
	}
	for _, e := range i.Escalations[max(0, len(i.Escalations)-most):] {
		state = append(state, fmt.Sprintf("📨 Эскалация %d в\u00a0%s, %s: %s", e.Seq, w.second(), w.Time(e.At), w.letterWord(e)))
	}
	if i.Theirs != "" {
		state = append(state, "🔖 у "+w.second()+": №\u00a0"+Escape(i.Theirs))
	}
	return joined(append(parts, strings.Join(state, "\n")))
}

// status is the status and since when or when it came to be.
func (w Words) status(i incident.Incident) string {
	name := strings.ToLower(i.Status.String())
	if i.Status == incident.InProgress || i.Status == incident.Waiting {
		return name + " с\u00a0" + w.Time(i.StatusAt)
	}
	return name + " " + w.on(i.StatusAt)
}

// forbiddenNames are the kinds of files in the plural.
var forbiddenNames = map[incident.AttachmentKind]string{
	incident.Photo: "фото", incident.Video: "видео", incident.Document: "документы", incident.Voice: "голосовые сообщения",
	incident.Audio: "аудио", incident.VideoNote: "видеосообщения", incident.Animation: "анимации",
}

// forbiddenText says which files of a card the group does not take and where
// they are.
func forbiddenText(kinds []incident.AttachmentKind) string {
	if len(kinds) == 0 {
		return ""
	}
	var names []string
	for _, k := range kinds {
		names = append(names, forbiddenNames[k])
	}
	return "⚠️ Сюда не пришли: " + strings.Join(names, ", ") + ". Боту запрещено присылать их в эту группу. " +
		"Они ждут у бота и придут сами, когда это разрешат (настройки группы, «Разрешения»)."
}

// NotInGroup tells a member that the group does not take a file.
func NotInGroup(kind incident.AttachmentKind) string {
	return "⚠️ Файл не показать: боту запрещено присылать в эту группу " + forbiddenNames[kind] + " (настройки группы, «Разрешения»)."
}

func answersText(i incident.Incident, limit int) string {
	var lines []string
	for _, a := range i.Answers {
		shown := conversation.Shown(a)
		switch a.Key {
		case incident.PhoneNumber:
			shown = i.Phone().Dial() // a form that phones make tappable
		case incident.Description:
			var cut bool
			if shown, cut = incident.Cut(shown, limit); cut {
				shown += "\nПолностью: /incident " + string(i.Number)
			}
		}
		lines = append(lines, "<b>"+Escape(a.Label)+":</b> "+Escape(shown))
	}
	return strings.Join(lines, "\n")
}

// cardButtons are the actions that the table allows now, five at most.
func cardButtons(i incident.Incident, now time.Time) [][]conversation.Button {
	var row []conversation.Button
	var rows [][]conversation.Button
	for _, a := range []struct {
		action incident.Action
		label  string
		style  conversation.Style
	}{
		{incident.Take, labelTake, conversation.Primary},
		{incident.Ask, labelAsk, conversation.Plain},
		{incident.Solve, labelSolve, conversation.Success},
		{incident.HandOver, labelOver, conversation.Plain},
		{incident.Return, labelReturn, conversation.Plain},
	} {
		if !i.Allows(a.action, now) {
			continue
		}
		row = append(row, conversation.Button{Label: a.label, Data: string(a.action) + ":" + string(i.Number), Style: a.style})
		if len(row) == 2 || a.action == incident.Take {
			rows, row = append(rows, row), nil
		}
	}
	if len(row) > 0 {
		rows = append(rows, row)
	}
	return rows
}

func (w Words) letterWord(e incident.Escalation) string {
	switch e.Letter {
	case incident.LetterReturned:
		return "письмо вернулось"
	case incident.LetterSent:
		if !e.AnsweredAt.IsZero() {
			return "ответ пришёл " + w.Time(e.AnsweredAt)
		}
		if !e.ReceivedAt.IsZero() {
			return "сервер " + w.second() + " принял в\u00a0" + w.clock(e.ReceivedAt)
		}
		return "письмо принято почтовым сервером в\u00a0" + w.clock(e.SettledAt)
	case incident.LetterRefused:
		return "письмо не принято"
	}
	return "письмо в очереди"
}

// historyHead stands above the history of an incident.
const historyHead = "История"

// Whole is all that is known of an incident, in as many texts as it takes.
func (w Words) Whole(i incident.Incident) []string {
	w = w.unmarked()
	text := "Целиком: " + w.incident(i, 1<<20, nil) + "\n\n<b>" + historyHead + "</b>"
	for _, e := range i.History {
		line := "\n" + w.Time(e.At) + " · " + w.Line.Happened(e.Kind)
		if e.Name != "" {
			line += " (" + Escape(e.Name) + ")"
		}
		if e.Text != "" {
			line += ": " + Escape(e.Text)
		}
		if files := conversation.AttachmentLine(e.Attachments); files != "" {
			line += " · " + Escape(files)
		}
		text += line
	}
	return Pieces(text, 3800)
}
