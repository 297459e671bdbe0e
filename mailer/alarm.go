package mailer

import (
	"fmt"
	"strings"
	"time"

	"intakebot/outbox"
)

// Alarm is what whoever looks after the bot is told by mail, because the group
// cannot be: a part that the bot cannot work without has been away for a while,
// or is back.
type Alarm struct {
	Part string // one of AlarmParts
	// Since is when the part went away; an alarm and its end share it.
	Since, At time.Time
	// Problem is what went wrong, as the log has it: no secret, nothing of a
	// person.
	Problem string
	Over    bool // the part is back
}

// AlarmParts are the parts of which a letter can tell.
var AlarmParts = []string{"telegram", "webhook", "desk", "redis", "sqlite", "copies", "mailbox"}

// phoneHere stands for support's telephone in alarmTexts.
const phoneHere = "{phone}"

// alarmTexts is what letters say of each part.
var alarmTexts = map[string]struct{ away, back, means, todo string }{
	"telegram": {
		away: "Нет связи с Telegram", back: "Связь с Telegram восстановлена",
		means: "Бот не получает сообщений и не может ответить: подать обращение через него сейчас нельзя. " +
			"Всё зарегистрированное сохранено, письма уходят. Сообщения людей Telegram хранит сутки: бот ответит на них сам.",
		todo: "Проверьте с машины бота доступ к TELEGRAM_API_URL и прокси (HTTPS_PROXY). " +
			"Ответ 409 — с тем же токеном работает второй бот или установлен вебхук, 401 — токен отозван. " +
			"Если связи не будет долго, напомните людям телефон техподдержки: " + phoneHere + ".",
	},
	"webhook": {
		away: "Telegram не может доставить сообщения боту", back: "Telegram снова доставляет сообщения боту",
		means: "Бот работает, но сообщения людей до него не доходят. Telegram хранит их сутки: бот ответит на них сам.",
		todo: "Telegram должен открывать WEBHOOK_URL: проверьте сертификат и срок его действия, порт (443, 80, 88 или 8443), " +
			"прокси перед ботом. Если быстро не починить, уберите WEBHOOK_URL и перезапустите бота: он будет забирать сообщения сам.",
	},
	"desk": {
		away: "Группа поддержки не принимает сообщений бота", back: "Группа поддержки снова принимает сообщения бота",
		means: "Обращения регистрируются, но техподдержка их не видит. Карточки ждут и придут в группу сами.",
		todo: "Верните бота в группу и право писать в неё, проверьте SUPPORT_CHAT_ID и SUPPORT_THREAD_ID. " +
			"Что не так, покажет команда intakebot check.",
	},
	"redis": {
		away: "Redis не отвечает", back: "Redis снова отвечает",
		means: "Люди получают ответ, что бот не может продолжить. Их сообщения ждут в базе, зарегистрированное сохранено.",
		todo:  "Проверьте, запущен ли Redis, хватает ли ему памяти и верен ли REDIS_URL. Бот продолжит сам.",
	},
	"sqlite": {
		away: "База обращений не принимает записей", back: "База обращений снова принимает записи",
		means: "Бот ничего не принимает: сообщения людей ждут у Telegram, но не дольше суток.",
		todo:  "Проверьте место на диске и права на папку с базой (SQLITE_PATH). Бот продолжит сам.",
	},
	"mailbox": {
		away: "Почтовый ящик бота не читается", back: "Почтовый ящик бота снова читается",
		means: "Бот работает и письма уходят, но ответы на них и возвраты до людей не доходят. Они ждут в ящике: бот прочтёт их сам.",
		todo:  "Проверьте почтовый сервер, IMAP_HOST, имя и пароль ящика. Что не так, покажет команда intakebot check.",
	},
	"copies": {
		away: "База обращений не копируется", back: "База обращений снова копируется",
		means: "Бот работает, но если диск погибнет сейчас, обращения последних часов пропадут.",
		todo:  "Проверьте, подключён ли диск папки BACKUP_DIR, есть ли на нём место и права. Бот продолжит сам.",
	},
}

// Alarm writes the letter about a part to l.Alert. It fails when From or Alert
// is no address, or the part is none of AlarmParts.
func (l Letters) Alarm(a Alarm) (outbox.Letter, error) {
	texts, known := alarmTexts[a.Part]
	if !known {
		return outbox.Letter{}, fmt.Errorf("mailer: there is no alarm about %q", a.Part)
	}
	p := page{
		Title: texts.away,
		Lead:  []string{texts.means},
		Fields: []field{
			{Label: "Не работает", Value: "с " + l.at(a.Since)},
			{Label: "Причина", Value: a.Problem, Block: true},
			{Label: "Что сделать", Value: strings.ReplaceAll(texts.todo, phoneHere, l.supportPhone()), Block: true},
		},
		Closing: []string{"Когда всё заработает, придёт ещё одно письмо. Других писем об этом не будет."},
	}
	what := "away"
	if a.Over {
		what = "back"
		p = page{
			Title: texts.back,
			Lead:  []string{"Бот работает. То, что ждало, обрабатывается и отправляется само."},
			Fields: []field{
				{Label: "Не работало", Value: "с " + l.at(a.Since)},
				{Label: "Работает", Value: "с " + l.at(a.At)},
			},
		}
	}
	p.Closing = append(p.Closing, l.zone(a.At))
	return envelope{
		kind:      outbox.AlarmLetter,
		from:      l.From,
		to:        l.Alert,
		toWhat:    "ALERT_EMAIL",
		subject:   "Бот приёма обращений: " + p.Title,
		date:      a.At.In(l.location()),
		messageID: l.messageID(fmt.Sprintf("alarm.%s.%d.%s", a.Part, a.Since.UnixMilli(), what)),
		automatic: true,
	}.render(p.clean())
}
