package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"intakebot/simulator"
)

// checks runs the self-check in the house's environment, without the variables
// named, and returns its exit code and what it prints.
func (h *house) checks(send string, prepare func(*checkup)) (code int, text string) {
	h.Helper()
	c := newCheckup(lookup(h.env), send)
	if prepare != nil {
		prepare(c)
	}
	var out bytes.Buffer
	err := c.report(h.Context(), &out)
	switch {
	case errors.Is(err, ErrSettings):
		code = 2
	case err != nil:
		code = 1
	}
	text = out.String()
	for _, secret := range []string{h.telegram.Token(), "smtp-pa55word", "redis-pa55word", proxyPassword} {
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
	options []option
	arrange func(h *house)
	code    int
	says    []string
}{
	{"all is well", []option{overRedis}, nil, 0, []string{
		"✅ токен принят, бот @intake_sim_bot", "✅ часы идут верно", "✅ сообщения забираются опросом", "✅ бот в группе «Техподдержка»",
		"✅ писать и присылать файлы", "✅ черновик записывается", "✅ при нехватке памяти", "✅ базы ещё нет", "✅ сервер 127.0.0.1",
		"⚠️ письма уходят от Приём обращений <intake@example.ru>", "⚠️ эскалации уходят на uit@example.ru", "ошибок: 0",
	}},
	{"wrong token", nil, func(h *house) { h.env["TELEGRAM_BOT_TOKEN"] = "123456:WRONG" }, 1, []string{"❌ токен не принят", "@BotFather"}},
	{"no Telegram", nil, func(h *house) { h.telegram.SetDown(true) }, 1, []string{"❌ нет ответа", "HTTPS_PROXY"}},
	{"not in the group", nil, func(h *house) { h.group.KickBot(h.engineer.Person()) }, 1, []string{"❌ в группе", "Добавьте бота"}},
	{"another group", nil, func(h *house) { h.env["SUPPORT_CHAT_ID"] = "-42" }, 1, []string{"❌ в группе -42 бота нет"}},
	{"may not write", nil, func(h *house) { h.group.Mute(true) }, 1, []string{"❌ бот не может писать в группу", "Разрешения"}},
	{"no reactions", nil, func(h *house) { h.group.SetReactions(false) }, 0, []string{"⚠️ реакции ограничены"}},
	{"sees everything", nil, nil, 0, []string{"⚠️ режим приватности выключен", "/setprivacy"}},
	{"privacy", []option{func(h *house) { h.outside.PrivacyMode = true }}, nil, 0, []string{"✅ режим приватности включён"}},
	{"administrator", []option{func(h *house) {
		h.outside.PrivacyMode = true
		h.groupKind = append(h.groupKind, simulator.BotAdministrator())
	}}, nil, 0,
		[]string{"✅ бот — администратор"}},
	{"basic group", []option{inBasicGroup}, nil, 0, []string{"⚠️ группа обычная"}},
	{"moved group", []option{inBasicGroup}, func(h *house) { h.group.Migrate(h.engineer.Person()) }, 0, []string{"⚠️ группа стала супергруппой: SUPPORT_CHAT_ID=-100"}},
	{"forum without a topic", []option{inForum}, nil, 0, []string{"⚠️ в группе есть темы"}},
	{"topic", []option{inForum}, func(h *house) { h.env["SUPPORT_THREAD_ID"] = "7" }, 0, []string{"✅ тема 7"}},
	{"topic without a forum", nil, func(h *house) { h.env["SUPPORT_THREAD_ID"] = "7" }, 1, []string{"❌ тема 7 задана"}},
	{"somebody's webhook", nil, func(h *house) { h.asBot("setWebhook", "url=https://else.example.ru/x") }, 0,
		[]string{"⚠️ установлен вебхук на else.example.ru, а WEBHOOK_URL не задан"}},
	{"no webhook yet", []option{byWebhook}, nil, 0, []string{"⚠️ вебхук ещё не установлен"}},
	{"failing webhook", []option{byWebhook}, (*house).breaksWebhook, 1, []string{"❌ вебхук: ошибка", "502 Bad Gateway", "сертификат"}},
	{"embedded Redis", nil, nil, 0, []string{"⚠️ REDIS_URL не задан"}},
	{"no Redis", nil, func(h *house) { h.env["REDIS_URL"] = "redis://:redis-pa55word@127.0.0.1:" + freePort(h) + "/0" }, 1, []string{"❌ не отвечает", "REDIS_URL"}},
	{"Redis that forgets", []option{overRedis}, func(h *house) { h.redis("CONFIG", "SET", "maxmemory-policy", "allkeys-lru") }, 0,
		[]string{"⚠️ при нехватке памяти Redis выбросит черновики (allkeys-lru)", "⚠️ Redis ничего не пишет на диск"}},
	{"Redis that remembers", []option{overRedis}, func(h *house) { h.redis("CONFIG", "SET", "appendonly", "yes") }, 0, []string{"✅ черновики переживают перезапуск Redis"}},
	{"Redis with snapshots", []option{overRedis}, func(h *house) { h.redis("CONFIG", "SET", "save", "3600 1") }, 0, []string{"⚠️ Redis пишет на диск только снимки"}},
	{"Redis with another password", []option{overRedis}, func(h *house) { h.redis("CONFIG", "SET", "requirepass", "redis-pa55word") }, 1, []string{"❌ отказывает: WRONGPASS"}},
	{"Redis with a password", []option{overRedis}, func(h *house) {
		h.env["REDIS_URL"] = strings.Replace(h.env["REDIS_URL"], ":"+redisCanary+"@", "", 1)
	}, 1, []string{"❌ отказывает: NOAUTH"}},
	{"full Redis", []option{overRedis}, func(h *house) { h.redis("CONFIG", "SET", "maxmemory", "1") }, 1, []string{"❌ отказывает: OOM", "maxmemory"}},
	{"reticent Redis", []option{overRedis}, func(h *house) { h.redis("ACL", "SETUSER", "default", "-info", "-config") }, 0,
		[]string{"⚠️ версию Redis не показывает", "⚠️ правило вытеснения", "⚠️ пишет ли Redis на диск"}},
	{"a replica", []option{overRedis}, func(h *house) { h.redis("REPLICAOF", "127.0.0.1", "1") }, 1, []string{"❌ отказывает: READONLY"}},
	{"a file in the way", nil, func(h *house) { h.env["SQLITE_PATH"] = inFile(h.TB.(*testing.T), "") + "/incidents.db" }, 1, []string{"❌ записать нельзя"}},
	{"no database", nil, func(h *house) {
		h.env["SQLITE_PATH"] = inFile(h.TB.(*testing.T), strings.Repeat("Это не база. ", 1000))
	}, 1, []string{"❌ база повреждена"}},
	{"no mail", nil, func(h *house) { h.mail.SetDown(true) }, 1, []string{"❌ 127.0.0.1:", "почтовый сервер не отвечает", "SMTP_PORT"}},
	{"no STARTTLS", nil, func(h *house) { h.env["SMTP_TLS"] = "starttls" }, 1, []string{"❌ 127.0.0.1:", "does not offer STARTTLS", "SMTP_TLS"}},
	{"no AUTH", nil, func(h *house) { h.env["SMTP_USERNAME"], h.env["SMTP_PASSWORD"] = "bot", "smtp-pa55word" }, 1, []string{"❌", "SMTP_USERNAME и SMTP_PASSWORD"}},
	{"refusing mail", nil, func(h *house) {
		h.mail.Fault(simulator.MailFault{Stage: simulator.AtGreeting, Code: 554, Text: "go away"})
	}, 1, []string{"❌", "554 go away"}},
	{"wrong settings", nil, func(h *house) { h.env["SMTP_PORT"], h.env["TIMEZONE"] = "0", "Kurgan" }, 2,
		[]string{"❌ SMTP_PORT should hold", "❌ TIMEZONE should hold", "✅ токен принят", "⚠️ не проверено", "Исправьте SMTP_PORT"}},
}

// inForum: the group has topics.
func inForum(h *house) { h.groupKind = append(h.groupKind, simulator.Forum()) }

// asBot calls a method of the Bot API and returns the answer.
func (h *house) asBot(method, query string) string {
	h.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(h.telegram.URL() + "/bot" + h.telegram.Token() + "/" + method + "?" + query)
	if err != nil {
		h.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		h.Fatal(err)
	}
	return string(answer)
}

// breaksWebhook: what stands before the bot answers Telegram by an error, and
// Telegram has noticed.
func (h *house) breaksWebhook() {
	front := startFront(h)
	h.env["WEBHOOK_URL"] = front.URL + "/telegram/updates"
	h.asBot("setWebhook", "url="+h.env["WEBHOOK_URL"])
	h.clerk().Send("/start")
	<-front.noticed
}

// front is a web server before the bot, broken until it is mended.
type front struct {
	*httptest.Server
	mended  atomic.Bool
	refused atomic.Int32
	noticed chan struct{} // closed at the second refusal: of the first Telegram knows then
}

func startFront(h *house) *front {
	bot := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: h.env["HTTP_ADDR"]})
	bot.Transport = &http.Transport{DisableKeepAlives: true}
	f := &front{noticed: make(chan struct{})}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.mended.Load() {
			bot.ServeHTTP(w, r)
			return
		}
		if f.refused.Add(1) == 2 {
			close(f.noticed)
		}
		w.WriteHeader(http.StatusBadGateway)
	}))
	h.Cleanup(f.Close)
	return f
}

