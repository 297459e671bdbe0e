package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-telegram/bot/models"

	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/outbox"
)

// deskCommand is a row of the table of the desk's commands.
type deskCommand struct {
	name, help string
	run        func(d *deskTurn, ctx context.Context, args string, replyTo int) error
}

// deskCommands are the commands of the support group in the order of its menu.
var deskCommands []deskCommand

func init() { // a literal would refer to itself through /help
	deskCommands = []deskCommand{
		{"open", "открытые обращения", (*deskTurn).open},
		{"incident", "обращение целиком: /incident номер", (*deskTurn).incident},
		{"search", "найти обращение: /search слова", (*deskTurn).search},
		{"take", "взять в работу: /take номер", (*deskTurn).take},
		{"ask", "спросить заявителя: /ask номер текст", words(incident.Ask, askHow)},
		{"resolve", "решено: /resolve номер текст", words(incident.Solve, solveHow)},
		{"handover", "взять себе: /handover номер", onlyNumber(incident.HandOver, "/handover")},
		{"return", "вернуть в очередь: /return номер", onlyNumber(incident.Return, "/return")},
		{"retry", "отправить неотправленное: /retry номер", (*deskTurn).retry},
		{"undo", "удалить у заявителя: ответом на своё сообщение", (*deskTurn).undo},
		{"stats", "сводка за 7, 30 и 90 дней", (*deskTurn).stats},
		{"help", "как пользоваться", (*deskTurn).help},
	}
}

// command reads a command that is meant for this bot: «/open», «/open@ours».
func (d *deskTurn) command() (conversation.Command, bool) {
	text := d.message.Text
	if !strings.HasPrefix(text, "/") || strings.HasPrefix(text, "//") {
		return conversation.Command{}, false
	}
	if d.toAnother(text) {
		return conversation.Command{}, false
	}
	return command(text)
}

// toAnother says that a command is for another bot: «/open@another_bot».
func (b *Bot) toAnother(text string) bool {
	word, _, _ := strings.Cut(strings.ReplaceAll(text, "\n", " "), " ")
	_, to, addressed := strings.Cut(word, "@")
	return strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//") && addressed && !strings.EqualFold(strings.TrimSpace(to), b.username())
}

// notOurs says that a command in a private chat is another bot's, or the
// desk's: these do nothing outside the group.
func (b *Bot) notOurs(text string) bool {
	if !strings.HasPrefix(text, "/") {
		return false
	}
	if b.toAnother(text) {
		return true
	}
	c, ok := command(text)
	if !ok {
		return false
	}
	desk := slices.ContainsFunc(deskCommands, func(s deskCommand) bool { return s.name == c.Name })
	return desk && !conversation.IsCommand(c.Name)
}

func (d *deskTurn) known(c conversation.Command) bool {
	return slices.ContainsFunc(deskCommands, func(k deskCommand) bool { return k.name == c.Name })
}

func (d *deskTurn) obey(ctx context.Context, c conversation.Command, replyTo int) error {
	for _, known := range deskCommands {
		if known.name == c.Name {
			return known.run(d, ctx, c.Args, replyTo)
		}
	}
	return nil
}

func (d *deskTurn) help(ctx context.Context, _ string, _ int) error {
	var b strings.Builder
	b.WriteString("<b>Как работать с обращениями</b>\n\nОтвет на карточку или на сообщение заявителя уходит ему. Ответ, который начинается с //, остаётся заметкой для коллег.\n")
	for _, c := range deskCommands {
		b.WriteString("\n/" + c.name + " — " + escape(c.help))
	}
	return d.answer(ctx, "", b.String())
}

// number reads a number from the beginning of the arguments and returns the
// rest; complaint says what is wrong.
func number(args string) (n incident.Number, rest, complaint string) {
	word, rest, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(args, "№"), " "), " ")
	if i := strings.IndexByte(word, '\n'); i >= 0 {
		word, rest = word[:i], word[i+1:]+" "+rest
	}
	n, err := incident.ParseNumber(word)
	switch {
	case errors.Is(err, incident.ErrMistyped):
		return "", "", mistyped
	case err != nil:
		return "", "", "?"
	}
	return n, strings.TrimSpace(rest), ""
}

