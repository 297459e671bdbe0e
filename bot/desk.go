package bot

import (
	"fmt"
	"html"
	"strings"
	"time"

	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/outbox"
)

// Most of what the desk reads stands in this file; reminders and the digest are
// in duties.go, the figures in stats.go.

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

// cardMessage shows an incident to the desk: its number in the first line, who
// and what, and the buttons that fit its state.
func (b *Bot) cardMessage(i incident.Incident) conversation.Message {
	text := b.incidentText(i, cardShown)
	for shown := cardShown; incident.Units(conversation.PlainText(text)) > messageMost && shown > 100; {
		shown /= 2 // emoji count twice
		text = b.incidentText(i, shown)
	}
	return conversation.Message{HTML: text, Buttons: b.cardButtons(i)}
}

func (b *Bot) incidentText(i incident.Incident, shown int) string {
	parts := []string{
		fmt.Sprintf("<b>№\u00a0%s</b> · %s с\u00a0%s", i.Number, strings.ToLower(i.Status.String()), b.cardTime(i.StatusAt)),
		answersText(i, shown),
		escape(conversation.AttachmentLine(i.Attachments)),
	}
	var state []string
	if i.Erased() {
		state = append(state, "🗑 Данные заявителя удалены "+b.cardTime(i.ErasedAt))
	}
	if i.Assignee != "" {
		state = append(state, "👤 "+escape(i.Assignee))
	}
	if n, since := i.Unanswered(); n > 0 {
		state = append(state, fmt.Sprintf("💬 Без ответа: %d, с\u00a0%s", n, b.cardTime(since)))
	}
	const most = 3
	if n := len(i.Escalations) - most; n > 0 {
		state = append(state, fmt.Sprintf("📨 Ещё эскалаций: %d", n))
	}
	for _, e := range i.Escalations[max(0, len(i.Escalations)-most):] {
		state = append(state, fmt.Sprintf("📨 Эскалация %d в\u00a0УИТ, %s: %s", e.Seq, b.cardTime(e.At), b.letterWord(e)))
	}
	return joined(append(parts, strings.Join(state, "\n")))
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
		lines = append(lines, "<b>"+escape(a.Label)+":</b> "+escape(shown))
	}
	return strings.Join(lines, "\n")
}