// TestCheck: the self-check finds each fault, says what to do, and ends with
// the right code; it sends nothing and changes nothing.
func TestCheck(t *testing.T) {
	t.Parallel()
	for _, one := range faults {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			h := startHouse(t, append(one.options, closed, troubled, inRealTime)...)
			if one.arrange != nil {
				one.arrange(h)
			}
			before := h.telegram.Counters().Calls["setWebhook"]
			code, text := h.checks("", nil)
			if code != one.code || !holds(text, one.says...) {
				t.Errorf("exit code %d, want %d and %q:\n%s", code, one.code, one.says, text)
			}
			after := h.telegram.Counters()
			if changed := after.Calls["setWebhook"] - before + after.Calls["deleteWebhook"] + after.Calls["getUpdates"] + after.Sent; changed != 0 {
				t.Errorf("it changed something: %v", after)
			}
			if letters := h.mail.Letters(); len(letters) != 0 {
				t.Errorf("it sent %d letters", len(letters))
			}
		})
	}
}

// TestCheckFindsGroups: without SUPPORT_CHAT_ID it names the groups and
// confirms nothing.
func TestCheckFindsGroups(t *testing.T) {
	t.Parallel()
	h := startHouse(t, closed, troubled, inRealTime)
	for _, variable := range []string{"SUPPORT_CHAT_ID", "SMTP_HOST", "MAIL_FROM"} {
		delete(h.env, variable)
	}
	if code, text := h.checks("", nil); code != 2 || !holds(text, "❌ групп не видно", "/start@intake_sim_bot") {
		t.Errorf("exit code %d:\n%s", code, text)
	}
	h.clerk().Send("/start")
	h.engineer.Send("/start@intake_sim_bot")
	former := h.telegram.Group("Старая «рабочая»", simulator.WithoutBot())
	former.AddBot(h.engineer.Person())
	former.KickBot(h.engineer.Person())
	added := h.telegram.Group("Дежурные", simulator.WithoutBot())
	added.AddBot(h.engineer.Person())
	pending := h.telegram.Counters().Pending
	for range 2 { // the second time they are there still
		code, text := h.checks("", nil)
		if code != 2 || !holds(text, "✅ группа «Техподдержка»: SUPPORT_CHAT_ID="+strconv.FormatInt(h.group.ID(), 10),
			"✅ группа «Дежурные»: SUPPORT_CHAT_ID="+strconv.FormatInt(added.ID(), 10)) || strings.Contains(text, "Старая") {
			t.Errorf("exit code %d:\n%s", code, text)
		}
	}
	if now := h.telegram.Counters().Pending; now != pending {
		t.Errorf("of %d waiting updates %d are left", pending, now)
	}
	h.asBot("setWebhook", "url=https://else.example.ru/x")
	if _, text := h.checks("", nil); !holds(text, "❌ группы не узнать", "вебхук") {
		t.Errorf("with a webhook:\n%s", text)
	}
}