// or replaces the complaint about a missing number by how to write.
func or(complaint, how string) string {
	if complaint == "?" {
		return how
	}
	return complaint
}

func (d *deskTurn) take(ctx context.Context, args string, _ int) error {
	n, _, complaint := number(args)
	if complaint != "" {
		return d.answer(ctx, "", or(complaint, takeHow))
	}
	text, err := d.act(ctx, incident.Act{Number: n, Action: incident.Take}, 0)
	if err == nil && text == "" {
		text = "Взято в работу: №\u00a0" + string(n)
	}
	if err != nil {
		return err
	}
	return d.answer(ctx, n, escape(text))
}

// onlyNumber is a command that needs a number alone.
func onlyNumber(a incident.Action, name string) func(*deskTurn, context.Context, string, int) error {
	return func(d *deskTurn, ctx context.Context, args string, _ int) error {
		n, _, complaint := number(args)
		if complaint != "" {
			return d.answer(ctx, "", or(complaint, "Напишите так: "+name+" 26-00001-4."))
		}
		return d.actAloud(ctx, incident.Act{Number: n, Action: a}, 0)
	}
}

// words is a command that needs words for the person.
func words(a incident.Action, how string) func(*deskTurn, context.Context, string, int) error {
	return func(d *deskTurn, ctx context.Context, args string, _ int) error {
		n, text, complaint := number(args)
		if complaint == "" && text == "" {
			complaint = "?"
		}
		if complaint != "" {
			return d.answer(ctx, n, or(complaint, how))
		}
		return d.actAloud(ctx, incident.Act{Number: n, Action: a, Text: text}, d.message.ID)
	}
}

// undo deletes the person's copy of the member's own message.
func (d *deskTurn) undo(ctx context.Context, _ string, replyTo int) error {
	to := d.message.ReplyToMessage
	if replyTo == 0 || to == nil || senderOf(to) != d.who {
		return d.answer(ctx, "", notUndone)
	}
	places, told, waiting, err := d.became(ctx, to)
	if err != nil {
		return err
	}
	if waiting {
		// The answer goes with it, so that a repetition says nothing else.
		post := deskAnswer(d.answerKey(), told.Number, "Заявителю это не уйдёт.", d.message.ID)
		if _, err := d.cfg.Register.Recall(ctx, to.ID, post); err != nil {
			return err
		}
		d.courier.raise()
	}
	switch {
	case len(places) > 0:
		if err := d.deleteCopies(ctx, told.Number, places); err != nil {
			return err
		}
		return d.answer(ctx, "", undone)
	case !waiting:
		return d.answer(ctx, "", notUndone)
	}
	return nil
}

// incident shows all that is known of one, in as many messages as it takes.
func (d *deskTurn) incident(ctx context.Context, args string, _ int) error {
	n, _, complaint := number(args)
	if complaint != "" {
		return d.answer(ctx, "", or(complaint, incidentHow))
	}
	i, err := d.cfg.Register.Incident(ctx, n)
	if errors.Is(err, incident.ErrNotFound) {
		return d.answer(ctx, "", unknown)
	}
	if err != nil {
		return err
	}
	text := d.incidentText(i, 1<<20) + "\n\n<b>История</b>"
	for _, e := range i.History {
		line := "\n" + d.cardTime(e.At) + " · " + e.Kind.String()
		if e.Name != "" {
			line += " (" + escape(e.Name) + ")"
		}
		if e.Text != "" {
			line += ": " + escape(e.Text)
		}
		if files := conversation.AttachmentLine(e.Attachments); files != "" {
			line += " · " + escape(files)
		}
		text += line
	}
	for _, piece := range pieces(text, 3800) {
		if err := d.answer(ctx, n, piece); err != nil {
			return err
		}
	}
	var files []outbox.Message
	for k, f := range i.Attachments {
		files = append(files, together(outbox.Message{
			Key: fmt.Sprintf("desk:%d:file:%d", d.update, k), Channel: outbox.Telegram, Number: n, Chat: outbox.DeskChat,
			Rank: outbox.RankRelay, Body: parcel{File: &f, ReplyTo: d.message.ID}.encode(),
		}, f, fmt.Sprintf("desk:%d", d.update), 0))
	}
	err = d.cfg.Register.Put(ctx, files...)
	d.courier.raise()
	return err
}

