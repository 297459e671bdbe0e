package e2e

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"intakebot/app/selfcheck"
	"intakebot/e2e/harness"
	"intakebot/simulator"
)

// checks runs the self-check in the harness's environment, without the variables
// named, and returns its exit code and what it prints.
func checks(h *harness.Harness, send string, prepare func(*selfcheck.Checkup)) (code int, text string) {
	h.Helper()
	c := selfcheck.New(harness.Lookup(h.Env), send)
	if prepare != nil {
		prepare(c)
	}
	var out bytes.Buffer
	err := c.Report(h.Context(), &out)
	switch {
	case errors.Is(err, selfcheck.ErrSettings):
		code = 2
	case err != nil:
		code = 1
	}
	text = out.String()
	for _, secret := range []string{h.Telegram.Token(), "smtp-pa55word", "redis-pa55word", proxyPassword} {
		if strings.Contains(text, secret) {
			h.Errorf("the self-check shows a secret:\n%s", text)
		}
	}
	return code, text
}

// faults are what can be wrong with an installation, how it shows, and what it
// means for the exit code.
var faults = []struct {
	name    string
	options []harness.Option
	arrange func(h *harness.Harness)
	code    int
	says    []string
}{
	{"all is well", []harness.Option{harness.OverRedis}, nil, 0, []string{
		"✅ токен принят, бот @intake_sim_bot", "✅ запрос и ответ за", "HTTP/1.1", "✅ темп отправки (всего, одному человеку, группе): 30/s 1/s+3 20/m", "✅ часы идут верно", "✅ сообщения забираются опросом", "✅ бот в группе «Техподдержка»",
		"✅ писать и присылать файлы", "✅ черновик записывается", "✅ при нехватке памяти", "✅ базы ещё нет", "✅ сервер 127.0.0.1",
		"⚠️ письма уходят от Приём обращений <intake@example.ru>", "⚠️ эскалации уходят на uit@example.ru", "ошибок: 0",
	}},
	{"wrong token", nil, func(h *harness.Harness) { h.Env["TELEGRAM_BOT_TOKEN"] = "123456:WRONG" }, 1, []string{"❌ токен не принят", "@BotFather"}},
	{"no Telegram", nil, func(h *harness.Harness) { h.Telegram.SetDown(true) }, 1, []string{"❌ нет ответа", "HTTPS_PROXY"}},
	{"not in the group", nil, func(h *harness.Harness) { h.Group.KickBot(h.Engineer.Person()) }, 1, []string{"❌ в группе", "Добавьте бота"}},
	{"another group", nil, func(h *harness.Harness) { h.Env["SUPPORT_CHAT_ID"] = "-42" }, 1, []string{"❌ в группе -42 бота нет"}},
	{"may not write", nil, func(h *harness.Harness) { h.Group.Mute(true) }, 1, []string{"❌ бот не может писать в группу", "Разрешения"}},
	{"no reactions", nil, func(h *harness.Harness) { h.Group.SetReactions(false) }, 0, []string{"⚠️ реакции ограничены"}},
	{"sees everything", nil, nil, 0, []string{"⚠️ режим приватности выключен", "/setprivacy"}},
	{"privacy", []harness.Option{func(h *harness.Harness) { h.Outside.PrivacyMode = true }}, nil, 0, []string{"✅ режим приватности включён"}},
	{"administrator", []harness.Option{func(h *harness.Harness) {
		h.Outside.PrivacyMode = true
		h.GroupKind = append(h.GroupKind, simulator.BotAdministrator())
	}}, nil, 0,
		[]string{"✅ бот — администратор"}},
	{"basic group", []harness.Option{harness.InBasicGroup}, nil, 0, []string{"⚠️ группа обычная"}},
	{"moved group", []harness.Option{harness.InBasicGroup}, func(h *harness.Harness) { h.Group.Migrate(h.Engineer.Person()) }, 0, []string{"⚠️ группа стала супергруппой: SUPPORT_CHAT_ID=-100"}},
	{"forum without a topic", []harness.Option{inForum}, nil, 0, []string{"⚠️ в группе есть темы"}},
	{"no such topic", []harness.Option{inForum}, func(h *harness.Harness) { h.Env["SUPPORT_THREAD_ID"] = "7" }, 1, []string{"❌ тема 7 не принимает сообщений"}},
	{"topic", []harness.Option{inForum}, func(h *harness.Harness) {
		h.Env["SUPPORT_THREAD_ID"] = strconv.Itoa(h.Group.Topic(h.Engineer.Person(), "Приём"))
	}, 0, []string{"✅ тема "}},
	{"general topic", []harness.Option{inForum}, func(h *harness.Harness) { h.Env["SUPPORT_THREAD_ID"] = "1" }, 0, []string{"⚠️ в группе есть темы, бот будет писать в общую"}},
	{"no photos, no voices", nil, func(h *harness.Harness) { h.Group.Forbid("photo", "voice") }, 0, []string{"⚠️ боту нельзя присылать в группу фото, голосовые"}},
	{"slow mode", nil, func(h *harness.Harness) { h.Group.SetSlowMode(30) }, 0, []string{"⚠️ в группе медленный режим (30 с)"}},
	{"a sign-in page", nil, func(h *harness.Harness) { h.Env["TELEGRAM_API_URL"] = signInPage(h) }, 1, []string{"❌ запрос к Telegram переадресован на login.example.ru"}},
	{"topic without a forum", nil, func(h *harness.Harness) { h.Env["SUPPORT_THREAD_ID"] = "7" }, 1, []string{"❌ тема 7 задана"}},
	{"somebody's webhook", nil, func(h *harness.Harness) { h.AsBot("setWebhook", "url=https://else.example.ru/x") }, 0,
		[]string{"⚠️ установлен вебхук на else.example.ru, а WEBHOOK_URL не задан"}},
	{"no webhook yet", []harness.Option{byWebhook}, nil, 0, []string{"⚠️ вебхук ещё не установлен"}},
	{"failing webhook", []harness.Option{byWebhook}, (*harness.Harness).BreaksWebhook, 1, []string{"❌ вебхук: ошибка", "прокси перед ботом не достучался до бота", "502 Bad Gateway", "сертификат"}},
	{"embedded Redis", nil, nil, 0, []string{"⚠️ REDIS_URL не задан"}},
	{"no Redis", nil, func(h *harness.Harness) {
		h.Env["REDIS_URL"] = "redis://:redis-pa55word@127.0.0.1:" + harness.FreePort(h) + "/0"
	}, 1, []string{"❌ не отвечает", "REDIS_URL"}},
	{"Redis that forgets", []harness.Option{harness.OverRedis}, func(h *harness.Harness) { h.Redis("CONFIG", "SET", "maxmemory-policy", "allkeys-lru") }, 0,
		[]string{"⚠️ при нехватке памяти Redis выбросит черновики (allkeys-lru)", "⚠️ Redis ничего не пишет на диск"}},
	{"Redis that remembers", []harness.Option{harness.OverRedis}, func(h *harness.Harness) { h.Redis("CONFIG", "SET", "appendonly", "yes", "appendfsync", "always") }, 0, []string{"✅ черновики переживают перезапуск Redis"}},
	{"Redis with snapshots", []harness.Option{harness.OverRedis}, func(h *harness.Harness) { h.Redis("CONFIG", "SET", "save", "3600 1") }, 0, []string{"⚠️ Redis пишет на диск только снимки"}},
	{"Redis with another password", []harness.Option{harness.OverRedis}, func(h *harness.Harness) { h.Redis("CONFIG", "SET", "requirepass", "redis-pa55word") }, 1, []string{"❌ отказывает: WRONGPASS"}},
	{"Redis with a password", []harness.Option{harness.OverRedis}, func(h *harness.Harness) {
		h.Env["REDIS_URL"] = strings.Replace(h.Env["REDIS_URL"], ":"+harness.RedisCanary+"@", "", 1)
	}, 1, []string{"❌ отказывает: NOAUTH"}},
	{"full Redis", []harness.Option{harness.OverRedis}, func(h *harness.Harness) { h.Redis("CONFIG", "SET", "maxmemory", "1") }, 1, []string{"❌ отказывает: OOM", "maxmemory"}},
	{"reticent Redis", []harness.Option{harness.OverRedis}, func(h *harness.Harness) { h.Redis("ACL", "SETUSER", "default", "-info", "-config") }, 0,
		[]string{"⚠️ версию Redis не показывает", "⚠️ правило вытеснения", "⚠️ пишет ли Redis на диск"}},
	{"a replica", []harness.Option{harness.OverRedis}, func(h *harness.Harness) { h.Redis("REPLICAOF", "127.0.0.1", "1") }, 1, []string{"❌ отказывает: READONLY"}},
	{"a file in the way", nil, func(h *harness.Harness) { h.Env["SQLITE_PATH"] = inFile(h.TB.(*testing.T), "") + "/incidents.db" }, 1, []string{"❌ записать нельзя"}},
	{"no database", nil, func(h *harness.Harness) {
		h.Env["SQLITE_PATH"] = inFile(h.TB.(*testing.T), strings.Repeat("Это не база. ", 1000))
	}, 1, []string{"❌ база повреждена"}},
	{"no mail", nil, func(h *harness.Harness) { h.Mail.SetDown(true) }, 1, []string{"❌ 127.0.0.1:", "почтовый сервер не отвечает", "SMTP_PORT"}},
	{"no STARTTLS", nil, func(h *harness.Harness) { h.Env["SMTP_TLS"] = "starttls" }, 1, []string{"❌ 127.0.0.1:", "does not offer STARTTLS", "SMTP_TLS"}},
	{"no AUTH", nil, func(h *harness.Harness) { h.Env["SMTP_USERNAME"], h.Env["SMTP_PASSWORD"] = "bot", "smtp-pa55word" }, 1, []string{"❌", "SMTP_USERNAME и SMTP_PASSWORD"}},
	{"refusing mail", nil, func(h *harness.Harness) {
		h.Mail.Fault(simulator.MailFault{Stage: simulator.AtGreeting, Code: 554, Text: "go away"})
	}, 1, []string{"❌", "554 go away"}},
	{"wrong settings", nil, func(h *harness.Harness) { h.Env["SMTP_PORT"], h.Env["TIMEZONE"] = "0", "Kurgan" }, 2,
		[]string{"❌ SMTP_PORT should hold", "❌ TIMEZONE should hold", "✅ токен принят", "⚠️ не проверено", "Исправьте SMTP_PORT"}},
}

