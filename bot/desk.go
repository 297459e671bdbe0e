package bot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"intakebot/conversation"
	"intakebot/incident"
)

// Everything that the desk reads stands in this file.

// cardShown is how much of the description a card shows, in characters.
const cardShown = 1500

// cardMessage shows an incident to the desk. Its first line holds the number.
func (b *Bot) cardMessage(i incident.Incident) conversation.Message {
	d := b.cfg.Dialogue
	var lines []string
	for _, a := range i.Answers {
		shown := conversation.Shown(a)
		switch a.Key {
		case incident.PhoneNumber:
			shown = i.Phone().Dial() // a form that phones make tappable
		case incident.Description:
			shown, _ = incident.Cut(shown, cardShown)
		}
		lines = append(lines, "<b>"+escape(a.Label)+":</b> "+escape(shown))
	}
	parts := []string{
		fmt.Sprintf("<b>№\u00a0%s</b> · %s с\u00a0%s", i.Number, strings.ToLower(i.Status.String()), b.cardTime(i.StatusAt)),
		strings.Join(lines, "\n"),
		escape(conversation.AttachmentLine(i.Attachments)),
	}
	var letters []string
	for _, e := range i.Escalations {
		letters = append(letters, fmt.Sprintf("📨 Эскалация %d в\u00a0УИТ, %s: %s", e.Seq, b.cardTime(e.At), letterWord(e, d, b)))
	}
	parts = append(parts, strings.Join(letters, "\n"))
	return conversation.Message{HTML: joined(parts)}
}

// cardTime writes a moment so that it stays true as days go by.
func (b *Bot) cardTime(t time.Time) string {
	return t.In(b.cfg.Dialogue.Location).Format("15:04 02.01")
}

func letterWord(e incident.Escalation, d *conversation.Dialogue, b *Bot) string {
	switch e.Letter {
	case incident.LetterSent:
		return "письмо принято почтовым сервером в\u00a0" + d.Clock(e.SettledAt)
	case incident.LetterRefused:
		return "письмо не принято"
	}
	return "письмо в очереди"
}

func joined(parts []string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "\n\n")
}

const relayedMost = 3500 // characters of a person's message in the group

func additionText(a incident.Addition) string {
	text, cut := incident.Cut(a.Text, relayedMost)
	html := fmt.Sprintf("Дополнение от заявителя, №\u00a0%s:\n\n%s", a.Number, escape(text))
	if cut {
		html += "\n\n<i>Текст длинный, показано начало.</i>"
	}
	return html
}

func escalationNotice(e incident.Escalation) string {
	text, _ := incident.Cut(e.State, relayedMost)
	return fmt.Sprintf("📨 Заявитель эскалировал №\u00a0%s в УИТ (письмо %d). Он пишет:\n\n%s", e.Number, e.Seq, escape(text))
}

// refusedNotice tells the desk of a letter that cannot go, why, and what to do.
func refusedNotice(n incident.Number, l incident.Letter, problem string) string {
	what, todo := "Копия обращения в почту техподдержки", "Проверьте ящик и настройки почты; обращение целиком — в карточке."
	if l.Kind == incident.EscalationLetter {
		what = "Письмо в УИТ"
		todo = "Заявителю показан текст письма для отправки вручную. Отправьте его и вы:"
	}
	problem, _ = incident.Cut(problem, 300)
	html := fmt.Sprintf("⚠️ %s по №\u00a0%s не принято.\n\nПочтовый сервер ответил: %s\n\n%s", what, n, escape(problem), todo)
	if l.Kind == incident.EscalationLetter {
		text, _ := incident.Cut(l.Text, 2500)
		html += " <code>" + escape(l.To) + "</code>\n\n<pre>" + escape(text) + "</pre>"
	}
	return html
}

func unreachableNotice(n incident.Number) string {
	return fmt.Sprintf("⚠️ Сообщение заявителю по №\u00a0%s не отправлено: человек остановил бота. Свяжитесь с ним по телефону или почте из карточки.", n)
}

// deskTurn reads what happens in the support group.
func (l *lane) deskTurn(ctx context.Context, r received) error {
	if m := r.update.Message; m != nil && m.MigrateToChatID != 0 {
		return l.deskMoved(ctx, m.MigrateToChatID)
	}
	return nil
}
