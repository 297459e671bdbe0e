package selfcheck

import (
	"context"
	"errors"
	"net/url"
	"time"

	"intakebot/bot/telegram"
)

func checkTelegram(ctx context.Context, c *Checkup, f *findings) {
	b, err := telegram.NewClient(telegram.Config{Token: c.Token, APIURL: c.APIURL, Proxy: c.Proxies(), Logger: discard})
	if err != nil {
		f.fail("Скопируйте токен у @BotFather в TELEGRAM_BOT_TOKEN.", "токен не читается: %v", err)
		return
	}
	me, err := telegram.Source{Client: b}.Identify(ctx)
	switch {
	case errors.Is(err, telegram.ErrToken):
		f.fail("Скопируйте токен у @BotFather (/mybots → API Token) в TELEGRAM_BOT_TOKEN.", "токен не принят")
		return
	case err != nil:
		f.fail("Проверьте доступ с этой машины к "+hostOf(c.APIURL)+" и прокси (HTTPS_PROXY).", "нет ответа: %v", err)
		return
	}
	f.ok("токен принят, бот @%s", me.Username)
	c.checkClock(me, f)
	c.checkDelivery(ctx, b, f)
	if c.wrong("SUPPORT_CHAT_ID") {
		listGroups(ctx, b, me, f)
		return
	}
	c.checkGroup(ctx, b, me, f)
}

// hostOf is the host of an address: the rest may be nobody's business.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "?"
	}
	return u.Host
}

// checkClock: by the clock numbers get their year, and people are told times.
func (c *Checkup) checkClock(me telegram.Identity, f *findings) {
	const todo = "Включите синхронизацию времени (NTP) на этой машине."
	off := me.Ahead.Abs().Round(time.Second)
	switch {
	case !me.Dated:
		f.warn("Сверьте часы этой машины сами.", "Telegram не назвал своего времени")
	case off > 2*time.Minute:
		f.fail(todo, "часы расходятся с часами Telegram на %s", off)
	case off > 5*time.Second:
		f.warn(todo, "часы расходятся с часами Telegram на %s", off)
	default:
		f.ok("часы идут верно")
	}
	if c.Location != nil {
		f.ok("время для людей: %s (%s)", c.Now().In(c.Location).Format("15:04"), c.Location)
	}
}

// checkDelivery: how messages come to the bot.
func (c *Checkup) checkDelivery(ctx context.Context, b *telegram.Client, f *findings) {
	d, err := telegram.Source{Client: b}.Delivery(ctx)
	if err != nil {
		f.warn("Повторите проверку.", "о вебхуке Telegram не ответил: %v", err)
		return
	}
	failed := time.Unix(d.LastErrorAt, 0)
	switch {
	case c.WebhookURL == "" && d.URL == "":
		f.ok("сообщения забираются опросом")
	case c.WebhookURL == "":
		f.warn("Бот снимет его при запуске, ждущие сообщения сохранит. Если вебхук ставили не вы, токен знает кто-то ещё.",
			"установлен вебхук на %s, а WEBHOOK_URL не задан", hostOf(d.URL))
	case d.URL == "":
		f.warn("Бот поставит его при запуске.", "вебхук ещё не установлен")
	case d.URL != c.WebhookURL:
		f.warn("Бот переставит его при запуске.", "вебхук установлен на другой адрес (%s)", hostOf(d.URL))
	case d.LastErrorAt != 0 && c.Now().Sub(failed) < time.Hour:
		f.fail("Telegram должен открывать WEBHOOK_URL: проверьте сертификат, порт (443, 80, 88 или 8443) и прокси перед ботом.",
			"вебхук: ошибка в %s: %s", failed.In(c.location()).Format("15:04"), d.LastError)
	default:
		f.ok("вебхук установлен")
	}
	if d.Pending > 100 {
		f.warn("Если бот работает, посмотрите его журнал; если нет, он ответит на них после запуска (Telegram хранит их сутки).",
			"у Telegram ждут сообщения: %d", d.Pending)
	}
}

