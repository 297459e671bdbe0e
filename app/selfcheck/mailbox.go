package selfcheck

import (
	"context"
	"errors"

	"intakebot/mailer/mailbox"
)

// checkMailbox logs in and looks; it changes nothing.
func checkMailbox(ctx context.Context, c *Checkup, f *findings) {
	if c.IMAP.Host == "" {
		f.warn("Задайте IMAP_HOST, и бот сам покажет ответы "+c.SupportLine().Second.Name+" и письма, которые вернулись.",
			"почтовый ящик не читается: IMAP_HOST не задан")
		return
	}
	found, err := c.IMAP.Inspect(ctx)
	switch {
	case errors.Is(err, mailbox.ErrLogin):
		f.fail("Проверьте IMAP_USERNAME и IMAP_PASSWORD, и что для ящика разрешён IMAP.", "%s: имя или пароль не приняты", c.IMAP.Host)
		return
	case err != nil:
		f.fail("Проверьте IMAP_HOST, IMAP_PORT, IMAP_TLS и IMAP_FOLDER.", "%s: %v", c.IMAP.Host, err)
		return
	}
	f.ok("ящик %s открывается, писем в папке %s: %d", c.IMAP.Username, c.IMAP.Folder, found.Letters)
	if !found.DoneExists {
		f.ok("папки %s ещё нет, бот её создаст", c.IMAP.Done)
	}
	if !found.Idle {
		f.ok("сервер не сообщает о новых письмах сам: бот проверяет ящик раз в минуту")
	}
	if c.IMAP.TLS == mailbox.None {
		f.warn("Включите IMAP_TLS, если сервер не на этой же машине.", "соединение с ящиком не шифруется")
	}
	if c.AuthservID == "" {
		f.warn("Если ваш почтовый сервер пишет Authentication-Results, задайте MAIL_AUTHSERV_ID.",
			"адрес отправителя не проверяется: ответ под чужим именем дойдёт до заявителя")
	}
}
