package selfcheck

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"intakebot/bot/telegram"
	"intakebot/storage"
)

func checkTelegram(ctx context.Context, c *Checkup, f *findings) {
	client, err := telegram.NewClient(telegram.Config{
		Token: c.Token, APIURL: c.APIURL, FilesURL: c.FilesURL, Thread: c.DeskThread, Proxy: c.Proxies(), Logger: discard,
	})
	if err != nil {
		f.fail("Скопируйте токен у @BotFather в TELEGRAM_BOT_TOKEN.", "токен не читается: %v", err)
		return
	}
	source := telegram.Source{Client: client}
	me, err := source.Identify(ctx)
	var away *telegram.RedirectError
	switch {
	case errors.Is(err, telegram.ErrToken):
		f.fail("Скопируйте токен у @BotFather (/mybots → API Token) в TELEGRAM_BOT_TOKEN.", "токен не принят")
		return
	case errors.As(err, &away):
		f.fail("Проверьте TELEGRAM_API_URL и не нужно ли сначала войти в сеть (страница входа).",
			"запрос к Telegram переадресован на %s; бот туда не пошёл: узнали бы токен", away.Host)
		return
	case err != nil:
		f.fail("Проверьте доступ с этой машины к "+hostOf(c.APIURL)+" и прокси (HTTPS_PROXY).", "нет ответа: %v", err)
		return
	}
	f.ok("токен принят, бот @%s", me.Username)
	c.checkConnection(ctx, source, f)
	c.checkLimits(f)
	c.checkClock(me, f)
	c.checkDelivery(ctx, source, f)
	c.checkFiles(ctx, client, f)
	if c.wrong("SUPPORT_CHAT_ID") {
		listGroups(ctx, client, me, f)
		return
	}
	c.checkGroup(ctx, client, me, f)
}

// checkLimits tells the pace that the bot keeps.
func (c *Checkup) checkLimits(f *findings) {
	switch pace := c.Limits.String(); {
	case c.wrong("TELEGRAM_LIMITS"):
	case pace != telegram.NoLimits:
		f.ok("темп отправки (всего, одному человеку, группе): %s", pace)
	case c.APIURL == telegram.PublicServer:
		f.warn("Уберите TELEGRAM_LIMITS: без темпа Telegram будет отказывать боту (429).", "темп отправки выключен")
	default:
		f.ok("темп отправки выключен: сервер Bot API свой")
	}
}

// checkConnection makes one more request without parameters, which some servers
// and proxies misread, on the connection that is open now.
func (c *Checkup) checkConnection(ctx context.Context, source telegram.Source, f *findings) {
	me, err := source.Identify(ctx)
	switch {
	case err != nil:
		f.fail("Проверьте прокси между ботом и Telegram.", "второй запрос подряд не прошёл: %v", err)
	case strings.HasPrefix(c.APIURL, "https:") && me.HTTP != "HTTP/2.0":
		f.warn("Если прокси вскрывает TLS, попросите пропускать "+hostOf(c.APIURL)+" без вскрытия.",
			"запрос и ответ за %d мс, но по %s: соединение, о котором забыла сеть, бот заметит через минуту, а не через 20 секунд", me.Took.Milliseconds(), me.HTTP)
	default:
		f.ok("запрос и ответ за %d мс, %s", me.Took.Milliseconds(), me.HTTP)
	}
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
func (c *Checkup) checkDelivery(ctx context.Context, source telegram.Source, f *findings) {
	d, err := source.Delivery(ctx)
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
			"вебхук: ошибка в %s: %s", failed.In(c.location()).Format("15:04"), telegram.InRussian(d.LastError))
	default:
		f.ok("вебхук установлен")
	}
	if d.Pending > 100 {
		f.warn("Если бот работает, посмотрите его журнал; если нет, он ответит на них после запуска (Telegram хранит их сутки).",
			"у Telegram ждут сообщения: %d", d.Pending)
	}
}

// checkFiles downloads a file that somebody sent with a report, as a letter to
// УИТ needs it: a server of one's own serves none by itself.
func (c *Checkup) checkFiles(ctx context.Context, client *telegram.Client, f *findings) {
	own := c.APIURL != telegram.PublicServer
	file, err := storage.LatestFile(ctx, c.SQLitePath)
	switch {
	case err != nil && own:
		f.warn("Пришлите боту обращение с фотографией и повторите проверку.",
			"скачивание файлов с %s не проверено: в базе ещё нет ни одного", hostOf(c.APIURL))
		return
	case err != nil:
		return
	}
	_, err = client.Fetch(ctx, file)
	switch {
	case errors.Is(err, telegram.ErrNoFiles):
		f.fail("Запустите сервер Bot API с --local и дайте боту читать его папку, или поставьте перед ним веб-сервер и назовите его в TELEGRAM_FILES_URL.",
			"%s не отдаёт файлы: в письмах в %s их не будет", hostOf(c.APIURL), c.SupportLine().Second.Name)
	case err != nil:
		f.warn("Повторите проверку; если файл старый, он мог пропасть у Telegram.", "файл обращения не скачивается: %v", err)
	default:
		f.ok("файлы скачиваются")
	}
}
