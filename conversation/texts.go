package conversation

import (
	"fmt"
	"html"
	"slices"
	"strconv"
	"strings"
	"time"

	"intakebot/incident"
)

// Labels of buttons. Those without a number in their name are fixed: people
// and programs outside know them.
const (
	labelConsent  = "Согласен"
	labelRefuse   = "Отказаться"
	labelBack     = "Назад"
	labelCancel   = "Отменить"
	labelKeep     = "Оставить как есть"
	labelRegister = "Зарегистрировать"
	labelEdit     = "Изменить"
	labelStatus   = "Статус"
	labelAdd      = "Дополнить"
	labelPropose  = "Взять этот текст"
	labelGoOn     = "Продолжить"
	labelAnew     = "Начать заново"
	labelRestore  = "Вернуть черновик"
	labelNew      = "Новое обращение"
	labelDone     = "Готово"
	labelMine     = "Мои обращения"
	labelErase    = "Удалить мои данные"
	labelHelped   = "Помогло"
	labelNotHelp  = "Не помогло"
	labelFinish   = "Проблема решена"
	labelWithdraw = "Отозвать обращение"
	labelReply    = "Ответить"
	labelNowhere  = "Никуда"
	labelToDraft  = "В новое обращение"
	labelToBegun  = "В начатое обращение"
	labelAnswerTo = "Ответ по"

	labelSwap      = "Заменить"
	labelAppend    = "Дописать"
	labelKeepState = "Оставить прежний"

	// LabelContact is the button that shares the person's own number.
	LabelContact = "Отправить мой номер"
)

// labelEscalate and labelSend name the second line: «Эскалировать в УИТ».
func (d *Dialogue) labelEscalate() string { return "Эскалировать в " + d.Line.Second.Name }
func (d *Dialogue) labelSend() string     { return "Отправить в " + d.Line.Second.Name }

const nbsp = "\u00a0"

// esc makes any value safe inside Telegram's HTML.
func esc(s string) string { return html.EscapeString(s) }

// numbered writes a number as people see it.
func numbered(n incident.Number) string { return "№" + nbsp + string(n) }

// copyable writes a number that a tap copies.
func copyable(n incident.Number) string { return "№" + nbsp + "<code>" + string(n) + "</code>" }

// count writes a number with its noun: «1 200 знаков».
func count(n int, one, few, many string) string {
	word := many
	switch {
	case n%100 >= 11 && n%100 <= 14:
	case n%10 == 1:
		word = one
	case n%10 >= 2 && n%10 <= 4:
		word = few
	}
	return thousands(n) + nbsp + word
}

func thousands(n int) string {
	s := strconv.Itoa(n)
	if len(s) <= 4 {
		return s
	}
	return s[:len(s)-3] + nbsp + s[len(s)-3:]
}

func paragraphs(parts ...string) string { return joinFull("\n\n", parts) }

func lines(parts ...string) string { return joinFull("\n", parts) }

// joinFull joins what is not empty.
func joinFull(between string, parts []string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, between)
}

// warning sets a complaint off from the question that it belongs to.
func warning(c Complaint) string {
	if c == "" {
		return ""
	}
	return "⚠️ " + esc(string(c))
}

// emptyMessage complains of a message in which nothing can be seen.
const emptyMessage Complaint = "Сообщение пустое: напишите, пожалуйста, ещё раз."

// question writes a step's question. The first line names the field.
func question(step Step, complaint Complaint, lines ...string) string {
	first := fmt.Sprintf("<b>%s</b> — шаг %d из %d", step.Label, step.ordinal(), len(Steps))
	body := append([]string{first, warning(complaint), esc(step.Ask) + "\n<i>Например: " + esc(step.Example) + "</i>"}, lines...)
	return paragraphs(body...)
}

const (
	summaryShown = 1500 // UTF-16 units of the description in the summary
	summaryHead  = "<b>Проверьте обращение</b>"
	summaryFoot  = "Всё верно? Нажмите «" + labelRegister + "». Пришлите ещё текст, фото или документы — добавим их к описанию."
)

// answerLines writes answers one a line, label first, the description up to
// shown UTF-16 units.
func answerLines(answers incident.Answers, shown int) string {
	var lines []string
	for _, a := range answers {
		value := Shown(a)
		if a.Key == incident.Description {
			value = incident.CutUnits(value, shown)
		}
		lines = append(lines, "<b>"+esc(a.Label)+":</b> "+esc(value))
	}
	return strings.Join(lines, "\n")
}

// AttachmentLine names files: «Вложения (2): фотография, схема.pdf». It is ""
// when there are none.
func AttachmentLine(files []incident.Attachment) string {
	if len(files) == 0 {
		return ""
	}
	const most = 10
	var names []string
	for i, f := range files {
		if i == most {
			names = append(names, "…")
			break
		}
		names = append(names, incident.CutUnits(line(f.Title()), 60))
	}
	return fmt.Sprintf("Вложения (%d): %s", len(files), strings.Join(names, ", "))
}

