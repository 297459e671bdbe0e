package selfcheck

import (
	"context"
	"crypto/rand"
	"net/mail"
	"slices"
	"time"

	"intakebot/mailer"
)

// mailTodo is what to do when a session with the relay ends at a stage.
var mailTodo = map[mailer.Stage]string{
	mailer.StageDial:     "Проверьте SMTP_HOST, SMTP_PORT и что порт открыт для этой машины.",
	mailer.StageGreeting: "Проверьте SMTP_HOST, SMTP_PORT и SMTP_TLS: для порта 465 нужен implicit, для 587 starttls.",
	mailer.StageTLS:      "Проверьте SMTP_TLS и сертификат сервера: он должен быть действителен и выдан на имя SMTP_HOST.",
	mailer.StageAuth:     "Проверьте SMTP_USERNAME и SMTP_PASSWORD.",
	mailer.StageMail:     "Серверу не подошёл отправитель: проверьте MAIL_FROM.",
	mailer.StageRcpt:     "Серверу не подошёл получатель: проверьте адрес и разрешена ли отправка наружу.",
}

func checkMail(ctx context.Context, c *Checkup, f *findings) {
	r, v := c.SMTP.Inspect(ctx, bare(c.MailFrom), c.recipients()...)
	if v.Outcome != mailer.Accepted {
		f.fail(mailTodo[v.Stage], "%s, %s: %s", c.SMTP, v.Stage.Name(), reasonOf(v))
	} else {
		f.ok("сервер %s отвечает", c.SMTP)
		if c.SMTP.Username == "" {
			f.ok("вход без пароля: SMTP_USERNAME не задан")
		} else {
			f.ok("имя и пароль приняты")
		}
	}
	c.checkRelay(r, f)
	checkRecipients(r, f)
	if c.send != "" {
		c.sendTrial(ctx, f)
	}
}

// recipients are those whom the letters go to.
func (c *Checkup) recipients() (all []string) {
	for _, box := range []string{c.UIT, c.Support, c.Alert} {
		if address := bare(box); address != "" && !slices.Contains(all, address) {
			all = append(all, address)
		}
	}
	return all
}

// bare is the address of «Name <box@host>», "" when there is none.
func bare(box string) string {
	a, err := mail.ParseAddress(box)
	if err != nil {
		return ""
	}
	return a.Address
}

// checkRecipients: whether the relay takes letters for each. None was sent.
func checkRecipients(r mailer.Relay, f *findings) {
	for _, one := range r.Recipients {
		switch one.Verdict.Outcome {
		case mailer.Accepted:
			f.ok("письма на %s сервер берёт", one.Address)
		case mailer.OurFault:
			f.fail("Сервер не пересылает письма бота: задайте SMTP_USERNAME и SMTP_PASSWORD или разрешите на сервере отправку с этой машины и от MAIL_FROM.",
				"письма на %s сервер не берёт: %s", one.Address, reasonOf(one.Verdict))
		case mailer.Refused:
			f.fail(mailTodo[mailer.StageRcpt], "письма на %s сервер не берёт: %s", one.Address, reasonOf(one.Verdict))
		default:
			f.warn("Повторите проверку позже: сервер отложил ответ.", "о письмах на %s сервер ответил: %s", one.Address, reasonOf(one.Verdict))
		}
	}
}

// checkRelay: the connection and its limits.
func (c *Checkup) checkRelay(r mailer.Relay, f *findings) {
	left := r.CertificateEnds.Sub(c.Now())
	switch ends := r.CertificateEnds.In(c.location()).Format("02.01.2006"); {
	case c.SMTP.TLS == mailer.None:
		f.warn("Включите SMTP_TLS, если сервер не на этой же машине.", "соединение не шифруется")
	case !r.Encrypted, r.CertificateEnds.IsZero(): // what is wrong is said above
	case left < 14*24*time.Hour:
		f.warn("Продлите сертификат почтового сервера: без него письма остановятся.", "сертификат почтового сервера действует до %s", ends)
	default:
		f.ok("соединение шифруется, сертификат до %s", ends)
	}
	if r.MostBytes > 0 && r.MostBytes < c.AttachmentsMax+1<<20 {
		f.warn("Уменьшите MAIL_ATTACHMENTS_MAX.", "сервер берёт письма до %s, а вложений может быть на %s", size(r.MostBytes), size(c.AttachmentsMax))
	}
}

// sendTrial sends the one letter that a self-check may send.
func (c *Checkup) sendTrial(ctx context.Context, f *findings) {
	writer := mailer.Letters{From: c.MailFrom, Location: c.Location, Site: c.BotID()}
	l, err := writer.Trial(c.send, c.Now(), rand.Text())
	if err != nil {
		f.fail("Проверьте адрес после --send и MAIL_FROM.", "письмо не составить: %v", err)
		return
	}
	if v := c.SMTP.Deliver(ctx, l); v.Outcome != mailer.Accepted {
		f.fail(mailTodo[v.Stage], "письмо на %s не ушло: %s", l.To, reasonOf(v))
		return
	}
	f.ok("письмо на %s сервер принял: посмотрите, дошло ли оно и не в спаме ли", l.To)
}

// reasonOf adds to the words for people what only an administrator can use.
func reasonOf(v mailer.Verdict) string {
	if v.Code == 0 && v.Err != nil {
		return v.Problem() + " (" + v.Err.Error() + ")"
	}
	return v.Problem()
}

// checkRest: what no machine can find out, and the files of the customer.
func checkRest(_ context.Context, c *Checkup, f *findings) {
	f.warn("Убедитесь, что этот ящик кто-то читает: туда приходит, что не дошло.", "письма уходят от %s", c.MailFrom)
	f.warn("Подтвердите у "+c.SupportLine().Second.Name+", что это верный ящик.", "эскалации уходят на %s", c.UIT)
	if c.Support == "" {
		f.ok("копии обращений по почте выключены (SUPPORT_EMAIL пуст)")
	} else {
		f.warn("Убедитесь, что это ящик техподдержки.", "копии обращений уходят на %s", c.Support)
	}
	if c.Alert == "" {
		f.warn("Задайте ALERT_EMAIL.", "ALERT_EMAIL не задан: о потере связи с Telegram, Redis или базой никто не узнает")
	} else {
		f.ok("о сбоях бот пишет на %s", c.Alert)
	}
	if next := c.Now().In(c.Location).Year() + 1; len(c.Calendar.Except) > 0 && !c.Calendar.Knows(next) {
		f.warn("Добавьте его выходные и рабочие дни в CALENDAR_FILE.", "в календаре рабочих дней нет %d года", next)
	}
	if c.ConsentBuiltIn {
		f.warn("Согласуйте текст с заказчиком и задайте CONSENT_FILE.", "текст согласия на обработку данных — заготовка")
	} else {
		f.ok("текст согласия читается, версия %s", c.ConsentVersion)
	}
	if len(c.Organisations) == 0 {
		f.warn("Задайте ORGANISATIONS_FILE, чтобы бот подсказывал названия.", "справочник организаций пуст")
	} else {
		f.ok("в справочнике организаций названий: %d", len(c.Organisations))
	}
}
