package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"intakebot/conversation"
	"intakebot/incident"
	"intakebot/outbox"
)

// undelivered is the bulletin of what was given up, refused for good or cannot
// be read: rows of the outbox that were to arrive and will not.
type undelivered struct {
	bulletin
	BeganAt time.Time `json:"began_at"`
	Items   []lost    `json:"items"`
}

// lost is a dead row as the bulletin shows it.
type lost struct {
	ID     int64           `json:"id"`
	Number incident.Number `json:"number"`
	What   thing           `json:"what"`
	Why    string          `json:"why"`
}

// thing is what was to arrive.
type thing string

const (
	toPersonText  thing = "person"
	toPersonFile  thing = "person_file"
	toDeskText    thing = "desk"
	toDeskFile    thing = "desk_file"
	mailToSupport thing = "copy"
	mailToUIT     thing = "uit"
	mailClosing   thing = "closing"
	mailAlarm     thing = "alarm"
	mailUnread    thing = "letter"
)

// things say in Russian what it is, how it ends when it does not arrive, and
// what the desk can do.
var things = map[thing]struct{ name, fails, todo string }{
	toPersonText:  {"сообщение заявителю", "не отправлено", byHand},
	toPersonFile:  {"файл заявителю", "не отправлен", byHand},
	toDeskText:    {"сообщение в эту группу", "не отправлено", wholeThing},
	toDeskFile:    {"файл в эту группу", "не отправлен", "Файл попросите прислать ещё раз."},
	mailToSupport: {"письмо с копией в почту техподдержки", "не принято", "Обращение целиком — в карточке. Проверьте ящик техподдержки и настройки почты."},
	mailToUIT:     {"письмо в УИТ", "не принято", "Проверьте адрес УИТ и настройки почты."},
	mailClosing:   {"письмо в УИТ о снятии с контроля", "не принято", "Если УИТ ждёт, сообщите о решении сами. Проверьте адрес и настройки почты."},
	mailAlarm:     {"письмо администратору бота о сбое", "не принято", "Скажите ему, что на ALERT_EMAIL письма не доходят."},
	mailUnread:    {"письмо", "не отправлено", wholeThing},
}

const (
	byHand     = "Заявителю позвоните или напишите: телефон и почта — в карточке."
	wholeThing = "Обращение целиком: /incident и номер."
)

const (
	undeliveredKey = "bulletin_undelivered"
	// untoldMost is how many dead rows are taken in at a time: a letter can be
	// megabytes.
	untoldMost = 20
)

// tellUndelivered shows the desk what died, several rows in one message, and
// what became of those that were tried again.
func (b *Bot) tellUndelivered(ctx context.Context) error {
	r := b.cfg.Register
	var u undelivered
	if err := b.recall(ctx, undeliveredKey, &u); err != nil {
		return err
	}
	untold, err := r.Untold(ctx, untoldMost)
	if err != nil || len(untold) == 0 && len(u.Items) == 0 {
		return err
	}
	if now := b.now(); len(untold) > 0 && now.Sub(u.BeganAt) >= bulletinJoins {
		u = undelivered{BeganAt: now}
	}
	u.take(untold)
	fates, err := r.States(ctx, u.ids())
	if err != nil {
		return err
	}
	if len(untold) == 0 && len(fates) < len(u.Items) {
		return nil // it is so old that rows are pruned: it stays as it is shown
	}
	for k, l := range u.Items {
		if fates[l.ID] == outbox.Superseded {
			u.Items[k].Why = "" // it may quote somebody who is forgotten by now
		}
	}
	changed, err := b.publish(ctx, &u.bulletin, u.text(fates))
	if err != nil {
		return err
	}
	if changed || len(untold) > 0 {
		if err := b.keep(undeliveredKey, u); err != nil {
			return err
		}
	}
	if len(untold) == 0 {
		return nil
	}
	for _, row := range untold {
		b.log.Error("a message or a letter was given up", "channel", row.Channel, "incident", row.Number, "key", row.Key, "end", row.Failure)
	}
	if len(untold) == untoldMost {
		b.bulletins.raise()
	}
	return r.Told(b.work, u.ids(), b.now())
}

// take adds rows, or replaces those that died again.
func (u *undelivered) take(rows []outbox.Undelivered) {
	for _, row := range rows {
		u.Items = slices.DeleteFunc(u.Items, func(l lost) bool { return l.ID == row.ID })
		u.Items = append(u.Items, lost{row.ID, row.Number, thingIn(row.Message), whyLost(row)})
	}
}

func (u *undelivered) ids() []int64 {
	ids := make([]int64, len(u.Items))
	for k, l := range u.Items {
		ids[k] = l.ID
	}
	return ids
}