// inForum: the group has topics.
func inForum(h *harness.Harness) { h.GroupKind = append(h.GroupKind, simulator.Forum()) }

// signInPage is a network that wants to be signed in to.
func signInPage(h *harness.Harness) string {
	portal := httptest.NewServer(http.RedirectHandler("https://login.example.ru/", http.StatusFound))
	h.Cleanup(portal.Close)
	return portal.URL
}

// TestCheckFiles: it downloads the latest file of the register, and says what a
// server of one's own that gives none needs.
func TestCheckFiles(t *testing.T) {
	t.Parallel()
	own := func(h *harness.Harness) { h.Outside.OwnServer = true }
	h := harness.Start(t, harness.InRealTime, harness.Troubled, own)
	if _, text := checks(h, "", nil); !harness.Holds(text, "⚠️ скачивание файлов", "не проверено") {
		t.Errorf("without a file:\n%s", text)
	}
	anna := h.Clerk()
	anna.Begins()
	anna.AnswersFrom("Организация")
	anna.SendPhoto(simulator.File{Data: []byte("снимок")}, "")
	anna.Registers()
	if code, text := checks(h, "", nil); code != 1 || !harness.Holds(text, "❌", "не отдаёт файлы", "TELEGRAM_FILES_URL", "--local") {
		t.Errorf("exit code %d:\n%s", code, text)
	}
	files := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(files.Close)
	h.Env["TELEGRAM_FILES_URL"] = files.URL
	if _, text := checks(h, "", nil); !harness.Holds(text, "✅ файлы скачиваются") {
		t.Errorf("with a web server:\n%s", text)
	}
}