// Registered is the message with the number. It is put into the outbox in the
// transaction that makes the number.
func (d *Dialogue) Registered(i incident.Incident, now time.Time) Message {
	return Message{
		HTML: paragraphs(
			"✅ Обращение зарегистрировано: "+copyable(i.Number),
			lines("Техподдержка его уже видит. Называйте этот номер, когда звоните или пишете:", d.ways()),
			lines(esc(d.operator()), d.closedNow(now)),
			"Если ремонт затянется, нажмите «"+esc(d.labelEscalate())+"».",
		),
		Buttons: d.incidentButtons(i.Number),
		About:   i.Number,
	}
}

// incidentButtons stand under the message with the number for good.
func (d *Dialogue) incidentButtons(n incident.Number) [][]Button {
	return [][]Button{
		{{d.labelEscalate(), "esc:" + string(n), Danger}},
		{{labelStatus, "st:" + string(n), Plain}, {labelAdd, "add:" + string(n), Plain}},
	}
}

// AlreadyRegistered answers a second press of the same button.
func AlreadyRegistered(n incident.Number) string {
	return "Это обращение уже зарегистрировано: " + numbered(n)
}

// statusText says how an incident stands.
func (d *Dialogue) statusText(i incident.Incident, now time.Time) string {
	about, _ := incident.Cut(line(i.Description()), 120)
	return paragraphs(
		"Обращение "+copyable(i.Number),
		"<b>"+i.Status.String()+"</b>, подано "+d.When(i.RegisteredAt, now)+"."+waitsFor(i),
		"«"+esc(about)+"»",
		d.lastAnswer(i, now),
		d.escalationLines(i, now),
	)
}

// lastAnswer is what support said last.
func (d *Dialogue) lastAnswer(i incident.Incident, now time.Time) string {
	for _, e := range slices.Backward(i.History) {
		switch e.Kind {
		case incident.KindAsked, incident.KindSolved, incident.KindRelayed:
			said, _ := incident.Cut(line(e.Text), 300)
			if said == "" {
				said = "файл"
			}
			return "Техподдержка " + d.When(e.At, now) + ": «" + esc(said) + "»"
		}
	}
	return ""
}

// waitsFor says from whom something is awaited, after a space.
func waitsFor(i incident.Incident) string {
	if n, _ := i.Unanswered(); n > 0 {
		return " Ждёт ответа техподдержки."
	}
	switch i.Status {
	case incident.Registered:
		return " Ждём, когда техподдержка возьмёт его в работу."
	case incident.InProgress:
		return " Техподдержка работает."
	case incident.Waiting:
		return " Техподдержка ждёт вашего ответа."
	case incident.Resolved:
		return " Техподдержка сообщила о решении и ждёт вашего подтверждения."
	}
	return ""
}

// stamp writes a moment after «от»: «14:05», «22.11, 14:05».
func (d *Dialogue) stamp(t, now time.Time) string {
	switch t, now = t.In(d.Location), now.In(d.Location); {
	case sameDay(t, now):
		return t.Format("15:04")
	case t.Year() == now.Year():
		return t.Format("02.01, 15:04")
	}
	return t.Format("02.01.2006, 15:04")
}

// from writes a moment after which something is possible: «с 18:05».
func (d *Dialogue) from(t, now time.Time) string {
	t = t.In(d.Location)
	if sameDay(t, now.In(d.Location)) {
		return "с\u00a0" + t.Format("15:04")
	}
	return "с\u00a0" + t.Format("15:04 02.01")
}

// Added tells the person that the incident has what was sent.
func Added(n incident.Number) string {
	return "Добавили к обращению " + numbered(n) + ", техподдержка это увидит."
}

// Unavailable tells the person, once, that nobody can be answered for now.
func (d *Dialogue) Unavailable(now time.Time) Message {
	return Message{HTML: paragraphs(
		"Сейчас ответить не получается: технический сбой.",
		"Ваше сообщение получено. Ответим, как только сбой устранят. "+d.urgent(now),
	)}
}

// NotTaken tells the person, once, that messages cannot be stored for now.
// Telegram keeps them for a day, and a press for two and a half minutes.
func (d *Dialogue) NotTaken(now time.Time) Message {
	return Message{HTML: paragraphs(
		"Сейчас принять сообщения не получается: технический сбой.",
		"Отправленное не пропадёт: ответим, как только сбой устранят. Если ответа не будет сутки, отправьте ещё раз. Нажатую кнопку, возможно, придётся нажать снова.",
		d.urgent(now),
	)}
}

// Trouble answers an update that the program failed to process.
func (d *Dialogue) Trouble(now time.Time) Message {
	return Message{HTML: paragraphs("Не получилось обработать ваше сообщение: это ошибка бота, о ней уже знают. Попробуйте ещё раз.", d.urgent(now))}
}

// few are the numbers that are written in words.
var few = [...]string{"ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять"}

// questions counts them: «пять вопросов».
func questions(n int) string {
	counted := count(n, "вопрос", "вопроса", "вопросов")
	if n < len(few) {
		_, noun, _ := strings.Cut(counted, nbsp)
		return few[n] + " " + noun
	}
	return counted
}
