package desk

import (
	"fmt"
	"time"

	"intakebot/conversation"
	"intakebot/outbox"
)

// MailOutage tells of an outage of the mail server and of its end; escalations
// are the letters to the second line that wait.
func (w Words) MailOutage(o outbox.MailOutage, q outbox.MailQueue, escalations int, now time.Time) string {
	since := w.Time(o.Since)
	if !o.EndedAt.IsZero() {
		figures := fmt.Sprintf("Отправлено писем: %d.", q.Sent)
		if q.Waiting > 0 {
			figures += fmt.Sprintf(" Ещё в\u00a0очереди: %d.", q.Waiting)
		}
		return joined([]string{"✅ <b>Почта снова работает</b>",
			fmt.Sprintf("Письма не уходили с\u00a0%s до\u00a0%s. %s", since, w.Time(o.EndedAt), figures)})
	}
	figures := fmt.Sprintf("Писем ждёт: %d", q.Waiting)
	if escalations > 0 {
		figures += fmt.Sprintf(", из них в\u00a0%s: %d (заявители предупреждены)", w.second(), escalations)
	}
	if figures += "."; q.NextAt.After(now) {
		figures += " Следующая попытка в\u00a0" + q.NextAt.In(w.Location).Format("15:04") + "."
	}
	return joined([]string{
		"⚠️ <b>Почта не уходит</b> с\u00a0" + since,
		Escape(conversation.LetterProblem(o.Problem, 300)),
		figures + " Письма отправятся сами, когда почтовый сервер заработает; это сообщение обновится.",
		"Администратору: проверьте почтовый сервер и настройки SMTP.",
	})
}

// Gap tells of updates that never came.
func (w Words) Gap(missing int, from, to time.Time) string {
	return joined([]string{
		"⚠️ <b>Бот мог пропустить сообщения</b>",
		fmt.Sprintf("Не дошло сообщений или нажатий кнопок: %d, с\u00a0%s до\u00a0%s. От кого они, Telegram не сообщает.",
			missing, w.Time(from), w.Time(to)),
		"Если заявитель скажет, что бот ему не ответил, попросите написать боту ещё раз.",
		"Администратору: пока бот не работает, Telegram хранит сообщения сутки, нажатия — две с\u00a0половиной минуты. " +
			"Если бот работал, проверьте, не запущен ли он ещё где-то с\u00a0тем же токеном.",
	})
}