// TestCheckBesideTheBot: the database of a running bot is examined without
// harm.
func TestCheckBesideTheBot(t *testing.T) {
	t.Parallel()
	h := startHouse(t, inRealTime)
	anna := h.clerk()
	anna.files()
	if code, text := h.checks("", nil); code != 0 || !holds(text, "✅ бот сейчас работает с этой базой", "✅ база цела") {
		t.Errorf("exit code %d:\n%s", code, text)
	}
	anna.filesAgain("Снова нет связи.")
	h.close()
	code, text := h.checks("", nil)
	if code != 0 || !holds(text, "✅ база цела") || strings.Contains(text, "сейчас работает") {
		t.Errorf("exit code %d:\n%s", code, text)
	}
	if err := os.Chmod(h.env["SQLITE_PATH"], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, text := h.checks("", nil); !holds(text, "⚠️ базу с персональными данными") {
		t.Errorf("a database for everybody:\n%s", text)
	}
	beside, err := filepath.Glob(filepath.Dir(h.env["SQLITE_PATH"]) + "/.intakebot*")
	if err != nil || len(beside) != 0 {
		t.Errorf("it left %q, %v", beside, err)
	}
	h.open()
	anna.filesAgain("И снова нет связи.")
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
			h := startHouse(t, closed, troubled, inRealTime)
			mail := simulator.StartMail(options)
			t.Cleanup(mail.Close)
			h.env["SMTP_PORT"], h.env["SMTP_TLS"] = strconv.Itoa(mail.Port()), name
			h.env["SMTP_USERNAME"], h.env["SMTP_PASSWORD"] = "bot", "smtp-pa55word"
			trusted := func(c *checkup) { c.SMTP.RootCAs = mail.CertPool() }
			code, text := h.checks("admin@example.ru", trusted)
			if code != 0 || !holds(text, "✅ имя и пароль приняты", "✅ соединение шифруется, сертификат до", "✅ письмо на admin@example.ru сервер принял") {
				t.Errorf("exit code %d:\n%s", code, text)
			}
			if sent := mail.LettersTo("admin@example.ru"); len(sent) != 1 || !holds(sent[0].Text(), "intakebot check", "спам") {
				t.Errorf("letters: %v", sent)
			}
			if code, text := h.checks("", nil); code != 1 || !holds(text, "❌", "x509", "SMTP_TLS и сертификат") {
				t.Errorf("an unknown certificate: exit code %d:\n%s", code, text)
			}
			soon := func(c *checkup) {
				trusted(c)
				c.now = func() time.Time { return time.Date(2199, 12, 24, 0, 0, 0, 0, time.UTC) } // the sink's ends with the century
			}
			if _, text := h.checks("", soon); !holds(text, "⚠️ сертификат почтового сервера действует до") {
				t.Errorf("a certificate that ends:\n%s", text)
			}
			h.env["SMTP_PASSWORD"] = "smtp-pa55word-of-yesterday"
			if code, text := h.checks("", trusted); code != 1 || !holds(text, "❌", "SMTP_USERNAME и SMTP_PASSWORD") {
				t.Errorf("a wrong password: exit code %d:\n%s", code, text)
			}
		})
	}
}

// TestCheckCommand: the command itself, as an administrator calls it.
func TestCheckCommand(t *testing.T) {
	t.Parallel()
	h := startHouse(t, closed, troubled, inRealTime)
	h.asks(h.env, "check", 0, "Telegram\n  ✅ токен принят", "ошибок: 0")
	h.asks(h.env, "check --send admin@example.ru", 0, "✅ письмо на admin@example.ru")
	h.asks(h.env, "check --send nobody", 2, "usage")
	h.asks(map[string]string{}, "check", 2, "❌ TELEGRAM_BOT_TOKEN is required", "не проверено")
	h.telegram.Fault(simulator.Fault{Kind: simulator.Hang, Methods: []string{"getChat"}})
	soon := func(c *checkup) { c.within = time.Second }
	if code, text := h.checks("", soon); code != 1 || !holds(text, "✅ токен принят", "❌ о группе Telegram не ответил", "✅ сервер 127.0.0.1") {
		t.Errorf("while Telegram hangs: exit code %d:\n%s", code, text)
	}
}
