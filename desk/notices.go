package desk

import (
	"cmp"
	"fmt"

	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/outbox"
)

const relayedMost = 3500 // UTF-16 units of a person's message in the group

// ReporterAct tells the desk what the reporter did; "" when files alone
// tell it.
func ReporterAct(i incident.Incident, a incident.Act) string {
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
		said := head + "\n\n" + Escape(text)
		if text != a.Text {
			said += "\n\n<i>Показано начало, полностью: /incident " + string(i.Number) + "</i>"
		}
		return said
	case incident.Confirm:
		return fmt.Sprintf("👍 %s: заявитель подтвердил, что помогло.", number)
	case incident.Reject:
		said := fmt.Sprintf("👎 %s: заявитель сообщил, что не помогло. Обращение снова в работе.", number)
		if a.Text != "" {
			said += "\n\n" + Escape(incident.CutUnits(a.Text, relayedMost))
		}
		return said
	case incident.Finish:
		return fmt.Sprintf("👍 %s: заявитель сообщил, что проблема решена.", number)
	case incident.Withdraw:
		return fmt.Sprintf("↩️ %s: заявитель отозвал обращение.", number)
	case incident.Rate:
		return fmt.Sprintf("%s: заявитель поставил оценку %s из\u00a05.", number, Escape(a.Text))
	}
	return ""
}

// Escalated tells the desk that the reporter escalated.
func (w Words) Escalated(e incident.Escalation) string {
	text := incident.CutUnits(e.State, relayedMost)
	return fmt.Sprintf("📨 Заявитель эскалировал №\u00a0%s в %s (письмо %d). Текущее состояние:\n\n%s", e.Number, w.second(), e.Seq, Escape(text))
}

// LetterShown is how much of a letter's text the desk reads in one message with
// its frame, in UTF-16 units; the person reads a little more.
const LetterShown = 2500

// LetterRefused tells the desk of a letter to the second line that cannot go, why, and what
// to do.
func (w Words) LetterRefused(n incident.Number, l outbox.Letter, problem string) string {
	return w.letterFailed(n, "не принято", l, problem)
}

// LetterReturned tells the desk the same of a letter that came back.
func (w Words) LetterReturned(n incident.Number, l outbox.Letter, problem string) string {
	return w.letterFailed(n, "вернулось: сервером получателя не принято", l, problem)
}

func (w Words) letterFailed(n incident.Number, what string, l outbox.Letter, problem string) string {
	return fmt.Sprintf("⚠️ Письмо в %s по №\u00a0%s %s.\n\n%s\n\n"+
		"Заявителя попросили отправить письмо со своей почты. Уточните, получилось ли; если нет, отправьте сами на <code>%s</code> "+
		"или, когда причина устранена, ещё раз через бота: <code>/retry %s</code>\n\n<pre>%s</pre>",
		w.second(), n, what, Escape(conversation.LetterProblem(problem, 300)), Escape(l.To), n, Escape(incident.CutUnits(l.Text, LetterShown)))
}

// Unreachable tells the desk that the person does not get the bot's messages.
func Unreachable(n incident.Number) string {
	return fmt.Sprintf("⚠️ №\u00a0%s: сообщение заявителю не отправлено, бот у него заблокирован. Свяжитесь с ним по телефону или почте из карточки.", n)
}

// already says of each status that an act came too late.
var already = map[incident.Status]string{
	incident.InProgress: "уже в\u00a0работе", incident.Waiting: "уже ждёт уточнения",
	incident.Resolved: "уже решено", incident.Closed: "уже закрыто", incident.Cancelled: "отменено",
}

// endings say who ended an incident when it was no member.
var endings = map[incident.Kind]string{
	incident.KindConfirmed: "заявитель подтвердил, что помогло", incident.KindFinished: "заявитель сообщил, что проблема решена",
	incident.KindWithdrawn: "отозвал заявитель", incident.KindLapsed: "ответа не\u00a0было два дня",
}

// Refusal says who did what and when, so that the press had no effect. It is no
// HTML: it may be a toast.
func (w Words) Refusal(r *incident.Refused) string {
	i := r.Incident
	if i.Erased() {
		return fmt.Sprintf("№\u00a0%s: данные заявителя удалены, сделать ничего нельзя.", i.Number)
	}
	who := cmp.Or(endings[r.Last.Kind], r.Last.Name, i.Assignee)
	if k := r.Last.Kind; k == incident.KindTaken || k == incident.KindHandedOver {
		who = "взял " + who
	}
	when := w.unmarked().on(i.StatusAt)
	switch {
	case i.Status == incident.Registered:
		return fmt.Sprintf("№\u00a0%s никто не\u00a0взял: зарегистрировано %s.", i.Number, when)
	case who == "":
		return fmt.Sprintf("№\u00a0%s %s %s.", i.Number, already[i.Status], when)
	}
	return fmt.Sprintf("№\u00a0%s %s: %s, %s.", i.Number, already[i.Status], who, when)
}

// NotPassedOn tells a member that words for a person cannot be brought there;
// deletion: that what was said cannot be taken back.
func NotPassedOn(n incident.Number, end outbox.Failure, deletion bool) string {
	switch {
	case deletion:
		return "⚠️ У заявителя удалить не получилось: Telegram разрешает это только первые 48 часов."
	case n == "":
		return ""
	case end == outbox.GivenUp:
		return fmt.Sprintf("⚠️ №\u00a0%s: сообщение заявителю не отправлено, за пять дней не получилось. Попробуйте ещё раз: <code>/retry %s</code>, "+
			"либо свяжитесь по телефону или почте из карточки.", n, n)
	}
	return fmt.Sprintf("⚠️ №\u00a0%s: сообщение заявителю не отправлено, Telegram его не принимает. Попробуйте текстом или файлом, "+
		"либо свяжитесь по телефону или почте из карточки.", n)
}

// Answers to what a member wrote or pressed.
const (
	IncidentHow   = "Напишите так: /incident 26-00001-4."
	SearchTips    = "Ищут по номеру или его части, телефону, организации, фамилии, словам из описания и переписки. Все слова должны быть в одном обращении: уберите лишнее или напишите только начало слова, хотя бы три буквы."
	SearchLong    = "Это слишком длинно для поиска: оставьте самые важные слова."
	SearchSlow    = "Поиск занял слишком много времени. Добавьте слово или номер, чтобы искать точнее, и повторите."
	SearchHow     = "Напишите так: /search и номер, организация, имя, телефон или слова из описания."
	RetryHow      = "Напишите так: /retry 26-00001-4. Всё, что по обращению не отправлено, отправится снова."
	NotTaken      = "⚠️ Бот сейчас не может принять сообщения: технический сбой. Отправленное не пропадёт, бот ответит, как только сбой устранят. Нажатую кнопку, возможно, придётся нажать снова."
	Unknown       = "Такого обращения нет."
	AnswerHow     = "Это сообщение заявителю не ушло. Чтобы написать ему, ответьте на карточку обращения или на сообщение заявителя."
	EditedCommand = "Исправлением команду не отдать: отправьте её отдельным сообщением. У заявителя осталось то, что было."
	NotSent       = "Такое заявителю не передать: пришлите текст, фото, документ, видео или голос."
	Undone        = "Удаляем у заявителя."
	NotUndone     = "Удалить нечего: ответьте командой /undo на своё сообщение, которое ушло заявителю."
	NoButton      = "Эта кнопка уже не действует."
	WillNotGo     = "Заявителю это не уйдёт."
	PassedOn      = "Передано заявителю."
)