// cardButtons are the actions that the table allows now, five at most.
func (b *Bot) cardButtons(i incident.Incident) [][]conversation.Button {
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
		if !i.Allows(a.action, b.now()) {
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

// cardTime writes a moment so that it stays true as days go by.
func (b *Bot) cardTime(t time.Time) string {
	return t.In(b.cfg.Dialogue.Location).Format("15:04 02.01")
}

func (b *Bot) letterWord(e incident.Escalation) string {
	switch e.Letter {
	case incident.LetterSent:
		return "письмо принято почтовым сервером в\u00a0" + b.cfg.Dialogue.Clock(e.SettledAt)
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

func escape(s string) string { return html.EscapeString(s) }

const relayedMost = 3500 // UTF-16 units of a person's message in the group

// reporterActText tells the desk what the reporter did; "" when files alone
// tell it.
func reporterActText(i incident.Incident, a incident.Act) string {
	number := "№\u00a0" + string(i.Number)
	switch a.Action {
	case incident.Append, incident.Amend:
		if a.Text == "" {
			return ""
		}
		head := fmt.Sprintf("💬 Заявитель, %s:", number)
		if a.Action == incident.Amend {
			head = fmt.Sprintf("✏️ Заявитель, %s, изменено заявителем:", number)
		}
		text := incident.CutUnits(a.Text, relayedMost)
		said := head + "\n\n" + escape(text)
		if text != a.Text {
			said += "\n\n<i>Показано начало, полностью: /incident " + string(i.Number) + "</i>"
		}
		return said
	case incident.Confirm:
		return fmt.Sprintf("👍 %s: заявитель подтвердил, что помогло.", number)
	case incident.Reject:
		said := fmt.Sprintf("👎 %s: заявитель сообщил, что не помогло. Обращение снова в работе.", number)
		if a.Text != "" {
			said += "\n\n" + escape(incident.CutUnits(a.Text, relayedMost))
		}
		return said
	case incident.Finish:
		return fmt.Sprintf("👍 %s: заявитель сообщил, что проблема решена.", number)
	case incident.Withdraw:
		return fmt.Sprintf("↩️ %s: заявитель отозвал обращение.", number)
	case incident.Rate:
		return fmt.Sprintf("%s: заявитель поставил оценку %s из\u00a05.", number, escape(a.Text))
	}
	return ""
}

func escalationNotice(e incident.Escalation) string {
	text := incident.CutUnits(e.State, relayedMost)
	return fmt.Sprintf("📨 Заявитель эскалировал №\u00a0%s в УИТ (письмо %d). Текущее состояние:\n\n%s", e.Number, e.Seq, escape(text))
}

// refusedNotice tells the desk of a letter to УИТ that cannot go, why, and what
// to do.
func refusedNotice(n incident.Number, l outbox.Letter, problem string) string {
	return fmt.Sprintf("⚠️ Письмо в УИТ по №\u00a0%s не принято.\n\n%s\n\n"+
		"Заявителя попросили отправить письмо со своей почты. Уточните, получилось ли; если нет, отправьте сами на <code>%s</code> "+
		"или, когда причина устранена, ещё раз через бота: <code>/retry %s</code>\n\n<pre>%s</pre>",
		n, escape(conversation.LetterProblem(problem, 300)), escape(l.To), n, escape(incident.CutUnits(l.Text, letterShown)))
}

func unreachableNotice(n incident.Number) string {
	return fmt.Sprintf("⚠️ №\u00a0%s: сообщение заявителю не отправлено, бот у него заблокирован. Свяжитесь с ним по телефону или почте из карточки.", n)
}

// promptText asks a member of the desk for the words of a question or a
// solution.
func promptText(who member, a incident.Action, n incident.Number) string {
	what := "что спросить у заявителя"
	if a == incident.Solve {
		what = "что сделано (это прочтёт заявитель)"
	}
	return fmt.Sprintf("%s, напишите, %s по №\u00a0%s: ответом на это сообщение, в течение десяти минут.", who.mention(), what, n)
}

// refusalText says who did what and when, so that the press had no effect.
func (b *Bot) refusalText(r *incident.Refused) string {
	i := r.Incident
	if i.Erased() {
		return fmt.Sprintf("№\u00a0%s: данные заявителя удалены, сделать ничего нельзя.", i.Number)
	}
	said := fmt.Sprintf("№\u00a0%s: %s", i.Number, strings.ToLower(i.Status.String()))
	if k := r.Last.Kind; k != "" && k != incident.KindRegistered {
		said += ". " + k.String()
		if r.Last.Name != "" {
			said += ": " + r.Last.Name
		}
	}
	return said + ", " + b.cardTime(i.StatusAt) + "."
}

const (
	askHow      = "Напишите так: /ask 26-00001-4 и вопрос заявителю."
	solveHow    = "Напишите так: /resolve 26-00001-4 и что сделано. Без слов закрыть нельзя: это прочтёт заявитель."
	takeHow     = "Напишите так: /take 26-00001-4."
	incidentHow = "Напишите так: /incident 26-00001-4."
	searchHow   = "Напишите так: /search и номер, организация, имя, телефон или слова из описания."
	searchLess  = "Слов получилось %d, а искать можно не больше чем по %d: оставьте самые важные."
	severalHow  = "В этом сообщении несколько обращений. Ответьте на карточку нужного или напишите: /ask 26-00001-4 и текст."
	anonymously = "Вы пишете анонимно, ответа ждать не от кого. "
	mistyped    = "В номере опечатка: сверьте его, пожалуйста, с карточкой."
	retryHow    = "Напишите так: /retry 26-00001-4. Всё, что по обращению не отправлено, отправится снова."
	deskUntaken = "⚠️ Бот сейчас не может принять сообщения: технический сбой. Отправленное не пропадёт, бот ответит, как только сбой устранят. Нажатую кнопку, возможно, придётся нажать снова."
	unknown     = "Такого обращения нет."
	notSent     = "Такое заявителю не передать: пришлите текст, фото, документ, видео или голос."
	undone      = "Удаляем у заявителя."
	notUndone   = "Удалить нечего: ответьте командой /undo на своё сообщение, которое ушло заявителю."
	notYours    = "Этого ответа ждут от другого сотрудника, или десять минут прошли. Напишите: "
)
