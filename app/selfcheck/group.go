package selfcheck

import (
	"context"
	"errors"
	"strings"

	"intakebot/bot/telegram"
	"intakebot/incident"
)

// listGroups shows the ids from which SUPPORT_CHAT_ID is to be chosen.
func listGroups(ctx context.Context, client *telegram.Client, me telegram.Identity, f *findings) {
	groups, err := telegram.FindGroups(ctx, client)
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
func (c *Checkup) checkGroup(ctx context.Context, client *telegram.Client, me telegram.Identity, f *findings) {
	g, err := telegram.AskGroup(ctx, client, c.Desk, me.ID)
	if moved := (*telegram.MovedError)(nil); errors.As(err, &moved) {
		f.warn("Впишите новый id. Работающий бот перешёл в неё сам.", "группа стала супергруппой: SUPPORT_CHAT_ID=%d", moved.To)
		g, err = telegram.AskGroup(ctx, client, moved.To, me.ID)
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
	c.checkTopic(ctx, client, g, f)
	checkPrivacy(g, me, f)
}

// fileKinds are the kinds of files in the words of the settings of a group.
var fileKinds = map[incident.AttachmentKind]string{
	incident.Photo: "фото", incident.Document: "файлы", incident.Video: "видео", incident.Voice: "голосовые",
	incident.VideoNote: "видеосообщения", incident.Audio: "музыку", incident.Animation: "анимации",
}

func checkRights(g telegram.GroupInfo, f *findings) {
	const todo = "В настройках группы: «Разрешения», или назначьте бота администратором."
	switch {
	case !g.MaySend:
		f.fail(todo, "бот не может писать в группу")
	case len(g.Forbidden) > 0:
		var kinds []string
		for _, kind := range g.Forbidden {
			kinds = append(kinds, fileKinds[kind])
		}
		f.warn(todo, "боту нельзя присылать в группу %s: такие вложения заявителей в группу не придут", strings.Join(kinds, ", "))
	default:
		f.ok("писать и присылать файлы в группу можно")
	}
	if g.SlowMode > 0 && g.Status != "administrator" {
		f.warn("Выключите медленный режим или назначьте бота администратором.", "в группе медленный режим (%d с): карточки и ответы опоздают", g.SlowMode)
	}
	if !g.MayReact() {
		f.warn("Разрешите в группе реакцию 👌 или оставьте так.", "реакции ограничены: о доставке ответа бот скажет словами")
	}
}

func (c *Checkup) checkTopic(ctx context.Context, client *telegram.Client, g telegram.GroupInfo, f *findings) {
	switch {
	case g.Forum && c.DeskThread == 0:
		f.warn("Задайте SUPPORT_THREAD_ID, если у поддержки есть своя тема.", "в группе есть темы, бот будет писать в общую")
	case g.Forum:
		if err := telegram.AskTopic(ctx, client, g.ID); err != nil {
			f.fail("Проверьте SUPPORT_THREAD_ID: тема удалена, закрыта или номер неверен.", "тема %d не принимает сообщений: %v", c.DeskThread, err)
			break
		}
		f.ok("тема %d: Telegram её не отвергает", c.DeskThread)
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
		f.ok("бот — администратор: видит всю переписку группы")
	default:
		f.ok("режим приватности включён: бот видит только команды и ответы на свои сообщения")
	}
	f.ok("сообщения старше 48 часов ни один бот удалить не может: при /forget бот стирает в них слова, а чего стереть нельзя, назовёт для удаления вручную")
}
