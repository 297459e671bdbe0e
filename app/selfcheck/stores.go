package selfcheck

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"intakebot/incident"
	"intakebot/storage"
)

// redisRefusals are what to do about Redis' own codes.
var redisRefusals = map[string]string{
	"NOAUTH":    "Задайте пароль Redis в REDIS_PASSWORD.",
	"WRONGPASS": "Проверьте пароль: REDIS_PASSWORD или тот, что в REDIS_URL; имя, если оно там есть.",
	"NOPERM":    "Дайте пользователю Redis права на ключи intakebot:* и на команды, включая EVAL и EVALSHA.",
	"OOM":       "Redis не хватает памяти: увеличьте maxmemory.",
	"READONLY":  "Это реплика, она только для чтения: укажите главный сервер или Sentinel.",
	"MISCONF":   "Redis не может записать снимок на диск: проверьте место и права в его папке.",
	"LOADING":   "Redis ещё читает свои данные: повторите через минуту.",
}

func checkRedis(ctx context.Context, c *Checkup, f *findings) {
	if c.RedisURL == "" {
		f.warn("Задайте REDIS_URL.", "REDIS_URL не задан: черновики живут в памяти бота и пропадут при перезапуске (зарегистрированное — нет)")
		return
	}
	drafts, err := storage.OpenDrafts(ctx, storage.DraftsOptions{URL: c.RedisURL, Prefix: c.BotID() + ":", TTL: c.DraftTTL})
	if err != nil {
		f.fail("Проверьте REDIS_URL.", "%v", err)
		return
	}
	defer drafts.Close()
	r, err := drafts.Inspect(ctx)
	if todo := redisRefusals[storage.RedisRefusal(err)]; err != nil && todo != "" {
		f.fail(todo, "отказывает: %s", storage.RedisRefusal(err))
		return
	} else if err != nil {
		f.fail("Проверьте, запущен ли Redis и верен ли REDIS_URL.", "не отвечает: %v", err)
		return
	}
	f.ok("черновик записывается и читается")
	checkRedisVersion(r, f)
	switch r.Policy {
	case "noeviction":
		f.ok("при нехватке памяти черновики не выбрасываются")
	case "":
		f.warn("Проверьте сами: maxmemory-policy noeviction.", "правило вытеснения Redis не показывает")
	default:
		f.warn("Задайте maxmemory-policy noeviction.", "при нехватке памяти Redis выбросит черновики (%s)", r.Policy)
	}
	checkPersistence(r, f)
}

// redisSince is the oldest Redis on which the bot is tried.
const redisSince = 6

func checkRedisVersion(r storage.RedisCondition, f *findings) {
	major, _, _ := strings.Cut(r.Version, ".")
	switch n, err := strconv.Atoi(major); {
	case err != nil:
		f.warn(fmt.Sprintf("Проверьте сами: нужен Redis %d или новее.", redisSince), "версию Redis не показывает")
	case n < redisSince:
		f.warn(fmt.Sprintf("Обновите: бот проверен с Redis %d и новее.", redisSince), "версия %s", r.Version)
	default:
		f.ok("версия %s", r.Version)
	}
}

func checkPersistence(r storage.RedisCondition, f *findings) {
	const todo = "Включите appendonly yes."
	switch {
	case r.Failing != "":
		f.fail("Посмотрите журнал Redis: место на диске, права.", "Redis не смог записать данные на диск (%s)", r.Failing)
	case r.AOF == "1" && r.Fsync != "" && r.Fsync != "always":
		f.warn("Задайте appendfsync always.", "Redis пишет на диск не сразу (appendfsync %s): сбой потеряет последние ответы в черновиках", r.Fsync)
	case r.AOF == "1":
		f.ok("черновики переживают перезапуск Redis (AOF)")
	case r.Snapshots != "":
		f.warn(todo, "Redis пишет на диск только снимки: сбой потеряет черновики последних минут")
	case r.Never && r.AOF == "0":
		f.warn(todo, "Redis ничего не пишет на диск: его перезапуск потеряет черновики")
	default:
		f.warn("Проверьте сами: appendonly yes.", "пишет ли Redis на диск, он не показывает")
	}
}

// The least room on the disk of the database, in bytes: a letter with files is
// some megabytes, an incident a few kilobytes.
const (
	roomForDays   = 200 << 20
	roomForMonths = 1 << 30
)

func checkDatabase(ctx context.Context, c *Checkup, f *findings) {
	d := storage.Inspect(ctx, c.SQLitePath)
	switch {
	case d.Unwritable != nil:
		f.fail("Дайте боту право писать в папку базы (SQLITE_PATH); проверьте место и не смонтирован ли диск только для чтения.",
			"записать нельзя: %v", d.Unwritable)
	case !d.Exists:
		f.ok("базы ещё нет, бот создаст её при запуске: %s", c.SQLitePath)
	default:
		f.ok("база на месте, %s, писать можно", size(d.Size))
	}
	switch {
	case d.Free < 0:
		f.warn("Проверьте сами.", "сколько места на диске, система не говорит")
	case d.Free < roomForDays:
		f.fail("Освободите место: когда оно кончится, бот перестанет принимать обращения.", "на диске осталось %s", size(d.Free))
	case d.Free < roomForMonths:
		f.warn("Освободите место заранее.", "на диске осталось %s", size(d.Free))
	default:
		f.ok("на диске свободно %s", size(d.Free))
	}
	if d.Exists {
		checkContent(d, f)
	}
	c.checkReplaced(f)
	c.checkCopies(d, f)
}

func checkContent(d storage.Condition, f *findings) {
	if d.InUse {
		f.ok("бот сейчас работает с этой базой")
	}
	switch {
	case errors.Is(d.Unsound, storage.ErrNewerDatabase):
		f.fail("Запускайте тот выпуск, который писал в базу, или более новый.", "база записана более новым выпуском")
		return
	case errors.Is(d.Unsound, storage.ErrOlderDatabase):
		f.warn("Бот обновит её при запуске; сделайте перед этим копию.", "база записана прежним выпуском")
		return
	case errors.Is(d.Unsound, context.DeadlineExceeded), errors.Is(d.Unsound, context.Canceled):
		f.warn("Проверьте копию: intakebot backup проверяет её сам.", "целостность базы проверить не успели")
	case errors.Is(d.Unsound, incident.ErrBroken):
		f.fail("Остановите бота и восстановите базу из копии: intakebot restore.", "база повреждена: %v", d.Unsound)
		return
	case d.Unsound != nil:
		f.fail("Проверьте права на файл базы.", "базу не прочитать: %v", d.Unsound)
		return
	default:
		f.ok("база цела")
	}
	if d.Journal != "wal" && d.Journal != "" {
		f.warn("Бот исправит это при запуске.", "режим журнала базы: %s, а не WAL", d.Journal)
	}
	if d.Exposed {
		f.warn("Закройте её: chmod 600.", "базу с персональными данными могут читать другие пользователи этой машины")
	}
}

// size is a number of bytes for people.
func size(bytes int64) string {
	switch {
	case bytes >= 10<<30:
		return fmt.Sprintf("%d\u00a0ГБ", bytes>>30)
	case bytes >= 1<<30:
		return strings.Replace(fmt.Sprintf("%.1f\u00a0ГБ", float64(bytes)/(1<<30)), ".", ",", 1)
	case bytes >= 1<<20:
		return fmt.Sprintf("%d\u00a0МБ", bytes>>20)
	}
	return fmt.Sprintf("%d\u00a0КБ", (bytes+1023)>>10)
}