// TestCheck: the self-check finds each fault, says what to do, and ends with
// the right code; it sends nothing and changes nothing.
func TestCheck(t *testing.T) {
	t.Parallel()
	for _, one := range faults {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			h := harness.Start(t, append(one.options, harness.Closed, harness.Troubled, harness.InRealTime)...)
			if one.arrange != nil {
				one.arrange(h)
			}
			before := h.Telegram.Counters().Calls["setWebhook"]
			code, text := checks(h, "", nil)
			if code != one.code || !harness.Holds(text, one.says...) {
				t.Errorf("exit code %d, want %d and %q:\n%s", code, one.code, one.says, text)
			}
			after := h.Telegram.Counters()
			if changed := after.Calls["setWebhook"] - before + after.Calls["deleteWebhook"] + after.Calls["getUpdates"] + after.Sent; changed != 0 {
				t.Errorf("it changed something: %v", after)
			}
			if letters := h.Mail.Letters(); len(letters) != 0 {
				t.Errorf("it sent %d letters", len(letters))
			}
		})
	}
}

// TestCheckFindsGroups: without SUPPORT_CHAT_ID it names the groups and
// confirms nothing.
func TestCheckFindsGroups(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Closed, harness.Troubled, harness.InRealTime, func(h *harness.Harness) {
		h.Outside.EagerPolls = true // nobody runs it twice in half a second
	})
	for _, variable := range []string{"SUPPORT_CHAT_ID", "SMTP_HOST", "MAIL_FROM"} {
		delete(h.Env, variable)
	}
	if code, text := checks(h, "", nil); code != 2 || !harness.Holds(text, "❌ групп не видно", "/start@intake_sim_bot") {
		t.Errorf("exit code %d:\n%s", code, text)
	}
	h.Clerk().Send("/start")
	h.Engineer.Send("/start@intake_sim_bot")
	former := h.Telegram.Group("Старая «рабочая»", simulator.WithoutBot())
	former.AddBot(h.Engineer.Person())
	former.KickBot(h.Engineer.Person())
	added := h.Telegram.Group("Дежурные", simulator.WithoutBot())
	added.AddBot(h.Engineer.Person())
	pending := h.Telegram.Counters().Pending
	for range 2 { // the second time they are there still
		code, text := checks(h, "", nil)
		if code != 2 || !harness.Holds(text, "✅ группа «Техподдержка»: SUPPORT_CHAT_ID="+strconv.FormatInt(h.Group.ID(), 10),
			"✅ группа «Дежурные»: SUPPORT_CHAT_ID="+strconv.FormatInt(added.ID(), 10)) || strings.Contains(text, "Старая") {
			t.Errorf("exit code %d:\n%s", code, text)
		}
	}
	if now := h.Telegram.Counters().Pending; now != pending {
		t.Errorf("of %d waiting updates %d are left", pending, now)
	}
	h.AsBot("setWebhook", "url=https://else.example.ru/x")
	if _, text := checks(h, "", nil); !harness.Holds(text, "❌ группы не узнать", "вебхук") {
		t.Errorf("with a webhook:\n%s", text)
	}
}