// listGroups shows the ids from which SUPPORT_CHAT_ID is to be chosen.
func listGroups(ctx context.Context, b *telegram.Client, me telegram.Identity, f *findings) {
	groups, err := telegram.FindGroups(ctx, b)
	switch {
	case errors.Is(err, telegram.ErrConflict):
		f.fail("Остановите бота и снимите вебхук (бот снимает его сам, когда запущен без WEBHOOK_URL), потом повторите.",
			"группы не узнать: сообщения забирает другая программа или вебхук")
	case err != nil:
		f.fail("Повторите проверку.", "группы не узнать: %v", err)
	case len(groups) == 0:
		f.fail("Добавьте бота в группу поддержки, напишите в ней /start@"+me.Username+" и повторите. Бот не должен быть запущен.",
			"групп не видно")
	}
	for _, g := range groups {
		f.ok("группа «%s»: SUPPORT_CHAT_ID=%d", g.Title, g.ID)
	}
}

// checkGroup: what the bot may do in the support group.
func (c *Checkup) checkGroup(ctx context.Context, b *telegram.Client, me telegram.Identity, f *findings) {
	g, err := telegram.AskGroup(ctx, b, c.Desk, me.ID)
	if moved := (*telegram.MovedError)(nil); errors.As(err, &moved) {
		f.warn("Впишите новый id. Работающий бот перешёл в неё сам.", "группа стала супергруппой: SUPPORT_CHAT_ID=%d", moved.To)
		g, err = telegram.AskGroup(ctx, b, moved.To, me.ID)
	}
	const add = "Добавьте бота в группу поддержки. Её id покажет эта же команда без SUPPORT_CHAT_ID."
	switch {
	case errors.Is(err, telegram.ErrNoGroup):
		f.fail(add, "в группе %d бота нет, или id неверен", c.Desk)
		return
	case err != nil:
		f.fail("Повторите проверку.", "о группе Telegram не ответил: %v", err)
		return
	case g.Kind != "group" && g.Kind != "supergroup":
		f.fail("Нужна группа, а это "+map[string]string{"channel": "канал", "private": "личный чат"}[g.Kind]+".", "SUPPORT_CHAT_ID: не группа")
		return
	case !g.In():
		f.fail(add, "бота нет в группе «%s»", g.Title)
		return
	}
	f.ok("бот в группе «%s»", g.Title)
	checkRights(g, f)
	c.checkTopic(g, f)
	checkPrivacy(g, me, f)
}

func checkRights(g telegram.GroupInfo, f *findings) {
	const todo = "В настройках группы: «Разрешения», или назначьте бота администратором."
	switch {
	case !g.MaySend:
		f.fail(todo, "бот не может писать в группу")
	case !g.MaySendPhotos || !g.MaySendFiles:
		f.warn(todo, "боту запрещены фото или файлы: вложения заявителей в группу не придут")
	default:
		f.ok("писать и присылать файлы в группу можно")
	}
	if !g.MayReact() {
		f.warn("Разрешите в группе реакцию 👌 или оставьте так.", "реакции ограничены: о доставке ответа бот скажет словами")
	}
}

func (c *Checkup) checkTopic(g telegram.GroupInfo, f *findings) {
	switch {
	case g.Forum && c.DeskThread == 0:
		f.warn("Задайте SUPPORT_THREAD_ID, если у поддержки есть своя тема.", "в группе есть темы, бот будет писать в общую")
	case g.Forum:
		f.ok("тема %d: есть ли она, покажет первое сообщение", c.DeskThread)
	case c.DeskThread != 0:
		f.fail("Включите в группе темы или уберите SUPPORT_THREAD_ID.", "тема %d задана, а тем в группе нет", c.DeskThread)
	}
	if g.Kind == "group" {
		f.warn("Когда Telegram сделает её супергруппой, бот перейдёт сам, а вам останется вписать новый SUPPORT_CHAT_ID.", "группа обычная")
	}
}

// checkPrivacy: the bot needs commands and replies only.
func checkPrivacy(g telegram.GroupInfo, me telegram.Identity, f *findings) {
	switch {
	case me.ReadsAll:
		f.warn("@BotFather: /setprivacy → Enable; потом удалите бота из группы и добавьте снова.",
			"режим приватности выключен: бот получает всю переписку группы")
	case g.Status == "administrator":
		f.ok("бот — администратор: видит всю переписку группы и может удалять свои старые сообщения")
	default:
		f.ok("режим приватности включён: бот видит только команды и ответы на свои сообщения")
	}
}