// thingIn says what a row of the outbox is.
func thingIn(o outbox.Message) thing {
	if o.Channel == outbox.Mail {
		l, _ := outbox.DecodeLetter(o.Body) // what cannot be read is a letter of no kind
		switch l.Kind {
		case outbox.SupportCopy:
			return mailToSupport
		case outbox.EscalationLetter:
			return mailToUIT
		case outbox.ClosingLetter:
			return mailClosing
		case outbox.AlarmLetter:
			return mailAlarm
		}
		return mailUnread
	}
	var p parcel
	_ = json.Unmarshal(o.Body, &p) // then it counts as a text
	switch desk := o.Chat == outbox.DeskChat; {
	case desk && p.file():
		return toDeskFile
	case desk:
		return toDeskText
	case p.file():
		return toPersonFile
	}
	return toPersonText
}

func (p parcel) file() bool { return p.File != nil || p.Paper != nil }

// whyLost says why a row is dead, briefly: fifteen of them fit into a message.
func whyLost(row outbox.Undelivered) string {
	const most = 120
	switch {
	case row.Failure == outbox.Unreadable:
		return "Запись в очереди повреждена."
	case row.Channel == outbox.Mail:
		return conversation.LetterProblem(row.Problem, most)
	case row.Failure == outbox.GivenUp:
		return "Не получалось пять дней: " + incident.CutUnits(row.Problem, most)
	}
	return "Telegram ответил: " + incident.CutUnits(row.Problem, most)
}

// text shows the items by what became of them.
func (u *undelivered) text(fates map[int64]outbox.State) string {
	var lines []string
	var todo []string
	var example incident.Number
	dead := 0
	for _, l := range u.Items {
		lines = append(lines, l.line(fates[l.ID]))
		if fates[l.ID] != outbox.Dead {
			continue
		}
		dead++
		if t := things[l.What].todo; !slices.Contains(todo, t) {
			todo = append(todo, t)
		}
		if example == "" {
			example = l.Number
		}
	}
	head := fmt.Sprintf("⚠️ <b>Не отправлено: %d</b>", dead)
	if dead == 0 {
		head = "✅ <b>Неотправленного не осталось</b>"
	}
	if example != "" {
		todo = append(todo, "Отправить снова: <code>/retry "+string(example)+"</code>")
	}
	return joined([]string{head, strings.Join(few(lines), "\n"), strings.Join(todo, "\n")})
}

func (l lost) line(f outbox.State) string {
	what := things[l.What]
	head := "Без номера: " + what.name
	if l.Number != "" {
		head = "№\u00a0" + string(l.Number) + ": " + what.name
	}
	switch f {
	case outbox.Dead:
		return head + " " + what.fails + ". " + escape(l.Why)
	case outbox.Pending:
		return head + ": отправляем снова."
	case outbox.Sent:
		return head + ": отправлено."
	}
	return head + ": больше не нужно."
}

// retry has everything of an incident tried again that is dead or waits.
func (d *deskTurn) retry(ctx context.Context, args string, _ int) error {
	n, _, complaint := number(args)
	if complaint != "" {
		return d.answer(ctx, "", or(complaint, retryHow))
	}
	key := d.answerKey()
	err := d.cfg.Register.Retry(ctx, n, d.who.Name, d.now(), key, func(r outbox.Retried) outbox.Message {
		return deskAnswer(key, n, retriedText(n, r), d.message.ID)
	})
	if errors.Is(err, incident.ErrNotFound) {
		return d.answer(ctx, "", unknown)
	}
	if err != nil {
		return err
	}
	d.log.Info("desk", "action", "retry", "incident", n)
	d.cfg.LettersQueued()
	d.Kick()
	return nil
}

// retriedText says what is tried again.
func retriedText(n incident.Number, r outbox.Retried) string {
	var names []string
	counts := map[string]int{}
	for _, o := range slices.Concat(r.Revived, r.Hurried) {
		name := things[thingIn(o)].name
		if counts[name]++; counts[name] == 1 {
			names = append(names, name)
		}
	}
	var parts []string
	for _, name := range names {
		if counts[name] > 1 {
			name += fmt.Sprintf(" (%d)", counts[name])
		}
		parts = append(parts, name)
	}
	head := "№\u00a0" + string(n)
	var said []string
	switch {
	case len(parts) > 0:
		said = append(said, "🔁 "+head+", отправляем снова: "+strings.Join(parts, ", ")+".")
	case r.Sending > 0:
		said = append(said, head+": отправка уже идёт, повторять нечего.")
	case len(r.Outdated) == 0:
		said = append(said, head+": повторять нечего, неотправленного нет.")
	}
	for _, seq := range r.Outdated {
		said = append(said, fmt.Sprintf("%s: письмо %d в УИТ не повторяем, после него было другое.", head, seq))
	}
	return strings.Join(said, "\n")
}