// TestCheckBesideTheBot: the database of a running bot is examined without
// harm.
func TestCheckBesideTheBot(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.InRealTime)
	anna := h.Clerk()
	anna.Files()
	if code, text := checks(h, "", nil); code != 0 || !harness.Holds(text, "✅ бот сейчас работает с этой базой", "✅ база цела") {
		t.Errorf("exit code %d:\n%s", code, text)
	}
	anna.FilesAgain("Снова нет связи.")
	h.Close()
	code, text := checks(h, "", nil)
	if code != 0 || !harness.Holds(text, "✅ база цела") || strings.Contains(text, "сейчас работает") {
		t.Errorf("exit code %d:\n%s", code, text)
	}
	if err := os.Chmod(h.Env["SQLITE_PATH"], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, text := checks(h, "", nil); !harness.Holds(text, "⚠️ базу с персональными данными") {
		t.Errorf("a database for everybody:\n%s", text)
	}
	beside, err := filepath.Glob(filepath.Dir(h.Env["SQLITE_PATH"]) + "/.intakebot*")
	if err != nil || len(beside) != 0 {
		t.Errorf("it left %q, %v", beside, err)
	}
	h.Open()
	anna.FilesAgain("И снова нет связи.")
}

// TestCheckMail: encryption, its certificate, the password, and one letter to
// whom it is asked to write.
func TestCheckMail(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]simulator.MailOptions{
		"starttls": {StartTLS: true, Username: "bot", Password: "smtp-pa55word"},
		"implicit": {ImplicitTLS: true, Username: "bot", Password: "smtp-pa55word"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := harness.Start(t, harness.Closed, harness.Troubled, harness.InRealTime)
			mail := simulator.StartMail(options)
			t.Cleanup(mail.Close)
			h.Env["SMTP_PORT"], h.Env["SMTP_TLS"] = strconv.Itoa(mail.Port()), name
			h.Env["SMTP_USERNAME"], h.Env["SMTP_PASSWORD"] = "bot", "smtp-pa55word"
			trusted := func(c *selfcheck.Checkup) { c.SMTP.RootCAs = mail.CertPool() }
			code, text := checks(h, "admin@example.ru", trusted)
			if code != 0 || !harness.Holds(text, "✅ имя и пароль приняты", "✅ соединение шифруется, сертификат до", "✅ письмо на admin@example.ru сервер принял") {
				t.Errorf("exit code %d:\n%s", code, text)
			}
			if sent := mail.LettersTo("admin@example.ru"); len(sent) != 1 || !harness.Holds(sent[0].Text(), "intakebot check", "спам") {
				t.Errorf("letters: %v", sent)
			}
			if code, text := checks(h, "", nil); code != 1 || !harness.Holds(text, "❌", "x509", "SMTP_TLS и сертификат") {
				t.Errorf("an unknown certificate: exit code %d:\n%s", code, text)
			}
			soon := func(c *selfcheck.Checkup) {
				trusted(c)
				c.Now = func() time.Time { return time.Date(2199, 12, 24, 0, 0, 0, 0, time.UTC) } // the sink's ends with the century
			}
			if _, text := checks(h, "", soon); !harness.Holds(text, "⚠️ сертификат почтового сервера действует до") {
				t.Errorf("a certificate that ends:\n%s", text)
			}
			h.Env["SMTP_PASSWORD"] = "smtp-pa55word-of-yesterday"
			if code, text := checks(h, "", trusted); code != 1 || !harness.Holds(text, "❌", "SMTP_USERNAME и SMTP_PASSWORD") {
				t.Errorf("a wrong password: exit code %d:\n%s", code, text)
			}
		})
	}
}

// TestCheckCommand: the command itself, as an administrator calls it.
func TestCheckCommand(t *testing.T) {
	t.Parallel()
	h := harness.Start(t, harness.Closed, harness.Troubled, harness.InRealTime)
	h.Asks(h.Env, "check", 0, "Telegram\n  ✅ токен принят", "ошибок: 0")
	h.Asks(h.Env, "check --send admin@example.ru", 0, "✅ письмо на admin@example.ru")
	h.Asks(h.Env, "check --send nobody", 2, "usage")
	h.Asks(map[string]string{}, "check", 2, "❌ TELEGRAM_BOT_TOKEN is required", "не проверено")
	h.Telegram.Fault(simulator.Fault{Kind: simulator.Hang, Methods: []string{"getChat"}})
	soon := func(c *selfcheck.Checkup) { c.Within = time.Second }
	if code, text := checks(h, "", soon); code != 1 || !harness.Holds(text, "✅ токен принят", "❌ о группе Telegram не ответил", "✅ сервер 127.0.0.1") {
		t.Errorf("while Telegram hangs: exit code %d:\n%s", code, text)
	}
}
