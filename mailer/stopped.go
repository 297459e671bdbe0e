package mailer

import (
	"fmt"
	"time"

	"intakebot/outbox"
)

// Stopped writes the letter to l.Alert that the program has ended by an error, which
// problem is as the log has it. It fails when From or Alert is no address.
func (l Letters) Stopped(at time.Time, problem string) (outbox.Letter, error) {
	p := page{
		Title: "Бот остановился",
		Lead: []string{"Пока причина не устранена, подать обращение через бота нельзя. Зарегистрированное сохранено, " +
			"сообщения людей Telegram хранит сутки: бот ответит на них, когда заработает."},
		Fields: []field{
			{Label: "Остановился", Value: l.at(at)},
			{Label: "Причина", Value: problem, Block: true},
			{Label: "Что сделать", Value: "Что не так и что сделать, покажет команда intakebot check. " +
				"Если это надолго, напомните людям телефон техподдержки: " + l.supportPhone() + ".", Block: true},
		},
		Closing: []string{"Об этой причине бот напишет снова не раньше чем через сутки, сколько бы раз его ни перезапустили.", l.zone(at)},
	}
	return envelope{
		kind: outbox.AlarmLetter, from: l.From, to: l.Alert, toWhat: "ALERT_EMAIL",
		subject: "Бот приёма обращений: " + p.Title, date: at.In(l.location()),
		messageID: l.messageID(fmt.Sprintf("stopped.%d", at.UnixMilli())), automatic: true,
	}.render(p.clean())
}