// pageSize is how many incidents a page of /open shows.
const pageSize = 10

func (d *deskTurn) open(ctx context.Context, _ string, _ int) error {
	m, err := d.openPage(ctx, 0)
	if err != nil {
		return err
	}
	d.answers++
	err = d.cfg.Register.Put(ctx, outbox.Message{
		Key: fmt.Sprintf("desk:%d:%d", d.update, d.answers), Channel: outbox.Telegram, Chat: outbox.DeskChat,
		Rank: outbox.RankNotice, Body: parcel{Message: &m, ReplyTo: d.message.ID}.encode(),
	})
	d.courier.raise()
	return err
}

// turnPage shows another page in the same message.
func (d *deskTurn) turnPage(ctx context.Context, q *models.CallbackQuery, arg string) error {
	page, err := strconv.Atoi(arg)
	if err != nil || q.Message.Message == nil {
		return nil
	}
	m, err := d.openPage(ctx, page)
	if err != nil {
		return err
	}
	err = d.cfg.Register.Put(ctx, outbox.Message{
		Key: fmt.Sprintf("page:%d", d.update), Channel: outbox.Telegram, Chat: outbox.DeskChat,
		Rank: outbox.RankNotice, Body: parcel{Message: &m, Edit: q.Message.Message.ID}.encode(),
	})
	d.courier.raise()
	return err
}

// openPage lists the open incidents: those with unanswered messages first, the
// longest waiting before the others, then by age.
func (d *deskTurn) openPage(ctx context.Context, page int) (conversation.Message, error) {
	all, err := d.cfg.Register.OpenIncidents(ctx)
	if err != nil {
		return conversation.Message{}, err
	}
	all = slices.DeleteFunc(all, func(i incident.Incident) bool { return !i.Status.Open() })
	slices.SortStableFunc(all, func(a, b incident.Incident) int {
		n, since := a.Unanswered()
		k, other := b.Unanswered()
		switch {
		case (n > 0) != (k > 0):
			return k - n
		case n > 0:
			return since.Compare(other)
		}
		return a.RegisteredAt.Compare(b.RegisteredAt)
	})
	if len(all) == 0 {
		return conversation.Message{HTML: "Открытых обращений нет."}, nil
	}
	last := (len(all) - 1) / pageSize
	page = min(max(page, 0), last)
	lines := []string{fmt.Sprintf("<b>Открытые обращения: %d</b>", len(all)), ""}
	for _, i := range all[page*pageSize : min(len(all), (page+1)*pageSize)] {
		lines = append(lines, d.line(i))
	}
	m := conversation.Message{HTML: strings.Join(lines, "\n")}
	var row []conversation.Button
	if page > 0 {
		row = append(row, conversation.Button{Label: "‹ Назад", Data: fmt.Sprintf("open:%d", page-1)})
	}
	if page < last {
		row = append(row, conversation.Button{Label: "Дальше ›", Data: fmt.Sprintf("open:%d", page+1)})
	}
	if len(row) > 0 {
		m.Buttons = [][]conversation.Button{row}
	}
	return m, nil
}

// line shows an incident in a list.
func (d *deskTurn) line(i incident.Incident) string {
	organisation := incident.CutUnits(i.Organisation(), 60)
	about := incident.CutUnits(strings.Join(strings.Fields(i.Description()), " "), 60)
	text := fmt.Sprintf("№\u00a0%s · %s с\u00a0%s · %s: %s", i.Number, strings.ToLower(i.Status.String()), d.cardTime(i.StatusAt),
		escape(organisation), escape(about))
	if i.Assignee != "" {
		text += " · 👤 " + escape(i.Assignee)
	}
	if n, _ := i.Unanswered(); n > 0 {
		text += fmt.Sprintf(" · 💬 %d", n)
	}
	return text
}
